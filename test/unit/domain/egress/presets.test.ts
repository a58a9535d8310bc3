import { expect, test } from "vitest";
import { decide, decideRequest, parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { expandPreset, PRESET_NAMES } from "../../../../src/domain/egress/presets.ts";
import { proposeAllow } from "../../../../src/domain/egress/proposal.ts";

const MIRROR = "https://mirror.example.com:8443/npm/";

test("a preset stands for the registries that are configured, read-only", () => {
  expect(expandPreset("npm", { npm: [MIRROR] })).toEqual([
    "GET,HEAD mirror.example.com:8443/**",
    "POST mirror.example.com:8443/npm/-/npm/v1/security/advisories/bulk",
    "POST mirror.example.com:8443/npm/-/npm/v1/security/audits/quick",
    "POST mirror.example.com:8443/npm/-/npm/v1/security/audits",
  ]);
  expect(expandPreset("debian", { apt: ["http://deb.example.com/debian/", "http://deb.example.com/security"] })).toEqual([
    "GET,HEAD deb.example.com:80/**",
  ]);
});

test("a registry by address, with a user name or of another scheme never widens a preset", () => {
  expect(expandPreset("pypi", { pypi: ["https://user:pw@mirror.example.com/simple"] })).toEqual(["GET,HEAD mirror.example.com:443/**"]);
  expect(expandPreset("pypi", { pypi: ["file:///srv", "ftp://x", "", "not a url", "https://"] })).toEqual([]);
  expect(expandPreset("pypi", { pypi: ["https://[2001:db8::1]:8443/"] })).toEqual(["GET,HEAD [2001:db8::1]:8443/**"]);
});

test("no object's own property is a preset", () => {
  for (const name of ["constructor", "__proto__", "toString"]) expect(expandPreset(name, {})).toBeUndefined();
  expect(expandPreset("npm", Object.create({ npm: [MIRROR] }))).toEqual([]);
});

test.each(PRESET_NAMES)("the preset %s makes nothing but rules that read, with two known exceptions", (name) => {
  const registries = {
    npm: [MIRROR],
    pypi: [MIRROR],
    go: [MIRROR],
    cargo: [MIRROR],
    rubygems: [MIRROR],
    maven: [MIRROR],
    apt: [MIRROR],
    composer: [MIRROR],
    nuget: [MIRROR],
    github: [MIRROR],
  };
  const policy = parsePolicy({ allow: name, deny: "" }, registries);
  expect(policy.allow.length).toBeGreaterThan(0);
  for (const rule of policy.allow) {
    expect(rule.text).toBe(name);
    const reads = rule.methods?.every((method) => method === "GET" || method === "HEAD") ?? false;
    expect(reads || /security|git-upload-pack/.test(rule.path ?? "")).toBe(true);
  }
});

test("a preset without a registry allows nothing and is named", () => {
  const policy = parsePolicy({ allow: "npm\ngithub", deny: "" });
  expect(policy.emptyPresets).toEqual(["npm"]);
  expect(policy.needsRegistries).toBe(true);
  expect(decide(policy, "registry.example.com", 443).verdict).toBe("deny");
});

test("Composer's archives are open for reading only where its registry is configured, and nothing else of their host is", () => {
  expect(expandPreset("composer", {})).toEqual([]);
  const policy = parsePolicy({ allow: "composer", deny: "" }, { composer: [MIRROR] });
  const judge = (method: string, host: string, path: string): string => decideRequest(policy, { host, port: 443, method, path }).verdict;
  expect(judge("GET", "api.github.com", "/repos/a/b/zipball/0123")).toBe("allow");
  expect(judge("GET", "codeload.github.com", "/a/b/legacy.zip/0123")).toBe("allow");
  expect(judge("GET", "api.github.com", "/repos/a/b/issues")).toBe("deny");
  expect(judge("POST", "api.github.com", "/repos/a/b/zipball/0123")).toBe("deny");
});

test("publishing to a registry of a preset is refused, installing and auditing is not", () => {
  const policy = parsePolicy({ allow: "npm", deny: "" }, { npm: [MIRROR] });
  const judge = (method: string, path: string): string =>
    decideRequest(policy, { host: "mirror.example.com", port: 8443, method, path }).verdict;
  expect(judge("GET", "/npm/@scope%2fname")).toBe("allow");
  expect(judge("POST", "/npm/-/npm/v1/security/advisories/bulk")).toBe("allow");
  for (const [method, path] of [
    ["PUT", "/npm/name"],
    ["PUT", "/npm/-/user/org.couchdb.user:x"],
    ["DELETE", "/npm/name/-rev/1"],
    ["POST", "/npm/-/npm/v1/tokens"],
  ] as const)
    expect(judge(method, path)).toBe("deny");
});

test("a preset in `deny` denies its hosts altogether", () => {
  const policy = parsePolicy({ allow: "mirror.example.com:8443", deny: "npm" }, { npm: [MIRROR] });
  expect(decide(policy, "mirror.example.com", 8443).reason).toBe("deny-rule");
  expect(decide(policy, "mirror.example.com", 443).verdict).toBe("deny");
});

test("an unknown word says what was probably meant", () => {
  for (const [word, meant] of [
    ["node", "`npm`"],
    ["python", "`pypi`"],
    ["rust", "`cargo`"],
    ["db", "`db:443`"],
  ] as const) {
    expect(() => parsePolicy({ allow: word, deny: "" })).toThrow(
      expect.objectContaining({ code: "policy.invalid", remedy: expect.stringContaining(meant) }),
    );
  }
});

const PROPOSALS = [
  { used: [], rules: [] },
  { used: ["b.example.com", "a.example.com"], rules: ["a.example.com", "b.example.com"] },
  { used: ["a.example.com", "b.example.com", "c.example.com", "example.com"], rules: ["*.example.com", "example.com"] },
  { used: ["a.github.io", "b.github.io", "c.github.io"], rules: ["a.github.io", "b.github.io", "c.github.io"] },
  { used: ["a.com", "b.com", "c.com"], rules: ["a.com", "b.com", "c.com"] },
  { used: ["a.x.example.com", "b.x.example.com", "c.x.example.com", "d.example.com"], rules: ["*.x.example.com", "d.example.com"] },
  {
    used: ["203.0.113.7", "203.0.113.8", "203.0.113.9", "2001:db8::1"],
    rules: ["203.0.113.7", "203.0.113.8", "203.0.113.9", "[2001:db8::1]"],
  },
] as const;

test.each(PROPOSALS)("hosts $used are proposed as $rules", ({ used, rules }) => {
  const hosts = used.map((host) => ({ host, port: 443 }));
  expect(proposeAllow(hosts)).toEqual(rules);
  const policy = parsePolicy({ allow: proposeAllow(hosts).join("\n"), deny: "" });
  for (const { host, port } of hosts) expect(decide(policy, host, port).verdict).toBe("allow");
});

test("another port is proposed with the port, and never joins a wildcard", () => {
  const used = [1, 2, 3].map((index) => ({ host: `h${index}.example.com`, port: 5000 + index }));
  expect(proposeAllow([...used, { host: "h1.example.com", port: 80 }])).toEqual([
    "h1.example.com",
    "h1.example.com:5001",
    "h2.example.com:5002",
    "h3.example.com:5003",
  ]);
});
