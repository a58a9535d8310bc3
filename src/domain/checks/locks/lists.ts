import { isObject } from "../package-json.ts";
import { collect, type LockEntry } from "./lock.ts";
import { entriesOf, textOf } from "./node.ts";

type Value = Readonly<Record<string, unknown>>;

/** Formats that are lists of objects with a name and a version, under some keys. */
export function listed(...keys: readonly string[]): (root: unknown) => Iterable<LockEntry> {
  return (root) => keys.flatMap((key) => objectsOf(isObject(root) ? root[key] : undefined).map(namedEntry));
}

function namedEntry(value: Value): LockEntry {
  const name = textOf(value["name"]) || textOf(value["conda"]) || textOf(value["pypi"]);
  return { name, version: textOf(value["version"]), ...collect(value) };
}

function objectsOf(value: unknown): readonly Value[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** poetry.lock before version 2 keeps its hashes in a table beside the packages. */
export function poetryEntries(root: unknown): Iterable<LockEntry> {
  const metadata = isObject(root) ? root["metadata"] : undefined;
  const files = isObject(metadata) ? metadata["files"] : undefined;
  return Array.from(listed("package")(root), (entry) => {
    const more = isObject(files) ? collect({ files: files[entry.name] }).hashes : [];
    return { ...entry, hashes: [...(entry.hashes ?? []), ...more] };
  });
}

/** Pipfile.lock; the sources are packages of their own kind, so that a new one is seen. */
export function* pipfileEntries(root: unknown): Generator<LockEntry> {
  if (!isObject(root)) return;
  const meta = isObject(root["_meta"]) ? root["_meta"] : {};
  for (const source of objectsOf(meta["sources"]))
    yield { name: `index ${textOf(source["name"])}`, version: "", ...collect({ url: source["url"] }) };
  for (const [group, packages] of Object.entries(root)) {
    if (group === "_meta") continue;
    for (const [name, value] of entriesOf(packages)) {
      if (isObject(value)) yield { name, version: textOf(value["version"]), ...collect(value) };
    }
  }
}

/** packages.lock.json of NuGet: packages by name, under each framework. */
export function* nugetEntries(root: unknown): Generator<LockEntry> {
  for (const [, packages] of entriesOf(isObject(root) ? root["dependencies"] : undefined)) {
    for (const [name, value] of entriesOf(packages)) {
      if (isObject(value)) yield { name, version: textOf(value["resolved"]), ...collect({ contentHash: value["contentHash"] }) };
    }
  }
}

/** deno.lock: packages of npm and jsr, and modules by address. */
export function* denoEntries(root: unknown): Generator<LockEntry> {
  if (!isObject(root)) return;
  const parts = [root, ...(isObject(root["packages"]) ? [root["packages"]] : [])];
  for (const group of parts.flatMap((part) => [part["npm"], part["jsr"]])) {
    const packages = isObject(group) && isObject(group["packages"]) ? group["packages"] : group;
    for (const [key, value] of entriesOf(packages)) {
      const [, name = key, version = ""] = /^((?:@[^/@]+\/)?[^@]+)@(.*)$/.exec(key) ?? [];
      yield { name, version, ...collect(value) };
    }
  }
  for (const [address, hash] of entriesOf(root["remote"])) yield { name: address, version: "", ...collect({ hash, url: address }) };
}

/** Package.resolved of Swift, in its three versions: a revision is what a version stands for. */
export function* swiftEntries(root: unknown): Generator<LockEntry> {
  if (!isObject(root)) return;
  const inner = isObject(root["object"]) ? root["object"] : root;
  for (const pin of objectsOf(inner["pins"])) {
    const state = isObject(pin["state"]) ? pin["state"] : {};
    const version = textOf(state["version"]);
    const { hashes } = collect({ revision: version === "" ? "" : state["revision"] });
    const { addresses } = collect({ url: pin["location"] ?? pin["repositoryURL"] });
    yield { name: textOf(pin["identity"]) || textOf(pin["package"]), version, hashes, addresses };
  }
}

/** flake.lock of Nix. */
export function* flakeEntries(root: unknown): Generator<LockEntry> {
  for (const [name, node] of entriesOf(isObject(root) ? root["nodes"] : undefined)) {
    const locked = isObject(node) && isObject(node["locked"]) ? node["locked"] : undefined;
    if (locked !== undefined) yield { name, version: textOf(locked["rev"]), ...collect(locked) };
  }
}

/** pubspec.lock of Dart; a hosted package carries a name of its own. */
export function* pubEntries(root: unknown): Generator<LockEntry> {
  for (const [as, value] of entriesOf(isObject(root) ? root["packages"] : undefined)) {
    if (!isObject(value)) continue;
    const description = isObject(value["description"]) ? value["description"] : {};
    yield { name: textOf(description["name"]) || as, version: textOf(value["version"]), as, ...collect(description) };
  }
}

/** mise.lock: versions by tool, with an archive for each platform. */
export function* miseEntries(root: unknown): Generator<LockEntry> {
  for (const [name, versions] of entriesOf(isObject(root) ? root["tools"] : undefined)) {
    for (const value of Array.isArray(versions) ? objectsOf(versions) : isObject(versions) ? [versions] : [])
      yield { name, version: textOf(value["version"]), ...collect(value) };
  }
}

/** Podfile.lock of CocoaPods: versions and checksums in two places. */
export function* podEntries(root: unknown): Generator<LockEntry> {
  if (!isObject(root)) return;
  const sums = isObject(root["SPEC CHECKSUMS"]) ? root["SPEC CHECKSUMS"] : {};
  const pods = Array.isArray(root["PODS"]) ? root["PODS"] : [];
  for (const pod of pods) {
    const [, name = "", version = ""] = /^(\S+) \((.*)\)$/.exec(isObject(pod) ? (Object.keys(pod)[0] ?? "") : textOf(pod)) ?? [];
    yield { name, version, ...collect({ checksum: sums[name] }) };
  }
}
