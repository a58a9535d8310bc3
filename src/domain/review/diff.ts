import { unquotePath } from "./quoted-path.ts";

/** One line of a hunk. `left` and `right` are its numbers in the old and the new file, from 1. */
export interface DiffLine {
  readonly kind: "context" | "added" | "removed";
  /** Without the line feed; a carriage return before it is kept. */
  readonly text: string;
  readonly left?: number;
  readonly right?: number;
}

export interface Hunk {
  readonly lines: readonly DiffLine[];
}

/** What a unified diff says about one file. */
export interface FileDiff {
  /** The new path, or the old path of a deleted file. This is the path that GitHub uses for the file. */
  readonly path: string;
  /** The old path, or the new path of a new file. */
  readonly oldPath: string;
  readonly status: "added" | "deleted" | "renamed" | "modified";
  readonly hunks: readonly Hunk[];
}

interface Header {
  oldPath: string;
  path: string;
  status: FileDiff["status"];
}

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;
const START = "diff --git ";

/**
 * Reads a unified diff as git prints it (`--src-prefix=a/ --dst-prefix=b/`, git-diff(1), "Generating patch text with -p"). The hunk's own
 * counts decide which lines belong to it, so that a removed line `-- x` is not taken for a file header. Truncated parts are left out.
 */
export function parseDiff(text: string): readonly FileDiff[] {
  const lines = text.split("\n");
  const files: FileDiff[] = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at]?.startsWith(START) === true) {
      const read = readFile(lines, at);
      files.push(read.file);
      at = read.next;
    } else at += 1;
  }
  return files;
}

function readFile(lines: readonly string[], start: number): { readonly file: FileDiff; readonly next: number } {
  const header = openHeader(lines[start]?.slice(START.length) ?? "");
  const hunks: Hunk[] = [];
  let at = start + 1;
  for (; at < lines.length; ) {
    const line = lines[at] ?? "";
    if (line.startsWith(START)) break;
    const counts = HUNK.exec(line);
    if (counts === null) {
      readHeaderLine(line, header);
      at += 1;
    } else {
      const read = readHunk(lines, at + 1, counts);
      hunks.push({ lines: read.lines });
      at = read.next;
    }
  }
  return { file: { ...header, hunks }, next: at };
}

/** `a/x b/x`: the names if no other line gives them; both are the same then. */
function openHeader(rest: string): Header {
  const quoted = /^("(?:[^"\\]|\\.)*") /.exec(rest)?.[1];
  const name = quoted === undefined ? rest.slice(0, (rest.length - 1) / 2) : quoted;
  const path = dropPrefix(unquotePath(name));
  return { oldPath: path, path, status: "modified" };
}

function readHeaderLine(line: string, header: Header): void {
  const [, word = "", value = ""] = /^(rename from|rename to|new file mode|deleted file mode|---|\+\+\+) (.*)$/.exec(line) ?? [];
  const name = unquotePath(value.replace(/\t$/, ""));
  if (word === "rename from") header.oldPath = name;
  if (word === "rename to") Object.assign(header, { path: name, status: "renamed" });
  if (word === "new file mode") header.status = "added";
  if (word === "deleted file mode") header.status = "deleted";
  if (name === "/dev/null" || header.status === "renamed") return;
  if (word === "---") header.oldPath = dropPrefix(name);
  if (word === "+++") header.path = dropPrefix(name);
}

function dropPrefix(path: string): string {
  return path.replace(/^[ab]\//, "");
}

interface HunkRead {
  readonly lines: readonly DiffLine[];
  readonly next: number;
}

function readHunk(lines: readonly string[], start: number, counts: RegExpExecArray): HunkRead {
  const at = { left: Number(counts[1]), right: Number(counts[3]) };
  const end = { left: at.left + Number(counts[2] ?? 1), right: at.right + Number(counts[4] ?? 1) };
  const read: DiffLine[] = [];
  let index = start;
  for (; index < lines.length && (at.left < end.left || at.right < end.right); index += 1) {
    const line = lines[index] ?? "";
    if (line.startsWith("\\")) continue;
    const entry = readLine(line, at);
    if (entry === undefined) break;
    read.push(entry);
  }
  return { lines: read, next: index };
}

function readLine(line: string, at: { left: number; right: number }): DiffLine | undefined {
  const text = line.slice(1);
  switch (line[0]) {
    case " ":
      return { kind: "context", text, left: at.left++, right: at.right++ };
    case "-":
      return { kind: "removed", text, left: at.left++ };
    case "+":
      return { kind: "added", text, right: at.right++ };
    default:
      return undefined;
  }
}

/** Lines that a diff of one file adds or removes, in order. */
export function linesOf(file: FileDiff, kind: DiffLine["kind"]): readonly string[] {
  return file.hunks.flatMap((hunk) => hunk.lines.filter((line) => line.kind === kind).map(({ text }) => text));
}
