import { abandonOnAbort, abortReason } from "../../../domain/deadline.ts";
import { AirlockError } from "../../../domain/errors.ts";
import { once } from "./once.ts";
import { pauseBeforeRetry } from "./retry.ts";
import { asFailure, type FailureKind, VendorFailure } from "./vendor-failure.ts";

/** How one cloud creates a sandbox. `Made` is the cloud's answer; `Ready` is the sandbox once it is secured. */
export interface Creation<Made extends object, Ready> {
  readonly signal: AbortSignal;
  /** Before each further attempt. */
  readonly pausesMs: readonly number[];
  /** Sends the request, once. It must ignore the signal: a server that has started would go on alone. @throws VendorFailure */
  readonly request: () => Promise<Made>;
  /** Kinds of failure after which a sandbox may exist all the same. Default: only `interrupted`. */
  readonly doubtful?: readonly FailureKind[];
  /**
   * Called after such a failure. Returns the sandbox that was found, or removes it and returns `none`. `unknown`: whether there is one
   * cannot be found out now, and a further request does no harm.
   * @throws AirlockError when a further request could leave two sandboxes
   */
  readonly recover: () => Promise<Made | "none" | "unknown">;
  /** Checks and locks down the sandbox before anything runs in it. @throws AirlockError */
  readonly secure: (made: Made) => Promise<Ready>;
  /** Destroys what was made, and whatever else this creation left. @throws AirlockError `sandbox.left` */
  readonly remove: (made: Made | undefined) => Promise<void>;
  /** The error for people. */
  readonly explain: (failure: VendorFailure) => AirlockError | Promise<AirlockError>;
}

export interface Created<Ready> {
  readonly sandbox: Ready;
  /** Destroys it, and whatever else its creation made. Further calls do nothing more. @throws AirlockError `sandbox.left` */
  destroy(): Promise<void>;
}

/** How long to wait for the answer to a creation that is no longer wanted. */
const ABANDON_MS = 5_000;

/**
 * Creates a sandbox or leaves none, whatever fails on the way.
 * @throws AirlockError what `explain`, `secure` and `remove` say, and why `signal` aborted
 */
export async function createOrNone<Made extends object, Ready>(creation: Creation<Made, Ready>): Promise<Created<Ready>> {
  const doubt = { mayStand: false };
  let made: Made | undefined;
  try {
    const answered = await requestUntilMade(creation, doubt);
    made = answered;
    const sandbox = await creation.secure(answered);
    throwIfAborted(creation.signal);
    return { sandbox, destroy: once(() => creation.remove(answered)) };
  } catch (error) {
    // If every request was refused, nothing was made, and the refusal is the error to show.
    if (made !== undefined || doubt.mayStand) await creation.remove(made);
    throw error;
  }
}

/** True as soon as an unconfirmed sandbox may exist. */
interface Doubt {
  mayStand: boolean;
}

async function requestUntilMade<Made extends object>(creation: Creation<Made, unknown>, doubt: Doubt): Promise<Made> {
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(creation.signal);
    const result = await requestOnce(creation, doubt);
    if (!(result instanceof VendorFailure)) return result;
    const isWorthwhile = await pauseBeforeRetry(creation, attempt, result);
    throwIfAborted(creation.signal);
    if (!isWorthwhile) throw await creation.explain(result);
  }
}

async function requestOnce<Made extends object>(creation: Creation<Made, unknown>, doubt: Doubt): Promise<Made | VendorFailure> {
  const { doubtful = ["interrupted"] } = creation;
  try {
    return await requestUnlessAborted(creation);
  } catch (error) {
    if (error instanceof AirlockError) throw error;
    const failure = asFailure(error);
    if (!doubtful.includes(failure.kind)) return failure;
    if (failure.kind === "interrupted") doubt.mayStand = true;
    const found = await creation.recover();
    if (found !== "none") doubt.mayStand = true;
    return typeof found === "string" ? failure : found;
  }
}

async function requestUnlessAborted<Made extends object>(creation: Creation<Made, unknown>): Promise<Made> {
  const { signal } = creation;
  const requesting = creation.request();
  const settled = requesting.then(
    () => undefined,
    () => undefined,
  );
  await abandonOnAbort(signal, () => settled).catch(() => undefined);
  if (!signal.aborted) return await requesting;
  const made = await waitAtMost(ABANDON_MS, requesting);
  if (made === undefined) void requesting.then(creation.remove).catch(() => undefined);
  await creation.remove(made);
  throw abortReason(signal);
}

async function waitAtMost<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortReason(signal);
}
