import { type Fields, fieldOf, fieldsOf } from "../trigger/payload.ts";
import { CATEGORIES, type Evidence, REVIEW_LIMITS, type Review, type ReviewFinding, SEVERITIES, SIDES } from "./finding.ts";

/** A usable review, or what is wrong with it so that the agent can fix it: our own words and places, no text of the file. */
export type ParsedReview = { readonly review: Review } | { readonly errors: readonly string[] };

const MAX_ERRORS = 20;

/** Reads the agent's file strictly: unknown keys, wrong types and anything over its limit are errors. Never throws. */
export function parseReview(text: string): ParsedReview {
  const errors: string[] = [];
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return { errors: ["The file is not JSON."] };
  }
  const reader = openReader(errors);
  const fields = reader.object(value, "the file", ["summary", "findings", "ran", "unchecked"]);
  const review: Review = {
    summary: reader.text(fields, "summary", { max: REVIEW_LIMITS.maxSummaryChars }) ?? "",
    findings: reader
      .list(fields, "findings", REVIEW_LIMITS.maxFindings)
      .map((entry, index) => readFinding(reader, entry, `findings[${index}]`)),
    ran: readNotes(reader, fields, "ran"),
    unchecked: readNotes(reader, fields, "unchecked"),
  };
  return errors.length === 0 ? { review } : { errors: errors.slice(0, MAX_ERRORS) };
}

interface TextRule {
  readonly max: number;
  readonly optional?: boolean;
  readonly empty?: boolean;
}

interface Reader {
  /** The object's fields; reports a wrong type and unknown keys. */
  object(value: unknown, place: string, keys: readonly string[]): Fields;
  text(fields: Fields, name: string, rule: TextRule): string | undefined;
  whole(fields: Fields, name: string, range: readonly [min: number, max: number], optional: boolean): number | undefined;
  choice<T extends string>(fields: Fields, name: string, words: readonly T[], fallback?: T): T;
  list(fields: Fields, name: string, max: number, optional?: boolean): readonly unknown[];
  complain(name: string, what: string): void;
  /** The same reader, with its places below this one. */
  below(place: string): Reader;
}

function openReader(errors: string[], place = ""): Reader {
  const complain = (name: string, what: string): void => void errors.push(`${place === "" ? "" : `${place}.`}${name} ${what}.`);
  return {
    complain,
    below: (deeper) => openReader(errors, deeper),
    object(value, where, keys) {
      const fields = fieldsOf(value);
      if (typeof value !== "object" || value === null || Array.isArray(value)) errors.push(`${where} is not an object.`);
      if (Object.keys(fields).some((key) => !keys.includes(key))) errors.push(`${where} has keys other than ${keys.join(", ")}.`);
      return fields;
    },
    text(fields, name, { max, optional = false, empty = false }) {
      const value = fieldOf(fields, name);
      if (value === undefined && optional) return undefined;
      if (typeof value !== "string") complain(name, "is not a string");
      else if (value.length > max) complain(name, `has more than ${max} characters`);
      else if (!empty && value.trim() === "") complain(name, "is empty");
      else return value.toWellFormed();
      return undefined;
    },
    whole(fields, name, [min, max], optional) {
      const value = fieldOf(fields, name);
      if (value === undefined && optional) return undefined;
      if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
      complain(name, `is not a whole number from ${min} to ${max}`);
      return undefined;
    },
    choice(fields, name, words, fallback) {
      const value = fieldOf(fields, name) ?? fallback;
      const found = words.find((word) => word === value);
      if (found === undefined) complain(name, `is not one of ${words.join(", ")}`);
      return found ?? (words[0] as (typeof words)[number]);
    },
    list(fields, name, max, optional = false) {
      const value = fieldOf(fields, name);
      if (value === undefined && optional) return [];
      if (!Array.isArray(value)) complain(name, "is not a list");
      else if (value.length > max) complain(name, `has more than ${max} entries`);
      else return value;
      return [];
    },
  };
}

const FINDING_KEYS = ["path", "line", "endLine", "side", "severity", "category", "claim", "evidence", "suggestion"];
const MAX_LINE = 100_000_000;

function readFinding(parent: Reader, value: unknown, place: string): ReviewFinding {
  const reader = parent.below(place);
  const fields = reader.object(value, place, FINDING_KEYS);
  const line = reader.whole(fields, "line", [1, MAX_LINE], false) ?? 1;
  const endLine = reader.whole(fields, "endLine", [1, MAX_LINE], true) ?? line;
  if (endLine < line) reader.complain("endLine", "is before line");
  const side = reader.choice(fields, "side", SIDES, "RIGHT");
  const suggestion = reader.text(fields, "suggestion", { max: REVIEW_LIMITS.maxSuggestionChars, optional: true, empty: true });
  if (suggestion !== undefined && side === "LEFT") reader.complain("suggestion", "is for lines of the new file: side RIGHT");
  const evidence = readEvidence(reader, fieldOf(fields, "evidence"), `${place}.evidence`);
  return {
    path: reader.text(fields, "path", { max: REVIEW_LIMITS.maxPathChars }) ?? "",
    line,
    endLine,
    side,
    severity: reader.choice(fields, "severity", SEVERITIES),
    category: reader.choice(fields, "category", CATEGORIES),
    claim: reader.text(fields, "claim", { max: REVIEW_LIMITS.maxClaimChars }) ?? "",
    ...(evidence === undefined ? {} : { evidence }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function readEvidence(parent: Reader, value: unknown, place: string): Evidence | undefined {
  if (value === undefined) return undefined;
  const reader = parent.below(place);
  const fields = reader.object(value, place, ["command", "output", "exitCode"]);
  return {
    command: reader.text(fields, "command", { max: REVIEW_LIMITS.maxCommandChars }) ?? "",
    output: reader.text(fields, "output", { max: REVIEW_LIMITS.maxOutputChars }) ?? "",
    exitCode: reader.whole(fields, "exitCode", [0, 255], false) ?? 0,
  };
}

function readNotes(reader: Reader, fields: Fields, name: string): readonly string[] {
  const entries = reader.list(fields, name, REVIEW_LIMITS.maxNotes, true);
  return entries.flatMap((entry, index) => {
    if (typeof entry === "string" && entry.length <= REVIEW_LIMITS.maxNoteChars) return [entry.toWellFormed()];
    reader.complain(`${name}[${index}]`, `is not a string of at most ${REVIEW_LIMITS.maxNoteChars} characters`);
    return [];
  });
}
