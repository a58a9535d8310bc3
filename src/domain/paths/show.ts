const MAX_SHOWN = 200;

/**
 * A name from outside in printable ASCII and letters. Control, invisible and undecodable bytes become `\xNN` or `\u{N}`, at most 200
 * characters.
 */
export function showBytes(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  return cut(text === undefined ? escapeBytes(bytes) : showText(text));
}

/** The text with everything escaped that is not clearly visible; uncut. */
export function showText(text: string): string {
  return text.replaceAll(/\\|\p{DI}|[^\p{L}\p{N}\p{P}\p{S}\p{M} ]/gu, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
}

/** undefined for anything that is not well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function escapeBytes(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, MAX_SHOWN), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}
