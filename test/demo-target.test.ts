import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mirrorTarget, type StandIn, startStandIn } from "../demo/stand-in.ts";
import { makeTarget } from "../demo/target.ts";
import { makeWorkTree, type WorkTree } from "./support/forge/work-tree.ts";

let folder: string;
let work: WorkTree;
let standIn: StandIn;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "airlock-target-"));
  work = makeWorkTree({ "a.txt": "a\n", "naïve.txt": "b\n", "a\tb.txt": "c\n" });
  standIn = await startStandIn({ owner: "octo", name: "demo", strangers: [], port: 0 });
});
afterAll(async () => {
  await standIn.close();
  work[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("the demo's copy of a repository of the user's", () => {
  test("names with tabs and accents are kept; those that are no UTF-8 are left out and told, and the stand-in takes the rest", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${work.directory}/`), Buffer.from([0x63, 0x61, 0x66, 0xe9])]), "latin\n");
    const commit = work.commit();
    const target = await makeTarget({ bare: join(folder, "demo.git"), base: { repo: work.directory, revision: commit } });
    expect(target.files.map(({ path }) => path)).toEqual(["a\tb.txt", "a.txt", "naïve.txt"]);
    expect(target.leftOut).toEqual(['"café"']);
    await mirrorTarget(standIn, target);
    const tree = execFileSync("git", ["--git-dir", target.bare, "rev-parse", "main^{tree}"], { encoding: "utf8" });
    expect(tree.trim()).toBe(target.tree);
  });
});
