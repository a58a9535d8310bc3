import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { runGit, splitRecords } from "./git.ts";

const TIMEOUT_MS = 30_000;

class TooMany extends Error {}

/**
 * Ignored paths that the agent added to its own index all the same, with `git add --force` or a commit, at most `max` of them; empty if there
 * are more, or if its `.git` cannot be read. The names are the agent's word and may be anything. git runs as the agent's user, because the
 * agent can write everything in there. Paths as latin1 text.
 */
export async function listCommittedIgnored(workDirectory: string, max: number): Promise<ReadonlySet<string>> {
  const gitDirectory = join(workDirectory, ".git");
  const paths = new Set<string>();
  try {
    // git would wait on a pipe.
    for (const name of ["index", "config", "HEAD", "info/exclude"]) if (!(await isFileOrAbsent(join(gitDirectory, name)))) return new Set();
    await runGit({
      args: ["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"],
      cwd: workDirectory,
      env: { GIT_DIR: gitDirectory, GIT_WORK_TREE: workDirectory },
      user: "agent",
      timeoutMs: TIMEOUT_MS,
      onOutput: splitRecords((path) => {
        paths.add(path);
        if (paths.size > max) throw new TooMany();
      }),
    });
    return paths;
  } catch {
    return new Set();
  }
}

async function isFileOrAbsent(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats === undefined || stats.isFile();
}
