import { describe, expect, test } from "vitest";
import { openRecord } from "../../src/domain/record/record.ts";
import type { Repository } from "../../src/ports/repository.ts";
import type { World } from "../../src/ports/world.ts";
import { run } from "../../src/runs/run.ts";
import { openFakeRunner, pullRequest, settingsOf, workflowRun } from "../support/forge/fake-event.ts";
import { BASE_SHA, type FakeForge, HEAD_SHA } from "../support/forge/fake-forge.ts";
import { openWorld } from "../support/forge/triggered.ts";

interface Event {
  readonly name: string;
  readonly payload: unknown;
}

function fromFork(): FakeForge {
  const forge = openWorld();
  forge.addPull({ number: 8, title: "A change", body: "Why.", headRepository: "eve/rocket" });
  return forge;
}

const REGISTRIES = { npm: ["https://registry.example.com/", "https://scope.example.com/"] };

/** Plays a run up to its policy: after it, everything fails. */
async function policyOf(event: Event, forge: FakeForge) {
  const refuse = (): never => {
    throw new Error("not part of this");
  };
  const get = (_of: Repository, name: string | symbol) =>
    name === "then" ? undefined : name === Symbol.asyncDispose ? async () => undefined : refuse;
  const useless: Repository = new Proxy({} as Repository, { get });
  const world: World = {
    runner: openFakeRunner(event),
    forge,
    repositories: { open: () => Promise.resolve(useless) },
    gateways: { open: refuse, reap: refuse },
    provider: refuse,
    agent: refuse,
    model: () => undefined,
    requireCredentials: () => undefined,
    narrow: (settings) => Promise.resolve(settings),
    readRegistries: () => Promise.resolve(REGISTRIES),
    now: Date.now,
    secrets: [],
  };
  const record = openRecord({ now: Date.now, group: (_title, body) => body(), errorId: () => undefined });
  const settings = settingsOf({ network: { allow: "npm", presets: "locked" }, trigger: { maxAgeMs: Number.MAX_SAFE_INTEGER } });
  await expect(run(world, settings, record)).rejects.toThrow("not part of this");
  return record.notes.policy;
}

const lockOf = (...hosts: readonly string[]) =>
  JSON.stringify({ packages: Object.fromEntries(hosts.map((host, index) => [`p${index}`, { resolved: `https://${host}/p.tgz` }])) });

describe("I11: a head's lockfile", () => {
  test.each([
    ["of a fork", pullRequest("opened", { fork: true, event: "pull_request_target" }), fromFork],
    ["of this repository's branch", pullRequest("opened"), openWorld],
    ["under a failed CI run", workflowRun(), openWorld],
  ])("%s keeps no host of a preset allowed that the base's does not name", async (_name, event, open) => {
    const narrow = lockOf("registry.example.com");
    const wide = lockOf("registry.example.com", "scope.example.com", "evil.example");
    const decide = async (base: string) => {
      const forge = open();
      forge.state.files.set(`${BASE_SHA}:package-lock.json`, base);
      forge.state.files.set(`${HEAD_SHA}:package-lock.json`, wide);
      const { allow = [], unlisted } = (await policyOf(event, forge)) ?? {};
      return { rules: allow.length, unlisted };
    };
    const [held, wider] = await Promise.all([decide(narrow), decide(wide)]);
    expect(held.rules).toBeGreaterThan(0);
    expect(held.rules).toBeLessThan(wider.rules);
    expect([held.unlisted, wider.unlisted]).toEqual([undefined, ["evil.example"]]);
  });
});
