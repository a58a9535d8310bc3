import type { Finding } from "../patch.ts";
import { foldPath } from "../paths/fold.ts";
import type { FileContext, TreeContext } from "./context.ts";
import { finding } from "./finding.ts";

const LICENCE = /(?:^|\/)(?:un)?(?:licen[cs]e|copying|copyright|notice|patents|eula)s?(?:[.-][^/]*)?$/i;
const FIELD = /^\s*["']?license["']?\s*[:=]|SPDX-License-Identifier/i;
const MANIFEST = /(?:^|\/)(?:package\.json|composer\.json|Cargo\.toml|pyproject\.toml|setup\.(?:py|cfg)|[^/]+\.gemspec|pom\.xml)$/;

export function checkLicence({ patch }: TreeContext): readonly Finding[] {
  return patch.changes
    .filter(({ path }) => LICENCE.test(path) && !/\.(?:[cm]?[jt]sx?|py|go|rs|java|rb|c|h|cpp|css|html)$/i.test(path))
    .map(({ path, kind }) => finding({ code: "licence", path, reason: `A file about the licence is ${kind}.` }));
}

/** The licence field of a manifest, and licence headers removed from sources. */
export function checkLicenceLines({ change, added, removed }: FileContext): readonly Finding[] {
  const headerGone = removed.some((line) => /SPDX-License-Identifier/i.test(line));
  const fieldChanged = MANIFEST.test(change.path) && change.before !== undefined && [...added, ...removed].some((line) => FIELD.test(line));
  if (change.after === undefined || !(headerGone || fieldChanged)) return [];
  return [finding({ code: "licence", path: change.path, reason: "A statement of the licence changed." })];
}

/**
 * What git takes for a HEAD (`validate_headref` in git's setup.c): `ref:`, white space or none, `refs/`; or an object id in either case,
 * whatever follows it.
 */
const HEAD = /^(?:ref:[ \t\n\r]*refs\/|[0-9a-f]{40})/i;
/** Settings of a repository that run a program, or make it act on another directory (git-config). */
const RUNNING_SETTING = /^[ \t]*(?:fsmonitor|hookspath|sshcommand|gitproxy|worktree|editor|pager|askpass|alternaterefscommand)[ \t]*=/im;

/** A bare repository inside the tree: git runs its configuration for whoever enters the directory. */
export function checkNestedRepository({ change, after }: FileContext): readonly Finding[] {
  const name = foldPath(change.path).at(-1) ?? "";
  if (change.after === undefined || !makesRepository(name, after)) return [];
  return [
    finding({
      code: "nested-repository",
      path: change.path,
      reason: "The file makes its directory a git repository of its own, or says what such a one runs.",
    }),
  ];
}

function makesRepository(name: string, text: string): boolean {
  if (name === "head") return HEAD.test(text);
  if (name === "gitdir" || name === "commondir") return /^(?:\.\.?\/|\/|[a-z]:)/i.test(text) || text.trim() === ".";
  return (name === "config" || name === "config.worktree") && /^\s*\[core\]/im.test(text) && RUNNING_SETTING.test(text);
}
