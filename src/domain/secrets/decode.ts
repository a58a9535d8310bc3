import { Buffer } from "node:buffer";
import { constants, inflateRawSync } from "node:zlib";

/** Bytes that may still be unpacked from one content; keeps the search linear for any content. */
export interface DecodeBudget {
  left: number;
}

export interface Decoded {
  readonly form: string;
  readonly bytes: Uint8Array;
}

const MAX_INFLATED = 16 * 1024 * 1024;
/** First try this many bytes of a candidate: most candidates are not compressed data. */
const TRIAL = 1024;
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
  yield* inflated("compressed", bytes, budget);
  yield* zipEntries(bytes, budget);
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

/** `\x73`, `\u0073`, `%73`, `=73`, `&#115;`, `0x73`, `\163`: once with the escapes replaced in place, once with the decoded characters alone. */
function* escapes(text: string): Generator<Decoded> {
  let alone = "";
  const replaced = text.replaceAll(
    /\\x([0-9a-f]{2})|\\u\{?([0-9a-f]{2,6})\}?|%([0-9a-f]{2})|=([0-9A-F]{2})|&#(\d{2,3});?|&#x([0-9a-f]{2,4});?|\b0x([0-9a-f]{2})\b|\\([0-3][0-7]{2})/gi,
    (
      _found: string,
      x?: string,
      u?: string,
      percent?: string,
      quoted?: string,
      decimal?: string,
      entity?: string,
      literal?: string,
      octal?: string,
    ) => {
      const hex = x ?? u ?? percent ?? quoted ?? entity ?? literal;
      const code = hex === undefined ? Number.parseInt(decimal ?? octal ?? "0", decimal === undefined ? 8 : 10) : Number.parseInt(hex, 16);
      const char = code < 256 ? String.fromCharCode(code) : " ";
      alone += char;
      return char;
    },
  );
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
      if (isText(bytes) || isPacked(bytes)) yield { form: "base64", bytes };
    }
  }
}

/** gzip (`H4sI` anywhere) and zlib (at the start of a run) behind base64, even when more base64 characters follow. */
function* compressedBase64(text: string, budget: DecodeBudget): Generator<Decoded> {
  const dense = text.replaceAll(/[\s"'`\\\x00]+/g, "");
  for (const { index } of dense.matchAll(/H4sI|(?<![A-Za-z0-9+/_-])e[AFJN][A-Za-z0-9+/_-]{14}/g)) {
    if (!spend(budget, TRIAL)) return;
    const trial = Buffer.from(dense.slice(index, index + TRIAL), "base64");
    if (unpack(trial) === undefined) continue;
    const [whole = ""] = /^[A-Za-z0-9+/_-]+/.exec(dense.slice(index, index + Math.max(TRIAL, budget.left))) ?? [];
    yield* inflated("compressed base64", Buffer.from(whole, "base64"), budget);
  }
}

function* hexRuns(text: string, budget: DecodeBudget): Generator<Decoded> {
  for (const [run] of text.matchAll(/[0-9a-f]{2}(?:[\s:,]{0,2}[0-9a-f]{2}){15,}/gi)) {
    if (!spend(budget, run.length)) return;
    const bytes = Buffer.from(run.replaceAll(/[^0-9a-f]/gi, ""), "hex");
    if (isText(bytes) || isPacked(bytes)) yield { form: "hex", bytes };
  }
}

function* inflated(form: string, bytes: Uint8Array, budget: DecodeBudget): Generator<Decoded> {
  if (!isPacked(bytes) || !spend(budget, bytes.length)) return;
  const output = unpack(bytes);
  if (output !== undefined) yield { form, bytes: output };
}

/** Stored and deflated entries of a zip archive, by their local headers. */
function* zipEntries(bytes: Uint8Array, budget: DecodeBudget): Generator<Decoded> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 30 || view.readUInt32LE(0) !== 0x04034b50) return;
  for (let at = 0; at !== -1 && at + 30 <= view.length; at = view.indexOf("PK\x03\x04", at + 4, "latin1")) {
    const start = at + 30 + view.readUInt16LE(at + 26) + view.readUInt16LE(at + 28);
    if (view.readUInt16LE(at + 8) !== 8 || !spend(budget, TRIAL)) continue;
    const output = attempt(() => inflateRawSync(view.subarray(start), OPTIONS));
    if (output !== undefined) yield { form: "compressed", bytes: output };
  }
}

const OPTIONS = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_INFLATED };

function isPacked(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return bytes.length > 8 && ((first === 0x1f && second === 0x8b) || (first === 0x78 && (first * 256 + second) % 31 === 0));
}

/** Inflates past the header: a wrong checksum, a missing end or bytes behind the end do not matter. */
function unpack(bytes: Uint8Array): Uint8Array | undefined {
  if (!isPacked(bytes)) return undefined;
  const start = bytes[0] === 0x1f ? gzipHeaderBytes(bytes) : 2;
  return attempt(() => inflateRawSync(bytes.subarray(start), OPTIONS));
}

/** RFC 1952: ten bytes, then an extra field, a name, a comment and a checksum as the flags say. */
function gzipHeaderBytes(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  if ((flags & 8) !== 0) at = bytes.indexOf(0, at) + 1;
  if ((flags & 16) !== 0) at = bytes.indexOf(0, at) + 1;
  return (flags & 2) === 0 ? at : at + 2;
}

function attempt(body: () => Uint8Array): Uint8Array | undefined {
  try {
    return body();
  } catch {
    return undefined;
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

function spend(budget: DecodeBudget, bytes: number): boolean {
  budget.left -= bytes;
  return budget.left >= 0;
}
