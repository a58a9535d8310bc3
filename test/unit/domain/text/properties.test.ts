import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean } from "../../../../src/domain/text/clean.ts";
import { rounds } from "../../../support/fuzz.ts";
import { renderMarkdown, visibleText } from "../../../support/text/rendered.ts";

let count = 0;
const word = fc.constant(undefined).map(() => `tok${count++}q`);
const inline: fc.Arbitrary<string> = fc.oneof(
  word,
  word.map((text) => `x <!-- ${text} -->`),
  fc.tuple(word, word).map(([text, title]) => `[${text}](http://a.example "${title}")`),
  fc.tuple(word, word).map(([alt, title]) => `![${alt}](http://a.example '${title}')`),
  fc.tuple(word, word).map(([text, title]) => `<b title="${title}">${text}</b>`),
  word.map((text) => `\`<b title="${text}">\``),
  fc.tuple(word, fc.constantFrom("r0", "r1", "none")).map(([text, label]) => `[${text}][${label}]`),
  word.map((text) => `*${text}*`),
  word.map((text) => `a&lt;${text} &amp; b`),
  word.map((text) => `\\<${text}`),
  word.map((text) => `a < ${text}`),
  word.map((text) => `x <?${text}?>`),
);
const paragraph = fc.array(inline, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(" "));
const block: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: paragraph },
  paragraph.map((text) => `## ${text}`),
  fc.tuple(word, word).map(([info, text]) => `\`\`\` ${info}\n${text}\n\`\`\``),
  fc.tuple(fc.constantFrom("r0", "r1", "r2"), word).map(([label, title]) => `[${label}]: http://a.example "${title}"`),
  fc.tuple(word, word).map(([first, second]) => `<!--\n${first}\n\n${second}\n-->`),
  fc.tuple(word, word, word).map(([a, b, c]) => `| x | y |\n|---|---|\n| ${a} | ${b} | ${c} |`),
  fc.tuple(word, word).map(([title, text]) => `<div title="${title}">\n${text}\n</div>`),
  word.map((text) => `[^${text}]: ${text}`),
);
const nested = fc.oneof(
  { weight: 3, arbitrary: block },
  block.map((text) => text.replace(/^/gm, "> ")),
  block.map((text) => `- ${text.replace(/\n/g, "\n  ")}`),
);
const page = fc.array(nested, { minLength: 1, maxLength: 8 }).map((blocks) => blocks.join("\n\n"));

const pieces = [
  "<!--",
  "-->",
  "--!>",
  "`",
  "```\n",
  "\n~~~\n",
  "[",
  "]",
  "](u",
  ' "',
  ")",
  "\n[r]: u",
  "<b ",
  "<div",
  "</div>",
  ">",
  "<",
  "\n",
  "\n\n",
  "\n> ",
  "\n- ",
  "    ",
  "|",
  "&lt;",
  "&#60;",
  "&#8203;",
  "\\",
  "!",
  "x",
  "\u200b",
  "\u{e0041}",
  "[^1]",
  "[^1]:",
];
const noise = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(""));

describe("I10: properties of the cleaner, against a renderer", () => {
  test("what the renderer shows nowhere is nowhere in the text", () => {
    fc.assert(
      fc.property(page, (text) => {
        const shown = visibleText(renderMarkdown(text));
        const { text: cleaned } = clean(text);
        for (const token of text.match(/tok[0-9a-z]+q/g) ?? []) {
          if (!shown.includes(token)) expect(cleaned).not.toContain(token);
        }
      }),
      { numRuns: rounds(1_500) },
    );
  });

  test("what the renderer shows is in the text", () => {
    fc.assert(
      fc.property(page, (text) => {
        const shown = visibleText(renderMarkdown(text));
        const { text: cleaned } = clean(text);
        for (const token of shown.match(/tok[0-9a-z]+q/g) ?? []) expect(cleaned).toContain(token);
      }),
      { numRuns: rounds(1_500) },
    );
  });

  test("cleaning twice is cleaning once, at most five times as long, without the start of a comment", () => {
    fc.assert(
      fc.property(fc.oneof(noise, page, fc.string({ unit: "binary", maxLength: 200 })), (text) => {
        const { text: cleaned } = clean(text);
        expect(clean(cleaned).text).toBe(cleaned);
        expect(cleaned.length).toBeLessThanOrEqual(5 * text.length);
        expect(cleaned).not.toContain("<!--");
        expect(cleaned).not.toMatch(/[\u{e0000}-\u{e0fff}\u200b\u2060\ufeff\u00ad]/u);
      }),
      { numRuns: rounds(4_000) },
    );
  });
});
