import type { Trigger } from "../../src/domain/task.ts";
import { readTrigger } from "../../src/stages/trigger.ts";
import { NOW_MS, openFakeRunner, settingsOf } from "./fake-event.ts";
import { type FakeForge, openFakeForge } from "./fake-forge.ts";

export const SETTINGS = settingsOf();

/** A repository with an issue that carries the label, and a pull request. */
export function openWorld(): FakeForge {
  const forge = openFakeForge();
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
