import { describe, expect, test } from "vitest";
import { openBench } from "../../../support/forge/bare-repository.ts";
import { entry } from "../../../support/forge/work-tree.ts";

describe("The verdict of the gate", () => {
  test("I12: the verdict names the tree that it was taken on", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    const patch = await bench.edit({ "a.txt": "b\n" });
    expect(await bench.judge(patch)).toEqual({ decision: "publish", findings: [], tree: patch.tree });
  });

  test("the verdict is that of its gravest finding, which comes first", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    const verdict = await bench.judge(
      await bench.readPatch([
        entry("logo.png", "100644", Uint8Array.from([0, 1, 2])),
        entry("tool", "100644", Uint8Array.from([0, 1, 2])),
        entry(".github/workflows/x.yml", "100644", "on: push\n"),
      ]),
    );
    expect(verdict.decision).toBe("hold");
    expect(verdict.findings.map(({ severity }) => severity)).toEqual(["refuse", "draft", "notice"]);
  });

  test("I18: the gate lists a hundred findings of one kind and counts the others", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    const paths = Array.from({ length: 103 }, (_, at) => entry(`tool${at}`, "100644", Uint8Array.from([0, at])));
    const verdict = await bench.judge(await bench.readPatch(paths), { settings: { maxFiles: 1_000 } });
    const binary = verdict.findings.filter(({ code }) => code === "binary");
    expect(binary).toHaveLength(101);
    expect(binary.at(-1)).toMatchObject({ severity: "draft", reason: "3 more findings of this kind." });
    expect(binary.at(-1)).not.toHaveProperty("path");
  });

  test("I18: the gate holds a file unread when the patch is far beyond what may be published", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    const patch = await bench.readPatch([entry("big.txt", "100644", "line of text\n".repeat(700_000))]);
    const verdict = await bench.judge(patch, { settings: { maxPatchBytes: 1_024 } });
    expect(verdict.decision).toBe("hold");
    expect(verdict.findings.map(({ code }) => code)).toEqual(expect.arrayContaining(["unsearched", "too-large"]));
  });
});
