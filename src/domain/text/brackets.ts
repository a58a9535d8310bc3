import { normalizeLabel, parseLabel, parseTail, safeDestination } from "./links.ts";
import { type Chunk, emit, lineAt, type Opener, passFootnote, type Scan } from "./scan.ts";

/** Handles `[`, `![` or a plain `!`. Returns where to continue. */
export function takeOpening(scan: Scan, chunk: Chunk, at: number): number {
  const { text } = scan;
  const image = text[at] === "!";
  if (image && text[at + 1] !== "[") {
    emit(scan, "!");
    return at + 1;
  }
  const last = chunk.openers.at(-1);
  if (last !== undefined) last.nested = true;
  const bracket = image ? at + 1 : at;
  chunk.openers.push({ image, out: scan.out.length, seen: scan.seen, at: bracket, nested: false });
  scan.out.push(image ? "![" : "[");
  if (!image && text[at + 1] === "^" && at < Math.min(chunk.htmlFrom, scan.uncertainFrom)) noteFootnote(scan, at, chunk.end);
  return bracket + 1;
}

function noteFootnote(scan: Scan, at: number, limit: number): void {
  const label = parseLabel(scan.text, at, limit);
  if (label === undefined) return;
  const line = lineAt(scan, at);
  // In indented code, in any container, and in a footnote's own text a reference does not count.
  if (/ {4}|\t|\[\^/.test(scan.text.slice(line.start, Math.min(line.content, at)))) return;
  const isDefinition = scan.text[label.end] === ":" && line.content >= label.end;
  if (!isDefinition) scan.footnotes.add(normalizeLabel(label.value.slice(1)));
}

/** Handles `]`: the end of a link or an image, or a plain bracket. Returns where to continue. */
export function takeClosing(scan: Scan, chunk: Chunk, at: number): number {
  const opener = chunk.openers.pop();
  const link = opener === undefined ? undefined : readLink(scan, chunk, opener, at);
  if (opener === undefined || link === undefined) {
    emit(scan, "]");
    return at + 1;
  }
  if (link.hasTitle) scan.tally.count("link-title");
  if (opener.image) replaceImage(scan, opener, link.destination);
  else closeLink(scan, opener, link);
  return passFootnote(scan, chunk, at, link.end);
}

interface Link {
  readonly destination: string;
  readonly hasTitle: boolean;
  readonly end: number;
  /** The destination is elsewhere, in a definition. */
  readonly referred: boolean;
}

function readLink(scan: Scan, chunk: Chunk, opener: Opener, at: number): Link | undefined {
  const tail = parseTail(scan.text, at + 1, chunk.end);
  if (tail !== undefined) return { ...tail, referred: false };
  if (scan.definitions.size === 0) return undefined;
  const label = parseLabel(scan.text, at + 1, chunk.end);
  const own = opener.nested || at - opener.at > 1_000 ? "" : scan.text.slice(opener.at + 1, at);
  const wanted = label === undefined || label.value === "" ? own : label.value;
  const destination = scan.definitions.get(normalizeLabel(wanted));
  if (destination !== undefined) {
    if (label !== undefined && label.value !== "") scan.tally.count("link-label");
    return { destination, hasTitle: false, end: label?.end ?? at + 1, referred: true };
  }
  return undefined;
}

function replaceImage(scan: Scan, opener: Opener, address: string): void {
  scan.out.length = opener.out;
  scan.seen = opener.seen;
  scan.tally.count("image");
  emit(scan, scan.tally.nameImage(address));
}

function closeLink(scan: Scan, opener: Opener, link: Link): void {
  if (scan.seen === opener.seen) {
    scan.out.length = opener.out;
    scan.tally.count("empty-link");
    return;
  }
  const destination = safeDestination(link.destination);
  if (destination === undefined && link.destination !== "") scan.tally.count("link-destination");
  const length = destination?.length ?? 0;
  if (destination === undefined || (link.referred && length > scan.room)) {
    scan.out.push("]");
    return;
  }
  if (link.referred) scan.room -= length;
  scan.out.push(`](${destination})`);
}
