import { fence } from "../inert.ts";

const MAX_LINES = 100;
const MAX_CHARS = 12_000;

export interface AllowLines {
  /** Host rules, one per element; hostile text if they come from a record. */
  readonly rules: readonly string[];
  /** Also sets `network`, so that the block describes what was observed. */
  readonly network?: "allowlist";
}

/** Host rules as YAML that can be pasted below a step's `with`. A comment line counts what is left out. */
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
