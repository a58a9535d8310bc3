import { readFileSync } from "node:fs";

/** Inputs that fuzzing and thought brought up, kept in `test/fixtures/fuzz/` and played again; what breaks something later is added there. */
export function readCorpus(name: string): readonly string[] {
  const parsed: unknown = JSON.parse(readFileSync(new URL(`../../fixtures/fuzz/${name}.json`, import.meta.url), "utf8"));
  if (!Array.isArray(parsed) || parsed.length < 20) throw new Error(`the corpus ${name} is gone`);
  return parsed.map(String);
}
