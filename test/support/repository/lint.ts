import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
const BIOME = join(ROOT, "node_modules/.bin/biome");
const SETTINGS = ["biome.json", "biome.arrows.json", "package.json"];

/** What the project's linter says of planted files: by path, `<line> <rule>` of each complaint. The files stand in a folder of their own. */
export async function lintPlanted(sources: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "airlock-lint-"));
  try {
    for (const name of SETTINGS) cpSync(join(ROOT, name), join(folder, name));
    for (const [file, source] of sources) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), source);
    }
    return await runBiome(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runBiome(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const args = ["lint", "--vcs-enabled=false", "--max-diagnostics=none", "--reporter=github", "."];
  const output = await new Promise<string>((done) =>
    execFile(BIOME, args, { cwd: folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) => done(stdout + stderr)),
  );
  const found = new Map<string, string[]>();
  for (const [, rule = "", file = "", line = ""] of output.matchAll(/^::\w+ title=lint\/\w+\/(\w+),file=([^,]+),line=(\d+),/gm)) {
    const path = relative(folder, resolve(folder, file));
    found.set(path, [...(found.get(path) ?? []), `${line} ${rule}`]);
  }
  if (found.size === 0) throw new Error(`the linter found nothing: ${output}`);
  return found;
}
