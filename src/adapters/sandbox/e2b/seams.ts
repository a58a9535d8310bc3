import { AirlockError } from "../../../domain/errors.ts";

/** Where E2B is, when it is not where it always is: a self-hosted installation, or a test's server. */
export interface E2bSeams {
  /** Of E2B's control API. Default `https://api.<domain>`. */
  readonly apiUrl: string | undefined;
  /** Of the daemon in every sandbox. Default `https://sandbox.<domain>`. */
  readonly sandboxUrl: string | undefined;
  /** Of the proxy to sandboxes' ports; the sandbox is then named by the `Host` header alone. Default: the sandbox's own host. */
  readonly tunnelUrl: string | undefined;
  readonly domain: string;
}

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
const DEFAULT_DOMAIN = "e2b.app";

/** @throws AirlockError `input.invalid`, naming the variable */
export function readSeams(env: Readonly<Record<string, string | undefined>>): E2bSeams {
  const domain = env["E2B_DOMAIN"] || DEFAULT_DOMAIN;
  if (!/^[a-z0-9.-]{1,253}$/i.test(domain)) throw invalid("E2B_DOMAIN", "is no domain", "a host name such as `e2b.app`");
  return {
    apiUrl: readUrl(env, "E2B_API_URL", "http"),
    sandboxUrl: readUrl(env, "E2B_SANDBOX_URL", "http"),
    tunnelUrl: readUrl(env, "AIRLOCK_E2B_TUNNEL_URL", "ws"),
    domain,
  };
}

function readUrl(env: Readonly<Record<string, string | undefined>>, name: string, scheme: "http" | "ws"): string | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSecure = url?.protocol === `${scheme}s:` || (url?.protocol === `${scheme}:` && LOOPBACK.test(url.hostname));
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url !== undefined && isSecure && isPlain)
    return `${url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin}${url.pathname}`.replace(/\/+$/, "");
  throw invalid(name, "cannot be used", `a \`${scheme}s:\` address without user and query, or \`${scheme}:\` to loopback`);
}

function invalid(name: string, what: string, wanted: string): AirlockError {
  return new AirlockError("input.invalid", {
    message: `The environment variable ${name} ${what}.`,
    remedy: `Leave ${name} out, or set it to ${wanted}.`,
  });
}
