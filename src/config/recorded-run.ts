import { z } from "zod";
import type { EarlierVerdict } from "../domain/checks/earlier-verdict.ts";
import { AirlockError } from "../domain/errors.ts";
import { OUTCOMES } from "../domain/outcome.ts";
import type { RunNotes } from "../domain/record/notes.ts";
import { RECORD_FORMAT } from "../domain/record/record-file.ts";
import type { Task } from "../domain/task.ts";
import { VERIFICATION_OUTCOMES } from "../domain/verification/outcome.ts";

const sha = z.string().regex(/^[0-9a-f]{40}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const word = z.string().max(300);
const guest = z.string().max(30_000);
const count = z.number().min(0);
const branch = z.string().regex(/^(?!\/)(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)|\/\.))[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/);
const target = z.object({ kind: z.enum(["issue", "pull-request", "repository"]), number: z.number().int().positive().optional() });
const trigger = z.object({
  event: word,
  action: word,
  actor: word,
  mode: z.enum(["fix", "review", "task"]),
  target,
  triggeredAtMs: z.number().int().min(0),
  command: z.enum(["fix", "review", "retry"]).optional(),
  label: word.optional(),
  working: z.boolean().optional(),
});
const gate = z.object({
  decision: z.enum(["publish", "draft", "hold", "empty"]),
  findings: z
    .array(
      z.object({
        code: z.string().regex(/^[a-z]{1,30}(?:-[a-z0-9]{1,30}){0,5}$/),
        severity: z.enum(["refuse", "draft", "notice"]),
        path: z.string().max(10_000).optional(),
      }),
    )
    .max(10_000),
});
const host = z.object({
  host: word,
  port: z.number().int(),
  verdict: z.enum(["allow", "deny"]),
  count,
  reason: word,
  suggestion: word.optional(),
  command: z.string().max(2_000).optional(),
});

const rounds = z
  .array(
    z.object({
      sandbox: word,
      tree: sha,
      judged: z.enum(["base", "patch"]).optional(),
      step: z.enum(["setup", "verify"]).optional(),
      passed: z.boolean(),
      exitCode: z.number().int().nullable(),
      durationMs: count.optional(),
      lacksProgram: z.boolean().optional(),
      ownInstall: z.boolean().optional(),
      output: guest,
    }),
  )
  .max(20);

const record = z.object({
  format: z.literal(RECORD_FORMAT),
  run: z.object({ repository: z.string() }),
  durationMs: count,
  outcome: z.object({ word: z.enum(OUTCOMES) }),
  files: z.object({ "patch.diff": z.object({ sha256: z.string() }).optional() }),
  trigger,
  task: z.object({ title: z.string().max(2000), baseRef: branch, baseSha: sha, requestSha256: sha256 }),
  patch: z.object({ baseSha: sha, tree: sha }),
  gate: gate.optional(),
  agent: z
    .object({
      name: word,
      version: word,
      model: word,
      ending: z.object({
        status: z.enum(["completed", "failed", "turn-limit", "budget", "credential", "interrupted", "missing"]),
        message: guest,
        turns: count,
      }),
    })
    .partial()
    .optional(),
  sandbox: z.object({ id: word, provider: word, isolation: word }).partial().optional(),
  usage: z
    .object({
      requests: count,
      turns: count,
      inputTokens: count,
      outputTokens: count,
      cacheReadTokens: count,
      cacheWriteTokens: count,
      costUsd: count,
    })
    .partial()
    .optional(),
  egress: z
    .object({
      allowed: count,
      denied: count,
      bytesUp: count,
      bytesDown: count,
      hosts: z.array(host).max(5000),
      proposedAllow: z.array(word).max(1000),
    })
    .partial()
    .optional(),
  verification: z
    .object({ outcome: z.enum(VERIFICATION_OUTCOMES), reason: word, passed: z.boolean(), output: guest, commands: guest, rounds })
    .partial()
    .optional(),
});

/** What an earlier job's run left for publishing. Its artifact is read as something hostile: shapes, sizes and names are checked, and the patch is judged anew. */
export interface RecordedRun {
  readonly outcome: (typeof OUTCOMES)[number];
  readonly durationMs: number;
  readonly task: Task;
  /** See `hashRequest`. */
  readonly requestSha256: string;
  /** Base and tree that the earlier job judged. */
  readonly baseSha: string;
  readonly tree: string;
  /** What that job's gate said; undefined when it did not get that far. */
  readonly verdict: EarlierVerdict | undefined;
  /** That job moved the target's label to the working one, and took that off at its end. */
  readonly labelMoved: boolean;
  /** sha256 of patch.diff in hex; undefined when the run left none. */
  readonly patchSha256: string | undefined;
  readonly notes: RunNotes;
}

/** @throws AirlockError `input.invalid` when it is not the record of a run of this repository that got as far as a patch */
export function parseRecordedRun(text: string, repository: string): RecordedRun {
  const parsed = record.safeParse(parseJson(text));
  if (!parsed.success)
    throw unusable(
      `record.json is not the record of a run that got as far as a patch (${parsed.error.issues[0]?.path.join(".") || "not JSON"})`,
    );
  const { trigger, task, patch, outcome, durationMs, agent, sandbox, usage, egress, verification, ...rest } = parsed.data;
  if (rest.run.repository.toLowerCase() !== repository.toLowerCase())
    throw unusable(`record.json is of another repository than ${repository}`);
  const { number } = trigger.target;
  const about = number === undefined ? { kind: trigger.target.kind } : { kind: trigger.target.kind, number };
  const notes = { trigger: { ...trigger, target: about }, task, agent, sandbox, usage, egress, verification };
  return {
    outcome: outcome.word,
    durationMs,
    baseSha: patch.baseSha,
    tree: patch.tree,
    verdict: rest.gate,
    labelMoved: trigger.working === true,
    requestSha256: task.requestSha256,
    patchSha256: rest.files["patch.diff"]?.sha256,
    notes: JSON.parse(JSON.stringify(notes)) as RunNotes,
    task: {
      ...task,
      target: about,
      trigger: {
        event: trigger.event,
        action: trigger.action,
        actor: trigger.actor,
        mode: trigger.mode,
        target: about,
        triggeredAtMs: trigger.triggeredAtMs,
        ...(trigger.command === undefined ? {} : { command: trigger.command }),
        ...(trigger.label === undefined ? {} : { label: trigger.label }),
        title: task.title,
        body: "",
        instruction: "",
      },
      prompt: "",
      removed: {},
      attachments: [],
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(message: string): AirlockError {
  return new AirlockError("input.invalid", {
    message: `The artifact cannot be published: ${message}.`,
    remedy:
      "Give `directory` the folder into which this repository's `airlock-<run id>-<attempt>` artifact was downloaded, of a run with `publish: patch`.",
  });
}
