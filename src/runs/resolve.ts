import type { Project } from "../domain/ecosystems/project.ts";
import { describeChoices, resolveSetup } from "../domain/ecosystems/setup.ts";
import { hasAuto } from "../domain/egress/auto.ts";
import { MAX_LOCKFILE_BYTES } from "../domain/egress/lockfile.ts";
import type { RunRecord } from "../domain/record/record.ts";
import { summariseEcosystems, summarisePolicy } from "../domain/record/summarise.ts";
import type { Settings } from "../domain/settings.ts";
import type { Repository } from "../ports/repository.ts";
import type { World } from "../ports/world.ts";
import { readProjects } from "../stages/ecosystems.ts";
import { type ResolvedPolicy, resolvePolicy } from "../stages/policy.ts";

export interface ResolveOptions {
  readonly world: World;
  readonly settings: Settings;
  readonly repository: Repository;
  readonly record: RunRecord;
  /** Commit that the project vouches for; `auto` reads no other (I11). */
  readonly trustedSha: string;
}

export interface Resolved {
  readonly policy: ResolvedPolicy;
  /** `setup` is what the sandbox runs. */
  readonly settings: Settings;
}

/**
 * The host rules, and the lines of set-up, with every `auto` replaced. Both are settled here, before anything untrusted starts, and the
 * same lines hold for every sandbox of the run.
 * @throws AirlockError as `resolvePolicy`; `repository.unreadable`
 */
export async function resolveSettings(options: ResolveOptions): Promise<Resolved> {
  const { world, settings, record, trustedSha } = options;
  const { forge } = world;
  const policy = await record.enter("policy", async () =>
    resolvePolicy({
      settings,
      projects: await findProjects(options),
      readRegistries: () => world.readRegistries(),
      readBase: (path) => forge.readFile(trustedSha, path, MAX_LOCKFILE_BYTES),
      forgeUrl: forge.remote.url,
      modelUrl: world.model(settings)?.baseUrl,
    }),
  );
  record.note("policy", summarisePolicy(policy));
  const { choices = [] } = policy;
  const { setup, env } = resolveSetup(settings.sandbox.setup, choices);
  if (choices.length > 0) {
    const line = describeChoices(choices, { installs: hasAuto(settings.sandbox.setup), opens: hasAuto(settings.network.allow) });
    world.runner.log.info(line);
    record.note("ecosystems", summariseEcosystems({ line, choices, setup }));
  }
  return { policy, settings: { ...settings, sandbox: { ...settings.sandbox, setup, env: { ...settings.sandbox.env, ...env } } } };
}

/** Reads the trusted base only where `auto` is asked for and could have a use. */
async function findProjects({ world, settings, repository, trustedSha }: ResolveOptions): Promise<readonly Project[]> {
  const { network, sandbox } = settings;
  if (network.mode === "none" || !(hasAuto(network.allow) || hasAuto(sandbox.setup))) return [];
  await repository.fetch(world.forge.remote, [trustedSha]);
  return await readProjects(repository, trustedSha);
}
