import type { Annotation, NewCheckRun } from "../../../ports/reviews.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import * as shapes from "./review-shapes.ts";

/** GitHub accepts this many annotations per call and adds those of later calls (docs.github.com, "Update a check run"). */
const PER_CALL = 50;
const MAX_ANNOTATIONS = 500;
const EXTERNAL_ID = "airlock-review";

/** One check run per name and commit. A repeated one is updated, but its annotations are sent only once, because they would add up. */
export async function putCheckRun(client: Client, run: NewCheckRun): Promise<{ readonly url: string }> {
  const purpose: Purpose = { doing: `report the check "${run.name}"`, permission: "checks: write" };
  const annotations = run.annotations.slice(0, MAX_ANNOTATIONS).map(toAnnotation);
  const outcome = { status: "completed", conclusion: run.conclusion, details_url: run.url };
  const output = { title: run.title, summary: run.summary };
  const { value, found } = await client.createOnce({
    find: () => findRun(client, run, purpose),
    create: {
      route: "POST /repos/{owner}/{repo}/check-runs",
      parameters: {
        name: run.name,
        head_sha: run.head,
        external_id: EXTERNAL_ID,
        ...outcome,
        output: { ...output, annotations: annotations.slice(0, PER_CALL) },
      },
      shape: shapes.checkRun,
      purpose,
    },
  });
  const update = (parameters: object): Promise<unknown> =>
    client.call({
      route: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}",
      parameters: { check_run_id: value.id, ...parameters },
      shape: shapes.checkRun,
      purpose,
    });
  if (found) await update({ ...outcome, output });
  else
    for (let at = PER_CALL; at < annotations.length; at += PER_CALL)
      await update({ output: { ...output, annotations: annotations.slice(at, at + PER_CALL) } });
  return { url: value.html_url };
}

async function findRun(client: Client, run: NewCheckRun, purpose: Purpose): Promise<{ id: number; html_url: string } | undefined> {
  const { check_runs } = await client.call({
    route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    parameters: { ref: run.head, check_name: run.name, filter: "latest", per_page: 100 },
    shape: shapes.checks,
    purpose,
  });
  const own = check_runs.find(({ name, external_id }) => name === run.name && external_id === EXTERNAL_ID);
  return own === undefined ? undefined : { id: own.id, html_url: "" };
}

function toAnnotation({ path, line, endLine, level, title, message }: Annotation): object {
  return { path, start_line: line, end_line: endLine, annotation_level: level, title: title.slice(0, 255), message };
}
