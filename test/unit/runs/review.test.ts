import { afterEach, describe, expect, test } from "vitest";
import { BASE_FILES } from "../../support/forge/pull-requests.ts";
import { leave, openReviewBench, type ReviewBench } from "../../support/forge/review-bench.ts";
import { countStanding } from "../../support/sandbox/count-standing.ts";
import { openNamespaceProvider } from "../../support/sandbox/namespace-provider.ts";

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
const PULL = { title: "Build the query by hand", description: "Faster.", edits: { "src/server.js": SERVER } };

const HOLE = {
  path: "src/server.js",
  line: 4,
  endLine: 5,
  severity: "high",
  category: "security",
  claim: "A quote in `name` ends the string. @maria see #1 and https://attacker.example",
  suggestion: '  return query("select * from t where name = ?", [name]);',
  evidence: { command: "grep -c '[$]{name}' src/server.js", output: "1", exitCode: 0 },
};
const REVIEW = { summary: "One hole.", findings: [HOLE], ran: ["grep"], unchecked: ["the database"] };

let bench: ReviewBench | undefined;
afterEach(async () => {
  await bench?.[Symbol.asyncDispose]();
  bench = undefined;
});

describe("a review", { timeout: TIMEOUT_MS }, () => {
  test("a review puts each finding on its lines, with its evidence run again in a fresh sandbox", async () => {
    bench = await openReviewBench({ pull: PULL });
    const result = await bench.run({ agent: leave(REVIEW) });
    expect(result.outcome, result.warnings.join()).toMatchObject({ word: "reviewed" });
    expect(result.sandboxes).toEqual(["agent", "evidence"]);
    const { github } = bench;
    expect(github.complaints).toEqual([]);
    expect(github.reviews).toHaveLength(1);
    expect(github.reviews[0]).toMatchObject({ event: "REQUEST_CHANGES", commit: github.head });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]).toMatchObject({ path: "src/server.js", side: "RIGHT", startLine: 4, line: 5 });
    expect(github.comments[0]?.body).toContain(`\`\`\`suggestion\n${HOLE.suggestion}\n\`\`\``);
    expect(github.checks).toMatchObject([{ name: "Airlock review", head: github.head, conclusion: "failure" }]);
    expect(github.checks[0]?.annotations[0]).toMatchObject({
      path: "src/server.js",
      start_line: 4,
      end_line: 5,
      annotation_level: "failure",
    });
    expect(result.record.notes["review"]).toMatchObject({
      risk: "high",
      dropped: { unproved: 0, repeated: 0, doubled: 0 },
      inline: [{ path: "src/server.js", side: "RIGHT", line: 4, endLine: 5, severity: "high", category: "security", claim: HOLE.claim }],
      reruns: [{ command: HOLE.evidence.command, exitCode: 0, fresh: true }],
    });
    expect(github.comments[0]?.body).toContain("<summary>Evidence, run again by Airlock</summary>");
    expect(result.outcome.publication).toMatchObject({ pullRequestNumber: 8, pullRequestUrl: "https://github.example/acme/rocket/pull/8" });
  });

  test("ends the agent's sandbox before its evidence is run again where the machine has memory for one at a time", async () => {
    bench = await openReviewBench({ pull: PULL });
    const { provider, most } = countStanding(openNamespaceProvider({ room: { memoryMib: 1_900, freeMib: 3_200, usualMib: 2_048 } }));
    const result = await bench.run({ agent: leave(REVIEW), provider });
    expect(result.outcome, result.warnings.join()).toMatchObject({ word: "reviewed" });
    expect(result.record.notes["review"]).toMatchObject({ reruns: [{ fresh: true }] });
    expect(most()).toBe(1);
  });

  test("I21: evidence that needs what `setup` made is run again in a fresh sandbox, where the base was set up", async () => {
    bench = await openReviewBench({ base: { ...BASE_FILES, ".gitignore": "vendor/\n" }, pull: PULL });
    const setup = "mkdir -p vendor\ngrep -c 'name = ?' src/server.js > vendor/seen || true";
    const held = { ...HOLE, evidence: { command: "cat vendor/seen", output: "1", exitCode: 0 } };
    const forged = { ...HOLE, category: "performance", evidence: { command: "cat planted.txt", output: "planted", exitCode: 0 } };
    const result = await bench.run({
      agent: `echo planted > /work/planted.txt; ${leave({ ...REVIEW, findings: [held, forged] })}`,
      settings: { sandbox: { setup } },
    });
    expect(result.outcome.word, result.warnings.join()).toBe("reviewed");
    expect(result.sandboxes).toEqual(["agent", "evidence"]);
    expect(result.record.sandboxes[1]).toMatchObject({ purpose: "evidence", closed: { proved: true } });
    expect(bench.github.comments).toHaveLength(1);
    expect(result.record.notes["review"]).toMatchObject({
      dropped: { unproved: 1 },
      reruns: [
        { exitCode: 0, fresh: true },
        { exitCode: 1, fresh: true },
      ],
    });
  });

  test("a review lists each command that was run once, whoever ran it", async () => {
    bench = await openReviewBench({ pull: PULL });
    const { command } = HOLE.evidence;
    await bench.run({ agent: leave({ ...REVIEW, ran: ["grep", command, "grep", ` ${command} `] }) });
    const body = bench.github.reviews[0]?.body ?? "";
    const lines = body.slice(body.indexOf("What was run")).match(/^- .*/gm)?.slice(0, 2);
    expect(lines).toEqual([`- \`${command}\`: by the agent, run again, exit code 0`, "- `grep`: by the agent"]);
    expect(body.split(command)).toHaveLength(2);
  });

  test("I15: a review shows guest text without mentions, references and links", async () => {
    bench = await openReviewBench({ pull: PULL });
    await bench.run({ agent: leave({ ...REVIEW, summary: "@everyone fixes #1" }) });
    const shown = [bench.github.reviews[0]?.body ?? "", bench.github.comments[0]?.body ?? ""].join("\n");
    for (const live of ["@maria", "#1", "https://attacker.example", "@everyone"]) {
      expect(shown).toContain(`\`${live}\``);
      expect(shown.replaceAll(`\`${live}\``, "")).not.toContain(live);
    }
  });

  test("drops what its evidence does not show, and counts it", async () => {
    bench = await openReviewBench({ pull: PULL });
    const wrong = { ...HOLE, category: "bug", evidence: { command: "cat src/server.js", output: "rm -rf", exitCode: 0 } };
    const absent = { ...HOLE, category: "tests", evidence: { command: "no-such-program", output: "no-such-program", exitCode: 127 } };
    const tampered = { ...HOLE, category: "performance", evidence: { command: "cat planted.txt", output: "planted", exitCode: 0 } };
    const result = await bench.run({
      agent: `echo planted > /work/planted.txt; ${leave({ ...REVIEW, findings: [wrong, absent, tampered] })}`,
    });
    expect(result.outcome.word).toBe("reviewed");
    expect(bench.github.comments).toEqual([]);
    expect(bench.github.reviews[0]?.body).toContain("3 dropped because their evidence did not hold");
    expect(result.record.notes["review"]).toMatchObject({ dropped: { unproved: 3 } });
  });

  test("moves what is on no line of the diff to the summary", async () => {
    bench = await openReviewBench({ pull: PULL });
    const { evidence: _evidence, suggestion: _suggestion, ...bare } = HOLE;
    await bench.run({ agent: leave({ ...REVIEW, findings: [{ ...bare, path: "src/large.js", line: 70, endLine: 70 }] }) });
    expect(bench.github.comments).toEqual([]);
    expect(bench.github.reviews[0]?.body).toContain("`src/large.js:70`");
  });

  test("a review asks the agent once to mend a malformed file, and says so when it does not", async () => {
    bench = await openReviewBench({ pull: PULL });
    const mends = `cat > prompt.txt; if grep -q 'What is wrong with the result' prompt.txt; then grep -q 'findings is not a list' prompt.txt && ${leave(REVIEW)}
else echo '{"summary":"x"}' > /work/.airlock/review.json; fi`;
    const first = await bench.run({ agent: mends });
    expect(first.outcome.word).toBe("reviewed");
    expect(bench.github.comments).toHaveLength(1);
    const head = bench.push({ "README.md": "# Demo\n" });
    const second = await bench.run({ agent: "echo '{' > /work/.airlock/review.json", runId: "2" });
    expect(second.outcome.word).toBe("reviewed");
    expect(bench.github.reviews.at(-1)).toMatchObject({ commit: head, event: "REQUEST_CHANGES" });
    expect(bench.github.reviews.at(-1)?.body).toContain("The agent left no review that could be used");
  });

  test("I17: a review repeats no comment on a new push, reviews only what changed, and resolves what is outdated", async () => {
    bench = await openReviewBench({ pull: PULL });
    await bench.run({ agent: leave(REVIEW) });
    bench.push({ "src/server.js": `// moved down\n${SERVER}`, "src/convert.js": "export const zero = 1 / 0;\n" });
    const moved = { ...HOLE, line: 5, endLine: 6 };
    const fresh = { path: "src/convert.js", line: 1, severity: "medium", category: "bug", claim: "Infinity." };
    const old = { path: "src/server.js", line: 6, severity: "low", category: "performance", claim: "Slow." };
    const agent = `test -s /work/.airlock/since-last-review.diff && ${leave({ ...REVIEW, findings: [moved, fresh, old] })}`;
    const second = await bench.run({ agent, runId: "2" });
    expect(second.outcome.word).toBe("reviewed");
    expect(second.record.notes["review"]).toMatchObject({ dropped: { repeated: 1 }, inSummary: 1, risk: "high" });
    expect(bench.github.comments.map(({ path, line }) => `${path}:${line}`)).toEqual(["src/server.js:5", "src/convert.js:1"]);
    const third = await bench.run({ agent: leave({ ...REVIEW, findings: [moved, fresh] }), runId: "3" });
    expect(third.outcome.word).toBe("reviewed");
    expect(bench.github.reviews).toHaveLength(2);
    expect(bench.github.comments).toHaveLength(2);
    bench.push({ "src/convert.js": "export const zero = 0;\n" });
    await bench.run({ agent: leave({ summary: "Mended.", findings: [] }), runId: "4" });
    expect(bench.github.comments.map(({ resolved }) => resolved)).toEqual([false, true]);
    expect(bench.github.comments).toHaveLength(2);
  });

  test("a review works without GraphQL", async () => {
    bench = await openReviewBench({ pull: PULL });
    bench.github.graphql = false;
    expect((await bench.run({ agent: leave(REVIEW) })).outcome.word).toBe("reviewed");
    bench.push({ "README.md": "# Demo, again\n" });
    await bench.run({ agent: leave(REVIEW), runId: "2" });
    expect(bench.github.comments).toHaveLength(1);
  });

  test("heeds only its own marks: a stranger's copy of one silences nothing", async () => {
    bench = await openReviewBench({ pull: PULL });
    await bench.run({ agent: leave(REVIEW) });
    const [own] = bench.github.comments.splice(0);
    bench.github.reviews.splice(0);
    bench.github.addComment("eve", { path: "src/server.js", line: 5, body: own?.body ?? "" });
    await bench.run({ agent: leave(REVIEW), runId: "2" });
    expect(bench.github.comments.map(({ login }) => login)).toEqual(["eve", "github-actions[bot]"]);
  });

  test("a review publishes nothing in a dry run", async () => {
    bench = await openReviewBench({ pull: PULL });
    expect((await bench.run({ agent: leave(REVIEW), settings: { dryRun: true } })).outcome.word).toBe("patch-only");
    expect(bench.github.reviews).toEqual([]);
    expect(bench.github.checks).toEqual([]);
  });
});
