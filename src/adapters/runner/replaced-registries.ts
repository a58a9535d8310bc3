import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { promisify } from "node:util";

const TIMEOUT_MS = 20_000;
const MAX_CONFIG_CHARS = 1 << 20;

/**
 * What stands in place of a built-in registry on this runner, for tools that can only be told so: `cargo:replacement` is the source that
 * replaces crates-io, `rubygems:default` the registry that a mirror of RubyGems stands for. Absent: nothing is replaced, or nobody knows.
 * Only configuration outside a repository is read (I11).
 */
export async function readReplacedRegistries(): Promise<Readonly<Record<string, readonly string[]>>> {
  const [cargo, rubygems] = await Promise.all([readCargoReplacement(), askRubygemsDefault()]);
  return {
    ...(cargo === undefined ? {} : { "cargo:replacement": [cargo] }),
    ...(rubygems === undefined ? {} : { "rubygems:default": [rubygems] }),
  };
}

/** Source: the Cargo book, "Source replacement". A source with a user and a password is left out: they stay on the runner. */
async function readCargoReplacement(): Promise<string | undefined> {
  const path = join(env["CARGO_HOME"] ?? join(homedir(), ".cargo"), "config.toml");
  const text = (await readFile(path, "utf8").catch(() => "")).slice(0, MAX_CONFIG_CHARS);
  const name = valueIn(text, "crates-io", "replace-with");
  const registry = name === undefined ? undefined : valueIn(text, name, "registry");
  return registry?.includes("@") === true ? undefined : registry;
}

/** A string of the table `[source.<name>]`. */
function valueIn(text: string, name: string, key: string): string | undefined {
  const tables = text.split(/^\s{0,20}(?=\[)/m);
  const table = tables.find((part) => [`[source.${name}]`, `[source."${name}"]`].includes((part.split("\n", 1)[0] ?? "").trim()));
  return table
    ?.split("\n")
    .flatMap((line) => new RegExp(`^\\s{0,20}${key}\\s{0,20}=\\s{0,20}["']([^"']{1,2000})["']`).exec(line)?.[1] ?? [])[0];
}

/** RubyGems knows its own default, whatever sources are configured. */
async function askRubygemsDefault(): Promise<string | undefined> {
  const run = promisify(execFile)("ruby", ["-e", "print Gem::DEFAULT_HOST"], { cwd: tmpdir(), timeout: TIMEOUT_MS });
  const answer = await run.then(({ stdout }) => stdout.trim()).catch(() => "");
  return /^https?:\/\/[^\s/]+\/?$/.test(answer) ? answer : undefined;
}
