import type { Patch } from "../domain/patch.ts";
import type { VerificationRound } from "../domain/record/notes.ts";
import { formatDuration } from "../domain/render/format.ts";
import { type CommandRun, lacksProgram, lastLines, tellEnd } from "../domain/verification/command-run.ts";
import { compareWithBase, type VerificationOutcome } from "../domain/verification/outcome.ts";
import { isAuto } from "../domain/verification/test-command.ts";
import { findCommands, judgeTree } from "../stages/verify.ts";
import type { ContainOptions, Inside } from "./inside.ts";
import { type Preparation, type PreparedSandbox, prepareSandbox, replantJudged, startPreparing } from "./prepare-sandbox.ts";

const SHOWN_LINES = 30;

/** What came of verifying one patch. */
export interface Verification {
  readonly outcome: Exclude<VerificationOutcome, "none">;
  /** Of the patch. */
  readonly run: CommandRun;
  /** `setup` ran again for what the patch changed in manifests and lockfiles. */
  readonly ownInstall: boolean;
}

/** Judges patches by the workflow's commands, each in a sandbox of its own. Disposing ends what is being prepared. */
export interface Judge extends AsyncDisposable {
  /** The shell lines that judge. */
  readonly commands: string;
  /** Begins to prepare the next sandbox, with the base's verdict in the first one; nothing if there is no room beside the agent's. */
  prepare(): void;
  /** @throws AirlockError `sandbox.*`, `egress.unproved`, and why the run ended */
  judge(patch: Patch): Promise<Verification>;
}

/** The judge of a run; undefined: nothing is to be verified, and the record says why. */
export async function openJudge(options: ContainOptions, inside: Inside): Promise<Judge | undefined> {
  const { settings, repository, task, record, world } = options;
  const { commands: asked } = settings.verification;
  const commands = await findCommands(asked, repository, task.baseSha);
  if (commands === "") {
    const reason = isAuto(asked) ? "No test command was found at the base." : "`verify` turns it off.";
    record.note("verification", { outcome: "none", reason });
    world.runner.log.info(`Nothing will be verified. ${reason}`);
    return undefined;
  }
  if (isAuto(asked)) world.runner.log.info(`The base's own test command judges the result: ${commands.split("\n").join("; ")}`);
  return openJudgeOf(options, inside, commands);
}

/** A prepared sandbox, and what the commands said about the base in it. */
interface Prepared extends PreparedSandbox {
  /** Undefined: it was judged in an earlier one. */
  readonly base: VerificationRound | undefined;
}

function openJudgeOf(options: ContainOptions, inside: Inside, commands: string): Judge {
  let preparation: Preparation<Prepared> | undefined;
  let base: VerificationRound | undefined;
  const begin = (): Preparation<Prepared> => {
    const known = base !== undefined;
    return startPreparing((signal) => prepareJudged(options, inside, { commands, signal, known }));
  };
  return {
    commands,
    prepare() {
      if (inside.endAlone === undefined) preparation ??= begin();
    },
    async judge(patch) {
      await makeRoom(options, inside);
      await using current = preparation ?? begin();
      preparation = undefined;
      const prepared = await current.ready;
      base ??= prepared.base;
      return await judgeIn(options, inside, { prepared, base, commands, patch });
    },
    async [Symbol.asyncDispose]() {
      await preparation?.[Symbol.asyncDispose]();
    },
  };
}

async function makeRoom({ world }: ContainOptions, { endAlone }: Inside): Promise<void> {
  if (endAlone === undefined) return;
  world.runner.log.notice(
    "The runner has memory for one sandbox at a time: the agent's ends before the verification, which is the only one.",
  );
  await endAlone();
}

interface PrepareJudged {
  readonly commands: string;
  readonly signal: AbortSignal;
  /** The base's verdict. */
  readonly known: boolean;
}

async function prepareJudged(options: ContainOptions, inside: Inside, given: PrepareJudged): Promise<Prepared> {
  await using stack = new AsyncDisposableStack();
  const commit = options.task.baseSha;
  const prepared = stack.use(await prepareSandbox(options, inside, { purpose: "verify", commit, signal: given.signal }));
  const base = given.known ? undefined : await judgeBase(options, inside, { ...given, prepared });
  const kept = stack.move();
  return { ...prepared, base, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Set-up lines that fail on the base count as its verdict. */
async function judgeBase(
  { task, repository, world, settings }: ContainOptions,
  { deadline }: Inside,
  { prepared, commands, signal }: PrepareJudged & { readonly prepared: PreparedSandbox },
): Promise<VerificationRound> {
  const { sandbox, setup } = prepared;
  const judged = { sandbox: sandbox.id, tree: await repository.readTree(task.baseSha), judged: "base" } as const;
  if (setup?.passed === false) return { ...judged, step: "setup", ...toRound(setup) };
  const until = { ...deadline, signal: AbortSignal.any([deadline.signal, signal]) };
  return { ...judged, ...toRound(await judgeTree({ sandbox, commands, env: settings.sandbox.env, deadline: until, now: world.now })) };
}

interface Judging {
  readonly prepared: PreparedSandbox;
  readonly base: VerificationRound | undefined;
  readonly commands: string;
  readonly patch: Patch;
}

async function judgeIn(options: ContainOptions, inside: Inside, { prepared, base, commands, patch }: Judging): Promise<Verification> {
  const { repository, record, world, settings } = options;
  const { sandbox } = prepared;
  const commit = await repository.commitTree(patch.tree, patch.baseSha);
  const install = await replantJudged(options, inside, { sandbox, commit, changes: patch.changes });
  const step = install?.passed === false ? "setup" : "verify";
  const run =
    install?.passed === false
      ? install
      : await judgeTree({ sandbox, commands, env: settings.sandbox.env, deadline: inside.deadline, now: world.now });
  const outcome = compareWithBase(base, run);
  const ownInstall = install !== undefined;
  const round: VerificationRound = { sandbox: sandbox.id, tree: patch.tree, judged: "patch", step, ownInstall, ...toRound(run) };
  const earlier = record.notes.verification?.rounds ?? (base === undefined ? [] : [base]);
  record.note("verification", { outcome, passed: run.passed, output: run.output, commands, rounds: [...earlier, round] });
  logRounds(options, earlier.length === 1 && base !== undefined ? [base, round] : [round], commands);
  return { outcome, run, ownInstall };
}

function toRound(run: CommandRun): Pick<VerificationRound, "passed" | "exitCode" | "durationMs" | "lacksProgram" | "output"> {
  const { passed, exitCode, durationMs, output } = run;
  return { passed, exitCode, durationMs, lacksProgram: lacksProgram(run), output };
}

function logRounds({ world }: ContainOptions, rounds: readonly VerificationRound[], commands: string): void {
  const { log } = world.runner;
  log.info(`The commands that judge:\n${commands}`);
  for (const round of rounds) {
    const what = round.step === "setup" ? "`setup`" : "they";
    const whose = round.judged === "base" ? "On the base" : "With the patch";
    log.info(`${whose} ${what} ended with ${tellEnd(round)} after ${formatDuration(round.durationMs ?? 0)}. The end of the output:`);
    log.info(lastLines(round.output, SHOWN_LINES));
    if (round.lacksProgram === true) log.notice("A command was not found in the sandbox, or may not be run there: see `setup`.");
  }
}
