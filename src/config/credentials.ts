import { AirlockError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import type { AgentName, ProviderName } from "../domain/settings.ts";
import { AVAILABLE } from "./available.ts";
import type { Config, Credentials } from "./config.ts";
import type { InputName } from "./inputs.ts";

/** Inputs that name a credential; any one of a row will do. */
type Alternatives = readonly (readonly [InputName, keyof Credentials])[];

const AGENT_CREDENTIALS: Record<AgentName, Alternatives> = {
  "claude-code": [
    ["anthropic-api-key", "anthropicApiKey"],
    ["claude-code-oauth-token", "claudeCodeOauthToken"],
  ],
  codex: [["openai-api-key", "openaiApiKey"]],
  gemini: [["gemini-api-key", "geminiApiKey"]],
  "docker-agent": [
    ["anthropic-api-key", "anthropicApiKey"],
    ["openai-api-key", "openaiApiKey"],
    ["gemini-api-key", "geminiApiKey"],
  ],
  kiro: [["kiro-api-key", "kiroApiKey"]],
  command: [],
};

/** Every row has to be given. */
const PROVIDER_CREDENTIALS: Record<ProviderName, Alternatives> = {
  microvm: [],
  e2b: [["e2b-api-key", "e2bApiKey"]],
  sprites: [["sprites-token", "spritesToken"]],
  vercel: [
    ["vercel-token", "vercelToken"],
    ["vercel-team-id", "vercelTeamId"],
    ["vercel-project-id", "vercelProjectId"],
  ],
  docker: [
    ["docker-username", "dockerUsername"],
    ["docker-token", "dockerToken"],
  ],
  cloudflare: [
    ["cloudflare-url", "cloudflareUrl"],
    ["cloudflare-api-key", "cloudflareApiKey"],
  ],
};

const CLOUD_FIRST: readonly ProviderName[] = ["e2b", "sprites", "vercel", "docker", "cloudflare"];

/** The provider of this run: the one named, or for `auto` the first available cloud provider whose credentials are all given, else `microvm`. */
export function chooseProvider(config: Config): ProviderName {
  const { provider } = config.settings.sandbox;
  if (provider !== "auto") return provider;
  const available: readonly string[] = AVAILABLE.provider;
  const chosen = CLOUD_FIRST.find((name) => available.includes(name) && PROVIDER_CREDENTIALS[name].every((row) => has(config, row[1])));
  return chosen ?? "microvm";
}

/**
 * The one credential that is demanded at once: without it nobody can be asked who may start a run.
 * @throws AirlockError `input.missing`
 */
export function requireToken(token: Secret | undefined): Secret {
  if (token !== undefined) return token;
  const remedy =
    "Leave `github-token` out to use the job's own token; where another token may be withheld, write `${{ secrets.NAME || github.token }}`.";
  throw missing("github-token", { why: "needed to ask who may start a run, and to publish", remedy });
}

/**
 * Demands every other credential that an admitted run needs. Called once the trigger
 * has admitted the event and before anything is started, so that an event that
 * is not for Airlock is skipped even where secrets are withheld.
 * @throws AirlockError `input.missing`, naming the input
 */
export function requireCredentials(config: Config): void {
  const agent = config.settings.agent.name;
  const models = AGENT_CREDENTIALS[agent];
  if (models.length > 0 && !models.some((row) => has(config, row[1]))) {
    const list = models.map(([input]) => `\`${input}\``).join(" or ");
    throw missing(models[0]?.[0] ?? "agent", { why: `needed by the agent \`${agent}\``, remedy: `Set ${list} from a repository secret.` });
  }
  const provider = chooseProvider(config);
  for (const [input, key] of PROVIDER_CREDENTIALS[provider]) {
    if (has(config, key)) continue;
    const remedy = `Set \`${input}\`, or set \`provider\` to \`microvm\`, which needs none.`;
    throw missing(input, { why: `needed by the provider \`${provider}\``, remedy });
  }
}

/** Every secret value that was given, for masking, redaction and leak checks. */
export function secretsOf(config: Config): readonly Secret[] {
  return Object.values(config.credentials).filter((value) => value instanceof Secret);
}

function has(config: Config, key: keyof Credentials): boolean {
  const value = config.credentials[key];
  return value !== undefined && value !== "";
}

function missing(input: InputName, words: { readonly why: string; readonly remedy: string }): AirlockError {
  return new AirlockError("input.missing", { message: `Input \`${input}\` is empty, but it is ${words.why}.`, remedy: words.remedy });
}
