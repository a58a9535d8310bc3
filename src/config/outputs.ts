import type { OutcomeWord } from "../domain/outcome.ts";

/** Every output of the action with its description, in the order of `action.yml`. Outputs are set under these names only (I16). */
export const OUTPUTS = {
  outcome: "How the run ended, one word from a closed set.",
  conclusion: "`success`, `failure` or `neutral`.",
  "pull-request-number": "Number of the pull request.",
  "pull-request-url": "URL of the pull request.",
  "comment-url": "URL of the comment on the issue or pull request.",
  branch: "Branch that was published.",
  "head-sha": "Commit that was published.",
  "tree-sha": "Tree that was judged and published.",
  "changed-files": "Paths that the patch changes.",
  additions: "Lines added.",
  deletions: "Lines removed.",
  "cost-usd": "Money spent on the model, counted at the gateway.",
  "input-tokens": "Tokens sent to the model.",
  "output-tokens": "Tokens the model wrote.",
  turns: "Answered model requests.",
  "retry-at": "When the model's service takes requests again, in ISO 8601. Empty unless the outcome is `rate-limited`.",
  "duration-ms": "Milliseconds from start to report.",
  "egress-allowed": "Connections that were let out.",
  "egress-denied": "Connections of the agent that were refused.",
  "denied-hosts": "Hosts that were refused to the agent, one per line.",
  provider: "Provider that ran the sandbox.",
  "sandbox-id": "The provider's id of the sandbox.",
  agent: "Agent that ran.",
  "agent-version": "Version of the agent.",
  summary: "What happened, in a sentence.",
  "record-path": "Path of `record.json`.",
  "patch-path": "Path of `patch.diff`.",
  "transcript-path": "Path of `transcript.jsonl`.",
  "egress-log-path": "Path of `egress.jsonl`.",
  "report-path": "Path of `report.html`.",
} as const;

export type OutputName = keyof typeof OUTPUTS;

/** What each outcome tells a maintainer. */
export const OUTCOME_MEANINGS: Record<OutcomeWord, string> = {
  published: "A new pull request holds the patch.",
  updated: "An earlier run's pull request, or the branch of the pull request itself, now holds the patch.",
  reviewed: "A review was posted.",
  commented: "A comment was posted.",
  "patch-only": "The patch is in the artifact, as the inputs asked, and nowhere else.",
  "no-changes": "The agent finished and changed nothing.",
  skipped: "The event was not for Airlock; the summary says why.",
  refused: "Somebody who may not start a run tried to, or the request could not be trusted.",
  held: "The gate stopped the patch; the findings say why.",
  "verify-failed": "The verification commands failed on the patch.",
  "agent-failed": "The agent, or a `setup` line, did not finish.",
  "budget-exceeded": "A limit on money, turns or requests was reached.",
  "timed-out": "The wall-clock limit was reached.",
  "rate-limited": "The model's service took no more requests, and the agent gave up; `retry-at` says when it takes some again.",
  cancelled: "The job was cancelled.",
  "egress-unproved": "The sandbox's boundary could not be proved, so the agent was not started.",
  "provider-failed": "The provider could not give or keep a sandbox.",
  error: "An input, a permission or Airlock itself is at fault; the error says which.",
};
