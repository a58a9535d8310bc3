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
function countAttachments(body: unknown): Attachments {
  const found: Attachments = { images: 0, documents: 0 };
  const open: unknown[] = [body];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (!Array.isArray(value)) note(fieldsOf(value), found);
    for (const inner of Object.values(value as object)) {
      if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return found;
}

const IMAGE_TYPE = new Set(["image", "image_url", "input_image", "computer_screenshot"]);
const DOCUMENT_TYPE = new Set(["file", "input_file", "input_audio", "input_video", "container_upload", "item_reference"]);
const FILE_FIELDS = ["file_id", "file_data", "file_url", "fileUri", "file_uri"];
/** A document whose text stands in the body is bounded by its bytes. */
const PLAIN_SOURCE = new Set(["text", "content"]);

function note(fields: Fields, found: Attachments): void {
  const type = fields["type"];
  const inline = fieldsOf(fields["inlineData"] ?? fields["inline_data"]);
  const mime = inline["mimeType"] ?? inline["mime_type"];
  if ((typeof type === "string" && IMAGE_TYPE.has(type)) || /^image\//i.test(String(mime))) found.images++;
  else if (typeof type === "string" && DOCUMENT_TYPE.has(type)) found.documents++;
  else if (type === "document" && !PLAIN_SOURCE.has(String(fieldsOf(fields["source"])["type"]))) found.documents++;
  else if (isSet(inline["data"])) found.documents++;
  if (FILE_FIELDS.some((name) => typeof fields[name] === "string")) found.documents++;
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
