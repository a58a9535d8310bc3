import { Buffer } from "node:buffer";
import { abandonOnAbort, type Deadline, withAbortReason } from "../domain/deadline.ts";
import { AirlockError } from "../domain/errors.ts";
import { judgeBoundary } from "../domain/sandbox/boundary-proof.ts";
import { GUEST_ENV } from "../domain/sandbox/env.ts";
import type { Gateway, Tunnel } from "../ports/gateway.ts";
import type { Repository } from "../ports/repository.ts";
import type { ExecResult, ProbeAttempt, Sandbox, SandboxProvider, SandboxSpec } from "../ports/sandbox.ts";

const PROBE_TIMEOUT_MS = 5_000;
const LOOK_TIMEOUT_MS = 60_000;
const SETUP_OUTPUT_BYTES = 1 << 20;
/** Reserved by RFC 6761: no policy can name it, so the gateway must refuse it. */
const DENIED_HOST = "denied.invalid";

export interface OpenSandboxOptions {
  readonly provider: SandboxProvider;
  readonly gateway: Gateway;
  readonly repository: Repository;
  readonly spec: SandboxSpec;
  /** Commit that becomes `/work`; already in the repository. */
  readonly commit: string;
  readonly attachments: readonly { readonly path: string; readonly content: Uint8Array }[];
  /** Called as soon as the sandbox stands. */
  readonly onCreated: (sandbox: Sandbox) => void;
  /** Called as soon as the result of the boundary's proof is known. */
  readonly onProof: (sandbox: Sandbox, attempts: readonly ProbeAttempt[], proved: boolean) => void;
}

/**
 * Opens a sandbox whose only way out is the gateway, proved from inside, with the pinned commit in `/work`. If anything fails, nothing is
 * left behind.
 * @throws AirlockError `sandbox.*`, `egress.unproved`, and why `spec.signal` aborted
 */
export async function openSandbox(options: OpenSandboxOptions): Promise<OpenedSandbox> {
  await using opened = new AsyncDisposableStack();
  const sandbox = opened.use(await withAbortReason(options.spec.signal, options.provider.create(options.spec)));
  options.onCreated(sandbox);
  const tunnel = options.gateway.openTunnel({ sandbox, phase: "proof" });
  await abandonOnAbort(options.spec.signal, () => furnish({ sandbox, tunnel }, options));
  opened.move();
  return { sandbox, tunnel };
}

/** A sandbox, and its way out. */
export interface OpenedSandbox {
  readonly sandbox: Sandbox;
  readonly tunnel: Tunnel;
}

async function furnish({ sandbox, tunnel }: OpenedSandbox, options: OpenSandboxOptions): Promise<void> {
  await sandbox.openRelay(tunnel.listeners);
  await proveBoundary({ sandbox, tunnel }, options);
  await sandbox.plant(options.repository.pack(options.commit), options.commit);
  const attachments = options.attachments.map(({ path, content }) => ({
    path: `/work/.airlock/${path}`,
    content,
    owner: "agent" as const,
  }));
  await sandbox.writeFiles(attachments);
  await writeGatewayFiles(sandbox, options.gateway);
}

/** Writes the certificates of the run's authority and the tools' settings. An optional file that this guest cannot write is left out. */
async function writeGatewayFiles(sandbox: Sandbox, { files }: Gateway): Promise<void> {
  const kept = files.filter(({ keep }) => keep === true).map(({ path }) => path);
  const present = kept.length === 0 ? [] : await findPresent(sandbox, kept);
  for (const { path, content, optional, owner = "root" } of files) {
    if (present.includes(path)) continue;
    const writing = sandbox.writeFiles([{ path, content, owner }]);
    await (optional === true ? writing.catch(() => undefined) : writing);
  }
}

/** Which of the paths the image has already, whatever it is that lies there. */
async function findPresent(sandbox: Sandbox, paths: readonly string[]): Promise<readonly string[]> {
  const script = 'for path; do if [ -e "$path" ]; then echo "$path"; fi; done';
  const argv = ["/bin/sh", "-c", script, "sh", ...paths];
  const { stdout } = await sandbox.exec({ argv, env: GUEST_ENV, timeoutMs: LOOK_TIMEOUT_MS, maxOutputBytes: 1 << 16 });
  return Buffer.from(stdout).toString().split("\n");
}

async function proveBoundary({ sandbox, tunnel }: OpenedSandbox, options: OpenSandboxOptions): Promise<void> {
  const proxyPort = tunnel.listeners.find((listener) => listener.name === "proxy")?.port ?? 0;
  const { attempts } = await sandbox.probe({ deniedHost: DENIED_HOST, proxyPort, timeoutMs: PROBE_TIMEOUT_MS });
  const proof = judgeBoundary(attempts);
  tunnel.enter("sandbox");
  options.onProof(sandbox, attempts, proof.proved);
  if (proof.proved) return;
  throw new AirlockError("egress.unproved", {
    message: `The sandbox's boundary is not proved: ${proof.failures.join("; ")}.`,
    remedy: "Do not run the agent on this provider until its network policy holds. Report the record of this run.",
  });
}

export interface SetupOptions {
  readonly sandbox: Sandbox;
  /** Shell lines; empty: nothing to run. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly deadline: Deadline;
}

/**
 * Runs the `setup` input as the agent's user, before the agent, behind the same gateway.
 * @throws AirlockError `sandbox.setup`, and why the run ended meanwhile
 */
export async function setUp(options: SetupOptions): Promise<void> {
  if (options.script.trim() === "") return;
  const argv = ["/bin/bash", "-euo", "pipefail", "-c", options.script];
  const env = { ...GUEST_ENV, ...options.env };
  const { sandbox, deadline } = options;
  const exec = (): Promise<ExecResult> => sandbox.exec({ argv, env, timeoutMs: deadline.leftMs(), maxOutputBytes: SETUP_OUTPUT_BYTES });
  const result = await abandonOnAbort(deadline.signal, exec);
  if (result.timedOut) throw deadline.expired();
  if (result.code === 0) return;
  const tail = Buffer.from(result.stderr.length > 0 ? result.stderr : result.stdout)
    .toString("utf8")
    .slice(-2_000);
  throw new AirlockError("sandbox.setup", {
    message: `The setup lines ended with ${result.signal ?? `exit code ${result.code}`}. Their last output:\n${tail}`,
    remedy: "Correct the `setup` input. If a download was refused, allow its host with the `allow` input.",
  });
}
