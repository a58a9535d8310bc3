import type { Finding } from "../patch.ts";
import type { Assembled } from "./assemble.ts";

export type Risk = "low" | "medium" | "high";

export interface VerdictFacts {
  readonly assembled: Assembled;
  readonly flags: readonly Finding[];
  /** Everything was read, and the agent left a usable review. */
  readonly complete: boolean;
  /** The repository allows approvals. */
  readonly mayApprove: boolean;
  /** Login that the token writes as; undefined: not known. */
  readonly identity: string | undefined;
  readonly author: string;
}

/** Decided from what was found, never from what the agent asks for. */
export interface ReviewVerdict {
  readonly risk: Risk;
  readonly event: "COMMENT" | "REQUEST_CHANGES" | "APPROVE";
  readonly conclusion: "success" | "neutral" | "failure";
}

/** Serious findings request changes. An approval needs the repository's permission, no findings, and an account other than the author's. */
export function decideReview(facts: VerdictFacts): ReviewVerdict {
  const risk = assessRisk(facts);
  const foreign = facts.identity !== undefined && facts.identity.toLowerCase() !== facts.author.toLowerCase();
  if (risk === "high") return { risk, event: foreign ? "REQUEST_CHANGES" : "COMMENT", conclusion: "failure" };
  if (risk === "medium" || !facts.complete) return { risk, event: "COMMENT", conclusion: "neutral" };
  const { inline, summary, standing, dropped } = facts.assembled;
  const clear = inline.length + summary.length + standing.length + dropped.unproved === 0;
  const approve = facts.mayApprove && foreign && clear;
  return { risk, event: approve ? "APPROVE" : "COMMENT", conclusion: "success" };
}

function assessRisk({ assembled, flags }: VerdictFacts): Risk {
  const { inline, summary, standing } = assembled;
  const severities = [...[...inline, ...summary].map(({ finding }) => finding), ...standing].map(({ severity }) => severity);
  if (flags.some(({ severity }) => severity === "refuse") || severities.some((one) => one === "critical" || one === "high")) return "high";
  return flags.some(({ severity }) => severity === "draft") || severities.includes("medium") ? "medium" : "low";
}
