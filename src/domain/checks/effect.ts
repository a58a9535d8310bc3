/** One thing in a manifest that makes its tool fetch from a place, or run something. */
export interface Effect {
  readonly code: "dependency-source" | "install-script";
  /** Where it stands, as a path of keys such as `scripts.postinstall`. */
  readonly key: string;
  /** What it says; two effects with the same key and value are the same. */
  readonly value: string;
}

/** Reads what a manifest makes its tool do; undefined if the text is not one that the tool could read. */
export type ReadEffects = (text: string) => readonly Effect[] | undefined;

export function runs(key: string, value: unknown): Effect {
  return { code: "install-script", key, value: spell(value) };
}

export function comesFrom(key: string, value: unknown): Effect {
  return { code: "dependency-source", key, value: spell(value) };
}

function spell(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** What `now` has and `old` has not. */
export function newEffects(old: readonly Effect[], now: readonly Effect[]): readonly Effect[] {
  const keyOf = ({ code, key, value }: Effect): string => `${code}\0${key}\0${value}`;
  const known = new Set(old.map(keyOf));
  return now.filter((effect) => !known.has(keyOf(effect)));
}

/** A value in a parsed file, with the keys that lead to it. */
export interface Leaf {
  /** Items of a list have the key `*`. */
  readonly path: readonly string[];
  readonly value: unknown;
}

const MAX_DEPTH = 60;

/** Every value that is neither a list nor an object, in the order of the file. */
export function* leavesOf(value: unknown, path: readonly string[] = []): Generator<Leaf> {
  if (typeof value !== "object" || value === null || path.length > MAX_DEPTH) {
    yield { path, value };
    return;
  }
  for (const [key, child] of Object.entries(value)) yield* leavesOf(child, [...path, Array.isArray(value) ? "*" : key]);
}
