import { CACHE_POINT, COMMON, CUSTOM_FORMAT, WEB_SEARCH_OPTIONS } from "./openai-content.ts";
import {
  ADDRESS,
  byType,
  CONNECTOR,
  FREE,
  list,
  MODEL,
  object,
  orText,
  PLAIN,
  PLAINS,
  plain,
  plainFields,
  type Shape,
  STORED,
} from "./shape.ts";

// Source: types of openai 6.49.0 (`resources/chat/completions`), read 2026-12-01.

const TEXT = object({ ...plainFields("type", "text"), ...CACHE_POINT });
const PART = byType({
  text: TEXT,
  refusal: plain("type", "refusal"),
  image_url: object({ type: PLAIN, image_url: { ...ADDRESS, ...object({ url: ADDRESS, detail: PLAIN }) }, ...CACHE_POINT }),
  input_audio: object({ type: PLAIN, input_audio: plain("data", "format"), ...CACHE_POINT }),
  file: object({ type: PLAIN, file: object({ ...plainFields("file_data", "filename"), file_id: STORED }), ...CACHE_POINT }),
});
const CALL = object({
  ...plainFields("type", "id", "index"),
  function: plain("name", "arguments"),
  custom: plain("name", "input"),
});
const MESSAGE = object({
  ...plainFields("role", "name", "refusal", "tool_call_id", "reasoning_content"),
  content: orText(list(PART)),
  tool_calls: list(CALL),
  function_call: plain("name", "arguments"),
  // Clients send the whole of the last answer back; its citations are not followed.
  annotations: FREE,
  audio: STORED,
});
const DEFINITION = object({ ...plainFields("name", "description", "strict"), parameters: FREE });
const TOOL = byType({
  function: object({ type: PLAIN, function: DEFINITION }),
  custom: object({ type: PLAIN, custom: object({ ...plainFields("name", "description"), format: CUSTOM_FORMAT }) }),
  mcp: CONNECTOR,
});

export const OPENAI_CHAT_REQUEST: Shape = object({
  ...COMMON,
  ...plainFields("frequency_penalty", "presence_penalty", "logprobs", "max_completion_tokens", "max_tokens", "n", "seed", "verbosity"),
  ...plainFields("reasoning_effort"),
  model: MODEL,
  messages: list(MESSAGE),
  tools: list(TOOL),
  tool_choice: orText(
    object({
      type: PLAIN,
      function: plain("name"),
      custom: plain("name"),
      allowed_tools: object({ mode: PLAIN, tools: FREE }),
    }),
  ),
  functions: list(DEFINITION),
  function_call: orText(plain("name")),
  stop: orText(PLAINS),
  modalities: PLAINS,
  audio: object({ format: PLAIN, voice: orText(object({ id: STORED })) }),
  logit_bias: FREE,
  prediction: object({ type: PLAIN, content: orText(list(TEXT)) }),
  response_format: object({ type: PLAIN, json_schema: object({ ...plainFields("name", "description", "strict"), schema: FREE }) }),
  web_search_options: WEB_SEARCH_OPTIONS,
});
