import { describe, expect, test } from "vitest";
import { decide, decideRequest } from "../../../src/domain/egress/policy.ts";
import type { Settings } from "../../../src/domain/settings.ts";
import { resolvePolicy } from "../../../src/stages/policy.ts";

function settings(network: Partial<Settings["network"]>): Settings {
  return { network: { mode: "allowlist", allow: "", deny: "", ...network } } as Settings;
}

const PLACES = { forgeUrl: "https://github.com/octo/demo.git", modelUrl: "https://api.anthropic.com" };

const readNone = async (): Promise<never> => {
  throw new Error("no registry is needed");
};

test("hosts alone ask no package manager", async () => {
  const policy = await resolvePolicy({
    settings: settings({ allow: "example.com\nGET example.org/x" }),
    readRegistries: readNone,
    ...PLACES,
  });
  expect(policy.mode).toBe("allowlist");
  expect(policy.egress.allow).toHaveLength(2);
});

test("a preset takes in the registries of this runner", async () => {
  const policy = await resolvePolicy({
    settings: settings({ allow: "npm" }),
    readRegistries: async () => ({ npm: ["https://mirror.example.com/"] }),
    ...PLACES,
  });
  expect(policy.egress.allow[0]).toMatchObject({
    text: "npm",
    pattern: { kind: "host", host: "mirror.example.com" },
    port: 443,
    methods: ["GET", "HEAD"],
  });
});

test("a preset without a registry stops the run instead of allowing nothing in silence", async () => {
  const resolving = resolvePolicy({
    settings: settings({ allow: "npm\ncargo" }),
    readRegistries: async () => ({ npm: ["https://mirror.example.com/"] }),
    ...PLACES,
  });
  await expect(resolving).rejects.toMatchObject({ code: "policy.invalid", message: expect.stringContaining("`cargo`") });
});

test("none allows no host, and a bad line is an error all the same", async () => {
  const policy = await resolvePolicy({
    settings: settings({ mode: "none", allow: "example.com\nnpm" }),
    readRegistries: readNone,
    ...PLACES,
  });
  expect(policy).toMatchObject({ mode: "none", egress: { allow: [], deny: [] } });
  await expect(
    resolvePolicy({ settings: settings({ mode: "none", allow: "*" }), readRegistries: readNone, ...PLACES }),
  ).rejects.toMatchObject({
    code: "policy.invalid",
  });
});

const TOKEN = { name: "SERVICE_TOKEN", host: "api.example.com", header: "authorization" };

test.each([
  { why: "no rule names its host", allow: "other.example.com", remedy: "GET,HEAD api.example.com/**" },
  { why: "its host is open to every method and path", allow: "api.example.com", remedy: "GET,HEAD api.example.com/**" },
  {
    why: "another port is open to every method",
    allow: "GET api.example.com/**\napi.example.com:8443",
    remedy: "GET,HEAD api.example.com/**",
  },
  { why: "only another port is allowed", allow: "GET api.example.com:8443/**", remedy: "allow" },
  { why: "a deny line names its host", allow: "GET *.example.com/**", deny: "api.example.com", remedy: "allow" },
  { why: "the run has no network", allow: "GET api.example.com/**", mode: "none", remedy: "network" },
  { why: "its host is the model's", allow: "GET api.anthropic.com/**", host: "api.anthropic.com", remedy: "input" },
  { why: "it could write to the forge", allow: "github", host: "api.github.com", remedy: "methods" },
  { why: "it could push to the forge", allow: "github", host: "github.com", methods: ["GET", "POST"], remedy: "git-upload-pack" },
] as const)("a declared secret is refused before anything starts when $why", async ({ allow, remedy, ...more }) => {
  const {
    deny = "",
    mode = "allowlist",
    host = TOKEN.host,
    methods,
  } = { deny: undefined, mode: undefined, host: undefined, methods: undefined, ...more };
  const secret = { ...TOKEN, host, ...(methods === undefined ? {} : { methods }) };
  const given = settings({ allow, deny, mode, secrets: [secret] });
  await expect(resolvePolicy({ settings: given, readRegistries: async () => ({}), ...PLACES })).rejects.toMatchObject({
    code: "config.invalid",
    message: expect.stringContaining("SERVICE_TOKEN"),
    remedy: expect.stringContaining(remedy),
  });
});

test("a declared secret passes where the workflow says what may be done on its host, and reading the forge is such a thing", async () => {
  const secrets = [TOKEN, { ...TOKEN, host: "github.com", methods: ["GET", "POST"], paths: ["/octo/private.git/git-upload-pack"] }];
  const given = settings({ allow: "GET,HEAD api.example.com/**\ngithub", secrets });
  const policy = await resolvePolicy({ settings: given, readRegistries: async () => ({}), ...PLACES });
  expect(policy.egress.allow.length).toBeGreaterThan(1);
});

const BOTH = { npm: ["https://registry.example.com/", "https://scope.example.com/"] };
const LOCK = JSON.stringify({
  packages: { a: { resolved: "https://registry.example.com/a.tgz" }, b: { resolved: "https://evil.com/b.tgz" } },
});

function readLock(path: string): Promise<string | undefined> {
  return path === "package-lock.json"
    ? Promise.resolve(LOCK)
    : path === "yarn.lock"
      ? Promise.reject(new Error("too large"))
      : Promise.resolve(undefined);
}

test("I11: lockfiles at the base narrow presets where the repository asks for it, tell of other hosts, and never add one", async () => {
  const given = { readRegistries: async () => BOTH, readBase: readLock, ...PLACES };
  const locked = await resolvePolicy({ settings: settings({ allow: "npm", deny: "npm", presets: "locked" }), ...given });
  const hosts = (rules: typeof locked.egress.allow) => [
    ...new Set(rules.map(({ pattern }) => (pattern.kind === "host" ? pattern.host : ""))),
  ];
  expect(hosts(locked.egress.allow)).toEqual(["registry.example.com"]);
  expect(hosts(locked.egress.deny)).toEqual(["registry.example.com", "scope.example.com"]);
  const free = await resolvePolicy({ settings: settings({ allow: "npm" }), ...given });
  expect(hosts(free.egress.allow)).toEqual(["registry.example.com", "scope.example.com"]);
  expect(free.unlisted).toEqual(["evil.com"]);
});

test("without a preset no lockfile is read", async () => {
  const policy = await resolvePolicy({
    settings: settings({ allow: "example.com" }),
    readRegistries: readNone,
    readBase: readNone,
    ...PLACES,
  });
  expect(policy).not.toHaveProperty("unlisted");
});

const NPM = { tool: "npm", folder: "", file: "package-lock.json", words: [], locked: true } as const;
const CRATE = { tool: "cargo", folder: "", file: "Cargo.lock", words: [], locked: true } as const;
const MIRROR = { host: "mirror.example.com", port: 443 };
const MIRRORS = { npm: ["https://mirror.example.com/"], pypi: ["https://pypi.example.com/"] };

describe("`auto` in `allow`", () => {
  const resolve = async (network: Partial<Settings["network"]>, more: Partial<Parameters<typeof resolvePolicy>[0]> = {}) =>
    await resolvePolicy({ settings: settings(network), projects: [NPM], readRegistries: async () => MIRRORS, ...PLACES, ...more });
  const textsOf = (policy: Awaited<ReturnType<typeof resolve>>) => [...new Set(policy.egress.allow.map(({ text }) => text))];

  test("opens the preset of what was found, for reading, and nothing else", async () => {
    const policy = await resolve({ allow: "auto" });
    expect(textsOf(policy)).toEqual(["npm"]);
    expect(decideRequest(policy.egress, { host: "mirror.example.com", port: 443, method: "GET", path: "/x" }).verdict).toBe("allow");
    expect(decideRequest(policy.egress, { host: "mirror.example.com", port: 443, method: "PUT", path: "/x" }).verdict).toBe("deny");
    expect(policy.choices).toEqual([{ project: NPM, preset: "npm", state: "open", places: [MIRROR] }]);
  });

  test("is added to by other lines, and a value without it has none of it", async () => {
    expect(textsOf(await resolve({ allow: "example.com\nauto" }))).toEqual(["example.com", "npm"]);
    const without = await resolve({ allow: "example.com" });
    expect(textsOf(without)).toEqual(["example.com"]);
    expect(without.choices).toEqual([{ project: NPM, preset: "npm", state: "closed", places: [MIRROR] }]);
  });

  test("is beaten by `deny` and by `network: none`", async () => {
    const denied = await resolve({ allow: "auto", deny: "npm" });
    expect(decide(denied.egress, "mirror.example.com", 443).verdict).toBe("deny");
    expect(denied.choices?.[0]?.state).toBe("closed");
    const none = await resolve({ allow: "auto", mode: "none" }, { readRegistries: readNone });
    expect(none).toMatchObject({ egress: { allow: [], deny: [] }, choices: [{ state: "closed" }] });
  });

  test("asks no package manager where nothing was found", async () => {
    expect((await resolve({ allow: "auto" }, { projects: [], readRegistries: readNone })).egress.allow).toEqual([]);
  });

  test("tells of an ecosystem without a configured registry instead of stopping the run, as a preset that was asked for does", async () => {
    const policy = await resolve({ allow: "auto" }, { projects: [CRATE] });
    expect(policy).toMatchObject({ egress: { allow: [] }, choices: [{ preset: "cargo", state: "unconfigured" }] });
    await expect(resolve({ allow: "auto\ncargo" }, { projects: [CRATE] })).rejects.toMatchObject({ code: "policy.invalid" });
  });

  test("opens no host that only a lockfile names, and is narrowed as a preset is", async () => {
    const both = { npm: ["https://mirror.example.com/", "https://scope.example.com/"] };
    const lock = JSON.stringify({
      packages: { a: { resolved: "https://mirror.example.com/a.tgz" }, b: { resolved: "https://evil.example/b.tgz" } },
    });
    const readBase = async (path: string) => (path === "package-lock.json" ? lock : undefined);
    const given = { readRegistries: async () => both, readBase };
    const whole = await resolve({ allow: "auto" }, given);
    expect(decide(whole.egress, "scope.example.com", 443).verdict).toBe("allow");
    expect(decide(whole.egress, "evil.example", 443).verdict).toBe("deny");
    expect(whole.unlisted).toEqual(["evil.example"]);
    const narrowed = await resolve({ allow: "auto", presets: "locked" }, given);
    expect(decide(narrowed.egress, "scope.example.com", 443).verdict).toBe("deny");
    expect(decide(narrowed.egress, "mirror.example.com", 443).verdict).toBe("allow");
  });
});
