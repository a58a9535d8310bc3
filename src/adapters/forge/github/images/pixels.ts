/** A picture in memory: four bytes a pixel, red, green, blue and opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Puts a picture on white, as the page does, and scales it down by averaging so that no side is longer than `maxSide`. */
export function settlePixels(source: Pixels, maxSide: number): Pixels {
  const factor = Math.max(1, Math.ceil(Math.max(source.width, source.height) / maxSide));
  const width = Math.max(1, Math.floor(source.width / factor));
  const height = Math.max(1, Math.floor(source.height / factor));
  const data = new Uint8Array(width * height * 4);
  const sum = new Float64Array(3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const count = addSquare(source, { x: x * factor, y: y * factor, factor }, sum);
      const at = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel += 1) data[at + channel] = Math.round((sum[channel] ?? 0) / count);
      data[at + 3] = 255;
    }
  }
  return { width, height, data };
}

interface Square {
  readonly x: number;
  readonly y: number;
  readonly factor: number;
}

/** Sums a square of pixels on white, cut at the picture's edge. Returns how many there were. */
function addSquare({ width, height, data }: Pixels, { x, y, factor }: Square, sum: Float64Array): number {
  sum.fill(0);
  const right = Math.min(x + factor, width);
  const bottom = Math.min(y + factor, height);
  for (let row = y; row < bottom; row += 1) {
    for (let at = (row * width + x) * 4; at < (row * width + right) * 4; at += 4) {
      const opacity = (data[at + 3] ?? 255) / 255;
      for (let channel = 0; channel < 3; channel += 1)
        sum[channel] = (sum[channel] ?? 0) + (data[at + channel] ?? 0) * opacity + 255 * (1 - opacity);
    }
  }
  return Math.max(1, (right - x) * (bottom - y));
}
