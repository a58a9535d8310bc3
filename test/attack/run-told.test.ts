import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCommandAgent } from "../../src/adapters/agent/command.ts";
import { readConfig } from "../../src/config/load.ts";
import { narrowSettings } from "../../src/config/repository.ts";
import { AirlockError } from "../../src/domain/errors.ts";
import type { World } from "../../src/ports/world.ts";
import { labeled, user } from "../support/forge/fake-event.ts";
import { openTarget, type Target } from "../support/forge/triggered.ts";

const PATH = ".github/airlock.yml";
const readBy = (source: string): Pick<World, "narrow"> => ({
  narrow: async (settings, trigger) => narrowSettings({ agent: "claude-code", settings, trigger, source, path: PATH }),
});
const refuse = (message: string) => (): never => {
  throw new AirlockError("input.missing", { message, remedy: "Set it from a repository secret." });
};
const MISSPELT: Readonly<Record<string, string>> = { "github-token": "ghs_0123456789abcdef", "timeout-minutes": "abc" };
const { fault: FAULT } = readConfig((name) => MISSPELT[name] ?? "");
const now = (): string => new Date().toISOString();

let target: Target;
beforeEach(() => {
  target = openTarget();
});
afterEach(() => target[Symbol.dispose]());

const bodies = (): readonly string[] => (target.forge.state.comments.get(7) ?? []).map(({ body }) => body);

describe("I20: a run that was admitted", () => {
  const endings: readonly (readonly [string, Partial<World>, RegExp])[] = [
    [
      "an input is wrong",
      { fault: FAULT },
      /`timeout-minutes` is "abc"; set it to[\s\S]*What to do: Correct the `with:` block[\s\S]*AL101/,
    ],
    [
      "a secret is missing",
      { requireCredentials: refuse("No key.") },
      /No key\.[\s\S]*What to do: Set it from a repository secret[\s\S]*AL102/,
    ],
    [
      "the repository's file is broken",
      readBy("max-turn: 1\n"),
      /airlock\.yml:1[\s\S]*max-turn[\s\S]*What to do: Correct the file[\s\S]*AL104/,
    ],
    ["the file asks for too much", readBy("network: allowlist\nprofiles: { dosc: {} }\n"), /allowlist[\s\S]*What to do:[\s\S]*AL104/],
    [
      "the profile is not there",
      readBy("profiles: { docs: {} }\n"),
      /profile `dosc`[\s\S]*What to do: Add it below `profiles`[\s\S]*AL104/,
    ],
    ["a declared secret has no value", { openSecrets: refuse("No value.") }, /No value\.[\s\S]*What to do:[\s\S]*AL102/],
    [
      "GitHub cannot be read",
      { narrow: () => Promise.reject(new TypeError("fetch failed")) },
      /fetch failed[\s\S]*What to do:[\s\S]*AL901/,
    ],
  ];

  test.each(endings)("says on its issue that %s, and sets the issue free", async (_what, world, told) => {
    const label = "airlock:dosc";
    await target.forge.addLabels(7, [label]);
    const result = await target.run({ event: labeled({ label, issue: { updated_at: now() } }), world });
    expect(result.outcome.word).toBe("error");
    expect(bodies()).toEqual([expect.stringMatching(told)]);
    expect(bodies()[0]).toMatch(/\[run and record\]\(/);
    expect(bodies()[0]).not.toContain("airlock:lock");
    expect(target.forge.state.issues.get(7)?.labels.toSorted()).toEqual(["airlock", "airlock:held"]);
    expect(result.sandboxes).toEqual([]);
  });

  test("says on its issue that a key was wrong, which shows only when it is used", async () => {
    const agent = openCommandAgent({ argv: ["/bin/true"] });
    const refused = {
      ...agent,
      openReader: () => ({ read: () => [], end: () => ({ status: "credential", message: "401", turns: 0 }) as const }),
    };
    const model = await target.run({ world: { agent: () => Promise.resolve(refused) } });
    expect(model.outcome.word).toBe("agent-failed");
    expect(bodies()).toEqual([expect.stringMatching(/What to do: Check that the model key [\s\S]*AL403/)]);
    await target.forge.addLabels(7, ["airlock"]);
    const provider = () => Promise.reject(new AirlockError("sandbox.refused", { message: "401.", remedy: "Make a new `e2b-api-key`." }));
    expect((await target.run({ world: { provider } })).outcome.word).toBe("provider-failed");
    expect(bodies()).toEqual([expect.stringMatching(/What to do: Make a new `e2b-api-key`[\s\S]*AL303/)]);
  });

  test("ends once, with a warning, where its comment cannot be written", async () => {
    target.forge.fail("putComment");
    const result = await target.run({ world: { fault: FAULT } });
    expect(result.outcome).toMatchObject({ word: "error", reason: expect.stringContaining("timeout-minutes") });
    expect(result.warnings).toContainEqual(expect.stringContaining("Could not finish the tracking comment"));
  });
});

describe("a wrong input", () => {
  const eve = user("eve");
  test.each([
    ["of an event that is not for us", labeled({ label: "question" })],
    ["of an event by a stranger", labeled({ sender: eve, issue: { updated_at: now() } })],
  ])("is told to nobody %s", async (_whose, event) => {
    const result = await target.run({ event, world: { fault: FAULT } });
    expect(result.outcome).toMatchObject({ word: "error", reason: expect.stringContaining("timeout-minutes") });
    expect(bodies()).toEqual([]);
    expect(target.forge.state.reactions).toEqual([]);
  });

  test("leaves the comment of another run at work alone", async () => {
    const at = {
      agent: async () => {
        await target.forge.addLabels(7, ["airlock"]);
        const second = await target.run({ run: { runId: "2" }, world: { fault: FAULT } });
        expect(second.outcome.word).toBe("error");
        expect(bodies()).toEqual([expect.stringContaining("airlock:lock run=1 ")]);
      },
    };
    expect((await target.run({ run: { runId: "1" }, at })).outcome.word).toBe("published");
  });
});
