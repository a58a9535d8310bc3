import { describe, expect, test } from "vitest";
import { codesOf, json, useChecks } from "../../../support/forge/checks.ts";
import { judgeFile } from "../../../support/forge/judge-file.ts";

const PACKAGE = { name: "x", scripts: { test: "vitest run", build: "tsc" }, dependencies: { lodash: "^4.17.0" } };
const webManifest = (...testPathIgnorePatterns: readonly string[]): string => json({ name: "web", jest: { testPathIgnorePatterns } });
const python = (addopts: string, lineLength = 120): string =>
  `[tool.ruff]\nline-length = ${lineLength}\n\n[tool.pytest.ini_options]\naddopts = "${addopts}"\n\n[tool.black]\nline-length = ${lineLength}\n`;

const judge = useChecks({
  "package.json": json(PACKAGE),
  "web/package.json": webManifest("/node_modules/"),
  "pyproject.toml": python("-q"),
  "src/a.test.ts": 'it("works", () => {\n  expect(1).toBe(1);\n  expect(2).toBe(2);\n});\n',
  "tests/test_b.py": "def test_b():\n    assert True\n",
  "vitest.config.ts": "export {};\n",
});

describe("The checks of tests", () => {
  test("I21, B5: the gate flags tests that judge less", async () => {
    expect(codesOf(await judge({ "src/a.test.ts": null }))).toEqual(["draft tests-weakened"]);
    expect(codesOf(await judge({ "tests/test_b.py": "import pytest\n@pytest.mark.skip\ndef test_b():\n    assert True\n" }))).toEqual([
      "draft tests-weakened",
    ]);
    expect(
      codesOf(await judge({ "src/a.test.ts": 'it.skip("works", () => {\n  expect(1).toBe(1);\n  expect(2).toBe(2);\n});\n' })),
    ).toEqual(["draft tests-weakened"]);
    expect(codesOf(await judge({ "src/a.test.ts": 'it("works", () => {\n  expect(1).toBe(1);\n});\n' }))).toEqual(["draft tests-weakened"]);
    expect(codesOf(await judge({ "package.json": json({ ...PACKAGE, scripts: { ...PACKAGE.scripts, test: "exit 0" } }) }))).toEqual([
      "draft tests-weakened",
    ]);
    expect(codesOf(await judge({ "vitest.config.ts": "export const x = 1;\n" }))).toEqual(["draft tests-weakened"]);
    expect(codesOf(await judge({ "src/a.test.ts": 'it("works", () => {\n  expect(1).toBe(1);\n  // expect(2).toBe(2);\n});\n' }))).toEqual([
      "draft tests-weakened",
    ]);
    expect(codesOf(await judge({ "package.json": json({ ...PACKAGE, scripts: { ...PACKAGE.scripts, pretest: "exit 0" } }) }))).toContain(
      "draft tests-weakened",
    );
    expect(codesOf(await judge({ "web/package.json": webManifest("/node_modules/", "src/") }))).toEqual(["draft tests-weakened"]);
    expect(codesOf(await judge({ "pyproject.toml": python("-q --ignore=tests") }))).toEqual(["draft tests-weakened"]);
    expect(codesOf(await judge({ "pyproject.toml": python("-q", 100) }))).toEqual([]);
    expect(codesOf(await judge({ "tests/conftest.py": "x = 1\n" }))).toEqual(["notice tests-weakened"]);
    expect(codesOf(await judge({ "src/c.test.ts": 'it("is new", () => {\n  expect(1).toBe(1);\n});\n' }))).toEqual([]);
  });
});

describe("Tests that are left out", () => {
  test.each([
    ["a.test.ts", `${" ".repeat(600)}it.skip("a", () => {});`],
    ["a.test.ts", "xit.each([1])('a', () => {});"],
    ["a.test.ts", "xit.each`a`('a', () => {});"],
    ["test_a.py", "pytestmark = pytest.mark.skip(reason='x')"],
    ["test_a.py", "raise unittest.SkipTest('x')"],
  ])("I21: the gate sees them in %s by %s", (path, line) => {
    expect(judgeFile(path, "x\n", `x\n${line}\n`)).toContain("draft tests-weakened");
  });
});
