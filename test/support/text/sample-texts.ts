import type { Change, Finding } from "../../../src/domain/patch.ts";
import type { RunNotes } from "../../../src/domain/record/notes.ts";
import { renderEnded } from "../../../src/domain/render/comment.ts";
import { renderPullRequestBody } from "../../../src/domain/render/pull-request-body.ts";
import { renderStepSummary } from "../../../src/domain/render/step-summary.ts";
import { renderGithubMarkdown } from "./live-markdown.ts";
import { sampleReport } from "./sample-report.ts";

/** Would end a cell, a row, a code span, a fence and a folded part, where it is not made inert. */
export const BREAKER = "a|b`c\\|d\n| x | y |\n|---|---|\n```\n</details></td></table>";

/** The texts of the sample's run that GitHub renders: step summary, pull request, comment. */
export function sampleTexts(): Readonly<Record<string, string>> {
  const { outcome, stageRuns, durationMs, run, ...sample } = sampleReport();
  const notes = breakNotes(sample.notes);
  const shown = { outcome: { ...outcome, reason: `${outcome.reason} ${BREAKER}` }, notes, durationMs, url: run.url };
  const findings = (notes.gate?.findings ?? []) as readonly Finding[];
  const changes = (notes.patch?.changes ?? []) as readonly Change[];
  const opened = {
    word: "published",
    reason: "Opened.",
    publication: { pullRequestNumber: 34, pullRequestUrl: `${REPOSITORY}/pull/34` },
  } as const;
  return {
    summary: renderStepSummary({ ...shown, stageRuns }),
    "summary-published": renderStepSummary({ ...shown, outcome: opened, stageRuns }),
    body: renderPullRequestBody({
      target: { kind: "issue", number: 12 },
      actor: "octocat",
      changes,
      findings,
      notes,
      durationMs,
      url: run.url,
      template: "",
    }),
    comment: renderEnded({ ...shown, outcome: { ...shown.outcome, word: "held" } }),
  };
}

export const REPOSITORY = "https://github.com/octo/demo";

function breakNotes(notes: RunNotes): RunNotes {
  const [change] = notes.patch?.changes ?? [];
  const [finding] = notes.gate?.findings ?? [];
  const [host] = notes.egress?.hosts ?? [];
  const [attempt] = notes.boundary?.attempts ?? [];
  return {
    ...notes,
    patch: { ...notes.patch, changes: [...(notes.patch?.changes ?? []), ...(change === undefined ? [] : [{ ...change, path: BREAKER }])] },
    gate: {
      ...notes.gate,
      findings: [
        ...(notes.gate?.findings ?? []),
        ...(finding === undefined ? [] : [{ ...finding, path: BREAKER, reason: BREAKER, remedy: BREAKER }]),
      ],
    },
    egress: {
      ...notes.egress,
      hosts: [
        ...(notes.egress?.hosts ?? []),
        ...(host === undefined ? [] : [{ ...host, host: BREAKER, verdict: "deny" as const, command: BREAKER }]),
      ],
    },
    boundary: {
      ...notes.boundary,
      attempts: [...(notes.boundary?.attempts ?? []), ...(attempt === undefined ? [] : [{ ...attempt, detail: BREAKER }])],
    },
    agent: {
      ...notes.agent,
      ending: { ...notes.agent?.ending, message: `Fixed.\n\n${BREAKER}\n\n- a list\n\n| a | b |\n|---|---|\n| 1 | 2 |` },
    },
    verification: { ...notes.verification, output: BREAKER },
  } as RunNotes;
}

/** A page around rendered markdown, with what GitHub's own pages do to wide content. */
export function pageOf(title: string, markdown: string): string {
  const style = [
    ":root { color: #1f2328; background: #fff; color-scheme: light dark }",
    "body { font: 16px/1.5 sans-serif; margin: 16px; overflow-wrap: break-word }",
    "table { display: block; max-width: 100%; overflow: auto; border-collapse: collapse }",
    "th, td { border: 1px solid; padding: 6px 13px }",
    "pre { overflow: auto }",
    "td, th { white-space: nowrap }",
    "a { color: #0550ae }",
    "@media (prefers-color-scheme: dark) { :root { color: #e6edf3; background: #0d1117 } a { color: #79c0ff } }",
  ].join("\n");
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style>`;
  // GitHub's own pages make what scrolls reachable by keyboard, and have their headings above these.
  const shown = renderGithubMarkdown(markdown).replace(/<(table|pre)>/g, '<$1 tabindex="0">');
  return `<!doctype html><html lang="en"><head>${head}</head><body><main><h1>Demo</h1><h2>${title}</h2><article>${shown}</article></main></body></html>`;
}
