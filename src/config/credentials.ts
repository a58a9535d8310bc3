import { AirlockError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import { AGENTS } from "./agents.ts";
import type { Config } from "./config.ts";
import { isModelCredential, MODEL_CREDENTIALS } from "./model-services.ts";
import { PROVIDER_NAMES, PROVIDERS, type ProviderName } from "./providers.ts";
import { findMissing, inputsIn, type Needs } from "./rows.ts";

/** The provider of this run: the one named, or for `auto` the first that needs credentials and has them all, else `microvm`. */
export function chooseProvider(config: Config): ProviderName {
  if (config.provider !== "auto") return config.provider;
  const chosen = PROVIDER_NAMES.find((name) => {
    const { credentials } = PROVIDERS[name];
    return inputsIn(credentials).length > 0 && missingFrom(config, credentials).length === 0;
  });
  return chosen ?? "microvm";
}

/** A model service, opened with one of this run's credentials. */
export interface ModelAccess {
  readonly api: (typeof MODEL_CREDENTIALS)[keyof typeof MODEL_CREDENTIALS]["api"];
  /** Without the API's version. */
  readonly baseUrl: string;
  readonly credential: { readonly kind: "api-key" | "oauth-token"; readonly value: Secret };
}

/** What the gateway uses for the agent: of the row's credentials the first that was given and belongs to a model service. */
export function chooseModelAccess({ agent, credentials }: Config): ModelAccess | undefined {
  for (const input of inputsIn(AGENTS[agent].credentials).filter(isModelCredential)) {
    const { api, kind, baseUrl, version } = MODEL_CREDENTIALS[input];
    const value = credentials[input];
    if (value !== undefined) return { api, baseUrl: cutEnd(credentials[baseUrl], version), credential: { kind, value } };
  }
  return undefined;
}

function cutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, text.length - end.length) : text;
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
  const { agent } = config;
  const [ofAgent, ...others] = missingFrom(config, AGENTS[agent].credentials);
  if (ofAgent !== undefined) {
    const list = [ofAgent, ...others].map((input) => `\`${input}\``).join(" or ");
    throw missing(ofAgent, { why: `needed by the agent \`${agent}\``, remedy: `Set ${list} from a repository secret.` });
  }
  const provider = chooseProvider(config);
  const [ofProvider] = missingFrom(config, PROVIDERS[provider].credentials);
  if (ofProvider !== undefined) {
    const remedy = `Set \`${ofProvider}\`, or set \`provider\` to \`microvm\`, which needs none.`;
    throw missing(ofProvider, { why: `needed by the provider \`${provider}\``, remedy });
  }
}

/** Every secret value that was given, for masking, redaction and leak checks. */
export function secretsOf(config: Config): readonly Secret[] {
  return Object.values(config.credentials).filter((value) => value instanceof Secret);
}

function missingFrom<Name extends keyof Config["credentials"]>({ credentials }: Config, needs: Needs<Name>): readonly Name[] {
  return findMissing(needs, (name) => credentials[name] !== undefined && credentials[name] !== "");
}

function missing(input: string, words: { readonly why: string; readonly remedy: string }): AirlockError {
  return new AirlockError("input.missing", { message: `Input \`${input}\` is empty, but it is ${words.why}.`, remedy: words.remedy });
}
