import type { Command, ExecResult, Sandbox } from "../../../src/ports/sandbox.ts";
import type { LawContext } from "./law.ts";

export const MIB = 1024 * 1024;

/** Runs a command with the subject's environment and generous limits. */
export function run(sandbox: Sandbox, context: LawContext, argv: readonly string[], changes: Partial<Command> = {}): Promise<ExecResult> {
  return sandbox.exec(command(context, argv, changes));
}

export function command(context: LawContext, argv: readonly string[], changes: Partial<Command> = {}): Command {
  return {
    argv,
    cwd: "/",
    env: context.subject.env,
    timeoutMs: 45_000 + 3_000 * context.subject.slowness,
    maxOutputBytes: MIB,
    ...changes,
  };
}

/** Runs shell lines and expects them to succeed; returns what they print. */
export async function shell(sandbox: Sandbox, context: LawContext, script: string, changes: Partial<Command> = {}): Promise<string> {
  const result = await run(sandbox, context, ["/bin/sh", "-eu", "-c", script], changes);
  if (result.code !== 0) throw new Error(`ended with ${result.code ?? result.signal}: ${text(result.stderr)}`);
  return text(result.stdout);
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** How many processes whose command line holds `marker` are alive in the sandbox; the asking ones do not name it. */
export async function countProcesses(sandbox: Sandbox, context: LawContext, marker: string): Promise<number> {
  await sandbox.writeFiles([{ path: "/tmp/marker", content: Buffer.from(`${marker}\n`) }]);
  const script = "grep -lsaF -f /tmp/marker /proc/[0-9]*/cmdline | wc -l";
  return Number((await shell(sandbox, context, script, { user: "root" })).trim());
}
