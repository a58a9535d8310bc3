import { describe, expect, test } from "vitest";
import { codesOf, json, useChecks } from "../../../support/forge/checks.ts";

const PACKAGE = { name: "x", scripts: { test: "vitest run", build: "tsc" }, dependencies: { lodash: "^4.17.0" } };
const judge = useChecks({ "package.json": json(PACKAGE) });

describe("The checks of what an installation runs", () => {
  test("X7: the gate makes a draft of new install scripts and of what lets dependencies run them", async () => {
    for (const scripts of [{ postinstall: "node x" }, { preinstall: "x" }, { prepare: "x" }]) {
      expect(codesOf(await judge({ "package.json": json({ ...PACKAGE, scripts: { ...PACKAGE.scripts, ...scripts } }) }))).toEqual([
        "draft install-script",
      ]);
    }
    expect(codesOf(await judge({ "package.json": json({ ...PACKAGE, trustedDependencies: ["evil"] }) }))).toEqual(["draft install-script"]);
    expect(
      codesOf(await judge({ "package.json": json({ ...PACKAGE, dependencies: { lodash: "git+ssh://git@example.org/lodash.git" } }) })),
    ).toEqual(["draft dependency-source"]);
    for (const name of ["setup.py", "native/binding.gyp", "crate/build.rs", "lib/evil.pth", "sitecustomize.py"]) {
      expect(codesOf(await judge({ [name]: "x\n" })), name).toEqual(["draft install-script"]);
    }
    expect(codesOf(await judge({ "package.json": json({ ...PACKAGE, scripts: { ...PACKAGE.scripts, build: "tsc -b" } }) }))).toEqual([]);
  });
});
