import { AirlockError, messageOf } from "../../domain/errors.ts";
import type { Outcome } from "../../domain/outcome.ts";
import type { Finding } from "../../domain/patch.ts";
import { plural } from "../../domain/render/format.ts";
import { type ReviewReport, renderAnnotation, renderCheck, renderInline, renderReviewBody } from "../../domain/render/review.ts";
import { readMark } from "../../domain/review/fingerprint.ts";
import type { Announce } from "../../domain/saved-state.ts";
import type { Secret } from "../../domain/secret.ts";
import { collectStrings, describeLeaks } from "../../domain/secrets/report.ts";
import type { Annotation, EarlierReviews, NewReviewComment, Reviews } from "../../ports/reviews.ts";
import type { RunnerLog } from "../../ports/runner.ts";

/** Name of the check run; a branch rule can require it. */
const CHECK_NAME = "Airlock review";

const VERDICT_REMEDY =
  "allow GitHub Actions to create and approve pull requests (Settings, Actions, General), or give `github-token` a token of another account than the pull request's.";

export interface PublishReviewOptions {
  readonly reviews: Reviews;
  readonly number: number;
  /** Page of the pull request; undefined: not known. */
  readonly url: string | undefined;
  readonly report: ReviewReport;
  readonly earlier: EarlierReviews;
  /** An earlier run reviewed this head, and nothing new was found. */
  readonly nothingNew: boolean;
  readonly dryRun: boolean;
  readonly secrets: readonly Secret[];
  readonly log: RunnerLog;
  /** Called before the first write. */
  readonly announce: Announce;
}

/**
 * Publishes one review with its comments on their lines, resolves those that are outdated, and writes a check run. Repeating it changes
 * nothing (I17).
 * @throws AirlockError `publish.*`, `gate.held` if a text would contain a secret
 */
export async function publishReview(options: PublishReviewOptions): Promise<Outcome> {
  const { reviews, number, url, report, earlier } = options;
  const pull = { pullRequestNumber: number, ...(url === undefined ? {} : { pullRequestUrl: url }) };
  const comments = report.assembled.inline.map((inline): NewReviewComment => {
    const { path, side, line, endLine } = inline.place;
    return { path, side, line, endLine, body: renderInline(inline) };
  });
  const body = renderReviewBody(report);
  const bodyWithoutPlaces = renderReviewBody(report, report.assembled.inline);
  refuseLeaks(options, {
    review: [body, bodyWithoutPlaces].join("\n"),
    "review comments": comments.map((comment) => comment.body).join("\n"),
  });
  if (options.dryRun) return { word: "patch-only", reason: `Dry run: the review was made (${summarise(report)}) and not published.` };
  options.announce({ kind: "review" });
  const last = earlier.reviews.at(-1);
  if (options.nothingNew && last !== undefined) {
    await tryToReport(options);
    return {
      word: "reviewed",
      reason: `Nothing new was found on ${report.head}.`,
      publication: { commentUrl: last.url, ...pull },
    };
  }
  const { event } = report.verdict;
  const created = await reviews.createReview({ number, head: report.head, event, body, comments, bodyWithoutPlaces });
  await attempt(options.log, "resolve outdated comments", () => reviews.resolve(number, outdated(report, earlier)));
  await tryToReport(options);
  const places = created.inline ? "" : " GitHub did not take the lines, so the comments are in the review's text.";
  const verdict = created.event === event ? "" : ` GitHub did not take the verdict ${event}, so it is a comment; ${VERDICT_REMEDY}`;
  return {
    word: "reviewed",
    reason: `Reviewed #${number} with ${summarise(report)}.${places}${verdict}`,
    publication: { commentUrl: created.url, ...pull, headSha: report.head },
  };
}

function summarise({ assembled, flags, verdict }: ReviewReport): string {
  const findings = assembled.inline.length + assembled.summary.length;
  return `risk ${verdict.risk}, ${plural(findings, "finding")}, ${plural(flags.length, "flag")}`;
}

/** Our comments whose lines are gone from the diff and whose defect is neither elsewhere nor found again. */
function outdated(report: ReviewReport, earlier: EarlierReviews): readonly number[] {
  const { inline, standing } = report.assembled;
  const kept = new Set([...inline, ...standing].map(({ fingerprint }) => fingerprint));
  return earlier.comments.flatMap(({ id, body, outdated: gone, resolved }) => {
    const marked = readMark(body);
    return gone && !resolved && marked !== undefined && !kept.has(marked.fingerprint) ? [id] : [];
  });
}

/** A missing `checks: write` costs the check run, not the review. */
async function tryToReport(options: PublishReviewOptions): Promise<void> {
  const { reviews, report } = options;
  const { title, summary } = renderCheck(report);
  const annotations = [...report.assembled.inline.flatMap(toAnnotation), ...report.flags.flatMap(toFileAnnotation)];
  refuseLeaks(options, { "check run": [title, summary, ...annotations.map(({ message }) => message)].join("\n") });
  const { head, verdict, url } = report;
  await attempt(options.log, "report the check run", () =>
    reviews.putCheckRun({ name: CHECK_NAME, head, conclusion: verdict.conclusion, title, summary, annotations, url }),
  );
}

/** Annotations can only be on lines of the head. */
function toAnnotation({ finding, place }: ReviewReport["assembled"]["inline"][number]): readonly Annotation[] {
  if (place.side === "LEFT") return [];
  const { severity, category, claim } = finding;
  const level = severity === "critical" || severity === "high" ? "failure" : severity === "medium" ? "warning" : "notice";
  const { path, line, endLine } = place;
  return [{ path, line, endLine, level, title: `${severity}: ${category}`, message: renderAnnotation(claim) }];
}

const LEVELS = { refuse: "failure", draft: "warning", notice: "notice" } as const;

function toFileAnnotation({ code, path, severity, reason, remedy }: Finding): readonly Annotation[] {
  if (path === undefined) return [];
  return [{ path, line: 1, endLine: 1, level: LEVELS[severity], title: code, message: renderAnnotation(`${reason} ${remedy}`) }];
}

function refuseLeaks({ report, secrets }: PublishReviewOptions, texts: Readonly<Record<string, string>>): void {
  const raw = collectStrings([report.review ?? {}, report.reruns, report.notes]);
  const leaks = describeLeaks({ ...texts, "agent's words": raw }, secrets);
  if (leaks === undefined) return;
  throw new AirlockError("gate.held", {
    message: `Nothing was published: ${leaks}.`,
    remedy: "Find out how the value came into the sandbox or the pull request, and replace the credential.",
  });
}

async function attempt(log: RunnerLog, what: string, body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    const remedy = error instanceof AirlockError ? ` ${error.remedy}` : "";
    log.warning(`Could not ${what}: ${messageOf(error)}${remedy}`);
  }
}
