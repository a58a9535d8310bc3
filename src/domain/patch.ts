/** git's modes: file, executable, symbolic link, gitlink. */
export type Mode = "100644" | "100755" | "120000" | "160000";

/** One side of a change. */
export interface Side {
  /** Path bytes as UTF-8. Paths that are not UTF-8 never get this far: harvest refuses them. */
  readonly path: string;
  readonly mode: Mode;
  /** git object id, 40 hex digits. */
  readonly oid: string;
  /** Bytes of the blob. 0 for a gitlink. */
  readonly size: number;
}

/** One path that differs between the pinned base and the tree the agent left. Renames are a removal and an addition. */
export interface Change {
  readonly kind: "added" | "modified" | "deleted" | "type-changed";
  readonly path: string;
  readonly before?: Side;
  readonly after?: Side;
  readonly binary: boolean;
  /** Lines; 0 when binary. */
  readonly additions: number;
  readonly deletions: number;
}

/** What leaves the sandbox: a tree in the runner's bare repository, and its difference from the base. */
export interface Patch {
  readonly baseSha: string;
  readonly baseTree: string;
  /** The tree that is judged and published (I12). */
  readonly tree: string;
  readonly changes: readonly Change[];
  /** Entries git itself would refuse in a tree (`.git`, `..`); a patch that has any is held. */
  readonly unrepresentable: readonly string[];
}

export type Severity = "refuse" | "draft" | "notice";

/** What a check found. */
export interface Finding {
  /** Of the list in findings.ts, for example `protected-path`; a record of another version may name others. */
  readonly code: string;
  readonly severity: Severity;
  readonly path?: string;
  readonly reason: string;
  readonly remedy: string;
}

/** The gate's judgement on a patch. */
export interface Verdict {
  readonly decision: "publish" | "draft" | "hold" | "empty";
  readonly findings: readonly Finding[];
  readonly tree: string;
}
