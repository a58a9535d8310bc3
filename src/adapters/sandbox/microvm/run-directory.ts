import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { RunLabel } from "../../../ports/sandbox.ts";
import { findProcesses, killProcesses } from "./processes.ts";

/** What is written beside a sandbox, so that another process can find and end it. */
const labelSchema = z.strictObject({
  id: z.string(),
  run: z.strictObject({ repository: z.string(), runId: z.string(), attempt: z.number() }),
  purpose: z.string(),
  createdMs: z.number(),
  deadlineMs: z.number(),
});
type SandboxLabel = z.infer<typeof labelSchema>;

const ID = /^airlock-[0-9a-f]{16}$/;
const LABEL_FILE = "sandbox.json";
/** A folder without a readable label is left alone for this long: its maker may be about to write it. */
const UNLABELLED_AGE_MS = 600_000;

export interface RunDirectory {
  /** Makes a sandbox's folder with its label in it. */
  add(options: { readonly run: RunLabel; readonly purpose: string; readonly lifetimeMs: number }): Promise<{
    readonly id: string;
    readonly path: string;
  }>;
  findByRun(run: RunLabel): Promise<readonly string[]>;
  /** Ends the sandbox's processes and removes its folder. */
  destroy(id: string): Promise<void>;
  sweep(nowMs: number): Promise<readonly string[]>;
}

export function openRunDirectory(root: string): RunDirectory {
  const pathOf = (id: string): string => join(root, id);
  const list = async (): Promise<string[]> => (await readdir(root).catch(() => [])).filter((name) => ID.test(name));
  const destroy = async (id: string): Promise<void> => {
    if (!ID.test(id)) return;
    const left = await killProcesses(id);
    if (left > 0) throw new Error(`${left} processes of sandbox ${id} do not end`);
    await rm(pathOf(id), { recursive: true, force: true });
  };
  return {
    async add({ run, purpose, lifetimeMs }) {
      const id = `airlock-${randomBytes(8).toString("hex")}`;
      const path = pathOf(id);
      await mkdir(path, { recursive: true, mode: 0o700 });
      const createdMs = Date.now();
      await writeLabel(path, { id, run: { ...run }, purpose, createdMs, deadlineMs: createdMs + lifetimeMs });
      return { id, path };
    },
    async findByRun(run) {
      const found: string[] = [];
      for (const id of await list()) {
        const label = await readLabel(pathOf(id), id);
        if (label !== null && isSameRun(label.run, run)) found.push(id);
      }
      return found;
    },
    destroy,
    async sweep(nowMs) {
      const ended: string[] = [];
      for (const id of await list()) {
        if (!(await isOverdue(pathOf(id), id, nowMs))) continue;
        await destroy(id);
        ended.push(id);
      }
      return ended;
    },
  };
}

async function writeLabel(directory: string, label: SandboxLabel): Promise<void> {
  const temporary = join(directory, `${LABEL_FILE}.part`);
  await writeFile(temporary, JSON.stringify(label), { mode: 0o600 });
  await rename(temporary, join(directory, LABEL_FILE));
}

async function readLabel(directory: string, id: string): Promise<SandboxLabel | null> {
  try {
    const label = labelSchema.parse(JSON.parse(await readFile(join(directory, LABEL_FILE), "utf8")));
    return label.id === id ? label : null;
  } catch {
    return null;
  }
}

function isSameRun(a: RunLabel, b: RunLabel): boolean {
  return a.repository === b.repository && a.runId === b.runId && a.attempt === b.attempt;
}

async function isOverdue(directory: string, id: string, nowMs: number): Promise<boolean> {
  const label = await readLabel(directory, id);
  if (label !== null) return label.deadlineMs <= nowMs;
  const status = await stat(directory).catch(() => null);
  const isOld = status !== null && nowMs - status.mtimeMs > UNLABELLED_AGE_MS;
  return isOld && (await findProcesses(id)).length === 0;
}
