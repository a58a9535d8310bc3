import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPublishing, type Publishing } from "../../support/forge/publication.ts";
import { type JobResult, runJob } from "../../support/runner/run-job.ts";

const TIMEOUT_MS = 120_000;
const BASE = { "README.md": "# Demo\n" };
const WRONG = "export const half = (whole) => whole / 0;\n";
const RIGHT = "export const half = (whole) => whole / 2;\n";
const PATH = "src/half.js";
/** Ends well only when the prompt has the thread's words and the head is the one that was commented on. */
const AGENT = [
  "prompt=$(cat)",
  "set -e",
  'grep -q "This divides by zero" <<< "$prompt"',
  'grep -q "src/half.js, line 1" <<< "$prompt"',
  'grep -q "halve it" <<< "$prompt"',
  `grep -q "whole / 0" ${PATH}`,
  `sed -i "s|/ 0|/ 2|" ${PATH}`,
].join("\n");

interface Commented {
  readonly id: number;
  readonly created_at: string;
}

let world: Publishing;
let root: string;
let pull: { readonly number: number; readonly head: { readonly sha: string } };
let asked: Commented;

/** A pull request from a branch of the repository, Airlock's comment on its line, and maria's answer to that. */
beforeEach(async () => {
  world = await openPublishing(BASE, { collaborators: { bot: "push", maria: "push" } });
  root = `/repos/${world.github.repository}`;
  const head = await world.moveBase({ [PATH]: WRONG });
  await world.github.ask("POST", `${root}/git/refs`, { ref: "refs/heads/topic", sha: head });
  await world.github.ask("PATCH", `${root}/git/refs/heads/main`, { sha: world.bench.base, force: true });
  pull = await world.github.ask("POST", `${root}/pulls`, { title: "Halve it", body: "", head: "topic", base: "main" }, "maria");
  const comments = `${root}/pulls/${pull.number}/comments`;
  const place = { commit_id: head, path: PATH, line: 1, side: "RIGHT" };
  const found = await world.github.ask<Commented>("POST", comments, { ...place, body: "This divides by zero." }, "bot");
  asked = await world.github.ask("POST", comments, { ...place, in_reply_to_id: found.id, body: "/airlock fix halve it" }, "maria");
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

/** What GitHub sends when the answer is written, and the run that it starts. */
async function follow(kind: "push" | "pull-request"): Promise<JobResult> {
  const now = await world.github.ask<Record<string, unknown>>("GET", `${root}/pulls/${pull.number}`);
  const repository = { id: 1, full_name: world.github.repository };
  const place = { repo: { id: 1 } };
  const payload = {
    action: "created",
    comment: { id: asked.id, body: "/airlock fix halve it", created_at: asked.created_at, user: { login: "maria", type: "User" } },
    pull_request: { ...now, head: { ref: "topic", sha: pull.head.sha, ...place }, base: { ref: "main", ...place } },
    repository,
    sender: { login: "maria", type: "User" },
  };
  return await runJob({
    forge: world.forge,
    event: { name: "pull_request_review_comment", payload },
    agent: AGENT,
    settings: { publication: { kind } },
    run: { repository: world.github.repository, actor: "maria", triggeringActor: "maria" },
  });
}

async function read(ref: string): Promise<string> {
  const { content } = await world.github.ask<{ content: string }>("GET", `${root}/contents/${PATH}?ref=${ref}`);
  return Buffer.from(content, "base64").toString("utf8");
}

describe("`/airlock fix` as an answer to a review comment", { timeout: TIMEOUT_MS }, () => {
  test("a fix asked for in a review thread is pushed onto the pull request's branch, on top of its head", async () => {
    const result = await follow("push");
    expect(result.outcome, `${JSON.stringify(result.outcome)} ${result.warnings.join()}`).toMatchObject({
      word: "updated",
      publication: { branch: "topic" },
    });
    expect(await read("topic")).toBe(RIGHT);
    expect(await read("main").catch(() => "none")).toBe("none");
    const tip = (await world.forge.readBranch("topic")) ?? "";
    expect(await world.forge.readCommit(tip)).toMatchObject({ parents: [pull.head.sha], tree: result.outcome.publication?.treeSha });
    expect(await world.pulls()).toHaveLength(1);
    expect((await world.branches()).toSorted()).toEqual(["main", "topic"]);
  });

  test("a fix asked for in a review thread becomes a pull request onto that branch where pushing is not asked for", async () => {
    const result = await follow("pull-request");
    expect(result.outcome, `${JSON.stringify(result.outcome)} ${result.warnings.join()}`).toMatchObject({ word: "published" });
    expect(await read("topic")).toBe(WRONG);
    expect(await world.forge.readBranch("topic")).toBe(pull.head.sha);
    const own = (await world.pulls()).find(({ number }) => number !== pull.number);
    expect(own).toMatchObject({ state: "open", base: { ref: "topic" }, head: { ref: `airlock/pull-${pull.number}` } });
    expect(await read(own?.head.ref ?? "")).toBe(RIGHT);
  });
});
