import { CONTAINER_USD, TOOL_USD } from "../../domain/model/prices.ts";
import { NO_TOKENS, type Tokens } from "../../domain/model/usage.ts";
import type { ModelApi } from "../../ports/gateway.ts";

/** One of several runs of a model behind one answer. */
export interface PassUsage {
  readonly tokens: Tokens;
  /** Undefined: the answer's own model. */
  readonly model: string | undefined;
}

/** What one event or one whole response says. */
export interface UsageReading {
  readonly tokens: Tokens;
  /** Empty where the service does not list them. */
  readonly passes: readonly PassUsage[];
  /** Answered in a dearer region, or in the faster mode, whether or not the request asked for it. */
  readonly regional: boolean;
  readonly fast: boolean;
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
  const delta = fieldsOf(event["delta"]);
  const container = message["container"] ?? delta["container"] ?? undefined;
  const geo = usage["inference_geo"];
  return {
    tokens: {
      ...readAnthropicTokens(usage),
      searches: count(fieldsOf(usage["server_tool_use"])["web_search_requests"]),
      toolsUsd: container === undefined ? 0 : TOOL_USD.anthropicContainer,
    },
    passes: itemsOf(usage["iterations"]).map((pass) => ({ tokens: readAnthropicTokens(pass), model: text(pass["model"]) })),
    regional: typeof geo === "string" && !NO_REGION.has(geo),
    fast: usage["speed"] === "fast",
    final: event["type"] === "message" || (event["type"] === "message_delta" && delta["stop_reason"] !== null),
    model: text(message["model"]),
  };
}

/** `not_available`: a model that runs anywhere. */
const NO_REGION: ReadonlySet<string> = new Set(["global", "not_available", ""]);

function readAnthropicTokens(usage: Fields): Tokens {
  const written = count(usage["cache_creation_input_tokens"]);
  const long = Math.min(written, count(fieldsOf(usage["cache_creation"])["ephemeral_1h_input_tokens"]));
  return {
    ...NO_TOKENS,
    input: count(usage["input_tokens"]),
    output: count(usage["output_tokens"]),
    cacheRead: count(usage["cache_read_input_tokens"]),
    cacheWrite: written - long,
    cacheWriteLong: long,
  };
}

function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
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
      searches: countCalls(answer, "web_search_call"),
      toolsUsd: readToolsUsd(answer),
    },
    passes: [],
    regional: false,
    fast: answer["service_tier"] === "priority",
    final: typeof type === "string" ? ENDED.has(type) : true,
    model: text(answer["model"]),
  };
}

function countCalls(answer: Fields, type: string): number {
  return itemsOf(answer["output"]).filter((item) => item["type"] === type).length;
}

function readToolsUsd(answer: Fields): number {
  const containers = new Set(
    itemsOf(answer["output"])
      .filter((item) => item["type"] === "code_interpreter_call" || item["type"] === "shell_call")
      .map((item) => item["container_id"] ?? fieldsOf(item["environment"])["container_id"])
      .filter((id) => id !== undefined),
  );
  return (
    countCalls(answer, "image_generation_call") * TOOL_USD.image +
    countCalls(answer, "file_search_call") * TOOL_USD.fileSearch +
    containers.size * priceContainer(answer)
  );
}

/** By the memory that the answer's own list of tools states; the dearest where it states none. */
function priceContainer(answer: Fields): number {
  const stated = itemsOf(answer["tools"])
    .map((tool) => fieldsOf(tool["container"] ?? tool["environment"]))
    .filter((container) => typeof container["type"] === "string")
    .map((container) => CONTAINER_USD[String(container["memory_limit"] ?? "1g")] ?? Number.POSITIVE_INFINITY);
  const dearest = Math.max(...Object.values(CONTAINER_USD));
  return Math.min(dearest, stated.length === 0 ? dearest : Math.max(...stated));
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
      searches: candidates.reduce((sum, candidate) => sum + countGrounding(candidate["groundingMetadata"]), 0),
    },
    passes: [],
    regional: false,
    fast: false,
    final: blocked || candidates.some((candidate) => typeof candidate["finishReason"] === "string"),
    model: text(last["modelVersion"]),
  };
}

/** A grounded answer is paid for by the search, and at least once. */
function countGrounding(metadata: unknown): number {
  if (metadata === undefined || metadata === null) return 0;
  const queries = fieldsOf(metadata)["webSearchQueries"];
  return Math.max(1, Array.isArray(queries) ? queries.length : 0);
}
