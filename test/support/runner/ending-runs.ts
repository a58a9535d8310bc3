import { PassThrough } from "node:stream";
import type { Room } from "../../../src/domain/sandbox/shares.ts";
import type { Sandbox, SandboxProvider, SandboxSpec } from "../../../src/ports/sandbox.ts";
import { openNamespaceProvider } from "../sandbox/namespace-provider.ts";

/** Far longer than a test may take: who waits for it has not heeded the end. */
export const LONG = "sleep 600";

/** Changes a sandbox; `end` ends the run, once the call that asked for it is under way. */
export type Change = (sandbox: Sandbox, end: () => void) => Partial<Sandbox>;

/** The moment at which a run is ended. */
export interface Scene {
  /** Of the sandbox. */
  readonly purpose: string;
  /** Undefined: while the sandbox starts. */
  readonly change?: Change;
}

/** The pack never comes to its end. */
export const whilePlanted: Change = (sandbox, end) => ({
  plant: (pack, commit) => {
    pack.on("error", () => undefined).destroy();
    end();
    return sandbox.plant(new PassThrough(), commit);
  },
});

/** As `whilePlanted`, when another tree is put in the first one's place. */
export const whileReplanted: Change = (sandbox, end) => ({
  replant: (pack, commit) => {
    pack.on("error", () => undefined).destroy();
    end();
    return sandbox.replant(new PassThrough(), commit);
  },
});

export const atCommand: Change = (sandbox, end) => ({
  exec: (command) => {
    end();
    return sandbox.exec(command);
  },
});

export const stuckHarvest: Change = (_sandbox, end) => ({
  async *harvest() {
    end();
    await new Promise(() => undefined);
  },
});

/** A sandbox with something changed. */
export function altered(sandbox: Sandbox, changes: Partial<Sandbox>): Sandbox {
  return { ...sandbox, ...changes, [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
}

/** Namespaces; `happen` is called once, when the scene comes. `room`: as of the namespace provider. */
export function openEndingProvider({ purpose, change }: Scene, happen: () => void, room?: Room): SandboxProvider {
  let ended = false;
  const end = (): void => {
    if (!ended) setImmediate(happen);
    ended = true;
  };
  const onLaunch = (spec: SandboxSpec): void => {
    if (spec.purpose === purpose && change === undefined) end();
  };
  const provider = openNamespaceProvider({ onLaunch, ...(room === undefined ? {} : { room }) });
  const create = async (spec: SandboxSpec): Promise<Sandbox> => {
    const sandbox = await provider.create(spec);
    return spec.purpose === purpose && change !== undefined ? altered(sandbox, change(sandbox, end)) : sandbox;
  };
  return { ...provider, create };
}
