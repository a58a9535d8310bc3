import { abandonOnAbort, abortReason, type Deadline, isAbort, openDeadline } from "../domain/deadline.ts";
import { type AirlockError, messageOf } from "../domain/errors.ts";
import type { Patch } from "../domain/patch.ts";
import { renderNextRound } from "../domain/prompt/next-round.ts";
import type { LayerNote } from "../domain/record/notes.ts";
import { summarisePatch, summariseTraffic } from "../domain/record/summarise.ts";
import { GUEST_ENV } from "../domain/sandbox/env.ts";
import { shareOut } from "../domain/sandbox/shares.ts";
import type { AgentExit } from "../domain/sandbox/transcript.ts";
import { openRedactor } from "../domain/secrets/redact.ts";
import type { Target } from "../domain/task.ts";
import { type CommandRun, tellEnd } from "../domain/verification/command-run.ts";
import type { Gateway } from "../ports/gateway.ts";
import type { GitRemote } from "../ports/repository.ts";
import type { Layer, SandboxProvider } from "../ports/sandbox.ts";
import { type AgentWork, runAgent } from "../stages/agent.ts";
import { harvest } from "../stages/harvest.ts";
import { type OpenedSandbox, openSandbox, setUp } from "../stages/sandbox.ts";
import { type Beside, type ContainOptions, describeSandbox, type Inside, type Parts } from "./inside.ts";
import { openJudge, type Verification } from "./verification.ts";

const TRANSCRIPT_BYTES = 64 << 20;
const RAW_LOG_BYTES = 256 << 20;
/** Of the work so far, in the prompt of the next turn. */
const MAX_SHOWN_DIFF_BYTES = 60_000;

/** What came out of the brackets. The sandbox and the gateway are gone when this is returned (I7). */
export interface Contained {
  readonly patch: Patch;
  readonly agentExit: AgentExit;
  /** Why the run ended before its work was done, if it did: during the agent's work, the harvest or the verification. */
  readonly stopped: AirlockError | undefined;
  readonly verification: Verification | undefined;
}

/** Everything untrusted in a run that ends in a patch happens here. */
export async function contain(options: ContainOptions): Promise<Contained> {
  return await within(options, (inside) => workUntilVerified(options, inside));
}

/** Opens sandbox and gateway for `body`, and closes both whatever happens. */
export async function within<T>(options: ContainOptions, body: (inside: Inside) => Promise<T>): Promise<T> {
  const { world, settings, record } = options;
  const deadline = openDeadline({
    timeoutMs: settings.limits.timeoutMs,
    cancelled: world.runner.cancelled,
    stop: options.stop,
    now: () => world.now(),
    after: (ms) => world.after?.(ms) ?? AbortSignal.timeout(ms),
  });
  const agent = await world.agent();
  const provider = await world.provider();
  const over = new AbortController();
  await using gateway = await world.gateways.open({
    policy: options.policy.egress,
    mode: options.policy.mode,
    model: world.model(settings),
    limits: settings.limits,
    secrets: options.secrets ?? [],
    onTunnelFailure: (error) => warnOfTunnel(options, over.signal, error),
    logPath: `${world.runner.directory}/egress.jsonl`,
  });
  await abandonOnAbort(deadline.signal, () => gateway.tryModel());
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => await noteTraffic(gateway, options));
  const { memoryMib, together } = shareOut(settings.sandbox.memoryMib, await provider.room());
  const parts = { agent, provider, gateway, deadline, memoryMib };
  const prepared = await record.enter("sandbox", () => prepare(options, parts));
  stack.use(prepared.sandbox);
  stack.defer(() => over.abort());
  const endSandbox = async (): Promise<void> => {
    over.abort();
    prepared.tunnel.close();
    await prepared.sandbox[Symbol.asyncDispose]();
  };
  return await work(options, { ...prepared, ...parts, endAlone: together === 2 ? undefined : endSandbox }, body);
}

/** A tunnel that ends because the sandbox is destroyed needs no warning. */
function warnOfTunnel({ world }: ContainOptions, over: AbortSignal, error: AirlockError): void {
  if (!over.aborted) world.runner.log.warning(`${error.id} ${error.message} ${error.remedy}`);
}

async function prepare(options: ContainOptions, parts: Parts): Promise<OpenedSandbox> {
  const { world, settings, task, record, repository } = options;
  const { deadline } = parts;
  const layers = await abandonOnAbort(deadline.signal, async () => {
    await sweepOverdue(options, parts.provider);
    const remote = remoteOf(world.forge.remote, task.target);
    const [prepared] = await Promise.all([parts.agent.prepare(), repository.fetch(remote, [task.baseSha])]);
    return prepared;
  });
  await using opened = new AsyncDisposableStack();
  const { sandbox, tunnel } = await openSandbox({
    provider: parts.provider,
    gateway: parts.gateway,
    repository,
    spec: describeSandbox(options, parts, { purpose: "agent", layers }),
    commit: task.baseSha,
    attachments: task.attachments,
    onCreated: ({ id, facts }) => record.noteSandbox({ id, purpose: "agent", ...facts, layers: layers.map(nameLayer) }),
    onProof: ({ id }, attempts, proved) => {
      record.note("boundary", { proved, attempts });
      record.noteSandbox({ id, boundary: { proved, attempts } });
    },
  });
  opened.use(sandbox);
  record.note("sandbox", { id: sandbox.id, ...sandbox.facts });
  record.note("agent", { name: parts.agent.name, version: parts.agent.version, layers: layers.map(nameLayer) });
  const env = { ...parts.gateway.env, ...settings.sandbox.env };
  await setUp({ sandbox, script: settings.sandbox.setup, env, deadline });
  opened.move();
  return { sandbox, tunnel };
}

function nameLayer({ name, digest }: Layer): LayerNote {
  return { name, digest };
}

/** A pull request's head may be in a fork. If the server does not serve commits by id, the pull request's own ref has it. */
export function remoteOf(remote: GitRemote, { kind, number }: Target): GitRemote {
  if (kind !== "pull-request" || number === undefined) return remote;
  return { ...remote, refs: ["+refs/heads/*:refs/airlock/heads/*", `+refs/pull/${number}/head:refs/airlock/pull/${number}`] };
}

/** Destroys sandboxes that runs on lost runners left behind; a provider without a lifetime has no other way to end them (I7). */
async function sweepOverdue({ world }: ContainOptions, provider: SandboxProvider): Promise<void> {
  try {
    const swept = await provider.sweep(world.now());
    for (const id of swept) world.runner.log.info(`destroyed overdue sandbox ${id}`);
  } catch (error) {
    world.runner.log.warning(`Could not sweep overdue sandboxes: ${messageOf(error)}`);
  }
}

async function work<T>(options: ContainOptions, parts: Parts & OpenedSandbox & Beside, body: (inside: Inside) => Promise<T>): Promise<T> {
  const { runner } = options.world;
  const transcript = runner.openSink("transcript.jsonl", TRANSCRIPT_BYTES);
  const rawLog = runner.openSink("agent.log", RAW_LOG_BYTES);
  try {
    return await body({ ...parts, transcript, rawLog });
  } finally {
    await Promise.all([transcript.close(), rawLog.close()]);
  }
}

/** Agent, harvest, verification; and again while the verification fails and attempts are left. */
async function workUntilVerified(options: ContainOptions, parts: Inside): Promise<Contained> {
  const { settings, task, record } = options;
  await using judge = await openJudge(options, parts);
  let prompt = task.prompt;
  for (let attempt = 1; ; attempt += 1) {
    judge?.prepare();
    const { patch, done } = await workOnce(options, parts, prompt);
    const finished = done.stopped === undefined && done.agentExit.status === "completed";
    if (!finished || judge === undefined || patch.changes.length === 0) return { patch, ...done, verification: undefined };
    const verification = await record.enter("verify", () => judge.judge(patch)).catch(takeEnd);
    if (!("outcome" in verification && "run" in verification)) return { patch, ...done, stopped: verification, verification: undefined };
    const over = attempt > settings.verification.verifyAttempts || parts.endAlone !== undefined;
    if (verification.outcome !== "failed" || over) return { patch, ...done, verification };
    prompt = await renderFollowUp(options, { patch, run: verification.run, commands: judge.commands });
  }
}

/** One turn of the agent, and what it left. */
async function workOnce(
  options: ContainOptions,
  parts: Inside,
  prompt: string,
): Promise<{ readonly patch: Patch; readonly done: AgentWork }> {
  const { settings, task, record, repository } = options;
  const { deadline, sandbox } = parts;
  parts.tunnel.enter("agent");
  const work = await record.enter("agent", () => runAgentOnce(options, parts, prompt));
  parts.tunnel.enter("harvest");
  const patch: Patch = await record.enter("harvest", () =>
    harvest({ sandbox, repository, task, limits: settings.gate, late: deadline.graceSignal }),
  );
  // Even if something fails from here on, what was done so far is kept.
  record.note("patch", summarisePatch(patch));
  await repository.writeDiff(patch, `${options.world.runner.directory}/patch.diff`);
  return { patch, done: orStopped(work, deadline) };
}

interface FollowUp {
  readonly patch: Patch;
  readonly run: CommandRun;
  readonly commands: string;
}

async function renderFollowUp({ repository, task }: ContainOptions, { patch, run, commands }: FollowUp): Promise<string> {
  const commit = await repository.commitTree(patch.tree, patch.baseSha);
  const { text: diff } = await repository.readUnified(patch.baseSha, commit, MAX_SHOWN_DIFF_BYTES);
  return renderNextRound({ prompt: task.prompt, commands, ended: tellEnd(run), diff, output: run.output });
}

/** What ended the run during the harvest counts as the end of the agent's work, too. */
export function orStopped(work: AgentWork, { signal }: Deadline): AgentWork {
  return work.stopped === undefined && signal.aborted ? { ...work, stopped: abortReason(signal) } : work;
}

/** The end of a run is not a failure of the work that it cut short. */
function takeEnd(error: unknown): AirlockError {
  if (isAbort(error)) return error;
  throw error;
}

export async function runAgentOnce(options: ContainOptions, parts: Inside, prompt: string): Promise<AgentWork> {
  const { world, settings, record } = options;
  const done = await runAgent({
    agent: parts.agent,
    sandbox: parts.sandbox,
    gateway: parts.gateway,
    model: parts.tunnel.model,
    prompt,
    instructions: options.task.instructions?.text ?? "",
    settings: settings.agent,
    maxTurns: settings.limits.maxTurns,
    env: { ...GUEST_ENV, ...parts.gateway.env, ...settings.sandbox.env },
    timeoutMs: settings.limits.timeoutMs,
    deadline: parts.deadline,
    transcript: parts.transcript,
    rawLog: parts.rawLog,
    redact: openRedactor(world.secrets),
    log: world.runner.log,
    cancelled: world.runner.cancelled,
  });
  record.note("agent", { ending: done.agentExit, lingered: done.lingered });
  return done;
}

async function noteTraffic(gateway: Gateway, { record, policy }: ContainOptions): Promise<void> {
  record.note("usage", await gateway.usage());
  record.note("egress", summariseTraffic(await gateway.egress(), policy.choices));
}
