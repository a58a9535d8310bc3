import { createHash, randomBytes } from "node:crypto";
import type { RunLabel, SandboxSpec } from "../../../ports/sandbox.ts";
import type { SpriteInfo } from "./client.ts";

/** The label of all of Airlock's sprites. */
const OURS = "airlock";
const NAME = /^airlock-[0-9a-f]{12}-([0-9a-z]{6,8})-[0-9a-f]{10}$/;
/** The limit of the service is not published; 63 characters, as in a DNS label, are taken to be within it. */
const MAX_LABEL_CHARACTERS = 63;

/**
 * A name that no two sprites share. The run's hash and the deadline are in it, so that the sweep needs nothing else; it stays short
 * enough for the host name that Sprites makes of it.
 */
export function nameFor(spec: SandboxSpec, nowMs: number): string {
  const deadline = Math.ceil((nowMs + spec.lifetimeMs) / 1000).toString(36);
  return `${prefixOf(spec.run)}${deadline}-${randomBytes(5).toString("hex")}`;
}

export const PREFIX_OF_ALL = `${OURS}-`;

export function prefixOf({ repository, runId, attempt }: RunLabel): string {
  const hash = createHash("sha256").update(JSON.stringify([repository, runId, attempt]));
  return `${PREFIX_OF_ALL}${hash.digest("hex").slice(0, 12)}-`;
}

/** For people who read the organization's list, and so that a sprite without the label `airlock` is never taken for ours. */
export function labelsFor(spec: SandboxSpec, nowMs: number): readonly string[] {
  const { repository, runId, attempt } = spec.run;
  const facts = { repository, run: runId, attempt, purpose: spec.purpose, deadline: nowMs + spec.lifetimeMs };
  return [OURS, ...Object.entries(facts).map(([name, value]) => label(`${OURS}-${name}-${value}`))];
}

function label(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_LABEL_CHARACTERS)
    .replace(/-$/, "");
}

export function isOurName(name: string): boolean {
  return NAME.test(name);
}

/** A missing label list proves nothing; a list without our label does. */
export function isOurs({ name, labels }: SpriteInfo): boolean {
  return isOurName(name) && (labels === undefined || labels === null || labels.includes(OURS));
}

export function isOverdueSprite({ name }: SpriteInfo, nowMs: number): boolean {
  const deadline = NAME.exec(name)?.[1];
  return deadline !== undefined && Number.parseInt(deadline, 36) * 1000 < nowMs;
}
