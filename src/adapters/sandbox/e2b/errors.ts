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
import { explainFailure, type FailedCall, type FailureKind, kindOfStatus, type Vendor, VendorFailure } from "../shared/vendor-failure.ts";

export const E2B: Vendor = {
  provider: "e2b",
  name: "E2B",
  credential: "API key",
  input: "e2b-api-key",
  account: "team",
  sandboxes: "sandboxes",
  // The daemon accepts its key as long as the sandbox exists.
  meansGone: ["not-found", "credentials"],
  ifGone: "If it happens every time, look at E2B's status page and at the lifetime that your plan allows.",
  ifLeft: "Destroy it in E2B's dashboard, or wait: it ends by itself when its lifetime is over.",
};

/**
 * What a failed call of the SDK means. Two of its classes share no base with the others (e2b 2.51.0, `errors.ts`), and what the network
 * does comes as it is.
 */
export function readE2bFailure(error: unknown): VendorFailure {
  if (error instanceof VendorFailure) return error;
  const detail = messageOf(error);
  return new VendorFailure(classify(error), { detail, cause: error });
}

function classify(error: unknown): FailureKind {
  if (error instanceof AuthenticationError) return "credentials";
  if (error instanceof ServiceBusyError) return "capacity";
  if (error instanceof RateLimitError) return "rate-limit";
  if (error instanceof NotEnoughSpaceError) return "disk-full";
  if (error instanceof TemplateError) return "template";
  if (error instanceof NotFoundError) return "not-found";
  if (error instanceof InvalidArgumentError) return "bad-request";
  return error instanceof SandboxError ? kindOfStatus(error.statusCode) : "interrupted";
}

/** Makes a call of the SDK. @throws VendorFailure, and an AirlockError as it is */
export async function callE2b<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof AirlockError ? error : readE2bFailure(error);
  }
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

/** The error for people. An AirlockError is returned as it is. */
export function explainE2bError(error: unknown, context: FailureContext): AirlockError {
  if (error instanceof AirlockError) return error;
  return explainFailure(tellQuota(readE2bFailure(error), context), callAtE2b(context));
}

/** A call with E2B's own advice for its failures. */
export function callAtE2b(context: FailureContext): FailedCall {
  const { what, running, template = "" } = context;
  return {
    vendor: E2B,
    what,
    remedies: {
      forbidden: "Check in E2B's dashboard that the key's team is not blocked and may use this template.",
      "not-found": `Set the input \`template\` to a template that the key's team can use; \`${template}\` was asked for.`,
      "bad-request": remedyForBadRequest(context),
      template: "Build the template anew with a current version of E2B's tools.",
    },
    ...(running === undefined ? {} : { more: `The team has ${running} sandboxes.` }),
  };
}

/** One status for two things: calls that come too fast, and too many sandboxes at once. How many run tells which it is. */
function tellQuota(failure: VendorFailure, { running = 0 }: FailureContext): VendorFailure {
  if (failure.kind !== "rate-limit" || running < SMALLEST_CONCURRENCY) return failure;
  return new VendorFailure("quota", { detail: failure.message, cause: failure.cause });
}

function remedyForBadRequest({ lifetimeMs = 0 }: FailureContext): string {
  if (lifetimeMs <= SMALLEST_LIFETIME_MS) return "Check the inputs `template` and `timeout-minutes`.";
  const minutes = Math.ceil(lifetimeMs / 60_000);
  return `Lower \`timeout-minutes\`: the sandbox would live ${minutes} minutes, and E2B's plans allow 60 (Hobby) or 1440 (Pro).`;
}
