import { z } from "zod";
import { AirlockError, messageOf } from "../../../domain/errors.ts";
import { Interrupted } from "../shared/bootstrap/machine.ts";

/** What a call that failed means for the caller. */
export type FailureKind =
  /** The answer was lost, or none came: the call may have had its effect. */
  | "interrupted"
  /** Nothing was done; later it may be. */
  | "rate-limit"
  | "capacity"
  /** The account has as many sprites as it may. */
  | "quota"
  | "credentials"
  | "not-found"
  | "bad-request";

const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  400: "bad-request",
  401: "credentials",
  402: "quota",
  403: "credentials",
  404: "not-found",
  405: "bad-request",
  410: "not-found",
  413: "bad-request",
  415: "bad-request",
  422: "bad-request",
  429: "rate-limit",
  503: "capacity",
};

/** The service's word for the one 429 that waiting a minute does not cure (types of its published SDK, 0.1.0). */
const QUOTA_CODE = "concurrent_sprite_limit_exceeded";
const MAX_DETAIL_CHARACTERS = 300;

/** A call to Sprites that failed. Never leaves the adapter. */
export class SpritesFailure extends Error {
  readonly kind: FailureKind;
  /** 0: there was no answer. */
  readonly status: number;
  /** As the service asked; 0: it did not. */
  readonly retryAfterMs: number;

  constructor(
    kind: FailureKind,
    details: { readonly detail: string; readonly status?: number; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super(clean(details.detail), { cause: details.cause });
    this.name = "SpritesFailure";
    this.kind = kind;
    this.status = details.status ?? 0;
    this.retryAfterMs = details.retryAfterMs ?? 0;
  }
}

const bodySchema = z.looseObject({
  error: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  retry_after_seconds: z.number().nonnegative().optional().catch(undefined),
});

export interface RefusedAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** The body's code decides which 429 it is; its words are only shown. */
export function readSpritesFailure({ status, retryAfter, text }: RefusedAnswer): SpritesFailure {
  const body = bodySchema.safeParse(parseJson(text)).data ?? {};
  const kind = body.error === QUOTA_CODE ? "quota" : (BY_STATUS[status] ?? "interrupted");
  const header = retryAfter !== null && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : 0;
  const retryAfterMs = 1000 * Math.max(body.retry_after_seconds ?? 0, header);
  const detail = `status ${status}${body.error === undefined ? "" : `, ${body.error}`}${describe(body.message ?? (body.error === undefined ? text : ""))}`;
  return new SpritesFailure(kind, { status, retryAfterMs, detail });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(text: string): string {
  return text.trim() === "" ? "" : `: ${text}`;
}

function clean(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, MAX_DETAIL_CHARACTERS);
}

/** Whatever was thrown, as a failure; network errors come in many classes and mean the same. */
export function asFailure(error: unknown): SpritesFailure {
  if (error instanceof SpritesFailure) return error;
  const detail = messageOf(error);
  return new SpritesFailure("interrupted", { detail, cause: error });
}

/** The error for people. `what` is the call in words: "create a sandbox". */
export function translateSpritesError(error: unknown, what: string): AirlockError {
  if (error instanceof AirlockError) return error;
  const cause = asFailure(error);
  const said = `(${cause.message})`;
  switch (cause.kind) {
    case "credentials":
      return new AirlockError("sandbox.refused", {
        message: `Sprites refused the token of the input \`sprites-token\` when asked to ${what} ${said}.`,
        remedy: "Set `sprites-token` from a repository secret that holds a valid token of your Sprites organization.",
        cause,
      });
    case "quota":
      return new AirlockError("sandbox.exhausted", {
        message: `The organization has as many sprites as its Sprites plan allows, so Sprites did not ${what} ${said}.`,
        remedy: "Wait for other runs to end, delete sprites that nobody uses, or choose a larger plan.",
        cause,
      });
    case "rate-limit":
      return new AirlockError("sandbox.exhausted", {
        message: `Sprites' rate limit is used up, so it did not ${what} ${said}.`,
        remedy: `Run again in ${waitInWords(cause)}; when many runs start together, limit them with the workflow's \`concurrency\`.`,
        cause,
      });
    case "capacity":
      return new AirlockError("sandbox.exhausted", {
        message: `Sprites has no capacity at the moment to ${what} ${said}.`,
        remedy: "Run again in a few minutes. Look at the provider's status page when it lasts.",
        cause,
      });
    case "bad-request":
    case "not-found":
      return new AirlockError("sandbox.refused", {
        message: `Sprites refused to ${what} ${said}.`,
        remedy: "Check that the token's organization may create sprites; update Airlock if it may.",
        cause,
      });
    case "interrupted":
      return new AirlockError("sandbox.unavailable", {
        message: `Sprites could not ${what} ${said}.`,
        remedy: "Run again. If it happens every time, look at the provider's status page and at the runner's network.",
        cause,
      });
  }
}

function waitInWords({ retryAfterMs }: SpritesFailure): string {
  return retryAfterMs > 0 ? `${Math.ceil(retryAfterMs / 1000)} seconds` : "a minute";
}

/** For work in a sandbox that stands: what may be repeated, and what is final. */
export function inMachine(error: unknown, what: string): Error {
  if (error instanceof AirlockError || error instanceof Interrupted) return error;
  const failure = asFailure(error);
  if (["interrupted", "rate-limit", "capacity"].includes(failure.kind)) return new Interrupted(failure.message, failure);
  if (failure.kind !== "not-found") return translateSpritesError(failure, what);
  return new AirlockError("sandbox.unavailable", {
    message: `The sandbox went away while it was prepared: Sprites could not ${what} (${failure.message}).`,
    remedy: "Run again. Make sure that nothing else deletes sprites whose names begin with `airlock-`.",
    cause: failure,
  });
}
