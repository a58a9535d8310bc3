import type { Secret } from "../secret.ts";
import { findLeaks } from "./find-leaks.ts";

/** Texts that are about to leave the runner, by channel. */
export type LeakText = Readonly<Record<string, string>>;

/** Names the channels that would carry a secret, never the value; undefined when all are clean (I14). */
export function describeLeaks(texts: LeakText, secrets: readonly Secret[]): string | undefined {
  const channels = Object.entries(texts).filter(([, text]) => carriesLeak(text, secrets));
  if (channels.length === 0) return undefined;
  return `the ${channels.map(([channel]) => channel).join(", the ")} would carry a secret`;
}

/** Whether a text carries a secret, as it is or in JSON strings, whose escapes put letters between the pieces. */
export function carriesLeak(text: string, secrets: readonly Secret[]): boolean {
  if (findLeaks(text, secrets).length > 0) return true;
  return text.includes("\\") && findLeaks(unescapeJson(text), secrets).length > 0;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** JSON's escapes undone wherever they stand; for searching, not for parsing. */
export function unescapeJson(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_whole, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (ESCAPES[letter ?? ""] ?? letter ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Every string in a plain value, joined: everything that a rendering of the value can show. */
export function collectStrings(value: unknown): string {
  const found: string[] = [];
  mapStrings(value, (text) => {
    found.push(text);
    return text;
  });
  return found.join("\n");
}

/** The same plain value with every string passed through `map`. */
export function mapStrings<T>(value: T, map: (text: string) => string): T {
  return mapAny(value, map) as T;
}

function mapAny(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapAny(item, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapAny(item, map)]));
}
