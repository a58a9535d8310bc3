import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type FetchOptions, fetchPackage } from "../../../../../src/adapters/agent/shared/npm-package.ts";

let folder: string;
let path: string | undefined;
let said: string[];

/** Puts an `npm` first on the path that hands out the archive of this folder, as `npm pack` does. */
beforeEach(() => {
  said = [];
  folder = mkdtempSync(join(tmpdir(), "airlock-package-"));
  mkdirSync(join(folder, "package"));
  writeFileSync(join(folder, "package", "tool"), "#!/bin/sh\necho tool\n");
  execFileSync("tar", ["-czf", join(folder, "archive"), "-C", folder, "package"]);
  mkdirSync(join(folder, "bin"));
  const script = `#!/bin/sh\n[ "$1" = pack ] || exit 1\necho "$PWD" >> ${folder}/asked\ncp ${folder}/archive "$PWD/tool-1.0.0.tgz"\n`;
  writeFileSync(join(folder, "bin", "npm"), script);
  chmodSync(join(folder, "bin", "npm"), 0o755);
  path = process.env["PATH"];
  process.env["PATH"] = `${join(folder, "bin")}${delimiter}${path}`;
});

afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true, force: true });
});

function integrity(): string {
  return `sha512-${execFileSync("sh", ["-c", `openssl dgst -sha512 -binary ${folder}/archive | base64 -w0`], { encoding: "utf8" })}`;
}

function asked(): number {
  return readFileSync(join(folder, "asked"), "utf8").trim().split("\n").length;
}

describe("a package that the runner fetches for the sandbox", () => {
  const cache = (): string => join(folder, "cache");
  const options = (): FetchOptions => ({ cacheDirectory: cache(), log: (line) => said.push(line) });

  test("C1: a package for the sandbox is refused when a byte of its archive differs from what is pinned, and leaves nothing", async () => {
    const pinned = { name: "tool", version: "1.0.0", integrity: integrity() };
    writeFileSync(join(folder, "archive"), Buffer.concat([readFileSync(join(folder, "archive")), Buffer.from([0])]));
    await expect(fetchPackage(pinned, options())).rejects.toMatchObject({ code: "agent.install" });
    expect(readdirSync(join(cache(), "agents"))).toEqual([]);
  });

  test("a package for the sandbox is unpacked once and then taken from the cache", async () => {
    const pinned = { name: "@scope/tool", version: "1.0.0", integrity: integrity() };
    const first = await fetchPackage(pinned, options());
    const second = await fetchPackage(pinned, options());
    expect(readFileSync(join(first.directory, "tool"), "utf8")).toContain("echo tool");
    expect(second).toEqual(first);
    expect(asked()).toBe(1);
  });

  test("C1: a package for the sandbox is fetched again when somebody changed the cached copy", async () => {
    const pinned = { name: "tool", version: "1.0.0", integrity: integrity() };
    const first = await fetchPackage(pinned, options());
    writeFileSync(join(first.directory, "tool"), "#!/bin/sh\necho changed\n");
    const second = await fetchPackage(pinned, options());
    expect(readFileSync(join(second.directory, "tool"), "utf8")).toContain("echo tool");
    expect(second.digest).toBe(first.digest);
    expect(asked()).toBe(2);
  });

  test("a package for the sandbox says what to check when npm cannot fetch it", async () => {
    writeFileSync(join(folder, "bin", "npm"), "#!/bin/sh\nexit 1\n");
    await expect(fetchPackage({ name: "tool", version: "9.9.9", integrity: undefined }, options())).rejects.toMatchObject({
      code: "agent.install",
      remedy: expect.stringContaining("agent-version"),
    });
  });

  test("keeps npm's own words in the error when npm cannot fetch it", async () => {
    writeFileSync(join(folder, "bin", "npm"), "#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n");
    const failed = fetchPackage({ name: "tool", version: "9.9.9", integrity: undefined }, options());
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining("E404") });
    expect(said).toEqual(["npm error code E404"]);
  });

  test("is fetched with npm's settings and logins, and with no token of the job", async () => {
    const script = `#!/bin/sh\nenv > ${folder}/env\ncp ${folder}/archive "$PWD/tool-1.0.0.tgz"\n`;
    writeFileSync(join(folder, "bin", "npm"), script);
    const tokens = ["INPUT_GITHUB-TOKEN", "GITHUB_TOKEN", "ANTHROPIC_API_KEY", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
    const settings = ["npm_config_userconfig", "NPM_CONFIG_REGISTRY", "NODE_AUTH_TOKEN", "https_proxy", "NODE_EXTRA_CA_CERTS"];
    for (const name of [...tokens, ...settings]) vi.stubEnv(name, `value-of-${name}`);
    try {
      await fetchPackage({ name: "tool", version: "1.0.0", integrity: integrity() }, options());
    } finally {
      vi.unstubAllEnvs();
    }
    const env = readFileSync(join(folder, "env"), "utf8");
    for (const name of tokens) expect(env).not.toContain(`value-of-${name}`);
    for (const name of settings) expect(env).toContain(`${name}=value-of-${name}`);
  });

  test("is refused with tar's words when its archive is none", async () => {
    writeFileSync(join(folder, "archive"), "no archive");
    const fetched = fetchPackage({ name: "tool", version: "1.0.0", integrity: integrity() }, options());
    await expect(fetched).rejects.toMatchObject({ code: "agent.install", message: expect.stringContaining("gzip") });
  });
});
