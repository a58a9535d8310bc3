/**
 * A file at the root that says how a project is built, and the commands that it names. Only names of a strict form are passed on: the file
 * is text from outside.
 */
export interface Manifest {
  readonly language: string;
  /** Facts about the commands that the text names. Absent: the presence of the file says enough. */
  readonly describe?: (text: string) => readonly string[];
}

export const MANIFESTS: Readonly<Record<string, Manifest>> = {
  "package.json": { language: "JavaScript or TypeScript", describe: (text) => list("npm scripts", readScripts(text)) },
  "pyproject.toml": { language: "Python", describe: describePyproject },
  "tox.ini": { language: "tox", describe: (text) => list("tox environments", readToxEnvironments(text)) },
  "pytest.ini": { language: "pytest" },
  "go.mod": { language: "Go", describe: () => ["Usual for Go: go build ./..., go vet ./..., go test ./...."] },
  "Cargo.toml": { language: "Rust", describe: () => ["Usual for Rust: cargo build, cargo test."] },
  "composer.json": { language: "PHP", describe: (text) => list("composer scripts", readScripts(text)) },
  Gemfile: { language: "Ruby", describe: describeGemfile },
  Rakefile: { language: "rake", describe: (text) => list("rake tasks", readRakeTasks(text)) },
  Makefile: { language: "make", describe: (text) => list("make targets", readTargets(text)) },
};

/** Maximum bytes of a manifest that are read. */
export const MAX_MANIFEST_BYTES = 65_536;
const MAX_NAMES = 40;
const MAX_LINES = 5_000;
const NAME = /^[A-Za-z0-9][\w:.+-]{0,39}$/;

function list(what: string, names: readonly string[]): readonly string[] {
  const distinct = [...new Set(names)].filter((name) => NAME.test(name));
  const more = distinct.length > MAX_NAMES ? `, and ${distinct.length - MAX_NAMES} more` : "";
  return distinct.length === 0 ? [] : [`${what}: ${distinct.slice(0, MAX_NAMES).join(", ")}${more}.`];
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/, MAX_LINES);
}

function readScripts(text: string): readonly string[] {
  try {
    const manifest: unknown = JSON.parse(text);
    const scripts = typeof manifest === "object" && manifest !== null && "scripts" in manifest ? manifest.scripts : undefined;
    return typeof scripts === "object" && scripts !== null && !Array.isArray(scripts) ? Object.keys(scripts) : [];
  } catch {
    return [];
  }
}

/** Rules by name; no assignments, patterns, variables or targets that begin with a dot. */
function readTargets(text: string): readonly string[] {
  return linesOf(text).flatMap((line) => {
    const [names, rest] = splitAt(line, ":");
    const isRule = rest !== undefined && !/^[\s#]/.test(line) && !/^:?:?=/.test(rest) && !names.includes("=");
    return isRule ? names.trim().split(/\s+/) : [];
  });
}

function readRakeTasks(text: string): readonly string[] {
  return linesOf(text).flatMap(
    (line) => /^\s{0,40}task(?:\s{1,4}|\()[:"']?([A-Za-z][\w-]{0,39}(?::[\w-]{1,40}){0,3})/.exec(line)?.[1] ?? [],
  );
}

function readToxEnvironments(text: string): readonly string[] {
  return linesOf(text).flatMap((line) => /^\[testenv:([\w.-]{1,40})\]/.exec(line)?.[1] ?? []);
}

const PYTHON_TOOLS = ["pytest", "tox", "nox", "hatch", "poetry", "pdm", "uv", "ruff", "mypy", "black"];

/** Tools with a table of their own, and the project's own commands. */
function describePyproject(text: string): readonly string[] {
  const tables = readTables(text);
  const tools = PYTHON_TOOLS.filter((tool) =>
    [...tables.keys()].some((name) => name === `tool.${tool}` || name.startsWith(`tool.${tool}.`)),
  );
  const scripts = ["project.scripts", "tool.poetry.scripts"].flatMap((name) => tables.get(name) ?? []);
  return [...list("Python tools with settings", tools), ...list("commands the Python project installs", scripts)];
}

/** Keys by table of a TOML file, as far as its lines show; nothing here depends on their values. */
function readTables(text: string): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, string[]>();
  let keys: string[] = [];
  for (const line of linesOf(text)) {
    const table = /^\[{1,2}([\w.-]{1,80})\]{1,2}/.exec(line)?.[1];
    const key = /^([\w.-]{1,40})\s{0,20}=/.exec(line)?.[1];
    if (table !== undefined) {
      keys = tables.get(table) ?? [];
      tables.set(table, keys);
    } else if (key !== undefined) keys.push(key);
  }
  return tables;
}

const GEMS = ["rake", "rspec", "minitest", "rubocop", "rails", "standard"];

function describeGemfile(text: string): readonly string[] {
  const named = new Set(linesOf(text).map((line) => /^\s{0,40}gem(?:\s{1,4}|\()["']([\w-]{1,40})["']/.exec(line)?.[1]));
  return list(
    "run with bundle exec",
    GEMS.filter((gem) => named.has(gem) || named.has(`${gem}-rails`)),
  );
}

function splitAt(line: string, separator: string): readonly [string, string | undefined] {
  const index = line.indexOf(separator);
  return index === -1 ? [line, undefined] : [line.slice(0, index), line.slice(index + 1)];
}
