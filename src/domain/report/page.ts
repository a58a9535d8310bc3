import { concludes, type Outcome } from "../outcome.ts";
import type { RunNotes } from "../record/notes.ts";
import type { StageRun } from "../record/record.ts";
import { headline } from "../render/comment.ts";
import { formatBytes, formatCount, formatDuration, formatMoney } from "../render/format.ts";
import { summariseChanges, summariseEgress } from "../render/markdown.ts";
import { tellEnd } from "../verification/command-run.ts";
import type { VerificationOutcome } from "../verification/outcome.ts";
import { renderDiff } from "./diff.ts";
import { renderFindingsHtml } from "./findings.ts";
import { bars, code, details, escapeText, note, pre, said, section, table } from "./parts.ts";
import { STYLE } from "./style.ts";
import { renderTranscript } from "./transcript.ts";

const MAX_ROWS = 200;
const MAX_BARS = 15;

export interface ReportHtmlOptions {
  readonly outcome: Outcome;
  readonly notes: RunNotes;
  readonly stageRuns: readonly StageRun[];
  readonly durationMs: number;
  readonly startedAtMs: number;
  readonly run: { readonly repository: string; readonly runId: string; readonly attempt: number; readonly url: string };
  /** First lines of transcript.jsonl. */
  readonly transcript: readonly string[];
  /** Beginning of patch.diff. */
  readonly diff: string;
}

/** The whole run as one page: no script, no outside resource, nothing of the guest but escaped text. */
export function renderReportHtml(options: ReportHtmlOptions): string {
  const { outcome, run } = options;
  const title = `Airlock: ${headline(outcome.word)}`;
  const sections = [
    renderTimeline(options.stageRuns),
    renderBoundary(options.notes),
    renderNetwork(options.notes),
    renderFindingsHtml(options.notes),
    renderPatch(options),
    renderVerification(options.notes),
    renderTranscript(options.transcript),
  ];
  const links = ["timeline", "boundary", "network", "findings", "patch", "verification", "transcript"].map(
    (id) => `<li><a href="#${id}">${id.charAt(0).toUpperCase()}${id.slice(1)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="note">${escapeText(run.repository)}, run ${escapeText(run.runId)}, attempt ${run.attempt}</p>
<h1>${escapeText(headline(outcome.word))}</h1>
<p><span class="word ${concludes(outcome.word)}">${escapeText(outcome.word)}</span>: ${escapeText(outcome.reason, 2000)}</p>
${renderRemedy(options.notes)}${renderFacts(options)}
<nav aria-label="Sections"><ul>${links.join("")}</ul></nav>
</header>
<main>
${sections.join("\n")}
</main>
<footer><p class="note">Text of the agent and of the repository is shown as it is and cannot act here. record.json beside this page holds the same facts for machines.</p></footer>
</body>
</html>
`;
}

function renderRemedy({ error }: RunNotes): string {
  return error?.remedy === undefined
    ? ""
    : `<p><strong>What to do:</strong> ${escapeText(error.remedy, 2000)} (${escapeText(error.id ?? "")})</p>`;
}

function renderFacts({ notes, durationMs, startedAtMs, outcome }: ReportHtmlOptions): string {
  const { agent, sandbox, usage, task, trigger } = notes;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Task", task?.title],
    ["Asked by", trigger?.actor],
    ["Started", new Date(startedAtMs).toISOString()],
    ["Took", formatDuration(durationMs)],
    ["Agent", agent?.name === undefined ? undefined : `${agent.name} ${agent.version ?? ""}`],
    ["Model", agent?.model],
    ["Sandbox", sandbox?.provider === undefined ? undefined : `${sandbox.provider}, ${sandbox.isolation ?? "unknown"}`],
    ["Cost", usage?.costUsd === undefined ? undefined : formatMoney(usage.costUsd)],
    ["Turns", usage?.turns === undefined ? undefined : formatCount(usage.turns)],
    [
      "Tokens in, out",
      usage?.inputTokens === undefined ? undefined : `${formatCount(usage.inputTokens)}, ${formatCount(usage.outputTokens ?? 0)}`,
    ],
    ["Branch", outcome.publication?.branch],
    ["Commit", outcome.publication?.headSha],
    ["Tree", outcome.publication?.treeSha],
  ];
  const shown = facts.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`<div><dt>${name}</dt><dd>${escapeText(value)}</dd></div>`],
  );
  return `<dl>${shown.join("")}</dl>`;
}

function renderTimeline(stageRuns: readonly StageRun[]): string {
  const start = stageRuns[0]?.startedAtMs;
  if (start === undefined) return section("timeline", "Timeline", note("No stage was entered."));
  const shown = stageRuns.slice(0, 60);
  const drawn = shown.map((stageRun) => ({
    label: stageRun.stage,
    from: stageRun.startedAtMs - start,
    length: stageRun.durationMs,
    told: formatDuration(stageRun.durationMs),
    bad: stageRun.result === "failed",
  }));
  const rows = shown.map((stageRun) => [
    escapeText(stageRun.stage),
    formatDuration(stageRun.startedAtMs - start),
    formatDuration(stageRun.durationMs),
    stageRun.result === "ok" ? "ok" : `failed ${escapeText(stageRun.error ?? "")}`,
  ]);
  const columns = [{ title: "Stage" }, { title: "Began after", number: true }, { title: "Took", number: true }, { title: "Result" }];
  return section("timeline", "Timeline", bars("Stages in time", drawn) + details("Figures", table("Stages of the run", columns, rows)));
}

function renderBoundary({ boundary, sandbox }: RunNotes): string {
  const rows = (boundary?.attempts ?? [])
    .slice(0, MAX_ROWS)
    .map((attempt) => [code(attempt.name), escapeText(attempt.result), code(attempt.detail)]);
  if (rows.length === 0) return section("boundary", "Boundary", note("The boundary was not tried: no sandbox got that far."));
  const word =
    boundary?.proved === true
      ? "Every way out but the gateway was tried and closed before the agent started."
      : "The boundary was not proved.";
  const versions = Object.entries(sandbox?.versions ?? {}).map(([name, version]) => [escapeText(name), code(version)]);
  const made =
    versions.length === 0
      ? ""
      : details("What the sandbox was made of", table("Versions and digests", [{ title: "Part" }, { title: "Version" }], versions));
  return section(
    "boundary",
    "Boundary",
    `<p>${word}</p>${table("Ways out that were tried", [{ title: "Way" }, { title: "Result" }, { title: "Met" }], rows)}${made}`,
  );
}

function renderNetwork({ egress }: RunNotes): string {
  const hosts = [...(egress?.hosts ?? [])].sort((a, b) => b.count - a.count);
  if (hosts.length === 0) return section("network", "Network", note("The sandbox asked for no host."));
  const drawn = hosts.slice(0, MAX_BARS).map((host) => ({
    label: host.host,
    from: 0,
    length: host.count,
    told: `${host.count}${host.verdict === "deny" ? " refused" : ""}`,
    bad: host.verdict === "deny",
  }));
  const shown = hosts.slice(0, MAX_ROWS);
  const told = shown.some(({ command }) => command !== undefined);
  const rows = shown.map((host) => [
    code(`${host.host}:${host.port}`),
    `${host.verdict === "deny" ? "refused" : "allowed"}${host.during === undefined ? "" : ` in ${host.during}`}`,
    formatCount(host.count),
    escapeText(host.reason),
    host.suggestion === undefined ? "" : code(host.suggestion),
    ...(told ? [host.command === undefined ? "" : said(code(host.command))] : []),
  ]);
  const columns = [
    { title: "Host" },
    { title: "Verdict" },
    { title: "Connections", number: true },
    { title: "Reason" },
    { title: "Line for allow" },
    ...(told ? [{ title: "Asked by" }] : []),
  ];
  const bytes = `${formatBytes(egress?.bytesUp ?? 0)} up, ${formatBytes(egress?.bytesDown ?? 0)} down`;
  return section(
    "network",
    "Network",
    `<p>${escapeText(summariseEgress(egress))} (${bytes})</p>${bars("Connections by host", drawn)}${table("Hosts", columns, rows)}`,
  );
}

function renderPatch({ notes, diff }: ReportHtmlOptions): string {
  const changes = notes.patch?.changes ?? [];
  if (changes.length === 0) return section("patch", "Patch", note("Nothing was changed."));
  const rows = changes
    .slice(0, MAX_ROWS)
    .map((change) => [code(change.path), escapeText(change.kind), change.binary ? "binary" : `+${change.additions} −${change.deletions}`]);
  const columns = [{ title: "File" }, { title: "Change" }, { title: "Lines", number: true }];
  return section(
    "patch",
    "Patch",
    `<p>${escapeText(summariseChanges(changes))}</p>${table("Changed files", columns, rows)}<h3>Diff</h3>${renderDiff(diff)}`,
  );
}

function renderVerification({ verification }: RunNotes): string {
  if (verification?.passed === undefined)
    return section("verification", "Verification", note(`No verification ran. ${verification?.reason ?? ""}`.trim()));
  const { commands = "", rounds = [], output = "" } = verification;
  const rows = rounds.map((round) => [
    round.judged === "base" ? "the base" : "the patch",
    round.step === "setup" ? "setup" : "verify",
    round.passed ? "passed" : "failed",
    escapeText(tellEnd(round)),
    formatDuration(round.durationMs ?? 0),
  ]);
  const columns = [
    { title: "Judged" },
    { title: "Lines of" },
    { title: "Result" },
    { title: "Ended with" },
    { title: "Took", number: true },
  ];
  const ends = rounds
    .slice(0, MAX_ROWS)
    .map((round) => details(`Output: ${round.judged === "base" ? "the base" : "the patch"}`, pre(round.output)));
  return section(
    "verification",
    "Verification",
    [
      `<p>${WORDS[verification.outcome ?? (verification.passed ? "passed" : "failed")]} In a fresh sandbox without keys, its way out closed.</p>`,
      commands === "" ? "" : `<h3>Commands</h3>${pre(commands)}`,
      rows.length === 0 ? "" : table("Rounds", columns, rows),
      rounds.length === 0 ? `<h3>End of the output</h3>${pre(output)}` : ends.join(""),
    ].join(""),
  );
}

const WORDS: Readonly<Record<VerificationOutcome, string>> = {
  passed: "The commands passed.",
  failed: "The commands failed.",
  "base-fails": "The commands fail on the base and with the patch, so they say nothing about it.",
  none: "Nothing was verified.",
};
