import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionOpts, Sandbox, type SandboxInfo } from "e2b";
import { AirlockError, messageOf } from "../../../domain/errors.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { E2bEndpoints } from "./endpoints.ts";
import { classifyE2bError, type FailureKind, translateE2bError } from "./errors.ts";

/** The control API: calls that may be repeated are, within bounds; everything is tagged and found by its tags. */
export interface E2bApi {
  /** For the SDK's own calls. Every field that it would read from the environment is set. */
  readonly connection: ConnectionOpts;
  readonly requestTimeoutMs: number;
  /** All sandboxes that carry these tags, running or paused. */
  list(tags: Readonly<Record<string, string>>): Promise<readonly SandboxInfo[]>;
  /** Resolves when it is gone, by this call or before. @throws AirlockError `sandbox.left` */
  kill(id: string): Promise<void>;
  /** undefined when that cannot be found out now. */
  exists(id: string): Promise<boolean | undefined>;
  /** Waits before the next attempt; false when there is to be none. */
  pause(attempt: number, signal?: AbortSignal): Promise<boolean>;
}

export interface E2bApiOptions {
  readonly apiKey: Secret;
  readonly endpoints: E2bEndpoints;
  /** Before each further attempt. Default 1, 3 and 8 s. */
  readonly pausesMs?: readonly number[];
  /** Default 30 s. */
  readonly requestTimeoutMs?: number;
}

const PAUSES_MS = [1_000, 3_000, 8_000];
const REQUEST_TIMEOUT_MS = 30_000;
/** The SDK waits as long as `Retry-After` says, as often as this, and never past the request's own time. */
const RATE_LIMIT_RETRIES = 3;
const PAGE = 100;
const MAX_PAGES = 100;
const REPEATABLE: ReadonlySet<FailureKind> = new Set(["interrupted", "rate-limit", "capacity"]);

export function openE2bApi({ apiKey, endpoints, pausesMs = PAUSES_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS }: E2bApiOptions): E2bApi {
  const connection: ConnectionOpts = {
    apiKey: apiKey.reveal(),
    domain: endpoints.domain,
    debug: false,
    retries: RATE_LIMIT_RETRIES,
    requestTimeoutMs,
    apiUrl: endpoints.apiUrl ?? `https://api.${endpoints.domain}`,
    ...(endpoints.sandboxUrl === undefined ? {} : { sandboxUrl: endpoints.sandboxUrl }),
  };
  const pause = async (attempt: number, signal?: AbortSignal): Promise<boolean> => {
    const waitMs = pausesMs[attempt];
    if (waitMs === undefined) return false;
    const slept = sleep(waitMs, true, signal === undefined ? {} : { signal });
    return await slept.catch(() => false);
  };
  const repeat = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (!REPEATABLE.has(classifyE2bError(error)) || !(await pause(attempt))) throw translateE2bError(error, { what });
      }
    }
  };
  return {
    connection,
    requestTimeoutMs,
    pause,
    list: (tags) => repeat("list sandboxes", () => listAll(connection, tags)),
    kill: (id) => repeat(`destroy sandbox ${id}`, () => kill(connection, id)).catch((error: unknown) => fail(id, error)),
    exists: (id) => exists(connection, id),
  };
}

/** The service is asked to filter; its answer is filtered again, since what comes back may be destroyed. */
async function listAll(connection: ConnectionOpts, tags: Readonly<Record<string, string>>): Promise<readonly SandboxInfo[]> {
  const found: SandboxInfo[] = [];
  const pages = Sandbox.list({ ...connection, query: { metadata: { ...tags }, state: ["running", "paused"] }, limit: PAGE });
  for (let page = 0; pages.hasNext && page < MAX_PAGES; page++) found.push(...(await pages.nextItems()));
  return found.filter(({ metadata }) => Object.entries(tags).every(([name, value]) => metadata[name] === value));
}

/** A sandbox that is not there is as good as destroyed, however the service words it. */
async function kill(connection: ConnectionOpts, id: string): Promise<void> {
  try {
    await Sandbox.kill(id, connection);
  } catch (error) {
    if (classifyE2bError(error) !== "not-found") throw error;
  }
}

async function exists(connection: ConnectionOpts, id: string): Promise<boolean | undefined> {
  try {
    await Sandbox.getInfo(id, connection);
    return true;
  } catch (error) {
    return classifyE2bError(error) === "not-found" ? false : undefined;
  }
}

function fail(id: string, cause: unknown): never {
  throw new AirlockError("sandbox.left", {
    message: `E2B did not confirm that sandbox ${id} is destroyed: ${messageOf(cause)}`,
    remedy: "Destroy it in E2B's dashboard, or wait: it ends by itself when its lifetime is over.",
    cause,
  });
}
