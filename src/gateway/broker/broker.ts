import { randomBytes } from "node:crypto";
import http from "node:http";
import type { Duplex } from "node:stream";
import { AirlockError } from "../../domain/errors.ts";
import type { Usage } from "../../domain/model/usage.ts";
import type { Price } from "../../domain/price.ts";
import { Secret } from "../../domain/secret.ts";
import type { GatewayLimits, ModelUpstream } from "../../ports/gateway.ts";
import { refuse } from "../http/refusal.ts";
import { type BudgetLimits, openBudget } from "./budget.ts";
import { handleRequest } from "./exchange.ts";
import type { BrokerLogLine } from "./log-line.ts";
import { DEFAULT_MEMORY_LIMITS, type MemoryLimits, openMemoryBudget } from "./memory-budget.ts";
import { writeRefusal } from "./refusal.ts";
import { openScrubbing } from "./scrub.ts";
import { watchService } from "./service-health.ts";
import { tryCredential } from "./try-credential.ts";
import { openBrokerUpstream, type UpstreamTimeouts } from "./upstream.ts";

const MIB = 1024 * 1024;
const DEFAULT_TIMEOUTS: UpstreamTimeouts = { connectMs: 20_000, answerMs: 600_000, idleMs: 300_000 };

export interface BrokerOptions {
  readonly model: ModelUpstream;
  /** Cost and turns from the run's inputs, and finer caps. */
  readonly limits: GatewayLimits & Partial<BudgetLimits>;
  readonly log?: (line: BrokerLogLine) => void;
  /** Prices by exact model name, before the dated table. */
  readonly prices?: Readonly<Record<string, Price>>;
  readonly timeouts?: Partial<UpstreamTimeouts>;
  /** PEM of further certificate authorities. */
  readonly ca?: string;
  /** Default 32 MiB. */
  readonly maxBodyBytes?: number;
  readonly memory?: Partial<MemoryLimits>;
  /** Domains that hosted tools may look at, where they take a list. Absent: any. */
  readonly toolDomains?: readonly string[] | undefined;
}

/** Puts the real credential in place of the run's surrogate, on the few calls that an agent needs, and counts what they cost. */
export interface Broker {
  /** Serves HTTP/1.1 on one raw connection; each request leaves a line in its log, by default the options' own. */
  serve(stream: Duplex, log?: (line: BrokerLogLine) => void): void;
  usage(): Usage;
  /** What the agent gets; it is of no use anywhere else or after the run. */
  readonly surrogate: Secret;
  /** Asks the service, at no cost, whether it takes the credential. @throws AirlockError `model.*` when it definitely does not */
  tryCredential(): Promise<void>;
  /** Aborted with the AirlockError that ends the run: a cap that is reached, or a service that will answer no further request. */
  readonly exhausted: AbortSignal;
  close(): Promise<void>;
}

/** @throws AirlockError `input.invalid` for a base URL or credential that cannot be used. */
export function openBroker(options: BrokerOptions): Broker {
  const surrogate = new Secret(`airlock-surrogate-${randomBytes(24).toString("hex")}`, "surrogate");
  const upstream = openBrokerUpstream({ upstream: options.model, timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts }, ca: options.ca });
  const budget = openBudget({ limits: completeLimits(options.limits) });
  const { api, credential } = options.model;
  const health = watchService({ api, credential: credential.value.name, stop: budget.stop, now: Date.now });
  const scrubbing = openScrubbing(options.model.credential.value.reveal().trim());
  const context = {
    api,
    allowedModels: options.model.allowedModels,
    tools: { allowed: options.model.tools ?? [], domains: options.toolDomains },
    pricing: { api, overrides: options.prices ?? {} },
    maxBodyBytes: options.maxBodyBytes ?? 32 * MIB,
    memory: openMemoryBudget({ ...DEFAULT_MEMORY_LIMITS, ...options.memory }),
    surrogate,
    upstream,
    budget,
    health,
    scrubbing,
    log: options.log ?? (() => undefined),
  };
  const connections = new Set<Duplex>();
  const logs = new WeakMap<Duplex, (line: BrokerLogLine) => void>();
  const server = createServer(
    (request, response) => void handleRequest({ ...context, log: logs.get(request.socket) ?? context.log }, request, response),
    (response) => writeRefusal(response, api, refuse("bad-request", 400, '"Expect" is not taken.')),
  );
  return {
    surrogate,
    exhausted: budget.exhausted,
    async tryCredential() {
      const error = await tryCredential(upstream, options.model);
      if (error !== undefined) throw error;
    },
    usage: () => withRetry(budget.usage(), health.retryAt()),
    serve(stream, log) {
      connections.add(stream);
      if (log !== undefined) logs.set(stream, log);
      stream.on("error", () => undefined);
      stream.once("close", () => connections.delete(stream));
      server.emit("connection", stream);
    },
    async close() {
      for (const stream of connections) stream.destroy();
      upstream.close();
      server.close();
    },
  };
}

function withRetry(usage: Usage, retryAt: string | undefined): Usage {
  return retryAt === undefined ? usage : { ...usage, retryAt };
}

/** `expected` answers requests with an `Expect` line. */
function createServer(handle: http.RequestListener, expected: (response: http.ServerResponse) => void): http.Server {
  const server = http.createServer(
    {
      maxHeaderSize: 32 * 1024,
      headersTimeout: 30_000,
      requestTimeout: 300_000,
      keepAliveTimeout: 60_000,
      connectionsCheckingInterval: 5_000,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    handle,
  );
  server.maxHeadersCount = 2000;
  // Without a listener `node:http` would say "100 Continue" before anything was checked.
  server.on("checkContinue", (_request, response) => expected(response));
  server.on("checkExpectation", (_request, response) => expected(response));
  return server;
}

/** Caps that have no input of their own follow the ones that have. */
function completeLimits(limits: BrokerOptions["limits"]): BudgetLimits {
  if (!(limits.maxCostUsd >= 0) || !(limits.maxTurns >= 0)) {
    throw new AirlockError("input.invalid", {
      message: "A limit on cost or turns is negative or not a number.",
      remedy: "Set `max-cost-usd` and `max-turns` to numbers that are not negative.",
    });
  }
  return {
    maxCostUsd: limits.maxCostUsd,
    maxTurns: limits.maxTurns,
    maxRequests: limits.maxRequests ?? (limits.maxTurns === 0 ? 10_000 : 200 + 20 * limits.maxTurns),
    maxOutputTokens: limits.maxOutputTokens ?? 0,
    maxRequestsPerMinute: limits.maxRequestsPerMinute ?? 600,
  };
}
