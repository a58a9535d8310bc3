import { setTimeout as sleep } from "node:timers/promises";
import { abortReason } from "../../../domain/deadline.ts";
import { AirlockError } from "../../../domain/errors.ts";
import type { SandboxSpec } from "../../../ports/sandbox.ts";
import type { PolicyRule, SpriteInfo, SpritesClient } from "./client.ts";
import { asFailure, inMachine, SpritesFailure, translateSpritesError } from "./errors.ts";
import { isRepeatable, pause } from "./http.ts";
import { labelsFor, nameFor } from "./names.ts";

export interface CreatedSprite {
  readonly name: string;
  /** Takes it away for good. Twice is once. @throws AirlockError `sandbox.left` */
  destroy(): Promise<void>;
}

const DENY_ALL: readonly PolicyRule[] = [{ domain: "*", action: "deny" }];
/** Nobody waits longer for a creation that is not wanted any more. */
const ABANDON_MS = 5_000;

/**
 * A sprite that can reach nothing: the policy is set and read back before anything runs in it. Whatever fails, none is left.
 * @throws AirlockError `sandbox.*`, `egress.unproved`, and why `spec.signal` aborted
 */
export async function createSprite(client: SpritesClient, spec: SandboxSpec): Promise<CreatedSprite> {
  if (spec.signal.aborted) throw abortReason(spec.signal);
  const nowMs = Date.now();
  const name = nameFor(spec, nowMs);
  const destroy = once(() => remove(client, name));
  const birth = { possible: false };
  try {
    const info = await createNamed(client, { name, labels: labelsFor(spec, nowMs), signal: spec.signal, created: birth });
    requirePrivate(info);
    await closeNetwork(client, name);
    if (spec.signal.aborted) throw abortReason(spec.signal);
    return { name, destroy };
  } catch (error) {
    // What was refused every time has made nothing, and its refusal is the error to show.
    if (birth.possible) await destroy();
    throw error;
  }
}

interface Wanted {
  readonly name: string;
  readonly labels: readonly string[];
  readonly signal: AbortSignal;
  /** Set as soon as a sprite may stand. */
  readonly created: { possible: boolean };
}

/** The name makes it safe to ask again: a second request with it makes no second sprite. */
async function createNamed(client: SpritesClient, wanted: Wanted): Promise<SpriteInfo> {
  const { signal } = wanted;
  for (let attempt = 0; ; attempt++) {
    const result = await requestCreation(client, wanted);
    if (signal.aborted) throw abortReason(signal);
    if (!(result instanceof SpritesFailure)) return result;
    const again = isRepeatable(result) && (await pause({ pausesMs: client.pausesMs, signal }, attempt, result));
    if (signal.aborted) throw abortReason(signal);
    if (!again) throw translateSpritesError(result, "create a sandbox");
  }
}

/** A sprite whose birth nobody heard of is found by its name. "Bad request" too may mean that the name is taken: by a first delivery. */
async function requestCreation(client: SpritesClient, wanted: Wanted): Promise<SpriteInfo | SpritesFailure> {
  const { name, created: birth } = wanted;
  const result = await createUnlessCancelled(client, wanted).catch((error: unknown) => asFailure(error));
  const isRefusal = result instanceof SpritesFailure && result.kind !== "interrupted";
  if (!isRefusal) birth.possible = true;
  if (!(result instanceof SpritesFailure) || (isRefusal && result.kind !== "bad-request")) return result;
  const found = await client.find(name).catch(() => "unknown" as const);
  if (found !== undefined) birth.possible = true;
  return found === undefined || found === "unknown" ? result : found;
}

/** The request is never cut short: a server that has begun would go on alone. When nobody wants it any more it is deleted on arrival. */
async function createUnlessCancelled(client: SpritesClient, { signal, name, labels }: Wanted): Promise<SpriteInfo> {
  const creating = client.create({ name, labels });
  const settled = creating.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, whenAborted(signal)]);
  if (!signal.aborted) return await creating;
  const done = new AbortController();
  await Promise.race([settled, sleep(ABANDON_MS, undefined, { signal: done.signal }).catch(() => undefined)]);
  done.abort();
  void creating.then(() => client.remove(name)).catch(() => undefined);
  throw abortReason(signal);
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    if (signal.aborted) settle();
    else signal.addEventListener("abort", () => settle(), { once: true });
  });
}

/** Every sprite has an address on the internet; only with the organization's token may it be used. */
function requirePrivate({ name, url_settings: settings }: SpriteInfo): void {
  if (settings?.auth !== "public") return;
  throw new AirlockError("sandbox.unavailable", {
    message: `Sprites made sandbox ${name} with a public address, though a private one was asked for.`,
    remedy: "Check the settings of the token's organization, then run again.",
  });
}

/** I3, I6: what cannot be confirmed is taken as open. */
async function closeNetwork(client: SpritesClient, name: string): Promise<void> {
  let rules: readonly PolicyRule[];
  try {
    await client.setNetworkPolicy(name, DENY_ALL);
    rules = await client.readNetworkPolicy(name);
  } catch (error) {
    const what = `close the network of sandbox ${name}`;
    // A sprite that was made and is not there is no refusal.
    throw asFailure(error).kind === "not-found" ? inMachine(error, what) : translateSpritesError(error, what);
  }
  if (deniesAll(rules)) return;
  throw new AirlockError("egress.unproved", {
    message: `Sprites accepted the policy that denies sandbox ${name} every host, but answers with another one when asked for it.`,
    remedy: "Do not run the agent at this provider until its network policy holds. Choose another one with the input `provider`.",
  });
}

/** No rule but denials, and one of them for every name. */
export function deniesAll(rules: readonly PolicyRule[]): boolean {
  const isDenial = (rule: PolicyRule): boolean => rule.action === "deny" && typeof rule.domain === "string" && rule.include === undefined;
  return rules.every(isDenial) && rules.some((rule) => rule.domain === "*");
}

export async function remove(client: SpritesClient, name: string): Promise<void> {
  try {
    await client.remove(name);
  } catch (cause) {
    throw new AirlockError("sandbox.left", {
      message: `Sprites did not confirm that sandbox ${name} is destroyed (${asFailure(cause).message}).`,
      remedy: "Delete it in the Sprites dashboard. A later run deletes it too, once its deadline has passed: Sprites itself never does.",
      cause,
    });
  }
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}
