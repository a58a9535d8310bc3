/** Name and value in turn, as they arrived (`rawHeaders`). */
export type HeaderLines = readonly string[];

export type HeaderPair = readonly [name: string, value: string];

/** Fields of one connection, never passed on (RFC 9110, 7.6.1). Framing and Host are written anew. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);
/** Would make the server use another method than the one that was judged. */
const METHOD_OVERRIDES = new Set(["x-http-method-override", "x-http-method", "x-method-override"]);

export function* pairsOf(lines: HeaderLines): Generator<HeaderPair> {
  for (let index = 0; index + 1 < lines.length; index += 2) yield [lines[index] ?? "", lines[index + 1] ?? ""];
}

export function valuesOf(lines: HeaderLines, name: string): readonly string[] {
  return [...pairsOf(lines)].filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/** A name as a careless server might read it: `_` and `.` count as `-` (as in CGI). */
export function foldHeaderName(name: string): string {
  return name.toLowerCase().replaceAll(/[_.]/g, "-");
}

/** Field names that a message's Connection lines name. */
export function nominated(lines: HeaderLines): readonly string[] {
  return valuesOf(lines, "connection").flatMap((value) => value.split(",").map((token) => token.trim().toLowerCase()));
}

/** The lines of a request to send on: without those of this hop, Host, and method overrides. */
export function endToEnd(lines: HeaderLines, options: { readonly strict: boolean }): HeaderPair[] {
  const dropped = new Set([...nominated(lines), ...HOP_BY_HOP, "host", "expect"]);
  return [...pairsOf(lines)].filter(
    ([name]) => !dropped.has(name.toLowerCase()) && !(options.strict && METHOD_OVERRIDES.has(foldHeaderName(name))),
  );
}

/** The lines of a response to pass to the guest. */
export function responseLines(lines: HeaderLines): HeaderPair[] {
  const dropped = new Set([...nominated(lines), ...HOP_BY_HOP]);
  return [...pairsOf(lines)].filter(([name]) => !dropped.has(name.toLowerCase()));
}

/** Trailers that may follow a body: none that affects framing, routing or authorisation. */
export function safeTrailers(lines: HeaderLines): HeaderPair[] {
  const refused =
    /^(?:host|content-.*|transfer-encoding|connection|trailer|te|upgrade|authorization|cookie|set-cookie|proxy-.*|.*-api-key|cache-control|expect|range|max-forwards)$/;
  return [...pairsOf(lines)].filter(([name]) => !refused.test(name.toLowerCase()));
}
