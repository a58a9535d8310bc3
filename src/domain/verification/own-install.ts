import { needsRegistry } from "../egress/presets.ts";

/** What a package manager reads to decide what it installs. */
const INSTALL_FILE = new RegExp(
  `(?:^|/)(?:${[
    "package\\.json|package-lock\\.json|npm-shrinkwrap\\.json|yarn\\.lock|pnpm-lock\\.yaml|pnpm-workspace\\.yaml|bun\\.lockb?|deno\\.(?:jsonc?|lock)",
    "pyproject\\.toml|setup\\.(?:py|cfg)|(?:[^/]*-)?requirements[^/]*\\.txt|requirements/[^/]+\\.txt|Pipfile(?:\\.lock)?|(?:poetry|uv|pdm)\\.lock",
    "Cargo\\.(?:toml|lock)|go\\.(?:mod|sum|work|work\\.sum)|Gemfile(?:\\.lock)?|[^/]+\\.gemspec|composer\\.(?:json|lock)",
    "pom\\.xml|(?:build|settings)\\.gradle(?:\\.kts)?|libs\\.versions\\.toml|gradle\\.lockfile|verification-metadata\\.xml",
    "[^/]+\\.(?:cs|fs|vb)proj|Directory\\.Packages\\.props|packages\\.lock\\.json|mix\\.(?:exs|lock)|pubspec\\.(?:yaml|lock)|Package\\.(?:swift|resolved)",
  ].join("|")})$`,
);

/** Whether one of these paths is a manifest or a lockfile: what was installed for the base may then not be what the change needs. */
export function changesInstall(paths: readonly string[]): boolean {
  return paths.some((path) => INSTALL_FILE.test(path));
}

/** Those of the run's `allow` rules that stand for configured package registries and nothing else, by their text. */
export function registryRules(allow: readonly { readonly text: string }[]): readonly string[] {
  return [...new Set(allow.map(({ text }) => text))].filter(needsRegistry);
}
