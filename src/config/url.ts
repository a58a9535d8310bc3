const LOOPBACK = /^((.+\.)?localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/**
 * The base URL of a service that Airlock itself calls: `https`, or `http` to
 * loopback only; no user, query or fragment. Trailing slashes are removed.
 * Returns undefined when the text is anything else.
 */
export function parseServiceUrl(text: string): string | undefined {
  if (/[\s\\]/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  const secure = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  return secure ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : undefined;
}
