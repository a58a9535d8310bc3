import { AirlockError } from "../../../domain/errors.ts";

const DEFAULT_URL = "https://api.sprites.dev";
const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/**
 * Where the Sprites API is: the environment variable `SPRITES_API_URL`, or the service itself. Plain http only to loopback.
 * @throws AirlockError `input.invalid`
 */
export function readApiUrl(env: Readonly<Record<string, string | undefined>>): string {
  const text = env["SPRITES_API_URL"] || DEFAULT_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSecure = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url !== undefined && isSecure && isPlain) return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  throw new AirlockError("input.invalid", {
    message: "The environment variable SPRITES_API_URL cannot be used.",
    remedy: "Leave SPRITES_API_URL out, or set it to an `https:` address without user and query, or `http:` to loopback.",
  });
}
