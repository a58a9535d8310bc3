import { describe, expect, test } from "vitest";
import { findTestCommands, joinVerify, resolveVerify } from "../../../../src/domain/verification/test-command.ts";

const script = (test: string, more: object = {}): string => JSON.stringify({ scripts: { test }, ...more });

describe("the project's own test command", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ["npm", { "package.json": script("vitest run"), "package-lock.json": "" }, ["npm test"]],
    ["pnpm, by its lockfile", { "package.json": script("vitest"), "pnpm-lock.yaml": "" }, ["pnpm test"]],
    ["yarn, by its lockfile", { "package.json": script("jest"), "yarn.lock": "" }, ["yarn test"]],
    ["pnpm, by the field", { "package.json": script("x", { packageManager: "pnpm@9.1.0" }), "yarn.lock": "" }, ["pnpm test"]],
    ["bun", { "package.json": script("bun test"), "bun.lock": "" }, ["bun run test"]],
    ["npm's placeholder", { "package.json": script('echo "Error: no test specified" && exit 1') }, []],
    ["no test script", { "package.json": JSON.stringify({ scripts: { build: "tsc" } }) }, []],
    ["a package.json that is not JSON", { "package.json": "{" }, []],
    ["a package.json that is null", { "package.json": "null" }, []],
    ["deno", { "deno.json": '{"tasks":{"test":"deno test"}}' }, ["deno task test"]],
    ["pytest, by its table", { "pyproject.toml": "[tool.pytest.ini_options]\n" }, ["python3 -m pytest"]],
    ["pytest, by a dependency", { "pyproject.toml": 'dev = ["pytest>=8"]\n' }, ["python3 -m pytest"]],
    ["unittest", { "setup.py": "", "tests/": "" }, ["python3 -m unittest discover"]],
    ["a Python project without tests", { "pyproject.toml": '[project]\nname = "x"\n' }, []],
    ["cargo", { "Cargo.toml": "" }, ["cargo test --offline"]],
    ["Go", { "go.mod": "" }, ["go test ./..."]],
    ["Maven with a wrapper", { "pom.xml": "", mvnw: "" }, ["sh ./mvnw --offline --batch-mode test"]],
    ["Gradle", { "build.gradle.kts": "" }, ["gradle --offline test"]],
    ["RSpec", { Gemfile: "", "spec/": "" }, ["bundle exec rspec"]],
    ["rake", { Gemfile: "", Rakefile: "Rake::TestTask.new\n" }, ["bundle exec rake test"]],
    ["Composer", { "composer.json": script("phpunit") }, ["composer test"]],
    [".NET", { "App.sln": "" }, ["dotnet test --no-restore"]],
    ["a Makefile", { Makefile: "all:\n\ntest: all\n\t./run\n" }, ["make test"]],
    ["a Makefile with a variable of that name", { Makefile: "test := x\ncheck:\n\ttrue\n" }, ["make check"]],
    ["a Makefile beside a manifest", { Makefile: "test:\n\tgo test\n", "go.mod": "" }, ["go test ./..."]],
    ["two ecosystems", { "package.json": script("vitest"), "go.mod": "" }, ["npm test", "go test ./..."]],
    ["nothing", { "README.md": "" }, []],
  ])("the test command of a project with %s is found, or none", (_name, files, commands) => {
    expect(findTestCommands(new Map(Object.entries(files)))).toEqual(commands);
  });

  test("the input's words stand for the found command and for none, and lines for themselves", () => {
    const files = new Map([["go.mod", ""]]);
    expect(["auto", " none\n", "", "make test\n"].map((verify) => resolveVerify(verify, files))).toEqual([
      "go test ./...",
      "",
      "",
      "make test",
    ]);
  });

  test("the repository's lines take the place of `auto`, come after other lines, and turn nothing off", () => {
    const joined = [
      ["auto", "npm run ci"],
      ["none", "npm run ci"],
      ["make\n", "npm run ci"],
      ["make", "none"],
      ["auto", "none"],
      ["auto", undefined],
    ] as const;
    expect(joined.map(([workflow, file]) => joinVerify(workflow, file))).toEqual([
      "npm run ci",
      "npm run ci",
      "make\nnpm run ci",
      "make",
      "auto",
      "auto",
    ]);
  });
});
