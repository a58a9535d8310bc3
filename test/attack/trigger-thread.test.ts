import { describe, expect, test } from "vitest";
import type { CommentHistory } from "../../src/ports/conversation.ts";
import { readTask } from "../../src/stages/task/task.ts";
import { AT_MS, labeled, runFactsOf, settingsOf } from "../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../support/forge/fake-forge.ts";
import { admitted } from "../support/forge/triggered.ts";

function openForge(): FakeForge {
  const forge = openFakeForge();
  forge.addIssue({ number: 7, title: "The flag is wrong", body: "Please mend it.", labels: ["airlock"] });
  return forge;
}

/** `count` comments by `maria`, a second apart, the last one a minute before the trigger. */
function fill(forge: FakeForge, count: number, bodyOf: (index: number) => string): void {
  const comments = Array.from({ length: count }, (_, index) => {
    const createdAtMs = AT_MS - 60_000 - (count - 1 - index) * 1_000;
    return { id: index + 1, author: "maria", body: bodyOf(index + 1), createdAtMs, updatedAtMs: createdAtMs, url: "" };
  });
  forge.state.comments.set(7, comments);
}

async function promptOf(forge: FakeForge, history?: ReadonlyMap<number, CommentHistory>) {
  const asked: number[] = [];
  const readHistory = async (_number: number, max: number) => {
    asked.push(max);
    return history === undefined ? ("unknown" as const) : { comments: history };
  };
  const trigger = await admitted(labeled(), forge);
  const task = await readTask({ forge: { ...forge, readHistory }, trigger, settings: settingsOf(), run: runFactsOf() });
  return { ...task, asked };
}

describe("I9, I18, T9: a thread with more comments than are read", () => {
  test("a long thread gives the newest comments, oldest first, and says how many more there are", async () => {
    const forge = openForge();
    fill(forge, 451, (index) => `said-${index};`);
    const { prompt, notes } = await promptOf(forge);
    const said = Array.from(prompt.matchAll(/said-(\d+);/g), ([, index]) => Number(index));
    expect(said).toEqual(Array.from({ length: 300 }, (_, index) => index + 152));
    const note = "151 more comments were left out: only the newest 300 are read.";
    expect(prompt).toContain(note);
    expect(notes).toContain(note);
  });

  test("a thread says nothing of missing comments when all were read", async () => {
    const forge = openForge();
    fill(forge, 300, (index) => `said-${index};`);
    const { prompt } = await promptOf(forge);
    expect(prompt).toContain("said-1;");
    expect(prompt).not.toContain("left out");
  });

  test("a long thread is judged by the edits of the same comments, with room for what is written meanwhile", async () => {
    const forge = openForge();
    fill(forge, 400, (index) => `said-${index};`);
    const past = new Map(Array.from({ length: 300 }, (_, index) => [index + 101, { minimised: index === 299 }] as const));
    const { prompt, asked } = await promptOf(forge, past);
    expect(asked[0]).toBeGreaterThanOrEqual(301);
    expect(prompt).toContain("said-399;");
    expect(prompt).not.toContain("said-400;");
    expect(prompt).toContain("Comments left out: 1 hidden by a maintainer.");
  });

  test("a prompt has no room for all comments: the newest have it, and the others are counted", async () => {
    const forge = openForge();
    fill(forge, 200, (index) => `said-${index}; ${"word ".repeat(500)}`);
    const { prompt } = await promptOf(forge);
    expect(prompt).toContain("said-200;");
    expect(prompt).not.toContain("said-1;");
    const given = prompt.match(/said-/g)?.length ?? 0;
    expect(prompt).toContain(`Comments left out: ${200 - given} over the size limit.`);
  });
});
