import { expect, test } from "vitest";
import { renderLimits } from "../../../../src/domain/prompt/instructions.ts";
import type { Settings } from "../../../../src/domain/settings.ts";
import { settingsOf } from "../../../support/forge/fake-event.ts";

function limitsOf(network: Partial<Settings["network"]>): readonly string[] {
  const settings = settingsOf();
  return renderLimits({ ...settings, network: { ...settings.network, ...network } });
}

function networkOf(network: Partial<Settings["network"]>): readonly string[] {
  return limitsOf(network).filter((line) => /^(?:Network|Refused)/.test(line));
}

test("the agent is told what it may reach, in the words of the workflow without its comments", () => {
  const allow = "npm  # the registry\n\nGET,HEAD docs.example.com/**\n# nothing\nnpm\n";
  expect(networkOf({ mode: "allowlist", allow, deny: "evil.example.com" })).toEqual([
    "Network: only these hosts are allowed; a word without a dot stands for the package registry of that ecosystem (`auto`: of those that the repository uses), for reading: `npm`, `GET,HEAD docs.example.com/**`",
    "Refused whatever else is allowed: `evil.example.com`",
  ]);
});

test("without a rule the agent is told that no host is allowed", () => {
  expect(networkOf({ mode: "allowlist", allow: "", deny: "" })).toEqual(["Network: no host is allowed."]);
  expect(networkOf({ mode: "none", allow: "npm", deny: "" })).toEqual(["Network: none but the model."]);
  expect(networkOf({ mode: "audit", allow: "npm", deny: "" })).toEqual(["Network: every public host, logged."]);
});

test("a list of any length takes a bounded part of the prompt", () => {
  const allow = Array.from({ length: 500 }, (_, index) => `h${index}.example.com`).join("\n");
  const [line = ""] = networkOf({ mode: "allowlist", allow, deny: "" });
  expect(line).toContain("`h59.example.com`, and 440 more");
  expect(line).not.toContain("h60.example.com");
});

test("the agent is told how to read a tool that asks DNS, where there is a network at all", () => {
  const told = (mode: Settings["network"]["mode"]): boolean => limitsOf({ mode }).some((line) => line.includes("`HTTPS_PROXY`"));
  expect([told("allowlist"), told("audit"), told("none")]).toEqual([true, true, false]);
});
