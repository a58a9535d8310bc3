import type { Change, Finding, Severity } from "../patch.ts";
import { foldPath } from "../paths/fold.ts";
import { isAllowed, isProtected, protectedReason } from "../paths/protected.ts";
import type { GateSettings } from "../settings.ts";
import type { TreeContext } from "./context.ts";
import { finding, quoteName } from "./finding.ts";

const MAX_NAMED = 50;
/** Device names and characters that Windows does not allow in a file name. */
const UNPORTABLE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[<>:"|?*\\]|[. ]$/i;

/** Paths that change what runs or who reviews, by either end of a rename: a removal counts like an addition. */
export function checkProtectedPaths({ patch, settings }: TreeContext): readonly Finding[] {
  const severity = protectedSeverity(settings);
  return patch.changes
    .filter(({ path }) => isProtected(path) || isProtected(path, settings.protectedPaths))
    .map(({ path, kind }) =>
      finding({
        code: "protected-path",
        severity,
        path,
        reason: `The file is ${kind}, and it is protected: ${protectedReason(path) ?? "a pattern of `protected-paths` names it"}.`,
      }),
    );
}

function protectedSeverity({ onProtected }: GateSettings): Severity {
  if (onProtected === "allow") return "notice";
  return onProtected === "draft" ? "draft" : "refuse";
}

export function checkAllowedPaths({ patch, settings }: TreeContext): readonly Finding[] {
  if (settings.allowedPaths.length === 0) return [];
  return patch.changes
    .filter(({ path }) => !isAllowed(path, settings.allowedPaths))
    .map(({ path, kind }) =>
      finding({
        code: "path-not-allowed",
        path,
        reason: `The file is ${kind}, and no pattern of \`allowed-paths\` names it.`,
      }),
    );
}

/** Names that git refuses to store in a tree; the rest of the patch was judged without them. */
export function checkUnrepresentable({ patch }: TreeContext): readonly Finding[] {
  const rest = patch.unrepresentable.length - MAX_NAMED;
  const more = rest > 0 ? [`${rest} more`] : [];
  return [...patch.unrepresentable.slice(0, MAX_NAMED), ...more].map((shown) => ({
    ...finding({ code: "unrepresentable-path", reason: "The agent left a path that no git tree may hold on every platform." }),
    // Made visible already.
    path: shown,
  }));
}

/** Names that mislead a reader, leave the tree on Windows, or cannot be checked out there. */
export function checkOddNames({ patch }: TreeContext): readonly Finding[] {
  return patch.changes
    .filter(({ after, before }) => after !== undefined && before === undefined)
    .flatMap(({ path }) => oddName(path) ?? []);
}

function oddName(path: string): Finding | undefined {
  if (foldPath(path).includes("..")) {
    return finding({
      code: "path-traversal",
      path,
      reason: "On some file system the name leads out of the tree.",
    });
  }
  if (/\p{Cc}|\p{DI}|\p{Bidi_C}/u.test(path)) {
    return finding({ code: "odd-path", path, reason: "The name has control or invisible characters." });
  }
  if (path.split("/").some((name) => UNPORTABLE.test(name))) {
    return finding({ code: "unportable-path", path, reason: "The name cannot be checked out on Windows." });
  }
  return undefined;
}

/** Two paths that become one on a file system that folds case or normal forms: one hides the other. */
export function checkCollisions({ collisions }: TreeContext): readonly Finding[] {
  return collisions.map((group) =>
    finding({
      code: "path-collision",
      path: group[0] ?? "",
      reason: `Some file systems take it for ${group.slice(1, 4).map(quoteName).join(", ")}.`,
    }),
  );
}

/** True when a line of `allowed-paths` names exactly this path, without wildcards. */
export function isNamed(change: Change, settings: GateSettings): boolean {
  return settings.allowedPaths.some((line) => line.trim().replace(/^\//, "") === change.path);
}
