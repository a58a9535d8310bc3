import { AirlockError } from "../../../domain/errors.ts";
import type { SandboxSpec } from "../../../ports/sandbox.ts";
import { type Created, createOrNone } from "../shared/create-or-none.ts";
import { asFailure, explainFailure, explainGone, explainLeft } from "../shared/vendor-failure.ts";
import type { PolicyRule, SpriteInfo, SpritesClient } from "./client.ts";
import { SPRITES } from "./errors.ts";
import { labelsFor, nameFor } from "./names.ts";

const DENY_ALL: readonly PolicyRule[] = [{ domain: "*", action: "deny" }];

/**
 * The name of a sprite that can reach nothing: the policy is set and read back before anything runs in it. Whatever fails, none is left.
 * A sprite whose creation was not answered is found by its name, which makes it safe to ask again: a second request with the same name
 * makes no second sprite.
 * @throws AirlockError `sandbox.*`, `egress.unproved`, and why `spec.signal` aborted
 */
export async function createSprite(client: SpritesClient, spec: SandboxSpec): Promise<Created<string>> {
  const nowMs = Date.now();
  const name = nameFor(spec, nowMs);
  return await createOrNone({
    signal: spec.signal,
    pausesMs: client.pausesMs,
    request: () => client.create({ name, labels: labelsFor(spec, nowMs) }),
    // A bad request may also mean that the name is taken, by a first delivery of this request.
    doubtful: ["interrupted", "bad-request"],
    recover: () => find(client, name),
    async secure(info: SpriteInfo) {
      requirePrivate(info);
      await closeNetwork(client, name);
      return name;
    },
    remove: () => remove(client, name),
    explain: (failure) => explainFailure(failure, { vendor: SPRITES, what: "create a sandbox" }),
  });
}

async function find(client: SpritesClient, name: string): Promise<SpriteInfo | "none" | "unknown"> {
  try {
    return (await client.find(name)) ?? "none";
  } catch {
    return "unknown";
  }
}

/** Every sprite has an address on the internet; only with the organization's token may it be used. */
function requirePrivate({ name, url_settings: settings }: SpriteInfo): void {
  if (settings?.auth !== "public") return;
  throw new AirlockError("sandbox.unavailable", {
    message: `Sprites made sandbox ${name} with a public address, though a private one was asked for.`,
    remedy: "Check the settings of the token's organization, then run again.",
  });
}

/** I3, I6: a policy that cannot be confirmed counts as open. */
async function closeNetwork(client: SpritesClient, name: string): Promise<void> {
  let rules: readonly PolicyRule[];
  try {
    await client.setNetworkPolicy(name, DENY_ALL);
    rules = await client.readNetworkPolicy(name);
  } catch (error) {
    const call = { vendor: SPRITES, what: `close the network of sandbox ${name}` };
    // "Not found" is no refusal here: the sprite existed.
    throw asFailure(error).kind === "not-found" ? explainGone(error, call) : explainFailure(error, call);
  }
  if (deniesAll(rules)) return;
  throw new AirlockError("egress.unproved", {
    message: `Sprites accepted the policy that denies sandbox ${name} every host, but answers with another one when asked for it.`,
    remedy: "Do not run the agent at this provider until its network policy holds. Choose another one with the input `provider`.",
  });
}

/** All rules deny, and one of them denies every name. */
export function deniesAll(rules: readonly PolicyRule[]): boolean {
  const isDenial = (rule: PolicyRule): boolean => rule.action === "deny" && typeof rule.domain === "string" && rule.include === undefined;
  return rules.every(isDenial) && rules.some((rule) => rule.domain === "*");
}

export async function remove(client: SpritesClient, name: string): Promise<void> {
  try {
    await client.remove(name);
  } catch (error) {
    throw explainLeft(error, SPRITES, name);
  }
}
