import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeSpan, fence, inertHtml, inertInline, inertMarkdown, inertTitle } from "../../src/domain/inert.ts";
import type { RunNotes } from "../../src/domain/record/notes.ts";
import { renderAnswer } from "../../src/domain/render/answer.ts";
import { renderEnded } from "../../src/domain/render/comment.ts";
import { renderMark, renderReviewMarker } from "../../src/domain/review/fingerprint.ts";
import { LONGEST_LOCK_MS, parseLock, renderLock, TRACKING_MARKER } from "../../src/domain/trigger/state.ts";
import { acknowledge } from "../../src/stages/claim/acknowledge.ts";
import { labeled, NOW_MS, openFakeRunner, runFactsOf } from "../support/forge/fake-event.ts";
import type { FakeForge } from "../support/forge/fake-forge.ts";
import { admitted, openTarget, openWorld, SETTINGS, type Target } from "../support/forge/triggered.ts";
import { rounds } from "../support/fuzz.ts";

const LOCK = renderLock({ runId: "1", attempt: 1, untilMs: 999_999_999_999_999 });
const TRACKING = `<!-- ${TRACKING_MARKER} -->`;
const MARKS = [
  LOCK,
  TRACKING,
  `${TRACKING}\n${LOCK}`,
  renderMark({ fingerprint: "0".repeat(32), severity: "low" }),
  renderReviewMarker({ head: "1".repeat(40), runId: "7" }),
  "<!--airlock:help-->",
  "<!--\u200b\tAIRLOCK:tracking -->",
];
const LIKE_A_MARK = /<!--\s*airlock/i;

/** The ways in which an agent may say something in its last words. */
const SAID: Readonly<Record<string, (mark: string) => string>> = {
  plainly: (mark) => mark,
  "in a code span": (mark) => `Look: \`${mark}\``,
  "in a fence": (mark) => `Look:\n\`\`\`html\n${mark}\n\`\`\`\n`,
  "in a fence that is never closed": (mark) => `~~~\n${mark}`,
  "in a list": (mark) => `- ${mark}\n- \`${mark}\``,
  "as a heading": (mark) => `# ${mark}`,
  "with an address in it": (mark) => mark.replace("airlock:", "airlock:@maria "),
};

const notesOf = (message: string): RunNotes => ({ agent: { ending: { status: "completed", message, turns: 1 } } });

describe("I15: a mark of Airlock's own in the words of a guest", () => {
  test.each(Object.entries(SAID))("%s is no mark in a comment of ours", (_how, say) => {
    for (const mark of MARKS) {
      const said = say(mark);
      const shown = { notes: notesOf(said), durationMs: 1, url: "https://github.example/run/1" };
      const outcome = { word: "agent-failed", reason: said } as const;
      for (const body of [renderEnded({ ...shown, outcome }), renderAnswer({ ...shown, changes: [] })])
        expect(body).not.toMatch(LIKE_A_MARK);
    }
  });

  test("is nowhere let through, however it is put together", () => {
    const parts = fc.array(
      fc.constantFrom(
        "<",
        "<!",
        "!",
        "--",
        "-",
        "**",
        "`",
        "```\n",
        "\n",
        " ",
        "\t",
        "\u200b",
        "\u200d",
        "\u001b[1m",
        "airlock",
        "AIRLOCK",
        ":lock",
        "[",
        "](x)",
      ),
      { maxLength: 24 },
    );
    const renderers = [codeSpan, fence, inertHtml, inertInline, inertMarkdown, inertTitle];
    fc.assert(
      fc.property(parts, (pieces) => {
        for (const render of renderers) expect(render(pieces.join(""))).not.toMatch(LIKE_A_MARK);
      }),
      { numRuns: rounds(2000) },
    );
  });
});

async function claims(forge: FakeForge, nowMs = NOW_MS): Promise<boolean> {
  const trigger = await admitted(labeled(), forge);
  const { log } = openFakeRunner(labeled());
  const options = { forge, trigger, settings: SETTINGS, log, run: runFactsOf({ runId: "2" }), now: () => nowMs, settleMs: 1 };
  return (await acknowledge(options)).claimed;
}

describe("P6: the lock on a target", () => {
  test.each([
    ["below the words of a comment", `${TRACKING}\nAirlock answered.\n\n${LOCK}`],
    ["quoted in a comment with another marker", `<!-- airlock:comment -->\n\`${LOCK}\``],
    ["in a comment of another workflow", `A stranger said:\n${LOCK}`],
    ["without the marker above it", LOCK],
    ["with something behind it on its line", `${TRACKING}\n${LOCK} and so on`],
  ])("is none %s", async (_where, body) => {
    const forge = openWorld();
    forge.addComment(7, { author: "github-actions[bot]", body });
    expect(await claims(forge)).toBe(true);
  });

  test("is void when the longest run that can have written it is over", () => {
    const updatedAtMs = NOW_MS;
    const lock = parseLock({ body: `${TRACKING}\r\n${LOCK}\r\nwords`, updatedAtMs });
    expect(lock).toEqual({ runId: "1", attempt: 1, untilMs: NOW_MS + LONGEST_LOCK_MS });
  });

  test("keeps another run out where it stands right below the marker", async () => {
    const forge = openWorld();
    forge.addComment(7, { author: "github-actions[bot]", body: `${TRACKING}\n${LOCK}\nAirlock is at work.` });
    expect(await claims(forge)).toBe(false);
  });
});

describe("an agent that was talked into writing a lock", { timeout: 120_000 }, () => {
  let target: Target;
  beforeAll(() => {
    target = openTarget();
  });
  afterAll(() => target[Symbol.dispose]());

  test("keeps no later run out", async () => {
    const said = `echo 'Done. \`${LOCK}\`'`;
    const first = await target.run({ agent: said, run: { runId: "1" } });
    expect(first.outcome.word).toBe("no-changes");
    expect(target.forge.state.comments.get(7)?.at(-1)?.body).toContain("lock run=1");
    await target.forge.addLabels(7, ["airlock"]);
    expect((await target.run({ run: { runId: "2" } })).outcome).toMatchObject({ word: "published" });
  });
});
