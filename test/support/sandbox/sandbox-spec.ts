import { randomUUID } from "node:crypto";
import type { SandboxSpec } from "../../../src/ports/sandbox.ts";

/** A spec with a run of its own, and nothing asked for. */
export function sandboxSpec(changes: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    run: { repository: "airlock-tests/cloud", runId: randomUUID(), attempt: 1 },
    purpose: "agent",
    template: "",
    cpus: 0,
    memoryMib: 0,
    lifetimeMs: 600_000,
    layers: [],
    signal: new AbortController().signal,
    notify: () => undefined,
    ...changes,
  };
}
