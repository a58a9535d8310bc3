import { comesFrom, type Effect, type Leaf, leavesOf, type ReadEffects, runs } from "../effect.ts";
import { parseToml } from "../grammar.ts";

/** A name, perhaps extras, and an address (PEP 508), or a bare address. */
const DIRECT = /^\s*[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s*\S|:\/\/|^\s*(?:git|hg|svn|bzr)\+/;
/** Keys of a dependency that say where it comes from, for uv, Poetry, PDM, Pixi, Rye and Pipenv (their documentation of sources). */
const SOURCE = /^(?:git|hg|svn|url|path|file|index|source)$/;
const INDEX =
  /^(?:index|sources?|(?:extra-|default-)?index-url|default-index|find-links|trusted-host|allow-insecure-host|extra-index-urls|index-strategy|pypi-options|channels?)$/;
const PYTHON_TOOL = /^(?:uv|poetry|pdm|pixi|rye)$/;
/** Tables whose settings are code of the build, or choose it. */
const BUILD =
  /^tool\.(?:poetry\.build|pdm\.build|hatch\.build\.hooks|hatch\.build\.targets\.[^.]*\.hooks|hatch\.metadata\.hooks|setuptools\.cmdclass|uv\.build-backend|uv\.(?:no-build-isolation\w*|build-constraint\w*|override-dependencies|constraint-dependencies|dependency-metadata)|scikit-build|maturin)(?:\.|$)/;

export const readPyproject: ReadEffects = (text) => readTables(text, pythonEffect);
export const readPipfile: ReadEffects = (text) => readTables(text, pipfileEffect);
export const readCargo: ReadEffects = (text) => readTables(text, cargoEffect);

function readTables(text: string, read: (leaf: Leaf) => Effect | undefined): readonly Effect[] | undefined {
  const value = parseToml(text);
  return value === undefined ? undefined : [...leavesOf(value)].flatMap((leaf) => read(leaf) ?? []);
}

function pythonEffect(leaf: Leaf): Effect | undefined {
  const { path, value } = leaf;
  const key = path.join(".");
  if (key === "build-system.requires.*") return runs("build-system.requires", requirementName(String(value)));
  if (path[0] === "build-system" || BUILD.test(key)) return runs(key, value);
  if (path.at(-1) === "*" && /dependenc|(?:^|\.)groups?\b|requires/.test(key) && DIRECT.test(String(value))) return comesFrom(key, value);
  return path[0] === "tool" && PYTHON_TOOL.test(path[1] ?? "") ? toolEffect(leaf, key) : undefined;
}

/** A dependency's source, or an index that packages are looked for in. */
function toolEffect({ path, value }: Leaf, key: string): Effect | undefined {
  if (path.slice(2).some((name) => /dependenc|^sources$/.test(name)) && SOURCE.test(path.at(-1) ?? "")) return comesFrom(key, value);
  return path.slice(2, 5).some((name) => INDEX.test(name)) && path[2] !== "sources" ? runs(key, value) : undefined;
}

/** A version bump of what builds the project is quiet, another package or an address is not. */
function requirementName(requirement: string): string {
  return DIRECT.test(requirement) ? requirement : (/^\s*[\w.-]+/.exec(requirement)?.[0].trim().toLowerCase() ?? requirement);
}

function pipfileEffect({ path, value }: Leaf): Effect | undefined {
  const key = path.join(".");
  if (path[0] === "source") return runs(key, value);
  if (path[0] === "scripts" || path[0] === "requires" || path[0] === "pipenv") return undefined;
  return SOURCE.test(path.at(-1) ?? "") && path.length === 3 ? comesFrom(key, value) : undefined;
}

const CARGO_DEPENDENCIES = /^(?:(?:dev|build)[-_])?dependencies$/;

function cargoEffect({ path, value }: Leaf): Effect | undefined {
  const key = path.join(".");
  if (/^(?:patch|replace)\.|^package\.(?:build|links)(?:\.|$)/.test(key)) return runs(key, value);
  const at = path.findIndex((name) => CARGO_DEPENDENCIES.test(name));
  if (at === -1 || path.length <= at + 1) return undefined;
  if (/^(?:git|registry|registry-index|package)$/.test(path[at + 2] ?? "")) return comesFrom(key, value);
  return path[at]?.startsWith("build") === true ? runs(path.slice(0, at + 2).join("."), "") : undefined;
}
