#!/usr/bin/env bash
# @actions/exec: in a command line given as one text, single quotes are ordinary characters.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{ "type": "module", "private": true }\n' >package.json
npm install --silent --no-audit --no-fund --save-exact @actions/exec@3.0.0
printf 'process.stdout.write(JSON.stringify(process.argv.slice(2)));\n' >show.mjs
cat >run.js <<'JS'
import { getExecOutput } from "@actions/exec";

const run = async (line) => (await getExecOutput(line, [], { silent: true })).stdout;
console.log(await run(`node show.mjs --title "two words"`), await run(`node show.mjs --title 'two words'`));
JS
seen=$(node run.js)
wanted='["--title","two words"] ["--title","'"'two"'","words'"'"'"]'
echo 'version:  @actions/exec 3.0.0'
echo 'expected: both kinds of quotes keep two words together, as in a shell step of a workflow'
echo "seen:     $seen"
[ "$seen" = "$wanted" ] || { echo 'changed:  this is no longer so' >&2; exit 1; }
echo 'so:       a line copied from `run:` may be split elsewhere, without an error; give the arguments as a list'
