import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import fc from "fast-check";

/** One edit of a work tree, by names; it is left out where the file system says no. */
export type Edit =
  | { readonly kind: "write"; readonly path: readonly string[]; readonly content: Uint8Array; readonly executable: boolean }
  | { readonly kind: "link"; readonly path: readonly string[]; readonly target: string }
  | { readonly kind: "remove"; readonly pick: number }
  | { readonly kind: "rename"; readonly pick: number; readonly path: readonly string[] }
  | { readonly kind: "mode"; readonly pick: number }
  | { readonly kind: "replace"; readonly pick: number };

const ODD_NAMES = [
  "a",
  "b",
  "dir",
  "c d",
  "-rf",
  "é",
  "e\u0301",
  "new\nline",
  'q"uote',
  "tab\t",
  "back\\slash",
  "a:b",
  "\u{1f600}",
  "UPPER",
  "upper",
  ".hidden",
  "git",
  "x~1",
  "aux.txt",
  "$(id)",
  "*",
  "[x]",
  "a.",
  " b",
  ":x",
  "日本",
];
const name = fc
  .oneof(fc.constantFrom(...ODD_NAMES), fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(..."abcXYZ019_.-") }))
  .filter((text) => text !== "." && text !== ".." && !/^\.git|^git~\d/i.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 4 });
const content = fc.oneof(
  fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
  fc
    .array(fc.constantFrom("one", "two", "three", "", "  x", "\ttab", "\ufeffbom"), { maxLength: 20 })
    .chain((lines) => fc.constantFrom("\n", "\r\n").map((end) => Buffer.from(lines.join(end)))),
  fc.uint8Array({ maxLength: 300 }),
  fc.constant(new Uint8Array()),
);
const pick = fc.nat(1000);

export const anEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), path, content, executable: fc.boolean() }) },
  fc.record({ kind: fc.constant("link" as const), path, target: fc.constantFrom("a", "../a", "/etc/passwd", "..", "x\ny", "é") }),
  fc.record({ kind: fc.constant("remove" as const), pick }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename" as const), pick, path }) },
  fc.record({ kind: fc.constant("mode" as const), pick }),
  fc.record({ kind: fc.constant("replace" as const), pick }),
);

/** Applies the edits to a directory; what the file system refuses is left out. */
export function applyEdits(directory: string, edits: readonly Edit[]): void {
  for (const edit of edits) {
    try {
      applyEdit(directory, edit);
    } catch {
      // A file where a directory is needed, or the other way round: not an edit that can be made.
    }
  }
}

function applyEdit(directory: string, edit: Edit): void {
  if (edit.kind === "write" || edit.kind === "link") {
    putFile(makeParents(directory, edit.path), edit);
    return;
  }
  const files = listFiles(directory);
  const source = files[edit.pick % Math.max(1, files.length)];
  if (source === undefined) return;
  if (edit.kind === "rename") renameSync(source, makeParents(directory, edit.path));
  else CHANGES[edit.kind](source);
}

function putFile(target: string, edit: Extract<Edit, { readonly kind: "write" | "link" }>): void {
  rmSync(target, { force: true });
  if (edit.kind === "link") symlinkSync(edit.target, target);
  else {
    writeFileSync(target, edit.content);
    chmodSync(target, edit.executable ? 0o755 : 0o644);
  }
}

const CHANGES: Readonly<Record<"remove" | "mode" | "replace", (source: string) => void>> = {
  remove: (source) => rmSync(source),
  replace: becomeDirectory,
  mode: (source) => {
    const stat = lstatSync(source);
    if (stat.isFile()) chmodSync(source, (stat.mode & 0o100) === 0 ? 0o755 : 0o644);
  },
};

function becomeDirectory(source: string): void {
  rmSync(source);
  mkdirSync(source);
  writeFileSync(`${source}/inner`, "now inside\n");
}

function makeParents(directory: string, parts: readonly string[]): string {
  const parent = [directory, ...parts.slice(0, -1)].join("/");
  mkdirSync(parent, { recursive: true });
  return `${parent}/${parts.at(-1)}`;
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name: entry }) => entry !== ".git")
    .flatMap((entry) => (entry.isDirectory() ? listFiles(`${directory}/${entry.name}`) : [`${directory}/${entry.name}`]))
    .sort();
}
