import type { ModelApi } from "../../ports/gateway.ts";

/** What a request's body says about the most that it can cost, beside its bytes. */
export interface CostBounds {
  /** Pictures: a few bytes can be many tokens. */
  readonly images: number;
  /** Reads what no byte of the body bounds: a document, a file or a conversation that the service keeps. */
  readonly openPrompt: boolean;
  /** Answers asked for at once; each is written and paid for. */
  readonly answers: number;
  /** The service may call a model again, or run what costs by the call, as often as it likes. */
  readonly openPasses: boolean;
  /** Asks for a region that costs more. */
  readonly regional: boolean;
  /** The service goes on after it has answered, so that the answer says nothing about the cost. */
  readonly detached: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the bounds from a parsed body. The names are those of the types in @anthropic-ai/sdk 1.15.0, openai 7.59.0 and @google/genai 2.32.0. */
export function readCostBounds(body: Fields, api: ModelApi): CostBounds {
  const attached = countAttachments(body);
  const stored = STORED[api].some((name) => isSet(body[name]));
  return {
    images: attached.images,
    openPrompt: attached.documents > 0 || stored,
    answers: readAnswers(body, api),
    openPasses: REPEATING[api].some((name) => isSet(body[name])) || listOf(body["tools"]).some(isServiceTool[api]) || addsPasses(body, api),
    regional: isSet(body["inference_geo"]) && body["inference_geo"] !== "global",
    detached: body["background"] === true,
  };
}

/** Fields that name what the service keeps: a conversation, a prompt, a cache, files. */
const STORED: Readonly<Record<ModelApi, readonly string[]>> = {
  anthropic: ["thread", "container"],
  openai: ["previous_response_id", "conversation", "prompt"],
  gemini: ["cachedContent", "cached_content"],
};

/** Fields by which one request runs a model more than once, or is paid for by something else than text. */
const REPEATING: Readonly<Record<ModelApi, readonly string[]>> = {
  anthropic: ["fallbacks", "mcp_servers"],
  openai: ["web_search_options", "prediction", "audio", "background", "context_management"],
  gemini: [],
};

function addsPasses(body: Fields, api: ModelApi): boolean {
  if (api === "anthropic") return listOf(fieldsOf(body["context_management"])["edits"]).some((edit) => !isClearing(edit));
  if (api === "openai") return false;
  return holdersOf(body, api).some((config) => isSet(config["responseModalities"]) || isSet(config["response_modalities"]));
}

function isClearing(edit: unknown): boolean {
  return /^clear_/.test(String(fieldsOf(edit)["type"]));
}

/** Tools that the client runs; every other tool runs at the service. */
const CLIENT_TOOL: Readonly<Record<"anthropic" | "openai", RegExp>> = {
  anthropic: /^(?:custom|bash_\d+|text_editor_\d+|memory_\d+|computer_\d+)$/,
  openai: /^(?:function|custom|local_shell|apply_patch)$/,
};
const GEMINI_CLIENT_TOOLS = new Set(["functionDeclarations", "function_declarations"]);

const isServiceTool: Readonly<Record<ModelApi, (tool: unknown) => boolean>> = {
  anthropic: (tool) => isSet(fieldsOf(tool)["type"]) && !CLIENT_TOOL.anthropic.test(String(fieldsOf(tool)["type"])),
  openai: (tool) => isSet(fieldsOf(tool)["type"]) && !CLIENT_TOOL.openai.test(String(fieldsOf(tool)["type"])),
  gemini: (tool) => Object.keys(fieldsOf(tool)).some((name) => !GEMINI_CLIENT_TOOLS.has(name)),
};

const ANSWERS: Readonly<Record<ModelApi, readonly string[]>> = {
  anthropic: [],
  openai: ["n"],
  gemini: ["candidateCount", "candidate_count"],
};

function readAnswers(body: Fields, api: ModelApi): number {
  const counts = holdersOf(body, api).flatMap((holder) => ANSWERS[api].map((name) => holder[name]));
  return Math.max(1, ...counts.filter((value): value is number => typeof value === "number" && Number.isFinite(value)));
}

function holdersOf(body: Fields, api: ModelApi): readonly Fields[] {
  return api === "gemini" ? [fieldsOf(body["generationConfig"]), fieldsOf(body["generation_config"])] : [body];
}

interface Attachments {
  images: number;
  documents: number;
}

/** Looks at every object, however deep and whatever holds it: a place that is forgotten would be a way around the cap. */
function countAttachments(body: object): Attachments {
  const found: Attachments = { images: 0, documents: 0 };
  const open: object[] = [body];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) for (const inner of value) queue(open, inner);
    else look(value as Fields, open, found);
  }
  return found;
}

function queue(open: object[], value: unknown): void {
  if (typeof value === "object" && value !== null) open.push(value);
}

function look(fields: Fields, open: object[], found: Attachments): void {
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "string") noteText(name, value, fields, found);
    else queue(open, value);
    if (INLINE_FIELDS.has(name)) noteInline(fieldsOf(value), found);
  }
}

const IMAGE_TYPE = new Set(["image", "image_url", "input_image", "computer_screenshot"]);
const DOCUMENT_TYPE = new Set(["file", "input_file", "input_audio", "input_video", "container_upload", "item_reference"]);
const FILE_FIELDS = new Set(["file_id", "file_data", "file_url", "fileUri", "file_uri"]);
const INLINE_FIELDS = new Set(["inlineData", "inline_data"]);
/** A document whose text stands in the body is bounded by its bytes. */
const PLAIN_SOURCE = new Set(["text", "content"]);

function noteText(name: string, value: string, fields: Fields, found: Attachments): void {
  if (FILE_FIELDS.has(name)) found.documents++;
  if (name !== "type") return;
  if (IMAGE_TYPE.has(value)) found.images++;
  else if (DOCUMENT_TYPE.has(value)) found.documents++;
  else if (value === "document" && !PLAIN_SOURCE.has(String(fieldsOf(fields["source"])["type"]))) found.documents++;
}

function noteInline(inline: Fields, found: Attachments): void {
  if (/^image\//i.test(String(inline["mimeType"] ?? inline["mime_type"]))) found.images++;
  else found.documents++;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** One tool without its list is taken by some services. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isSet(value) ? [value] : [];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
}
