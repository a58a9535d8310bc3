import type { FindingCode } from "../findings.ts";
import type { RunNotes } from "./notes.ts";

const SECRET_FINDINGS: ReadonlySet<string> = new Set(["secret", "unsearched"] satisfies FindingCode[]);

/**
 * Why `patch.diff` may not leave the runner, or undefined (I14). A patch that the gate judged is withheld if a secret was found in it or if
 * it could not be searched. A patch that was not judged is withheld if it has packed data, which a search of the diff's text cannot see
 * into.
 */
export function withholdPatch({ patch, gate }: Pick<RunNotes, "patch" | "gate">): string | undefined {
  const finding = gate?.findings?.find(({ code }) => SECRET_FINDINGS.has(code));
  if (finding !== undefined) return `the gate's finding "${finding.code}"`;
  if (gate?.decision === undefined && patch?.changes?.some(({ binary }) => binary) === true) return "binary files that were not judged";
  return undefined;
}
