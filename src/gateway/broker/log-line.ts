import type { ModelTool } from "../../domain/model-tools.ts";

/** One line of the log per request. */
export interface BrokerLogLine {
  /** ISO 8601. */
  readonly time: string;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly durationMs: number;
  readonly verdict: "allow" | "deny";
  readonly reason: string;
  readonly model?: string;
  readonly costUsd?: number;
  /** Tools that the service runs, outside the egress policy. */
  readonly serverTools?: readonly ModelTool[];
}
