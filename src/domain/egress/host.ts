import type { Address } from "./address.ts";
import { canonicalAddress, parseAddress } from "./address.ts";

/** A host in the one spelling that policy, resolution, dial, server name and log share. */
export interface Host {
  /** Lower case, ASCII, no trailing dot; an IPv6 address without brackets. */
  readonly text: string;
  /** Set when the host is an address. */
  readonly address?: Address;
}

const MAX_INPUT = 1024;
const MAX_NAME = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** ASCII characters that a host name cannot have: with any of them two parsers could disagree. */
const FOREIGN_ASCII = /[\u0000-\u002c\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\u007f]/;

/**
 * Computes the canonical host once: IDNA (UTS 46, non-transitional) to ASCII, lower case, one trailing dot removed. undefined for anything
 * that is not clearly a name or an address: empty or long labels, control characters, userinfo, escapes, and numbers that only some
 * resolvers take for an address (`2130706433`, `0x7f.1`, `127.1`, `0177.0.0.1`).
 */
export function canonicalHost(raw: string): Host | undefined {
  if (raw.length === 0 || raw.length > MAX_INPUT) return undefined;
  const literal = raw.startsWith("[") && raw.endsWith("]") ? raw.slice(1, -1) : raw;
  if (literal.includes(":")) return readIpv6(literal);
  return literal === raw && !FOREIGN_ASCII.test(raw) ? readName(raw) : undefined;
}

function readName(raw: string): Host | undefined {
  const ascii = toAscii(raw);
  const text = ascii.endsWith(".") ? ascii.slice(0, -1) : ascii;
  const address = parseAddress(text);
  if (address !== undefined) return raw === text || raw === `${text}.` ? { text, address } : undefined;
  return text.length <= MAX_NAME && text.split(".").every((label) => LABEL.test(label)) ? { text } : undefined;
}

function readIpv6(literal: string): Host | undefined {
  const text = canonicalAddress(literal);
  const address = text === undefined ? undefined : parseAddress(text);
  return text === undefined || address === undefined ? undefined : { text, address };
}

/** The WHATWG host parser does UTS 46 and checks punycode. The caller rejects what it reads as an address but was not written as one. */
function toAscii(raw: string): string {
  return URL.parse(`http://${raw}/`)?.hostname ?? "";
}

/** The host as it stands in a URL or a Host line: an IPv6 address in brackets. */
export function renderHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
