import type { Duplex, Readable } from "node:stream";
import { z } from "zod";
import { AirlockError } from "../../../domain/errors.ts";
import type { GuestFile, ProbeReport, ProbeRequest, RelayListener, Sandbox, SandboxFacts } from "../../../ports/sandbox.ts";
import type { ControlRoute, WriteFilesHead } from "../../../wire/control.ts";
import { ask, askBytes, GuestFailure } from "./control-request.ts";
import { type ControlSession, openControlSession } from "./control-session.ts";
import { execute, startProcess } from "./guest-process.ts";
import { readHarvest } from "./harvest-reader.ts";
import { once } from "./once.ts";

/** For requests whose work is small; generous, since an emulated guest under load is slow. */
const REQUEST_TIMEOUT_MS = 120_000;
/** For requests whose work grows with the repository. */
const BULK_TIMEOUT_MS = 1_800_000;
const PING_INTERVAL_MS = 15_000;
const PING_TIMEOUT_MS = 120_000;

export interface ControlledSandboxOptions {
  /** Byte stream to the guest's control server, which has not been greeted. */
  readonly control: Duplex;
  readonly egress: Duplex;
  readonly id: string;
  readonly facts: SandboxFacts;
  /** Destroys the sandbox; called once. */
  readonly destroy: () => Promise<void>;
  readonly greetTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

/**
 * A sandbox behind two byte streams. Whatever comes from the guest is bounded and read strictly.
 * When the greeting fails the sandbox is destroyed before the error is thrown.
 * @throws AirlockError `sandbox.unavailable`, `run.cancelled`
 */
export async function openControlledSandbox(options: ControlledSandboxOptions): Promise<Sandbox> {
  const destroy = once(options.destroy);
  for (const stream of [options.control, options.egress]) stream.on("error", () => undefined);
  const intervals = { pingIntervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS, pingTimeoutMs: options.pingTimeoutMs ?? PING_TIMEOUT_MS };
  let session: ControlSession;
  try {
    session = await openControlSession({ ...options, ...intervals });
  } catch (error) {
    options.control.destroy();
    options.egress.destroy();
    await destroy();
    throw error;
  }
  const dispose = once(async () => {
    session.close();
    options.control.destroy();
    options.egress.destroy();
    await destroy();
  });
  return { id: options.id, facts: options.facts, egress: options.egress, ...operations(session), [Symbol.asyncDispose]: dispose };
}

type Operations = Omit<Sandbox, "id" | "facts" | "egress" | typeof Symbol.asyncDispose>;

function operations(session: ControlSession): Operations {
  return {
    openRelay: (listeners) => openRelay(session, listeners),
    closeRelay: () => closeRelay(session),
    exec: (command) => translate("start", () => execute(session, command)),
    start: (command) => translate("start", () => startProcess(session, command)),
    writeFiles: (files) => writeFiles(session, files),
    readFile: (path, maxBytes) => readFile(session, path, maxBytes),
    plant: (pack, commit) => plant({ session, route: "plant", pack, commit }),
    replant: (pack, commit) => plant({ session, route: "replant", pack, commit }),
    harvest: (limits) => readHarvest(session, limits),
    probe: (request) => probe(session, request),
  };
}

const emptySchema = z.strictObject({});

async function openRelay(session: ControlSession, listeners: readonly RelayListener[]): Promise<void> {
  await translate("relay", () => ask({ session, route: "relay", head: { listeners }, reply: emptySchema, timeoutMs: REQUEST_TIMEOUT_MS }));
}

async function closeRelay(session: ControlSession): Promise<void> {
  await translate("close-relay", () => ask({ session, route: "close-relay", head: {}, reply: emptySchema, timeoutMs: REQUEST_TIMEOUT_MS }));
}

async function writeFiles(session: ControlSession, files: readonly GuestFile[]): Promise<void> {
  if (files.length === 0) return;
  const head: WriteFilesHead = {
    files: files.map((file) => ({ path: file.path, mode: file.mode ?? 0o644, owner: file.owner ?? "agent", bytes: file.content.length })),
  };
  const payload = Buffer.concat(files.map((file) => file.content));
  await translate("write-files", () =>
    ask({ session, route: "write-files", head, payload, reply: emptySchema, timeoutMs: REQUEST_TIMEOUT_MS }),
  );
}

async function readFile(session: ControlSession, path: string, maxBytes: number): Promise<Uint8Array> {
  return translate("read-file", () =>
    askBytes({ session, route: "read-file", head: { path, maxBytes }, maxBytes, timeoutMs: REQUEST_TIMEOUT_MS }),
  );
}

interface Planting {
  readonly session: ControlSession;
  readonly route: "plant" | "replant";
  readonly pack: Readable;
  readonly commit: string;
}

async function plant({ session, route, pack, commit }: Planting): Promise<void> {
  await translate(route, () => ask({ session, route, head: { commit }, payload: pack, reply: emptySchema, timeoutMs: BULK_TIMEOUT_MS }));
}

const attemptSchema = z.strictObject({
  name: z.string().max(100),
  result: z.enum(["closed", "open", "unknown"]),
  detail: z.string().max(200),
});
const probeSchema = z.strictObject({ attempts: z.array(attemptSchema).max(64) });

async function probe(session: ControlSession, request: ProbeRequest): Promise<ProbeReport> {
  return translate("probe", () =>
    ask({ session, route: "probe", head: request, reply: probeSchema, timeoutMs: request.timeoutMs * 4 + REQUEST_TIMEOUT_MS }),
  );
}

/** Turns the guest's refusals into the errors that the port promises. */
async function translate<T>(route: ControlRoute, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof GuestFailure)) throw error;
    throw refusal(route, error);
  }
}

function refusal(route: ControlRoute, error: GuestFailure): AirlockError {
  if (route === "read-file" && error.code === "too-large") {
    return new AirlockError("harvest.limit", { message: error.message, remedy: "Let the agent leave a smaller file.", cause: error });
  }
  if (route === "read-file") {
    return new AirlockError("harvest.unreadable", {
      message: error.message,
      remedy: "Let the agent leave an ordinary file at this path.",
      cause: error,
    });
  }
  return new AirlockError("sandbox.lost", {
    message: error.message,
    remedy: REMEDIES[route] ?? "Run again. If it happens every time, report the record of the run.",
    cause: error,
  });
}

const PLANT_REMEDY =
  "Run again. With a template of your own, make sure that it has git 2.28 or later and disk for two copies of the repository.";

const REMEDIES: Partial<Record<ControlRoute, string>> = {
  "close-relay": "Run again. With a template of your own, make sure that nothing in it starts processes of the user with the id 1000.",
  plant: PLANT_REMEDY,
  replant: PLANT_REMEDY,
  start: "Run again. With a template of your own, make sure that its disk is not full and that it has a user with the id 1000.",
  "write-files": "Run again. With a template of your own, make sure that its disk is not full.",
};
