/** What the two ends of the control channel agree on: a greeting in plain text, then one HTTP/2 session with the guest as server. */

const MIB = 1024 * 1024;

export const CONTROL_VERSION = 2;
/** Greeting and answer are one line each, at most this long. */
export const MAX_GREETING_BYTES = 512;
/** The JSON head of a request. Large enough for an environment that contains certificates. */
export const MAX_HEAD_BYTES = 4 * MIB;
/** JSON in the guest's answer. */
export const MAX_REPLY_BYTES = 64 * 1024;

export const CONTROL_SETTINGS = {
  enablePush: false,
  initialWindowSize: MIB,
  maxFrameSize: 65_536,
  maxConcurrentStreams: 256,
  maxHeaderListSize: 4096,
  headerTableSize: 0,
} as const;
export const CONTROL_WINDOW_BYTES = 16 * MIB;

/** A request is `POST /<route>`; its body is a length of four bytes, a JSON head of that length, and the payload. */
export const ROUTES = [
  "health",
  "start",
  "output",
  "exit",
  "stop",
  "write-files",
  "read-file",
  "plant",
  "replant",
  "harvest",
  "probe",
  "relay",
  "close-relay",
] as const;
export type ControlRoute = (typeof ROUTES)[number];

/** Trailer of `output`: how many bytes the stream had when it ended. Without it the answer was cut. */
export const OUTPUT_END_TRAILER = "airlock-end";

export interface Hello {
  readonly version: number;
  /** Milliseconds since the epoch on the runner. */
  readonly now: number;
  /** 32 random bytes in hex, for the guest's kernel. */
  readonly seed: string;
  /** 16 random bytes in hex; the answer repeats it. */
  readonly nonce: string;
}

export interface StartHead {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: "agent" | "root";
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

export interface StartReply {
  readonly id: number;
}

export interface OutputHead {
  readonly id: number;
  readonly stream: "stdout" | "stderr";
  readonly offset: number;
}

export interface ExitHead {
  readonly id: number;
}

export interface ExitReply {
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly droppedBytes: number;
}

export interface StopHead {
  readonly id: number;
  readonly graceMs: number;
}

/** The contents follow as payload, one after another. */
export interface WriteFilesHead {
  readonly files: readonly { readonly path: string; readonly mode: number; readonly owner: "agent" | "root"; readonly bytes: number }[];
}

export interface ReadFileHead {
  readonly path: string;
  readonly maxBytes: number;
}

/** Of `plant` and `replant`; the git pack follows as payload. */
export interface PlantHead {
  readonly commit: string;
}

export interface HarvestHead {
  readonly maxFiles: number;
  readonly maxBytes: number;
}

export interface ProbeHead {
  readonly deniedHost: string;
  readonly proxyPort: number;
  readonly timeoutMs: number;
}

export interface ProbeReply {
  readonly attempts: readonly { readonly name: string; readonly result: "closed" | "open" | "unknown"; readonly detail: string }[];
}

export interface RelayHead {
  readonly listeners: readonly { readonly port: number; readonly name: string }[];
}

/** Body of an answer whose status is not 200. `too-large` has status 413, everything else 4xx or 500. */
export interface FailureReply {
  readonly code: "bad-request" | "not-found" | "too-large" | "unreadable" | "failed";
  readonly message: string;
}

export function renderHello(hello: Hello): string {
  return `HELLO ${JSON.stringify(hello)}\n`;
}

export function renderReady(nonce: string): string {
  return `READY ${nonce}\n`;
}

/** @throws TypeError if the line is not a greeting of this version. */
export function parseHello(line: string): Hello {
  if (!line.startsWith("HELLO ")) throw new TypeError("The runner's first line is no greeting.");
  const value: unknown = JSON.parse(line.slice(6));
  if (typeof value !== "object" || value === null) throw new TypeError("The greeting holds no object.");
  const { version, now, seed, nonce } = value as Record<string, unknown>;
  if (version !== CONTROL_VERSION)
    throw new TypeError(`The runner speaks version ${String(version)} of the control channel, this guest ${CONTROL_VERSION}.`);
  if (typeof now !== "number" || !Number.isSafeInteger(now)) throw new TypeError("The greeting's clock is no whole number.");
  if (typeof seed !== "string" || !/^[0-9a-f]{64}$/.test(seed)) throw new TypeError("The greeting's seed is not 32 bytes in hex.");
  if (typeof nonce !== "string" || !/^[0-9a-f]{32}$/.test(nonce)) throw new TypeError("The greeting's nonce is not 16 bytes in hex.");
  return { version, now, seed, nonce };
}
