import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openGitRepositories } from "../../../../src/adapters/repository/git.ts";
import { findAirlockError } from "../../../../src/domain/errors.ts";
import { Secret } from "../../../../src/domain/secret.ts";
import { type Bench, openBench } from "../../../support/forge/bare-repository.ts";
import { entry, makeWorkTree } from "../../../support/forge/work-tree.ts";

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "nothing thrown",
    (error: unknown) => findAirlockError(error)?.code ?? String(error),
  );

describe("the bare repository", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({
      "a.txt": "one\ntwo\n",
      "dir/b.txt": "b\n",
      "dir/run.sh": { mode: "100755", content: "#!/bin/sh\n" },
      link: { mode: "120000", content: "a.txt" },
    });
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test("the bare repository has the same tree for a commit as the repository it was fetched from", async () => {
    expect(await bench.repository.readTree(bench.base)).toBe(bench.work.git(["rev-parse", "HEAD^{tree}"]));
  });

  test("the bare repository reads edits, additions, deletions, mode and type changes as git names them", async () => {
    const patch = await bench.edit({ "a.txt": "one\n2\n", "new/file": "n", "dir/b.txt": null, "dir/run.sh": "#!/bin/sh\n", link: null });
    expect(patch.tree).toBe(bench.work.tree());
    expect(patch.changes.map(({ kind, path, additions, deletions }) => [kind, path, additions, deletions])).toEqual([
      ["modified", "a.txt", 1, 1],
      ["deleted", "dir/b.txt", 0, 1],
      ["modified", "dir/run.sh", 0, 0],
      ["deleted", "link", 0, 1],
      ["added", "new/file", 1, 0],
    ]);
    expect(patch.changes[2]).toMatchObject({ before: { mode: "100755" }, after: { mode: "100644", size: 10 } });
  });

  test("packs one commit that another git can unpack, without its parents", async () => {
    const commit = await bench.repository.commitTree(await bench.repository.readTree(bench.base), bench.base);
    const pack = await buffer(bench.repository.pack(commit));
    using other = makeWorkTree();
    other.git(["unpack-objects", "-q"], pack);
    expect(other.git(["cat-file", "-p", `${commit}^{tree}`])).toBe(bench.work.git(["cat-file", "-p", `${bench.base}^{tree}`]));
    expect(() => other.git(["cat-file", "-e", bench.base])).toThrow();
  });

  test("the bare repository ends the stream with an error when a commit cannot be packed", async () => {
    expect(await codeOf(buffer(bench.repository.pack("1".repeat(40))))).toBe("harvest.unreadable");
  });

  test("the bare repository writes a diff that git apply turns into the judged tree", async () => {
    const patch = await bench.readPatch([
      entry("bin", "100644", Uint8Array.from([0, 1, 2, 255])),
      entry("a.txt", "100644", "x"),
      entry("link", "000000"),
    ]);
    const file = join(bench.parent, "patch.diff");
    const bytes = await bench.repository.writeDiff(patch, file);
    expect(bytes).toBe(readFileSync(file).length);
    using other = makeWorkTree({
      "a.txt": "one\ntwo\n",
      "dir/b.txt": "b\n",
      "dir/run.sh": { mode: "100755", content: "#!/bin/sh\n" },
      link: { mode: "120000", content: "a.txt" },
    });
    other.commit();
    other.git(["apply", "--index", file]);
    expect(other.git(["write-tree"])).toBe(patch.tree);
  });

  test("the bare repository reads blobs and paths bounded, links and absent paths as nothing", async () => {
    const text = async (path: string): Promise<string> =>
      Buffer.from((await bench.repository.readPath(bench.base, path, 100)) ?? "-").toString();
    expect(await text("a.txt")).toBe("one\ntwo\n");
    expect(await text("link")).toBe("-");
    expect(await text("dir")).toBe("-");
    expect(await text("../a.txt")).toBe("-");
    expect(await codeOf(bench.repository.readPath(bench.base, "a.txt", 3))).toBe("harvest.limit");
    expect(await text("dir/b.txt")).toBe("b\n");
  });

  test("computes the tree's id anew", async () => {
    const tree = await bench.repository.readTree(bench.base);
    expect(await bench.repository.hashTree(tree)).toBe(tree);
  });

  test("replays a patch on a moved base, and names the paths that conflict", async () => {
    const patch = await bench.readPatch([entry("a.txt", "100644", "one\nchanged\n")]);
    using moved = makeWorkTree({ "a.txt": "one\ntwo\n", "other.txt": "new\n" });
    const clean = moved.commit();
    moved.write({ "a.txt": "one\nelse\n" });
    const conflicting = moved.commit();
    await bench.repository.fetch({ url: moved.url, token: new Secret("") }, [clean, conflicting]);
    const rebased = await bench.repository.rebase(patch, clean);
    expect(rebased).toMatchObject({ clean: true, patch: { baseSha: clean, changes: [{ path: "a.txt", kind: "modified" }] } });
    expect(await bench.repository.rebase(patch, conflicting)).toEqual({ clean: false, paths: ["a.txt"] });
  });

  test("the bare repository finds a commit that the server does not hand out by its id through its branch, and says when there is none", async () => {
    using strict = makeWorkTree({ f: "1" });
    strict.git(["config", "uploadpack.allowAnySHA1InWant", "false"]);
    strict.git(["config", "protocol.version", "0"]);
    const older = strict.commit();
    strict.write({ f: "2" });
    const tip = strict.commit();
    const remote = { url: strict.url, token: new Secret("") };
    await bench.repository.fetch(remote, [tip]);
    expect(await bench.repository.readTree(tip)).toBe(strict.git(["rev-parse", "HEAD^{tree}"]));
    expect(await codeOf(bench.repository.fetch(remote, ["2".repeat(40)]))).toBe("repository.unreadable");
    expect(older).not.toBe(tip);
  });

  test("the bare repository leaves nothing behind when it is disposed", async () => {
    const other = await openGitRepositories({ temporaryDirectory: bench.parent }).open();
    await other[Symbol.asyncDispose]();
    expect(readdirSync(bench.parent).filter((name) => name.startsWith("repository-"))).toHaveLength(1);
  });

  test("the bare repository refuses remotes that are not https, and file remotes unless they are let in", async () => {
    await using strict = await openGitRepositories({ temporaryDirectory: bench.parent }).open();
    for (const url of [
      bench.work.url,
      "ext::sh -c id",
      "ssh://git@example.org/x",
      "http://example.org/x.git",
      "https://u:p@example.org/x.git",
      "--upload-pack=id",
    ]) {
      expect(await codeOf(strict.fetch({ url, token: new Secret("t") }, [bench.base])), url).toBe("repository.unreadable");
    }
    expect(await codeOf(bench.repository.fetch({ url: bench.work.url, token: new Secret("") }, ["--upload-pack=id"]))).toBe(
      "repository.unreadable",
    );
  });
});
