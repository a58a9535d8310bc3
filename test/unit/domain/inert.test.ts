import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  codeSpan,
  cut,
  fence,
  inertHtml,
  inertInline,
  inertLogLines,
  inertMarkdown,
  inertTitle,
  visible,
} from "../../../src/domain/inert.ts";
import { runApart, source } from "../../support/apart.ts";
import { rounds } from "../../support/fuzz.ts";
import { findLive, renderGithubMarkdown } from "../../support/text/live-markdown.ts";

const evil = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."` `` ``` ```` ~~~ ~~~~ \\ @org/all @me #12 GH-3 o/r#4 https://evil.test www.evil.test mailto:a@b.c ![i](http://e.test/x.png) [t](u) [r]: http://e.test <img <!-- --> </details> <details> <script> > - * + 1. # ## === --- | |-| $x$ $` `$ [^1] [^1]: & &lt; &#64;me _ __ ** ~~ <a@b.c> <http://e.test> :tada: Fixes closes".split(
          " ",
        ),
        "\n",
        "\n\n",
        " ",
        "    ",
        "\t",
        "\r",
        "\u001b[31m",
        "\u001b]8;;http://e.test\u0007",
        "\u200b",
        "\u{e0041}",
        "\u202e",
        "\ud800",
        "```mermaid\n",
        "> [!NOTE]\n",
        "|a|b|\n|-|-|\n",
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(""));

describe("inert markdown", () => {
  test("inert markdown leaves nothing alive, whatever the text", () => {
    fc.assert(
      fc.property(evil, (text) => {
        expect(findLive(inertMarkdown(text))).toEqual([]);
      }),
      { numRuns: rounds(1000) },
    );
  });

  test("inert markdown never leaves a fence or a box open for what follows", () => {
    fc.assert(
      fc.property(evil, fc.integer({ min: 0, max: 60 }), (text, max) => {
        const html = renderGithubMarkdown(`${inertMarkdown(text, max)}\n\n## after\n`);
        expect(html).toContain("<h2>after</h2>");
      }),
      { numRuns: rounds(1000) },
    );
  });

  test("inert markdown keeps paragraphs, lists, headings and code readable", () => {
    const shown = inertMarkdown("# Done\n\nI fixed `add()` in *two* places:\n- one\n- two\n\n```ts\nlet x = 1;\n```\n");
    expect(shown).toBe("**Done**\n\nI fixed `add()` in \\*two\\* places:\n- one\n- two\n\n```ts\nlet x = 1;\n```");
  });

  test("inert markdown keeps the words of strong text and of links, without the marks", () => {
    expect(inertMarkdown("I **really** fixed [the sum](src/sum.js), see [docs](https://evil.test/x).")).toBe(
      "I really fixed the sum (src/sum.js), see docs `(https://evil.test/x).`",
    );
  });

  test("inert markdown does not let a diagram be drawn from guest text", () => {
    expect(inertMarkdown("```mermaid\ngraph TD\n```")).toContain("```text");
  });
});

describe("inert single lines", () => {
  test("an inert line holds any text inside one code span, also in a table cell", () => {
    fc.assert(
      fc.property(evil, (text) => {
        const html = renderGithubMarkdown(`| a | b |\n|---|---|\n| ${codeSpan(text)} | end |\n`);
        expect(findLive(`| a | b |\n|---|---|\n| ${codeSpan(text)} | end |\n`)).toEqual([]);
        expect(html).toContain("<td>end</td>");
      }),
      { numRuns: rounds(700) },
    );
  });

  test("an inert line holds any text inside a table cell as prose", () => {
    fc.assert(
      fc.property(evil, (text) => {
        const table = `| a | b |\n|---|---|\n| ${inertInline(text)} | end |\n`;
        expect(findLive(table)).toEqual([]);
        expect(renderGithubMarkdown(table)).toContain("<td>end</td>");
      }),
      { numRuns: rounds(700) },
    );
  });

  test("fences any text so that the text cannot end the fence", () => {
    fc.assert(
      fc.property(evil, (text) => {
        expect(renderGithubMarkdown(`${fence(text)}\n\n## after\n`)).toContain("<h2>after</h2>");
      }),
      { numRuns: rounds(700) },
    );
  });

  test("cuts at a border of characters and says so", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 0, max: 20 }), (text, max) => {
        const short = cut(text.toWellFormed(), max);
        expect(short.length).toBeLessThanOrEqual(Math.max(max, 0));
        expect(short.isWellFormed()).toBe(true);
      }),
    );
  });

  test("an inert line takes the power from titles and subjects", () => {
    const title = inertTitle("Fixes #1, closes o/r#2 and GH-3 for @org/everyone [skip ci] [ci skip] https://evil.test\nSigned-off-by: ceo");
    expect(title).not.toMatch(/#\d|GH-\d|@|\[skip|\[ci|:\/\/evil|\n/);
    expect(inertTitle("x".repeat(400))).toHaveLength(256);
    expect(inertTitle("skip-checks: true")).toBe("› skip-checks: true");
  });

  test("escapes for HTML text and attributes", () => {
    expect(inertHtml(`<img src=x onerror="a('b')">\`&`)).toBe("&#60;img src=x onerror=&#34;a(&#39;b&#39;)&#34;&#62;&#96;&#38;");
  });
});

describe("inert log lines", () => {
  const commands = [
    "::set-output name=a::b",
    "::add-mask::x",
    "  ::error file=a::b",
    "##[group]x",
    "x ##[endgroup]",
    "::stop-commands::t",
    "\t::debug::x",
    "\u0085::warning::x",
    "\ufeff::notice::x",
    "a\r::error::b",
    "\u001b[0m::error::x",
  ];
  test.each(commands)("the log makes %j harmless", (text) => {
    for (const line of inertLogLines(text)) {
      expect(line.trim()).not.toMatch(/^::/);
      expect(line).not.toContain("##[");
      expect(line).not.toMatch(/[\r\u001b]/);
    }
  });

  test("the log keeps harmless colons", () => {
    expect(inertLogLines("std::vector a: b :: c")).toEqual(["std::vector a: b :: c"]);
  });

  test("spells out what is hidden and drops terminal sequences", () => {
    expect(visible("a\u200b\u200cb\u001b]8;;http://e\u0007c\u001b]8;;\u0007\u001b[1md\u0007")).toBe("a⟨2 hidden⟩bcd\\x07");
  });

  test("the log takes a megabyte in linear time", () => {
    const script = `
      import { inertMarkdown } from ${source("domain/inert.ts")};
      const time = (unit, bytes) => {
        const text = unit.repeat(bytes / unit.length);
        const started = process.threadCpuUsage();
        inertMarkdown(text, bytes);
        const { user, system } = process.threadCpuUsage(started);
        return (user + system) / 1000;
      };
      const units = ["\\u001b]", "\`", "\`\`", "<!--", "@a ", "\\u200b", "[", "\\\\", "- ", "~~~\\n", "\`\`\`\\n"];
      for (const unit of units) time(unit, 10_000);
      console.log(JSON.stringify(units.map((unit) => [unit, time(unit, 1_000_000) / Math.max(time(unit, 125_000), 20)])));`;
    const growth = JSON.parse(runApart(script)) as readonly (readonly [string, number])[];
    expect(growth).toHaveLength(11);
    // Eight times the text: linear is about 8, quadratic 64.
    expect(growth.filter(([, times]) => times > 40)).toEqual([]);
  }, 150_000);
});

describe("I15: words that other programs obey", () => {
  test.each(["/lgtm", "/approve", "/merge squash", "/airlock fix"])(
    "the command %s is inert at the start of every line, in code too",
    (command) => {
      const lines = inertMarkdown(`${command}\ntext\n${command}\n\n- ${command}\n\n# ${command}\n\n\`\`\`\n${command}\n\`\`\`\n`).split(
        "\n",
      );
      expect(lines.filter((line) => line.startsWith("/"))).toEqual([]);
      expect(fence(`x\n${command}\n/usr/bin/env`).split("\n")).toEqual(["```text", "x", ` ${command}`, "/usr/bin/env", "```"]);
      expect(inertInline(command).startsWith("/")).toBe(false);
    },
  );

  test.each([
    "[azurepipelines skip]",
    "[azp skip]",
    "[skip azp]",
    "***NO_CI***",
    "[skip ci]",
    "[ci-skip]",
    "[appveyor skip]",
    "[netlify skip]",
    "[no ci]",
    "[skip actions]",
  ])("the word %s does not skip the checks of a commit", (word) => {
    expect(inertTitle(`Fix it ${word}`)).not.toContain(word);
    expect(inertTitle(`Fix it ${word}`)).toContain("Fix it ");
  });

  test("a bare commit id is no reference", () => {
    for (const id of ["0a1b2c3", "deadbeef1", `${"a".repeat(39)}1`]) expect(inertMarkdown(`see ${id} there`)).toBe(`see \`${id}\` there`);
    expect(inertMarkdown("1234567 facade")).toBe("1234567 facade");
  });
});
