import { AirlockError } from "../../domain/errors.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import type { UsageTally } from "./usage-meter.ts";

/** So many answers in a row without content end the run; no client that was tried asks for the same thing more than seven times. */
const MAX_EMPTY_STREAK = 12;
/** What is left of an hour's or a day's limit is not waited for; without a word of the service a client comes back after this. */
const DEFAULT_RETRY_MS = 60_000;

/** What came back for one paid request. */
export interface ServiceAnswer {
  /** Undefined when no response came. */
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly tally: UsageTally;
}

/** Watches the answers of the model's service for what no further request would cure. */
export interface ServiceHealth {
  note(answer: ServiceAnswer): void;
  /** When the service takes requests again, in ISO form; set while the last thing it said is that there were too many. */
  retryAt(): string | undefined;
}

export interface ServiceHealthOptions {
  readonly api: ModelApi;
  /** The input that holds the credential. */
  readonly credential: string;
  /** Ends the run. */
  readonly stop: (error: AirlockError) => void;
  readonly now: () => number;
}

export function watchService(options: ServiceHealthOptions): ServiceHealth {
  let answered = false;
  let empty = 0;
  let retryAt: string | undefined;
  const noteSuccess = (content: boolean): void => {
    retryAt = undefined;
    answered ||= content;
    empty = content ? 0 : empty + 1;
    if (empty >= MAX_EMPTY_STREAK) options.stop(emptyAnswers(empty));
  };
  const noteFailure = ({ status, retryAfter, tally }: ServiceAnswer & { readonly status: number }): void => {
    const error = findDefinite(options.credential, { status, said: readError(tally.head), answered });
    if (error !== undefined) options.stop(error);
    else if (status === 429) retryAt = new Date(options.now() + readRetryAfter(retryAfter, options.now())).toISOString();
  };
  return {
    retryAt: () => retryAt,
    note(answer) {
      const { status } = answer;
      if (status !== undefined && status < 300) noteSuccess(answer.tally.content);
      else if (status !== undefined) noteFailure({ ...answer, status });
    },
  };
}

interface Rejection {
  readonly status: number;
  readonly said: ErrorWords;
  /** An earlier request was answered with content, so the credential is good. */
  readonly answered: boolean;
}

/** The error that no further request would cure; undefined when it may pass, or is about one request only. */
export function findDefinite(credential: string, { status, said, answered }: Rejection): AirlockError | undefined {
  if (status === 402 || said.kinds.some((kind) => CREDIT_KINDS.has(kind)) || CREDIT_MESSAGE.test(said.message)) {
    return new AirlockError("model.credit", {
      message: `The model's service answered ${status}: the account of \`${credential}\` has no credit left, or no way to pay.`,
      remedy: `Add credit to that account at the service, or give \`${credential}\` a key of another one. Then run again.`,
    });
  }
  const refused = status === 401 || said.kinds.includes("API_KEY_INVALID");
  const forbidden = status === 403 && !answered && said.kinds.some((kind) => FORBIDDEN_KINDS.has(kind));
  if (!refused && !forbidden) return undefined;
  return new AirlockError("model.credential", {
    message: refused
      ? `The model's service answered ${status}: it does not accept \`${credential}\`.`
      : `The model's service answered ${status}: it accepts \`${credential}\`, but not for this model or this use.`,
    remedy: refused
      ? `Make a new key or token at the service, store it in the repository's secrets, and check that \`${credential}\` gets it.`
      : "Choose a `model` that the account may use, or give the key or token the permission.",
  });
}

const CREDIT_KINDS = new Set([
  "billing_error",
  "insufficient_quota",
  "billing_not_active",
  "billing_hard_limit_reached",
  "insufficient_credits",
]);
/** Anthropic says this with 400 and a general type. */
const CREDIT_MESSAGE = /^Your credit balance is too low/;
const FORBIDDEN_KINDS = new Set([
  "permission_error",
  "authentication_error",
  "PERMISSION_DENIED",
  "permission_denied",
  "unsupported_country_region_territory",
]);

interface ErrorWords {
  /** Types, codes and reasons that the body states. */
  readonly kinds: readonly string[];
  readonly message: string;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** What the first bytes of a refusal say, in the form of any of the three APIs. */
export function readError(head: string): ErrorWords {
  let body: unknown;
  try {
    body = JSON.parse(head);
  } catch {
    return { kinds: [], message: "" };
  }
  const error = fieldsOf(fieldsOf(Array.isArray(body) ? body[0] : body)["error"]);
  const details = Array.isArray(error["details"]) ? error["details"].map((detail) => fieldsOf(detail)["reason"]) : [];
  const kinds = [error["type"], error["code"], error["status"], ...details].filter((kind) => typeof kind === "string");
  return { kinds, message: typeof error["message"] === "string" ? error["message"] : "" };
}

function emptyAnswers(count: number): AirlockError {
  return new AirlockError("model.empty", {
    message: `The model's service answered ${count} requests in a row with success and without content.`,
    remedy: "Run again later, or choose another `model`. If there is a gateway of your own before the service, look at its log.",
  });
}

/** Seconds or a date. */
function readRetryAfter(value: string | undefined, nowMs: number): number {
  if (value === undefined) return DEFAULT_RETRY_MS;
  const ms = /^\d{1,7}(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, MAX_RETRY_MS) : DEFAULT_RETRY_MS;
}

const MAX_RETRY_MS = 366 * 24 * 3_600_000;
