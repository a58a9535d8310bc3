import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import type { E2bFaults, Stage } from "./faults.ts";
import { type Answer, answerUnder, apiError, readBody, send } from "./http.ts";
import type { Box, State } from "./state.ts";

/** The control API (`X-API-KEY`, JSON), as the SDK's types and the service's open-source parts describe it. */
export interface ApiOptions {
  readonly state: State;
  readonly faults: E2bFaults;
  readonly apiKey: string;
  readonly domain: string;
  /** Longest life a sandbox may ask for. */
  readonly maxHours: number;
  readonly maxSandboxes: number;
  /** A service that does not do what it was asked for. */
  readonly breaksPromise: "no network" | "private ports" | "secured daemon" | undefined;
  /** What creation requests asked for, as parsed. */
  readonly asked: CreateBody[];
  /** Told of every request that the real service would not understand. */
  readonly complain: (text: string) => void;
}

const createSchema = z.strictObject({
  templateID: z.string().min(1),
  metadata: z.record(z.string(), z.string()).optional(),
  envVars: z.record(z.string(), z.string()).optional(),
  timeout: z.int().min(0).optional(),
  allow_internet_access: z.boolean().optional(),
  network: z
    .strictObject({
      allowOut: z.array(z.string()).optional(),
      denyOut: z.array(z.string()).optional(),
      allowPublicTraffic: z.boolean().optional(),
    })
    .optional(),
  autoPause: z.boolean().optional(),
});
export type CreateBody = z.infer<typeof createSchema>;

const listSchema = z.strictObject({
  metadata: z.string().optional(),
  state: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
  nextToken: z.string().optional(),
});

const ENVD_VERSION = "0.6.4";
const DEFAULT_LIFETIME_S = 300;

export async function answerApi(request: IncomingMessage, response: ServerResponse, options: ApiOptions): Promise<void> {
  if (request.headers["x-api-key"] !== options.apiKey) {
    send(response, apiError(401, "Invalid API key"));
    return;
  }
  const url = new URL(request.url ?? "/", "http://api");
  const [stage, act, lie] = await route(request, url, options);
  const fault = stage === undefined ? undefined : options.faults.take(stage);
  await answerUnder({ request, response, fault, act, lie });
}

type Routed = readonly [Stage | undefined, act: () => Promise<Answer>, lie?: () => Answer];

async function route(request: IncomingMessage, url: URL, options: ApiOptions): Promise<Routed> {
  const call = `${request.method ?? ""} ${url.pathname}`;
  if (call === "POST /v2/sandboxes") {
    const body = await readBody(request);
    return ["create", () => create(body, options), () => ({ status: 201, body: claim(`i${"0".repeat(19)}`, options) })];
  }
  if (call === "GET /v2/sandboxes") return ["list", async () => list(url, options), () => ({ status: 200, body: [] })];
  const [, id] = /^\/sandboxes\/([A-Za-z0-9-]+)$/.exec(url.pathname) ?? [];
  if (id !== undefined && request.method === "GET")
    return ["get", async () => get(id, options), () => apiError(404, `sandbox ${id} not found`)];
  if (id !== undefined && request.method === "DELETE") return ["kill", () => kill(id, options), () => ({ status: 204 })];
  options.complain(`No such call: ${call}`);
  return [undefined, async () => apiError(404, "Not found")];
}

/** Of a sandbox that was never made. */
function claim(id: string, { domain }: ApiOptions): Readonly<Record<string, unknown>> {
  const tokens = { envdAccessToken: "0".repeat(32), trafficAccessToken: "0".repeat(32) };
  return { sandboxID: id, templateID: "base", clientID: "node1", envdVersion: ENVD_VERSION, domain, ...tokens };
}

async function create(body: Buffer, options: ApiOptions): Promise<Answer> {
  const parsed = createSchema.safeParse(JSON.parse(body.toString("utf8")));
  if (!parsed.success) {
    options.complain(`A creation was not understood: ${parsed.error.message}`);
    return apiError(400, "The request body has an error");
  }
  const { data } = parsed;
  const { state, maxHours, maxSandboxes } = options;
  const lifetimeS = data.timeout ?? DEFAULT_LIFETIME_S;
  if (lifetimeS > maxHours * 3600) return apiError(400, `Timeout cannot be greater than ${maxHours} hours`);
  if (state.templates[data.templateID] === undefined) return apiError(404, `template '${data.templateID}' not found`);
  if (state.boxes.size >= maxSandboxes) {
    return apiError(429, `you have reached the maximum number of concurrent E2B sandboxes (${maxSandboxes})`);
  }
  options.asked.push(data);
  const isDenied = data.allow_internet_access === false || (data.network?.denyOut ?? []).includes("0.0.0.0/0");
  const box = await state.create({
    template: data.templateID,
    metadata: data.metadata ?? {},
    lifetimeS,
    internet: !isDenied || options.breaksPromise === "no network",
    isPublic: data.network?.allowPublicTraffic !== false || options.breaksPromise === "private ports",
  });
  const common = { sandboxID: box.id, templateID: box.template, clientID: "node1", envdVersion: ENVD_VERSION, domain: options.domain };
  const envdAccessToken = options.breaksPromise === "secured daemon" ? undefined : box.envdToken;
  return { status: 201, body: { ...common, envdAccessToken, trafficAccessToken: box.trafficToken ?? null } };
}

/** Keys and values are escaped once by themselves and once as a query. */
function parseMetadata(text: string): ReadonlyMap<string, string> {
  return new Map([...new URLSearchParams(text)].map(([key, value]) => [decodeURIComponent(key), decodeURIComponent(value)]));
}

function list(url: URL, { state, complain }: ApiOptions): Answer {
  const parsed = listSchema.safeParse(Object.fromEntries(url.searchParams));
  if (!parsed.success) {
    complain(`A list was not understood: ${parsed.error.message}`);
    return apiError(400, "The query has an error");
  }
  const { metadata = "", limit = 100, nextToken = "0" } = parsed.data;
  const wanted = parseMetadata(metadata);
  const found = [...state.boxes.values()].filter((box) => [...wanted].every(([key, value]) => box.metadata[key] === value));
  const from = Number(nextToken);
  const headers: Record<string, string> = from + limit < found.length ? { "x-next-token": String(from + limit) } : {};
  return { status: 200, body: found.slice(from, from + limit).map(describe), headers };
}

function describe(box: Box): Readonly<Record<string, unknown>> {
  return {
    sandboxID: box.id,
    templateID: box.template,
    clientID: "node1",
    startedAt: new Date(box.startedAtMs).toISOString(),
    endAt: new Date(box.endAtMs).toISOString(),
    state: "running",
    cpuCount: 2,
    memoryMB: 512,
    diskSizeMB: 1024,
    envdVersion: ENVD_VERSION,
    metadata: box.metadata,
  };
}

function get(id: string, { state }: ApiOptions): Answer {
  const box = state.boxes.get(id);
  return box === undefined ? apiError(404, `sandbox ${id} not found`) : { status: 200, body: describe(box) };
}

async function kill(id: string, { state }: ApiOptions): Promise<Answer> {
  return (await state.kill(id)) ? { status: 204 } : apiError(404, `sandbox ${id} not found`);
}
