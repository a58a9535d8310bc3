import { describe, expect, test } from "vitest";
import { isProtected } from "../../../../src/domain/paths/protected.ts";

/** Paths that run or grant something, in every spelling that some file system, git or a reader takes for them. */
const PROTECTED = [
  ".github/workflows/x.yml",
  ".GITHUB/Workflows/x.yml",
  ".github\\workflows\\x.yml",
  "docs\\..\\.github\\workflows\\x.yml",
  ".gıthub/workflows/x.yml",
  ".gi\u200dthub/workflows/x.yml",
  ".gi\u200bthub/workflows/x.yml",
  "\ufeff.github/workflows/x.yml",
  ".gi\u00adthub/workflows/x.yml",
  ".g\u0456thub/workflows/x.yml",
  "\uff0e\uff47\uff49\uff54\uff48\uff55\uff42/workflows/x.yml",
  ".github /workflows/x.yml",
  ".github./workflows/x.yml",
  ".github::$INDEX_ALLOCATION/workflows/x.yml",
  ".github:stream/workflows/x.yml",
  "GITHUB~1/workflows/x.yml",
  "github~2/WORKFL~1/x.yml",
  ".github",
  ".github/CODEOWNERS",
  "CODEOWNERS",
  "./CODEOWNERS",
  "/CODEOWNERS",
  "docs/../CODEOWNERS",
  "CODEOWNER\u017f",
  "CODEOW~1",
  "\uff23\uff2c\uff21\uff35\uff24\uff25.md",
  ".git\u04bbub/workflows/x.yml",
  ".\u0261ithub/workflows/x.yml",
  "\u2024github/workflows/x.yml",
  ".github\uff0fworkflows\uff0fx.yml",
  ".github\u2215workflows\u2215x.yml",
  ".G\u0130THUB/workflows/x.yml",
  ".vs\u0441ode/tasks.json",
  ".githu\u{e0062}b/x.yml",
  "codeowners",
  "docs/CODEOWNERS",
  "action.yml",
  "sub/action.yaml",
  "ACTION.YML",
  ".gitmodules",
  ".GitModules",
  "GITMOD~1",
  "GI7EBA~1",
  ".gitattributes",
  "sub/.gitattributes",
  ".gitattributes ",
  ".gitattributes::$DATA",
  "CLAUDE.md",
  "claude.md",
  "CLAUDE.md.",
  "packages/a/CLAUDE.md",
  "AGENTS.md",
  ".claude/settings.json",
  ".Claude/settings.json",
  ".claude",
  ".cursor/rules/x.mdc",
  ".gemini/settings.json",
  ".codex/config.toml",
  ".mcp.json",
  ".MCP.JSON",
  "MCP~1.JSO",
  ".vscode/tasks.json",
  ".devcontainer/devcontainer.json",
  ".husky/pre-commit",
  "HUSKY~1/pre-commit",
  ".npmrc",
  "packages/a/.npmrc",
  ".yarnrc.yml",
  ".yarn/releases/yarn.cjs",
  ".envrc",
  ".\u006epmrc",
  "re\u0301sume/.github/x",
];

const ORDINARY = [
  "src/index.ts",
  "github/workflows.md",
  "docs/github.md",
  ".gitignore",
  "README.md",
  "docs/CODEOWNERS.md",
  "src/actions.yml",
  "my-action.yml",
  "claude/notes.md",
  "src/claude.ts",
  "src/npmrc.ts",
  "vscode/x",
  "package.json",
  "package-lock.json",
  "src/agents/md.ts",
  "привет/мир.txt",
  "файл.md",
  "日本語.txt",
  "a~1.txt",
  "backup~2",
];

describe("I13: protected paths are found in every spelling", () => {
  test("X1: a protected path is found in every spelling", () => {
    expect(PROTECTED.filter((path) => !isProtected(path))).toEqual([]);
  });

  test("X1: ordinary paths are not protected", () => {
    expect(ORDINARY.filter((path) => isProtected(path))).toEqual([]);
  });

  test("patterns are read as gitignore reads them, and the repository's own beside the default ones", () => {
    expect(isProtected("Migrations/1.sql", ["migrations/"])).toBe(true);
    expect(isProtected("db/migrations/1.sql", ["/migrations/"])).toBe(false);
    expect(isProtected("db/x/y/schema.rb", ["db/**/schema.rb"])).toBe(true);
    expect(isProtected("db/schema.rb", ["db/**/schema.rb"])).toBe(true);
    expect(isProtected("a/b.pem", ["*.pem"])).toBe(true);
    expect(isProtected("a/b.PEM", ["*.pem"])).toBe(true);
    expect(isProtected("keys/a.txt", ["keys/*", "!keys/a.txt"])).toBe(false);
    expect(isProtected("keys/b.txt", ["keys/*", "!keys/a.txt"])).toBe(true);
    expect(isProtected("keys/\u200c", ["/keys/**"])).toBe(true);
    expect(isProtected("keys/\\", ["keys/*"])).toBe(true);
    expect(isProtected("file1.c", ["file[0-9].c"])).toBe(true);
    expect(isProtected("# x", ["# x"])).toBe(false);
    expect(isProtected("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/b", ["**/a/**/a/**/a/**/a/**/a/**/c"])).toBe(false);
  });
});
