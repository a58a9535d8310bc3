import { describe, expect, test } from "vitest";
import type { Task, Trigger } from "../../../../src/domain/task.ts";
import { readTask } from "../../../../src/stages/task/task.ts";
import { readTrigger } from "../../../../src/stages/trigger/trigger.ts";
import {
  type FakeRunner,
  labeled,
  NOW_MS,
  openFakeRunner,
  pullRequest,
  runFactsOf,
  settingsOf,
  user,
  workflowRun,
} from "../../../support/forge/fake-event.ts";
import { BASE_SHA, type FakeForge, HEAD_SHA, openFakeForge } from "../../../support/forge/fake-forge.ts";

function openWorld(): FakeForge {
  const forge = openFakeForge();
  forge.addIssue({ number: 7, title: "The flag is wrong", body: "Please mend it.", labels: ["airlock"] });
  forge.addPull({ number: 8, title: "A change", body: "Why." });
  return forge;
}

async function admitted(runner: FakeRunner, forge: FakeForge, settings = settingsOf()): Promise<Trigger> {
  const admission = await readTrigger({ runner, forge, settings, now: () => NOW_MS });
  if (!admission.admitted) throw new Error(`${admission.word}: ${admission.reason}`);
  return admission.trigger;
}

async function taskOf(
  event: { readonly name: string; readonly payload: unknown },
  forge: FakeForge,
  settings = settingsOf(),
): Promise<Task> {
  const runner = openFakeRunner(event);
  const trigger = await admitted(runner, forge, settings);
  return await readTask({ forge, trigger, settings, run: runFactsOf(), marker: "feed".repeat(8) });
}

function textOf(task: Task, path: string): string {
  const attachment = task.attachments.find((candidate) => candidate.path === path);
  return Buffer.from(attachment?.content ?? new Uint8Array()).toString("utf8");
}

describe("the task of a labelled issue", () => {
  test("holds the payload's text between lines with the marker, and is pinned to the default branch", async () => {
    const task = await taskOf(labeled(), openWorld());
    expect(task.prompt).toContain(
      `[airlock-text ${"feed".repeat(8)} begin: text of issue #7]\nPlease mend it.\n[airlock-text ${"feed".repeat(8)} end]`,
    );
    expect({ ref: task.baseRef, sha: task.baseSha }).toEqual({ ref: "main", sha: BASE_SHA });
    expect(task.target).toEqual({ kind: "issue", number: 7 });
  });

  test("is also a file, beside the facts of the event", async () => {
    const task = await taskOf(labeled(), openWorld());
    expect(textOf(task, "task.md")).toBe(task.prompt);
    expect(JSON.parse(textOf(task, "event.json"))).toMatchObject({ event: "issues", action: "labeled", target: { number: 7 } });
    expect(task.attachments.every(({ path }) => /^[a-z0-9./-]+$/.test(path))).toBe(true);
  });

  test("is pinned to the base that the workflow names", async () => {
    const forge = openWorld();
    forge.state.branches.set("next", HEAD_SHA);
    const task = await taskOf(labeled(), forge, settingsOf({ publication: { base: "next" } }));
    expect({ ref: task.baseRef, sha: task.baseSha }).toEqual({ ref: "next", sha: HEAD_SHA });
  });

  test("says which input is wrong when the base does not exist", async () => {
    const failing = taskOf(labeled(), openWorld(), settingsOf({ publication: { base: "gone" } }));
    await expect(failing).rejects.toMatchObject({ code: "repository.unreadable", remedy: expect.stringContaining("`base`") });
  });

  test("carries the project's commands and its contribution guide from the pinned commit", async () => {
    const forge = openWorld();
    forge.state.files.set(`${BASE_SHA}:package.json`, JSON.stringify({ scripts: { test: "vitest", "bad name; rm": "x" } }));
    forge.state.files.set(`${BASE_SHA}:CONTRIBUTING.md`, "Run the tests.<!-- ignore this -->");
    const task = await taskOf(labeled(), forge);
    expect(task.prompt).toContain("npm scripts: test.");
    expect(textOf(task, "contributing.md")).toBe("Run the tests.\n");
  });
});

describe("the task of a bare prompt", () => {
  const push = { name: "push", payload: { ref: "refs/heads/main", deleted: false, sender: user("maria"), repository: { id: 1 } } };
  test.each([
    ["schedule", { name: "schedule", payload: { schedule: "0 3 * * *" } }, ""],
    ["workflow_dispatch", { name: "workflow_dispatch", payload: { inputs: null, sender: user("maria") } }, "maria"],
    ["push", push, "maria"],
  ])("is the workflow's own prompt for %s", async (_name, event, actor) => {
    const task = await taskOf(event, openWorld(), settingsOf({ prompt: "Update {{ repository }} for {{ actor }}." }));
    expect(task.target).toEqual({ kind: "repository" });
    expect(task.prompt).toContain(`Update "acme/rocket" for "${actor}".`);
    expect(task.baseSha).toBe(BASE_SHA);
  });

  test("is quoted as text from outside when the dispatch carried it", async () => {
    const event = { name: "repository_dispatch", payload: { action: "go", client_payload: { prompt: "Do it" }, sender: user("maria") } };
    const task = await taskOf(event, openWorld());
    expect(task.prompt).toContain("begin: instruction by @maria]\nDo it\n");
  });

  test("is refused when it asks for a value that does not exist", async () => {
    const failing = taskOf(push, openWorld(), settingsOf({ prompt: "{{ secrets }}" }));
    await expect(failing).rejects.toMatchObject({ code: "input.invalid", remedy: expect.stringContaining("repository") });
  });
});

describe("the task of a pull request", () => {
  test("is a review of the pinned head against the branch it goes to, with the diff as a file", async () => {
    const forge = openWorld();
    forge.state.diff = "diff --git a/x b/x\n";
    const task = await taskOf(pullRequest("opened"), forge);
    expect({ ref: task.baseRef, sha: task.baseSha, mode: task.trigger.mode }).toEqual({ ref: "main", sha: HEAD_SHA, mode: "review" });
    expect(textOf(task, "pull-request.diff")).toBe("diff --git a/x b/x\n");
  });
});

describe("the task of a failed CI run", () => {
  test("starts at the failed commit and carries the failed jobs' logs", async () => {
    const forge = openWorld();
    forge.state.failures = [{ name: "test (18)", text: `${String.fromCharCode(27)}[31mAssertionError\u200b: 1 is not 2` }];
    const task = await taskOf(workflowRun(), forge);
    expect({ ref: task.baseRef, sha: task.baseSha, target: task.target }).toEqual({
      ref: "topic",
      sha: HEAD_SHA,
      target: { kind: "repository" },
    });
    expect(textOf(task, "failure-1.log")).toBe("AssertionError: 1 is not 2");
    expect(task.prompt).toContain("AssertionError: 1 is not 2");
  });

  test("says so when the logs cannot be had", async () => {
    const task = await taskOf(workflowRun(), openWorld());
    expect(task.prompt).toContain("could not be read");
  });
});
