#!/usr/bin/env bash
# emulate's GitHub opens pull requests that GitHub refuses: the same one twice, and one from a branch that does not exist.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{ "type": "module", "private": true }\n' >package.json
npm install --silent --no-audit --no-fund --save-exact emulate@0.12.2
cat >run.js <<'JS'
import { createServer } from "node:net";
import { createEmulator } from "emulate";

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const github = { users: [{ login: "octo", name: "Octo" }], repos: [{ owner: "octo", name: "demo", auto_init: true }] };
const seed = { github, tokens: { t: { login: "octo", scopes: ["repo"] } } };
const emulator = await createEmulator({ service: "github", port, seed });
const ask = async (method, path, body) => {
  const headers = { authorization: "Bearer t", "content-type": "application/json" };
  const response = await fetch(`http://127.0.0.1:${port}/repos/octo/demo${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};
const main = (await ask("GET", "/git/ref/heads/main")).body.object.sha;
await ask("POST", "/git/refs", { ref: "refs/heads/topic", sha: main });
const open = async (head) => (await ask("POST", "/pulls", { title: "t", head, base: "main" })).status;
const seen = { first: await open("topic"), again: await open("topic"), missing: await open("nowhere") };
// It is strict elsewhere: a branch that exists is not made twice.
const branch = (await ask("POST", "/git/refs", { ref: "refs/heads/topic", sha: main })).status;
console.log(JSON.stringify({ ...seen, "branch again": branch }));
await emulator.close?.();
process.exit();
JS
seen=$(node run.js)
wanted='{"first":201,"again":201,"missing":201,"branch again":422}'
echo 'version:  emulate 0.12.2'
echo 'expected: 201, then 422 for a second pull request of the same branches and 422 for a head that is not there (docs.github.com, "Create a pull request")'
echo "seen:     $seen"
[ "$seen" = "$wanted" ] || { echo 'changed:  this is no longer so' >&2; exit 1; }
echo 'so:       a test of idempotent publication passes here for the wrong reason, unless it counts pull requests itself'
