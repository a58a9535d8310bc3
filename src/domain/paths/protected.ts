import { compilePatterns, matchesPatterns, type PatternSet } from "./pattern.ts";

/**
 * gitignore-style patterns of files that run code or grant rights without review: CI and forge settings, code owners, action manifests,
 * git's own files, instructions and settings of coding agents, editor and container start-up, hooks, package-manager and shell start-up
 * files. Lockfiles and install scripts are judged by content instead.
 */
export const DEFAULT_PROTECTED: readonly string[] = [
  // Forges and their CI
  ".github/",
  "/CODEOWNERS",
  "/docs/CODEOWNERS",
  "/.gitlab/CODEOWNERS",
  "action.yml",
  "action.yaml",
  ".gitlab-ci.yml",
  ".gitea/",
  ".forgejo/",
  ".circleci/",
  ".buildkite/",
  ".woodpecker/",
  ".woodpecker.yml",
  ".travis.yml",
  ".drone.yml",
  ".cirrus.yml",
  ".appveyor.yml",
  "appveyor.yml",
  "azure-pipelines.yml",
  "bitbucket-pipelines.yml",
  "cloudbuild.yaml",
  "Jenkinsfile",
  ".mergify.yml",
  "renovate.json",
  "renovate.json5",
  ".renovaterc",
  ".renovaterc.json",
  // git
  ".git",
  ".gitmodules",
  ".gitattributes",
  ".gitconfig",
  ".lfsconfig",
  // Instructions and settings of agents
  "CLAUDE.md",
  "CLAUDE.local.md",
  "AGENTS.md",
  "AGENTS.override.md",
  "AGENT.md",
  "GEMINI.md",
  "QWEN.md",
  ".claude/",
  ".claude.json",
  ".claude-plugin/",
  ".cursor/",
  ".cursorrules",
  ".gemini/",
  ".codex/",
  ".mcp.json",
  "/mcp.json",
  ".agents/",
  ".agent/",
  ".aider.conf.yml",
  ".amazonq/",
  ".augment/",
  ".clinerules",
  ".continue/",
  ".copilot/",
  ".crush.json",
  ".goosehints",
  ".junie/",
  ".kilocode/",
  ".kiro/",
  ".opencode/",
  "opencode.json",
  "opencode.jsonc",
  ".qwen/",
  ".roo/",
  ".roorules",
  ".trae/",
  ".windsurf/",
  ".windsurfrules",
  // Editors, containers, hosted workspaces
  ".vscode/",
  "*.code-workspace",
  ".devcontainer/",
  ".devcontainer.json",
  ".idea/",
  ".zed/",
  ".idx/",
  ".fleet/",
  ".gitpod.yml",
  ".gitpod.Dockerfile",
  ".replit",
  ".exrc",
  ".nvimrc",
  ".nvim.lua",
  ".vimrc",
  ".dir-locals.el",
  ".gdbinit",
  ".lldbinit",
  // Hooks
  ".husky/",
  ".huskyrc",
  ".githooks/",
  ".pre-commit-config.yaml",
  ".pre-commit-hooks.yaml",
  "lefthook.yml",
  "lefthook.yaml",
  "lefthook.toml",
  "lefthook.json",
  ".lefthook.yml",
  ".lefthook.yaml",
  ".lefthook.toml",
  ".lefthook.json",
  ".overcommit.yml",
  ".lintstagedrc*",
  // Package managers and build tools
  ".npmrc",
  ".yarnrc",
  ".yarnrc.yml",
  ".yarn/",
  ".pnpmfile.cjs",
  ".pnpmfile.mjs",
  "pnpmfile.js",
  ".pnp.cjs",
  ".pnp.loader.mjs",
  "bunfig.toml",
  ".bunfig.toml",
  "pip.conf",
  ".pypirc",
  ".netrc",
  "_netrc",
  ".cargo/",
  ".bundle/",
  ".mvn/",
  ".jvmopts",
  ".sbtopts",
  ".bazelrc",
  "gradle/wrapper/",
  // Shells and tool switchers
  ".envrc",
  ".direnv/",
  "mise.toml",
  ".mise.toml",
  ".mise/",
  ".bashrc",
  ".bash_profile",
  ".bash_login",
  ".bash_aliases",
  ".profile",
  ".zshrc",
  ".zshenv",
  ".zprofile",
  ".zlogin",
  ".Rprofile",
  ".irbrc",
  ".pryrc",
  ".ssh/",
];

const compiled = { alike: new WeakMap<readonly string[], PatternSet>(), exact: new WeakMap<readonly string[], PatternSet>() };

/**
 * True if some file system, git or a reader could take the path for one that a pattern names: case, normal form, ignorable code points, 8.3
 * and stream names, trailing dots and spaces, either separator, look-alike letters.
 */
export function isProtected(path: string, patterns: readonly string[] = DEFAULT_PROTECTED): boolean {
  return matchesPatterns(path, compiledOf(patterns, "alike"));
}

/** True when a pattern names the path itself or a directory above it, compared byte by byte. */
export function isAllowed(path: string, patterns: readonly string[]): boolean {
  return matchesPatterns(path, compiledOf(patterns, "exact"));
}

/** Compiled once per list: lists are created once per run and never changed. */
function compiledOf(patterns: readonly string[], comparison: "alike" | "exact"): PatternSet {
  const set = compiled[comparison].get(patterns) ?? compilePatterns(patterns, comparison);
  compiled[comparison].set(patterns, set);
  return set;
}
