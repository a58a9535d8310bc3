import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { HarvestEntry } from "../../../src/ports/sandbox.ts";

/** A file of a tree as tests describe it: text, bytes, or a mode with a content. */
export type FileSpec = string | Uint8Array | { readonly mode: string; readonly content: string | Uint8Array };
export type TreeSpec = Readonly<Record<string, FileSpec>>;

/** A real git work tree in a temporary directory, driven by the real git without anybody's configuration. */
export interface WorkTree extends Disposable {
  readonly directory: string;
  readonly url: string;
  git(args: readonly string[], input?: string | Uint8Array): string;
  write(files: TreeSpec): void;
  remove(...paths: readonly string[]): void;
  /** Stages everything and commits; returns the commit's id. */
  commit(message?: string): string;
  /** Stages everything and returns the id of its tree. */
  tree(): string;
  /** What a guest's own git would report as different from `base`: the entries of an honest harvest. */
  entries(base: string): HarvestEntry[];
}

const ENV = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};
const MAX_BUFFER = 1 << 30;

export function makeWorkTree(files: TreeSpec = {}): WorkTree {
  const directory = mkdtempSync(join(tmpdir(), "airlock-work-"));
  const raw = (args: readonly string[], input?: string | Uint8Array): Buffer =>
    execFileSync("git", args, {
      cwd: directory,
      env: ENV,
      maxBuffer: MAX_BUFFER,
      stdio: ["pipe", "pipe", "pipe"],
      ...(input === undefined ? {} : { input }),
    });
  const git: WorkTree["git"] = (args, input) => raw(args, input).toString("utf8").trim();
  git(["init", "--quiet", "--initial-branch=main"]);
  git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
  const tree = (): string => {
    git(["add", "--all", "--force", "."]);
    return git(["write-tree"]);
  };
  const work: WorkTree = {
    directory,
    url: `file://${directory}`,
    git,
    tree,
    write: (specs) => {
      for (const [path, spec] of Object.entries(specs)) writeFile(join(directory, path), spec);
    },
    remove: (...paths) => {
      for (const path of paths) rmSync(join(directory, path), { recursive: true });
    },
    commit: (message = "change") => {
      tree();
      git(["commit", "--quiet", "--allow-empty", "--message", message]);
      return git(["rev-parse", "HEAD"]);
    },
    entries: (base) => readEntries(raw(["diff-tree", "-r", "-z", "--no-renames", base, tree()]), (oid) => raw(["cat-file", "blob", oid])),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
  work.write(files);
  return work;
}

function writeFile(path: string, spec: FileSpec): void {
  const { mode, content } = typeof spec === "string" || spec instanceof Uint8Array ? { mode: "100644", content: spec } : spec;
  mkdirSync(dirname(path), { recursive: true });
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(path);
  if (mode === "120000") {
    rmSync(path, { force: true });
    symlinkSync(Buffer.from(content), path);
    return;
  }
  writeFileSync(path, content);
  chmodSync(path, mode === "100755" ? 0o755 : 0o644);
}

/** Parses `git diff-tree -r -z`: `:modes oids status`, then the path's bytes. */
function readEntries(output: Buffer, readBlob: (oid: string) => Buffer): HarvestEntry[] {
  const entries: HarvestEntry[] = [];
  let rest = output;
  while (rest.length > 0) {
    const fields = rest.subarray(0, rest.indexOf(0)).toString("latin1").split(" ");
    rest = rest.subarray(rest.indexOf(0) + 1);
    const path = new Uint8Array(rest.subarray(0, rest.indexOf(0)));
    rest = rest.subarray(rest.indexOf(0) + 1);
    const mode = fields[1] ?? "";
    const oid = fields[3] ?? "";
    if (mode === "000000") entries.push({ path, mode });
    else entries.push({ path, mode, content: mode === "160000" ? Buffer.from(oid) : readBlob(oid) });
  }
  return entries;
}

/** Entries written by hand, as a hostile guest would. */
export function entry(path: string | Uint8Array, mode: string, content?: string | Uint8Array): HarvestEntry {
  const bytes = typeof path === "string" ? Buffer.from(path) : path;
  return content === undefined ? { path: bytes, mode } : { path: bytes, mode, content: Buffer.from(content) };
}

export async function* streamOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

/** The file or link at a path, for looking at what a test left. */
export function readBack(path: string): string {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path, "utf8");
}
