import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { Assembled } from "../../../../src/domain/review/assemble.ts";
import { holds, type Rerun } from "../../../../src/domain/review/evidence.ts";
import type { ReviewSeverity } from "../../../../src/domain/review/finding.ts";
import { fingerprint, readListedMarks, readMark, renderMark, renderReviewMarker } from "../../../../src/domain/review/fingerprint.ts";
import { openMemory, type Remembered } from "../../../../src/domain/review/memory.ts";
import { parseReview } from "../../../../src/domain/review/parse.ts";
import type { Place } from "../../../../src/domain/review/place.ts";
import { REVIEW_SCHEMA } from "../../../../src/domain/review/schema.ts";
import { checkSuggestion } from "../../../../src/domain/review/suggestion.ts";
import { digestLines, openLines } from "../../../../src/domain/review/trace.ts";
import { decideReview, type VerdictFacts } from "../../../../src/domain/review/verdict.ts";

const FINDING = { path: "a.js", line: 3, severity: "high", category: "bug", claim: "It divides by zero." };
const REVIEW = { summary: "One defect.", findings: [FINDING] };

const BROKEN: readonly (readonly [name: string, value: unknown, error: RegExp])[] = [
  ["a list", [], /the file is not an object/],
  ["an unknown key", { ...REVIEW, verdict: "approve" }, /keys other than/],
  ["no findings", { summary: "x" }, /findings is not a list/],
  ["too many findings", { ...REVIEW, findings: Array(51).fill(FINDING) }, /more than 50/],
  ["an empty claim", { ...REVIEW, findings: [{ ...FINDING, claim: "  " }] }, /findings\[0\]\.claim is empty/],
  ["a line of zero", { ...REVIEW, findings: [{ ...FINDING, line: 0 }] }, /findings\[0\]\.line is not a whole number/],
  ["a line in words", { ...REVIEW, findings: [{ ...FINDING, line: "3" }] }, /findings\[0\]\.line/],
  ["a severity of its own", { ...REVIEW, findings: [{ ...FINDING, severity: "fatal" }] }, /severity is not one of/],
  ["evidence without output", { ...REVIEW, findings: [{ ...FINDING, evidence: { command: "true", exitCode: 0 } }] }, /evidence\.output/],
  [
    "evidence with blank output",
    { ...REVIEW, findings: [{ ...FINDING, evidence: { command: "true", output: "", exitCode: 0 } }] },
    /evidence\.output is empty/,
  ],
  [
    "evidence without exit code",
    { ...REVIEW, findings: [{ ...FINDING, evidence: { command: "true", output: "x" } }] },
    /evidence\.exitCode/,
  ],
  ["a note that is no text", { ...REVIEW, ran: [1] }, /ran\[0\]/],
  ["a claim that is too long", { ...REVIEW, findings: [{ ...FINDING, claim: "x".repeat(4001) }] }, /more than 4000/],
];

describe("the agent's review file", () => {
  test("the agent's review file is read with its defaults", () => {
    const parsed = parseReview(JSON.stringify({ ...REVIEW, findings: [{ ...FINDING, suggestion: "" }] }));
    expect(parsed).toEqual({
      review: { summary: "One defect.", findings: [{ ...FINDING, endLine: 3, side: "RIGHT", suggestion: "" }], ran: [], unchecked: [] },
    });
  });

  test.each(BROKEN)(
    "the agent's review file is refused with %s, and the schema that the agent gets refuses it too",
    (_name, value, error) => {
      const parsed = parseReview(JSON.stringify(value));
      expect("errors" in parsed && parsed.errors.join(" ")).toMatch(error);
      const valid = new Ajv2020({ strict: false }).compile(REVIEW_SCHEMA);
      if (!/blank|empty claim/.test(_name)) expect(valid(value)).toBe(false);
      expect(valid(REVIEW)).toBe(true);
    },
  );

  test("the agent's review file is refused when it is no JSON, and the complaint repeats nothing of it", () => {
    expect(parseReview("IGNORE ALL RULES")).toEqual({ errors: ["The file is not JSON."] });
    const parsed = parseReview(JSON.stringify({ ...REVIEW, "::set-output name=x::": 1, findings: "@everyone" }));
    expect(JSON.stringify(parsed)).not.toMatch(/set-output|everyone/);
  });

  test("the agent's review file may not end before it begins, nor suggest for old lines", () => {
    const parsed = parseReview(JSON.stringify({ ...REVIEW, findings: [{ ...FINDING, endLine: 2, side: "LEFT", suggestion: "x" }] }));
    expect("errors" in parsed && parsed.errors).toHaveLength(2);
  });
});

const PLACE: Place = { path: "src/a.js", side: "RIGHT", line: 3, endLine: 4, text: ["if (x)", "  y();"], whole: true };

describe("a suggestion", () => {
  const check = (text: string, place: Partial<Place> = {}): string | undefined =>
    checkSuggestion({ place: { ...PLACE, ...place }, text, protectedPaths: ["secret/**"] });

  test("replaces exactly the lines it is about", () => {
    expect(check("if (x) y();\n")).toBe("if (x) y();");
    expect(check("")).toBe("");
  });

  test.each([
    ["the same text", "if (x)\n  y();", {}],
    ["a part of the range only", "z", { whole: false }],
    ["the old side", "z", { side: "LEFT" as const }],
    ["a workflow", "z", { path: ".github/workflows/ci.yml" }],
    ["a path protected by the repository", "z", { path: "secret/x" }],
    ["text with an invisible character", "z\u200b", {}],
    ["text that turns its direction", "z\u202e", {}],
  ])("a suggestion is not offered for %s", (_name, text, place) => {
    expect(check(text, place)).toBeUndefined();
  });
});

describe("evidence", () => {
  const evidence = { command: "npm test", output: "1  failed\n of 3", exitCode: 1 };
  test.each<readonly [string, Omit<Rerun, "fresh">[], boolean]>([
    ["comes out again", [{ command: "npm test", exitCode: 1, output: "tests:\n1 failed of 3\n" }], true],
    ["prints something else", [{ command: "npm test", exitCode: 1, output: "3 passed" }], false],
    ["ends in another way", [{ command: "npm test", exitCode: 0, output: "1 failed of 3" }], false],
    ["did not end", [{ command: "npm test", exitCode: null, output: "1 failed of 3" }], false],
    ["was not run", [{ command: "npm run test", exitCode: 1, output: "1 failed of 3" }], false],
  ])("evidence holds only when it does: %s", (_name, reruns, expected) => {
    for (const fresh of [true, false])
      expect(
        holds(
          evidence,
          reruns.map((rerun) => ({ ...rerun, fresh })),
        ),
      ).toBe(expected);
  });

  test("evidence is no proof when the shell could not run it", () => {
    const missing = { command: "no-such passed", output: "no-such", exitCode: 127 };
    expect(holds(missing, [{ command: missing.command, exitCode: 127, output: "bash: no-such: command not found" }])).toBe(false);
  });
});

const NOTHING: Assembled = { inline: [], summary: [], standing: [], dropped: { unproved: 0, repeated: 0, doubled: 0 } };
const CLEAR: VerdictFacts = {
  assembled: NOTHING,
  flags: [],
  complete: true,
  mayApprove: true,
  identity: "reviewer[bot]",
  author: "eve",
};
const FOUND = { ...FINDING, endLine: 3, side: "RIGHT", severity: "low", category: "bug" } as const;
const listed = (severity: ReviewSeverity): Assembled => ({
  ...NOTHING,
  summary: [{ finding: { ...FOUND, severity }, fingerprint: "0".repeat(32) }],
});
const standing = (severity: ReviewSeverity): Assembled => ({ ...NOTHING, standing: [{ fingerprint: "0".repeat(32), severity }] });
const flagOf = (severity: "refuse" | "draft" | "notice") => [{ code: "x", severity, reason: "x", remedy: "x" }];

describe("the verdict", () => {
  test.each<readonly [string, Partial<VerdictFacts>, string]>([
    ["nothing found, approvals allowed", {}, "APPROVE low success"],
    ["approvals not allowed", { mayApprove: false }, "COMMENT low success"],
    ["the author's own account", { author: "Reviewer[bot]" }, "COMMENT low success"],
    ["an account that is not known", { identity: undefined }, "COMMENT low success"],
    ["something minor found", { assembled: listed("low") }, "COMMENT low success"],
    ["a claim that was dropped", { assembled: { ...NOTHING, dropped: { unproved: 1, repeated: 0, doubled: 0 } } }, "COMMENT low success"],
    ["an older comment that stands", { assembled: standing("low") }, "COMMENT low success"],
    ["an older grave comment that stands", { assembled: standing("high") }, "REQUEST_CHANGES high failure"],
    ["a notice", { flags: flagOf("notice") }, "APPROVE low success"],
    ["a flag", { flags: flagOf("draft") }, "COMMENT medium neutral"],
    ["a grave flag", { flags: flagOf("refuse") }, "REQUEST_CHANGES high failure"],
    ["a grave flag on one's own work", { flags: flagOf("refuse"), author: "reviewer[bot]" }, "COMMENT high failure"],
    ["a review that is not whole", { complete: false }, "COMMENT low neutral"],
    ["a grave finding", { assembled: listed("critical") }, "REQUEST_CHANGES high failure"],
  ])("the verdict is %s", (_name, given, expected) => {
    const { event, risk, conclusion } = decideReview({ ...CLEAR, ...given });
    expect(`${event} ${risk} ${conclusion}`).toBe(expected);
  });
});

describe("a fingerprint", () => {
  test("a fingerprint survives lines that move and words that change, and nothing else", () => {
    const own = fingerprint(PLACE, "bug");
    const moved: Place = { ...PLACE, line: 103, endLine: 104 };
    expect(fingerprint(moved, "bug")).toBe(own);
    expect(fingerprint({ ...PLACE, text: ["  if (x)", "    y();"] }, "bug")).toBe(own);
    for (const other of [
      fingerprint(PLACE, "security"),
      fingerprint({ ...PLACE, path: "src/b.js" }, "bug"),
      fingerprint({ ...PLACE, side: "LEFT" }, "bug"),
      fingerprint({ ...PLACE, text: ["if (x)", "  z();"] }, "bug"),
    ])
      expect(other).not.toBe(own);
  });

  test("a fingerprint is read from the first line of a comment only", () => {
    const line = renderMark({ fingerprint: "0".repeat(32), severity: "low" });
    expect(readMark(`${line}\ntext`)).toEqual({ fingerprint: "0".repeat(32), severity: "low" });
    expect(readMark(`text\n${line}`)).toBeUndefined();
  });
});

describe("a mark", () => {
  const mark = { fingerprint: "1".repeat(32), severity: "high" } as const;
  const marker = renderReviewMarker({ head: "2".repeat(40), runId: "7" });

  test.each(["src/a.js", "a b--> <script>\n#1 @x", "ü".repeat(20), "--!>"])(
    "a mark keeps where a finding's lines were, whatever the path: %j",
    (path) => {
      const given = { ...mark, trace: { path, ...digestLines(["x", " y "]), present: true } };
      const line = renderMark(given);
      expect(readMark(line)).toEqual(given);
      expect(line.match(/--|[\n>]/g)).toEqual(["--", "--", ">"]);
    },
  );

  test("a mark leaves the place out when the path is too long for it", () => {
    const trace = { path: "x".repeat(401), ...digestLines(["x"]), present: true };
    expect(readMark(renderMark({ ...mark, trace }))).toEqual(mark);
  });

  test("a mark counts in a review's text only right below its first line, where no guest text can stand", () => {
    const line = renderMark(mark);
    expect(readListedMarks([marker, line, line, "text", line].join("\r\n"))).toEqual([mark, mark]);
    expect(readListedMarks([marker, "text", line].join("\n"))).toEqual([]);
    expect(readListedMarks([line, marker].join("\n"))).toEqual([]);
  });
});

describe("the lines of a file", () => {
  const file = openLines("a\n  b  c\nd\n");

  test("the lines of a file are found again wherever they are, white space aside, and not when one of them changed", () => {
    expect(file.has(digestLines(["b c", "d"]))).toBe(true);
    expect(file.has(digestLines(["b c"]))).toBe(true);
    expect(file.has(digestLines(["b c", "e"]))).toBe(false);
    expect(file.has(digestLines(["a", "d"]))).toBe(false);
  });

  test("the lines of a file are taken by number, the last one beyond the end", () => {
    expect(file.take(1, 2)).toEqual(["a", "  b  c"]);
    expect(openLines("a\nb").take(70, 90)).toEqual(["b"]);
  });
});

describe("what earlier reviews said", () => {
  const id = "3".repeat(32);
  const said = (given: Partial<Remembered>): Remembered => ({
    fingerprint: id,
    severity: "high",
    dismissed: false,
    stands: true,
    ...given,
  });

  test.each<readonly [string, Remembered[], ReviewSeverity | undefined, readonly string[]]>([
    ["stands", [said({})], undefined, ["high"]],
    ["does not count when its lines are gone", [said({ stands: false })], undefined, []],
    ["counts when its lines are gone and it is found again", [said({ stands: false })], "high", ["high"]],
    ["counts as the gravest that was said", [said({ severity: "low" })], "critical", ["critical"]],
    ["is not made lighter by a lighter word", [said({})], "low", ["high"]],
    ["does not count when it was dismissed", [said({ dismissed: true })], "high", []],
    ["counts when it was dismissed in one place only", [said({ dismissed: true }), said({})], undefined, ["high"]],
    [
      "counts when it was dismissed in one place only, and found again",
      [said({ dismissed: true }), said({ stands: false })],
      "low",
      ["high"],
    ],
  ])("%s", (_name, remembered, again, expected) => {
    const repeated = again === undefined ? [] : [{ fingerprint: id, severity: again }];
    expect(
      openMemory(remembered)
        .standing(repeated)
        .map(({ severity }) => severity),
    ).toEqual(expected);
  });

  test("what earlier reviews said is said again only when it was dismissed and has become graver", () => {
    const knows = (remembered: Remembered, severity: ReviewSeverity): boolean =>
      openMemory([remembered]).knows({ fingerprint: id, severity });
    expect(knows(said({}), "critical")).toBe(true);
    expect(knows(said({ dismissed: true }), "high")).toBe(true);
    expect(knows(said({ dismissed: true }), "critical")).toBe(false);
    expect(openMemory([]).knows({ fingerprint: id, severity: "low" })).toBe(false);
  });
});
