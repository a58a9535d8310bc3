import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { join } from "node:path";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type ControlRoute,
  type ExitHead,
  type FailureReply,
  type HarvestHead,
  OUTPUT_END_TRAILER,
  type OutputHead,
  type PlantHead,
  type ProbeHead,
  type ReadFileHead,
  type RelayHead,
  ROUTES,
  type StartHead,
  type StopHead,
  type WriteFilesHead,
} from "../wire/control.ts";
import { RequestFailure, readHead } from "./body.ts";
import { describeError } from "./describe-error.ts";
import { readGuestFile, writeFiles } from "./files.ts";
import { harvestTree } from "./harvest.ts";
import { plant } from "./plant.ts";
import { probe } from "./probe.ts";
import { openRelay, type Relay } from "./relay.ts";
import { replant } from "./replant.ts";
import { AGENT_GID, AGENT_UID, openSupervisor } from "./supervisor.ts";
import { endUserProcesses } from "./user-processes.ts";

const AGENT = { uid: AGENT_UID, gid: AGENT_GID };

export interface ControlServerOptions {
  readonly egress: Duplex;
  /** Readable by root only: output of commands, and the copy of the index that the harvest compares with. */
  readonly stateDirectory: string;
  readonly workDirectory: string;
}

type Handler = (stream: ServerHttp2Stream) => Promise<void>;

/** Answers the runner's requests; returns the listener for the session's streams. */
export function openControlServer(options: ControlServerOptions): (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void {
  const handlers = makeHandlers(options);
  return (stream, headers) => {
    stream.on("error", () => undefined);
    answer(stream, handlers, String(headers[":path"]).slice(1)).catch((error: unknown) => refuse(stream, error));
  };
}

async function answer(stream: ServerHttp2Stream, handlers: Readonly<Record<ControlRoute, Handler>>, path: string): Promise<void> {
  const route = ROUTES.find((candidate) => candidate === path);
  if (route === undefined) throw new RequestFailure("not-found", `There is no route "${path}".`);
  await handlers[route](stream);
}

const STATUS = { "bad-request": 400, "not-found": 404, "too-large": 413, unreadable: 422, failed: 500 } as const;

function refuse(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) {
    stream.destroy();
    return;
  }
  const code = error instanceof RequestFailure ? error.code : "failed";
  const message = describeError(error).slice(0, 4_000);
  const reply: FailureReply = { code, message };
  stream.respond({ ":status": STATUS[code] });
  stream.end(JSON.stringify(reply));
  // The rest of the request is read and dropped, so that the runner can finish sending it.
  stream.resume();
}

function reply(stream: ServerHttp2Stream, value: unknown): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 200 });
  stream.end(JSON.stringify(value));
}

function makeHandlers(options: ControlServerOptions): Readonly<Record<ControlRoute, Handler>> {
  const { workDirectory, stateDirectory } = options;
  const supervisor = openSupervisor(join(stateDirectory, "processes"));
  const judgeDirectory = join(stateDirectory, "judge");
  let relay: Relay | undefined;
  return {
    health: async (stream) => reply(stream, { node: process.version }),
    start: async (stream) => reply(stream, { id: await supervisor.start(await readHead<StartHead>(stream), stream) }),
    output: async (stream) => {
      const head = await readHead<OutputHead>(stream);
      await sendOutput(stream, supervisor.find(head.id)[head.stream], head.offset);
    },
    exit: async (stream) => reply(stream, await supervisor.find((await readHead<ExitHead>(stream)).id).exit),
    stop: async (stream) => {
      const head = await readHead<StopHead>(stream);
      reply(stream, await supervisor.find(head.id).stop(head.graceMs));
    },
    "write-files": async (stream) => {
      await writeFiles(await readHead<WriteFilesHead>(stream), stream);
      reply(stream, {});
    },
    "read-file": async (stream) => {
      const content = await readGuestFile(await readHead<ReadFileHead>(stream));
      stream.respond({ ":status": 200 });
      stream.end(content);
    },
    plant: async (stream) => {
      const { commit } = await readHead<PlantHead>(stream);
      await plant({ commit, pack: stream, workDirectory, judgeDirectory });
      reply(stream, {});
    },
    replant: async (stream) => {
      const { commit } = await readHead<PlantHead>(stream);
      await endUserProcesses(AGENT);
      await replant({ commit, pack: stream, workDirectory, judgeDirectory });
      reply(stream, {});
    },
    harvest: async (stream) => {
      const limits = await readHead<HarvestHead>(stream);
      stream.respond({ ":status": 200 });
      await pipeline(Readable.from(harvestTree({ ...limits, workDirectory, judgeDirectory }), { objectMode: false }), stream);
    },
    probe: async (stream) => reply(stream, await probe(await readHead<ProbeHead>(stream))),
    relay: async (stream) => {
      const { listeners } = await readHead<RelayHead>(stream);
      relay ??= openRelay({ stream: options.egress });
      await relay.listen(listeners);
      reply(stream, {});
    },
    "close-relay": async (stream) => {
      await relay?.closeListeners();
      await endUserProcesses(AGENT);
      reply(stream, {});
    },
  };
}

/** Sends bytes from an offset. The trailer says where they end, so that a truncated answer is never taken for a whole one. */
async function sendOutput(
  stream: ServerHttp2Stream,
  log: { follow(offset: number, signal: AbortSignal): AsyncIterable<Buffer>; size(): number },
  offset: number,
): Promise<void> {
  const closed = new AbortController();
  stream.once("close", () => closed.abort());
  stream.respond({ ":status": 200 }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ [OUTPUT_END_TRAILER]: String(log.size()) }));
  await pipeline(Readable.from(log.follow(offset, closed.signal), { objectMode: false }), stream);
}
