import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../../src/domain/secret.ts";
import { findLeaks } from "../../../../src/domain/secrets/find-leaks.ts";
import { rounds } from "../../../support/fuzz.ts";

const KEY = "sk-ant-api03-Zq7hT2vLx9RkW4mNc8PfYd3sGj6BuEa1-QoXiV5tKyHbMnCwDzUr_gAeS0lJpF";
const TOKEN = "ghs_W7kQz1RtYb3NcX9vLm5HgJ2pDf8SaE4uKoTi";
const PASSWORD = "tr0ub4dor&3!horse";
const b64 = (text: string | Uint8Array): string => Buffer.from(text).toString("base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const reverse = (text: string): string => Array.from(text).reverse().join("");
const each = (text: string, map: (char: string) => string, glue: string): string => Array.from(text, map).join(glue);
const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

/** Random text that is no secret: long words, so that pieces would collide if they could. */
const NOISE = Array.from({ length: 200 }, (_, index) => `const name${index} = lookup("${(index * 7919).toString(36)}");`).join("\n");

const FORMS: Readonly<Record<string, (value: string) => string | Uint8Array>> = {
  raw: (v) => v,
  "in a sentence": (v) => `the key is "${v}", use it`,
  "in upper case": (v) => v.toUpperCase(),
  base64: b64,
  "base64 behind one byte": (v) => b64(`x${v}`),
  "base64 behind two bytes and before others": (v) => b64(`xy${v}\nand more`),
  base64url: (v) => Buffer.from(v).toString("base64url"),
  "base64 of a header with it": (v) => b64(`x-access-token:${v}`),
  "base64 in wrapped lines": (v) => b64(v).replace(/(.{10})/g, "$1\n    "),
  "base64 twice": (v) => b64(b64(v)),
  "base64 three times": (v) => b64(b64(b64(v))),
  "base64 of UTF-16": (v) => b64(utf16(v)),
  base32: (v) => base32(v),
  hex,
  "upper-case hex": (v) => hex(v).toUpperCase(),
  "hex with colons": (v) => hex(v).replace(/(..)/g, "$1:"),
  "hex of base64": (v) => hex(b64(v)),
  "base64 of hex": (v) => b64(hex(v)),
  "hex of gzip": (v) => gzipSync(v).toString("hex"),
  reversed: reverse,
  "reversed base64": (v) => reverse(b64(v)),
  "base64 of reversed": (v) => b64(reverse(v)),
  "url-encoded": encodeURIComponent,
  "every byte url-encoded": (v) => each(v, (c) => `%${hex(c)}`, ""),
  "url-encoded twice": (v) => each(v, (c) => `%25${hex(c)}`, ""),
  "escaped as \\x": (v) => each(v, (c) => `\\x${hex(c)}`, ""),
  "escaped as \\u": (v) => each(v, (c) => `\\u00${hex(c)}`, ""),
  "escaped as octal": (v) => each(v, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`, ""),
  "HTML entities": (v) => each(v, (c) => `&#${c.charCodeAt(0)};`, ""),
  "a list of codes": (v) => `[${each(v, (c) => String(c.charCodeAt(0)), ", ")}]`,
  "chr() calls": (v) => each(v, (c) => `chr(${c.charCodeAt(0)})`, " + "),
  "a list of hex codes": (v) => each(v, (c) => `0x${hex(c)}`, ", "),
  "in tags": (v) => each(v, (c) => `<b>${c}</b>`, ""),
  "split by spelled-out line ends": (v) => v.replace(/(.{6})/g, "$1\\n"),
  "a hex dump": (v) =>
    v.replace(/(.{1,16})/gs, (line, _all, at: number) => `${at.toString(16).padStart(8, "0")}  ${each(line, hex, " ")}  |${line}|\n`),
  "binary digits": (v) => each(v, (c) => c.charCodeAt(0).toString(2).padStart(8, "0"), " "),
  rot13: (v) =>
    v.replace(/[a-z]/gi, (c) =>
      String.fromCharCode((c <= "Z" ? 90 : 122) >= c.charCodeAt(0) + 13 ? c.charCodeAt(0) + 13 : c.charCodeAt(0) - 13),
    ),
  "gzip and base64": (v) => b64(gzipSync(v)),
  "gzip and base64 in a string of pieces": (v) => b64(gzipSync(v)).replace(/(.{12})/g, '$1" +\n  "'),
  "gzip and base64 with text right behind it": (v) => `data:${b64(gzipSync(v)).replaceAll("=", "")}andMoreText`,
  "zlib and base64": (v) => b64(deflateSync(v)),
  "zlib and base64 on a line of its own, behind a word": (v) => `text before\n${b64(deflateSync(v))}\nand after`,
  "zlib and base64 in lines, behind words that look like its start": (v) =>
    `anyHoweNeAeJeFonce\n${b64(deflateSync(`${NOISE}${v}`)).replaceAll(/(.{60})/g, "$1\n")}\n`,
  "zstd and base64": (v) => b64(zstdCompressSync(`${NOISE}${v}${NOISE}`)),
  gzip: (v) => gzipSync(v),
  "gzip behind a script": (v) => Buffer.concat([Buffer.from("#!/bin/sh\ntail -n+3 $0 | gzip -d; exit\n"), gzipSync(v)]),
  "gzip behind bytes that look like its start": (v) => Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0x78, 0x9c]), gzipSync(v)]),
  "several streams of zlib in one file": (v) =>
    Buffer.concat([Buffer.from("%PDF\n"), deflateSync(NOISE), Buffer.from("\nx\n"), deflateSync(v)]),
  zstd: (v) => Buffer.concat([Buffer.from("x"), zstdCompressSync(v)]),
  "the text of a PNG": (v) =>
    png([
      ["IHDR", Buffer.alloc(13)],
      ["zTXt", Buffer.concat([Buffer.from("a\0\0"), deflateSync(v)])],
      ["IDAT", deflateSync(NOISE)],
    ]),
  "a script that unpacks gzip, in base64": (v) =>
    b64(Buffer.concat([Buffer.from("#!/bin/sh\ntail -n+3 $0 | gzip -d; exit\n"), gzipSync(v)])),
  "shortest octal": (v) => each(v, (c) => `\\${c.charCodeAt(0).toString(8)}`, ""),
  "octal with a zero before it": (v) => each(v, (c) => `\\0${c.charCodeAt(0).toString(8).padStart(3, "0")}`, ""),
  "its signs as shortest octal": (v) => v.replaceAll(/[^A-Za-z0-9]/g, (c) => `\\${c.charCodeAt(0).toString(8)}`),
  "escaped as \\u{}": (v) => each(v, (c) => `\\u{${hex(c)}}`, ""),
  "escaped as \\U": (v) => each(v, (c) => `\\U000000${hex(c)}`, ""),
  "every other character escaped as \\u": (v) => Array.from(v, (c, at) => (at % 2 === 0 ? c : `\\u00${hex(c)}`)).join(""),
  "UTF-16": (v) => utf16(v),
  "split by newlines": (v) => each(v, (c) => c, "\n"),
  "split by spaces": (v) => each(v, (c) => c, " "),
  "split by zero-width spaces": (v) => each(v, (c) => c, "\u200b"),
  "split by quotes and plus signs": (v) => v.replace(/(.{5})/g, '$1" + "'),
  "split by JSON": (v) => JSON.stringify(Array.from(v)),
  "a line each in a diff": (v) => each(v, (c) => `+${c}`, "\n"),
  "full-width letters": (v) => each(v, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0), ""),
  "tag characters": (v) => `ok${each(v, (c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0)), "")}`,
  "variation selectors": (v) => `ok${each(v, (c) => String.fromCodePoint(0xe0100 + c.charCodeAt(0) - 16), "")}`,
};

function png(chunks: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = chunks.map(([name, data]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(name), data, Buffer.alloc(4)]);
  });
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

function base32(text: string): string {
  const bits = Array.from(Buffer.from(text), (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(five, 2)]).join("");
}

describe("I14: a secret of the run is found however it is spelled", () => {
  const secrets = [new Secret(KEY, "anthropic-api-key"), new Secret(TOKEN, "github-token"), new Secret(PASSWORD, "password")];
  for (const [form, spell] of Object.entries(FORMS)) {
    test(`S3: a secret is found: ${form}`, () => {
      for (const secret of secrets) {
        const value = secret.reveal();
        const spelled = spell(value);
        const content = typeof spelled === "string" ? `${NOISE}\n${spelled}\n${NOISE}` : spelled;
        const leaks = findLeaks(content, secrets);
        expect(
          leaks.map(({ name }) => name),
          `${secret.name} as ${form}`,
        ).toContain(secret.name);
        expect(JSON.stringify(leaks)).not.toContain(value.slice(8, 16));
      }
    });
  }

  test("S3: a secret is found without its first characters, or without its last", () => {
    for (const count of [1, 7, 13, 20]) {
      for (const secret of secrets.slice(0, 2)) {
        const value = secret.reveal();
        const kept = Math.min(count, value.length - 18);
        expect(findLeaks(value.slice(kept), secrets), `first ${kept}`).not.toEqual([]);
        expect(findLeaks(value.slice(0, value.length - kept), secrets), `last ${kept}`).not.toEqual([]);
        expect(findLeaks(b64(value.slice(kept)), secrets), `first ${kept}, base64`).not.toEqual([]);
      }
    }
  });

  test("any value is found in any place, and nothing where there is none", () => {
    const value = fc.string({
      unit: fc.constantFrom(..."ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789-_"),
      minLength: 20,
      maxLength: 80,
    });
    const random = value.filter((text) => new Set(text.replaceAll(/[-_]/g, "")).size > 12);
    fc.assert(
      fc.property(random, fc.constantFrom(...Object.keys(FORMS)), (text, form) => {
        const secrets = [new Secret(text, "s")];
        expect(findLeaks(FORMS[form]?.(text) ?? "", secrets).map(({ name }) => name)).toContain("s");
        expect(findLeaks(NOISE, secrets)).toEqual([]);
      }),
      { numRuns: rounds(300) },
    );
  });

  test("what unpacks to more than is searched is said to be unsearched", () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
    expect(findLeaks(Buffer.concat([Buffer.from("#!/bin/sh\n"), bomb]), secrets).map(({ kind }) => kind)).toEqual(["unsearched"]);
    expect(findLeaks(b64(bomb), secrets).map(({ kind }) => kind)).toEqual(["unsearched"]);
  });

  test("a leak names the line where the first piece stands", () => {
    expect(findLeaks(`a\nb\nkey = ${TOKEN}\n`, [new Secret(TOKEN, "t")])).toMatchObject([{ kind: "own", name: "t", form: "raw", line: 3 }]);
  });
});
