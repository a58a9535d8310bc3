import { describe, expect, test } from "vitest";
import { bars, code, escapeText, pre, table } from "../../../../src/domain/report/parts.ts";

const EVIL = `<script>alert("1")</script>&'`;

describe("The pieces of the report's page", () => {
  test.each([
    ["escapeText", escapeText(EVIL)],
    ["code", code(EVIL)],
    ["pre", pre(EVIL)],
    ["a column's title", table("t", [{ title: EVIL }], [])],
    ["a table's caption", table(EVIL, [], [])],
    ["a bar's label", bars("t", [{ label: EVIL, from: 0, length: 1, told: "1 s", bad: false }])],
  ])("I15: %s takes raw text and escapes it", (_name, html) => {
    expect(html).not.toContain("<script>");
    expect(html).toContain("&#60;script&#62;");
  });

  test("a long text is cut to the length that is asked for", () => {
    expect(escapeText("x".repeat(1_000), 10).length).toBeLessThan(20);
  });

  test("a bar ends within the drawing, however long the run was", () => {
    const html = bars("t", [
      { label: "a", from: 0, length: 1, told: "1 ms", bad: false },
      { label: "b", from: 1, length: 86_400_000, told: "a day", bad: true },
    ]);
    const rects = [...html.matchAll(/<rect class="(\w+)" x="([\d.]+)" [^>]*width="([\d.]+)"/g)];
    expect(rects.map(([, name]) => name)).toEqual(["bar", "barbad"]);
    for (const [, , x, width] of rects) expect(Number(x) + Number(width)).toBeLessThanOrEqual(720);
  });
});
