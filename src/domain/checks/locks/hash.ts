/** Algorithms from the weakest on; an unknown one is taken for a usual one. */
const STRENGTH: Readonly<Record<string, number>> = { md5: 1, sha1: 2, sha224: 3, sha256: 4, sha384: 5, sha512: 6 };
const USUAL = 4;
const BY_HEX_DIGITS: Readonly<Record<number, string>> = { 32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512" };

/** Subresource integrity, `algorithm:value`, Yarn's `key/value`, or bare digits. */
const HASH = /^(?:(?:md5|sha\d{1,3}|h1|zh|blake\w{0,6})[-:=])?[A-Za-z0-9+/=_-]{20,200}$|^\d{1,3}(?:c\d{1,2})?\/[0-9a-f]{32,200}$/;

export function looksLikeHash(text: string): boolean {
  return HASH.test(text);
}

/** A hash as `algorithm-value`, so that the same hash in two spellings is one; bare digits get the algorithm of their length, or of their field. */
export function hashOf(text: string, field: string): string {
  const [, algorithm, value] = /^(md5|sha\d{1,3}|h1|zh|blake\w{0,6})[-:=](.+)$/.exec(text) ?? [];
  if (algorithm !== undefined) return `${algorithm}-${value}`;
  const [, key] = /^(\d{1,3}(?:c\d{1,2})?)\//.exec(text) ?? [];
  if (key !== undefined) return `cache${key}-${text}`;
  const known = /^[0-9a-f]+$/i.test(text) ? BY_HEX_DIGITS[text.length] : undefined;
  return `${field === "revision" || field === "reference" ? field : (known ?? field)}-${text}`;
}

export type HashChange = "swapped" | "added" | "weakened" | "gone" | undefined;

/**
 * How the hashes of one package and version changed. `one`: the package is one archive, so that any further hash of no better algorithm
 * lets other bytes in; otherwise it has an archive for each platform, and new ones may come later.
 */
export function compareHashes(before: ReadonlySet<string>, now: ReadonlySet<string>, one: boolean): HashChange {
  if (before.size === 0) return undefined;
  if (now.size === 0) return "gone";
  const added = [...now].filter((hash) => !before.has(hash));
  if (added.length === 0) return one && strongest(now) < strongest(before) ? "weakened" : undefined;
  const gone = [...before].filter((hash) => !now.has(hash));
  if (isOtherCache(added, gone)) return "weakened";
  const weak = added.some((hash) => strengthOf(hash) <= strongest(before));
  if (!weak) return undefined;
  return one || replaces(added, gone) ? "swapped" : "added";
}

/** A hash in place of another one of the same or a better algorithm. */
function replaces(added: readonly string[], gone: readonly string[]): boolean {
  return added.some((hash) => gone.some((other) => strengthOf(other) >= strengthOf(hash)));
}

/** Yarn makes its archives anew with every version of its cache, and does not compare across versions. */
function isOtherCache(added: readonly string[], gone: readonly string[]): boolean {
  const old = new Set(gone.map(algorithmOf));
  return gone.length > 0 && added.every((hash) => hash.startsWith("cache") && !old.has(algorithmOf(hash)));
}

function strongest(hashes: ReadonlySet<string>): number {
  return Math.max(...Array.from(hashes, strengthOf));
}

function strengthOf(hash: string): number {
  return STRENGTH[algorithmOf(hash)] ?? USUAL;
}

function algorithmOf(hash: string): string {
  return hash.slice(0, hash.indexOf("-"));
}
