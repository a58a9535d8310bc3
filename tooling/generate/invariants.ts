import { globSync, readFileSync } from "node:fs";
import { basename, posix } from "node:path";

const SECTION = /<!-- tests:(I\d{1,2}) -->\n(?:(?!<!--)[^\n]*\n)*<!-- \/tests -->/g;
/** How a test's title, or the title of a group of tests, names what it defends: invariants, then cases of test/attack/README.md ("I4, N2: …"). */
const TITLE = /["'`]((?:[A-Z]\d{1,2}(?:, )?)+): /g;

const CASE = /^\| ([A-Z]\d{1,2}) \| (.+) \|[^|]*\|$/gm;

/** `docs/threat-model.md` with the tests of each invariant, as the tests' own titles name them. */
export function fillTests(page: string): string {
  const tests = findTests();
  return page.replace(
    SECTION,
    (_, invariant: string) => `<!-- tests:${invariant} -->\n${renderTests(tests.get(invariant) ?? [])}<!-- /tests -->`,
  );
}

/** `test/attack/README.md` with the tests of each case in the last column, as the tests' own titles name them. */
export function fillCases(page: string): string {
  const tests = findTests();
  return page.replace(CASE, (_, name: string, words: string) => {
    const links = (tests.get(name) ?? []).map((file) => linkTest(file, posix.relative("test/attack", file)));
    return `| ${name} | ${words} | ${links.join(" · ")} |`;
  });
}

/** Test files by what their titles name, sorted: invariants (`I4`), and cases of test/attack/README.md (`N2`). */
export function findTests(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of globSync("test/{attack,contract,end-to-end,unit}/**/*.ts").sort()) {
    const named = [...readFileSync(file, "utf8").matchAll(TITLE)].flatMap(([, names = ""]) => names.split(", "));
    for (const name of new Set(named)) found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

/** Folded: the promise is for reading, the proof for looking up. Markdown inside `<details>` needs its blank lines. */
function renderTests(files: readonly string[]): string {
  if (files.length === 0) return "";
  const links = files.map((file) => linkTest(file, `../${file}`));
  const count = `${files.length} ${files.length === 1 ? "test file" : "test files"}`;
  return `<details><summary>${count}</summary>\n\n${links.join(" · ")}\n\n</details>\n`;
}

function linkTest(file: string, target: string): string {
  return `[${basename(file, ".ts").replace(/\.test$/, "")}](${target})`;
}
