import { Buffer } from "node:buffer";
import type { Secret } from "../secret.ts";
import { type Occurrence, openSearch, type SearchedText } from "./search.ts";
import { listSpellings, SHORTEST_IN_TEXT } from "./spellings.ts";

/** Replaces the run's own secret values, in every spelling and any letter case, by `<redacted:name>`. */
export type Redact = (text: string) => string;

/** Makes a redactor once per run; the spellings are computed once. Linear in the text, whatever the number of secrets. */
export function openRedactor(secrets: readonly Secret[]): Redact {
  const search = openSearch(secrets.flatMap(searchedTexts));
  return (text) => replace(text, search.find(text));
}

function searchedTexts(secret: Secret): readonly SearchedText[] {
  const value = secret.reveal();
  if (Buffer.byteLength(value) < SHORTEST_IN_TEXT) return [];
  return listSpellings(value).map(({ bytes }) => ({ text: bytes.toString("utf8"), name: secret.name }));
}

/** Occurrences that overlap are replaced together, under the name of the first. */
function replace(text: string, occurrences: readonly Occurrence[]): string {
  let redacted = "";
  let done = 0;
  for (const { start, end, name } of occurrences) {
    if (start >= done) redacted += `${text.slice(done, start)}<redacted:${name}>`;
    done = Math.max(done, end);
  }
  return redacted + text.slice(done);
}
