import { describe, expect, test } from "vitest";
import { OUTPUTS } from "../../../../src/config/outputs.ts";
import { NO_USAGE } from "../../../../src/domain/model/usage.ts";
import type { HostTraffic } from "../../../../src/domain/record/notes.ts";
import { type OutputOptions, renderOutputs } from "../../../../src/domain/report/outputs.ts";

const PATHS = { "record-path": "/r", "patch-path": "", "transcript-path": "", "egress-log-path": "", "report-path": "" };
const denied = (host: string): HostTraffic => ({ host, port: 443, verdict: "deny", count: 1, reason: "default-deny" });

function outputsOf(given: Partial<OutputOptions> = {}): Readonly<Record<string, string>> {
  return renderOutputs({
    outcome: { word: "no-changes", reason: "Nothing to do." },
    notes: {},
    commentUrl: undefined,
    durationMs: 1.4,
    paths: PATHS,
    ...given,
  });
}

describe("The outputs", () => {
  test("I16: their names are those that action.yml lists, whatever a run noted", () => {
    expect(Object.keys(outputsOf()).sort()).toEqual(Object.keys(OUTPUTS).sort());
  });

  test("a run that noted nothing has zeros and empty texts, and no `undefined`", () => {
    expect(outputsOf()).toMatchObject({ outcome: "no-changes", conclusion: "neutral", "changed-files": "0", "cost-usd": "0.000000" });
    expect(Object.values(outputsOf()).join()).not.toContain("undefined");
  });

  test("the comment of the publication goes before the one that the run tracked itself by", () => {
    const publication = { commentUrl: "https://github.example/review" };
    const commentUrl = "https://github.example/tracking";
    expect(outputsOf({ commentUrl })["comment-url"]).toBe(commentUrl);
    const outcome = { word: "reviewed", reason: "Reviewed.", publication } as const;
    expect(outputsOf({ commentUrl, outcome })["comment-url"]).toBe(publication.commentUrl);
  });

  test("I15: a denied host is one line of the list, once, and no host that was allowed is in it", () => {
    const hosts = [
      denied("a.example"),
      denied("a.example"),
      denied("b\n::error::x"),
      { ...denied("ok.example"), verdict: "allow" as const },
    ];
    const lines = outputsOf({ notes: { egress: { hosts } } })["denied-hosts"]?.split("\n");
    expect(lines).toHaveLength(2);
    expect(lines?.[0]).toBe("a.example");
  });

  test("the time of a retry is told of a run that the service kept waiting, and of no other", () => {
    const notes = { usage: { ...NO_USAGE, retryAt: "2026-12-01T10:00:00.000Z" } };
    expect(outputsOf({ notes })["retry-at"]).toBe("");
    expect(outputsOf({ notes, outcome: { word: "rate-limited", reason: "Too many." } })["retry-at"]).toBe("2026-12-01T10:00:00.000Z");
  });
});

test.each(["passed", "failed", "base-fails", "none"] as const)("the output `verification` is `%s` where the run noted it", (outcome) => {
  expect(outputsOf({ notes: { verification: { outcome } } })["verification"]).toBe(outcome);
});

test("the output `verification` is `none` for a run that did not get that far", () => {
  expect(outputsOf()["verification"]).toBe("none");
});
