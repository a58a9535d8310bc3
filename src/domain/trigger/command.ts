import { clean } from "../text/clean.ts";

/** What a person can ask for in a comment, after the trigger phrase. */
export const COMMANDS = ["fix", "review", "retry", "stop", "help"] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface TriggerCommand {
  /** `help` also stands for a word that is no command. */
  readonly name: CommandName;
  /** The word as written when it is no command; cut at 40 characters, raw. */
  readonly unknown?: string;
  /** What follows the command: the rest of its line and every later line. Raw. */
  readonly instruction: string;
}

const MAX_LINES = 20_000;
const MAX_UNKNOWN = 40;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const QUOTE = /^[ \t]*>/;

/**
 * Finds the first line that begins with the phrase, among those that the page shows. A phrase inside a quote, a quote's lazy continuation,
 * a fence (closed or not), code or an HTML comment is text about a command, not a command; one that the page hides is none either. A bare
 * phrase is `fix`. At most 20 000 lines are looked at.
 */
export function findCommand(text: string, phrase: string): TriggerCommand | undefined {
  const written = listCommands(text, phrase);
  if (written.length === 0) return undefined;
  const shown = listCommands(clean(text).text, phrase);
  // Where some are hidden, the instruction is taken from what is shown, too.
  return (written.length === shown.length ? written : shown)[0]?.();
}

/** More lines than this that begin with the phrase are not looked at. */
const MAX_COMMANDS = 50;

function listCommands(text: string, phrase: string): readonly (() => TriggerCommand)[] {
  const lines = text.split(/\r\n|\r|\n/, MAX_LINES);
  const reader = openLineReader();
  const found: (() => TriggerCommand)[] = [];
  for (const [index, line] of lines.entries()) {
    const rest = reader.isPlain(line) ? afterPhrase(line, phrase) : undefined;
    if (rest === undefined || found.length >= MAX_COMMANDS) continue;
    if (!isInCode(lines, index)) found.push(() => parseCommand(rest, lines.slice(index + 1)));
  }
  return found;
}

/** Whether the line begins inside a code span that runs over lines of its paragraph. */
function isInCode(lines: readonly string[], index: number): boolean {
  const isBlank = (line: string): boolean => line.trim() === "";
  const start = lines.slice(0, index).findLastIndex(isBlank) + 1;
  const end = lines.findIndex((line, at) => at > index && isBlank(line));
  let open = "";
  for (const [run] of lines.slice(start, index).join("\n").matchAll(/`+/g)) open = open === "" ? run : open === run ? "" : open;
  const rest = lines.slice(index, end === -1 ? undefined : end).join("\n");
  return open !== "" && Array.from(rest.matchAll(/`+/g)).some(([run]) => run === open);
}

function afterPhrase(line: string, phrase: string): string | undefined {
  const trimmed = line.replace(/^ {0,3}/, "");
  if (phrase === "" || !trimmed.toLowerCase().startsWith(phrase.toLowerCase())) return undefined;
  const rest = trimmed.slice(phrase.length);
  return rest === "" || /^\s/.test(rest) ? rest.trim() : undefined;
}

function parseCommand(rest: string, later: readonly string[]): TriggerCommand {
  const word = /^\S*/.exec(rest)?.[0] ?? "";
  const instruction = [rest.slice(word.length), ...later].join("\n").trim();
  if (word === "") return { name: "fix", instruction };
  const name = COMMANDS.find((command) => command === word.toLowerCase());
  if (name === undefined) return { name: "help", unknown: word.slice(0, MAX_UNKNOWN), instruction };
  return { name, instruction };
}

interface LineReader {
  /** True when the line is ordinary text of the comment itself. Call once per line, in order. */
  isPlain(line: string): boolean;
}

/** Errs towards "not plain": what is missed can be said again, what fires by mistake cannot be taken back. */
function openLineReader(): LineReader {
  let fence: string | undefined;
  let quoted = false;
  let hidden = false;
  const closesFence = (line: string, open: string): boolean => {
    const match = FENCE.exec(line);
    const run = match?.[1] ?? "";
    return run[0] === open[0] && run.length >= open.length && (match?.[2] ?? "").trim() === "";
  };
  const isComment = (line: string): boolean => {
    const wasHidden = hidden;
    const open = line.lastIndexOf("<!--");
    const close = line.lastIndexOf("-->");
    if (open !== -1 || close !== -1) hidden = open > close;
    return wasHidden || open !== -1;
  };
  const isQuote = (line: string): boolean => {
    if (line.trim() === "") quoted = false;
    else if (QUOTE.test(line)) quoted = true;
    return quoted;
  };
  return {
    isPlain(line) {
      if (fence !== undefined) {
        if (closesFence(line, fence)) fence = undefined;
        return false;
      }
      if (isComment(line) || isQuote(line)) return false;
      fence = FENCE.exec(line)?.[1];
      return fence === undefined && !/^( {4}|\t)/.test(line);
    },
  };
}
