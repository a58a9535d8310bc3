import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, type Readable, Transform } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { MachineProcess } from "../cloud-host.ts";
import type { Fault } from "../faults.ts";
import type { E2bFaults } from "./faults.ts";
import { answerUnder, readBody, send } from "./http.ts";
import type { Box, State } from "./state.ts";

/** The daemon in every sandbox: Connect's streaming protocol for processes, plain HTTP for files. */
export interface EnvdOptions {
  readonly state: State;
  readonly faults: E2bFaults;
  /** Command lines that were started. */
  readonly commands: string[];
  /** Their time limits. */
  readonly limitsMs: number[];
  readonly complain: (text: string) => void;
}

const ENVD_PORT = "49983";

export async function answerEnvd(request: IncomingMessage, response: ServerResponse, options: EnvdOptions): Promise<void> {
  const { headers } = request;
  const box = options.state.boxes.get(String(headers["e2b-sandbox-id"]));
  if (headers["e2b-sandbox-port"] !== ENVD_PORT) options.complain("A request to the daemon names no port.");
  if (box === undefined) {
    send(response, { status: 502, body: { message: "The sandbox was not found", code: 502 } });
    return;
  }
  const url = new URL(request.url ?? "/", "http://envd");
  if (url.pathname === "/health") {
    send(response, { status: 204 });
    return;
  }
  if (headers["x-access-token"] !== box.envdToken) {
    send(response, { status: 401, body: { code: "unauthenticated", message: "invalid access token" } });
    return;
  }
  await routeEnvd({ request, response, url, box }, options);
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly box: Box;
}

async function routeEnvd(call: Call, options: EnvdOptions): Promise<void> {
  const { request, response, url } = call;
  const name = `${request.method ?? ""} ${url.pathname}`;
  if (name === "POST /process.Process/Start") return await startProcess(call, options);
  if (name === "POST /files") return await upload(call, options);
  options.complain(`No such call of the daemon: ${name}`);
  send(response, { status: 404, body: { code: "unimplemented", message: "not found" } });
}

const startSchema = z.strictObject({
  process: z.strictObject({
    cmd: z.literal("/bin/bash"),
    args: z.tuple([z.literal("-l"), z.literal("-c"), z.string()]),
    envs: z.record(z.string(), z.string()).optional(),
    cwd: z.string().optional(),
  }),
  stdin: z.boolean().optional(),
});

function userOf(request: IncomingMessage): string {
  const [, encoded = ""] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  return Buffer.from(encoded, "base64").toString().split(":")[0] || "user";
}

/** One frame: a flag, a length, JSON. */
function frame(value: unknown, flag = 0): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, text]);
}

function unframe(body: Buffer): unknown {
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) throw new Error("The request is not one frame.");
  return JSON.parse(body.toString("utf8", 5));
}

async function startProcess(call: Call, options: EnvdOptions): Promise<void> {
  const { request, response, box } = call;
  const fault = options.faults.take("start");
  const wanted = await readStart(request, options);
  if (wanted === undefined) {
    response.writeHead(415).end();
    return;
  }
  options.commands.push(wanted.args[2]);
  options.limitsMs.push(Number(request.headers["connect-timeout-ms"] ?? 0));
  if (fault?.kind === "status") return await answerUnder({ ...call, fault, act: async () => ({ status: 200 }) });
  if (fault?.kind === "half-open") return;
  if (fault?.kind === "slow") await sleep(fault.delayMs);
  if (fault?.kind === "drop" && fault.after !== true) {
    request.socket.destroy();
    return;
  }
  response.writeHead(200, { "content-type": "application/connect+json" });
  if (fault?.kind === "lie") {
    tellLie(response);
    return;
  }
  const argv = fault?.kind === "flood" ? ["/usr/bin/yes"] : [wanted.cmd, ...wanted.args];
  const started = await box.machine.start({
    argv,
    user: userOf(request),
    cwd: wanted.cwd ?? "/",
    env: wanted.envs ?? {},
  });
  await stream({ response, request, box, started, fault });
}

function tellLie(response: ServerResponse): void {
  for (const event of [{ start: { pid: 4 } }, { end: { exitCode: 0, exited: true, status: "exit status 0" } }])
    response.write(frame({ event }));
  response.end(frame({}, 2));
}

async function readStart(request: IncomingMessage, { complain }: EnvdOptions): Promise<z.infer<typeof startSchema>["process"] | undefined> {
  const { headers } = request;
  const body = await readBody(request);
  if (headers["content-type"] !== "application/connect+json" || headers["connect-protocol-version"] !== "1") {
    complain("A process was not asked for in Connect's protocol.");
    return undefined;
  }
  if (headers["connect-timeout-ms"] === undefined) complain("A command has no time limit.");
  const parsed = startSchema.safeParse(unframe(body));
  if (!parsed.success) complain(`A process was not understood: ${parsed.error.message}`);
  return parsed.data?.process;
}

interface Streaming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly box: Box;
  readonly started: MachineProcess;
  readonly fault: Fault | undefined;
}

/** The process goes on when nobody listens any more; its output is lost then, as it is in the real service. */
async function stream({ request, response, box, started, fault }: Streaming): Promise<void> {
  const limitMs = Number(request.headers["connect-timeout-ms"] ?? 0);
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      void box.machine.signal(started.pid, "KILL");
    },
    limitMs > 0 ? limitMs : 2 ** 31 - 1,
  );
  const say = (event: unknown): void => {
    for (let times = fault?.kind === "duplicate" ? 2 : 1; times > 0; times--) if (!response.destroyed) response.write(frame({ event }));
  };
  if (!response.destroyed) response.write(frame({ event: { start: { pid: started.pid } } }));
  const ended = [follow(started.stdout, "stdout", say, fault), follow(started.stderr, "stderr", say, fault)];
  const { code, signal } = await started.exit;
  clearTimeout(timer);
  await Promise.race([Promise.all(ended), sleep(1_000)]);
  if (fault?.kind === "drop") {
    request.socket.destroy();
    return;
  }
  const exited = signal === null;
  const status = exited ? `exit status ${code ?? 0}` : "signal: killed";
  if (!response.destroyed && !timedOut) response.write(frame({ event: { end: { exitCode: exited ? (code ?? 0) : -1, exited, status } } }));
  response.end(frame(timedOut ? { error: { code: "deadline_exceeded", message: "the time is up" } } : {}, 2));
}

async function follow(source: Readable, name: "stdout" | "stderr", say: (event: unknown) => void, fault: Fault | undefined): Promise<void> {
  for await (const piece of source as AsyncIterable<Buffer>) {
    const told = fault?.kind === "truncate" ? piece.subarray(0, Math.floor(piece.length / 2)) : piece;
    say({ data: { [name]: told.toString("base64") } });
  }
}

async function upload(call: Call, options: EnvdOptions): Promise<void> {
  const { request, url, box } = call;
  const path = url.searchParams.get("path");
  const user = url.searchParams.get("username") ?? "user";
  if (path === null || request.headers["content-type"] !== "application/octet-stream") {
    options.complain("An upload has no path, or is not a stream of bytes.");
    return send(call.response, { status: 400, body: { code: 400, message: "bad upload" } });
  }
  const fault = options.faults.take("upload");
  const content =
    fault?.kind === "truncate" ? request.pipe(cutAfterHalf()) : fault?.kind === "drop" ? request.pipe(dropAfter(request)) : request;
  await answerUnder({
    ...call,
    fault: fault?.kind === "truncate" || fault?.kind === "duplicate" ? undefined : fault,
    async act() {
      await box.machine.writeFile(path, user, content.pipe(new PassThrough()));
      return { status: 200, body: [{ path, name: path.slice(path.lastIndexOf("/") + 1), type: "file" }] };
    },
  });
}

const KEPT_BYTES = 1_000;

function cutAfterHalf(): Transform {
  let left = KEPT_BYTES;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(0, left);
      left -= kept.length;
      done(null, kept);
    },
  });
}

function dropAfter(request: IncomingMessage): Transform {
  return new Transform({
    transform(_chunk: Buffer, _encoding, done) {
      request.socket.destroy();
      done();
    },
  });
}
