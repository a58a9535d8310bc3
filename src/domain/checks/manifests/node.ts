import { comesFrom, type Effect, leavesOf, type ReadEffects, runs } from "../effect.ts";
import { type Parse, parseJson, parseJsonc, parseYaml } from "../grammar.ts";
import { isObject } from "../package-json.ts";

/** npm's own life cycle (its documentation of "scripts"): these run when the package, or one that depends on it, is installed. */
const LIFE_CYCLE =
  /^(?:(?:pre|post)?(?:install|prepare|publish|pack|uninstall|version)|prepublishOnly|dependencies|(?:pre|post)?(?:restart|start)|pnpm:devPreinstall)$/;
/** Keys that let dependencies run scripts, replace them, or say what git hooks run (the documentation of npm, Yarn, pnpm, Bun, and of each hook tool). */
const GRANTS = [
  "trustedDependencies",
  "allowScripts",
  "lavamoat",
  "pnpm",
  "overrides",
  "resolutions",
  "publishConfig",
  "workspaces",
  "dependenciesMeta",
  "gypfile",
  "lint-staged",
  "nano-staged",
  "husky",
  "simple-git-hooks",
  "gitHooks",
  "pre-commit",
  "pre-push",
  "ghooks",
] as const;
const DEPENDENCIES = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "catalog", "catalogs"] as const;
/** A range or a tag of a registry; everything else that npm-package-arg knows has a slash, a colon, an at sign, or the name of an archive. */
const RANGE = /^(?:workspace:|catalog:)?[\w.+^~<>=|*, -]*$/;
const ARCHIVE = /\.(?:tgz|tar\.gz|tar)$/i;

function readPackage(parse: Parse): ReadEffects {
  return (text) => {
    const value = parse(text);
    if (!isObject(value)) return undefined;
    const scripts = isObject(value["scripts"]) ? Object.entries(value["scripts"]) : [];
    return [
      ...scripts.filter(([name]) => LIFE_CYCLE.test(name)).map(([name, script]) => runs(`scripts.${name}`, script)),
      ...GRANTS.filter((name) => name in value).map((name) => runs(name, value[name])),
      ...packageManager(value["packageManager"]),
      ...DEPENDENCIES.flatMap((name) => [...addresses(value[name], name)]),
    ];
  };
}

export const readPackageJson: ReadEffects = readPackage(parseJson);
/** What pnpm also reads. */
export const readPackageYaml: ReadEffects = readPackage(parseYaml);

/** A version of a known program is a version bump; a hash binds it further. */
function packageManager(value: unknown): readonly Effect[] {
  if (value === undefined) return [];
  const [, name] = /^(npm|yarn|pnpm|bun)@\d[\w.+-]*$/.exec(String(value)) ?? [];
  return [runs("packageManager", name ?? value)];
}

function* addresses(value: unknown, name: string): Generator<Effect> {
  for (const { path, value: range } of leavesOf(value)) {
    if (typeof range !== "string" || isPlain(range.trim(), path.at(-1) ?? "")) continue;
    yield comesFrom([name, ...path].join("."), range);
  }
}

/** `npm:` with another name installs another package. */
function isPlain(range: string, name: string): boolean {
  const alias = range.startsWith(`npm:${name}@`) ? range.slice(name.length + 5) : range;
  return (RANGE.test(alias) && !ARCHIVE.test(alias)) || /^workspace:[^@:]*$/.test(range);
}

/** Settings of pnpm-workspace.yaml (pnpm.io/settings) that neither run nor fetch anything. All others may. */
const QUIET =
  /^(?:packages|catalogs?|autoInstallPeers|cleanupUnusedCatalogs|dedupe\w+|disallowWorkspaceCycles|engineStrict|enableGlobalVirtualStore|hoist|hoistPattern|hoistWorkspacePackages|ignoreWorkspace\w+|includeWorkspaceRoot|injectWorkspacePackages|linkWorkspacePackages|nodeLinker|peerDependencyRules|preferWorkspacePackages|publicHoistPattern|resolutionMode|savePrefix|saveExact|saveWorkspaceProtocol|sharedWorkspaceLockfile|shamefullyHoist|strictPeerDependencies|updateConfig|workspaceConcurrency)$/;

export const readPnpmWorkspace: ReadEffects = (text) => {
  const value = text.trim() === "" ? {} : parseYaml(text);
  if (!isObject(value)) return undefined;
  const settings = Object.entries(value).filter(([name]) => !QUIET.test(name));
  return [
    ...settings.map(([name, setting]) => runs(name, setting)),
    ...["catalog", "catalogs"].flatMap((name) => [...addresses(value[name], name)]),
  ];
};

/** A module from an address is common in Deno; what counts is a new one in the map of imports, and scripts of npm packages. */
export const readDeno: ReadEffects = (text) => {
  const value = parseJsonc(text);
  if (!isObject(value)) return undefined;
  const imports = ["imports", "scopes"].flatMap((name) =>
    [...leavesOf(value[name])]
      .filter((leaf) => /^(?:https?|data|git\+)/i.test(String(leaf.value)))
      .map((leaf) => comesFrom(name, leaf.value)),
  );
  return [...imports, ...["allowScripts", "importMap"].filter((name) => name in value).map((name) => runs(name, value[name]))];
};

export const readComposer: ReadEffects = (text) => {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const scripts = isObject(value["scripts"])
    ? Object.entries(value["scripts"]).filter(([name]) => /^(?:pre|post)-|^command$/.test(name))
    : [];
  const config = isObject(value["config"]) ? value["config"] : {};
  const settings = ["allow-plugins", "secure-http", "disable-tls", "repositories"].filter((name) => name in config);
  return [
    ...scripts.map(([name, script]) => runs(`scripts.${name}`, script)),
    ...settings.map((name) => runs(`config.${name}`, config[name])),
    ...[...leavesOf(value["repositories"])].map(({ path, value: item }) => comesFrom(["repositories", ...path].join("."), item)),
  ];
};
