import { CATEGORIES, REVIEW_LIMITS, SEVERITIES, SIDES } from "./finding.ts";

const text = (maxLength: number, minLength = 1): object => ({ type: "string", minLength, maxLength });
const notes = { type: "array", maxItems: REVIEW_LIMITS.maxNotes, items: text(REVIEW_LIMITS.maxNoteChars) };

const evidence = {
  type: "object",
  additionalProperties: false,
  required: ["command", "output", "exitCode"],
  properties: {
    command: { ...text(REVIEW_LIMITS.maxCommandChars), description: "Shell line, run again in a fresh copy of the head without network." },
    output: {
      ...text(REVIEW_LIMITS.maxOutputChars),
      description: "Part of what it prints. The finding is dropped when it does not print this again.",
    },
    exitCode: { type: "integer", minimum: 0, maximum: 255 },
  },
};

const finding = {
  type: "object",
  additionalProperties: false,
  required: ["path", "line", "severity", "category", "claim"],
  properties: {
    path: { ...text(REVIEW_LIMITS.maxPathChars), description: "As in the diff." },
    line: { type: "integer", minimum: 1, description: "First line, in the file of `side`." },
    endLine: { type: "integer", minimum: 1, description: "Last line. Default: the same as `line`." },
    side: { enum: [...SIDES], description: "RIGHT (default): the new file. LEFT: the old one, for what was removed." },
    severity: { enum: [...SEVERITIES] },
    category: { enum: [...CATEGORIES] },
    claim: { ...text(REVIEW_LIMITS.maxClaimChars), description: "What goes wrong, when, and how to mend it. Markdown." },
    evidence,
    suggestion: {
      ...text(REVIEW_LIMITS.maxSuggestionChars, 0),
      description: "Lines that replace exactly `line` to `endLine` of the new file.",
    },
  },
};

/** The format of `.airlock/review.json`, for the agent to read. `parseReview` decides. */
export const REVIEW_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Review",
  type: "object",
  additionalProperties: false,
  required: ["summary", "findings"],
  properties: {
    summary: text(REVIEW_LIMITS.maxSummaryChars),
    findings: { type: "array", maxItems: REVIEW_LIMITS.maxFindings, items: finding },
    ran: { ...notes, description: "Commands you ran." },
    unchecked: { ...notes, description: "What you could not check, and why." },
  },
} as const;
