import type { Finding } from "../patch.ts";
import { foldPath } from "../paths/fold.ts";
import type { FileContext } from "./context.ts";
import { finding, quoteName } from "./finding.ts";
import { unparsed } from "./install.ts";
import { formatOf, type LockFormat } from "./locks/formats.ts";
import { compareHashes, type HashChange } from "./locks/hash.ts";
import { type Locked, type LockedPackages, lockOf, sourcesOf } from "./locks/lock.ts";
import { isUnprotected } from "./locks/source.ts";

const MAX_LISTED = 10;

interface Compared {
  readonly path: string;
  readonly format: LockFormat;
  readonly isNew: boolean;
  readonly old: LockedPackages;
  readonly now: LockedPackages;
}

/** Nobody reads a lockfile, yet it decides which bytes are installed: another registry, another hash for the same version, plain http. */
export function checkLockfiles({ change, before, after }: FileContext): readonly Finding[] {
  const { path } = change;
  const format = formatOf(foldPath(path).join("/"));
  if (format === undefined || change.after === undefined) return [];
  const now = format.read(after);
  const changed = finding({ code: "lockfile", path, reason: "The locked dependencies changed." });
  if (now === undefined) return [unparsed(path), changed];
  const compared = { path, format, isNew: change.before === undefined, old: format.read(before) ?? lockOf([]), now };
  return [...COMPARISONS.flatMap((compare) => compare(compared)), changed];
}

const COMPARISONS: readonly ((compared: Compared) => readonly Finding[])[] = [
  newSources,
  unprotected,
  hashes,
  otherNames,
  movedPackages,
  scripts,
];

/** Only the addresses of packages count as known: a link to a sponsor's page is no source. */
function newSources({ path, format, isNew, old, now }: Compared): readonly Finding[] {
  if (isNew) return [];
  const known = new Set([...old.values()].flatMap((locked) => [...sourcesOf(locked, format.byRepository)]));
  const sources = new Set(
    [...now.values()].flatMap((locked) => [...sourcesOf(locked, format.byRepository)]).filter((source) => !known.has(source)),
  );
  if (sources.size === 0) return [];
  const reason = `Packages now come from ${list([...sources])}, where none came from before.`;
  return [finding({ code: "lockfile-registry", path, reason })];
}

function unprotected({ path, old, now }: Compared): readonly Finding[] {
  const known = new Set([...old.values()].flatMap(({ addresses }) => [...addresses]));
  const plain = [...now.values()]
    .flatMap(({ addresses }) => [...addresses])
    .find((address) => isUnprotected(address) && !known.has(address));
  if (plain === undefined) return [];
  return [
    finding({ code: "lockfile-registry", path, reason: `A package comes from ${quoteName(plain)}, which nothing protects on its way.` }),
  ];
}

const CHANGES: Readonly<Record<NonNullable<HashChange>, { readonly severity: "refuse" | "draft"; readonly what: string }>> = {
  swapped: { severity: "refuse", what: "changed, or another was added, while the version did not" },
  added: { severity: "draft", what: "has got another beside it, while the version did not change" },
  weakened: { severity: "draft", what: "was made weaker, or cannot be compared" },
  gone: { severity: "draft", what: "is gone" },
};

/** The same package in the same version with another hash is another package. */
function hashes({ path, format, old, now }: Compared): readonly Finding[] {
  const changes = [...now].flatMap(([id, locked]) => {
    const change = compareHashes(old.get(id)?.hashes ?? new Set(), locked.hashes, format.one);
    return change === undefined ? [] : [{ id, change }];
  });
  return [...Map.groupBy(changes, ({ change }) => change)].map(([change, group]) => {
    const { severity, what } = CHANGES[change];
    return finding({ code: "lockfile-integrity", severity, path, reason: `The hash of ${list(group.map(({ id }) => id))} ${what}.` });
  });
}

/** A package is installed under another name than its own, or its archive's address names another package. */
function otherNames({ path, old, now }: Compared): readonly Finding[] {
  const aliases = new Set([...old.values()].flatMap(({ name, aliases }) => [...aliases].map((alias) => `${alias}\0${name}`)));
  const wrong = [...now.values()].flatMap((locked) => [
    ...[...locked.aliases].filter((alias) => !aliases.has(`${alias}\0${locked.name}`)).map((alias) => `${alias} (${locked.name})`),
    ...(namesAnother(locked) ? [locked.name] : []),
  ]);
  if (wrong.length === 0) return [];
  return [finding({ code: "lockfile-source", path, reason: `What is installed as ${list(wrong)} is a package of another name.` })];
}

function namesAnother({ name, addresses }: Locked): boolean {
  return [...addresses].some((address) => {
    const [, shown] = /\/((?:(?:@|%40)[^/]+?(?:\/|%2f))?[^/@]+)\/-\/[^/]+\.tgz/i.exec(address) ?? [];
    return shown !== undefined && name !== "" && shown.replace(/%40/i, "@").replace(/%2f/i, "/") !== name;
  });
}

/** A name that came from one registry and now comes from another known one is another package. */
function movedPackages({ path, format, old, now }: Compared): readonly Finding[] {
  const byName = Map.groupBy(old.values(), ({ name }) => name);
  const all = new Set([...old.values()].flatMap((locked) => [...sourcesOf(locked, format.byRepository)]));
  const moved = [...now.values()].filter((locked) => {
    const known = new Set((byName.get(locked.name) ?? []).flatMap((other) => [...sourcesOf(other, format.byRepository)]));
    return known.size > 0 && [...sourcesOf(locked, format.byRepository)].some((source) => all.has(source) && !known.has(source));
  });
  if (moved.length === 0) return [];
  return [finding({ code: "lockfile-source", path, reason: `${list(moved.map(({ name }) => name))} came from another place before.` })];
}

function scripts({ path, old, now }: Compared): readonly Finding[] {
  const known = new Set([...old.values()].filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name));
  const added = [...now.values()].filter(({ name, hasInstallScript }) => hasInstallScript && !known.has(name)).map(({ name }) => name);
  return added.length === 0
    ? []
    : [finding({ code: "install-script", path, reason: `The dependency ${list(added)} has an install script.` })];
}

function list(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const more = distinct.length > MAX_LISTED ? ` and ${distinct.length - MAX_LISTED} more` : "";
  return distinct.slice(0, MAX_LISTED).map(quoteName).join(", ") + more;
}
