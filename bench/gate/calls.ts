// What publishing a patch asks of GitHub: the real forge adapter stores it, a server on loopback that believes everything counts.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { openGithubForge } from "../../src/adapters/forge/github.ts";
import type { Patch } from "../../src/domain/patch.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Repository } from "../../src/ports/repository.ts";

const MAX_BLOB_BYTES = 100 << 20;

export interface Calls {
  readonly calls: number;
  readonly ms: number;
}

export async function measureCalls(repository: Repository, patch: Patch): Promise<Calls> {
  let calls = 0;
  const server = createServer(async (request, response) => {
    calls += 1;
    const body = await read(request);
    response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(believe(request.url ?? "", body, patch.tree)));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const token = new Secret("ghs_bench");
    const forge = openGithubForge({
      repository: "octo/demo",
      apiUrl: url,
      serverUrl: url,
      token,
      pacing: { secondMs: 1, requestTimeoutMs: 60_000 },
    });
    const changes = patch.changes.map(({ path, after }) =>
      after === undefined
        ? { path }
        : { path, content: { mode: after.mode, oid: after.oid, read: () => repository.readBlob(after.oid, MAX_BLOB_BYTES) } },
    );
    const start = performance.now();
    await forge.createCommit({ baseSha: patch.baseSha, baseTree: patch.baseTree, expectedTree: patch.tree, message: "bench", changes });
    return { calls, ms: performance.now() - start };
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

function believe(url: string, body: Buffer, tree: string): unknown {
  if (url.endsWith("/git/trees")) return { sha: tree, tree: [], truncated: false };
  if (url.endsWith("/git/commits")) return { sha: "c".repeat(40), message: "bench", tree: { sha: tree }, parents: [] };
  const { content } = JSON.parse(body.toString("utf8")) as { content: string };
  const bytes = Buffer.from(content, "base64");
  return { sha: createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex") };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
