import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { EgressSummary, HostTraffic, Phase } from "../../ports/gateway.ts";
import type { ProxyLimits, UploadBudget, UploadLimit } from "../http/limits.ts";
import type { Reason } from "../http/refusal.ts";
import { openEgressTally } from "./egress-tally.ts";
import type { FinishedLine } from "./finished-line.ts";

/** What is known of a connection when it starts. */
export interface EntryStart {
  /** Canonical; `-` when the request could not be read up to here. */
  readonly host: string;
  readonly port: number;
  readonly method?: string | undefined;
  /** Without query. */
  readonly path?: string | undefined;
}

/** One line of `egress.jsonl` that is still open. */
export interface Entry {
  readonly host: string;
  readonly port: number;
  /** Counts bytes from the guest. Returns the limit that is exceeded; the caller then ends the connection. */
  up(bytes: number): UploadLimit | undefined;
  down(bytes: number): void;
  allow(reason: Reason, rule: string | undefined): void;
  deny(reason: Reason, rule?: string): void;
  at(address: string): void;
  status(code: number): void;
  /** The command behind the connection, as reported by the guest: hostile text. */
  command(text: string): void;
  /** Writes the line; later calls do nothing. */
  end(): void;
  /** Drops the line: other lines describe this connection. */
  drop(): void;
}

/** The log of a run. */
export interface EgressLog {
  /** The lines of one tunnel. */
  openLane(sandbox: string, phase: Phase): EgressLane;
  summary(): EgressSummary;
  /** Ends what is still open and closes the file. */
  close(): Promise<void>;
}

/** What one tunnel writes: its sandbox and its phase stand in each line. */
export interface EgressLane {
  begin(start: EntryStart): Entry;
  /** Writes a finished line. Only fields without a query or a secret belong in it. */
  add(line: FinishedLine): void;
  enter(phase: Phase): void;
  /** Whether to look up the command behind this host: a few times for each host, and never during the proof. Counts the look-up. */
  takesLookup(host: string): boolean;
  /** Ends what is still open. */
  end(): void;
}

export interface EgressLogOptions {
  readonly path: string;
  readonly limits: ProxyLimits;
  readonly budget: UploadBudget;
  readonly redact: (text: string) => string;
  readonly propose: (hosts: readonly HostTraffic[]) => readonly string[];
  readonly now: () => number;
}

const TOGETHER_MS = 20;
const MAX_SHOWN_PATH = 512;
const MAX_SHOWN_COMMAND = 200;
const MAX_LOOKUPS = 300;
const MAX_LOOKUPS_PER_HOST = 2;

interface Line {
  readonly startedAtMs: number;
  readonly start: EntryStart;
  readonly lane: LaneFacts;
  verdict: "allow" | "deny";
  reason: Reason;
  rule: string | undefined;
  address: string | undefined;
  status: number | undefined;
  command: string | undefined;
  bytesUp: number;
  bytesDown: number;
}

/** Where a line comes from, as it was when its connection came. */
export interface LaneFacts {
  readonly sandbox: string;
  readonly phase: Phase;
}

const NOTHING_YET = {
  verdict: "deny",
  reason: "bad-request",
  rule: undefined,
  address: undefined,
  status: undefined,
  command: undefined,
  bytesUp: 0,
  bytesDown: 0,
} as const;

/** The log file and the counts behind the summary. Both are bounded whatever the guests do (I18). */
export function openEgressLog(options: EgressLogOptions): EgressLog {
  const file = createWriteStream(options.path, { flags: "a", mode: 0o600 });
  file.on("error", () => undefined);
  const tally = openEgressTally();
  const lookups = openLookups();
  const lanes = new Set<EgressLane>();
  let lines = 0;
  const write = (line: FinishedLine & LaneFacts): void => {
    if (line.phase !== "proof") tally.add(line);
    lines += 1;
    if (lines <= options.limits.maxLogLines) writeSoon(file, `${JSON.stringify(line)}\n`);
  };
  return {
    openLane(sandbox, phase) {
      const lane = openLane({ options, write, lookups, facts: { sandbox, phase } });
      lanes.add(lane);
      return lane;
    },
    summary: () => tally.summary(options.propose),
    async close() {
      for (const lane of lanes) lane.end();
      await closeFile(file, lines, options.limits.maxLogLines);
    },
  };
}

interface LaneParts {
  readonly options: EgressLogOptions;
  readonly write: (line: FinishedLine & LaneFacts) => void;
  readonly lookups: Lookups;
  readonly facts: LaneFacts;
}

function openLane({ options, write, lookups, facts: first }: LaneParts): EgressLane {
  const open = new Set<Entry>();
  let facts = first;
  return {
    add: (line) => write({ ...line, ...facts }),
    begin(start) {
      const line: Line = { ...NOTHING_YET, startedAtMs: options.now(), start, lane: facts };
      const entry = openEntry(line, options.budget, (written) => {
        open.delete(entry);
        if (written) write(render(line, options));
      });
      open.add(entry);
      return entry;
    },
    enter(phase) {
      facts = { ...facts, phase };
    },
    takesLookup: (host) => facts.phase !== "proof" && lookups.take(host),
    end() {
      for (const entry of open) entry.end();
    },
  };
}

interface Lookups {
  /** Counts a look-up for this host; false if there were enough. */
  take(host: string): boolean;
}

function openLookups(): Lookups {
  const lookups = new Map<string, number>();
  return {
    take(host) {
      const count = lookups.get(host) ?? 0;
      if (count >= MAX_LOOKUPS_PER_HOST || (count === 0 && lookups.size >= MAX_LOOKUPS)) return false;
      lookups.set(host, count + 1);
      return true;
    },
  };
}

/** Lines that end within a moment are written together: a write for each took an eighth of a connection's processor time. */
function writeSoon(file: WriteStream, text: string): void {
  if (file.writableCorked === 0) {
    file.cork();
    setTimeout(() => file.uncork(), TOGETHER_MS).unref();
  }
  file.write(text);
}

async function closeFile(file: WriteStream, lines: number, maxLines: number): Promise<void> {
  if (file.destroyed) return;
  if (lines > maxLines)
    file.write(`${JSON.stringify({ truncated: true, limit: "max-log-lines", linesWritten: maxLines, connections: lines })}\n`);
  file.end();
  await finished(file).catch(() => undefined);
}

function openEntry(line: Line, budget: UploadBudget, onEnd: (written: boolean) => void): Entry {
  let ended = false;
  const { host, port } = line.start;
  const settle = (written: boolean): void => {
    if (ended) return;
    ended = true;
    onEnd(written);
  };
  return {
    host,
    port,
    up(bytes) {
      line.bytesUp += bytes;
      const limit = budget.spend(host, bytes);
      if (limit !== undefined) {
        line.verdict = "deny";
        line.reason = limit;
      }
      return limit;
    },
    down(bytes) {
      line.bytesDown += bytes;
    },
    allow(reason, rule) {
      line.verdict = "allow";
      line.reason = reason;
      line.rule = rule;
    },
    deny(reason, rule) {
      line.verdict = "deny";
      line.reason = reason;
      if (rule !== undefined) line.rule = rule;
    },
    at(address) {
      line.address = address;
    },
    status(code) {
      line.status = code;
    },
    command(text) {
      line.command = text;
    },
    end: () => settle(true),
    drop: () => settle(false),
  };
}

function render(line: Line, options: EgressLogOptions): FinishedLine & LaneFacts & Readonly<Record<string, unknown>> {
  const { start } = line;
  const path = start.path === undefined ? undefined : options.redact(start.path).slice(0, MAX_SHOWN_PATH);
  return {
    time: new Date(line.startedAtMs).toISOString(),
    host: start.host,
    port: start.port,
    address: line.address,
    verdict: line.verdict,
    reason: line.reason,
    rule: line.rule,
    method: start.method,
    path,
    status: line.status,
    bytesUp: line.bytesUp,
    bytesDown: line.bytesDown,
    command: line.command === undefined ? undefined : showCommand(line.command, options),
    durationMs: Math.max(0, Math.round(options.now() - line.startedAtMs)),
    ...line.lane,
  };
}

/** One line of printable text without the run's secrets; it is redacted before it is cut, so that no part of a secret is left. */
function showCommand(command: string, { redact }: EgressLogOptions): string {
  return redact(command)
    .replaceAll(/\p{C}+/gu, " ")
    .slice(0, MAX_SHOWN_COMMAND);
}
