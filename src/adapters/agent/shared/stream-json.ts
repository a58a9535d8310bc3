import { z } from "zod";
import type { AgentExit, TranscriptEvent } from "../../../domain/sandbox/transcript.ts";
import type { TranscriptReader } from "../../../ports/agent.ts";

/** Maximum characters shown of one tool input or result; the raw stream is kept in agent.log. */
const MAX_SHOWN_CHARS = 4_000;

const block = z.object({
  type: z.string(),
  text: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  content: z.unknown().optional(),
  is_error: z.boolean().nullish(),
});
const message = z.object({ content: z.union([z.string(), z.array(z.unknown())]).optional(), id: z.string().optional() });
const line = z.object({
  type: z.string(),
  subtype: z.string().optional(),
  message: message.optional(),
  model: z.string().optional(),
  claude_code_version: z.string().optional(),
  session_id: z.string().optional(),
  attempt: z.number().optional(),
  error: z.string().nullish(),
  is_error: z.boolean().optional(),
  result: z.string().optional(),
  errors: z.array(z.string()).optional(),
  num_turns: z.number().optional(),
  api_error_status: z.number().nullish(),
  terminal_reason: z.string().nullish(),
});
type Line = z.infer<typeof line>;

/**
 * Reads Claude Code's `stream-json` lines. The agent has ended only if the terminal `result` event came, and how it ended follows from
 * `is_error`: the exit code is 0 after an interrupt, and `subtype` is `success` after an API error.
 */
export function openStreamJsonReader(): TranscriptReader {
  let agentExit: AgentExit | undefined;
  let turn = 0;
  let lastMessage: string | undefined;
  return {
    read(text) {
      const event = parseLine(text);
      if (event === undefined) return text.trim() === "" ? [] : [{ type: "noise", text: cut(text) }];
      if (event.type === "assistant" && event.message?.id !== lastMessage) {
        lastMessage = event.message?.id;
        turn += 1;
      }
      const events = translate(event, turn);
      const last = events.at(-1);
      if (last?.type === "ended") agentExit = last.agentExit;
      return events;
    },
    end: (exit) =>
      agentExit ?? {
        status: "missing",
        message: `The agent ended (${exit.signal ?? `exit ${exit.code}`}) without its closing event.`,
        turns: turn,
      },
  };
}

function parseLine(text: string): Line | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function translate(event: Line, turn: number): TranscriptEvent[] {
  switch (event.type) {
    case "system":
      return translateSystem(event);
    case "assistant":
      return blocks(event).flatMap((each) => translateAssistant(each, turn));
    case "user":
      return blocks(event).flatMap((each) => translateUser(each, turn));
    case "result":
      return [{ type: "ended", agentExit: judge(event, turn) }];
    default:
      return [];
  }
}

function translateSystem(event: Line): TranscriptEvent[] {
  if (event.subtype === "init") {
    return [{ type: "started", model: event.model ?? "", agentVersion: event.claude_code_version ?? "", session: event.session_id ?? "" }];
  }
  if (event.subtype === "api_retry") return [{ type: "retry", attempt: event.attempt ?? 0, reason: cut(event.error ?? "") }];
  return [];
}

function blocks(event: Line): z.infer<typeof block>[] {
  const content = event.message?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap((each) => block.safeParse(each).data ?? []);
}

function translateAssistant(each: z.infer<typeof block>, turn: number): TranscriptEvent[] {
  if (each.type === "text" && each.text !== undefined) return [{ type: "text", turn, text: cut(each.text) }];
  if (each.type === "tool_use") return [{ type: "tool-call", turn, tool: each.name ?? "", input: cut(summarise(each.input)) }];
  return [];
}

function translateUser(each: z.infer<typeof block>, turn: number): TranscriptEvent[] {
  if (each.type !== "tool_result") return [];
  return [{ type: "tool-result", turn, failed: each.is_error === true, text: cut(summarise(each.content)) }];
}

/** The part of a tool's input or result that a person would look at first. */
function summarise(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((each) => summarise(each)).join("\n");
  if (typeof value !== "object" || value === null) return "";
  const fields = value as Record<string, unknown>;
  const shown = ["command", "file_path", "path", "pattern", "url", "query", "prompt", "text"]
    .map((key) => fields[key])
    .find((each) => typeof each === "string");
  return typeof shown === "string" ? shown : JSON.stringify(value);
}

function judge(event: Line, turns: number): AgentExit {
  const text = event.result ?? event.errors?.join("; ") ?? "";
  return { status: judgeStatus(event, text), message: cut(text), turns: event.num_turns ?? turns };
}

/** How every refusal of the gateway's broker begins, see `gateway/broker/refusal.ts`; the CLI puts its own words before it. */
const GATEWAY_SPEAKS = /\bAirlock: /;

function judgeStatus(event: Line, text: string): AgentExit["status"] {
  if (event.subtype === "error_max_turns") return "turn-limit";
  if (event.subtype === "error_max_budget_usd") return "budget";
  if (event.subtype === "success" && event.is_error === false) return "completed";
  const refused = event.api_error_status === 401 || event.api_error_status === 403;
  if (refused && !GATEWAY_SPEAKS.test(text)) return "credential";
  if (event.terminal_reason?.startsWith("aborted") === true) return "interrupted";
  return "failed";
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)} … (${text.length - MAX_SHOWN_CHARS} more characters)`;
}
