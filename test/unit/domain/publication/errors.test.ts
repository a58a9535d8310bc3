import { describe, expect, test } from "vitest";
import { AirlockError } from "../../../../src/domain/errors.ts";
import { nameSome, ontoItself, withCompareUrl } from "../../../../src/domain/publication/errors.ts";

describe("What a publication that fails says", () => {
  test("a pull request that the forge refused keeps its error and gets the page on which a person can open it", () => {
    const refused = new AirlockError("publish.permission", { message: "The token may not.", remedy: "Give it more." });
    const told = withCompareUrl(refused, "https://github.example/compare/main...airlock/issue-7");
    expect(told).toMatchObject({
      code: "publish.permission",
      message: "The token may not. The branch is pushed.",
      remedy: "Give it more. Or open it by hand: https://github.example/compare/main...airlock/issue-7",
      cause: refused,
    });
  });

  test("an error that is none of ours gets no advice", () => {
    const bug = new TypeError("x is not a function");
    expect(withCompareUrl(bug, "https://github.example")).toBe(bug);
  });

  test("five paths are named and the rest counted, each on one line", () => {
    expect(nameSome(["a", "b"])).toBe("a, b");
    expect(nameSome(["a", "b", "c", "d", "e", "f", "g"])).toBe("a, b, c, d, e and 2 more");
    expect(nameSome(["a\n::error::b"])).not.toContain("\n");
  });

  test("a branch's name cannot break out of the sentence that it stands in", () => {
    expect(ontoItself("x\n::error::y").message).not.toContain("\n");
  });
});
