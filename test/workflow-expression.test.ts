import { describe, expect, test } from "vitest";
import { evaluate, interpolate } from "./support/workflow/expression.ts";

const CONTEXTS = { github: { actor: "maria", event: { label: { name: "Airlock" }, number: 8 } } };

describe("The reader of workflow expressions", () => {
  test.each([
    ["github.event.label.name == 'airlock'", true],
    ["github.event.missing.name == 'airlock'", false],
    ["github.event.missing.name", null],
    ["github.event.missing || github.event.number", 8],
    ["github.event.label && 'yes'", "yes"],
    ["github.event.missing && 'yes'", null],
    ["!(github.actor != 'maria') && true", true],
    ["'' || false || 'it''s'", "it's"],
    ["contains('a /AIRLOCK fix', '/airlock')", true],
    ["contains(github.event.missing, '/airlock')", false],
    ["endsWith('dependabot[bot]', '[bot]') && startsWith(github.actor, 'm')", true],
    ["null == 0", true],
  ])("%s", (source, value) => expect(evaluate(source, CONTEXTS)).toEqual(value));

  test("puts values into a text, and keeps the type of one that stands alone", () => {
    expect(interpolate("airlock-${{ github.event.number }}-${{ github.event.missing }}.", CONTEXTS)).toBe("airlock-8-.");
    expect(interpolate("${{ github.event_name == 'push' }}", CONTEXTS)).toBe(false);
  });

  test.each(["secrets.KEY", "hashFiles('x')", "github.actor == ", "github.actor ? 1", "(github.actor", "github.actor 'x'"])(
    "refuses to guess at %s",
    (source) => expect(() => evaluate(source, CONTEXTS)).toThrow(),
  );
});
