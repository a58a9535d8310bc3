import { describe, expect, test } from "vitest";
import type { Task } from "../../src/domain/task.ts";
import type { CommentHistory, History } from "../../src/ports/conversation.ts";
import type { Forge, ImageAnswer } from "../../src/ports/forge.ts";
import { readTask } from "../../src/stages/task/task.ts";
import { readTrigger } from "../../src/stages/trigger/trigger.ts";
import { AT_MS, labeled, NOW_MS, openFakeRunner, pullRequest, runFactsOf, settingsOf } from "../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../support/forge/fake-forge.ts";

interface World {
  readonly history?: Partial<History> | "unknown";
  readonly comments?: "writers" | "everyone";
  readonly event?: { readonly name: string; readonly payload: unknown };
  readonly prepare?: (forge: FakeForge) => void;
  readonly images?: (addresses: readonly string[]) => readonly ImageAnswer[];
}

async function taskOf({ history = {}, comments = "writers", event = labeled(), prepare, images }: World): Promise<Task> {
  const fake = openFakeForge();
  fake.addIssue({ number: 7, title: "The flag is wrong", body: "Please mend it.", labels: ["airlock"] });
  fake.addPull({ number: 8, title: "A change", body: "Why." });
  prepare?.(fake);
  const forge: Forge = {
    ...fake,
    readHistory: async () => (history === "unknown" ? history : { comments: new Map(), ...history }),
    ...(images === undefined ? {} : { readImages: async (_number: number, addresses: readonly string[]) => images(addresses) }),
  };
  const settings = settingsOf({ trigger: { comments } });
  const runner = openFakeRunner(event);
  const admission = await readTrigger({ runner, forge, settings, now: () => NOW_MS });
  if (!admission.admitted) throw new Error(admission.reason);
  return await readTask({ forge, trigger: admission.trigger, settings, run: runFactsOf() });
}

const review = () => pullRequest("opened");
const ago = (seconds: number, editor: string | undefined) => ({ atMs: AT_MS - seconds * 1_000, editor });

describe("I9: edits that comparing texts can't tell", () => {
  test.each([
    ["a text edited after the trigger and back", { body: ago(-5, "maria") }, /text of #7 was edited by @maria after the trigger/],
    ["a title changed after the trigger and back", { title: ago(-5, "eve") }, /title of #7 was edited by @eve after/],
    ["a stranger's edit in the trigger's second", { body: ago(0, "eve") }, /in the second of the trigger/],
    ["a stranger's edit right before the trigger", { body: ago(40, "eve") }, /by @eve only 40 seconds before the trigger/],
    ["a stranger's new title right before the trigger", { title: ago(119, "eve") }, /only 119 seconds before/],
    ["an edit right before by an account that is gone", { body: ago(40, undefined) }, /by a deleted account/],
    ["an edit right before by an account of unknown permission", { body: ago(40, "nobody-knows") }, /by @nobody-knows/],
  ])("%s stops work that changes files", async (_name, history, message) => {
    await expect(taskOf({ history })).rejects.toMatchObject({
      code: "task.changed",
      message: expect.stringMatching(message),
      remedy: expect.stringContaining("120 seconds"),
    });
  });

  test.each([
    ["a stranger's edit two minutes before", { body: ago(120, "eve") }],
    ["an edit right before by someone who may write", { body: ago(1, "maria") }],
    ["an edit by the one who started the run, in any case", { title: ago(3, "MARIA") }],
  ])("%s does not", async (_name, history) => {
    expect((await taskOf({ history })).notes).toEqual([]);
  });

  test("a review goes on, and the run's notes say so", async () => {
    const { notes } = await taskOf({ history: { body: ago(30, "eve") }, event: review() });
    expect(notes).toEqual([expect.stringContaining("edited by @eve only 30 seconds before")]);
  });

  test("where GitHub does not tell, the run's notes say so", async () => {
    const { notes, prompt } = await taskOf({ history: "unknown" });
    expect(notes).toEqual([expect.stringContaining("GitHub did not tell who edited what")]);
    expect(prompt).toContain("GitHub did not tell who edited what");
  });
});

describe("I9: comments by what became of them", () => {
  const thread = (comments: readonly (readonly [number, string, CommentHistory | undefined])[]): World => ({
    comments: "everyone",
    prepare: (forge) => {
      for (const [id, body] of comments) forge.addComment(7, { id, body, author: "eve", createdAtMs: AT_MS - 900_000 });
    },
    history: { comments: new Map(comments.flatMap(([id, , past]) => (past === undefined ? [] : [[id, past] as const]))) },
  });

  test("hidden, edited late, edited unseen and deleted ones are left out and counted", async () => {
    const { prompt } = await taskOf(
      thread([
        [1, "KEPT one", { minimised: false }],
        [2, "GONE hidden", { minimised: true }],
        [3, "GONE late", { minimised: false, edit: ago(-3, "eve") }],
        [4, "GONE unseen", { minimised: false, edit: ago(20, "eve") }],
        [5, "KEPT edited long ago", { minimised: false, edit: ago(600, "eve") }],
        [6, "KEPT edited by a writer", { minimised: false, edit: ago(20, "maria") }],
        [7, "GONE deleted", undefined],
      ]),
    );
    expect(prompt).not.toContain("GONE");
    expect(prompt.match(/KEPT/g)).toHaveLength(3);
    expect(prompt).toContain(
      "Comments left out: 2 edited after the trigger, or by a stranger right before it, 1 hidden by a maintainer, 1 deleted meanwhile.",
    );
  });

  test("a touch that is no edit leaves a comment in", async () => {
    const world = thread([[1, "KEPT", { minimised: false }]]);
    const { prompt } = await taskOf({
      ...world,
      prepare: (forge) =>
        void forge.addComment(7, { id: 1, body: "KEPT", author: "maria", createdAtMs: AT_MS - 9_000, updatedAtMs: AT_MS + 9_000 }),
    });
    expect(prompt).toContain("KEPT");
  });
});

describe("I10, I18: images of the text", () => {
  const body = (text: string): World => ({
    event: labeled({ issue: { body: text } }),
    prepare: (forge) => forge.addIssue({ number: 7, title: "The flag is wrong", body: text, labels: ["airlock"] }),
    images: (addresses) =>
      addresses.map((address) =>
        address.includes("bad") ? { dropped: "GIF is not loaded" } : { png: Buffer.from(address), width: 1, height: 1 },
      ),
  });
  const files = (task: Task) =>
    task.attachments.filter(({ path }) => path.startsWith("images/")).map(({ path, content }) => [path, Buffer.from(content).toString()]);

  test("images of a text stand as files where the reader sees them, and what is not loaded says why", async () => {
    const task = await taskOf(
      body('a ![x](https://h/one) b ![y](https://h/bad) c <img alt="src=https://h/evil" src="https://h/two"> d ![x](https://h/one)'),
    );
    expect(task.prompt).toContain(
      "a [image: /work/.airlock/images/image-1.png] b [image, not loaded: GIF is not loaded] c [image: /work/.airlock/images/image-2.png] d [image: /work/.airlock/images/image-1.png]",
    );
    expect(files(task)).toEqual([
      ["images/image-1.png", "https://h/one"],
      ["images/image-2.png", "https://h/two"],
    ]);
    expect(task.notes).toContain("Image 2 of the text was not loaded: GIF is not loaded.");
  });

  test.each([
    ["inside a comment", "x <!-- ![a](https://h/hidden) --> y"],
    ["inside another image's description", "![![a](https://h/hidden)](https://h/shown) [image 1] [image: 0]"],
    ["behind a first source", '<img src="https://h/shown" src="https://h/hidden">'],
    ["inside an attribute", `<img title=' src="https://h/hidden"' src='https://h/shown'>`],
    ["in a picture whose source is shown in its place", '<picture><source srcset="https://h/x"><img src="https://h/hidden"></picture>'],
    ["with a set of sources", '<img srcset="https://h/x" src="https://h/hidden">'],
    ["too small to be seen", '<img src="https://h/hidden" width="1" height=1>'],
    ["in an element that is hidden", "x <span hidden>![a](https://h/hidden)</span>"],
    ["in a footnote that nothing points at", "x\n\n[^1]: ![a](https://h/hidden)"],
    ["in code", "`![a](https://h/hidden)`"],
  ])("images that a reader does not see, %s, are not loaded", async (_name, text) => {
    const asked: string[] = [];
    const world = body(text);
    await taskOf({
      ...world,
      images: (addresses) => {
        asked.push(...addresses);
        return addresses.map(() => ({ dropped: "no" }));
      },
    });
    expect(asked).not.toContain("https://h/hidden");
    if (text.includes("shown")) expect(asked).toContain("https://h/shown");
  });

  test("images are loaded up to a number, and not at all by a forge that cannot", async () => {
    const many = Array.from({ length: 12 }, (_, index) => `![x](https://h/${index})`).join(" ");
    const task = await taskOf(body(many));
    expect(files(task)).toHaveLength(8);
    expect(task.prompt).toContain("[image, not loaded: over the limit of 8 images]");
    const { images: _images, ...without } = body(many);
    expect((await taskOf(without)).prompt).toContain("[image, not loaded: it could not be loaded]");
  });
});
