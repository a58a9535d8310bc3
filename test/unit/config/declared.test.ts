import { describe, expect, test } from "vitest";
import { findDeclaredValues, readDeclaredSecrets } from "../../../src/config/declared.ts";
import { listSecretNames, narrowSettings } from "../../../src/config/repository.ts";
import { parsePolicy } from "../../../src/domain/egress/policy.ts";
import { GUEST_ENV } from "../../../src/domain/sandbox/env.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { isReservedVariable } from "../../../src/domain/secrets/declared.ts";
import type { Settings } from "../../../src/domain/settings.ts";
import type { Trigger } from "../../../src/domain/task.ts";
import { guestEnv } from "../../../src/gateway/tunnel/guest-env.ts";
import { LABELLED, settingsOf } from "../../support/forge/fake-event.ts";

const MIRROR = "https://mirror.example.com";
const REGISTRIES = { npm: [MIRROR], pypi: [MIRROR], go: [MIRROR] };

const PATH = ".github/airlock.yml";
const DECLARED = { name: "NPM_TOKEN", host: "registry.example.com", header: "authorization" } as const;

function read(source: string, trigger: Partial<Trigger> = {}): Settings {
  return narrowSettings({ agent: "claude-code", settings: settingsOf(), trigger: { ...LABELLED, ...trigger }, source, path: PATH });
}

function declare(fields: Readonly<Record<string, unknown>>): string {
  return `secrets: [${JSON.stringify({ ...DECLARED, ...fields })}]\n`;
}

describe("secrets of the repository's file", () => {
  test("are read with their host, header, methods and paths, and a label's profile adds its own", () => {
    const source = `${declare({ methods: ["GET", "HEAD"], paths: ["/@acme/**"], passes: ["jql"] })}profiles:\n  deps:\n    ${declare({ host: "pkg.example.com" })}`;
    expect(read(source, { label: "airlock:deps" }).network.secrets).toEqual([
      { ...DECLARED, methods: ["GET", "HEAD"], paths: ["/@acme/**"], passes: ["jql"] },
      { ...DECLARED, host: "pkg.example.com" },
    ]);
    expect(read(source).network.secrets).toHaveLength(1);
  });

  test.each([
    ["a value", { value: "x" }],
    ["a wildcard host", { host: "*.example.com" }],
    ["an address", { host: "203.0.113.7" }],
    ["a host with a port", { host: "registry.example.com:8443" }],
    ["a preset for a host", { host: "npm" }],
    ["a scheme", { host: "https://registry.example.com" }],
    ["a header that frames a message", { header: "content-length" }],
    ["a header with a line break", { header: "x\r\ny" }],
    ["a method that gives headers back", { methods: ["TRACE"] }],
    ["no method", { methods: [] }],
    ["a credential that may pass", { passes: ["authorization"] }],
    ["a cookie that may pass", { passes: ["cookie"] }],
    ["a path that reads two ways", { paths: ["/a/../b"] }],
    ["a variable of the runner", { name: "GITHUB_TOKEN" }],
    ["a name in lower case", { name: "npm_token" }],
    ["a name with an expression", { name: "$" + "{{ secrets.X }}" }],
  ])("cannot hold %s", (_what, fields) => {
    expect(() => read(declare(fields))).toThrow(
      expect.objectContaining({ code: "config.invalid", message: expect.stringContaining(`${PATH}:1:`) }),
    );
  });

  test("cannot take the name of a variable that Airlock, the runner or a tool gives a meaning to", () => {
    const own = [
      ...Object.keys(guestEnv({ proxyPort: 3128, readsTls: true, policy: parsePolicy({ allow: "npm\npypi\ngo", deny: "" }, REGISTRIES) })),
      ...Object.keys(GUEST_ENV),
    ];
    const others = [
      "GITHUB_ENV",
      "ACTIONS_RUNTIME_TOKEN",
      "RUNNER_TEMP",
      "INPUT_ALLOW",
      "NODE_OPTIONS",
      "LD_PRELOAD",
      "BASH_ENV",
      "ANTHROPIC_API_KEY",
      "AIRLOCK_SBX",
    ];
    expect([...own, ...others].filter((name) => !isReservedVariable(name))).toEqual([]);
    expect(["NPM_TOKEN", "CARGO_REGISTRIES_ACME_TOKEN", "SENTRY_AUTH_TOKEN", "PGPASSWORD"].filter(isReservedVariable)).toEqual([]);
  });
});

describe("the values", () => {
  test("come from the variable of the same name, one for all hosts of a name", () => {
    const twice = [DECLARED, { ...DECLARED, host: "pkg.example.com" }];
    const [first, second] = readDeclaredSecrets(twice, { NPM_TOKEN: "npm_0123456789" }, []);
    expect(first?.value.reveal()).toBe("npm_0123456789");
    expect(second?.value).toBe(first?.value);
    expect(first?.value.name).toBe("NPM_TOKEN");
  });

  test.each([
    ["is empty", "", "input.missing"],
    ["is too short to be searched for", "abc1234", "input.invalid"],
    ["ends in a line break", "npm_0123456789\n", "input.invalid"],
    ["is another credential of the run", "ghs_the_job_token_itself", "input.invalid"],
  ])("are refused by name, never shown, when the variable %s", (_why, value, code) => {
    const reading = () => readDeclaredSecrets([DECLARED], { NPM_TOKEN: value }, [new Secret("ghs_the_job_token_itself", "github-token")]);
    expect(reading).toThrow(expect.objectContaining({ code, message: expect.stringContaining("NPM_TOKEN") }));
    if (value !== "") expect(reading).not.toThrow(value.trim());
  });
});

describe("prices of the repository's file", () => {
  test("are stated per million tokens; what is left out is counted from above", () => {
    expect(read("prices:\n  my-model: { input: 1, output: 4 }\n").limits.prices).toEqual({
      "my-model": { input: 1, output: 4, cacheRead: 1, cacheWrite: 2, cacheWriteLong: 2 },
    });
  });

  test("of several layers add up to the dearer", () => {
    const source = "prices:\n  m: { input: 3, output: 4 }\nprofiles:\n  x:\n    prices:\n      m: { input: 1, output: 9 }\n";
    expect(read(source, { label: "airlock:x" }).limits.prices?.["m"]).toMatchObject({ input: 3, output: 9 });
  });

  test.each(["prices:\n  m: { input: -1, output: 4 }\n", "prices:\n  m: { input: 1 }\n", "prices:\n  'a b': { input: 1, output: 1 }\n"])(
    "are refused when they are no prices: %j",
    (source) => {
      expect(() => read(source)).toThrow(expect.objectContaining({ code: "config.invalid" }));
    },
  );
});

describe("for a job that only searches", () => {
  test("the names of the whole file count, whatever label or command declares them, each once", () => {
    const source = [
      declare({}),
      `profiles: { deps: { ${declare({ host: "pkg.example.com" }).trim()} }, docs: { ${declare({ name: "DOCS_TOKEN" }).trim()} } }\n`,
      `commands: { fix: { ${declare({ name: "FIX_TOKEN" }).trim()} } }\n`,
    ].join("");
    expect(listSecretNames(source, PATH)).toEqual(["NPM_TOKEN", "DOCS_TOKEN", "FIX_TOKEN"]);
    expect(listSecretNames("model: x\n", PATH)).toEqual([]);
    expect(listSecretNames(undefined, PATH)).toEqual([]);
    expect(() => listSecretNames("secrets: 7\n", PATH)).toThrow(expect.objectContaining({ code: "config.invalid" }));
  });

  test("a value is good enough when it can be searched for; the others are named", () => {
    const env = { A: "12345678", B: " a key with blanks\n", C: "1234567", D: "x".repeat(8_193), E: "   \n" };
    const found = findDeclaredValues(["A", "B", "C", "D", "E", "F"], env);
    expect(found.values.map((value) => [value.name, value.reveal()])).toEqual([
      ["A", "12345678"],
      ["B", "a key with blanks"],
    ]);
    expect(found.missing).toEqual(["C", "D", "E", "F"]);
  });
});
