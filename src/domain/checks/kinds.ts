import type { Change, Finding } from "../patch.ts";
import { foldPath } from "../paths/fold.ts";
import type { TreeContext } from "./context.ts";
import { finding, quoteName } from "./finding.ts";
import { isNamed } from "./paths.ts";

/** Links redirect reads and writes: refused unless named, and always refused if the target is outside the tree or in `.git`. */
export function checkLinks({ patch, settings, linkTargets, linkEscapes }: TreeContext): readonly Finding[] {
  return patch.changes.flatMap((change) => {
    if (change.after?.mode !== "120000") return [];
    const target = linkTargets.get(change.path) ?? "";
    const leak = linkEscape(change.path, target) ?? linkEscapes.get(change.path);
    if (leak === undefined && isNamed(change, settings)) return [];
    return finding({
      code: leak === undefined ? "link" : "link-escape",
      path: change.path,
      reason: `It is a symbolic link to ${quoteName(target)}${leak === undefined ? "" : `, which ${leak}`}.`,
    });
  });
}

function linkEscape(path: string, target: string): string | undefined {
  if (target === "" || target.includes("\0")) return "is no path";
  if (/^(?:[/\\]|[a-z]:)/i.test(target)) return "is an absolute path";
  if (foldPath(path).at(-1) === "head" && /^refs\//.test(target)) return "makes its directory a git repository of its own";
  const names = resolveTarget(path, target);
  if (names === undefined) return "is outside the repository";
  return foldPath(names.join("/")).includes(".git") ? "is inside git's own directory" : undefined;
}

/** The components that a relative target leads to; undefined if it leaves the tree on the way. */
function resolveTarget(path: string, target: string): readonly string[] | undefined {
  const names = path.split("/").slice(0, -1);
  for (const name of target.split(/[/\\]/)) {
    if (name === "..") {
      if (names.pop() === undefined) return undefined;
    } else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

/** Submodules fetch code from elsewhere. */
export function checkSubmodules({ patch, settings }: TreeContext): readonly Finding[] {
  return patch.changes
    .filter((change) => (change.before?.mode === "160000" || change.after?.mode === "160000") && !isNamed(change, settings))
    .map(({ path, kind }) =>
      finding({
        code: "submodule",
        path,
        reason: `The submodule, or a repository inside the repository, is ${kind}.`,
      }),
    );
}

const TYPES = { "100644": "file", "100755": "file", "120000": "link", "160000": "submodule" } as const;

/** A file that becomes a link, a link that becomes a submodule, and so on. */
export function checkTypeChanges({ patch, settings }: TreeContext): readonly Finding[] {
  return patch.changes.flatMap((change) => {
    const { before, after, path } = change;
    if (before === undefined || after === undefined || TYPES[before.mode] === TYPES[after.mode] || isNamed(change, settings)) return [];
    return finding({
      code: "type-change",
      path,
      reason: `A ${TYPES[before.mode]} becomes a ${TYPES[after.mode]}.`,
    });
  });
}

/** The executable bit, set or cleared; listed so that a reader sees it. */
export function checkModes({ patch }: TreeContext): readonly Finding[] {
  return patch.changes.flatMap((change) => {
    const reason = modeReason(change);
    if (reason === undefined) return [];
    return finding({ code: "mode", path: change.path, reason });
  });
}

function modeReason({ before, after }: Change): string | undefined {
  if (after?.mode === "100755" && before === undefined) return "The new file is executable.";
  if (after?.mode === "100755" && before?.mode === "100644") return "The file becomes executable.";
  if (after?.mode === "100644" && before?.mode === "100755") return "The file is not executable any more.";
  return undefined;
}
