import { expect, test } from "vitest";
import { parse } from "yaml";
import { parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { addCharge, NO_TOKENS, NO_USAGE } from "../../../../src/domain/model/usage.ts";
import type { RunNotes } from "../../../../src/domain/record/notes.ts";
import { renderStepSummary } from "../../../../src/domain/render/step-summary.ts";
import { renderReportHtml } from "../../../../src/domain/report/page.ts";
import { renderMarkdown } from "../../../support/text/rendered.ts";
import { sampleReport } from "../../../support/text/sample-report.ts";

function summarise(notes: RunNotes): string {
  return renderStepSummary({
    outcome: { word: "patch-only", reason: "" },
    notes,
    stageRuns: [],
    durationMs: 0,
    url: "https://example.com/run",
  });
}

test("a model that was counted at the dearest price is named, inert, with the key that states its own", () => {
  const charge = { tokens: NO_TOKENS, costUsd: 1, turn: true, estimated: false };
  const usage = ["my-model", "`|@maria\n::error::x"].reduce((sum, unpricedModel) => addCharge(sum, { ...charge, unpricedModel }), NO_USAGE);
  const line =
    summarise({ usage: { ...usage } })
      .split("\n")
      .find((text) => text.startsWith("Counted at the dearest")) ?? "";
  expect(line).toContain("my-model");
  expect(line).toContain("`prices`");
  expect(line).toContain("::error::x");
  expect(summarise({ usage: { ...NO_USAGE } })).not.toContain("dearest");
});

test("hosts that lockfiles name and no rule allows are told, and are no line to paste", () => {
  const egress = { allowed: 0, denied: 0, bytesUp: 0, bytesDown: 0, hosts: [], proposedAllow: [] };
  const text = summarise({ egress, policy: { unlisted: ["elsewhere.example.com"] } });
  expect(text).toContain("Lockfiles name hosts that no rule allows: `elsewhere.example.com`");
  expect(text).not.toContain("add to `allow`");
});

test("what was watched ends as YAML that the policy reads back, and so does what was refused", () => {
  const refused = { host: "evil.com", port: 443, verdict: "deny", count: 2, reason: "default-deny", suggestion: "evil.com" } as const;
  const proposedAllow = ["*.example.org", "one.example.edu:8080", "[2001:db8::1]:8443"];
  const text = summarise({ egress: { allowed: 3, denied: 2, bytesUp: 0, bytesDown: 0, hosts: [refused], proposedAllow } });
  const blocks = [...text.matchAll(/```yaml\n(.*?)\n```/gs)].map(([, yaml]) => parse(yaml ?? "") as { readonly allow: string });
  expect(blocks).toEqual([{ allow: "evil.com\n" }, { network: "allowlist", allow: `${proposedAllow.join("\n")}\n` }]);
  for (const { allow } of blocks) expect(parsePolicy({ allow, deny: "" }).allow.length).toBeGreaterThan(0);
});

test("a list too long to paste says how much is missing, in a line that the policy skips", () => {
  const proposedAllow = Array.from({ length: 130 }, (_, n) => `h${n}.example.com`);
  const text = summarise({ egress: { allowed: 130, denied: 0, bytesUp: 0, bytesDown: 0, hosts: [], proposedAllow } });
  const { allow } = parse(/```yaml\n(.*?)\n```/s.exec(text)?.[1] ?? "");
  expect(allow).toContain("# and 30 more, in record.json");
  expect(parsePolicy({ allow, deny: "" }).allow).toHaveLength(100);
});

test("a refused host shows who asked; a table without such a word has no column for it", () => {
  const host = { host: "evil.com", port: 443, verdict: "deny", count: 2, reason: "default-deny", suggestion: "evil.com" } as const;
  const egress = { allowed: 0, denied: 2, bytesUp: 0, bytesDown: 0, proposedAllow: [] };
  const told = summarise({
    egress: {
      ...egress,
      hosts: [
        { ...host, command: "curl `x` | @maria <b>" },
        { ...host, port: 80 },
      ],
    },
  });
  expect(told).toContain("| Asked by |");
  expect(told.split("\n").filter((row) => row.includes("evil.com:"))).toHaveLength(2);
  expect(told).not.toMatch(/(?<!`[^`]*)<b>/);
  expect(summarise({ egress: { ...egress, hosts: [host] } })).not.toContain("Asked by");
});

test("a review's findings stand with their place, their words and the guard's flags; a run without a review has no such part", () => {
  const { review = {} } = sampleReport().notes;
  const text = summarise({ review });
  expect(text).toContain(
    "Risk: high. 1 finding on lines of the diff, 1 more in the review's text, 1 dropped because their evidence did not hold.",
  );
  expect(text).toMatch(/^\| high \| bug \| `src\/a\/very\/.*sum\.js:2–4` \| The sign is lost\. A second paragraph\./m);
  expect(text).toMatch(/^\| low \| tests \| `.*:7`, before the change \|/m);
  expect(text).toMatch(/^\| `tests-weakened` \|/m);
  expect(summarise({ review: { errors: ["findings is not a list"] } })).not.toContain("review");
});

test("of many findings of a review the gravest fifty are shown, and the rest is counted", () => {
  const { review = {} } = sampleReport().notes;
  const [finding] = review.listed ?? [];
  if (finding === undefined) throw new Error("the sample has no listed finding");
  const text = summarise({ review: { ...review, inline: [], listed: Array.from({ length: 60 }, () => finding) } });
  expect(text.match(/^\| low \| tests /gm)).toHaveLength(50);
  expect(text).toContain("10 findings more, in the run's record");
});

test("secrets that a job could not search for are named, in the page too, and a job with all values says nothing", () => {
  const text = summarise({ declaredSecrets: { searched: ["A_TOKEN"], unsearched: ["B_TOKEN", "C_TOKEN"] } });
  expect(renderMarkdown(text)).toContain("Not searched for here, because this job has no value of them: B_TOKEN, C_TOKEN.");
  expect(summarise({ declaredSecrets: { searched: ["A_TOKEN"], unsearched: [] } })).not.toContain("searched");
  const sample = sampleReport();
  const page = renderReportHtml({ ...sample, notes: { ...sample.notes, declaredSecrets: { searched: [], unsearched: ["B_TOKEN"] } } });
  expect(page).toContain("no value of them: B_TOKEN.");
});
