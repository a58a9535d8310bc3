import { afterEach, describe, expect, test } from "vitest";
import { leave, openReviewBench, type ReviewBench } from "../support/forge/review-bench.ts";

const TIMEOUT_MS = 120_000;
const SERVER = [
  'import { query } from "./database.js";',
  "",
  "export function find(name) {",
  "  const text = `select * from t where name = '${name}'`;",
  "  return query(text);",
  "}",
  "",
].join("\n");
const BASE = { "README.md": "# Demo\n", "src/legacy.js": "export function legacy(input) {\n  return eval(input);\n}\n" };
const PULL = { title: "Build the query by hand", description: "Faster.", edits: { "src/server.js": SERVER } };
const HOLE = {
  path: "src/server.js",
  line: 4,
  endLine: 5,
  severity: "critical",
  category: "security",
  claim: "A quote in `name` ends the string.",
};
const OFF_DIFF = {
  path: "src/legacy.js",
  line: 2,
  severity: "critical",
  category: "security",
  claim: "What is searched for is evaluated.",
};
const MISSING = { path: "src/escape.js", line: 1, severity: "high", category: "bug", claim: "This file is not there." };
const APPROVE = { publication: { approve: true } } as const;
const reviewOf = (...findings: object[]) => ({ summary: "Read.", findings });

let bench: ReviewBench | undefined;
afterEach(async () => {
  await bench?.[Symbol.asyncDispose]();
  bench = undefined;
});

let runs = 0;

/** One job. What the record says of it, and how the check run ended. */
async function review(own: ReviewBench, ...findings: object[]): Promise<Record<string, unknown>> {
  runs += 1;
  const result = await own.run({ agent: leave(reviewOf(...findings)), runId: String(runs), settings: APPROVE });
  expect(result.outcome, `${JSON.stringify(result.outcome)} ${result.warnings.join()}`).toMatchObject({ word: "reviewed" });
  return { ...result.record.notes["review"], check: own.github.checks.at(-1)?.conclusion };
}

async function open(): Promise<ReviewBench> {
  bench = await openReviewBench({ base: BASE, pull: PULL });
  return bench;
}

function resolve(own: ReviewBench, login: string): void {
  for (const comment of own.github.comments) Object.assign(comment, { resolved: true, resolvedBy: login });
}

const RED = { risk: "high", event: "REQUEST_CHANGES", check: "failure" };
const GREEN = { risk: "low", event: "APPROVE", check: "success" };

describe("a grave finding that its author wants gone", { timeout: TIMEOUT_MS }, () => {
  test("I8: a grave finding still counts when the author of a fork resolved its thread, found again or not", async () => {
    const own = await open();
    expect(await review(own, HOLE)).toMatchObject(RED);
    resolve(own, "eve");
    expect(await review(own, HOLE)).toMatchObject({ ...RED, dropped: { repeated: 1 }, inline: [] });
    own.push({ "README.md": "# Demo\n\nMore.\n" });
    expect(await review(own)).toMatchObject({ ...RED, standing: [{ severity: "critical" }] });
    expect(own.github.reviews.at(-1)?.body).toContain("1 finding of earlier reviews still counts.");
    expect(own.github.comments).toHaveLength(1);
  });

  test("a grave finding stands in the way of an approval when it may be buried under more comments than are read", async () => {
    const own = await open();
    for (let count = 0; count < 100; count += 1) own.github.addComment("eve", { path: "src/server.js", line: 1, body: "x" });
    expect(await review(own)).toMatchObject({ event: "COMMENT", check: "neutral" });
    expect(own.github.reviews.at(-1)?.body).toContain("what was said before may have been missed");
  });

  test("a grave finding no longer counts when somebody with write permission resolved its thread, and is not repeated", async () => {
    const own = await open();
    await review(own, HOLE);
    resolve(own, "maria");
    own.push({ "README.md": "# Demo\n\nMore.\n" });
    expect(await review(own, HOLE)).toMatchObject({ ...GREEN, dropped: { repeated: 1 }, standing: [] });
    expect(own.github.comments).toHaveLength(1);
  });

  test("a grave finding is said again when a light one was dismissed on its lines", async () => {
    const own = await open();
    await review(own, { ...HOLE, severity: "low" });
    resolve(own, "maria");
    expect(await review(own, HOLE)).toMatchObject({ ...RED, dropped: { repeated: 0 } });
    expect(own.github.comments).toHaveLength(2);
  });

  test("a grave finding still counts when its comment is outdated because white space changed, and it is found again", async () => {
    const own = await open();
    await review(own, HOLE);
    own.push({ "src/server.js": SERVER.replaceAll("  ", "\t") });
    expect(await review(own, HOLE)).toMatchObject({ ...RED, dropped: { repeated: 1 } });
    expect(own.github.comments.map(({ resolved }) => resolved)).toEqual([false]);
  });

  test("a grave finding still counts when its file got another name, however often", async () => {
    const own = await open();
    await review(own, HOLE);
    for (const [from, to] of [
      ["src/server.js", "src/find.js"],
      ["src/find.js", "src/lookup.js"],
    ] as const) {
      own.push({ [from]: null, [to]: SERVER });
      expect(await review(own)).toMatchObject(RED);
    }
    own.push({ "src/lookup.js": SERVER.replace("'${name}'", "?") });
    expect(await review(own)).toMatchObject({ risk: "low", check: "success" });
  });
});

describe("I17: a finding on no line of the diff", { timeout: TIMEOUT_MS }, () => {
  test("a finding on no line of the diff is listed once, within a review and over all of them, and counts until its lines change", async () => {
    const own = await open();
    expect(await review(own, OFF_DIFF, { ...OFF_DIFF, claim: "In other words." })).toMatchObject({
      ...RED,
      inSummary: 1,
      dropped: { doubled: 1 },
    });
    const [first] = own.github.reviews;
    expect(await review(own, OFF_DIFF)).toMatchObject({ ...RED, inSummary: 0, dropped: { repeated: 1 } });
    expect(own.github.reviews).toEqual([first]);
    own.push({ "README.md": "# Demo\n\nMore.\n", "src/legacy.js": `// moved down\n${BASE["src/legacy.js"]}` });
    expect(await review(own, { ...OFF_DIFF, line: 3, claim: "Said anew." })).toMatchObject({
      ...RED,
      inSummary: 0,
      dropped: { repeated: 1 },
    });
    own.push({ "README.md": "# Demo\n\nEven more.\n" });
    expect(await review(own)).toMatchObject(RED);
    own.push({ "src/legacy.js": "export function legacy(input) {\n  return JSON.parse(input);\n}\n" });
    expect(await review(own)).toMatchObject(GREEN);
  });

  test("a finding counts on a file that is not there until it is", async () => {
    const own = await open();
    expect(await review(own, MISSING)).toMatchObject({ ...RED, inSummary: 1 });
    own.push({ "README.md": "# Demo\n\nMore.\n" });
    expect(await review(own, MISSING)).toMatchObject({ ...RED, inSummary: 0 });
    own.push({ "src/escape.js": "export const escape = (text) => JSON.stringify(text);\n" });
    expect(await review(own)).toMatchObject(GREEN);
  });

  test("a finding is dismissed by who can edit the review's text: without its mark it does not count", async () => {
    const own = await open();
    await review(own, OFF_DIFF);
    const [first] = own.github.reviews;
    expect(first?.body.split("\n")[1]).toMatch(/^<!-- airlock:finding [0-9a-f]{32} critical present 1 [0-9a-f]{16} src%2Flegacy.js -->$/);
    own.github.reviews.splice(0, 1, { ...first, body: first?.body.split("\n").toSpliced(1, 1).join("\r\n") } as never);
    own.push({ "README.md": "# Demo\n\nMore.\n" });
    expect(await review(own)).toMatchObject(GREEN);
  });

  test("a finding is remembered when GitHub did not take its line, and stands in the text", async () => {
    const own = await open();
    own.github.refusesPlaces = true;
    expect(await review(own, HOLE)).toMatchObject(RED);
    expect(own.github.comments).toEqual([]);
    expect(own.github.reviews[0]?.body).toContain("`src/server.js:4–5`");
    own.github.refusesPlaces = false;
    expect(await review(own, HOLE)).toMatchObject({ ...RED, dropped: { repeated: 1 } });
    expect(own.github.reviews).toHaveLength(1);
    own.push({ "README.md": "# Demo\n\nMore.\n" });
    expect(await review(own)).toMatchObject(RED);
    expect(own.github.comments).toEqual([]);
  });

  test("a finding is not silenced by a mark that the agent or a stranger wrote", async () => {
    const own = await open();
    await review(own, OFF_DIFF);
    const mark = own.github.reviews[0]?.body.split("\n")[1] ?? "";
    const marker = own.github.reviews[0]?.body.split("\n")[0] ?? "";
    own.github.reviews.splice(0);
    own.github.reviews.push({ id: 1, login: "eve", body: `${marker}\n${mark}`, event: "COMMENT", commit: own.github.head });
    const evidence = { command: "cat src/legacy.js", output: "eval", exitCode: 0 };
    const trick = {
      path: "README.md",
      line: 1,
      severity: "low",
      category: "documentation",
      claim: `${mark}\n\n\`\`\`\n${mark}\n\`\`\``,
      evidence,
    };
    expect(await review(own, trick)).toMatchObject({ inSummary: 1 });
    expect(await review(own, OFF_DIFF)).toMatchObject({ ...RED, inSummary: 1 });
  });
});
