import { Buffer } from "node:buffer";
import { parentPort, workerData } from "node:worker_threads";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import type { ImageAnswer } from "../../../../ports/forge.ts";
import { readHeader } from "./header.ts";
import { type Pixels, settlePixels } from "./pixels.ts";

/**
 * An image decoder from start to end: one image in, one PNG that we encode out. It runs in a thread of its own without an environment. Any
 * error ends the thread, and the image is dropped.
 */
const MAX_MEMORY_MB = 512;
const MEGA = 1_000_000;

/** The thread's data, set only by `decodeImage`. */
export interface DecodeRequest {
  readonly bytes: Uint8Array;
  readonly maxPixels: number;
  readonly maxSide: number;
}

function decode({ bytes, maxPixels, maxSide }: DecodeRequest): ImageAnswer {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(file, maxPixels);
  if ("refused" in header) return { dropped: header.refused };
  const pixels = header.kind === "png" ? decodePng(file) : decodeJpeg(file, maxPixels);
  if (pixels.width !== header.width || pixels.height !== header.height) return { dropped: "its headers disagree on its size" };
  const settled = settlePixels(pixels, maxSide);
  const { width, height } = settled;
  const image = new PNG({ width, height });
  Buffer.from(settled.data.buffer).copy(image.data);
  const png = PNG.sync.write(image, { colorType: 2, inputHasAlpha: true });
  return { png: Uint8Array.from(png), width, height };
}

function decodePng(file: Buffer): Pixels {
  const { width, height, data } = PNG.sync.read(file, { checkCRC: true });
  return { width, height, data };
}

function decodeJpeg(file: Buffer, maxPixels: number): Pixels {
  return jpeg.decode(file, {
    useTArray: true,
    formatAsRGBA: true,
    tolerantDecoding: false,
    maxResolutionInMP: maxPixels / MEGA,
    maxMemoryUsageInMB: MAX_MEMORY_MB,
  });
}

const answer = decode(workerData as DecodeRequest);
parentPort?.postMessage(answer, "png" in answer && answer.png.buffer instanceof ArrayBuffer ? [answer.png.buffer] : []);
