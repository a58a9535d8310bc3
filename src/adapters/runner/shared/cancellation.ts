import { AirlockError } from "../../../domain/errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The source of signals: the process, or a fake in tests. */
interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/**
 * Aborted at the first signal. A cancelled job gets SIGINT, SIGTERM after 7.5 s and
 * SIGKILL after another 2.5 s (actions/runner, `ProcessInvoker`); the listeners keep
 * the first two from ending the process, so that it can clean up.
 */
export function openCancellation(source: SignalSource): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) {
    source.on(signal, () => {
      const remedy = "Start the workflow again if it should go on; what the agent did so far is in the artifact.";
      controller.abort(new AirlockError("run.cancelled", { message: `The job was cancelled (${signal}).`, remedy }));
    });
  }
  return controller.signal;
}
