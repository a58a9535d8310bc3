import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLAUDE_CODE_MODEL } from "../../../../src/adapters/agent/claude-code.ts";
import { AGENTS, type AgentName } from "../../../../src/config/agents.ts";
import { allowModels, commonModels } from "../../../../src/domain/model/allowed-models.ts";
import { rounds } from "../../../support/fuzz.ts";

function allowed(agent: AgentName, model: string, listed?: readonly string[]): readonly string[] {
  return allowModels({ agent: AGENTS[agent].models, model, listed });
}

describe("models an agent may ask for", () => {
  test("the models an agent may ask for are the chosen one and the small one beside it", () => {
    expect(allowed("claude-code", "claude-opus-5-5")).toEqual(["claude-opus-5-5", "claude-haiku-*"]);
    expect(allowed("claude-code", "opus")).toEqual(["claude-opus-*", "claude-haiku-*"]);
  });

  test.each([
    // As Claude Code 2.1.330 was seen to ask.
    ["fable", "claude-fable-5-2"],
    ["opusplan", "claude-sonnet-5-5"],
    ["opusplan[1m]", "claude-opus-5-5"],
    ["best", "claude-opus-5-5"],
    ["default", "claude-opus-5-5"],
    ["Opus", "claude-opus-5-5"],
    ["OPUS[1M]", "claude-opus-5-5"],
    ["sonnet[1m]", "claude-sonnet-5-5"],
    ["claude-opus-5-5[1m]", "claude-opus-5-5"],
    ["Claude-Opus-5-5", "claude-opus-5-5"],
    ["haiku", "claude-haiku-5-5"],
  ])("hold what the CLI asks for under the name %s", (name, wire) => {
    const rules = allowed("claude-code", name);
    expect(rules.some((rule) => (rule.endsWith("*") ? wire.startsWith(rule.slice(0, -1)) : wire === rule))).toBe(true);
    expect(rules).not.toContain("*");
  });

  test("cover the pinned default and no dearer family when none was chosen", () => {
    const [main = ""] = allowed("claude-code", "");
    expect(CLAUDE_CODE_MODEL.startsWith(main.slice(0, -1))).toBe(true);
    expect(allowed("claude-code", "").join()).not.toContain("opus");
  });

  test("are the name as it was written when it only looks like a property", () => {
    expect(allowed("claude-code", "constructor")).toEqual(["constructor", "claude-haiku-*"]);
  });

  test("the models an agent may ask for are any for a command, unless one was chosen", () => {
    expect(allowed("command", "")).toEqual([]);
    expect(allowed("command", "gpt-x")).toEqual(["gpt-x"]);
  });

  test("the models an agent may ask for are only those of them that the repository's file lists", () => {
    expect(allowed("claude-code", "opus", ["claude-opus-5-5", "gpt-*"])).toEqual(["claude-opus-5-5"]);
    expect(allowed("claude-code", "opus", ["claude-*"])).toEqual(["claude-opus-*", "claude-haiku-*"]);
    expect(allowed("claude-code", "claude-opus-5-5", ["claude-opus-*"])).toEqual(["claude-opus-5-5"]);
    expect(allowed("command", "", ["small", "tiny-*"])).toEqual(["small", "tiny-*"]);
  });

  test("a list of models that leaves out the agent's own is an error, and does not stand for any", () => {
    for (const model of ["", "opus", "claude-opus-5-5"])
      expect(() => allowed("claude-code", model, ["claude-haiku-*", "gpt-x"])).toThrow(
        expect.objectContaining({ code: "config.invalid", remedy: expect.stringContaining("default branch") }),
      );
  });
});

describe("lists of models", () => {
  const covers = (list: readonly string[], model: string): boolean =>
    list.some((rule) => (rule.endsWith("*") ? model.startsWith(rule.slice(0, -1)) : model === rule));
  const name = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
  const list = fc.array(
    fc.tuple(name, fc.constantFrom("", "*")).map((parts) => parts.join("")),
    { minLength: 1, maxLength: 4 },
  );

  test("lists of models have in common what each of them covers, and nothing else", () => {
    fc.assert(
      fc.property(list, list, name, (one, other, model) => {
        expect(covers(commonModels(one, other), model)).toBe(covers(one, model) && covers(other, model));
      }),
      { numRuns: rounds(500) },
    );
  });
});
