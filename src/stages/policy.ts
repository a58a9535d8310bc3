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
}

/**
 * The host rules of the run with presets replaced by what they stand for. `none` allows no host at all: the model is the broker's own matter.
 * @throws AirlockError `policy.invalid`
 */
export async function resolvePolicy(options: PolicyOptions): Promise<ResolvedPolicy> {
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
