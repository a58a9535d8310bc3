import { constants } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AirlockError } from "../../domain/errors.ts";
import type { RunFile } from "../../ports/runner.ts";

const NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/** Writes one of the run's own files, never through a link that somebody left there. */
export async function writeRunFile(directory: string, name: string, content: string): Promise<string> {
  const path = locate(directory, name);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    await writeFile(handle, content);
  } finally {
    await handle.close();
  }
  return path;
}

/** Opens one of the run's own files; undefined when it does not exist or is not a regular file. */
export async function readRunFile(directory: string, name: string): Promise<RunFile | undefined> {
  const path = locate(directory, name);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (handle === undefined) return undefined;
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    return undefined;
  }
  return { path, bytes: facts.size, read: () => handle.createReadStream({ start: 0, autoClose: true }) };
}

/** Path of one of the run's own files. */
export function locate(directory: string, name: string): string {
  if (NAME.test(name)) return join(directory, name);
  throw new AirlockError("internal", {
    message: `"${name}" is not the name of a run's file.`,
    remedy: "Report this as a defect of Airlock.",
  });
}
