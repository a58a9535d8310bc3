import { AirlockError } from "../domain/errors.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Patch, Verdict } from "../domain/patch.ts";
import { nameBranch } from "../domain/publication/branch.ts";
import { conflict, mismatch, nameSome, ontoItself, withCompareUrl } from "../domain/publication/errors.ts";
import type { RunNotes } from "../domain/record/notes.ts";
import { renderAnswer } from "../domain/render/answer.ts";
import { isOwnCommit, renderCommitMessage, renderTitle } from "../domain/render/commit-message.ts";
import { renderPullRequestBody, summarisePublication } from "../domain/render/pull-request-body.ts";
import type { Announce } from "../domain/saved-state.ts";
import type { Secret } from "../domain/secret.ts";
import { collectStrings, describeLeaks, type LeakText } from "../domain/secrets/report.ts";
import type { PublicationSettings } from "../domain/settings.ts";
import type { Task } from "../domain/task.ts";
import type { Forge, NewCommitChange } from "../ports/forge.ts";
import type { Repository } from "../ports/repository.ts";

const MAX_BLOB_BYTES = 100 << 20;
const MAX_TEMPLATE_BYTES = 32 << 10;
const TEMPLATES = [
  ".github/pull_request_template.md",
  ".github/PULL_REQUEST_TEMPLATE.md",
  "pull_request_template.md",
  "PULL_REQUEST_TEMPLATE.md",
  "docs/pull_request_template.md",
];

export interface PublishOptions {
  readonly forge: Forge;
  /** Holds the blobs of the patch; the judged bytes come from here. */
  readonly repository: Repository;
  readonly task: Task;
  /** From `hashRequest`: names the branch of a task that has no number. */
  readonly requestSha256: string;
  readonly patch: Patch;
  readonly verdict: Verdict;
  readonly settings: PublicationSettings;
  readonly dryRun: boolean;
  readonly run: { readonly url: string };
  /** What the record knows so far, for the reader. */
  readonly facts: RunNotes;
  /** Milliseconds since the run started. */
  readonly durationMs: number;
  readonly secrets: readonly Secret[];
  /** The gate again, for a patch that had to be moved to a newer base. */
  readonly judge: (patch: Patch) => Promise<Verdict>;
  /** Called before the first write. Absent: nobody cleans up after this job. */
  readonly announce?: Announce;
}

/**
 * Turns a judged patch into what the settings ask for. Repeating it changes nothing (I17), and only the judged tree is published (I12).
 * @throws AirlockError `publish.*`, `gate.mismatch`, `gate.held` when a text would carry a secret
 */
export async function publish(options: PublishOptions): Promise<Outcome> {
  const { patch, verdict, facts } = options;
  if (verdict.tree !== patch.tree) throw mismatch(verdict.tree, patch.tree);
  if (verdict.decision === "hold") return held(verdict);
  if (facts.verification?.passed === false && facts.verification.outcome !== "base-fails")
    return {
      word: "verify-failed",
      reason: "The commands of `verify` failed on the patch, so it was not published; it is in the artifact.",
    };
  const kind = chooseKind(options);
  if (options.dryRun) return { word: "patch-only", reason: `Dry run: the patch was judged (${verdict.decision}) and not published.` };
  if (kind === "comment" || kind === "review") return answer(options, kind);
  if (verdict.decision === "empty" || patch.changes.length === 0)
    return {
      word: "no-changes",
      reason: "The agent left no change. Files that git ignores count only if the agent adds them with `git add --force`.",
    };
  if (kind === "patch") return { word: "patch-only", reason: "The patch is in the artifact, as `publish: patch` asks." };
  const settled = await settleBase(options, kind);
  if ("word" in settled) return settled;
  return kind === "push" ? push(options, settled) : openPullRequest(options, settled);
}

type Kind = "pull-request" | "push" | "review" | "comment" | "patch";

function chooseKind({ settings, task }: PublishOptions): Kind {
  if (settings.kind !== "auto") return settings.kind;
  return task.trigger.mode === "review" ? "review" : "pull-request";
}

function held(verdict: Verdict): Outcome {
  const grave = verdict.findings.filter((finding) => finding.severity === "refuse");
  const named = [...new Set((grave.length > 0 ? grave : verdict.findings).map((finding) => finding.code))].slice(0, 5).join(", ");
  return { word: "held", reason: `The gate found what may not be published: ${named || "no reason given"}. The patch is in the artifact.` };
}

/** The patch as it will be published, with its verdict. */
interface Settled {
  readonly patch: Patch;
  readonly verdict: Verdict;
  readonly rebasedOnto?: string;
}

/** Handles a base that moved on while the agent worked: the patch is merged three-way and judged again, or it is a conflict. */
async function settleBase(options: PublishOptions, kind: Kind): Promise<Settled | Outcome> {
  const { forge, repository, patch, verdict } = options;
  const branch = kind === "push" ? pushTarget(options) : options.task.baseRef;
  const head = await forge.readBranch(branch);
  if (head === undefined) throw conflict(`The branch ${branch} is gone.`);
  if (head === patch.baseSha || (await isOurs(options, kind, head))) return { patch, verdict };
  await repository.fetch(forge.remote, [head]);
  const rebased = await repository.rebase(patch, head);
  if (!rebased.clean) throw conflict(`${branch} moved to ${head} and both sides changed ${nameSome(rebased.paths)}.`);
  if (rebased.patch.changes.length === 0) return { word: "no-changes", reason: `${branch} already has these changes since ${head}.` };
  const again = await options.judge(rebased.patch);
  if (again.tree !== rebased.patch.tree) throw mismatch(again.tree, rebased.patch.tree);
  if (again.decision === "hold" || again.decision === "empty") return held(again);
  return { patch: rebased.patch, verdict: again, rebasedOnto: head };
}

/** Whether the push was already done, by an attempt of this run that did not get the answer. */
async function isOurs(options: PublishOptions, kind: Kind, head: string): Promise<boolean> {
  if (kind !== "push" || options.verdict.decision === "draft") return false;
  const commit = await options.forge.readCommit(head);
  return commit.tree === options.patch.tree && commit.parents[0] === options.patch.baseSha;
}

async function openPullRequest(options: PublishOptions, settled: Settled): Promise<Outcome> {
  const { forge, task, settings } = options;
  const { patch, verdict } = settled;
  const { trigger, target } = task;
  const branch = nameBranch({ prefix: settings.branchPrefix, target, title: task.title, requestSha256: options.requestSha256 });
  if (branch === task.baseRef) throw ontoItself(branch);
  const title = renderTitle({ given: settings.title, task: task.title, target });
  const draft = settings.draft || verdict.decision === "draft";
  const template = await readTemplate(options);
  const { facts, durationMs, run } = options;
  const { rebasedOnto } = settled;
  const body = renderPullRequestBody({
    target,
    actor: trigger.actor,
    changes: patch.changes,
    findings: verdict.findings,
    notes: facts,
    durationMs,
    url: run.url,
    template,
    ...(rebasedOnto === undefined ? {} : { rebasedOnto }),
  });
  const message = renderCommitMessage({ title, url: run.url, baseSha: patch.baseSha });
  refuseLeaks(options, { branch, title, "pull request body": body, "commit message": message });
  const existing = await readOwnHead(options, branch);
  options.announce?.({ kind: "pull-request", branch });
  const headSha = await commit(options, { patch, message, existing });
  await forge.putBranch(branch, headSha);
  const { labels, reviewers, teamReviewers, assignees } = settings;
  const opened = await forge
    .putPullRequest({ branch, base: task.baseRef, title, body, draft, labels, reviewers, teamReviewers, assignees })
    .catch((error: unknown) => {
      throw withCompareUrl(error, forge.compareUrl(task.baseRef, branch));
    });
  const { number, url, operation } = opened;
  const reason = [summarisePublication({ number, operation, changes: patch.changes, draft }), ...opened.notes].join(" ");
  return {
    word: operation === "created" ? "published" : "updated",
    reason,
    publication: {
      branch,
      headSha,
      treeSha: patch.tree,
      pullRequestNumber: number,
      pullRequestUrl: url,
      ...(rebasedOnto === undefined ? {} : { rebasedOnto }),
    },
  };
}

/** The head of our branch, if it exists. A person's commit on it is never overwritten. */
async function readOwnHead(options: PublishOptions, branch: string): Promise<ExistingHead | undefined> {
  const head = await options.forge.readBranch(branch);
  if (head === undefined) return undefined;
  const found = await options.forge.readCommit(head);
  if (isOwnCommit(found.message)) return found;
  throw new AirlockError("publish.conflict", {
    message: `The branch ${branch} ends in commit ${head}, which Airlock did not make.`,
    remedy: `Merge, rename or delete the branch ${branch}; then start the run again. Nothing was overwritten.`,
  });
}

interface ExistingHead {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
}

interface CommitOptions {
  readonly patch: Patch;
  readonly message: string;
  readonly existing: ExistingHead | undefined;
}

/** The same tree on the same base is the same commit, so a repeated publication creates no second one. */
async function commit(options: PublishOptions, { patch, message, existing }: CommitOptions): Promise<string> {
  if (existing?.tree === patch.tree && existing.parents[0] === patch.baseSha) return existing.sha;
  const made = await options.forge.createCommit({
    baseSha: patch.baseSha,
    baseTree: patch.baseTree,
    expectedTree: patch.tree,
    message,
    changes: listChanges(options.repository, patch),
  });
  return made.sha;
}

function listChanges(repository: Repository, patch: Patch): readonly NewCommitChange[] {
  return patch.changes.map(({ path, after }) => {
    if (after === undefined) return { path };
    return { path, content: { mode: after.mode, oid: after.oid, read: () => repository.readBlob(after.oid, MAX_BLOB_BYTES) } };
  });
}

/** Pushes to the pull request's own branch, only forward. What needs review first becomes a draft onto that branch. */
async function push(options: PublishOptions, settled: Settled): Promise<Outcome> {
  const { forge, task, run } = options;
  const { patch, verdict } = settled;
  const branch = pushTarget(options);
  if (verdict.decision === "draft") {
    const opened = await openPullRequest({ ...options, task: { ...task, baseRef: branch } }, settled);
    return { ...opened, reason: `The gate wants a human to review the patch, so nothing was pushed to ${branch}. ${opened.reason}` };
  }
  const message = renderCommitMessage({
    title: renderTitle({ given: options.settings.title, task: task.title, target: task.target }),
    url: run.url,
    baseSha: patch.baseSha,
  });
  refuseLeaks(options, { "commit message": message });
  const head = await forge.readBranch(branch);
  const existing = head === undefined || head === patch.baseSha ? undefined : await forge.readCommit(head);
  options.announce?.({ kind: "push", branch });
  const headSha = await commit(options, { patch, message, existing });
  await forge.putBranch(branch, headSha, { expected: existing?.sha === headSha ? headSha : patch.baseSha });
  const number = task.target.number;
  return {
    word: "updated",
    reason: `Pushed one commit to ${branch}.`,
    publication: { branch, headSha, treeSha: patch.tree, ...(number === undefined ? {} : { pullRequestNumber: number }) },
  };
}

function pushTarget({ task }: PublishOptions): string {
  const { target, trigger } = task;
  if (target.kind === "pull-request" && trigger.headRef !== undefined && trigger.fromFork !== true) return trigger.headRef;
  throw new AirlockError("input.unsupported", {
    message:
      trigger.fromFork === true
        ? "The pull request's branch lives in a fork, which the job's token cannot write."
        : "`publish: push` needs a pull request whose branch it can push to.",
    remedy: "Set `publish` to `pull-request` or `comment` for this event.",
  });
}

/** The agent's words as the result: an answer, or a review. */
async function answer(options: PublishOptions, kind: "comment" | "review"): Promise<Outcome> {
  const { task, forge, facts, patch } = options;
  const { number } = task.target;
  if (number === undefined)
    throw new AirlockError("input.unsupported", {
      message: `\`publish: ${kind}\` needs an issue or pull request to write on.`,
      remedy: "Set `publish` to `pull-request` or `patch` for this event.",
    });
  const body = renderAnswer({ notes: facts, changes: patch.changes, durationMs: options.durationMs, url: options.run.url });
  refuseLeaks(options, { comment: body });
  options.announce?.({ kind });
  const { url } = await forge.putComment(number, `airlock:${kind}`, body);
  return {
    word: kind === "comment" ? "commented" : "reviewed",
    reason: `Wrote a ${kind} on ${task.target.kind} ${number}.`,
    publication: { commentUrl: url },
  };
}

/** The first template that the base branch has; none if it cannot be read. */
async function readTemplate({ forge, patch }: PublishOptions): Promise<string> {
  for (const path of TEMPLATES) {
    const text = await forge.readFile(patch.baseSha, path, MAX_TEMPLATE_BYTES).catch(() => undefined);
    if (text !== undefined) return text;
  }
  return "";
}

function refuseLeaks(options: PublishOptions, texts: LeakText): void {
  const leaks = describeLeaks({ ...texts, "agent's words": collectStrings(options.facts) }, options.secrets);
  if (leaks === undefined) return;
  throw new AirlockError("gate.held", {
    message: `Nothing was published: ${leaks}.`,
    remedy: "Find out how the value came into the sandbox or the task, and replace the credential.",
  });
}
