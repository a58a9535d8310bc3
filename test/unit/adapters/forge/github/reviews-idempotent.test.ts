import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openGithubForge } from "../../../../../src/adapters/forge/github.ts";
import { Secret } from "../../../../../src/domain/secret.ts";
import type { NewCheckRun, NewReview, Reviews } from "../../../../../src/ports/reviews.ts";
import { type FaultFront, startFaultFront } from "../../../../support/cloud/fault-front.ts";
import type { FaultKind } from "../../../../support/forge/github-faults.ts";
import type { ReviewGithub } from "../../../../support/forge/review-github/state.ts";
import { startReviewGithub } from "../../../../support/forge/review-github.ts";
import { makeWorkTree } from "../../../../support/forge/work-tree.ts";

/** Cured by the client itself: the run does not notice. The others may end the run, and the next one has to put it right. */
const CURED: readonly FaultKind[] = ["timeout", "secondary-limit", "server-error", "dropped-after-success"];
const KINDS: readonly FaultKind[] = [...CURED, "conflict", "unprocessable"];

const opened = new AsyncDisposableStack();
let github: ReviewGithub;
let front: FaultFront;
let reviews: Reviews;
let runs = 0;

beforeAll(async () => {
  const work = opened.use(makeWorkTree({ "a.txt": "one\ntwo\n" }));
  const base = work.commit("base");
  work.write({ "a.txt": "one\nzwei\nthree\n" });
  const head = work.commit("head");
  const about = { title: "x", body: "", author: "eve", headRepository: "acme/rocket", headRef: "topic", permissions: {} };
  github = opened.use(await startReviewGithub({ directory: work.directory, base, head, identity: "github-actions[bot]", ...about }));
  front = opened.use(await startFaultFront(github.url));
  const forge = openGithubForge({
    repository: "acme/rocket",
    apiUrl: front.url,
    serverUrl: "https://github.com",
    token: new Secret("ghs_x"),
    pacing: { secondMs: 1, requestTimeoutMs: 900 },
  });
  if (forge.reviews === undefined) throw new Error("no reviews");
  reviews = forge.reviews;
});
afterAll(() => opened.disposeAsync());

function reviewOf(run: number): NewReview {
  const marker = `<!-- airlock:review head=${github.head} run=${run} -->`;
  const comments = [{ path: "a.txt", side: "RIGHT", line: 2, endLine: 3, body: "new" }] as const;
  return { number: 8, head: github.head, event: "COMMENT", body: `${marker}\nS.`, bodyWithoutPlaces: `${marker}\nL.`, comments };
}

function checkOf(run: number): NewCheckRun {
  const annotations = Array.from({ length: 60 }, (_, index) => ({
    path: "a.txt",
    line: index + 1,
    endLine: index + 1,
    level: "warning" as const,
    title: "t",
    message: "m",
  }));
  const said = { conclusion: "failure" as const, title: "t", summary: "s", url: "https://github.example/run" };
  return { name: `Review ${run}`, head: github.head, annotations, ...said };
}

async function attempt(body: () => Promise<unknown>): Promise<string> {
  try {
    await body();
    return "done";
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  }
}

const CALLS = [
  { call: "search", method: "GET", path: /\/pulls\/8\/reviews$/ },
  { call: "review", method: "POST", path: /\/pulls\/8\/reviews$/ },
] as const;
const CHECK_CALLS = [
  { call: "search", method: "GET", path: /\/check-runs$/ },
  { call: "check run", method: "POST", path: /\/check-runs$/ },
] as const;
const withKinds = <T extends object>(calls: readonly T[]) => calls.flatMap((call) => KINDS.map((kind) => ({ ...call, kind })));

describe("I17: one review", () => {
  test.each(withKinds(CALLS))("although the $call call meets $kind", async ({ method, path, kind }) => {
    runs += 1;
    const review = reviewOf(runs);
    const before = { reviews: github.reviews.length, comments: github.comments.length };
    front.inject({ method, path, kind });
    const met = await attempt(() => reviews.createReview(review));
    expect(front.pending()).toBe(0);
    if (CURED.includes(kind)) expect(met).toBe("done");
    expect(await attempt(() => reviews.createReview(review))).toBe("done");
    expect(github.reviews.length - before.reviews).toBe(1);
    expect(github.comments.length - before.comments).toBeLessThanOrEqual(1);
    // GitHub does not tell which part of a review it refuses, so the places are the first that is given up.
    if (kind !== "unprocessable") expect(github.comments.length - before.comments).toBe(1);
    expect(github.complaints).toEqual([]);
  });
});

describe("I17: one check run", () => {
  test.each(withKinds(CHECK_CALLS))("although the $call call meets $kind", async ({ method, path, kind }) => {
    runs += 1;
    const check = checkOf(runs);
    front.inject({ method, path, kind });
    const met = await attempt(() => reviews.putCheckRun(check));
    expect(front.pending()).toBe(0);
    if (CURED.includes(kind)) expect(met).toBe("done");
    expect(await attempt(() => reviews.putCheckRun(check))).toBe("done");
    expect(github.checks.filter(({ name }) => name === check.name)).toMatchObject([{ conclusion: "failure" }]);
    expect(github.checks.find(({ name }) => name === check.name)?.annotations).toHaveLength(60);
    expect(github.complaints).toEqual([]);
  });
});
