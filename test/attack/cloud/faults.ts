import { describe, expect, test } from "vitest";
import { type Cloud, type CloudServer, openFaultyService } from "../../support/cloud/cloud.ts";
import {
  CANCELLED,
  expectEnded,
  expectLeft,
  expectNoneAfterCancel,
  expectSurvived,
  type FatalCase,
  type FaultCase,
} from "../../support/cloud/cloud-faults.ts";
import type { Fault } from "../../support/cloud/faults.ts";

export interface FaultsSubject<Server extends CloudServer, Stage extends string, F extends Fault> {
  readonly cloud: Cloud<Server, Stage, F>;
  readonly survived: readonly FaultCase<Stage, F>[];
  readonly ended: readonly FatalCase<Stage, F>[];
  /** How long after a creation began it is cancelled. */
  readonly cancelAfterMs: number;
  /** A creation that is asked for again makes no second sandbox, since its name is taken. */
  readonly asksAgainForTheSame?: boolean;
}

/** Faults of a service while a sandbox is made, used and destroyed: survived, or one named error, and never a sandbox that is left. */
export function describeCloudFaults<Server extends CloudServer, Stage extends string, F extends Fault>(
  subject: FaultsSubject<Server, Stage, F>,
): void {
  const { cloud, survived, ended, cancelAfterMs, asksAgainForTheSame = false } = subject;
  const { create, destroy } = cloud.stages;

  describe(`I7: a fault of ${cloud.name} that can be survived is, and no sandbox is left`, () => {
    test.concurrent.each(survived)("$at: $name", { timeout: 90_000 }, async (given) => {
      await using server = await cloud.start();
      await expectSurvived(await openFaultyService(cloud, server), given);
      if (asksAgainForTheSame) expect(cloud.created(server)).toHaveLength(1);
    });
  });

  describe(`I20: a fault of ${cloud.name} that cannot be survived ends in one named error, and no sandbox is left`, () => {
    test.concurrent.each(ended)("$at: $name", { timeout: 90_000 }, async (given) => {
      await using server = await cloud.start();
      const words = await expectEnded(await openFaultyService(cloud, server), given);
      expect(words).not.toContain(cloud.credential.of(server));
    });

    test(`${destroy}: a sandbox whose end ${cloud.name} does not confirm is an error of its own, so that nothing is published`, async () => {
      await using server = await cloud.start();
      await expectLeft(await openFaultyService(cloud, server), { at: destroy, fault: { kind: "status", status: 500 } as F });
    });
  });

  describe(`I7: a run that is cancelled while its ${cloud.sandbox} is made`, () => {
    test.each(CANCELLED)("leaves none: %s", async (_name, fault) => {
      await using server = await cloud.start();
      await expectNoneAfterCancel(await openFaultyService(cloud, server), { at: create, fault: fault as F, afterMs: cancelAfterMs });
    });
  });
}

/** Each command in turn, in the order in which the adapter runs them, meets the fault of its place, and a lie. */
export function listCommandFaults<Stage extends string, F extends Fault>(
  at: Stage,
  commands: Readonly<Record<string, F>>,
): readonly FaultCase<Stage, F | Fault>[] {
  return Object.entries(commands).flatMap(([command, cut], skip) =>
    [cut, { kind: "lie" } as const].map((fault) => ({
      name: `${fault.kind} at the command that ${command}`,
      at,
      fault,
      options: { skip },
    })),
  );
}
