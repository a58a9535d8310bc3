import { ADDRESS, byType, FREE, hosted, object, PLAIN, PLAINS, plain, plainFields, type Shape, type ShapeFields, STORED } from "./shape.ts";

/** What both of OpenAI's APIs have in common. */

export const CACHE_POINT: ShapeFields = { prompt_cache_breakpoint: plain("mode") };

export const USER_LOCATION: Shape = object({
  ...plainFields("type", "city", "country", "region", "timezone"),
  approximate: plain("city", "country", "region", "timezone"),
});

/** Settings that say nothing of addresses, tools or state. */
export const COMMON: ShapeFields = {
  ...plainFields("stream", "temperature", "top_p", "top_logprobs", "parallel_tool_calls", "safety_identifier", "user", "service_tier"),
  ...plainFields("prompt_cache_key", "prompt_cache_retention"),
  prompt_cache_options: plain("mode", "ttl"),
  stream_options: plain("include_obfuscation", "include_usage"),
  metadata: FREE,
  store: STORED,
};

const IMAGE_PART: ShapeFields = { ...plainFields("type", "detail"), image_url: ADDRESS, file_id: STORED, ...CACHE_POINT };
const FILE_PART: ShapeFields = {
  ...plainFields("type", "detail", "file_data", "filename"),
  file_url: ADDRESS,
  file_id: STORED,
  ...CACHE_POINT,
};

/** Parts of what a person or a tool says to the Responses API. */
export const INPUT_PARTS = {
  input_text: object({ ...plainFields("type", "text"), ...CACHE_POINT }),
  input_image: object(IMAGE_PART),
  input_file: object(FILE_PART),
} as const;

export const CUSTOM_FORMAT = object({
  ...plainFields("type", "definition", "syntax"),
  grammar: plain("definition", "syntax"),
});

export const IMAGE_MASK = object({ image_url: ADDRESS, file_id: STORED });

export const SEARCH_FILTERS = object({ allowed_domains: PLAINS });

export const CALLED_BY: ShapeFields = { caller: byType({ direct: plain("type"), program: plain("type", "caller_id") }) };

export const WEB_SEARCH_OPTIONS = hosted({ word: "web-search" }, { search_context_size: PLAIN, user_location: USER_LOCATION });
