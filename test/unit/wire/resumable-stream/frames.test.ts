import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openBody } from "../../../../src/wire/resumable-stream/body.ts";
import { encodeHeader, type Frame, openFrameReader } from "../../../../src/wire/resumable-stream/frames.ts";
import { useLink } from "../../../../src/wire/resumable-stream/link.ts";
import { rounds } from "../../../support/fuzz.ts";

describe("the frames of a resumable stream", () => {
  const offsets = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const frames: fc.Arbitrary<Frame> = fc.oneof(
    fc.record({
      type: fc.constant("data" as const),
      offset: offsets,
      payload: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    }),
    fc.record({ type: fc.constantFrom("end" as const, "ack" as const, "ping" as const), offset: offsets }),
    fc.record({ type: fc.constantFrom("pong" as const, "reset" as const) }),
  );
  const encode = (frame: Frame): Buffer =>
    frame.type === "data" ? Buffer.concat([encodeHeader(frame), frame.payload]) : encodeHeader(frame);

  test("the frames of a resumable stream come out as they went in, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (list, cuts) => {
        const bytes = Buffer.concat(list.map(encode));
        const read: Frame[] = [];
        const reader = openFrameReader((frame) => read.push(frame));
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const next = at + (cuts[cut % cuts.length] ?? 1);
          reader.push(bytes.subarray(at, next));
          at = next;
        }
        expect(read).toEqual(list);
      }),
    );
  });

  test("any bytes are either frames or an error, and never ask for more than one frame's room", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reader = openFrameReader((frame) => expect(encode(frame).length).toBeLessThanOrEqual(65_547));
        try {
          reader.push(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: rounds(1000) },
    );
  });

  test("a peer that breaks the rules loses its link, whatever it sends after the handshake", async () => {
    const rules: readonly Frame[] = [
      { type: "data", offset: 5, payload: Buffer.from("gap") },
      { type: "ack", offset: 99 },
      { type: "end", offset: 7 },
      { type: "ping", offset: 1 },
    ];
    for (const frame of rules) {
      const link = new PassThrough();
      const body = openBody({ windowBytes: 1024, send: () => undefined, onDestroy: () => undefined });
      const down = Promise.withResolvers<string>();
      useLink(link, { idleMs: 10_000, onFrame: (taken) => body.take(taken), onDown: down.resolve, onBeat: () => 0 });
      link.on("error", () => undefined);
      link.write(encode(frame));
      expect(await down.promise).toMatch(/missing|never sent/);
      body.stream.destroy();
    }
  });
});
