import { posix } from "node:path";
import { findTests, linkTest } from "./invariants.ts";

const PAGE_FOLDER = "test/attack";
const ROW = /^\| ([A-Z]\d{1,2}) \| (.+) \|[^|]*\|$/gm;

/** `test/attack/README.md` with the tests of each case in the last column, as the tests' own titles name them. */
export function fillCases(page: string): string {
  const tests = findTests();
  return page.replace(ROW, (_, name: string, words: string) => {
    const links = (tests.get(name) ?? []).map((file) => linkTest(file, posix.relative(PAGE_FOLDER, file)));
    return `| ${name} | ${words} | ${links.join(" · ")} |`;
  });
}
