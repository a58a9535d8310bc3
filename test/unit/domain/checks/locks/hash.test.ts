import { describe, expect, test } from "vitest";
import { compareHashes, type HashChange, hashOf, looksLikeHash } from "../../../../../src/domain/checks/locks/hash.ts";

const HEX = "0123456789abcdef".repeat(4);
const SHA1 = "sha1-aaaaaaaaaaaaaaaaaaaaaaaaaaa";
const SHA256 = "sha256-bbbbbbbbbbbbbbbbbbbbbbbbbbb";
const SHA512 = "sha512-ccccccccccccccccccccccccccc";
const OTHER_512 = "sha512-ddddddddddddddddddddddddddd";

describe("The hash of a locked package", () => {
  test.each([
    [`sha256:${HEX}`, `sha256-${HEX}`],
    [`sha256=${HEX}`, `sha256-${HEX}`],
    [HEX, `sha256-${HEX}`],
    [`10c0/${HEX}`, `cache10c0-10c0/${HEX}`],
  ])("%s is one whatever its spelling", (text, hash) => {
    expect(looksLikeHash(text)).toBe(true);
    expect(hashOf(text, "checksum")).toBe(hash);
  });

  test.each(["1.0.0", "https://example.org/x.tgz", "sha512", ""])("%j is none", (text) => {
    expect(looksLikeHash(text)).toBe(false);
  });

  const changes: readonly (readonly [string[], string[], boolean, HashChange])[] = [
    [[SHA512], [SHA512], true, undefined],
    [[], [SHA512], true, undefined],
    [[SHA512], [], true, "gone"],
    [[SHA512], [OTHER_512], true, "swapped"],
    [[SHA512], [OTHER_512], false, "swapped"],
    [[SHA512], [SHA512, OTHER_512], true, "swapped"],
    [[SHA512], [SHA512, OTHER_512], false, "added"],
    [[SHA1], [SHA1, SHA512], true, undefined],
    [[SHA512, SHA256], [SHA256], true, "weakened"],
    [[SHA512, SHA256], [SHA256], false, undefined],
  ];
  test.each(changes)("from %j to %j, of one archive: %s, is %s", (before, now, one, change) => {
    expect(compareHashes(new Set(before), new Set(now), one)).toBe(change);
  });
});
