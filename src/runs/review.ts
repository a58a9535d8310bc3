import type { GuardReport } from "../domain/guard/guard.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Patch, Verdict } from "../domain/patch.ts";
import { summariseReview, summariseTask } from "../domain/record/summarise.ts";
import type { ReviewReport } from "../domain/render/review.ts";
import { assembleReview } from "../domain/review/assemble.ts";
import type { Rerun } from "../domain/review/evidence.ts";
import type { Review } from "../domain/review/finding.ts";
import { decideReview } from "../domain/review/verdict.ts";
import { GUEST_ENV } from "../domain/sandbox/env.ts";
import type { GateSettings, PublicationSettings } from "../domain/settings.ts";
import type { Task } from "../domain/task.ts";
import { tellEnd } from "../domain/verification/command-run.ts";
import type { Forge } from "../ports/forge.ts";
import type { Reviews } from "../ports/reviews.ts";
import { type AgentWork, requireCompleted } from "../stages/agent.ts";
import { gate } from "../stages/gate/gate.ts";
import { quoteEarlier, recall } from "../stages/review/earlier-findings.ts";
import { orNothingAtLimit, readReview, renderRepair, rerunEvidence } from "../stages/review/findings.ts";
import { guardPullRequest } from "../stages/review/guard.ts";
import { publishReview } from "../stages/review/publish.ts";
import { type ReviewSubject, readSubject } from "../stages/review/subject.ts";
import { orStopped, remoteOf, runAgentOnce, within } from "./contain.ts";
import type { ContainOptions, Inside } from "./inside.ts";
import type { RunLine } from "./line.ts";
import { prepareSandbox, replantJudged } from "./prepare-sandbox.ts";

export interface ReviewRun extends RunLine {
  readonly reviews: Reviews;
  readonly number: number;
}

/** The forge's reviews and the pull request's number, if this task ends in a review on its lines. */
export function asReview(task: Task, { kind }: PublicationSettings, forge: Forge): Pick<ReviewRun, "reviews" | "number"> | undefined {
  const { target, trigger } = task;
  if (trigger.mode !== "review" || (kind !== "auto" && kind !== "review")) return undefined;
  if (forge.reviews === undefined || target.kind !== "pull-request" || target.number === undefined) return undefined;
  return { reviews: forge.reviews, number: target.number };
}

/**
 * The line of a review. The head runs in the sandbox, without the repository's secrets. What the agent changes there is never read, and
 * what it says is judged, placed and counted before anything is published.
 */
export async function followReview(run: ReviewRun): Promise<Outcome> {
  const { world, record, repository, reviews, number, announce } = run;
  const { forge } = world;
  const remote = remoteOf(forge.remote, run.task.target);
  const subject = await record.enter("task", () => readSubject({ forge, reviews, repository, remote, task: run.task, number }));
  const { task } = subject;
  record.note("task", summariseTask(task));
  const worked = await run.watched((stop) => {
    const options: ContainOptions = { ...run, task, stop };
    return within(options, (inside) => reviewInside(options, inside, subject));
  }); // the sandbox and the gateway are gone (I7)
  requireCompleted(worked.work);
  const report = await record.enter("gate", () => judgeReview(run, subject, worked));
  record.note("review", summariseReview(report, subject.base));
  await run.requireWanted();
  const { earlier } = subject;
  const nothingNew = subject.reviewedAlready && report.assembled.inline.length + report.assembled.summary.length === 0;
  const { log } = world.runner;
  const { dryRun } = run.settings;
  return await record.enter("publish", () =>
    publishReview({ reviews, number, url: subject.pull.url, report, earlier, nothingNew, dryRun, secrets: world.secrets, log, announce }),
  );
}

/** What came out of the brackets. */
interface Worked {
  readonly work: AgentWork;
  /** Undefined: nothing usable. */
  readonly review: Review | undefined;
  readonly reruns: readonly Rerun[];
}

/** Runs the agent, lets it repair a malformed file once, and runs its evidence again. */
async function reviewInside(options: ContainOptions, inside: Inside, subject: ReviewSubject): Promise<Worked> {
  const { record, task } = options;
  const { log } = options.world.runner;
  inside.tunnel.enter("agent");
  const attempt = async (prompt: string) => {
    const done = await record.enter("agent", () => runAgentOnce(options, inside, prompt));
    const read = await record.enter("harvest", () => readReview(inside.sandbox, inside.deadline.graceSignal));
    return { work: orStopped(done, inside.deadline), read };
  };
  let { work, read } = await attempt(task.prompt);
  if ("errors" in read && isDone(work)) {
    log.info(`The agent's file cannot be used, and it is asked to mend it: ${read.errors.join(" ")}`);
    ({ work, read } = await attempt(renderRepair(task.prompt, read.errors)));
  }
  if ("errors" in read) {
    log.warning(`The agent left no review that could be used: ${read.errors.join(" ")}`);
    record.note("review", { errors: read.errors });
    return { work, review: undefined, reruns: [] };
  }
  const { review } = read;
  const proved = review.findings.some(({ evidence }) => evidence !== undefined) && isDone(work);
  const reruns = proved ? await record.enter("verify", () => rerun(options, inside, { review, subject })) : [];
  return { work, review, reruns };
}

function isDone({ stopped, agentExit }: AgentWork): boolean {
  return stopped === undefined && agentExit.status === "completed";
}

/**
 * Runs the evidence in a sandbox that the agent was never in: the base is set up there, its way out is closed, and the head takes the base's
 * place.
 */
async function rerun(options: ContainOptions, inside: Inside, { review, subject }: Proving): Promise<readonly Rerun[]> {
  const { deadline } = inside;
  const { log } = options.world.runner;
  const rerunAfresh = async (): Promise<readonly Rerun[]> => {
    await inside.endAlone?.();
    await using prepared = await prepareSandbox(options, inside, { purpose: "evidence", commit: subject.base, signal: deadline.signal });
    const { sandbox } = prepared;
    const install = await replantJudged(options, inside, { sandbox, commit: subject.head, changes: subject.patch.changes });
    const failed = [prepared.setup, install].find((run) => run?.passed === false);
    if (failed !== undefined) log.warning(`The set-up lines of the sandbox for evidence ended with ${tellEnd(failed)}.`);
    return await rerunEvidence({ review, env: { ...GUEST_ENV, ...options.settings.sandbox.env }, deadline, sandbox });
  };
  return (await rerunAfresh().catch(orNothingAtLimit)) ?? [];
}

interface Proving {
  readonly review: Review;
  readonly subject: ReviewSubject;
}

const NOTHING_SAID: Review = { summary: "", findings: [], ran: [], unchecked: [] };

async function judgeReview(run: ReviewRun, subject: ReviewSubject, { review, reruns }: Worked): Promise<ReviewReport> {
  const { world, settings, record } = run;
  const { author, flags } = await guardSubject(run, subject);
  const said = review ?? NOTHING_SAID;
  const { repository } = run;
  const assembled = assembleReview({
    review: said,
    files: subject.files,
    since: subject.since?.files,
    reruns,
    remembered: await recall({ ...subject, forge: world.forge, repository }),
    quotes: await quoteEarlier(said, repository, subject),
    protectedPaths: settings.gate.protectedPaths,
  });
  const verdict = decideReview({
    assembled,
    flags,
    complete: review !== undefined && subject.limits.length === 0,
    mayApprove: settings.publication.approve === true,
    identity: await world.forge.readIdentity?.(),
    author: subject.pull.author,
  });
  const { runId, url } = world.runner.run;
  const { head, limits } = subject;
  const durationMs = world.now() - run.startedAtMs;
  const since = subject.since?.head;
  return { head, runId, url, review, assembled, verdict, author, flags, reruns, limits, since, notes: record.notes, durationMs };
}

async function guardSubject(
  { settings, repository, task }: ReviewRun,
  { patch, files, pull, template, commitMessage }: ReviewSubject,
): Promise<GuardReport> {
  // The run's own secrets are searched for in what is published, not in a diff that is already public.
  const judge = (judged: Patch, given: GateSettings): Promise<Verdict> =>
    gate({ patch: judged, repository, settings: given, secrets: [], texts: {} });
  const { title, body } = task.trigger;
  const facts = {
    title,
    description: body,
    template,
    author: pull.author,
    branch: pull.headRef,
    commitMessage,
    ownPrefix: settings.publication.branchPrefix,
  };
  return await guardPullRequest({ patch, files, settings: settings.gate, judge, facts });
}
