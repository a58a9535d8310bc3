import { describe, expect, test } from "vitest";
import { findImports, resolveImport } from "../../../../src/domain/prompt/imports.ts";

describe("the imports of a text of instructions", () => {
  test.each([
    ["on a line of its own", "@docs/style.md", ["docs/style.md"]],
    ["within a sentence, with its punctuation", "See @README.md, @docs/a.md and @docs/b.md.", ["README.md", "docs/a.md", "docs/b.md"]],
    ["twice", "@a.md\n@a.md", ["a.md"]],
    ["with an anchor", "@docs/style.md#tests", ["docs/style.md"]],
    ["with a space in its name", "@docs/my\\ rules.md now", ["docs/my rules.md"]],
    ["in a list", "- @a.md\n    - @b.md", ["a.md", "b.md"]],
    ["after a code block", "```\n@in.md\n```\n@out.md", ["out.md"]],
    ["after a lone backtick", "It`s @a.md", ["a.md"]],
    ["in a paragraph after one with a lone backtick", "a ` b\n\n@a.md and `@b.md`", ["a.md"]],
  ])("an import %s is found", (_name, text, imports) => {
    expect(findImports(text)).toEqual(imports);
  });

  test.each([
    ["a code block", "```sh\nnpm i @types/node\n```"],
    ["a code block within tildes", "~~~\n@a.md\n```\n@b.md\n~~~"],
    ["a longer fence that holds a shorter one", "````md\n```\n@a.md\n````"],
    ["a code block that never ends", "```\n@a.md"],
    ["a code span", "use `@a.md` and ``x ` @b.md``"],
    ["an HTML comment", "<!-- @a.md\n@b.md -->"],
    ["an HTML comment that never ends", "<!-- @a.md"],
    ["an address", "write to me@example.org"],
    ["no path", "@ and @. and @#x"],
  ])("what stands in %s is no import", (_name, text) => {
    expect(findImports(text)).toEqual([]);
  });

  test("a text of nothing but backticks is read in time proportional to its kinds of runs", () => {
    expect(findImports(`${"` `` ``` ".repeat(6_000)}\n\n@a.md`)).toEqual(["a.md"]);
  });
});

describe("where an import leads", () => {
  test.each([
    ["CLAUDE.md", "docs/style.md", "docs/style.md"],
    ["docs/agents/CLAUDE.md", "./style.md", "docs/agents/style.md"],
    ["docs/agents/CLAUDE.md", "../../AGENTS.md", "AGENTS.md"],
    [".claude/CLAUDE.md", "..//rules/./a.md", "rules/a.md"],
  ])("from %s to %s is %s", (from, target, path) => {
    expect(resolveImport(from, target)).toBe(path);
  });

  test.each([
    "/etc/passwd",
    "/work/CLAUDE.md",
    "~/.claude/me.md",
    "../x.md",
    "docs/../../x.md",
    "a\\b",
    "a`b",
    "a\u0000b",
    "..",
    "docs/..",
  ])("%j leads out of the repository", (target) => {
    expect(resolveImport("CLAUDE.md", target)).toBeUndefined();
  });
});
