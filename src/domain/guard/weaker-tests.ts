import { without } from "../checks/file.ts";
import { finding } from "../checks/finding.ts";
import type { Finding } from "../patch.ts";
import { type FileDiff, linesOf } from "../review/diff.ts";

/** Files that can set a coverage threshold. */
const COVERAGE_FILE =
  /(?:^|\/)(?:(?:jest|vitest|vite|karma|nyc|c8|ava)\.config\.\w+|\.(?:nyc|c8)rc(?:\.\w+)?|\.coveragerc|\.?codecov\.ya?ml|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|package\.json|[Mm]akefile|\.simplecov|spec_helper\.rb|pom\.xml|build\.gradle(?:\.kts)?|[^/]+\.ya?ml)$/;
const THRESHOLD =
  /(?:^|[\s"'{,(-])(branches|functions|lines|statements|fail[_-]under|cov-fail-under|check-coverage-threshold|minimum_coverage|threshold|target|minimum)["']?\s*[:=\s]\s*["']?(\d{1,3}(?:\.\d{1,4})?)\b/gi;

/** Coverage thresholds that are lower after the change, or gone. */
export function checkCoverage(file: FileDiff): readonly Finding[] {
  if (file.status === "added" || !COVERAGE_FILE.test(file.path)) return [];
  const removed = thresholds(linesOf(file, "removed"));
  const added = thresholds(linesOf(file, "added"));
  return [...removed].flatMap(([name, before]) => {
    const after = added.get(name);
    if (after !== undefined && after >= before) return [];
    if (after === undefined && !isUnmistakable(name, file.path)) return [];
    const now = after === undefined ? "is gone" : `falls from ${before} to ${after}`;
    return finding({ code: "coverage-lowered", path: file.path, reason: `The threshold \`${name}\` ${now}.` });
  });
}

/** Names that mean coverage in any file. For other names a missing number proves nothing. */
const UNMISTAKABLE = /^(?:fail[_-]under|cov-fail-under|minimum_coverage|branches|statements)$/;
/** Names that mean coverage in the settings of JavaScript's runners. */
const IN_JAVASCRIPT = /^(?:functions|lines)$/;

function isUnmistakable(name: string, path: string): boolean {
  return UNMISTAKABLE.test(name) || (IN_JAVASCRIPT.test(name) && /(?:\.config\.\w+|\.(?:nyc|c8)rc(?:\.\w+)?|package\.json)$/.test(path));
}

/** The highest number for each name: a file can hold one for all and one for a folder. */
function thresholds(lines: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of lines) {
    for (const [, name = "", value = "0"] of line.slice(0, 1000).matchAll(THRESHOLD)) {
      const key = name.toLowerCase();
      found.set(key, Math.max(found.get(key) ?? 0, Number(value)));
    }
  }
  return found;
}

const TEST_FILE =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|testing)\/|(?:^|[/._-])(?:test|spec)s?\.[^/]+$|(?:^|\/)test_[^/]+\.py$|_(?:test|spec)\.[a-z]+$|Tests?\.(?:java|kt|cs|swift|php|scala)$/i;
/** Assertions that name the value they expect. */
const STRICT =
  /\.(?:toBe|toEqual|toStrictEqual|toHaveBeenCalledWith|toHaveBeenCalledTimes|toMatchObject|toThrow)\((?!\s*\))|\b(?:assertEquals?|assertSame|assertIs|assert_equal|assert_eq!?|assertDictEqual|assertListEqual|deepEqual|deepStrictEqual|strictEqual|(?<!\.)equal|require\.Equal|assert\.Equal|assert\.equal)\b\s*\(|\.toBeCloseTo\((?![^)]{0,200},\s*-)|\.to(?:\.\w+){0,3}\.(?:equal|eql)\(|\.to(?:_not)?\s+(?:eq|eql|equal|be)\b\s*(?:\(|[^\s_(])|\bassert\b[^=!<>]{1,200}==/;
/** Assertions that nearly any value passes. */
const LOOSE =
  /\.toBeCloseTo\([^)]{0,200},\s*-|\.toBe(?:Greater|Less)Than(?:OrEqual)?\(\s*-?[01]\s*\)|\.to(?:_not)?\s+(?:be_(?:truthy|falsy|falsey|present|nil|a|an|kind_of|instance_of)|raise_error\s*(?:$|[})]))|\.(?:toBeTruthy|toBeDefined|toBeFalsy|toBeInstanceOf|toHaveBeenCalled|toThrow)\(\s*\)|\.not\.(?:toBeNull|toBeUndefined)\(|expect\.any(?:thing)?\(|\b(?:assertTrue|assertIsNotNone|assertNotNull|assertIsInstance|assert_not_nil|require\.NotNil|assert\.NotNil)\b\s*\(|\bassert\b\s+\w+(?:\.\w+)*\s*(?:#.*)?$|\bassert\b[^=]{1,200}\bis not None\b|\bassert\.ok\((?!.{0,400}[^!=<>]==)/;

/** Whether a path is a test's by the conventions of common languages. */
export function isTestPath(path: string): boolean {
  return TEST_FILE.test(path);
}

/** Assertions on a value that became assertions on nearly anything. Lines that only moved are ignored. */
export function checkAssertions(file: FileDiff): readonly Finding[] {
  if (file.status === "added" || file.status === "deleted" || !isTestPath(file.path)) return [];
  const [removed, added] = [linesOf(file, "removed"), linesOf(file, "added")];
  const [gone, come] = [without(removed, added), without(added, removed)];
  const lost = countOf(gone, STRICT) - countOf(come, STRICT);
  const gained = countOf(come, LOOSE) - countOf(gone, LOOSE);
  if (lost <= 0 || gained <= 0) return [];
  const count = Math.min(lost, gained);
  return [
    finding({
      code: "assertions-loosened",
      path: file.path,
      reason: `${count === 1 ? "An assertion on an exact value became one" : `${count} assertions on an exact value became ones`} that nearly any value passes.`,
    }),
  ];
}

function countOf(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line.slice(0, 500))).length;
}
