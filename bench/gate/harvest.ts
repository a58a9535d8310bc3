// Looking for what changed, as the guest does it at the end of a run, next to `git status` of the same work tree in the same sandbox.

import type { Patch } from "../../src/domain/patch.ts";
import type { Repository } from "../../src/ports/repository.ts";
import type { ExecResult, HarvestLimits, Sandbox } from "../../src/ports/sandbox.ts";
import { openNamespaceProvider } from "../../test/support/sandbox/namespace-provider.ts";
import { sandboxSpec } from "../../test/support/sandbox/sandbox-spec.ts";
import { median } from "../shared/figure.ts";

const ROUNDS = 5;
const LIFETIME_MS = 900_000;
const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/home/agent", LANG: "C.UTF-8" };

export interface HarvestOptions {
  readonly repository: Repository;
  readonly base: string;
  readonly limits: HarvestLimits;
  /** Shell lines that change the work tree. */
  readonly change: string;
}

export interface Harvested {
  /** Median milliseconds from the question to the patch in the runner's repository. */
  readonly ms: number;
  /** Median milliseconds of `git status --porcelain`, asked for in the same way. */
  readonly statusMs: number;
  readonly patch: Patch;
}

export async function measureHarvest({ repository, base, limits, change }: HarvestOptions): Promise<Harvested> {
  await using sandbox = await openNamespaceProvider().create(sandboxSpec({ signal: AbortSignal.timeout(LIFETIME_MS) }));
  await sandbox.plant(repository.pack(base), base);
  await shell(sandbox, change);
  const own: number[] = [];
  const status: number[] = [];
  let patch = await repository.readPatch(base, sandbox.harvest(limits), limits);
  await shell(sandbox, STATUS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    patch = await repository.readPatch(base, sandbox.harvest(limits), limits);
    const between = performance.now();
    await shell(sandbox, STATUS);
    own.push(between - start);
    status.push(performance.now() - between);
  }
  return { ms: median(own), statusMs: median(status), patch };
}

const STATUS = "git status --porcelain --untracked-files=all";

async function shell(sandbox: Sandbox, script: string): Promise<ExecResult> {
  const command = { argv: ["/bin/sh", "-euc", script], cwd: "/work", env: ENV, timeoutMs: LIFETIME_MS, maxOutputBytes: 1 << 20 };
  const result = await sandbox.exec(command);
  if (result.code !== 0) throw new Error(`${script} ended with ${result.code}: ${Buffer.from(result.stderr).toString()}`);
  return result;
}
