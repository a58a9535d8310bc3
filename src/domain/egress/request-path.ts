/** Maximum bytes of a request target; longer ones are refused. */
const MAX_PATH = 8192;
/** RFC 3986 `pchar` and `/`, plus a few bytes that real clients leave unescaped. */
const PATH_CHARACTERS = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/|[\]{}^]*$/;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
const DOT_SEGMENT = /^\.{1,2}(?:;.*)?$/;

/**
 * The one spelling of a path that is both judged and sent (limits of host rules). Escapes are in upper case, and removed where none is
 * needed. undefined for a path that two servers could read differently: dot segments in any spelling, empty segments, backslashes, escaped
 * control bytes, escapes that are not UTF-8, and escapes of escapes. The query is not part of `path`.
 */
export function canonicalPath(path: string): string | undefined {
  if (path.length > MAX_PATH || !PATH_CHARACTERS.test(path)) return undefined;
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return undefined;
  const plain = path.replaceAll(/%[0-9A-Fa-f]{2}/g, normalizeEscape);
  // Searched in the path that is sent: an escape of an escape may only appear there (`%25b%41`).
  if (/%25[0-9A-Fa-f]{2}|%(?:[01][0-9A-F]|5C|7F)/.test(plain) || plain.includes("//")) return undefined;
  return decode(plain).some((text) => text.split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))) ? undefined : plain;
}

/**
 * What servers make of a path: decoded, and with look-alikes folded as some servers do. Escapes that are not UTF-8 (overlong dots) count as
 * dots.
 */
function decode(path: string): readonly string[] {
  if (!path.includes("%")) return [path];
  try {
    const text = decodeURIComponent(path);
    return [text, text.normalize("NFKC")];
  } catch {
    return ["/.."];
  }
}

function normalizeEscape(triplet: string): string {
  const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
  return UNRESERVED.test(character) ? character : triplet.toUpperCase();
}

/**
 * Whether a canonical path matches a rule's pattern: `*` stands for characters within one segment, a segment `**` for any number of
 * segments, one empty one included. An escaped slash is matched only by `**` and by itself, because servers disagree about it.
 */
export function matchesPath(pattern: string, path: string): boolean {
  return matchSegments(pattern.split("/").slice(1), path.split("/").slice(1));
}

/** Walks both lists with one backtracking point: linear in practice, never exponential. */
function matchSegments(patterns: readonly string[], segments: readonly string[]): boolean {
  let p = 0;
  let s = 0;
  let backPattern = -1;
  let backSegment = 0;
  while (s < segments.length) {
    const pattern = patterns[p];
    if (pattern === "**") {
      backPattern = p;
      backSegment = s;
      p += 1;
    } else if (pattern !== undefined && matchSegment(pattern, segments[s] ?? "")) {
      p += 1;
      s += 1;
    } else if (backPattern >= 0) {
      backSegment += 1;
      s = backSegment;
      p = backPattern + 1;
    } else return false;
  }
  return patterns.slice(p).every((pattern) => pattern === "**");
}

function matchSegment(pattern: string, segment: string): boolean {
  if (!pattern.includes("*")) return pattern === segment;
  if (segment.includes("%2F") && !pattern.includes("%2F")) return false;
  const parts = pattern.split("*");
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!segment.startsWith(first) || segment.length < first.length + last.length || !segment.endsWith(last)) return false;
  const end = segment.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = segment.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return pattern !== "*" || segment !== "";
}
