import type { FindingCode } from "../findings.ts";
import type { Finding } from "../patch.ts";
import type { FileContext } from "./context.ts";
import { finding, quoteName } from "./finding.ts";
import { type Locked, readLocked } from "./locked.ts";

const LOCKFILE =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|deno\.lock|Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|go\.sum|Gemfile\.lock|composer\.lock|packages\.lock\.json|mix\.lock|pubspec\.lock|Podfile\.lock|Package\.resolved|flake\.lock|gradle\.lockfile|verification-metadata\.xml|requirements[^/]*\.txt)$/;
const ADDRESS =
  /\b(?:https?|git|ssh|ftp|file|git\+[a-z]+|registry\+https?|sparse\+https?):\/\/(?:[^@/\s"']{0,200}@)?([^/:\s"'#?)]{0,253})/gi;
const MAX_LISTED = 10;

/** Nobody reads a lockfile, yet it decides which bytes are installed: another registry, another hash for the same version, plain http. */
export function checkLockfiles(context: FileContext): readonly Finding[] {
  const { change, before, after } = context;
  if (!LOCKFILE.test(change.path) || change.after === undefined) return [];
  const old = readLocked(change.path, before);
  const now = readLocked(change.path, after);
  return [...hostFindings(context), ...swapFindings(change.path, old, now), ...nameFindings(change.path, now), changed(change.path)];
}

function changed(path: string): Finding {
  return finding({
    code: "lockfile",
    path,
    reason: "The locked dependencies changed.",
  });
}

function hostFindings({ change, before, added }: FileContext): readonly Finding[] {
  const known = new Set(Array.from(before.matchAll(ADDRESS), ([, host]) => host?.toLowerCase()));
  const addresses = added.flatMap((line) => Array.from(line.matchAll(ADDRESS)));
  const hosts = new Set(addresses.map(([, host]) => host?.toLowerCase() ?? "").filter((host) => !known.has(host)));
  const plain = addresses.find(([address]) => /^(?:http|ftp|git|file|git\+http|registry\+http):/i.test(address));
  const findings: Finding[] = [];
  if (change.before !== undefined && hosts.size > 0)
    findings.push(
      found("lockfile-registry", change.path, `Packages now come from ${list([...hosts])}, which the file did not name before.`),
    );
  if (plain !== undefined)
    findings.push(
      found("lockfile-registry", change.path, `A package comes from ${quoteName(plain[0])}, which nothing protects on its way.`),
    );
  return findings;
}

/** The same package in the same version with another hash is another package. */
function swapFindings(path: string, old: ReadonlyMap<string, Locked>, now: ReadonlyMap<string, Locked>): readonly Finding[] {
  const swapped: string[] = [];
  const stripped: string[] = [];
  for (const [id, { name, hashes }] of now) {
    if (id === `${name}@` && !name.includes("@", 1)) continue;
    const before = old.get(id)?.hashes ?? new Set();
    if (before.size > 0 && hashes.size === 0) stripped.push(id);
    if (isSwap(before, hashes)) swapped.push(id);
  }
  const findings: Finding[] = [];
  if (swapped.length > 0)
    findings.push(found("lockfile-integrity", path, `The hash of ${list(swapped)} changed while the version did not.`));
  if (stripped.length > 0)
    findings.push(finding({ code: "lockfile-integrity", severity: "draft", path, reason: `The hash of ${list(stripped)} is gone.` }));
  return findings;
}

/** A hash was replaced by another of the same algorithm. A stronger algorithm in place of a weaker one is not a swap. */
function isSwap(before: ReadonlySet<string>, after: ReadonlySet<string>): boolean {
  return [...before].some(
    (hash) => !after.has(hash) && [...after].some((other) => !before.has(other) && algorithm(other) === algorithm(hash)),
  );
}

function algorithm(hash: string): string {
  return /^[a-z]+\d*/i.exec(hash)?.[0].toLowerCase() ?? "";
}

/** The tarball's address names another package than the entry. */
function nameFindings(path: string, now: ReadonlyMap<string, Locked>): readonly Finding[] {
  const wrong: string[] = [];
  for (const [id, { name, source }] of now) {
    const [, shown] = /\/((?:@[^/]+\/|%40[^/]+(?:\/|%2f))?[^/@]+)\/-\/[^/]+\.tgz/i.exec(source) ?? [];
    if (shown !== undefined && name !== "" && decodeName(shown) !== name) wrong.push(id);
  }
  return wrong.length === 0 ? [] : [found("lockfile-source", path, `The address of ${list(wrong)} belongs to a package of another name.`)];
}

function decodeName(text: string): string {
  return text.replace(/%40/i, "@").replace(/%2f/i, "/");
}

function list(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : "";
  return names.slice(0, MAX_LISTED).map(quoteName).join(", ") + more;
}

function found(code: FindingCode, path: string, reason: string): Finding {
  return finding({ code, path, reason });
}
