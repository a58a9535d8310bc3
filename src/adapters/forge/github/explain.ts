import { AirlockError, type ErrorCode } from "../../../domain/errors.ts";
import { inertLine } from "../../../domain/inert.ts";

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

/** What is used of octokit's RequestError; a plain error of the transport has none of it. */
interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** The status of an octokit error; 500 for a transport that failed. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return undefined;
  return error.status;
}

/** Whether the same request may have worked, or may work now. */
export function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && (status >= 500 || status === 408);
}

/** Every error of a call, with what to change. */
export function explain(error: unknown, purpose: Purpose): AirlockError {
  if (error instanceof AirlockError) return error;
  const status = statusOf(error);
  const message = inertLine(error instanceof Error ? error.message : "no message", 200);
  if (status === undefined) return failed(error, purpose, message);
  const refusal: Refusal = { status, message };
  const told = REMEDIES[status]?.(purpose);
  if (told === undefined) return failed(error, purpose, `${status}: ${message}`);
  return new AirlockError(told.code, {
    message: `GitHub refused to ${purpose.doing} (${refusal.status}: ${refusal.message}).`,
    remedy: told.remedy,
    cause: error,
  });
}

function failed(error: unknown, purpose: Purpose, message: string): AirlockError {
  return new AirlockError(purpose.code ?? "publish.failed", {
    message: `GitHub failed to ${purpose.doing} (${message}).`,
    remedy: "Run the job again; when it fails again, look at githubstatus.com and at the limits of the token.",
    cause: error,
  });
}

interface Told {
  readonly code: ErrorCode;
  readonly remedy: string;
}

const REMEDIES: Readonly<Record<number, (purpose: Purpose) => Told>> = {
  401: () => ({
    code: "publish.permission",
    remedy: "Give the input `github-token` a token that is valid now; the default `${{ github.token }}` is, for the length of the job.",
  }),
  403: (purpose) => ({
    code: "publish.permission",
    remedy: `Add \`${purpose.permission}\` to the job's \`permissions:\` block${purpose.setting === undefined ? "" : `, and ${purpose.setting}`}. If both are there, wait: this can also be a rate limit.`,
  }),
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
  429: () => ({ code: "publish.failed", remedy: "Wait some minutes and run the job again: the token's rate limit is used up." }),
};
