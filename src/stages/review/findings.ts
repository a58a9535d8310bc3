import { Buffer } from "node:buffer";
import { abandonOnAbort, type Deadline } from "../../domain/deadline.ts";
import { AirlockError } from "../../domain/errors.ts";
import { listCommands, type Rerun } from "../../domain/review/evidence.ts";
import { REVIEW_FILE, REVIEW_LIMITS, type Review } from "../../domain/review/finding.ts";
import { type ParsedReview, parseReview } from "../../domain/review/parse.ts";
import type { ExecResult, Sandbox } from "../../ports/sandbox.ts";

const COMMAND_TIMEOUT_MS = 5 * 60_000;
const OUTPUT_BYTES = 256 << 10;

/**
 * Reads what the agent left, strictly and bounded. A file that is missing or cannot be read is an error that the agent is asked to fix.
 * @throws AirlockError `sandbox.*` if the sandbox itself is gone, and why `late` aborted
 */
export async function readReview(sandbox: Sandbox, late: AbortSignal): Promise<ParsedReview> {
  try {
    const bytes = await abandonOnAbort(late, () => sandbox.readFile(`/work/${REVIEW_FILE}`, REVIEW_LIMITS.maxBytes));
    return parseReview(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    if (!(error instanceof AirlockError)) throw error;
    if (error.code === "harvest.limit") return { errors: [`The file has more than ${REVIEW_LIMITS.maxBytes} bytes.`] };
    if (error.code === "harvest.unreadable") return { errors: [`There is no file ${REVIEW_FILE}, or it is no ordinary file.`] };
    throw error;
  }
}

/** The whole task again, with what was wrong with its result. */
export function renderRepair(prompt: string, errors: readonly string[]): string {
  return [
    prompt.trimEnd(),
    "",
    "## What is wrong with the result",
    "",
    `You did this task before, and /work/${REVIEW_FILE} cannot be used. Keep what is right in it and write it again:`,
    "",
    ...errors.map((error) => `- ${error}`),
    "",
  ].join("\n");
}

export interface RerunOptions {
  /** One that the agent was never in. */
  readonly sandbox: Sandbox;
  readonly review: Review;
  readonly env: Readonly<Record<string, string>>;
  /** Evidence that was not run before the time limit does not hold. */
  readonly deadline: Deadline;
}

/**
 * Runs each command of the evidence once, one after another. A command that fails is a result, not an error.
 * @throws AirlockError `run.cancelled`
 */
export async function rerunEvidence({ sandbox, review, env, deadline }: RerunOptions): Promise<readonly Rerun[]> {
  const reruns: Rerun[] = [];
  for (const command of listCommands(review)) {
    const argv = ["/bin/bash", "-c", command];
    const exec = (): Promise<ExecResult> => sandbox.exec({ argv, env, timeoutMs: COMMAND_TIMEOUT_MS, maxOutputBytes: OUTPUT_BYTES });
    const result = await abandonOnAbort(deadline.signal, exec).catch(orNothingAtLimit);
    if (result === undefined) break;
    const output = [result.stdout, result.stderr].map((bytes) => Buffer.from(bytes).toString("utf8")).join("\n");
    reruns.push({ command, exitCode: result.timedOut ? null : result.code, output });
  }
  return reruns;
}

/** A review is still useful without the evidence that the time limit left no time for. */
export function orNothingAtLimit(error: unknown): undefined {
  if (error instanceof AirlockError && error.code === "agent.timeout") return undefined;
  throw error;
}
