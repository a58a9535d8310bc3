import { AirlockError } from "../../../domain/errors.ts";
import type { HarvestEntry, HarvestLimits } from "../../../ports/sandbox.ts";
import { decodeFrames, type EntryHead, type HarvestFailure, HarvestFormatError, type HarvestFrame } from "../../../wire/harvest.ts";
import { awaitAnswer, GuestFailure, protocolError } from "./control-request.ts";
import type { ControlRequest, ControlSession } from "./control-session.ts";

const TIMEOUT_MS = 1_800_000;

/**
 * Reads the changed files from the guest. Nothing it says is trusted: limits, lengths and totals are checked here again.
 * @throws AirlockError `harvest.limit`, `harvest.unreadable`, `sandbox.lost`, `sandbox.protocol`
 */
export async function* readHarvest(session: ControlSession, limits: HarvestLimits): AsyncGenerator<HarvestEntry> {
  const request = session.request("harvest", limits);
  const { stream } = request;
  stream.end();
  const deadline = setTimeout(() => stream.destroy(new Error(`The harvest took longer than ${TIMEOUT_MS} ms.`)), TIMEOUT_MS);
  try {
    await awaitAnswer(request, { session, route: "harvest" });
    yield* assembleHarvest(decodeFrames(readBody(request, session)), limits);
  } catch (error) {
    throw translate(error);
  } finally {
    clearTimeout(deadline);
    stream.close();
  }
}

async function* readBody(request: ControlRequest, session: ControlSession): AsyncGenerator<Buffer> {
  try {
    yield* request.body as AsyncIterable<Buffer>;
  } catch (error) {
    throw session.lost(error);
  }
  if (request.isCut()) throw session.lost();
}

function translate(error: unknown): unknown {
  if (error instanceof HarvestFormatError) return protocolError(error.message, error);
  if (!(error instanceof GuestFailure)) return error;
  return unreadable(error.message, error);
}

function unreadable(message: string, cause?: unknown): AirlockError {
  return new AirlockError("harvest.unreadable", { message, remedy: "Let the agent leave a work tree that git can read.", cause });
}

interface Assembly {
  entries: number;
  bytes: number;
  ended: boolean;
  open: { readonly head: EntryHead; readonly pieces: Buffer[]; left: number } | undefined;
}

/** Exported for its tests: frames in, whole entries out. */
export async function* assembleHarvest(frames: AsyncIterable<HarvestFrame>, limits: HarvestLimits): AsyncGenerator<HarvestEntry> {
  const assembly: Assembly = { entries: 0, bytes: 0, ended: false, open: undefined };
  for await (const frame of frames) {
    if (assembly.ended) throw new HarvestFormatError("The harvest goes on after its end.");
    const entry = take(frame, assembly, limits);
    if (entry !== undefined) yield entry;
  }
  if (!assembly.ended) throw new HarvestFormatError("The harvest was cut.");
}

function take(frame: HarvestFrame, assembly: Assembly, limits: HarvestLimits): HarvestEntry | undefined {
  switch (frame.type) {
    case "entry":
      return takeEntry(frame.head, assembly, limits);
    case "chunk":
      return takeChunk(frame.bytes, assembly);
    case "end":
      takeEnd(frame, assembly);
      return undefined;
    case "failure":
      throw toError(frame.failure, limits);
  }
}

function takeEntry(head: EntryHead, assembly: Assembly, limits: HarvestLimits): HarvestEntry | undefined {
  if (assembly.open !== undefined) throw new HarvestFormatError("The harvest has an entry within another.");
  assembly.entries++;
  assembly.bytes += head.contentBytes ?? 0;
  if (assembly.entries > limits.maxFiles) throw limitError("maxFiles", limits);
  if (assembly.bytes > limits.maxBytes) throw limitError("maxBytes", limits);
  if (head.contentBytes === undefined) return { path: head.path, mode: head.mode };
  assembly.open = { head, pieces: [], left: head.contentBytes };
  return head.contentBytes === 0 ? finish(assembly) : undefined;
}

function takeChunk(bytes: Buffer, assembly: Assembly): HarvestEntry | undefined {
  const { open } = assembly;
  if (open === undefined || bytes.length > open.left) throw new HarvestFormatError("The harvest has more content than was announced.");
  open.pieces.push(bytes);
  open.left -= bytes.length;
  return open.left === 0 ? finish(assembly) : undefined;
}

function finish(assembly: Assembly): HarvestEntry | undefined {
  const { open } = assembly;
  if (open === undefined) return undefined;
  assembly.open = undefined;
  return { path: open.head.path, mode: open.head.mode, content: Buffer.concat(open.pieces) };
}

function takeEnd(frame: { readonly entries: number; readonly bytes: number }, assembly: Assembly): void {
  if (assembly.open !== undefined) throw new HarvestFormatError("The harvest ended within an entry.");
  if (frame.entries !== assembly.entries || frame.bytes !== assembly.bytes)
    throw new HarvestFormatError("The harvest's total is not what came.");
  assembly.ended = true;
}

function toError(failure: HarvestFailure, limits: HarvestLimits): AirlockError {
  if (failure.kind === "limit") return limitError(failure.limit, limits, failure.message);
  return unreadable(`The work tree could not be read: ${failure.message}`);
}

const LIMITS = {
  maxFiles: { input: "max-patch-files", unit: (limits: HarvestLimits) => `${limits.maxFiles} changed paths` },
  maxBytes: { input: "max-patch-kib", unit: (limits: HarvestLimits) => `${Math.ceil(limits.maxBytes / 1024)} KiB of changed contents` },
} as const;

function limitError(limit: keyof typeof LIMITS, limits: HarvestLimits, detail = ""): AirlockError {
  const { input, unit } = LIMITS[limit];
  return new AirlockError("harvest.limit", {
    message: `The agent's work is larger than the limit of ${unit(limits)} (\`${input}\`).${detail === "" ? "" : ` ${detail}`}`,
    remedy: `Raise the \`${input}\` input, or ask the agent for less. Files that must not be part of the patch belong in .gitignore.`,
  });
}
