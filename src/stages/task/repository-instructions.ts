import { Buffer } from "node:buffer";
import { findImports, resolveImport } from "../../domain/prompt/imports.ts";
import { type InstructionFile, renderInstructions, takeFile } from "../../domain/prompt/repository-instructions.ts";
import type { RepositoryInstructions } from "../../domain/task.ts";
import type { Forge } from "../../ports/forge.ts";

/** What agents are told by, in the order in which it is shown. */
const ROOTS = ["CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md"];
/** Imports of imports, as deep as Claude Code follows them. */
const MAX_DEPTH = 5;
/** Maximum number of imported files that are looked for. */
const MAX_IMPORTS = 50;
const MAX_FILE_BYTES = 1 << 20;
const MAX_TOLD = 10;

export interface BaseInstructions {
  /** Undefined: the repository has none. */
  readonly instructions: RepositoryInstructions | undefined;
  /** What was left out. */
  readonly notes: readonly string[];
}

/**
 * The repository's instructions for agents with all that they import, read through the forge: nothing of the runner's or the sandbox's is
 * ever imported. `sha` has to be a commit of the base, never a head (I11). `maxBytes`: of all texts together.
 */
export async function readInstructions(forge: Pick<Forge, "readFile">, sha: string, maxBytes: number): Promise<BaseInstructions> {
  const left: string[] = [];
  const files: InstructionFile[] = [];
  const seen = new Set<string>(ROOTS);
  let room = maxBytes;
  let level: readonly string[] = ROOTS;
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const { path, content } of await readLevel(forge, sha, level, left)) {
      if (room <= 0) {
        left.push(`${path} (over the limit of ${maxBytes} bytes)`);
        continue;
      }
      const file = takeFile(path, content, room);
      room -= Buffer.byteLength(file.text);
      files.push(file);
      next.push(...followImports(path, content, seen, left));
    }
    const tooDeep = depth < MAX_DEPTH ? [] : next.filter(looksLikeFile);
    left.push(...tooDeep.map((path) => `${path} (imported more than ${MAX_DEPTH} deep)`));
    level = depth < MAX_DEPTH ? next : [];
  }
  const text = renderInstructions(sha, files);
  const named = files.map(({ path, sha256 }) => ({ path, sha256 }));
  return { instructions: files.length === 0 ? undefined : { text, files: named }, notes: tell(left) };
}

interface FoundFile {
  readonly path: string;
  readonly content: string;
}

/** What exists of these paths. A link is followed by the forge, and only to a file of the same commit. */
async function readLevel(
  forge: Pick<Forge, "readFile">,
  sha: string,
  paths: readonly string[],
  left: string[],
): Promise<readonly FoundFile[]> {
  const read = async (path: string): Promise<readonly FoundFile[]> => {
    const content = await forge.readFile(sha, path, MAX_FILE_BYTES).catch(() => null);
    const isText = typeof content === "string" && !content.includes("\0") && !content.includes("\uFFFD");
    if (isText) return content.trim() === "" ? [] : [{ path, content }];
    if (content !== undefined) left.push(`${path} (${content === null ? "could not be read" : "not text"})`);
    return [];
  };
  return (await Promise.all(paths.map(read))).flat();
}

/** Paths in the repository that are not known yet; adds them to `seen`. */
function followImports(from: string, content: string, seen: Set<string>, left: string[]): readonly string[] {
  const paths: string[] = [];
  for (const target of findImports(content)) {
    const path = resolveImport(from, target);
    if (path === undefined) left.push(`${target} (outside the repository)`);
    else if (seen.has(path)) continue;
    else if (seen.size < ROOTS.length + MAX_IMPORTS) {
      seen.add(path);
      paths.push(path);
    } else if (looksLikeFile(path)) left.push(`${path} (more than ${MAX_IMPORTS} imports)`);
  }
  return paths;
}

/** `@name` may also be somebody's name. */
function looksLikeFile(path: string): boolean {
  return /[./]/.test(path);
}

function tell(left: readonly string[]): readonly string[] {
  if (left.length === 0) return [];
  const more = left.length > MAX_TOLD ? `, and ${left.length - MAX_TOLD} more` : "";
  return [`Of the repository's instructions were left out: ${left.slice(0, MAX_TOLD).join(", ")}${more}.`];
}
