import { describe, expect, test } from "vitest";
import { CREATION_FAULTS, EVER, type FatalCase, type FaultCase, status, UPLOAD_FAULTS } from "../support/cloud/cloud-faults.ts";
import { openE2bBench } from "../support/cloud/e2b-bench.ts";
import { E2B_CLOUD } from "../support/cloud/e2b-cloud.ts";
import type { Stage } from "../support/cloud/e2b-server/faults.ts";
import { startE2b } from "../support/cloud/e2b-server.ts";
import { describeCloudFaults, listCommandFaults } from "./cloud/faults.ts";

const COMMANDS = {
  "asks what is there": status(500),
  "prepares folders": { kind: "drop", after: true },
  "takes root away": { kind: "truncate" },
  "unpacks the guest": { kind: "duplicate" },
  "starts the guest": { kind: "drop", after: true },
} as const;

const SURVIVED: readonly FaultCase<Stage>[] = [
  { name: "a rate limit that names its wait", at: "create", fault: status(429, { retryAfterS: 1 }) },
  ...CREATION_FAULTS,
  ...listCommandFaults("start", COMMANDS),
  { name: "a command that is never answered", at: "start", fault: { kind: "half-open" }, options: { skip: 1 } },
  ...UPLOAD_FAULTS,
  { name: "an upload that is never confirmed", at: "upload", fault: { kind: "half-open" } },
  { name: "an error when destroying", at: "kill", fault: status(500) },
  { name: "an error after destroying", at: "kill", fault: status(500, { after: true }) },
  { name: "a rate limit when destroying", at: "kill", fault: status(429) },
  { name: "no list of twins", at: "list", fault: status(500), options: EVER },
];

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

describeCloudFaults({ cloud: E2B_CLOUD, survived: SURVIVED, ended: ENDED, cancelAfterMs: 200 });

describe("I7: the sweep of E2B", () => {
  test("destroys what Airlock tagged and is overdue, and nothing that others run on the same account", async () => {
    await using server = await startE2b();
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
