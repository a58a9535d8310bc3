import { createHash } from "node:crypto";
import type { EgressPolicy } from "./egress.ts";
import type { KnownNotes } from "./notes.ts";
import type { Patch } from "./patch.ts";
import type { Task, Trigger } from "./task.ts";

/** What the record keeps of a trigger: who and what, not the text. */
export function noteTrigger(trigger: Trigger): KnownNotes["trigger"] {
  const { event, action, actor, mode, target } = trigger;
  return { event, action, actor, mode, target };
}

/** What the record keeps of a task: the prompt by its hash. */
export function noteTask(task: Task): KnownNotes["task"] {
  const { title, baseRef, baseSha, removed, notes = [] } = task;
  return { title, baseRef, baseSha, removed, promptSha256: sha256(task.prompt), ...(notes.length === 0 ? {} : { notes }) };
}

/** What the record keeps of a policy: its rules as written, and one hash over them. */
export function notePolicy(policy: {
  readonly mode: string;
  readonly egress: EgressPolicy;
  readonly unlisted?: readonly string[];
}): KnownNotes["policy"] {
  const { mode, egress, unlisted } = policy;
  const allow = egress.allow.map(({ text }) => text);
  const deny = egress.deny.map(({ text }) => text);
  return { mode, allow, deny, sha256: sha256([mode, ...allow, "", ...deny].join("\n")), ...(unlisted === undefined ? {} : { unlisted }) };
}

/** What the record keeps of a patch: every changed path with its object ids. */
export function notePatch(patch: Patch): KnownNotes["patch"] {
  const { baseSha, baseTree, tree, changes } = patch;
  return { baseSha, baseTree, tree, changes };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
