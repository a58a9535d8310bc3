import { Buffer } from "node:buffer";

/**
 * Who writes such a spelling, and what it costs to search for.
 * `usual`: software in its normal work; up to twice as long as the value.
 * `escaped`: software that escapes every character; two to eight times as long.
 * `disguised`: only somebody who hides a value; up to twice as long, and there are many.
 */
export type SpellingTag = "usual" | "escaped" | "disguised";

/** One way to write a value. */
export interface Spelling {
  /** As it is named in a finding: `raw`, `base64`, `hex reversed`, … */
  readonly form: string;
  readonly tag: SpellingTag;
  /** UTF-8, except for the form `utf-16`. Hexadecimal digits are in lower case. */
  readonly bytes: Buffer;
  /** The spelling of a value with fewer bytes occurs in ordinary data by chance. */
  readonly shortest: number;
}

/** Values with fewer bytes are ordinary words in an ordinary text, so no spelling of them is searched for there. */
export const SHORTEST_IN_TEXT = 8;

interface Form {
  readonly form: string;
  readonly tag: SpellingTag;
  readonly shortest: number;
  readonly spell: (value: string, bytes: Buffer) => readonly (string | Buffer)[];
}

/** The only list of how a secret can be written. The redactor, the leak search and both scrubbers choose from it by tag. */
const FORMS: readonly Form[] = [
  { form: "raw", tag: "usual", shortest: 1, spell: (value) => [value] },
  { form: "url-encoded", tag: "usual", shortest: 2, spell: (value) => [encodeURIComponent(value), formEncode(value)] },
  { form: "json", tag: "usual", shortest: 2, spell: jsonStrings },
  { form: "html", tag: "usual", shortest: 2, spell: (value) => [escapeHtml(value, /[&<>]/g), escapeHtml(value, /[&<>"']/g)] },
  { form: "hex", tag: "usual", shortest: 3, spell: (_value, bytes) => [hex(bytes)] },
  { form: "base64", tag: "usual", shortest: 5, spell: (_value, bytes) => base64Texts(bytes) },
  { form: "base64url", tag: "usual", shortest: 5, spell: (_value, bytes) => base64Texts(bytes).map(toUrlAlphabet) },
  { form: "percent-encoded", tag: "escaped", shortest: 3, spell: (_value, bytes) => [hex(bytes).replaceAll(/../g, "%$&")] },
  { form: "escaped as \\x", tag: "escaped", shortest: 3, spell: (_value, bytes) => [hex(bytes).replaceAll(/../g, "\\x$&")] },
  { form: "escaped as \\u", tag: "escaped", shortest: 3, spell: (value) => [escapeUnits(value, /./gs)] },
  {
    form: "html entities",
    tag: "escaped",
    shortest: 3,
    spell: (value) => [mapCodes(value, (code) => `&#${code};`), mapCodes(value, (code) => `&#x${code.toString(16)};`)],
  },
  { form: "utf-16", tag: "escaped", shortest: 3, spell: utf16 },
  { form: "reversed", tag: "disguised", shortest: 8, spell: (value) => [reverse(value)] },
  { form: "rot13", tag: "disguised", shortest: 8, spell: (value) => [rot13(value)] },
  { form: "hex reversed", tag: "disguised", shortest: 8, spell: (_value, bytes) => [hex(backwards(bytes)), reverse(hex(bytes))] },
  { form: "base64 reversed", tag: "disguised", shortest: 8, spell: (_value, bytes) => alignments(bytes, BASE64).map(reverse) },
  { form: "base64 of reversed", tag: "disguised", shortest: 8, spell: (_value, bytes) => alignments(backwards(bytes), BASE64) },
  { form: "base32", tag: "disguised", shortest: 8, spell: (_value, bytes) => alignments(bytes, BASE32) },
];

/** Every distinct spelling of a value, the usual ones first. `tags`: default all. */
export function listSpellings(value: string, tags?: readonly SpellingTag[]): readonly Spelling[] {
  const bytes = Buffer.from(value);
  const seen = new Set<string>();
  const list: Spelling[] = [];
  for (const { spell, ...form } of FORMS.filter(({ tag }) => tags?.includes(tag) ?? true)) {
    for (const text of spell(value, bytes)) {
      const spelled = Buffer.from(text);
      const key = spelled.toString("latin1");
      if (!seen.has(key)) list.push({ ...form, bytes: spelled });
      seen.add(key);
    }
  }
  return list;
}

/** As a web form sends it: a space is `+`, and more signs are escaped than in a path. */
function formEncode(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}

/** Inside a JSON string: plain, with escaped slashes (PHP), and in ASCII alone (Python). */
function jsonStrings(value: string): readonly string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  return [plain, plain.replaceAll("/", "\\/"), escapeUnits(plain, /[\u0080-\uffff]/g)];
}

const NAMED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(value: string, signs: RegExp): string {
  return value.replaceAll(signs, (sign) => NAMED[sign] ?? sign);
}

function escapeUnits(value: string, units: RegExp): string {
  return value.replaceAll(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function mapCodes(value: string, map: (code: number) => string): string {
  return Array.from(value, (char) => map(char.codePointAt(0) ?? 0)).join("");
}

/** Little-endian and big-endian. */
function utf16(value: string): readonly Buffer[] {
  const little = Buffer.from(value, "utf16le");
  return [little, Buffer.from(little).swap16()];
}

function hex(bytes: Buffer): string {
  return bytes.toString("hex");
}

interface Encoding {
  /** Bytes that are encoded together. */
  readonly group: number;
  /** Bits of one character. */
  readonly bits: number;
  readonly encode: (bytes: Buffer) => string;
}

const BASE64: Encoding = { group: 3, bits: 6, encode: (bytes) => bytes.toString("base64").replace(/=+$/, "") };
const BASE32: Encoding = { group: 5, bits: 5, encode: encodeBase32 };

/** For each position in a group where the bytes can start: the characters that depend on these bytes alone. */
function alignments(bytes: Buffer, encoding: Encoding): readonly string[] {
  return Array.from({ length: encoding.group }, (_, shift) => alignedAt(bytes, shift, encoding).core);
}

/** `ending`: with the last character as it is when nothing follows the bytes. */
function alignedAt(bytes: Buffer, shift: number, { bits, encode }: Encoding): { readonly core: string; readonly ending: string } {
  const text = encode(Buffer.concat([Buffer.alloc(shift), bytes]));
  const first = Math.ceil((shift * 8) / bits);
  return { core: text.slice(first, Math.floor(((shift + bytes.length) * 8) / bits)), ending: text.slice(first) };
}

function base64Texts(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const { core, ending } = alignedAt(bytes, shift, BASE64);
    return [core, ending];
  });
}

function toUrlAlphabet(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

function encodeBase32(bytes: Buffer): string {
  let text = "";
  let rest = 0;
  let bits = 0;
  for (const byte of bytes) {
    rest = (rest << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(rest >> (bits - 5)) & 31];
    rest &= (1 << bits) - 1;
  }
  return text;
}

function backwards(bytes: Buffer): Buffer {
  return Buffer.from(bytes).reverse();
}

function reverse(text: string): string {
  return Array.from(text).reverse().join("");
}

function rot13(text: string): string {
  return text.replaceAll(/[a-z]/gi, (char) => {
    const base = char <= "Z" ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });
}
