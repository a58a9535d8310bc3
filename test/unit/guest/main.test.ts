import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CONTROL_VERSION, renderHello } from "../../../src/wire/control.ts";

const MAIN = resolve(import.meta.dirname, "../../../src/guest/main.ts");
let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "airlock-guest-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function start(args: readonly string[]): { readonly child: ChildProcess; readonly control: Duplex } {
  const child = spawn(process.execPath, ["--no-warnings", MAIN, ...args], {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    env: { PATH: "/usr/bin:/bin", AIRLOCK_STATE: join(directory, "state"), AIRLOCK_WORK: join(directory, "work") },
  });
  const control = child.stdio[3] as Duplex;
  control.on("error", () => undefined);
  return { child, control };
}

describe("the guest program", () => {
  test("it ends by itself when the control stream ends, greeted or not", async () => {
    const silent = start(["serve", "--fd", "3", "4"]);
    silent.control.end();
    expect(await once(silent.child, "exit")).toEqual([0, null]);
    const greeted = start(["serve", "--fd", "3", "4"]);
    greeted.control.write(renderHello({ version: CONTROL_VERSION, now: Date.now(), seed: "00".repeat(32), nonce: "ab".repeat(16) }));
    await once(greeted.control, "data");
    greeted.control.destroy();
    expect(await once(greeted.child, "exit")).toEqual([0, null]);
  });

  test("a greeting it does not understand ends it without a word on the control stream", async () => {
    const { child, control } = start(["serve", "--fd", "3", "4"]);
    const heard: Buffer[] = [];
    control.on("data", (piece: Buffer) => heard.push(piece));
    control.write("PRI * HTTP/2.0\r\n\r\n");
    expect(await once(child, "exit")).toEqual([2, null]);
    expect(heard).toEqual([]);
  });

  test.each([[[]], [["serve"]], [["serve", "--fd", "3"]], [["serve", "--fd", "x", "4"]], [["serve", "--pigeon", "1", "2"]]])(
    "the arguments %j are refused",
    async (args) => {
      const { child } = start(args);
      const messages: Buffer[] = [];
      child.stderr?.on("data", (piece: Buffer) => messages.push(piece));
      expect(await once(child, "exit")).toEqual([2, null]);
      expect(Buffer.concat(messages).toString()).toContain("Usage:");
    },
  );
});
