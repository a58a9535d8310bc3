import { isDeepStrictEqual } from "node:util";
import type { Finding } from "../patch.ts";
import type { FileContext } from "./context.ts";
import { finding, quoteName } from "./finding.ts";
import { readObject, readScripts } from "./package-json.ts";

/** npm's own life cycle (its documentation of "scripts"): these run when the package, or one that depends on it, is installed. */
const LIFE_CYCLE =
  /^(?:(?:pre|post)?(?:install|prepare|publish|pack|uninstall|version)|prepublishOnly|dependencies|(?:pre|post)?(?:restart|start))$/;
/** Settings that let dependencies run scripts, or replace them. */
const GRANTS = [
  "trustedDependencies",
  "allowScripts",
  "lavamoat",
  "pnpm",
  "overrides",
  "resolutions",
  "packageManager",
  "publishConfig",
  "workspaces",
];
/** Files whose mere presence runs code when the project is installed, built or started. */
const RUNS =
  /(?:^|\/)(?:setup\.py|binding\.gyp|build\.rs|extconf\.rb|conanfile\.py|sitecustomize\.py|usercustomize\.py|[^/]+\.pth|[^/]+\.gemspec|init\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|Directory\.Build\.(?:props|targets)|WORKSPACE(?:\.bazel)?|MODULE\.bazel)$/;
const LINES: readonly (readonly [path: RegExp, line: RegExp, what: string])[] = [
  [/(?:^|\/)pyproject\.toml$/, /^\s*(?:build-backend|backend-path|requires)\s*=/, "the build of the package"],
  [/(?:^|\/)composer\.json$/, /"(?:pre|post)-[a-z-]+(?:cmd|install|update|dump)"|"allow-plugins"/, "Composer's scripts or plugins"],
  [/(?:^|\/)Cargo\.toml$/, /^\s*(?:build\s*=|\[build-dependencies|\[patch)/, "Cargo's build script or a patched dependency"],
  [
    /(?:^|\/)(?:requirements[^/]*\.txt|constraints[^/]*\.txt|Pipfile|pyproject\.toml)$/,
    /--(?:extra-)?index-url|--find-links|--trusted-host|\[\[(?:tool\.(?:uv|poetry|pdm)\.)?(?:index|source)\]\]/,
    "where packages come from",
  ],
  [/(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, /"hasInstallScript": true/, "the dependencies that have install scripts"],
  [/(?:^|\/)pnpm-lock\.yaml$/, /^\s*requiresBuild: true/, "the dependencies that have install scripts"],
  [
    /(?:^|\/)pnpm-workspace\.yaml$/,
    /onlyBuiltDependencies|allowBuilds|dangerouslyAllowAllBuilds|overrides/,
    "the dependencies that may run scripts",
  ],
];
/** A dependency on an address instead of a registry's version. */
const DEPENDENCY_URL =
  /^\s*"[^"]+":\s*"(?:git\+|git:|https?:|github:|gitlab:|bitbucket:|file:|link:|npm:)|^\s*[\w.[\],-]+\s*@\s*(?:git\+|https?:|file:)|\bgit\s*=\s*"|\breplace\b.+=>|^\s*(?:-e\s+)?git\+/;
const MANIFEST = /(?:^|\/)(?:package\.json|Cargo\.toml|go\.mod|pyproject\.toml|requirements[^/]*\.txt|Gemfile|composer\.json)$/;

/** Code that runs on the machine of whoever installs or builds the project. */
export function checkInstallScripts(context: FileContext): readonly Finding[] {
  const { change, added } = context;
  if (change.after === undefined) return [];
  const findings: Finding[] = [];
  if (RUNS.test(change.path))
    findings.push(found(change.path, `The file runs when the project is installed or built; it is ${change.kind}.`));
  for (const [path, line, what] of LINES) {
    if (path.test(change.path) && added.some((text) => line.test(text.slice(0, 1000))))
      findings.push(found(change.path, `Added lines change ${what}.`));
  }
  const address = MANIFEST.test(change.path) ? added.find((text) => DEPENDENCY_URL.test(text.slice(0, 1000))) : undefined;
  if (address !== undefined)
    findings.push(
      finding({
        code: "dependency-source",
        path: change.path,
        reason: `A dependency comes from an address: ${quoteName(address.trim())}.`,
      }),
    );
  return [...findings, ...packageJson(context)];
}

function packageJson({ change, before, after }: FileContext): readonly Finding[] {
  if (!/(?:^|\/)package\.json$/.test(change.path)) return [];
  const [oldScripts, scripts] = [readScripts(before), readScripts(after)];
  const changed = Object.keys(scripts).filter((name) => LIFE_CYCLE.test(name) && scripts[name] !== oldScripts[name]);
  const [old, now] = [readObject(before), readObject(after)];
  const granted = GRANTS.filter((name) => name in now && !isDeepStrictEqual(old[name], now[name]));
  const names = [...changed, ...granted].map((name) => `\`${name}\``);
  return names.length === 0 ? [] : [found(change.path, `What runs or may run at installation changed: ${names.join(", ")}.`)];
}

function found(path: string, reason: string): Finding {
  return finding({
    code: "install-script",
    path,
    reason,
  });
}
