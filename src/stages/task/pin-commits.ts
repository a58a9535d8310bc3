import { AirlockError } from "../../domain/errors.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Trigger } from "../../domain/task.ts";
import type { Forge } from "../../ports/forge.ts";

export interface Pin {
  /** Branch that the work is for. */
  readonly ref: string;
  /** Commit that the work starts from. */
  readonly sha: string;
  /** Commit whose files the project itself vouches for: `sha`, unless that is a pull request's head. */
  readonly trustedSha: string;
}

export interface PinOptions {
  readonly forge: Forge;
  readonly trigger: Trigger;
  readonly settings: Settings;
}

/**
 * For a pull request its head, where its work continues; else the base branch. A head is never trusted as the project's own (I11).
 * @throws AirlockError `repository.unreadable` if the base branch does not exist
 */
export async function pinCommits(options: PinOptions): Promise<Pin> {
  const { forge, trigger, settings } = options;
  const { headSha, headRef, mode, target } = trigger;
  if (headSha === undefined || headRef === undefined) {
    const base = await readBase(options);
    return { ...base, trustedSha: base.sha };
  }
  const pull = target.kind === "pull-request" && target.number !== undefined ? await forge.readPullRequest(target.number) : undefined;
  // Whoever opens a pull request chooses its base, and nobody has reviewed what an agent left on one of our branches.
  const isOwn = settings.publication.branchPrefix !== "" && pull?.baseRef.startsWith(settings.publication.branchPrefix) === true;
  const trustedSha = pull === undefined || isOwn ? (await readBase(options)).sha : pull.baseSha;
  // A review is about the branch that the pull request goes to; a fix goes to the pull request's own branch.
  const ref = mode === "review" && pull !== undefined ? pull.baseRef : headRef;
  return { ref, sha: headSha, trustedSha };
}

async function readBase({ forge, settings }: PinOptions): Promise<{ readonly ref: string; readonly sha: string }> {
  const ref = settings.publication.base || (await forge.readRepository()).defaultBranch;
  const sha = await forge.readBranch(ref);
  if (sha !== undefined) return { ref, sha };
  throw new AirlockError("repository.unreadable", {
    message: `Branch ${JSON.stringify(ref.slice(0, 100))} does not exist in ${forge.repository}.`,
    remedy: "Set the input `base` to an existing branch, or leave it empty for the default branch.",
  });
}
