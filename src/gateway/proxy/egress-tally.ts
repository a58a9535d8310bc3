import type { EgressSummary, HostTraffic, Phase } from "../../ports/gateway.ts";
import { findSuggestion } from "../http/refusal.ts";
import type { FinishedLine } from "./finished-line.ts";

/** Distinct hosts kept for the summary; what comes later is counted under `-`. */
const MAX_HOSTS = 2000;

/** The counts behind the summary. */
export interface EgressTally {
  add(line: CountedLine): void;
  summary(propose: (hosts: readonly HostTraffic[]) => readonly string[]): EgressSummary;
}

type CountedLine = Pick<FinishedLine, "host" | "port" | "verdict" | "reason" | "bytesUp" | "bytesDown" | "command" | "serverTools"> & {
  readonly phase: Phase;
};

interface Row {
  readonly host: string;
  readonly port: number;
  readonly verdict: "allow" | "deny";
  readonly reason: string;
  readonly during?: NonNullable<HostTraffic["during"]>;
  count: number;
  /** The first that was told. */
  command?: string;
}

export function openEgressTally(): EgressTally {
  const rows = new Map<string, Row>();
  const totals = { allowed: 0, denied: 0, bytesUp: 0, bytesDown: 0 };
  const count = (line: CountedLine, reason: string): void => {
    const { verdict } = line;
    const during = DURING[line.phase];
    const full = rows.size >= MAX_HOSTS && !rows.has(keyOf({ ...line, reason, during }));
    const { host, port } = full ? { host: "-", port: 0 } : line;
    const start = { host, port, verdict, reason, ...(during === undefined ? {} : { during }) };
    const row: Row = rows.get(keyOf(start)) ?? { ...start, count: 0 };
    row.count += 1;
    if (line.command !== undefined) row.command ??= line.command;
    rows.set(keyOf(row), row);
  };
  return {
    add(line) {
      if (line.verdict === "allow") totals.allowed += 1;
      else if (DURING[line.phase] === undefined) totals.denied += 1;
      totals.bytesUp += line.bytesUp;
      totals.bytesDown += line.bytesDown;
      count(line, line.reason);
      // What the model's service looked up for the sandbox is told like a connection of the sandbox's own.
      if (line.verdict === "allow") for (const tool of line.serverTools ?? []) count(line, `model-tool-${tool}`);
    },
    summary(propose) {
      const hosts = [...rows.values()].sort((a, b) => b.count - a.count).map(withSuggestion);
      return { ...totals, hosts, proposedAllow: propose(hosts) };
    },
  };
}

/** What the run's own lines ask for is told apart from what the agent does; a straggler of the agent's may still ask during the harvest. */
const DURING: Readonly<Record<Phase, HostTraffic["during"]>> = {
  proof: undefined,
  sandbox: "set-up",
  agent: undefined,
  harvest: undefined,
  verify: "verification",
};

function keyOf(row: Pick<Row, "host" | "port" | "verdict" | "reason"> & { readonly during?: Row["during"] | undefined }): string {
  return `${row.verdict} ${row.host}:${row.port} ${row.reason} ${row.during ?? ""}`;
}

function withSuggestion(row: Row): HostTraffic {
  const suggestion = row.verdict === "deny" && row.host !== "-" ? findSuggestion(row.reason, row.host, row.port) : undefined;
  return { ...row, ...(suggestion === undefined ? {} : { suggestion }) };
}
