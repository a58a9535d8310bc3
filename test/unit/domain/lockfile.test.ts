import { expect, test } from "vitest";
import { parsePolicy } from "../../../src/domain/egress.ts";
import { findUnlisted, narrowRegistries, readLockedHosts } from "../../../src/domain/lockfile.ts";

const FILES: readonly (readonly [name: string, text: string, hosts: readonly string[]])[] = [
  [
    "package-lock.json",
    JSON.stringify({
      packages: {
        "node_modules/a": { resolved: "https://Registry.Example.com/a/-/a-1.tgz", funding: { url: "https://fund.example.com" } },
        "node_modules/b": { resolved: "git+ssh://git@git.example.com/o/b.git#1", homepage: "https://home.example.com" },
      },
      dependencies: { c: { version: "https://user:secret@tar.example.com:8443/c.tgz" }, d: { version: "1.0.0" } },
    }),
    ["registry.example.com", "git.example.com", "tar.example.com"],
  ],
  ["yarn.lock", 'a@^1:\n  version "1.0.0"\n  resolved "https://registry.example.com/a/-/a-1.tgz#abc"\n', ["registry.example.com"]],
  ["pnpm-lock.yaml", "packages:\n  a@1:\n    resolution: {tarball: https://registry.example.com/a.tgz}\n", ["registry.example.com"]],
  [
    "uv.lock",
    'source = { registry = "https://pypi.example.com/simple" }\nsdist = { url = "https://files.example.com/a.tar.gz" }\n',
    ["pypi.example.com", "files.example.com"],
  ],
  [
    "Cargo.lock",
    'source = "registry+https://git.example.com/index"\nsource = "sparse+https://index.example.com/"\n',
    ["git.example.com", "index.example.com"],
  ],
  ["Gemfile.lock", "GEM\n  remote: https://gems.example.com/\n  specs:\n", ["gems.example.com"]],
  ["yarn.lock", 'resolved "https://evil.com\u0000.example.com/"\nresolved "https://2130706433/"\nresolved "ftp://x.example.com"\n', []],
];

test.each(FILES)("%s names the hosts that it downloads from: %j", (name, text, hosts) => {
  expect(readLockedHosts(name, text)).toEqual(hosts);
});

test("I18: a lockfile of any size and shape is searched in bounded time and names a bounded number of hosts", () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `resolved "https://h${index}.example.com/x"`).join("\n");
  expect(readLockedHosts("yarn.lock", many)).toHaveLength(100);
  expect(readLockedHosts("package-lock.json", `"resolved": "${"https://".repeat(100_000)}`)).toEqual([]);
  expect(readLockedHosts("yarn.lock", `https://${"a".repeat(1_000_000)}`)).toEqual([]);
});

const REGISTRIES = {
  npm: ["https://registry.example.com/", "https://scope.example.com/npm/"],
  pypi: ["https://pypi.example.com/simple", "https://files.example.com/"],
};

test("a registry that no lockfile names is left out, and only then", () => {
  expect(narrowRegistries(REGISTRIES, { npm: ["registry.example.com"] })["npm"]).toEqual(["https://registry.example.com/"]);
  expect(narrowRegistries(REGISTRIES, {})).toEqual(REGISTRIES);
  expect(narrowRegistries(REGISTRIES, { npm: ["elsewhere.example.com"] })).toEqual(REGISTRIES);
  expect(narrowRegistries(REGISTRIES, { pypi: ["files.example.com"] })).toEqual(REGISTRIES);
});

test("I11: what a lockfile names is told and never allowed", () => {
  const locked = { npm: ["evil.com", "registry.example.com"] };
  const policy = parsePolicy({ allow: "npm", deny: "" }, narrowRegistries(REGISTRIES, locked));
  expect(findUnlisted(policy, locked)).toEqual(["evil.com"]);
});
