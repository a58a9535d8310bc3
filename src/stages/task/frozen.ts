import { AirlockError } from "../../domain/errors.ts";
import type { Trigger } from "../../domain/task.ts";
import type { Forge } from "../../ports/forge.ts";

interface Standing {
  readonly state: "open" | "closed";
  readonly title: string;
  readonly body: string;
  readonly headSha?: string;
}

/**
 * Compares the target with what the payload carried. A review goes on with the text of the trigger and says so;
 * work that changes files stops, since its text may have been changed for a reason.
 * Returns facts for the agent.
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

function changed(message: string, remedy: string): AirlockError {
  return new AirlockError("task.changed", { message, remedy });
}
