import { describe, expect, test } from "vitest";
import { codesOf, useChecks } from "../../../support/forge/checks.ts";
import { judgeFile } from "../../../support/forge/judge-file.ts";

const judge = useChecks({
  "src/a.ts": "export const isAdmin = false;\nexport const user = 1;\n",
  "README.md": "# x\n\nText\n====\n",
});

describe("The checks of text", () => {
  test("the gate publishes an ordinary change without a finding", async () => {
    expect(
      await judge({
        "src/a.ts": "export const isAdmin = false;\nexport const user = 2;\n",
        "src/new.ts": "// naïve façade — “ok” 👍🏽 👨‍👩‍👧 ✔️\nexport const größe = 1;\n",
      }),
    ).toMatchObject({ decision: "publish", findings: [] });
  });

  test("X6: the gate makes a draft of Trojan source", async () => {
    const sources: Readonly<Record<string, string>> = {
      "bidi-control": "if (user !== 'admin\u202e\u2066// check\u2069 \u2066') {}\n",
      "invisible-character": "const a\u200b = 1;\n",
      "look-alike": "export const isAdmin = false;\nexport const is\u0410dmin = true;\n",
      "control-character": "safe();\r evil();\n// \u001b[2K\n",
    };
    for (const [code, text] of Object.entries(sources)) expect(codesOf(await judge({ "src/a.ts": text })), code).toEqual([`draft ${code}`]);
    expect(codesOf(await judge({ "src/a.ts": "export const u\uff53er = 2;\nexport const user = 1;\n" }))).toEqual(["draft look-alike"]);
    expect(codesOf(await judge({ "src/a.ts": "const \u3164 = 1;\n" }))).toEqual(["draft invisible-character"]);
    expect(codesOf(await judge({ "src/a.ts": `x = "${String.fromCodePoint(0xe0041, 0xe0042)}";\n` }))).toEqual([
      "draft invisible-character",
    ]);
  });

  test("X6: the gate leaves other scripts, emoji, flags, a byte order mark and line ends alone", async () => {
    const texts = [
      "// Привет, мир\nconst имя = 'ок';\n",
      "// می‌خواهم\n",
      "'क्‍ष'\n",
      "// 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩🏽‍🚀 #️⃣\n",
      "\ufeffexport {};\n",
      "a\r\nb\r\n",
      "const Δx = 1;\n",
      "/* 日本語 */\n",
    ];
    for (const text of texts) expect(codesOf(await judge({ "src/b.ts": text })), text).toEqual([]);
  });

  test("the gate makes a draft of markers of an unfinished merge, not of headings", async () => {
    expect(codesOf(await judge({ "src/a.ts": "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> theirs\n" }))).toContain("draft conflict-marker");
    expect(codesOf(await judge({ "README.md": "# x\n\nMore\n=======\n" }))).toEqual([]);
  });
});

describe("Text that nobody scrolls to", () => {
  test("X6: the gate makes a draft of code behind a row of blanks, and is quiet about indentation", () => {
    expect(judgeFile("a.js", "a;\n", `a;\nok();${" ".repeat(1000)}evil();\n`)).toEqual(["draft out-of-sight"]);
    expect(judgeFile("a.js", "a;\n", `a;\n${"\t".repeat(1000)}evil();\n`)).toEqual(["draft out-of-sight"]);
    expect(judgeFile("a.md", "a\n", `a\nok${" ".repeat(1000)}evil\n`)).toEqual([]);
    expect(judgeFile("a.js", "a;\n", `a;\n${" ".repeat(80)}b; ${" ".repeat(80)} // c${" ".repeat(300)}\n`)).toEqual([]);
  });
});
