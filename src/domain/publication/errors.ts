import { AirlockError } from "../errors.ts";
import { inertLine } from "../inert.ts";

/** The branch exists but the pull request does not: a person can open it. */
export function withCompareUrl(error: unknown, url: string): unknown {
  if (!(error instanceof AirlockError)) return error;
  return new AirlockError(error.code, {
    message: `${error.message} The branch is pushed.`,
    remedy: `${error.remedy} Or open it by hand: ${url}`,
    cause: error,
  });
}

/** The patch no longer fits its base. */
export function conflict(message: string): AirlockError {
  return new AirlockError("publish.conflict", {
    message,
    remedy: "Start the run again: it begins at the branch's new head. The patch against the old one is in the artifact.",
  });
}

/** A pull request onto its own branch would be a push that nobody reviews. */
export function ontoItself(branch: string): AirlockError {
  return new AirlockError("publish.conflict", {
    message: `The pull request's own branch has the name of the branch that its changes would come from: ${inertLine(branch, 200)}. Nothing was pushed.`,
    remedy: "Rename the branch, or set the input `branch-prefix` to another one.",
  });
}

/** What was judged is not what is offered (I12). */
export function mismatch(judged: string, offered: string): AirlockError {
  return new AirlockError("gate.mismatch", {
    message: `The verdict is on the tree ${judged}; the patch offered is ${offered}.`,
    remedy: "Report this as a defect of Airlock; nothing was published.",
  });
}

/** A few paths for a sentence. */
export function nameSome(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map((path) => inertLine(path, 100));
  return `${shown.join(", ")}${paths.length > shown.length ? ` and ${paths.length - shown.length} more` : ""}`;
}
