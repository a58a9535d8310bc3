import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, chown, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { ReadFileHead, WriteFilesHead } from "../wire/control.ts";
import { RequestFailure, readPieces } from "./body.ts";
import { AGENT_GID, AGENT_UID } from "./supervisor.ts";

type NewFile = WriteFilesHead["files"][number];

/** Writes each file next to its path and renames it, so that a link at the path is replaced, not followed. */
export async function writeFiles(head: WriteFilesHead, payload: Readable): Promise<void> {
  for (const file of head.files) {
    if (!file.path.startsWith("/")) throw new RequestFailure("bad-request", `The path ${file.path} is not absolute.`);
    await makeParents(dirname(file.path), file.owner);
    await writeOne(file, payload);
  }
}

async function writeOne(file: NewFile, payload: Readable): Promise<void> {
  const temporary = join(dirname(file.path), `.airlock-${randomUUID()}`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      for await (const piece of readPieces(payload, file.bytes)) await handle.writeFile(piece);
      await handle.chmod(file.mode);
      if (mayGive(file.owner)) await handle.chown(AGENT_UID, AGENT_GID);
    } finally {
      await handle.close();
    }
    await rename(temporary, file.path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function makeParents(directory: string, owner: NewFile["owner"]): Promise<void> {
  const missing: string[] = [];
  for (let at = directory; !(await exists(at)); at = dirname(at)) missing.unshift(at);
  for (const path of missing) {
    await mkdir(path);
    await chmod(path, 0o755);
    if (mayGive(owner)) await chown(path, AGENT_UID, AGENT_GID);
  }
}

function mayGive(owner: NewFile["owner"]): boolean {
  return owner === "agent" && process.getuid?.() === 0;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Reads at most `maxBytes` of an ordinary file. The agent chose what is at the path: links, pipes and devices are refused. */
export async function readGuestFile(head: ReadFileHead): Promise<Buffer> {
  const handle = await openOrdinary(head.path);
  try {
    const pieces: Buffer[] = [];
    let total = 0;
    for (;;) {
      const buffer = Buffer.allocUnsafe(65_536);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return Buffer.concat(pieces, total);
      total += bytesRead;
      if (total > head.maxBytes) throw new RequestFailure("too-large", `${head.path} is larger than ${head.maxBytes} bytes.`);
      pieces.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

async function openOrdinary(path: string): ReturnType<typeof open> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    throw new RequestFailure(
      error.code === "ENOENT" ? "not-found" : "unreadable",
      `${path} cannot be read: ${error.code ?? "unknown"}.`,
      error,
    );
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new RequestFailure("unreadable", `${path} is no ordinary file.`);
}
