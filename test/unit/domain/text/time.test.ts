import { describe, expect, test } from "vitest";
import { clean } from "../../../../src/domain/text/clean.ts";

/** Processor time in milliseconds for so many bytes of one piece, said again and again. */
function measure(head: string, piece: string, bytes: number): number {
  const text = `${head}${piece.repeat(Math.ceil(bytes / piece.length))}`;
  const started = process.cpuUsage();
  clean(text);
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

function expectInProportion(head: string, piece: string): void {
  measure(head, piece, 1 << 14);
  const small = Math.max(measure(head, piece, 1 << 17), 20);
  // Eight times the text: linear is about 8, quadratic 64.
  expect(measure(head, piece, 1 << 20) / small).toBeLessThan(40);
}

describe("I10, T9: cleaning a megabyte takes time in proportion to its size", () => {
  test.each([
    "<!-- ",
    "[",
    '<a b="',
    '](u "',
    "[a][b] ",
    "`",
    "<div>\n",
    "> ",
    "<!a",
    "&#8203;",
    "[^a] [^a]:",
    "\u{e0041}",
    "|-",
    "<a\n",
    "~~~ x\n",
  ])("cleaning a megabyte of %j takes time in proportion to its size", (piece) => expectInProportion("", piece));

  test.each([
    "$\\phantom{",
    "$ %\n",
    "%",
    "```mermaid\n%% x\n",
    "style color ",
    "$$ \n\n",
    "<? ",
    "<!A\n",
    "<!----!>",
    "[^1]: <",
    "<img src=",
  ])("cleaning a megabyte of %j in a diagram takes time in proportion to its size", (piece) => expectInProportion("```mermaid\n", piece));
});
