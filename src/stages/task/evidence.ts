import { Buffer } from "node:buffer";
import { addRemoved, excerpt, type TextLimits } from "../../domain/prompt/excerpt.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Trigger } from "../../domain/task.ts";
import { dropInvisible } from "../../domain/text/invisible.ts";
import { openTally } from "../../domain/text/tally.ts";
import type { Forge } from "../../ports/forge.ts";
import type { TaskEvidence } from "./evidence-facts.ts";
import { readBackground, readThread } from "./pull-request.ts";
import type { Trust } from "./trusted-authors.ts";

export interface EvidenceOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly limits: TextLimits;
  readonly settings: Settings;
  readonly trusts: Trust;
}

const MAX_JOBS = 10;
/** How much of each log is in the prompt itself; the rest is in its file. */
const TAIL_CHARS = 6_000;

export async function readEvidence(options: EvidenceOptions): Promise<TaskEvidence> {
  if (options.trigger.upstream !== undefined) return await readFailure(options, options.trigger.upstream);
  if (options.trigger.mode !== "review") return { attachments: [], ...(await readThread(options)) };
  const [diff, background] = await Promise.all([readDiff(options), readBackground(options)]);
  return { ...diff, ...background };
}

async function readFailure({ forge, limits }: EvidenceOptions, upstream: NonNullable<Trigger["upstream"]>): Promise<TaskEvidence> {
  const failures = (await forge.readFailure?.(upstream, limits.maxLogBytes)) ?? [];
  if (failures.length === 0) {
    const text = "The logs of the failed jobs could not be read. Find out what fails by running the project's own checks.";
    return { quotations: [{ label: "note by Airlock", text }], attachments: [], removed: {}, notes: [] };
  }
  const tally = openTally();
  const logs = failures.slice(0, MAX_JOBS).map((failure) => ({ ...failure, text: dropInvisible(stripAnsi(failure.text), tally) }));
  const names = logs.map((log) => excerpt(log.name.replace(/\s+/g, " "), 100));
  return {
    quotations: logs.map((log, index) => ({
      label: `end of the log of failed job ${index + 1}, whole in /work/.airlock/failure-${index + 1}.log`,
      text: `${names[index]?.text ?? ""}\n${log.text.slice(-TAIL_CHARS)}`,
    })),
    attachments: logs.map((log, index) => ({
      path: `failure-${index + 1}.log`,
      content: Buffer.from(log.text.slice(-limits.maxLogBytes), "utf8"),
    })),
    removed: addRemoved({ ...tally.counts }, ...names.map((name) => name.removed)),
    notes: [],
  };
}

function stripAnsi(text: string): string {
  const introducer = String.fromCharCode(0x1b);
  return text
    .split(introducer)
    .map((part, index) => (index === 0 ? part : part.replace(/^\[[0-9;?]*[A-Za-z]/, "")))
    .join("");
}

/** Not before a review, which reads the diff with the runner's own git. */
async function readDiff({ forge, trigger, limits }: EvidenceOptions): Promise<TaskEvidence> {
  const number = trigger.target.number;
  if (forge.reviews !== undefined || forge.readDiff === undefined || number === undefined || trigger.headSha === undefined)
    return { quotations: [], attachments: [], removed: {}, notes: [] };
  const { baseSha } = await forge.readPullRequest(number);
  const diff = await forge.readDiff({ base: baseSha, head: trigger.headSha, maxBytes: limits.maxDiffBytes });
  const cut = diff.length >= limits.maxDiffBytes ? `\n[cut here: over the limit of ${limits.maxDiffBytes} bytes]\n` : "";
  return { quotations: [], attachments: [{ path: "pull-request.diff", content: Buffer.from(diff + cut, "utf8") }], removed: {}, notes: [] };
}
