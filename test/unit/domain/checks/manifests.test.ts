import { describe, expect, test } from "vitest";
import { judgeFile } from "../../../support/forge/judge-file.ts";

const PACKAGE = {
  name: "x",
  version: "1.0.0",
  scripts: { build: "tsc" },
  dependencies: { lodash: "^4.17.0" },
  packageManager: "pnpm@9.1.0",
};
const packageWith = (more: object): string => JSON.stringify({ ...PACKAGE, ...more });
const dependency = (range: string): string => packageWith({ dependencies: { lodash: range } });
const PRETTY = JSON.stringify(PACKAGE, undefined, 2);
const PYPROJECT = '[build-system]\nrequires = ["setuptools>=61"]\n\n[project]\nname = "x"\ndependencies = ["requests>=2"]\n';
const CARGO = '[package]\nname = "x"\nversion = "1.0.0"\n\n[dependencies]\nserde = "1"\n';
const GO_MOD = "module x\n\ngo 1.22\n\nrequire example.org/a v1.0.0\n\nreplace (\n\texample.org/a => example.org/b v1.0.0\n)\n";
const GEMFILE = 'source "https://rubygems.org"\n\ngem "rake"\n';
const PIPFILE = '[[source]]\nurl = "https://pypi.example.org/simple"\nverify_ssl = true\nname = "pypi"\n\n[packages]\nrequests = "*"\n';
const WORKSPACE = "packages:\n  - a\ncatalog:\n  react: ^18.0.0\n";
const COMPOSER = { require: { "a/b": "^1.0" }, scripts: { test: "phpunit" } };

/** What a manifest of each tool says more than before, and what the gate has to say to it. */
const ADDED: readonly (readonly [what: string, path: string, before: string | undefined, after: string, codes: readonly string[]])[] = [
  ...[
    "evil/lodash",
    "git@github.com:evil/x.git",
    "gist:11081aaa281",
    "git+https://example.org/x.git",
    "https://example.org/x.tgz",
    "npm:evil@1.0.0",
    "jsr:@evil/x@1",
    "file:../x",
    "link:../x",
    "evil.tgz",
    "./evil",
    "exec:./x.js",
    "patch:lodash@npm%3A4.0.0#./x.patch",
    "workspace:evil@*",
  ].map(
    (range) => [`the range ${range}, all in one line`, "package.json", PRETTY, dependency(range), ["draft dependency-source"]] as const,
  ),
  [
    "an address behind escapes",
    "package.json",
    PRETTY,
    PRETTY.replace("^4.17.0", "\\u0067it+https://example.org/x"),
    ["draft dependency-source"],
  ],
  [
    "an address on the next line",
    "package.json",
    PRETTY,
    PRETTY.replace('"^4.17.0"', '\n"git+https://example.org/x"'),
    ["draft dependency-source"],
  ],
  [
    "an address behind 1000 blanks",
    "package.json",
    PRETTY,
    PRETTY.replace('"^4.17.0"', `${" ".repeat(1100)}"git+https://example.org/x"`),
    ["draft dependency-source", "draft out-of-sight"],
  ],
  [
    "a dependency of another kind on an address",
    "package.json",
    PRETTY,
    packageWith({ optionalDependencies: { a: "evil/a" } }),
    ["draft dependency-source"],
  ],
  ...["lint-staged", "husky", "simple-git-hooks", "gitHooks", "pre-commit", "trustedDependencies", "resolutions"].map(
    (key) => [`the key ${key}`, "package.json", PRETTY, packageWith({ [key]: { x: "y" } }), ["draft install-script"]] as const,
  ),
  [
    "another package manager",
    "package.json",
    PRETTY,
    packageWith({ packageManager: "pnpm@https://example.org/x.tgz" }),
    ["draft install-script"],
  ],
  ["a life-cycle script, all in one line", "package.json", PRETTY, packageWith({ scripts: { install: "x" } }), ["draft install-script"]],
  [
    "a manifest with its name in capitals",
    "sub/Package.JSON",
    undefined,
    packageWith({ scripts: { install: "x" } }),
    ["draft install-script"],
  ],
  ["a file that is no JSON", "package.json", PRETTY, `${PRETTY}x`, ["draft unparsed"]],
  ["a life-cycle script", "package.yaml", undefined, "name: x\nscripts: {postinstall: x}\n", ["draft install-script"]],
  ["anything", "package.json5", undefined, "{}", ["draft install-script"]],
  ...["nodeOptions: -r x", "pnpmfile: x.js", "registries: {default: 'https://x'}", "configDependencies: {x: '1'}", "scriptShell: x"].map(
    (line) => [line, "pnpm-workspace.yaml", WORKSPACE, `${WORKSPACE}${line}\n`, ["draft install-script"]] as const,
  ),
  [
    "a catalogue's address",
    "pnpm-workspace.yaml",
    WORKSPACE,
    WORKSPACE.replace("^18.0.0", "github:evil/react"),
    ["draft dependency-source"],
  ],
  [
    "a quoted requirement with an address",
    "pyproject.toml",
    PYPROJECT,
    PYPROJECT.replace("requests>=2", "requests @ https://example.org/x.whl"),
    ["draft dependency-source"],
  ],
  [
    "a dependency group's address",
    "pyproject.toml",
    PYPROJECT,
    `${PYPROJECT}\n[dependency-groups]\ndev = ["x @ git+https://example.org/x"]\n`,
    ["draft dependency-source"],
  ],
  ...[
    '[tool.uv]\nindex-url = "https://x"',
    '[[tool.uv.index]]\nurl = "https://x"',
    '[[tool.poetry.source]]\nname="x"\nurl = "https://x"',
  ].map((table) => [table, "pyproject.toml", PYPROJECT, `${PYPROJECT}\n${table}\n`, ["draft install-script"]] as const),
  [
    "a source of uv",
    "pyproject.toml",
    PYPROJECT,
    `${PYPROJECT}\n[tool.uv.sources]\nrequests = {url = "https://x/y.whl"}\n`,
    ["draft dependency-source"],
  ],
  [
    "a Poetry dependency from git",
    "pyproject.toml",
    PYPROJECT,
    `${PYPROJECT}\n[tool.poetry.dependencies]\nx.git = "https://x"\n`,
    ["draft dependency-source"],
  ],
  [
    "a build backend behind 1000 blanks",
    "pyproject.toml",
    PYPROJECT,
    PYPROJECT.replace("requires", `build-backend${" ".repeat(1100)}= "evil"\nrequires`),
    ["draft install-script", "draft out-of-sight"],
  ],
  ["another build requirement", "pyproject.toml", PYPROJECT, PYPROJECT.replace("setuptools>=61", "evil"), ["draft install-script"]],
  ["another address of a source", "Pipfile", PIPFILE, PIPFILE.replace("pypi.example.org", "evil.example.org"), ["draft install-script"]],
  ["a package from git", "Pipfile", PIPFILE, PIPFILE.replace('"*"', '{git = "https://x"}'), ["draft dependency-source"]],
  ...["requirements/dev.txt", "requirements.in", "dev-requirements.txt", "constraints.txt"].map(
    (path) => ["an index", path, "a\n", "a\n--index-url https://x\n", ["draft install-script"]] as const,
  ),
  ["an index by the beginning of its option", "requirements.txt", "a\n", "a\n--extra-index=https://x\n", ["draft install-script"]],
  ["an index on a continued line", "requirements.txt", "a\n", "a\n--index-\\\nurl https://x\n", ["draft install-script"]],
  ["an address", "requirements.txt", "a\n", "a\nx@https://example.org/x.whl\n", ["draft dependency-source"]],
  ["single quotes", "Cargo.toml", CARGO, `${CARGO}x = { git = 'https://x' }\n`, ["draft dependency-source"]],
  ["another package under a name", "Cargo.toml", CARGO, `${CARGO}x = { package = "evil", version = "1" }\n`, ["draft dependency-source"]],
  [
    "build dependencies of a target",
    "Cargo.toml",
    CARGO,
    `${CARGO}\n[target.'cfg(unix)'.build-dependencies]\nx = "1"\n`,
    ["draft install-script"],
  ],
  ["a dotted build dependency", "Cargo.toml", CARGO, `build-dependencies.x = "1"\n${CARGO}`, ["draft install-script"]],
  ["a patched dependency", "CARGO.TOML", CARGO, `${CARGO}\n[patch.crates-io]\nserde = { path = "x" }\n`, ["draft install-script"]],
  [
    "a line in a block of replacements",
    "go.mod",
    GO_MOD,
    GO_MOD.replace("\n)", "\n\texample.org/c => ../c\n)"),
    ["draft dependency-source"],
  ],
  [
    "a replacement behind 1000 blanks",
    "go.mod",
    GO_MOD,
    `${GO_MOD}${" ".repeat(1100)}replace example.org/c => ../c\n`,
    ["draft dependency-source", "draft out-of-sight"],
  ],
  ["a replacement", "go.work", "go 1.22\n", "go 1.22\nreplace (\n\tx => y v1\n)\n", ["draft dependency-source"]],
  ["another source", "Gemfile", GEMFILE, GEMFILE.replace("rubygems.org", "evil.example.org"), ["draft dependency-source"]],
  ...['git: "https://x"', 'github: "evil/x"', '\n  :git => "https://x"'].map(
    (option) => [option, "Gemfile", GEMFILE, GEMFILE.replace('"rake"', `"rake", ${option}`), ["draft dependency-source"]] as const,
  ),
  [
    "a script of an event",
    "composer.json",
    JSON.stringify(COMPOSER),
    JSON.stringify({ ...COMPOSER, scripts: { "post-install-cmd": "x" } }),
    ["draft install-script"],
  ],
  [
    "a repository",
    "composer.json",
    JSON.stringify(COMPOSER),
    JSON.stringify({ ...COMPOSER, repositories: [{ type: "vcs", url: "https://x" }] }),
    ["draft dependency-source"],
  ],
  ["a module from an address", "deno.jsonc", "{}", '{"imports": {"x": "https://x/y.ts",} /* z */}', ["draft dependency-source"]],
];

/** Changes that a person makes every week. */
const QUIET: readonly (readonly [what: string, path: string, before: string, after: string])[] = [
  [
    "addresses that nothing is fetched from",
    "package.json",
    PRETTY,
    packageWith({
      homepage: "https://x",
      $schema: "https://x",
      repository: "github:a/b",
      bugs: { url: "https://x" },
      funding: "https://x",
    }),
  ],
  ["a bump of its own version", "package.json", PRETTY, packageWith({ version: "1.0.1" })],
  ["a bump of a dependency", "package.json", PRETTY, dependency("^4.18.0 || >=5.0.0-rc.1 <6")],
  ["a tag", "package.json", PRETTY, dependency("latest")],
  [
    "a workspace and a catalogue",
    "package.json",
    PRETTY,
    packageWith({ dependencies: { a: "workspace:^", b: "catalog:", c: "catalog:old" } }),
  ],
  ["a bump of the package manager", "package.json", PRETTY, packageWith({ packageManager: "pnpm@9.2.0" })],
  ["another order and indentation", "package.json", PRETTY, JSON.stringify(Object.fromEntries(Object.entries(PACKAGE).reverse()))],
  ["a bump", "pnpm-workspace.yaml", WORKSPACE, WORKSPACE.replace("^18.0.0", "^19.0.0")],
  [
    "bumps and addresses of the project",
    "pyproject.toml",
    PYPROJECT,
    `${PYPROJECT.replace("61", "68").replace("requests>=2", "requests[socks]>=3; python_version > '3'")}[project.urls]\nHome = "https://x"\n`,
  ],
  ["bumps", "Cargo.toml", CARGO, `${CARGO.replace('"1"', '"2"').replace("1.0.0", "1.0.1")}x = { version = "1", features = ["a"] }\n`],
  ["bumps", "go.mod", GO_MOD, GO_MOD.replace("a v1.0.0", "a v1.0.1").replace("b v1.0.0", "b v1.0.1")],
  ["bumps", "requirements.txt", "a==1\n", "# https://x\na==2 ; python_version > '3'\n-r other.txt\n"],
  ["another gem", "Gemfile", GEMFILE, `${GEMFILE}gem "rails", "~> 7.1", require: false\n`],
];

describe("Manifests, read as their tools read them", () => {
  test.each(ADDED)("X7: the gate sees %s in %s", (_what, path, before, after, codes) => {
    expect(judgeFile(path, before, after)).toEqual(codes);
  });

  test.each(QUIET)("X7: the gate is quiet about %s in %s", (_what, path, before, after) => {
    expect(judgeFile(path, before, after)).toEqual([]);
  });

  test("X7: a hostile manifest is called unreadable, whatever it is nested in or how long it is", () => {
    const deep = (open: string, close: string): string => open.repeat(50_000) + close.repeat(50_000);
    expect(judgeFile("package.json", "{}", `{"husky": ${deep("[", "]")}}`)).toEqual(["draft unparsed"]);
    expect(judgeFile("package-lock.json", "{}", `{"packages": ${deep('{"a":', "}").replace('"a":}', '"a":1}')}}`)).toEqual([
      "draft unparsed",
    ]);
    expect(judgeFile("pnpm-workspace.yaml", "a: 1\n", `a: ${deep("[", "]")}`)).toEqual(["draft unparsed"]);
    expect(judgeFile("pnpm-workspace.yaml", "a: 1\n", "a: &x [1]\nb: [*x, *x]\n")).toEqual(["draft unparsed"]);
    expect(judgeFile("pyproject.toml", "", `a = ${deep("[", "]")}`)).toEqual(["draft unparsed"]);
    expect(judgeFile("package.json", "{}", `{}${" ".repeat(17 << 20)}`)).toEqual(["draft unparsed"]);
  });

  test("X7: a manifest that says all this already is quiet when something else changes", () => {
    for (const [, path, , after, codes] of ADDED) {
      if (codes.includes("draft unparsed") || path === "package.json5") continue;
      expect(judgeFile(path, after, `${after}\n`), after).toEqual([]);
    }
  });
});
