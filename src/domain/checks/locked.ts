import { isObject, readObject } from "./package-json.ts";

/** One locked package. */
export interface Locked {
  /** Empty if the format does not say. */
  readonly name: string;
  /** Address of the archive; empty if the format does not say. */
  readonly source: string;
  readonly hashes: Set<string>;
}

const MAX_DEPTH = 40;
const HASH = /\b(?:sha(?:1|256|384|512)[-:=][A-Za-z0-9+/=_-]{20,200}|h1:[A-Za-z0-9+/=]{40,60})/g;
const CHECKSUM = /^\s*(?:checksum|contentHash|outer_checksum)\s*[:=]?\s*"?([A-Za-z0-9+/=]{32,200})/;
const HASH_FIELDS = ["integrity", "contentHash", "shasum", "sha256", "checksum", "narHash", "hash"];

/** The packages of a lockfile by `name@version`, read leniently: what cannot be parsed is left out. */
export function readLocked(path: string, text: string): ReadonlyMap<string, Locked> {
  const locked = new Map<string, Locked>();
  if (path.endsWith("go.sum")) readGoSum(text, locked);
  else if (/^\s*\{/.test(text) && !path.endsWith("bun.lock")) readJson(readObject(text), { key: "", depth: 0, locked });
  else readLines(text, locked);
  return locked;
}

function entryOf(locked: Map<string, Locked>, name: string, version: string): Locked {
  const id = `${name}@${version}`;
  const entry = locked.get(id) ?? { name, source: "", hashes: new Set<string>() };
  locked.set(id, entry);
  return entry;
}

function readGoSum(text: string, locked: Map<string, Locked>): void {
  for (const line of text.split("\n")) {
    const [name, version, hash] = line.trim().split(/\s+/);
    if (name !== undefined && version !== undefined && hash !== undefined) entryOf(locked, name, version).hashes.add(hash);
  }
}

interface Visit {
  readonly key: string;
  readonly depth: number;
  readonly locked: Map<string, Locked>;
}

/** Any object with a hash or an address is a package; its name is its own or its key's last part. */
function readJson(value: unknown, { key, depth, locked }: Visit): void {
  if (depth > MAX_DEPTH || typeof value !== "object" || value === null) return;
  if (isObject(value)) readEntry(withParts(value), key, locked);
  for (const [name, child] of Object.entries(value)) {
    if (!PARTS.includes(name)) readJson(child, { key: Array.isArray(value) ? key : name, depth: depth + 1, locked });
  }
}

/** Parts of an entry that hold its address and hash: of composer.lock and flake.lock. */
const PARTS: readonly string[] = ["dist", "locked"];

function withParts(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const parts = PARTS.map((name) => value[name]).filter(isObject);
  return Object.assign({}, ...parts, value);
}

function readEntry(value: Readonly<Record<string, unknown>>, key: string, locked: Map<string, Locked>): void {
  const hashes = hashesOf(value);
  const given = textOf(value["resolved"]) || textOf(value["url"]);
  const source = given.includes("://") ? given : "";
  if (hashes.length === 0 && source === "") return;
  const name = textOf(value["name"]) || (key.split("node_modules/").at(-1) ?? key);
  const version = textOf(value["version"]) || textOf(value["reference"]) || textOf(value["rev"]) || (source === "" ? given : "");
  const entry = entryOf(locked, name, version);
  for (const hash of hashes) entry.hashes.add(hash);
  locked.set(`${name}@${version}`, { ...entry, source });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Each prefixed with its algorithm, or else with its field. */
function hashesOf(value: Readonly<Record<string, unknown>>): readonly string[] {
  const single = HASH_FIELDS.flatMap((field) =>
    textOf(value[field])
      .split(/\s+/)
      .map((hash) => (/^[0-9a-f]+$/i.test(hash) ? `${field}-${hash}` : hash)),
  );
  const several: readonly unknown[] = Array.isArray(value["hashes"]) ? value["hashes"] : [];
  return [...single, ...several.filter((hash) => typeof hash === "string")].filter((hash) => hash.length >= 20);
}

/** `name@range`, `name==version` or `name (version)` at the start of a line. */
const HEADER = /^\s{0,4}["']?\/?((?:@[^/@\s"']{1,100}\/)?[^@\s"',:()]{1,200})(?:@|==| \()([^\s"',:)\\]{0,200})/;

interface Cursor {
  name: string;
  version: string;
}

/** yarn.lock, pnpm-lock.yaml, Cargo.lock, poetry.lock, uv.lock, Gemfile.lock, bun.lock, requirements with hashes: a name, a version, then hashes. */
function readLines(text: string, locked: Map<string, Locked>): void {
  const at: Cursor = { name: "", version: "" };
  for (const line of text.split("\n")) {
    const short = line.slice(0, 2000);
    moveCursor(short, at);
    const hashes = [...Array.from(short.matchAll(HASH), ([hash]) => hash), checksumOf(short)].filter((hash) => hash !== "");
    const [, source = ""] = /^\s*(?:resolved|resolution:?.{0,300}tarball:)\s*"?([a-z+]+:\/\/[^"\s,}]+)/.exec(short) ?? [];
    if (hashes.length === 0 && source === "") continue;
    const entry = entryOf(locked, at.name, at.version);
    for (const hash of hashes) entry.hashes.add(hash);
    if (source !== "") locked.set(`${at.name}@${at.version}`, { ...entry, source });
  }
}

function checksumOf(line: string): string {
  const [, checksum] = CHECKSUM.exec(line) ?? [];
  return checksum === undefined ? "" : `checksum-${checksum}`;
}

function moveCursor(line: string, at: Cursor): void {
  const [, field, value] = /^\s*(name|version)\s*[:=]?\s*"?([^"\s]+)"?\s*$/.exec(line) ?? [];
  if (field === "name") Object.assign(at, { name: value, version: "" });
  if (field === "version") at.version = value ?? "";
  const [, name, range] = /^\s*"[^"]{1,200}": \["((?:@[^/"]{1,100}\/)?[^@"]{1,200})@([^"]{0,200})"/.exec(line) ?? HEADER.exec(line) ?? [];
  if (name !== undefined && field === undefined) Object.assign(at, { name, version: range?.replace(/^npm:/, "") ?? "" });
}
