import { type Project, presetsOf } from "../domain/ecosystems/project.ts";
import { type Choice, chooseInstalls } from "../domain/ecosystems/setup.ts";
import { configuredPresets, hasAuto, placesOf, stateOfPreset, writtenRules } from "../domain/egress/auto.ts";
import {
  findUnlisted,
  joinLocked,
  LOCKFILES,
  type LockedByKey,
  type LockedHosts,
  narrowRegistries,
  readLockedHosts,
} from "../domain/egress/lockfile.ts";
import { type EgressPolicy, parsePolicy } from "../domain/egress/policy.ts";
import { type Registries, registryKeyOf } from "../domain/egress/presets.ts";
import { AirlockError } from "../domain/errors.ts";
import { requireUsable } from "../domain/secrets/declared.ts";
import type { NetworkSettings, Settings } from "../domain/settings.ts";

export interface ResolvedPolicy {
  readonly egress: EgressPolicy;
  readonly mode: NetworkSettings["mode"];
  /** Hosts that lockfiles of the used presets name but no rule allows. Absent: none, or no lockfile was read. */
  readonly unlisted?: readonly string[];
  /** The projects, each with the state of its preset. Absent: none. */
  readonly choices?: readonly Choice[];
}

export interface PolicyOptions {
  readonly settings: Settings;
  /** What the trusted base has to install: `auto` stands for the presets of these. Absent: nothing. */
  readonly projects?: readonly Project[];
  /** Registries that this runner's package managers are configured to use; called only if a preset needs them. */
  readonly readRegistries: () => Promise<Registries>;
  /** A file at the root of the pinned base, as data; undefined if there is none. It may fail. Absent: no lockfile is read. */
  readonly readBase?: (path: string) => Promise<string | undefined>;
  /** URL of the forge's git remote: there a declared secret may only read. */
  readonly forgeUrl: string;
  /** The model's service, for which no secret may be declared. */
  readonly modelUrl: string | undefined;
}

/**
 * The host rules of the run, with presets expanded. `none` allows no host at all: the model is reached through the broker.
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
  const { projects = [] } = options;
  const written = { allow: writtenRules(allow), deny };
  const bare = parsePolicy(written);
  if (mode === "none") return { egress: NOTHING, mode, choices: chooseInstalls(projects, () => ({ state: "closed", places: [] })) };
  if (!bare.needsRegistries && projects.length === 0) return { egress: bare, mode };
  const registries = await options.readRegistries();
  const automatic = hasAuto(allow) ? configuredPresets(presetsOf(projects), registries) : [];
  const rules = { allow: [written.allow, ...automatic].join("\n"), deny };
  const { egress, unlisted } = await narrowByLockfiles(rules, registries, options);
  const choices = chooseInstalls(projects, (name) => ({
    state: stateOfPreset(name, { policy: egress, mode, registries }),
    places: placesOf(name, registries),
  }));
  return { egress, mode, choices, ...(unlisted.length === 0 ? {} : { unlisted }) };
}

const NOTHING = parsePolicy({ allow: "", deny: "" });

interface Rules {
  readonly allow: string;
  readonly deny: string;
}

/** Lockfiles tell of hosts, and narrow presets where the repository's file asks for it; they never add one. */
async function narrowByLockfiles(rules: Rules, registries: Registries, { settings, readBase }: PolicyOptions) {
  const whole = parsePolicy(rules, registries);
  requireRegistries(whole);
  const locked = await readLocked(whole, readBase);
  const narrows = settings.network.presets === "locked";
  const narrowed = narrows ? parsePolicy({ ...rules, deny: "" }, narrowRegistries(registries, locked)) : whole;
  const egress = { ...narrowed, deny: whole.deny };
  return { egress, unlisted: findUnlisted(egress, locked) };
}

function requireRegistries({ emptyPresets }: EgressPolicy): void {
  if (emptyPresets.length === 0) return;
  throw new AirlockError("policy.invalid", {
    message: `No registry is configured on this runner for the preset ${emptyPresets.map((name) => `\`${name}\``).join(", ")}, so it would allow nothing.`,
    remedy: "Install and configure the package manager on the runner before this step, or list the registry's hosts in `allow`.",
  });
}

/** Reads the lockfiles of the used presets. One that cannot be read counts as absent: presets stay as they are. */
async function readLocked(policy: EgressPolicy, readBase: PolicyOptions["readBase"]): Promise<LockedByKey> {
  if (readBase === undefined) return {};
  const used = new Set(policy.allow.map(({ text }) => registryKeyOf(text)));
  const locked: Record<string, LockedHosts> = {};
  for (const [key, names] of Object.entries(LOCKFILES)) {
    const files = used.has(key) ? await readFiles(names, readBase) : [];
    if (files.length > 0) locked[key] = joinLocked(files);
  }
  return locked;
}

/** One after the other: they are large, and only their hosts are kept. */
async function readFiles(names: readonly string[], readBase: NonNullable<PolicyOptions["readBase"]>): Promise<readonly LockedHosts[]> {
  const files: LockedHosts[] = [];
  for (const name of names) {
    const text = await readBase(name).catch(() => undefined);
    if (text !== undefined) files.push(readLockedHosts(name, text));
  }
  return files;
}
