import type { Settings } from "../settings.ts";
import type { RunMode, Target } from "../task.ts";
import { type CommandName, findCommand, type TriggerCommand } from "./command.ts";
import type { EventFacts, EventSubject, Head, SourceComment, UpstreamRun } from "./event.ts";

/** An event that asks for a run. Who may ask is not judged here. */
export interface Match {
  readonly target: Target;
  readonly mode: RunMode;
  readonly title: string;
  readonly body: string;
  readonly instruction: string;
  /** Absent when a label, an assignment or an event alone started it. */
  readonly command?: CommandName;
  readonly unknownCommand?: string;
  /** What `retry` does again. */
  readonly repeats?: "fix" | "review";
  readonly comment?: SourceComment;
  readonly label?: string;
  readonly head?: Head;
  readonly upstream?: UpstreamRun;
  /** A person asked for this by name, so a refusal is answered. */
  readonly asked: boolean;
}

/** Not for us: one sentence that says why. */
export interface Skip {
  readonly skip: string;
}

/** Labels that Airlock sets itself; they never start a run. */
export const STATE_SUFFIXES = ["working", "held"] as const;

type Matcher = (facts: EventFacts, settings: Settings) => Match | Skip;

const MATCHERS: Readonly<Record<string, Matcher>> = {
  issues: matchIssue,
  issue_comment: matchSaid,
  pull_request: matchPullRequest,
  pull_request_target: matchPullRequest,
  pull_request_review: matchSaid,
  pull_request_review_comment: matchSaid,
  workflow_dispatch: matchPrompt,
  repository_dispatch: matchPrompt,
  schedule: matchPrompt,
  push: matchPush,
  workflow_run: matchUpstream,
  check_suite: matchUpstream,
};

/** Events that can start a run, for documentation and the example workflows. */
export const EVENTS: readonly string[] = Object.keys(MATCHERS);

/** Decides from the payload alone whether an event asks for a run. Pure; never throws. */
export function matchEvent(facts: EventFacts, settings: Settings): Match | Skip {
  const matcher = Object.hasOwn(MATCHERS, facts.name) ? MATCHERS[facts.name] : undefined;
  if (matcher === undefined) return { skip: `Event \`${shown(facts.name)}\` is not one that starts a run.` };
  return matcher(facts, settings);
}

function matchIssue(facts: EventFacts, settings: Settings): Match | Skip {
  const subject = requireOpen(facts, "issue");
  if ("skip" in subject) return subject;
  if (facts.action === "labeled") return matchLabel(facts, settings, subject, "fix");
  if (facts.action === "assigned") return matchAssignee(facts, settings, subject, "fix");
  if (facts.action !== "opened") return skipAction(facts);
  return matchOpened(subject, settings);
}

function matchOpened(subject: EventSubject, settings: Settings): Match | Skip {
  const command = findCommand(subject.body, settings.trigger.phrase);
  if (command === undefined) {
    return { skip: `The new issue has no line that begins with \`${settings.trigger.phrase}\`; a label has its own event, \`labeled\`.` };
  }
  return fromCommand({ command, settings, subject });
}

function matchPullRequest(facts: EventFacts, settings: Settings): Match | Skip {
  const subject = requireOpen(facts, "pull_request");
  if ("skip" in subject) return subject;
  if (subject.head === undefined) return { skip: "The payload does not name the pull request's head commit." };
  switch (facts.action) {
    case "labeled":
      return matchLabel(facts, settings, subject, "review");
    case "review_requested":
    case "assigned":
      return matchAssignee(facts, settings, subject, "review");
    case "opened":
    case "reopened":
    case "ready_for_review":
    case "synchronize":
      return start({ settings, subject, mode: "review", asked: false });
    default:
      return skipAction(facts);
  }
}

function matchLabel(facts: EventFacts, settings: Settings, subject: EventSubject, mode: RunMode): Match | Skip {
  const label = facts.label;
  if (!isTriggerLabel(label, settings.trigger.label)) {
    return { skip: `Label \`${shown(label)}\` is not \`${settings.trigger.label}\` (input \`trigger-label\`).` };
  }
  const match = start({ settings, subject, mode, asked: true });
  return "skip" in match ? match : { ...match, label };
}

/** The label itself, or `label:profile` with a profile that is not one of Airlock's own states. Case does not count on GitHub. */
export function isTriggerLabel(label: string, wanted: string): boolean {
  const name = label.toLowerCase();
  const base = wanted.toLowerCase();
  if (base === "") return false;
  if (name === base) return true;
  return name.startsWith(`${base}:`) && !STATE_SUFFIXES.some((suffix) => name === `${base}:${suffix}`) && name.length > base.length + 1;
}

function matchAssignee(facts: EventFacts, settings: Settings, subject: EventSubject, mode: RunMode): Match | Skip {
  const wanted = settings.trigger.assignee ?? "";
  if (wanted === "") return { skip: `\`${facts.action}\` starts a run only when the input \`trigger-assignee\` names an account.` };
  if (facts.assignee.toLowerCase() !== wanted.toLowerCase()) {
    return { skip: `\`${shown(facts.assignee)}\` is not \`${wanted}\` (input \`trigger-assignee\`).` };
  }
  return start({ settings, subject, mode, asked: true });
}

function matchSaid(facts: EventFacts, settings: Settings): Match | Skip {
  const { comment, subject } = facts;
  if (facts.action !== "created" && facts.action !== "submitted") return skipAction(facts);
  if (comment === undefined || subject === undefined) return { skip: "The payload holds no comment that can be read." };
  if (isOwnComment(comment.body)) return { skip: "The comment is one of Airlock's own." };
  const command = findCommand(comment.body, settings.trigger.phrase);
  if (command === undefined) return { skip: `No line of the comment begins with \`${settings.trigger.phrase}\` outside quotes and code.` };
  if (!subject.open) return { skip: "The issue or pull request is closed." };
  const match = fromCommand({ command, settings, subject });
  return "skip" in match ? match : { ...match, comment };
}

/** Airlock's comments carry a marker; a person who writes one only silences that comment. */
export function isOwnComment(body: string): boolean {
  return /<!--\s*airlock[:\s]/i.test(body);
}

function fromCommand(options: {
  readonly command: TriggerCommand;
  readonly settings: Settings;
  readonly subject: EventSubject;
}): Match | Skip {
  const { command, settings, subject } = options;
  const isPull = subject.target.kind === "pull-request";
  if (command.name === "review" && !isPull) return { skip: "`review` needs a pull request; this is an issue." };
  const wanted = { fix: "fix", review: "review", retry: isPull ? "review" : "fix", stop: undefined, help: undefined } as const;
  const mode = wanted[command.name];
  if ((command.name === "fix" || command.name === "review") && settings.mode !== "auto" && settings.mode !== mode) {
    return { skip: `This workflow does \`${settings.mode}\` only (input \`mode\`), not \`${command.name}\`.` };
  }
  const match = start({ settings, subject, mode: mode ?? "task", asked: true });
  if ("skip" in match) return match;
  const unknown = command.unknown === undefined ? {} : { unknownCommand: command.unknown };
  return { ...match, command: command.name, instruction: command.instruction, ...unknown };
}

interface Start {
  readonly settings: Settings;
  readonly subject: EventSubject;
  readonly mode: RunMode;
  readonly asked: boolean;
}

function start({ settings, subject, mode, asked }: Start): Match | Skip {
  const chosen = settings.mode === "auto" ? mode : settings.mode;
  if (chosen === "review" && subject.target.kind !== "pull-request")
    return { skip: "Input `mode` is `review`, and this is no pull request." };
  const head = subject.head === undefined ? {} : { head: subject.head };
  return { target: subject.target, mode: chosen, title: subject.title, body: subject.body, instruction: "", asked, ...head };
}

function matchPrompt(facts: EventFacts, settings: Settings): Match | Skip {
  const given = facts.prompt.trim();
  if (settings.prompt.trim() === "" && given === "") {
    return { skip: `\`${facts.name}\` carries no task; set the input \`prompt\`.` };
  }
  if (settings.mode === "review") return { skip: `Input \`mode\` is \`review\`, and \`${facts.name}\` is about no pull request.` };
  const title = firstLine(settings.prompt) || firstLine(given);
  return { target: { kind: "repository" }, mode: "task", title, body: "", instruction: given, asked: false };
}

function matchPush(facts: EventFacts, settings: Settings): Match | Skip {
  if (facts.push?.deleted === true) return { skip: "The push removed its ref." };
  const prefix = `refs/heads/${settings.publication.branchPrefix}`;
  if (settings.publication.branchPrefix !== "" && facts.push?.ref.startsWith(prefix) === true) {
    return { skip: `The push is to a branch of Airlock's own (\`${settings.publication.branchPrefix}\`).` };
  }
  return matchPrompt(facts, settings);
}

function matchUpstream(facts: EventFacts, settings: Settings): Match | Skip {
  const upstream = facts.upstream;
  if (facts.action !== "completed") return skipAction(facts);
  if (upstream === undefined) return { skip: "The payload names no run and no commit." };
  if (upstream.conclusion !== "failure" && upstream.conclusion !== "timed_out") {
    return { skip: `The checks ended with \`${shown(upstream.conclusion || "no conclusion")}\`, so there is nothing to fix.` };
  }
  const prefix = settings.publication.branchPrefix;
  if (prefix !== "" && upstream.head.ref.startsWith(prefix)) return { skip: "The checks ran on a branch of Airlock's own." };
  if (settings.mode === "review") return { skip: "Input `mode` is `review`, and failed checks ask for a fix." };
  const number = upstream.pullRequest;
  const target: Target = number === undefined ? { kind: "repository" } : { kind: "pull-request", number };
  const title = `${upstream.name} failed on ${upstream.head.ref}`;
  return { target, mode: "fix", title, body: "", instruction: "", asked: false, head: upstream.head, upstream };
}

function requireOpen(facts: EventFacts, what: string): EventSubject | Skip {
  if (facts.subject === undefined) return { skip: `The payload holds no ${what} that can be read.` };
  return facts.subject.open ? facts.subject : { skip: "The issue or pull request is closed." };
}

function skipAction(facts: EventFacts): Skip {
  return { skip: `\`${facts.name}\` with action \`${shown(facts.action || "none")}\` does not start a run.` };
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.trim() ?? "";
}

/** A name from outside inside one of our own sentences: short, and without what could break out of the code span. */
function shown(text: string): string {
  return text.replace(/[^\p{L}\p{N} .:_/@[\]-]/gu, "?").slice(0, 60);
}
