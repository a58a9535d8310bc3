import { finding } from "../checks/finding.ts";
import type { Finding } from "../patch.ts";
import { clean } from "../text/clean.ts";
import { addressesAgent } from "./address.ts";

export interface Described {
  readonly title: string;
  readonly description: string;
  /** The repository's own template at the base; its comments are known. Empty: none. */
  readonly template: string;
}

const MAX_TEXT = 262_144;
/** Kinds of removed text that can hold words that a reader does not see. Link targets, images and layout are ordinary. */
const HIDING = ["html-comment", "hidden-element", "invisible", "link-definition", "collapsed-section", "table-cell", "fence-info"] as const;
/** Ordinary as well: a folded box is one click away. */
const HARMLESS: readonly string[] = ["collapsed-section", "fence-info"];

const WORDS: Readonly<Record<string, string>> = {
  "html-comment": "HTML comments",
  "hidden-element": "elements that are not shown",
  invisible: "invisible characters",
  "link-definition": "link definitions that are not shown",
  "table-cell": "table cells that are not shown",
};

/** Text in the title or description that a reader of the page does not see, apart from the template's own comments. */
export function checkHiddenText(described: Described): readonly Finding[] {
  const known = new Set(splitComments(described.template.slice(0, MAX_TEXT)).filter(isComment).map(unify));
  const body = splitComments(described.description.slice(0, MAX_TEXT))
    .filter((part) => !isComment(part) || !isKnown(part, known))
    .join("");
  const counts: Record<string, number> = { ...clean(withoutDirection(body)).removed };
  for (const [kind, count] of Object.entries(clean(withoutDirection(described.title.slice(0, 1000))).removed))
    counts[kind] = (counts[kind] ?? 0) + count;
  const found = HIDING.filter((kind) => !HARMLESS.includes(kind) && (counts[kind] ?? 0) > 0);
  if (found.length === 0) return [];
  const shown = found.map((kind) => `${WORDS[kind] ?? kind} (${counts[kind]})`).join(", ");
  return [
    finding({
      code: "hidden-text",
      reason: `The title or description has text that the page does not show: ${shown}.`,
    }),
  ];
}

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Marks of direction (U+200E, U+200F, U+061C) hold no words, and people who write from right to left need them. */
function withoutDirection(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? text.replaceAll(/[\u200e\u200f\u061c]/g, "") : text;
}

/**
 * Alternates text and whole comments. A comment that is never closed counts as text, which the cleaner handles. One pass, whatever the
 * text.
 */
function splitComments(text: string): readonly string[] {
  const parts: string[] = [];
  let at = 0;
  for (let start = text.indexOf("<!--"); start !== -1; start = text.indexOf("<!--", at)) {
    const end = text.indexOf("-->", start + 4);
    if (end === -1) break;
    parts.push(text.slice(at, start), text.slice(start, end + 3));
    at = end + 3;
  }
  return [...parts, text.slice(at)];
}

function isComment(part: string): boolean {
  return part.startsWith("<!--") && part.endsWith("-->");
}

/** The template's own comments, and empty ones. */
function isKnown(comment: string, known: ReadonlySet<string>): boolean {
  return known.has(unify(comment)) || /^<!--\s*-->$/.test(comment);
}

function unify(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Instructions to an agent in the title or description, hidden or not. */
export function checkAddress({ title, description }: Described): readonly Finding[] {
  if (!addressesAgent(`${title}\n${description.slice(0, MAX_TEXT)}`)) return [];
  return [
    finding({
      code: "addresses-agent",
      reason: "The title or description gives instructions to an agent that reads it.",
      remedy: "Ask the author why; this review took no instruction from it.",
    }),
  ];
}
