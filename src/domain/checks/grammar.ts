import { parse as parseTomlText } from "smol-toml";
import { parse as parseYamlText } from "yaml";

/** Characters of a manifest or lockfile that are parsed; a lockfile of some thousand packages has a few million. A longer one is not read. */
const MAX_CHARS = 16 << 20;
/** The YAML parser takes about a second for a million characters. */
const MAX_YAML_CHARS = 8 << 20;

/** Reads a text by its grammar; undefined for one that is no such text, is too long, or is nested too deeply. Never throws. */
export type Parse = (text: string) => unknown;

export const parseJson: Parse = (text) => attempt(text, MAX_CHARS, (plain) => JSON.parse(plain));

/** JSON with comments and trailing commas, as bun.lock and deno.jsonc have them. */
export const parseJsonc: Parse = (text) => attempt(text, MAX_CHARS, (plain) => JSON.parse(dropTrailingCommas(dropComments(plain))));

/** An alias counts as unreadable: no tool writes one into a lockfile, and a few lines of them can stand for any amount of data. */
export const parseYaml: Parse = (text) =>
  attempt(text, MAX_YAML_CHARS, (plain) => parseYamlText(plain, { maxAliasCount: 0, logLevel: "silent", merge: false }));

export const parseToml: Parse = (text) => attempt(text, MAX_CHARS, (plain) => parseTomlText(plain));

function attempt(text: string, maxChars: number, parse: (text: string) => unknown): unknown {
  if (text.length > maxChars) return undefined;
  try {
    const value = parse(text.replace(/^\uFEFF/, ""));
    return isShallow(value, MAX_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** npm's first lockfiles nest a few levels for each dependency's dependency. What is deeper would cost the readers their stack. */
const MAX_DEPTH = 400;

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return left > 0 && Object.values(value).every((child) => isShallow(child, left - 1));
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;

function dropComments(text: string): string {
  return text.replaceAll(new RegExp(String.raw`(${STRING})|//[^\n]*|/\*[\s\S]*?\*/`, "g"), (_found, string?: string) => string ?? " ");
}

function dropTrailingCommas(text: string): string {
  return text.replaceAll(new RegExp(String.raw`(${STRING})|,(?=\s*[\]}])`, "g"), (_found, string?: string) => string ?? "");
}
