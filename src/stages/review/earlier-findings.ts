import { Buffer } from "node:buffer";
import type { Quote } from "../../domain/review/assemble.ts";
import type { FileDiff } from "../../domain/review/diff.ts";
import type { Review, ReviewFinding } from "../../domain/review/finding.ts";
import { type Marked, readListedMarks, readMark } from "../../domain/review/fingerprint.ts";
import type { Remembered } from "../../domain/review/memory.ts";
import { placeSpot } from "../../domain/review/place.ts";
import { digestLines, type FileLines, openLines, type Trace } from "../../domain/review/trace.ts";
import { mayWrite } from "../../domain/trigger/permission.ts";
import type { Forge } from "../../ports/forge.ts";
import type { Repository } from "../../ports/repository.ts";
import type { EarlierReviews } from "../../ports/reviews.ts";

const MAX_FILE_BYTES = 512 << 10;
/** Maximum number of files that are searched for lines; in further ones every finding counts as unchanged. */
const MAX_FILES = 200;

/** A pull request's commits, and their difference. */
export interface Compared {
  readonly base: string;
  readonly head: string;
  readonly files: readonly FileDiff[];
}

export interface RecallOptions extends Pick<Compared, "head" | "files"> {
  readonly forge: Forge;
  readonly repository: Repository;
  readonly earlier: EarlierReviews;
}

/**
 * Every finding of our earlier reviews, on a line or in the text. The author of a pull request may resolve its threads, so a resolution
 * counts only from an account with write permission. An account whose permission is unknown has none (I8).
 */
export async function recall({ forge, repository, earlier, head, files }: RecallOptions): Promise<readonly Remembered[]> {
  const reader = openReader(repository, head);
  const trusted = openTrust(forge);
  const remembered: Remembered[] = [];
  for (const { body, outdated, resolvedBy } of earlier.comments) {
    const mark = readMark(body);
    if (mark === undefined) continue;
    const dismissed = resolvedBy !== undefined && (await trusted(resolvedBy));
    remembered.push({ ...mark, dismissed, stands: !dismissed && (!outdated || (await isThere({ reader, files, mark, unknown: false }))) });
  }
  for (const mark of earlier.reviews.flatMap(({ body }) => readListedMarks(body)))
    remembered.push({ ...mark, dismissed: false, stands: await isThere({ reader, files, mark, unknown: true }) });
  return remembered;
}

function openTrust(forge: Forge): (login: string) => Promise<boolean> {
  const asked = new Map<string, Promise<boolean>>();
  return (login) => {
    const answer = asked.get(login) ?? canWrite(forge, login);
    asked.set(login, answer);
    return answer;
  };
}

async function canWrite(forge: Forge, login: string): Promise<boolean> {
  return mayWrite(await forge.readPermission(login).catch(() => "none" as const));
}

interface Search {
  readonly reader: Reader;
  readonly files: readonly FileDiff[];
  readonly mark: Marked;
  /** The answer for a mark without a trace. */
  readonly unknown: boolean;
}

/** Whether the finding's lines are unchanged: still there, or still gone. Lines of a deleted file may now be in another one. */
async function isThere({ reader, files, mark: { trace }, unknown }: Search): Promise<boolean> {
  if (trace === undefined) return unknown;
  const found = await reader(trace.path);
  if (found === "unreadable") return true;
  if (found !== "missing") return found.has(trace) === trace.present;
  if (!trace.present) return true;
  return trace.count > 0 && files.some((file) => rightSide(file).has(trace));
}

const sides = new WeakMap<FileDiff, FileLines>();

/** The new lines that a diff shows of a file. */
function rightSide(file: FileDiff): FileLines {
  const known = sides.get(file);
  if (known !== undefined) return known;
  const lines = file.hunks.flatMap((hunk) => hunk.lines.filter(({ right }) => right !== undefined).map(({ text }) => text));
  const opened = openLines(lines.join("\n"));
  sides.set(file, opened);
  return opened;
}

/** The text of each finding's lines in the files, so that a later run recognises it. */
export async function quoteEarlier(
  review: Review,
  repository: Repository,
  { base, head, files }: Compared,
): Promise<ReadonlyMap<ReviewFinding, Quote>> {
  const [old, current] = [openReader(repository, base), openReader(repository, head)];
  const quotes = new Map<ReviewFinding, Quote>();
  for (const finding of review.findings) {
    const place = placeSpot(files, finding);
    const path = place?.path ?? finding.path;
    const source = place === undefined ? await (finding.side === "LEFT" ? old : current)(path) : "missing";
    const text = typeof source === "string" ? undefined : source.take(finding.line, finding.endLine);
    quotes.set(finding, { text, trace: trace(path, place?.text ?? text ?? [], await current(path)) });
  }
  return quotes;
}

function trace(path: string, text: readonly string[], file: Found): Trace | undefined {
  if (file === "unreadable") return undefined;
  const digested = digestLines(text);
  return { path, ...digested, present: file !== "missing" && file.has(digested) };
}

type Found = FileLines | "missing" | "unreadable";
type Reader = (path: string) => Promise<Found>;

/** Reads each file of a commit once. */
function openReader(repository: Repository, commit: string): Reader {
  const known = new Map<string, Promise<Found>>();
  const read = async (path: string): Promise<Found> => {
    try {
      const bytes = await repository.readPath(commit, path, MAX_FILE_BYTES);
      return bytes === undefined ? "missing" : openLines(Buffer.from(bytes).toString("utf8"));
    } catch {
      return "unreadable";
    }
  };
  return (path) => {
    const found = known.get(path) ?? (known.size >= MAX_FILES ? Promise.resolve("unreadable" as const) : read(path));
    known.set(path, found);
    return found;
  };
}
