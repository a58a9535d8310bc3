import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../../demo/job.ts";
import { makeWorkTree, type WorkTree } from "../forge/work-tree.ts";
import { readExampleText } from "./plan.ts";

const MANIFEST = { name: "temperature", version: "1.0.0", type: "module", scripts: { test: "node --test" } };
const LOCK = { name: "temperature", version: "1.0.0", lockfileVersion: 3, requires: true, packages: { "": MANIFEST } };
const TEST = [
  'import assert from "node:assert/strict";',
  'import { test } from "node:test";',
  'import { toFahrenheit } from "../src/convert.js";',
  "",
  'test("water boils at 212", () => assert.equal(toFahrenheit(100), 212));',
  "",
].join("\n");

/** `.github/airlock.yml` as the head of examples/docs.yml writes it. */
function readSettings(): string {
  const lines = readExampleText("docs.yml").split("\n");
  return lines.flatMap((line) => (line.startsWith("#   ") ? [line.slice(4)] : [])).join("\n");
}

/** A project as the examples want one: it has a lockfile, and a test that fails. `withHead`: one commit more, for a pull request. */
export function makeProject(options: { readonly withHead: boolean }): WorkTree {
  const work = makeWorkTree({
    "package.json": JSON.stringify(MANIFEST),
    "package-lock.json": JSON.stringify(LOCK),
    ".gitignore": "node_modules/\n",
    ".github/airlock.yml": readSettings(),
    "README.md": "# Temperature\n\nConverts temperatures.\n",
    "src/convert.js": "export function toFahrenheit(celsius) {\n  return (celsius * 9) / 5 + 23;\n}\n",
    "test/convert.test.js": TEST,
  });
  work.commit("First version");
  if (!options.withHead) return work;
  work.write({ "src/kelvin.js": "export function toKelvin(celsius) {\n  return celsius + 273;\n}\n" });
  work.commit("Convert to kelvin");
  return work;
}

/** What an image has beside Node: this machine's npm, and the agent where an earlier run has fetched it, which is then not sent. */
export function openImage(): Disposable & { readonly image: Readonly<Record<string, string>> } {
  const npm = realpathSync(execFileSync("/bin/sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim());
  const folder = mkdtempSync(join(tmpdir(), "airlock-image-"));
  const script = join(folder, "npm");
  writeFileSync(script, '#!/bin/sh\nexec node /opt/npm/bin/npm-cli.js "$@"\n', { mode: 0o755 });
  const [agent] = globSync("airlock/agents/*claude-code-linux-*/content/claude", { cwd: cacheFolder() }).toSorted().reverse();
  return {
    image: {
      "/opt/npm": dirname(dirname(npm)),
      "/usr/local/bin/npm": script,
      ...(agent === undefined ? {} : { "/usr/local/bin/claude": join(cacheFolder(), agent) }),
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
