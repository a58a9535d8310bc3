import type { AgentExit, TranscriptEvent } from "../domain/sandbox/transcript.ts";
import type { Secret } from "../domain/secret.ts";
import type { AgentSettings } from "../domain/settings.ts";
import type { ModelApi } from "./gateway.ts";
import type { GuestFile, Layer } from "./sandbox.ts";

/** The coding agent that Airlock runs in the sandbox. */
export interface Agent {
  /** Its word of the input `agent`. */
  readonly name: string;
  readonly version: string;
  /** Fetches the pinned package on the runner and checks its integrity. @throws AirlockError `agent.install` */
  prepare(): Promise<readonly Layer[]>;
  /** What to run in the sandbox. */
  launch(request: LaunchRequest): Launch;
  /** A fresh reader for one process's stdout. */
  openReader(): TranscriptReader;
}

export interface LaunchRequest {
  readonly prompt: string;
  /** The repository's instructions of the trusted base, as Markdown; empty: none. The agent has to get them with its first request (I11). */
  readonly instructions: string;
  readonly settings: AgentSettings;
  readonly maxTurns: number;
  readonly model: { readonly api: ModelApi; readonly baseUrl: string; readonly surrogate: Secret } | undefined;
}

export interface Launch {
  readonly argv: readonly string[];
  /** Added to the gateway's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  readonly files: readonly GuestFile[];
}

/** Turns an agent's output lines into transcript events. Lines are hostile: bounded by the caller, never trusted. */
export interface TranscriptReader {
  read(line: string): readonly TranscriptEvent[];
  /** How the agent ended, once the process has exited. `status: "missing"` if no terminal event came. */
  end(exit: { readonly code: number | null; readonly signal: string | null }): AgentExit;
}
