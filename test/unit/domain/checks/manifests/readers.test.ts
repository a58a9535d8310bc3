import { describe, expect, test } from "vitest";
import { readerOf } from "../../../../../src/domain/checks/manifests/readers.ts";

describe("The reader of a manifest", () => {
  test.each([
    "package.json",
    "packages/a/package.json",
    "pnpm-workspace.yaml",
    "deno.jsonc",
    "composer.json",
    "pyproject.toml",
    "pipfile",
    "crates/a/cargo.toml",
    "go.work",
    "gems.rb",
    "requirements-dev.txt",
    "requirements/base.in",
  ])("is there for %s", (path) => {
    expect(readerOf(path)).toBeTypeOf("function");
  });

  test.each(["my-package.json", "package.json/readme.md", "go.mod.txt", "docs/requirements.md", "src/cargo.rs"])(
    "is not there for %s",
    (path) => {
      expect(readerOf(path)).toBeUndefined();
    },
  );

  test.each([
    ["requirements.txt", "requests==2.0\n-r base.txt\n--hash=sha256:00\n", 0],
    ["requirements.txt", "requests==2.0 \\\n  --global-option=x\n", 1],
    ["requirements.txt", "x @ https://example.org/x.whl\n--index-url https://example.org\n", 2],
    ["go.mod", "module x\n\nreplace a => b v1\n\nreplace (\n\tc => ../c\n)\n", 2],
    ["gems.rb", 'gem "rake"\ngem "x", git: "https://example.org/x"\n', 1],
  ])("finds in %s %j what comes from elsewhere or runs: %s", (path, text, count) => {
    expect(readerOf(path)?.(text)).toHaveLength(count);
  });
});
