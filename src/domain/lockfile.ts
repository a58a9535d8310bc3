import { decide, type EgressPolicy } from "./egress.ts";
import { canonicalHost } from "./host.ts";
import type { Registries } from "./presets.ts";

/**
 * Lockfiles at the root of a repository by the registry key of the preset they belong to. go.sum names no host, and Debian and Maven have none.
 */
export const LOCKFILES: Readonly<Record<string, readonly string[]>> = {
  npm: ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"],
  pypi: ["poetry.lock", "uv.lock", "Pipfile.lock"],
  cargo: ["Cargo.lock"],
  rubygems: ["Gemfile.lock"],
};

/** Hosts a lockfile may name before the rest is left out; a real one names a handful. */
const MAX_HOSTS = 100;
/** Addresses as lockfiles write them: after a quote, a space or a `+` (`sparse+https://`, `git+ssh://`); never more than the authority is read. */
const ADDRESS = /(?<=^|["'\s+(=<])(?:https?|ssh):\/\/([^\s"'<>/?#\\)]{1,300})/gm;
/** In npm's own format other addresses are pages about a package. */
const NPM_SOURCE = /"(?:resolved|version)"\s*:\s*"[^"]{1,2000}"/g;

/** Canonical hosts that the text of a lockfile downloads from. The text is hostile: it is searched, never interpreted. */
export function readLockedHosts(name: string, text: string): readonly string[] {
  const isNpm = name === "package-lock.json" || name === "npm-shrinkwrap.json";
  const parts = isNpm ? (text.match(NPM_SOURCE) ?? []) : [text];
  const hosts = new Set<string>();
  for (const part of parts) {
    for (const match of part.matchAll(ADDRESS)) {
      const host = hostOf(match[1] ?? "");
      if (host !== undefined && hosts.size < MAX_HOSTS) hosts.add(host);
    }
  }
  return [...hosts];
}

/** Drops a user name and a port. */
function hostOf(authority: string): string | undefined {
  const bare = authority.slice(authority.lastIndexOf("@") + 1).replace(/:\d*$/, "");
  return canonicalHost(bare)?.text;
}

/** The hosts of the lockfiles that were found, by registry key. A key without a lockfile is absent. */
export type LockedHosts = Readonly<Record<string, readonly string[]>>;

/** One registry of these keys is one host, so that leaving out the others breaks nothing; pip and cargo spread one over two. */
const NARROWED = ["npm", "rubygems"] as const;

/**
 * The registries that the lockfiles name. A key is left as it is when it has no lockfile, and when none of its registries is named: then a
 * mirror stands for what the lockfile names.
 */
export function narrowRegistries(registries: Registries, locked: LockedHosts): Registries {
  const narrowed = NARROWED.map((key): [string, readonly string[]] => {
    const urls = registries[key] ?? [];
    const named = urls.filter((url) => locked[key]?.includes(canonicalHost(URL.parse(url)?.hostname ?? "")?.text ?? ""));
    return [key, named.length === 0 ? urls : named];
  });
  return { ...registries, ...Object.fromEntries(narrowed.filter(([, urls]) => urls.length > 0)) };
}

/** Hosts that lockfiles name and the policy does not allow, sorted; they are told, never added. */
export function findUnlisted(policy: EgressPolicy, locked: LockedHosts): readonly string[] {
  const hosts = new Set(Object.values(locked).flat());
  return [...hosts].filter((host) => decide(policy, host, 443).verdict === "deny").sort();
}
