// What the scripted model services have in common: one HTTP server on loopback that plays a list of turns.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { zstdDecompressSync } from "node:zlib";

/**
 * @typedef {object} Script
 * @property {readonly object[]} turns
 * @property {string} [requireKey] any other key is answered as the service answers a wrong one
 * @property {boolean} [sideCallsUseTurns]
 * @property {boolean} [jsonUsesTurns]
 * @property {number} [skipModel]
 */

/**
 * @typedef {object} ScriptedOptions
 * @property {Script} [script]
 * @property {number} [port]
 * @property {string} [host]
 * @property {string} [log] every request as a JSON line
 * @property {(body: string) => void} [onBody] gets every request's whole body
 */

/** Serves a script. `reply` answers one call; calls to `note` make up `requests`. */
export async function serveScript({ script, port = 0, host = "127.0.0.1", log, onBody, reply, upgrade = refuseUpgrade }) {
  /** @type {Record<string, any>[]} */
  const requests = [];
  const tries = new Map();
  const note = (record) => {
    requests.push(record);
    if (log !== undefined) appendFileSync(log, `${JSON.stringify(record)}\n`);
  };
  const server = createServer(async (request, response) => {
    const raw = await readText(request);
    onBody?.(raw);
    const json = (status, value, headers = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    const url = new URL(request.url ?? "/", "http://model");
    await reply({ script, tries, request, response, raw, url, body: parseJson(raw), number: requests.length + 1, note, json });
  });
  server.on("upgrade", (request, socket) => upgrade({ request, socket, number: requests.length + 1, note }));
  await new Promise((done) => server.listen(port, host, () => done(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP address");
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(() => done(undefined)));
  };
  return { server, requests, port: address.port, url: `http://${host}:${address.port}`, close, [Symbol.asyncDispose]: close };
}

/** The turn of a conversation that holds `number` answers; the last one is repeated, and one with `times` gives way to its `then`. */
export function pickTurn({ script, tries }, number) {
  const turn = script.turns[Math.min(Math.max(number, 0), script.turns.length - 1)] ?? { text: "" };
  if (turn.times === undefined) return turn;
  const tried = tries.get(number) ?? 0;
  tries.set(number, tried + 1);
  return tried < turn.times ? turn : (turn.then ?? { text: "recovered" });
}

/** Plays what a turn does instead of answering; true when there is nothing left to answer. `fail` writes an error as the service does. */
export async function playTrouble(turn, fail) {
  if (turn.delayMs !== undefined) await sleep(turn.delayMs);
  if (turn.status !== undefined && !turn.hang) fail(turn);
  return turn.hang === true || turn.status !== undefined;
}

/** Ids that never repeat within a process. */
export function makeIds(width) {
  let count = 0;
  return (prefix) => {
    count += 1;
    return `${prefix}_${String(count).padStart(width, "0")}`;
  };
}

/** Text as the services stream it. */
export function inPieces(text) {
  return text.match(/[\s\S]{1,40}/g) ?? [];
}

/** `node <file> [--port 0] [--script file.json] [--log requests.jsonl] [--ready file]` */
export async function runFromCommandLine(moduleUrl, start) {
  if (moduleUrl !== pathToFileURL(process.argv[1] ?? "").href) return;
  const read = (name) => {
    const at = process.argv.indexOf(`--${name}`);
    return at > 0 ? process.argv[at + 1] : undefined;
  };
  const file = read("script");
  const script = file === undefined ? {} : { script: JSON.parse(readFileSync(file, "utf8")) };
  const service = await start({ port: Number(read("port") ?? 0), log: read("log"), ...script });
  const ready = read("ready");
  if (ready !== undefined) writeFileSync(ready, service.url);
  console.log(service.url);
}

async function readText(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return (request.headers["content-encoding"] === "zstd" ? zstdDecompressSync(bytes) : bytes).toString("utf8");
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** No WebSocket: the client has to fall back to HTTP. */
function refuseUpgrade({ request, socket, number, note }) {
  const { method, url, headers } = request;
  note({ n: number, method, url, upgrade: headers.upgrade, auth: headers.authorization === undefined ? undefined : "present" });
  socket.end("HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\n\r\n");
}
