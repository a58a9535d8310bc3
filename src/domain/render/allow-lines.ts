import { fence } from "../inert.ts";

const MAX_LINES = 100;
const MAX_CHARS = 12_000;

export interface AllowLines {
  /** Host rules, one per element; hostile text when they come from a record. */
  readonly rules: readonly string[];
  /** Also sets `network`, so that the block stands for what was watched. */
  readonly network?: "allowlist";
}

/** Host rules as YAML that can be pasted below a step's `with`. What is left out is counted in a line that the grammar takes for a comment. */
export function renderAllow({ rules, network }: AllowLines): string {
  const left = rules.length - MAX_LINES;
  return fence(
    [
      ...(network === undefined ? [] : [`network: ${network}`]),
      "allow: |",
      ...rules.slice(0, MAX_LINES).map((rule) => `  ${rule}`),
      ...(left > 0 ? [`  # and ${left} more, in record.json`] : []),
    ].join("\n"),
    { language: "yaml", maxChars: MAX_CHARS },
  );
}
