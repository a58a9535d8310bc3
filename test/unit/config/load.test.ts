import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AGENT_NAMES } from "../../../src/config/agents.ts";
import type { Config } from "../../../src/config/config.ts";
import { INPUT_NAMES, INPUTS, type InputName } from "../../../src/config/inputs.ts";
import { loadConfig, readConfig } from "../../../src/config/load.ts";
import { PROVIDER_NAMES } from "../../../src/config/providers.ts";
import { AirlockError } from "../../../src/domain/errors.ts";
import { rounds } from "../../support/fuzz.ts";

function load(given: Partial<Record<InputName, string>> = {}): Config {
  return loadConfig((name) => ({ "github-token": "ghs-test", ...given })[name] ?? "");
}

function failure(given: Partial<Record<InputName, string>>): AirlockError {
  try {
    load(given);
  } catch (error) {
    if (error instanceof AirlockError) return error;
    throw error;
  }
  throw new Error("the inputs were accepted");
}

describe("Inputs that are not set", () => {
  test("mean the defaults that action.yml states", () => {
    const asStated = loadConfig((name) => (name === "github-token" ? "ghs-test" : INPUTS[name].default));
    expect(load()).toEqual(asStated);
  });

  test("give the documented settings", () => {
    const { agent, provider, settings, configPath, credentials } = load();
    expect({ agent, provider }).toEqual({ agent: "claude-code", provider: "auto" });
    expect(settings).toMatchObject({
      mode: "auto",
      dryRun: false,
      agent: { version: "", args: [], command: [], model: "", modelTools: [] },
      sandbox: { cpus: 0, memoryMib: 0, setup: "auto" },
      network: { mode: "allowlist", allow: "auto", deny: "" },
      limits: { maxTurns: 0, maxCostUsd: 5, timeoutMs: 1_800_000 },
      trigger: { label: "airlock", phrase: "/airlock", allowedBots: [] },
      verification: { commands: "auto", verifyAttempts: 2 },
      gate: { maxFiles: 100, maxPatchBytes: 1_048_576, onProtected: "refuse" },
      publication: { kind: "auto", base: "", branchPrefix: "airlock/", draft: false, labels: [] },
    });
    expect(configPath).toBe(".github/airlock.yml");
    expect(credentials["anthropic-base-url"]).toBe("https://api.anthropic.com");
    expect(credentials["anthropic-api-key"]).toBeUndefined();
  });

  test("are the same as inputs of white space", () => {
    expect(loadConfig((name) => (name === "github-token" ? "ghs-test" : " \n"))).toEqual(load());
  });
});

describe("Legal values", () => {
  test.each<[Partial<Record<InputName, string>>, (config: Config) => unknown, unknown]>([
    [{ "model-tools": "web-search\nfile-search, web-search" }, ({ settings }) => settings.agent.modelTools, ["web-search", "file-search"]],
    [{ "timeout-minutes": " 5 " }, ({ settings }) => settings.limits.timeoutMs, 300_000],
    [{ "timeout-minutes": "360" }, ({ settings }) => settings.limits.timeoutMs, 21_600_000],
    [{ "max-cost-usd": "2.50" }, ({ settings }) => settings.limits.maxCostUsd, 2.5],
    [{ allow: "auto\nexample.com" }, ({ settings }) => settings.network.allow, "auto\nexample.com"],
    [{ allow: "none", setup: "none" }, ({ settings }) => [settings.network.allow, settings.sandbox.setup], ["none", "none"]],
    [{ "max-turns": "0" }, ({ settings }) => settings.limits.maxTurns, 0],
    [{ "verify-attempts": "0" }, ({ settings }) => settings.verification.verifyAttempts, 0],
    [{ draft: "true" }, ({ settings }) => settings.publication.draft, true],
    [{ draft: "False" }, ({ settings }) => settings.publication.draft, false],
    [{ "dry-run": "TRUE" }, ({ settings }) => settings.dryRun, true],
    [{ labels: "bug, needs review\nplain\n" }, ({ settings }) => settings.publication.labels, ["bug", "needs review", "plain"]],
    [{ "trigger-assignee": "airlock-bot" }, ({ settings }) => settings.trigger.assignee, "airlock-bot"],
    [{ comments: "everyone" }, ({ settings }) => settings.trigger.comments, "everyone"],
    [{ "max-runs-per-hour": "3" }, ({ settings }) => settings.trigger.maxRunsPerHour, 3],
    [{ "max-event-age-hours": "72" }, ({ settings }) => settings.trigger.maxAgeMs, 259_200_000],
    [{}, ({ settings }) => settings.trigger.maxAgeMs, 86_400_000],
    [{ "allowed-bots": "renovate[bot]" }, ({ settings }) => settings.trigger.allowedBots, ["renovate[bot]"]],
    [{ "agent-args": "--verbose\n\n  --name=a b\r\n" }, ({ settings }) => settings.agent.args, ["--verbose", "--name=a b"]],
    [{ agent: "command", "agent-command": "sh\n-c\ntrue" }, ({ settings }) => settings.agent.command, ["sh", "-c", "true"]],
    [{ prompt: "Line one\n\tline two" }, ({ settings }) => settings.prompt, "Line one\n\tline two"],
    [{ "anthropic-base-url": "http://127.0.0.1:8787/" }, ({ credentials }) => credentials["anthropic-base-url"], "http://127.0.0.1:8787"],
    [{ "openai-base-url": "https://models.example/v1/" }, ({ credentials }) => credentials["openai-base-url"], "https://models.example/v1"],
    [{ "anthropic-api-key": " sk-test-000\n" }, ({ credentials }) => credentials["anthropic-api-key"]?.reveal(), "sk-test-000"],
  ])("of %o are read", (given, pick, expected) => {
    expect(pick(load(given))).toEqual(expected);
  });
});

describe("A value that is not legal", () => {
  test.each<[InputName, string, string]>([
    ["mode", "fixx", "one of `auto`, `fix`, `review`, `task`"],
    ["agent", "copilot", "one of `claude-code`, `command`"],
    ["timeout-minutes", "abc", "a whole number of minutes from 1 to 360"],
    ["timeout-minutes", "0", "a whole number of minutes from 1 to 360"],
    ["timeout-minutes", "361", "a whole number of minutes from 1 to 360"],
    ["timeout-minutes", "1e2", "a whole number of minutes from 1 to 360"],
    ["timeout-minutes", "0x10", "a whole number of minutes from 1 to 360"],
    ["timeout-minutes", "-5", "a whole number of minutes from 1 to 360"],
    ["max-cost-usd", "5,00", "an amount in US dollars"],
    ["max-cost-usd", "0", "an amount in US dollars"],
    ["max-cost-usd", "Infinity", "an amount in US dollars"],
    ["draft", "yes", "`true` or `false`"],
    ["draft", "1", "`true` or `false`"],
    ["agent-version", "latest", "an exact version"],
    ["agent-version", "^1.2.3", "an exact version"],
    ["agent-version", "1.2.3; rm -rf /", "an exact version"],
    ["model", "a b", "a model's name"],
    ["base", "../main", "a branch name"],
    ["base", "-main", "a branch name"],
    ["branch-prefix", "refs/../x", "the start of a branch name"],
    ["allowed-bots", "*", "without wildcards"],
    ["allowed-bots", "renovate*", "without wildcards"],
    ["labels", "a\u202eb", "label names"],
    ["title", "two\nlines", "one line"],
    ["anthropic-base-url", "http://models.example", "only to loopback"],
    ["anthropic-base-url", "http://127.0.0.1.models.example", "only to loopback"],
    ["anthropic-base-url", "https://user:pass@models.example", "without user"],
    ["anthropic-base-url", "file:///etc/passwd", "only to loopback"],
    ["config", "../airlock.yml", "a path inside the repository"],
    ["config", "/etc/airlock.yml", "a path inside the repository"],
    ["prompt", "a\u0000b", "without control characters"],
    ["prompt", "x".repeat(100_001), "at most 100000 characters"],
    ["setup", "a\u001b[2Jb", "without control characters"],
  ])("%s: %j is one error with the input's name, its value and what is legal", (name, value, legal) => {
    const error = failure({ [name]: value });
    expect(error).toMatchObject({ code: "input.invalid", id: "AL101", outcome: "error" });
    expect(error.message).toMatch(`Input \`${name}\` is `);
    expect(error.message).toMatch(`set it to ${INPUTS[name].legal}`);
    expect(error.message).toContain(legal);
    expect(error.remedy).toMatch(/^Correct /);
    expect(error.message.length).toBeLessThan(500);
  });

  test("is reported together with every other wrong input", () => {
    const error = failure({ mode: "x", "timeout-minutes": "abc", draft: "maybe" });
    for (const name of ["mode", "timeout-minutes", "draft"]) expect(error.message).toContain(`\`${name}\``);
  });

  test("leaves the others as they are, unless it decides who may start a run", () => {
    const read = (given: Partial<Record<InputName, string>>) =>
      readConfig((name) => ({ "github-token": "ghs-test", ...given })[name] ?? "");
    const { config, fault } = read({ "timeout-minutes": "soon", "trigger-label": "robot", agent: "codex" });
    expect(fault).toMatchObject({ code: "input.invalid", message: expect.stringContaining("`timeout-minutes`") });
    expect(config.settings).toMatchObject({ limits: { timeoutMs: 1_800_000 }, trigger: { label: "robot" } });
    expect(read({ agent: "codex" }).fault).toMatchObject({ code: "input.invalid" });
    expect(read({}).fault).toBeUndefined();
    for (const name of ["github-token", "trigger-phrase", "trigger-assignee", "max-runs-per-hour", "max-event-age-hours"] as const)
      expect(() => read({ [name]: "a\u0007 b" }), name).toThrow(expect.objectContaining({ code: "input.invalid" }));
  });

  test("is an empty GitHub token, too", () => {
    const error = failure({ "github-token": "" });
    expect(error).toMatchObject({ code: "input.missing", id: "AL102" });
    expect(error.message).toContain("Input `github-token` is empty");
    expect(error.remedy).toContain("Leave `github-token` out");
  });

  test("is never shown when it is a credential", () => {
    const error = failure({ "anthropic-api-key": "sk-real-1\nsk-real-2" });
    expect(error.message).toContain("Input `anthropic-api-key` has a value that is not a credential");
    expect(inspect(error, { depth: 9 })).not.toContain("sk-real");
  });
});

describe("An agent or a provider that this version does not run", () => {
  test.each<[InputName, string, readonly string[]]>([
    ...["codex", "gemini", "docker-agent", "kiro"].map((name): [InputName, string, readonly string[]] => ["agent", name, AGENT_NAMES]),
    ...["vercel", "docker", "cloudflare"].map((name): [InputName, string, readonly string[]] => [
      "provider",
      name,
      ["auto", ...PROVIDER_NAMES],
    ]),
  ])("%s: %s is refused with the ones that it runs", (input, name, runs) => {
    const error = failure({ [input]: name });
    expect(error).toMatchObject({ code: "input.invalid", id: "AL101" });
    const list = runs.map((word) => `\`${word}\``).join(", ");
    expect(error.message).toBe(`Input \`${input}\` is "${name}"; set it to one of ${list}.`);
  });
});

describe("Inputs that contradict each other", () => {
  test("an agent `command` without a command is refused", () => {
    const error = failure({ agent: "command" });
    expect(error.code).toBe("input.missing");
    expect(error.message).toContain("`agent-command`");
  });

  test("a command for an agent that takes none is refused", () => {
    expect(failure({ "agent-command": "true" })).toMatchObject({ code: "input.invalid" });
  });
});

describe("Any text at all", () => {
  test("is either read or refused with an AirlockError that names the input", () => {
    const anything = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("true", "0", "-1", "1e9", "null", "${{ x }}"));
    fc.assert(
      fc.property(fc.constantFrom(...INPUT_NAMES), anything, (name, value) => {
        try {
          load({ [name]: value });
        } catch (error) {
          if (!(error instanceof AirlockError)) throw error;
          expect(error.message).toContain(`\`${name}\``);
        }
      }),
      { numRuns: rounds(500) },
    );
  });
});
