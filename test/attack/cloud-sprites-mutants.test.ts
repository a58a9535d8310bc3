import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeBoundary } from "../../src/domain/sandbox/boundary-proof.ts";
import type { SandboxProvider } from "../../src/ports/sandbox.ts";
import { spritesOptions } from "../support/cloud/sprites-bench.ts";
import { type SpritesServer, startSprites } from "../support/cloud/sprites-server.ts";
import { type Mutant, type Mutants, openMutants } from "../support/sandbox/adapter-mutants.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";

type Adapter = typeof import("../../src/adapters/sandbox/sprites/provider.ts");
type Open = Adapter["openSpritesProvider"];

/** The adapter with one safeguard taken out must be caught: a check that no mutant fails checks nothing. */
let mutants: Mutants<Adapter>;

beforeAll(async () => {
  mutants = await openMutants("sprites");
});

afterAll(() => mutants[Symbol.asyncDispose]());

const LIFETIME_MS = 1_234_000;

/** What an honest adapter makes the service see, each with the name of what is missing when it does not. */
async function listFindings(open: Open): Promise<readonly string[]> {
  await using server = await startSprites();
  const provider = open(await spritesOptions(server));
  const findings: string[] = [];
  const note = (name: string, holds: boolean): void => void (holds || findings.push(name));
  await use(provider, note).catch((error: unknown) => void findings.push(`creation: ${String(error)}`));
  judgeTraffic(server, note);
  return findings;
}

type Note = (name: string, holds: boolean) => void;

async function use(provider: SandboxProvider, note: Note): Promise<void> {
  const spec = sandboxSpec({ lifetimeMs: LIFETIME_MS });
  const sandbox = await provider.create(spec);
  try {
    const { attempts } = await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: 3_128, timeoutMs: 1_500 });
    const open = judgeBoundary(attempts).failures.filter((failure) => !/gateway|denied-host/.test(failure));
    note("closed egress", open.length === 0);
    const sudo = await sandbox.exec({
      ...{ argv: ["/usr/local/bin/sudo", "-n", "true"], cwd: "/", env: {} },
      ...{ timeoutMs: 10_000, maxOutputBytes: 1_000 },
    });
    note("no way to root", sudo.code !== 0);
    note("found by its run", (await provider.findByRun(spec.run)).includes(sandbox.id));
    note("overdue later", (await provider.sweep(Date.now() + LIFETIME_MS - 60_000)).length === 0);
  } finally {
    await sandbox[Symbol.asyncDispose]();
  }
}

function judgeTraffic({ state, asked, commands, requests, complaints, token }: SpritesServer, note: Note): void {
  note("destroyed", state.sprites.size === 0);
  note(
    "labelled",
    asked.every(({ labels }) => labels?.includes("airlock") === true),
  );
  note(
    "a private address",
    asked.every(({ url_settings: settings }) => settings?.auth === "sprite"),
  );
  note(
    "the policy read back",
    requests.some((line) => /^GET .*\/policy\/network$/.test(line)),
  );
  note("held awake", commands.filter(({ argv }) => argv[0] === "sleep").length === 1);
  note(
    "a time of its own when left alone",
    commands.every(({ argv, keepMs }) => argv[0] === "sleep" || keepMs > 10_000),
  );
  const seen = JSON.stringify([requests, asked, commands]);
  note("no token in sight", !seen.includes(token) && !seen.includes(encodeURIComponent(token)));
  for (const complaint of complaints) note(`complaint: ${complaint}`, false);
}

const MUTANTS: readonly Mutant[] = [
  {
    name: "deny-all dropped",
    file: "create.ts",
    from: "await client.setNetworkPolicy(name, DENY_ALL);",
    to: "",
    finding: /deny|denies|before the network was closed|egress/i,
  },
  {
    name: "deny-all neither set nor asked for",
    file: "create.ts",
    from: "await closeNetwork(client, name);",
    to: "",
    finding: /closed egress/,
  },
  {
    name: "read-back dropped",
    file: "create.ts",
    from: "rules = await client.readNetworkPolicy(name);",
    to: "rules = DENY_ALL;",
    finding: /the policy read back/,
  },
  { name: "deletion skipped", file: "create.ts", from: "await client.remove(name);", to: "", finding: /destroyed/ },
  {
    name: "public address",
    file: "client.ts",
    from: 'url_settings: { auth: "sprite" }',
    to: 'url_settings: { auth: "public" }',
    finding: /public/,
  },
  {
    name: "default time when left alone",
    file: "client.ts",
    from: '["max_run_after_disconnect", `${Math.ceil(command.keepAfterDisconnectMs / 1000)}s`],',
    to: "",
    finding: /how long it may go on alone/,
  },
  {
    name: "token in an environment",
    file: "client.ts",
    from: '["stdin", "true"],',
    to: '["stdin", "true"], ["env", `SPRITES_TOKEN=${options.token.reveal()}`],',
    finding: /no token in sight/,
  },
  {
    name: "unlabelled",
    file: "create.ts",
    from: "labels: labelsFor(spec, nowMs) ",
    to: "labels: [] ",
    finding: /labelled|found by its run/,
  },
  {
    name: "deadline at once",
    file: "names.ts",
    from: "Math.ceil((nowMs + spec.lifetimeMs) / 1000)",
    to: "Math.ceil(nowMs / 1000)",
    finding: /overdue later/,
  },
  {
    name: "not held awake",
    file: "provider.ts",
    from: "holdAwake(client, name, spec.lifetimeMs)",
    to: "(() => undefined)",
    finding: /held awake/,
  },
  {
    name: "root not dropped",
    file: "provider.ts",
    from: "() => dropRoot(sandbox)",
    to: "async () => undefined",
    finding: /no way to root/,
  },
];

describe("I7: the adapter for Sprites", () => {
  test("gives no finding as it is", async () => {
    expect(await listFindings((await mutants.load("none")).openSpritesProvider)).toEqual([]);
  });

  test.each(MUTANTS)("is caught with $name", { timeout: 90_000 }, async ({ name, finding, ...mutation }) => {
    const findings = await listFindings((await mutants.load(name, mutation)).openSpritesProvider);
    expect(findings.join("\n")).toMatch(finding);
  });
});
