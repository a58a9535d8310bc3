import { codeSpan } from "../inert.ts";
import type { EnteredPublication, SavedState } from "../saved-state.ts";
import { headline } from "./comment.ts";
import { paragraphs } from "./markdown.ts";

/** Sandboxes of the run that the post step found and destroyed; `unknown`: it could not look, or one may still be there. */
export type Reaped = number | "unknown";

export interface KilledOptions {
  readonly publication: SavedState["publication"];
  readonly reaped: Reaped;
  /** When a sandbox ends that nobody destroys, in a sentence. Undefined: not known. */
  readonly leftOver: string | undefined;
  /** Page of the run. */
  readonly url: string;
}

/** The tracking comment of a run that could not write it: what is known, and nothing else. */
export function renderKilled(options: KilledOptions): string {
  const { publication, url } = options;
  return paragraphs(
    `**${renderHeadline(publication)}** ${renderPublication(publication)}`,
    renderSandboxes(options),
    `<sub>Told by the step that cleans up. [run](${url})</sub>`,
  );
}

function renderHeadline(publication: KilledOptions["publication"]): string {
  if (publication === "none" || publication === "unknown") return "The run was killed before it could end by itself.";
  if (publication.stage === "entered") return "The run was killed while it published.";
  const { word, number } = publication;
  return `${headline(word)}${number === undefined ? "" : `: #${number}`}.`;
}

function renderPublication(publication: KilledOptions["publication"]): string {
  if (publication === "none") return "Nothing was published.";
  if (publication === "unknown")
    return "Whether anything was published is not known: look at the pull requests and branches of this repository.";
  if (publication.stage === "entered") return renderEntered(publication);
  const where = publication.url === undefined ? "" : ` [What it wrote](${publication.url}).`;
  return `The run was killed after that, before it could say so itself.${where}`;
}

function renderEntered({ kind, branch }: EnteredPublication): string {
  const named = branch === undefined ? "its branch" : `the branch ${codeSpan(branch)}`;
  const words = {
    "pull-request": `A pull request from ${named} may have been opened or updated: look at the pull requests and that branch.`,
    push: `A commit may have been pushed to ${named}: look at its last commits.`,
    review: "Its review may have been written: look at the reviews and comments of this pull request.",
    comment: "Its answer may have been written: look at the comments here.",
  } as const;
  return words[kind];
}

function renderSandboxes({ reaped, leftOver }: KilledOptions): string {
  if (reaped === "unknown") {
    return ["Whether a sandbox of it is left could not be checked.", leftOver].filter((part) => part !== undefined).join(" ");
  }
  if (reaped === 0) return "No sandbox of it was left.";
  return reaped === 1 ? "Its sandbox is destroyed." : `Its ${reaped} sandboxes are destroyed.`;
}
