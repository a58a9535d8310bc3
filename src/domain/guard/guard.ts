import { finding } from "../checks/finding.ts";
import type { Finding } from "../patch.ts";
import { type FileDiff, linesOf } from "../review/diff.ts";
import { addressesAgent } from "./address.ts";
import { type AuthorFacts, type Authorship, recogniseAuthor } from "./agents.ts";
import { checkClaims } from "./claims.ts";
import { checkAddress, checkHiddenText } from "./description.ts";
import { checkAssertions, checkCoverage } from "./weaker-tests.ts";

/** A pull request as the guard sees it. All texts are raw. */
export interface GuardFacts extends AuthorFacts {
  readonly title: string;
  /** The repository's own pull request template at the base. */
  readonly template: string;
  readonly files: readonly FileDiff[];
  /** What the gate says about the pull request's own change. */
  readonly gateFindings: readonly Finding[];
}

/** What can be said about a pull request without asking a model. The same input gives the same result. */
export interface GuardReport {
  readonly author: Authorship | undefined;
  readonly flags: readonly Finding[];
}

/** Decides the flags of a pull request: the gate's, and those that only make sense for somebody else's change. */
export function guard(facts: GuardFacts): GuardReport {
  const flags = [
    ...facts.gateFindings,
    ...facts.files.flatMap((file) => [...checkCoverage(file), ...checkAssertions(file), ...checkAddedText(file)]),
    ...checkHiddenText(facts),
    ...checkAddress(facts),
    ...checkClaims(facts),
  ];
  return { author: recogniseAuthor(facts), flags: dedupe(flags) };
}

/** Instructions to an agent among the added lines: of code, of documentation, of anything that an agent reads later. */
function checkAddedText(file: FileDiff): readonly Finding[] {
  if (!addressesAgent(linesOf(file, "added").join("\n"))) return [];
  return [
    finding({
      code: "addresses-agent",
      path: file.path,
      reason: "An added line gives instructions to an agent that reads it.",
    }),
  ];
}

const RANK = { refuse: 0, draft: 1, notice: 2 } as const;

function dedupe(flags: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>();
  for (const found of flags) {
    const key = JSON.stringify([found.code, found.path ?? "", found.reason]);
    if (!seen.has(key)) seen.set(key, found);
  }
  return [...seen.values()].toSorted((left, right) => RANK[left.severity] - RANK[right.severity]);
}
