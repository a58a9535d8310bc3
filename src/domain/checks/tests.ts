import type { Finding } from "../patch.ts";
import type { FileContext } from "./context.ts";
import { finding } from "./finding.ts";
import { readObject, readScripts } from "./package-json.ts";

const TEST_DIRECTORY = /(?:^|\/)(?:tests?|__tests__|specs?|e2e|testing)\//i;
const TEST_NAME =
  /(?:^|[/._-])(?:test|spec)s?\.[^/]+$|(?:^|\/)test_[^/]+\.py$|_(?:test|spec)\.[a-z]+$|Tests?\.(?:java|kt|cs|swift|php|scala)$/;
const RUNNER =
  /(?:^|\/)(?:conftest\.py|pytest\.ini|tox\.ini|noxfile\.py|\.coveragerc|\.mocharc\.\w+|(?:jest|vitest|karma|playwright|cypress|ava|wdio)\.(?:config|workspace)\.\w+|phpunit\.xml(?:\.dist)?|\.rspec|Rakefile|[Mm]akefile|GNUmakefile|justfile|Taskfile\.ya?ml|codecov\.ya?ml|nose\.cfg|setup\.cfg)$/;
/** A call or mark that skips a test, or skips all others. */
const SKIP =
  /\b(?:it|test|describe|context|suite|bench)(?:\.\w+){0,5}\.(?:skip|only|todo|fails|skipIf)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe|xcontext)(?:\.(?:each|concurrent))?\s*[(`]|\bpytest\.mark\.(?:skip|skipif|xfail)\b|\braise\s+(?:unittest\.|nose\.)?SkipTest\b|@(?:unittest\.(?:skip\w*|expectedFailure)|Ignore|Disabled)\b|\bpytest\.(?:skip|xfail)\s*\(|\bself\.skipTest\s*\(|\b[tb]\.Skip(?:f|Now)?\s*\(|#\[ignore\b|\[(?:Ignore|Fact\(Skip)|\bmarkTestSkipped\s*\(|\bXCTSkip\b|^\s*(?:pending|skip)\b\s*["'(]/;
const ASSERTION = /\b(?:expect|assert\w*|should|require|refute\w*|verify)\b\s*[.(!\s]|\bt\.(?:Error|Fatal)f?\s*\(/;
/** A whole line of comment in common languages: an assertion there checks nothing. */
const COMMENT = /^\s*(?:\/\/|\/?\*|#(?!\[)|--|<!--|;)/;
/** Where a manifest says which tests run: these keys of package.json, these tables of pyproject.toml and similar files. */
const RUNNER_KEYS = ["jest", "vitest", "ava", "mocha", "nyc", "c8", "tap"] as const;
const RUNNER_TABLE = /^tool\.(?:pytest|coverage|tox|nox|hatch\.envs\.[\w.-]*test)/;

/** Tests that check less after the patch than before (I21). */
export function checkTests(context: FileContext): readonly Finding[] {
  return [...testFile(context), ...testRunner(context), ...testScript(context), ...testManifest(context)];
}

/** Whether a file at this path is a test, by the conventions of common languages. */
export function isTest(path: string): boolean {
  return (
    TEST_NAME.test(path) || (TEST_DIRECTORY.test(path) && /\.(?:[cm]?[jt]sx?|py|go|rs|rb|java|kt|cs|php|swift|exs?|sh|bats)$/.test(path))
  );
}

function testFile({ change, added, removed }: FileContext): readonly Finding[] {
  const { path } = change;
  if (!isTest(path)) return [];
  if (change.after === undefined) return [weakened(path, "draft", "A test file is deleted.")];
  if (added.some((line) => SKIP.test(line))) return [weakened(path, "draft", "Added lines leave tests out.")];
  if (change.before === undefined) return [];
  const lost = count(removed) - count(added);
  if (lost > 0) return [weakened(path, "draft", `The test has ${lost} fewer lines that check something.`)];
  return removed.length === 0 ? [] : [weakened(path, "notice", "Lines of an existing test changed.")];
}

function count(lines: readonly string[]): number {
  return lines.filter((line) => ASSERTION.test(line) && !COMMENT.test(line)).length;
}

function testRunner({ change }: FileContext): readonly Finding[] {
  if (!RUNNER.test(change.path)) return [];
  const severity = change.before === undefined ? "notice" : "draft";
  return [weakened(change.path, severity, "The file decides which tests run, or how.")];
}

const SCRIPT = /test|spec|e2e|check|verify|lint|typecheck|^ci\b/;
/** Runs along with another script without being called: adding one changes that script. */
const HOOK = /^(?:pre|post)/;

function testScript({ change, before, after }: FileContext): readonly Finding[] {
  if (!/(?:^|\/)package\.json$/.test(change.path) || change.before === undefined) return [];
  const [old, now] = [readScripts(before), readScripts(after)];
  const changed = Object.keys({ ...old, ...now }).filter(
    (name) => SCRIPT.test(name) && (name in old || HOOK.test(name)) && old[name] !== now[name],
  );
  return changed.length === 0
    ? []
    : [weakened(change.path, "draft", `The script ${changed.map((name) => `\`${name}\``).join(", ")} changed.`)];
}

/** Settings of a test runner in the project's manifest. */
function testManifest({ change, before, after }: FileContext): readonly Finding[] {
  if (change.before === undefined) return [];
  const changed = /(?:^|\/)package\.json$/.test(change.path)
    ? changedKeys(readObject(before), readObject(after))
    : /(?:^|\/)pyproject\.toml$/.test(change.path)
      ? changedTables(before, after)
      : [];
  return changed.map((name) => weakened(change.path, "draft", `\`${name}\` decides which tests run, or how, and changed.`));
}

function changedKeys(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly string[] {
  return RUNNER_KEYS.filter((key) => key in before && JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

function changedTables(before: string, after: string): readonly string[] {
  const [old, now] = [runnerTables(before), runnerTables(after)];
  return [...old.keys()].filter((name) => old.get(name) !== now.get(name)).slice(0, MAX_TABLES);
}

const MAX_TABLES = 10;

/** The text of each table that belongs to a test runner, line by line; close enough to TOML to tell that something changed. */
function runnerTables(toml: string): ReadonlyMap<string, string> {
  const tables = new Map<string, string>();
  let table: string | undefined;
  for (const line of toml.split("\n")) {
    const name = /^\s*\[{1,2}\s*([\w.-]{1,100})\s*\]/.exec(line)?.[1];
    if (name !== undefined) table = RUNNER_TABLE.test(name) ? name : undefined;
    if (table !== undefined) tables.set(table, `${tables.get(table) ?? ""}${line.trim()}\n`);
  }
  return tables;
}

function weakened(path: string, severity: "draft" | "notice", reason: string): Finding {
  return finding({ code: "tests-weakened", severity, path, reason });
}
