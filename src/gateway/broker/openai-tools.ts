import { CUSTOM_FORMAT, IMAGE_MASK, SEARCH_FILTERS, USER_LOCATION } from "./openai-content.ts";
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
  PLAINS,
  plain,
  plainFields,
  refused,
  type Shape,
  type ShapeFields,
  STORED,
} from "./shape.ts";

// Source: types of openai 6.49.0 (`resources/responses`), read 2026-12-01; requests of Codex 0.171.0.

const BASICS: ShapeFields = {
  ...plainFields("type", "name", "description", "strict", "defer_loading"),
  allowed_callers: PLAINS,
  parameters: FREE,
  output_schema: FREE,
};
const FUNCTION = object(BASICS);
const CUSTOM = object({ ...BASICS, format: CUSTOM_FORMAT });

const OWN_NETWORK = refused("model-tool", "A machine of the model's service with a network of its own is a way past the egress policy.");
const CONTAINER = object({
  ...plainFields("type", "memory_limit"),
  file_ids: STORED,
  network_policy: byType({ disabled: plain("type"), allowlist: OWN_NETWORK }),
});
const SEARCH: ShapeFields = {
  ...plainFields("type", "search_context_size", "external_web_access"),
  search_content_types: PLAINS,
  user_location: USER_LOCATION,
};
const WEB_SEARCH = hosted({ word: "web-search", domains: ["filters", "allowed_domains"] }, { ...SEARCH, filters: SEARCH_FILTERS });
const FILE_SEARCH = hosted(
  { word: "file-search" },
  {
    ...plainFields("type", "max_num_results"),
    vector_store_ids: PLAINS,
    filters: FREE,
    ranking_options: object({ ...plainFields("ranker", "score_threshold"), hybrid_search: plain("embedding_weight", "text_weight") }),
  },
);
const IMAGE_GENERATION = hosted(
  { word: "image-generation" },
  {
    ...plainFields("type", "action", "background", "input_fidelity", "moderation", "output_compression", "output_format"),
    ...plainFields("partial_images", "quality", "size"),
    input_image_mask: IMAGE_MASK,
    model: MODEL,
  },
);
/** Only the agent's own shell: without an environment nobody here knows where it would run. */
const SHELL = object({
  type: { scalar: "plain" },
  allowed_callers: PLAINS,
  environment: byType({
    local: object({ ...plainFields("type"), skills: list(plain("name", "description", "path")) }),
    container_auto: NO_WORD,
    container_reference: NO_WORD,
  }),
});
const CODE_TOOL: ShapeFields = { ...plainFields("type"), allowed_callers: PLAINS };

const TOOLS: Readonly<Record<string, Shape>> = {
  function: FUNCTION,
  custom: CUSTOM,
  ...each(["local_shell", "apply_patch"], plainTool()),
  shell: SHELL,
  tool_search: object({ ...plainFields("type", "description", "execution"), parameters: FREE }),
  ...each(["web_search", "web_search_2025_08_26"], WEB_SEARCH),
  ...each(["web_search_preview", "web_search_preview_2025_03_11"], hosted({ word: "web-search" }, SEARCH)),
  file_search: FILE_SEARCH,
  code_interpreter: hosted({ word: "code-execution" }, { ...CODE_TOOL, container: CONTAINER }),
  programmatic_tool_calling: hosted({ word: "code-execution" }, CODE_TOOL),
  image_generation: IMAGE_GENERATION,
  mcp: CONNECTOR,
  ...each(["computer", "computer_use", "computer_use_preview"], NO_WORD),
};

export const OPENAI_TOOL: Shape = byType({
  ...TOOLS,
  namespace: object({ ...plainFields("type", "name", "description"), tools: list(byType({ function: FUNCTION, custom: CUSTOM })) }),
});

function plainTool(): Shape {
  return object({ ...plainFields("type"), allowed_callers: PLAINS });
}
