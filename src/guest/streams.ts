import fs from "node:fs";
import net from "node:net";
import { Duplex } from "node:stream";
import { listenForStream, takeToken } from "./listen.ts";

/** The two byte streams to the runner. Every way to get them is in this file. */
export interface Streams {
  readonly control: Duplex;
  readonly egress: Duplex;
  /** The guest is a machine of its own, so we set its clock and power. */
  readonly ownsMachine: boolean;
}

export const USAGE =
  "Usage: serve --virtio | serve --fd <control> <egress> | serve --socket <control path> <egress path> | serve --listen <control port> <egress port> <token file>";

/** @throws TypeError if the arguments name no way. */
export async function openStreams(args: readonly string[]): Promise<Streams> {
  const [kind, control, egress, ...rest] = args;
  if (kind === "--virtio" && control === undefined) {
    return { control: openPort("airlock.ctl"), egress: openPort("airlock.net"), ownsMachine: true };
  }
  if (kind === "--listen") return await listen(args.slice(1));
  if (control === undefined || egress === undefined || rest.length > 0) throw new TypeError(USAGE);
  if (kind === "--fd") return { control: openDescriptor(control), egress: openDescriptor(egress), ownsMachine: false };
  if (kind === "--socket") return { control: await connect(control), egress: await connect(egress), ownsMachine: false };
  throw new TypeError(USAGE);
}

async function listen(args: readonly string[]): Promise<Streams> {
  const [control, egress, tokenFile, ...rest] = args;
  if (control === undefined || egress === undefined || tokenFile === undefined || rest.length > 0) throw new TypeError(USAGE);
  const token = takeToken(tokenFile);
  const [controlStream, egressStream] = await Promise.all([
    listenForStream({ port: readPort(control), token }),
    listenForStream({ port: readPort(egress), token }),
  ]);
  return { control: controlStream, egress: egressStream, ownsMachine: false };
}

function readPort(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text) || Number(text) > 65_535) throw new TypeError(`"${text}" is no port. ${USAGE}`);
  return Number(text);
}

function openDescriptor(text: string): Duplex {
  if (!/^[0-9]{1,4}$/.test(text)) throw new TypeError(`"${text}" is no file descriptor. ${USAGE}`);
  return new net.Socket({ fd: Number(text), readable: true, writable: true, allowHalfOpen: true });
}

function connect(path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

const PORTS_DIRECTORY = "/sys/class/virtio-ports";

function findPort(name: string): string {
  for (const port of fs.readdirSync(PORTS_DIRECTORY)) {
    if (fs.readFileSync(`${PORTS_DIRECTORY}/${port}/name`, "utf8").trim() === name) return `/dev/${port}`;
  }
  throw new Error(`There is no virtio port "${name}".`);
}

/** libuv's pipe handle drives the port by epoll; plain file reads, which occupy a thread each, are the fallback. */
function openPort(name: string): Duplex {
  const device = findPort(name);
  return openAsPipe(device) ?? openAsFile(device);
}

interface PipeHandle {
  open(fd: number): number;
}

interface PipeWrap {
  readonly Pipe: new (kind: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number };
}

function openAsPipe(device: string): Duplex | undefined {
  const { binding } = process as unknown as { readonly binding?: (name: "pipe_wrap") => PipeWrap };
  if (binding === undefined) return undefined;
  const fd = fs.openSync(device, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  try {
    const { Pipe, constants } = binding.call(process, "pipe_wrap");
    const handle = new Pipe(constants.SOCKET);
    if (handle.open(fd) !== 0) throw new Error("The port cannot be opened as a pipe.");
    const options = { handle, readable: true, writable: true, allowHalfOpen: true };
    return new net.Socket(options as unknown as net.SocketConstructorOpts);
  } catch {
    fs.closeSync(fd);
    return undefined;
  }
}

const CHUNK_BYTES = 65_536;
/** A port whose other end is closed reads as empty. */
const EMPTY_READ_PAUSE_MS = 50;

function openAsFile(device: string): Duplex {
  const fd = fs.openSync(device, fs.constants.O_RDWR);
  const write = (chunk: Buffer, offset: number, done: (error?: Error | null) => void): void => {
    fs.write(fd, chunk, offset, chunk.length - offset, null, (error, written) => {
      if (error !== null || offset + written >= chunk.length) done(error);
      else write(chunk, offset + written, done);
    });
  };
  const readInto = (stream: Duplex): void => {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    fs.read(fd, buffer, 0, buffer.length, null, (error, count) => {
      if (error !== null) stream.destroy(error);
      else if (count > 0) stream.push(buffer.subarray(0, count));
      else setTimeout(() => readInto(stream), EMPTY_READ_PAUSE_MS);
    });
  };
  return new Duplex({
    readableHighWaterMark: CHUNK_BYTES,
    writableHighWaterMark: CHUNK_BYTES,
    read() {
      readInto(this);
    },
    write: (chunk: Buffer, _encoding, done) => write(chunk, 0, done),
    destroy: (error, done) => fs.close(fd, () => done(error)),
  });
}
