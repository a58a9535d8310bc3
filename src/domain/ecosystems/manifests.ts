import { objectOf, readJsonObject } from "../json-object.ts";

/**
 * What a manifest says about its packages. The texts come from the trusted base and are read strictly: what has another shape says nothing,
 * and only names of a strict form are passed on.
 */

/** Packages that `package.json` names: its own, or those of its workspaces. */
export function isJavascriptProject(text: string): boolean {
  const manifest = readJsonObject(text);
  const sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
  return manifest["workspaces"] !== undefined || sections.some((name) => Object.keys(objectOf(manifest[name])).length > 0);
}

/** Whether `composer.json` requires more than PHP itself and its extensions. */
export function requiresPackages(text: string | undefined): boolean {
  const manifest = readJsonObject(text);
  return ["require", "require-dev"].some((name) => Object.keys(objectOf(manifest[name])).some((key) => key.includes("/")));
}

/** Whether `pyproject.toml` describes a package, and not only settings of tools. */
export function isPythonProject(text: string): boolean {
  return /^\[(?:project|build-system|tool\.poetry)\]/m.test(text);
}

/** Lists of requirements that people keep at a project's root, for use and for tests. */
export function namesRequirements(name: string): boolean {
  return /^(?:requirements|(?:requirements[-_.](?:dev|test|tests|testing))|(?:(?:dev|test|tests)[-_]requirements))\.txt$/.test(name);
}

const EXTRAS = ["test", "tests", "testing", "dev"];

/** The optional dependencies that tests usually need. */
export function installedExtras(text: string): readonly string[] {
  const start = /^\[project\.optional-dependencies\]/m.exec(text);
  if (start === null) return [];
  const rest = text.slice(start.index).split(/\r?\n/).slice(1, 1_000);
  const end = rest.findIndex((line) => /^\[[A-Za-z]/.test(line));
  const keys = rest.slice(0, end === -1 ? rest.length : end).flatMap((line) => /^"?([A-Za-z]{1,20})"?\s{0,20}=/.exec(line)?.[1] ?? []);
  return EXTRAS.filter((name) => keys.includes(name));
}
