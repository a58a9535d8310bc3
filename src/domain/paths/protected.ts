import { compilePatterns, matchesPatterns, type PatternSet } from "./pattern.ts";
import { PROTECTED_FAMILIES, type ProtectedFamily } from "./protected-files.ts";

/** gitignore-style patterns of files that run code or grant rights without a review. */
const DEFAULT_PROTECTED: readonly string[] = PROTECTED_FAMILIES.flatMap(({ tools }) => tools.flatMap(({ reads }) => reads));

const compiled = { alike: new WeakMap<readonly string[], PatternSet>(), exact: new WeakMap<readonly string[], PatternSet>() };

/**
 * True if some file system, git or a reader could take the path for one that a pattern names: case, normal form, ignorable code points, 8.3
 * and stream names, trailing dots and spaces, either separator, look-alike letters.
 */
export function isProtected(path: string, patterns: readonly string[] = DEFAULT_PROTECTED): boolean {
  return matchesPatterns(path, compiledOf(patterns, "alike"));
}

/** Why a path is protected by default, as a part of a sentence; undefined if it is not. */
export function protectedReason(path: string): string | undefined {
  return PROTECTED_FAMILIES.find((family) => isProtected(path, patternsOf(family)))?.reason;
}

const byFamily = new Map(PROTECTED_FAMILIES.map((family) => [family, family.tools.flatMap(({ reads }) => reads)]));

function patternsOf(family: ProtectedFamily): readonly string[] {
  return byFamily.get(family) ?? [];
}

/** True when a pattern names the path itself or a directory above it, compared byte by byte. */
export function isAllowed(path: string, patterns: readonly string[]): boolean {
  return matchesPatterns(path, compiledOf(patterns, "exact"));
}

/** Compiled once per list: lists are created once per run and never changed. */
function compiledOf(patterns: readonly string[], comparison: "alike" | "exact"): PatternSet {
  const set = compiled[comparison].get(patterns) ?? compilePatterns(patterns, comparison);
  compiled[comparison].set(patterns, set);
  return set;
}
