import type { Answer, Json, ReviewWorld, Route, StoredCheck } from "./state.ts";

export function checkRunRoutes(world: ReviewWorld): readonly Route[] {
  const { state } = world;
  return [
    [
      "GET",
      /^\/commits\/([0-9a-f]{40})\/check-runs$/,
      ([, sha]) => [200, { total_count: 0, check_runs: state.checks.filter(({ head }) => head === sha).map(showCheck) }],
    ],
    ["POST", /^\/check-runs$/, (_match, body) => putCheck(world, body)],
    ["PATCH", /^\/check-runs\/(\d+)$/, ([, id], body) => putCheck(world, body, Number(id))],
  ];
}

function showCheck(check: StoredCheck): Json {
  return {
    id: check.id,
    name: check.name,
    status: "completed",
    conclusion: check.conclusion,
    external_id: check.externalId,
    html_url: "https://github.example/check",
  };
}

function putCheck({ state, nextId }: ReviewWorld, given: Json, id?: number): Answer {
  const annotations = ((given["output"] as Json | undefined)?.["annotations"] ?? []) as Json[];
  if (annotations.length > 50) return [422, { message: "too many annotations" }];
  const existing = state.checks.find((check) => check.id === id);
  const check = existing ?? {
    id: nextId(),
    head: String(given["head_sha"]),
    conclusion: "",
    name: String(given["name"]),
    externalId: String(given["external_id"]),
    annotations: [],
  };
  if (existing === undefined) state.checks.push(check);
  check.conclusion = String(given["conclusion"] ?? check.conclusion);
  check.annotations.push(...annotations);
  return [200, showCheck(check)];
}
