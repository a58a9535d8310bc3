import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean } from "../../../../src/domain/text/clean.ts";
import { ownSeed, rounds } from "../../../support/fuzz.ts";
import { renderMarkdown, visibleParts } from "../../../support/text/rendered.ts";

const fence = "```";

describe("I10, T3, T4: variants that hide PAYLOAD in other ways", () => {
  test.each([
    ["a formula's phantom", "SEEN\n\n$x \\phantom{PAYLOAD} y$"],
    ["a formula in white", "SEEN\n\n$$\\color{white}{\\text{PAYLOAD}}$$"],
    ["a formula in code's dollar signs", "SEEN\n\n$`\\textcolor{white}{PAYLOAD}`$"],
    ["a formula's comment", "SEEN\n\n$$\nx % PAYLOAD\ny\n$$"],
    ["a comment inside single dollar signs", "SEEN\n\n$x % PAYLOAD\ny$"],
    ["a formula that makes its own command", "SEEN\n\n$$\\def\\q{\\relax}\\q{PAYLOAD}$$"],
    ["a formula written with references", "SEEN\n\n$&#92;phantom{PAYLOAD}$"],
    ["a formula of zero width", "SEEN\n\n$\\rlap{PAYLOAD}$"],
    ["a fence of mathematics", `SEEN\n\n${fence}math\n\\phantom{PAYLOAD}\n${fence}`],
    ["a fence of mathematics in a list", `SEEN\n\n- ${fence}math\n  \\phantom{PAYLOAD}\n  ${fence}`],
    ["a diagram's comment", `SEEN\n\n${fence}mermaid\ngraph TD\n%% PAYLOAD\nA-->B\n${fence}`],
    ["a diagram's tooltip", `SEEN\n\n${fence}mermaid\ngraph TD\nA-->B\nclick A "u" "PAYLOAD"\n${fence}`],
    ["a diagram's description", `SEEN\n\n${fence}mermaid\ngraph TD\naccDescr: PAYLOAD\nA-->B\n${fence}`],
    ["a diagram's head", `SEEN\n\n${fence}mermaid\n---\ntitle: PAYLOAD\n---\ngraph TD\n${fence}`],
    ["a diagram's settings", `SEEN\n\n${fence}mermaid\n%%{init: {"x": "PAYLOAD"}}%%\ngraph TD\n${fence}`],
    ["a diagram's node in white", `SEEN\n\n${fence}mermaid\ngraph TD\nA[PAYLOAD]\nstyle A fill:#fff,color:#fff\n${fence}`],
    ["a diagram that is never closed", `SEEN\n\n${fence}mermaid\ngraph TD\n%% PAYLOAD`],
    ["a map's properties", `SEEN\n\n${fence}geojson\n{"properties":{"x":"PAYLOAD"}}\n${fence}`],
    ["a solid's name", `SEEN\n\n~~~stl\nsolid PAYLOAD\n~~~`],
    ["an attribute's name", "SEEN <b PAYLOAD>SEEN</b>"],
    ["a comment made with zero width", "SEEN <!-\u200b- PAYLOAD -->"],
    ["an upper-case style", '<P STYLE="DISPLAY:NONE">PAYLOAD</P>\n\nSEEN'],
    ["a style with a comment in it", '<p style="display:/**/none;font-size:0">PAYLOAD</p>\n\nSEEN'],
    ["a hidden attribute with a value", 'SEEN <span hidden="until-found">PAYLOAD</span>'],
    ["a template", "SEEN <template>PAYLOAD</template>"],
    ["an element behind elements", "SEEN <svg><desc>PAYLOAD</desc></svg>"],
    ["a definition whose title is on the next line", '[SEEN]\n\n[SEEN]: http://x\n  "PAYLOAD"'],
    ["a definition in a list", 'SEEN\n\n- [x]: http://x "PAYLOAD"'],
    ["a definition behind a heading", "SEEN\n# SEEN\n[x]: http://x (PAYLOAD)"],
    ["a footnote inside a footnote", "[^a] SEEN\n\n[^a]: [^b]: PAYLOAD"],
    ["a footnote that only indented code points at", "SEEN\n\n-      x[^1]\n\n[^1]: PAYLOAD"],
    ["a comment that opens between tags shown as text", "SEEN <title> <!-- </title> PAYLOAD"],
    ["an instruction that holds a script", "SEEN <?x> <script> ?> PAYLOAD"],
    ["a declaration that ends at a quote's mark", "> SEEN <!A\n> PAYLOAD >"],
    ["a comment behind a declaration, where a fence's marks stand", "SEEN\n\n<!A<style>```<!--\n- </b> PAYLOAD <!--"],
    ["an instruction that begins in a formula and ends behind it", "SEEN\n\n$\\phantom{<?$$<!-- PAYLOAD ?><!--"],
    ["a comment in a list that a quote ends", "SEEN\n\n- <!--\n> --> PAYLOAD"],
    ["a comment in a quote that a list ends", "SEEN\n\n> <!--\n- > --> PAYLOAD"],
    ["a comment in a quoted list that the quote alone goes on behind", "SEEN\n\n> - <!--\n> --> PAYLOAD"],
    ["a tag whose name is longer than its letters", 'SEEN\n\n<!A<title><title=" PAYLOAD title="\n===\n PAYLOAD'],
    ["a comment behind a closed script", "SEEN\n\n<script></script><!--\n|-|-|\n--!>[r]</title> PAYLOAD"],
    ["a footnote with another of its name inside", "SEEN [^1]\n\n[^1]: PAYLOAD\n    [^1]:"],
    ["a footnote with a fence that may not be its own", "SEEN\n\n[^1]: \n~~~\n\n~~~\n<!-- PAYLOAD \n~~~\n<!--"],
    ["a CDATA section with three brackets", "SEEN\n\n<![CDATA[]]]><div\n```\n PAYLOAD"],
    ["a tag whose open value looks like a table's cell", 'SEEN\n\n<div\n---\n x |title="\n\n\n#  PAYLOAD <!--<!--'],
    ["a comment that seems to stand in a tag", "SEEN\n\n- <div\n===\n<!--\n>  PAYLOAD <!--<!--"],
    ["a comment whose quote ends", "> <p>SEEN <!-- x\n    PAYLOAD"],
  ])("%s", (_name, text) => {
    const { text: cleaned, removed } = clean(text);
    expect(cleaned).not.toContain("PAYLOAD");
    if (!cleaned.includes("SEEN")) expect(text).toContain("<p>SEEN");
    expect(Object.keys(removed)).not.toEqual([]);
    expect(clean(cleaned).text).toBe(cleaned);
  });

  test.each([
    "Prices: $5, 20% off, then $10.",
    "The formula $a^2 + b^2 = c^2$ holds, and $$\\frac{a}{b}$$ too.",
    `${fence}math\n\\sqrt{x}\n${fence}\n`,
    `${fence}mermaid\ngraph TD\nA[start] --> B[end]\nclassDef big stroke-width:4px\n${fence}\n`,
    "Use \\phantom in TeX to leave room.",
    `${fence}tex\n\\phantom{x} % comment\n${fence}\n`,
    "100 % of a < b && c > d\n",
  ])("what a reader sees stays: %j", (text) => {
    expect(clean(text)).toEqual({ text, removed: {} });
  });

  test("the head of a folded section is kept with what it folds away", () => {
    const { text } = clean("<details>\n<summary>Log of the <b>run</b></summary>\n\nline\n\n</details>");
    expect(text.replace(/\s+/g, " ").trim()).toBe("[collapsed section] Log of the run line [end of collapsed section]");
  });
});

const MARKUP = [
  ..."<!-- --> --!> ` `` ``` ~~~ [ ] ( ) \" ' > < = /> \\ ! * _ # | &lt; &#60; &amp; <b> </b> <div <div> </div> <p> <pre> </pre> <? ?> <![CDATA[ ]]> <!A [r] [^1] [^2] [^1]:".split(
    " ",
  ),
  ..."<script> </script> <style> <title> </title> <textarea> <xmp> <iframe> <plaintext> <noembed> $ $$ \\phantom{ }".split(" "),
  ...[
    'title="',
    "](u ",
    "\n```\n",
    "\n~~~\n",
    "\n[r]: u ",
    "\n[^1]: ",
    "\n[^2]: ",
    "\n",
    "\n\n",
    "\n> ",
    "\n- ",
    "1. ",
    "    ",
    "\t",
    "\n|-|-|\n",
    "\n# ",
    "\n===\n",
    "\n---\n",
    "\n    ",
  ],
];
const strings = fc
  .array(fc.tuple(fc.constantFrom(...MARKUP), fc.boolean()), { minLength: 2, maxLength: 16 })
  .map((parts) => parts.map(([piece, marked], index) => (marked ? `${piece} tok${index}q ` : piece)).join(""));

describe("I10: random strings of markup, against a renderer and a browser's parser", () => {
  test.each([11, 12, 13, 14])("seed %i keeps nothing that both hide", (seed) => {
    fc.assert(
      fc.property(strings, (text) => {
        const { text: visible, destinations } = visibleParts(renderMarkdown(text));
        const shown = [visible, ...destinations].join(" ");
        const { text: cleaned } = clean(text);
        for (const token of text.match(/tok\d+q/g) ?? []) if (!shown.includes(token)) expect(cleaned).not.toContain(token);
        expect(clean(cleaned).text).toBe(cleaned);
      }),
      { numRuns: rounds(1_500), seed: ownSeed(seed) },
    );
  });
});
