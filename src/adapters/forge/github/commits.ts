import { Buffer, isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { AirlockError } from "../../../domain/errors.ts";
import type { CreatedCommit, NewCommit, NewCommitChange } from "../../../ports/forge.ts";
import type { Client } from "./client.ts";
import type { Purpose } from "./explain.ts";
import * as shapes from "./shapes.ts";

/** GitHub accepts blobs of 100 MB but requests of only about 40 MB, and base64 makes four bytes of three. */
const MAX_BLOB_BYTES = 29 * 1024 * 1024;
/** Up to this size a text travels inside the tree call, which saves one call per file. */
const MAX_INLINE_BYTES = 256 * 1024;
const MAX_BATCH_BYTES = 3 * 1024 * 1024;
const MAX_BATCH_ENTRIES = 400;

const WRITING: Purpose = { doing: "store the patch", permission: "contents: write" };

type Mode = "100644" | "100755" | "120000" | "160000";
type TreeEntry = { path: string; mode: Mode; type: "blob" | "commit" } & ({ sha: string | null } | { content: string });

/** Blobs and trees are named by their content, so every call here may be repeated. */
export async function createCommit(client: Client, commit: NewCommit): Promise<CreatedCommit> {
  const tree = await createTree(client, commit);
  if (tree !== commit.expectedTree)
    throw mismatch(`The tree that GitHub made is ${tree}; the tree that was judged is ${commit.expectedTree}.`);
  const parameters = { message: commit.message, tree, parents: [commit.baseSha] };
  const created = await client.call({
    route: "POST /repos/{owner}/{repo}/git/commits",
    parameters,
    shape: shapes.commit,
    purpose: WRITING,
  });
  if (created.tree.sha !== commit.expectedTree)
    throw mismatch(`The commit ${created.sha} holds the tree ${created.tree.sha} instead of ${commit.expectedTree}.`);
  return { sha: created.sha, tree: created.tree.sha, verified: created.verification?.verified ?? false };
}

/** Deletions first: a file may replace a directory, and the other way round. */
async function createTree(client: Client, commit: NewCommit): Promise<string> {
  let base = commit.baseTree;
  let batch: TreeEntry[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const answer = await client.call({
      route: "POST /repos/{owner}/{repo}/git/trees",
      parameters: { base_tree: base, tree: batch },
      shape: shapes.tree,
      purpose: WRITING,
    });
    base = answer.sha;
    batch = [];
    bytes = 0;
  };
  for (const change of [...commit.changes].sort(deletionsFirst)) {
    const entry = await createEntry(client, change);
    const size = "content" in entry ? Buffer.byteLength(entry.content) : 0;
    if (batch.length >= MAX_BATCH_ENTRIES || bytes + size > MAX_BATCH_BYTES) await flush();
    batch.push(entry);
    bytes += size;
  }
  await flush();
  return base;
}

function deletionsFirst(a: NewCommitChange, b: NewCommitChange): number {
  return Number(a.content !== undefined) - Number(b.content !== undefined);
}

async function createEntry(client: Client, change: NewCommitChange): Promise<TreeEntry> {
  const { path, content } = change;
  if (content === undefined) return { path, mode: "100644", type: "blob", sha: null };
  if (content.mode === "160000") return { path, mode: content.mode, type: "commit", sha: content.oid };
  const bytes = await content.read();
  checkBlob(path, bytes, content.oid);
  const entry = { path, mode: content.mode, type: "blob" as const };
  if (isInline(bytes)) return { ...entry, content: Buffer.from(bytes).toString("utf8") };
  return { ...entry, sha: await createBlob(client, change.path, { bytes, oid: content.oid }) };
}

/** What is read now must be what was judged (I12). */
function checkBlob(path: string, bytes: Uint8Array, oid: string): void {
  if (bytes.byteLength > MAX_BLOB_BYTES) {
    throw new AirlockError("harvest.limit", {
      message: `${JSON.stringify(path)} has ${bytes.byteLength} bytes; GitHub's API takes files of at most ${MAX_BLOB_BYTES} bytes.`,
      remedy: "Keep files of that size out of the patch, or publish with `publish: patch` and push them by hand.",
    });
  }
  const actual = createHash("sha1").update(`blob ${bytes.byteLength}\0`).update(bytes).digest("hex");
  if (actual !== oid) throw mismatch(`The content of ${JSON.stringify(path)} is ${actual} now; ${oid} was judged.`);
}

/** JSON carries any UTF-8 text exactly; a NUL or anything else goes as base64. */
function isInline(bytes: Uint8Array): boolean {
  return bytes.byteLength <= MAX_INLINE_BYTES && isUtf8(bytes) && !bytes.includes(0);
}

async function createBlob(client: Client, path: string, blob: { readonly bytes: Uint8Array; readonly oid: string }): Promise<string> {
  const parameters = { content: Buffer.from(blob.bytes).toString("base64"), encoding: "base64" };
  const answer = await client.call({ route: "POST /repos/{owner}/{repo}/git/blobs", parameters, shape: shapes.blob, purpose: WRITING });
  if (answer.sha !== blob.oid) throw mismatch(`GitHub stored ${JSON.stringify(path)} as ${answer.sha}; ${blob.oid} was judged.`);
  return answer.sha;
}

function mismatch(message: string): AirlockError {
  return new AirlockError("gate.mismatch", {
    message,
    remedy: "Run the job again and report this as a defect of Airlock when it comes back; nothing was published.",
  });
}
