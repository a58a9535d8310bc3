import type { Finding, Severity } from "../patch.ts";
import type { FileContext } from "./context.ts";
import { finding } from "./finding.ts";
import { readScripts } from "./package-json.ts";

const TEST_DIRECTORY = /(?:^|\/)(?:tests?|__tests__|specs?|e2e|testing)\//i;
const TEST_NAME =
  /(?:^|[/._-])(?:test|spec)s?\.[^/]+$|(?:^|\/)test_[^/]+\.py$|_(?:test|spec)\.[a-z]+$|Tests?\.(?:java|kt|cs|swift|php|scala)$/;
const RUNNER =
  /(?:^|\/)(?:conftest\.py|pytest\.ini|tox\.ini|noxfile\.py|\.coveragerc|\.mocharc\.\w+|(?:jest|vitest|karma|playwright|cypress|ava|wdio)\.(?:config|workspace)\.\w+|phpunit\.xml(?:\.dist)?|\.rspec|Rakefile|[Mm]akefile|GNUmakefile|justfile|Taskfile\.ya?ml|codecov\.ya?ml|nose\.cfg|setup\.cfg)$/;
/** A call or mark that leaves a test out, or leaves out all others. */
const SKIP =
  /\b(?:it|test|describe|context|suite|bench)(?:\.\w+)*\.(?:skip|only|todo|fails|skipIf)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe|xcontext)\s*\(|@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip\w*|expectedFailure)|Ignore|Disabled)\b|\bpytest\.(?:skip|xfail)\s*\(|\bself\.skipTest\s*\(|\b[tb]\.Skip(?:f|Now)?\s*\(|#\[ignore\b|\[(?:Ignore|Fact\(Skip)|\bmarkTestSkipped\s*\(|\bXCTSkip\b|^\s*(?:pending|skip)\b\s*["'(]/;
const ASSERTION = /\b(?:expect|assert\w*|should|require|refute\w*|verify)\b\s*[.(!\s]|\bt\.(?:Error|Fatal)f?\s*\(/;

const REMEDY = "Check that the tests still judge what they judged before.";

/** Tests that judge less after the patch than before (I21). */
export function checkTests(context: FileContext): readonly Finding[] {
  return [...testFile(context), ...testRunner(context), ...testScript(context)];
}

function isTest(path: string): boolean {
  return (
    TEST_NAME.test(path) || (TEST_DIRECTORY.test(path) && /\.(?:[cm]?[jt]sx?|py|go|rs|rb|java|kt|cs|php|swift|exs?|sh|bats)$/.test(path))
  );
}

function testFile({ change, added, removed }: FileContext): readonly Finding[] {
  const { path } = change;
  if (!isTest(path)) return [];
  if (change.after === undefined) return [weakened(path, "draft", "A test file is deleted.")];
  if (added.some((line) => SKIP.test(line.slice(0, 500)))) return [weakened(path, "draft", "Added lines leave tests out.")];
  if (change.before === undefined) return [];
  const lost = count(removed) - count(added);
  if (lost > 0) return [weakened(path, "draft", `The test has ${lost} fewer lines that check something.`)];
  return removed.length === 0 ? [] : [weakened(path, "notice", "Lines of an existing test changed.")];
}

function count(lines: readonly string[]): number {
  return lines.filter((line) => ASSERTION.test(line.slice(0, 500))).length;
}

function testRunner({ change }: FileContext): readonly Finding[] {
  if (!RUNNER.test(change.path)) return [];
  const severity = change.before === undefined ? "notice" : "draft";
  return [weakened(change.path, severity, "The file decides which tests run, or how.")];
}

function testScript({ change, before, after }: FileContext): readonly Finding[] {
  if (!/(?:^|\/)package\.json$/.test(change.path) || change.before === undefined) return [];
  const [old, now] = [readScripts(before), readScripts(after)];
  const changed = Object.keys({ ...old, ...now }).filter(
    (name) => /test|spec|e2e|check|verify|lint|typecheck|^ci\b/.test(name) && name in old && old[name] !== now[name],
  );
  return changed.length === 0
    ? []
    : [weakened(change.path, "draft", `The script ${changed.map((name) => `\`${name}\``).join(", ")} changed.`)];
}

function weakened(path: string, severity: Severity, reason: string): Finding {
  return finding({ code: "tests-weakened", severity, path, reason, remedy: REMEDY });
}
