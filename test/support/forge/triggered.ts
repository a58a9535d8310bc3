import { Secret } from "../../../src/domain/secret.ts";
import type { Trigger } from "../../../src/domain/task.ts";
import { readTrigger } from "../../../src/stages/trigger/trigger.ts";
import { type JobOptions, type JobResult, runJob } from "../runner/run-job.ts";
import { commented, labeled, NOW_MS, openFakeRunner, settingsOf } from "./fake-event.ts";
import { type FakeForge, type FakeForgeState, openFakeForge } from "./fake-forge.ts";
import { makeWorkTree } from "./work-tree.ts";

export const SETTINGS = settingsOf();

/** A repository with an issue that carries the label, and a pull request. */
export function openWorld(given: Partial<FakeForgeState> = {}): FakeForge {
  const forge = openFakeForge(given);
  forge.addIssue({ number: 7, title: "The flag is wrong", body: "Please mend it.", labels: ["airlock"] });
  forge.addPull({ number: 8, title: "A change", body: "Why." });
  return forge;
}

/** The trigger of an event that has to be admitted. */
export async function admitted(event: { readonly name: string; readonly payload: unknown }, forge: FakeForge): Promise<Trigger> {
  const admission = await readTrigger({ runner: openFakeRunner(event), forge, settings: SETTINGS, now: () => NOW_MS });
  if (!admission.admitted) throw new Error(`${admission.word}: ${admission.reason}`);
  return admission.trigger;
}

/** An issue over a real repository, and whole runs on it. */
export interface Target extends Disposable {
  readonly forge: FakeForge;
  /** By default `maria` has just set the label, and the agent mends the flag. */
  run(job?: Partial<Omit<JobOptions, "forge">>): Promise<JobResult>;
}

export function openTarget(): Target {
  const work = makeWorkTree({ "flag.txt": "false\n" });
  const world = openWorld({ branches: new Map([["main", work.commit("base")]]), nowMs: Date.now() });
  const forge = { ...world, remote: { url: work.url, token: new Secret("") } };
  return {
    forge,
    run: (job) => runJob({ forge, event: labeled({ issue: { updated_at: now() } }), agent: "echo true > flag.txt", ...job }),
    [Symbol.dispose]: () => work[Symbol.dispose](),
  };
}

/** `/airlock stop` by `maria`, just now. */
export function stopAsked(): JobOptions["event"] {
  const { name, payload } = commented("/airlock stop");
  return { name, payload: { ...payload, comment: { ...payload.comment, created_at: now() } } };
}

function now(): string {
  return new Date().toISOString();
}
