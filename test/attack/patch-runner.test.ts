import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openGitRepositories } from "../../src/adapters/repository/git.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Repository } from "../../src/ports/repository.ts";
import type { HarvestEntry } from "../../src/ports/sandbox.ts";
import { openBench } from "../support/forge/bare-repository.ts";
import { startGit } from "../support/forge/git-http-server.mjs";
import { entry, makeWorkTree, streamOf } from "../support/forge/work-tree.ts";
import { usedBytes } from "../support/memory.ts";

const TOKEN = "ghs_W7kQz1RtYb3NcX9vLm5HgJ2pDf8SaE4uKoTi";

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
}

describe("I1: the runner's git runs nothing that anybody else wrote", () => {
  const saved = { ...process.env };
  let home: string;
  const marker = (): string => join(home, "ran");
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "airlock-home-"));
    const run = `touch ${marker()}`;
    mkdirSync(join(home, "template/hooks"), { recursive: true });
    for (const hook of ["reference-transaction", "post-index-change", "fsmonitor-watchman"])
      writeFileSync(join(home, "template/hooks", hook), `#!/bin/sh\n${run}\n`, { mode: 0o755 });
    writeFileSync(
      join(home, ".gitconfig"),
      `[core]\n\tfsmonitor = ${run}\n\thooksPath = ${home}/template/hooks\n\tsshCommand = ${run}\n\taskPass = ${run}\n[init]\n\ttemplateDir = ${home}/template\n[diff]\n\texternal = ${run}\n[credential]\n\thelper = "!${run}"\n[filter "x"]\n\tclean = ${run}\n[core]\n\tattributesFile = ${home}/attributes\n[merge "x"]\n\tdriver = ${run}\n[url "file:///"]\n\tinsteadOf = https://\n[protocol]\n\tallow = always\n`,
    );
    writeFileSync(join(home, "attributes"), "* filter=x diff=x merge=x\n");
    Object.assign(process.env, {
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_DIR: "/nonexistent",
      GIT_WORK_TREE: home,
      GIT_INDEX_FILE: join(home, "index"),
      GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
      GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${run}'`,
      GIT_EXTERNAL_DIFF: run,
      GIT_SSH_COMMAND: run,
      GIT_ASKPASS: run,
      GIT_TRACE: join(home, "trace"),
      GIT_OBJECT_DIRECTORY: join(home, "objects"),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: home,
    });
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
    rmSync(home, { recursive: true, force: true });
  });

  test("X8: whatever the runner's environment, configuration and templates say, and whatever attributes the tree carries", async () => {
    await using bench = await openBench({
      "a.txt": "one\n",
      ".gitattributes": "* filter=x diff=x merge=x\n",
      ".gitmodules": '[submodule "s"]\n\tpath = s\n\turl = https://example.org/s.git\n\tupdate = none\n',
    });
    const patch = await bench.readPatch([
      entry("a.txt", "100644", "two\n"),
      entry("hooks/post-checkout", "100755", `#!/bin/sh\ntouch ${marker()}\n`),
    ]);
    await bench.repository.writeDiff(patch, join(bench.parent, "p.diff"));
    await buffer(bench.repository.pack(bench.base));
    await bench.repository.rebase(patch, bench.base);
    expect(patch.changes.map(({ path, additions }) => [path, additions])).toEqual([
      ["a.txt", 1],
      ["hooks/post-checkout", 2],
    ]);
    expect(existsSync(marker())).toBe(false);
    expect(existsSync(join(home, "trace"))).toBe(false);
  });
});

describe("I2: the token goes to the forge, in a header, and nowhere else", () => {
  const open = async (): Promise<{ repository: Repository; directory: string } & AsyncDisposable> => {
    const directory = mkdtempSync(join(tmpdir(), "airlock-fetch-"));
    const repository = await openGitRepositories({ temporaryDirectory: directory }).open();
    return {
      repository,
      directory,
      async [Symbol.asyncDispose]() {
        await repository[Symbol.asyncDispose]();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  };

  test("fetches one commit from a server that asks for it, and fails plainly with a wrong one", async () => {
    await using bench = await open();
    using work = makeWorkTree({ "a.txt": "a\n" });
    work.commit("older");
    work.write({ "a.txt": "b\n" });
    const sha = work.commit();
    mkdirSync(join(bench.directory, "octo"));
    work.git(["clone", "-q", "--bare", work.directory, join(bench.directory, "octo/demo.git")]);
    await using server = await startGit({ root: bench.directory, tokens: { [TOKEN]: "ro" }, publicRead: false });
    const url = `${server.url}/octo/demo.git`;
    await bench.repository.fetch({ url, token: new Secret(TOKEN) }, [sha]);
    expect(await bench.repository.readTree(sha)).toBe(work.tree());
    await expect(bench.repository.readTree(work.git(["rev-parse", "HEAD~"]))).rejects.toMatchObject({ code: "repository.unreadable" });
    const refused = bench.repository.fetch({ url, token: new Secret("wrong-token-value") }, [sha]);
    await expect(refused).rejects.toMatchObject({ code: "repository.unreadable" });
    await refused.catch((error: unknown) => {
      expect(`${error} ${JSON.stringify(error)}`).not.toContain("wrong-token-value");
      expect(`${error}`).not.toContain(Buffer.from("x-access-token:wrong-token-value").toString("base64"));
    });
  });

  test("a fetch does not follow a redirect to another server", async () => {
    await using bench = await open();
    const seen: IncomingMessage[] = [];
    const thief = createServer((request, response) => {
      seen.push(request);
      response.end();
    });
    const thiefUrl = await listen(thief);
    const headers: (string | undefined)[] = [];
    const forge = createServer((request, response) => {
      headers.push(request.headers.authorization);
      response.writeHead(302, { location: `${thiefUrl}${request.url}` }).end();
    });
    const url = await listen(forge);
    await expect(bench.repository.fetch({ url: `${url}/o/r.git`, token: new Secret(TOKEN) }, ["1".repeat(40)])).rejects.toMatchObject({
      code: "repository.unreadable",
    });
    forge.close();
    thief.close();
    expect(headers[0]).toBe(`Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString("base64")}`);
    expect(seen).toEqual([]);
  });
});

describe("I18: what is read out of a sandbox is bounded", () => {
  test("X5: reading a patch stops at the number of files and of bytes, and reads no further", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    let made = 0;
    function* endless(bytes: number): Generator<HarvestEntry> {
      for (;;) {
        made += 1;
        yield entry(`n/${made}`, "100644", Buffer.alloc(bytes));
      }
    }
    const read = (bytes: number): Promise<unknown> =>
      bench.repository.readPatch(bench.base, streamOf(endless(bytes)), { maxFiles: 500, maxBytes: 10 << 20 });
    await expect(read(1)).rejects.toMatchObject({
      code: "harvest.limit",
      message: expect.stringContaining("500"),
      remedy: expect.stringContaining("max-patch-files"),
    });
    expect(made).toBeLessThan(510);
    await expect(read(1 << 20)).rejects.toMatchObject({ code: "harvest.limit", remedy: expect.stringContaining("max-patch-kib") });
    expect(made).toBeLessThan(530);
  });

  test("reading a patch passes on what the sandbox's own stream throws", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    async function* broken(): AsyncGenerator<HarvestEntry> {
      yield await Promise.resolve(entry("x", "100644", "x"));
      throw new RangeError("lost");
    }
    await expect(bench.repository.readPatch(bench.base, broken(), { maxFiles: 5, maxBytes: 500 })).rejects.toThrow(RangeError);
  });

  test("X5: reading a patch keeps the runner's memory far below the size of the patch", async () => {
    await using bench = await openBench({ "a.txt": "a\n" });
    const content = Buffer.alloc(4 << 20, "line of text\n");
    let peak = 0;
    function* files(): Generator<HarvestEntry> {
      for (let index = 0; index < 40; index += 1) {
        content.writeUInt32BE(index);
        peak = Math.max(peak, usedBytes());
        yield entry(`n/${index}`, "100644", content);
      }
    }
    const before = usedBytes();
    const patch = await bench.repository.readPatch(bench.base, streamOf(files()), { maxFiles: 500, maxBytes: 1 << 30 });
    expect(patch.changes).toHaveLength(40);
    const verdict = await bench.judge(patch);
    peak = Math.max(peak, usedBytes());
    expect(verdict.decision).toBe("hold");
    expect(verdict.findings.map(({ code }) => code)).toEqual(expect.arrayContaining(["too-large", "unsearched"]));
    expect(peak - before).toBeLessThan(48 << 20);
  });
});
