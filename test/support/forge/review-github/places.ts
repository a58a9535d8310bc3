import { execFileSync } from "node:child_process";
import type { ReviewGithubOptions } from "./state.ts";

/** Lines that GitHub takes a comment on, by side: those of the hunks. Reads git's hunk headers only, so that it shares nothing with what it checks. */
export function commentable(
  options: Pick<ReviewGithubOptions, "directory" | "base">,
  head: string,
  path: string,
  side: string,
): readonly (readonly [number, number])[] {
  const diff = git(options.directory, ["diff", "-M", `${options.base}...${head}`]);
  const part = diff
    .split(/^diff --git /m)
    .find(
      (text) =>
        text.includes(`+++ b/${path}\n`) ||
        text.includes(`rename to ${path}\n`) ||
        (text.includes("+++ /dev/null") && text.includes(`--- a/${path}\n`)),
    );
  return [...(part ?? "").matchAll(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm)].map(([, left, lefts = "1", right, rights = "1"]) =>
    side === "LEFT" ? [Number(left), Number(left) + Number(lefts) - 1] : [Number(right), Number(right) + Number(rights) - 1],
  );
}

export function git(cwd: string, args: readonly string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
}
