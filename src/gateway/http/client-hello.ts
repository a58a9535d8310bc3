import type { Buffer } from "node:buffer";

/** What the first bytes of a tunnel are. */
export type FirstBytes =
  | { readonly kind: "hello" /** Lower case; undefined: no server name. */; readonly serverName: string | undefined }
  /** TLS, but not one ClientHello that every parser reads alike. */
  | { readonly kind: "malformed" }
  | { readonly kind: "not-tls" };

/** The largest TLS record, with its header. */
export const MAX_HELLO_BYTES = 5 + 16_384;

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const MALFORMED = { kind: "malformed" } as const;
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/;

/** Reads from left to right and remembers when there was too little. */
interface Reader {
  readonly short: () => boolean;
  readonly left: () => number;
  number(bytes: 1 | 2 | 3): number;
  take(length: number): Buffer;
}

function openReader(bytes: Buffer): Reader {
  let at = 0;
  let short = false;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) short = true;
    const part = bytes.subarray(at, at + length);
    at += length;
    return part;
  };
  return {
    short: () => short,
    left: () => Math.max(0, bytes.length - at),
    take,
    number(length) {
      const part = take(length);
      return part.length === length ? part.readUIntBE(0, length) : 0;
    },
  };
}

/**
 * Reads a TLS ClientHello strictly (RFC 8446, 4.1.2; RFC 6066, 3): one record, one message, every length exact, no extension twice,
 * at most one server name. undefined: more bytes are needed, which is not the same as a missing name.
 */
export function readFirstBytes(bytes: Buffer): FirstBytes | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] !== HANDSHAKE || (bytes.length > 1 && bytes[1] !== 3)) return { kind: "not-tls" };
  if (bytes.length < 5) return undefined;
  const length = bytes.readUInt16BE(3);
  if ((bytes[2] ?? 9) > 3 || length < 4 || length > 16_384) return MALFORMED;
  return bytes.length < 5 + length ? checkMessageHead(bytes, length) : readHello(bytes.subarray(5, 5 + length));
}

/** A message that does not fill its record exactly is unreadable, however many bytes follow. */
function checkMessageHead(bytes: Buffer, length: number): FirstBytes | undefined {
  if (bytes.length < 9) return undefined;
  return bytes[5] === CLIENT_HELLO && bytes.readUIntBE(6, 3) === length - 4 ? undefined : MALFORMED;
}

function readHello(message: Buffer): FirstBytes {
  const reader = openReader(message);
  if (reader.number(1) !== CLIENT_HELLO || reader.number(3) !== message.length - 4) return MALFORMED;
  reader.take(2 + 32);
  const session = reader.number(1);
  reader.take(session);
  const suites = reader.number(2);
  reader.take(suites);
  const compressions = reader.number(1);
  reader.take(compressions);
  if (reader.short() || session > 32 || suites === 0 || suites % 2 !== 0 || compressions === 0) return MALFORMED;
  if (reader.left() === 0) return { kind: "hello", serverName: undefined };
  const extensions = reader.number(2);
  return reader.short() || extensions !== reader.left() ? MALFORMED : readExtensions(reader);
}

function readExtensions(reader: Reader): FirstBytes {
  const seen = new Set<number>();
  let serverName: string | undefined;
  while (reader.left() > 0) {
    const type = reader.number(2);
    const body = reader.take(reader.number(2));
    if (reader.short() || seen.has(type)) return MALFORMED;
    seen.add(type);
    if (type !== SERVER_NAME) continue;
    serverName = readServerName(body);
    if (serverName === undefined) return MALFORMED;
  }
  return { kind: "hello", serverName };
}

/** The one host name of a server_name extension in lower case, or undefined when it is anything but exactly that. */
function readServerName(body: Buffer): string | undefined {
  const reader = openReader(body);
  const list = reader.number(2);
  const type = reader.number(1);
  const length = reader.number(2);
  const name = reader.take(length).toString("latin1");
  const exact = !reader.short() && reader.left() === 0 && list === body.length - 2 && type === 0;
  return exact && NAME.test(name) ? name.toLowerCase() : undefined;
}
