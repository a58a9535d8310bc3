import { Buffer } from "node:buffer";
import { type DecodeBudget, type Decoded, packedStreams, spend, TRIAL, unpackAt } from "./unpack.ts";

const SHORTEST_RUN = 24;

/**
 * Every other reading of the content, one layer down. Stops when the budget is spent.
 * `undone`: the forms of the layers above; escapes are undone twice and look-alikes once, since that changes no other spelling.
 */
export function* decodeLayers(bytes: Uint8Array, undone: readonly string[], budget: DecodeBudget): Generator<Decoded> {
  for (const decoded of layersOf(bytes, undone, budget)) {
    if (!spend(budget, decoded.bytes.length)) return;
    yield decoded;
  }
}

function* layersOf(bytes: Uint8Array, undone: readonly string[], budget: DecodeBudget): Generator<Decoded> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  yield* packedStreams(bytes, budget);
  if (undone.filter((form) => form === "escaped").length < 2) yield* escapes(text);
  if (undone.length === 0) yield* markup(text);
  if (!undone.includes("look-alike characters")) yield* unicodeForms(bytes, text);
  const joined = joinPieces(text);
  yield* base64Runs(joined, budget);
  yield* compressedBase64(joined, budget);
  yield* hexRuns(text, budget);
}

/** Joins the pieces of a string: `"ab" + "cd"`, lines of a wrapped block. */
function joinPieces(text: string): string {
  return text.replaceAll(/["'`][\s+.,&\\]{0,80}["'`]|\\[nr]|[\r\n][ \t]*/g, "");
}

/** Groups: hexadecimal digits in seven spellings, decimal ones, octal ones; of these the shortest form too, as printf and `$'…'` take it. */
const ESCAPE =
  /\\x([0-9a-f]{2})|\\u0000([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|%([0-9a-f]{2})|=([0-9A-F]{2})|&#x([0-9a-f]{2,4});?|\b0x([0-9a-f]{2})\b|&#(\d{2,3});?|\\0?([0-3][0-7]{2}|[0-7]{1,2})/gi;
const HEX_GROUPS = 8;

/** `\x73`, `\u0073`, `%73`, `=73`, `&#115;`, `0x73`, `\163`, `\55`: once with the escapes replaced in place, once with the decoded characters alone. */
function* escapes(text: string): Generator<Decoded> {
  let alone = "";
  const replaced = text.replaceAll(ESCAPE, (_found: string, ...groups: readonly (string | undefined)[]) => {
    const hex = groups.slice(0, HEX_GROUPS).find((group) => group !== undefined);
    const [decimal, octal = "0"] = groups.slice(HEX_GROUPS, HEX_GROUPS + 2);
    const code = Number.parseInt(hex ?? decimal ?? octal, hex !== undefined ? 16 : decimal !== undefined ? 10 : 8);
    const char = code < 256 ? String.fromCharCode(code) : " ";
    alone += char;
    return char;
  });
  if (alone.length >= 8) {
    yield { form: "escaped", bytes: Buffer.from(replaced, "latin1") };
    yield { form: "escaped", bytes: Buffer.from(alone, "latin1") };
  }
  const codes = Array.from(text.matchAll(/\b\d{2,3}\b/g), ([number]) => Number(number)).filter((code) => code >= 32 && code < 127);
  if (codes.length >= 8) yield { form: "character codes", bytes: Buffer.from(codes) };
}

/** Tags and comments between the characters, `\n` spelled out, bytes as binary digits. */
function* markup(text: string): Generator<Decoded> {
  const bare = text.replaceAll(/<[^<>]{1,200}>|\\[nrt]/g, "");
  if (bare.length < text.length) yield { form: "marked up", bytes: Buffer.from(bare, "latin1") };
  const octets = Array.from(text.matchAll(/(?<![0-9])[01]{8}(?![2-9])|(?<=[01]{8})[01]{8}(?![2-9])/g), ([digits]) =>
    Number.parseInt(digits, 2),
  );
  if (octets.length >= 8) yield { form: "binary digits", bytes: Buffer.from(octets) };
}

/** Full-width and styled letters, tag characters, bytes hidden in variation selectors. */
function* unicodeForms(bytes: Uint8Array, text: string): Generator<Decoded> {
  if (!/[\x80-\xff]/.test(text)) return;
  const unicode = new TextDecoder().decode(bytes);
  const plain = unicode.normalize("NFKC");
  if (plain !== unicode) yield { form: "look-alike characters", bytes: Buffer.from(plain) };
  const hidden = Array.from(unicode.matchAll(/\p{DI}/gu), ([char]) => hiddenByte(char.codePointAt(0) ?? 0)).filter(
    (byte) => byte !== undefined,
  );
  if (hidden.length >= 8) yield { form: "invisible characters", bytes: Buffer.from(hidden) };
}

/** The byte behind a variation selector (both blocks) or a tag character. */
function hiddenByte(code: number): number | undefined {
  if (code >= 0xfe00 && code <= 0xfe0f) return code - 0xfe00;
  if (code >= 0xe0000 && code <= 0xe007f) return code - 0xe0000;
  return code >= 0xe0100 && code <= 0xe01ef ? code - 0xe0100 + 16 : undefined;
}

/** Each run at each of its four alignments; the direct search has already seen what one layer of base64 hides. */
function* base64Runs(text: string, budget: DecodeBudget): Generator<Decoded> {
  for (const [run] of text.matchAll(/(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}/g)) {
    for (let shift = 0; shift < 4; shift += 1) {
      if (!spend(budget, run.length)) return;
      const bytes = Buffer.from(run.slice(shift), "base64");
      if (isText(bytes) || unpackAt(bytes.subarray(0, TRIAL), 0) !== undefined) yield { form: "base64", bytes };
    }
  }
}

/** gzip, zstd and zlib behind base64, wherever they begin, even when more base64 characters follow. */
function* compressedBase64(text: string, budget: DecodeBudget): Generator<Decoded> {
  const dense = text.replaceAll(/[\s"'`\\\x00]+/g, "");
  for (const { index } of dense.matchAll(/H4sI|KLUv|e[AFJN](?=[A-Za-z0-9+/_-]{14})/g)) {
    if (!spend(budget, TRIAL)) return;
    if (unpackAt(Buffer.from(dense.slice(index, index + TRIAL), "base64"), 0) === undefined) continue;
    const [whole = ""] = /^[A-Za-z0-9+/_-]+/.exec(dense.slice(index, index + Math.max(TRIAL, budget.left))) ?? [];
    const packed = Buffer.from(whole, "base64");
    const unpacked = spend(budget, packed.length) ? unpackAt(packed, 0) : undefined;
    if (unpacked !== undefined) yield { form: "compressed base64", bytes: unpacked.bytes };
  }
}

function* hexRuns(text: string, budget: DecodeBudget): Generator<Decoded> {
  for (const [run] of text.matchAll(/[0-9a-f]{2}(?:[\s:,]{0,2}[0-9a-f]{2}){15,}/gi)) {
    if (!spend(budget, run.length)) return;
    const bytes = Buffer.from(run.replaceAll(/[^0-9a-f]/gi, ""), "hex");
    if (isText(bytes) || unpackAt(bytes.subarray(0, TRIAL), 0) !== undefined) yield { form: "hex", bytes };
  }
}

/** Starts with mostly printable ASCII, in one byte or two per character: worth another layer. */
function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, SHORTEST_RUN * 2);
  const printable = head.reduce(
    (count, byte) => count + (byte === 0 || byte === 0x0a || byte === 0x09 || (byte >= 0x20 && byte < 0x7f) ? 1 : 0),
    0,
  );
  return head.length >= 8 && printable >= head.length * 0.9;
}
