import type { Finding } from "../patch.ts";
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

/** A bare repository inside the tree: git runs its configuration for whoever enters the directory. */
export function checkNestedRepository({ change, after }: FileContext): readonly Finding[] {
  if (change.after === undefined || !/(?:^|\/)(?:HEAD|gitdir|commondir)$/i.test(change.path)) return [];
  if (!/^(?:ref: refs\/|[0-9a-f]{40}\s*$|\.\.?\/|\/)/.test(after)) return [];
  return [
    finding({
      code: "nested-repository",
      path: change.path,
      reason: "The file makes its directory a git repository of its own.",
    }),
  ];
}
