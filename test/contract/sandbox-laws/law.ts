import type { Gap, Sandbox, SandboxProvider, SandboxSpec } from "../../../src/ports/sandbox.ts";

/** What the laws need to know of a provider beyond its port. */
export interface SandboxSubject {
  readonly name: string;
  /** A provider that sees only the sandboxes it made itself, or that are told apart by their run. */
  readonly openProvider: () => Promise<SandboxProvider>;
  /** How many times slower than the machine itself: 1 for namespaces, 10 to 20 for emulation. Stretches time limits. */
  readonly slowness: number;
  /** Specs whose creation fails half-way, by what fails. An aborted signal is tried in any case. */
  readonly broken?: Readonly<Record<string, (spec: SandboxSpec) => SandboxSpec>>;
  /** Mebibytes for the laws of bulk; keep it small where each byte is dear. */
  readonly bulkMib: number;
  /** Environment with `sh`, `git` and coreutils on its PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Cuts every connection that carries a sandbox's streams. Returns how many there were. */
  readonly cut?: () => number;
  /** Laws that there are no means to try here, beside the provider's own gaps. */
  readonly gaps?: readonly Gap[];
}

export interface LawContext {
  readonly subject: SandboxSubject;
  readonly provider: SandboxProvider;
  /** A spec with a run of its own. */
  readonly spec: (changes?: Partial<SandboxSpec>) => SandboxSpec;
}

/** A law that any number of others may share a sandbox with. */
export interface SharedLaw {
  readonly id: string;
  readonly title: string;
  readonly check: (sandbox: Sandbox, context: LawContext) => Promise<void>;
}

/** A law about sandboxes coming and going. */
export interface LifecycleLaw {
  readonly id: string;
  readonly title: string;
  readonly check: (context: LawContext) => Promise<void>;
}
