import http2, { type ServerHttp2Stream } from "node:http2";
import { type Duplex, duplexPair } from "node:stream";
import { type ControlledSandboxOptions, openControlledSandbox } from "../../../src/adapters/sandbox/shared/control-client.ts";
import type { Sandbox } from "../../../src/ports/sandbox.ts";
import { CONTROL_SETTINGS, type ControlRoute, parseHello } from "../../../src/wire/control.ts";

/** What the guest does with one request, once its head is read. */
export type Answer = (stream: ServerHttp2Stream, head: Readonly<Record<string, unknown>>, count: number) => void;

export interface ScriptedGuest {
  readonly sandbox: Promise<Sandbox>;
  /** The guest's end of the control stream. */
  readonly end: Duplex;
  /** How often the sandbox was destroyed. */
  readonly destroyed: () => number;
  /** Heads of every request so far, by route. */
  readonly heads: (route: ControlRoute) => readonly Readonly<Record<string, unknown>>[];
}

export interface ScriptedGuestOptions extends Partial<ControlledSandboxOptions> {
  /** Takes the greeting; default: answers it as agreed. */
  readonly greet?: (end: Duplex, line: string) => void;
}

/** A guest that keeps the greeting and then does whatever a test tells it: for everything an honest guest never does. */
export function openScriptedGuest(answers: Partial<Record<ControlRoute, Answer>>, options: ScriptedGuestOptions = {}): ScriptedGuest {
  const [control, end] = duplexPair();
  const [egress] = duplexPair();
  let destroyed = 0;
  const heads = new Map<string, Readonly<Record<string, unknown>>[]>();
  end.on("error", () => undefined);
  end.once("data", (line: Buffer) => {
    end.pause();
    if (options.greet !== undefined) return options.greet(end, line.toString());
    end.write(`READY ${parseHello(line.toString().trim()).nonce}\n`);
    serve(end, answers, heads);
  });
  const sandbox = openControlledSandbox({
    control,
    egress,
    id: "scripted",
    facts: { provider: "microvm", isolation: "none", versions: {} },
    destroy: async () => {
      destroyed++;
    },
    greetTimeoutMs: 5_000,
    signal: new AbortController().signal,
    ...options,
  });
  return { sandbox, end, destroyed: () => destroyed, heads: (route) => heads.get(route) ?? [] };
}

function serve(end: Duplex, answers: Partial<Record<ControlRoute, Answer>>, heads: Map<string, Readonly<Record<string, unknown>>[]>): void {
  const session = http2.performServerHandshake(end, { settings: CONTROL_SETTINGS });
  session.on("error", () => undefined);
  session.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    const route = String(headers[":path"]).slice(1) as ControlRoute;
    let body = Buffer.alloc(0);
    const take = (piece: Buffer): void => {
      body = Buffer.concat([body, piece]);
      if (body.length < 4 || body.length < 4 + body.readUInt32BE()) return;
      stream.off("data", take);
      stream.resume();
      const head = JSON.parse(body.toString("utf8", 4, 4 + body.readUInt32BE())) as Readonly<Record<string, unknown>>;
      const seen = [...(heads.get(route) ?? []), head];
      heads.set(route, seen);
      answers[route]?.(stream, head, seen.length);
    };
    stream.on("data", take);
  });
}

export function replyJson(value: unknown, status = 200): Answer {
  return (stream) => {
    stream.respond({ ":status": status });
    stream.end(typeof value === "string" ? value : JSON.stringify(value));
  };
}

/** Writes for ever, as fast as the other end takes it. */
export function replyForever(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200 });
  const piece = Buffer.alloc(65_536, 0x20);
  const more = (): void => {
    while (!stream.destroyed && stream.write(piece));
    if (!stream.destroyed) stream.once("drain", more);
  };
  more();
}
