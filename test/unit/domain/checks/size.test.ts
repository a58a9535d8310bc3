import { describe, expect, test } from "vitest";
import { openBench } from "../../../support/forge/bare-repository.ts";
import { useChecks } from "../../../support/forge/checks.ts";

const judge = useChecks({ "a.txt": "a\n" });

describe("The checks of size", () => {
  test("X5: the gate holds too many files and too many bytes, naming limit, value and input", async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`n/${index}`, "x"]));
    const verdict = await judge(many);
    expect(verdict.decision).toBe("hold");
    expect(verdict.findings[0]).toMatchObject({
      code: "too-many-files",
      reason: expect.stringMatching(/101.*100/),
      remedy: expect.stringContaining("max-patch-files"),
    });
    const large = await judge({ "big.txt": "line of text\n".repeat(100_000) });
    expect(large.decision).toBe("hold");
    expect(large.findings[0]).toMatchObject({
      code: "too-large",
      reason: expect.stringContaining("1024 KiB"),
      remedy: expect.stringContaining("max-patch-kib"),
    });
  });

  test("the gate counts what a patch brings, not how large the changed file is", async () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => `row ${index}`);
    await using large = await openBench({
      "data.txt": rows.join("\n"),
      "huge.txt": rows.join(" and some more text in each of these lines\n"),
    });
    const patch = await large.edit({ "data.txt": ["changed", ...rows.slice(1)].join("\n") });
    expect(await large.judge(patch)).toMatchObject({ decision: "publish", findings: [] });
    const token = "ghs_W7kQz1RtYb3NcX9vLm5HgJ2pDf8SaE4uKoTi";
    const leaking = await large.edit({
      "huge.txt": [...rows, Buffer.from(token).toString("base64")].join(" and some more text in each of these lines\n"),
    });
    expect(leaking.changes.map(({ after }) => after?.size ?? 0).some((size) => size > 9_000_000)).toBe(true);
    expect((await large.judge(leaking, { secrets: [token] })).findings).toMatchObject([{ code: "secret", path: "huge.txt" }]);
  });
});
