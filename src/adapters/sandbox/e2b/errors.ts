import {
  AuthenticationError,
  InvalidArgumentError,
  NotEnoughSpaceError,
  NotFoundError,
  RateLimitError,
  SandboxError,
  ServiceBusyError,
  TemplateError,
} from "e2b";
import { AirlockError, messageOf } from "../../../domain/errors.ts";

/**
 * What a failed call of the SDK means. Two of its classes share no base with the others (e2b 2.51.0, `errors.ts`), and what the network
 * does comes as it is.
 */
export type Failure =
  /** The answer was lost, or none came: the call may have had its effect. */
  | { readonly kind: "interrupted" }
  /** Nothing was done; later it may be. */
  | { readonly kind: "rate-limit" | "capacity" }
  | { readonly kind: "credentials" | "forbidden" | "not-found" | "bad-request" | "disk-full" | "template" };

export type FailureKind = Failure["kind"];

const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  400: "bad-request",
  401: "credentials",
  403: "forbidden",
  404: "not-found",
  409: "interrupted",
  422: "bad-request",
  429: "rate-limit",
  503: "capacity",
  507: "disk-full",
};

export function classifyE2bError(error: unknown): FailureKind {
  if (error instanceof AuthenticationError) return "credentials";
  if (error instanceof ServiceBusyError) return "capacity";
  if (error instanceof RateLimitError) return "rate-limit";
  if (error instanceof NotEnoughSpaceError) return "disk-full";
  if (error instanceof TemplateError) return "template";
  if (error instanceof NotFoundError) return "not-found";
  if (error instanceof InvalidArgumentError) return "bad-request";
  if (error instanceof SandboxError) return BY_STATUS[error.statusCode ?? 0] ?? "interrupted";
  return "interrupted";
}

/** Where a call failed, in words: "create a sandbox". */
export interface FailureContext {
  readonly what: string;
  readonly template?: string;
  /** The sandbox's lifetime, when it was asked for. */
  readonly lifetimeMs?: number;
  /** Sandboxes that the account has running, when that is known. */
  readonly running?: number;
}

/** The smallest plan's limit on sandboxes that run at once (E2B documentation, rate limits). */
const SMALLEST_CONCURRENCY = 20;
/** The smallest plan's limit on a sandbox's life. */
const SMALLEST_LIFETIME_MS = 3_600_000;

/** The error for people. E2B's own words are shown, cut and cleaned; they never decide anything. */
export function translateE2bError(error: unknown, context: FailureContext): AirlockError {
  const { what } = context;
  const said = quoteVendor(error);
  switch (classifyE2bError(error)) {
    case "credentials":
      return new AirlockError("sandbox.refused", {
        message: `E2B refused the API key of the input \`e2b-api-key\` when asked to ${what}${said}`,
        remedy: "Set `e2b-api-key` from a repository secret that holds a valid key of your E2B team.",
        cause: error,
      });
    case "forbidden":
      return refused(error, context, "Check in E2B's dashboard that the key's team is not blocked and may use this template.");
    case "not-found":
      return refused(
        error,
        context,
        `Set the input \`template\` to a template that the key's team can use; \`${context.template ?? ""}\` was asked for.`,
      );
    case "bad-request":
      return refused(error, context, remedyForBadRequest(context));
    case "rate-limit":
      return exhausted(error, context);
    case "capacity":
      return new AirlockError("sandbox.exhausted", {
        message: `E2B has no capacity at the moment to ${what}${said}`,
        remedy: "Run again in a few minutes. Look at E2B's status page when it lasts.",
        cause: error,
      });
    case "disk-full":
      return unavailable(error, context, "Use a template with a larger disk.");
    case "template":
      return unavailable(error, context, "Build the template anew with a current version of E2B's tools.");
    case "interrupted":
      return unavailable(error, context, "Run again. If it happens every time, look at E2B's status page and at the runner's network.");
  }
}

function refused(error: unknown, { what }: FailureContext, remedy: string): AirlockError {
  return new AirlockError("sandbox.refused", { message: `E2B refused to ${what}${quoteVendor(error)}`, remedy, cause: error });
}

function unavailable(error: unknown, { what }: FailureContext, remedy: string): AirlockError {
  return new AirlockError("sandbox.unavailable", { message: `E2B could not ${what}${quoteVendor(error)}`, remedy, cause: error });
}

function remedyForBadRequest({ lifetimeMs = 0 }: FailureContext): string {
  if (lifetimeMs <= SMALLEST_LIFETIME_MS) return "Check the inputs `template` and `timeout-minutes`.";
  const minutes = Math.ceil(lifetimeMs / 60_000);
  return `Lower \`timeout-minutes\`: the sandbox would live ${minutes} minutes, and E2B's plans allow 60 (Hobby) or 1440 (Pro).`;
}

/** One status for two things: calls that come too fast, and too many sandboxes at once. How many run tells which it is. */
function exhausted(error: unknown, { what, running }: FailureContext): AirlockError {
  const isQuota = running !== undefined && running >= SMALLEST_CONCURRENCY;
  const count = running === undefined ? "" : ` The team has ${running} sandboxes.`;
  return new AirlockError("sandbox.exhausted", {
    message: `E2B's ${isQuota ? "quota of sandboxes" : "rate limit"} is used up, so it did not ${what}${quoteVendor(error)}${count}`,
    remedy: isQuota
      ? "Wait for other runs to end, end sandboxes that nobody uses, or ask E2B for a higher limit."
      : "Run again in a minute; when many runs start together, limit them with the workflow's `concurrency`.",
    cause: error,
  });
}

const MAX_QUOTED_CHARACTERS = 300;

function quoteVendor(error: unknown): string {
  const text = messageOf(error);
  const clean = text
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, MAX_QUOTED_CHARACTERS);
  return clean === "" ? "." : ` (${clean}).`;
}
