import { fence, inertInline, inertMarkdown } from "../inert.ts";
import type { Outcome, OutcomeWord } from "../outcome.ts";
import type { ErrorNote, RunNotes } from "../record/notes.ts";
import {
  deniedHosts,
  folded,
  keepWhole,
  paragraphs,
  renderEcosystems,
  renderFacts,
  renderFindings,
  renderHosts,
  suggestions,
} from "./markdown.ts";
import { renderVerificationDetails, tellVerification } from "./verification.ts";

/** GitHub refuses a longer comment; the marker line is added to this. */
const MAX_COMMENT_CHARS = 65_000;

const HEADLINES: Record<OutcomeWord, string> = {
  published: "Airlock opened a pull request",
  updated: "Airlock updated the pull request",
  reviewed: "Airlock reviewed this",
  commented: "Airlock answered",
  "patch-only": "Airlock made a patch and did not publish it",
  "no-changes": "The agent changed nothing",
  skipped: "Airlock had nothing to do",
  refused: "Airlock did not start",
  held: "The gate held the patch back",
  "verify-failed": "The verification failed",
  "agent-failed": "The agent failed",
  "budget-exceeded": "The budget was used up",
  "timed-out": "The run ran out of time",
  "rate-limited": "The model's service took no more requests",
  cancelled: "The run was cancelled",
  "egress-unproved": "The sandbox's boundary could not be proved, so the agent did not start",
  "provider-failed": "No sandbox could be had",
  error: "The run failed",
};

/** What the outcome means, for people. */
export function headline(word: OutcomeWord): string {
  return HEADLINES[word];
}

export interface EndedOptions {
  readonly outcome: Outcome;
  readonly notes: RunNotes;
  readonly durationMs: number;
  readonly url: string;
}

/** The tracking comment at the end. */
export function renderEnded(options: EndedOptions): string {
  const { outcome, notes } = options;
  return keepWhole(
    [
      `**${headline(outcome.word)}${renderLink(outcome)}.** ${inertInline(outcome.reason, 1000)}`,
      renderError(notes.error),
      renderVerification(notes),
      renderHeld(outcome, notes),
      renderAnswer(outcome, notes),
      renderRefusedHosts(notes),
      renderEcosystems(notes),
      `<sub>${renderFacts(options)}</sub>`,
    ],
    MAX_COMMENT_CHARS,
  );
}

function renderLink(outcome: Outcome): string {
  const number = outcome.publication?.pullRequestNumber;
  return number === undefined ? "" : `: #${number}`;
}

function renderError(error: Partial<ErrorNote> | undefined): string | undefined {
  if (error?.remedy === undefined) return undefined;
  return `What to do: ${inertInline(error.remedy, 1000)} <sub>${inertInline(error.id ?? "", 20)}</sub>`;
}

function renderHeld(outcome: Outcome, notes: RunNotes): string | undefined {
  const findings = notes.gate?.findings ?? [];
  return outcome.word === "held" && findings.length > 0 ? renderFindings(findings) : undefined;
}

function renderVerification({ verification, patch }: RunNotes): string | undefined {
  if (verification === undefined || (patch?.changes ?? []).length === 0) return undefined;
  return paragraphs(tellVerification(verification), renderVerificationDetails(verification));
}

/** If no pull request has the agent's words, the comment has them. */
function renderAnswer(outcome: Outcome, notes: RunNotes): string | undefined {
  const message = notes.agent?.ending?.message ?? "";
  if (message.trim() === "" || outcome.word === "published" || outcome.word === "updated") return undefined;
  return folded("The agent's closing words", inertMarkdown(message, 6000));
}

function renderRefusedHosts(notes: RunNotes): string | undefined {
  const denied = deniedHosts(notes);
  if (denied.length === 0) return undefined;
  const lines = suggestions(notes);
  const paste =
    lines.length === 0 ? undefined : paragraphs("Add to the input `allow` what the next run may reach:", fence(lines.join("\n")));
  const others = denied.filter(({ during }) => during !== undefined).length;
  const title = `Hosts refused: ${denied.length - others}${others === 0 ? "" : `, and ${others} in set-up or verification`}`;
  return folded(title, paragraphs(renderHosts(denied), paste));
}
