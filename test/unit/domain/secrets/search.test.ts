import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openSearch } from "../../../../src/domain/secrets/search.ts";
import { rounds } from "../../../support/fuzz.ts";

const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

describe("the search for many texts in one pass", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."aAbB1@`["), minLength: 1, maxLength: 7 });
  const searched = fc.array(letters, { maxLength: 6 });

  test("finds every place that a plain search finds, and no other", () => {
    fc.assert(
      fc.property(searched, fc.string({ unit: fc.constantFrom(..."aAbB1@`["), maxLength: 60 }), (texts, content) => {
        const expected = texts.flatMap((text) =>
          Array.from(content, (_, start) => start)
            .filter((start) => lower(content).startsWith(lower(text), start))
            .map((start) => `${start}-${start + text.length}`),
        );
        const search = openSearch(texts.map((text) => ({ text, name: "s" })));
        expect(
          search
            .find(content)
            .map(({ start, end }) => `${start}-${end}`)
            .toSorted(),
        ).toEqual(expected.toSorted());
      }),
      { numRuns: rounds(1000) },
    );
  });

  test("knows where the end cuts a text off", () => {
    fc.assert(
      fc.property(searched, fc.string({ unit: fc.constantFrom(..."aAbB1@`["), maxLength: 20 }), (texts, content) => {
        const begins = (start: number): boolean =>
          texts.some((text) => text.length > content.length - start && lower(text).startsWith(lower(content.slice(start))));
        const expected = Array.from(content, (_, start) => start).find(begins) ?? content.length;
        expect(openSearch(texts.map((text) => ({ text, name: "s" }))).findCutOff(content)).toBe(expected);
      }),
      { numRuns: rounds(1000) },
    );
  });

  test("gives the places in order, with the name of what stands there", () => {
    const search = openSearch([
      { text: "second", name: "b" },
      { text: "first", name: "a" },
    ]);
    expect(search.find("First, then SECOND")).toEqual([
      { start: 0, end: 5, name: "a" },
      { start: 12, end: 18, name: "b" },
    ]);
  });

  test("takes time in proportion to the text, whatever the text", () => {
    const search = openSearch([
      { text: "a".repeat(60), name: "a" },
      { text: `${"a".repeat(40)}b`, name: "b" },
    ]);
    const time = (count: number): number => {
      const text = "a".repeat(count);
      const start = process.threadCpuUsage().user;
      search.find(text);
      search.findCutOff(text);
      return (process.threadCpuUsage().user - start) / 1000;
    };
    const small = Math.max(2, Math.min(time(20_000), time(20_000), time(20_000)));
    expect(Math.min(time(160_000), time(160_000)) / small).toBeLessThan(40);
  });
});
