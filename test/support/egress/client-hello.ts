import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";

/** What a ClientHello is built of; the defaults make an honest one. */
export interface HelloRecipe {
  /** Names in the one server_name extension; empty: no extension. */
  readonly serverNames: readonly string[];
  /** Adds a second server_name extension. */
  readonly secondExtension?: string;
  /** Adds encrypted_client_hello (0xfe0d) with random bytes, as browsers do. */
  readonly ech?: boolean;
  /** Bytes of padding, to make the message large (post-quantum key shares do). */
  readonly paddingBytes?: number;
}

const u8 = (value: number): Buffer => Buffer.from([value]);
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const sized16 = (body: Buffer): Buffer => Buffer.concat([u16(body.length), body]);

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([u16(type), sized16(body)]);
}

function serverName(names: readonly string[]): Buffer {
  const list = Buffer.concat(names.map((name) => Buffer.concat([u8(0), sized16(Buffer.from(name, "latin1"))])));
  return extension(0, sized16(list));
}

/** One TLS record with one ClientHello. */
export function buildClientHello(recipe: HelloRecipe): Buffer {
  const extensions = [
    ...(recipe.serverNames.length === 0 ? [] : [serverName(recipe.serverNames)]),
    ...(recipe.secondExtension === undefined ? [] : [serverName([recipe.secondExtension])]),
    extension(0x002b, Buffer.from([2, 3, 4])),
    ...(recipe.ech === true ? [extension(0xfe0d, randomBytes(64))] : []),
    ...(recipe.paddingBytes === undefined ? [] : [extension(21, Buffer.alloc(recipe.paddingBytes))]),
  ];
  const hello = Buffer.concat([
    u16(0x0303),
    randomBytes(32),
    u8(32),
    randomBytes(32),
    sized16(Buffer.from([0x13, 0x01, 0x13, 0x02])),
    Buffer.from([1, 0]),
    sized16(Buffer.concat(extensions)),
  ]);
  const message = Buffer.concat([Buffer.from([1, hello.length >> 16, (hello.length >> 8) & 255, hello.length & 255]), hello]);
  return Buffer.concat([Buffer.from([0x16, 3, 1]), sized16(message)]);
}
