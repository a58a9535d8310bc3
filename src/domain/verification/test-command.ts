import { objectOf, readJsonObject } from "../json-object.ts";

/** Values of the input `verify` that are no shell lines. */
const AUTO = "auto";
const NONE = "none";
/** What `npm init` writes for a project that has no tests. */
const PLACEHOLDER = /no test specified/;

/** Files at the root whose content says how a project is tested. Of all others the name is enough. */
export const READ_FOR_TESTS: readonly string[] = [
  "package.json",
  "deno.json",
  "deno.jsonc",
  "pyproject.toml",
  "setup.cfg",
  "tox.ini",
  "composer.json",
  "Rakefile",
  "Makefile",
  "makefile",
  "GNUmakefile",
  "justfile",
];

/** The root of a tree: names, folders with a slash at their end, with the text of those that were read. */
export type RootFiles = ReadonlyMap<string, string>;

export function isAuto(verify: string): boolean {
  return verify.trim() === AUTO;
}

/** The shell lines of `verify` with the repository's file: explicit lines take the place of `auto`, and come after other lines. */
export function joinVerify(workflow: string, file: string | undefined): string {
  const asked = file?.trim() ?? "";
  if (asked === "" || asked === AUTO || asked === NONE) return workflow;
  const own = workflow.trimEnd();
  return own === "" || own === AUTO || own === NONE ? asked : `${own}\n${asked}`;
}

/** The shell lines that an input's value stands for. Empty: nothing is verified. */
export function resolveVerify(verify: string, files: RootFiles): string {
  const lines = verify.trim();
  if (lines === NONE) return "";
  return lines === AUTO ? findTestCommands(files).join("\n") : lines;
}

/**
 * The project's own test commands, by its manifests and scripts at the root, one per ecosystem. A Makefile speaks for a project that has none
 * of its own. Empty: none was found.
 */
export function findTestCommands(files: RootFiles): readonly string[] {
  const found = ECOSYSTEMS.flatMap((find) => find(files) ?? []);
  return found.length > 0 ? found : [findTarget(files) ?? []].flat();
}

type Finder = (files: RootFiles) => string | undefined;

const ECOSYSTEMS: readonly Finder[] = [node, deno, python, cargo, go, maven, gradle, ruby, php, dotnet];

function node(files: RootFiles): string | undefined {
  const manifest = readJsonObject(files.get("package.json"));
  const script = objectOf(manifest["scripts"])["test"];
  if (typeof script !== "string" || script.trim() === "" || PLACEHOLDER.test(script)) return undefined;
  const manager = /^(npm|pnpm|yarn|bun)@/.exec(String(manifest["packageManager"] ?? ""))?.[1];
  if (manager === "pnpm" || files.has("pnpm-lock.yaml")) return "pnpm test";
  if (manager === "yarn" || files.has("yarn.lock")) return "yarn test";
  if (manager === "bun" || files.has("bun.lock") || files.has("bun.lockb")) return "bun run test";
  return "npm test";
}

function deno(files: RootFiles): string | undefined {
  const manifest = readJsonObject(files.get("deno.json") ?? files.get("deno.jsonc"));
  const task = objectOf(manifest["tasks"])["test"];
  return task === undefined ? undefined : "deno task test";
}

function python(files: RootFiles): string | undefined {
  const says = (name: string, pattern: RegExp): boolean => pattern.test(files.get(name) ?? "");
  const pytest =
    files.has("pytest.ini") ||
    files.has("conftest.py") ||
    says("pyproject.toml", /^\s*\[tool\.pytest|["']pytest\b/m) ||
    says("setup.cfg", /^\s*\[tool:pytest\]/m) ||
    says("tox.ini", /^\s*\[pytest\]|\bpytest\b/m);
  if (pytest) return "python3 -m pytest";
  const project = ["pyproject.toml", "setup.py", "setup.cfg"].some((name) => files.has(name));
  return project && (files.has("tests/") || files.has("test/")) ? "python3 -m unittest discover" : undefined;
}

function cargo(files: RootFiles): string | undefined {
  return files.has("Cargo.toml") ? "cargo test --offline" : undefined;
}

function go(files: RootFiles): string | undefined {
  return files.has("go.mod") ? "go test ./..." : undefined;
}

function maven(files: RootFiles): string | undefined {
  if (!files.has("pom.xml")) return undefined;
  return `${files.has("mvnw") ? "sh ./mvnw" : "mvn"} --offline --batch-mode test`;
}

function gradle(files: RootFiles): string | undefined {
  if (!["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"].some((name) => files.has(name))) return undefined;
  return `${files.has("gradlew") ? "sh ./gradlew" : "gradle"} --offline test`;
}

function ruby(files: RootFiles): string | undefined {
  if (files.has(".rspec") || files.has("spec/")) return files.has("Gemfile") ? "bundle exec rspec" : undefined;
  if (!/TestTask|\btask\s*\(?\s*:test\b/.test(files.get("Rakefile") ?? "")) return undefined;
  return files.has("Gemfile") ? "bundle exec rake test" : "rake test";
}

function php(files: RootFiles): string | undefined {
  if (objectOf(readJsonObject(files.get("composer.json"))["scripts"])["test"] !== undefined) return "composer test";
  return files.has("phpunit.xml") || files.has("phpunit.xml.dist") ? "vendor/bin/phpunit" : undefined;
}

function dotnet(files: RootFiles): string | undefined {
  return [...files.keys()].some((name) => /\.(?:slnx?|csproj|fsproj|vbproj)$/.test(name)) ? "dotnet test --no-restore" : undefined;
}

function findTarget(files: RootFiles): string | undefined {
  const makefile = files.get("GNUmakefile") ?? files.get("makefile") ?? files.get("Makefile") ?? "";
  const target = ["test", "check"].find((name) => new RegExp(`^${name}\\s*:(?!=)`, "m").test(makefile));
  if (target !== undefined) return `make ${target}`;
  return /^test\b[^:=\n]*:(?!=)/m.test(files.get("justfile") ?? "") ? "just test" : undefined;
}
