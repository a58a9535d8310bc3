import { Buffer } from "node:buffer";
import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import fc from "fast-check";

/** One edit of a work tree, by the bytes of names; it is left out where the file system says no. */
export type Edit =
  | { readonly kind: "write"; readonly path: readonly Buffer[]; readonly content: Uint8Array; readonly executable: boolean }
  | { readonly kind: "link"; readonly path: readonly Buffer[]; readonly target: string }
  | { readonly kind: "remove"; readonly pick: number }
  | { readonly kind: "rename"; readonly pick: number; readonly path: readonly Buffer[] }
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
const utf8Name = name.map((text) => Buffer.from(text));
/** Latin 1, a cut character, a surrogate, an overlong slash. */
const byteName = fc.constantFrom("caf\xe9", "\xff", "a\xe2\x82", "\xed\xa0\x80", "x\xc0\xaf").map((text) => Buffer.from(text, "latin1"));
const content = fc.oneof(
  fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
  fc
    .array(fc.constantFrom("one", "two", "three", "", "  x", "\ttab", "\ufeffbom"), { maxLength: 20 })
    .chain((lines) => fc.constantFrom("\n", "\r\n").map((end) => Buffer.from(lines.join(end)))),
  fc.uint8Array({ maxLength: 300 }),
  fc.constant(new Uint8Array()),
);
const pick = fc.nat(1000);

const editOf = (names: fc.Arbitrary<Buffer>): fc.Arbitrary<Edit> => {
  const path = fc.array(names, { minLength: 1, maxLength: 4 });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), path, content, executable: fc.boolean() }) },
    fc.record({ kind: fc.constant("link" as const), path, target: fc.constantFrom("a", "../a", "/etc/passwd", "..", "x\ny", "é") }),
    fc.record({ kind: fc.constant("remove" as const), pick }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename" as const), pick, path }) },
    fc.record({ kind: fc.constant("mode" as const), pick }),
    fc.record({ kind: fc.constant("replace" as const), pick }),
  );
};

/** Names are UTF-8. */
export const anEdit: fc.Arbitrary<Edit> = editOf(utf8Name);

/** Some names are not UTF-8, which git keeps and GitHub does not. */
export const anyEdit: fc.Arbitrary<Edit> = editOf(fc.oneof({ weight: 12, arbitrary: utf8Name }, byteName));

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
  const root = Buffer.from(directory);
  if (edit.kind === "write" || edit.kind === "link") {
    putFile(makeParents(root, edit.path), edit);
    return;
  }
  const files = listFiles(root);
  const source = files[edit.pick % Math.max(1, files.length)];
  if (source === undefined) return;
  if (edit.kind === "rename") renameSync(source, makeParents(root, edit.path));
  else CHANGES[edit.kind](source);
}

function putFile(target: Buffer, edit: Extract<Edit, { readonly kind: "write" | "link" }>): void {
  rmSync(target, { force: true });
  if (edit.kind === "link") symlinkSync(edit.target, target);
  else {
    writeFileSync(target, edit.content);
    chmodSync(target, edit.executable ? 0o755 : 0o644);
  }
}

const CHANGES: Readonly<Record<"remove" | "mode" | "replace", (source: Buffer) => void>> = {
  remove: (source) => rmSync(source),
  replace: becomeDirectory,
  mode: (source) => {
    const stat = lstatSync(source);
    if (stat.isFile()) chmodSync(source, (stat.mode & 0o100) === 0 ? 0o755 : 0o644);
  },
};

function becomeDirectory(source: Buffer): void {
  rmSync(source);
  mkdirSync(source);
  writeFileSync(join(source, Buffer.from("inner")), "now inside\n");
}

function makeParents(root: Buffer, parts: readonly Buffer[]): Buffer {
  const parent = join(root, ...parts.slice(0, -1));
  mkdirSync(parent, { recursive: true });
  return join(parent, parts.at(-1) ?? Buffer.alloc(0));
}

function listFiles(directory: Buffer): Buffer[] {
  return readdirSync(directory, { withFileTypes: true, encoding: "buffer" })
    .filter(({ name: entry }) => !entry.equals(Buffer.from(".git")))
    .flatMap((entry) => (entry.isDirectory() ? listFiles(join(directory, entry.name)) : [join(directory, entry.name)]))
    .sort(Buffer.compare);
}

function join(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from("/"), part])));
}
