import { parseJson } from "./grammar.ts";

/** The `scripts` of a package.json, strings only; empty for anything that is not one. */
export function readScripts(text: string): Readonly<Record<string, string>> {
  const scripts = readObject(text)["scripts"];
  if (!isObject(scripts)) return {};
  return Object.fromEntries(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The JSON object in a text; empty if there is none. */
export function readObject(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
