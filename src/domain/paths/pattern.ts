import { confusableSkeleton, foldName, foldPath, isShortNameOf } from "./fold.ts";

/** One line of gitignore syntax, compiled. */
interface Pattern {
  readonly negated: boolean;
  readonly directoryOnly: boolean;
  readonly segments: readonly Segment[];
  /** The one name that it matches anywhere in a path, if it has no wildcard and no slash. */
  readonly name: string | undefined;
}

type Segment = "**" | ((name: string) => boolean);

export interface PatternSet {
  /** Names that match anywhere, looked up in place of tried; empty if the order of the patterns matters. */
  readonly names: ReadonlySet<string>;
  /** The other patterns. */
  readonly patterns: readonly Pattern[];
  /** `exact`: byte by byte, as on Linux. `alike`: as any file system or reader may see it (I13). */
  readonly comparison: Comparison;
}

export type Comparison = "exact" | "alike";

/** Compiles gitignore patterns; blank lines and comments are left out. A later pattern beats an earlier one, `!` takes back. */
export function compilePatterns(lines: readonly string[], comparison: Comparison): PatternSet {
  const all = lines.flatMap((line) => compileLine(line, comparison) ?? []);
  if (comparison === "exact" || all.some(({ negated }) => negated)) return { comparison, names: new Set(), patterns: all };
  const names = new Set(all.flatMap(({ name }) => name ?? []));
  return { comparison, names, patterns: all.filter(({ name }) => name === undefined) };
}

/** True if the last pattern that matches the path or a directory above it is not negated. */
export function matchesPatterns(path: string, set: PatternSet): boolean {
  const names = set.comparison === "alike" ? alikeNames(path) : path.split("/");
  if (names.some((name) => set.names.has(name) || (name.includes("~") && isShortNameOfAny(name, set.names)))) return true;
  const last = set.patterns.findLast((pattern) => matchesPrefix(names, pattern, set.comparison));
  return last !== undefined && !last.negated;
}

function isShortNameOfAny(name: string, longs: ReadonlySet<string>): boolean {
  return [...longs].some((long) => isShortNameOf(name, long));
}

/** A last name that folds to nothing, such as one invisible character, still counts as an entry of its directory. */
function alikeNames(path: string): readonly string[] {
  const names = resolve(foldPath(path)).map(confusableSkeleton);
  return foldPath(path.slice(path.lastIndexOf("/") + 1)).length === 0 ? [...names, ""] : names;
}

function resolve(names: readonly string[]): readonly string[] {
  const resolved: string[] = [];
  for (const name of names) {
    if (name === "..") resolved.pop();
    else resolved.push(name);
  }
  return resolved;
}

function compileLine(line: string, comparison: Comparison): Pattern | undefined {
  let text = line.replace(/(?<!\\)\s+$/, "");
  if (text === "" || text.startsWith("#")) return undefined;
  const negated = text.startsWith("!");
  if (negated) text = text.slice(1);
  const directoryOnly = text.endsWith("/");
  const anchored = text.slice(0, -1).includes("/");
  const parts = text.split("/").filter((part) => part !== "");
  if (parts.length === 0) return undefined;
  const segments = parts.map((part) => compileSegment(part, comparison));
  const name = anchored ? undefined : plainName(parts[0] ?? "", comparison);
  return { negated, directoryOnly, name, segments: anchored ? segments : ["**", ...segments] };
}

function plainName(part: string, comparison: Comparison): string | undefined {
  return /[*?[\\]/.test(part) || comparison === "exact" ? undefined : confusableSkeleton(foldName(part));
}

function compileSegment(part: string, comparison: Comparison): Segment {
  if (/^\*{2,}$/.test(part)) return "**";
  const alike = comparison === "alike";
  const source = alike && !/[[\\]/.test(part) ? confusableSkeleton(foldName(part)) : part;
  if (!/[*?[\\]/.test(source)) return (name) => name === source || (alike && isShortNameOf(name, source));
  const expression = new RegExp(`^${globSource(source)}$`, alike ? "isu" : "su");
  return (name) => expression.test(name);
}

/** A glob of one component as a regular expression; runs of stars become one, so that matching stays polynomial. */
function globSource(glob: string): string {
  const tokens = glob.matchAll(/\*+|\?|\[[!^]?\]?[^\]]*\]|\\?[\s\S]/gu);
  return Array.from(tokens, ([token]) => tokenSource(token)).join("");
}

function tokenSource(token: string): string {
  if (token.startsWith("*")) return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.startsWith("[") && token.length > 2) return classSource(token.slice(1, -1));
  const literal = token.length > 1 && token.startsWith("\\") ? token.slice(1) : token;
  return literal.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function classSource(body: string): string {
  const negated = /^[!^]/.test(body);
  const members = (negated ? body.slice(1) : body).replaceAll(/[\\\]^[]/g, "\\$&");
  return `[${negated ? "^" : ""}${members}]`;
}

/** True if the pattern matches the whole path or a directory above it. Runs all alternatives side by side: linear in the path. */
function matchesPrefix(names: readonly string[], pattern: Pattern, comparison: Comparison): boolean {
  const longest = pattern.directoryOnly && comparison === "exact" ? names.length - 1 : names.length;
  let states = reach([0], pattern.segments);
  for (const name of names.slice(0, longest)) {
    states = reach(
      states.flatMap((state) => advance(state, name, pattern.segments)),
      pattern.segments,
    );
    if (states.includes(pattern.segments.length)) return true;
  }
  return false;
}

/** Where one component leads from a state. A trailing `**` stands for everything inside: at least one component. */
function advance(state: number, name: string, segments: readonly Segment[]): readonly number[] {
  const segment = segments[state];
  if (segment === undefined) return [];
  if (segment === "**") return state === segments.length - 1 ? [state + 1] : [state];
  return segment(name) ? [state + 1] : [];
}

/** The states, and those after a `**` that matches no component. */
function reach(states: readonly number[], segments: readonly Segment[]): readonly number[] {
  const reached = new Set(states);
  for (const state of reached) if (segments[state] === "**" && state < segments.length - 1) reached.add(state + 1);
  return [...reached];
}
