import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AirlockError } from "../../src/domain/errors.ts";
import type { Patch } from "../../src/domain/patch.ts";
import type { RunNotes } from "../../src/domain/record/notes.ts";
import { Secret } from "../../src/domain/secret.ts";
import { openPublishing, PUBLICATION, type Publishing, RUN_URL } from "../support/forge/publication.ts";
import { renderGithubMarkdown } from "../support/text/live-markdown.ts";

const HOSTILE = [
  "Fixes #1, closes #2, resolves octo/other#3 and GH-4. Fixes https://github.com/octo/demo/issues/5",
  "cc @octo @org/everyone ![pixel](https://evil.test/p.png) <img src=https://evil.test/q.png>",
  "</details> <!-- hide everything ```",
  "Signed-off-by: ceo <ceo@example.com>",
  "Co-authored-by: @all <a@b.c>",
  "[skip ci]",
].join("\n");

let world: Publishing;
let patch: Patch;
beforeAll(async () => {
  world = await openPublishing({ "a.txt": "one\n", ".github/pull_request_template.md": "## Checklist\n\n- [ ] Changelog\n" });
  patch = await world.bench.edit({ "a.txt": "two\n" });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const notesOf = (message: string): RunNotes => ({
  agent: { name: "claude-code", version: "2.1.330", ending: { status: "completed", message, turns: 3 } },
  sandbox: { provider: "microvm", isolation: "kvm" },
  usage: {
    requests: 3,
    turns: 3,
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: 0.0123,
    unpricedModels: [],
  },
  egress: {
    allowed: 4,
    denied: 1,
    bytesUp: 10,
    bytesDown: 20,
    proposedAllow: [],
    hosts: [{ host: "evil.test", port: 443, verdict: "deny", count: 2, reason: "default-deny", suggestion: "evil.test" }],
  },
});

describe("I15, X9: what the agent says cannot act", () => {
  test("the agent's words close only the issue that started the run, mention nobody and load nothing", async () => {
    const title = `The sum\r\nis wrong ${HOSTILE.replaceAll("\n", " ")}`;
    const outcome = await world.publish(patch, { task: world.task({ title }), facts: notesOf(HOSTILE) });
    const [pull] = (await world.pulls()).filter(({ number }) => number === outcome.publication?.pullRequestNumber);
    const body = pull?.body ?? "";
    const html = renderGithubMarkdown(body);
    const prose = html.replace(/<pre>[\s\S]*?<\/pre>/g, "").replace(/<code>[\s\S]*?<\/code>/g, "");
    expect([...prose.matchAll(/#(\d+)/g)].map(([, number]) => Number(number))).toEqual([world.issue]);
    expect(prose).not.toMatch(/@[a-z]|<img|<!--/i);
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url]) => url)).toEqual([RUN_URL]);
    expect(html.match(/<details>/g)?.length).toBe(html.match(/<\/details>/g)?.length);
    expect(pull?.title).not.toMatch(/[\r\n@]|#\d|\[skip/);
    expect(pull?.title.length).toBeLessThanOrEqual(256);
    const commit = await world.forge.readCommit(outcome.publication?.headSha ?? "");
    expect(commit.message).not.toMatch(/#\d|@|\[skip ci\]|^Signed-off-by|^Co-authored-by/m);
  });

  test("author and committer are left to GitHub, which signs the commit", async () => {
    const call = world.github.calls.find(({ method, path }) => method === "POST" && path.endsWith("/git/commits"));
    expect(Object.keys(call?.body as object).sort()).toEqual(["message", "parents", "tree"]);
  });

  test("a pull request tells what was refused with the line to paste, and keeps the repository's template", async () => {
    const issue = await world.openIssue();
    const outcome = await world.publish(patch, { task: world.task({}, issue), facts: notesOf("Done.") });
    const [pull] = (await world.pulls()).filter(({ number }) => number === outcome.publication?.pullRequestNumber);
    expect(pull?.body).toContain("```yaml\nallow: |\n  evil.test\n```");
    expect(pull?.body).toContain("$0.0123");
    expect(pull?.body).toContain("- [ ] Changelog");
    expect(pull?.body.startsWith(`Fixes #${issue}`)).toBe(true);
  });

  test("a pull request stays under GitHub's limits with the longest of everything", async () => {
    const issue = await world.openIssue();
    const findings = Array.from({ length: 300 }, (_, index) => ({
      code: `code-${index}`,
      severity: "draft" as const,
      path: `${"`|<".repeat(900)}${index}`,
      reason: "|*_`".repeat(5000),
      remedy: "<@x>".repeat(5000),
    }));
    const verdict = { decision: "draft" as const, findings, tree: patch.tree };
    const outcome = await world.publish(patch, {
      task: world.task({ title: "x".repeat(5000) }, issue),
      verdict,
      facts: notesOf("```\n".repeat(60_000)),
    });
    const [pull] = (await world.pulls()).filter(({ number }) => number === outcome.publication?.pullRequestNumber);
    expect(pull?.draft).toBe(true);
    expect(pull?.title).toHaveLength(256);
    expect(pull?.body.length).toBeLessThan(65_536);
    expect(pull?.body.startsWith("> [!CAUTION]")).toBe(true);
  });
});

describe("I14, S3: a secret in any text stops the publication", () => {
  const canary = "canary-9f8e7d6c5b4a3210ffee";
  const forms = {
    raw: canary,
    base64: Buffer.from(canary).toString("base64"),
    hex: Buffer.from(canary).toString("hex"),
    reversed: [...canary].reverse().join(""),
    "split by blanks": canary.split("").join(" "),
    "URL-encoded": canary.replaceAll("-", "%2D"),
    "without its prefix": canary.slice(7),
  };
  test.each(Object.entries(forms))("a secret in the agent's closing words stops the publication: %s", async (_form, spelled) => {
    const issue = await world.openIssue();
    const before = world.github.calls.length;
    const attempt = world.publish(patch, {
      task: world.task({}, issue),
      facts: notesOf(`The key is ${spelled}.`),
      secrets: [new Secret(canary, "anthropic-api-key")],
    });
    const error = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AirlockError);
    expect((error as AirlockError).code).toBe("gate.held");
    expect((error as AirlockError).message).not.toContain(spelled);
    expect(world.github.calls.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("a secret in the task's title stops the publication", async () => {
    const attempt = world.publish(patch, { task: world.task({ title: `Rotate ${canary}` }), secrets: [new Secret(canary, "key")] });
    await expect(attempt).rejects.toMatchObject({ code: "gate.held" });
  });
});

describe("what is not for publishing", () => {
  test.each([
    { why: "a dry run", given: { dryRun: true }, word: "patch-only" },
    { why: "`publish: patch`", given: { settings: { ...PUBLICATION, kind: "patch" as const } }, word: "patch-only" },
    { why: "a failed verification", given: { facts: { verification: { passed: false, output: "" } } }, word: "verify-failed" },
  ])("$why ends as $word without a write", async ({ given, word }) => {
    const before = world.github.calls.length;
    expect((await world.publish(patch, given)).word).toBe(word);
    expect(world.github.calls.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("an answer is written as a comment, inert, and updated in place", async () => {
    const issue = await world.openIssue();
    const given = { task: world.task({}, issue), settings: { ...PUBLICATION, kind: "comment" as const } };
    expect((await world.publish(patch, { ...given, facts: notesOf("It is @octo's fault.") })).word).toBe("commented");
    await world.publish(patch, { ...given, facts: notesOf("It is nobody's fault.") });
    const comments = await world.comments(issue);
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain("It is nobody's fault.");
  });
});
