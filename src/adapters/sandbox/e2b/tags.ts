import type { RunLabel, SandboxSpec } from "../../../ports/sandbox.ts";

/** Names what is ours on an account that others use too. */
const OURS = { airlock: "1" } as const;
const DEADLINE = /^[1-9][0-9]{0,15}$/;

export type Tags = Readonly<Record<string, string>>;

/** `creation` is known before the sandbox has an id: a sandbox is found by it when the answer to its creation was lost. */
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

/** What has no readable deadline is not of this version, and is left alone. */
export function isOverdueSandbox(tags: Tags, nowMs: number): boolean {
  const deadline = tags["deadline"] ?? "";
  return DEADLINE.test(deadline) && Number(deadline) < nowMs;
}
