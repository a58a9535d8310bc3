import { AirlockError, type ErrorCode, messageOf } from "../../../domain/errors.ts";
import { Interrupted } from "./bootstrap/machine.ts";

/** What a failed call to a cloud's API means for the caller. */
export type FailureKind =
  /** The answer was lost, or none came: the call may have had its effect. */
  | "interrupted"
  /** Nothing was done; later it may be. */
  | "rate-limit"
  | "capacity"
  /** The account has reached its number of sandboxes. */
  | "quota"
  | "credentials"
  | "forbidden"
  | "not-found"
  | "bad-request"
  | "disk-full"
  /** The template exists and cannot be used. */
  | "template";

const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  400: "bad-request",
  401: "credentials",
  402: "quota",
  403: "forbidden",
  404: "not-found",
  405: "bad-request",
  410: "not-found",
  413: "bad-request",
  415: "bad-request",
  422: "bad-request",
  429: "rate-limit",
  503: "capacity",
  507: "disk-full",
};

/** What an HTTP status means, unless the vendor's own words say more. After any other status it is unknown what was done. */
export function kindOfStatus(status: number | undefined): FailureKind {
  return BY_STATUS[status ?? 0] ?? "interrupted";
}

const REPEATABLE: ReadonlySet<FailureKind> = new Set(["interrupted", "rate-limit", "capacity"]);

/** May the same call succeed when it is made again? */
export function isRepeatable({ kind }: VendorFailure): boolean {
  return REPEATABLE.has(kind);
}

const MAX_WORDS_CHARACTERS = 300;

/** Words of a vendor or of a machine as one short line of printable ASCII. They are shown and never decide anything. */
export function cleanWords(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, MAX_WORDS_CHARACTERS);
}

export interface FailureDetails {
  /** In the vendor's words; they are cleaned. */
  readonly detail: string;
  /** How long the vendor asks to wait. Default 0: it does not say. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A call to a cloud's API that failed. Never leaves the adapter: people see what `explainFailure` makes of it. */
export class VendorFailure extends Error {
  readonly kind: FailureKind;
  readonly retryAfterMs: number;

  constructor(kind: FailureKind, { detail, retryAfterMs = 0, cause }: FailureDetails) {
    super(cleanWords(detail), { cause });
    this.name = "VendorFailure";
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Any thrown value as a failure. Network errors come in many classes, and all mean `interrupted`. */
export function asFailure(error: unknown): VendorFailure {
  if (error instanceof VendorFailure) return error;
  const detail = messageOf(error);
  return new VendorFailure("interrupted", { detail, cause: error });
}

/** A vendor's nouns and advice, as they stand in errors. */
export interface Vendor {
  /** Its value of the input `provider`, such as `e2b`. */
  readonly provider: string;
  /** As the vendor writes it, such as "E2B". */
  readonly name: string;
  /** What the vendor calls its credential, such as "API key". */
  readonly credential: string;
  /** The input that holds the credential. */
  readonly input: string;
  /** The kind of account that the credential belongs to, such as "team". */
  readonly account: string;
  /** What the vendor calls sandboxes. */
  readonly sandboxes: string;
  /** Kinds of failure that mean, for a sandbox that existed, that it is gone. */
  readonly meansGone: readonly FailureKind[];
  /** What to do if a sandbox went away by itself; follows "Run again.". */
  readonly ifGone: string;
  /** What to do if the vendor did not confirm that a sandbox is destroyed. */
  readonly ifLeft: string;
}

/** What to do when the credential is missing or not valid. */
export function askForCredential({ name, credential, input, account }: Vendor): string {
  return `Set \`${input}\` from a repository secret that holds a valid ${credential} of your ${name} ${account}`;
}

interface Sentence {
  readonly code: ErrorCode;
  readonly claim: (vendor: Vendor, what: string) => string;
  readonly remedy: (vendor: Vendor, failure: VendorFailure) => string;
}

const refusedTo: Sentence["claim"] = ({ name }, what) => `${name} refused to ${what}`;
const couldNot: Sentence["claim"] = ({ name }, what) => `${name} could not ${what}`;
const checkAccount: Sentence["remedy"] = ({ credential, account, sandboxes }) =>
  `Check that the ${credential}'s ${account} may create ${sandboxes}; update Airlock if it may.`;

/** One sentence for each kind of failure, for every vendor. */
const SENTENCES: Readonly<Record<FailureKind, Sentence>> = {
  interrupted: {
    code: "sandbox.unavailable",
    claim: couldNot,
    remedy: ({ name }) => `Run again. If it happens every time, look at ${genitive(name)} status page and at the runner's network.`,
  },
  "rate-limit": {
    code: "sandbox.exhausted",
    claim: ({ name }, what) => `${genitive(name)} rate limit is used up, so it did not ${what}`,
    remedy: (_vendor, failure) =>
      `Run again in ${waitInWords(failure)}; when many runs start together, limit them with the workflow's \`concurrency\`.`,
  },
  capacity: {
    code: "sandbox.exhausted",
    claim: ({ name }, what) => `${name} has no capacity at the moment to ${what}`,
    remedy: ({ name }) => `Run again in a few minutes. Look at ${genitive(name)} status page when it lasts.`,
  },
  quota: {
    code: "sandbox.exhausted",
    claim: ({ name, account, sandboxes }, what) =>
      `The ${account} has as many ${sandboxes} as its ${name} plan allows, so ${name} did not ${what}`,
    remedy: ({ sandboxes }) => `Wait for other runs to end, delete ${sandboxes} that nobody uses, or choose a larger plan.`,
  },
  credentials: {
    code: "sandbox.refused",
    claim: ({ name, credential, input }, what) => `${name} refused the ${credential} of the input \`${input}\` when asked to ${what}`,
    remedy: (vendor) => `${askForCredential(vendor)}.`,
  },
  forbidden: { code: "sandbox.refused", claim: refusedTo, remedy: checkAccount },
  "not-found": { code: "sandbox.refused", claim: refusedTo, remedy: checkAccount },
  "bad-request": { code: "sandbox.refused", claim: refusedTo, remedy: checkAccount },
  "disk-full": { code: "sandbox.unavailable", claim: couldNot, remedy: () => "Use a template with a larger disk." },
  template: { code: "sandbox.unavailable", claim: couldNot, remedy: () => "Build the template anew." },
};

function genitive(name: string): string {
  return name.endsWith("s") ? `${name}'` : `${name}'s`;
}

function waitInWords({ retryAfterMs }: VendorFailure): string {
  return retryAfterMs > 0 ? `${Math.ceil(retryAfterMs / 1000)} seconds` : "a minute";
}

export interface FailedCall {
  readonly vendor: Vendor;
  /** The call in words: "create a sandbox". */
  readonly what: string;
  /** Better advice for this call than the common remedy, by kind. */
  readonly remedies?: Partial<Readonly<Record<FailureKind, string>>>;
  /** A further sentence for the message. */
  readonly more?: string;
}

/** The error for people. An AirlockError is returned as it is. */
export function explainFailure(error: unknown, { vendor, what, remedies = {}, more }: FailedCall): AirlockError {
  if (error instanceof AirlockError) return error;
  const cause = asFailure(error);
  const { code, claim, remedy } = SENTENCES[cause.kind];
  return new AirlockError(code, {
    message: [`${claim(vendor, what)}${quote(cause)}.`, more].filter((part) => part !== undefined).join(" "),
    remedy: remedies[cause.kind] ?? remedy(vendor, cause),
    cause,
  });
}

/** For a call into a running sandbox: `Interrupted` if the call may be repeated, else an AirlockError. */
export function explainInMachine(error: unknown, call: FailedCall): AirlockError | Interrupted {
  if (error instanceof AirlockError || error instanceof Interrupted) return error;
  const failure = asFailure(error);
  if (call.vendor.meansGone.includes(failure.kind)) return explainGone(failure, call);
  return isRepeatable(failure) ? new Interrupted(failure.message, failure) : explainFailure(failure, call);
}

/** For a sandbox that no longer exists: `sandbox.unavailable`. */
export function explainGone(error: unknown, { vendor, what }: FailedCall): AirlockError {
  const cause = asFailure(error);
  return new AirlockError("sandbox.unavailable", {
    message: `The sandbox went away while it was prepared: ${couldNot(vendor, what)}${quote(cause)}.`,
    remedy: `Run again. ${vendor.ifGone}`,
    cause,
  });
}

/** For a sandbox that could not be destroyed and may still run: `sandbox.left`. */
export function explainLeft(error: unknown, vendor: Vendor, id: string): AirlockError {
  const cause = asFailure(error);
  return new AirlockError("sandbox.left", {
    message: `${vendor.name} did not confirm that sandbox ${id} is destroyed${quote(cause)}.`,
    remedy: vendor.ifLeft,
    cause,
  });
}

function quote({ message }: VendorFailure): string {
  return message === "" ? "" : ` (${message})`;
}
