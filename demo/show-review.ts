import type { DemoWorld } from "./job.ts";

/** What the stand-in holds of a pull request's reviews. */
export interface Reviewed {
  readonly reviews: readonly Review[];
  readonly comments: readonly LineComment[];
  readonly checkRuns: readonly CheckRun[];
}

export interface Review {
  readonly id: number;
  readonly user: { readonly login: string };
  readonly state: string;
  readonly commit_id: string;
  readonly body: string;
}

export interface LineComment {
  readonly id: number;
  readonly pull_request_review_id: number | null;
  readonly path: string;
  readonly side: string;
  readonly line: number;
  readonly start_line?: number | null;
  readonly body: string;
}

export interface CheckRun {
  readonly name: string;
  readonly head_sha: string;
  readonly conclusion: string;
  readonly output: { readonly title: string; readonly annotations_count: number };
}

export async function readReviews({ standIn, target, apiUrl }: DemoWorld, number: number): Promise<Reviewed> {
  const repo = `${apiUrl}/repos/${standIn.owner}/${standIn.name}`;
  const read = (path: string): Promise<unknown> => standIn.call("GET", `${repo}/${path}`);
  const [reviews, comments, checks] = await Promise.all([
    read(`pulls/${number}/reviews?per_page=100`),
    read(`pulls/${number}/comments?per_page=100`),
    read(`commits/${target.head?.commit ?? target.commit}/check-runs`),
  ]);
  const { check_runs: checkRuns } = checks as { readonly check_runs: readonly CheckRun[] };
  return { reviews: reviews as readonly Review[], comments: comments as readonly LineComment[], checkRuns };
}

export function printReviews({ reviews, comments, checkRuns }: Reviewed): void {
  for (const { name, conclusion, output } of checkRuns) say(`check       ${name}: ${conclusion} (${output.title})`);
  if (reviews.length === 0) say("review      none");
  for (const review of reviews) {
    say(`\nreview      ${review.state} by ${review.user.login} on ${review.commit_id.slice(0, 12)}\n`);
    say(indent(review.body));
    for (const comment of comments.filter((one) => one.pull_request_review_id === review.id)) {
      say(`\nline comment ${placeOf(comment)}\n`);
      say(indent(comment.body));
    }
  }
}

export function placeOf({ path, side, line, start_line }: LineComment): string {
  const lines = start_line === null || start_line === undefined ? `${line}` : `${start_line}-${line}`;
  return `${path}:${lines} ${side}`;
}

/** Without the marks that nobody sees on the page. */
function indent(text: string): string {
  const lines = text.split("\n").filter((line) => !line.startsWith("<!-- airlock:"));
  return lines.map((line) => (line === "" ? "" : `    ${line}`)).join("\n");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
