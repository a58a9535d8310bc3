import type { Finding, Verdict } from "../patch.ts";
import type { VerificationOutcome } from "../verification/outcome.ts";
import { finding } from "./finding.ts";

export interface Verified {
  readonly outcome: VerificationOutcome;
  /** `setup` ran again for what the patch changed in manifests and lockfiles. */
  readonly ownInstall: boolean;
}

/** The gate's verdict with what a person has to know of the verification. It can only become stricter. */
export function withVerification(verdict: Verdict, verified: Verified | undefined): Verdict {
  const found = verified === undefined ? [] : [...findBase(verified), ...findInstall(verified, verdict.findings)];
  if (found.length === 0) return verdict;
  const drafted = verdict.decision === "publish" && found.some(({ severity }) => severity === "draft");
  return { ...verdict, ...(drafted ? { decision: "draft" } : {}), findings: [...found, ...verdict.findings] };
}

function findBase({ outcome }: Verified): readonly Finding[] {
  if (outcome !== "base-fails") return [];
  return [finding({ code: "base-fails", reason: "The commands of `verify` fail before the patch and after it." })];
}

function findInstall({ ownInstall }: Verified, findings: readonly Finding[]): readonly Finding[] {
  if (!ownInstall) return [];
  const scripts = findings.some(({ code }) => code === "install-script");
  const reason = `The patch changes what is installed, or does not ignore it, and \`setup\` ran again for it before the verification${scripts ? ", install scripts included" : ""}.`;
  return [finding({ code: "verified-after-own-install", severity: scripts ? "draft" : "notice", reason })];
}
