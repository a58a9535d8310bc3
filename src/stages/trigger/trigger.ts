import { AirlockError } from "../../domain/errors.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Admission, NotAdmitted, Trigger } from "../../domain/task.ts";
import { type Actor, judgeActor, mergeActors, requireExactBots } from "../../domain/trigger/actors.ts";
import { type EventFacts, type Head, readEventFacts, SCHEDULE } from "../../domain/trigger/event.ts";
import { type Match, matchEvent } from "../../domain/trigger/match.ts";
import { mayWrite } from "../../domain/trigger/permission.ts";
import { renderHelp, renderOpen, renderRefusal } from "../../domain/trigger/replies.ts";
import type { Forge } from "../../ports/forge.ts";
import type { Runner, RunnerLog } from "../../ports/runner.ts";
import { repeatTrigger } from "./repeat.ts";

export interface TriggerOptions {
  readonly runner: Runner;
  readonly forge: Forge;
  readonly settings: Settings;
  /** Milliseconds since the epoch; default the clock. */
  readonly now?: () => number;
}

/** Why a run is refused, before it is made into an answer. */
interface Objection {
  readonly reason: string;
  readonly remedy: string;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * Judges the event and everyone who led to it. A payload that cannot be read
 * is skipped or refused, never thrown. An event that is not for us costs no API call.
 * Where the forge does not answer, nobody is refused and nobody is run: it is an `error`.
 * @throws AirlockError `input.invalid` when `allowed-bots` is not a list of accounts
 */
export async function readTrigger(options: TriggerOptions): Promise<Admission> {
  const { runner, settings } = options;
  requireExactBots(settings.trigger.allowedBots);
  const facts = readEventFacts(runner.event.name, runner.event.payload);
  const match = matchEvent(facts, settings);
  if ("skip" in match) return { admitted: false, word: "skipped", reason: match.skip };
  try {
    return await judge(match, facts, options);
  } catch (error) {
    if (!(error instanceof AirlockError)) throw error;
    return leaveOpen(match, error, settings);
  }
}

async function judge(match: Match, facts: EventFacts, options: TriggerOptions): Promise<Admission> {
  const { runner, settings } = options;
  const now = (options.now ?? Date.now)();
  const stale = refuseStale(facts, settings, now);
  if (stale !== undefined) return refuse(match, stale, settings);
  const actors = chain(facts, runner);
  const objection = (await refuseActors(actors, options)) ?? (await refuseRate(actors, options, now));
  if (objection !== undefined) return refuse(match, objection, settings);
  if (match.command === "help" || match.command === "stop") return answer(match, settings);
  const repeated = await repeatTrigger({ forge: options.forge, match, settings, atMs: facts.atMs ?? now });
  return await admit({ match: repeated, facts, actors, options, now });
}

/**
 * Everyone who led to the run: those of the payload, and who started this run or its re-run. A schedule is caused by the default branch's
 * own file, whomever GitHub names beside it (docs.github.com, "Events that trigger workflows", schedule); its re-run by who asked for that.
 */
function chain(facts: EventFacts, { run }: Runner): readonly Actor[] {
  const last = { login: run.triggeringActor, type: "", role: "triggering actor" };
  if (facts.name === SCHEDULE) return run.attempt > 1 ? [last] : [];
  const first = { login: run.actor, type: "", role: "actor" };
  return mergeActors([...facts.actors, last, ...(run.actor === "" ? [] : [first])]);
}

function refuseStale(facts: EventFacts, settings: Settings, now: number): Objection | undefined {
  const maxAgeMs = settings.trigger.maxAgeMs ?? DAY_MS;
  if (facts.atMs === undefined || now - facts.atMs <= maxAgeMs) return undefined;
  const hours = Math.floor((now - facts.atMs) / HOUR_MS);
  return {
    reason: `The event is ${hours} hours old; the limit is ${Math.floor(maxAgeMs / HOUR_MS)} hours.`,
    remedy:
      "Set the label or write the command again, so that the text is read as it stands now, or raise the input `max-event-age-hours`.",
  };
}

async function refuseActors(actors: readonly Actor[], options: TriggerOptions): Promise<Objection | undefined> {
  const own = await readOwnLogins(actors, options.forge);
  for (const actor of actors) {
    const judgement = judgeActor(actor, options.settings.trigger.allowedBots, own);
    if (judgement.decision === "refuse") return judgement;
    if (judgement.decision === "allow") continue;
    const objection = await refuseWithoutWrite(actor, options);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

/** Only a bot can be us, so nobody else costs the call. Unknown: the workflow's own bot is refused by name anyway. */
async function readOwnLogins(actors: readonly Actor[], forge: Forge): Promise<readonly string[]> {
  if (forge.readIdentity === undefined || !actors.some((actor) => actor.type === "Bot" || actor.login.endsWith("[bot]"))) return [];
  try {
    const login = await forge.readIdentity();
    return login === undefined ? [] : [login];
  } catch {
    return [];
  }
}

async function refuseWithoutWrite(actor: Actor, { forge, runner }: TriggerOptions): Promise<Objection | undefined> {
  const permission = await unlessDenied(runner.log, () => forge.readPermission(actor.login));
  if (permission === DENIED) {
    return {
      reason: `The permission of ${actor.login} (${actor.role}) could not be read, and unsure means no.`,
      remedy: "Give the input `github-token` a token that may read the repository's collaborators (`metadata: read`).",
    };
  }
  if (mayWrite(permission)) return undefined;
  return {
    reason: `${actor.login} (${actor.role}) has the permission \`${permission}\` on ${forge.repository}; \`write\` is needed to start a run.`,
    remedy: `Let someone with write permission start it, or give ${actor.login} write permission. No input lowers this; \`allowed-bots\` is for bots only.`,
  };
}

const DENIED = "denied";

/** A definite no of the forge to this token. Whatever else it fails with tells nothing of who may, and is thrown. */
async function unlessDenied<T>(log: RunnerLog, ask: () => Promise<T>): Promise<T | typeof DENIED> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AirlockError) || error.code !== "publish.permission") throw error;
    log.warning(error.message);
    return DENIED;
  }
}

async function refuseRate(actors: readonly Actor[], options: TriggerOptions, now: number): Promise<Objection | undefined> {
  const limit = options.settings.trigger.maxRunsPerHour ?? 0;
  const person = actors.find((actor) => actor.role === "triggering actor") ?? actors[0];
  if (limit <= 0 || person === undefined) return undefined;
  const count = await unlessDenied(options.runner.log, () => countRuns(person.login, options, now));
  if (count === undefined || count === DENIED) {
    return {
      reason: "The runs of the last hour could not be counted, and `max-runs-per-hour` asks for it.",
      remedy: "Give the job `permissions: actions: read`, or empty the input `max-runs-per-hour`.",
    };
  }
  if (count <= limit) return undefined;
  return {
    reason: `${person.login} started ${count} runs within an hour; the limit is ${limit}.`,
    remedy: "Wait, or raise the input `max-runs-per-hour`.",
  };
}

async function countRuns(actor: string, options: TriggerOptions, now: number): Promise<number | undefined> {
  return await options.forge.countRuns?.({ actor, workflow: options.runner.run.workflow, sinceMs: now - HOUR_MS });
}

interface Candidate {
  readonly match: Match;
  readonly facts: EventFacts;
  readonly actors: readonly Actor[];
  readonly options: TriggerOptions;
  readonly now: number;
}

async function admit(candidate: Candidate): Promise<Admission> {
  const { match, facts, actors, options, now } = candidate;
  const head = await unlessDenied(options.runner.log, () => readHead(match, options.forge));
  if (head === DENIED) return refuse(match, HEAD_DENIED, options.settings);
  if (head?.fromFork === true && match.mode !== "review") return refuse(match, forkObjection(match), options.settings);
  const trigger: Trigger = {
    event: facts.name,
    action: facts.action,
    target: match.target,
    actor: actors[0]?.login ?? "",
    actors: actors.map((actor) => actor.login),
    mode: match.mode,
    triggeredAtMs: facts.atMs ?? now,
    title: match.title,
    body: match.body,
    instruction: match.instruction,
    ...(head === undefined ? {} : { headSha: head.sha, headRef: head.ref, fromFork: head.fromFork }),
    ...(match.command === undefined ? {} : { command: match.command }),
    ...(match.repeats === undefined ? {} : { repeats: match.repeats }),
    ...(match.label === undefined ? {} : { label: match.label }),
    ...(match.comment === undefined ? {} : { comment: { kind: match.comment.kind, id: match.comment.id } }),
    ...(match.upstream === undefined ? {} : { upstream: pick(match.upstream) }),
  };
  return { admitted: true, trigger };
}

function pick(upstream: NonNullable<Match["upstream"]>): NonNullable<Trigger["upstream"]> {
  return { kind: upstream.kind, id: upstream.id, name: upstream.name };
}

function forkObjection(match: Match): Objection {
  const what = match.upstream === undefined ? "The pull request's head lives in a fork" : "The checks ran on a fork's commit";
  return {
    reason: `${what}; forks get a review only.`,
    remedy: "Use the command `review`, or take the branch over into this repository first.",
  };
}

const HEAD_DENIED: Objection = {
  reason: "The pull request's head could not be read.",
  remedy: "Check that the pull request is still there, and give the job `permissions: pull-requests: read`.",
};

/** The payload's head; for a comment on a pull request, which carries none, the forge's. */
async function readHead(match: Match, forge: Forge): Promise<Head | undefined> {
  if (match.head !== undefined || match.target.kind !== "pull-request" || match.target.number === undefined) return match.head;
  const pull = await forge.readPullRequest(match.target.number);
  const fromFork = pull.headRepository?.toLowerCase() !== forge.repository.toLowerCase();
  return { sha: pull.headSha, ref: pull.headRef, fromFork };
}

function refuse(match: Match, objection: Objection, settings: Settings): NotAdmitted {
  const reply = match.asked ? { reply: renderRefusal(objection, settings.trigger.phrase) } : {};
  return {
    admitted: false,
    word: "refused",
    reason: objection.reason,
    remedy: objection.remedy,
    target: match.target,
    ...commentOf(match),
    ...reply,
  };
}

/** Not judged: the run ends with what kept it from it. With a token that is not accepted nobody can be told. */
function leaveOpen(match: Match, failure: AirlockError, settings: Settings): NotAdmitted {
  const { message: reason, remedy, code } = failure;
  const reply = match.asked && code !== "forge.credential" ? { reply: renderOpen(remedy, settings.trigger.phrase) } : {};
  return { admitted: false, word: "error", reason, remedy, failure, target: match.target, ...reply };
}

function answer(match: Match, settings: Settings): NotAdmitted {
  const base = { admitted: false, word: "skipped", target: match.target, ...commentOf(match) } as const;
  if (match.command === "stop") return { ...base, command: "stop", reason: "Stop was asked for; the run in flight ends at its next look." };
  const reason =
    match.unknownCommand === undefined ? "Help was asked for." : `\`${match.unknownCommand.replace(/[^\w-]/g, "?")}\` is not a command.`;
  return { ...base, command: "help", reason, reply: renderHelp(settings.trigger, reason) };
}

function commentOf(match: Match): Pick<NotAdmitted, "comment"> {
  return match.comment === undefined ? {} : { comment: { kind: match.comment.kind, id: match.comment.id } };
}
