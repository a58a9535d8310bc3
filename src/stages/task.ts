import { Buffer } from "node:buffer";
import { instructionsFor, renderLimits } from "../domain/brief.ts";
import { AirlockError } from "../domain/errors.ts";
import { addRemoved, excerpt, excerptLine, TEXT_LIMITS, type TextLimits } from "../domain/excerpt.ts";
import { openImagePlaces } from "../domain/images.ts";
import { createMarker, fillTemplate, type Quotation, renderPrompt } from "../domain/prompt.ts";
import type { Settings } from "../domain/settings.ts";
import type { Attachment, Task, Trigger } from "../domain/task.ts";
import type { CommentFacts, Forge, History } from "../ports/forge.ts";
import type { RunnerFacts } from "../ports/runner.ts";
import { describeLeftOut, readDiscussion } from "./task/comments.ts";
import { readEvidence } from "./task/evidence.ts";
import { requireUnchanged, requireUnedited } from "./task/frozen.ts";
import { illustrate } from "./task/images.ts";
import { describeRepository } from "./task/repository.ts";
import { openTrust, type Trust } from "./task/writers.ts";

export interface TaskOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly run: RunnerFacts;
  readonly limits?: TextLimits;
  /** Default: 128 random bits. */
  readonly marker?: string;
}

/** Commit and branch the sandbox starts from. */
interface Pin {
  readonly ref: string;
  readonly sha: string;
}

/**
 * Freezes the task: the text as it stood at the trigger, cleaned and fenced, and the commits by id (I9, I10).
 * @throws AirlockError `task.changed` when the target was closed or its text differs from the payload's,
 * `repository.unreadable` when the base branch does not exist
 */
export async function readTask(options: TaskOptions): Promise<Task> {
  const { forge, trigger, settings } = options;
  const limits = options.limits ?? TEXT_LIMITS;
  const unchanged = await requireUnchanged(forge, trigger);
  const pin = await pinBase(options);
  const places = openImagePlaces(createMarker());
  const frozen = await freeze(options, limits);
  const [discussion, evidence, repository] = await Promise.all([
    readDiscussion({ ...frozen, trigger, settings, limits, nameImage: places.name }),
    readEvidence({ forge, trigger, limits, settings, trusts: frozen.trusts }),
    describeRepository(forge, pin.sha, limits),
  ]);
  const title = excerptLine(trigger.title, limits.maxTitleChars);
  const body = excerpt(trigger.body, limits.maxBodyChars, places.name);
  const instruction = excerpt(trigger.instruction, limits.maxInstructionChars, places.name);
  const removed = addRemoved(title.removed, body.removed, instruction.removed, discussion.removed, evidence.removed);
  const own = quoteOwn({ trigger, title: title.text, body: body.text, instruction: instruction.text });
  const illustrated = await illustrate({ forge, trigger, quotations: [...own, ...discussion.quotations] }, places);
  const left = describeLeftOut(discussion.left);
  const notes = [...unchanged, ...frozen.notes, ...(left === undefined ? [] : [left]), ...illustrated.notes];
  const prompt = renderPrompt({
    marker: options.marker ?? createMarker(),
    instructions: instructionsFor(trigger.mode),
    workflowPrompt: fillTemplate(settings.prompt, templateValues(options, title.text, pin)).trim(),
    quotations: [...illustrated.quotations, ...evidence.quotations],
    facts: [
      ...describe(options, pin),
      ...notes,
      ...repository.facts,
      ...renderLimits(settings),
      ...illustrated.facts,
      ...attachmentFacts(repository.guide),
    ],
  });
  const attachments = [
    ...renderAttachments({ options, pin, prompt, title: title.text, guide: repository.guide, removed }),
    ...evidence.attachments,
    ...illustrated.attachments,
  ];
  return { trigger, target: trigger.target, title: title.text, prompt, baseRef: pin.ref, baseSha: pin.sha, removed, attachments, notes };
}

interface Frozen {
  readonly comments: readonly CommentFacts[];
  readonly history: History | "unknown";
  readonly trusts: Trust;
  readonly notes: readonly string[];
}

/** Texts first, their history afterwards: what is edited in between shows as edited. */
async function freeze({ forge, trigger, settings }: TaskOptions, limits: TextLimits): Promise<Frozen> {
  const trusts = openTrust(forge, settings);
  const number = trigger.target.number;
  if (number === undefined) return { comments: [], history: "unknown", trusts, notes: [] };
  const comments = await forge.readComments(number, limits.maxComments);
  const history = (await forge.readHistory?.(number, limits.maxComments)) ?? "unknown";
  const unknown = "GitHub did not tell who edited what and which comments are hidden; edits were told by comparing texts and times alone.";
  const notes = history === "unknown" ? [unknown] : await requireUnedited(history, trigger, trusts);
  return { comments, history, trusts, notes };
}

/** For a pull request its head, which is where its work goes on; else the base branch. */
async function pinBase(options: TaskOptions): Promise<Pin> {
  const { forge, trigger, settings } = options;
  if (trigger.headSha !== undefined && trigger.headRef !== undefined)
    return await pinHead(options, { ref: trigger.headRef, sha: trigger.headSha });
  const ref = settings.publication.base || (await forge.readRepository()).defaultBranch;
  const sha = await forge.readBranch(ref);
  if (sha !== undefined) return { ref, sha };
  throw new AirlockError("repository.unreadable", {
    message: `Branch ${JSON.stringify(ref.slice(0, 100))} does not exist in ${forge.repository}.`,
    remedy: "Set the input `base` to an existing branch, or leave it empty for the default branch.",
  });
}

/** A review is about the branch the pull request goes to; a fix goes to the pull request's own branch. */
async function pinHead({ forge, trigger }: TaskOptions, head: Pin): Promise<Pin> {
  if (trigger.mode !== "review" || trigger.target.number === undefined) return head;
  const pull = await forge.readPullRequest(trigger.target.number);
  return { ref: pull.baseRef, sha: head.sha };
}

interface Own {
  readonly trigger: Trigger;
  readonly title: string;
  readonly body: string;
  readonly instruction: string;
}

function quoteOwn({ trigger, title, body, instruction }: Own): readonly Quotation[] {
  const { kind, number } = trigger.target;
  const quotations: Quotation[] = [];
  if (number !== undefined && trigger.upstream === undefined) {
    const name = kind === "issue" ? "issue" : "pull request";
    quotations.push({ label: `title of ${name} #${number}`, text: title });
    if (body !== "") quotations.push({ label: `text of ${name} #${number}`, text: body });
  }
  if (trigger.upstream !== undefined) quotations.push({ label: "what failed", text: title });
  if (instruction !== "") quotations.push({ label: `instruction by @${trigger.actor}`, text: instruction });
  return quotations;
}

function describe({ forge, trigger }: TaskOptions, pin: Pin): readonly string[] {
  return [
    `Repository: ${forge.repository}, commit ${pin.sha}.`,
    `Started by @${trigger.actor} through \`${trigger.event}\`${trigger.action === "" ? "" : ` (${trigger.action.replace(/[^\w-]/g, "")})`}.`,
  ];
}

function attachmentFacts(guide: string): readonly string[] {
  return guide === "" ? [] : ["The project's contribution guide is in /work/.airlock/contributing.md; keep to it."];
}

function templateValues(options: TaskOptions, title: string, pin: Pin): Readonly<Record<string, string>> {
  const { forge, trigger, run } = options;
  return {
    actor: trigger.actor,
    base: pin.ref,
    "base-sha": pin.sha,
    event: trigger.event,
    number: trigger.target.number === undefined ? "" : String(trigger.target.number),
    repository: forge.repository,
    "run-url": run.url,
    title,
  };
}

interface Files {
  readonly options: TaskOptions;
  readonly pin: Pin;
  readonly prompt: string;
  readonly title: string;
  readonly guide: string;
  readonly removed: Readonly<Record<string, number>>;
}

function renderAttachments({ options, pin, prompt, title, guide, removed }: Files): readonly Attachment[] {
  const { forge, trigger, run } = options;
  const { event, action, target, mode, actor } = trigger;
  const facts = { repository: forge.repository, event, action, target, mode, actor, title, base: pin, removed, runUrl: run.url };
  return [
    file("task.md", prompt),
    file("event.json", `${JSON.stringify(facts, undefined, 2)}\n`),
    ...(guide === "" ? [] : [file("contributing.md", `${guide}\n`)]),
  ];
}

function file(path: string, text: string): Attachment {
  return { path, content: Buffer.from(text, "utf8") };
}
