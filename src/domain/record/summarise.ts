import { createHash } from "node:crypto";
import { pathOf } from "../ecosystems/project.ts";
import type { Choice } from "../ecosystems/setup.ts";
import type { RegistryPlace } from "../egress/auto.ts";
import type { EgressPolicy } from "../egress/policy.ts";
import type { Authorship } from "../guard/agents.ts";
import type { Finding, Patch } from "../patch.ts";
import type { Assembled } from "../review/assemble.ts";
import type { Rerun } from "../review/evidence.ts";
import type { ReviewFinding } from "../review/finding.ts";
import type { Spot } from "../review/place.ts";
import type { ReviewVerdict } from "../review/verdict.ts";
import type { Task, Trigger } from "../task.ts";
import type { EgressSummary, KnownNotes, ReviewFindingNote } from "./notes.ts";

/** What the record keeps of a trigger: who and what, not the text. */
export function summariseTrigger(trigger: Trigger): KnownNotes["trigger"] {
  const { event, action, actor, mode, target, triggeredAtMs, command, label } = trigger;
  const asked = { ...(command === undefined ? {} : { command }), ...(label === undefined ? {} : { label }) };
  return { event, action, actor, mode, target, triggeredAtMs, ...asked };
}

/** What the record keeps of a task: the prompt by its hash. */
export function summariseTask(task: Task): KnownNotes["task"] {
  const { title, baseRef, baseSha, removed, notes = [], instructions } = task;
  const told = instructions === undefined ? {} : { instructions: instructions.files };
  return { title, baseRef, baseSha, removed, promptSha256: sha256(task.prompt), ...(notes.length === 0 ? {} : { notes }), ...told };
}

/** What the record keeps of a policy: its rules as written, and one hash over them. */
export function summarisePolicy(policy: {
  readonly mode: string;
  readonly egress: EgressPolicy;
  readonly unlisted?: readonly string[];
}): KnownNotes["policy"] {
  const { mode, egress, unlisted } = policy;
  const allow = egress.allow.map(({ text }) => text);
  const deny = egress.deny.map(({ text }) => text);
  return { mode, allow, deny, sha256: sha256([mode, ...allow, "", ...deny].join("\n")), ...(unlisted === undefined ? {} : { unlisted }) };
}

/** What the record keeps of what `auto` found and chose. */
export function summariseEcosystems(given: {
  readonly line: string;
  readonly choices: readonly Choice[];
  readonly setup: string;
}): KnownNotes["ecosystems"] {
  const { line, choices, setup } = given;
  const found = choices.map(({ project, preset, state }) => ({ path: pathOf(project), tool: project.tool, preset, state }));
  return { line, found, setup };
}

/** What the record keeps of the traffic: a refused registry is opened by its preset, which only reads, and not by its bare host. */
export function summariseTraffic(egress: EgressSummary, choices: readonly Choice[] = []): EgressSummary {
  const closed = choices.filter(({ state }) => state === "closed");
  const presetOf = ({ host, port }: RegistryPlace): string | undefined =>
    closed.find(({ places }) => places.some((place) => place.host === host && place.port === port))?.preset;
  const hosts = egress.hosts.map((row) => (row.suggestion === undefined ? row : { ...row, suggestion: presetOf(row) ?? row.suggestion }));
  return { ...egress, hosts };
}

/** What the record keeps of a patch: every changed path with its object ids. */
export function summarisePatch(patch: Patch): KnownNotes["patch"] {
  const { baseSha, baseTree, tree, changes } = patch;
  return { baseSha, baseTree, tree, changes };
}

/** The parts of a published review that the record keeps. */
export interface ReviewedFacts {
  readonly head: string;
  /** The previously reviewed head, if only what came after it was reviewed. */
  readonly since: string | undefined;
  readonly assembled: Assembled;
  readonly verdict: ReviewVerdict;
  readonly author: Authorship | undefined;
  readonly flags: readonly Finding[];
  readonly reruns: readonly Rerun[];
}

/**
 * What the record keeps of a review: every finding that was shown, with its place, and the number of the others. `base`: the merge base.
 */
export function summariseReview(report: ReviewedFacts, base: string): Omit<KnownNotes["review"], "errors"> {
  const { assembled, verdict, flags, author, reruns, head, since } = report;
  return {
    base,
    head,
    ...(since === undefined ? {} : { since }),
    ...verdict,
    ...(author === undefined ? {} : { author }),
    inline: assembled.inline.map(({ place, fingerprint, finding }) => ({ ...summariseFinding(finding, place), fingerprint })),
    listed: assembled.summary.map(({ finding }) => summariseFinding(finding, finding)),
    inSummary: assembled.summary.length,
    standing: assembled.standing,
    dropped: assembled.dropped,
    flags,
    reruns: reruns.map(({ command, exitCode }) => ({ command, exitCode, fresh: true })),
  };
}

function summariseFinding({ severity, category, claim }: ReviewFinding, { path, side, line, endLine }: Spot): ReviewFindingNote {
  return { path, side, line, endLine, severity, category, claim };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
