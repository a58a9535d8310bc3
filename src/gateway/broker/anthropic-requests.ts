import {
  byType,
  CONNECTOR,
  each,
  FREE,
  hosted,
  list,
  MODEL,
  NO_WORD,
  object,
  orText,
  PLAIN,
  PLAINS,
  plain,
  plainFields,
  refused,
  type Shape,
  type ShapeFields,
  STORED,
} from "./shape.ts";

// Source: types of @anthropic-ai/sdk 1.15.0 (`resources/beta/messages`), read 2026-12-01; requests of Claude Code 2.1.330.

const CACHE: ShapeFields = { cache_control: plain("type", "ttl", "scope") };
const URL_SOURCE = refused(
  "server-side-connector",
  "send images and files as data; an address that the model's service would fetch is a way past the egress policy.",
);

const CITATION = plain(
  "type",
  ...["cited_text", "document_index", "document_title", "file_id", "title", "source", "url", "encrypted_index", "search_result_index"],
  ...["start_char_index", "end_char_index", "start_page_number", "end_page_number", "start_block_index", "end_block_index"],
);
const TEXT = object({ ...plainFields("type", "text"), ...CACHE, citations: list(CITATION) });
const CITED: ShapeFields = { citations: orText(plain("enabled")) };
const DATA = plain("type", "media_type", "data");

const IMAGE = object({
  type: PLAIN,
  source: byType({ base64: DATA, url: URL_SOURCE, file: STORED }),
  transformations: plain("oversized_image"),
  ...CACHE,
});
const DOCUMENT_PART = orText(list(byType({ text: TEXT, image: IMAGE })));
const DOCUMENT = object({
  ...plainFields("type", "context", "title"),
  source: byType({ base64: DATA, text: DATA, content: object({ type: PLAIN, content: DOCUMENT_PART }), url: URL_SOURCE, file: STORED }),
  ...CITED,
  ...CACHE,
});
const SEARCH_RESULT = object({ ...plainFields("type", "source", "title"), content: list(byType({ text: TEXT })), ...CITED, ...CACHE });
const TOOL_REFERENCE = object({ ...plainFields("type", "tool_name"), ...CACHE });

/** Results of hosted tools, as the service gave them; their addresses and file names are not looked up again. */
const CODE_OUTPUT = list(plain("type", "file_id"));
const CODE_RESULT: ShapeFields = { ...plainFields("type", "return_code", "stdout", "encrypted_stdout", "stderr"), content: CODE_OUTPUT };
const FAILED = plain("type", "error_code", "error_message");
const EDIT_RESULT = object({
  ...plainFields("type", "content", "file_type", "num_lines", "start_line", "total_lines", "is_file_update"),
  ...plainFields("new_lines", "new_start", "old_lines", "old_start"),
  lines: PLAINS,
});
const FETCHED = object({ ...plainFields("type", "url", "retrieved_at"), content: byType({ document: DOCUMENT }) });
const FOUND = object({ ...plainFields("type", "encrypted_content", "title", "url", "page_age") });
const CALLER: ShapeFields = { caller: plain("type", "tool_id") };

function result(types: Readonly<Record<string, Shape>>): Shape {
  return object({ ...plainFields("type", "tool_use_id"), content: { ...byType(types), items: byType(types) }, ...CALLER, ...CACHE });
}

const SERVER_RESULTS = {
  web_search_tool_result: result({ web_search_result: FOUND, web_search_tool_result_error: FAILED }),
  web_fetch_tool_result: result({ web_fetch_result: FETCHED, web_fetch_tool_result_error: FAILED }),
  advisor_tool_result: result({
    advisor_result: plain("type", "text", "stop_reason"),
    advisor_redacted_result: plain("type", "encrypted_content", "stop_reason"),
    advisor_tool_result_error: FAILED,
  }),
  code_execution_tool_result: result({
    code_execution_result: object(CODE_RESULT),
    encrypted_code_execution_result: object(CODE_RESULT),
    code_execution_tool_result_error: FAILED,
  }),
  bash_code_execution_tool_result: result({
    bash_code_execution_result: object(CODE_RESULT),
    bash_code_execution_tool_result_error: FAILED,
  }),
  text_editor_code_execution_tool_result: result({
    text_editor_code_execution_view_result: EDIT_RESULT,
    text_editor_code_execution_create_result: EDIT_RESULT,
    text_editor_code_execution_str_replace_result: EDIT_RESULT,
    text_editor_code_execution_tool_result_error: FAILED,
  }),
  tool_search_tool_result: result({
    tool_search_tool_search_result: object({ type: PLAIN, tool_references: list(TOOL_REFERENCE) }),
    tool_search_tool_result_error: FAILED,
  }),
};

const TOOL_BASICS: ShapeFields = {
  ...plainFields("type", "name", "defer_loading", "strict", "eager_input_streaming", "description"),
  allowed_callers: PLAINS,
  input_examples: FREE,
  ...CACHE,
};
const CLIENT_TOOL = object({ ...TOOL_BASICS, input_schema: FREE, max_characters: PLAIN });
const PLACE: ShapeFields = { user_location: plain("type", "city", "country", "region", "timezone") };
const DOMAINS: ShapeFields = { allowed_domains: PLAINS, blocked_domains: PLAINS };
const SOURCES = object({ type: PLAIN, tools: list(plain("type", "name")) });
const WEB_TOOL: ShapeFields = { ...TOOL_BASICS, ...DOMAINS, ...plainFields("max_uses", "response_inclusion") };
const DOMAIN_LIST = { domains: ["allowed_domains"], blocked: "blocked_domains" };
const WEB_SEARCH = hosted({ word: "web-search", ...DOMAIN_LIST }, { ...WEB_TOOL, ...PLACE });
const WEB_FETCH = hosted(
  { word: "web-fetch", ...DOMAIN_LIST },
  {
    ...WEB_TOOL,
    ...CITED,
    ...plainFields("max_content_tokens", "use_cache"),
    url_sources: object({ client_tool_results: SOURCES, server_tool_results: SOURCES, user_input: SOURCES }),
  },
);
const CODE_EXECUTION = hosted({ word: "code-execution" }, TOOL_BASICS);
const ADVISOR = object({ ...TOOL_BASICS, model: MODEL, ...plainFields("max_tokens", "max_uses"), caching: plain("type", "ttl") });

/** Shells, editors and memory are run by the agent itself, in the sandbox; so is the search among the request's own tools harmless. */
const TOOL = byType(
  {
    custom: CLIENT_TOOL,
    ...each(["bash_20241022", "bash_20250124", "memory_20250818"], CLIENT_TOOL),
    ...each(["text_editor_20241022", "text_editor_20250124", "text_editor_20250429", "text_editor_20250728"], CLIENT_TOOL),
    ...each(["tool_search_tool_bm25", "tool_search_tool_bm25_20251119"], CLIENT_TOOL),
    ...each(["tool_search_tool_regex", "tool_search_tool_regex_20251119"], CLIENT_TOOL),
    ...each(["web_search_20250305", "web_search_20260209", "web_search_20260318"], WEB_SEARCH),
    ...each(["web_fetch_20250910", "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318"], WEB_FETCH),
    ...each(["code_execution_20250522", "code_execution_20250825"], CODE_EXECUTION),
    ...each(["code_execution_20260120", "code_execution_20260521"], CODE_EXECUTION),
    ...each(["computer_20241022", "computer_20250124", "computer_20251124", "computer_toolset_20260801"], NO_WORD),
    browser_toolset_20260801: NO_WORD,
    advisor_20260301: ADVISOR,
    mcp_toolset: CONNECTOR,
    mcp: CONNECTOR,
  },
  { ...TOOL_BASICS, input_schema: FREE },
);

const TOOL_CHANGE = object({
  type: PLAIN,
  tool: byType({
    tool_reference: plain("type", "name"),
    tool_definition: object({ type: PLAIN, definition: TOOL }),
    mcp_tool_reference: CONNECTOR,
    mcp_toolset_reference: CONNECTOR,
  }),
  ...CACHE,
});
const TOOL_CHANGES = { tool_addition: TOOL_CHANGE, tool_removal: TOOL_CHANGE };

const TOOL_RESULT_PART = byType({
  text: TEXT,
  image: IMAGE,
  document: DOCUMENT,
  search_result: SEARCH_RESULT,
  tool_reference: TOOL_REFERENCE,
});
const BLOCK = byType({
  text: TEXT,
  image: IMAGE,
  document: DOCUMENT,
  search_result: SEARCH_RESULT,
  thinking: plain("type", "thinking", "signature"),
  redacted_thinking: plain("type", "data"),
  tool_use: object({ ...plainFields("type", "id", "name", "toolset_name"), input: FREE, ...CALLER, ...CACHE }),
  server_tool_use: object({ ...plainFields("type", "id", "name"), input: FREE, ...CALLER, ...CACHE }),
  tool_result: object({
    ...plainFields("type", "tool_use_id", "is_error", "toolset_name"),
    content: orText(list(TOOL_RESULT_PART)),
    ...CACHE,
  }),
  compaction: object({
    ...plainFields("type", "content", "encrypted_content", "signature"),
    tool_changes: list(byType(TOOL_CHANGES)),
    ...CACHE,
  }),
  ...SERVER_RESULTS,
  ...TOOL_CHANGES,
  container_upload: STORED,
  ...each(["mcp_tool_use", "mcp_tool_result", "mcp_tool_listing"], CONNECTOR),
});

const FORMAT = object({ type: PLAIN, schema: FREE });
const OUTPUT: ShapeFields = {
  output_config: object({ effort: PLAIN, format: FORMAT, task_budget: plain("type", "total", "remaining") }),
  output_format: FORMAT,
};
const THINKING = object({ ...plainFields("type", "budget_tokens", "display"), block_binding: plain("prefix_mismatch_behavior") });
const AMOUNT = orText(plain("type", "value"));
const EDITS = list(
  byType({
    clear_tool_uses_20250919: object({
      type: PLAIN,
      clear_at_least: AMOUNT,
      clear_tool_inputs: orText(PLAINS),
      exclude_tools: PLAINS,
      keep: AMOUNT,
      trigger: AMOUNT,
    }),
    clear_thinking_20251015: object({ type: PLAIN, keep: AMOUNT }),
    compact_20260112: object({ ...plainFields("type", "instructions", "pause_after_compaction"), trigger: AMOUNT }),
  }),
);
const MESSAGE = object({ ...plainFields("role", "clear_at"), content: orText(list(BLOCK)), ...OUTPUT });

/** `messages` and `messages/count_tokens`. */
export const ANTHROPIC_REQUEST: Shape = object({
  ...plainFields("max_tokens", "stream", "temperature", "top_k", "top_p", "service_tier", "speed", "inference_geo"),
  model: MODEL,
  messages: list(MESSAGE),
  system: orText(list(byType({ text: TEXT }))),
  tools: list(TOOL),
  tool_choice: plain("type", "name", "disable_parallel_tool_use"),
  thinking: THINKING,
  stop_sequences: PLAINS,
  metadata: plain("user_id"),
  ...CACHE,
  ...OUTPUT,
  context_management: object({ edits: EDITS }),
  compaction: plain("type", "instructions"),
  diagnostics: plain("previous_message_id"),
  container: STORED,
  thread: STORED,
  mcp_servers: CONNECTOR,
  fallbacks: refused("model-not-allowed", "A request goes to one model: leave fallbacks to other models out."),
});
