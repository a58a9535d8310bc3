import type { DiffLine, FileDiff, Hunk } from "./diff.ts";
import type { DiffSide } from "./finding.ts";

/** Lines that a finding is about, as the agent gave them. */
export interface Spot {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly side: DiffSide;
}

/** Where GitHub accepts a comment: lines of one hunk, on one side (docs.github.com, "Create a review comment for a pull request"). */
export interface Place {
  /** The path that GitHub uses: the new one, whatever the side. */
  readonly path: string;
  readonly side: DiffSide;
  readonly line: number;
  readonly endLine: number;
  /** The lines' own text, in order. */
  readonly text: readonly string[];
  /** The place covers everything that was asked for, not just a part. */
  readonly whole: boolean;
}

/** The place in the diff that a spot names; undefined if none of its lines is in the diff: then the finding belongs in the summary. */
export function placeSpot(files: readonly FileDiff[], spot: Spot): Place | undefined {
  const file = findFile(files, spot);
  if (file === undefined) return undefined;
  const at = (line: number): Hunk | undefined => file.hunks.find((hunk) => hunk.lines.some((entry) => numberOf(entry, spot.side) === line));
  const last = at(spot.endLine);
  const first = at(spot.line);
  if (last !== undefined && last === first) return toPlace(file, last, spot, true);
  if (last !== undefined) return toPlace(file, last, { ...spot, line: spot.endLine }, false);
  return first === undefined ? undefined : toPlace(file, first, { ...spot, endLine: spot.line }, false);
}

/** By the name on the spot's own side; the old name of a renamed file refers to its old lines only. */
function findFile(files: readonly FileDiff[], { path, side }: Spot): FileDiff | undefined {
  const named = files.find((file) => file.path === path);
  if (named !== undefined || side === "RIGHT") return named;
  return files.find((file) => file.oldPath === path);
}

function numberOf(line: DiffLine, side: DiffSide): number | undefined {
  return side === "RIGHT" ? line.right : line.left;
}

function toPlace(file: FileDiff, hunk: Hunk, spot: Spot, whole: boolean): Place {
  const { line, endLine, side } = spot;
  const text = hunk.lines
    .filter((entry) => {
      const number = numberOf(entry, side);
      return number !== undefined && number >= line && number <= endLine;
    })
    .map((entry) => entry.text);
  return { path: file.path, side, line, endLine, text, whole };
}

/** Whether a place has at least one changed line, rather than only context. */
export function touchesChange(files: readonly FileDiff[], spot: Spot): boolean {
  const file = findFile(files, spot);
  const changed = spot.side === "RIGHT" ? "added" : "removed";
  return (file?.hunks ?? []).some((hunk) =>
    hunk.lines.some((entry) => {
      const number = numberOf(entry, spot.side);
      return entry.kind === changed && number !== undefined && number >= spot.line && number <= spot.endLine;
    }),
  );
}
