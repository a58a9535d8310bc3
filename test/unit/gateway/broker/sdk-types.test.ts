import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { MODEL_TOOLS } from "../../../../src/domain/model-tools.ts";
import { readModelRequest } from "../../../../src/gateway/broker/model-request.ts";
import { Refused } from "../../../../src/gateway/broker/refusal.ts";
import { findRoute } from "../../../../src/gateway/broker/routes.ts";
import type { ModelApi } from "../../../../src/ports/gateway.ts";

/** As `tooling/read-sdk-types.mjs` writes them. */
type Form = "text" | "number" | "free" | { readonly is: string } | { readonly list: readonly Form[] } | { readonly type: number };

interface SdkTypes {
  readonly library: string;
  readonly root: number;
  readonly types: readonly { readonly name: string; readonly fields: Readonly<Record<string, readonly Form[]>> }[];
}

const SDK = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../../fixtures/sdk-types.json"), "utf8")) as Readonly<
  Record<string, SdkTypes>
>;
const EVIL = "https://evil.example/?stolen";

type Json = Readonly<Record<string, unknown>>;

/** One field of one type of the library, in the smallest request that holds it. */
interface Probe {
  readonly field: string;
  readonly request: Json;
  /** The field takes any text: the probe has an address there. */
  readonly text: boolean;
}

/** Puts a value where a type of the library stands in a request. */
type Wrap = (value: unknown) => Json;

/** Every field of every type that a request can hold, once for each kind of value it takes. */
function probe({ root, types }: SdkTypes, goesOn: (request: Json) => boolean): readonly Probe[] {
  const probes: Probe[] = [];
  const seen = new Set([root]);
  const queue: Holder[] = [{ number: root, wrap: (value) => value as Json }];
  const visit = ({ form, wrap }: Place, field: string): void => {
    const sample = sampleOf(types, form);
    const request = wrap(sample);
    const type = typeOf(form);
    probes.push({ field: labelOf(field, type === undefined ? {} : sample), request, text: form === "text" });
    if (type === undefined || seen.has(type) || !goesOn(request)) return;
    seen.add(type);
    queue.push({ number: type, wrap });
  };
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const [field, place] of listPlaces(types, at)) visit(place, field);
  }
  return probes;
}

/** Every field of one type, with what it takes. */
function listPlaces(types: SdkTypes["types"], { number, wrap }: Holder): readonly (readonly [string, Place])[] {
  const { name, fields } = types[number] ?? { name: "", fields: {} };
  const base = sampleOf(types, { type: number }) as Json;
  return Object.entries(fields).flatMap(([field, forms]) => {
    const places = forms.flatMap((form) => openLists(form, (value) => wrap({ ...base, [field]: value })));
    return places.map((place) => [`${name}.${field}`, place] as const);
  });
}

/** A type, and where it stands in a request. */
interface Holder {
  readonly number: number;
  readonly wrap: Wrap;
}

interface Place {
  readonly form: Form;
  readonly wrap: Wrap;
}

/** What may be in a list, or the form itself. */
function openLists(form: Form, wrap: Wrap): readonly Place[] {
  if (typeof form !== "object" || !("list" in form)) return [{ form, wrap }];
  return form.list.flatMap((each) => openLists(each, (value) => wrap([value])));
}

function typeOf(form: Form): number | undefined {
  return typeof form === "object" && "type" in form ? form.type : undefined;
}

/** A field that takes objects of several kinds is told apart by the kind. */
function labelOf(field: string, sample: unknown): string {
  const kind = (sample as Json)["type"];
  return kind === undefined ? field : `${field}: ${String(kind)}`;
}

function sampleOf(types: SdkTypes["types"], form: Form): unknown {
  if (form === "text") return EVIL;
  if (form === "number") return 1;
  if (form === "free") return { url: EVIL };
  if ("is" in form) return form.is;
  if ("list" in form) return [];
  const fields = Object.entries(types[form.type]?.fields ?? {});
  return Object.fromEntries(
    fields.flatMap(([name, [first]]) => (name === "type" && typeof first === "object" && "is" in first ? [[name, first.is]] : [])),
  );
}

const APIS: Readonly<Record<string, ModelApi>> = {
  "/v1/messages": "anthropic",
  "/v1/responses": "openai",
  "/v1/chat/completions": "openai",
};

/** Whether the request passes, the reason for which it does not, or the model that the list would be asked for. */
function outcomeOf(route: string, request: Json): string {
  const api = APIS[route] ?? "gemini";
  const body = Buffer.from(JSON.stringify({ ...(api === "gemini" ? {} : { model: "m" }), ...request }));
  try {
    const { models } = readModelRequest({
      body,
      api,
      route: findRoute(api, "POST", route),
      tools: { allowed: MODEL_TOOLS, domains: undefined },
    });
    return models.includes(EVIL) ? "model" : "passes";
  } catch (error) {
    if (error instanceof Refused) return error.refusal.reason;
    throw error;
  }
}

/** Names of fields that could be an address, a model, or something that the service keeps. */
const TELLING =
  /\.[a-z_]*(?:ur[il]|endpoint|domain|host|server|connector|model|modelname|file_?id|container|store|previous|conversation|fallback|secret|auth|network)[a-z_]*$/i;

/** Where an address may stand, since nobody follows it: citations, results and calls of the past, and lists that the gateway narrows. */
const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  "/v1/messages": [
    // Tells the service which answer to compare its cache with; no content comes back.
    "BetaDiagnosticsParam.previous_message_id",
    ...["BetaWebSearchTool20250305", "BetaWebFetchTool20250910", "BetaWebSearchTool20260209", "BetaWebFetchTool20260209"].flatMap(
      domainsOf,
    ),
    ...["BetaWebFetchTool20260309", "BetaWebSearchTool20260318", "BetaWebFetchTool20260318"].flatMap(domainsOf),
    "BetaCitationWebSearchResultLocationParam.url",
    "BetaWebSearchResultBlockParam.url",
    "BetaWebFetchBlockParam.url",
    "BetaCodeExecutionOutputBlockParam.file_id",
    "BetaBashCodeExecutionOutputBlockParam.file_id",
  ],
  "/v1/responses": [
    "ResponseCodeInterpreterToolCall.container_id",
    "ToolChoiceMcp.server_label",
    "FileSearchTool.vector_store_ids",
    ...["Result.file_id", "OpenPage.url", "Find.url", "Image.url", "Filters.allowed_domains"],
    ...["FileCitation.file_id", "URLCitation.url", "ContainerFileCitation.container_id", "ContainerFileCitation.file_id"],
    ...["FilePath.file_id", "Source.url"],
  ],
  "/v1/chat/completions": [],
  "/v1beta/models/m:generateContent": ["GoogleSearch.excludeDomains", "FileSearch.fileSearchStoreNames"],
};

function domainsOf(type: string): readonly string[] {
  return [`${type}.allowed_domains`, `${type}.blocked_domains`];
}

/** Known to the libraries and not described: nobody was seen to send it, and it pays, delivers or chooses past the workflow's words. */
const NOT_DESCRIBED: Readonly<Record<string, readonly string[]>> = {
  "/v1/messages": [
    ...["billing_policy: billing_policy", "fallback_credit_token", "betas", "user_profile_id", "workspace_id"].map(
      (field) => `MessageCreateParamsNonStreaming.${field}`,
    ),
    ...["BetaUserMessageParam.content: fallback", "BetaAssistantMessageParam.content: fallback"],
    "BetaToolResultBlockParam.content: browser_state",
  ],
  "/v1/responses": ["ResponseCreateParamsNonStreaming.moderation", "CodeInterpreter.container"],
  "/v1/chat/completions": ["ChatCompletionCreateParamsNonStreaming.moderation"],
  "/v1beta/models/m:generateContent": [
    ...["modelSelectionConfig", "audioTranscriptionConfig", "enableAffectiveDialog", "responseFormat", "translationConfig"].map(
      (field) => `GenerationConfig.${field}`,
    ),
    ...["Part.audioTranscription", "Part.speechMetadata"],
    ...["GenerationConfigRoutingConfig.autoMode", "VoiceConfig.replicatedVoiceConfig"],
  ],
};

/** Models that a request names, each held against the run's list. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  "/v1/messages": ["MessageCreateParamsNonStreaming.model", "BetaAdvisorTool20260301.model"],
  "/v1/responses": ["ResponseCreateParamsNonStreaming.model", "ImageGeneration.model"],
  "/v1/chat/completions": ["ChatCompletionCreateParamsNonStreaming.model"],
  "/v1beta/models/m:generateContent": ["GenerationConfigRoutingConfigManualRoutingMode.modelName"],
};

describe.each(Object.entries(SDK))("I23: every field that the library knows for %s", (route, sdk) => {
  const probes = probe(sdk, (request) => outcomeOf(route, request) === "passes");
  const named = (outcome: string, fits: (each: Probe) => boolean = () => true): readonly string[] => [
    ...new Set(probes.filter((each) => fits(each) && outcomeOf(route, each.request) === outcome).map(({ field }) => field)),
  ];

  test("is described, or left out on purpose", () => {
    expect(probes.length).toBeGreaterThan(200);
    expect(named("unknown-field")).toEqual(NOT_DESCRIBED[route]);
  });

  test("takes an address only where nobody follows it", () => {
    expect(named("passes", ({ text, field }) => text && TELLING.test(field))).toEqual(HARMLESS[route]);
  });

  test("takes a model only from the run's list", () => {
    expect(named("model")).toEqual(MODELS[route]);
  });
});
