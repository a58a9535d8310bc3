import type { IncomingMessage, ServerResponse } from "node:http";
import { AirlockError } from "../../domain/errors.ts";
import type { Charge } from "../../domain/model/usage.ts";
import type { Secret } from "../../domain/secret.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import { drainBody } from "../http/drain-body.ts";
import { type Refusal, refuse } from "../http/refusal.ts";
import type { Budget, Ceiling } from "./budget.ts";
import type { BrokerLogLine } from "./log-line.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { type ModelRequest, readBody, readModelRequest } from "./model-request.ts";
import { ceilingOf, chargeOf, type Pricing } from "./pricing.ts";
import { Refused, throwRefusal, writeRefusal } from "./refusal.ts";
import { checkCredential, checkForm, listHeaders, passedHeaders, type RawHeader } from "./request-headers.ts";
import { findRoute, type ModelRoute } from "./routes.ts";
import type { ScrubberFactory } from "./scrub.ts";
import { sendResponse } from "./send-response.ts";
import type { ToolPolicy } from "./server-side-tools.ts";
import type { ServiceHealth } from "./service-health.ts";
import type { BrokerUpstream } from "./upstream.ts";
import { openUsageMeter } from "./usage-meter.ts";

export interface ExchangeContext {
  readonly api: ModelApi;
  readonly allowedModels: readonly string[];
  readonly pricing: Pricing;
  readonly tools: ToolPolicy;
  readonly maxBodyBytes: number;
  readonly memory: MemoryBudget;
  readonly surrogate: Secret;
  readonly upstream: BrokerUpstream;
  readonly budget: Budget;
  readonly health: ServiceHealth;
  readonly scrubbing: ScrubberFactory;
  readonly log: (line: BrokerLogLine) => void;
}

/** What is learned about a request while it is handled, for the log. */
interface Trace {
  bytesUp: number;
  bytesDown: number;
  reason: string;
  modelRequest?: ModelRequest;
  charge?: Charge | undefined;
}

/** One request of the agent, from its first header to its line in the log. Never throws. */
export async function handleRequest(context: ExchangeContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedMs = performance.now();
  const trace: Trace = { bytesUp: 0, bytesDown: 0, reason: "broker" };
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  let refusal: Refusal | undefined;
  try {
    await exchange(context, { request, response, trace, gone: gone.signal });
  } catch (error) {
    refusal = refusalOf(error);
    trace.reason = refusal.reason;
    writeRefusal(response, context.api, refusal);
    if (response.getHeader("connection") === "close" && !request.readableEnded) drainBody(request);
  }
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  context.log({
    time: new Date().toISOString(),
    host: context.upstream.host,
    port: context.upstream.port,
    method: request.method ?? "",
    path: context.scrubbing.clean(path.slice(0, 300)),
    status: response.headersSent ? response.statusCode : 0,
    bytesUp: trace.bytesUp,
    bytesDown: trace.bytesDown,
    durationMs: Math.round(performance.now() - startedMs),
    verdict: refusal === undefined || refusal.reason.startsWith("upstream-") ? "allow" : "deny",
    reason: trace.reason,
    ...(trace.modelRequest === undefined ? {} : { model: trace.modelRequest.model, serverTools: trace.modelRequest.serverTools }),
    ...(trace.charge === undefined ? {} : { costUsd: trace.charge.costUsd }),
  });
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal;
  if (error instanceof AirlockError) {
    return refuse(error.code === "budget.exceeded" ? "budget" : "run-ended", 403, `${error.message} The run ends here; do not try again.`);
  }
  return refuse("upstream-broken", 502, "The request could not be carried out.");
}

interface ModelExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly trace: Trace;
  readonly gone: AbortSignal;
}

async function exchange(context: ExchangeContext, { request, response, trace, gone }: ModelExchange): Promise<void> {
  checkForm(request);
  const headers = listHeaders(request);
  const route = findRoute(context.api, request.method ?? "", request.url ?? "");
  if (route.kind === "hello") {
    response.writeHead(200, { "content-length": 0 }).end();
    return;
  }
  checkCredential(headers, context.api, context.surrogate);
  if (route.kind === "models") {
    sendModelList(context, response);
    return;
  }
  using reservation = context.memory.open();
  const body = await readBody({ request, maxBytes: context.maxBodyBytes, memory: context.memory, reservation });
  const modelRequest = readModelRequest({ body, api: context.api, route, tools: context.tools });
  trace.bytesUp = modelRequest.body.length;
  trace.modelRequest = modelRequest;
  for (const model of modelRequest.models) checkModel(model, context.allowedModels);
  await spend(context, { route, headers, modelRequest, response, trace, gone });
}

/** Enough for a client that lists models before its first request; the agent does not need the real list. */
function sendModelList(context: ExchangeContext, response: ServerResponse): void {
  const data = context.allowedModels
    .filter((name) => !name.endsWith("*"))
    .map((id) => ({ id, object: "model", created: 0, owned_by: "airlock" }));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data, models: [] }));
}

function checkModel(model: string, allowed: readonly string[]): void {
  const fits = (rule: string): boolean => (rule.endsWith("*") ? model.startsWith(rule.slice(0, -1)) : model === rule);
  if (allowed.length > 0 && !allowed.some(fits)) {
    throwRefusal(
      "model-not-allowed",
      403,
      "This run may not use that model; use one that the workflow and `models` in the repository's file allow.",
    );
  }
}

interface Spending {
  readonly route: ModelRoute;
  readonly headers: readonly RawHeader[];
  readonly modelRequest: ModelRequest;
  readonly response: ServerResponse;
  readonly trace: Trace;
  readonly gone: AbortSignal;
}

const FREE: Ceiling = { costUsd: 0, outputTokens: 0, turn: false };

/** Waits for the budget, sends the request, passes the response on, and settles the cost whatever happens. */
async function spend(context: ExchangeContext, spending: Spending): Promise<void> {
  const { route, modelRequest, response, trace } = spending;
  const { body } = modelRequest;
  const paid = route.kind === "generate";
  const pass = await context.budget.admit(paid ? ceilingOf(context.pricing, modelRequest, body.length) : FREE, spending.gone);
  const startedMs = performance.now();
  let status: number | undefined;
  let retryAfter: string | undefined;
  let meter = openUsageMeter(context.api, undefined);
  let reached = true;
  try {
    const incoming = await context.upstream.send({
      method: "POST",
      target: route.path + route.query,
      headers: passedHeaders(spending.headers),
      body,
      signal: spending.gone,
    });
    status = incoming.statusCode;
    retryAfter = incoming.headers["retry-after"];
    meter = openUsageMeter(context.api, incoming.headers["content-type"]);
    await sendResponse({ api: context.api, incoming, response, meter, scrubbing: context.scrubbing });
  } catch (error) {
    reached = !(error instanceof Refused && error.refusal.reason === "upstream-unreachable" && status === undefined && isUnsent(error));
    throw error;
  } finally {
    const tally = meter.end();
    trace.bytesDown = tally.bytes;
    const durationMs = performance.now() - startedMs;
    if (paid && reached) trace.charge = chargeOf(context.pricing, { modelRequest, bodyBytes: body.length, tally, durationMs, status });
    if (paid) context.health.note({ status, retryAfter, tally });
    pass.settle(trace.charge);
  }
}

/** Whether the request failed before any byte of it could have arrived. */
function isUnsent(refused: Refused): boolean {
  const code = (refused.cause as NodeJS.ErrnoException | undefined)?.code ?? "";
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
}
