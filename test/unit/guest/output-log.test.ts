import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OutputLog, openOutputLog } from "../../../src/guest/output-log.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "airlock-log-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function readAll(log: OutputLog, offset: number): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of log.follow(offset, new AbortController().signal)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("the file of an output stream", () => {
  test("I18: the file never outgrows its cap and the rest is counted", async () => {
    const path = join(directory, "out");
    const log = await openOutputLog(path, 10);
    await log.collect(Readable.from([Buffer.from("12345678"), Buffer.from("90ab"), Buffer.from("cd")]));
    await log.end();
    expect([log.size(), log.droppedBytes(), (await stat(path)).size]).toEqual([10, 4, 10]);
    expect(await readAll(log, 0)).toBe("1234567890");
  });

  test("a reader may come at any offset and any time, and several at once", async () => {
    const log = await openOutputLog(join(directory, "out"), 1_000);
    const early = readAll(log, 0);
    const middle = readAll(log, 3);
    await log.append(Buffer.from("abcdef"));
    await log.append(Buffer.from("ghi"));
    await log.end();
    expect(await Promise.all([early, middle, readAll(log, 9), readAll(log, 8)])).toEqual(["abcdefghi", "defghi", "", "i"]);
  });

  test("a reader that is told to stop does not wait on", async () => {
    const log = await openOutputLog(join(directory, "out"), 1_000);
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _ of log.follow(0, stop.signal));
    })();
    stop.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    await log.end();
  });
});
