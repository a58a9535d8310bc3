import type { Readable } from "node:stream";
import type { Patch } from "../domain/patch.ts";
import type { Secret } from "../domain/secret.ts";
import type { HarvestEntry } from "./sandbox.ts";

/** The bare git repository that Airlock makes on the runner: hooks, filters, fsmonitor, external diff, `ext::` and credential helpers off (I1). */
export interface Repository extends AsyncDisposable {
  /** Fetches exactly these commits, depth 1. @throws AirlockError `repository.unreadable` */
  fetch(remote: GitRemote, commits: readonly string[]): Promise<void>;
  /** The tree of a commit. */
  readTree(commit: string): Promise<string>;
  /** A commit of `tree` on `parent` that never leaves this repository; a verification sandbox starts from it. */
  commitTree(tree: string, parent: string): Promise<string>;
  /** A git pack of one commit with its tree and blobs, for planting. */
  pack(commit: string): Readable;
  /**
   * Writes the entries over the base's tree and diffs the two trees. Reads strictly and within limits.
   * @throws AirlockError `harvest.limit`, `harvest.unreadable`
   */
  readPatch(
    base: string,
    entries: AsyncIterable<HarvestEntry>,
    limits: { readonly maxFiles: number; readonly maxBytes: number },
  ): Promise<Patch>;
  /** @throws AirlockError `harvest.limit` */
  readBlob(oid: string, maxBytes: number): Promise<Uint8Array>;
  /** Replays the patch on another fetched commit by a three-way merge of trees; nothing is checked out. */
  rebase(patch: Patch, onto: string): Promise<Rebase>;
  /** The difference of two fetched commits' trees. @throws AirlockError `harvest.unreadable` */
  compare(base: string, head: string): Promise<Patch>;
  /** Whole lines of the unified diff of two fetched commits, renames found, at most `maxBytes`. `whole`: nothing was cut. */
  readUnified(base: string, head: string, maxBytes: number): Promise<{ readonly text: string; readonly whole: boolean }>;
  /** The content of a path at a commit, or undefined. */
  readPath(commit: string, path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Unified diff with binary parts, as `git apply` takes it, written to `file`. Returns its bytes. */
  writeDiff(patch: Patch, file: string): Promise<number>;
  /**
   * The patch that results from applying a unified diff to `base`, as git reads it and without a work tree. The diff is what `writeDiff`
   * wrote, or what somebody put in its place. Paths and trees are checked as in `readPatch`.
   * @throws AirlockError `harvest.unreadable`, `harvest.limit`
   */
  readDiff(base: string, file: string, limits: { readonly maxFiles: number; readonly maxBytes: number }): Promise<Patch>;
  /** The target of the link at a path of a commit; undefined if the path is no link. */
  readLink(commit: string, path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /**
   * Every path of a tree, including directories; used to find names that collide. Bytes that are not UTF-8 come as replacement characters.
   */
  readPaths(tree: string): AsyncIterable<string>;
  /**
   * The attribute `filter` of paths, such as `lfs`, by the `.gitattributes` of `tree`. Paths without a filter are not in the answer.
   * @throws AirlockError `harvest.unreadable`
   */
  readFilters(tree: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Recomputes a tree's id from its whole listing, bottom up, and returns it.
   * @throws AirlockError `gate.mismatch` if a directory's content does not match its id (I12)
   */
  hashTree(tree: string): Promise<string>;
}

/** `patch` has `onto` as its base. It is another patch, so it has to be judged again. */
export type Rebase = { readonly clean: true; readonly patch: Patch } | { readonly clean: false; readonly paths: readonly string[] };

export interface GitRemote {
  /** `https://host/owner/name.git`; plain http only to loopback. */
  readonly url: string;
  /** Sent as basic authorization for `x-access-token`, never on a command line or in a URL. */
  readonly token: Secret;
  /**
   * Refspecs to fetch if the server does not serve commits by id, for example `+refs/pull/7/head:refs/airlock/pull/7`. Default: all
   * branches.
   */
  readonly refs?: readonly string[];
}

export interface RepositoryOpener {
  open(): Promise<Repository>;
}
