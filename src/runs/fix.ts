import { withVerification } from "../domain/checks/verified.ts";
import { abandonOnAbort } from "../domain/deadline.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Patch, Verdict } from "../domain/patch.ts";
import type { InjectionRule } from "../ports/gateway.ts";
import { requireCompleted } from "../stages/agent.ts";
import { gate } from "../stages/gate/gate.ts";
import { publish } from "../stages/publish.ts";
import { contain } from "./contain.ts";
import type { RunLine } from "./line.ts";

export interface FixOptions extends RunLine {
  readonly injections: readonly InjectionRule[];
  /** As in the record's `task`. */
  readonly requestSha256: string;
}

/** The line of a run that ends in a patch: everything untrusted, the verdict, the publication. */
export async function fix(options: FixOptions): Promise<Outcome> {
  const { world, settings, task, policy, repository, record, announce, injections, requestSha256 } = options;
  const { runner, forge, secrets } = world;
  const contained = await options.watched((stop) =>
    contain({ world, settings, task, policy, secrets: injections, repository, record, stop }),
  );
  const { patch } = contained; // the sandbox and the gateway are gone (I7)
  if (runner.cancelled.aborted) requireCompleted(contained); // no time to judge
  const judge = async (judged: Patch): Promise<Verdict> =>
    withVerification(await gate({ patch: judged, repository, settings: settings.gate, secrets, texts: {} }), contained.verification);
  const verdict = await record.enter("gate", () => abandonOnAbort(runner.cancelled, () => judge(patch)));
  record.note("gate", verdict);
  requireCompleted(contained);
  await options.requireWanted();
  const durationMs = world.now() - options.startedAtMs;
  const publication = { forge, repository, task, requestSha256, patch, verdict, settings: settings.publication, dryRun: settings.dryRun };
  return await record.enter("publish", () =>
    publish({ ...publication, run: runner.run, facts: record.notes, durationMs, secrets, judge, announce }),
  );
}
