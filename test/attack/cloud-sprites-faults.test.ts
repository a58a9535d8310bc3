import { describe, expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import {
  CREATION_FAULTS,
  EVER,
  type FatalCase,
  type FaultCase,
  status as plainStatus,
  UPLOAD_FAULTS,
} from "../support/cloud/cloud-faults.ts";
import { openSpritesBench } from "../support/cloud/sprites-bench.ts";
import { SPRITES_CLOUD } from "../support/cloud/sprites-cloud.ts";
import type { SpritesFault, Stage } from "../support/cloud/sprites-server/faults.ts";
import { startSprites } from "../support/cloud/sprites-server.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";
import { describeCloudFaults, listCommandFaults } from "./cloud/faults.ts";

const status = (code: number, more: Parameters<typeof plainStatus>[1] & { readonly code?: string } = {}): SpritesFault =>
  plainStatus(code, more);

/** A file that was sent is put in place by a command too. */
const COMMANDS = {
  "asks what is there": status(500),
  "prepares folders": { kind: "drop", after: true },
  "places the guest": { kind: "truncate" },
  "unpacks the guest": { kind: "duplicate" },
  "places the token": { kind: "drop" },
  "starts the guest": { kind: "drop", after: true },
} as const;

const SURVIVED: readonly FaultCase<Stage, SpritesFault>[] = [
  { name: "a rate limit that names its wait", at: "create", fault: status(429, { retryAfterS: 1, code: "sprite_creation_rate_limited" }) },
  ...CREATION_FAULTS,
  { name: "an error when the network is closed", at: "policy-set", fault: status(500) },
  { name: "a policy that is set, but not confirmed", at: "policy-set", fault: { kind: "drop", after: true } },
  { name: "a policy that is not shown at once", at: "policy-get", fault: status(502) },
  ...listCommandFaults("exec", COMMANDS),
  { name: "a command whose other end falls silent", at: "exec", fault: { kind: "half-open" }, options: { skip: 1 } },
  { name: "a command refused for its rate", at: "exec", fault: status(429, { retryAfterS: 1 }) },
  ...UPLOAD_FAULTS,
  { name: "a proxy that refuses", at: "proxy", fault: status(502), options: { times: 4 } },
  { name: "a proxy that cuts", at: "proxy", fault: { kind: "drop" }, options: { times: 4 } },
  { name: "a proxy that never answers", at: "proxy", fault: { kind: "half-open" }, options: { times: 2 } },
  { name: "a proxy that speaks into the connection", at: "proxy", fault: { kind: "truncate" }, options: { times: 6 } },
  { name: "an error when destroying", at: "delete", fault: status(500) },
  { name: "an error after destroying", at: "delete", fault: status(500, { after: true }) },
  { name: "a connection cut after destroying", at: "delete", fault: { kind: "drop", after: true } },
  { name: "a rate limit when destroying", at: "delete", fault: status(429) },
];

const ENDED: readonly FatalCase<Stage, SpritesFault>[] = [
  { name: "a token that is not known", at: "create", fault: status(401), code: "sandbox.refused", words: /`sprites-token`/ },
  { name: "a token that may not", at: "create", fault: status(403), code: "sandbox.refused", words: /`sprites-token`/ },
  { name: "a request that is refused", at: "create", fault: status(400), code: "sandbox.refused", words: /update Airlock/ },
  {
    name: "as many sprites as the plan allows",
    at: "create",
    fault: status(429, { code: "concurrent_sprite_limit_exceeded" }),
    code: "sandbox.exhausted",
    words: /plan allows.*delete sprites/s,
  },
  {
    name: "a rate limit without end",
    at: "create",
    fault: status(429, { code: "sprite_creation_rate_limited" }),
    options: EVER,
    code: "sandbox.exhausted",
    words: /rate limit.*`concurrency`/s,
  },
  {
    name: "a rate limit longer than anybody waits",
    at: "create",
    fault: status(429, { retryAfterS: 3_600 }),
    code: "sandbox.exhausted",
    words: /3600 seconds/,
  },
  { name: "no capacity without end", at: "create", fault: status(503), options: EVER, code: "sandbox.exhausted", words: /no capacity/ },
  { name: "errors without end", at: "create", fault: status(500), options: EVER, code: "sandbox.unavailable", words: /status page/ },
  { name: "cuts without end", at: "create", fault: { kind: "drop" }, options: EVER, code: "sandbox.unavailable", words: /network/ },
  {
    name: "a policy that cannot be set",
    at: "policy-set",
    fault: status(500),
    options: EVER,
    code: "sandbox.unavailable",
    words: /close the network/,
  },
  { name: "a policy that is refused", at: "policy-set", fault: status(400), code: "sandbox.refused", words: /close the network/ },
  {
    name: "a policy that cannot be read back",
    at: "policy-get",
    fault: status(500),
    options: EVER,
    code: "sandbox.unavailable",
    words: /close the network/,
  },
  {
    name: "commands that always lie",
    at: "exec",
    fault: { kind: "lie" },
    options: EVER,
    code: "sandbox.unavailable",
    words: /broke 4 times/,
  },
  {
    name: "a sprite that goes away",
    at: "exec",
    fault: status(404),
    options: { skip: 2 },
    code: "sandbox.unavailable",
    words: /went away/,
  },
  {
    name: "uploads that are always cut",
    at: "upload",
    fault: { kind: "truncate" },
    options: EVER,
    code: "sandbox.unavailable",
    words: /broke 4 times/,
  },
];

describeCloudFaults({
  cloud: SPRITES_CLOUD,
  survived: SURVIVED,
  ended: ENDED,
  cancelAfterMs: 40,
  asksAgainForTheSame: true,
});

test("a token that is not known to any call is told as such, not as a sprite that may be left", async () => {
  await using server = await startSprites();
  const provider = await openSpritesBench(server, { token: new Secret("test-org/0000000000/another-token") });
  await expect(provider.create(sandboxSpec())).rejects.toMatchObject({ code: "sandbox.refused" });
  await expect(provider.sweep(Date.now())).rejects.toMatchObject({
    code: "sandbox.refused",
    message: expect.stringContaining("`sprites-token`"),
  });
  expect(server.requests.filter((line) => line.startsWith("DELETE"))).toEqual([]);
});

describe("I7: the sweep of sprites", () => {
  test.each([true, false])("deletes what Airlock made and is overdue, and nothing of others (labels in lists: %s)", async (listsLabels) => {
    await using server = await startSprites();
    server.behaviour.listsLabels = listsLabels;
    const provider = await openSpritesBench(server);
    const make = (name: string, labels: readonly string[]): string => server.state.create({ name, labels, auth: "sprite" })?.name ?? "";
    const theirs = make("airlock-notes", ["airlock"]);
    const unlabelled = listsLabels ? [make("airlock-0123456789ab-aaaaaa-0123456789", ["somebody-else"])] : [];
    const overdue = Array.from({ length: 60 }, (_, index) =>
      make(`airlock-0123456789ab-aaaaaa-${String(index).padStart(10, "0")}`, ["airlock"]),
    );
    expect((await provider.sweep(Date.now())).toSorted()).toEqual(overdue.toSorted());
    expect([...server.state.sprites.keys()].toSorted()).toEqual([theirs, ...unlabelled].toSorted());
  });

  test("destroys by id only what can be Airlock's own", async () => {
    await using server = await startSprites();
    const provider = await openSpritesBench(server);
    server.state.create({ name: "production", labels: [], auth: "sprite" });
    await provider.destroy("production");
    await provider.destroy("../production");
    expect([...server.state.sprites.keys()]).toEqual(["production"]);
  });
});
