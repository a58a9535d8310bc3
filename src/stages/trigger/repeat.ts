import type { Settings } from "../../domain/settings.ts";
import { findCommand, type TriggerCommand } from "../../domain/trigger/command.ts";
import { isOwnComment, type Match } from "../../domain/trigger/match.ts";
import { mayWrite } from "../../domain/trigger/permission.ts";
import type { CommentFacts } from "../../ports/conversation.ts";
import type { Forge } from "../../ports/forge.ts";

export interface RepeatOptions {
  readonly forge: Forge;
  readonly match: Match;
  readonly settings: Settings;
  /** When `retry` was said. */
  readonly atMs: number;
}

interface Repeated extends TriggerCommand {
  readonly name: "fix" | "review";
}

const MAX_COMMENTS = 300;
/** Anybody can write a command: so many accounts are asked for their permission. */
const MAX_AUTHORS = 20;

/**
 * `retry` as the last `fix` or `review` that someone with write permission gave in a comment of the conversation, with its instruction.
 * Without one, or where it may not be told any more, the match as it is.
 */
export async function repeatTrigger(options: RepeatOptions): Promise<Match> {
  const { match, settings } = options;
  const number = match.target.number;
  if (match.command !== "retry" || number === undefined) return match;
  const found = await findLast(options, number).catch(() => undefined);
  if (found === undefined || (found.name === "review" && match.target.kind !== "pull-request")) return match;
  if (settings.mode !== "auto" && settings.mode !== found.name) return match;
  const instruction = [found.instruction, match.instruction].filter((text) => text !== "").join("\n\n");
  return { ...match, mode: found.name, instruction, repeats: found.name };
}

async function findLast({ forge, match, settings, atMs }: RepeatOptions, number: number): Promise<Repeated | undefined> {
  const before = (await forge.readComments(number, MAX_COMMENTS)).filter((comment) => isBefore(comment, match, atMs));
  const given = before.toReversed().flatMap((comment) => {
    const command = readRepeatable(comment, settings.trigger.phrase);
    return command === undefined ? [] : [{ comment, command }];
  });
  const authors = [...new Set(given.map(({ comment }) => comment.author))].slice(0, MAX_AUTHORS);
  for (const author of authors) {
    // Newest first: whoever comes first and may write gave the last one.
    const last = (await canWrite(forge, author)) ? given.find(({ comment }) => comment.author === author) : undefined;
    if (last !== undefined) return isTouched(last.comment, atMs) ? undefined : last.command;
  }
  return undefined;
}

/** What it said at the time can't be told (I9), and an older command is another one. */
function isTouched({ createdAtMs, updatedAtMs }: CommentFacts, atMs: number): boolean {
  return updatedAtMs > createdAtMs && updatedAtMs >= atMs;
}

function isBefore({ id, createdAtMs }: CommentFacts, { comment: said }: Match, atMs: number): boolean {
  return createdAtMs <= atMs && !(said?.kind === "issue-comment" && said.id === id);
}

function readRepeatable({ body }: CommentFacts, phrase: string): Repeated | undefined {
  const command = isOwnComment(body) ? undefined : findCommand(body, phrase);
  return command?.name === "fix" || command?.name === "review" ? { ...command, name: command.name } : undefined;
}

async function canWrite(forge: Forge, login: string): Promise<boolean> {
  return mayWrite(await forge.readPermission(login).catch(() => "none" as const));
}
