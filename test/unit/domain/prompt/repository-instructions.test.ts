import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { renderInstructions, takeFile } from "../../../../src/domain/prompt/repository-instructions.ts";

const COMMIT = "a".repeat(40);

describe("a file of instructions", () => {
  test("a file is named by the hash of all its bytes, and what a reader cannot see is not in its text", () => {
    const content = "Run the tests.\u200b\u{e0041}\n";
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(takeFile("AGENTS.md", content, 1_000)).toEqual({ path: "AGENTS.md", sha256, text: "Run the tests." });
  });

  test("a file that is too long is cut after a whole line, and says so", () => {
    const { text } = takeFile("AGENTS.md", "one\ntwo\nthréé", 9);
    expect(text).toBe("one\ntwo\n[cut here: over the limit]");
  });
});

describe("the instructions as an agent gets them", () => {
  test("each file stands under its name, word for word, within a fence that it cannot close", () => {
    const content = "Keep it small.\n````js\n@decorator\n````";
    const text = renderInstructions(COMMIT, [takeFile("CLAUDE.md", content, 1_000)]);
    expect(text).toContain(`at commit ${COMMIT}`);
    expect(text).toContain(`## CLAUDE.md\n\n\`\`\`\`\`text\n${content}\n\`\`\`\`\`\n`);
  });

  test("the same text under two names, as where one is a link to the other, comes once under both", () => {
    const files = ["CLAUDE.md", "AGENTS.md"].map((path) => takeFile(path, "Keep it small.", 1_000));
    const text = renderInstructions(COMMIT, files);
    expect(text).toContain("## CLAUDE.md, AGENTS.md\n");
    expect(text.split("Keep it small.")).toHaveLength(2);
  });
});
