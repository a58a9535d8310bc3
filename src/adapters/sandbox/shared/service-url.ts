import { AirlockError } from "../../../domain/errors.ts";

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** Is this the machine itself, by an address that no name server can change? */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}

/**
 * The address of a service from an environment variable, without a slash at its end; undefined if it is not set. Without TLS only to
 * loopback.
 * @throws AirlockError `input.invalid`, naming the variable
 */
export function readServiceUrl(env: Readonly<Record<string, string | undefined>>, name: string, scheme: "http" | "ws"): string | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSecure = url?.protocol === `${scheme}s:` || (url?.protocol === `${scheme}:` && isLoopback(url));
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url !== undefined && isSecure && isPlain) return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, "");
  throw new AirlockError("input.invalid", {
    message: `The environment variable ${name} cannot be used.`,
    remedy: `Leave ${name} out, or set it to a \`${scheme}s:\` address without user and query, or \`${scheme}:\` to loopback.`,
  });
}
