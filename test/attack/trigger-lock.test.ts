import { describe, expect, test } from "vitest";
import { renderLock, TRACKING_MARKER } from "../../src/domain/trigger/state.ts";
import { acknowledge } from "../../src/stages/claim/acknowledge.ts";
import { AT_MS, labeled, NOW_MS, openFakeRunner, runFactsOf, settingsOf } from "../support/forge/fake-event.ts";
import { type FakeForge, openFakeForge } from "../support/forge/fake-forge.ts";
import { admitted } from "../support/forge/triggered.ts";

const HOUR_MS = 3_600_000;

function openForge(): FakeForge {
  const forge = openFakeForge();
  forge.addIssue({ number: 7, labels: ["airlock"] });
  return forge;
}

/** `count` old comments by `author`. */
function fill(forge: FakeForge, count: number, comment: { readonly author: string; readonly body: string }): void {
  const createdAtMs = AT_MS - 60_000;
  const whole = { ...comment, createdAtMs, updatedAtMs: createdAtMs, url: "" };
  forge.state.comments.set(
    7,
    Array.from({ length: count }, (_, index) => ({ ...whole, id: index + 1 })),
  );
}

describe("I17, P6: a lock deep in a long thread", () => {
  const lock = `<!-- ${TRACKING_MARKER} -->\n${renderLock({ runId: "1", attempt: 1, untilMs: NOW_MS + HOUR_MS })}`;
  const claim = async (forge: FakeForge) => {
    const trigger = await admitted(labeled(), forge);
    const { log } = openFakeRunner(labeled());
    const run = runFactsOf({ runId: "2" });
    return await acknowledge({ forge, trigger, settings: settingsOf(), log, run, now: () => NOW_MS, settleMs: 1 });
  };

  test.each([
    ["at its end", 900, AT_MS - 60_000],
    ["early in it, and written anew since", 3, NOW_MS - 5 * HOUR_MS],
  ])("%s keeps another run out", async (_name, index, updatedAtMs) => {
    const forge = openForge();
    fill(forge, 900, { author: "maria", body: "a word" });
    const held = forge.state.comments.get(7)?.[index - 1];
    if (held === undefined) throw new Error("no such comment");
    Object.assign(held, { author: "github-actions[bot]", body: lock, updatedAtMs });
    expect(await claim(forge)).toMatchObject({ claimed: false, reason: "Another run is at work on #7." });
  });

  test("is found beside a thousand look-alikes, whose author is asked for once", async () => {
    const forge = openForge();
    fill(forge, 1_000, { author: "eve", body: lock });
    forge.addComment(7, { author: "github-actions[bot]", body: lock, createdAtMs: AT_MS });
    const asked = () => forge.calls.filter((call) => call === "readPermission").length;
    const trigger = await admitted(labeled(), forge);
    const before = asked();
    const { log } = openFakeRunner(labeled());
    const options = { forge, trigger, settings: settingsOf(), log, run: runFactsOf({ runId: "2" }), now: () => NOW_MS, settleMs: 1 };
    expect((await acknowledge(options)).claimed).toBe(false);
    expect(asked() - before).toBe(1);
  });
});
