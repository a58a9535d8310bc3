import { Buffer } from "node:buffer";
import { abandonOnAbort, type Deadline, withAbortReason } from "../domain/deadline.ts";
import type { Patch } from "../domain/patch.ts";
import { GUEST_ENV } from "../domain/sandbox/env.ts";
import type { Repository } from "../ports/repository.ts";
import type { Sandbox, SandboxProvider, SandboxSpec } from "../ports/sandbox.ts";

const OUTPUT_BYTES = 1 << 20;
const TAIL_CHARS = 8_000;

export interface VerifyOptions {
  readonly provider: SandboxProvider;
  readonly repository: Repository;
  readonly spec: SandboxSpec;
  readonly patch: Patch;
  /** Shell lines from the workflow, never from the patch. */
  readonly commands: string;
  /** Applies from the sandbox's creation to the last command: together they have the rest of the run's time. */
  readonly deadline: Deadline;
  /** Called as soon as the sandbox stands. */
  readonly onCreated: (sandbox: Sandbox) => void;
}

export interface Verification {
  /** Id of the sandbox. */
  readonly sandbox: string;
  readonly passed: boolean;
  /** null when a signal ended the commands. */
  readonly exitCode: number | null;
  /** The end of what the commands printed; raw guest text. */
  readonly output: string;
  /** The agent's next prompt, if the commands failed. */
  readonly followUp: string;
}

/**
 * Verifies the patch in a fresh sandbox that has no gateway at all: no key, no network, and of the agent only its tree (I21).
 * @throws AirlockError why the run ended meanwhile; by then the sandbox is gone
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { repository, patch, deadline } = options;
  const commit = await repository.commitTree(patch.tree, patch.baseSha);
  await using sandbox = await withAbortReason(deadline.signal, options.provider.create(options.spec));
  options.onCreated(sandbox);
  const argv = ["/bin/bash", "-euo", "pipefail", "-c", options.commands];
  const result = await abandonOnAbort(deadline.signal, async () => {
    await sandbox.plant(repository.pack(commit), commit);
    return await sandbox.exec({ argv, env: GUEST_ENV, timeoutMs: deadline.leftMs(), maxOutputBytes: OUTPUT_BYTES });
  });
  if (result.timedOut) throw deadline.expired();
  const output = tail(`${Buffer.from(result.stdout).toString("utf8")}\n${Buffer.from(result.stderr).toString("utf8")}`);
  const how = result.signal ?? `exit code ${result.code}`;
  const followUp = `The commands that judge this change ended with ${how} in a fresh copy of the repository. Correct the change. Their last output:\n\n${output}`;
  return { sandbox: sandbox.id, passed: result.code === 0, exitCode: result.code, output, followUp };
}

function tail(text: string): string {
  const trimmed = text.trim();
  return trimmed.length <= TAIL_CHARS ? trimmed : `…${trimmed.slice(-TAIL_CHARS)}`;
}
