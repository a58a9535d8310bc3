import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CANCELLED,
  CREATION_FAULTS,
  EVER,
  expectEnded,
  expectLeft,
  expectNoneAfterCancel,
  expectSurvived,
  type FatalCase,
  type FaultCase,
  type FaultyService,
  status,
  UPLOAD_FAULTS,
} from "../support/cloud/cloud-faults.ts";
import { openE2bBench } from "../support/cloud/e2b-bench.ts";
import type { Stage } from "../support/cloud/e2b-server/faults.ts";
import { type E2bServer, startE2b } from "../support/cloud/e2b-server.ts";
import type { Fault } from "../support/cloud/faults.ts";

let server: E2bServer;

beforeAll(async () => {
  server = await startE2b();
});

afterAll(() => server[Symbol.asyncDispose]());

type Case = FaultCase<Stage>;

async function serviceOf(broken: E2bServer): Promise<FaultyService<Stage>> {
  const { faults, complaints, state } = broken;
  return { faults, complaints, provider: await openE2bBench(broken), left: () => [...state.boxes.keys()] };
}

/** In their order. */
const COMMANDS = ["asks what is there", "prepares folders", "takes root away", "unpacks the guest", "starts the guest"];

const SURVIVED: readonly Case[] = [
  { name: "a rate limit that names its wait", at: "create", fault: status(429, { retryAfterS: 1 }) },
  ...CREATION_FAULTS,
  ...COMMANDS.flatMap((command, skip): readonly Case[] => {
    const cut: readonly Fault[] = [
      status(500),
      { kind: "drop", after: true },
      { kind: "truncate" },
      { kind: "duplicate" },
      { kind: "drop", after: true },
    ];
    const faults: readonly Fault[] = [cut[skip] ?? status(500), { kind: "lie" }];
    return faults.map((fault) => ({ name: `${fault.kind} at the command that ${command}`, at: "start", fault, options: { skip } }));
  }),
  { name: "a command that is never answered", at: "start", fault: { kind: "half-open" }, options: { skip: 1 } },
  ...UPLOAD_FAULTS,
  { name: "an upload that is never confirmed", at: "upload", fault: { kind: "half-open" } },
  { name: "an error when destroying", at: "kill", fault: status(500) },
  { name: "an error after destroying", at: "kill", fault: status(500, { after: true }) },
  { name: "a rate limit when destroying", at: "kill", fault: status(429) },
  { name: "no list of twins", at: "list", fault: status(500), options: EVER },
];

describe("I7: a fault that can be survived is, and no sandbox is left", () => {
  test.each(SURVIVED)("$at: $name", { timeout: 90_000 }, async (given) => {
    await using broken = await startE2b();
    await expectSurvived(await serviceOf(broken), given);
  });
});

const ENDED: readonly FatalCase<Stage>[] = [
  { name: "a key that is not known", at: "create", fault: status(401), code: "sandbox.refused", words: /`e2b-api-key`/ },
  { name: "a team that is blocked", at: "create", fault: status(403), code: "sandbox.refused", words: /dashboard/ },
  {
    name: "a request that is refused",
    at: "create",
    fault: status(400),
    code: "sandbox.refused",
    words: /`template` and `timeout-minutes`/,
  },
  {
    name: "a rate limit without end",
    at: "create",
    fault: status(429),
    options: EVER,
    code: "sandbox.exhausted",
    words: /rate limit.*`concurrency`/s,
  },
  { name: "no capacity without end", at: "create", fault: status(503), options: EVER, code: "sandbox.exhausted", words: /no capacity/ },
  {
    name: "errors without end",
    at: "create",
    fault: status(500, { after: true }),
    options: EVER,
    code: "sandbox.unavailable",
    words: /status page/,
  },
  {
    name: "cuts without end",
    at: "create",
    fault: { kind: "drop", after: true },
    options: EVER,
    code: "sandbox.unavailable",
    words: /network/,
  },
  {
    name: "commands that always fail to answer",
    at: "start",
    fault: { kind: "lie" },
    options: EVER,
    code: "sandbox.unavailable",
    words: /broke 4 times/,
  },
  {
    name: "I18: commands that print without end",
    at: "start",
    fault: { kind: "flood" },
    options: EVER,
    code: "sandbox.unavailable",
    words: /broke 4 times/,
  },
  {
    name: "uploads that are always cut",
    at: "upload",
    fault: { kind: "truncate" },
    options: EVER,
    code: "sandbox.unavailable",
    words: /damaged/,
  },
];

describe("I20: a fault that cannot be survived ends in one named error, and no sandbox is left", () => {
  test.each(ENDED)("$at: $name", { timeout: 90_000 }, async (given) => {
    await using broken = await startE2b();
    await expectEnded(await serviceOf(broken), given);
  });

  test("kill: a sandbox whose end E2B does not confirm is an error of its own, so that nothing is published", async () => {
    await using broken = await startE2b();
    await expectLeft(await serviceOf(broken), { at: "kill", fault: status(500) });
  });
});

describe("I7: a run that is cancelled while its sandbox is made", () => {
  test.each(CANCELLED)("leaves none: %s", async (_name, fault) => {
    await using slow = await startE2b();
    await expectNoneAfterCancel(await serviceOf(slow), { at: "create", fault, afterMs: 200 });
  });
});

describe("I7: the sweep", () => {
  test("destroys what Airlock tagged and is overdue, and nothing that others run on the same account", async () => {
    const provider = await openE2bBench(server);
    const foreign = { lifetimeS: 300, template: "base", internet: false, isPublic: false };
    const theirs = await server.state.create({ ...foreign, metadata: { deadline: "1", run: "1", owner: "somebody else" } });
    const unreadable = await server.state.create({ ...foreign, metadata: { airlock: "1", deadline: "soon" } });
    const overdue = await server.state.create({
      ...foreign,
      metadata: { airlock: "1", deadline: "1000", repository: "a/b", run: "9", attempt: "1" },
    });
    expect(await provider.sweep(Date.now())).toEqual([overdue.id]);
    expect([...server.state.boxes.keys()].toSorted()).toEqual([theirs.id, unreadable.id].toSorted());
    expect(await provider.findByRun({ repository: "a/b", runId: "9", attempt: 1 })).toEqual([]);
  });
});
