import { visible } from "../inert.ts";
import { isProtected } from "../paths/protected.ts";
import type { Place } from "./place.ts";

export interface SuggestionOptions {
  readonly place: Place;
  readonly text: string;
  /** Patterns of paths that one click must not change, in addition to the built-in ones. */
  readonly protectedPaths: readonly string[];
}

/**
 * The lines of a suggestion block, if one click on it does exactly what was meant: the whole range, on the new side, another text, nothing
 * invisible, no protected path. Undefined otherwise: the claim is shown without it.
 */
export function checkSuggestion({ place, text, protectedPaths }: SuggestionOptions): string | undefined {
  if (place.side !== "RIGHT" || !place.whole) return undefined;
  if (isProtected(place.path) || isProtected(place.path, protectedPaths)) return undefined;
  const lines = text.replaceAll("\r\n", "\n").replace(/\n$/, "");
  if (visible(lines) !== lines) return undefined;
  const current = place.text.map((line) => line.replace(/\r$/, "")).join("\n");
  return lines === current ? undefined : lines;
}
