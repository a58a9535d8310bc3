/**
 * What the agent did, in one vocabulary for all agents; one JSON line each in `transcript.jsonl`. Text is raw guest text: make it inert
 * before showing it.
 */
export type TranscriptEvent =
  | { readonly type: "started"; readonly model: string; readonly agentVersion: string; readonly session: string }
  | { readonly type: "text"; readonly turn: number; readonly text: string }
  | { readonly type: "tool-call"; readonly turn: number; readonly tool: string; readonly input: string }
  | { readonly type: "tool-result"; readonly turn: number; readonly failed: boolean; readonly text: string }
  | { readonly type: "retry"; readonly attempt: number; readonly reason: string }
  | { readonly type: "noise"; readonly text: string }
  | { readonly type: "ended"; readonly agentExit: AgentExit };

/** How the agent ended, judged by its terminal event and its status, never by the exit code alone. */
export interface AgentExit {
  readonly status: "completed" | "failed" | "turn-limit" | "budget" | "credential" | "interrupted" | "missing";
  /** The agent's closing words; raw guest text. */
  readonly message: string;
  readonly turns: number;
}
