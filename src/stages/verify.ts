import { Buffer } from "node:buffer";
import { abandonOnAbort, type Deadline } from "../domain/deadline.ts";
import { GUEST_ENV } from "../domain/sandbox/env.ts";
import { type CommandRun, readRun } from "../domain/verification/command-run.ts";
import { isAuto, READ_FOR_TESTS, resolveVerify } from "../domain/verification/test-command.ts";
import type { Repository } from "../ports/repository.ts";
import type { ExecResult, Sandbox } from "../ports/sandbox.ts";

const OUTPUT_BYTES = 8 << 20;
const MAX_MANIFEST_BYTES = 1 << 20;

export interface JudgeOptions {
  /** Closed, with the tree that is judged in `/work`. */
  readonly sandbox: Sandbox;
  /** Shell lines from the workflow or the base, never from the patch. */
  readonly commands: string;
  /** Over the guest's own. */
  readonly env: Readonly<Record<string, string>> | undefined;
  /** The commands have the rest of the run's time. */
  readonly deadline: Deadline;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Runs the commands that judge a tree, without key and network (I21). That they fail is a result.
 * @throws AirlockError why the run ended meanwhile
 */
export async function judgeTree({ sandbox, commands, env, deadline, now }: JudgeOptions): Promise<CommandRun> {
  // One stream, so that the last lines are the last ones; the inner shell keeps the line numbers of the input.
  const argv = ["/bin/bash", "-c", 'exec /bin/bash -euo pipefail -c "$1" 2>&1', "verify", commands];
  const startedAtMs = now();
  const exec = (): Promise<ExecResult> =>
    sandbox.exec({ argv, env: { ...GUEST_ENV, ...env }, timeoutMs: deadline.leftMs(), maxOutputBytes: OUTPUT_BYTES });
  const result = await abandonOnAbort(deadline.signal, exec);
  if (result.timedOut) throw deadline.expired();
  return readRun(result, now() - startedAtMs);
}

/** The shell lines that `verify` stands for at this commit; empty: nothing can be verified. */
export async function findCommands(verify: string, repository: Repository, commit: string): Promise<string> {
  return resolveVerify(verify, isAuto(verify) ? await readRoot(repository, commit) : new Map());
}

/** The names at the root, with the text of the manifests among them. One that is too large or unreadable has none. */
async function readRoot(repository: Repository, commit: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for await (const path of repository.readPaths(await repository.readTree(commit))) {
    const [name = "", below] = path.split("/", 2);
    if (below === undefined) files.set(name, "");
    else files.set(`${name}/`, "");
  }
  for (const name of READ_FOR_TESTS.filter((file) => files.has(file))) {
    const bytes = await repository.readPath(commit, name, MAX_MANIFEST_BYTES).catch(() => undefined);
    if (bytes !== undefined) files.set(name, Buffer.from(bytes).toString("utf8"));
  }
  return files;
}
