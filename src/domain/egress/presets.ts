import type { RuleProblem } from "./host-rule.ts";

/** Base URLs of the package registries in use, by preset, as the package managers' own configuration names them. */
export type Registries = Readonly<Record<string, readonly string[]>>;

/** What a preset stands for: fixed lines, and lines for each configured registry. All of them only read. */
interface Preset {
  readonly lines: readonly string[];
  /** Key in `Registries`; undefined: nothing to look up. */
  readonly registry?: string;
  /** The fixed lines are of use without a configured registry. Absent: a preset without one would open nothing that is asked for. */
  readonly complete?: true;
  /** Paths below a registry that take a POST without publishing anything. */
  readonly queries?: readonly string[];
}

const READ = "GET,HEAD";

/**
 * Reading from GitHub: pages, archives, raw files, releases, and git's fetch. `git push` is another path and stays refused.
 * Source: https://git-scm.com/docs/http-protocol and GitHub's published list of its domains (api.github.com/meta).
 */
const GITHUB_LINES: readonly string[] = [
  `${READ} github.com/**`,
  "POST github.com/*/*/git-upload-pack",
  `${READ} api.github.com/**`,
  `${READ} codeload.github.com/**`,
  `${READ} raw.githubusercontent.com/**`,
  `${READ} objects.githubusercontent.com/**`,
  `${READ} release-assets.githubusercontent.com/**`,
];

/**
 * Archives that a Composer registry names but does not serve: its packages are tags of repositories on GitHub.
 * Source: https://getcomposer.org/doc/04-schema.md (`dist`) and https://docs.github.com/rest/repos/contents#download-a-repository-archive-zip
 */
const COMPOSER_LINES: readonly string[] = [`${READ} api.github.com/repos/*/*/zipball/**`, `${READ} codeload.github.com/*/*/legacy.zip/**`];

const PRESETS: Readonly<Record<string, Preset>> = {
  npm: {
    lines: [],
    registry: "npm",
    queries: ["/-/npm/v1/security/advisories/bulk", "/-/npm/v1/security/audits/quick", "/-/npm/v1/security/audits"],
  },
  pypi: { lines: [], registry: "pypi" },
  go: { lines: [], registry: "go" },
  cargo: { lines: [], registry: "cargo" },
  rubygems: { lines: [], registry: "rubygems" },
  maven: { lines: [], registry: "maven" },
  composer: { lines: COMPOSER_LINES, registry: "composer" },
  nuget: { lines: [], registry: "nuget" },
  debian: { lines: [], registry: "apt" },
  ubuntu: { lines: [], registry: "apt" },
  github: { lines: GITHUB_LINES, registry: "github", complete: true },
};

/** Names that people try instead of a preset's own. */
const ALIASES: Readonly<Record<string, string>> = {
  node: "npm",
  yarn: "npm",
  pnpm: "npm",
  pip: "pypi",
  python: "pypi",
  golang: "go",
  rust: "cargo",
  crates: "cargo",
  apt: "debian",
  gem: "rubygems",
  ruby: "rubygems",
  git: "github",
  php: "composer",
  packagist: "composer",
  dotnet: "nuget",
  bun: "npm",
  uv: "pypi",
  gradle: "maven",
};

export const PRESET_NAMES: readonly string[] = Object.keys(PRESETS);

/** The lines that a preset stands for, in the grammar of host rules. undefined if no preset has that name. */
export function expandPreset(name: string, registries: Registries): readonly string[] | undefined {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (preset === undefined) return undefined;
  const lines = configuredUrls(name, registries).flatMap((url) => readRegistry(url, preset));
  return lines.length === 0 && preset.complete !== true ? [] : [...new Set([...preset.lines, ...lines])];
}

/** The base URLs that the runner's package manager is configured for, of a preset's registries. */
export function configuredUrls(name: string, registries: Registries): readonly string[] {
  const key = registryKeyOf(name) ?? "";
  return Object.hasOwn(registries, key) ? (registries[key] ?? []) : [];
}

/** Whether a preset of this name includes configured registries. */
export function usesRegistry(name: string): boolean {
  return Object.hasOwn(PRESETS, name) && PRESETS[name]?.registry !== undefined;
}

/** The key in `Registries` that a preset takes its hosts from; undefined for every other word. */
export function registryKeyOf(name: string): string | undefined {
  return Object.hasOwn(PRESETS, name) ? PRESETS[name]?.registry : undefined;
}

/** Whether a preset opens nothing without a configured registry. */
export function needsRegistry(name: string): boolean {
  return Object.hasOwn(PRESETS, name) && PRESETS[name]?.complete !== true;
}

/** A registry that cannot be put into a rule (no host, other scheme) is left out: the preset then allows less, never more. */
function readRegistry(text: string, preset: Preset): readonly string[] {
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return [];
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const base = `${url.hostname}:${port}`;
  const root = url.pathname.replace(/\/+$/, "");
  return [`${READ} ${base}/**`, ...(preset.queries ?? []).map((path) => `POST ${base}${root}${path}`)];
}

/** Whether the word is a preset, or a name that people try instead of one. */
export function isPresetName(word: string): boolean {
  return Object.hasOwn(PRESETS, word) || Object.hasOwn(ALIASES, word);
}

/** What to say about a word that is neither a host nor a preset. */
export function explainUnknown(word: string): RuleProblem {
  const lower = word.toLowerCase();
  const alias = Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : Object.hasOwn(PRESETS, lower) ? lower : undefined;
  const remedy =
    alias === undefined
      ? `Use one of the presets ${PRESET_NAMES.join(", ")}, or write a full host name; a host of one word needs its port, for example \`${word}:443\`.`
      : `Write \`${alias}\`.`;
  return { problem: `"${word}" is neither a host name nor a preset`, remedy };
}
