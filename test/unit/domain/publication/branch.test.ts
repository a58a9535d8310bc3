import { describe, expect, test } from "vitest";
import { hashRequest, nameBranch } from "../../../../src/domain/publication/branch.ts";

describe("T7: the branch", () => {
  test.each([
    { title: "$(curl x) `rm`\n::add-mask::", expected: /^airlock\/curl-x-rm-add-mask-[0-9a-f]{8}$/ },
    { title: "ünï../..//.lock @{-1}", expected: /^airlock\/u-ni-lock-1-[0-9a-f]{8}$/ },
    { title: "修正", expected: /^airlock\/task-[0-9a-f]{8}$/ },
  ])("the branch of $title is plain", ({ title, expected }) => {
    expect(nameBranch({ prefix: "airlock/", target: { kind: "repository" }, title, requestSha256: "a".repeat(64) })).toMatch(expected);
  });

  test("the branch does not depend on a title that anybody can edit", () => {
    const target = { kind: "issue", number: 12 } as const;
    const names = ["a", "b"].map((title) => nameBranch({ prefix: "Bots/Air Lock/", target, title, requestSha256: "" }));
    expect(names).toEqual(["bots/air-lock/issue-12", "bots/air-lock/issue-12"]);
  });
});

describe("I17: the branch of a task without a number", () => {
  const name = (prompt: string, instruction = "") =>
    nameBranch({
      prefix: "airlock/",
      target: { kind: "repository" },
      title: "Nightly upkeep",
      requestSha256: hashRequest({ prompt, instruction }),
    });

  test("the branch of a task without a number is another one for every prompt, though all begin with the same line", () => {
    const prompts = ["Nightly upkeep\nUpdate the licences.", "Nightly upkeep\nSort the imports.", "Nightly upkeep"];
    const names = [...prompts.map((prompt) => name(prompt)), name("Nightly upkeep", "Sort the imports."), name("", "Nightly upkeep")];
    expect(new Set(names).size).toBe(names.length);
  });

  test("the branch of a task without a number is the same in every run of one workflow", () => {
    expect(name("Nightly upkeep\nSort the imports.\n")).toBe(name("Nightly upkeep\nSort the imports."));
  });
});
