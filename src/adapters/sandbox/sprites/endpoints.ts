import { readServiceUrl } from "../shared/service-url.ts";

const DEFAULT_URL = "https://api.sprites.dev";

/**
 * Where the Sprites API is: the environment variable `SPRITES_API_URL`, or the service itself. Plain http only to loopback.
 * @throws AirlockError `input.invalid`
 */
export function readApiUrl(env: Readonly<Record<string, string | undefined>>): string {
  return readServiceUrl(env, "SPRITES_API_URL", "http") ?? DEFAULT_URL;
}
