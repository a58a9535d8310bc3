import { collect, type LockEntry } from "./lock.ts";

/** go.sum and go.work.sum: a module, its version, its hash. */
export function* goEntries(text: string): Generator<LockEntry> {
  for (const line of text.split("\n")) {
    const [name, version, hash] = line.trim().split(/\s+/);
    if (name !== undefined && version !== undefined && hash !== undefined) yield { name, version, ...collect({ hash }) };
  }
}

/** Gemfile.lock: sections of sources with their specs, and a section of checksums. */
export function* gemEntries(text: string): Generator<LockEntry> {
  for (const section of text.split(/\n(?=\S)/)) {
    const [title = ""] = section.split(/\r?\n/, 1);
    if (title === "CHECKSUMS") yield* gemSpecs(section, () => []);
    else if (title !== "DEPENDENCIES" && title !== "PLATFORMS") yield* gemSpecs(section, remotesOf);
  }
}

function* gemSpecs(section: string, readAddresses: (section: string) => readonly string[]): Generator<LockEntry> {
  const addresses = readAddresses(section);
  for (const [, name = "", version = "", hash = ""] of section.matchAll(/^ {2}(?: {2})?([^\s(]+) \(([^)\n]*)\)(?: (\S+))?\r?$/gm)) {
    yield { name, version, addresses, hashes: collect({ hashes: hash.split(",") }).hashes };
  }
}

function remotesOf(section: string): readonly string[] {
  return Array.from(section.matchAll(/^ {2}remote: (\S+)/gm), ([, remote = ""]) => remote).filter(isRemote);
}

function isRemote(text: string): boolean {
  return text.includes("://") || text.startsWith("git@");
}

/** A requirements file with hashes: `name==version`, then options, over lines that a backslash joins. */
export function* requirementEntries(text: string): Generator<LockEntry> {
  for (const line of text.replaceAll(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const [, name, version = ""] = /^\s*([\w.-]+)\s*(?:\[[^\]]*\])?\s*==+\s*([^\s;]+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const hashes = Array.from(line.matchAll(/--hash[=\s]\s*([^\s]+)/g), ([, hash = ""]) => hash);
    yield { name: name.toLowerCase(), version, ...collect({ hashes }) };
  }
}

/** mix.lock of Elixir: a map of terms, one package a line. */
export function* mixEntries(text: string): Generator<LockEntry> {
  for (const line of text.split("\n")) {
    const [, as, kind, name = "", version = ""] = /^\s*"?([\w-]+)"?\s*(?::|=>)\s*\{:(\w+),\s*:?"?([^",]+)"?,\s*"([^"]*)"/.exec(line) ?? [];
    if (as === undefined) continue;
    const hashes = Array.from(line.matchAll(/"([0-9a-f]{64})"/g), ([, hash = ""]) => hash);
    yield kind === "git" ? { name: as, version, addresses: [name] } : { name, version, as, ...collect({ hashes }) };
  }
}

/** .terraform.lock.hcl: a block for each provider. */
export function* terraformEntries(text: string): Generator<LockEntry> {
  for (const [, name = "", body = ""] of text.matchAll(/provider\s+"([^"]+)"\s*\{([^}]*)\}/g)) {
    const version = /^\s*version\s*=\s*"([^"]*)"/m.exec(body)?.[1] ?? "";
    const hashes = Array.from(body.matchAll(/"((?:h1|zh):[^"]+)"/g), ([, hash = ""]) => hash);
    yield { name, version, ...collect({ hashes }) };
  }
}

/** Gradle's verification-metadata.xml: an artifact may have several hashes that are trusted. */
export function* gradleEntries(text: string): Generator<LockEntry> {
  const shown = text.replaceAll(/<!--[\s\S]*?-->/g, "");
  for (const [, attributes = "", body = ""] of shown.matchAll(/<component\s([^>]*)>([\s\S]*?)<\/component>/g)) {
    const [group, name, version] = ["group", "name", "version"].map((key) => attributeOf(attributes, key));
    for (const [, artifact = "", sums = ""] of body.matchAll(/<artifact\s([^>]*)>([\s\S]*?)<\/artifact>/g)) {
      const hashes = Array.from(
        sums.matchAll(/<(?:sha\d+|md5|also-trust)\s[^>]*?value\s*=\s*["']([0-9a-f]+)["']/gi),
        ([, hash = ""]) => hash,
      );
      yield { name: `${group}:${name}:${attributeOf(artifact, "name")}`, version: version ?? "", ...collect({ hashes }) };
    }
  }
}

function attributeOf(attributes: string, key: string): string {
  return new RegExp(String.raw`(?:^|\s)${key}\s*=\s*["']([^"']*)["']`).exec(attributes)?.[1] ?? "";
}
