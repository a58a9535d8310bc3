import type { FindingEntry } from "../../src/domain/finding-entry.ts";
import { FINDINGS } from "../../src/domain/findings.ts";

/** The tables of docs/how-to/the-gate.md: what the gate finds, and what the guard of a review finds beside it. */
export function renderFindings(): string {
  return [
    ...renderTable("gate"),
    "",
    "The guard of a [review](reviews.md) shows those of the gate and these.",
    "",
    ...renderTable("guard"),
  ].join("\n");
}

function renderTable(by: FindingEntry["by"]): readonly string[] {
  const entries = Object.entries(FINDINGS).filter(([, entry]) => entry.by === by);
  return [
    "| code | severity | what it means | what to do |",
    "|---|---|---|---|",
    ...entries.map(
      ([code, entry]: [string, FindingEntry]) =>
        `| \`${code}\` | ${entry.shownAs ?? entry.severities.join(", ")} | ${entry.meaning} | ${entry.remedy} |`,
    ),
  ];
}
