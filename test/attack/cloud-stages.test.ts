import { afterAll, beforeAll, describe, test } from "vitest";
import { openE2bBench } from "../support/cloud/e2b-bench.ts";
import { startE2b } from "../support/cloud/e2b-server.ts";
import { openSpritesBench } from "../support/cloud/sprites-bench.ts";
import { startSprites } from "../support/cloud/sprites-server.ts";
import { listCases, listEvidence } from "../support/runner/struck-runs/cases.ts";
import { expectNamedEnding, expectOnePullRequest, expectReviewOnceOrNot, type StruckService } from "../support/runner/struck-runs.ts";

const TEST_MS = 60_000;
const opened = new AsyncDisposableStack();

afterAll(() => opened.disposeAsync());

async function openE2b() {
  const server = opened.use(await startE2b());
  const { faults, complaints, state } = server;
  return {
    ...{ faults, complaints, provider: await openE2bBench(server), cut: () => server.cutTunnels() },
    left: () => [...state.boxes.keys()],
  };
}

async function openSprites() {
  const server = opened.use(await startSprites());
  const { faults, complaints, state } = server;
  return {
    ...{ faults, complaints, provider: await openSpritesBench(server), cut: () => void server.cutProxies() },
    left: () => [...state.sprites.keys()],
  };
}

const E2B = { create: "create", get: "get", command: "start", upload: "upload", tunnel: "tunnel", destroy: "kill" } as const;
const SPRITES = { create: "create", get: "get", command: "exec", upload: "upload", tunnel: "proxy", destroy: "delete" } as const;

describe("I7, I17, I20: a fault of E2B at any stage of a run ends in a named outcome, with at most one pull request and nothing left", () => {
  let service: StruckService<(typeof E2B)[keyof typeof E2B]>;
  beforeAll(async () => {
    service = await openE2b();
  });
  test.each(listCases(E2B))("$name", { timeout: TEST_MS }, (given) => expectNamedEnding(service, given));
  test("a run that is started again after it lost its second sandbox opens one pull request", { timeout: TEST_MS }, () =>
    expectOnePullRequest(service, E2B),
  );
  test.each(listEvidence(E2B))("a review: $name", { timeout: TEST_MS }, (given) => expectReviewOnceOrNot(service, given));
});

describe("I7, I17, I20: a fault of Sprites at any stage of a run ends in a named outcome, with at most one pull request and nothing left", () => {
  let service: StruckService<(typeof SPRITES)[keyof typeof SPRITES]>;
  beforeAll(async () => {
    service = await openSprites();
  });
  test.each(listCases(SPRITES))("$name", { timeout: TEST_MS }, (given) => expectNamedEnding(service, given));
  test("a run that is started again after it lost its second sandbox opens one pull request", { timeout: TEST_MS }, () =>
    expectOnePullRequest(service, SPRITES),
  );
  test.each(listEvidence(SPRITES))("a review: $name", { timeout: TEST_MS }, (given) => expectReviewOnceOrNot(service, given));
});
