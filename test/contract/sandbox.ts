import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gap, Sandbox, SandboxProvider, SandboxSpec } from "../../src/ports/sandbox.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";
import { BOUNDARY_LAWS } from "./sandbox-laws/boundary.ts";
import { CARRIER_LAWS } from "./sandbox-laws/carrier.ts";
import { CLOSING_LAWS } from "./sandbox-laws/closing.ts";
import { COMMAND_LAWS } from "./sandbox-laws/commands.ts";
import { FILE_LAWS } from "./sandbox-laws/files.ts";
import type { LawContext, SandboxSubject } from "./sandbox-laws/law.ts";
import { LIFECYCLE_LAWS } from "./sandbox-laws/lifecycle.ts";
import { REPLANT_LAWS } from "./sandbox-laws/replant.ts";
import { WORK_TREE_LAWS } from "./sandbox-laws/work-tree.ts";

/** Environment of a guest that is like a machine. */
export const MACHINE_ENV = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/home/agent", LANG: "C.UTF-8" } as const;

/** Layers that no provider can give. */
export const BROKEN_LAYERS: NonNullable<SandboxSubject["broken"]> = {
  "a layer that is not there": (spec) => ({
    ...spec,
    layers: [{ name: "missing", directory: "/nowhere/airlock", mountPath: "/opt/missing", digest: "0".repeat(64) }],
  }),
  "a layer outside the places for layers": (spec) => ({
    ...spec,
    layers: [{ name: "misplaced", directory: import.meta.dirname, mountPath: "/etc/passwd/below", digest: "0".repeat(64) }],
  }),
};

const LIFETIME_MS = 600_000;
const LAW_TIMEOUT_MS = 60_000;

/** Every law that holds for every sandbox, as tests. A gap is shown as what it is: a law with a reason. */
export function testSandboxLaws(subject: SandboxSubject): void {
  describe(`the sandbox contract, kept by ${subject.name}`, () => {
    let provider: SandboxProvider;
    let sandbox: Sandbox;
    const context = (): LawContext => ({ subject, provider, spec: (changes = {}) => makeSpec(subject, changes) });
    beforeAll(async () => {
      provider = await subject.openProvider();
      sandbox = await provider.create(makeSpec(subject));
    });
    afterAll(async () => {
      await sandbox?.[Symbol.asyncDispose]();
    });
    const gaps = (): readonly Gap[] => [...provider.gaps, ...(subject.gaps ?? [])];
    const timeoutMs = LAW_TIMEOUT_MS + 5_000 * subject.slowness;
    const gapOf = (id: string): Gap | undefined => gaps().find((gap) => gap.law === id);
    for (const law of [...COMMAND_LAWS, ...FILE_LAWS, ...WORK_TREE_LAWS, ...BOUNDARY_LAWS, ...CLOSING_LAWS, ...REPLANT_LAWS]) {
      test(`${law.id}: ${law.title}`, { timeout: timeoutMs }, () => heed(gapOf(law.id), () => law.check(sandbox, context())));
    }
    for (const law of [...LIFECYCLE_LAWS, ...CARRIER_LAWS]) {
      test(`${law.id}: ${law.title}`, { timeout: 2 * timeoutMs }, () => heed(gapOf(law.id), () => law.check(context())));
    }
    test("every gap names a law and gives a reason", () => {
      for (const gap of gaps()) {
        expect(ALL_LAW_IDS).toContain(gap.law);
        expect(gap.reason.length).toBeGreaterThan(20);
      }
    });
  });
}

const ALL_LAWS = [
  ...COMMAND_LAWS,
  ...FILE_LAWS,
  ...WORK_TREE_LAWS,
  ...BOUNDARY_LAWS,
  ...CLOSING_LAWS,
  ...REPLANT_LAWS,
  ...LIFECYCLE_LAWS,
  ...CARRIER_LAWS,
];
const ALL_LAW_IDS = ALL_LAWS.map((law) => law.id);

/** A gap must still be one: when its law holds after all, the gap has to go. */
async function heed(gap: Gap | undefined, check: () => Promise<void>): Promise<void> {
  if (gap === undefined) return check();
  await expect(check(), `the gap "${gap.reason}" is none any more`).rejects.toThrow();
}

function makeSpec(subject: SandboxSubject, changes: Partial<SandboxSpec> = {}): SandboxSpec {
  return sandboxSpec({ lifetimeMs: LIFETIME_MS * Math.max(1, subject.slowness / 4), ...changes });
}
