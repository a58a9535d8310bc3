import { describe, expect, test } from "vitest";
import type { Config } from "../../../src/config/config.ts";
import { chooseProvider, requireCredentials, secretsOf } from "../../../src/config/credentials.ts";
import type { InputName } from "../../../src/config/inputs.ts";
import { loadConfig } from "../../../src/config/load.ts";

const TOKEN = { "github-token": "ghs-test" } as const;
const KEY = { "anthropic-api-key": "sk-test-000" } as const;

function load(given: Partial<Record<InputName, string>>): Config {
  return loadConfig((name) => ({ ...TOKEN, ...given })[name] ?? "");
}

describe("Credentials", () => {
  test("are enough as a GitHub token and an API key", () => {
    expect(() => requireCredentials(load({ ...KEY }))).not.toThrow();
  });

  test("are enough as a GitHub token and a Claude Code token", () => {
    expect(() => requireCredentials(load({ "claude-code-oauth-token": "oat-test" }))).not.toThrow();
  });

  test("are enough as a GitHub token for the agent `command`", () => {
    expect(() => requireCredentials(load({ agent: "command", "agent-command": "true" }))).not.toThrow();
  });

  test.each<[Partial<Record<InputName, string>>, string, string]>([
    [TOKEN, "Input `anthropic-api-key` is empty", "Set `anthropic-api-key` or `claude-code-oauth-token` from a repository secret."],
  ])("with %o alone are refused with the missing input's name", (given, message, remedy) => {
    const config = load(given);
    expect(() => requireCredentials(config)).toThrow(
      expect.objectContaining({
        code: "input.missing",
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(remedy),
      }),
    );
  });

  test.each([
    ["e2b", "e2b-api-key"],
    ["sprites", "sprites-token"],
  ] as const)("of the provider %s are missed by name", (provider, input) => {
    const config = load({ ...KEY, provider });
    expect(() => requireCredentials(config)).toThrow(
      expect.objectContaining({
        code: "input.missing",
        message: expect.stringContaining(`Input \`${input}\` is empty`),
        remedy: expect.stringContaining("`microvm`"),
      }),
    );
  });

  test("that were given are all listed, and empty ones are not", () => {
    const values = secretsOf(load({ ...KEY, "e2b-api-key": "e2b-test" })).map((secret) => secret.reveal());
    expect(values.toSorted()).toEqual(["e2b-test", "ghs-test", "sk-test-000"]);
    expect(secretsOf(load({})).map((secret) => secret.name)).toEqual(["github-token"]);
  });

  test("do not show in the configuration's own print-out", () => {
    expect(JSON.stringify(load({ ...KEY }))).not.toMatch(/ghs-test|sk-test-000/);
  });
});

describe("Provider `auto`", () => {
  test("is the runner itself without a cloud credential", () => {
    expect(chooseProvider(load(KEY))).toBe("microvm");
  });

  test.each([
    ["e2b", { "e2b-api-key": "k" }],
    ["sprites", { "sprites-token": "k" }],
  ] as const)("is %s with its credential", (provider, given) => {
    expect(chooseProvider(load(given))).toBe(provider);
  });
});
