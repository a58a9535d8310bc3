import { Buffer } from "node:buffer";
import { addRemoved, excerpt, excerptLine, TEXT_LIMITS, type TextLimits } from "../../domain/prompt/excerpt.ts";
import { openImagePlaces } from "../../domain/prompt/image-placeholders.ts";
import { instructionsFor, renderLimits } from "../../domain/prompt/instructions.ts";
import { createMarker, fillTemplate, type Quotation, renderPrompt } from "../../domain/prompt/prompt.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Attachment, RepositoryInstructions, Task, Trigger } from "../../domain/task.ts";
import type { CommentFacts, History } from "../../ports/conversation.ts";
import type { Forge } from "../../ports/forge.ts";
import type { RunnerFacts } from "../../ports/runner.ts";
import { describeLeftOut, readDiscussion } from "./comments.ts";
import { requireUnchanged, requireUnedited } from "./edited-since.ts";
import { readEvidence } from "./evidence.ts";
import { illustrate } from "./images.ts";
import { type Pin, pinCommits } from "./pin-commits.ts";
import { describeRepository, type RepositoryDescription } from "./repository.ts";
import { readInstructions } from "./repository-instructions.ts";
import { openTrust, type Trust } from "./trusted-authors.ts";

export interface TaskOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly run: RunnerFacts;
  readonly limits?: TextLimits;
  /** Default: 128 random bits. */
  readonly marker?: string;
}

export interface FrozenTask extends Task {
  /**
   * Full id of the commit whose files, such as guide and lockfiles, the project itself vouches for: `baseSha`, or the base of a pull
   * request if `baseSha` is its head (I11).
   */
  readonly trustedSha: string;
}

/** Maximum number of comments that may be written between two reads of a thread. */
const MAX_MEANWHILE = 100;

/**
 * Freezes the task: the text as it was at the trigger, cleaned and fenced, and the commits by id (I9, I10).
 * @throws AirlockError `task.changed` if the target was closed or its text differs from the payload's, `repository.unreadable` if the base
 * branch does not exist
 */
export async function readTask(options: TaskOptions): Promise<FrozenTask> {
  const { forge, trigger, settings } = options;
  const limits = options.limits ?? TEXT_LIMITS;
  const unchanged = await requireUnchanged(forge, trigger);
  const pin = await pinCommits(options);
  const places = openImagePlaces(createMarker());
  const frozen = await freeze(options, limits);
  const [discussion, evidence, repository, told] = await Promise.all([
    readDiscussion({ ...frozen, trigger, settings, limits, nameImage: places.name }),
    readEvidence({ forge, trigger, limits, settings, trusts: frozen.trusts }),
    describeRepository(forge, pin.trustedSha, limits),
    readInstructions(forge, pin.trustedSha, limits.maxRepositoryInstructionsBytes),
  ]);
  const { instructions } = told;
  const title = excerptLine(trigger.title, limits.maxTitleChars);
  const body = excerpt(trigger.body, limits.maxBodyChars, places.name);
  const instruction = excerpt(trigger.instruction, limits.maxInstructionChars, places.name);
  const removed = addRemoved(title.removed, body.removed, instruction.removed, discussion.removed, evidence.removed);
  const said = quoteOwn({ trigger, title: title.text, body: body.text, instruction: instruction.text });
  const illustrated = await illustrate({ forge, trigger, quotations: [...said, ...discussion.quotations] }, places);
  const left = describeLeftOut(discussion.left);
  const notes = [
    ...unchanged,
    ...frozen.notes,
    ...(left === undefined ? [] : [left]),
    ...evidence.notes,
    ...illustrated.notes,
    ...told.notes,
  ];
  const prompt = renderPrompt({
    marker: options.marker ?? createMarker(),
    instructions: instructionsFor(trigger.mode),
    workflowPrompt: fillTemplate(settings.prompt, templateValues(options, title.text, pin)).trim(),
    quotations: [...illustrated.quotations, ...evidence.quotations],
    facts: listFacts({ options, pin, notes, repository, instructions, images: illustrated.facts }),
  });
  const own = renderAttachments({ options, pin, prompt, title: title.text, guide: repository.guide, instructions, removed });
  const attachments = [...own, ...evidence.attachments, ...illustrated.attachments];
  const { ref: baseRef, sha: baseSha, trustedSha } = pin;
  const frozenTask = {
    trigger,
    target: trigger.target,
    title: title.text,
    prompt,
    baseRef,
    baseSha,
    trustedSha,
    removed,
    attachments,
    notes,
  };
  return instructions === undefined ? frozenTask : { ...frozenTask, instructions };
}

interface Frozen {
  readonly comments: readonly CommentFacts[];
  readonly history: History | "unknown";
  readonly trusts: Trust;
  readonly notes: readonly string[];
}

/** Reads the texts first and their history afterwards, so that an edit in between shows. */
async function freeze({ forge, trigger, settings }: TaskOptions, limits: TextLimits): Promise<Frozen> {
  const trusts = openTrust(forge, settings);
  const number = trigger.target.number;
  if (number === undefined) return { comments: [], history: "unknown", trusts, notes: [] };
  const comments = await forge.readComments(number, limits.maxComments);
  const history = (await forge.readHistory?.(number, limits.maxComments + MAX_MEANWHILE)) ?? "unknown";
  const unknown = "GitHub did not tell who edited what and which comments are hidden; edits were told by comparing texts and times alone.";
  const edits = history === "unknown" ? [unknown] : await requireUnedited(history, trigger, trusts);
  const notes = [...edits, ...(comments.length < limits.maxComments ? [] : await describeOlder(forge, trigger, comments.length))];
  return { comments, history, trusts, notes };
}

/** If the thread has more comments than are read, says how many, unless that is not known. */
async function describeOlder(forge: Forge, { target: { kind, number = 0 } }: Trigger, read: number): Promise<readonly string[]> {
  const { commentCount } = kind === "issue" ? await forge.readIssue(number) : await forge.readPullRequest(number);
  if (commentCount !== undefined && commentCount <= read) return [];
  const older = commentCount === undefined ? "Older comments" : `${commentCount - read} more comments`;
  return [`${older} were left out: only the newest ${read} are read.`];
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

interface Known {
  readonly options: TaskOptions;
  readonly pin: Pin;
  readonly notes: readonly string[];
  readonly repository: RepositoryDescription;
  readonly instructions: RepositoryInstructions | undefined;
  readonly images: readonly string[];
}

function listFacts({ options, pin, notes, repository, instructions, images }: Known): readonly string[] {
  return [
    ...describe(options, pin),
    ...notes,
    ...sourceFacts(pin),
    ...repository.facts,
    ...renderLimits(options.settings),
    ...images,
    ...attachmentFacts(repository.guide),
    ...instructionFacts(pin, instructions),
  ];
}

function describe({ forge, trigger }: TaskOptions, pin: Pin): readonly string[] {
  return [
    `Repository: ${forge.repository}, commit ${pin.sha}.`,
    `Started${trigger.actor === "" ? "" : ` by @${trigger.actor}`} through \`${trigger.event}\`${trigger.action === "" ? "" : ` (${trigger.action.replace(/[^\w-]/g, "")})`}.`,
  ];
}

function sourceFacts({ sha, trustedSha }: Pin): readonly string[] {
  return sha === trustedSha ? [] : [`Languages, commands and contribution guide are those of commit ${trustedSha}, the base.`];
}

function attachmentFacts(guide: string): readonly string[] {
  return guide === "" ? [] : ["The project's contribution guide is in /work/.airlock/contributing.md; keep to it."];
}

function instructionFacts({ trustedSha }: Pin, instructions: RepositoryInstructions | undefined): readonly string[] {
  if (instructions === undefined) return [];
  const names = instructions.files.map(({ path }) => path).join(", ");
  return [
    `You have the repository's instructions for agents (${names} of commit ${trustedSha}) beside this text, and in /work/.airlock/instructions.md; keep to them.`,
  ];
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
  readonly instructions: RepositoryInstructions | undefined;
  readonly removed: Readonly<Record<string, number>>;
}

function renderAttachments({ options, pin, prompt, title, guide, instructions, removed }: Files): readonly Attachment[] {
  const { forge, trigger, run } = options;
  const { event, action, target, mode, actor } = trigger;
  const facts = { repository: forge.repository, event, action, target, mode, actor, title, base: pin, removed, runUrl: run.url };
  return [
    file("task.md", prompt),
    file("event.json", `${JSON.stringify(facts, undefined, 2)}\n`),
    ...(guide === "" ? [] : [file("contributing.md", `${guide}\n`)]),
    ...(instructions === undefined ? [] : [file("instructions.md", instructions.text)]),
  ];
}

function file(path: string, text: string): Attachment {
  return { path, content: Buffer.from(text, "utf8") };
}
