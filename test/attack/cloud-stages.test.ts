import { afterAll, beforeAll, describe, test } from "vitest";
import { type Cloud, type CloudServer, openFaultyService } from "../support/cloud/cloud.ts";
import { E2B_CLOUD } from "../support/cloud/e2b-cloud.ts";
import { SPRITES_CLOUD } from "../support/cloud/sprites-cloud.ts";
import { listCases, listEvidence } from "../support/runner/struck-runs/cases.ts";
import { expectNamedEnding, expectOnePullRequest, expectReviewOnceOrNot, type StruckService } from "../support/runner/struck-runs.ts";

const TEST_MS = 60_000;

function describeCloudStages<Server extends CloudServer, Stage extends string>(cloud: Cloud<Server, Stage>): void {
  const { name, stages } = cloud;
  describe(`I7, I17, I20: a fault of ${name} at any stage of a run ends in a named outcome, with at most one pull request and nothing left`, () => {
    let server: Server;
    let service: StruckService<Stage>;
    beforeAll(async () => {
      server = await cloud.start();
      service = await openFaultyService(cloud, server);
    });
    afterAll(() => server[Symbol.asyncDispose]());
    test.each(listCases(stages))("$name", { timeout: TEST_MS }, (given) => expectNamedEnding(service, given));
    test("a run that is started again after it lost its second sandbox opens one pull request", { timeout: TEST_MS }, () =>
      expectOnePullRequest(service, stages),
    );
    test.each(listEvidence(stages))("a review: $name", { timeout: TEST_MS }, (given) => expectReviewOnceOrNot(service, given));
  });
}

describeCloudStages(E2B_CLOUD);
describeCloudStages(SPRITES_CLOUD);
