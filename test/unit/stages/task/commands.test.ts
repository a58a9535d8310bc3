import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MANIFESTS } from "../../../../src/stages/task/commands.ts";

const described = (name: string, text: string) => MANIFESTS[name]?.describe?.(text) ?? [];

describe("the commands that a project names", () => {
  test.each([
    ["package.json", '{"scripts":{"test":"vitest","bad name; rm":"x","build:web":"x"}}', ["npm scripts: test, build:web."]],
    ["composer.json", '{"scripts":{"post-install-cmd":["x"],"check":"phpunit"}}', ["composer scripts: post-install-cmd, check."]],
    [
      "Makefile",
      ".PHONY: all\nVERSION := 1\nFLAGS ?= a:b\nall: build test\nbuild test:: dep\n\techo a: b\n%.o: %.c\n$(OUT): x\nlint:\n# note: x\nX = y: z\n",
      ["make targets: all, build, test, lint."],
    ],
    [
      "pyproject.toml",
      '[project]\nname = "x"\n[project.scripts]\nserve = "a:b"\n"quo ted" = "x"\n[tool.pytest.ini_options]\naddopts = "-q"\n[tool.ruff]\n[[tool.mypy.overrides]]\n',
      ["Python tools with settings: pytest, ruff, mypy.", "commands the Python project installs: serve."],
    ],
    ["pyproject.toml", "[tool.pytestish]\n", []],
    ["tox.ini", "[tox]\nenvlist = py\n[testenv]\n[testenv:lint]\n[testenv:docs]\n", ["tox environments: lint, docs."]],
    [
      "Rakefile",
      'task default: [:test]\ntask :test do\nend\n  task "db:seed" do\n# task :gone\nmultitask :x\ntasks = 1\ntask(:par)\n',
      ["rake tasks: default, test, db:seed, par."],
    ],
    [
      "Gemfile",
      'source "https://example.com"\ngem "rspec-rails"\n  gem \'rubocop\', "1"\n# gem "rails"\n',
      ["run with bundle exec: rspec, rubocop."],
    ],
    ["Cargo.toml", "[package]", ["Usual for Rust: cargo build, cargo test."]],
    ["go.mod", "module x", ["Usual for Go: go build ./..., go vet ./..., go test ./...."]],
    ["pytest.ini", "[pytest]", []],
  ])("in %s are told", (name, text, facts) => {
    expect(described(name, text)).toEqual(facts);
  });

  test.each(["null", "[]", '{"scripts":null}', '{"scripts":["a"]}', '{"scripts":"a"}', "{", "1", ""])(
    "are none in a manifest that is %s",
    (text) => {
      expect(described("package.json", text)).toEqual([]);
    },
  );

  test("I18: are forty at most, and how many more there are is said", () => {
    const text = Array.from({ length: 45 }, (_, index) => `target-${index}:`).join("\n");
    expect(described("Makefile", text)[0]).toMatch(/target-39, and 5 more\.$/);
  });

  test("I10, I15: are names and nothing else, whatever the file holds", () => {
    const lines = fc.array(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("[project.scripts]", "task :a<!--", "x y\u202e:", "gem 'rspec'", "::error::x:"),
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(MANIFESTS)), lines, (name, given) => {
        for (const fact of described(name, given.join("\n"))) expect(fact).toMatch(/^[\w .,:+/-]{1,2000}$/);
      }),
    );
  });
});
