// git's own smart HTTP on loopback: node:http in front of `git http-backend`, with GitHub's way of authorization
// (basic, any user, the token as password).
//   const git = await startGit({ root, tokens: { "ghs_rw": "rw", "ghs_ro": "ro" } });   clone `${git.url}/octo/demo.git`
import { spawn } from "node:child_process";
import { createServer } from "node:http";

/**
 * @typedef {object} GitOptions
 * @property {string} root folder that holds owner/name.git
 * @property {Readonly<Record<string, "rw" | "ro">>} [tokens]
 * @property {boolean} [publicRead] whether anonymous reading is allowed; default true
 * @property {number} [port]
 * @property {string} [host]
 */

/**
 * @typedef {object} GitRequest
 * @property {string} method
 * @property {string} url
 * @property {string} role `rw`, `ro`, `anon` or `bad`
 */

const END_OF_HEAD = "\r\n\r\n";

/** @param {GitOptions} options */
export async function startGit({ root, tokens = {}, publicRead = true, port = 0, host = "127.0.0.1" }) {
  /** @type {GitRequest[]} */
  const log = [];
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? "/", "http://git");
    const pushes = `${at.pathname}${at.search}`.includes("git-receive-pack");
    const role = findRole(tokens, request.headers.authorization);
    log.push({ method: request.method ?? "", url: request.url ?? "", role });
    const refusal = judge({ role, pushes, publicRead });
    if (refusal === undefined) serve({ root, at, role, request, response });
    else {
      response.writeHead(refusal, refusal === 401 ? { "www-authenticate": 'Basic realm="GitHub"' } : {}).end();
      request.resume();
    }
  });
  await new Promise((done) => server.listen(port, host, () => done(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP address");
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(() => done(undefined)));
  };
  return { url: `http://${host}:${address.port}`, log, close, [Symbol.asyncDispose]: close };
}

function findRole(tokens, authorization = "") {
  const encoded = /^Basic (.+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return "anon";
  const password = Buffer.from(encoded, "base64").toString().split(":").slice(1).join(":");
  return tokens[password] ?? "bad";
}

function judge({ role, pushes, publicRead }) {
  if (role === "bad") return 401;
  if (role === "anon" && (pushes || !publicRead)) return 401;
  return pushes && role !== "rw" ? 403 : undefined;
}

function serve({ root, at, role, request, response }) {
  const cgi = spawn("git", ["-c", "http.receivepack=true", "http-backend"], { env: makeEnv({ root, at, role, request }) });
  request.pipe(cgi.stdin);
  cgi.stdin.on("error", () => undefined);
  let head = Buffer.alloc(0);
  let begun = false;
  cgi.stdout.on("data", (chunk) => {
    if (begun) return response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(END_OF_HEAD);
    if (end < 0) return undefined;
    begun = true;
    const { Status = "200", ...headers } = parseHead(head.subarray(0, end).toString());
    response.writeHead(Number(Status.split(" ")[0]), headers);
    return response.write(head.subarray(end + END_OF_HEAD.length));
  });
  cgi.on("close", () => {
    if (!begun) response.writeHead(500);
    response.end();
  });
}

/** GitHub answers without `.git`, too. */
function makeEnv({ root, at, role, request }) {
  return {
    PATH: process.env.PATH,
    HOME: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: at.pathname.replace(/^(\/[^/]+\/[^/.]+)(?=\/)/, "$1.git"),
    QUERY_STRING: at.search.slice(1),
    REQUEST_METHOD: request.method ?? "GET",
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    CONTENT_LENGTH: request.headers["content-length"] ?? "",
    HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    GIT_PROTOCOL: request.headers["git-protocol"] ?? "",
    REMOTE_USER: role === "anon" ? "" : "x-access-token",
    REMOTE_ADDR: "127.0.0.1",
  };
}

/** @returns {Record<string, string>} */
function parseHead(text) {
  return Object.fromEntries(text.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}
