import { isObject } from "../package-json.ts";
import { hashOf, looksLikeHash } from "./hash.ts";
import { sourceOf } from "./source.ts";

/** One locked package: what is installed, not what it is asked for as. */
export interface Locked {
  readonly name: string;
  /** Empty if the format does not say. */
  readonly version: string;
  /** Names that it is asked for by, where that is another. */
  readonly aliases: Set<string>;
  /** Addresses of its archives or repositories, as written. */
  readonly addresses: Set<string>;
  /** As `algorithm-value`. */
  readonly hashes: Set<string>;
  hasInstallScript: boolean;
}

/** The packages of a lockfile by `name@version`. */
export type LockedPackages = ReadonlyMap<string, Locked>;

/** An entry of a lockfile, before it is joined with others of the same package and version. */
export interface LockEntry {
  readonly name: string;
  readonly version: string;
  readonly as?: string | undefined;
  readonly addresses?: readonly string[];
  readonly hashes?: readonly string[];
  readonly hasInstallScript?: boolean;
}

export function lockOf(entries: Iterable<LockEntry>): LockedPackages {
  const lock = new Map<string, Locked>();
  for (const { name, version, as = name, addresses = [], hashes = [], hasInstallScript = false } of entries) {
    const id = version === "" ? name : `${name}@${version}`;
    const locked = lock.get(id) ?? { name, version, aliases: new Set(), addresses: new Set(), hashes: new Set(), hasInstallScript: false };
    if (as !== name) locked.aliases.add(as);
    for (const address of addresses) locked.addresses.add(address);
    for (const hash of hashes) locked.hashes.add(hash);
    locked.hasInstallScript ||= hasInstallScript;
    lock.set(id, locked);
  }
  return lock;
}

/** Where a package comes from: registries and repositories. */
export function sourcesOf({ addresses }: Locked, byRepository: boolean): ReadonlySet<string> {
  return new Set([...addresses].map((address) => sourceOf(address, byRepository)));
}

const MAX_DEPTH = 12;
const HASH_KEYS =
  /^(?:integrity|contentHash|shasum|checksum|narHash|hash(?:es)?|md5|sha1|sha224|sha256|sha384|sha512|reference|revision|outer_checksum)$/;
const ADDRESS_KEYS =
  /^(?:resolved|url|source|registry|git|tarball|repo|index|resolution|remote|location|repositoryURL|archive|editable|uri|conda|pypi)$/;

export interface Collected {
  readonly hashes: string[];
  readonly addresses: string[];
}

/** Every hash and address in a parsed entry, by the keys that formats use for them; `funding` and `homepage` say nothing of a package's origin. */
export function collect(value: unknown): Collected {
  const found: Collected = { hashes: [], addresses: [] };
  visit(value, { key: "", isHash: false, depth: 0 }, found);
  return found;
}

interface Place {
  readonly key: string;
  /** The value stands under a key for hashes, such as `hashes: {sha256: …}`. */
  readonly isHash: boolean;
  readonly depth: number;
}

function visit(value: unknown, place: Place, found: Collected): void {
  const { key, isHash, depth } = place;
  if (depth > MAX_DEPTH) return;
  if (typeof value === "string") addText(value, place, found);
  else if (Array.isArray(value)) for (const item of value) visit(item, { key, isHash, depth: depth + 1 }, found);
  else if (isObject(value)) {
    const fields = Object.entries(value).filter(([name]) => !UNRELATED.has(name));
    for (const [name, child] of fields) visit(child, { key: name, isHash: isHash || HASHES.test(name), depth: depth + 1 }, found);
  }
}

/** Keys under which everything is a hash, such as `hashes: {sha256: …}`. */
const HASHES = /^(?:hash(?:es)?|checksum)$/;

function addText(text: string, { key, isHash }: Place, found: Collected): void {
  if (isHash || HASH_KEYS.test(key)) found.hashes.push(...hashesIn(text, key));
  if (ADDRESS_KEYS.test(key) && isAddress(text)) found.addresses.push(text);
}

function hashesIn(text: string, key: string): readonly string[] {
  return text
    .split(/\s+/)
    .filter(looksLikeHash)
    .map((hash) => hashOf(hash, key));
}

/** Parts of an entry that speak of other packages, or of people. */
const UNRELATED = new Set([
  "dependencies",
  "optional-dependencies",
  "dev-dependencies",
  "dependency-groups",
  "metadata",
  "extras",
  "packages",
  "funding",
  "support",
  "homepage",
  "authors",
  "autoload",
  "require",
  "original",
]);

export function isAddress(text: string): boolean {
  return /^[a-z][a-z+.-]*:\/\//i.test(text) || /^(?:git@|[\w.-]+@)[\w.-]+:/.test(text) || /^(?:github|gitlab|bitbucket|gist):/.test(text);
}
