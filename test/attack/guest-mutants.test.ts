import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MACHINE_ENV } from "../contract/sandbox.ts";
import { CLOSING_LAWS } from "../contract/sandbox-laws/closing.ts";
import { REPLANT_LAWS } from "../contract/sandbox-laws/replant.ts";
import { type GuestMutants, type GuestMutation, openGuestMutants } from "../support/sandbox/guest-mutants.ts";
import { openNamespaceProvider } from "../support/sandbox/namespace-provider.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";

/** The guest with one safeguard of closing or replanting taken out must break a law: a law that no mutant breaks checks nothing. */
let mutants: GuestMutants;

beforeAll(async () => {
  mutants = await openGuestMutants();
});

afterAll(() => mutants[Symbol.asyncDispose]());

const LAWS = [...CLOSING_LAWS, ...REPLANT_LAWS];

/** What the laws named say of a guest, each failure with its law's id before it. */
async function listFindings(guestSources: string, ids: readonly string[]): Promise<readonly string[]> {
  const provider = openNamespaceProvider({ guestSources });
  await using sandbox = await provider.create(sandboxSpec());
  const subject = { name: "a mutant", openProvider: async () => provider, slowness: 1, bulkMib: 1, env: MACHINE_ENV };
  const findings: string[] = [];
  for (const law of LAWS.filter(({ id }) => ids.includes(id))) {
    const check = law.check(sandbox, { subject, provider, spec: sandboxSpec });
    await check.catch((error: Error) => findings.push(`${law.id}: ${error.message}`));
  }
  return findings;
}

interface Judged extends GuestMutation {
  readonly name: string;
  readonly law: string;
}

const SERVER = { file: "control-server.ts" } as const;
const RELAY = { law: "close-relay", file: "relay.ts" } as const;
const CLEARING = { file: "replant-clearing.ts" } as const;
const REPLANT = { file: "replant.ts" } as const;

const CLOSE = "await relay?.closeListeners();\n      await endUserProcesses(AGENT);";
const OWN_GROUPS =
  "await relay?.closeListeners();\n for (let id = 1; id < 99; id++) await Promise.resolve().then(() => supervisor.find(id).stop(0)).catch(() => undefined);";

const REMOVE = "    if (found.size === 0) return;\n    for (const path of found.keys())";
const REMOVE_ALL_BUT_ONE = "    if (round > 0) return;\n    for (const path of [...found.keys()].slice(1))";

const MUTANTS: readonly Judged[] = [
  { ...SERVER, law: "close-ends", name: "nothing killed", from: CLOSE, to: "await relay?.closeListeners();" },
  { ...SERVER, law: "close-ends", name: "only its own commands' groups killed", from: CLOSE, to: OWN_GROUPS },
  { ...RELAY, name: "connections left open", from: "set.resetConnections();\n      await closing;", to: "" },
  { ...RELAY, name: "listeners left open", from: "const closing = set.close();", to: "const closing = Promise.resolve();" },
  {
    ...RELAY,
    name: "only the first listener closed",
    from: "const closing = servers.map(",
    to: "const closing = servers.slice(0, 1).map(",
  },
  { ...RELAY, name: "no second opening", from: "    servers = [];\n", to: "" },
  {
    law: "close-relay",
    file: "probe.ts",
    name: "any failure taken for a closed way",
    from: 'result: error === "ECONNREFUSED" ? "closed" : "unknown"',
    to: 'result: "closed"',
  },
  { ...REPLANT, law: "replant", name: "one file left", from: REMOVE, to: REMOVE_ALL_BUT_ONE },
  { ...REPLANT, law: "replant", name: "empty directories left", from: "  await removeEmptyDirectories(options, tree);\n", to: "" },
  { ...REPLANT, law: "replant-traps", name: "a closed work directory", from: "  await chmod(workDirectory, 0o755);\n", to: "" },
  {
    ...REPLANT,
    law: "replant-traps",
    name: "the agent's git kept",
    from: 'await rm(join(workDirectory, ".git"), { recursive: true, force: true });',
    to: "",
  },
  {
    ...CLEARING,
    law: "replant-traps",
    name: "links followed",
    from: 'return entry.isDirectory() ? "kept" : "inTheWay";',
    to: 'return "kept";',
  },
  { ...CLEARING, law: "replant-traps", name: "closed directories", from: "    await chmod(directory, 0o755);\n", to: "" },
  { ...CLEARING, law: "replant-traps", name: "directories of root", from: "    await giveToAgent(directory);\n", to: "" },
  {
    ...CLEARING,
    law: "replant-traps",
    name: "pipes that git reads",
    from: 'return isSpecial(entry) ? "inTheWay" : "rulers";',
    to: 'return isSpecial(entry) ? undefined : "rulers";',
  },
  {
    ...CLEARING,
    law: "replant",
    name: "the agent's rules obeyed",
    from: 'return isSpecial(entry) ? "inTheWay" : "rulers";',
    to: 'return isSpecial(entry) ? "inTheWay" : undefined;',
  },
  {
    ...CLEARING,
    law: "replant",
    name: "rules within what is ignored removed",
    from: "...(await dropIgnoredByTree(workDirectory, tree, rulers))",
    to: "...rulers",
  },
  {
    ...CLEARING,
    law: "replant",
    name: "the agent's repositories left",
    from: 'if (name === ".git") return tree.directories.has(parentOf(path)) ? "inTheWay" : "rulers";',
    to: 'if (name === ".git") return undefined;',
  },
  {
    ...CLEARING,
    law: "replant",
    name: "ignored files left though they were tracked",
    from: 'tree.former.has(path) && !entry.isDirectory() ? "inTheWay" : classifyUntracked',
    to: "classifyUntracked",
  },
  {
    law: "replant",
    file: "harvest-paths.ts",
    name: "ignored files removed",
    from: '"--others", "--exclude-standard"',
    to: '"--others"',
  },
  {
    ...SERVER,
    law: "replant-traps",
    name: "replanting among living processes",
    from: "await endUserProcesses(AGENT);\n      await replant(",
    to: "await replant(",
  },
];

describe("I3, I21: the guest", () => {
  test("breaks no law as it is", { timeout: 60_000 }, async () => {
    expect(
      await listFindings(
        await mutants.copy("none"),
        LAWS.map(({ id }) => id),
      ),
    ).toEqual([]);
  });

  test.each(MUTANTS)("is caught with $name", { timeout: 60_000 }, async ({ name, law, ...mutation }) => {
    expect(await listFindings(await mutants.copy(name, mutation), [law])).toEqual([expect.stringContaining(`${law}: `)]);
  });

  test("does not say that it is closed while a process is left that cannot be killed", { timeout: 60_000 }, async () => {
    const file = "user-processes.ts";
    const guestSources = await mutants.copy(
      "no signal arrives",
      { file, from: 'process.kill(-1, "SIGKILL");', to: "process.kill(-1, 0);" },
      { file, from: "process.kill(pid, signal);", to: "" },
      { file, from: "const LOOKS = 20;", to: "const LOOKS = 1;" },
    );
    await using sandbox = await openNamespaceProvider({ guestSources }).create(sandboxSpec());
    const sleeper = await sandbox.start({ argv: ["/bin/sleep", "300"], env: MACHINE_ENV, timeoutMs: 60_000, maxOutputBytes: 100 });
    const left = expect.stringContaining("still has 1 processes");
    await expect(sandbox.closeRelay()).rejects.toMatchObject({ code: "sandbox.lost", message: left });
    await sleeper.stop(0);
    await sandbox.closeRelay();
  });
});
