import { CACHE_POINT, CALLED_BY, COMMON, INPUT_PARTS } from "./openai-content.ts";
import { OPENAI_TOOL } from "./openai-tools.ts";
import {
  byType,
  CONNECTOR,
  each,
  FREE,
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

// Source: types of openai 6.49.0 (`resources/responses`), read 2026-12-01; requests of Codex 0.171.0.

/** What the model wrote before; the addresses in it are citations. */
const ANNOTATION = plain(...["type", "file_id", "filename", "index", "url", "title", "start_index", "end_index", "container_id"]);
const LOGPROB: ShapeFields = { ...plainFields("token", "logprob"), bytes: PLAINS };
const OUTPUT_TEXT = object({
  ...plainFields("type", "text"),
  annotations: list(ANNOTATION),
  logprobs: list(object({ ...LOGPROB, top_logprobs: list(object(LOGPROB)) })),
  ...CACHE_POINT,
});
const MESSAGE: ShapeFields = {
  ...plainFields("type", "role", "phase", "status"),
  content: orText(list(byType({ ...INPUT_PARTS, output_text: OUTPUT_TEXT, refusal: plain("type", "refusal") }))),
};

const CALL: ShapeFields = { ...plainFields("type", "id", "call_id", "status", "name", "namespace", "execution"), ...CALLED_BY };
const RESULT = object({ ...CALL, output: orText(list(byType(INPUT_PARTS))) });
const REASONING = object({
  ...plainFields("type", "id", "status", "encrypted_content"),
  summary: list(plain("type", "text")),
  content: list(plain("type", "text")),
});
/** Commands that the agent ran in the sandbox. */
const COMMAND = object({
  ...plainFields("type", "timeout_ms", "user", "working_directory", "max_output_length"),
  ...each(["command", "commands"], PLAINS),
  env: FREE,
});
const LOCAL = byType({ local: object({ type: PLAIN, skills: list(plain("name", "description", "path")) }), container_reference: NO_WORD });
const SHELL_OUTPUT = orText(list(object({ ...plainFields("stdout", "stderr"), outcome: plain("type", "exit_code") })));
const PATCH = plain("type", "path", "diff");
/** What hosted tools did before: kept by the client, and not done again. */
const SEARCHED = object({
  ...plainFields("type", "query", "url", "pattern"),
  queries: PLAINS,
  sources: list(plain("type", "url")),
});
const FILE_RESULT = object({ ...plainFields("file_id", "filename", "score", "text"), attributes: FREE });
const HOSTED_CALLS = {
  web_search_call: object({ ...CALL, action: SEARCHED }),
  file_search_call: object({ ...CALL, queries: PLAINS, results: list(FILE_RESULT) }),
  image_generation_call: object({
    ...plainFields("type", "id", "status", "result", "revised_prompt", "background", "output_format", "quality", "size", "action"),
  }),
  code_interpreter_call: object({
    ...plainFields("type", "id", "status", "code", "container_id"),
    outputs: list(plain("type", "logs", "url")),
  }),
};

const ITEM = byType(
  {
    message: object({ ...MESSAGE, id: PLAIN }),
    reasoning: REASONING,
    function_call: object({ ...CALL, arguments: PLAIN }),
    function_call_output: RESULT,
    custom_tool_call: object({ ...CALL, input: PLAIN }),
    custom_tool_call_output: RESULT,
    local_shell_call: object({ ...CALL, action: COMMAND }),
    local_shell_call_output: RESULT,
    shell_call: object({ ...CALL, action: COMMAND, environment: LOCAL }),
    shell_call_output: object({ ...CALL, output: SHELL_OUTPUT, max_output_length: PLAIN }),
    apply_patch_call: object({ ...CALL, operation: PATCH }),
    apply_patch_call_output: RESULT,
    tool_search_call: object({ ...CALL, arguments: FREE }),
    tool_search_output: object({ ...CALL, tools: list(OPENAI_TOOL) }),
    additional_tools: object({ ...plainFields("type", "id", "role"), tools: list(OPENAI_TOOL) }),
    compaction: plain("type", "id", "encrypted_content"),
    compaction_trigger: plain("type"),
    program: plain("type", "id", "call_id", "code", "fingerprint"),
    program_output: plain("type", "id", "call_id", "result", "status"),
    ...HOSTED_CALLS,
    ...each(["computer_call", "computer_call_output"], NO_WORD),
    ...each(["mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "mcp_call"], CONNECTOR),
    item_reference: STORED,
  },
  // Without `id`: an item with an id and no type is a reference to what the service keeps.
  MESSAGE,
);

/** `name` chooses among the tools of the request. */
const CHOICE = object({ ...plainFields("type", "name", "mode", "server_label"), tools: FREE });

export const OPENAI_RESPONSES_REQUEST: Shape = object({
  ...COMMON,
  ...plainFields("instructions", "max_output_tokens", "truncation"),
  model: MODEL,
  input: orText(list(ITEM)),
  include: PLAINS,
  tools: list(OPENAI_TOOL),
  tool_choice: orText(CHOICE),
  reasoning: plain("context", "effort", "generate_summary", "mode", "summary"),
  text: object({ verbosity: PLAIN, format: object({ ...plainFields("type", "name", "description", "strict"), schema: FREE }) }),
  context_management: list(plain("type", "compact_threshold")),
  client_metadata: FREE,
  background: refused("stored-state", "Work that goes on after the request cannot be counted or stopped: leave it out."),
  conversation: STORED,
  previous_response_id: STORED,
  prompt: STORED,
});
