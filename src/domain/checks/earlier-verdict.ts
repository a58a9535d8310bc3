import { FINDINGS } from "../findings.ts";
import type { Finding, Patch, Severity, Verdict } from "../patch.ts";
import { showText } from "../paths/show.ts";
import { finding } from "./finding.ts";

const MAX_MISSING = 100;

/** What an earlier job's gate said about a patch, read from its record: hostile, so it is never a reason to publish more. */
export interface EarlierVerdict {
  readonly decision: Verdict["decision"];
  readonly findings: readonly EarlierFinding[];
}

export interface EarlierFinding {
  /** Kebab-case. */
  readonly code: string;
  readonly severity: Severity;
  /** Spelt out, as findings name it. */
  readonly path?: string | undefined;
}

const RANK: Readonly<Record<Verdict["decision"], number>> = { publish: 0, draft: 1, empty: 2, hold: 3 };
const DECISIONS: Readonly<Record<Severity, Verdict["decision"]>> = { refuse: "hold", draft: "draft", notice: "publish" };

/**
 * The stricter of both verdicts. What only the earlier job found is added to the findings in our own words: the record gives only a code,
 * and a path that the patch changes.
 */
export function stricterVerdict(own: Verdict, earlier: EarlierVerdict, { changes }: Patch): Verdict {
  const missing = missingFindings(own, earlier, new Set(changes.map(({ path }) => showText(path))));
  const decisions = [own.decision, earlier.decision, ...missing.map(({ severity }) => DECISIONS[severity])];
  const decision = decisions.reduce((strictest, next) => (RANK[next] > RANK[strictest] ? next : strictest));
  if (decision === own.decision && missing.length === 0) return own;
  const findings = [...(missing.length === 0 ? unnamed(decision) : missing), ...own.findings];
  return { ...own, decision, findings };
}

function missingFindings(own: Verdict, earlier: EarlierVerdict, paths: ReadonlySet<string>): readonly Finding[] {
  const keyOf = ({ code, path }: EarlierFinding): string => `${code}\0${path ?? ""}`;
  const known = new Set(own.findings.map(keyOf));
  const grave = new Map(earlier.findings.filter(({ severity }) => severity !== "notice").map((finding) => [keyOf(finding), finding]));
  return [...grave]
    .filter(([key]) => !known.has(key))
    .slice(0, MAX_MISSING)
    .map(([, { code, severity, path }]) => ({ code, severity, ...(path === undefined || !paths.has(path) ? {} : { path }), ...TOLD }));
}

const TOLD = {
  reason: "The agent's job found this; here, with this step's settings, it was not found again.",
  remedy: FINDINGS["earlier-verdict"].remedy,
} as const;

function unnamed(decision: Verdict["decision"]): readonly Finding[] {
  if (decision === "empty") return [];
  const severity = decision === "hold" ? "refuse" : "draft";
  return [finding({ code: "earlier-verdict", severity, reason: `The agent's job judged this patch \`${decision}\`.` })];
}
