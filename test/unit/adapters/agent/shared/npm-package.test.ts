import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchPackage } from "../../../../../src/adapters/agent/shared/npm-package.ts";

let folder: string;
let path: string | undefined;

/** Puts an `npm` first on the path that hands out the archive of this folder, as `npm pack` does. */
beforeEach(() => {
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

  test("C1: a package for the sandbox is refused when a byte of its archive differs from what is pinned, and leaves nothing", async () => {
    const pinned = { name: "tool", version: "1.0.0", integrity: integrity() };
    writeFileSync(join(folder, "archive"), Buffer.concat([readFileSync(join(folder, "archive")), Buffer.from([0])]));
    await expect(fetchPackage(pinned, cache())).rejects.toMatchObject({ code: "agent.install" });
    expect(readdirSync(join(cache(), "agents"))).toEqual([]);
  });

  test("a package for the sandbox is unpacked once and then taken from the cache", async () => {
    const pinned = { name: "@scope/tool", version: "1.0.0", integrity: integrity() };
    const first = await fetchPackage(pinned, cache());
    const second = await fetchPackage(pinned, cache());
    expect(readFileSync(join(first.directory, "tool"), "utf8")).toContain("echo tool");
    expect(second).toEqual(first);
    expect(asked()).toBe(1);
  });

  test("C1: a package for the sandbox is fetched again when somebody changed the cached copy", async () => {
    const pinned = { name: "tool", version: "1.0.0", integrity: integrity() };
    const first = await fetchPackage(pinned, cache());
    writeFileSync(join(first.directory, "tool"), "#!/bin/sh\necho changed\n");
    const second = await fetchPackage(pinned, cache());
    expect(readFileSync(join(second.directory, "tool"), "utf8")).toContain("echo tool");
    expect(second.digest).toBe(first.digest);
    expect(asked()).toBe(2);
  });

  test("a package for the sandbox says what to check when npm cannot fetch it", async () => {
    writeFileSync(join(folder, "bin", "npm"), "#!/bin/sh\nexit 1\n");
    await expect(fetchPackage({ name: "tool", version: "9.9.9", integrity: undefined }, cache())).rejects.toMatchObject({
      code: "agent.install",
      remedy: expect.stringContaining("agent-version"),
    });
  });
});
