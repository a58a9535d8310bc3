import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OUTPUTS } from "../../src/config/outputs.ts";
import type { Patch } from "../../src/domain/patch.ts";
import type { Publishing } from "../support/forge/publication.ts";
import { openPublishBench, type PublishBench } from "../support/forge/publish-bench.ts";

const TOKEN = "tok-5e1f0a97c2d84b36-of-acme";
const secret = (name: string) => ({ name, host: "packages.example.com", header: "authorization" });
const CONFIG = JSON.stringify({ secrets: [secret("ACME_TOKEN")], profiles: { deps: { secrets: [secret("OTHER_TOKEN")] } } });

let bench: PublishBench;
let world: Publishing;
let patch: Patch;
let artifact: string;

beforeAll(async () => {
  bench = await openPublishBench({
    "sum.js": "export const sum = (a, b) => a - b;\n",
    "old.txt": "old\n",
    ".github/airlock.yml": CONFIG,
    ".github/broken.yml": "secrets: 7\n",
  });
  world = bench.world;
  patch = await world.bench.edit({
    "sum.js": "export const sum = (a, b) => a + b;\n",
    "old.txt": null,
    "bin.dat": new Uint8Array([0, 1, 255]),
  });
});
afterAll(() => bench[Symbol.asyncDispose]());

beforeEach(async () => {
  artifact = await bench.leaveArtifact(patch);
});

const act = (inputs?: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>) => bench.act(artifact, inputs, env);
const edit = (name: string, change: (text: string) => string): void =>
  writeFileSync(join(artifact, name), change(readFileSync(join(artifact, name), "utf8")));
const branches = () => bench.branches();

describe("the publish action", () => {
  test.each([
    {
      what: "a patch that changed on the way",
      tamper: () => edit("patch.diff", (text) => text.replace("a + b", "a * b")),
      told: /not the file that record\.json names/,
      line: /^AL522 held: .*Run both jobs again/,
    },
    {
      what: "a record of another repository",
      tamper: () => edit("record.json", (text) => text.replaceAll('"octo/demo"', '"evil/demo"')),
      told: /another repository/,
      line: /^AL101 error: .*Give `directory`/,
    },
    {
      what: "a base branch that is no branch's name",
      tamper: () => edit("record.json", (text) => text.replace('"baseRef": "main"', '"baseRef": "../main"')),
      told: /task\.baseRef/,
      line: /^AL101 error: /,
    },
    {
      what: "something that is no record",
      tamper: () => writeFileSync(join(artifact, "record.json"), "[]"),
      told: /not the record/,
      line: /^AL101 error: /,
    },
    {
      what: "a run that was held",
      tamper: () => edit("record.json", (text) => text.replace('"word": "patch-only"', '"word": "held"')),
      told: /ended as held/,
      line: /^held: .*ended as held/,
    },
  ])("the publish action refuses $what", async ({ tamper, told, line }) => {
    tamper();
    const ended = await act();
    expect(ended.code).toBe(1);
    expect(ended.outputs.summary).toMatch(told);
    expect(ended.commands.filter(({ name }) => name === "error").map(({ value }) => value)).toEqual([expect.stringMatching(line)]);
    expect(await branches()).toEqual([]);
  });

  test("the publish action judges the patch again: what the earlier job let through is held here", async () => {
    const ended = await act({ "allowed-paths": "docs/**" });
    expect(ended.outputs.outcome).toBe("held");
    expect(await branches()).toEqual([]);
  });

  test("I12, I16, I17: the publish action publishes exactly the judged tree, once, and leaves nothing to later steps but its outputs", async () => {
    const first = await act();
    expect(first.outputs).toMatchObject({ outcome: "published", branch: `airlock/issue-${world.issue}`, "changed-files": "3" });
    const second = await act();
    expect(second.outputs).toMatchObject({ outcome: "updated", "head-sha": first.outputs["head-sha"] });
    const recorded = JSON.parse(readFileSync(join(artifact, "record.json"), "utf8")) as { patch: { tree: string } };
    expect(first.outputs["tree-sha"]).toBe(recorded.patch.tree);
    expect(await world.pulls()).toHaveLength(1);
    expect(Object.keys(first.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort());
    expect([first.exported, first.path]).toEqual([{}, []]);
    expect(
      first.commands.map(({ name }) => name).filter((name) => !["add-mask", "group", "endgroup", "notice", "warning"].includes(name)),
    ).toEqual([]);
    expect(await world.comments()).toHaveLength(1);
  });
});

describe("I14: secrets that the repository's file declares", () => {
  const forms = { raw: TOKEN, base64: Buffer.from(TOKEN).toString("base64"), reversed: [...TOKEN].reverse().join("") };
  const notices = ({ commands }: Awaited<ReturnType<typeof act>>) => commands.filter(({ name }) => name === "notice");

  test.each(Object.entries(forms))("declared secrets are searched for where the step has their value: %s", async (_form, spelled) => {
    artifact = await bench.leaveArtifact(await world.bench.edit({ "notes.txt": `It was ${spelled} here.\n` }));
    const before = await branches();
    const ended = await act({}, { ACME_TOKEN: TOKEN, OTHER_TOKEN: `${TOKEN}-too\n` });
    expect(ended.outputs).toMatchObject({ outcome: "held" });
    expect(ended.outputs.summary).toContain("secret");
    expect(ended.record["declaredSecrets"]).toEqual({ searched: ["ACME_TOKEN", "OTHER_TOKEN"], unsearched: [] });
    expect(ended.masks).toEqual(expect.arrayContaining([TOKEN, `${TOKEN}-too`]));
    expect(notices(ended)).toEqual([]);
    expect(await branches()).toEqual(before);
  });

  test("declared secrets are searched for in the texts, which an earlier job may have written", async () => {
    edit("record.json", (text) => text.replaceAll("The sum is wrong", `The sum is ${TOKEN}`));
    const before = await branches();
    const ended = await act({}, { ACME_TOKEN: TOKEN });
    expect(ended.outputs.outcome).toBe("held");
    expect(`${ended.stdout.replaceAll(`::add-mask::${TOKEN}`, "")}${ended.summary}${JSON.stringify(ended.outputs)}`).not.toContain(TOKEN);
    expect(await branches()).toEqual(before);
  });

  test("declared secrets are named where the step has no value that can be searched for", async () => {
    const ended = await act({}, { ACME_TOKEN: "short" });
    expect(["published", "updated"]).toContain(ended.outputs.outcome);
    expect(ended.record["declaredSecrets"]).toEqual({ searched: [], unsearched: ["ACME_TOKEN", "OTHER_TOKEN"] });
    expect(notices(ended).map(({ value }) => value)).toEqual([
      expect.stringMatching(/ACME_TOKEN: \$\{\{ secrets\.ACME_TOKEN \}\}, OTHER_TOKEN: \$\{\{ secrets\.OTHER_TOKEN \}\}$/),
    ]);
    expect(ended.summary).toMatch(/Not searched for here.*ACME.*OTHER/);
  });

  test("a file of declared secrets that cannot be read stops the job", async () => {
    const ended = await act({ config: ".github/broken.yml" }, { ACME_TOKEN: TOKEN });
    expect(ended.code).toBe(1);
    expect(ended.commands.filter(({ name }) => name === "error").map(({ value }) => value)).toEqual([
      expect.stringMatching(/^AL\d+ error: \.github\/broken\.yml:1/),
    ]);
  });
});
