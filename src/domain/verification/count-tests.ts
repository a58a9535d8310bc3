/** How many tests a runner says it ran. Guest text: numbers, and nothing is decided by them. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Only the end of an output has the totals. */
const TAIL_CHARS = 4_000;

/** How common test runners tell their totals, each with what passed and what did not. */
const RUNNERS: readonly { readonly passed: RegExp; readonly failed: RegExp }[] = [
  // node --test: `ℹ pass 3`, `# pass 3`.
  { passed: /^(?:ℹ|#) pass (\d{1,9})$/gm, failed: /^(?:ℹ|#) fail (\d{1,9})$/gm },
  // jest and vitest.
  { passed: /^\s*Tests:?\s.*?\b(\d{1,9}) passed/gm, failed: /^\s*Tests:?\s.*?\b(\d{1,9}) failed/gm },
  // cargo, once for each crate.
  { passed: /^test result: \w+\. (\d{1,9}) passed/gm, failed: /^test result: .*?; (\d{1,9}) failed/gm },
  // pytest.
  { passed: /^=+ .*?\b(\d{1,9}) passed/gm, failed: /^=+ .*?\b(\d{1,9}) failed/gm },
  // mocha.
  { passed: /^\s*(\d{1,9}) passing\b/gm, failed: /^\s*(\d{1,9}) failing\b/gm },
];

/** The totals of the first runner whose words are found; undefined: none are. */
export function countTests(output: string): TestCounts | undefined {
  const end = output.slice(-TAIL_CHARS);
  for (const runner of RUNNERS) {
    const [passed, failed] = [sum(end, runner.passed), sum(end, runner.failed)];
    if (passed !== undefined || failed !== undefined) return { passed: passed ?? 0, failed: failed ?? 0 };
  }
  return undefined;
}

function sum(text: string, pattern: RegExp): number | undefined {
  const found = [...text.matchAll(pattern)].map(([, count]) => Number(count));
  return found.length === 0 ? undefined : found.reduce((total, count) => total + count, 0);
}
