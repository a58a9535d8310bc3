import { requireUsable } from "../domain/declared-secret.ts";
import { type EgressPolicy, parsePolicy } from "../domain/egress.ts";
import { AirlockError } from "../domain/errors.ts";
import type { Registries } from "../domain/presets.ts";
import type { NetworkSettings, Settings } from "../domain/settings.ts";

export interface ResolvedPolicy {
  readonly egress: EgressPolicy;
  readonly mode: NetworkSettings["mode"];
}

export interface PolicyOptions {
  readonly settings: Settings;
  /** Registries that the package managers of this runner are configured for; asked only when a preset needs them. */
  readonly readRegistries: () => Promise<Registries>;
  /** URL of the forge's git remote: there a declared secret may only read. */
  readonly forgeUrl: string;
  /** The model's service, which no declared secret is for. */
  readonly modelUrl: string | undefined;
}

/**
 * The host rules of the run with presets replaced by what they stand for. `none` allows no host at all: the model is the broker's own matter.
 * @throws AirlockError `policy.invalid`, and `config.invalid` for a declared secret that these rules leave no use for
 */
export async function resolvePolicy(options: PolicyOptions): Promise<ResolvedPolicy> {
  const { forgeUrl, modelUrl } = options;
  const resolved = await resolveRules(options);
  requireUsable(options.settings.network.secrets ?? [], { mode: resolved.mode, policy: resolved.egress, forgeUrl, modelUrl });
  return resolved;
}

async function resolveRules(options: PolicyOptions): Promise<ResolvedPolicy> {
  const { mode, allow, deny } = options.settings.network;
  const bare = parsePolicy({ allow, deny });
  if (mode === "none") return { egress: parsePolicy({ allow: "", deny: "" }), mode };
  if (!bare.needsRegistries) return { egress: bare, mode };
  const egress = parsePolicy({ allow, deny }, await options.readRegistries());
  if (egress.emptyPresets.length === 0) return { egress, mode };
  throw new AirlockError("policy.invalid", {
    message: `No registry is configured on this runner for the preset ${egress.emptyPresets.map((name) => `\`${name}\``).join(", ")}, so it would allow nothing.`,
    remedy: "Install and configure the package manager on the runner before this step, or list the registry's hosts in `allow`.",
  });
}
