import { AirlockError } from "../../domain/errors.ts";
import type { Trigger } from "../../domain/task.ts";
import type { Edit, History } from "../../ports/conversation.ts";
import type { Forge } from "../../ports/forge.ts";
import type { Trust } from "./trusted-authors.ts";

interface Standing {
  readonly state: "open" | "closed";
  readonly title: string;
  readonly body: string;
  readonly headSha?: string;
}

/**
 * An edit this shortly before the trigger, by someone without write permission, may not have been on the screen of whoever gave the
 * command.
 */
export const UNSEEN_EDIT_MS = 120_000;

/**
 * Compares the target with the payload. A review goes on with the text at the trigger and says so. Work that changes files stops, because
 * the text may have been changed for a reason. Returns facts for the agent.
 * @throws AirlockError `task.changed`
 */
export async function requireUnchanged(forge: Forge, trigger: Trigger): Promise<readonly string[]> {
  const { kind, number } = trigger.target;
  if (number === undefined || kind === "repository") return [];
  const standing: Standing = kind === "issue" ? await forge.readIssue(number) : await forge.readPullRequest(number);
  if (standing.state !== "open") throw changed(`#${number} was closed after the trigger.`, "Open it again and start the run again.");
  const moved = trigger.headSha !== undefined && standing.headSha !== undefined && standing.headSha !== trigger.headSha;
  const notes = moved ? [`The branch moved on after the trigger; this run is about ${trigger.headSha}.`] : [];
  const edited = trigger.upstream === undefined ? findEdited(standing, trigger) : undefined;
  if (edited === undefined) return notes;
  if (trigger.mode === "review") return [...notes, `The ${edited} was edited after the trigger; the text of that time is used.`];
  throw changed(`The ${edited} of #${number} changed after the trigger.`, "Read it again, then set the label or write the command again.");
}

function findEdited(standing: Standing, trigger: Trigger): "title" | "text" | undefined {
  if (unify(standing.title) !== unify(trigger.title)) return "title";
  return unify(standing.body) === unify(trigger.body) ? undefined : "text";
}

function unify(text: string): string {
  return text.replace(/\r\n?/g, "\n").trim();
}

/**
 * Checks when the target was edited. Comparing texts cannot show an edit that was undone, a payload that was made after the edit, or an
 * edit moments before the trigger. Returns notes for the run.
 * @throws AirlockError `task.changed`
 */
export async function requireUnedited(history: History, trigger: Trigger, trusts: Trust): Promise<readonly string[]> {
  if (trigger.upstream !== undefined) return [];
  const notes: string[] = [];
  for (const [name, edit] of [["title", history.title] as const, ["text", history.body] as const]) {
    const suspicion = edit === undefined ? undefined : await suspect(edit, trigger, trusts);
    if (suspicion === undefined) continue;
    const message = `The ${name} of #${trigger.target.number} was edited ${suspicion}.`;
    const waitSeconds = UNSEEN_EDIT_MS / 1_000;
    if (trigger.mode !== "review")
      throw changed(
        message,
        `Read it as it stands now; then, at least ${waitSeconds} seconds after the edit, set the label or write the command again.`,
      );
    notes.push(message);
  }
  return notes;
}

/** GitHub's times have whole seconds: a stranger's edit in the same second as the trigger counts as after it. */
async function suspect({ atMs, editor }: Edit, trigger: Trigger, trusts: Trust): Promise<string | undefined> {
  const sinceMs = trigger.triggeredAtMs - atMs;
  if (sinceMs < 0) return `${describe(editor)} after the trigger`;
  if (sinceMs >= UNSEEN_EDIT_MS || (editor !== undefined && (isActor(editor, trigger) || (await trusts(editor))))) return undefined;
  if (sinceMs === 0) return `${describe(editor)} in the second of the trigger`;
  return `${describe(editor)} only ${Math.round(sinceMs / 1_000)} seconds before the trigger, so whoever started the run may have read another text`;
}

function isActor(editor: string, trigger: Trigger): boolean {
  return [trigger.actor, ...(trigger.actors ?? [])].some((login) => login.toLowerCase() === editor.toLowerCase());
}

function describe(editor: string | undefined): string {
  return `by ${editor === undefined ? "a deleted account" : `@${editor.replace(/[^A-Za-z0-9_[\]-]/g, "").slice(0, 60)}`}`;
}

function changed(message: string, remedy: string): AirlockError {
  return new AirlockError("task.changed", { message, remedy });
}
