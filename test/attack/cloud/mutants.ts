import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeBoundary } from "../../../src/domain/sandbox/boundary-proof.ts";
import type { Sandbox, SandboxProvider } from "../../../src/ports/sandbox.ts";
import type { Cloud, CloudServer } from "../../support/cloud/cloud.ts";
import { type Mutant, type Mutants, openMutants } from "../../support/sandbox/adapter-mutants.ts";
import { sandboxSpec } from "../../support/sandbox/sandbox-spec.ts";

export const LIFETIME_MS = 1_234_000;

/** Notes what is missing, by its name, when it does not hold. */
export type Note = (name: string, holds: boolean) => void;

export interface MutantsSubject<Server extends CloudServer, Adapter> {
  readonly cloud: Cloud<Server, string>;
  readonly open: (adapter: Adapter, server: Server) => Promise<SandboxProvider>;
  /** What an honest adapter makes the service see. */
  readonly judgeTraffic: (server: Server, note: Note) => void;
  /** What holds inside, beside the boundary. */
  readonly judgeSandbox?: (sandbox: Sandbox, note: Note) => Promise<void>;
  readonly mutants: readonly Mutant[];
}

/** Safeguards that all clouds share. */
const SHARED: readonly Mutant[] = [
  {
    name: "destruction skipped",
    file: "../shared/create-or-none.ts",
    from: "once(() => creation.remove(answered))",
    to: "once(async () => undefined)",
    finding: /destroyed/,
  },
];

/** An adapter with one safeguard taken out must be caught: a check that no mutant fails checks nothing. */
export function describeCloudMutants<Server extends CloudServer, Adapter>(subject: MutantsSubject<Server, Adapter>): void {
  let mutants: Mutants<Adapter>;
  beforeAll(async () => {
    mutants = await openMutants(subject.cloud.provider);
  });
  afterAll(() => mutants[Symbol.asyncDispose]());

  describe(`I7: the adapter for ${subject.cloud.name}`, () => {
    test("gives no finding as it is", async () => {
      expect(await listFindings(subject, await mutants.load("none"))).toEqual([]);
    });

    test.each([...SHARED, ...subject.mutants])("is caught with $name", { timeout: 90_000 }, async ({ name, finding, ...mutation }) => {
      const findings = await listFindings(subject, await mutants.load(name, mutation));
      expect(findings.join("\n")).toMatch(finding);
    });
  });
}

async function listFindings<Server extends CloudServer, Adapter>(
  subject: MutantsSubject<Server, Adapter>,
  adapter: Adapter,
): Promise<readonly string[]> {
  const { cloud } = subject;
  await using server = await cloud.start();
  const findings: string[] = [];
  const note: Note = (name, holds) => void (holds || findings.push(name));
  await use(subject, await subject.open(adapter, server), note).catch((error: unknown) => void findings.push(`creation: ${String(error)}`));
  note("destroyed", cloud.left(server).length === 0);
  const secret = cloud.credential.of(server);
  const sent = JSON.stringify(cloud.sent(server));
  note(`no ${cloud.credential.noun} in sight`, !sent.includes(secret) && !sent.includes(encodeURIComponent(secret)));
  subject.judgeTraffic(server, note);
  for (const complaint of server.complaints) note(`complaint: ${complaint}`, false);
  return findings;
}

async function use<Server extends CloudServer, Adapter>(
  { judgeSandbox }: MutantsSubject<Server, Adapter>,
  provider: SandboxProvider,
  note: Note,
): Promise<void> {
  const spec = sandboxSpec({ lifetimeMs: LIFETIME_MS });
  const sandbox = await provider.create(spec);
  try {
    const { attempts } = await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: 3_128, timeoutMs: 1_500 });
    const open = judgeBoundary(attempts).failures.filter((failure) => !/gateway|denied-host/.test(failure));
    note("closed egress", open.length === 0);
    await judgeSandbox?.(sandbox, note);
    note("found by its run", (await provider.findByRun(spec.run)).includes(sandbox.id));
    note("overdue later", (await provider.sweep(Date.now() + LIFETIME_MS - 60_000)).length === 0);
  } finally {
    await sandbox[Symbol.asyncDispose]();
  }
}
