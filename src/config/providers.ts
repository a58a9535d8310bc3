import { type InputKinds, secret } from "./kinds.ts";
import { joinInputs, type Needs, namesOf } from "./rows.ts";

/** All that Airlock has to know of a provider before it is opened. */
interface ProviderRow<Inputs extends InputKinds> {
  /** What makes the sandboxes, in a few words. */
  readonly title: string;
  /** Inputs of this provider alone. */
  readonly inputs: Inputs;
  /** What has to be given. `auto` takes the first provider that needs something and has it. */
  readonly credentials: Needs<keyof NoInfer<Inputs> & string>;
  /** Processor of its sandboxes, as `process.arch` has it; `runner`: that of the runner. */
  readonly arch: "runner" | "x64";
  /** When a sandbox ends that nobody destroys, as a sentence; docs/providers.md says the same. */
  readonly leftOver: string;
}

/**
 * A row for each provider that this version runs; its name is the word of the input `provider` and the folder of the adapter.
 * The other place that knows it is `OPEN_PROVIDER` in `compose.ts`.
 */
export const PROVIDERS = {
  microvm: row({
    title: "QEMU on the runner",
    inputs: {},
    credentials: { allOf: [] },
    arch: "runner",
    leftOver: "It ends with Airlock's own process on the runner.",
  }),
  e2b: row({
    title: "E2B",
    inputs: { "e2b-api-key": secret("e2b-api-key", { description: "E2B API key." }) },
    credentials: { allOf: ["e2b-api-key"] },
    arch: "x64",
    leftOver: "E2B ends it by itself, at the latest 5 minutes after the run's `timeout-minutes`.",
  }),
  sprites: row({
    title: "Fly Sprites",
    inputs: { "sprites-token": secret("sprites-token", { description: "Fly Sprites token." }) },
    credentials: { allOf: ["sprites-token"] },
    arch: "x64",
    leftOver: "It is paused when nobody speaks to it, and a later run deletes it when its time is up.",
  }),
};

export type ProviderName = keyof typeof PROVIDERS;

export const PROVIDER_NAMES = namesOf(PROVIDERS);

export const PROVIDER_INPUTS = joinInputs(PROVIDERS);

function row<const Inputs extends InputKinds>(of: ProviderRow<Inputs>): ProviderRow<Inputs> {
  return of;
}
