import type { RunLabel, SandboxSpec } from "../../../ports/sandbox.ts";

/** Marks Airlock's sandboxes in an account that others use too. */
const OURS = { airlock: "1" } as const;
const DEADLINE = /^[1-9][0-9]{0,15}$/;

export type Tags = Readonly<Record<string, string>>;

/** `creation` is known before the sandbox has an id, so that the sandbox can be found if the answer to its creation was lost. */
export function tagsFor(spec: SandboxSpec, creation: string, nowMs: number): Tags {
  return { ...tagsOfRun(spec.run), purpose: spec.purpose, deadline: String(nowMs + spec.lifetimeMs), creation };
}

export function tagsOfRun({ repository, runId, attempt }: RunLabel): Tags {
  return { ...OURS, repository, run: runId, attempt: String(attempt) };
}

export function tagsOfCreation(creation: string): Tags {
  return { ...OURS, creation };
}

export function tagsOfAll(): Tags {
  return OURS;
}

/** A sandbox without a readable deadline is of another version and is left alone. */
export function isOverdueSandbox(tags: Tags, nowMs: number): boolean {
  const deadline = tags["deadline"] ?? "";
  return DEADLINE.test(deadline) && Number(deadline) < nowMs;
}
