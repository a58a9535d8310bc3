import { AirlockError, type ErrorCode } from "../../../domain/errors.ts";
import { asFailed, describeForeign, isPage, readAnswer } from "./answered.ts";

/** A call as people know it: what it does, and what it needs of the token. */
export interface Purpose {
  /** Continues "GitHub refused to …". */
  readonly doing: string;
  /** Line of the workflow's `permissions:` block. */
  readonly permission: string;
  /** Another reason for a 403, as an imperative sentence. */
  readonly setting?: string;
  /** Code when the service fails or answers nonsense. Default `publish.failed`. */
  readonly code?: ErrorCode;
}

/** The status of an octokit error; 500 for a transport that failed. */
export function statusOf(error: unknown): number | undefined {
  return asFailed(error)?.status;
}

/** Whether the same request may have worked, or may work now. */
export function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && (status >= 500 || status === 408);
}

/**
 * Every error of a call, with what to change. `publish.permission` is a definite no in GitHub's own words; whatever else
 * keeps GitHub from answering tells nothing of what may be done, and has another code.
 */
export function explainGithubError(error: unknown, purpose: Purpose): AirlockError {
  if (error instanceof AirlockError) return error;
  const { status, said, limited, shown } = readAnswer(error);
  const told = said === undefined || limited ? undefined : REMEDIES[status ?? 0]?.(purpose, said);
  return new AirlockError(told?.code ?? purpose.code ?? "publish.failed", {
    message: `GitHub ${told === undefined ? "failed" : "refused"} to ${purpose.doing} (${shown}).`,
    remedy: told?.remedy ?? (limited ? LIMITED : remedyOf(status, said)),
    cause: error,
  });
}

/** An answer with a good status that is not what was asked for. `place`: where its shape is wrong. */
export function misshaped(data: unknown, place: string, { doing, code }: Purpose): AirlockError {
  const whole = typeof data === "string" ? describeForeign(data) : `an answer of another shape than its API describes (${place})`;
  return new AirlockError(code ?? "publish.failed", {
    message: `GitHub failed to ${doing}: it gave ${whole}.`,
    remedy: isPage(data) ? FOREIGN : typeof data === "string" ? OUTAGE : WRONG_API,
  });
}

const OUTAGE = "Run the job again in some minutes; when it fails again, look at githubstatus.com and at the runner's network.";
const BETWEEN = "something between this runner and GitHub answers in its place, such as a proxy or a login page";
const FOREIGN = `Let the runner reach GitHub's API itself, and check GITHUB_API_URL: ${BETWEEN}. Then run the job again.`;
const LIMITED = "Wait until the token's rate limit has room again, an hour at most, and run the job again.";
const WRONG_API = "Check GITHUB_API_URL: it has to be the REST API of github.com or of a GitHub Enterprise Server.";

/** Without words of GitHub's own: its outages come as pages, too. */
function remedyOf(status: number | undefined, said: string | undefined): string {
  if (said !== undefined || status === undefined) return OUTAGE;
  return status >= 500 ? `${OUTAGE} Or ${BETWEEN}.` : FOREIGN;
}

interface Explained {
  readonly code: ErrorCode;
  readonly remedy: string;
}

/** `said`: GitHub's own words, which tell some refusals apart. */
const REMEDIES: Readonly<Record<number, (purpose: Purpose, said: string) => Explained>> = {
  401: () => ({
    code: "forge.credential",
    remedy: "Give the input `github-token` a token that is valid now; the default `${{ github.token }}` is, for the length of the job.",
  }),
  403: (purpose, said) => ({ code: "publish.permission", remedy: remedyOfForbidden(purpose, said) }),
  404: (purpose) => ({
    code: "publish.permission",
    remedy: `Check that the repository, branch or number exists and that the token sees it: add \`${purpose.permission}\` to the job's \`permissions:\` block. GitHub answers 404 for what a token may not see.`,
  }),
  409: () => ({
    code: "publish.conflict",
    remedy:
      "Run the job again: something else changed the repository at the same time, or the repository is empty and needs a first commit.",
  }),
  410: () => ({
    code: "publish.permission",
    remedy: "Switch on issues for the repository (Settings, General, Features), or unlock what is locked.",
  }),
  422: (purpose) => ({
    code: "publish.failed",
    remedy:
      `Check what the message names; a rule of the repository (branch protection, ruleset, spam check) may forbid it. ${purpose.setting === undefined ? "" : `Also ${purpose.setting}.`}`.trim(),
  }),
};

function remedyOfForbidden({ permission, setting }: Purpose, said: string): string {
  if (/IP allow list/i.test(said))
    return "Put the runner's address on the organisation's IP allow list, or use a runner whose address is on it.";
  if (/SAML/.test(said)) return "Authorize the token in the input `github-token` for the organisation's single sign-on.";
  return `Add \`${permission}\` to the job's \`permissions:\` block${setting === undefined ? "" : `, and ${setting}`}.`;
}
