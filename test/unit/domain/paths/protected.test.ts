import { describe, expect, test } from "vitest";
import { isProtected, protectedReason } from "../../../../src/domain/paths/protected.ts";
import { PROTECTED_FAMILIES } from "../../../../src/domain/paths/protected-files.ts";

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

/** Names that each tool's documentation says it reads from a checkout, whether or not the tool itself is asked to. */
const NAMES: Readonly<Record<string, string>> = {
  Woodpecker: ".woodpecker.yml .woodpecker.yaml .woodpecker/a.yaml",
  "Cloud Build": "cloudbuild.yaml cloudbuild.yml cloudbuild.json",
  Semaphore: ".semaphore/semaphore.yml",
  Tekton: ".tekton/pull.yaml",
  CodeBuild: "buildspec.yml buildspec.yaml",
  GitLab: ".gitlab-ci.yml .gitlab/ci/build.yml .gitlab-ci/build.yml",
  "Azure Pipelines": "azure-pipelines.yml azure-pipelines.yaml .azure-pipelines/a.yml .azuredevops/a.yml",
  Cirrus: ".cirrus.yml .cirrus.yaml .cirrus.star",
  Drone: ".drone.yml .drone.yaml .drone.jsonnet .drone.star",
  Lefthook:
    "lefthook.yml lefthook.yaml lefthook.toml lefthook.json lefthook.jsonc .lefthook.yml .lefthook.jsonc lefthook-local.yml lefthook-local.toml .lefthook-local.yaml .lefthook-local.json .config/lefthook.yml .config/lefthook-local.yml .lefthook/pre-commit/a.sh",
  husky: ".husky/pre-commit .huskyrc .huskyrc.json .huskyrc.js .huskyrc.yaml husky.config.js",
  "lint-staged":
    ".lintstagedrc .lintstagedrc.json .lintstagedrc.mjs lint-staged.config.js lint-staged.config.mts packages/a/lint-staged.config.cjs",
  "simple-git-hooks": ".simple-git-hooks.cjs simple-git-hooks.json",
  mise: "mise.toml mise.local.toml mise.dev.toml mise.dev.local.toml .mise.toml .mise.local.toml mise/config.toml mise/config.dev.toml .mise/config.toml .config/mise.toml .config/mise.local.toml .config/mise/config.toml .config/mise/conf.d/a.toml .config/mise/tasks/a",
  Renovate:
    "renovate.json renovate.json5 renovate.jsonc .github/renovate.json .gitlab/renovate.json5 .renovaterc .renovaterc.json .renovaterc.json5",
  Mergify: ".mergify.yml .mergify/config.yml .github/mergify.yml",
  Crush: "crush.json .crush.json",
  OpenHands: ".openhands/setup.sh .openhands/pre-commit.sh .openhands/microagents/repo.md",
  Factory: ".factory/mcp.json .factory/droids/a.md",
  Roo: ".roomodes .roo/mcp.json .roorules .roorules-code",
  Gitpod: ".gitpod.yml .gitpod/automations.yaml .gitpod.Dockerfile",
  devfile: "devfile.yaml .devfile.yaml devfile.yml .devfile.yml",
  CodeSandbox: ".codesandbox/tasks.json",
  pip: "pip.conf pip.ini",
  NuGet: "nuget.config NuGet.Config NuGet.config src/nuget.config",
  Bazel: ".bazelrc tools/bazel",
  Gradle: "gradlew gradlew.bat gradle/wrapper/gradle-wrapper.properties android/gradle/wrapper/gradle-wrapper.jar",
  Maven: "mvnw mvnw.cmd .mvn/jvm.config .mvn/wrapper/maven-wrapper.properties",
  npm: ".npmrc packages/a/.npmrc",
  pnpm: ".pnpmfile.cjs .pnpmfile.mjs",
  Yarn: ".yarnrc .yarnrc.yml .yarn/releases/yarn.cjs .pnp.cjs",
  "Claude Code": "CLAUDE.md .claude/settings.json .claude-plugin/plugin.json plugins/a/hooks/hooks.json",
  vim: ".exrc .vimrc .nvim.lua .lvimrc",
};

/** Ordinary files with names near to those. */
const NEAR =
  "package.json tsconfig.json .editorconfig .nvmrc .tool-versions go.mod Makefile llms.txt DESIGN.md docs/mise/index.md src/mise.ts locales/auth.json docs/lefthook.md src/gitpod.ts renovate.md .pre-commit-config.yml docs/hooks.json src/hooks/use.ts Dockerfile cloudbuild/a.ts";

describe("I13: protected files by the tool that reads them", () => {
  test.each(Object.entries(NAMES))("every name that %s reads is protected, and its family says why", (tool, names) => {
    for (const name of names.split(" ")) expect(protectedReason(name), name).toBeDefined();
    expect(PROTECTED_FAMILIES.flatMap(({ tools }) => tools.map((row) => row.tool))).toContain(tool);
  });

  test("ordinary files with names near to those are not protected", () => {
    for (const name of NEAR.split(" ")) expect(isProtected(name), name).toBe(false);
  });

  test("each tool has a source and patterns of its own", () => {
    const rows = PROTECTED_FAMILIES.flatMap(({ tools }) => tools);
    const patterns = rows.flatMap(({ reads }) => reads);
    expect(new Set(patterns).size).toBe(patterns.length);
    expect(rows.filter(({ source }) => !/^[a-z0-9.-]+\.[a-z]{2,}(?:\/|$)/.test(source))).toEqual([]);
  });
});
