#!/usr/bin/env bash
# @actions/exec: the line listeners never get a last line that has no line break.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{ "type": "module", "private": true }\n' >package.json
npm install --silent --no-audit --no-fund --save-exact @actions/exec@3.0.0
cat >run.js <<'JS'
import { exec } from "@actions/exec";

const lines = [];
let bytes = "";
const listeners = { stdline: (line) => lines.push(line), stdout: (chunk) => (bytes += chunk) };
await exec("printf", ["first\\nlast words"], { silent: true, listeners });
console.log(JSON.stringify({ lines, bytes }));
JS
seen=$(node run.js)
wanted='{"lines":["first"],"bytes":"first\nlast words"}'
echo 'version:  @actions/exec 3.0.0'
echo 'expected: a program that prints "first\nlast words" gives the listener `stdline` two lines'
echo "seen:     $seen"
[ "$seen" = "$wanted" ] || { echo 'changed:  this is no longer so' >&2; exit 1; }
echo 'so:       the last words of a program that dies in the middle of a line are in `stdout` only'
