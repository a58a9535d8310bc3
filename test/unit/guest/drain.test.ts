import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCollector } from "../../../src/guest/drain.ts";
import { openOutputLog } from "../../../src/guest/output-log.ts";
import { openPipeSource, type Pipe } from "../../../src/guest/pipes.ts";

let directory = "";
let pipe: Pipe;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "airlock-drain-"));
  const made = await openPipeSource(directory)();
  if (made === undefined) throw new Error("no pipe could be made");
  pipe = made;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function collectNow(maxBytes: number): Promise<{ readonly content: Buffer; readonly dropped: number }> {
  const path = join(directory, "log");
  const log = await openOutputLog(path, maxBytes);
  await openCollector({ stream: pipe.readEnd, fd: pipe.readFd }, log).finish();
  await log.end();
  return { content: await readFile(path), dropped: log.droppedBytes() };
}

describe("the end of a command's output", () => {
  test("everything that was written before the end is kept, also when nobody has read any of it yet", async () => {
    const written = randomBytes(65_000);
    fs.writeSync(pipe.writeFd, written);
    fs.closeSync(pipe.writeFd);
    expect((await collectNow(100_000)).content.equals(written)).toBe(true);
  });

  test("a pipe that somebody still holds is not waited for, and what is in it is kept", async () => {
    const written = randomBytes(65_000);
    fs.writeSync(pipe.writeFd, written);
    expect((await collectNow(100_000)).content.equals(written)).toBe(true);
    fs.closeSync(pipe.writeFd);
  });

  test("I18: somebody who left the group and writes without end is cut off", async () => {
    const endless = spawn("/bin/sh", ["-c", "exec yes"], { stdio: ["ignore", pipe.writeFd, "ignore"] });
    fs.closeSync(pipe.writeFd);
    const ended = new Promise((resolve) => endless.once("exit", (_code, signal) => resolve(signal)));
    await once(pipe.readEnd, "readable");
    const { content, dropped } = await collectNow(1_000);
    expect(content.length).toBe(1_000);
    expect(dropped).toBeGreaterThan(1_000_000);
    expect(await ended).toBe("SIGPIPE");
  });
});
