import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listSpellings } from "../../../../src/domain/secrets/spellings.ts";
import { rounds } from "../../../support/fuzz.ts";

const VALUE = "p@ss/w0rd<1>";

/** The spellings of a form, as text. */
function textsOf(value: string, form: string): readonly string[] {
  return listSpellings(value)
    .filter((spelling) => spelling.form === form)
    .map(({ bytes }) => bytes.toString("latin1"));
}

describe("the list of a secret's spellings", () => {
  test("has each spelling once, the value itself first", () => {
    const texts = listSpellings(VALUE).map(({ bytes }) => bytes.toString("latin1"));
    expect(texts[0]).toBe(VALUE);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("is cut down by tag", () => {
    const tags = (...chosen: Parameters<typeof listSpellings>[1] & object): readonly string[] => [
      ...new Set(listSpellings(VALUE, chosen).map(({ tag }) => tag)),
    ];
    expect(tags("usual")).toEqual(["usual"]);
    expect(tags("usual", "disguised")).toEqual(["usual", "disguised"]);
    expect(tags()).toEqual([]);
  });

  test.each([
    ["url-encoded", ["p%40ss%2Fw0rd%3C1%3E"]],
    ["json", ["p@ss\\/w0rd<1>"]],
    ["html", ["p@ss/w0rd&lt;1&gt;"]],
    ["hex", ["704073732f773072643c313e"]],
    ["percent-encoded", ["%70%40%73%73%2f%77%30%72%64%3c%31%3e"]],
    ["reversed", [">1<dr0w/ss@p"]],
  ])("spells %s", (form, texts) => {
    expect(textsOf(VALUE, form)).toEqual(texts);
  });

  test("spells other letters by their bytes, their units and their code points", () => {
    expect(textsOf("grün🔑key", "percent-encoded")).toEqual(["%67%72%c3%bc%6e%f0%9f%94%91%6b%65%79"]);
    expect(textsOf("grün🔑key", "escaped as \\u")).toEqual(["\\u0067\\u0072\\u00fc\\u006e\\ud83d\\udd11\\u006b\\u0065\\u0079"]);
    expect(textsOf("grün🔑key", "json")).toEqual(["gr\\u00fcn\\ud83d\\udd11key"]);
    expect(textsOf("grün🔑key", "html entities")).toContain("&#103;&#114;&#252;&#110;&#128273;&#107;&#101;&#121;");
  });

  test("finds a value inside base64 at every alignment, whatever stands around it", () => {
    const printable = fc.string({ unit: fc.constantFrom(..."abcXYZ019+/?>~-_ "), minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(printable, fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), (value, before, after) => {
        const bytes = Buffer.from(before + value + after);
        for (const form of ["base64", "base64url"] as const) {
          const encoded = bytes.toString(form);
          expect(
            textsOf(value, "base64")
              .concat(textsOf(value, "base64url"))
              .some((text) => encoded.includes(text)),
          ).toBe(true);
        }
      }),
      { numRuns: rounds(300) },
    );
  });

  test("spells the end of base64 as it is when nothing follows", () => {
    const whole = Buffer.from("abcdefgh").toString("base64").replace(/=+$/, "");
    expect(textsOf("abcdefgh", "base64")).toContain(whole);
  });
});
