import { expect, test } from "vitest";
import { useChecks } from "../../../support/forge/checks.ts";

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 12345\n`;
const OTHER = POINTER.replace("a".repeat(64), "b".repeat(64));

const judge = useChecks({
  ".gitattributes": "[attr]big filter=lfs diff=lfs\n*.csv filter=lfs -text\n*.bin big\nplain.csv !filter\n",
  "data/.gitattributes": "small-* -filter\n",
  "data.csv": POINTER,
  "model.bin": POINTER,
  "stray.txt": POINTER,
  "old.csv": "a,b\n",
  "plain.csv": "a,b\n",
});

test.each([
  ["a pointer overwritten with text", { "data.csv": "a,b\n1,2\n" }, "data.csv", /pointer of Git LFS is overwritten by 8 bytes/],
  [
    "a pointer overwritten with bytes",
    { "model.bin": Uint8Array.from([0, 1, 2]) },
    "model.bin",
    /pointer of Git LFS is overwritten by 3 bytes/,
  ],
  ["a pointer that no attribute names", { "stray.txt": "x\n" }, "stray.txt", /overwritten/],
  [
    "a new file for Git LFS, by a macro",
    { "new.bin": Uint8Array.from([0, 1, 2]) },
    "new.bin",
    /`\.gitattributes` gives the file to Git LFS/,
  ],
  ["a new file for Git LFS in a folder", { "data/größe.csv": "a,b\n" }, "data/größe.csv", /`\.gitattributes` gives the file/],
  ["a file that only begins like a pointer", { "data.csv": `${POINTER}a,b\n` }, "data.csv", /overwritten/],
])("the gate wants %s looked at, and names the way back to a pointer", async (_name, edit, path, reason) => {
  const verdict = await judge(edit);
  expect(verdict.decision).toBe("draft");
  expect(verdict.findings).toContainEqual({
    code: "lfs-content",
    severity: "draft",
    path,
    reason: expect.stringMatching(reason),
    remedy: expect.stringContaining("git lfs migrate import"),
  });
});

test.each([
  ["another pointer", { "data.csv": OTHER }],
  ["an empty file", { "data.csv": "" }],
  ["a file that is deleted", { "data.csv": null }],
  ["a file that was never converted", { "old.csv": "a,b\n1,2\n" }],
  ["a file that an attribute takes out again", { "plain.csv": "a\n", "data/small-1.csv": "a\n" }],
])("the gate has no word about Git LFS for %s", async (_name, edit) => {
  expect((await judge(edit)).findings.map(({ code }) => code)).not.toContain("lfs-content");
});

test("the base's attributes count, not those that the patch brings along", async () => {
  const verdict = await judge({ ".gitattributes": "*.csv -filter\n", "new.csv": "a,b\n" });
  expect(verdict.findings.map(({ code }) => code)).toContain("lfs-content");
});
