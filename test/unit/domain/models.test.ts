import { describe, expect, it } from "vitest";
import { CLAUDE_CODE_MODEL } from "../../../src/adapters/agent/claude-code.ts";
import { allowModels } from "../../../src/domain/models.ts";

describe("models an agent may ask for", () => {
  it("are the chosen one and the small one beside it", () => {
    expect(allowModels("claude-code", "claude-opus-5-5")).toEqual(["claude-opus-5-5", "claude-haiku-*"]);
    expect(allowModels("claude-code", "opus")).toEqual(["claude-opus-*", "claude-haiku-*"]);
  });

  it("cover the pinned default and no dearer family when none was chosen", () => {
    const [main = ""] = allowModels("claude-code", "");
    expect(CLAUDE_CODE_MODEL.startsWith(main.slice(0, -1))).toBe(true);
    expect(allowModels("claude-code", "").join()).not.toContain("opus");
  });

  it("are any for a command, unless one was chosen", () => {
    expect(allowModels("command", "")).toEqual([]);
    expect(allowModels("command", "gpt-x")).toEqual(["gpt-x"]);
  });
});
