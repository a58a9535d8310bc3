import { duplexPair } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { awaitGreeting } from "../../../src/guest/greeting.ts";
import { CONTROL_VERSION, renderHello } from "../../../src/wire/control.ts";

const hello = { version: CONTROL_VERSION, now: Date.now(), seed: "00".repeat(32), nonce: "cd".repeat(16) };

describe("the guest's greeting", () => {
  test("the guest says nothing until it is greeted, then repeats the nonce", async () => {
    const [guest, runner] = duplexPair();
    const greeted = awaitGreeting(guest, false);
    await sleep(20);
    expect(runner.read()).toBe(null);
    runner.write(renderHello(hello));
    await greeted;
    await sleep(0);
    expect(String(runner.read())).toBe(`READY ${hello.nonce}\n`);
  });

  test("a greeting in small pieces is one greeting, and what follows it stays in the stream", async () => {
    const [guest, runner] = duplexPair();
    const greeted = awaitGreeting(guest, false);
    for (const letter of `${renderHello(hello)}after`) runner.write(letter);
    await greeted;
    guest.resume();
    const chunks: Buffer[] = [];
    guest.on("data", (chunk: Buffer) => chunks.push(chunk));
    await sleep(10);
    expect(Buffer.concat(chunks).toString()).toBe("after");
  });

  test("a line that never ends is refused", async () => {
    const [guest, runner] = duplexPair();
    const greeted = awaitGreeting(guest, false);
    runner.write("x".repeat(600));
    await expect(greeted).rejects.toThrow("too long");
  });
});
