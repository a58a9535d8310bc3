import { describe, expect, test } from "vitest";
import { isUnprotected, sourceOf } from "../../../../../src/domain/checks/locks/source.ts";

describe("The source of a locked package", () => {
  test.each([
    ["https://npm.example.org/team/x/-/x-1.0.0.tgz", "npm.example.org/team"],
    ["https://npm.example.org/team/@scope/x/-/x-1.0.0.tgz", "npm.example.org/team"],
    ["https://files.example.org/a/b/x.whl", "files.example.org"],
    ["git+ssh://git@github.com/Owner/Name.git#abc", "github.com/owner/name"],
    ["git@github.com:owner/name.git", "github.com/owner/name"],
    ["github:owner/name", "github.com/owner/name"],
    ["https://codeload.github.com/owner/name/tar.gz/abc", "codeload.github.com/owner/name"],
  ])("of %s is %s", (address, source) => {
    expect(sourceOf(address, true)).toBe(source);
  });

  test("is a forge alone where names say nothing", () => {
    expect(sourceOf("https://github.com/owner/name.git", false)).toBe("github.com");
  });

  test.each([
    ["http://example.org/x", true],
    ["git://example.org/x", true],
    ["registry+http://example.org", true],
    ["https://example.org/x", false],
    ["git+ssh://git@example.org/x", false],
  ])("%s is unprotected on its way: %s", (address, isOpen) => {
    expect(isUnprotected(address)).toBe(isOpen);
  });
});
