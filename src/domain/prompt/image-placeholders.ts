/** How many images of a task are loaded, and how large each may be. */
export interface ImageLimits {
  readonly maxImages: number;
  /** Of one image as fetched. */
  readonly maxBytes: number;
  /** Of all images of a task as fetched. */
  readonly maxTotalBytes: number;
  /** Of one image, from its header, before it is decoded. */
  readonly maxPixels: number;
  /** Longer sides are scaled down to this many pixels. */
  readonly maxSide: number;
  /** For one fetch with its redirects, and for decoding one image. */
  readonly timeoutMs: number;
}

export const IMAGE_LIMITS: ImageLimits = {
  maxImages: 8,
  maxBytes: 6_291_456,
  maxTotalBytes: 25_165_824,
  maxPixels: 12_582_912,
  maxSide: 2_048,
  timeoutMs: 20_000,
};

/** Placeholders for images while a text is cleaned; replaced afterwards by the result for each image. */
export interface ImagePlaces {
  /** Two placeholders with the same address are one image. */
  name(address: string | undefined): string;
  /** Addresses whose placeholders are in these texts, in order. */
  findWanted(texts: readonly string[]): readonly string[];
  /** Replaces every placeholder by its description. */
  fill(text: string, describe: (address: string) => string): string;
}

/** Maximum number of remembered addresses; further ones become `[image]` at once. */
const MAX_ADDRESSES = 100;
const MAX_ADDRESS_CHARS = 2_000;

/** `nonce`: random letters and digits that the text's author cannot know, so that only the cleaner can make a placeholder. */
export function openImagePlaces(nonce: string): ImagePlaces {
  const numbers = new Map<string, number>();
  const pattern = new RegExp(`\\[image ${nonce}-(\\d+)\\]`, "g");
  const find = (number: string | undefined): string => [...numbers.keys()][Number(number)] ?? "";
  return {
    name(address) {
      if (address === undefined || address.length > MAX_ADDRESS_CHARS) return "[image]";
      if (!numbers.has(address) && numbers.size >= MAX_ADDRESSES) return "[image]";
      if (!numbers.has(address)) numbers.set(address, numbers.size);
      return `[image ${nonce}-${numbers.get(address)}]`;
    },
    findWanted: (texts) => [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => find(match[1]))))],
    fill: (text, describe) => text.replace(pattern, (_place, number: string) => describe(find(number))),
  };
}
