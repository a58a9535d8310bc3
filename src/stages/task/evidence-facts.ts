import type { Quotation } from "../../domain/prompt/prompt.ts";
import type { Attachment } from "../../domain/task.ts";

/** What the runner fetched for the agent: logs of failed jobs, the diff of a pull request. */
export interface TaskEvidence {
  readonly quotations: readonly Quotation[];
  readonly attachments: readonly Attachment[];
  readonly removed: Readonly<Record<string, number>>;
  /** For the agent and for the run's record. */
  readonly notes: readonly string[];
}
