import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Sandbox } from "e2b";
import { abortReason } from "../../../domain/deadline.ts";
import { AirlockError } from "../../../domain/errors.ts";
import type { SandboxSpec } from "../../../ports/sandbox.ts";
import type { E2bApi } from "./api.ts";
import { classifyE2bError, type FailureKind, translateE2bError } from "./errors.ts";
import { tagsFor, tagsOfCreation } from "./tags.ts";

export interface CreatedSandbox {
  readonly sandbox: SecuredSandbox;
  /** Takes it away for good, and whatever else its creation made. Twice is once. @throws AirlockError `sandbox.left` */
  destroy(): Promise<void>;
}

/** Adds to the SDK's class a look at what it keeps to itself. */
export class SecuredSandbox extends Sandbox {
  /** The sandbox's daemon runs commands as root for whoever reaches it, also from inside; only this token keeps the agent out. */
  get isSecured(): boolean {
    return (this.envdAccessToken ?? "") !== "";
  }
}

const MAX_LIFETIME_MS = 24 * 3_600_000;
/** Nobody waits longer for a creation that is not wanted any more. */
const ABANDON_MS = 5_000;
const WAITS: ReadonlySet<FailureKind> = new Set(["rate-limit", "capacity"]);

/**
 * A sandbox without network and without a public port. A creation whose answer was lost is looked for by its tag before it is tried
 * again; whatever the ending, one sandbox stands or none.
 * @throws AirlockError `sandbox.refused`, `sandbox.exhausted`, `sandbox.unavailable`, `input.invalid`, and why `spec.signal` aborted
 */
export async function createSandbox(api: E2bApi, spec: SandboxSpec, template: string): Promise<CreatedSandbox> {
  requireLifetime(spec);
  const creation = randomUUID();
  for (let attempt = 0; ; attempt++) {
    throwIfCancelled(spec);
    try {
      const sandbox = await createOnce(api, { spec, template, creation });
      return { sandbox, destroy: once(() => destroyAll(api, sandbox.sandboxId, creation)) };
    } catch (error) {
      // Refusals have made nothing; everything else may have.
      if (classifyE2bError(error) === "interrupted") await removeLeftovers(api, creation);
      const again = isWorthRepeating(error) && (await api.pause(attempt, spec.signal));
      throwIfCancelled(spec);
      if (!again) throw await explain(error, { api, spec, template });
    }
  }
}

function requireLifetime({ lifetimeMs }: SandboxSpec): void {
  if (lifetimeMs <= MAX_LIFETIME_MS) return;
  throw new AirlockError("input.invalid", {
    message: `The sandbox would live ${Math.ceil(lifetimeMs / 60_000)} minutes, and an E2B sandbox lives at most ${MAX_LIFETIME_MS / 60_000}.`,
    remedy: "Lower the input `timeout-minutes`.",
  });
}

function isWorthRepeating(error: unknown): boolean {
  const kind = classifyE2bError(error);
  return kind === "interrupted" || WAITS.has(kind);
}

interface Creation {
  readonly spec: SandboxSpec;
  readonly template: string;
  readonly creation: string;
}

/** The request is never cut short: a server that has begun would go on alone. When nobody wants it any more it is destroyed on arrival. */
async function createOnce(api: E2bApi, { spec, template, creation }: Creation): Promise<SecuredSandbox> {
  const creating = SecuredSandbox.create(template, {
    ...api.connection,
    timeoutMs: spec.lifetimeMs,
    lifecycle: { onTimeout: "kill" },
    metadata: { ...tagsFor(spec, creation, Date.now()) },
    allowInternetAccess: false,
    network: { allowPublicTraffic: false },
  });
  const settled = creating.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, whenAborted(spec.signal)]);
  if (!spec.signal.aborted) return await creating;
  const done = new AbortController();
  await Promise.race([settled, sleep(ABANDON_MS, undefined, { signal: done.signal }).catch(() => undefined)]);
  done.abort();
  // It may still arrive after that; the tag finds only what is there now.
  void creating.then((sandbox) => api.kill(sandbox.sandboxId)).catch(() => undefined);
  await removeLeftovers(api, creation);
  throwIfCancelled(spec);
  return await creating;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    if (signal.aborted) settle();
    else signal.addEventListener("abort", () => settle(), { once: true });
  });
}

function throwIfCancelled({ signal }: SandboxSpec): void {
  if (signal.aborted) throw abortReason(signal);
}

async function destroyAll(api: E2bApi, id: string, creation: string): Promise<void> {
  await api.kill(id);
  // A creation that was delivered twice made a twin, which nobody ever spoke to. When it cannot be looked for, its lifetime ends it.
  await removeLeftovers(api, creation).catch(() => undefined);
}

async function removeLeftovers(api: E2bApi, creation: string): Promise<void> {
  for (const { sandboxId } of await api.list(tagsOfCreation(creation))) await api.kill(sandboxId);
}

async function explain(
  error: unknown,
  { api, spec, template }: { readonly api: E2bApi; readonly spec: SandboxSpec; readonly template: string },
): Promise<unknown> {
  if (error instanceof AirlockError) return error;
  const context = { what: `create a sandbox from the template \`${template}\``, template, lifetimeMs: spec.lifetimeMs };
  if (classifyE2bError(error) !== "rate-limit") return translateE2bError(error, context);
  const running = await api.list({}).then(
    (all) => all.length,
    () => undefined,
  );
  return translateE2bError(error, running === undefined ? context : { ...context, running });
}

export function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}
