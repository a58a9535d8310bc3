import type { Finding, Severity } from "../patch.ts";
import { confusableSkeleton, hasLookAlike } from "../paths/fold.ts";
import type { FileContext } from "./context.ts";
import { finding, quoteName } from "./finding.ts";

/** Files where such characters can be language rather than deceit. */
const PROSE =
  /\.(?:md|markdown|txt|rst|adoc|po|pot|arb|strings|xlf|xliff|srt|vtt|tex|html?)$|(?:^|\/)(?:locales?|i18n|translations?|lang)\//i;

const BIDI = /[\u202A-\u202E\u2066-\u2069]/u;
/** Emoji, flags, keycaps and the joiners that Arabic and Indic scripts need: invisible characters that belong. */
const BELONGING =
  /\u{1F3F4}[\u{E0061}-\u{E007A}]{2,6}\u{E007F}|\p{Extended_Pictographic}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*(?:\u200D\p{Extended_Pictographic}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*)*|[#*0-9]\uFE0F\u20E3|(?<=\p{M}|[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Sinhala}\p{Script=Malayalam}])[\u200C\u200D]/gu;
const INVISIBLE = /\p{DI}|[\u180E\uFFF9-\uFFFB]/u;
/** Terminal escapes, backspaces, and carriage returns inside a line: what is shown is not what is there. */
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f\x7f]|\r(?!$)/;

/** Characters that make source read otherwise than it runs (Trojan Source, CVE-2021-42574 and CVE-2021-42694). */
export function checkTrojanSource({ change, before, after, added }: FileContext): readonly Finding[] {
  const severity: Severity = PROSE.test(change.path) ? "notice" : "draft";
  const found = (code: string, what: string): Finding =>
    finding({
      code,
      severity,
      path: change.path,
      reason: `An added line has ${what}.`,
      remedy: "Look at the line's bytes, and remove them unless they are meant.",
    });
  const visible = added.map((line) => line.replaceAll(BELONGING, ""));
  const findings: Finding[] = [];
  if (visible.some((line) => BIDI.test(line))) findings.push(found("bidi-control", "control characters that reorder text"));
  if (visible.some((line, index) => isInvisible(line, index === 0 && !before.startsWith("\uFEFF"))))
    findings.push(found("invisible-character", "invisible characters"));
  if (added.some((line) => CONTROL.test(line))) findings.push(found("control-character", "control characters"));
  const look = findLookAlike(added, after);
  if (look !== undefined) findings.push(found("look-alike", `a name, ${quoteName(look)}, with letters that look like others`));
  return findings;
}

/** A byte order mark at the start of a file is customary. */
function isInvisible(line: string, first: boolean): boolean {
  const text = (first && line.startsWith("\uFEFF") ? line.slice(1) : line).replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, "");
  return INVISIBLE.test(text);
}

const WORD = /[\p{L}\p{M}\p{N}_$]+/gu;

/** A word that mixes scripts so that it looks Latin, or that looks or normalises like another word of the file. */
function findLookAlike(added: readonly string[], after: string): string | undefined {
  const odd = new Set(
    added.flatMap((line) => (/[^\x00-\x7f]/.test(line) ? (line.match(WORD) ?? []) : [])).filter((word) => /[^\x00-\x7f]/.test(word)),
  );
  if (odd.size === 0) return undefined;
  const plain = new Set(after.match(/[A-Za-z_$][A-Za-z0-9_$]{2,}/g));
  return [...odd].find((word) => looksLatin(word, plain));
}

function looksLatin(word: string, plain: ReadonlySet<string>): boolean {
  const shown = confusableSkeleton(word.normalize("NFKC"));
  if (/[^\x00-\x7f]/.test(confusableSkeleton(shown.toLowerCase()))) return false;
  return (/[A-Za-z]/.test(word) && hasLookAlike(word)) || plain.has(shown) || plain.has(word.normalize("NFKC"));
}

export function checkConflictMarkers({ change, added }: FileContext): readonly Finding[] {
  const opened = added.some((line) => /^<{7}(?: |\r?$)/.test(line));
  const closed = added.some((line) => /^>{7}(?: |\r?$)/.test(line));
  const divided = added.some((line) => /^(?:={7}|\|{7}.*)\r?$/.test(line));
  if (!((opened && closed) || (divided && (opened || closed)))) return [];
  return [
    finding({
      code: "conflict-marker",
      severity: "draft",
      path: change.path,
      reason: "Added lines are the markers of an unfinished merge.",
      remedy: "Finish the merge by hand.",
    }),
  ];
}

const GENERATED =
  /@generated\b|\bDO NOT (?:EDIT|MODIFY)\b|\b(?:auto-?generated|automatically generated)\b.{0,60}\b(?:by|from|do not|file)\b/i;
const HEAD_LINES = 20;

/** A file that says it is made by a tool, changed without its source being the obvious place. */
export function checkGenerated({ change, before }: FileContext): readonly Finding[] {
  if (change.before === undefined || change.after === undefined) return [];
  if (!before.split("\n", HEAD_LINES).some((line) => GENERATED.test(line.slice(0, 300)))) return [];
  return [
    finding({
      code: "generated-file",
      severity: "notice",
      path: change.path,
      reason: "The file says that a tool generates it.",
      remedy: "Check that its source was changed too; the next generation overwrites this edit.",
    }),
  ];
}
