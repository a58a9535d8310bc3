import { Buffer } from "node:buffer";
import { abandonOnAbort, abortReason, type Deadline } from "../domain/deadline.ts";
import { AirlockError, type ErrorCode } from "../domain/errors.ts";
import type { AgentExit, TranscriptEvent } from "../domain/sandbox/transcript.ts";
import type { AgentSettings } from "../domain/settings.ts";
import type { Agent, TranscriptReader } from "../ports/agent.ts";
import type { Gateway, Tunnel } from "../ports/gateway.ts";
import type { RunnerLog, Sink } from "../ports/runner.ts";
import type { GuestProcess, Sandbox } from "../ports/sandbox.ts";

const MAX_LINE_BYTES = 8 << 20;
const MAX_OUTPUT_BYTES = 256 << 20;
/** A cancelled job has about ten seconds left, and the harvest needs some of them. */
const CANCEL_GRACE_MS = 1_000;
const STOP_GRACE_MS = 5_000;
/** How long an agent may go on after its closing event before it is stopped. */
const LINGER_MS = 15_000;
const SHOWN_CHARS = 160;

export interface RunAgentOptions {
  readonly agent: Agent;
  readonly sandbox: Sandbox;
  readonly gateway: Pick<Gateway, "exhausted" | "usage">;
  /** The service that the agent asks, as its sandbox sees it. */
  readonly model: Tunnel["model"];
  readonly prompt: string;
  /** As in `LaunchRequest`. */
  readonly instructions: string;
  readonly settings: AgentSettings;
  readonly maxTurns: number;
  /** Environment of every command in the guest. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly transcript: Sink;
  readonly rawLog: Sink;
  readonly redact: (text: string) => string;
  readonly log: RunnerLog;
  /** Aborted when the job is cancelled, which leaves less time than any other reason. */
  readonly cancelled: AbortSignal;
  readonly deadline: Deadline;
}

/** How the agent's part of the run went. Its partial work is in the sandbox, however it ended. */
export interface AgentWork {
  readonly agentExit: AgentExit;
  /** Why Airlock stopped it, if it did, or why the service let it starve. */
  readonly stopped: AirlockError | undefined;
  /** It sent its closing event but had to be stopped. */
  readonly lingered: boolean;
}

/**
 * Runs the agent to its end, or stops it. Cancellation, time limit and budget never lose what it has done so far.
 * @throws AirlockError why the run ended, if the agent could not be stopped in time
 */
export async function runAgent(options: RunAgentOptions): Promise<AgentWork> {
  return await abandonOnAbort(options.deadline.graceSignal, () => runToEnd(options));
}

async function runToEnd(options: RunAgentOptions): Promise<AgentWork> {
  const { agent, sandbox, model, prompt, instructions, settings, maxTurns } = options;
  const reader = agent.openReader();
  const launch = agent.launch({ prompt, instructions, settings, maxTurns, model });
  if (launch.files.length > 0) await sandbox.writeFiles(launch.files);
  const env = { ...options.env, ...launch.env };
  const process = await sandbox.start({
    argv: launch.argv,
    env,
    stdin: launch.stdin,
    timeoutMs: options.timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  const stopper = watchStop(options, process);
  try {
    // Awaited together: if the sandbox is lost, each of these fails, and no rejection may stay unhandled.
    const [exit] = await Promise.all([
      process.exit,
      followStdout(options, process, reader, stopper.linger),
      followStderr(options, process),
    ]);
    const agentExit = reader.end(exit);
    const ended = stopper.reason() ?? (exit.timedOut ? options.deadline.expired() : undefined);
    const stopped = ended ?? (await findRateLimit(options, agentExit));
    return { agentExit, stopped, lingered: stopper.lingered() };
  } finally {
    stopper.close();
  }
}

/** Why an agent gave up that names no reason, or a wrong one: the gateway heard the service's last word. */
async function findRateLimit({ gateway }: RunAgentOptions, { status }: AgentExit): Promise<AirlockError | undefined> {
  if (status === "completed" || status === "turn-limit" || status === "budget") return undefined;
  const { retryAt } = await gateway.usage();
  if (retryAt === undefined) return undefined;
  return new AirlockError("model.rate-limited", {
    message: `The model's service takes no more requests for now, and the agent gave up. It takes some again at ${retryAt}.`,
    remedy: "Run again after that, run fewer jobs at once, or raise the account's limits at the service.",
  });
}

/**
 * Throws unless the agent itself calls its work complete. What it left is kept in any case.
 * @throws AirlockError why Airlock stopped it, or `agent.*` and `budget.exceeded` for how it ended
 */
export function requireCompleted({ agentExit, stopped }: Pick<AgentWork, "agentExit" | "stopped">): void {
  if (stopped !== undefined) throw stopped;
  if (agentExit.status === "completed") return;
  const { code, remedy } = ENDINGS[agentExit.status];
  throw new AirlockError(code, {
    message: `The agent ended with status "${agentExit.status}" after ${agentExit.turns} turns: ${agentExit.message}`,
    remedy,
  });
}

const ENDINGS: Record<Exclude<AgentExit["status"], "completed">, { readonly code: ErrorCode; readonly remedy: string }> = {
  failed: { code: "agent.failed", remedy: "Read agent.log in the artifact; the partial patch is beside it." },
  missing: {
    code: "agent.failed",
    remedy: "Read agent.log in the artifact: the agent ended without its closing event. The partial patch is beside it.",
  },
  interrupted: {
    code: "agent.failed",
    remedy: "Read agent.log in the artifact: something interrupted the agent. The partial patch is beside it.",
  },
  credential: { code: "agent.credential", remedy: "Check that the model key or token of this job is valid and has credit." },
  "turn-limit": {
    code: "budget.exceeded",
    remedy: "Raise `max-turns`, or give the agent a smaller task; the partial patch is in the artifact.",
  },
  budget: {
    code: "budget.exceeded",
    remedy: "Raise `max-cost-usd`, or give the agent a smaller task; the partial patch is in the artifact.",
  },
};

interface Stopper {
  /** Call it after the closing event was read. */
  readonly linger: () => void;
  readonly lingered: () => boolean;
  readonly reason: () => AirlockError | undefined;
  readonly close: () => void;
}

function watchStop(options: RunAgentOptions, process: GuestProcess): Stopper {
  const { deadline, cancelled } = options;
  const { exhausted } = options.gateway;
  let reason: AirlockError | undefined;
  let lingering: NodeJS.Timeout | undefined;
  let lingered = false;
  let shortestMs = Number.POSITIVE_INFINITY;
  // An agent takes a second interrupt as an order to drop everything, so only a more urgent stop sends one.
  const stop = (graceMs: number): void => {
    if (graceMs >= shortestMs) return;
    shortestMs = graceMs;
    process.stop(graceMs).catch(() => undefined);
  };
  const watch = (signal: AbortSignal, why: () => AirlockError, graceMs: () => number): (() => void) => {
    const act = (): void => {
      reason ??= why();
      stop(graceMs());
    };
    if (signal.aborted) act();
    else signal.addEventListener("abort", act, { once: true });
    return () => signal.removeEventListener("abort", act);
  };
  const unwatch = [
    watch(
      deadline.signal,
      () => abortReason(deadline.signal),
      () => (cancelled.aborted ? CANCEL_GRACE_MS : STOP_GRACE_MS),
    ),
    watch(
      cancelled,
      () => abortReason(cancelled),
      () => CANCEL_GRACE_MS,
    ),
    watch(
      exhausted,
      () => budgetError(exhausted.reason),
      () => STOP_GRACE_MS,
    ),
  ];
  return {
    linger() {
      lingering ??= setTimeout(() => {
        lingered = true;
        stop(STOP_GRACE_MS);
      }, LINGER_MS);
    },
    lingered: () => lingered,
    reason: () => reason,
    close() {
      clearTimeout(lingering);
      for (const off of unwatch) off();
    },
  };
}

function budgetError(reason: unknown): AirlockError {
  if (reason instanceof AirlockError) return reason;
  return new AirlockError("budget.exceeded", {
    message: "A limit at the gateway was reached.",
    remedy: "Raise `max-cost-usd` or `max-turns`.",
    cause: reason,
  });
}

async function followStdout(options: RunAgentOptions, process: GuestProcess, reader: TranscriptReader, onEnd: () => void): Promise<void> {
  for await (const line of readLines(process.output("stdout"))) {
    options.rawLog.write(options.redact(line));
    for (const event of reader.read(line)) {
      options.transcript.write(options.redact(JSON.stringify(event)));
      const shown = describe(event);
      if (shown !== undefined) options.log.info(options.redact(shown));
      if (event.type === "ended") onEnd();
    }
  }
}

async function followStderr(options: RunAgentOptions, process: GuestProcess): Promise<void> {
  for await (const line of readLines(process.output("stderr"))) options.rawLog.write(options.redact(`stderr: ${line}`));
}

/** Splits at newlines. A line beyond the cap is cut there and its rest is dropped. */
async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const keep = (part: Buffer): void => {
    const room = MAX_LINE_BYTES - pendingBytes;
    if (room > 0 && part.length > 0) pending.push(Buffer.from(part.subarray(0, room)));
    pendingBytes += Math.min(part.length, Math.max(room, 0));
  };
  const take = (): string => {
    const line = Buffer.concat(pending).toString("utf8");
    pending = [];
    pendingBytes = 0;
    return line;
  };
  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      keep(rest.subarray(0, at));
      yield take();
      rest = rest.subarray(at + 1);
    }
    keep(rest);
  }
  if (pendingBytes > 0) yield take();
}

/** One readable line for the live log. */
function describe(event: TranscriptEvent): string | undefined {
  switch (event.type) {
    case "started":
      return `agent ${event.agentVersion} started, model ${event.model}`;
    case "text":
      return `${event.turn} · ${firstLine(event.text)}`;
    case "tool-call":
      return `${event.turn} · ${event.tool}: ${firstLine(event.input)}`;
    case "tool-result":
      return event.failed ? `${event.turn} · failed: ${firstLine(event.text)}` : undefined;
    case "retry":
      return `model retry ${event.attempt}: ${firstLine(event.reason)}`;
    case "ended":
      return `agent ended: ${event.agentExit.status} after ${event.agentExit.turns} turns`;
    case "noise":
      return undefined;
  }
}

function firstLine(text: string): string {
  const line = text.trimStart().split("\n", 1)[0] ?? "";
  return line.length <= SHOWN_CHARS ? line : `${line.slice(0, SHOWN_CHARS)}…`;
}
