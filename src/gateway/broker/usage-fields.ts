import { NO_TOKENS, type Tokens } from "../../domain/model/usage.ts";
import type { ModelApi } from "../../ports/gateway.ts";

/** What one event or one whole response says. */
export interface UsageReading {
  readonly tokens: Tokens;
  /** True when no later event can raise the numbers. */
  readonly final: boolean;
  readonly model: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, 200) : undefined;
}

/** The usage in one parsed event or response; undefined when it has none. */
export function readUsage(api: ModelApi, parsed: unknown): UsageReading | undefined {
  if (api === "anthropic") return readAnthropic(fieldsOf(parsed));
  if (api === "openai") return readOpenai(fieldsOf(parsed));
  return readGemini(parsed);
}

/** `message_start` carries the prompt's tokens, `message_delta` the running total of the response; a plain response carries both. */
function readAnthropic(event: Fields): UsageReading | undefined {
  const message = event["type"] === "message_start" ? fieldsOf(event["message"]) : event;
  if (message["usage"] === undefined || message["usage"] === null) return undefined;
  const usage = fieldsOf(message["usage"]);
  const creation = fieldsOf(usage["cache_creation"]);
  const written = count(usage["cache_creation_input_tokens"]);
  const long = Math.min(written, count(creation["ephemeral_1h_input_tokens"]));
  const final = event["type"] === "message" || (event["type"] === "message_delta" && fieldsOf(event["delta"])["stop_reason"] !== null);
  return {
    tokens: {
      input: count(usage["input_tokens"]),
      output: count(usage["output_tokens"]),
      cacheRead: count(usage["cache_read_input_tokens"]),
      cacheWrite: written - long,
      cacheWriteLong: long,
      searches: count(fieldsOf(usage["server_tool_use"])["web_search_requests"]),
    },
    final,
    model: text(message["model"]),
  };
}

const ENDED = new Set(["response.completed", "response.incomplete", "response.failed"]);

/** Responses name their tokens `input` and `output`, chat completions `prompt` and `completion`; the prompt includes what was cached. */
function readOpenai(event: Fields): UsageReading | undefined {
  const answer = event["response"] === undefined ? event : fieldsOf(event["response"]);
  if (answer["usage"] === undefined || answer["usage"] === null) return undefined;
  const usage = fieldsOf(answer["usage"]);
  const details = { ...fieldsOf(usage["prompt_tokens_details"]), ...fieldsOf(usage["input_tokens_details"]) };
  const prompt = count(usage["input_tokens"]) + count(usage["prompt_tokens"]);
  const cached = Math.min(prompt, count(details["cached_tokens"]));
  const type = event["type"];
  return {
    tokens: {
      ...NO_TOKENS,
      input: prompt - cached,
      output: count(usage["output_tokens"]) + count(usage["completion_tokens"]),
      cacheRead: cached,
      searches: countSearches(answer["output"]),
    },
    final: typeof type === "string" ? ENDED.has(type) : true,
    model: text(answer["model"]),
  };
}

function countSearches(output: unknown): number {
  return Array.isArray(output) ? output.filter((item) => fieldsOf(item)["type"] === "web_search_call").length : 0;
}

/** Every chunk carries running totals; without `alt=sse` a streamed response is one JSON array of chunks. */
function readGemini(parsed: unknown): UsageReading | undefined {
  const chunks = (Array.isArray(parsed) ? parsed : [parsed]).map(fieldsOf).filter((chunk) => chunk["usageMetadata"] !== undefined);
  const last = chunks.at(-1);
  if (last === undefined) return undefined;
  const usage = fieldsOf(last["usageMetadata"]);
  const cached = count(usage["cachedContentTokenCount"]);
  const prompt = count(usage["promptTokenCount"]) + count(usage["toolUsePromptTokenCount"]);
  const candidates = Array.isArray(last["candidates"]) ? last["candidates"].map(fieldsOf) : [];
  const blocked = fieldsOf(last["promptFeedback"])["blockReason"] !== undefined;
  return {
    tokens: {
      ...NO_TOKENS,
      input: Math.max(0, prompt - cached),
      output: count(usage["candidatesTokenCount"]) + count(usage["thoughtsTokenCount"]),
      cacheRead: Math.min(prompt, cached),
      searches: candidates.filter((candidate) => candidate["groundingMetadata"] !== undefined).length,
    },
    final: blocked || candidates.some((candidate) => typeof candidate["finishReason"] === "string"),
    model: text(last["modelVersion"]),
  };
}
