import type { AirlockError } from "./errors.ts";

/** The issue or pull request that a run is about. `number` is absent for a bare prompt. */
export interface Target {
  readonly kind: "issue" | "pull-request" | "repository";
  readonly number?: number;
}

export type RunMode = "fix" | "review" | "task";

/** A matching event whose actors were all allowed. */
export interface Trigger {
  /** The event's name, for example `issues`. */
  readonly event: string;
  /** The event's action, for example `labeled`; empty when the event has none. */
  readonly action: string;
  readonly target: Target;
  /** Login of who started it, as checked. Empty: nobody, a schedule. */
  readonly actor: string;
  readonly mode: RunMode;
  /** Milliseconds since the epoch: text newer than this is not used. */
  readonly triggeredAtMs: number;
  /** Title and body from the event's payload; raw, not yet cleaned. */
  readonly title: string;
  readonly body: string;
  /** Text after the trigger phrase, or the workflow's own prompt. Raw. */
  readonly instruction: string;
  /** Commit of the pull request's head, if the target is one. */
  readonly headSha?: string;
  readonly headRef?: string;
  /** True if the pull request's head is in another repository. */
  readonly fromFork?: boolean;
  /** Everyone of the chain who was checked, each one once. */
  readonly actors?: readonly string[];
  /** The command, for example `fix`; absent if a label or an event alone started the run. */
  readonly command?: string;
  /** The command that `retry` repeats; absent if none was found. */
  readonly repeats?: "fix" | "review";
  /** The label that started the run, as written. Selects a profile of the repository's configuration. */
  readonly label?: string;
  /** The comment or review that gave the command; its text is the instruction. */
  readonly comment?: { readonly kind: "issue-comment" | "review-comment" | "review"; readonly id: number };
  /** The CI run or suite of checks whose failure is the task. */
  readonly upstream?: { readonly kind: "workflow-run" | "check-suite"; readonly id: number; readonly name: string };
}

/** The result of judging an event: start, or end with an outcome and a reason. */
export type Admission = { readonly admitted: true; readonly trigger: Trigger } | NotAdmitted;

/** A run that does not start, with one sentence that says why: neutral, unless it could not be judged. */
export interface NotAdmitted {
  readonly admitted: false;
  readonly word: "skipped" | "refused" | "error";
  readonly reason: string;
  readonly remedy?: string;
  /** With `error`: what kept the event from being judged. The run ends with it once who asked was answered. */
  readonly failure?: AirlockError;
  readonly target?: Target;
  /** A command that is answered rather than run: `stop` ends the run in flight, `help` explains. */
  readonly command?: "stop" | "help";
  /** Markdown for at most one comment on the target; absent if nobody gave a command. */
  readonly reply?: string;
  /** What to react to. */
  readonly comment?: { readonly kind: "issue-comment" | "review-comment" | "review"; readonly id: number };
}

/** The frozen task: what the agent reads, pinned to commits. */
export interface Task {
  readonly trigger: Trigger;
  readonly target: Target;
  /** Cleaned title, one line. */
  readonly title: string;
  /** The whole prompt for the agent: instructions, fenced text, limits. */
  readonly prompt: string;
  /** Branch the patch is published against. */
  readonly baseRef: string;
  /** Full commit id the sandbox starts from. */
  readonly baseSha: string;
  /** What cleaning removed, by kind, for the summary. */
  readonly removed: Readonly<Record<string, number>>;
  /** Files put under `.airlock/` in the sandbox, outside the patch. */
  readonly attachments: readonly Attachment[];
  /** What a reader of the run has to know about the frozen text: what was left out, and what could not be found out. Default: nothing. */
  readonly notes?: readonly string[];
  /** Absent: the repository has none. */
  readonly instructions?: RepositoryInstructions;
}

/** The repository's own instructions for agents, such as CLAUDE.md and AGENTS.md, at a commit that the project vouches for (I11). */
export interface RepositoryInstructions {
  /** Markdown, as the agent gets it. */
  readonly text: string;
  /** What it was made of; `sha256` in hex, of the whole file. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

export interface Attachment {
  /** Relative path, `[a-z0-9./-]` only. */
  readonly path: string;
  readonly content: Uint8Array;
}
