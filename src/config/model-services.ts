import { secret, serviceUrl } from "./kinds.ts";

/** Inputs of the model services, which every agent may use. */
export const MODEL_INPUTS = {
  "anthropic-api-key": secret("anthropic-api-key", { description: "Anthropic API key; held by the gateway, never in the sandbox." }),
  "claude-code-oauth-token": secret("claude-code-oauth-token", { description: "Claude Code OAuth token, in place of an API key." }),
  "openai-api-key": secret("openai-api-key", { description: "OpenAI API key." }),
  "gemini-api-key": secret("gemini-api-key", { description: "Gemini API key." }),
  "anthropic-base-url": serviceUrl({ description: "Where Anthropic's API is.", default: "https://api.anthropic.com" }),
  "openai-base-url": serviceUrl({ description: "Where OpenAI's API is.", default: "https://api.openai.com/v1" }),
  "gemini-base-url": serviceUrl({ description: "Where Gemini's API is.", default: "https://generativelanguage.googleapis.com" }),
} as const;

const ANTHROPIC = { api: "anthropic", baseUrl: "anthropic-base-url", version: "" } as const;
/** Its own clients expect the version in the base URL, those of the other services in the path (OpenAI API reference, client libraries). */
const OPENAI = { api: "openai", baseUrl: "openai-base-url", version: "/v1" } as const;
const GEMINI = { api: "gemini", baseUrl: "gemini-base-url", version: "" } as const;

/** Credentials that the gateway can put into requests, each with the service that it opens. `version` may end the base URL; the gateway adds it. */
export const MODEL_CREDENTIALS = {
  "anthropic-api-key": { kind: "api-key", ...ANTHROPIC },
  "claude-code-oauth-token": { kind: "oauth-token", ...ANTHROPIC },
  "openai-api-key": { kind: "api-key", ...OPENAI },
  "gemini-api-key": { kind: "api-key", ...GEMINI },
} as const;

export type ModelCredentialInput = keyof typeof MODEL_CREDENTIALS;

export function isModelCredential(input: string): input is ModelCredentialInput {
  return Object.hasOwn(MODEL_CREDENTIALS, input);
}
