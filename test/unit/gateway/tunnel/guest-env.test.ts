import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { type EgressPolicy, parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { guestEnv } from "../../../../src/gateway/tunnel/guest-env.ts";
import { toolFiles } from "../../../../src/gateway/tunnel/guest-files.ts";

const REGISTRIES = {
  npm: ["https://mirror.example.com/npm/", "https://scope.example.com/"],
  pypi: ["https://mirror.example.com/simple/"],
  go: ["https://mirror.example.com/go", "https://sum.example.com"],
  maven: ["https://mirror.example.com/maven"],
};

function policyOf(allow: string, registries: Readonly<Record<string, readonly string[]>> = REGISTRIES): EgressPolicy {
  return parsePolicy({ allow, deny: "" }, registries);
}

function envOf(allow = "", registries = REGISTRIES): Readonly<Record<string, string>> {
  return guestEnv({ proxyPort: 3128, readsTls: true, policy: policyOf(allow, registries) });
}

function filesOf(allow: string, registries?: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return filesFor(policyOf(allow, registries));
}

function filesFor(policy: EgressPolicy): Readonly<Record<string, string>> {
  const files = toolFiles({ proxyPort: 3128, readsTls: true, policy });
  for (const file of files) expect(file).toMatchObject({ owner: "agent", keep: true, optional: true });
  return Object.fromEntries(files.map(({ path, content }) => [path.replace("/home/agent/", ""), Buffer.from(content).toString()]));
}

test.each(["MAVEN_OPTS", "GRADLE_OPTS"])("%s passes through the `eval` of old start scripts unchanged", (name) => {
  const value = envOf()[name] ?? "";
  expect(value).not.toMatch(/[|&;<>()$`\\"'*?[\]~#{}!\n]/);
  const script = `set -- build; eval set -- $${name} '"$@"'; printf '%s\\n' "$@"`;
  const words = execFileSync("/bin/sh", ["-c", script], { env: { [name]: value }, encoding: "utf8" })
    .trim()
    .split("\n");
  expect(words).toEqual([...value.split(" "), "build"]);
});

test("Java's tools read the proxy from files too, which a project's own options do not replace", () => {
  const files = filesOf("");
  const told = Object.fromEntries(
    (files[".gradle/gradle.properties"] ?? "")
      .trim()
      .split("\n")
      .map((line) => line.split("=")),
  );
  expect(told).toMatchObject({ "systemProp.https.proxyHost": "127.0.0.1", "systemProp.https.proxyPort": "3128" });
  expect(told["systemProp.javax.net.ssl.trustStore"]).toBe("/etc/airlock/cacerts.jks");
  expect(files[".m2/settings.xml"]).toContain("<protocol>https</protocol><host>127.0.0.1</host><port>3128</port>");
  expect(envOf()["MAVEN_OPTS"]).toContain("-Daether.connector.http.useSystemProperties=true");
});

test("the guest itself is never asked through the proxy, in any spelling", () => {
  for (const name of ["NO_PROXY", "no_proxy", "npm_config_noproxy"])
    expect(envOf()[name]?.split(",")).toEqual(
      expect.arrayContaining(["127.0.0.1", "localhost", "::1", "[::1]", "0.0.0.0", "airlock", ".localhost", "127.0.0.0/8"]),
    );
});

const REMOTES = [
  ["git@github.com:o/r.git", "https://github.com/o/r.git"],
  ["ssh://git@github.com/o/r.git", "https://github.com/o/r.git"],
  ["git://github.com/o/r.git", "https://github.com/o/r.git"],
  ["git@git.example.com:o/r.git", "https://git.example.com/o/r.git"],
  ["git@registry.example.com:o/r.git", "git@registry.example.com:o/r.git"],
  ["git://127.0.0.1:9418/r.git", "git://127.0.0.1:9418/r.git"],
  ["git@localhost:r.git", "git@localhost:r.git"],
] as const;

test.each(REMOTES)("git asks for %s at %s", (remote, asked) => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...envOf("git.example.com\nGET,HEAD registry.example.com:8443/**") };
  expect(execFileSync("git", ["ls-remote", "--get-url", remote], { env, encoding: "utf8" }).trim()).toBe(asked);
});

test("the registries of the presets in use are told to the guest, and no others", () => {
  const env = envOf("npm\npypi\ngo\nmaven");
  expect(env).toMatchObject({
    COREPACK_NPM_REGISTRY: "https://mirror.example.com/npm",
    PIP_INDEX_URL: "https://mirror.example.com/simple/",
    GOPROXY: "https://mirror.example.com/go",
  });
  expect(env).not.toHaveProperty("GOSUMDB");
  const files = filesOf("npm\npypi");
  expect(files[".npmrc"]).toBe("registry=https://mirror.example.com/npm/\n");
  expect(files[".yarnrc.yml"]).toBe('npmRegistryServer: "https://mirror.example.com/npm"\n');
  expect(files[".config/uv/uv.toml"]).toBe('[[index]]\nurl = "https://mirror.example.com/simple/"\ndefault = true\n');
  expect(Object.keys(filesOf("maven"))).not.toContain(".npmrc");
  expect(envOf("example.com")).not.toHaveProperty("PIP_INDEX_URL");
  expect(filesOf("")[".m2/settings.xml"]).not.toContain("<mirror>");
});

test("Cargo, gem, Bundler, Composer and NuGet are told by their own files", () => {
  const registries = {
    cargo: ["https://mirror.example.com/cargo/", "https://files.example.com/"],
    "cargo:replacement": ["sparse+https://mirror.example.com/cargo/"],
    rubygems: ["https://mirror.example.com/gems"],
    "rubygems:default": ["https://gems.the-public.example"],
    composer: ["https://mirror.example.com/php/"],
    nuget: ["https://mirror.example.com/v3/index.json", "https://own.example.com/v3/index.json"],
  };
  const files = filesFor({ ...policyOf(""), registries });
  expect(files[".cargo/config.toml"]).toBe(
    '[source.crates-io]\nreplace-with = "airlock"\n\n[source.airlock]\nregistry = "sparse+https://mirror.example.com/cargo/"\n',
  );
  expect(files[".gemrc"]).toBe(":sources:\n- https://mirror.example.com/gems\n");
  expect(files[".bundle/config"]).toBe('---\nBUNDLE_MIRROR__HTTPS://GEMS__THE___PUBLIC__EXAMPLE/: "https://mirror.example.com/gems/"\n');
  expect(files[".composer/config.json"]).toBe(
    '{"repositories":[{"type":"composer","url":"https://mirror.example.com/php/"},{"packagist":false}]}',
  );
  expect(files[".nuget/NuGet/NuGet.Config"]).toContain('<add key="airlock-2" value="https://own.example.com/v3/index.json" />');
});

test("a built-in registry that nothing replaces is not told as a replacement of itself", () => {
  const files = filesOf("cargo\nrubygems", {
    cargo: ["https://index.example.com/"],
    rubygems: ["https://gems.example.com/"],
    "rubygems:default": ["https://gems.example.com"],
  });
  expect(Object.keys(files)).toEqual(expect.not.arrayContaining([".cargo/config.toml", ".bundle/config"]));
});

test("what beats a repository's own file is not said in the environment", () => {
  const names = Object.keys(envOf("npm\npypi\ngo\nmaven"));
  for (const name of ["npm_config_registry", "pnpm_config_registry", "YARN_NPM_REGISTRY_SERVER", "YARN_REGISTRY", "UV_DEFAULT_INDEX"])
    expect(names).not.toContain(name);
});

test("a runner without a checksum database has none in the guest, either", () => {
  const env = envOf("go", { ...REGISTRIES, go: ["https://mirror.example.com/go"] });
  expect(env).toMatchObject({ GOPROXY: "https://mirror.example.com/go", GOSUMDB: "off" });
});

test("Maven's built-in repository is replaced where exactly one is allowed", () => {
  const mirror = { maven: ["https://mirror.example.com/maven"] };
  expect(filesOf("maven", mirror)[".m2/settings.xml"]).toContain(
    "<mirrorOf>central</mirrorOf><url>https://mirror.example.com/maven</url></mirror>",
  );
  const two = { maven: [...mirror.maven, "https://other.example.com/"] };
  expect(filesOf("maven", two)[".m2/settings.xml"]).not.toContain("<mirror>");
});

test.each([
  'https://a.example.com/"\nx',
  "https://a.example.com/$HOME",
  "https://a.example.com/<x>",
  "ftp://a.example.com/",
  "https://a b/",
])("a registry that could mean more than a URL in some file is not told: %j", (url) => {
  const registries = { npm: [url], pypi: [url], go: [url], maven: [url] };
  const policy = { ...policyOf(""), registries };
  const facts = { proxyPort: 3128, readsTls: false, policy };
  for (const name of ["COREPACK_NPM_REGISTRY", "PIP_INDEX_URL", "GOPROXY"]) expect(guestEnv(facts)).not.toHaveProperty(name);
  expect(toolFiles(facts).map(({ path }) => path)).toEqual(["/home/agent/.gradle/gradle.properties", "/home/agent/.m2/settings.xml"]);
});
