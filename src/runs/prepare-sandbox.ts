import type { Deadline } from "../domain/deadline.ts";
import { abandonOnAbort } from "../domain/deadline.ts";
import type { Patch } from "../domain/patch.ts";
import { type CommandRun, readRun } from "../domain/verification/command-run.ts";
import { changesInstall, registryRules } from "../domain/verification/own-install.ts";
import type { PolicyView, Tunnel } from "../ports/gateway.ts";
import type { Sandbox, SandboxPurpose } from "../ports/sandbox.ts";
import { closeSandbox, hasLostMade, openSandbox, openWithoutWayOut, rememberMade, reopenSandbox, runSetup } from "../stages/sandbox.ts";
import { type ContainOptions, describeFresh, type Parts } from "./inside.ts";

/** What set-up of the base may reach: as the agent's, but not the model. */
const SETUP_VIEW: PolicyView = { model: false, secrets: true };

/** A sandbox that the agent was never in: a trusted commit is planted and set up, and its way out is closed. Disposing destroys it. */
export interface PreparedSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** How `setup` ended. Undefined: there are no such lines. */
  readonly setup: CommandRun | undefined;
}

export interface Preparing {
  readonly purpose: SandboxPurpose;
  readonly commit: string;
  /** Aborts when it is no longer wanted. */
  readonly signal: AbortSignal;
}

/**
 * Opens and prepares a sandbox. That the set-up lines fail is a result.
 * @throws AirlockError `sandbox.*`, `egress.unproved`, and why the run ended or `signal` aborted
 */
export async function prepareSandbox(options: ContainOptions, parts: Parts, preparing: Preparing): Promise<PreparedSandbox> {
  const { record, settings, repository } = options;
  const { purpose, commit } = preparing;
  const deadline = { ...parts.deadline, signal: AbortSignal.any([parts.deadline.signal, preparing.signal]) };
  const script = settings.sandbox.setup;
  await using stack = new AsyncDisposableStack();
  const opening = {
    provider: parts.provider,
    repository,
    spec: describeFresh(options, { ...parts, deadline }, purpose),
    commit,
    onCreated: ({ id, facts }: Sandbox) => record.noteSandbox({ id, purpose, ...facts }),
  };
  if (script.trim() === "") {
    const sandbox = stack.use(await openWithoutWayOut(opening));
    await close(options, { sandbox, tunnel: undefined }, deadline);
    return own(stack.move(), sandbox, undefined);
  }
  const { sandbox, tunnel } = await openSandbox({
    ...opening,
    gateway: parts.gateway,
    attachments: [],
    view: SETUP_VIEW,
    onProof: ({ id }, attempts, proved) => record.noteSandbox({ id, boundary: { proved, attempts } }),
  });
  stack.use(sandbox);
  stack.defer(() => tunnel.close());
  const setup = await runLines(options, parts, { sandbox, deadline });
  await rememberMade(sandbox, deadline);
  await close(options, { sandbox, tunnel }, deadline);
  return own(stack.move(), sandbox, setup);
}

function own(stack: AsyncDisposableStack, sandbox: Sandbox, setup: CommandRun | undefined): PreparedSandbox {
  return { sandbox, setup, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

interface Working {
  readonly sandbox: Sandbox;
  readonly deadline: Deadline;
}

async function runLines({ world, settings }: ContainOptions, { gateway }: Parts, { sandbox, deadline }: Working): Promise<CommandRun> {
  const startedAtMs = world.now();
  const result = await runSetup({ sandbox, script: settings.sandbox.setup, env: { ...gateway.env, ...settings.sandbox.env }, deadline });
  return readRun(result, world.now() - startedAtMs);
}

async function close(
  { record }: ContainOptions,
  closing: { readonly sandbox: Sandbox; readonly tunnel: Tunnel | undefined },
  { signal }: Deadline,
): Promise<void> {
  await closeSandbox(closing, {
    signal,
    onProof: ({ id }, attempts, proved) => record.noteSandbox({ id, closed: { proved, attempts } }),
  });
}

/**
 * Puts the judged tree in the place of the prepared one. If it changes what is installed, or does not ignore it, `setup` runs again and reaches the configured
 * package registries alone, without declared secrets; then the way out is closed and proved closed once more.
 * @returns how that second set-up ended; undefined: there was none
 */
export async function replantJudged(
  options: ContainOptions,
  parts: Parts,
  { sandbox, commit, changes }: { readonly sandbox: Sandbox; readonly commit: string; readonly changes: Patch["changes"] },
): Promise<CommandRun | undefined> {
  const { deadline, gateway } = parts;
  await abandonOnAbort(deadline.signal, () => sandbox.replant(options.repository.pack(commit), commit));
  if (options.settings.sandbox.setup.trim() === "") return undefined;
  if (!changesInstall(changes.map(({ path }) => path)) && !(await hasLostMade(sandbox, deadline))) return undefined;
  const view: PolicyView = { allow: registryRules(options.policy.egress.allow), model: false, secrets: false };
  const tunnel = await reopenSandbox({ sandbox, gateway, view, phase: "verify", signal: deadline.signal });
  try {
    return await runLines(options, parts, { sandbox, deadline });
  } finally {
    await close(options, { sandbox, tunnel }, deadline);
  }
}

/** A sandbox that is made ready while something else goes on. Disposing abandons or destroys it. */
export interface Preparation<T extends AsyncDisposable> extends AsyncDisposable {
  readonly ready: Promise<T>;
}

export function startPreparing<T extends AsyncDisposable>(begin: (signal: AbortSignal) => Promise<T>): Preparation<T> {
  const abandon = new AbortController();
  const ready = begin(abandon.signal);
  const settled = ready.catch(() => undefined);
  return {
    ready,
    async [Symbol.asyncDispose]() {
      abandon.abort();
      await (await settled)?.[Symbol.asyncDispose]();
    },
  };
}
