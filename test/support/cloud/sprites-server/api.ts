import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Answer, readBody, send } from "../e2b-server/http.ts";
import type { SpritesFault, SpritesFaults, Stage } from "./faults.ts";
import { IMAGE_USER, type Rule, type Sprite, type State } from "./state.ts";
import { receiveUpload } from "./upload.ts";

/** The REST part of the Sprites API (Bearer token, JSON with snake case), as its published reference and SDK types describe it. */
export interface ApiOptions {
  readonly state: State;
  readonly faults: SpritesFaults;
  readonly token: string;
  readonly maxSprites: number;
  /** Some versions leave labels out of lists. */
  readonly listsLabels: boolean;
  /** What the policy is said to be, instead of what it is. */
  readonly toldRules: readonly Rule[] | undefined;
  /** What the URL's setting becomes, whatever was asked for. */
  readonly forcedAuth: string | undefined;
  /** Creations, as they were asked for. */
  readonly asked: CreateBody[];
  readonly complain: (text: string) => void;
}

const createSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/),
  labels: z.array(z.string().regex(/^[a-z0-9-]{1,63}$/)).optional(),
  url_settings: z.strictObject({ auth: z.enum(["sprite", "public"]) }).optional(),
  wait_for_capacity: z.boolean().optional(),
});
export type CreateBody = z.infer<typeof createSchema>;

const listSchema = z.strictObject({
  prefix: z.string().optional(),
  max_results: z.coerce.number().int().min(1).max(50).optional(),
  continuation_token: z.string().optional(),
});
const policySchema = z.strictObject({
  rules: z.array(
    z.strictObject({ domain: z.string().optional(), action: z.enum(["allow", "deny"]).optional(), include: z.string().optional() }),
  ),
});
const uploadSchema = z.strictObject({
  path: z.string().startsWith("/"),
  workingDir: z.string().startsWith("/"),
  mkdirParents: z.enum(["true", "false"]).optional(),
  mode: z
    .string()
    .regex(/^[0-7]{4}$/)
    .optional(),
});
const killSchema = z.strictObject({ signal: z.string().regex(/^SIG[A-Z0-9]+$/), timeout: z.string() });

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly options: ApiOptions;
}

type Routed = readonly [Stage | undefined, act: (fault: SpritesFault | undefined) => Promise<Answer>, lie?: () => Answer];

export async function answerApi(request: IncomingMessage, response: ServerResponse, options: ApiOptions): Promise<void> {
  const url = new URL(request.url ?? "/", "http://api");
  if (url.href.includes(options.token)) options.complain("The token is in an address.");
  if (request.headers.authorization !== `Bearer ${options.token}`) return send(response, refusal(401, "unauthorized"));
  const [stage, act, lie] = await route({ request, response, url, options });
  const fault = stage === undefined ? undefined : options.faults.take(stage);
  if (fault?.kind === "lie" && lie !== undefined) return send(response, lie());
  await answerUnder({ request, response, url, options }, act, fault);
}

export function refusal(status: number, error: string, message = ""): Answer {
  return { status, body: { error, message } };
}

async function route(call: Call): Promise<Routed> {
  const { request, url, options } = call;
  const { method = "" } = request;
  const [, name, rest = ""] = /^\/v1\/sprites(?:\/([^/]+)(\/.*)?)?$/.exec(url.pathname) ?? [];
  const at = `${method} ${name === undefined ? url.pathname : `:${rest}`}`;
  if (at === "POST /v1/sprites") {
    const body = await readJson(request);
    return ["create", async () => create(body, options), () => claim(body)];
  }
  if (at === "GET /v1/sprites")
    return ["list", async () => list(url, options), () => ({ status: 200, body: { sprites: [], has_more: false } })];
  const sprite = options.state.sprites.get(name ?? "");
  if (at === "DELETE :")
    return ["delete", async () => ((await options.state.remove(name ?? "")) ? { status: 204 } : absent()), () => ({ status: 204 })];
  if (at === "GET :") return ["get", async () => (sprite === undefined ? absent() : { status: 200, body: describe(sprite) }), absent];
  if (sprite === undefined) return [undefined, async () => absent()];
  return await routeInside(at, sprite, call);
}

async function routeInside(at: string, sprite: Sprite, { request, url, options }: Call): Promise<Routed> {
  if (at === "GET :/policy/network")
    return ["policy-get", async () => ({ status: 200, body: { rules: options.toldRules ?? sprite.rules } })];
  if (at === "POST :/policy/network") {
    const body = await readJson(request);
    return ["policy-set", async () => setPolicy(body, sprite, options), () => ({ status: 204 })];
  }
  if (at === "PUT :/fs/write") return ["upload", (fault) => upload({ request, url, sprite, options, fault })];
  const [, session] = /^POST :\/exec\/(\d+)\/kill$/.exec(at) ?? [];
  if (session !== undefined) return [undefined, () => kill(url, session, { sprite, options })];
  options.complain(`No such call: ${at}`);
  return [undefined, async () => absent()];
}

function absent(): Answer {
  return refusal(404, "not_found", "Resource not found");
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.headers["content-type"] !== "application/json") return undefined;
  return JSON.parse((await readBody(request)).toString("utf8"));
}

function create(body: unknown, { state, asked, complain, maxSprites, forcedAuth }: ApiOptions): Answer {
  const parsed = createSchema.safeParse(body);
  if (!parsed.success) {
    complain(`A creation was not understood: ${parsed.error.message}`);
    return refusal(400, "invalid_request");
  }
  if (state.sprites.size >= maxSprites) {
    return {
      status: 429,
      body: { error: "concurrent_sprite_limit_exceeded", message: "limit reached", current_count: state.sprites.size },
    };
  }
  asked.push(parsed.data);
  const { name, labels = [], url_settings: settings } = parsed.data;
  const sprite = state.create({ name, labels, auth: forcedAuth ?? settings?.auth ?? "sprite" });
  return sprite === undefined ? refusal(400, "invalid_request", "name is taken") : { status: 201, body: describe(sprite) };
}

/** Of a sprite that was never made. */
function claim(body: unknown): Answer {
  const { name = "", labels = [] } = createSchema.safeParse(body).data ?? {};
  return { status: 201, body: describe({ id: "0", name, labels, auth: "sprite", createdAt: new Date() }) };
}

function describe({
  id,
  name,
  labels,
  auth,
  createdAt,
}: Pick<Sprite, "id" | "name" | "labels" | "auth" | "createdAt">): Readonly<Record<string, unknown>> {
  const url = `https://${name}-abcde.sprites.app`;
  const at = createdAt.toISOString();
  return { id, name, organization: "test", url, url_settings: { auth }, labels, status: "running", created_at: at, updated_at: at };
}

function list(url: URL, { state, listsLabels, complain }: ApiOptions): Answer {
  const parsed = listSchema.safeParse(Object.fromEntries(url.searchParams));
  if (!parsed.success) {
    complain(`A list was not understood: ${parsed.error.message}`);
    return refusal(400, "invalid_request");
  }
  const { prefix = "", max_results: limit = 50, continuation_token: token = "0" } = parsed.data;
  const found = [...state.sprites.values()].filter((sprite) => sprite.name.startsWith(prefix)).map(describe);
  const shown = found.slice(Number(token), Number(token) + limit).map((each) => (listsLabels ? each : { ...each, labels: undefined }));
  const more = Number(token) + limit < found.length;
  const next = more ? { next_continuation_token: String(Number(token) + limit) } : {};
  return { status: 200, body: { sprites: shown, has_more: more, ...next } };
}

function setPolicy(body: unknown, sprite: Sprite, { complain }: ApiOptions): Answer {
  const parsed = policySchema.safeParse(body);
  if (!parsed.success) {
    complain(`A policy was not understood: ${parsed.error.message}`);
    return refusal(400, "invalid_policy");
  }
  sprite.rules = parsed.data.rules;
  return { status: 204 };
}

interface Upload {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly sprite: Sprite;
  readonly options: ApiOptions;
  readonly fault: SpritesFault | undefined;
}

async function upload({ request, url, sprite, options, fault }: Upload): Promise<Answer> {
  const parsed = uploadSchema.safeParse(Object.fromEntries(url.searchParams));
  if (!parsed.success || request.headers["content-type"] !== "application/octet-stream") {
    options.complain("An upload was not understood.");
    return refusal(400, "invalid_request");
  }
  if (sprite.rules.length === 0) options.complain("A file was written before the network was closed.");
  const { path, mode = "0644" } = parsed.data;
  const bytes = await receiveUpload({ request, machine: await sprite.machine(), path, mode, user: IMAGE_USER, fault });
  return { status: 200, body: { path, size: bytes, mode } };
}

async function kill(
  url: URL,
  session: string,
  { sprite, options }: { readonly sprite: Sprite; readonly options: ApiOptions },
): Promise<Answer> {
  const parsed = killSchema.safeParse(Object.fromEntries(url.searchParams));
  if (!parsed.success) options.complain("A signal was not understood.");
  await (await sprite.machine()).signal(Number(session), (parsed.data?.signal ?? "SIGTERM").slice(3));
  return { status: 200, body: { type: "complete", exit_code: 137 } };
}

/** Does the work of one request under a fault. */
async function answerUnder({ request, response }: Call, act: Routed[1], fault: SpritesFault | undefined): Promise<void> {
  switch (fault?.kind) {
    case "status": {
      if (fault.after === true) await act(undefined);
      else request.resume();
      const headers: Record<string, string> = fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) };
      return send(response, { ...refusal(fault.status, fault.code ?? "injected", fault.message ?? "A fault was injected."), headers });
    }
    case "drop":
      if (fault.after === true) await act(undefined);
      request.socket.destroy();
      return;
    case "half-open":
      return;
    case "slow":
      await sleep(fault.delayMs);
      return send(response, await act(undefined));
    case "duplicate": {
      const first = await act(undefined);
      return send(response, request.method === "PUT" ? first : await act(undefined));
    }
    default:
      return send(response, await act(fault));
  }
}
