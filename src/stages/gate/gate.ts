import { Buffer } from "node:buffer";
import { checkFile, openFile } from "../../domain/checks/file.ts";
import { finding } from "../../domain/checks/finding.ts";
import { checkLfs } from "../../domain/checks/lfs.ts";
import { checkSecrets, checkText } from "../../domain/checks/secrets.ts";
import { checkSize } from "../../domain/checks/size.ts";
import { checkTree } from "../../domain/checks/tree.ts";
import { differsInWhitespaceOnly } from "../../domain/checks/whitespace.ts";
import type { Change, Finding, Patch, Severity, Side, Verdict } from "../../domain/patch.ts";
import { collisionKey } from "../../domain/paths/fold.ts";
import type { Secret } from "../../domain/secret.ts";
import type { GateSettings } from "../../domain/settings.ts";
import type { Repository } from "../../ports/repository.ts";
import { findLinkEscapes, readLinkTargets } from "./links.ts";
import { fileSize, type ReadBudget, readAhead, type Sides } from "./read-ahead.ts";

/**
 * New content is read up to the larger of this and a multiple of what may be published. The rest of a too large patch is held back unread.
 */
const LEAST_NEW_BYTES = 8 * 1024 * 1024;
const NEW_FACTOR = 8;
/** The same for old and new content together. */
const LEAST_READ_BYTES = 256 * 1024 * 1024;
const MAX_PER_CODE = 100;

export interface GateOptions {
  readonly patch: Patch;
  readonly repository: Repository;
  readonly settings: GateSettings;
  /** Every secret value of the run (I14). */
  readonly secrets: readonly Secret[];
  /** What is published along with the patch, by name: `title`, `body`, `commit message`, `comment`. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Judges the tree that would be published. Nothing leaves without this verdict (I12, I13, I14). */
export async function gate(options: GateOptions): Promise<Verdict> {
  const { patch, repository, settings, secrets } = options;
  const linkTargets = await readLinkTargets(patch, repository);
  const linkEscapes = await findLinkEscapes({ patch, settings, targets: linkTargets, repository });
  const collisions = await findCollisions(patch, repository);
  const contents = await judgeContents(options);
  const names = [...patch.changes.map(({ path }) => path), ...linkTargets.values()].join("\n");
  const findings = [
    ...checkTree({ patch, settings, linkTargets, linkEscapes, collisions }),
    ...checkSize(contents.bytes, settings),
    ...checkText("list of changed files", names, secrets),
    ...Object.entries(options.texts).flatMap(([name, text]) => checkText(name, text, secrets)),
    ...contents.findings,
  ];
  const empty = patch.changes.length === 0 || contents.whitespaceOnly;
  return { decision: decide(findings, empty), findings: order(findings, contents.whitespaceOnly), tree: patch.tree };
}

function decide(findings: readonly Finding[], empty: boolean): Verdict["decision"] {
  if (findings.some(({ severity }) => severity === "refuse")) return "hold";
  if (empty) return "empty";
  return findings.some(({ severity }) => severity === "draft") ? "draft" : "publish";
}

const WHITESPACE_ONLY = finding({
  code: "whitespace-only",
  reason: "The patch changes nothing but line ends, blank lines or spaces that mean nothing.",
});

const RANK: Readonly<Record<Severity, number>> = { refuse: 0, draft: 1, notice: 2 };

/** The most severe first; at most a hundred of each code, the rest counted. */
function order(findings: readonly Finding[], whitespaceOnly: boolean): readonly Finding[] {
  const groups = Map.groupBy([...(whitespaceOnly ? [WHITESPACE_ONLY] : []), ...findings], ({ code, severity }) => `${severity} ${code}`);
  const kept = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= MAX_PER_CODE) return group;
    const { path: _oneOfMany, ...rest } = first;
    return [...group.slice(0, MAX_PER_CODE), { ...rest, reason: `${group.length - MAX_PER_CODE} more findings of this kind.` }];
  });
  return kept.toSorted((left, right) => RANK[left.severity] - RANK[right.severity]);
}

interface Contents {
  readonly findings: readonly Finding[];
  /** Bytes that the patch adds. */
  readonly bytes: number;
  readonly whitespaceOnly: boolean;
}

/** Reads the changed files in order and only a few ahead, so that memory holds only those. */
async function judgeContents(options: GateOptions): Promise<Contents> {
  const { patch, settings } = options;
  const findings: Finding[] = [];
  let bytes = 0;
  let whitespaceOnly = patch.changes.length > 0 && patch.unrepresentable.length === 0;
  const newBytes = Math.max(LEAST_NEW_BYTES, settings.maxPatchBytes * NEW_FACTOR);
  const budget: ReadBudget = { newBytes, bytes: Math.max(LEAST_READ_BYTES, 2 * newBytes) };
  const filters = await readFilters(options);
  for await (const { change, contents } of readAhead(patch.changes, options.repository, budget)) {
    const judged = contents === undefined ? unread(change) : judgeContent(change, contents, options);
    findings.push(...judged.findings);
    if (contents !== undefined) findings.push(...checkLfs({ change, ...contents, tracked: filters.get(change.path) === "lfs" }));
    bytes += judged.bytes;
    whitespaceOnly &&= judged.whitespaceOnly;
  }
  return { findings, bytes, whitespaceOnly };
}

async function readFilters({ patch, repository }: GateOptions): Promise<ReadonlyMap<string, string>> {
  const paths = patch.changes.filter(({ after }) => after !== undefined).map(({ path }) => path);
  return paths.length === 0 ? new Map() : await repository.readFilters(patch.baseTree, paths);
}

function unread(change: Change): Contents {
  const unsearched = finding({
    code: "unsearched",
    path: change.path,
    reason: `The file was not read: with its ${fileSize(change.after)} bytes the patch is far beyond what may be published.`,
    remedy: "Ask for a smaller change, or raise the input `max-patch-kib`.",
  });
  return { findings: [unsearched], bytes: fileSize(change.after), whitespaceOnly: false };
}

function judgeContent(change: Change, { before, after }: Sides, { settings, secrets }: GateOptions): Contents {
  const { path, binary } = change;
  if (binary)
    return { findings: checkSecrets({ secrets, path, before, after, lines: undefined }), bytes: after.length, whitespaceOnly: false };
  const file = openFile({ change, settings, before, after });
  const added = file.added.join("\n");
  const both = isFile(change.before) && isFile(change.after) && change.before?.mode === change.after?.mode;
  return {
    findings: [
      ...(isFile(change.after ?? change.before) ? checkFile(file) : []),
      ...checkSecrets({ secrets, path, before, after, lines: { added, removed: file.removed.join("\n") } }),
    ],
    bytes: Buffer.byteLength(added),
    whitespaceOnly: both && differsInWhitespaceOnly(path, file.before, file.after),
  };
}

function isFile(side: Side | undefined): boolean {
  return side?.mode === "100644" || side?.mode === "100755";
}

/** Groups of paths with the same key, at least one of which the patch adds. Deletions and edits cannot cause a collision. */
async function findCollisions(patch: Patch, repository: Repository): Promise<readonly (readonly string[])[]> {
  const keys = new Set(patch.changes.filter(({ kind }) => kind === "added").flatMap(({ path }) => [...prefixes(path)].map(collisionKey)));
  if (keys.size === 0) return [];
  const groups = (await readGroups(patch.tree, keys, repository)).filter((group) => group.length > 1);
  if (groups.length === 0) return [];
  const old = new Set((await readGroups(patch.baseTree, keys, repository)).flat());
  return groups
    .map((group) => group.toSorted((left, right) => Number(old.has(left)) - Number(old.has(right))))
    .filter(([first = ""]) => !old.has(first));
}

async function readGroups(tree: string, keys: ReadonlySet<string>, repository: Repository): Promise<readonly (readonly string[])[]> {
  const groups = new Map<string, string[]>();
  for await (const path of repository.readPaths(tree)) {
    const key = collisionKey(path);
    if (keys.has(key)) groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()];
}

/** The path and every directory above it. */
function* prefixes(path: string): Generator<string> {
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) yield path.slice(0, end);
  yield path;
}
