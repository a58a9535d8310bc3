import type { OutcomeWord } from "./outcome.ts";

export type Blame = "user" | "provider" | "agent" | "airlock";

interface ErrorEntry {
  /** Stable id, shown to people and linked from docs/errors.md. Never reused. */
  readonly id: `AL${number}`;
  readonly blame: Blame;
  /** How the run ends if nothing handles the error. */
  readonly outcome: OutcomeWord;
  /** What the code means, for docs/errors.md. */
  readonly meaning: string;
}

/**
 * Every error Airlock can end with. The first half of a code is the stage
 * (or the part) that found it. docs/errors.md is generated from this table.
 */
export const ERROR_CODES = {
  "input.invalid": { id: "AL101", blame: "user", outcome: "error", meaning: "An input has a value that is not legal." },
  "input.missing": { id: "AL102", blame: "user", outcome: "error", meaning: "An input that this run needs is empty." },
  "input.unsupported": { id: "AL103", blame: "user", outcome: "error", meaning: "An input asks for something this version cannot do." },
  "config.invalid": { id: "AL104", blame: "user", outcome: "error", meaning: "The repository's configuration file is not valid." },
  "trigger.unreadable": {
    id: "AL201",
    blame: "user",
    outcome: "error",
    meaning: "The event could not be read, so the run did not start.",
  },
  "task.changed": { id: "AL211", blame: "user", outcome: "refused", meaning: "The text of the task changed after the trigger." },
  "policy.invalid": { id: "AL221", blame: "user", outcome: "error", meaning: "A host rule cannot be read." },
  "sandbox.unavailable": { id: "AL301", blame: "provider", outcome: "provider-failed", meaning: "The provider could not start a sandbox." },
  "sandbox.lost": { id: "AL302", blame: "provider", outcome: "provider-failed", meaning: "The sandbox went away while it was in use." },
  "sandbox.refused": {
    id: "AL303",
    blame: "user",
    outcome: "provider-failed",
    meaning: "The provider refused the credentials or the request.",
  },
  "sandbox.exhausted": {
    id: "AL304",
    blame: "provider",
    outcome: "provider-failed",
    meaning: "The provider's quota, capacity or rate limit is used up.",
  },
  "sandbox.setup": {
    id: "AL305",
    blame: "user",
    outcome: "agent-failed",
    meaning: "A line of the `setup` input failed inside the sandbox.",
  },
  "sandbox.protocol": {
    id: "AL306",
    blame: "provider",
    outcome: "provider-failed",
    meaning: "The sandbox broke the rules of its control channel.",
  },
  "sandbox.left": {
    id: "AL307",
    blame: "provider",
    outcome: "provider-failed",
    meaning: "The provider did not confirm that the sandbox is destroyed.",
  },
  "egress.unproved": {
    id: "AL311",
    blame: "provider",
    outcome: "egress-unproved",
    meaning: "The sandbox's boundary could not be proved before the agent started.",
  },
  "egress.unusable": {
    id: "AL312",
    blame: "airlock",
    outcome: "provider-failed",
    meaning: "The tunnel between the sandbox and the gateway failed.",
  },
  "agent.failed": { id: "AL401", blame: "agent", outcome: "agent-failed", meaning: "The agent ended without finishing its work." },
  "agent.install": {
    id: "AL402",
    blame: "airlock",
    outcome: "error",
    meaning: "The agent's package could not be fetched or did not match its integrity.",
  },
  "agent.credential": { id: "AL403", blame: "user", outcome: "agent-failed", meaning: "The model's service refused the credential." },
  "agent.timeout": { id: "AL404", blame: "user", outcome: "timed-out", meaning: "The run reached its wall-clock limit." },
  "budget.exceeded": {
    id: "AL411",
    blame: "user",
    outcome: "budget-exceeded",
    meaning: "A limit on cost, requests, tokens or turns was reached at the gateway.",
  },
  "model.credential": {
    id: "AL412",
    blame: "user",
    outcome: "error",
    meaning: "The model's service does not accept the key or token, or not for what was asked.",
  },
  "model.credit": { id: "AL413", blame: "user", outcome: "error", meaning: "The account at the model's service has no credit." },
  "model.empty": {
    id: "AL414",
    blame: "provider",
    outcome: "error",
    meaning: "The model's service answered many requests in a row without content.",
  },
  "model.rate-limited": {
    id: "AL415",
    blame: "provider",
    outcome: "rate-limited",
    meaning: "The model's service took no more requests until the agent gave up.",
  },
  "run.cancelled": { id: "AL421", blame: "user", outcome: "cancelled", meaning: "The run was cancelled." },
  "harvest.limit": { id: "AL501", blame: "agent", outcome: "held", meaning: "What the agent left is larger than the limits allow." },
  "harvest.unreadable": { id: "AL502", blame: "agent", outcome: "held", meaning: "What the agent left could not be read strictly." },
  "verify.failed": { id: "AL511", blame: "agent", outcome: "verify-failed", meaning: "The verification commands failed on the patch." },
  "gate.held": { id: "AL521", blame: "agent", outcome: "held", meaning: "The gate found something that may not be published." },
  "gate.mismatch": {
    id: "AL522",
    blame: "airlock",
    outcome: "held",
    meaning: "The tree about to be published is not the tree that was judged.",
  },
  "publish.permission": {
    id: "AL601",
    blame: "user",
    outcome: "error",
    meaning: "The token lacks a permission, or a repository setting forbids the call.",
  },
  "publish.conflict": {
    id: "AL602",
    blame: "user",
    outcome: "held",
    meaning: "The base branch moved on and the patch does not apply any more.",
  },
  "publish.failed": {
    id: "AL603",
    blame: "provider",
    outcome: "error",
    meaning: "GitHub answered with an error that retries did not cure.",
  },
  "repository.unreadable": {
    id: "AL604",
    blame: "user",
    outcome: "error",
    meaning: "The repository could not be fetched at the pinned commit.",
  },
  "forge.unreadable": {
    id: "AL605",
    blame: "provider",
    outcome: "error",
    meaning: "GitHub could not be read, or answered with something that is not its API.",
  },
  "forge.credential": {
    id: "AL606",
    blame: "user",
    outcome: "error",
    meaning: "GitHub does not accept the token: it is wrong, has expired, or was taken back.",
  },
  "runner.missing-tool": {
    id: "AL701",
    blame: "user",
    outcome: "provider-failed",
    meaning: "A program the runner needs is missing and could not be installed.",
  },
  "runner.unusable": { id: "AL702", blame: "user", outcome: "error", meaning: "A folder or file of the runner cannot be written." },
  internal: { id: "AL901", blame: "airlock", outcome: "error", meaning: "A defect in Airlock." },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

interface ErrorHelp {
  /** Who can fix it, if none of those that `blame` can name: the people around the run, or nobody. */
  readonly who?: "people" | "nobody";
  /** What to do in general, in the imperative. The error itself says it with the values at hand. */
  readonly what: string;
}

/** What docs/errors.md advises for each code. */
export const ERROR_HELP: Readonly<Record<ErrorCode, ErrorHelp>> = {
  "input.invalid": { what: "Correct the value; docs/inputs.md lists the legal ones." },
  "input.missing": { what: "Set the input that the message names." },
  "input.unsupported": { what: "Choose one of the values that the message lists." },
  "config.invalid": { what: "Correct the file on the default branch; docs/how-to/configuration.md lists every key." },
  "trigger.unreadable": { what: "Start the job by an event of GitHub Actions, whose file the runner can read." },
  "task.changed": { who: "people", what: "Read the text as it is now, then start the run again." },
  "policy.invalid": { what: "Correct the line of `allow` or `deny`; docs/egress.md has the grammar." },
  "sandbox.unavailable": { what: "Do what the message says. If nothing helps, choose another `provider`." },
  "sandbox.lost": { what: "Run the job again. If it happens every time, give the sandbox more memory or choose another `provider`." },
  "sandbox.refused": { what: "Check the provider's key, then the `template` and the other inputs that the message names." },
  "sandbox.exhausted": { what: "Wait and run again, run fewer jobs at once, or raise the provider's quota." },
  "sandbox.setup": { what: "Correct `setup`. If a download was refused, add its host to `allow`." },
  "sandbox.protocol": { what: "Run the job again. If it happens twice, report the run's record." },
  "sandbox.left": { what: "Delete the sandbox at the provider. A later run tries again." },
  "egress.unproved": { what: "Do not use this provider until its network is closed. Report the run's record." },
  "egress.unusable": { what: "Run the job again. If it happens twice, read the sandbox's log in the artifact." },
  "agent.failed": { what: "Read the transcript. Make the task clearer or smaller, then run again." },
  "agent.install": { what: "Check that npm on the runner reaches its registry, then run again. Do not use a package with another hash." },
  "agent.credential": { what: "Renew the model's key in the repository's secrets." },
  "agent.timeout": { what: "Raise `timeout-minutes`, or give the agent a smaller task." },
  "budget.exceeded": { what: "Raise the limit that the message names, or give the agent a smaller task." },
  "model.credential": { what: "Make a new key at the service and store it in the repository's secrets, or choose another `model`." },
  "model.credit": { what: "Add credit to the account at the model's service, then run again." },
  "model.empty": { what: "Run again later, or choose another `model`." },
  "model.rate-limited": { what: "Run again after the time in the output `retry-at`, or raise the account's limits at the service." },
  "run.cancelled": { who: "nobody", what: "Nothing is broken. Start the run again if it is still wanted." },
  "harvest.limit": { what: "Ask for a smaller change, keep generated files in `.gitignore`, or raise the limit that the message names." },
  "harvest.unreadable": { what: "Run again. If it happens twice, read the transcript: the agent may have tampered with its files." },
  "verify.failed": { what: "Read the output of the commands. Make the task clearer, or correct `verify`." },
  "gate.held": { what: "Read the findings. Apply the patch by hand, or change the setting that a finding names." },
  "gate.mismatch": { what: "Publish nothing by hand. Run again; if it happens twice, report it." },
  "publish.permission": { what: "Give the job the permission, or change the setting, that the message names." },
  "publish.conflict": { who: "people", what: "Do what the message says about the branch, then start the run again." },
  "publish.failed": { what: "Run the job again. If it lasts, look at githubstatus.com." },
  "repository.unreadable": { what: "Check `base` and the token's `contents: read`, then run again." },
  "forge.unreadable": { what: "Run the job again. If it lasts, look at githubstatus.com and at `GITHUB_API_URL`." },
  "forge.credential": { what: "Give the input `github-token` a token that GitHub accepts." },
  "runner.missing-tool": { what: "Install the program that the message names." },
  "runner.unusable": { what: "Make the folder or file that the message names writable, and see that the disk is not full." },
  internal: { what: "Run the job again. If it happens twice, report it with the run's record." },
};

export interface ErrorDetails {
  /** What happened, with the values at hand. */
  readonly message: string;
  /** What to do about it, in the imperative. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The only error Airlock throws on purpose. */
export class AirlockError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "AirlockError";
    this.code = code;
    this.remedy = details.remedy;
  }

  get id(): string {
    return ERROR_CODES[this.code].id;
  }

  get blame(): Blame {
    return ERROR_CODES[this.code].blame;
  }

  get outcome(): OutcomeWord {
    return ERROR_CODES[this.code].outcome;
  }
}

/** The first AirlockError in a failure: itself, what a SuppressedError hides (shown first), or its cause. */
export function findAirlockError(thrown: unknown): AirlockError | undefined {
  if (thrown instanceof AirlockError) return thrown;
  if (thrown instanceof SuppressedError) return findAirlockError(thrown.suppressed) ?? findAirlockError(thrown.error);
  if (thrown instanceof Error && thrown.cause !== undefined) return findAirlockError(thrown.cause);
  return undefined;
}

/** What went wrong, in the words of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
