import { describe, expect, test } from "vitest";
import { findProjects, textsToRead } from "../../../../src/domain/ecosystems/detect.ts";
import { nameInstall, renderInstalls } from "../../../../src/domain/ecosystems/installs.ts";
import { type Project, pathOf, presetsOf } from "../../../../src/domain/ecosystems/project.ts";

type Files = Readonly<Record<string, string>>;

function find(files: Files): readonly Project[] {
  const paths = Object.keys(files);
  const wanted = textsToRead(paths, 30);
  return findProjects({ paths, texts: new Map(wanted.map((path) => [path, files[path] ?? ""])) });
}

const NODE = JSON.stringify({ dependencies: { left: "1.0.0" } });
const PYPROJECT =
  '[project]\nname = "x"\n\n[project.optional-dependencies]\ntest = ["pytest"]\ndocs = ["sphinx"]\n\n[tool.ruff]\ndev = 1\n';
const CRATE = '[package]\nname = "x"\n\n[dependencies]\nserde = "1"\n';

describe("what the base has to install", () => {
  test.each<readonly [string, Files, readonly string[], string]>([
    ["npm", { "package.json": NODE, "package-lock.json": "{}" }, ["npm ci --no-audit"], "npm"],
    ["npm without a lockfile", { "package.json": NODE }, ["npm install --no-package-lock"], "npm"],
    ["npm's shrinkwrap", { "package.json": NODE, "npm-shrinkwrap.json": "{}" }, ["npm ci"], "npm"],
    ["pnpm", { "package.json": NODE, "pnpm-lock.yaml": "" }, ["pnpm install --frozen-lockfile"], "npm"],
    ["yarn 1", { "package.json": NODE, "yarn.lock": "# yarn lockfile v1\n" }, ["yarn install --frozen-lockfile"], "npm"],
    ["yarn Berry", { "package.json": NODE, "yarn.lock": "# x\n\n__metadata:\n  version: 8\n" }, ["yarn install --immutable"], "npm"],
    ["bun", { "package.json": NODE, "bun.lock": "" }, ["bun install --frozen-lockfile"], "npm"],
    ["bun's binary lockfile", { "package.json": NODE, "bun.lockb": "" }, ["bun install --frozen-lockfile"], "npm"],
    [
      "a list of requirements",
      { "requirements.txt": "x" },
      ["python3 -m venv /home/agent/.venv", "pip install --quiet -r requirements.txt"],
      "pypi",
    ],
    [
      "requirements of tests too",
      { "requirements.txt": "x", "requirements-dev.txt": "y" },
      ["-r requirements-dev.txt -r requirements.txt"],
      "pypi",
    ],
    ["a Python package with extras for tests", { "pyproject.toml": PYPROJECT }, ["pip install --quiet -e '.[test]'"], "pypi"],
    ["an old Python package", { "setup.py": "" }, ["pip install --quiet -e ."], "pypi"],
    ["uv", { "pyproject.toml": PYPROJECT, "uv.lock": "" }, ["uv sync --frozen"], "pypi"],
    ["poetry", { "pyproject.toml": PYPROJECT, "poetry.lock": "" }, ["python3 -m venv", "poetry install"], "pypi"],
    ["cargo", { "Cargo.toml": CRATE, "Cargo.lock": "" }, ["cargo fetch --locked"], "cargo"],
    ["cargo without a lockfile", { "Cargo.toml": CRATE }, ["cargo fetch\n", "take_away Cargo.lock"], "cargo"],
    ["Go", { "go.mod": "module x\n\nrequire y v1.0.0\n" }, ["go mod download"], "go"],
    ["a workspace of Go", { "go.work": "" }, ["go mod download"], "go"],
    ["Maven", { "pom.xml": "" }, ["mvn --batch-mode"], "maven"],
    ["Maven by its wrapper", { "pom.xml": "", mvnw: "" }, ["sh ./mvnw --batch-mode"], "maven"],
    ["Gradle", { "build.gradle.kts": "" }, ["gradle --no-daemon"], "maven"],
    ["Gradle by its wrapper", { "settings.gradle": "", gradlew: "" }, ["sh ./gradlew --no-daemon"], "maven"],
    ["Bundler", { Gemfile: "gem 'x'", "Gemfile.lock": "" }, ["BUNDLE_FROZEN=true bundle install"], "rubygems"],
    ["Bundler without a lockfile", { Gemfile: 'source "x"\ngem "y"\n' }, ["bundle install", "take_away Gemfile.lock"], "rubygems"],
    ["Composer", { "composer.json": '{"require":{"php":">=8","a/b":"1"}}', "composer.lock": "" }, ["composer install"], "composer"],
    [".NET", { "App.sln": "", "packages.lock.json": "" }, ["dotnet restore App.sln --locked-mode"], "nuget"],
    [".NET without a lockfile", { "App.csproj": "" }, ["dotnet restore App.csproj\n"], "nuget"],
  ])("%s", (_name, files, lines, preset) => {
    const projects = find(files);
    expect(projects).toHaveLength(1);
    expect(presetsOf(projects)).toEqual([preset]);
    for (const line of lines) expect(renderInstalls(projects)).toContain(line);
  });

  test.each<readonly [string, Files]>([
    ["a manifest that names no package", { "package.json": '{"scripts":{"test":"node --test"}}' }],
    ["a manifest of another shape", { "package.json": "[1]", "composer.json": '{"require":"x"}' }],
    ["a manifest that is no JSON", { "package.json": "{dependencies:", "composer.json": "" }],
    ["settings of Python tools alone", { "pyproject.toml": "[tool.ruff]\nline-length = 1\n" }],
    ["a crate without dependencies", { "Cargo.toml": '[package]\nname = "dependencies"\n' }],
    ["a module without requirements", { "go.mod": "module x\n" }],
    ["PHP's own extensions", { "composer.json": '{"require":{"php":"8","ext-json":"*"}}' }],
    ["a lockfile alone", { "package-lock.json": "{}", "Cargo.lock": "" }],
  ])("nothing, for %s", (_name, files) => {
    expect(find(files)).toEqual([]);
  });

  test("several ecosystems are installed one after the other, and each preset is named once", () => {
    const files = { "package.json": NODE, "package-lock.json": "{}", "requirements.txt": "x", "Cargo.toml": CRATE, "Cargo.lock": "" };
    const projects = find(files);
    expect(projects.map(({ tool }) => tool)).toEqual(["npm", "pip", "cargo"]);
    expect(presetsOf([...projects, ...projects])).toEqual(["npm", "pypi", "cargo"]);
    expect(projects.map(nameInstall)).toEqual(["npm ci", "pip install", "cargo fetch"]);
  });

  test("a workspace is installed from its root only", () => {
    const files = {
      "package.json": JSON.stringify({ workspaces: ["packages/*"] }),
      "package-lock.json": "{}",
      "packages/a/package.json": NODE,
      "packages/a/package-lock.json": "{}",
      "Cargo.toml": "[workspace]\nmembers = ['crates/*']\n",
      "crates/a/Cargo.toml": CRATE,
      "crates/a/Cargo.lock": "",
    };
    expect(find(files).map(pathOf)).toEqual(["package-lock.json", "Cargo.toml"]);
  });

  test("where the root has none, folders with a lockfile of their own are installed in their place", () => {
    const files = {
      "frontend/package.json": NODE,
      "frontend/pnpm-lock.yaml": "",
      "services/api/requirements.txt": "x",
      "tools/package.json": NODE,
    };
    const projects = find(files);
    expect(projects.map(pathOf)).toEqual(["frontend/pnpm-lock.yaml", "services/api/requirements.txt"]);
    expect(renderInstalls(projects)).toContain("  cd services/api\n");
  });

  test.each([
    "node_modules/a",
    "vendor/a",
    "test/fixtures",
    "examples/a",
    "a/b/c",
    "-a",
    ".hidden",
    "a b",
    "$(id)",
    "a;id",
    "a/..",
    "..",
    "a\nb",
  ])("a folder called %j is never gone into", (folder) => {
    expect(find({ [`${folder}/package.json`]: NODE, [`${folder}/package-lock.json`]: "{}" })).toEqual([]);
  });

  test.each(["-x.csproj", "a b.csproj", "$(id).sln", "x';id;'.csproj"])("a file called %j is never named to a shell", (name) => {
    expect(find({ [name]: "" })).toEqual([]);
  });

  test("of many texts, those at the root are read", () => {
    const below = Array.from({ length: 50 }, (_, index) => [`p${index}/package.json`, `p${index}/package-lock.json`]).flat();
    expect(textsToRead([...below, "package.json"], 3)[0]).toBe("package.json");
    expect(textsToRead(below, 3)).toHaveLength(3);
  });
});
