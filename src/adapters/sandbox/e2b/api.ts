import { type ConnectionOpts, Sandbox, type SandboxInfo } from "e2b";
import type { Secret } from "../../../domain/secret.ts";
import { PAUSES_MS, REQUEST_TIMEOUT_MS, retry } from "../shared/retry.ts";
import { explainLeft } from "../shared/vendor-failure.ts";
import type { E2bEndpoints } from "./endpoints.ts";
import { callE2b, E2B, explainE2bError, readE2bFailure } from "./errors.ts";

/** The control API. Calls are repeated where that is safe, a few times; every sandbox is tagged and found by its tags. */
export interface E2bApi {
  /** For the SDK's own calls. Every field that it would read from the environment is set. */
  readonly connection: ConnectionOpts;
  readonly requestTimeoutMs: number;
  /** All sandboxes that carry these tags, running or paused. @throws AirlockError `sandbox.*` */
  list(tags: Readonly<Record<string, string>>): Promise<readonly SandboxInfo[]>;
  /** Resolves when it is gone, by this call or before. @throws AirlockError `sandbox.left` */
  kill(id: string): Promise<void>;
  /** undefined: unknown. */
  exists(id: string): Promise<boolean | undefined>;
  /** Before each further attempt of a call. */
  readonly pausesMs: readonly number[];
}

export interface E2bApiOptions {
  readonly apiKey: Secret;
  readonly endpoints: E2bEndpoints;
  /** Before each further attempt. Default 1, 3 and 8 s. */
  readonly pausesMs?: readonly number[];
  /** Default 30 s. */
  readonly requestTimeoutMs?: number;
}

/** The SDK waits as long as `Retry-After` says, as often as this, and never past the request's own time. */
const RATE_LIMIT_RETRIES = 3;
const PAGE = 100;
const MAX_PAGES = 100;

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
  const repeat = <T>(call: () => Promise<T>): Promise<T> => retry({ pausesMs }, () => callE2b(call));
  return {
    connection,
    requestTimeoutMs,
    pausesMs,
    async list(tags) {
      try {
        return await repeat(() => listAll(connection, tags));
      } catch (error) {
        throw explainE2bError(error, { what: "list sandboxes" });
      }
    },
    async kill(id) {
      try {
        await repeat(() => kill(connection, id));
      } catch (error) {
        throw explainLeft(error, E2B, id);
      }
    },
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

/** A sandbox that does not exist counts as destroyed. */
async function kill(connection: ConnectionOpts, id: string): Promise<void> {
  try {
    await Sandbox.kill(id, connection);
  } catch (error) {
    if (readE2bFailure(error).kind !== "not-found") throw error;
  }
}

async function exists(connection: ConnectionOpts, id: string): Promise<boolean | undefined> {
  try {
    await Sandbox.getInfo(id, connection);
    return true;
  } catch (error) {
    return readE2bFailure(error).kind === "not-found" ? false : undefined;
  }
}
