import { defaults, GitHub, getOctokitOptions } from "@actions/github/lib/utils";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import Bottleneck from "bottleneck";
import { boundFetch } from "./bounded-fetch.ts";
import type { ClientOptions } from "./pacing.ts";

const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const Paced = GitHub.plugin(throttling, retry);

export type Octokit = InstanceType<typeof Paced>;

/** The real client: retries what is safe to repeat, and waits as GitHub asks. */
export function openOctokit(options: ClientOptions): Octokit {
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
