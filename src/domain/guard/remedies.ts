import { findingEntry } from "../findings.ts";
import type { Finding } from "../patch.ts";

/** The gate's finding with advice for the person who decides on the pull request: the advice to a workflow's author makes no sense there. */
export function forReaders(finding: Finding): Finding {
  const remedy = findingEntry(finding.code)?.forReaders ?? finding.remedy;
  const reason = finding.code === "unrepresentable-path" ? "No git tree may hold this path on every platform." : finding.reason;
  return { ...finding, reason, remedy };
}
