import type { Change, Mode, Side } from "../../../domain/patch.ts";
import { parseGitPath } from "../../../domain/paths/git-path.ts";
import { showBytes } from "../../../domain/paths/show.ts";
import { type Git, unusable } from "./process.ts";
import { unreadable } from "./write-harvest.ts";

const DIFF_TIMEOUT_MS = 10 * 60_000;
const NO_OBJECT = "0".repeat(40);
const COLON = 0x3a;
const TAB = 0x09;
const NUL = 0;
/** Maximum bytes of one answer of `cat-file --batch-check`. */
const RECORD_BYTES = 256;
/** Only paths and numbers: far more than the harvest allows. */
const MAX_RECORDS_BYTES = 512 * 1024 * 1024;

export const DIFF_FLAGS = ["-r", "--no-renames", "--full-index", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"] as const;

const KINDS: Readonly<Record<string, Change["kind"]>> = { A: "added", M: "modified", D: "deleted", T: "type-changed" };

interface Raw {
  readonly path: string;
  readonly kind: Change["kind"];
  readonly before?: Pick<Side, "mode" | "oid">;
  readonly after?: Pick<Side, "mode" | "oid">;
}

type Lines = Pick<Change, "binary" | "additions" | "deletions">;

export interface DiffOptions {
  readonly git: Git;
  readonly baseTree: string;
  readonly tree: string;
  /** If given, a changed path that is not in it is an error. */
  readonly named?: ReadonlyMap<string, unknown>;
}

/** Every path that differs between the two trees. */
export async function readChanges(options: DiffOptions): Promise<readonly Change[]> {
  const records = splitRecords(await runDiff(options));
  const raws: Raw[] = [];
  let at = 0;
  for (; records[at]?.[0] === COLON; at += 2) raws.push(parseRaw(records[at], records[at + 1], options.named));
  const lines = new Map(records.slice(at).map(parseNumstat));
  const sizes = await readSizes(options.git, raws);
  return raws.map((raw) => toChange(raw, lines, sizes));
}

async function runDiff({ git, baseTree, tree }: DiffOptions): Promise<Buffer> {
  const result = await git.run({
    args: ["diff-tree", "--raw", "--numstat", "-z", "--no-abbrev", ...DIFF_FLAGS, baseTree, tree],
    maxOutputBytes: MAX_RECORDS_BYTES,
    timeoutMs: DIFF_TIMEOUT_MS,
  });
  if (result.code !== 0) throw unusable("diff-tree", result.cut ?? result.stderr);
  return result.stdout;
}

/** NUL-ended records. A raw record is two of them: fields that start with a colon, then the path. */
function splitRecords(output: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let start = 0;
  for (let end = output.indexOf(NUL); end !== -1; end = output.indexOf(NUL, start)) {
    records.push(output.subarray(start, end));
    start = end + 1;
  }
  return records;
}

function parseRaw(fields: Buffer | undefined, pathBytes: Buffer | undefined, named: ReadonlyMap<string, unknown> | undefined): Raw {
  const [, modeBefore, modeAfter, oidBefore, oidAfter, status] =
    /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])$/.exec(fields?.toString("latin1") ?? "") ?? [];
  const kind = KINDS[status ?? ""];
  const path = pathBytes === undefined ? undefined : parseGitPath(pathBytes).path;
  if (kind === undefined || pathBytes === undefined) throw unusable("diff-tree", `unknown record ${showBytes(fields ?? Buffer.alloc(0))}`);
  if (path === undefined || named?.has(path) === false) throw unreadable(showBytes(pathBytes), "changed without being named");
  const before = side(modeBefore, oidBefore);
  const after = side(modeAfter, oidAfter);
  return { path, kind, ...(before && { before }), ...(after && { after }) };
}

function side(mode: string | undefined, oid: string | undefined): Pick<Side, "mode" | "oid"> | undefined {
  if (mode === undefined || oid === undefined || oid === NO_OBJECT) return undefined;
  return { mode: canonicalMode(mode), oid };
}

/** Old trees hold modes such as 100664; git treats them by type and the owner's exec bit. */
function canonicalMode(mode: string): Mode {
  if (mode.startsWith("12")) return "120000";
  if (mode.startsWith("16")) return "160000";
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? "100644" : "100755";
}

function parseNumstat(record: Buffer): [string, Lines] {
  const first = record.indexOf(TAB);
  const second = record.indexOf(TAB, first + 1);
  const additions = record.toString("latin1", 0, first);
  const deletions = record.toString("latin1", first + 1, second);
  const binary = additions === "-";
  return [
    record.toString("utf8", second + 1),
    { binary, additions: binary ? 0 : Number(additions), deletions: binary ? 0 : Number(deletions) },
  ];
}

async function readSizes(git: Git, raws: readonly Raw[]): Promise<ReadonlyMap<string, number>> {
  const wanted = new Set(
    raws.flatMap(({ before, after }) => [before, after].flatMap((one) => (one === undefined || one.mode === "160000" ? [] : [one.oid]))),
  );
  if (wanted.size === 0) return new Map();
  const result = await git.run({
    args: ["cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer"],
    stdin: [Buffer.from([...wanted].map((oid) => `${oid}\n`).join(""))],
    maxOutputBytes: wanted.size * RECORD_BYTES,
  });
  const sizes = new Map<string, number>();
  for (const line of result.stdout.toString("latin1").split("\n")) {
    const [oid, size] = line.split(" ");
    if (oid !== undefined && /^\d+$/.test(size ?? "")) sizes.set(oid, Number(size));
  }
  return sizes;
}

function toChange(raw: Raw, lines: ReadonlyMap<string, Lines>, sizes: ReadonlyMap<string, number>): Change {
  const counted = lines.get(raw.path);
  if (counted === undefined) throw unusable("diff-tree", `no line counts for ${raw.path}`);
  const sized = (one: Pick<Side, "mode" | "oid"> | undefined): Side | undefined => {
    if (one === undefined) return undefined;
    const size = one.mode === "160000" ? 0 : sizes.get(one.oid);
    if (size === undefined) throw unusable("cat-file", `no size for ${one.oid}`);
    return { path: raw.path, ...one, size };
  };
  const before = sized(raw.before);
  const after = sized(raw.after);
  return { kind: raw.kind, path: raw.path, ...(before && { before }), ...(after && { after }), ...counted };
}
