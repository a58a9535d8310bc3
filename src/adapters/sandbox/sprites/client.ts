import type { Duplex } from "node:stream";
import { z } from "zod";
import type { Secret } from "../../../domain/secret.ts";
import { type Api, type ApiRequest, callOnce } from "../shared/api-call.ts";
import { PAUSES_MS, REQUEST_TIMEOUT_MS, retry } from "../shared/retry.ts";
import { VendorFailure } from "../shared/vendor-failure.ts";
import { readSpritesFailure } from "./errors.ts";
import { BrokenOff, type Conversation, converse } from "./exec.ts";
import { connectPort } from "./proxy.ts";
import { openSocket, watchPulse } from "./sockets.ts";

/** The part of the Sprites API that a sandbox needs. Calls are repeated where that is safe; the others say if an answer was lost. */
export interface SpritesClient {
  /** Sent once. The name is the sprite's identity: a second request with it makes no second sprite. */
  create(wanted: { readonly name: string; readonly labels: readonly string[] }): Promise<SpriteInfo>;
  /** undefined: there is none. */
  find(name: string): Promise<SpriteInfo | undefined>;
  list(prefix: string): Promise<readonly SpriteInfo[]>;
  /** Deleting what is gone is not an error. */
  remove(name: string): Promise<void>;
  setNetworkPolicy(name: string, rules: readonly PolicyRule[]): Promise<void>;
  readNetworkPolicy(name: string): Promise<readonly PolicyRule[]>;
  /** As the image's own user. Sent once. */
  writeFile(name: string, file: FileUpload): Promise<void>;
  /** As the image's own user. Sent once; if its end is not seen, the session is killed. */
  exec(name: string, command: ExecRequest): Promise<Conversation>;
  /** A connection to a port on the sprite's loopback interface. */
  dial(name: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** Before each further attempt of a call. */
  readonly pausesMs: readonly number[];
}

export interface FileUpload {
  readonly path: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ExecRequest {
  /** Without secrets: it travels in the address. */
  readonly argv: readonly string[];
  readonly stdin: Uint8Array;
  readonly timeoutMs: number;
  /** How long the session may go on when the connection is lost; the service's default is 10 s. */
  readonly keepAfterDisconnectMs: number;
  readonly signal: AbortSignal;
}

const ruleSchema = z.looseObject({ domain: z.string().optional(), action: z.string().optional(), include: z.string().optional() });
export type PolicyRule = Readonly<z.infer<typeof ruleSchema>>;
const policySchema = z.looseObject({ rules: z.array(ruleSchema).max(1000) });

const infoSchema = z.looseObject({
  name: z.string().max(256),
  /** The service may leave them out. */
  labels: z.array(z.string()).nullish(),
  url_settings: z.looseObject({ auth: z.string().nullish() }).nullish(),
});
export type SpriteInfo = Readonly<z.infer<typeof infoSchema>>;
const listSchema = z.looseObject({
  sprites: z.array(infoSchema).nullish(),
  has_more: z.boolean().nullish(),
  next_continuation_token: z.string().nullish(),
});

export interface SpritesClientOptions {
  readonly apiUrl: string;
  readonly token: Secret;
  /** Before each further attempt. Default 1, 3 and 8 s. */
  readonly pausesMs?: readonly number[];
  /** Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** Between two pings on a command's socket. Default 10 s. */
  readonly pulseMs?: number;
}

const PULSE_MS = 10_000;
/** The service waits for a machine: its SDK allows two minutes, four times as long as for any other request. */
const CREATE_PATIENCE = 4;
const OPEN_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const PAGE = 50;
const MAX_PAGES = 200;

interface OpenOptions extends SpritesClientOptions, Api {}

export function openSpritesClient(given: SpritesClientOptions): SpritesClient {
  const options: OpenOptions = { ...given, readFailure: readSpritesFailure };
  const { pausesMs = PAUSES_MS, requestTimeoutMs: timeoutMs = REQUEST_TIMEOUT_MS } = options;
  const again = <T>(act: () => Promise<T>): Promise<T> => retry({ pausesMs }, act);
  const call = async <T>(request: Omit<ApiRequest, "timeoutMs">, schema: z.ZodType<T>): Promise<T> =>
    read(await callOnce(options, { ...request, timeoutMs }), schema);
  return {
    pausesMs,
    async create({ name, labels }) {
      const json = { name, labels, url_settings: { auth: "sprite" } };
      return read(
        await callOnce(options, { method: "POST", path: "/v1/sprites", json, timeoutMs: CREATE_PATIENCE * timeoutMs }),
        infoSchema,
      );
    },
    find: (name) => absent(again(() => call({ method: "GET", path: pathOf(name) }, infoSchema))),
    list: (prefix) => listAll(prefix, (query) => again(() => call({ method: "GET", path: "/v1/sprites", query }, listSchema))),
    remove: async (name) => {
      await absent(again(() => callOnce(options, { method: "DELETE", path: pathOf(name), timeoutMs })));
    },
    setNetworkPolicy: async (name, rules) => {
      await again(() => callOnce(options, { method: "POST", path: `${pathOf(name)}/policy/network`, json: { rules }, timeoutMs }));
    },
    readNetworkPolicy: async (name) =>
      (await again(() => call({ method: "GET", path: `${pathOf(name)}/policy/network` }, policySchema))).rules,
    async writeFile(name, { path, mode, content, ...limits }) {
      const query = { path, workingDir: "/", mkdirParents: "true", mode };
      await callOnce(options, { method: "PUT", path: `${pathOf(name)}/fs/write`, query, bytes: content, ...limits });
    },
    exec: (name, command) => exec(options, name, command),
    dial: (name, port, signal) => dial(options, { name, port, signal }),
  };
}

function pathOf(name: string): string {
  return `/v1/sprites/${encodeURIComponent(name)}`;
}

function read<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VendorFailure("interrupted", { detail: "An answer is not what the API describes.", cause });
  }
}

async function absent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof VendorFailure && error.kind === "not-found") return undefined;
    throw error;
  }
}

type Page = z.infer<typeof listSchema>;

/** The service is asked to filter; its answer is filtered again, since what comes back may be destroyed. */
async function listAll(prefix: string, ask: (query: Readonly<Record<string, string>>) => Promise<Page>): Promise<readonly SpriteInfo[]> {
  const found: SpriteInfo[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await ask({ prefix, max_results: String(PAGE), ...(token === undefined ? {} : { continuation_token: token }) });
    found.push(...(answer.sprites ?? []).filter(({ name }) => name.startsWith(prefix)));
    token = answer.has_more === true ? (answer.next_continuation_token ?? undefined) : undefined;
    if (token === undefined) break;
  }
  return found;
}

async function exec(options: OpenOptions, name: string, command: ExecRequest): Promise<Conversation> {
  const { argv, stdin, timeoutMs, signal } = command;
  const query = [
    ...argv.map((word) => ["cmd", word] as const),
    ["path", argv[0] ?? ""],
    ["stdin", "true"],
    ["dir", "/"],
    ["max_run_after_disconnect", `${Math.ceil(command.keepAfterDisconnectMs / 1000)}s`],
  ] as const;
  const socket = await openSocket({
    ...options,
    url: `${options.apiUrl}${pathOf(name)}/exec`,
    query,
    signal,
    openTimeoutMs: OPEN_TIMEOUT_MS,
  });
  watchPulse(socket, options.pulseMs ?? PULSE_MS);
  try {
    return await converse({ socket, stdin, timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES, signal });
  } catch (error) {
    if (error instanceof BrokenOff && error.sessionId !== undefined) await kill(options, name, error.sessionId);
    throw error;
  }
}

/** So that nothing of the first attempt still runs when the command is repeated. If this fails, repeating does no harm either. */
async function kill(options: OpenOptions, name: string, sessionId: string): Promise<void> {
  const request = { method: "POST", path: `${pathOf(name)}/exec/${sessionId}/kill`, query: { signal: "SIGKILL", timeout: "1s" } } as const;
  await callOnce(options, { ...request, timeoutMs: KILL_TIMEOUT_MS }).catch(() => undefined);
}

interface Dial {
  readonly name: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

async function dial(options: SpritesClientOptions, { name, port, signal }: Dial): Promise<Duplex> {
  const openTimeoutMs = Math.min(OPEN_TIMEOUT_MS, options.requestTimeoutMs ?? OPEN_TIMEOUT_MS);
  const socket = await openSocket({ ...options, url: `${options.apiUrl}${pathOf(name)}/proxy`, signal, openTimeoutMs });
  return await connectPort(socket, port, openTimeoutMs);
}
