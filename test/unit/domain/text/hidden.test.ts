import { describe, expect, test } from "vitest";
import { clean } from "../../../../src/domain/text/clean.ts";
import { renderMarkdown, visibleText } from "../../../support/text/rendered.ts";

const tags = (text: string): string =>
  [...text].map((character) => String.fromCodePoint(0xe0000 + (character.codePointAt(0) ?? 0))).join("");
const selectors = (text: string): string =>
  [...Buffer.from(text)].map((byte) => String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16)).join("");
const from = (...points: readonly number[]): string => String.fromCodePoint(...points);

describe("I10, T1, T2: characters that nobody sees", () => {
  test.each([
    ["the tags block", `a${tags("run curl evil")}b`],
    ["variation selectors", `a${selectors("run curl evil")}b`],
    ["variation selectors behind an emoji", `a❤️${selectors("run curl evil")}b`],
    ["zero width, joiners and marks of direction", `a${from(0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0xfeff, 0x61c)}b`],
    ["bidi controls", `a${from(0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069)}b`],
    ["fillers and the Mongolian separator", `a${from(0x180e, 0x115f, 0x1160, 0x3164, 0xffa0, 0x34f, 0x17b4, 0x17b5)}b`],
    ["invisible mathematics and U+2060 to U+206F", `a${from(...Array.from({ length: 16 }, (_, index) => 0x2060 + index))}b`],
    ["soft hyphen and interlinear marks", `a${from(0xad, 0xfff9, 0xfffa, 0xfffb)}b`],
    ["controls, private use and lone surrogates", `a${from(0, 8, 0x1b, 0x7f, 0x9b, 0xe000, 0xf0000)}\ud800b`],
    ["character references of such", "a&#8203;&#x200b;&ZeroWidthSpace;&shy;&zwj;&#xE0041;&#173b"],
  ])("%s are gone and counted", (_name, text) => {
    const { text: cleaned, removed } = clean(text);
    expect(cleaned.replace(/❤️/u, "")).toBe("ab");
    expect((removed.invisible ?? 0) + (removed.entity ?? 0)).toBeGreaterThan(2);
  });

  test.each([
    ["emoji", "👨‍👩‍👧‍👦 ❤️ 1️⃣ 👍🏽 🏳️‍🌈 🇩🇪"],
    ["Arabic and Persian", "مرحبا بالعالم — می‌خواهم"],
    ["Hebrew", "שָׁלוֹם עולם"],
    ["Hindi", "नमस्ते दुनिया क्‍ष"],
    ["Korean", "안녕하세요 세계"],
    ["Thai", "สวัสดีชาวโลก"],
    ["Japanese, full width", "ＡＢＣ　日本語、カタカナ"],
    ["Vietnamese, decomposed", "Tiếng Việt".normalize("NFD")],
  ])("%s survive", (_name, text) => {
    expect(clean(text)).toEqual({ text, removed: {} });
  });

  test("a flag made of tags becomes its base emoji", () => {
    expect(clean(`🏴${tags("gbeng")}\u{e007f} x`).text).toBe("🏴 x");
  });
});

/** Every form puts PAYLOAD where a reader of the page does not see it, and SEEN where one does. */
const HIDDEN: readonly (readonly [string, string])[] = [
  ["a comment", "SEEN <!-- PAYLOAD -->"],
  ["a comment that is never closed", "SEEN\n\n<!-- PAYLOAD"],
  ["a comment over blank lines", "SEEN\n\n<!--\n\nPAYLOAD\n\n-->"],
  ["a comment closed with a bang", "SEEN\n\n<!--PAYLOAD--!>"],
  ["a comment in a quote that ends first", "SEEN\n\n> <!-- PAYLOAD\n\n--> PAYLOAD"],
  ["an instruction", "SEEN <?x PAYLOAD ?>"],
  ["a declaration", "SEEN <!X PAYLOAD>"],
  ["a CDATA section", "SEEN <![CDATA[ PAYLOAD ]]>"],
  ["a reference definition", "SEEN\n\n[//]: # (PAYLOAD)"],
  ["a definition's title", 'SEEN [a]\n\n[a]: u "PAYLOAD"'],
  ["a definition's label", "[SEEN][payload PAYLOAD]\n\n[payload PAYLOAD]: u"],
  ["a definition in a quote, over lines", "> [a]:\n> http://x\n> 'PAYLOAD'\n\nSEEN"],
  ["a link's title", '[SEEN](u "PAYLOAD")'],
  ["a link's title in parentheses", "[SEEN](u (PAYLOAD))"],
  ["a link's destination with spaces", "[SEEN](<PAYLOAD and more>)"],
  ["a link without text", "SEEN [](http://x/PAYLOAD)"],
  ["an image's description", "SEEN ![PAYLOAD](http://x)"],
  ["a referred image's description", "SEEN ![PAYLOAD]\n\n[PAYLOAD]: http://x"],
  ["an attribute", 'SEEN <p class="PAYLOAD">SEEN</p>'],
  ["a picture's source", 'SEEN <picture><source media="PAYLOAD"><img alt="PAYLOAD"></picture>'],
  ["an attribute over lines, in a quote", '> SEEN <a\n> title="PAYLOAD">SEEN</a>'],
  ["an attribute that is never closed", '<div title="\n\nPAYLOAD\n\nPAYLOAD'],
  ["an element that is hidden", "SEEN <span hidden>PAYLOAD</span>"],
  ["an element that is styled away", '<p style="display: none">PAYLOAD</p>\n\nSEEN'],
  ["a script", "SEEN\n\n<script>\nPAYLOAD\n</script>"],
  ["a fence's info string", "SEEN\n\n```js PAYLOAD\nSEEN\n```"],
  ["a tilde fence's language", "SEEN\n\n~~~PAYLOAD\nSEEN\n~~~"],
  ["a table's extra cell", "| a | b |\n|---|---|\n| SEEN | 2 | PAYLOAD |"],
  ["a comment in a formula of one line", "SEEN\n\nValue $a % PAYLOAD$ end"],
  ["a label in a formula", "SEEN\n\n$$a \\label{PAYLOAD}$$"],
  ["a choice in a formula", "SEEN\n\n$\\mathchoice{a}{a}{a}{\\text{PAYLOAD}}$"],
  ["a tooltip in a formula", "SEEN\n\n$\\texttip{a}{PAYLOAD}$"],
  ["ruby's parentheses", "SEEN <ruby>A<rp>PAYLOAD</rp><rt>a</rt></ruby>"],
  ["a shrunken nest", `SEEN ${"<sub><small>".repeat(12)}PAYLOAD${"</small></sub>".repeat(12)}`],
  ["a diagram's menu of links", '```mermaid\ngraph\nA[SEEN]\nlinks A: {"PAYLOAD": "https://x"}\n```'],
  ["a diagram node's settings", 'SEEN\n\n```mermaid\ngraph\nA@{ shape: rect, note: "PAYLOAD" }\n```'],
  ["a comment in a diagram's label", 'SEEN\n\n```mermaid\ngraph\nA["<!-- PAYLOAD -->hi"]\n```'],
  ["a footnote that nothing points at", "SEEN\n\n[^1]: PAYLOAD\n    PAYLOAD"],
  ["a footnote that only code points at", "SEEN `[^1]`\n\n[^1]: PAYLOAD"],
];

/** Hidden by a browser, by GitHub's filter or by what draws formulas and diagrams, not by the renderer itself. */
const BY_BROWSER = [
  "a comment in a formula of one line",
  "a label in a formula",
  "a choice in a formula",
  "a tooltip in a formula",
  "ruby's parentheses",
  "a shrunken nest",
  "a diagram's menu of links",
  "a diagram node's settings",
  "a comment in a diagram's label",
  "an element that is hidden",
  "an element that is styled away",
  "a script",
];

describe("I10, T3, T4: what markdown and HTML hide", () => {
  test.each(HIDDEN)("%s is gone, and what stands beside it is not", (_name, text) => {
    const { text: cleaned, removed } = clean(text);
    expect(cleaned).not.toContain("PAYLOAD");
    if (text.includes("SEEN")) expect(cleaned).toContain("SEEN");
    expect(Object.keys(removed)).not.toEqual([]);
    expect(clean(cleaned).text).toBe(cleaned);
  });

  test.each(HIDDEN.filter(([name]) => !BY_BROWSER.includes(name)))("%s is indeed not shown by a renderer", (_name, text) => {
    expect(visibleText(renderMarkdown(text))).not.toContain("PAYLOAD");
  });

  test.each([
    "<!-- x",
    "<!<!-- -->-- x -->",
    "<!-- <!-- --> x -->",
    "<!--x--!>",
    "&lt;!-- x --&gt;",
    "&#60;!-- x",
    "＜!-- x --＞",
    "a `<!-- x -->` b",
  ])("%s leaves no start of a comment", (text) => {
    const { text: cleaned } = clean(text);
    expect(cleaned).not.toContain("<!--");
    expect(clean(cleaned).text).toBe(cleaned);
  });

  test.each([
    ["paragraphs without text", "<p></p>\n".repeat(300)],
    ["breaks", "<br>".repeat(400)],
    ["spaces that do not break", "&nbsp;".repeat(3000)],
    ["lines of such spaces", "\n&nbsp;\n".repeat(300)],
    ["rules", "\n---\n".repeat(100)],
    ["empty headings", "\n#\n".repeat(100)],
    ["blanks in a line of code", `\`\`\`\nx${" ".repeat(3000)}`],
  ])("what %s push out of sight comes back, and they are counted", (_name, flood) => {
    const { text, removed } = clean(`SEEN ${flood}PAYLOAD`);
    expect(text.indexOf("PAYLOAD") - text.indexOf("SEEN")).toBeLessThan(250);
    expect(removed["blank-lines"] ?? 0).toBeGreaterThan(0);
    expect(clean(text).text).toBe(text);
  });

  test("prices, powers and ordinary gaps are kept", () => {
    for (const text of ["10% of $5 and 20% of $6, not $7", "a<sub>b</sub> c<sup>d</sup>", "a\n\n---\n\nb", "    code\n\n\n    code"]) {
      expect(clean(text).text.replaceAll(/<\/?su[bp]>/g, "")).toBe(text.replaceAll(/<\/?su[bp]>/g, ""));
      expect(clean(text).removed["formula"] ?? 0).toBe(0);
    }
  });

  test("a folded section is kept and said to be one", () => {
    const { text, removed } = clean("<details><summary>ok</summary>x</details>");
    expect(text.replace(/\s+/g, " ").trim()).toBe("[collapsed section] ok x [end of collapsed section]");
    expect(removed["collapsed-section"]).toBe(1);
  });
});

describe("I10, T5: code that GitHub does not take for code", () => {
  test.each([
    ["after a fence that is never closed", "```\ncode\n<!-- PAYLOAD -->"],
    ["in a fence inside an HTML block", "<div>\n~~~\n<!-- PAYLOAD -->\n~~~\n</div>"],
    ["after a stray backtick", "a ` b <!-- PAYLOAD --> c"],
    ["between backticks of two lines, of which one is a block of its own", "a `b\n<!-- PAYLOAD -->\nc` d"],
    ["between backticks of two cells", "| a | b |\n|---|---|\n| ` <!-- PAYLOAD --> | ` |"],
    ["after the fence of a list's own line", "1. ```\n   code\n   ```\n   <!-- PAYLOAD -->\n   ```\n"],
    ["after a fence whose list item ended", "- a\n  ```\n<!-- PAYLOAD -->\n  ```\n"],
    ["behind code that paired with an earlier line", "`a\nb ` <!-- PAYLOAD --> `c"],
  ])("a comment %s is gone", (_name, text) => {
    expect(clean(text).text).not.toContain("PAYLOAD");
  });

  test("code that is code is kept as it stands", () => {
    const code =
      'Use `<Foo bar="x">` here:\n\n```html\n<div class="x" title="y">&nbsp;[a](u "t")</div>\n```\n\n- item\n  ```ts\n  const a: Map<string, X[]> = b;\n  ```\n';
    expect(clean(code)).toEqual({ text: code, removed: {} });
  });
});
