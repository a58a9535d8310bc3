import { fence, inertInline } from "../inert.ts";
import type { RunNotes, VerificationRound } from "../record/notes.ts";
import { lastLines, tellEnd } from "../verification/command-run.ts";
import { countTests } from "../verification/count-tests.ts";
import { formatCount, formatDuration } from "./format.ts";
import { folded, paragraphs } from "./markdown.ts";

const SHOWN_LINES = 30;
const MAX_OUTPUT_CHARS = 3_000;
const MAX_COMMANDS_CHARS = 1_500;
const MAX_ROUNDS = 8;

type Note = RunNotes["verification"];

/** How the result was verified, in a sentence of our own words. */
export function tellVerification(verification: Note): string {
  if (verification?.outcome === "none" || verification?.passed === undefined)
    return `**Not verified.** ${inertInline(verification?.reason ?? "Nothing judged the result.", 200)} Set the input \`verify\` to commands that judge it in a fresh sandbox.`;
  const { base, patch } = bothOf(verification);
  return [HEADLINES[wordOf(verification, base)], tellBoth(base, patch), tellLack(verification)].filter((part) => part !== "").join(" ");
}

type Word = "mended" | "passed" | "failed" | "base-fails";

const HEADLINES: Readonly<Record<Word, string>> = {
  mended: "**Verified: red before, green after.**",
  passed: "**Verified: passed.**",
  failed: "**Verification failed.**",
  "base-fails": "**Not proved: red before and after.** The commands fail on the base, too, so they say nothing about this change.",
};

function wordOf({ outcome, passed }: NonNullable<Note>, base: VerificationRound | undefined): Word {
  if (outcome === "base-fails") return "base-fails";
  if (passed !== true) return "failed";
  return base?.passed === false ? "mended" : "passed";
}

function bothOf({ rounds = [] }: NonNullable<Note>): {
  readonly base?: VerificationRound | undefined;
  readonly patch?: VerificationRound | undefined;
} {
  return { base: rounds.find(({ judged }) => judged === "base"), patch: rounds.findLast(({ judged }) => judged !== "base") };
}

function tellBoth(base: VerificationRound | undefined, patch: VerificationRound | undefined): string {
  const told = [
    base === undefined ? undefined : `before: ${tellRound(base)}`,
    patch === undefined ? undefined : `after: ${tellRound(patch)}`,
  ].filter((part) => part !== undefined);
  return told.length === 0 ? "" : `${capital(told.join("; "))}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `exit code 1, 2 passed, 1 failed`. */
function tellRound(round: VerificationRound): string {
  const counts = countTests(round.output);
  const told = counts === undefined ? "" : `, ${formatCount(counts.passed)} passed, ${formatCount(counts.failed)} failed`;
  return `${round.step === "setup" ? "`setup` ended with " : ""}${tellEnd(round)}${told}`;
}

function tellLack(verification: NonNullable<Note>): string {
  const { base, patch } = bothOf(verification);
  const lacking = patch?.lacksProgram === true || (base?.lacksProgram === true && patch?.passed !== true);
  return lacking ? "A command was not found in the sandbox, or may not be run there: let `setup` install it." : "";
}

/** Commands, exit codes, seconds and the end of each output, in a closed box; undefined if nothing ran. */
export function renderVerificationDetails(verification: Note): string | undefined {
  if (verification?.passed === undefined) return undefined;
  const { commands = "", rounds = [], output = "" } = verification;
  const shown = rounds.slice(-MAX_ROUNDS);
  const outputs =
    shown.length === 0 ? [fenceEnd(output)] : shown.flatMap((round) => [`${capital(nameRound(round))}:`, fenceEnd(round.output)]);
  return folded(
    "Commands and the end of their output",
    paragraphs(
      commands === "" ? "" : fence(commands, { language: "sh", maxChars: MAX_COMMANDS_CHARS }),
      shown.length === 0 ? undefined : renderRounds(shown),
      ...outputs,
    ),
  );
}

function nameRound({ judged, step, ownInstall }: VerificationRound): string {
  const what = judged === "base" ? "the base" : "the patch";
  const installed = ownInstall === true ? ", after an install of its own" : "";
  return `${what}${step === "setup" ? ", whose `setup` failed" : installed}`;
}

function renderRounds(rounds: readonly VerificationRound[]): string {
  const rows = rounds.map(
    (round) =>
      `| ${nameRound(round)} | ${round.passed ? "passed" : "failed"} | ${inertInline(tellEnd(round), 40)} | ${formatDuration(round.durationMs ?? 0)} |`,
  );
  return ["| Judged | Result | Ended with | Took |", "|---|---|---|---|", ...rows].join("\n");
}

function fenceEnd(output: string): string {
  return fence(lastLines(output, SHOWN_LINES).slice(-MAX_OUTPUT_CHARS), { maxChars: MAX_OUTPUT_CHARS });
}
