import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readReplacedRegistries } from "../../../../src/adapters/runner/replaced-registries.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "airlock-replaced-"));
  vi.stubEnv("CARGO_HOME", home);
  vi.stubEnv("PATH", `${home}:/usr/bin:/bin`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

async function installRuby(answer: string): Promise<void> {
  await writeFile(join(home, "ruby"), `#!/bin/sh\nprintf '%s' '${answer}'\n`);
  await chmod(join(home, "ruby"), 0o755);
}

const MIRROR = 'registry = "sparse+https://mirror.example.com/index/"';

test.each([
  ["a mirror", `[source.crates-io]\nreplace-with = "m"\n\n[source.m]\n${MIRROR}\n`],
  [
    "a quoted name, other tables and comments",
    `[net]\nretry = 1\n[source."m.x"]\n${MIRROR} # ours\n[source.crates-io]\n  replace-with = 'm.x'\n`,
  ],
])("cargo's replacement is read from %s", async (_what, text) => {
  await installRuby("");
  await writeFile(join(home, "config.toml"), text);
  expect(await readReplacedRegistries()).toEqual({ "cargo:replacement": ["sparse+https://mirror.example.com/index/"] });
});

test.each([
  ["a registry that replaces nothing", `[registries.own]\nindex = "sparse+https://own.example.com/"\n`],
  ["a vendored source", `[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n`],
  ["a replacement in another table", `[source.other]\nreplace-with = "m"\n[source.m]\n${MIRROR}\n`],
  ["credentials", `[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "https://u:p@mirror.example.com/index"\n`],
  ["no file", undefined],
])("cargo keeps its own registry with %s", async (_what, text) => {
  await installRuby("no url");
  if (text !== undefined) await writeFile(join(home, "config.toml"), text);
  expect(await readReplacedRegistries()).toEqual({});
});

test("RubyGems says which registry a mirror stands for", async () => {
  await installRuby("https://gems.example.com");
  expect(await readReplacedRegistries()).toEqual({ "rubygems:default": ["https://gems.example.com"] });
});
