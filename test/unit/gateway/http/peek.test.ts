import { Buffer } from "node:buffer";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { type PeekOptions, peek } from "../../../../src/gateway/http/peek.ts";

/** Takes a line off the stream. */
const LINE: PeekOptions<{ readonly line: string }> = {
  maxBytes: 100,
  timeoutMs: 60_000,
  examine(bytes) {
    const end = bytes.indexOf("\n");
    return end === -1 ? undefined : { value: { line: bytes.toString("latin1", 0, end) }, used: end + 1 };
  },
};

describe("A look at the first bytes of a stream", () => {
  test("takes what was used, and leaves the rest in place", async () => {
    const [stream, other] = duplexPair();
    other.end("first\nsecond\n");
    expect(await peek(stream, LINE)).toEqual({ line: "first" });
    expect((await buffer(stream)).toString()).toBe("second\n");
  });

  test("waits for bytes that come one by one", async () => {
    const [stream, other] = duplexPair();
    const looked = peek(stream, LINE);
    for (const byte of "slow\nx") other.write(byte);
    other.end();
    expect(await looked).toEqual({ line: "slow" });
    expect((await buffer(stream)).toString()).toBe("x");
  });

  test("tells a stream that ended, before and after it was looked at", async () => {
    const [stream, other] = duplexPair();
    const looked = peek(stream, LINE);
    other.end("no line");
    expect(await looked).toBe("ended");
    stream.destroy();
    await once(stream, "close");
    expect(await peek(stream, { ...LINE, timeoutMs: 1_000 })).toBe("ended");
  });

  test("I18: gives up at its limits of bytes and of time, and leaves every byte in place", async () => {
    const [stream, other] = duplexPair();
    other.write(Buffer.alloc(100, "x"));
    expect(await peek(stream, LINE)).toBe("full");
    expect(await peek(stream, { ...LINE, maxBytes: 1_000, timeoutMs: 10 })).toBe("late");
    other.end();
    expect(await buffer(stream)).toHaveLength(100);
  });
});
