import { isObject } from "../package-json.ts";
import { collect, isAddress, type LockEntry } from "./lock.ts";

/** package-lock.json and npm-shrinkwrap.json: entries by their place in the tree, and those of version 1 nested in each other. */
export function* npmEntries(root: unknown): Generator<LockEntry> {
  if (!isObject(root)) return;
  if (isObject(root["packages"])) {
    for (const [place, value] of Object.entries(root["packages"])) {
      const as = place.split("node_modules/").at(-1) ?? place;
      if (isObject(value) && place.includes("node_modules/")) yield npmEntry(as, value);
    }
  }
  yield* nestedEntries(root["dependencies"], 0);
}

const MAX_DEPTH = 60;

function* nestedEntries(dependencies: unknown, depth: number): Generator<LockEntry> {
  if (!isObject(dependencies) || depth > MAX_DEPTH) return;
  for (const [as, value] of Object.entries(dependencies)) {
    if (!isObject(value)) continue;
    yield npmEntry(as, value);
    yield* nestedEntries(value["dependencies"], depth + 1);
  }
}

/** An entry may carry a name of its own, and version 1 writes an alias or an address as the version. */
function npmEntry(as: string, value: Readonly<Record<string, unknown>>): LockEntry {
  const { hashes, addresses } = collect({ resolved: value["resolved"], integrity: value["integrity"] });
  const version = textOf(value["version"]);
  const [, aliased, range] = /^npm:((?:@[^/@]+\/)?[^@]+)@(.*)$/.exec(version) ?? [];
  return {
    name: aliased ?? (textOf(value["name"]) || as),
    version: range ?? (isAddress(version) ? "" : version),
    as,
    hashes,
    addresses: isAddress(version) ? [...addresses, version] : addresses,
    hasInstallScript: value["hasInstallScript"] === true,
  };
}

/** pnpm-lock.yaml: `packages` by name and version; `importers` and `snapshots` say under which names they are asked for. */
export function* pnpmEntries(root: unknown): Generator<LockEntry> {
  if (!isObject(root)) return;
  for (const [key, value] of entriesOf(root["packages"])) yield pnpmEntry(key, isObject(value) ? value : {});
  const asking = ["importers", "snapshots", "packages"].flatMap((group) => entriesOf(root[group]).map(([, value]) => value));
  for (const value of [root, ...asking].filter(isObject)) {
    for (const group of ["dependencies", "devDependencies", "optionalDependencies"]) yield* pnpmAliases(value[group]);
  }
}

function pnpmEntry(key: string, value: Readonly<Record<string, unknown>>): LockEntry {
  const own = typeof value["name"] === "string" ? `${value["name"]}@${textOf(value["version"])}` : key;
  return { ...splitId(own), ...collect({ resolution: value["resolution"] }), hasInstallScript: value["requiresBuild"] === true };
}

function* pnpmAliases(dependencies: unknown): Generator<LockEntry> {
  for (const [as, value] of entriesOf(dependencies)) {
    const version = isObject(value) ? textOf(value["version"]) : textOf(value);
    if (!/^\/?(?:@[^/@()]+\/)?[A-Za-z][^@/():_]*[@/]\d/.test(version)) continue;
    const id = splitId(version);
    if (id.name !== as) yield { ...id, as };
  }
}

/** `name@version(peers)`, `/name@version`, or `/name/version_peers` of the older versions. */
function splitId(key: string): { readonly name: string; readonly version: string } {
  const [, name = key, version = ""] = /^\/?((?:@[^/@]+\/)?[^/@]+)[@/]([^(]*)/.exec(key) ?? [];
  return { name, version: isAddress(version) ? "" : (version.split("_")[0] ?? "") };
}

/** yarn.lock of Yarn 2 and later: keys are descriptors, `resolution` is what they resolve to. */
export function* berryEntries(root: unknown): Generator<LockEntry> {
  for (const [key, value] of entriesOf(root)) {
    if (key === "__metadata" || !isObject(value)) continue;
    const resolution = textOf(value["resolution"]);
    const [, name = key, locator = ""] = /^((?:@[^/@]+\/)?[^@]+)@(.*)$/s.exec(resolution) ?? [];
    const { hashes } = collect({ checksum: value["checksum"] });
    const address = /::.*__archiveUrl=([^&]+)/.exec(locator)?.[1];
    const addresses = [locator.replace(/^npm:.*/s, ""), decode(address ?? "")].filter(isAddress);
    const workspace = /^(?:workspace|link|portal):/.test(locator);
    for (const descriptor of key.split(/,\s*/)) {
      const as = /^((?:@[^/@]+\/)?[^@]+)@/.exec(descriptor)?.[1] ?? name;
      yield { name, version: textOf(value["version"]), as, hashes: workspace ? [] : hashes, addresses };
    }
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** yarn.lock of Yarn 1, a format of its own: a line of descriptors, then indented fields. */
export function* yarnEntries(text: string): Generator<LockEntry> {
  for (const block of text.split(/\n(?=[^\s#])/)) {
    const [head = "", ...lines] = block.split(/\r?\n/);
    if (!head.trimEnd().endsWith(":")) continue;
    const fields = Object.fromEntries(
      lines.flatMap((line) => [/^ {2}"?(\w+)"? "?(.*?)"?$/.exec(line)?.slice(1) ?? []].filter((pair) => pair.length === 2)),
    );
    const { resolved = "", integrity = "", version = "" } = fields as Readonly<Record<string, string>>;
    const fragment = /#([0-9a-f]{40})$/.exec(resolved)?.[1];
    const found = collect({ resolved: resolved.replace(/#.*$/, ""), integrity: integrity || fragment });
    for (const descriptor of head.trimEnd().slice(0, -1).split(/,\s*/)) {
      const [, as = "", range = ""] = /^((?:@[^/@]+\/)?[^@]+)@(.*)$/.exec(descriptor.replaceAll('"', "").trim()) ?? [];
      const [, name = as] = /^npm:((?:@[^/@]+\/)?[^@]+)(?:@|$)/.exec(range) ?? [];
      yield { name, version, as, ...found };
    }
  }
}

/** bun.lock: each package is a list of its name with version, its registry, its dependencies and its hash. */
export function* bunEntries(root: unknown): Generator<LockEntry> {
  if (!isObject(root)) return;
  for (const [key, value] of entriesOf(root["packages"])) {
    if (!Array.isArray(value)) continue;
    const [, name = key, version = ""] = /^((?:@[^/@]+\/)?[^@]+)@(.*)$/s.exec(textOf(value[0])) ?? [];
    const as = key === name || key.endsWith(`/${name}`) ? name : key;
    const { hashes } = collect({ integrity: value.at(-1) });
    yield { name, version, as, hashes, addresses: [version, textOf(value[1])].filter(isAddress) };
  }
}

export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
