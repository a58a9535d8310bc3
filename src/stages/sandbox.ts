import { Buffer } from "node:buffer";
import { abandonOnAbort, type Deadline, withAbortReason } from "../domain/deadline.ts";
import { AirlockError } from "../domain/errors.ts";
import { type BoundaryProof, judgeBoundary, judgeClosed } from "../domain/sandbox/boundary-proof.ts";
import { GUEST_ENV } from "../domain/sandbox/env.ts";
import type { Gateway, Phase, PolicyView, Tunnel } from "../ports/gateway.ts";
import type { Repository } from "../ports/repository.ts";
import type { ExecResult, ProbeAttempt, Sandbox, SandboxProvider, SandboxSpec } from "../ports/sandbox.ts";

const PROBE_TIMEOUT_MS = 5_000;
const LOOK_TIMEOUT_MS = 60_000;
const SETUP_OUTPUT_BYTES = 1 << 20;
/** Reserved by RFC 6761: no policy can name it, so the gateway must refuse it. */
const DENIED_HOST = "denied.invalid";
/** Asked for the gateway in a sandbox that has none: tcpmux, which nothing serves. */
const UNUSED_PORT = 1;

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
  readonly onProof: OnProof;
  /** What its way out is for. Absent: all that the run may. */
  readonly view?: PolicyView;
}

type OnProof = (sandbox: Sandbox, attempts: readonly ProbeAttempt[], proved: boolean) => void;

/**
 * Opens a sandbox whose only way out is the gateway, proved from inside, with the pinned commit in `/work`. If anything fails, nothing is
 * left behind.
 * @throws AirlockError `sandbox.*`, `egress.unproved`, and why `spec.signal` aborted
 */
export async function openSandbox(options: OpenSandboxOptions): Promise<OpenedSandbox> {
  await using opened = new AsyncDisposableStack();
  const sandbox = opened.use(await withAbortReason(options.spec.signal, options.provider.create(options.spec)));
  options.onCreated(sandbox);
  const tunnel = options.gateway.openTunnel({ sandbox, phase: "proof", ...(options.view === undefined ? {} : { view: options.view }) });
  await abandonOnAbort(options.spec.signal, () => furnish({ sandbox, tunnel }, options));
  opened.move();
  return { sandbox, tunnel };
}

/**
 * Opens a sandbox that never had a way out, with the pinned commit in `/work`. If anything fails, nothing is left behind.
 * @throws AirlockError `sandbox.*`, and why `spec.signal` aborted
 */
export async function openWithoutWayOut(
  options: Pick<OpenSandboxOptions, "provider" | "repository" | "spec" | "commit" | "onCreated">,
): Promise<Sandbox> {
  await using opened = new AsyncDisposableStack();
  const sandbox = opened.use(await withAbortReason(options.spec.signal, options.provider.create(options.spec)));
  options.onCreated(sandbox);
  await abandonOnAbort(options.spec.signal, () => sandbox.plant(options.repository.pack(options.commit), options.commit));
  opened.move();
  return sandbox;
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
  const attempts = await tryWaysOut({ sandbox, tunnel });
  const proof = judgeBoundary(attempts);
  tunnel.enter("sandbox");
  options.onProof(sandbox, attempts, proof.proved);
  requireProved(proof, "boundary is not proved");
}

async function tryWaysOut({ sandbox, tunnel }: Closing): Promise<readonly ProbeAttempt[]> {
  const proxyPort = tunnel?.listeners.find((listener) => listener.name === "proxy")?.port ?? UNUSED_PORT;
  const { attempts } = await sandbox.probe({ deniedHost: DENIED_HOST, proxyPort, timeoutMs: PROBE_TIMEOUT_MS });
  return attempts;
}

function requireProved({ proved, failures }: BoundaryProof, what: string): void {
  if (proved) return;
  throw new AirlockError("egress.unproved", {
    message: `The sandbox's ${what}: ${failures.join("; ")}.`,
    remedy: "Do not run the agent on this provider until its network policy holds. Report the record of this run.",
  });
}

interface Closing {
  readonly sandbox: Sandbox;
  /** Undefined: the sandbox never had a way out. */
  readonly tunnel: Tunnel | undefined;
}

/**
 * Closes a sandbox's way out on both sides, ends every process that was started in it, and has it proved from inside that nothing is open
 * (I21).
 * @throws AirlockError `egress.unproved`, `sandbox.lost`, and why `signal` aborted
 */
export async function closeSandbox(
  closing: Closing,
  { signal, onProof }: { readonly signal: AbortSignal; readonly onProof: OnProof },
): Promise<void> {
  const { sandbox, tunnel } = closing;
  tunnel?.close();
  const attempts = await abandonOnAbort(signal, async () => {
    if (tunnel !== undefined) await sandbox.closeRelay();
    return await tryWaysOut(closing);
  });
  const proof = judgeClosed(attempts);
  onProof(sandbox, attempts, proof.proved);
  requireProved(proof, "way out is not proved closed");
}

export interface ReopenOptions {
  readonly sandbox: Sandbox;
  readonly gateway: Gateway;
  readonly view: PolicyView;
  readonly phase: Phase;
  readonly signal: AbortSignal;
}

/** Opens the way out of a closed sandbox once more. */
export async function reopenSandbox({ sandbox, gateway, view, phase, signal }: ReopenOptions): Promise<Tunnel> {
  const tunnel = gateway.openTunnel({ sandbox, phase, view });
  await abandonOnAbort(signal, () => sandbox.openRelay(tunnel.listeners));
  return tunnel;
}

export interface SetupOptions {
  readonly sandbox: Sandbox;
  /** Shell lines; empty: nothing to run. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly deadline: Deadline;
}

/**
 * Runs the `setup` input as the agent's user, behind the gateway. A non-zero exit is a result.
 * @throws AirlockError why the run ended meanwhile
 */
export async function runSetup({ sandbox, script, env, deadline }: SetupOptions): Promise<ExecResult> {
  const argv = ["/bin/bash", "-euo", "pipefail", "-c", script];
  const exec = (): Promise<ExecResult> =>
    sandbox.exec({ argv, env: { ...GUEST_ENV, ...env }, timeoutMs: deadline.leftMs(), maxOutputBytes: SETUP_OUTPUT_BYTES });
  const result = await abandonOnAbort(deadline.signal, exec);
  if (result.timedOut) throw deadline.expired();
  return result;
}

/** Where what set-up made in the work tree is listed; nothing but set-up ran in the sandbox until then. */
const MADE = "/tmp/airlock-made";
const LIST_MADE = `git ls-files -z --others --directory > ${MADE}`;
const LOOK_FOR_MADE = `while IFS= read -r -d '' path; do [ -e "$path" ] || [ -L "$path" ] || exit 3; done < ${MADE}`;
const LOST_STATUS = 3;

/** Remembers what set-up made in the work tree beside what git tracks. */
export async function rememberMade(sandbox: Sandbox, deadline: Deadline): Promise<void> {
  await runQuietly(sandbox, LIST_MADE, deadline);
}

/** Whether something of it is gone: a tree that does not ignore it was put in the place of the one that was set up. */
export async function hasLostMade(sandbox: Sandbox, deadline: Deadline): Promise<boolean> {
  return (await runQuietly(sandbox, LOOK_FOR_MADE, deadline)).code === LOST_STATUS;
}

async function runQuietly(sandbox: Sandbox, script: string, { signal, leftMs }: Deadline): Promise<ExecResult> {
  const argv = ["/bin/bash", "-c", script];
  return await abandonOnAbort(signal, () => sandbox.exec({ argv, env: GUEST_ENV, timeoutMs: leftMs(), maxOutputBytes: 0 }));
}

/**
 * Runs the `setup` input before the agent, who needs it to have worked.
 * @throws AirlockError `sandbox.setup`, and why the run ended meanwhile
 */
export async function setUp(options: SetupOptions): Promise<void> {
  if (options.script.trim() === "") return;
  const result = await runSetup(options);
  if (result.code === 0) return;
  const tail = Buffer.from(result.stderr.length > 0 ? result.stderr : result.stdout)
    .toString("utf8")
    .slice(-2_000);
  throw new AirlockError("sandbox.setup", {
    message: `The setup lines ended with ${result.signal ?? `exit code ${result.code}`}. Their last output:\n${tail}`,
    remedy: "Correct the `setup` input. If a download was refused, allow its host with the `allow` input.",
  });
}
