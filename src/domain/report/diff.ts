import { inertHtml } from "../inert.ts";
import { note } from "./parts.ts";

const MAX_LINES = 3000;
const MAX_LINE_CHARS = 1000;

/** A unified diff with its added and removed lines marked, also by their sign, not by colour alone. */
export function renderDiff(diff: string): string {
  if (diff === "") return note("No diff.");
  const lines = diff.split("\n");
  const shown = lines
    .slice(0, MAX_LINES)
    .map((line) => `<span class="${classOf(line)}">${inertHtml(line.slice(0, MAX_LINE_CHARS)) || " "}</span>`);
  const left = lines.length > MAX_LINES ? note(`${lines.length - MAX_LINES} more lines are in patch.diff.`) : "";
  return `<pre class="diff" tabindex="0" aria-label="Diff">${shown.join("")}</pre>${left}`;
}

function classOf(line: string): string {
  if (line.startsWith("+++") || line.startsWith("---") || line.startsWith("@@") || line.startsWith("diff ") || line.startsWith("index "))
    return "hunk";
  if (line.startsWith("+")) return "add";
  return line.startsWith("-") ? "del" : "same";
}
