import { describe, expect, test } from "vitest";
import { judgeFile } from "../../../support/forge/judge-file.ts";

const [NPM, AT_YARN] = ["npmjs.org", "yarnpkg.com"].map((domain) => `https://registry.${domain}`) as [string, string];
const sha = (char: string, algorithm = "sha512", length = 86): string => `${algorithm}-${char.repeat(length)}==`;
const hex = (char: string, length = 64): string => char.repeat(length);
const lib = {
  version: "1.0.0",
  resolved: `${NPM}/l/-/l-1.0.0.tgz`,
  integrity: sha("a"),
  funding: { url: "https://github.com/sponsors/x" },
};
const npmLock = (entry: object, more: object = {}): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { "": { name: "x" }, "node_modules/l": entry, ...more } }, undefined, 2);
const without = (...keys: readonly string[]): object => Object.fromEntries(Object.entries(lib).filter(([key]) => !keys.includes(key)));

const BERRY = `__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"l@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "l@npm:1.0.0"\n  checksum: 10c0/${hex("a", 128)}\n  languageName: node\n  linkType: hard\n`;
const YARN = `# yarn lockfile v1\n\n\nl@^1.0.0:\n  version "1.0.0"\n  resolved "${NPM}/l/-/l-1.0.0.tgz#${hex("1", 40)}"\n  integrity ${sha("a")}\n`;
const PNPM = `lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      l:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n\n  l@1.0.0:\n    resolution: {integrity: ${sha("a")}}\n\nsnapshots:\n\n  l@1.0.0: {}\n`;
const CARGO = `version = 4\n\n[[package]]\nname = "l"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${hex("a")}"\n`;
const UV = `version = 1\n\n[[package]]\nname = "l"\nversion = "1.0.0"\nsource = { registry = "https://pypi.example.org/simple" }\nsdist = { url = "https://files.example.org/l.tar.gz", hash = "sha256:${hex("a")}" }\nwheels = [\n    { url = "https://files.example.org/l.whl", hash = "sha256:${hex("b")}" },\n]\n`;
const POETRY = `[[package]]\nname = "l"\nversion = "1.0.0"\nfiles = [\n    {file = "l.whl", hash = "sha256:${hex("a")}"},\n]\n`;
const PIP = `l==1.0.0 \\\n    --hash=sha256:${hex("a")} \\\n    --hash=sha256:${hex("b")}\n`;
const PYLOCK = `lock-version = "1.0"\n\n[[packages]]\nname = "l"\nversion = "1.0.0"\nindex = "https://pypi.example.org/simple"\nwheels = [{ url = "https://files.example.org/l.whl", hashes = { sha256 = "${hex("a")}" } }]\n`;
const GO_SUM = `example.org/l v1.0.0 h1:${"a".repeat(43)}=\nexample.org/l v1.0.0/go.mod h1:${"c".repeat(43)}=\n`;
const GEM = `GEM\n  remote: https://rubygems.org/\n  specs:\n    l (1.0.0)\n\nDEPENDENCIES\n  l\n\nCHECKSUMS\n  l (1.0.0) sha256=${hex("a")}\n`;
const SWIFT = {
  pins: [{ identity: "l", location: "https://github.com/a/l.git", state: { revision: hex("a", 40), version: "1.0.0" } }],
  version: 2,
};
const PIPFILE = {
  _meta: { sources: [{ name: "pypi", url: "https://pypi.example.org/simple" }] },
  default: { l: { version: "==1.0.0", hashes: [`sha256:${hex("a")}`] } },
};
const COMPOSER = {
  packages: [
    {
      name: "v/l",
      version: "1.0.0",
      dist: { type: "zip", url: "https://api.github.com/repos/v/l/zipball/abc", reference: hex("a", 40), shasum: "" },
    },
  ],
};
const BUN = `{\n  // a comment\n  "packages": {\n    "l": ["l@1.0.0", "", {}, "${sha("a")}"],\n  },\n}\n`;
const TERRAFORM = `provider "registry.terraform.io/hashicorp/aws" {\n  version = "1.0.0"\n  hashes = [\n    "h1:${"a".repeat(43)}=",\n  ]\n}\n`;
const GRADLE = `<verification-metadata>\n<components>\n<component group="g" name="l" version="1.0.0">\n<artifact name="l.jar">\n<sha256 value="${hex("a")}" origin="x"/>\n</artifact>\n</component>\n</components>\n</verification-metadata>\n`;

/** What an entry of each lockfile says that it did not say, and what the gate has to say to it. */
const CHANGED: readonly (readonly [what: string, path: string, before: string, after: string, code: string])[] = [
  [
    "a host that only a sponsor's link named",
    "package-lock.json",
    npmLock(lib),
    npmLock({ ...lib, resolved: "https://github.com/evil/l/archive/1.tar.gz" }),
    "draft lockfile-registry",
  ],
  [
    "another repository on a forge that one package comes from",
    "package-lock.json",
    npmLock(lib, { "node_modules/g": { version: "1.0.0", resolved: "git+ssh://git@github.com/good/g.git#abc" } }),
    npmLock(lib, { "node_modules/g": { version: "1.0.0", resolved: "git+ssh://git@github.com/evil/g.git#abc" } }),
    "draft lockfile-registry",
  ],
  [
    "a second hash",
    "package-lock.json",
    npmLock(lib),
    npmLock({ ...lib, integrity: `${sha("a")} ${sha("b")}` }),
    "refuse lockfile-integrity",
  ],
  ["a weaker hash", "package-lock.json", npmLock(lib), npmLock({ ...lib, integrity: sha("b", "sha1", 27) }), "refuse lockfile-integrity"],
  [
    "a name of its own",
    "package-lock.json",
    npmLock(lib),
    npmLock({ ...lib, name: "evil", resolved: `${NPM}/evil/-/evil-1.0.0.tgz` }),
    "draft lockfile-source",
  ],
  [
    "another package's address",
    "package-lock.json",
    npmLock(lib),
    npmLock({ ...lib, version: "1.0.1", resolved: `${NPM}/evil/-/evil-1.0.0.tgz` }),
    "draft lockfile-source",
  ],
  ["no address and no hash", "npm-shrinkwrap.json", npmLock(lib), npmLock(without("resolved", "integrity")), "draft lockfile-integrity"],
  [
    "an install script",
    "package-lock.json",
    npmLock(lib),
    JSON.stringify(JSON.parse(npmLock({ ...lib, version: "1.0.1", hasInstallScript: true }))),
    "draft install-script",
  ],
  [
    "plain http",
    "package-lock.json",
    npmLock(lib),
    npmLock({ ...lib, version: "1.0.1", resolved: `${NPM.replace("https:", "http:")}/l/-/l-1.0.1.tgz` }),
    "draft lockfile-registry",
  ],
  ["no JSON", "package-lock.json", npmLock(lib), `${npmLock(lib)},`, "draft unparsed"],
  [
    "another known registry for one name",
    "package-lock.json",
    npmLock(lib, { "node_modules/@o/p": { version: "1.0.0", resolved: "https://npm.example.org/@o/p/-/p-1.0.0.tgz" } }),
    npmLock(lib, { "node_modules/@o/p": { version: "1.0.1", resolved: `${NPM}/@o/p/-/p-1.0.1.tgz` } }),
    "draft lockfile-source",
  ],
  ["no checksum", "yarn.lock", BERRY, BERRY.replace(/ {2}checksum.*\n/, ""), "draft lockfile-integrity"],
  ["another checksum", "yarn.lock", BERRY, BERRY.replace(hex("a", 128), hex("b", 128)), "refuse lockfile-integrity"],
  [
    "a checksum of another cache",
    "yarn.lock",
    BERRY,
    BERRY.replace(`10c0/${hex("a", 128)}`, `9c0/${hex("b", 128)}`),
    "draft lockfile-integrity",
  ],
  ["another package in its resolution", "yarn.lock", BERRY, BERRY.replace('"l@npm:1.0.0"', '"evil@npm:1.0.0"'), "draft lockfile-source"],
  [
    "another package behind an alias",
    "yarn.lock",
    YARN,
    YARN.replace("l@^1.0.0:", '"l@npm:evil@^1.0.0":').replaceAll("/l", "/evil"),
    "draft lockfile-source",
  ],
  ["no hash", "yarn.lock", YARN, YARN.replace(/ {2}integrity.*\n/, "").replace(/#1+/, ""), "draft lockfile-integrity"],
  ["a second hash", "YARN.LOCK", YARN, YARN.replace(sha("a"), `${sha("a")} ${sha("b")}`), "refuse lockfile-integrity"],
  ["no hash", "pnpm-lock.yaml", PNPM, PNPM.replace(/\{integrity.*\}/, "{}"), "draft lockfile-integrity"],
  [
    "another hash in block style",
    "pnpm-lock.yaml",
    PNPM,
    PNPM.replace(/\{integrity.*\}/, `\n      integrity: >-\n        ${sha("b")}`),
    "refuse lockfile-integrity",
  ],
  [
    "an archive's address",
    "pnpm-lock.yaml",
    PNPM,
    PNPM.replace("{integrity", "{tarball: https://evil.example.org/l.tgz, integrity"),
    "draft lockfile-registry",
  ],
  ["another package behind a name", "pnpm-lock.yaml", PNPM, PNPM.replace("version: 1.0.0", "version: evil@1.0.0"), "draft lockfile-source"],
  ["no checksum", "Cargo.lock", CARGO, CARGO.replace(/checksum.*\n/, ""), "draft lockfile-integrity"],
  [
    "a repository in place of the registry",
    "Cargo.lock",
    CARGO,
    CARGO.replace(/source.*\n/, 'source = "git+https://github.com/evil/l#abc"\n'),
    "draft lockfile-registry",
  ],
  ["no hash", "uv.lock", UV, UV.replaceAll(/, hash = "[^"]*"/g, ""), "draft lockfile-integrity"],
  [
    "one more wheel",
    "uv.lock",
    UV,
    UV.replace("\n]\n", `\n    { url = "https://files.example.org/m.whl", hash = "sha256:${hex("c")}" },\n]\n`),
    "draft lockfile-integrity",
  ],
  ["another hash", "uv.lock", UV, UV.replace(hex("b"), hex("c")), "refuse lockfile-integrity"],
  ["another index", "uv.lock", UV, UV.replace("pypi.example.org", "evil.example.org"), "draft lockfile-registry"],
  ["another hash", "poetry.lock", POETRY, POETRY.replace(hex("a"), hex("c")), "refuse lockfile-integrity"],
  ["no hash", "requirements/prod.txt", PIP, "l==1.0.0\n", "draft lockfile-integrity"],
  ["one more hash", "requirements.txt", PIP, PIP.replace("\n", `\n    --hash=sha256:${hex("c")} \\\n`), "draft lockfile-integrity"],
  ["another hash", "pylock.toml", PYLOCK, PYLOCK.replace(hex("a"), hex("b")), "refuse lockfile-integrity"],
  ["another host", "pylock.dev.toml", PYLOCK, PYLOCK.replace("files.example.org", "evil.example.org"), "draft lockfile-registry"],
  ["a second line", "go.sum", GO_SUM, `${GO_SUM}example.org/l v1.0.0 h1:${"b".repeat(43)}=\n`, "refuse lockfile-integrity"],
  ["no checksum", "Gemfile.lock", GEM, GEM.replace(/ sha256=.*/, ""), "draft lockfile-integrity"],
  ["another remote", "Gemfile.lock", GEM, GEM.replace("https://rubygems.org", "https://evil.example.org"), "draft lockfile-registry"],
  [
    "another revision of a version",
    "Package.resolved",
    JSON.stringify(SWIFT),
    JSON.stringify(SWIFT).replace(hex("a", 40), hex("b", 40)),
    "refuse lockfile-integrity",
  ],
  [
    "another source",
    "Pipfile.lock",
    JSON.stringify(PIPFILE),
    JSON.stringify(PIPFILE).replace("pypi.example.org", "evil.example.org"),
    "draft lockfile-registry",
  ],
  [
    "another host",
    "composer.lock",
    JSON.stringify(COMPOSER),
    JSON.stringify(COMPOSER).replace("api.github.com", "evil.example.org"),
    "draft lockfile-registry",
  ],
  ["another hash", "bun.lock", BUN, BUN.replace(sha("a"), sha("b")), "refuse lockfile-integrity"],
  ["another hash", ".terraform.lock.hcl", TERRAFORM, TERRAFORM.replace("a".repeat(43), "b".repeat(43)), "refuse lockfile-integrity"],
  ["another hash", "gradle/verification-metadata.xml", GRADLE, GRADLE.replace(hex("a"), hex("b")), "refuse lockfile-integrity"],
];

const next = { ...lib, version: "1.1.0", resolved: `${NPM}/l/-/l-1.1.0.tgz`, integrity: sha("c") };
/** Updates as each tool writes them. */
const QUIET: readonly (readonly [path: string, before: string, after: string])[] = [
  [
    "package-lock.json",
    npmLock(lib),
    npmLock(next, { "node_modules/@a/b": { version: "1.0.0", resolved: `${NPM}/@a/b/-/b-1.0.0.tgz`, integrity: sha("d") } }),
  ],
  ["package-lock.json", npmLock({ ...lib, integrity: sha("a", "sha1", 27) }), npmLock(lib)],
  ["package-lock.json", npmLock({ ...lib, resolved: `${AT_YARN}/l/-/l-1.0.0.tgz` }), npmLock(next)],
  ["package-lock.json", npmLock(lib), npmLock(lib, { "node_modules/a/node_modules/l": next })],
  ["yarn.lock", BERRY, BERRY.replaceAll("1.0.0", "1.1.0").replace(hex("a", 128), hex("b", 128))],
  ["yarn.lock", YARN, YARN.replaceAll("1.0.0", "1.1.0").replaceAll("a".repeat(86), "b".repeat(86))],
  ["pnpm-lock.yaml", PNPM, PNPM.replaceAll("1.0.0", "1.1.0").replace("a".repeat(86), "b".repeat(86))],
  ["Cargo.lock", CARGO, CARGO.replaceAll("1.0.0", "1.1.0").replace(hex("a"), hex("b"))],
  ["uv.lock", UV, UV.replaceAll("1.0.0", "1.1.0").replace(hex("a"), hex("c")).replace(hex("b"), hex("d"))],
  ["poetry.lock", POETRY, POETRY.replaceAll("1.0.0", "1.1.0").replace(hex("a"), hex("b"))],
  ["requirements.txt", PIP, PIP.replaceAll("1.0.0", "1.1.0").replace(hex("a"), hex("c"))],
  ["go.sum", GO_SUM, GO_SUM.replaceAll("v1.0.0", "v1.1.0").replaceAll("a".repeat(43), "b".repeat(43))],
  ["Gemfile.lock", GEM, GEM.replaceAll("1.0.0", "1.1.0").replace(hex("a"), hex("b"))],
  ["Package.resolved", JSON.stringify(SWIFT), JSON.stringify(SWIFT).replace("1.0.0", "1.1.0").replace(hex("a", 40), hex("b", 40))],
  ["composer.lock", JSON.stringify(COMPOSER), JSON.stringify(COMPOSER).replace("1.0.0", "1.1.0").replace(hex("a", 40), hex("b", 40))],
  ["bun.lock", BUN, BUN.replaceAll("1.0.0", "1.1.0").replace(sha("a"), sha("b"))],
];

describe("Lockfiles, compared by entry", () => {
  test.each(CHANGED)("X7: the gate sees %s in %s", (_what, path, before, after, code) => {
    expect(after).not.toBe(before);
    expect(judgeFile(path, before, after)).toContain(code);
  });

  test.each(QUIET)("X7: the gate is quiet about an update in %s", (path, before, after) => {
    expect(judgeFile(path, before, after)).toEqual([]);
  });

  test("X7: a lockfile in which nothing but its own layout changes is quiet", () => {
    for (const [, path, before] of CHANGED) expect(judgeFile(path, before, `${before}\n`), path).toEqual([]);
  });
});
