// How long a patch takes from the sandbox's list of changes to the gate's verdict, and the memory it needs, next to
// `git apply` and `git diff` of the same change in the same run; what looking for the changes takes, next to `git status`; and what
// publishing asks of GitHub, next to a call for each file. Each case runs in a process of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openGitRepositories } from "../src/adapters/repository/git.ts";
import type { Patch } from "../src/domain/patch.ts";
import { Secret } from "../src/domain/secret.ts";
import type { GateSettings } from "../src/domain/settings.ts";
import type { Repository } from "../src/ports/repository.ts";
import type { HarvestEntry } from "../src/ports/sandbox.ts";
import { gate } from "../src/stages/gate/gate.ts";
import { entry, makeWorkTree, streamOf, type WorkTree } from "../test/support/forge/work-tree.ts";
import { measureCalls } from "./gate/calls.ts";
import { type HarvestOptions, measureHarvest } from "./gate/harvest.ts";
import { printFigure } from "./shared/figure.ts";

const MIB = 1024 * 1024;
const SETTINGS: GateSettings = {
  allowedPaths: [],
  protectedPaths: [],
  maxFiles: 100_000,
  maxPatchBytes: 1024 * MIB,
  onProtected: "refuse",
};
const SECRETS = [
  new Secret("sk-ant-api03-Zq7hT2vLx9RkW4mNc8PfYd3sGj6BuEa1QoXiV5tKyHb", "model"),
  new Secret("ghs_W7kQz1RtYb3NcX9vLm5HgJ2pDf8SaE4uKoTi", "forge"),
];
/** Read in slices so that the list of changes itself takes no memory worth mentioning. */
const BLOCK = Buffer.from(
  Array.from(
    { length: 20_000 },
    (_, line) => `  const value${line} = compute(${(line * 7919) % 10_007}, "${(line * 31).toString(36)}");\n`,
  ).join(""),
);

interface Case {
  readonly baseFiles: number;
  readonly changes: () => Generator<HarvestEntry>;
  /** Judged with the default limits, as most runs are; else with limits that let everything be read. */
  readonly defaults?: boolean;
  /** Shell lines that make the same changes in a sandbox; without them the harvest is not measured. */
  readonly change?: string;
}

const CASES: Readonly<Record<string, Case>> = {
  "10000-files": { baseFiles: 1000, changes: () => files(10_000, 1024) },
  "100-mib": { baseFiles: 1000, changes: () => files(100, MIB) },
  "100-mib-held": { baseFiles: 1000, changes: () => files(100, MIB), defaults: true },
  "1-of-50000": { baseFiles: 50_000, changes: () => one(), change: "echo changed > d7/f700.ts" },
};

function* files(count: number, bytes: number): Generator<HarvestEntry> {
  for (let index = 0; index < count; index += 1) {
    const start = (index * 4099) % (BLOCK.length - bytes - 1 > 0 ? BLOCK.length - bytes - 1 : 1);
    const content = Buffer.alloc(bytes, BLOCK.subarray(start));
    content.write(`// ${index}\n`);
    yield entry(`new/${index % 100}/${index}.ts`, "100644", content);
  }
}

function* one(): Generator<HarvestEntry> {
  yield entry("d7/f700.ts", "100644", "changed\n");
}

const [wanted] = process.argv.slice(2);
if (wanted === undefined)
  for (const name of Object.keys(CASES))
    process.stdout.write(execFileSync(process.execPath, ["--no-warnings", import.meta.filename, name]));
else await measure(wanted);

async function measure(name: string): Promise<void> {
  const found = CASES[name];
  if (found === undefined) throw new Error(`no case ${name}`);
  const directory = mkdtempSync(join(tmpdir(), "airlock-bench-"));
  using work = makeWorkTree();
  try {
    const base = makeBase(work, found.baseFiles);
    await using repository = await openGitRepositories({ temporaryDirectory: directory, allowFileRemotes: true }).open();
    await repository.fetch({ url: work.url, token: new Secret("") }, [base]);
    const limits = { maxFiles: SETTINGS.maxFiles, maxBytes: SETTINGS.maxPatchBytes };
    const read = await timed(() => repository.readPatch(base, streamOf(found.changes()), limits));
    const settings = found.defaults === true ? { ...SETTINGS, maxFiles: 100, maxPatchBytes: MIB } : SETTINGS;
    const judged = await timed(() => gate({ patch: read.value, repository, settings, secrets: SECRETS, texts: {} }));
    const memory = process.resourceUsage().maxRSS / 1024;
    const file = join(directory, "patch.diff");
    await repository.writeDiff(read.value, file);
    const apply = await runGit(work, ["apply", "--cached", file]);
    if (work.git(["write-tree"]) !== read.value.tree) throw new Error("the trees differ");
    const diff = await runGit(work, ["diff", "--cached", "--raw", "--numstat", "HEAD"]);
    printFigure({ name: `gate.${name}.read`, unit: "ms", value: read.ms, peer: { name: "git apply --cached", value: apply.ms } });
    printFigure({
      name: `gate.${name}.judge`,
      unit: "ms",
      value: judged.ms,
      peer: { name: "git diff --cached --numstat", value: diff.ms },
    });
    printFigure({ name: `gate.${name}.memory`, unit: "MiB", value: memory, peer: { name: "git apply --cached", value: apply.peakMib } });
    const { decision } = judged.value;
    if (decision === "publish" || decision === "draft") await measurePublication(name, { work, base, repository, patch: read.value });
    if (found.change !== undefined) await measureSandbox(name, { repository, base, limits, change: found.change, tree: read.value.tree });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Publication {
  readonly work: WorkTree;
  readonly base: string;
  readonly repository: Repository;
  readonly patch: Patch;
}

/** Blobs, trees and the commit. A plain client of the API sends each file, then the tree and the commit. */
async function measurePublication(name: string, { work, base, repository, patch }: Publication): Promise<void> {
  const { calls, ms } = await measureCalls(repository, patch);
  const remote = mkdtempSync(join(tmpdir(), "airlock-bench-remote-"));
  try {
    work.git(["init", "--quiet", "--bare", remote]);
    work.git(["push", "--quiet", remote, `${base}:refs/heads/main`]);
    const commit = work.git(["commit-tree", patch.tree, "-p", base, "-m", "bench"]);
    const push = await runGit(work, ["push", "--quiet", remote, `${commit}:refs/heads/main`]);
    const plain = patch.changes.length + 2;
    printFigure({ name: `gate.${name}.calls`, unit: "calls", value: calls, peer: { name: "a call for each file", value: plain } });
    printFigure({ name: `gate.${name}.send`, unit: "ms", value: ms, peer: { name: "git push to a folder", value: push.ms } });
  } finally {
    rmSync(remote, { recursive: true, force: true });
  }
}

async function measureSandbox(name: string, { tree, ...options }: HarvestOptions & { readonly tree: string }): Promise<void> {
  const { ms, statusMs, patch } = await measureHarvest(options);
  if (patch.tree !== tree) throw new Error("the harvested tree differs");
  printFigure({ name: `gate.${name}.harvest`, unit: "ms", value: ms, peer: { name: "git status in the sandbox", value: statusMs } });
}

/** Writes the base through fast-import: fifty thousand files on disk would measure the disk. */
function makeBase(work: WorkTree, count: number): string {
  const parts = ["commit refs/heads/main\ncommitter A <a@example.org> 1 +0000\ndata 4\nbase\n"];
  for (let index = 0; index < count; index += 1) {
    const content = `file ${index}\n${"some text\n".repeat(20)}`;
    parts.push(`M 100644 inline d${Math.floor(index / 100)}/f${index}.ts\ndata ${content.length}\n${content}\n`);
  }
  work.git(["fast-import", "--quiet"], parts.join(""));
  work.git(["read-tree", "main"]);
  return work.git(["rev-parse", "main"]);
}

async function timed<T>(body: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await body();
  return { value, ms: performance.now() - start };
}

async function runGit(work: WorkTree, args: readonly string[]): Promise<{ readonly ms: number; readonly peakMib: number }> {
  const start = performance.now();
  const child = spawn("git", args, {
    cwd: work.directory,
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null" },
  });
  let ms = 0;
  const ended = new Promise<void>((done, fail) => {
    child.once("exit", (code) => {
      ms = performance.now() - start;
      if (code === 0) done();
      else fail(new Error(`git ${args[0]} ended with ${code}`));
    });
  });
  const peakMib = await watchMemory(child);
  await ended;
  return { ms, peakMib };
}

/** The high-water mark of a process, as last seen before its end. */
async function watchMemory(child: ChildProcess): Promise<number> {
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    try {
      const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
      peak = Math.max(peak, Number(kib ?? 0) / 1024);
    } catch {
      // Gone between the check and the reading.
    }
    await sleep(1);
  }
  return peak;
}
