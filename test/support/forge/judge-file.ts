import { checkFile, openFile } from "../../../src/domain/checks/file.ts";
import type { Side } from "../../../src/domain/patch.ts";
import { GATE_SETTINGS } from "./bare-repository.ts";

/** Severity and code of each kind of finding on one file that changes from `before` (undefined: it is new) to `after`, without mere notices. */
export function judgeFile(path: string, before: string | undefined, after: string): readonly string[] {
  const side = (text: string): Side => ({ path, mode: "100644", oid: "0".repeat(40), size: text.length });
  const change = {
    kind: before === undefined ? "added" : "modified",
    path,
    ...(before === undefined ? {} : { before: side(before) }),
    after: side(after),
    binary: false,
    additions: 1,
    deletions: 1,
  } as const;
  const [old, now] = [before ?? "", after].map((text) => new TextEncoder().encode(text));
  const file = openFile({ change, settings: GATE_SETTINGS, before: old ?? new Uint8Array(), after: now ?? new Uint8Array() });
  const findings = checkFile(file).filter(({ severity }) => severity !== "notice");
  return [...new Set(findings.map(({ code, severity }) => `${severity} ${code}`))];
}
