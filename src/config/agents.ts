import { type AgentModels, allowModels } from "../domain/model/allowed-models.ts";
import type { Settings } from "../domain/settings.ts";
import type { InputKinds } from "./kinds.ts";
import type { ModelCredentialInput } from "./model-services.ts";
import type { ProviderName } from "./providers.ts";
import { joinInputs, type Needs, namesOf } from "./rows.ts";

/** All that Airlock has to know of an agent before it is opened. */
interface AgentRow<Inputs extends InputKinds> {
  /** Inputs of this agent alone. */
  readonly inputs: Inputs;
  /**
   * What has to be given. The gateway uses the first that is given and belongs to a model service, and speaks that service's API;
   * an agent that names none gets no model from the gateway.
   */
  readonly credentials: Needs<ModelCredentialInput | (keyof NoInfer<Inputs> & string)>;
  readonly models: AgentModels;
  /** Templates of providers that hold the agent's program. */
  readonly templates: { readonly [Provider in ProviderName]?: string };
}

/**
 * A row for each agent that this version runs; its name is the word of the input `agent`.
 * The other place that knows it is `OPEN_AGENT` in `compose.ts`.
 */
export const AGENTS = {
  "claude-code": row({
    inputs: {},
    credentials: { anyOf: ["anthropic-api-key", "claude-code-oauth-token"] },
    models: {
      main: "claude-sonnet-*",
      // It asks the smallest family for titles and summaries, whatever the main model is.
      beside: ["claude-haiku-*"],
      // What the CLI 2.1.330 asks for, tried on 2026-12-01; `opusplan` plans with the one and works with the other.
      shortNames: {
        haiku: ["claude-haiku-*"],
        sonnet: ["claude-sonnet-*"],
        opus: ["claude-opus-*"],
        fable: ["claude-fable-*"],
        opusplan: ["claude-sonnet-*", "claude-opus-*"],
        best: ["claude-opus-*"],
        default: ["claude-opus-*"],
      },
    },
    // E2B documentation, agents.
    templates: { e2b: "claude" },
  }),
  command: row({
    inputs: {},
    credentials: { optional: ["anthropic-api-key", "claude-code-oauth-token", "openai-api-key", "gemini-api-key"] },
    models: { main: undefined, beside: [], shortNames: {} },
    templates: {},
  }),
};

export type AgentName = keyof typeof AGENTS;

export const AGENT_NAMES = namesOf(AGENTS);

export const AGENT_INPUTS = joinInputs(AGENTS);

/**
 * Models that the gateway lets the agent ask for; empty: any.
 * @throws AirlockError `config.invalid` when the settings' list leaves out the one it works with
 */
export function modelsFor(name: AgentName, { agent, limits }: Settings): readonly string[] {
  return allowModels({ agent: AGENTS[name].models, model: agent.model, listed: limits.models });
}

function row<const Inputs extends InputKinds>(of: AgentRow<Inputs>): AgentRow<Inputs> {
  return of;
}
