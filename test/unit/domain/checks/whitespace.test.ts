import { describe, expect, test } from "vitest";
import { useChecks } from "../../../support/forge/checks.ts";

const judge = useChecks({
  "src/a.ts": "export const isAdmin = false;\nexport const user = 1;\n",
  "crlf.txt": "a\r\nb\r\n",
  "code.py": "if x:\n    y()\nz()\n",
});

describe("The check of white space", () => {
  test("X10: the gate calls a patch without a change empty, and one that changes only white space too", async () => {
    expect(await judge({})).toMatchObject({ decision: "empty", findings: [] });
    expect(await judge({ "src/a.ts": "export const isAdmin = false;\nexport const user = 1;\n" })).toMatchObject({
      decision: "empty",
      findings: [],
    });
    const verdict = await judge({ "src/a.ts": "export const isAdmin = false;  \r\n\n  export const user = 1;\n\n", "crlf.txt": "a\nb\n" });
    expect(verdict).toMatchObject({ decision: "empty", findings: [{ code: "whitespace-only" }] });
    expect((await judge({ "code.py": "if x:\n    y()\n    z()\n" })).decision).toBe("publish");
  });
});
