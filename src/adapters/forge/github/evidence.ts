import { Buffer } from "node:buffer";
import type { FailureFacts } from "../../../ports/forge.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import * as shapes from "./shapes.ts";

const PAGE = 100;
const MAX_FAILURES = 20;
const BAD = new Set(["failure", "timed_out", "startup_failure", "action_required"]);

/** Number of runs of a workflow, by its name, that a person started since then; at most a hundred are counted. */
export async function countRuns(
  client: Client,
  options: { readonly actor: string; readonly workflow: string; readonly sinceMs: number },
): Promise<number> {
  const parameters = { actor: options.actor, created: `>=${new Date(options.sinceMs).toISOString()}`, per_page: PAGE };
  const purpose: Purpose = { doing: `count the runs of ${options.actor}`, permission: "actions: read", code: "forge.unreadable" };
  const { workflow_runs } = await client.call({
    route: "GET /repos/{owner}/{repo}/actions/runs",
    parameters,
    shape: shapes.workflowRuns,
    purpose,
  });
  return workflow_runs.filter((run) => run.name === options.workflow).length;
}

interface Upstream {
  readonly kind: "workflow-run" | "check-suite";
  readonly id: number;
}

/** The output of a failed CI run: the end of each failed job's log, or the text of each failed check. */
export async function readJobFailure(client: Client, upstream: Upstream, maxBytes: number): Promise<readonly FailureFacts[]> {
  const failures = upstream.kind === "workflow-run" ? await readJobs(client, upstream.id, maxBytes) : await readChecks(client, upstream.id);
  return failures.map(({ name, text }) => ({ name, text: tail(text, maxBytes) }));
}

async function readJobs(client: Client, id: number, maxBytes: number): Promise<readonly FailureFacts[]> {
  const parameters = { run_id: id, filter: "latest", per_page: PAGE };
  const purpose: Purpose = { doing: `read the jobs of run ${id}`, permission: "actions: read", code: "forge.unreadable" };
  const { jobs } = await client.call({
    route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
    parameters,
    shape: shapes.jobs,
    purpose,
  });
  const failures: FailureFacts[] = [];
  for (const job of jobs.filter(({ conclusion }) => BAD.has(conclusion ?? "")).slice(0, MAX_FAILURES)) {
    failures.push({ name: job.name, text: await readLog(client, job.id, maxBytes) });
  }
  return failures;
}

/** GitHub answers with a redirect to its storage; the token is not sent to another host. */
async function readLog(client: Client, jobId: number, maxBytes: number): Promise<string> {
  const purpose: Purpose = { doing: `read the log of job ${jobId}`, permission: "actions: read", code: "forge.unreadable" };
  const log = await client.find({
    route: "GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs",
    parameters: { job_id: jobId },
    shape: shapes.anything,
    purpose,
    elsewhere: true,
  });
  return tail(toText(log), maxBytes);
}

async function readChecks(client: Client, id: number): Promise<readonly FailureFacts[]> {
  const purpose: Purpose = { doing: `read the checks of suite ${id}`, permission: "checks: read", code: "forge.unreadable" };
  const parameters = { check_suite_id: id, filter: "latest", per_page: PAGE };
  const { check_runs } = await client.call({
    route: "GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs",
    parameters,
    shape: shapes.checkRuns,
    purpose,
  });
  return check_runs
    .filter(({ conclusion }) => BAD.has(conclusion ?? ""))
    .slice(0, MAX_FAILURES)
    .map(({ name, output }) => ({ name, text: [output.title, output.summary, output.text].filter((part) => part !== "").join("\n\n") }));
}

/** Unified diff from the merge base, cut at a byte count. */
export async function readDiff(
  client: Client,
  options: { readonly base: string; readonly head: string; readonly maxBytes: number },
): Promise<string> {
  const purpose: Purpose = {
    doing: `compare ${options.base} with ${options.head}`,
    permission: "contents: read",
    code: "forge.unreadable",
  };
  const parameters = { basehead: `${options.base}...${options.head}`, mediaType: { format: "diff" } };
  const diff = toText(
    await client.call({ route: "GET /repos/{owner}/{repo}/compare/{basehead}", parameters, shape: shapes.anything, purpose }),
  );
  return Buffer.from(diff).subarray(0, options.maxBytes).toString("utf8");
}

function toText(data: unknown): string {
  if (typeof data === "string") return data;
  return data instanceof ArrayBuffer ? Buffer.from(data).toString("utf8") : "";
}

function tail(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= maxBytes ? text : bytes.subarray(bytes.length - maxBytes).toString("utf8");
}
