import { describe, expect, test } from "vitest";
import { codesOf, useChecks } from "../../../support/forge/checks.ts";

const REGISTRY = "https://registry.example.org";
const EVIL = "https://evil.example.net";
const npmLock = (entries: Readonly<Record<string, object>>): string =>
  JSON.stringify({ lockfileVersion: 3, packages: entries }, undefined, 2);
const sha = (char: string): string => `sha512-${char.repeat(86)}==`;
const lodash = { version: "4.17.21", resolved: `${REGISTRY}/lodash/-/lodash-4.17.21.tgz`, integrity: sha("a") };

const YARN = `lodash@^4.17.0:\n  version "4.17.21"\n  resolved "${REGISTRY}/lodash/-/lodash-4.17.21.tgz#1234567890123456789012345678901234567890"\n  integrity ${sha("a")}\n`;
const PNPM = `packages:\n\n  lodash@4.17.21:\n    resolution: {integrity: ${sha("a")}}\n    engines: {node: '>=4'}\n`;
const CARGO = `[[package]]\nname = "libc"\nversion = "0.2.1"\nsource = "registry+${REGISTRY}/index"\nchecksum = "${"a".repeat(64)}"\n`;
const UV = `[[package]]\nname = "idna"\nversion = "3.4"\nsource = { registry = "${REGISTRY}/simple" }\nwheels = [\n    { url = "${REGISTRY}/idna.whl", hash = "sha256:${"a".repeat(64)}", size = 1 },\n]\n`;
const GO = `example.org/m v1.0.0 h1:${"a".repeat(43)}=\nexample.org/m v1.0.0/go.mod h1:${"c".repeat(43)}=\n`;
const GEM = `GEM\n  remote: ${REGISTRY}/\n  specs:\n    rake (13.0.6)\n\nCHECKSUMS\n  rake (13.0.6) sha256=${"a".repeat(64)}\n`;
const PIP = `idna==3.4 \\\n    --hash=sha256:${"a".repeat(64)}\n`;
const COMPOSER = JSON.stringify(
  { packages: [{ name: "v/p", version: "1.0", dist: { type: "zip", url: `${REGISTRY}/p.zip`, shasum: "a".repeat(40) } }] },
  undefined,
  2,
);
const BUN = `{\n  "packages": {\n    "lodash": ["lodash@4.17.21", "", {}, "${sha("a")}"],\n  }\n}\n`;

const LOCKFILES: Readonly<Record<string, string>> = {
  "package-lock.json": npmLock({ "node_modules/lodash": lodash }),
  "yarn.lock": YARN,
  "pnpm-lock.yaml": PNPM,
  "Cargo.lock": CARGO,
  "uv.lock": UV,
  "go.sum": GO,
  "Gemfile.lock": GEM,
  "requirements.txt": PIP,
  "composer.lock": COMPOSER,
  "bun.lock": BUN,
};

const judge = useChecks(LOCKFILES);

describe("The checks of lockfiles", () => {
  for (const [name, content] of Object.entries(LOCKFILES)) {
    test(`X7: the gate holds ${name} with another hash for the same version`, async () => {
      const swapped = content.replaceAll(/a{40,}/g, (run) => "b".repeat(run.length));
      expect(swapped).not.toBe(content);
      const verdict = await judge({ [name]: swapped });
      expect(verdict.decision).toBe("hold");
      expect(codesOf(verdict)).toContain("refuse lockfile-integrity");
      expect(verdict.findings[0]).toMatchObject({ path: name });
    });
  }

  test("X7: the gate puts another registry at the top of a draft", async () => {
    for (const [name, content] of Object.entries(LOCKFILES)) {
      if (!content.includes(REGISTRY)) continue;
      const verdict = await judge({ [name]: content.replaceAll(REGISTRY, EVIL) });
      expect(codesOf(verdict), name).toContain("draft lockfile-registry");
      expect(verdict.decision, name).toBe("draft");
    }
  });

  test("X7: the gate finds an address of another package, plain http and a hash that is gone", async () => {
    const renamed = { ...lodash, resolved: `${REGISTRY}/1odash/-/1odash-4.17.21.tgz` };
    expect(codesOf(await judge({ "package-lock.json": npmLock({ "node_modules/lodash": renamed }) }))).toContain("draft lockfile-source");
    const plain = { ...lodash, resolved: lodash.resolved.replace("https", "http") };
    expect(codesOf(await judge({ "package-lock.json": npmLock({ "node_modules/lodash": plain }) }))).toContain("draft lockfile-registry");
    const { integrity: _gone, ...bare } = lodash;
    expect(codesOf(await judge({ "package-lock.json": npmLock({ "node_modules/lodash": bare }) }))).toContain("draft lockfile-integrity");
  });

  test("X7: the gate lets an honest update of a dependency pass with a notice", async () => {
    const next = { version: "4.17.22", resolved: `${REGISTRY}/lodash/-/lodash-4.17.22.tgz`, integrity: sha("c") };
    const verdict = await judge({
      "package-lock.json": npmLock({
        "node_modules/lodash": next,
        "node_modules/@a/b": { version: "1.0.0", resolved: `${REGISTRY}/@a/b/-/b-1.0.0.tgz`, integrity: sha("d") },
      }),
    });
    expect(verdict).toMatchObject({ decision: "publish" });
    expect(codesOf(verdict)).toEqual(["notice lockfile"]);
    expect(
      (
        await judge({
          "yarn.lock": `${YARN}\nleft-pad@^1.0.0:\n  version "1.3.0"\n  resolved "${REGISTRY}/left-pad/-/left-pad-1.3.0.tgz#1234567890123456789012345678901234567890"\n  integrity ${sha("e")}\n`,
        })
      ).decision,
    ).toBe("publish");
  });
});
