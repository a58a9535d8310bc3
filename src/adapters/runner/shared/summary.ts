import { summary } from "@actions/core";

/** GitHub refuses a larger summary of a step: docs.github.com, "Workflow commands", step isolation and limits. */
const MAX_SUMMARY_BYTES = 1_048_576;
const CUT = "\n\n… cut at 1 MiB; the whole report is in the artifact.\n";

/** Adds to the step's summary, cut at the end of a line to what GitHub accepts. Does nothing if the runner has no summary. */
export async function writeSummary(markdown: string): Promise<void> {
  if (!process.env.GITHUB_STEP_SUMMARY) return;
  await summary.addRaw(cutToBytes(markdown)).write();
}

function cutToBytes(markdown: string): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= MAX_SUMMARY_BYTES) return markdown;
  const room = bytes.subarray(0, MAX_SUMMARY_BYTES - Buffer.byteLength(CUT));
  const kept = new TextDecoder().decode(room, { stream: true });
  const end = kept.lastIndexOf("\n");
  return `${end < 0 ? kept : kept.slice(0, end)}${CUT}`;
}
