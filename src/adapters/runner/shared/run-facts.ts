import type { RunnerFacts } from "../../../ports/runner.ts";

/** What the runner's environment says about this run; absent variables are empty. */
export function readRunFacts(): RunnerFacts {
  const repository = read("GITHUB_REPOSITORY");
  const runId = read("GITHUB_RUN_ID");
  const attempt = Math.max(1, Number.parseInt(read("GITHUB_RUN_ATTEMPT"), 10) || 1);
  const server = read("GITHUB_SERVER_URL") || "https://github.com";
  return {
    repository,
    runId,
    attempt,
    url: `${server}/${repository}/actions/runs/${runId}/attempts/${attempt}`,
    actor: read("GITHUB_ACTOR"),
    triggeringActor: read("GITHUB_TRIGGERING_ACTOR"),
    sha: read("GITHUB_SHA"),
    ref: read("GITHUB_REF"),
    workflow: read("GITHUB_WORKFLOW"),
  };
}

function read(name: string): string {
  return process.env[name] ?? "";
}
