import { canonicalHost } from "./host.ts";
import { findAddresses, type LockfileFormat } from "./locked-address.ts";
import { decide, type EgressPolicy } from "./policy.ts";
import type { Registries } from "./presets.ts";

/** Maximum bytes of a lockfile that are read; one with some thousand packages has a few MiB. */
export const MAX_LOCKFILE_BYTES = 16 << 20;

const JSON_VALUE = String.raw`"\s{0,8}:\s{0,8}"([^"\n]{1,2000})"`;
const ALWAYS = (): boolean => true;
const NEVER = (): boolean => false;

/** The fields of each format that say where something is downloaded from. Every repetition is bounded: the search is linear in the text. */
const FORMATS: Readonly<Record<string, LockfileFormat>> = {
  "package-lock.json": { field: new RegExp(`"(?:resolved|version)${JSON_VALUE}`, "g"), isComplete: ALWAYS },
  "npm-shrinkwrap.json": { field: new RegExp(`"(?:resolved|version)${JSON_VALUE}`, "g"), isComplete: ALWAYS },
  // Version 1 names the archive of every package, Berry only what is not from the registry.
  "yarn.lock": {
    field: /^ {2}(?:resolved|resolution:) "([^"\n]{1,2000})"/gm,
    isComplete: (text) => /^# yarn lockfile v1\r?$/m.test(text.slice(0, 500)),
  },
  "pnpm-lock.yaml": {
    field: /(?:^|[{,])[ \t]{0,40}(?:tarball|registry|repo):[ \t]{1,8}['"]?([^\s'"{},]{1,2000})/gm,
    isComplete: NEVER,
  },
  "uv.lock": { field: /\b(?:registry|url|git) = "([^"\n]{1,2000})"/g, isComplete: ALWAYS },
  "poetry.lock": { field: /\burl = "([^"\n]{1,2000})"/g, isComplete: NEVER },
  "Pipfile.lock": { field: new RegExp(`"(?:url|git|file)${JSON_VALUE}`, "g"), isComplete: NEVER },
  "Cargo.lock": { field: /^source = "([^"\n]{1,2000})"/gm, isComplete: NEVER },
  "Gemfile.lock": { field: /^ {2}remote: (\S{1,2000})/gm, isComplete: ALWAYS },
};

/**
 * Lockfiles at the root of a repository by the registry key of the preset they belong to. go.mod and go.sum name modules, not hosts to
 * download from (that is `GOPROXY`); Debian and Maven have none; composer.lock names hosts, but belongs to no preset.
 */
export const LOCKFILES: Readonly<Record<string, readonly string[]>> = {
  npm: ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"],
  pypi: ["poetry.lock", "uv.lock", "Pipfile.lock"],
  cargo: ["Cargo.lock"],
  rubygems: ["Gemfile.lock"],
};

/** Maximum number of hosts from a lockfile; the rest is ignored. A real one names a handful. */
const MAX_HOSTS = 100;

/** What one lockfile says about its hosts. */
export interface LockedHosts {
  /** Canonical. */
  readonly hosts: readonly string[];
  /** The file has every package's address: hosts that it does not name are not needed. */
  readonly complete: boolean;
}

/** Hosts that the text of a lockfile downloads from. The text is hostile: it is searched, never interpreted. */
export function readLockedHosts(name: string, text: string): LockedHosts {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format === undefined) return { hosts: [], complete: false };
  const hosts = new Set<string>();
  for (const address of findAddresses(format, text)) {
    const host = hostOf(address);
    if (host !== undefined && hosts.size < MAX_HOSTS) hosts.add(host);
  }
  return { hosts: [...hosts], complete: format.isComplete(text) };
}

/** Drops a user name and a port. */
function hostOf(authority: string): string | undefined {
  const bare = authority.slice(authority.lastIndexOf("@") + 1).replace(/:\d{0,5}$/, "");
  return canonicalHost(bare)?.text;
}

/** What the lockfiles say, by registry key. A key without a lockfile is absent. */
export type LockedByKey = Readonly<Record<string, LockedHosts>>;

/** Several lockfiles of one preset: the hosts that any of them names; complete only if all of them are. */
export function joinLocked(files: readonly LockedHosts[]): LockedHosts {
  return { hosts: [...new Set(files.flatMap(({ hosts }) => hosts))], complete: files.every(({ complete }) => complete) };
}

/**
 * The registries that the lockfiles name. A key stays as it is if it has no lockfile, if its lockfiles do not name every address, or if
 * they name none of its registries: then a mirror serves what the lockfile names.
 */
export function narrowRegistries(registries: Registries, locked: LockedByKey): Registries {
  const narrowed = Object.entries(locked).flatMap(([key, { hosts, complete }]): [string, readonly string[]][] => {
    const named = (registries[key] ?? []).filter((url) => hosts.includes(canonicalHost(URL.parse(url)?.hostname ?? "")?.text ?? ""));
    return complete && named.length > 0 ? [[key, named]] : [];
  });
  return { ...registries, ...Object.fromEntries(narrowed) };
}

/** Hosts that lockfiles name and the policy does not allow, sorted. They are reported, never added. */
export function findUnlisted(policy: EgressPolicy, locked: LockedByKey): readonly string[] {
  const hosts = new Set(Object.values(locked).flatMap((file) => file.hosts));
  return [...hosts].filter((host) => decide(policy, host, 443).verdict === "deny").sort();
}
