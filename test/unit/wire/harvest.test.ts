import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeFrames,
  encodeChunk,
  encodeEnd,
  encodeEntry,
  encodeFailure,
  HarvestFormatError,
  type HarvestFrame,
  MAGIC,
} from "../../../src/wire/harvest.ts";
import { rounds } from "../../support/fuzz.ts";

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const cut of [...cuts].map((at) => at % (bytes.length + 1)).sort((a, b) => a - b)) {
    await Promise.resolve();
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

async function decode(bytes: Buffer, cuts: readonly number[] = []): Promise<readonly HarvestFrame[]> {
  const frames: HarvestFrame[] = [];
  for await (const frame of decodeFrames(pieces(bytes, cuts))) frames.push(frame);
  return frames;
}

const magic = Buffer.from(MAGIC);
const path = fc
  .uint8Array({ minLength: 1, maxLength: 200 })
  .filter((bytes) => !bytes.includes(0) && bytes[0] !== 0x2f)
  .map((bytes) => Buffer.from(bytes));
const frame: fc.Arbitrary<HarvestFrame> = fc.oneof(
  fc.record({
    type: fc.constant("entry" as const),
    head: fc.record({
      path,
      mode: fc.constantFrom("100644", "000000", "160000"),
      contentBytes: fc.option(
        fc.maxSafeNat().map((n) => n % 2 ** 47),
        { nil: undefined },
      ),
    }),
  }),
  fc.record({
    type: fc.constant("chunk" as const),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ type: fc.constant("end" as const), entries: fc.nat(), bytes: fc.nat() }),
  fc.record({
    type: fc.constant("failure" as const),
    failure: fc.record({ kind: fc.constant("unreadable" as const), message: fc.string() }),
  }),
);

function encode(one: HarvestFrame): Buffer {
  if (one.type === "entry") return encodeEntry(one.head);
  if (one.type === "chunk") return encodeChunk(one.bytes);
  return one.type === "end" ? encodeEnd(one.entries, one.bytes) : encodeFailure(one.failure);
}

describe("the wire format of a harvest", () => {
  test("whatever is encoded is decoded again, however the bytes are cut on the way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), async (frames, cuts) => {
        expect(await decode(Buffer.concat([magic, ...frames.map(encode)]), cuts)).toEqual(frames);
      }),
      { numRuns: rounds(200) },
    );
  });

  test("I18: bytes that were tampered with are either legal frames or a format error, never anything else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 4 }), fc.nat(), fc.nat(255), async (frames, at, value) => {
        const bytes = Buffer.concat([magic, ...frames.map(encode)]);
        bytes[at % bytes.length] = value;
        await decode(bytes).catch((error: unknown) => expect(error).toBeInstanceOf(HarvestFormatError));
      }),
      { numRuns: rounds(500) },
    );
  });

  test("I18: random bytes never pass for a harvest", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 5, maxLength: 300 }), async (bytes) => {
        fc.pre(Buffer.from(bytes).toString("latin1", 0, 4) !== MAGIC);
        await expect(decode(Buffer.from(bytes))).rejects.toBeInstanceOf(HarvestFormatError);
      }),
      { numRuns: rounds(200) },
    );
  });

  const entry = (name: string | Buffer): Buffer => encodeEntry({ path: Buffer.from(name), mode: "100644", contentBytes: 1 });
  const typed = (type: number, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.writeUInt8(type, 0);
    head.writeUInt32BE(body.length, 1);
    return Buffer.concat([head, body]);
  };
  const failure = (value: unknown): Buffer => typed(0x46, Buffer.from(JSON.stringify(value)));
  test.each([
    ["another version", Buffer.from("ALH2")],
    ["nothing at all", Buffer.alloc(0)],
    ["half a magic", Buffer.from("AL")],
    ["half a frame", Buffer.concat([magic, entry("a").subarray(0, 10)])],
    ["an unknown type", Buffer.concat([magic, typed(0x51, Buffer.from("x"))])],
    ["an empty path", Buffer.concat([magic, entry("")])],
    ["an absolute path", Buffer.concat([magic, entry("/etc/passwd")])],
    ["a path with NUL", Buffer.concat([magic, entry("a\0b")])],
    ["a path beyond PATH_MAX", Buffer.concat([magic, entry("a".repeat(4_097))])],
    ["a mode that is no mode", Buffer.concat([magic, encodeEntry({ path: Buffer.from("a"), mode: "10064x", contentBytes: 1 })])],
    ["an empty chunk", Buffer.concat([magic, typed(0x43, Buffer.alloc(0))])],
    ["a chunk that is too large", Buffer.concat([magic, typed(0x43, Buffer.alloc(65_537))])],
    ["a total of another length", Buffer.concat([magic, typed(0x5a, Buffer.alloc(9))])],
    ["a failure that is no JSON", Buffer.concat([magic, typed(0x46, Buffer.from("{"))])],
    ["a failure that is a list", Buffer.concat([magic, failure([])])],
    ["a failure of unknown kind", Buffer.concat([magic, failure({ kind: "other", message: "x" })])],
    ["a failure with a field too many", Buffer.concat([magic, failure({ kind: "failed", message: "x", more: 1 })])],
    ["a failure without a message", Buffer.concat([magic, failure({ kind: "failed", message: 1 })])],
    ["an unknown limit", Buffer.concat([magic, failure({ kind: "limit", limit: "maxFun", value: 1, message: "x" })])],
    ["a limit without a value", Buffer.concat([magic, failure({ kind: "limit", limit: "maxFiles", value: "1", message: "x" })])],
  ])("I18: %s is refused", async (_what, bytes) => {
    await expect(decode(bytes)).rejects.toBeInstanceOf(HarvestFormatError);
  });
});
