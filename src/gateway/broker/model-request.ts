import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { ModelTool } from "../../domain/model-tools.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import { checkShape } from "./check-shape.ts";
import { type CostBounds, readCostBounds } from "./cost-bounds.ts";
import type { MemoryBudget, Reservation } from "./memory-budget.ts";
import { throwRefusal } from "./refusal.ts";
import type { ModelRoute } from "./routes.ts";
import { applyToolPolicy, type ToolPolicy } from "./server-side-tools.ts";

/** What the broker has to know of a request's body. */
export interface ModelRequest {
  readonly model: string;
  /** Every model that it names, wherever it stands. */
  readonly models: readonly string[];
  /** Output tokens that the request limits itself to; undefined when it sets no limit. */
  readonly maxOutputTokens: number | undefined;
  /** Carries tools: part of the agent's conversation, not a title or a summary on the side. */
  readonly turn: boolean;
  /** Requests the service's faster, more expensive mode. */
  readonly fast: boolean;
  /** Tools the service runs by itself, by their lines of the input `model-tools`. */
  readonly serverTools: readonly ModelTool[];
  /** What goes to the service: the bytes that came, unless the run's policy narrowed something in them. */
  readonly body: Buffer;
  readonly bounds: CostBounds;
}

export interface BodyReading {
  readonly request: IncomingMessage;
  readonly maxBytes: number;
  readonly memory: MemoryBudget;
  readonly reservation: Reservation;
}

/** Reads a body of at most `maxBytes`, decoded; its memory is reserved until the request ends. @throws Refused */
export async function readBody({ request, maxBytes, memory, reservation }: BodyReading): Promise<Buffer> {
  const tooLarge = (): never => throwRefusal("body-too-large", 413, `The request body is larger than ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when this stops early: the refusal goes out on the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) tooLarge();
    reservation.take(chunk.length);
    chunks.push(chunk);
  }
  if (Object.keys(request.trailers).length > 0) throwRefusal("bad-request", 400, "Trailers are not taken.");
  const coding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const body = Buffer.concat(chunks);
  if (coding === "identity") return body;
  return await memory.alone(async () => {
    const decoded = await decode(body, coding, maxBytes);
    reservation.take(decoded.length);
    return decoded;
  });
}

async function decode(body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const limit = { maxOutputLength: maxBytes };
  try {
    if (coding === "gzip") return await promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gunzip)(body, limit);
    if (coding === "zstd") return await promisify<zlib.InputType, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)(body, limit);
  } catch {
    throwRefusal("body-unreadable", 400, "The compressed request body cannot be read, or is too large when opened.");
  }
  return throwRefusal("encoding", 415, "Send the body as it is, or as gzip or zstd.");
}

export interface RequestReading {
  readonly body: Buffer;
  readonly api: ModelApi;
  readonly route: ModelRoute;
  readonly tools: ToolPolicy;
}

/** @throws Refused when the body is not one JSON object that says everything once, or says what the API's description does not hold. */
export function readModelRequest({ body, api, route, tools }: RequestReading): ModelRequest {
  const fields = parseObject(body);
  const asked = checkShape(fields, route.shape, { foldNames: api === "gemini" });
  // Parsers differ on a key that comes twice: such a body could say one thing here and another at the service.
  if (asked.keys !== countKeys(body)) throwRefusal("body-unreadable", 400, "The body names a field twice.");
  const model = route.model ?? fields["model"];
  if (typeof model !== "string" || model === "" || model.length > 200)
    throwRefusal("body-unreadable", 400, "The body does not name a model.");
  const narrowed = applyToolPolicy(asked.hosted, tools);
  return {
    model,
    models: [...new Set([model, ...asked.models.map(nakedName)])],
    maxOutputTokens: readOutputCap(fields, api),
    turn: route.kind === "generate" && Array.isArray(fields["tools"]) && fields["tools"].length > 0,
    fast: fields["speed"] === "fast" || (fields["service_tier"] ?? fields["serviceTier"]) === "priority",
    serverTools: [...new Set(asked.hosted.map(({ tool }) => tool.word))],
    body: narrowed ? Buffer.from(JSON.stringify(fields)) : body,
    bounds: readCostBounds(fields, api),
  };
}

/** Gemini's bodies put the collection before the name. */
function nakedName(model: string): string {
  return model.replace(/^models\//, "");
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(body: Buffer): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    throwRefusal("body-unreadable", 400, "The body is not JSON.");
  }
  if (!isObject(parsed)) throwRefusal("body-unreadable", 400, "The body is not a JSON object.");
  return parsed;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Keys of all objects in bytes already known to be valid JSON: every colon outside a string follows one. */
export function countKeys(json: Buffer): number {
  let keys = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === COLON) keys += 1;
    else if (byte === QUOTE) at = findStringEnd(json, at + 1);
  }
  return keys;
}

function findStringEnd(json: Buffer, from: number): number {
  let end = json.indexOf(QUOTE, from);
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf(QUOTE, end + 1);
  return end === -1 ? json.length : end;
}

function isEscaped(json: Buffer, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

const OUTPUT_CAPS: Readonly<Record<ModelApi, readonly string[]>> = {
  anthropic: ["max_tokens"],
  openai: ["max_output_tokens", "max_completion_tokens", "max_tokens"],
  gemini: ["maxOutputTokens", "max_output_tokens"],
};

function readOutputCap(fields: Fields, api: ModelApi): number | undefined {
  const holders = api === "gemini" ? [fields["generationConfig"], fields["generation_config"]].filter(isObject) : [fields];
  const values = holders.flatMap((holder) => OUTPUT_CAPS[api].map((name) => holder[name]));
  const caps = values.filter((value): value is number => typeof value === "number" && value > 0);
  return caps.length === 0 ? undefined : Math.max(...caps);
}
