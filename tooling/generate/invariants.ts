import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

const SECTION = /<!-- tests:(I\d{1,2}) -->\n(?:(?!<!--)[^\n]*\n)*<!-- \/tests -->/g;
/** How a test's title, or the title of a group of tests, names what it defends: invariants, then cases of test/attack/README.md ("I4, N2: …"). */
const TITLE = /["'`]((?:[A-Z]\d{1,2}(?:, )?)+): /g;

/** `docs/threat-model.md` with the tests of each invariant, as the tests' own titles name them. */
export function fillTests(page: string): string {
  const tests = findTests();
  return page.replace(
    SECTION,
    (_, invariant: string) => `<!-- tests:${invariant} -->\n${renderTests(tests.get(invariant) ?? [])}<!-- /tests -->`,
  );
}

/** Test files by invariant and by case, sorted. */
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

export function linkTest(file: string, target: string): string {
  return `[${basename(file, ".ts").replace(/\.test$/, "")}](${target})`;
}
