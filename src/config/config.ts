import type { Secret } from "../domain/secret.ts";
import type { Settings } from "../domain/settings.ts";

/** Everything the workflow said, as values. */
export interface Config {
  readonly settings: Settings;
  readonly credentials: Credentials;
  /** Path of the repository's own settings file. */
  readonly configPath: string;
}

/** Credentials and the services they belong to. Absent: the input was empty. */
export interface Credentials {
  readonly githubToken: Secret;
  readonly anthropicApiKey: Secret | undefined;
  readonly claudeCodeOauthToken: Secret | undefined;
  readonly openaiApiKey: Secret | undefined;
  readonly geminiApiKey: Secret | undefined;
  readonly kiroApiKey: Secret | undefined;
  readonly anthropicBaseUrl: string;
  readonly openaiBaseUrl: string;
  readonly geminiBaseUrl: string;
  readonly e2bApiKey: Secret | undefined;
  readonly spritesToken: Secret | undefined;
  readonly vercelToken: Secret | undefined;
  readonly vercelTeamId: string;
  readonly vercelProjectId: string;
  readonly dockerUsername: string;
  readonly dockerToken: Secret | undefined;
  readonly cloudflareUrl: string;
  readonly cloudflareApiKey: Secret | undefined;
}
