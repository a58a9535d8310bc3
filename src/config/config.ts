import type { Secret } from "../domain/secret.ts";
import type { Settings } from "../domain/settings.ts";
import type { AgentName } from "./agents.ts";
import type { CredentialValues } from "./inputs.ts";
import type { ProviderName } from "./providers.ts";

/** Everything the workflow said, as values. */
export interface Config {
  readonly agent: AgentName;
  readonly provider: "auto" | ProviderName;
  readonly settings: Settings;
  readonly credentials: Credentials;
  /** Path of the repository's own settings file. */
  readonly configPath: string;
}

/** Credentials and the services they belong to, by the input's name. Absent or empty: the input was empty. */
export type Credentials = CredentialValues & { readonly "github-token": Secret };
