import { describe, expect, test } from "vitest";
import { AGENTS } from "../../../src/config/agents.ts";
import { INPUT_NAMES } from "../../../src/config/inputs.ts";
import { MODEL_CREDENTIALS, MODEL_INPUTS } from "../../../src/config/model-services.ts";
import { PROVIDERS } from "../../../src/config/providers.ts";
import { findMissing, inputsIn, type Needs } from "../../../src/config/rows.ts";

const ROWS = { ...AGENTS, ...PROVIDERS };

describe("What a row needs", () => {
  test.each<[Needs, readonly string[], readonly string[]]>([
    [{ allOf: ["a", "b"] }, ["a"], ["b"]],
    [{ allOf: ["a", "b"] }, [], ["a"]],
    [{ allOf: ["a", "b"] }, ["b", "a"], []],
    [{ allOf: [] }, [], []],
    [{ anyOf: ["a", "b"] }, [], ["a", "b"]],
    [{ anyOf: ["a", "b"] }, ["b"], []],
    [{ optional: ["a", "b"] }, [], []],
  ])("%j with %j given: %j is missing", (needs, given, missing) => {
    expect(findMissing(needs, (name) => given.includes(name))).toEqual(missing);
  });
});

describe("The rows of agents and providers", () => {
  test("have every input to themselves", () => {
    const own = [...Object.values(ROWS).flatMap(({ inputs }) => Object.keys(inputs)), ...Object.keys(MODEL_INPUTS)];
    expect(own.toSorted()).toEqual([...new Set(own)].toSorted());
    expect(INPUT_NAMES).toEqual(expect.arrayContaining(own));
  });

  test.each(Object.entries(ROWS))("%s needs only inputs that there are, each once", (_name, { credentials }) => {
    const needed = inputsIn<string>(credentials);
    expect(INPUT_NAMES).toEqual(expect.arrayContaining([...needed]));
    expect(new Set(needed).size).toBe(needed.length);
  });

  test("use up every credential of a model service: none is offered to nobody", () => {
    const used = new Set(Object.values(AGENTS).flatMap(({ credentials }) => inputsIn<string>(credentials)));
    expect(Object.keys(MODEL_CREDENTIALS).filter((input) => !used.has(input))).toEqual([]);
  });
});
