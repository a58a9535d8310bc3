import type { SandboxSpec } from "../../../ports/sandbox.ts";

/** Shows a warning once per provider, however many sandboxes a run has. A provider opens one and keeps it. */
export type WarnOnce = (spec: Pick<SandboxSpec, "notify">, line: string) => void;

export function openWarnOnce(): WarnOnce {
  const shown = new Set<string>();
  return ({ notify }, line) => {
    if (shown.has(line)) return;
    shown.add(line);
    notify(line);
  };
}
