import { expect, test } from "vitest";
import { configuredPresets, hasAuto, stateOfPreset, writtenRules } from "../../../../src/domain/egress/auto.ts";
import { parsePolicy } from "../../../../src/domain/egress/policy.ts";

const REGISTRIES = { npm: ["https://mirror.example.com:8443/npm/"], cargo: [] };

test.each([
  ["auto", true],
  ["  auto  # what the base names", true],
  ["example.com\r\nauto", true],
  ["# auto", false],
  ["auto.example.com", false],
  ["Auto", false],
  ["npm", false],
  ["", false],
])("%j has a line `auto`: %s", (text, expected) => {
  expect(hasAuto(text)).toBe(expected);
});

test("the line `auto` is no host rule, and the lines after it keep their numbers", () => {
  expect(writtenRules("example.com\nauto\nexample.org")).toBe("example.com\n\nexample.org");
  expect(() => parsePolicy({ allow: writtenRules("auto\n*"), deny: "" })).toThrow("Line 2 of `allow`");
});

test("`none` alone stands for no rule; beside others it is an error", () => {
  expect(writtenRules(" none ")).toBe("");
  expect(() => parsePolicy({ allow: writtenRules("none\nexample.com"), deny: "" })).toThrow("neither a host name nor a preset");
});

test("a preset without a configured registry would open nothing", () => {
  expect(configuredPresets(["npm", "cargo", "composer", "nuget", "constructor"], REGISTRIES)).toEqual(["npm"]);
});

test.each([
  ["a preset", "npm", "", "allowlist", "open"],
  ["its host and port", "mirror.example.com:8443", "", "allowlist", "open"],
  ["another port of its host", "mirror.example.com", "", "allowlist", "closed"],
  ["nothing", "", "", "allowlist", "closed"],
  ["nothing, but everything is let through", "", "", "audit", "open"],
  ["a preset that `deny` beats", "npm", "npm", "allowlist", "closed"],
  ["everything but what is denied", "", "mirror.example.com", "audit", "closed"],
  ["a preset, without a network", "npm", "", "none", "closed"],
] as const)("with %s allowed, the registry of npm is told as it is", (_name, allow, deny, mode, expected) => {
  const policy = parsePolicy({ allow, deny }, REGISTRIES);
  expect(stateOfPreset("npm", { policy, mode, registries: REGISTRIES })).toBe(expected);
});

test("a registry that this runner does not name is told as such", () => {
  const policy = parsePolicy({ allow: "", deny: "" });
  expect(stateOfPreset("cargo", { policy, mode: "allowlist", registries: REGISTRIES })).toBe("unconfigured");
  expect(stateOfPreset("cargo", { policy, mode: "audit", registries: REGISTRIES })).toBe("open");
});
