/** Tools that a model's service runs by itself, past the egress policy; the lines of the input `model-tools`. */
export const MODEL_TOOLS = ["web-search", "web-fetch", "code-execution", "file-search", "image-generation"] as const;

export type ModelTool = (typeof MODEL_TOOLS)[number];
