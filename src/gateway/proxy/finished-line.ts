import type { ModelTool } from "../../domain/model-tools.ts";

/** A line that another part of the gateway finished by itself: the broker's. */
export interface FinishedLine {
  readonly host: string;
  readonly port: number;
  readonly verdict: "allow" | "deny";
  readonly reason: string;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly command?: string | undefined;
  /** Tools that the model's service ran for this request. */
  readonly serverTools?: readonly ModelTool[];
}
