import { expect, test } from "vitest";
import { parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { changesInstall, registryRules } from "../../../../src/domain/verification/own-install.ts";

const INSTALLS =
  "package.json packages/a/package.json package-lock.json pnpm-lock.yaml bun.lockb requirements.txt requirements/dev.txt dev-requirements.txt pyproject.toml uv.lock Cargo.toml go.sum a/go.mod Gemfile.lock x.gemspec composer.json pom.xml app/build.gradle.kts gradle/libs.versions.toml App/App.csproj";

test.each(INSTALLS.split(" "))("a change of %s decides what is installed", (path) => {
  expect(changesInstall(["README.md", path])).toBe(true);
});

test("a change of sources, or of names that only look alike, decides nothing of what is installed", () => {
  expect(changesInstall(["src/package.json.ts", "my-package.json", "docs/go.mod.md", "lock", "Cargo.toml.orig"])).toBe(false);
});

test("only presets that stand for nothing but configured registries count as registries", () => {
  const registries = { npm: ["https://registry.example"], pypi: ["https://pypi.example"], github: ["https://packages.example"] };
  const { allow } = parsePolicy({ allow: "npm\nfiles.example\ngithub\npypi\nGET api.example/x/*", deny: "" }, registries);
  expect(registryRules(allow)).toEqual(["npm", "pypi"]);
});
