import { expect } from "vitest";
import { SPRITES_CLOUD } from "../support/cloud/sprites-cloud.ts";
import { describeCloudJobs } from "./cloud/jobs.ts";

const OVERDUE = "airlock-0123456789ab-aaaaaa-0123456789";

describeCloudJobs({
  cloud: SPRITES_CLOUD,
  foundBy: "the run's name",
  facts: {},
  prepare({ state }) {
    expect(state.create({ name: OVERDUE, labels: ["airlock"], auth: "sprite" })?.name).toBe(OVERDUE);
  },
  seen: {
    title: "has swept at its start what a lost run left",
    expect({ requests }) {
      const swept = requests.indexOf(`DELETE /v1/sprites/${OVERDUE}`);
      expect(swept).toBeGreaterThanOrEqual(0);
      expect(swept).toBeLessThan(requests.indexOf("POST /v1/sprites"));
    },
  },
});
