import { defaults, GitHub, getOctokitOptions } from "@actions/github/lib/utils";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import Bottleneck from "bottleneck";
import type { z } from "zod";
import { AirlockError } from "../../../domain/errors.ts";
import type { Secret } from "../../../domain/secret.ts";
import { boundFetch } from "./bounded-fetch.ts";
import { explain, isTransient, type Purpose } from "./explain.ts";

/** How patient the client is. The defaults keep GitHub's advice of about one write a second, with a burst before it. */
export interface Pacing {
  readonly requestTimeoutMs: number;
  /** One second in production; tests shrink it. */
  readonly secondMs: number;
  readonly maxRetries: number;
  /** A longer wait asked for by GitHub is an error instead. */
  readonly longestWaitSeconds: number;
}

export const PACING: Pacing = { requestTimeoutMs: 60_000, secondMs: 1000, maxRetries: 3, longestWaitSeconds: 120 };
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

export interface ClientOptions {
  readonly repository: string;
  readonly apiUrl: string;
  readonly token: Secret;
  readonly notify: (line: string) => void;
  readonly pacing: Pacing;
}

type Parameters = Readonly<Record<string, unknown>>;

export interface Client {
  readonly owner: string;
  readonly name: string;
  /** One call whose repetition does no harm: octokit's plugins repeat it. The answer is parsed strictly. */
  call<T>(request: Call<T>): Promise<T>;
  /** Like `call`, but a 404 is `undefined`. */
  find<T>(request: Call<T>): Promise<T | undefined>;
  /**
   * Creates a thing whose repetition would double it. Looks for it first and after every failure that leaves
   * open whether it worked, so that "dropped after success" is found again.
   */
  createOnce<T>(options: CreateOnce<T>): Promise<{ readonly value: T; readonly found: boolean }>;
}

export interface Call<T> {
  /** For example `GET /repos/{owner}/{repo}/issues/{issue_number}`; owner and repo are filled in. */
  readonly route: string;
  readonly parameters?: Parameters;
  readonly shape: z.ZodType<T>;
  readonly purpose: Purpose;
}

export interface CreateOnce<T> {
  readonly find: () => Promise<T | undefined>;
  readonly create: Call<T>;
}

export function openClient(options: ClientOptions): Client {
  const [owner = "", name = ""] = options.repository.split("/");
  const octokit = openOctokit(options);
  const ask = async <T>(request: Call<T>, retries?: number): Promise<T> => {
    const parameters = { owner, repo: name, ...request.parameters, ...(retries === undefined ? {} : { request: { retries } }) };
    const response = await octokit.request(request.route, parameters);
    return parse(request, response.data);
  };
  const call = <T>(request: Call<T>): Promise<T> =>
    ask(request).catch((error: unknown) => {
      throw explain(error, request.purpose);
    });
  return {
    owner,
    name,
    call,
    find: (request) =>
      call(request).catch((error: unknown) => {
        if (error instanceof AirlockError && isNotFound(error.cause)) return undefined;
        throw error;
      }),
    createOnce: (creation) => createOnce(creation, { ask, pacing: options.pacing }),
  };
}

interface CreateTools {
  readonly ask: <T>(request: Call<T>, retries: number) => Promise<T>;
  readonly pacing: Pacing;
}

async function createOnce<T>(creation: CreateOnce<T>, tools: CreateTools): Promise<{ readonly value: T; readonly found: boolean }> {
  let failure: unknown;
  for (let attempt = 0; ; attempt += 1) {
    const value = await creation.find();
    if (value !== undefined) return { value, found: true };
    if (failure !== undefined && (attempt > tools.pacing.maxRetries || !isTransient(failure)))
      throw explain(failure, creation.create.purpose);
    try {
      return { value: await tools.ask(creation.create, 0), found: false };
    } catch (error) {
      failure = error;
    }
    if (isTransient(failure)) await pause((attempt + 1) ** 2 * tools.pacing.secondMs);
  }
}

function parse<T>(request: Call<T>, data: unknown): T {
  const parsed = request.shape.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new AirlockError(request.purpose.code ?? "publish.failed", {
    message: `GitHub's answer to "${request.purpose.doing}" has another shape than its API describes (${parsed.error.issues[0]?.path.join(".") ?? "whole answer"}).`,
    remedy: "Check GITHUB_API_URL: it has to be the REST API of github.com or of a GitHub Enterprise Server.",
  });
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && "status" in cause && cause.status === 404;
}

const Paced = GitHub.plugin(throttling, retry);

function openOctokit(options: ClientOptions) {
  const { pacing, notify } = options;
  const wait =
    (kind: string) =>
    (retryAfter: number, request: { readonly method?: string; readonly url?: string }, _octokit: unknown, count: number) => {
      const patient = count < pacing.maxRetries && retryAfter <= pacing.longestWaitSeconds;
      notify(`GitHub's ${kind} limit was met on ${request.method} ${request.url}; ${patient ? `waiting ${retryAfter} s` : "giving up"}.`);
      return patient;
    };
  return new Paced(
    getOctokitOptions(options.token.reveal(), {
      baseUrl: options.apiUrl,
      userAgent: "airlock",
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      request: {
        fetch: boundFetch(defaults.request?.fetch ?? fetch, { timeoutMs: pacing.requestTimeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES }),
      },
      retry: {
        retries: pacing.maxRetries,
        retryAfterBaseValue: pacing.secondMs,
        doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
      },
      throttle: {
        retryAfterBaseValue: pacing.secondMs,
        fallbackSecondaryRateRetryAfter: 60,
        onRateLimit: wait("rate"),
        onSecondaryRateLimit: wait("secondary rate"),
        write: openBucket("write", 30, pacing.secondMs),
        notifications: openBucket("notifications", 10, 3 * pacing.secondMs),
      },
    }),
  );
}

/** `burst` calls at once, then one per interval. */
function openBucket(id: string, burst: number, intervalMs: number): Bottleneck.Group {
  const step = Math.max(250, Math.ceil(intervalMs / 250) * 250);
  const amount = Math.max(1, Math.round(step / Math.max(1, intervalMs)));
  return new Bottleneck.Group({
    id,
    maxConcurrent: 1,
    reservoir: burst,
    reservoirIncreaseInterval: step,
    reservoirIncreaseAmount: amount,
    reservoirIncreaseMaximum: burst,
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
