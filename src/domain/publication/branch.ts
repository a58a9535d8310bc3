import { createHash } from "node:crypto";
import type { Target } from "../task.ts";

const MAX_SLUG = 40;

export interface BranchOptions {
  /** The input `branch-prefix`, for example `airlock/`. */
  readonly prefix: string;
  readonly target: Target;
  /** Only used if no number names the task. */
  readonly title: string;
  /** From `hashRequest`; distinguishes two tasks with the same title. */
  readonly requestSha256: string;
}

export interface Request {
  /** The workflow's own prompt with its placeholders unfilled: the same in every run of the workflow. */
  readonly prompt: string;
  /** The text after the command, or the text that came with the event. */
  readonly instruction: string;
}

/** sha256 in hex of what a task asks for. The job that only publishes reads it from the record, because it gets no prompt. */
export function hashRequest({ prompt, instruction }: Request): string {
  return createHash("sha256")
    .update(JSON.stringify([prompt.trim(), instruction.trim()]))
    .digest("hex");
}

/**
 * The branch of a task, of `[a-z0-9/-]` only. An issue or pull request keeps one branch, even if its title changes, so that a second run
 * updates instead of duplicating (I17).
 */
export function nameBranch(options: BranchOptions): string {
  const { target } = options;
  const prefix = options.prefix
    .split("/")
    .map(slugify)
    .filter((part) => part !== "")
    .join("/");
  return `${prefix === "" ? "airlock" : prefix}/${target.number === undefined ? nameTask(options) : `${target.kind === "pull-request" ? "pull" : "issue"}-${target.number}`}`;
}

function nameTask({ title, requestSha256 }: BranchOptions): string {
  const digest = createHash("sha256").update(`${title}\0${requestSha256}`).digest("hex").slice(0, 8);
  const slug = slugify(title);
  return slug === "" ? `task-${digest}` : `${slug}-${digest}`;
}

function slugify(text: string): string {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return plain.replace(/^-+/, "").slice(0, MAX_SLUG).replace(/-+$/, "");
}
