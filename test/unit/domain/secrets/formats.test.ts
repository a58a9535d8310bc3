import { readFileSync } from "node:fs";
import { crc32, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../../src/domain/secret.ts";
import { findLeaks, type Leak } from "../../../../src/domain/secrets/find-leaks.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const filler = (length: number, alphabet = BASE62): string =>
  Array.from({ length }, (_, index) => alphabet[(index * 37 + 11) % alphabet.length]).join("");
const hexFiller = (length: number): string => filler(length, "0123456789abcdef".split("").reverse().join("")).replace(/(.)\1/g, "$1a");

function withCrc(prefix: string): string {
  const body = filler(30);
  let rest = crc32(body);
  let checksum = "";
  for (let place = 0; place < 6; place += 1) {
    checksum = BASE62[rest % 62] + checksum;
    rest = Math.floor(rest / 62);
  }
  return prefix + body + checksum;
}

const jwt = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url")}.${Buffer.from('{"sub":"1234567890","name":"A"}').toString("base64url")}.${filler(43)}`;

/** Put together here, so that no credential-shaped text stands in this file. */
const SHAPED: Readonly<Record<string, string>> = {
  "GitHub token": withCrc(`ghp${"_"}`),
  "GitHub fine-grained token": `github${"_pat_"}${filler(22)}_${filler(59)}`,
  "npm token": withCrc(`npm${"_"}`),
  "AWS access key id": `AK${"IA"}${filler(16, "QWERTYUIOPASDFGHJKLZXCVBNM234567")}`,
  "AWS secret access key": `aws_secret${"_access_key"} = ${filler(40)}`,
  "Anthropic key": `sk-${"ant-"}api03-${filler(93)}AA`,
  "OpenAI key": `sk-${"proj-"}${filler(40)}T3Blbk${"FJ"}${filler(40)}`,
  "OpenRouter key": `sk-${"or-v1-"}${hexFiller(80).slice(0, 64)}`,
  "Google API key": `AI${"za"}${filler(35)}`,
  "Slack token": `xo${"xb-"}1234567890-1234567890123-${filler(24)}`,
  "Stripe key": `sk_${"live_"}${filler(24)}`,
  "GitLab token": `gl${"pat-"}${filler(20)}`,
  "Hugging Face token": `h${"f_"}${filler(34, "abcdefghijkmnopqrstuvwxyzABCDEFGH")}`,
  "private key": `-----BEGIN RSA PRIVATE${" KEY-----"}\n${filler(64)}\n`,
  "JSON web token": jwt,
};

describe("I14: known credential shapes", () => {
  for (const [name, text] of Object.entries(SHAPED)) {
    test(`the search finds a ${name}`, () => {
      expect(findLeaks(`before "${text}" after`, []).map((leak) => leak.name)).toEqual([name]);
      const inside = findLeaks(Buffer.from(`value: ${text}\n`).toString("base64"), []);
      expect(inside.map((leak) => leak.name)).toContain(name);
    });
  }

  test("the search tells the line and never the value", () => {
    const [leak] = findLeaks(`one\ntwo ${SHAPED["GitHub token"]}\n`, []);
    expect(leak).toEqual({ kind: "shape", name: "GitHub token", form: "raw", hits: 1, line: 2 } satisfies Leak);
  });

  test("the search does not take a wrong checksum, an example or a placeholder for a credential", () => {
    const wrong = SHAPED["GitHub token"]?.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
    for (const text of [
      wrong,
      `gh${"p_"}${"x".repeat(36)}`,
      `AK${"IA"}IOSFODNN7EXAMPLE`,
      `sk-${"ant-"}api03-${"x".repeat(95)}`,
      `-----BEGIN PRIVATE${" KEY-----"}\n...\n`,
      "sk-ant-...",
      "AIza...",
    ]) {
      expect(findLeaks(text ?? "", []), text).toEqual([]);
    }
  });
});

describe("secrets of the run that are hard to search for", () => {
  const find = (content: string, value: string): number => findLeaks(content, [new Secret(value, "s")]).length;

  test("the search does not hold every patch because of a short or an ordinary value", () => {
    expect(find("the main branch, 12345 times; a b c", "main")).toBe(0);
    expect(find("12345", "12345")).toBe(0);
    expect(find("", "")).toBe(0);
    expect(find("anything", " ")).toBe(0);
    expect(find("password = hunter; hunters", "hunter")).toBe(0);
  });

  test("the search finds short values with letters and digits as whole words only", () => {
    expect(find("pass: h4nt3r;", "h4nt3r")).toBe(1);
    expect(find("pass: h4nt3rs", "h4nt3r")).toBe(0);
  });

  test("the search finds values made mostly of signs, and values with other letters", () => {
    expect(find("x = '(!%&/)=$'", "(!%&/)=$")).toBe(1);
    expect(find("x = pässwörd-grün-9", "pässwörd-grün-9")).toBe(1);
  });

  test("the search finds short values made partly of signs in encodings too", () => {
    for (const spelled of [
      Buffer.from("p@ssw0rd").toString("base64"),
      Buffer.from("xp@ssw0rdy").toString("base64"),
      Buffer.from("p@ssw0rd").toString("hex"),
    ]) {
      expect(find(`x = ${spelled}`, "p@ssw0rd"), spelled).toBe(1);
    }
  });

  test("the search finds what is left of a made-up value", () => {
    const value = "sk-ant-canary-1234567890abcdef";
    for (const rest of [value.slice(7), value.slice(0, -4), Buffer.from(value.slice(7)).toString("base64")])
      expect(find(rest, value), rest).toBeGreaterThan(0);
  });

  test("the search does not take zeros, alphabets or a shared prefix for a value", () => {
    expect(find(`${"0".repeat(64)} ${BASE62}`, "sk-test-000000000000000000")).toBe(0);
    expect(find(`${BASE62} 0123456789abcdef 0123456789`, "k-0123456789abcdef")).toBe(0);
    expect(find("use a key such as sk-ant-api03-abc… from the console", `sk-ant-api03-${filler(80)}`)).toBe(0);
    expect(find(`${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url")}`, jwt)).toBe(0);
  });

  test("the search finds the same value again for another list of secrets", () => {
    expect(findLeaks("Zq7hT2vLx9RkW4mNc8Pf", [new Secret("Zq7hT2vLx9RkW4mNc8Pf", "a")])).toHaveLength(1);
    expect(findLeaks("Zq7hT2vLx9RkW4mNc8Pf", [new Secret("another-value-12345", "b")])).toHaveLength(0);
  });
});

describe("large and innocent contents", () => {
  const secrets = Object.values(SHAPED).map((text, index) => new Secret(text, `s${index}`));
  const read = (path: string): Buffer => readFileSync(new URL(`../../../../${path}`, import.meta.url));
  const FILES = [
    "package-lock.json",
    "node_modules/zod/v4/core/schemas.js",
    "node_modules/e2b/dist/index.js",
    "node_modules/yaml/browser/dist/compose/composer.js",
  ];

  test("the search finds nothing in real lockfiles, bundles and source maps", () => {
    for (const file of FILES) expect(findLeaks(read(file), secrets), file).toEqual([]);
  });

  test("the search takes time in proportion to the content, whatever the content", { timeout: 120_000 }, () => {
    const hostile: Readonly<Record<string, (bytes: number) => string | Buffer>> = {
      letters: (bytes) => "a".repeat(bytes),
      quotes: (bytes) => `"${" ".repeat(90)}`.repeat(bytes / 91),
      gzips: (bytes) => "H4sIAAAAAAAAA".repeat(bytes / 13),
      dots: (bytes) => "eyJhbGciOiJ9.".repeat(bytes / 13),
      begins: (bytes) => `-----BEGIN PRIVATE${" KEY-----"}\n`.repeat(bytes / 28),
      escapes: (bytes) => "\\x41%41&#65;".repeat(bytes / 12),
      pieces: (bytes) => filler(10).repeat(bytes / 10),
      hex: (bytes) => "1f8b08".repeat(bytes / 6),
      bomb: (bytes) => gzipSync(Buffer.alloc(bytes * 20)),
      marks: (bytes) => "\u200b\u{e0041}".repeat(bytes / 7),
    };
    for (const [name, make] of Object.entries(hostile)) {
      const time = (bytes: number): number => {
        const content = make(bytes);
        const start = process.threadCpuUsage().user;
        findLeaks(content, secrets.slice(0, 3));
        return (process.threadCpuUsage().user - start) / 1000;
      };
      const small = Math.max(5, Math.min(time(20_000), time(20_000), time(20_000)));
      const large = Math.min(time(160_000), time(160_000));
      expect(large / small, `${name}: ${Math.round(small)} ms, then ${Math.round(large)} ms for eight times as much`).toBeLessThan(40);
    }
  });
});
