import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deniesAll } from "../../../../../src/adapters/sandbox/sprites/create.ts";
import { readApiUrl } from "../../../../../src/adapters/sandbox/sprites/endpoints.ts";
import { isOurName, isOurs, isOverdueSprite, labelsFor, nameFor, prefixOf } from "../../../../../src/adapters/sandbox/sprites/names.ts";
import { sandboxSpec } from "../../../../support/sandbox/sandbox-spec.ts";

const NOW_MS = 1_790_000_000_000;

describe("a sprite's name", () => {
  test("fits a host name, begins with its run's prefix, tells its deadline and is never given twice, whatever the run is called", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.nat(),
        fc.integer({ min: 1_000, max: 10 ** 9 }),
        (repository, runId, attempt, lifetimeMs) => {
          const spec = sandboxSpec({ run: { repository, runId, attempt }, lifetimeMs });
          const name = nameFor(spec, NOW_MS);
          expect(name).toMatch(/^[a-z0-9-]{1,48}$/);
          expect(isOurName(name) && name.startsWith(prefixOf(spec.run))).toBe(true);
          expect(isOverdueSprite({ name }, NOW_MS + lifetimeMs)).toBe(false);
          expect(isOverdueSprite({ name }, NOW_MS + lifetimeMs + 1_001)).toBe(true);
          expect(nameFor(spec, NOW_MS)).not.toBe(name);
          for (const label of labelsFor(spec, NOW_MS)) expect(label).toMatch(/^[a-z0-9-]{1,63}$/);
        },
      ),
    );
  });

  test("differs by repository, run and attempt, and not by how their words are put together", () => {
    const prefixes = [
      { repository: "a/b", runId: "1", attempt: 1 },
      { repository: "a/b", runId: "1", attempt: 2 },
      { repository: "a/b", runId: "11", attempt: 1 },
      { repository: "a/b1", runId: "1", attempt: 1 },
    ].map(prefixOf);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });

  test.each([
    "airlock-",
    "airlock-notes",
    "production",
    "airlock-0123456789ab-aaaaaa-012345678",
    "x-airlock-0123456789ab-aaaaaa-0123456789",
  ])("%s is none of ours", (name) => {
    expect(isOurName(name)).toBe(false);
    expect(isOverdueSprite({ name }, Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  test("is not ours when its labels say otherwise", () => {
    const name = "airlock-0123456789ab-aaaaaa-0123456789";
    expect([isOurs({ name }), isOurs({ name, labels: ["airlock"] }), isOurs({ name, labels: [] })]).toEqual([true, true, false]);
  });
});

describe("a network policy", () => {
  test.each([
    [[{ domain: "*", action: "deny" }], true],
    [
      [
        { domain: "*", action: "deny" },
        { domain: "example.com", action: "deny" },
      ],
      true,
    ],
    [[], false],
    [[{ domain: "*", action: "allow" }], false],
    [
      [
        { domain: "*", action: "deny" },
        { domain: "a.example", action: "allow" },
      ],
      false,
    ],
    [[{ domain: "*", action: "deny" }, { include: "defaults" }], false],
    [[{ domain: "*", action: "deny", include: "defaults" }], false],
    [[{ domain: "*.com", action: "deny" }], false],
    [[{ domain: "*", action: "DENY" }], false],
  ])("of %j denies everything: %s", (rules, expected) => {
    expect(deniesAll(rules)).toBe(expected);
  });
});

describe("SPRITES_API_URL", () => {
  test.each([
    [undefined, "https://api.sprites.dev"],
    ["", "https://api.sprites.dev"],
    ["https://sprites.example/base/", "https://sprites.example/base"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://[::1]:8080/", "http://[::1]:8080"],
  ])("%s leads to %s", (SPRITES_API_URL, url) => {
    expect(readApiUrl({ SPRITES_API_URL })).toBe(url);
  });

  test.each(["http://sprites.example", "ftp://127.0.0.1", "https://user@sprites.example", "https://sprites.example/?a=b", "nonsense"])(
    "%s is refused by the variable's name",
    (SPRITES_API_URL) => {
      expect(() => readApiUrl({ SPRITES_API_URL })).toThrow(/SPRITES_API_URL/);
    },
  );
});
