import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { narrowSettings, parseRepositoryConfig, renderRepositorySchema } from "../../../src/config/repository.ts";
import type { Trigger } from "../../../src/domain/task.ts";
import { LABELLED, settingsOf } from "../../support/forge/fake-event.ts";

const PATH = ".github/airlock.yml";

function narrowed(source: string, settings = settingsOf(), trigger: Partial<Trigger> = {}) {
  return narrowSettings({ agent: "claude-code", settings, trigger: { ...LABELLED, ...trigger }, source, path: PATH });
}

describe("the repository's file", () => {
  test.each([
    ["an unknown key", "max-turns: 5\nmax-tunrs: 6\n", `${PATH}:2:`],
    ["a key that the workflow's inputs do not have either", "draft: true\nattempts: 1\n", `${PATH}:2: Unrecognized key: "attempts"`],
    ["a wrong type, in a profile", "profiles:\n  docs:\n    max-turns: many\n", `${PATH}:3:`],
    ["a repeated key", "draft: true\ndraft: true\n", `${PATH}:2:`],
    ["broken YAML", "allow:\n  - a\n - b\n", `${PATH}:`],
    ["an alias", "allow: &a [x.example]\ndeny: *a\n", `${PATH}`],
    ["a list where a map belongs", "- a\n", `${PATH}:1:`],
  ])("is refused with its line for %s", (_name, source, place) => {
    const parse = () => parseRepositoryConfig(source, PATH);
    expect(parse).toThrow(expect.objectContaining({ code: "config.invalid", message: expect.stringContaining(place) }));
  });

  test("may be empty, or absent", () => {
    expect(parseRepositoryConfig("# nothing yet\n", PATH)).toEqual({});
    const settings = settingsOf();
    expect(narrowSettings({ agent: "claude-code", settings, trigger: LABELLED, source: undefined, path: PATH })).toEqual(settings);
  });

  test("has a JSON schema that says the same", () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(renderRepositorySchema()));
    expect(validate({ "max-turns": 5, profiles: { docs: { network: "none" } } })).toBe(true);
    expect(validate({ "max-tunrs": 5 })).toBe(false);
    expect(validate({ network: "audit" })).toBe(false);
  });
});

describe("I11: the file narrows", () => {
  test("limits to the smaller value, and sets one where the workflow has none", () => {
    const { limits, gate } = narrowed("max-turns: 9\nmax-cost-usd: 50\ntimeout-minutes: 5\nmax-patch-kib: 10\n");
    expect(limits).toEqual({ maxTurns: 9, maxCostUsd: 5, timeoutMs: 300_000 });
    expect(gate.maxPatchBytes).toBe(10_240);
  });

  test("output tokens, requests per minute and models to what every part allows", () => {
    const source = `max-output-tokens: 9000
max-requests-per-minute: 30
models: [claude-sonnet-*, claude-haiku-5]
commands:
  review: { max-output-tokens: 500, max-requests-per-minute: 60, models: [claude-sonnet-5-5, claude-opus-5-5] }
`;
    expect(narrowed(source).limits).toMatchObject({
      maxOutputTokens: 9_000,
      maxRequestsPerMinute: 30,
      models: ["claude-sonnet-*", "claude-haiku-5"],
    });
    expect(narrowed(source, settingsOf(), { command: "review" }).limits).toMatchObject({
      maxOutputTokens: 500,
      maxRequestsPerMinute: 30,
      models: ["claude-sonnet-5-5"],
    });
  });

  test.each([
    ["models: []", "models"],
    ["models: ['*']", "models"],
    ["models: [a, 'b*c']", "models"],
    ["models: [claude-haiku-5]", "leaves out the model of this run"],
    ["models: [claude-sonnet-*]\ncommands: { fix: { models: [claude-opus-*] } }", "no model in common"],
    ["max-requests-per-minute: 601", "max-requests-per-minute"],
    ["max-output-tokens: 0", "max-output-tokens"],
  ])("and refuses %s", (source, message) => {
    expect(() => narrowed(`${source}\n`, settingsOf(), { command: "fix" })).toThrow(
      expect.objectContaining({ code: "config.invalid", message: expect.stringContaining(message) }),
    );
  });

  test("`auto`: the file's lines come after the installs, and its list of hosts may keep `auto` or leave it out", () => {
    const settings = settingsOf({ network: { allow: "auto\nexample.com" }, sandbox: { setup: "auto" } });
    const kept = narrowed("allow: [auto]\nsetup: make prepare\n", settings);
    expect([kept.network.allow, kept.sandbox.setup]).toEqual(["auto", "auto\nmake prepare"]);
    expect(narrowed("allow: [example.com]\n", settings).network.allow).toBe("example.com");
    expect(() => narrowed("allow: [npm]\n", settings)).toThrow("`npm`");
  });

  test("lists that forbid by adding, and lists that allow to a part", () => {
    const settings = settingsOf({ network: { allow: "npm\npypi", deny: "a.example" }, gate: { protectedPaths: ["docs/**"] } });
    const result = narrowed("allow: [npm]\ndeny: [b.example]\nprotected-paths: [src/**]\n", settings);
    expect(result.network).toEqual({ mode: "allowlist", allow: "npm", deny: "a.example\nb.example" });
    expect(result.gate.protectedPaths).toEqual(["docs/**", "src/**"]);
  });

  test.each([
    ["a host the workflow does not allow", "allow: [evil.example]\n", settingsOf({ network: { allow: "npm" } })],
    ["a path the workflow does not allow", "allowed-paths: ['**']\n", settingsOf({ gate: { allowedPaths: ["docs/**"] } })],
    ["more network than none", "network: allowlist\n", settingsOf({ network: { mode: "none" } })],
    ["drafts of protected paths where they are refused", "on-protected: draft\n", settingsOf()],
    ["a pull request where a patch is made", "publish: pull-request\n", settingsOf({ publication: { kind: "patch" } })],
    ["another mode", "mode: fix\n", settingsOf({ mode: "review" })],
    ["another model", "model: big\n", settingsOf({ agent: { model: "small" } })],
  ])("and is refused when it asks for %s", (_name, source, settings) => {
    expect(() => narrowed(source, settings)).toThrow(
      expect.objectContaining({ code: "config.invalid", remedy: expect.stringContaining("input") }),
    );
  });

  test("cannot switch on what only the workflow may", () => {
    for (const key of [
      "network: audit",
      "on-protected: allow",
      "draft: false",
      "allowed-bots: ['x[bot]']",
      "comments: everyone",
      "publish: push",
    ]) {
      expect(() => narrowed(`${key}\n`)).toThrow(expect.objectContaining({ code: "config.invalid" }));
    }
  });
});

describe("a profile", () => {
  const source =
    "max-turns: 50\nprofiles:\n  docs:\n    max-turns: 5\n    model: small\n    network: none\n    allowed-paths: ['docs/**']\ncommands:\n  review:\n    max-cost-usd: 1\n";

  test("holds for its label only", () => {
    const result = narrowed(source, settingsOf(), { label: "Airlock:Docs" });
    expect(result).toMatchObject({
      limits: { maxTurns: 5 },
      agent: { model: "small" },
      network: { mode: "none" },
      gate: { allowedPaths: ["docs/**"] },
    });
    expect(narrowed(source, settingsOf(), { label: "airlock" })).toMatchObject({
      limits: { maxTurns: 50 },
      network: { mode: "allowlist" },
    });
  });

  test("of a command holds for the command", () => {
    expect(narrowed(source, settingsOf(), { command: "review" }).limits.maxCostUsd).toBe(1);
    expect(narrowed(source, settingsOf(), { command: "fix" }).limits.maxCostUsd).toBe(5);
    expect(narrowed(source, settingsOf(), { command: "retry" }).limits.maxCostUsd).toBe(5);
    expect(narrowed(source, settingsOf(), { command: "retry", repeats: "review" }).limits.maxCostUsd).toBe(1);
  });

  test("that does not exist stops the run", () => {
    expect(() => narrowed(source, settingsOf(), { label: "airlock:prod" })).toThrow(expect.objectContaining({ code: "config.invalid" }));
    expect(() => narrowed(source, settingsOf(), { label: "airlock:constructor" })).toThrow(
      expect.objectContaining({ code: "config.invalid" }),
    );
  });
});
