import { Buffer } from "node:buffer";

/** Only the ASCII letters and digits, in lower case. Everything between them is removed: line ends, quotes, plus signs, zero-width characters, NULs. */
export interface Normalised {
  /** One byte per character, `a-z0-9`. */
  readonly text: Buffer;
  /** The same as numbers from 0 to 35. */
  readonly codes: Uint8Array;
}

const NONE = 255;
/** For each byte, its number from 0 to 35, or NONE. */
const CODES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 36);
  return Number.isNaN(digit) ? NONE : digit;
});
const LETTERS = Buffer.from("0123456789abcdefghijklmnopqrstuvwxyz");

export function normalise(bytes: Uint8Array): Normalised {
  const text = Buffer.allocUnsafe(bytes.length);
  const codes = new Uint8Array(bytes.length);
  let length = 0;
  for (const byte of bytes) {
    const code = CODES[byte] ?? NONE;
    if (code === NONE) continue;
    codes[length] = code;
    text[length] = LETTERS[code] ?? 0;
    length += 1;
  }
  return { text: text.subarray(0, length), codes: codes.subarray(0, length) };
}

/** The same for a string of ASCII. */
export function normaliseText(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, "").toLowerCase();
}

/** Line, from 1, of the normalised character at `index`. */
export function lineOf(bytes: Uint8Array, index: number): number {
  let line = 1;
  let left = index;
  for (const byte of bytes) {
    if (byte === 0x0a) line += 1;
    if (CODES[byte] !== NONE) left -= 1;
    if (left < 0) break;
  }
  return line;
}
