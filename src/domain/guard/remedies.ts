import type { Finding } from "../patch.ts";

const READ_FIRST = "Read every line of it before it is merged: from then on it acts by itself.";
const SPLIT = "Ask for it in parts that a person can read.";
const RESOLVE = "Ask why it is needed, and look where it leads before anybody checks the branch out.";

/** The gate's advice is for the author of a workflow and makes no sense to the reader of somebody else's change. */
const FOR_READERS: Readonly<Record<string, string>> = {
  "protected-path": READ_FIRST,
  link: RESOLVE,
  "link-escape": "Do not merge it before the link is gone.",
  submodule: "Look at the commit of the other repository that it names.",
  "type-change": RESOLVE,
  "too-many-files": SPLIT,
  "too-large": SPLIT,
  unsearched: SPLIT,
  secret: "Have it revoked if it was real: everybody who reads the pull request has it.",
  "unrepresentable-path": "Ask for another name.",
};

/** The gate's finding with advice for the person who decides on the pull request. */
export function forReaders(finding: Finding): Finding {
  const remedy = FOR_READERS[finding.code];
  const reason = finding.code === "unrepresentable-path" ? "No git tree may hold this path on every platform." : finding.reason;
  return { ...finding, reason, ...(remedy === undefined ? {} : { remedy }) };
}
