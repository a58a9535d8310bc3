import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { ModelApi } from "../../ports/gateway.ts";
import { type CostBounds, readCostBounds } from "./cost-bounds.ts";
import type { MemoryBudget, Reservation } from "./memory-budget.ts";
import { throwRefusal } from "./refusal.ts";
import type { ModelRoute } from "./routes.ts";
import { checkServerSideTools } from "./server-side-tools.ts";

/** What the broker has to know of a request's body. */
export interface ModelRequest {
  readonly model: string;
  /** Output tokens that the request limits itself to; undefined when it sets no limit. */
  readonly maxOutputTokens: number | undefined;
  /** Carries tools: part of the agent's conversation, not a title or a summary on the side. */
  readonly turn: boolean;
  /** Requests the service's faster, more expensive mode. */
  readonly fast: boolean;
  /** Tools the service runs by itself, by type. */
  readonly serverTools: readonly string[];
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

/** @throws Refused when the body is not one JSON object that says everything once. */
export function readModelRequest(body: Buffer, api: ModelApi, route: ModelRoute): ModelRequest {
  const fields = parseObject(body);
  checkServerSideTools(fields);
  const model = route.model ?? fields["model"];
  if (typeof model !== "string" || model === "" || model.length > 200)
    throwRefusal("body-unreadable", 400, "The body does not name a model.");
  const tools = Array.isArray(fields["tools"]) ? fields["tools"] : [];
  return {
    model,
    maxOutputTokens: readOutputCap(fields, api),
    turn: route.kind === "generate" && tools.length > 0,
    fast: fields["speed"] === "fast" || fields["service_tier"] === "priority",
    serverTools: listServerTools(tools),
    bounds: readCostBounds(fields, api),
  };
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
  checkKeys(listTopLevelKeys(body));
  return parsed;
}

/** Parsers differ on a key that comes twice or in another case: such a body could name one model here and another at the service. */
function checkKeys(keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    const folded = key.toLowerCase();
    if (seen.has(folded)) throwRefusal("body-unreadable", 400, "The body names a field twice.");
    seen.add(folded);
    if (folded === "model" && key !== "model") throwRefusal("body-unreadable", 400, 'The body spells "model" in another case.');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** What a bracket adds to the depth. */
const DEPTH: Readonly<Record<number, number>> = { 123: 1, 91: 1, 125: -1, 93: -1 };

/** Keys of the outermost object, in order, of bytes already known to be valid JSON. */
export function listTopLevelKeys(json: Buffer): readonly string[] {
  const keys: string[] = [];
  let depth = 0;
  let text: readonly [number, number] = [0, 0];
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      const end = findStringEnd(json, at + 1);
      text = [at, end + 1];
      at = end;
    }
    depth += DEPTH[byte] ?? 0;
    if (byte === COLON && depth === 1) keys.push(JSON.parse(json.toString("utf8", ...text)) as string);
  }
  return keys;
}

function findStringEnd(json: Buffer, from: number): number {
  let at = from;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
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

/** Client tools have a schema or a function; all other typed tools run at the service. */
const SERVER_TOOL = /^(?:web_search|web_fetch|code_execution|code_interpreter|file_search|image_generation|computer_use)/;
const GEMINI_SERVER_TOOLS = ["googleSearch", "google_search", "googleSearchRetrieval", "urlContext", "url_context", "codeExecution"];

function listServerTools(tools: readonly unknown[]): readonly string[] {
  const names = tools.filter(isObject).flatMap((tool) => {
    const type = tool["type"];
    if (typeof type === "string" && SERVER_TOOL.test(type)) return [type.slice(0, 60)];
    return GEMINI_SERVER_TOOLS.filter((name) => Object.hasOwn(tool, name));
  });
  return [...new Set(names)].slice(0, 10);
}
