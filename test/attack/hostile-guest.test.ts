import { once } from "node:events";
import { duplexPair, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openControlledSandbox } from "../../src/adapters/sandbox/shared/control-client.ts";
import type { Command, HarvestEntry, Sandbox } from "../../src/ports/sandbox.ts";
import { OUTPUT_END_TRAILER } from "../../src/wire/control.ts";
import { encodeChunk, encodeEnd, encodeEntry, encodeFailure, MAGIC } from "../../src/wire/harvest.ts";
import { usedBytes } from "../support/memory.ts";
import { type Answer, openScriptedGuest, replyForever, replyJson } from "../support/sandbox/scripted-guest.ts";

const command: Command = { argv: ["x"], env: {}, timeoutMs: 1_000, maxOutputBytes: 1_000 };
const ended = { code: 0, signal: null, timedOut: false, droppedBytes: 0 };

function output(bytes: Uint8Array, end: string | undefined): Answer {
  return (stream) => {
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.once("wantTrailers", () => (end === undefined ? stream.close() : stream.sendTrailers({ [OUTPUT_END_TRAILER]: end })));
    stream.end(bytes);
  };
}

const honest: Readonly<Record<"start" | "exit" | "output", Answer>> = {
  start: replyJson({ id: 1 }),
  exit: replyJson(ended),
  output: output(Buffer.from("hello"), "5"),
};

async function harvest(sandbox: Sandbox, limits = { maxFiles: 3, maxBytes: 100 }): Promise<readonly HarvestEntry[]> {
  const entries: HarvestEntry[] = [];
  for await (const entry of sandbox.harvest(limits)) entries.push(entry);
  return entries;
}

function harvestOf(...frames: readonly Buffer[]): Answer {
  return (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(Buffer.concat([Buffer.from(MAGIC), ...frames]));
  };
}

describe("a guest that breaks the rules while it is greeted", () => {
  test.each([
    ["stays silent", () => undefined, "sandbox.unavailable"],
    [
      "repeats another nonce",
      (end: { write(text: string): unknown }) => void end.write(`READY ${"0".repeat(32)}\n`),
      "sandbox.unavailable",
    ],
    [
      "talks for ever without ending its line",
      (end: { write(text: string): unknown }) => void end.write("x".repeat(1_000_000)),
      "sandbox.unavailable",
    ],
    ["hangs up", (end: { end(): unknown }) => void end.end(), "sandbox.unavailable"],
  ])("I18, C3: a guest that %s is destroyed once, and the error says it is unavailable", async (_what, greet, code) => {
    const guest = openScriptedGuest({}, { greet, greetTimeoutMs: 200 });
    await expect(guest.sandbox).rejects.toMatchObject({ code });
    expect(guest.destroyed()).toBe(1);
  });

  test("a control stream that ended before anybody listened is not waited for", async () => {
    const [control, end] = duplexPair();
    const [egress] = duplexPair();
    end.end();
    control.resume();
    await once(control, "end");
    const opening = openControlledSandbox({
      control,
      egress,
      id: "gone",
      facts: { provider: "microvm", isolation: "none", versions: {} },
      destroy: async () => undefined,
      greetTimeoutMs: 25_000,
      signal: new AbortController().signal,
    });
    await expect(opening).rejects.toMatchObject({ code: "sandbox.unavailable", message: expect.stringContaining("ended") });
  });

  test("a cancelled run does not wait for the greeting and destroys the sandbox", async () => {
    const cancel = new AbortController();
    const guest = openScriptedGuest({}, { greet: () => undefined, signal: cancel.signal });
    setTimeout(() => cancel.abort(), 20);
    await expect(guest.sandbox).rejects.toMatchObject({ code: "run.cancelled" });
    expect(guest.destroyed()).toBe(1);
  });
});

describe("a guest that lies about commands", () => {
  test.each<[string, Partial<Record<"start" | "exit" | "output", Answer>>]>([
    ["an id that is no number", { start: replyJson({ id: "1" }) }],
    ["a field that was not agreed", { start: replyJson({ id: 1, more: true }) }],
    ["an answer that is no JSON", { start: replyJson("{") }],
    ["an answer without an end", { start: replyForever }],
    ["a refusal without a reason", { start: replyJson({ code: "because" }, 500) }],
    ["an exit code that cannot be", { exit: replyJson({ ...ended, code: 256 }) }],
    ["a signal that cannot be", { exit: replyJson({ ...ended, signal: "::set-output" }) }],
    ["a negative count of dropped bytes", { exit: replyJson({ ...ended, droppedBytes: -1 }) }],
    ["more output than the cap", { output: output(Buffer.alloc(1_001), "1001") }],
    ["output without an end", { output: replyForever }],
    ["a total that is not what came", { output: output(Buffer.from("hello"), "6") }],
    ["a total that is no number", { output: output(Buffer.from("hello"), "many") }],
  ])("I18, C3: %s ends the command with a protocol error", async (_what, lie) => {
    const guest = openScriptedGuest({ ...honest, ...lie });
    await using sandbox = await guest.sandbox;
    await expect(sandbox.exec(command)).rejects.toMatchObject({ code: "sandbox.protocol" });
  });

  test("I18: a file larger than asked for is not taken, however it is sent", async () => {
    const guest = openScriptedGuest({ "read-file": replyForever });
    await using sandbox = await guest.sandbox;
    await expect(sandbox.readFile("/x", 10_000)).rejects.toMatchObject({ code: "sandbox.protocol" });
  });

  test("I18: a probe's answer with endless or unprintable findings is refused", async () => {
    const attempt = { name: "tcp", result: "closed", detail: "x" };
    for (const attempts of [Array(65).fill(attempt), [{ ...attempt, result: "fine" }], [{ ...attempt, detail: "x".repeat(201) }]]) {
      const guest = openScriptedGuest({ probe: replyJson({ attempts }) });
      await using sandbox = await guest.sandbox;
      await expect(sandbox.probe({ deniedHost: "x", proxyPort: 1, timeoutMs: 10 })).rejects.toMatchObject({ code: "sandbox.protocol" });
    }
  });

  test("I18: endless output is not kept: memory on the runner stays flat while nobody reads", async () => {
    const guest = openScriptedGuest({ ...honest, output: replyForever });
    await using sandbox = await guest.sandbox;
    const started = await sandbox.start({ ...command, maxOutputBytes: 2 ** 40 });
    let read = 0;
    const before = usedBytes();
    for await (const piece of started.output("stdout")) {
      read += piece.length;
      if (read > 1_000_000) break;
    }
    await sleep(300);
    expect(usedBytes() - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe("a guest that cuts its answers or falls silent", () => {
  test("output that is cut again and again is asked for from where it stopped, and no byte is lost or doubled", async () => {
    const whole = Buffer.from(Array.from({ length: 1_000 }, (_, at) => String(at % 10)).join(""));
    const guest = openScriptedGuest({
      ...honest,
      output: (stream, head, count) => {
        const from = Number(head["offset"]);
        if (count % 8 !== 0) {
          stream.respond({ ":status": 200 });
          stream.write(whole.subarray(from, from + 37));
          setTimeout(() => (count % 2 === 0 ? stream.end() : stream.close(2)), 5);
        } else output(whole.subarray(from), String(whole.length))(stream, head, count);
      },
    });
    await using sandbox = await guest.sandbox;
    const started = await sandbox.start(command);
    const pieces: Uint8Array[] = [];
    for await (const piece of started.output("stdout")) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    expect(guest.heads("output").length).toBe(8);
  });

  test("I18: output that never comes is not asked for without end", async () => {
    const guest = openScriptedGuest({ ...honest, output: (stream) => stream.close(2) });
    await using sandbox = await guest.sandbox;
    const started = await sandbox.start(command);
    await expect(started.output("stdout")[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "sandbox.lost" });
    expect(guest.heads("output").length).toBeLessThan(10);
  });

  test("I18: a guest that stops answering pings is lost, and so is everything that waits for it", async () => {
    const guest = openScriptedGuest({ start: replyJson({ id: 1 }) }, { pingIntervalMs: 30, pingTimeoutMs: 1_500 });
    await using sandbox = await guest.sandbox;
    const started = await sandbox.start(command);
    guest.end.removeAllListeners("data");
    guest.end.pause();
    guest.end.write = () => true;
    await expect(started.exit).rejects.toMatchObject({ code: "sandbox.lost", message: expect.stringContaining("1500 ms") });
    await expect(sandbox.exec(command)).rejects.toMatchObject({ code: "sandbox.lost" });
  });

  test("a control stream that ends in the middle of a command is a lost sandbox", async () => {
    const guest = openScriptedGuest({ start: replyJson({ id: 1 }) });
    await using sandbox = await guest.sandbox;
    const running = sandbox.exec(command);
    setTimeout(() => guest.end.destroy(), 50);
    await expect(running).rejects.toMatchObject({ code: "sandbox.lost" });
    await expect(harvest(sandbox)).rejects.toMatchObject({ code: "sandbox.lost" });
  });
});

describe("a guest that lies about its harvest", () => {
  const file = (path: string, contentBytes: number | undefined = 1): Buffer =>
    encodeEntry({ path: Buffer.from(path), mode: "100644", contentBytes });
  const x = encodeChunk(Buffer.from("x"));

  test("an honest harvest comes through, with empty contents and deletions told apart", async () => {
    const gone = encodeEntry({ path: Buffer.from("gone"), mode: "000000", contentBytes: undefined });
    const guest = openScriptedGuest({ harvest: harvestOf(file("a"), x, file("empty", 0), gone, encodeEnd(3, 1)) });
    await using sandbox = await guest.sandbox;
    expect((await harvest(sandbox)).map((entry) => [Buffer.from(entry.path).toString(), entry.mode, entry.content?.length])).toEqual([
      ["a", "100644", 1],
      ["empty", "100644", 0],
      ["gone", "000000", undefined],
    ]);
  });

  test.each<[string, Answer]>([
    ["content without an entry", harvestOf(x, encodeEnd(0, 0))],
    ["more content than announced", harvestOf(file("a"), encodeChunk(Buffer.from("xy")), encodeEnd(1, 1))],
    ["content after the last byte", harvestOf(file("a"), x, x, encodeEnd(1, 1))],
    ["an entry within another", harvestOf(file("a", 2), x, file("b"), x, encodeEnd(2, 3))],
    ["an end within an entry", harvestOf(file("a", 2), x, encodeEnd(1, 2))],
    ["a total of other entries", harvestOf(file("a"), x, encodeEnd(2, 1))],
    ["a total of other bytes", harvestOf(file("a"), x, encodeEnd(1, 2))],
    ["something after the end", harvestOf(encodeEnd(0, 0), file("a"), x)],
    ["no end", harvestOf(file("a"), x)],
    ["half a frame", harvestOf(file("a"), x, encodeEnd(1, 1).subarray(0, 6))],
    ["spaces for ever", replyForever],
  ])("I18, C3: %s is a protocol error", async (_what, answer) => {
    const guest = openScriptedGuest({ harvest: answer });
    await using sandbox = await guest.sandbox;
    await expect(harvest(sandbox)).rejects.toMatchObject({ code: "sandbox.protocol" });
  });

  test.each<[string, Answer, string]>([
    [
      "more entries than the limit",
      harvestOf(...["a", "b", "c", "d"].flatMap((path) => [file(path), x]), encodeEnd(4, 4)),
      "max-patch-files",
    ],
    ["an announced terabyte of which nothing comes", harvestOf(file("a", 2 ** 40)), "max-patch-kib"],
    ["many small contents beyond the limit", harvestOf(file("a", 60), encodeChunk(Buffer.alloc(60)), file("b", 60)), "max-patch-kib"],
  ])("I18: %s meets the limit here too, whatever the guest thinks of it", async (_what, answer, input) => {
    const guest = openScriptedGuest({ harvest: answer });
    await using sandbox = await guest.sandbox;
    await expect(harvest(sandbox)).rejects.toMatchObject({ code: "harvest.limit", message: expect.stringContaining(input) });
  });

  test("what the guest says of a failure is told, and its limits are told as ours", async () => {
    const limited = openScriptedGuest({
      harvest: harvestOf(encodeFailure({ kind: "limit", limit: "maxBytes", value: 1, message: "big.bin" })),
    });
    await using first = await limited.sandbox;
    await expect(harvest(first)).rejects.toMatchObject({ code: "harvest.limit", message: expect.stringContaining("big.bin") });
    const failed = openScriptedGuest({ harvest: harvestOf(encodeFailure({ kind: "unreadable", message: '"a" is no file' })) });
    await using second = await failed.sandbox;
    await expect(harvest(second)).rejects.toMatchObject({ code: "harvest.unreadable", message: expect.stringContaining('"a" is no file') });
  });

  test("I21: a guest that cannot close, or answers otherwise than agreed, is not taken for a closed one", async () => {
    const refusing = await openScriptedGuest({ "close-relay": replyJson({ code: "failed", message: "3 processes are left." }, 500) })
      .sandbox;
    const remedy = expect.stringContaining("template");
    await expect(refusing.closeRelay()).rejects.toMatchObject({
      code: "sandbox.lost",
      message: expect.stringContaining("3 processes"),
      remedy,
    });
    const odd = await openScriptedGuest({ "close-relay": replyJson({ left: 3 }), replant: replyJson([]) }).sandbox;
    await expect(odd.closeRelay()).rejects.toMatchObject({ code: "sandbox.protocol" });
    await expect(odd.replant(Readable.from([]), "0".repeat(40))).rejects.toMatchObject({ code: "sandbox.protocol" });
    await Promise.all([refusing, odd].map((sandbox) => sandbox[Symbol.asyncDispose]()));
  });
});
