import type { Duplex, Readable } from "node:stream";
import type { Room } from "../domain/sandbox/shares.ts";

/** Who rents or boots sandboxes. */
export interface SandboxProvider {
  /** Its word of the input `provider`. */
  readonly name: string;
  /** Laws of the contract suite that this provider cannot keep, with the reason; shown in docs/providers.md. */
  readonly gaps: readonly Gap[];
  /** What the machine has for the sandboxes of a run together, now; undefined: they take nothing from each other. */
  room(): Promise<Room | undefined>;
  /**
   * Starts a sandbox that has no network except its two byte streams.
   * @throws AirlockError `sandbox.*`, and why `spec.signal` aborted. Nothing is left behind if it throws.
   */
  create(spec: SandboxSpec): Promise<Sandbox>;
  /** Ids of the sandboxes that carry this run's label; only our own. */
  findByRun(run: RunLabel): Promise<readonly string[]>;
  /** Destroys by id. It is not an error if the sandbox is gone. */
  destroy(id: string): Promise<void>;
  /** Destroys our own sandboxes whose deadline has passed; returns their ids. `nowMs`: since the epoch. */
  sweep(nowMs: number): Promise<readonly string[]>;
}

export interface Gap {
  /** Id of the law in test/contract. */
  readonly law: string;
  readonly reason: string;
}

/** Names the run on each of its sandboxes, so that the post step and later runs can find them. */
export interface RunLabel {
  /** `owner/name`. */
  readonly repository: string;
  readonly runId: string;
  readonly attempt: number;
}

/** `agent`: the agent works in it. `verify`: the patch is judged. `evidence`: a finding's command is run again. */
export type SandboxPurpose = "agent" | "verify" | "evidence";

export interface SandboxSpec {
  readonly run: RunLabel;
  /** What it is for; part of the label. */
  readonly purpose: SandboxPurpose;
  /** Empty: the provider's default. */
  readonly template: string;
  /** 0: the provider's default. */
  readonly cpus: number;
  /** 0: the provider's default. */
  readonly memoryMib: number;
  /** After this the provider destroys the sandbox by itself, whatever happens to Airlock. */
  readonly lifetimeMs: number;
  /** Read-only trees made on the runner. */
  readonly layers: readonly Layer[];
  /**
   * Aborts the creation, which then throws the signal's reason if that is an AirlockError. A sandbox that is already running is not
   * affected.
   */
  readonly signal: AbortSignal;
  /** One line for the log, for example that software emulation is used. */
  readonly notify: (line: string) => void;
}

/** A directory of the runner that the sandbox sees read-only. */
export interface Layer {
  /** `[a-z0-9-]`, for example `claude-code`. */
  readonly name: string;
  /** Absolute path on the runner. */
  readonly directory: string;
  /** Absolute path in the sandbox. */
  readonly mountPath: string;
  /** sha256 in hex of the directory's contents; the cache key. */
  readonly digest: string;
}

/** What is known about a sandbox, for the record (I22). */
export interface SandboxFacts {
  /** The provider's name. */
  readonly provider: string;
  /** For example `kvm`, `software emulation`, `firecracker`. */
  readonly isolation: string;
  /** Versions and digests by name: `qemu`, `kernel`, `image`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A running sandbox. Disposing destroys it; disposing again has no effect. */
export interface Sandbox extends AsyncDisposable {
  readonly id: string;
  readonly facts: SandboxFacts;
  /** Carries the relay's HTTP/2 session; the guest is the client. Handed to the gateway. */
  readonly egress: Duplex;
  /**
   * Opens the relay's loopback listeners in the guest, after the gateway holds `egress`. Once they are closed it may be called again, with
   * others: the session over `egress` stays the same one for as long as the sandbox lives.
   */
  openRelay(listeners: readonly RelayListener[]): Promise<void>;
  /**
   * Closes the relay's listeners, cuts every connection through them and kills every process of the agent's user, whatever it did to outlive
   * that. Returns when none is left; commands can be started afterwards. Closing what is closed does the same once more.
   * @throws AirlockError `sandbox.lost`, also when a process is left after all
   */
  closeRelay(): Promise<void>;
  /** Runs to its end and returns its output, at most `maxOutputBytes` of each stream. A non-zero exit is a result. */
  exec(command: Command): Promise<ExecResult>;
  /** Starts a command whose output goes to files in the guest, so that a lost stream loses nothing. */
  start(command: Command): Promise<GuestProcess>;
  /** Writes files into the guest. Paths are absolute; missing parents are created. */
  writeFiles(files: readonly GuestFile[]): Promise<void>;
  /** @throws AirlockError `harvest.limit` if the file is larger than `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Makes `/work` from a git pack that holds `commit`, its tree and blobs: bytes exactly as in the blobs, one shallow commit, no remote. */
  plant(pack: Readable, commit: string): Promise<void>;
  /**
   * Makes what git tracks in `/work` into the tree of `commit`, as `plant` would, whatever became of `/work` and `/work/.git`. Files that the
   * new tree's `.gitignore` ignores stay; all else goes, and no link is followed. Later harvests are against `commit`. Every process of the
   * agent's user is killed first, since nothing may move meanwhile.
   * @throws AirlockError `sandbox.lost`; what is left of `/work` then cannot be harvested
   */
  replant(pack: Readable, commit: string): Promise<void>;
  /**
   * Every path of `/work` that differs from the planted commit by git's own rules, whatever became of `/work/.git`. Ignored files are left out,
   * unless the agent committed them or added them to its index.
   */
  harvest(limits: HarvestLimits): AsyncIterable<HarvestEntry>;
  /** Tries every way out that must be closed, from inside, as root. */
  probe(request: ProbeRequest): Promise<ProbeReport>;
}

/** A loopback port in the guest whose connections arrive at the gateway under a name. */
export interface RelayListener {
  readonly port: number;
  /** `proxy`, or `model` for the broker. */
  readonly name: string;
}

export interface Command {
  readonly argv: readonly string[];
  /** Default `/work`. */
  readonly cwd?: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Default `agent` (uid 1000). */
  readonly user?: "agent" | "root";
  /** Default: empty and closed. */
  readonly stdin?: Uint8Array;
  /** After this the whole process group is killed. */
  readonly timeoutMs: number;
  /** Cap on each of stdout and stderr; the rest is counted and dropped. */
  readonly maxOutputBytes: number;
}

export interface ExitStatus {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** Bytes dropped beyond `maxOutputBytes`, both streams. */
  readonly droppedBytes: number;
}

export interface ExecResult extends ExitStatus {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export interface GuestProcess {
  /** Follows one stream from its first byte to its end. If the connection is lost, it asks again from its offset. */
  output(stream: "stdout" | "stderr"): AsyncIterable<Uint8Array>;
  /** Resolves when the command and its whole process group are gone. */
  readonly exit: Promise<ExitStatus>;
  /** SIGINT to the process group, then SIGTERM, then SIGKILL, each after `graceMs`. */
  stop(graceMs: number): Promise<ExitStatus>;
}

export interface GuestFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Octal; default 0o644. */
  readonly mode?: number;
  /** Default `agent`. */
  readonly owner?: "agent" | "root";
}

export interface HarvestLimits {
  /** Changed paths. */
  readonly maxFiles: number;
  /** Bytes of all changed contents together. */
  readonly maxBytes: number;
}

/** One changed path as the guest reports it: hostile, to be checked by the reader. */
export interface HarvestEntry {
  /** Raw bytes: paths in git are bytes. */
  readonly path: Uint8Array;
  /**
   * git's mode, or `000000` for a deletion. What git cannot store has its file type: `010000` a pipe, `140000` a socket, `020000` and
   * `060000` devices.
   */
  readonly mode: string;
  /**
   * Absent for a deletion and for what git cannot store. For a link, its target; for a gitlink, the 40 hex digits of its commit, or zeros
   * if it has none.
   */
  readonly content?: Uint8Array;
}

export interface ProbeRequest {
  /** A host that the policy denies; requested through the gateway. */
  readonly deniedHost: string;
  readonly proxyPort: number;
  readonly timeoutMs: number;
}

/** What each attempt met. `closed`: nothing came through; for `denied-host` and `gateway`, also that no relay is there. `open`: it did. */
export interface ProbeReport {
  readonly attempts: readonly ProbeAttempt[];
}

export interface ProbeAttempt {
  /** `tcp`, `udp`, `dns`, `ipv6`, `metadata`, `denied-host`, `gateway`. */
  readonly name: string;
  readonly result: "closed" | "open" | "unknown";
  /** The error or answer that came back, at most 200 characters. */
  readonly detail: string;
}
