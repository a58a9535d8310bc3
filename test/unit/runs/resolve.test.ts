import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openGitRepositories } from "../../../src/adapters/repository/git.ts";
import type { Registries } from "../../../src/domain/egress/presets.ts";
import { openRecord } from "../../../src/domain/record/record.ts";
import { renderEnded } from "../../../src/domain/render/comment.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Settings } from "../../../src/domain/settings.ts";
import type { Repository } from "../../../src/ports/repository.ts";
import type { World } from "../../../src/ports/world.ts";
import { resolveSettings } from "../../../src/runs/resolve.ts";
import { openFakeRunner, settingsOf } from "../../support/forge/fake-event.ts";
import { openFakeForge } from "../../support/forge/fake-forge.ts";
import { makeWorkTree } from "../../support/forge/work-tree.ts";

const REGISTRIES = { npm: ["https://mirror.example.com/"], pypi: ["https://pypi.example.com/"] };
const MANIFEST = JSON.stringify({ dependencies: { left: "1.0.0" } });
const BASE = { "package.json": MANIFEST, "package-lock.json": "{}", "src/a.js": "1\n" };

let directory: string;
let work: ReturnType<typeof makeWorkTree>;
let repository: Repository;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "airlock-resolve-"));
  work = makeWorkTree(BASE);
  repository = await openGitRepositories({ temporaryDirectory: directory, allowFileRemotes: true }).open();
});

afterEach(async () => {
  await repository[Symbol.asyncDispose]();
  work[Symbol.dispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function resolve(trustedSha: string, settings: Settings, registries: Registries | "not asked" = REGISTRIES) {
  const lines: string[] = [];
  const fake = openFakeRunner({ name: "issues", payload: {} });
  const world = {
    runner: { ...fake, log: { ...fake.log, info: (line: string) => lines.push(line) } },
    forge: { ...openFakeForge(), remote: { url: work.url, token: new Secret("") } },
    model: () => undefined,
    readRegistries: async () => {
      if (registries === "not asked") throw new Error("no package manager is to be asked");
      return registries;
    },
  } as unknown as World;
  const record = openRecord({ now: Date.now, group: (_title, body) => body(), errorId: () => undefined });
  return { ...(await resolveSettings({ world, settings, repository, record, trustedSha })), record, lines };
}

const AUTO = settingsOf({ network: { allow: "auto" }, sandbox: { setup: "auto\nmake prepare" } });

describe("`auto`", () => {
  test("installs what the base names and opens its registry; log, record and comment say so on one line", async () => {
    const { policy, settings, record, lines } = await resolve(work.commit("base"), AUTO);
    expect(settings.sandbox.setup).toMatch(/npm ci[\s\S]*make prepare$/);
    expect(settings.sandbox.env).toMatchObject({ PATH: expect.stringContaining("/home/agent/.local/bin:") });
    expect(policy.egress.allow[0]).toMatchObject({ text: "npm", pattern: { host: "mirror.example.com" } });
    const line = "Found at the base: package-lock.json: npm ci; opened for reading: npm.";
    expect(lines).toEqual([line]);
    expect(record.notes.ecosystems).toMatchObject({ line, setup: settings.sandbox.setup, found: [{ tool: "npm", state: "open" }] });
    const outcome = { word: "no-changes", reason: "Nothing." } as const;
    expect(renderEnded({ outcome, notes: record.notes, durationMs: 1, url: "https://example.com" })).toContain("package-lock.json");
  });

  test("I11: a head's manifests and lockfiles install nothing and open nothing", async () => {
    const base = work.commit("base");
    work.write({ "Cargo.toml": "[dependencies]\nx = '1'\n", "Cargo.lock": "", "requirements.txt": "evil\n" });
    work.commit("head");
    const { policy, settings } = await resolve(base, AUTO);
    expect(settings.sandbox.setup).not.toMatch(/cargo|pip/);
    expect(policy.choices?.map(({ preset }) => preset)).toEqual(["npm"]);
  });

  test("a manifest that is a link says nothing", async () => {
    work.remove("package.json");
    work.write({ "package.json": { mode: "120000", content: "package-lock.json" } });
    const { policy } = await resolve(work.commit("base"), AUTO, "not asked");
    expect(policy.choices).toBeUndefined();
  });

  test("without it, or without a network, nothing is read and nobody is asked", async () => {
    const never = "0".repeat(40);
    const plain = settingsOf({ network: { allow: "example.com" }, sandbox: { setup: "make prepare" } });
    expect((await resolve(never, plain, "not asked")).settings.sandbox).toMatchObject({ setup: "make prepare", env: {} });
    const offline = settingsOf({ network: { mode: "none", allow: "auto" }, sandbox: { setup: "auto" } });
    expect((await resolve(never, offline, "not asked")).settings.sandbox.setup).toBe("");
  });

  test("a registry that nothing opens is not asked in vain, and the line names the preset", async () => {
    const { settings, lines } = await resolve(work.commit("base"), settingsOf({ network: { allow: "none" }, sandbox: { setup: "auto" } }));
    expect(settings.sandbox.setup).toBe("");
    expect(lines[0]).toContain("add `npm` to `allow`");
  });
});
