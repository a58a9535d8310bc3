import { inertMarkdown } from "../inert.ts";
import type { Change } from "../patch.ts";
import type { RunNotes } from "../record/notes.ts";
import { folded, keepWhole, renderFacts, renderFiles, summariseChanges } from "./markdown.ts";

export interface RenderAnswerOptions {
  readonly notes: RunNotes;
  readonly changes: readonly Change[];
  readonly durationMs: number;
  readonly url: string;
}

/** The agent's words as a separate comment. */
export function renderAnswer(options: RenderAnswerOptions): string {
  const message = options.notes.agent?.ending?.message ?? "";
  const words = message.trim() === "" ? "The agent left no closing words." : inertMarkdown(message, 20_000);
  const patch =
    options.changes.length === 0
      ? undefined
      : folded(`A patch is in the run's artifact: ${summariseChanges(options.changes)}`, renderFiles(options.changes));
  return keepWhole([words, patch, `<sub>Written by an agent, shown without links and mentions. ${renderFacts(options)}</sub>`], 65_000);
}
