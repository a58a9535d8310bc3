import type { Finding } from "../patch.ts";
import type { Secret } from "../secret.ts";
import { findLeaks, type Leak } from "../secrets/find-leaks.ts";
import { finding } from "./finding.ts";

/** One shared list, because the search caches what it prepares for each list. */
const NO_SECRETS: readonly Secret[] = [];

/** In a text file larger than this only the changed lines are searched: the agent did not write what the base holds. */
const MAX_WHOLE_BYTES = 4 * 1024 * 1024;

export interface SecretSearch {
  readonly secrets: readonly Secret[];
  readonly path: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Lines that the patch adds and removes; undefined for a binary file, which is searched as a whole. */
  readonly lines: { readonly added: string; readonly removed: string } | undefined;
}

/**
 * Secrets that a file has now and did not have at the base. Secret formats count only in added lines: what the base holds is already
 * published.
 */
export function checkSecrets({ secrets, path, before, after, lines }: SecretSearch): readonly Finding[] {
  const leaks = findNew({ secrets, before, after, lines });
  return onePerName(leaks).map((leak) => leakFinding(leak, path));
}

function findNew({ secrets, before, after, lines }: Omit<SecretSearch, "path">): readonly Leak[] {
  if (before.length === 0 || lines === undefined) return newLeaks(findLeaks(after, secrets), () => findLeaks(before, secrets));
  if (after.length > MAX_WHOLE_BYTES)
    return withoutLines(newLeaks(findLeaks(lines.added, secrets), () => findLeaks(lines.removed, secrets)));
  const own = newLeaks(findLeaks(after, secrets), () => findLeaks(before, secrets)).filter(({ kind }) => kind !== "shape");
  const shapes = newLeaks(findLeaks(lines.added, NO_SECRETS), () => findLeaks(lines.removed, NO_SECRETS)).filter(
    ({ kind }) => kind === "shape",
  );
  return [...own, ...withoutLines(shapes)];
}

/** A line number among the added lines is not a line number of the file. */
function withoutLines(leaks: readonly Leak[]): readonly Leak[] {
  return leaks.map(({ line: _among, ...leak }) => leak);
}

/** Secrets in what is published along with the patch: title, body, message, comment, names of files. */
export function checkText(name: string, text: string, secrets: readonly Secret[]): readonly Finding[] {
  return onePerName(findLeaks(text, secrets)).map((leak) => ({
    ...leakFinding(leak, undefined),
    reason: `The ${name} carries ${describe(leak)}.`,
  }));
}

/** The first spelling found; the others are the same secret again. */
function onePerName(leaks: readonly Leak[]): readonly Leak[] {
  return [...new Map(leaks.toReversed().map((leak) => [`${leak.kind} ${leak.name}`, leak])).values()].toReversed();
}

function newLeaks(now: readonly Leak[], readBefore: () => readonly Leak[]): readonly Leak[] {
  if (now.length === 0) return [];
  const before = new Map(readBefore().map((leak) => [`${leak.kind}\n${leak.name}\n${leak.form}`, leak.hits]));
  return now.filter((leak) => leak.hits > (before.get(`${leak.kind}\n${leak.name}\n${leak.form}`) ?? 0));
}

function leakFinding(leak: Leak, path: string | undefined): Finding {
  const line = leak.line === undefined ? "" : `, line ${leak.line}`;
  return finding({
    code: leak.kind === "unsearched" ? "unsearched" : "secret",
    ...(path === undefined ? {} : { path }),
    reason: `The file carries ${describe(leak)}${line}.`,
  });
}

function describe({ kind, name, form }: Leak): string {
  if (kind === "unsearched") return "more packed data than can be searched for secrets";
  const spelled = form === "raw" ? "" : ` (${form})`;
  return kind === "own" ? `the run's own secret \`${name}\`${spelled}` : `what looks like a credential: ${name}${spelled}`;
}
