import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AirlockError } from "../../../domain/errors.ts";
import type { Command, ExecResult, ExitStatus, GuestProcess } from "../../../ports/sandbox.ts";
import { OUTPUT_END_TRAILER, type StartHead } from "../../../wire/control.ts";
import { ask, awaitAnswer, GuestFailure, protocolError } from "./control-request.ts";
import type { ControlSession } from "./control-session.ts";

/** Added to a command's own deadline: a slow guest needs time to notice, to kill and to report it. */
const DEADLINE_MARGIN_MS = 90_000;
const RETRIES = 5;
const RETRY_PAUSE_MS = 200;

const startSchema = z.strictObject({ id: z.int().positive() });
const exitSchema = z.strictObject({
  code: z.int().min(0).max(255).nullable(),
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9+]{1,12}$/)
    .nullable(),
  timedOut: z.boolean(),
  droppedBytes: z.int().min(0),
});

export async function startProcess(session: ControlSession, command: Command): Promise<GuestProcess> {
  const head: StartHead = {
    argv: command.argv,
    cwd: command.cwd ?? "/work",
    env: command.env,
    user: command.user ?? "agent",
    timeoutMs: command.timeoutMs,
    maxOutputBytes: command.maxOutputBytes,
  };
  const payload = command.stdin ?? new Uint8Array();
  const { id } = await ask({ session, route: "start", head, payload, reply: startSchema, timeoutMs: DEADLINE_MARGIN_MS });
  const exit = ask({ session, route: "exit", head: { id }, reply: exitSchema, timeoutMs: command.timeoutMs + DEADLINE_MARGIN_MS });
  exit.catch(() => undefined);
  return {
    exit,
    output: (stream) => followOutput({ session, id, stream, maxBytes: command.maxOutputBytes }),
    stop: (graceMs) =>
      ask({ session, route: "stop", head: { id, graceMs }, reply: exitSchema, timeoutMs: 3 * graceMs + DEADLINE_MARGIN_MS }),
  };
}

/** Runs a command to its end and keeps its output. */
export async function execute(session: ControlSession, command: Command): Promise<ExecResult> {
  const started = await startProcess(session, command);
  const [stdout, stderr, status] = await Promise.all([readWhole(started, "stdout"), readWhole(started, "stderr"), started.exit]);
  return { ...(status satisfies ExitStatus), stdout, stderr };
}

async function readWhole(started: GuestProcess, stream: "stdout" | "stderr"): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of started.output(stream)) pieces.push(piece);
  return Buffer.concat(pieces);
}

interface FollowOptions {
  readonly session: ControlSession;
  readonly id: number;
  readonly stream: "stdout" | "stderr";
  readonly maxBytes: number;
}

/** If a request is cut, reading continues from where it stopped; only a lost session ends it. */
async function* followOutput(options: FollowOptions): AsyncGenerator<Uint8Array> {
  const state = { offset: 0, ended: false };
  for (let failures = 0; !state.ended; failures++) {
    const before = state.offset;
    yield* readOnce(options, state);
    if (state.ended) return;
    if (!options.session.isOpen()) throw options.session.lost();
    if (state.offset > before) failures = 0;
    if (failures >= RETRIES) throw options.session.lost(new Error(`The output of process ${options.id} cannot be read.`));
    await sleep(RETRY_PAUSE_MS);
  }
}

async function* readOnce(options: FollowOptions, state: { offset: number; ended: boolean }): AsyncGenerator<Uint8Array> {
  const { session, id, stream: name, maxBytes } = options;
  const request = session.request("output", { id, stream: name, offset: state.offset });
  request.stream.end();
  let end: number | undefined;
  request.stream.once("trailers", (trailers) => {
    end = Number(trailers[OUTPUT_END_TRAILER]);
  });
  try {
    await awaitAnswer(request, { session, route: "output" });
    for await (const piece of request.body as AsyncIterable<Buffer>) {
      state.offset += piece.length;
      if (state.offset > maxBytes) throw protocolError(`it sent more than ${maxBytes} bytes of ${name}.`);
      yield piece;
    }
  } catch (error) {
    if (error instanceof GuestFailure || (error instanceof AirlockError && error.code === "sandbox.protocol")) throw error;
    return;
  } finally {
    request.stream.close();
  }
  if (end === undefined) return;
  if (end !== state.offset) throw protocolError(`it said that ${name} has ${end} bytes and sent ${state.offset}.`);
  state.ended = true;
}
