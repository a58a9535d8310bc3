import { z } from "zod";
import { OUTCOMES } from "../domain/outcome.ts";
import { PUBLICATION_KINDS, type PublicationState, SAVED, type SavedState, STEP_STATES } from "../domain/saved-state.ts";

const number = z.int().positive().max(Number.MAX_SAFE_INTEGER);
const step = z.enum(STEP_STATES);
const target = z
  .strictObject({ kind: z.enum(["issue", "pull-request", "repository"]), number: number.optional() })
  .transform(({ kind, number: given }) => ({ kind, ...(given === undefined ? {} : { number: given }) }));
const url = z.string().regex(/^https?:\/\/[^\s()<>]{1,2000}$/);
const publication = z.discriminatedUnion("stage", [
  z.strictObject({ stage: z.literal("entered"), kind: z.enum(PUBLICATION_KINDS), branch: z.string().min(1).max(300).optional() }),
  z.strictObject({ stage: z.literal("done"), word: z.enum(OUTCOMES), number: number.optional(), url: url.optional() }),
]);

/** What the main step left, read strictly: what is missing or broken is not known, and never an error. */
export function readSavedState(readState: (name: string) => string): SavedState {
  return {
    // A main step that cannot be asked is taken for one that did not end by itself.
    step: step.safeParse(readState(SAVED.step)).data ?? "started",
    target: readTarget(readState(SAVED.target)),
    publication: readPublication(readState(SAVED.publication)),
  };
}

function readTarget(text: string): SavedState["target"] {
  return text === "" ? "none" : (target.safeParse(readJson(text)).data ?? "unknown");
}

function readPublication(text: string): PublicationState | "none" | "unknown" {
  return text === "" ? "none" : (publication.safeParse(readJson(text)).data ?? "unknown");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
