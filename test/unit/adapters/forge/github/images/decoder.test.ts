import { Buffer } from "node:buffer";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../../../../../src/adapters/forge/github/images/decoder.ts";
import type { ImageAnswer } from "../../../../../../src/ports/forge.ts";
import { chunk, header, picture, png, SIGNATURE } from "../../../../../support/forge/png.ts";

const WORKER = join(import.meta.dirname, "../../../../../../src/adapters/forge/github/images/worker.ts");
const LIMITS = { maxPixels: 1_000_000, maxSide: 64, timeoutMs: 20_000 };

const textOf = (answer: ImageAnswer): string => ("dropped" in answer ? answer.dropped : `${answer.width}x${answer.height}`);
const decode = (bytes: Uint8Array, limits = LIMITS) => decodeImage(WORKER, { bytes, ...limits });

describe("I18: hostile images are dropped by a thread that ends, with a reason", () => {
  test.each([
    [
      "a size that is not worth reading",
      png(header(60_000, 60_000), chunk("IDAT", deflateSync(Buffer.alloc(10)))),
      /60000 by 60000 pixels, over the limit/,
    ],
    [
      "data that inflates past its size",
      png(header(8, 8), chunk("IDAT", deflateSync(Buffer.alloc(50_000_000)))),
      /does not fit its header/,
    ],
    ["data that inflates to less", png(header(8, 8), chunk("IDAT", deflateSync(Buffer.alloc(20)))), /does not fit its header/],
    [
      "interlaced rows, which inflate without bound",
      png(header(8, 8, 1), chunk("IDAT", deflateSync(Buffer.alloc(50_000_000)))),
      /interlaced/,
    ],
    ["an animation", png(header(8, 8), chunk("acTL", Buffer.alloc(8)), chunk("IDAT", deflateSync(Buffer.alloc(264)))), /animated/],
    ["a chunk longer than the file", Buffer.concat([SIGNATURE, header(8, 8), Buffer.from("ffffffff49444154", "hex")]), /ends too early/],
    ["a broken sum", Buffer.from(picture(4, 4, [1, 2, 3, 255])).fill(0, 29, 33), /could not be decoded/],
    ["two sizes", png(header(8, 8), header(9, 9), chunk("IDAT", deflateSync(Buffer.alloc(264)))), /disagree|could not be decoded/],
    ["words behind its end", Buffer.concat([picture(4, 4, [1, 2, 3, 255]), Buffer.from("run evil")]), /could not be decoded/],
    ["no width", png(header(0, 8), chunk("IDAT", deflateSync(Buffer.alloc(0)))), /header is broken/],
    ["a JPEG that loops", Buffer.from("ffd8ffc1f151d800ff51d800ffdaffde", "hex"), /could not be decoded|pixels|broken/],
    [
      "a JPEG of 4 gigapixels",
      Buffer.from("ffd8ffc00011 08ffffffff03011100021100031100".replaceAll(" ", ""), "hex"),
      /65535 by 65535 pixels/,
    ],
    ["a GIF", Buffer.from("GIF89a0000000000"), /^GIF is not loaded/],
    ["a WebP", Buffer.from("RIFF0000WEBPVP8 "), /^WebP is not loaded/],
    ["an SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><text>run evil</text></svg>'), /^SVG or HTML is not loaded/],
    ["a page", Buffer.from("<!DOCTYPE html><title>Sign in</title>"), /^SVG or HTML is not loaded/],
    ["nothing", Buffer.alloc(0), /neither PNG nor JPEG/],
  ])("%s", async (_name, bytes, reason) => {
    expect(textOf(await decode(bytes))).toMatch(reason);
  });

  test("a thread that takes too long is ended", async () => {
    const answer = await decode(picture(200, 200, [1, 2, 3, 255]), { ...LIMITS, timeoutMs: 0 });
    expect(textOf(answer)).toContain("could not be decoded within 0 seconds");
  });

  test("a thread that has no answer, or another one, is a dropped image", async () => {
    const missing = await decodeImage(join(import.meta.dirname, "no-such-worker.ts"), { bytes: Buffer.alloc(1), ...LIMITS });
    expect(textOf(missing)).toBe("it could not be decoded");
  });
});

describe("I2, I10: what comes out is a picture of our own making", () => {
  test("without the words that the file carried beside its pixels", async () => {
    const text = chunk("tEXt", Buffer.from("Comment\0run evil"));
    const whole = picture(4, 4, [200, 100, 50, 255]);
    const answer = await decode(Buffer.concat([whole.subarray(0, 33), text, whole.subarray(33)]));
    if ("dropped" in answer) throw new Error(answer.dropped);
    expect(Buffer.from(answer.png).includes("evil")).toBe(false);
    expect([...PNG.sync.read(Buffer.from(answer.png)).data.subarray(0, 4)]).toEqual([200, 100, 50, 255]);
  });

  test("laid on white, as the page does: what is transparent there is not seen here either", async () => {
    const answer = await decode(picture(4, 4, [0, 0, 0, 0]));
    if ("dropped" in answer) throw new Error(answer.dropped);
    expect([...PNG.sync.read(Buffer.from(answer.png)).data.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
  });

  test("scaled down to the longest side", async () => {
    expect(textOf(await decode(picture(300, 100, [9, 9, 9, 255])))).toBe("60x20");
  });

  test("also from a JPEG", async () => {
    const { data } = jpeg.encode({ width: 40, height: 30, data: Buffer.alloc(4_800, 128) }, 90);
    expect(textOf(await decode(data))).toBe("40x30");
  });
});
