import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { PROVIDER_NAMES } from "../src/config/providers.ts";
import { Secret } from "../src/domain/secret.ts";
import type { SandboxProvider } from "../src/ports/sandbox.ts";

const ROOT = join(import.meta.dirname, "..");
const TEXT = readFileSync(join(ROOT, "docs/providers.md"), "utf8");

/** More than any of them needs; opening a provider asks nobody. */
const OPTIONS = {
  apiKey: new Secret("e2b_test"),
  token: new Secret("sprites-test"),
  guestFile: "/nowhere",
  nodeBinary: process.execPath,
  cacheDirectory: "/nowhere",
  runDirectory: "/nowhere",
  env: {},
  notify: () => undefined,
};

/** Every provider there is the code of. */
async function openAll(): Promise<readonly SandboxProvider[]> {
  const files = globSync("src/adapters/sandbox/*/provider.ts", { cwd: ROOT }).toSorted();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(join(ROOT, file)).href) as Promise<Record<string, unknown>>));
  return modules.map((module) => {
    const [, open] = Object.entries(module).find(([name]) => /^open\w+Provider$/.test(name)) ?? [];
    return (open as (options: typeof OPTIONS) => SandboxProvider)(OPTIONS);
  });
}

describe("docs/providers.md", () => {
  test("lists every gap that the code declares, with its reason, and no other", async () => {
    const providers = await openAll();
    expect(providers.map(({ name }) => name)).toContain("e2b");
    const table = /<!-- gaps:[^>]*-->\n([\s\S]*?)<!-- \/gaps -->/.exec(TEXT)?.[1] ?? "";
    const rows = table.trim().split("\n").slice(2);
    const declared = providers.flatMap(({ name, gaps }) => gaps.map((gap) => `| \`${name}\` | \`${gap.law}\` | ${gap.reason} |`));
    expect(rows.toSorted()).toEqual(declared.toSorted());
  });

  test("compares every provider that can be chosen", () => {
    const [head = ""] = /^\| \| .*$/m.exec(TEXT) ?? [];
    for (const name of PROVIDER_NAMES) expect(head).toContain(`\`${name}\``);
  });
});
