import { codeSpan, inertInline, inertLine } from "../inert.ts";
import type { Change, Finding } from "../patch.ts";
import type { EgressSummary, HostTraffic, RunNotes } from "../record/notes.ts";
import { formatBytes, formatCount, formatDuration, formatMoney, plural } from "./format.ts";

/** Parts that the pull request, the comment and the step summary share. All are pure, bounded and inert. */

const MAX_FILES = 50;
const MAX_HOSTS = 20;
const MAX_FINDINGS = 20;

/** Joins the non-empty parts. */
export function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("\n\n");
}

const LEFT_OUT = "Parts were left out for length; the run's artifact has everything.";

/** Joins parts while they fit. A part that does not fit is left out as a whole, so nothing is cut in the middle. */
export function keepWhole(parts: readonly (string | undefined)[], maxChars: number): string {
  const kept: string[] = [];
  let room = maxChars - LEFT_OUT.length - 2;
  let leftOut = false;
  for (const part of parts) {
    if (part === undefined || part === "") continue;
    if (part.length + 2 > room) leftOut = true;
    else {
      kept.push(part);
      room -= part.length + 2;
    }
  }
  return paragraphs(...kept, leftOut ? LEFT_OUT : undefined);
}

/** A closed box. Blank lines around the body let its Markdown render. */
export function folded(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

export function countLines(changes: readonly Change[]): { readonly additions: number; readonly deletions: number } {
  return { additions: sum(changes, (change) => change.additions), deletions: sum(changes, (change) => change.deletions) };
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}

/** `3 files, +10 −2`. */
export function summariseChanges(changes: readonly Change[]): string {
  const { additions, deletions } = countLines(changes);
  return `${plural(changes.length, "file")}, +${formatCount(additions)} −${formatCount(deletions)}`;
}

export function renderFiles(changes: readonly Change[]): string {
  const rows = changes
    .slice(0, MAX_FILES)
    .map(
      (change) =>
        `| ${codeSpan(change.path)} | ${describeChange(change)} | ${change.binary ? "binary" : `+${change.additions} −${change.deletions}`} |`,
    );
  return ["| File | Change | Lines |", "|---|---|---|", ...rows, ...more(changes.length - MAX_FILES, "file", 3)].join("\n");
}

function describeChange(change: Change): string {
  const mode =
    change.before?.mode !== undefined && change.after?.mode !== undefined && change.before.mode !== change.after.mode
      ? `, mode ${change.before.mode} → ${change.after.mode}`
      : "";
  const executable = change.kind === "added" && change.after?.mode === "100755" ? ", executable" : "";
  return `${change.kind}${mode}${executable}`;
}

function more(count: number, noun: string, columns: number): readonly string[] {
  return count > 0 ? [`| … and ${plural(count, noun)} more |${" |".repeat(columns - 1)}`] : [];
}

export function renderFindings(findings: readonly Finding[]): string {
  const rows = findings.slice(0, MAX_FINDINGS).map((finding) => {
    const where = finding.path === undefined ? "" : codeSpan(finding.path);
    return `| ${codeSpan(finding.code)} | ${where} | ${inertInline(finding.reason, 250)} | ${inertInline(finding.remedy, 250)} |`;
  });
  return [
    "| Finding | Where | Why | What to do |",
    "|---|---|---|---|",
    ...rows,
    ...more(findings.length - MAX_FINDINGS, "finding", 4),
  ].join("\n");
}

/** Refused hosts first, each with the line that would allow it. */
export function renderHosts(hosts: readonly HostTraffic[]): string {
  const sorted = [...hosts].sort((a, b) => Number(a.verdict === "allow") - Number(b.verdict === "allow") || b.count - a.count);
  const told = sorted.slice(0, MAX_HOSTS).some(({ command }) => command !== undefined);
  const rows = sorted.slice(0, MAX_HOSTS).map((host) => {
    const line = host.suggestion === undefined ? "" : codeSpan(host.suggestion);
    const during = host.during === undefined ? "" : ` in ${host.during}`;
    return `| ${host.verdict === "allow" ? "allowed" : "**refused**"}${during} | ${codeSpan(`${host.host}:${host.port}`)} | ${formatCount(host.count)} | ${inertInline(host.reason, 80)} | ${line} |${told ? ` ${host.command === undefined ? "" : codeSpan(host.command.slice(0, 120))} |` : ""}`;
  });
  const table = [
    `| Answer | Host | Times | Reason | Line for \`allow\` |${told ? " Asked by |" : ""}`,
    `|---|---|---|---|---|${told ? "---|" : ""}`,
    ...rows,
    ...more(hosts.length - MAX_HOSTS, "host", told ? 6 : 5),
  ].join("\n");
  return paragraphs(renderRefusedSetUp(hosts), table);
}

const MAX_NAMED = 5;

/** Some installers end well although a host was refused, and leave out what it should have brought. */
function renderRefusedSetUp(hosts: readonly HostTraffic[]): string | undefined {
  const refused = hosts.filter(({ verdict, during }) => verdict === "deny" && during === "set-up");
  if (refused.length === 0) return undefined;
  const names = refused.slice(0, MAX_NAMED).map(({ host, port }) => codeSpan(`${host}:${port}`));
  const others = refused.length > MAX_NAMED ? `, and ${refused.length - MAX_NAMED} more` : "";
  return `**Set-up was refused ${names.join(", ")}${others}.** What they should have brought may be missing, even where its commands ended well.`;
}

export function summariseEgress(egress: Partial<EgressSummary> | undefined): string {
  if (egress === undefined) return "no network";
  const bytes = (egress.bytesUp ?? 0) + (egress.bytesDown ?? 0);
  return `${plural(egress.allowed ?? 0, "connection")} allowed, ${formatCount(egress.denied ?? 0)} refused, ${formatBytes(bytes)}`;
}

/** What `auto` found at the base and chose. */
export function renderEcosystems({ ecosystems }: RunNotes): string | undefined {
  return ecosystems?.line === undefined ? undefined : inertInline(ecosystems.line, 2000);
}

export function deniedHosts(notes: RunNotes): readonly HostTraffic[] {
  return (notes.egress?.hosts ?? []).filter((host) => host.verdict === "deny");
}

/** The lines to paste, each once; also for what set-up or verification was refused. */
export function suggestions(notes: RunNotes): readonly string[] {
  return [...new Set(deniedHosts(notes).flatMap((host) => (host.suggestion === undefined ? [] : [host.suggestion])))].slice(0, MAX_HOSTS);
}

export interface FactsLine {
  readonly notes: RunNotes;
  readonly durationMs: number;
  /** Page of the run; ours. */
  readonly url: string;
}

/** One line: agent, provider, time and cost. */
export function renderFacts({ notes, durationMs, url }: FactsLine): string {
  const { agent, sandbox, usage } = notes;
  const facts = [
    agent?.name === undefined ? undefined : inertInline(`${agent.name} ${agent.version ?? ""}`, 80),
    agent?.model === undefined || agent.model === "" ? undefined : inertInline(agent.model, 80),
    sandbox?.provider === undefined ? undefined : inertInline(`${sandbox.provider} (${sandbox.isolation ?? "unknown"})`, 120),
    usage?.turns === undefined ? undefined : plural(usage.turns, "turn"),
    usage?.costUsd === undefined ? undefined : formatMoney(usage.costUsd),
    formatDuration(durationMs),
    `[run and record](${url})`,
  ];
  return facts.filter((fact) => fact !== undefined).join(" · ");
}

/** What a job that publishes could not search for, in plain words; names of variables only. */
export function unsearchedNotice({ declaredSecrets }: RunNotes): string | undefined {
  const names = declaredSecrets?.unsearched ?? [];
  if (names.length === 0) return undefined;
  return `Not searched for here, because this job has no value of them: ${names.map((name) => inertLine(name, 64)).join(", ")}.`;
}
