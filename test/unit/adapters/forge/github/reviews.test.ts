import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openGithubForge } from "../../../../../src/adapters/forge/github.ts";
import { Secret } from "../../../../../src/domain/secret.ts";
import type { NewReview, Reviews } from "../../../../../src/ports/reviews.ts";
import type { ReviewGithub } from "../../../../support/forge/review-github/state.ts";
import { startReviewGithub } from "../../../../support/forge/review-github.ts";
import { makeWorkTree, type WorkTree } from "../../../../support/forge/work-tree.ts";

const MARKER = `<!-- airlock:review head=${"1".repeat(40)} run=7 -->`;
let work: WorkTree;
let github: ReviewGithub;
let reviews: Reviews;

beforeEach(async () => {
  work = makeWorkTree({ "a.txt": "one\ntwo\n" });
  const base = work.commit("base");
  work.write({ "a.txt": "one\nzwei\nthree\n" });
  const head = work.commit("head");
  github = await startReviewGithub({
    directory: work.directory,
    base,
    head,
    title: "x",
    body: "",
    author: "eve",
    headRepository: "acme/rocket",
    headRef: "topic",
    identity: "github-actions[bot]",
    permissions: {},
  });
  const forge = openGithubForge({
    repository: "acme/rocket",
    apiUrl: github.url,
    serverUrl: "https://github.com",
    token: new Secret("ghs_x"),
    pacing: { secondMs: 1 },
  });
  if (forge.reviews === undefined) throw new Error("no reviews");
  reviews = forge.reviews;
});

afterEach(async () => {
  expect(github.complaints).toEqual([]);
  await github[Symbol.asyncDispose]();
  work[Symbol.dispose]();
});

function reviewOf(given: Partial<NewReview> = {}): NewReview {
  return {
    number: 8,
    head: github.head,
    event: "COMMENT",
    body: `${MARKER}\nSaid.`,
    bodyWithoutPlaces: `${MARKER}\nSaid, with the comments.`,
    comments: [
      { path: "a.txt", side: "LEFT", line: 2, endLine: 2, body: "old" },
      { path: "a.txt", side: "RIGHT", line: 2, endLine: 3, body: "new" },
    ],
    ...given,
  };
}

describe("reviews on GitHub", () => {
  test("put comments on one or more lines of either side", async () => {
    expect(await reviews.createReview(reviewOf())).toMatchObject({ inline: true });
    expect(github.comments).toMatchObject([
      { side: "LEFT", line: 2, startLine: undefined },
      { side: "RIGHT", startLine: 2, line: 3 },
    ]);
  });

  test("I17: are written once per marker", async () => {
    const first = await reviews.createReview(reviewOf());
    expect(await reviews.createReview(reviewOf())).toEqual(first);
    expect(github.reviews).toHaveLength(1);
  });

  test("I17: are not taken for written because a stranger copied the marker", async () => {
    github.reviews.push({ id: 1, login: "eve", body: `${MARKER}\n`, event: "COMMENT", commit: github.head });
    await reviews.createReview(reviewOf());
    expect(github.reviews.map(({ login }) => login)).toEqual(["eve", "github-actions[bot]"]);
  });

  test("keep their comments in the text when GitHub does not know a line", async () => {
    const comments = [{ path: "a.txt", side: "RIGHT", line: 40, endLine: 40, body: "x" }] as const;
    expect(await reviews.createReview(reviewOf({ comments }))).toMatchObject({ inline: false, event: "COMMENT" });
    expect(github.reviews).toMatchObject([{ body: `${MARKER}\nSaid, with the comments.` }]);
  });

  test("become comments when GitHub refuses the verdict, with their lines where it knows them", async () => {
    github.refusesVerdicts = true;
    expect(await reviews.createReview(reviewOf({ event: "REQUEST_CHANGES" }))).toMatchObject({ inline: true, event: "COMMENT" });
    const comments = [{ path: "a.txt", side: "RIGHT", line: 40, endLine: 40, body: "x" }] as const;
    const other = { body: `<!-- airlock:review head=${"1".repeat(40)} run=8 -->\nSaid.`, event: "APPROVE" } as const;
    expect(await reviews.createReview(reviewOf({ ...other, comments }))).toMatchObject({ inline: false, event: "COMMENT" });
    expect(github.reviews.map(({ event }) => event)).toEqual(["COMMENT", "COMMENT"]);
    expect(github.comments).toHaveLength(2);
  });

  test("fail with a remedy when GitHub refuses them for another reason", async () => {
    await expect(reviews.createReview(reviewOf({ number: 9 }))).rejects.toMatchObject({ code: "publish.permission" });
    github.complaints.splice(0);
  });

  test("tell own comments from others', and which are outdated or resolved", async () => {
    await reviews.createReview(reviewOf());
    github.addComment("eve", { path: "a.txt", line: 1, body: "mine" });
    work.write({ "a.txt": "one\nnow\nthree\n" });
    github.head = work.commit("more");
    const [, right] = github.comments;
    expect(await reviews.resolve(8, [right?.id ?? 0])).toBe(1);
    const { comments } = await reviews.readEarlier(8);
    expect(comments.map(({ body, resolved }) => [body, resolved])).toEqual([
      ["old", false],
      ["new", true],
    ]);
    expect(await reviews.resolve(8, [right?.id ?? 0])).toBe(0);
  });

  test("tell who resolved a thread, and leave out this account, by whichever of a bot's two names", async () => {
    await reviews.createReview(reviewOf());
    const [left, right] = github.comments;
    const resolvedBy = async (login: string | undefined): Promise<unknown> => {
      Object.assign(left ?? {}, { resolved: true, resolvedBy: login });
      const { comments } = await reviews.readEarlier(8);
      return comments[0]?.resolved === true && comments[0].resolvedBy;
    };
    expect(await resolvedBy("maria")).toBe("maria");
    for (const own of ["github-actions", "GitHub-Actions[bot]", undefined]) expect(await resolvedBy(own)).toBeUndefined();
    await reviews.resolve(8, [right?.id ?? 0]);
    expect(right?.resolvedBy).toBe("github-actions");
    expect((await reviews.readEarlier(8)).comments[1]).toMatchObject({ resolved: true });
    expect((await reviews.readEarlier(8)).comments[1]).not.toHaveProperty("resolvedBy");
  });

  test("say when there are more comments than are read, so that nobody buries ours under his own", async () => {
    expect(await reviews.readEarlier(8)).toMatchObject({ whole: true });
    for (let count = 0; count < 100; count += 1) github.addComment("eve", { path: "a.txt", line: 1, body: "x" });
    // The stand-in gives the same full page again and again.
    expect(await reviews.readEarlier(8)).toMatchObject({ whole: false, comments: [] });
  });

  test("read a thread with its lines, from any of its comments", async () => {
    const id = github.addComment("eve", { path: "a.txt", line: 2, body: "Why?" });
    expect(await reviews.readThread(8, id, 10)).toMatchObject({ path: "a.txt", line: 2, comments: [{ author: "eve", body: "Why?" }] });
    expect(await reviews.readThread(8, 1, 10)).toBeUndefined();
  });

  test("compare with the merge base, not with the tip of the base branch", async () => {
    const fork = work.git(["rev-parse", "HEAD~1"]);
    work.git(["checkout", "--quiet", "-b", "other", fork]);
    work.write({ "b.txt": "b\n" });
    const moved = work.commit("base moved");
    expect(await reviews.readMergeBase(moved, github.head)).toBe(fork);
  });
});

describe("the check run", () => {
  const run = (count: number) => ({
    name: "Airlock review",
    head: github.head,
    conclusion: "failure" as const,
    title: "t",
    summary: "s",
    url: "https://github.example/run",
    annotations: Array.from({ length: count }, (_, index) => ({
      path: "a.txt",
      line: index + 1,
      endLine: index + 1,
      level: "warning" as const,
      title: "t",
      message: "m",
    })),
  });

  test("carries all its annotations, fifty at a time, and only once", async () => {
    await reviews.putCheckRun(run(120));
    await reviews.putCheckRun({ ...run(120), conclusion: "failure" });
    expect(github.checks).toHaveLength(1);
    expect(github.checks[0]?.annotations.map((annotation) => annotation["start_line"])).toEqual(
      Array.from({ length: 120 }, (_, index) => index + 1),
    );
  });
});
