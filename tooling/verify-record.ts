import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Ajv } from "ajv";
import type { Change } from "../src/domain/patch.ts";
import { openChain } from "../src/domain/record/hash-chain.ts";

const USAGE = `Checks the record of a run, offline.

  script/verify-record <directory of the run's files> [--repo <git repository>] [--commit <sha>]

Always: record.json has its shape, and every file beside it is the one that was recorded, line by line.
With --repo, a clone that has the pull request's head: the commit's tree is the tree that was judged, its parent is the
recorded base, its changes are the recorded ones, and it names the run. --commit: instead of the recorded head.
Ends with status 1 when anything is different.`;

interface Recorded {
  readonly run: { readonly url: string };
  readonly outcome: { readonly word: string };
  readonly publication: { readonly headSha?: string; readonly treeSha?: string; readonly rebasedOnto?: string };
  readonly files: Readonly<
    Record<string, { readonly bytes: number; readonly lines: number; readonly sha256: string; readonly chain: string }>
  >;
  readonly boundary?: { readonly proved: boolean };
  readonly agent?: { readonly ending?: object };
  readonly sandboxes?: readonly RecordedSandbox[];
  readonly verification?: { readonly outcome?: string; readonly passed?: boolean; readonly rounds?: readonly VerificationRound[] };
  readonly patch?: { readonly baseSha: string; readonly baseTree: string; readonly tree: string; readonly changes: readonly Change[] };
  readonly gate?: { readonly tree: string; readonly decision: string };
}

interface RecordedSandbox {
  readonly id: string;
  readonly purpose?: string;
  readonly boundary?: { readonly proved: boolean };
  readonly closed?: { readonly proved: boolean };
}

interface VerificationRound {
  readonly sandbox: string;
  readonly tree: string;
  readonly judged?: "base" | "patch";
  readonly passed: boolean;
}

interface Check {
  readonly what: string;
  readonly wrong: string | undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repo: { type: "string" }, commit: { type: "string" }, help: { type: "boolean" } },
});
const [directory] = positionals;
if (values.help === true || directory === undefined) {
  console.log(USAGE);
  process.exit(values.help === true ? 0 : 2);
}
const text = readFileSync(join(directory, "record.json"), "utf8");
const checks = [
  ...checkShape(text),
  ...checkFiles(directory, JSON.parse(text) as Recorded),
  ...checkPatch(JSON.parse(text) as Recorded),
  ...checkSandboxes(JSON.parse(text) as Recorded),
  ...checkCommit(JSON.parse(text) as Recorded, values),
];
for (const { what, wrong } of checks) console.log(wrong === undefined ? `ok    ${what}` : `WRONG ${what}: ${wrong}`);
process.exit(checks.some(({ wrong }) => wrong !== undefined) ? 1 : 0);

function checkShape(json: string): Check[] {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../docs/record.schema.json"), "utf8")) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const valid = ajv.validate(schema, JSON.parse(json));
  return [{ what: "record.json has the shape of docs/record.schema.json", wrong: valid ? undefined : ajv.errorsText() }];
}

function checkFiles(from: string, record: Recorded): Check[] {
  return Object.entries(record.files).map(([name, recorded]) => {
    const what = `${name} is the recorded one, ${recorded.lines} lines`;
    const bytes = readQuietly(join(from, name));
    if (bytes === undefined) return { what, wrong: "it is not there" };
    const chain = openChain(name);
    chain.push(bytes);
    const found = chain.end();
    const differs = (["bytes", "lines", "sha256", "chain"] as const).filter((key) => found[key] !== recorded[key]);
    return { what, wrong: differs.length === 0 ? undefined : `${differs.join(", ")} differ` };
  });
}

function readQuietly(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function checkPatch(record: Recorded): Check[] {
  const { patch, gate, publication, boundary } = record;
  const checks: Check[] = [];
  if (boundary !== undefined)
    checks.push({ what: "the boundary was proved before the agent started", wrong: boundary.proved ? undefined : "it was not" });
  if (patch !== undefined && gate !== undefined)
    checks.push({ what: "the harvested tree is the judged tree", wrong: same(patch.tree, gate.tree) });
  if (publication.treeSha === undefined || publication.rebasedOnto !== undefined || gate === undefined) return checks;
  return [...checks, { what: "the published tree is the judged tree", wrong: same(publication.treeSha, gate.tree) }];
}

/** What the record says of its sandboxes has to fit together: no agent without a proof, no round in a sandbox that there was not. */
function checkSandboxes({ sandboxes, agent, verification, patch }: Recorded): Check[] {
  if (sandboxes === undefined) return [];
  const checks = [
    { what: "every sandbox of an agent was proved before the agent started", wrong: findUnproved(sandboxes, agent?.ending !== undefined) },
  ];
  const rounds = verification?.rounds ?? [];
  const last = rounds.at(-1);
  if (last === undefined) return checks;
  const homeless = rounds.filter(({ sandbox }) => !sandboxes.some(({ id, purpose }) => id === sandbox && purpose === "verify"));
  return [
    ...checks,
    {
      what: "every round of verification has a sandbox of its own kind",
      wrong: homeless.length === 0 ? undefined : `${homeless.length} have none`,
    },
    { what: "the last round is the verdict that counts", wrong: same(String(last.passed), String(verification?.passed)) },
    { what: "the last round judged the harvested tree", wrong: same(last.tree, patch?.tree ?? "") },
    ...checkBase({ sandboxes, rounds, verification, patch }),
  ];
}

interface JudgedRounds {
  readonly sandboxes: readonly RecordedSandbox[];
  readonly rounds: readonly VerificationRound[];
  readonly verification: Recorded["verification"] | undefined;
  readonly patch: Recorded["patch"] | undefined;
}

/** Records of before the base was judged have no such round, and no proof that anything was closed. */
function checkBase({ sandboxes, rounds, verification, patch }: JudgedRounds): Check[] {
  const base = rounds.find(({ judged }) => judged === "base");
  if (base === undefined) return [];
  const open = rounds.filter(({ sandbox }) => sandboxes.find(({ id }) => id === sandbox)?.closed?.proved !== true);
  const outcome = verification?.passed === true ? "passed" : base.passed ? "failed" : "base-fails";
  return [
    { what: "the base's round judged the recorded base", wrong: same(base.tree, patch?.baseTree ?? "") },
    { what: "every round had its way out proved closed", wrong: open.length === 0 ? undefined : `${open.length} had not` },
    { what: "the verification's outcome follows from its rounds", wrong: same(String(verification?.outcome), outcome) },
  ];
}

/** Where no agent started, a sandbox may have ended before its proof. */
function findUnproved(sandboxes: NonNullable<Recorded["sandboxes"]>, started: boolean): string | undefined {
  const own = sandboxes.filter(({ purpose }) => purpose === "agent");
  if (started && own.length === 0) return "none is recorded";
  const unproved = own.filter(({ boundary }) => (started ? boundary?.proved !== true : boundary?.proved === false));
  return unproved.length === 0 ? undefined : unproved.map(({ id }) => id).join(", ");
}

function checkCommit(record: Recorded, given: { readonly repo?: string | undefined; readonly commit?: string | undefined }): Check[] {
  const { repo } = given;
  const head = given.commit ?? record.publication.headSha;
  if (repo === undefined) return [];
  if (head === undefined) return [{ what: "the run published a commit", wrong: `its outcome is ${record.outcome.word}` }];
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", ...args], {
      cwd: repo,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
  const [tree = "", parents = ""] = git("show", "--no-patch", "--no-show-signature", "--format=%T%n%P", `${head}^{commit}`).split("\n");
  const base = record.publication.rebasedOnto ?? record.patch?.baseSha ?? "";
  const message = git("show", "--no-patch", "--no-show-signature", "--format=%B", `${head}^{commit}`);
  const checks: Check[] = [
    { what: `commit ${head} has the published tree`, wrong: same(tree, record.publication.treeSha ?? "") },
    { what: "its only parent is the recorded base", wrong: same(parents, base) },
    { what: "its message names the run", wrong: message.includes(`Airlock-Run: ${record.run.url}\n`) ? undefined : "it does not" },
  ];
  if (record.publication.rebasedOnto !== undefined || record.patch === undefined) return checks;
  return [
    ...checks,
    {
      what: "its changes are the recorded ones",
      wrong: same(listChanges(git("diff-tree", "-r", "-z", "--no-renames", parents, head)), listRecorded(record.patch.changes)),
    },
  ];
}

/** `:modes oids status NUL path NUL`, as sorted lines. */
function listChanges(raw: string): string {
  const fields = raw.split("\0");
  const lines: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [, mode = "", , oid = ""] = (fields[index] ?? "").split(" ");
    lines.push(`${mode} ${oid} ${fields[index + 1]}`);
  }
  return lines.sort().join("\n");
}

function listRecorded(changes: readonly Change[]): string {
  return changes
    .map(({ path, after }) => `${after?.mode ?? "000000"} ${after?.oid ?? "0".repeat(40)} ${path}`)
    .sort()
    .join("\n");
}

function same(found: string, expected: string): string | undefined {
  return found === expected ? undefined : `${found.slice(0, 200)} instead of ${expected.slice(0, 200)}`;
}
