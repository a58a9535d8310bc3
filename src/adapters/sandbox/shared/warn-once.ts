import type { SandboxSpec } from "../../../ports/sandbox.ts";

/** Tells what holds for a whole run once, however many sandboxes the run has. A provider opens one and keeps it. */
export type WarnOnce = (spec: Pick<SandboxSpec, "notify">, line: string) => void;

export function openWarnOnce(): WarnOnce {
  const told = new Set<string>();
  return ({ notify }, line) => {
    if (told.has(line)) return;
    told.add(line);
    notify(line);
  };
}
