import type { Tag } from "./markup.ts";

const ATTRIBUTE = /[\s/]*([^\s=>/"'<]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/y;
const MAX_ATTRIBUTES = 50;
/** An image with a side shown smaller than this many pixels cannot be read. */
const MIN_SHOWN_PIXELS = 32;

/**
 * The attributes of a tag by lower-case name. Of several with one name the first counts, as in browsers. undefined if they are not certain.
 */
function readAttributes(raw: string): ReadonlyMap<string, string> | undefined {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = 0;
  for (let count = 0; count < MAX_ATTRIBUTES; count += 1) {
    const at = ATTRIBUTE.lastIndex;
    const match = ATTRIBUTE.exec(raw);
    if (match === null) return raw.slice(at).replaceAll("/", "").trim() === "" ? attributes : undefined;
    const name = match[1]?.toLowerCase() ?? "";
    if (!attributes.has(name)) attributes.set(name, match[2] ?? match[3] ?? match[4] ?? "");
  }
  return undefined;
}

/** The address of an `<img>`'s image; undefined if something else may be shown in its place, or if it is shown too small to be seen. */
export function findImageAddress(tag: Tag): string | undefined {
  const attributes = readAttributes(tag.attributes);
  if (attributes === undefined || attributes.has("srcset") || attributes.has("style")) return undefined;
  const sides = [attributes.get("width"), attributes.get("height")].filter((side) => side !== undefined);
  if (sides.some((side) => !/^\d{1,5}(?:px|%)?$/.test(side) || Number.parseInt(side, 10) < MIN_SHOWN_PIXELS)) return undefined;
  return attributes.get("src");
}
