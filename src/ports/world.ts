import type { AirlockError } from "../domain/errors.ts";
import type { Secret } from "../domain/secret.ts";
import type { Settings } from "../domain/settings.ts";
import type { Trigger } from "../domain/task.ts";
import type { Agent } from "./agent.ts";
import type { Forge } from "./forge.ts";
import type { GatewayOpener, InjectionRule, ModelUpstream } from "./gateway.ts";
import type { RepositoryOpener } from "./repository.ts";
import type { Runner } from "./runner.ts";
import type { SandboxProvider } from "./sandbox.ts";

/** Everything that a run touches, behind ports. Adapters are loaded on first use, so that a skipped run stays fast. */
export interface World {
  readonly runner: Runner;
  readonly forge: Forge;
  /** What is wrong with the workflow's inputs. A run with it ends with it, once it is known whether anybody is to be told. */
  readonly fault?: AirlockError | undefined;
  readonly repositories: RepositoryOpener;
  readonly gateways: GatewayOpener;
  /** The chosen provider. @throws AirlockError `input.missing` if its credential is absent */
  provider(): Promise<SandboxProvider>;
  agent(): Promise<Agent>;
  /** The model service for the agent, with the real credential and the models that these settings allow. */
  model(settings: Settings): ModelUpstream | undefined;
  /** Called when the run has its target. @throws AirlockError `input.missing` */
  requireCredentials(): void;
  /** The settings narrowed by the file on the default branch, which can never widen them. @throws AirlockError `config.invalid` */
  narrow(settings: Settings, trigger: Trigger): Promise<Settings>;
  /**
   * The secrets that these settings declare, with values from this step's environment and a surrogate each. From then on the values are
   * masked and part of `secrets`.
   * @throws AirlockError `input.missing`, `input.invalid`. Absent: there are no such secrets.
   */
  openSecrets?(settings: Settings): readonly InjectionRule[];
  /** Hosts of the package registries that this runner's package managers are configured to use, by preset. */
  readRegistries(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A signal that aborts after this many milliseconds. Absent: the runtime's own clock is used. */
  after?(ms: number): AbortSignal;
  /** Every secret value of this run, for redaction and leak checks. Grows when `openSecrets` is called. */
  readonly secrets: readonly Secret[];
}
