import { AirlockError } from "../../../domain/errors.ts";
import { readServiceUrl } from "../shared/service-url.ts";

/** The addresses of E2B, a self-hosted installation, or a test's server. */
export interface E2bEndpoints {
  /** Of E2B's control API. Default `https://api.<domain>`. */
  readonly apiUrl: string | undefined;
  /** Of the daemon in every sandbox. Default `https://sandbox.<domain>`. */
  readonly sandboxUrl: string | undefined;
  /** Of the proxy to sandboxes' ports; the sandbox is then named by the `Host` header alone. Default: the sandbox's own host. */
  readonly tunnelUrl: string | undefined;
  readonly domain: string;
}

const DEFAULT_DOMAIN = "e2b.app";

/** @throws AirlockError `input.invalid`, naming the variable */
export function readE2bEndpoints(env: Readonly<Record<string, string | undefined>>): E2bEndpoints {
  const domain = env["E2B_DOMAIN"] || DEFAULT_DOMAIN;
  if (!/^[a-z0-9.-]{1,253}$/i.test(domain)) {
    throw new AirlockError("input.invalid", {
      message: "The environment variable E2B_DOMAIN is no domain.",
      remedy: "Leave E2B_DOMAIN out, or set it to a host name such as `e2b.app`.",
    });
  }
  return {
    apiUrl: readServiceUrl(env, "E2B_API_URL", "http"),
    sandboxUrl: readServiceUrl(env, "E2B_SANDBOX_URL", "http"),
    tunnelUrl: readServiceUrl(env, "AIRLOCK_E2B_TUNNEL_URL", "ws"),
    domain,
  };
}
