import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeBoundary } from "../../src/domain/sandbox/boundary-proof.ts";
import type { SandboxProvider } from "../../src/ports/sandbox.ts";
import { e2bOptions } from "../support/cloud/e2b-bench.ts";
import { startE2b } from "../support/cloud/e2b-server.ts";
import { type Mutant, type Mutants, openMutants } from "../support/sandbox/adapter-mutants.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";

type Adapter = typeof import("../../src/adapters/sandbox/e2b/provider.ts");
type Open = Adapter["openE2bProvider"];

/** The adapter with one safeguard taken out must be caught: a check that no mutant fails checks nothing. */
let mutants: Mutants<Adapter>;

beforeAll(async () => {
  mutants = await openMutants("e2b");
});

afterAll(() => mutants[Symbol.asyncDispose]());

const LIFETIME_MS = 1_234_000;

/** What an honest adapter makes the service see, each with the name of what is missing when it does not. */
async function listFindings(open: Open): Promise<readonly string[]> {
  await using server = await startE2b();
  const provider: SandboxProvider = open(await e2bOptions(server));
  const spec = sandboxSpec({ lifetimeMs: LIFETIME_MS });
  const findings: string[] = [];
  const note = (name: string, holds: boolean): void => void (holds || findings.push(name));
  try {
    const sandbox = await provider.create(spec);
    const { attempts } = await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: 3_128, timeoutMs: 1_500 });
    const open = judgeBoundary(attempts).failures.filter((failure) => !/gateway|denied-host/.test(failure));
    note("closed egress", open.length === 0);
    note("found by its run", (await provider.findByRun(spec.run)).includes(sandbox.id));
    note("overdue later", (await provider.sweep(Date.now() + LIFETIME_MS - 60_000)).length === 0);
    await sandbox[Symbol.asyncDispose]();
  } catch (error) {
    findings.push(`creation: ${(error as Error).message}`);
  }
  note("destroyed", server.state.boxes.size === 0);
  note(
    "a lifetime of its own",
    server.asked.every((asked) => asked.timeout === LIFETIME_MS / 1000),
  );
  note(
    "a time limit on every command",
    server.limitsMs.every((limitMs) => limitMs > 0 && limitMs !== 60_000),
  );
  note(
    "nothing in the environment",
    server.asked.every((asked) => asked.envVars === undefined),
  );
  note("no key in a command", !JSON.stringify(server.commands).includes(server.apiKey));
  return findings;
}

const MUTANTS: readonly Mutant[] = [
  { name: "deny-all dropped", file: "create.ts", from: "allowInternetAccess: false,", to: "", finding: /closed egress/ },
  { name: "public ports", file: "create.ts", from: "network: { allowPublicTraffic: false },", to: "", finding: /open to the public/ },
  { name: "kill skipped", file: "create.ts", from: "await api.kill(made.sandboxId);", to: "return;", finding: /destroyed/ },
  { name: "default lifetime", file: "create.ts", from: "timeoutMs: spec.lifetimeMs,", to: "", finding: /a lifetime of its own/ },
  {
    name: "default command limit",
    file: "machine.ts",
    from: 'cwd: "/", timeoutMs,',
    to: 'cwd: "/",',
    finding: /a time limit on every command/,
  },
  {
    name: "key in the environment",
    file: "create.ts",
    from: "allowInternetAccess: false,",
    to: "allowInternetAccess: false, envs: { E2B_API_KEY: String(api.connection.apiKey) },",
    finding: /nothing in the environment/,
  },
  {
    name: "untagged",
    file: "create.ts",
    from: "metadata: { ...tagsFor(spec, creation, Date.now()) },",
    to: "",
    finding: /found by its run/,
  },
  { name: "deadline at once", file: "tags.ts", from: "String(nowMs + spec.lifetimeMs)", to: "String(nowMs)", finding: /overdue later/ },
];

describe("I7: the adapter for E2B", () => {
  test("gives no finding as it is", async () => {
    expect(await listFindings((await mutants.load("none")).openE2bProvider)).toEqual([]);
  });

  test.each(MUTANTS)("is caught with $name", async ({ name, finding, ...mutation }) => {
    const findings = await listFindings((await mutants.load(name, mutation)).openE2bProvider);
    expect(findings.join("\n")).toMatch(finding);
  });
});
