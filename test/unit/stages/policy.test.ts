import { expect, test } from "vitest";
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
