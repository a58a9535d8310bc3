import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readInstructions } from "../../../../src/stages/task/repository-instructions.ts";
import { BASE_SHA, HEAD_SHA, openFakeForge } from "../../../support/forge/fake-forge.ts";

const MAX_BYTES = 65_536;

function forgeWith(files: Readonly<Record<string, string>>) {
  return openFakeForge({ files: new Map(Object.entries(files).map(([path, text]) => [`${BASE_SHA}:${path}`, text])) });
}

async function read(files: Readonly<Record<string, string>>, maxBytes = MAX_BYTES) {
  return await readInstructions(forgeWith(files), BASE_SHA, maxBytes);
}

async function pathsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { instructions } = await read(files);
  return instructions?.files.map(({ path }) => path) ?? [];
}

describe("the repository's instructions", () => {
  test("CLAUDE.md, .claude/CLAUDE.md and AGENTS.md are read, each named with its hash", async () => {
    const files = { "AGENTS.md": "agents", "CLAUDE.md": "claude", ".claude/CLAUDE.md": "folder" };
    const { instructions, notes } = await read(files);
    const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
    expect(instructions?.files).toEqual([
      { path: "CLAUDE.md", sha256: sha256("claude") },
      { path: ".claude/CLAUDE.md", sha256: sha256("folder") },
      { path: "AGENTS.md", sha256: sha256("agents") },
    ]);
    expect(notes).toEqual([]);
  });

  test("a repository without such files, or with empty ones, has none", async () => {
    expect(await read({ "README.md": "x", "AGENTS.md": " \n" })).toEqual({ instructions: undefined, notes: [] });
  });

  test("imports are followed from the file that names them, each file once, in a circle too", async () => {
    const paths = await pathsOf({
      "CLAUDE.md": "@AGENTS.md @docs/a.md",
      "AGENTS.md": "@CLAUDE.md",
      "docs/a.md": "@b.md @../CLAUDE.md @a.md",
      "docs/b.md": "@a.md",
    });
    expect(paths).toEqual(["CLAUDE.md", "AGENTS.md", "docs/a.md", "docs/b.md"]);
  });

  test("imports of imports are followed five deep, and the sixth is named", async () => {
    const chain = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`d${index}.md`, `@d${index + 1}.md`]));
    const { instructions, notes } = await read({ "CLAUDE.md": "@d1.md", ...chain });
    expect(instructions?.files.map(({ path }) => path)).toEqual(["CLAUDE.md", "d1.md", "d2.md", "d3.md", "d4.md", "d5.md"]);
    expect(notes.join()).toContain("d6.md (imported more than 5 deep)");
  });

  test("what leads out of the repository is not asked for, and named", async () => {
    const forge = forgeWith({ "CLAUDE.md": "@/etc/passwd @~/.claude/me.md @../x.md @/work/CLAUDE.md" });
    const asked: string[] = [];
    const readFile = (ref: string, path: string, maxBytes: number) => {
      asked.push(path);
      return forge.readFile(ref, path, maxBytes);
    };
    const { notes } = await readInstructions({ readFile }, BASE_SHA, MAX_BYTES);
    expect(asked).toEqual(["CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md"]);
    for (const target of ["/etc/passwd", "~/.claude/me.md", "../x.md", "/work/CLAUDE.md"])
      expect(notes.join()).toContain(`${target} (outside the repository)`);
  });

  test("somebody's name that looks like an import and is no file is passed over in silence", async () => {
    expect((await read({ "AGENTS.md": "Ask @maria of @acme/team." })).notes).toEqual([]);
  });

  test("all texts together have a limit: what is over it is cut or named", async () => {
    const { instructions, notes } = await read({ "CLAUDE.md": `${"word\n".repeat(30)}@b.md`, "AGENTS.md": "agents" }, 100);
    expect(instructions?.text).toContain("[cut here: over the limit]");
    expect(instructions?.text.length).toBeLessThan(700);
    expect(notes.join()).toContain("AGENTS.md (over the limit of 100 bytes)");
  });

  test("imports are looked for at most fifty times", async () => {
    const forge = forgeWith({ "CLAUDE.md": Array.from({ length: 80 }, (_, index) => `@f${index}.md`).join("\n") });
    const { notes } = await readInstructions(forge, BASE_SHA, MAX_BYTES);
    expect(forge.calls.filter((method) => method === "readFile")).toHaveLength(53);
    expect(notes.join()).toContain("f50.md (more than 50 imports)");
    expect(notes.join()).toContain("and 20 more");
  });

  test("what cannot be read, or is no text, is named", async () => {
    const broken = forgeWith({});
    broken.fail("readFile");
    expect((await readInstructions(broken, BASE_SHA, MAX_BYTES)).notes.join()).toContain("AGENTS.md (could not be read)");
    expect((await read({ "AGENTS.md": "@logo.png", "logo.png": "\u0000\uFFFD" })).notes.join()).toContain("logo.png (not text)");
  });

  test("only the given commit is read", async () => {
    const forge = forgeWith({ "CLAUDE.md": "@docs/a.md" });
    forge.state.files.set(`${HEAD_SHA}:docs/a.md`, "from the head");
    const { instructions } = await readInstructions(forge, BASE_SHA, MAX_BYTES);
    expect(instructions?.text).not.toContain("from the head");
  });
});
