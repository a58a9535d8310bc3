import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { findLeaks } from "../../src/domain/secrets/find-leaks.ts";
import { openRedactor } from "../../src/domain/secrets/redact.ts";
import { openScrubbing } from "../../src/gateway/broker/scrub.ts";
import { openResponseScrubber } from "../../src/gateway/credentials/scrub.ts";

/** Whatever looks for a secret: given a text, what it lets through, or nothing when it stops the text. */
const SEARCHERS = {
  redactor: (secret: Secret, spelled: Buffer) => Buffer.from(openRedactor([secret])(spelled.toString("utf8"))),
  "leak search": (secret: Secret, spelled: Buffer) => (findLeaks(spelled, [secret]).length > 0 ? Buffer.alloc(0) : spelled),
  "response scrubber": (secret: Secret, spelled: Buffer) =>
    Buffer.from(openResponseScrubber([secret]).text(spelled.toString("latin1")), "latin1"),
  "broker's scrubber": (secret: Secret, spelled: Buffer) =>
    Buffer.from(openScrubbing(secret.reveal()).clean(spelled.toString("latin1")), "latin1"),
} as const;

type Searcher = keyof typeof SEARCHERS;
const ALL = Object.keys(SEARCHERS) as Searcher[];

interface Gap {
  readonly by: readonly Searcher[];
  readonly why: string;
}

const ONE_PASS: Gap = {
  by: ["redactor", "response scrubber", "broker's scrubber"],
  why: "only a patch is held while layers are undone and signs between characters dropped; a stream passes once",
};
const WHOLE_ONLY: Gap = {
  by: ["redactor", "response scrubber"],
  why: "they look for whole values, since pieces of short ones stand in ordinary text; what leaves is searched for pieces, too",
};

const b64 = (text: string | Uint8Array): string => Buffer.from(text).toString("base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const each = (text: string, map: (char: string) => string): string => Array.from(text, map).join("");
const code = (char: string): number => char.charCodeAt(0);
const reverse = (text: string): string => Array.from(text).reverse().join("");
const html = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const wide = (text: string): Buffer => Buffer.from(text, "utf16le");

interface Row {
  readonly form: string;
  readonly spell: (value: string) => string | Uint8Array;
  /** Who does not find it, and why not. Absent: everybody finds it. */
  readonly gap?: Gap;
}

const ROWS: readonly Row[] = [
  { form: "raw", spell: (v) => v },
  { form: "in a sentence", spell: (v) => `the key is "${v}", use it` },
  { form: "in upper case", spell: (v) => v.toUpperCase() },
  { form: "url-encoded", spell: encodeURIComponent },
  { form: "url-encoded in lower case", spell: (v) => encodeURIComponent(v).replaceAll(/%../g, (triplet) => triplet.toLowerCase()) },
  { form: "as a form's field", spell: (v) => new URLSearchParams({ key: v }).toString() },
  { form: "in a JSON string", spell: (v) => JSON.stringify({ key: v }) },
  { form: "in a JSON string with escaped slashes", spell: (v) => JSON.stringify(v).replaceAll("/", "\\/") },
  { form: "in an HTML page", spell: (v) => `<p>${html(v)}</p>` },
  {
    form: "in an HTML attribute",
    spell: (v) => `<a title="${html(v).replaceAll('"', "&quot;").replaceAll("'", "&#39;")}">`,
  },
  { form: "base64", spell: b64 },
  { form: "base64 behind one byte", spell: (v) => b64(`x${v}`) },
  { form: "base64 behind two bytes and before others", spell: (v) => b64(`xy${v}\nand more`) },
  { form: "base64url", spell: (v) => Buffer.from(v).toString("base64url") },
  { form: "base64url behind one byte", spell: (v) => Buffer.from(`x${v}`).toString("base64url") },
  { form: "base64 of a user with it", spell: (v) => b64(`user:${v}`) },
  { form: "hex", spell: hex },
  { form: "hex in upper case", spell: (v) => hex(v).toUpperCase() },
  { form: "every byte percent-encoded", spell: (v) => each(v, (c) => `%${hex(c)}`) },
  { form: "escaped as \\x", spell: (v) => each(v, (c) => `\\x${hex(c)}`) },
  { form: "escaped as \\u", spell: (v) => each(v, (c) => `\\u00${hex(c)}`) },
  { form: "escaped as \\u in upper case", spell: (v) => each(v, (c) => `\\u00${hex(c).toUpperCase()}`) },
  { form: "HTML entities", spell: (v) => each(v, (c) => `&#${code(c)};`) },
  { form: "HTML entities in hex", spell: (v) => each(v, (c) => `&#x${hex(c)};`) },
  { form: "UTF-16, little-endian", spell: wide },
  { form: "UTF-16, big-endian", spell: (v) => wide(v).swap16() },
  { form: "reversed", spell: reverse },
  { form: "rot13", spell: (v) => each(v, (c) => (/[a-z]/i.test(c) ? String.fromCharCode(code(c) + (/[a-m]/i.test(c) ? 13 : -13)) : c)) },
  { form: "hex reversed", spell: (v) => reverse(hex(v)) },
  { form: "base64 reversed", spell: (v) => reverse(b64(v)) },
  { form: "base64 of reversed", spell: (v) => b64(reverse(v)) },
  { form: "base32", spell: base32 },
  { form: "base64 twice", spell: (v) => b64(b64(v)), gap: ONE_PASS },
  { form: "base64 of hex", spell: (v) => b64(hex(v)), gap: ONE_PASS },
  { form: "base64 of UTF-16", spell: (v) => b64(wide(v)), gap: ONE_PASS },
  { form: "base64 in wrapped lines", spell: (v) => b64(v).replace(/(.{10})/g, "$1\n    "), gap: ONE_PASS },
  { form: "hex with colons", spell: (v) => hex(v).replace(/(..)/g, "$1:"), gap: ONE_PASS },
  { form: "url-encoded twice", spell: (v) => each(v, (c) => `%25${hex(c)}`), gap: ONE_PASS },
  { form: "escaped as octal", spell: (v) => each(v, (c) => `\\${code(c).toString(8).padStart(3, "0")}`), gap: ONE_PASS },
  { form: "a list of codes", spell: (v) => `[${Array.from(v, code).join(", ")}]`, gap: ONE_PASS },
  { form: "gzip and base64", spell: (v) => b64(gzipSync(v)), gap: ONE_PASS },
  { form: "split by newlines", spell: (v) => each(v, (c) => `${c}\n`), gap: ONE_PASS },
  { form: "split by zero-width spaces", spell: (v) => each(v, (c) => `${c}\u200b`), gap: ONE_PASS },
  { form: "full-width letters", spell: (v) => each(v, (c) => String.fromCharCode(code(c) + 0xfee0)), gap: ONE_PASS },
  { form: "without its last character", spell: (v) => v.slice(0, -1), gap: WHOLE_ONLY },
  { form: "base64 without its first characters", spell: (v) => b64(v).slice(4), gap: WHOLE_ONLY },
];

function base32(text: string): string {
  const bits = each(text, (char) => code(char).toString(2).padStart(8, "0"));
  return (bits.match(/.{5}/g) ?? []).map((five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(five, 2)]).join("");
}

/** So many bytes in a row are more than a secret's surroundings have in common with it. */
const RUN = 20;

/** Whether a piece of the spelling came through. */
function survives(spelled: Buffer, passed: Buffer): boolean {
  const pieces = Array.from({ length: Math.max(1, spelled.length - RUN + 1) }, (_, start) => spelled.subarray(start, start + RUN));
  return pieces.some((piece) => passed.includes(piece));
}

const SECRETS = [
  new Secret("sk-ant-api03-REAL_k3y+with/slash=and-Tail_9f8e7d6c5b4a3210", "model key"),
  new Secret("ghs_W7kQz1RtYb3NcX9vLm5HgJ2pDf8SaE4uKoTi", "token"),
  new Secret('Tr0ub4dor&3!"horse<battery>staple/9', "password"),
];

describe("I14: what finds one spelling of a secret finds them all, or a reason stands here", () => {
  const cases = ROWS.flatMap((row) => ALL.map((searcher) => ({ ...row, searcher, found: row.gap?.by.includes(searcher) !== true })));

  test.each(cases.filter(({ found }) => found))("$form is found by the $searcher", ({ spell, searcher }) => {
    for (const secret of SECRETS) {
      const spelled = Buffer.from(spell(secret.reveal()));
      expect(survives(spelled, SEARCHERS[searcher](secret, spelled)), secret.name).toBe(false);
    }
  });

  // So that a gap that was closed leaves the table.
  test.each(cases.filter(({ found }) => !found))("$form is not found by the $searcher: $gap.why", ({ spell, searcher }) => {
    const gaps = SECRETS.filter((secret) => {
      const spelled = Buffer.from(spell(secret.reveal()));
      return survives(spelled, SEARCHERS[searcher](secret, spelled));
    });
    expect(gaps).not.toEqual([]);
  });

  test.each(ALL)("the %s leaves a text without a secret as it is", (searcher) => {
    const text = Buffer.from('{"url":"https://example.com/a%20b","html":"&lt;p&gt;\\u00e4","base64":"ZXhhbXBsZQ==","hash":"0a1b2c3d4e5f"}');
    for (const secret of SECRETS) expect(SEARCHERS[searcher](secret, text)).toEqual(text);
  });
});
