import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { clean } from "../src/domain/text/clean.ts";
import { printFigure } from "./shared/figure.ts";

/** Milliseconds per megabyte to clean hostile markdown, against rendering the same with micromark; JSON lines. */

const MEBIBYTE = 1 << 20;

/** Each is repeated to the wanted size. What a renderer or a cleaner could be slow on. */
const HOSTILE: Readonly<Record<string, (index: number) => string>> = {
  prose: (index) => `Paragraph ${index} with \`code\`, a [link](https://example.com/${index} "title") and an <b title="x">element</b>.\n\n`,
  "unclosed-comments": () => "a <!-- ",
  "open-brackets": () => "[",
  "open-tags": () => '<a b="',
  "backtick-runs": (index) => `${"`".repeat((index % 900) + 1)} `,
  "link-titles": () => '](u "',
  "reference-uses": () => "[a][b] ",
  "reference-definitions": (index) => `[l${index}]: http://example.com 'title'\n`,
  entities: () => "&#8203;",
  "tag-characters": () => "\u{e0041}",
  footnotes: (index) => `[^${index}] [^${index}]:`,
  "html-lines": () => "<div>\n",
  "nested-quotes": () => "> ",
  "declaration-starts": () => "<!a",
};

function build(piece: (index: number) => string, bytes: number): string {
  const parts: string[] = [];
  for (let index = 0, size = 0; size < bytes; index += 1) {
    const part = piece(index);
    parts.push(part);
    size += part.length;
  }
  return parts.join("").slice(0, bytes);
}

/** Milliseconds of processor time, the better of two runs: the machine may be busy with other things. */
function measure(body: () => void): number {
  return Math.min(measureOnce(body), measureOnce(body));
}

function measureOnce(body: () => void): number {
  const started = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

const PEER_BYTES = MEBIBYTE / 32;
for (const [name, piece] of Object.entries(HOSTILE)) {
  const half = measure(() => clean(build(piece, MEBIBYTE / 2)));
  const whole = measure(() => clean(build(piece, MEBIBYTE)));
  const sample = build(piece, PEER_BYTES);
  const own = measure(() => clean(sample));
  const peer = measure(() => micromark(sample, { extensions: [gfm()], htmlExtensions: [gfmHtml()] }));
  const perMebibyte = (ms: number): number => (ms * MEBIBYTE) / PEER_BYTES;
  printFigure({ name: `clean/${name}`, value: whole, unit: "CPU ms/MiB" });
  printFigure({ name: `clean/${name}/growth`, value: whole / Math.max(half, 0.1), unit: "time of 1 MiB over time of 0.5 MiB" });
  printFigure({
    name: `clean/${name}/32KiB`,
    value: perMebibyte(own),
    unit: "CPU ms/MiB",
    peer: { name: "micromark", value: perMebibyte(peer) },
  });
}
