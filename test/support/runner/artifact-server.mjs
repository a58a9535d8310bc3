// Stands in for the runner's artifact service and the blob store behind it, as far as @actions/artifact 6 asks.
//   const service = await startArtifacts();   ACTIONS_RESULTS_URL = service.url, GITHUB_SERVER_URL on github.com or *.localhost
import { createServer } from "node:http";

/**
 * @typedef {object} StoredArtifact
 * @property {number} id
 * @property {string} name
 * @property {Map<string, Buffer>} blocks
 * @property {Buffer} [zip]
 * @property {number} [size]
 * @property {string} [hash]
 * @property {boolean} [final]
 */

const BLOB_HEADERS = {
  "x-ms-request-id": "r",
  "x-ms-version": "2025-01-01",
  etag: '"1"',
  "last-modified": new Date(0).toUTCString(),
  "x-ms-request-server-encrypted": "true",
};

/** @param {{ readonly port?: number, readonly host?: string, readonly taken?: readonly string[] }} [options] `taken`: names that other jobs hold */
export async function startArtifacts({ port = 0, host = "127.0.0.1", taken = [] } = {}) {
  /** @type {StoredArtifact[]} */
  const artifacts = [];
  /** @type {{ method: string | undefined, path: string, authorized: boolean }[]} */
  const log = [];
  let url = "";
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const at = new URL(request.url ?? "/", url);
    log.push({ method: request.method, path: at.pathname, authorized: request.headers.authorization !== undefined });
    const call = /^\/twirp\/github\.actions\.results\.api\.v1\.ArtifactService\/(\w+)$/.exec(at.pathname)?.[1];
    if (call !== undefined) answerCall({ call, asked: JSON.parse(body.toString() || "{}"), artifacts, url, taken, response });
    else answerBlob({ request, at, body, artifacts, response });
  });
  await new Promise((done) => server.listen(port, host, () => done(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP address");
  url = `http://${host}:${address.port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(() => done(undefined)));
  };
  return { url, artifacts, log, close, [Symbol.asyncDispose]: close };
}

function answerCall({ call, asked, artifacts, url, taken, response }) {
  const json = (status, value) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  const held = artifacts.find(({ name }) => name === asked.name);
  if (call === "CreateArtifact") {
    if (held !== undefined || taken.includes(asked.name))
      return json(409, { code: "already_exists", msg: "an artifact with this name already exists on the workflow run" });
    const made = { id: artifacts.length + 1, name: asked.name, blocks: new Map() };
    artifacts.push(made);
    return json(200, { ok: true, signed_upload_url: `${url}/blob/${made.id}?sig=scripted-signature` });
  }
  if (call === "FinalizeArtifact" && held !== undefined) {
    Object.assign(held, { size: Number(asked.size), hash: asked.hash, final: true });
    return json(200, { ok: true, artifact_id: String(held.id) });
  }
  return json(404, { code: "bad_route", msg: call });
}

function answerBlob({ request, at, body, artifacts, response }) {
  const artifact = artifacts[Number(/^\/blob\/(\d+)$/.exec(at.pathname)?.[1]) - 1];
  if (artifact === undefined) return response.writeHead(404).end();
  const part = at.searchParams.get("comp");
  if (request.method === "GET") return response.writeHead(200, { ...BLOB_HEADERS, "content-type": "application/zip" }).end(artifact.zip);
  if (part === "block") artifact.blocks.set(at.searchParams.get("blockid") ?? "", body);
  else if (part === "blocklist") artifact.zip = joinBlocks(artifact, body.toString());
  else artifact.zip = body;
  return response.writeHead(201, BLOB_HEADERS).end();
}

function joinBlocks(artifact, list) {
  const ids = [...list.matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g)].map(([, id = ""]) => id);
  return Buffer.concat(ids.map((id) => artifact.blocks.get(id) ?? Buffer.alloc(0)));
}
