// Prints the suite's count from vitest's own JSON report, as one line: N passed, N failed.
// A run that failed without a failing test (a file that could not be loaded, a time-out, no report) counts as one failure.
import { readFileSync } from "node:fs";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

const [path = "", status = "1"] = process.argv.slice(2);
const { passed, failed } = count(readReport(path));
console.log(`${passed} passed, ${status !== "0" && failed === 0 ? 1 : failed} failed`);

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

function count(report: Report | undefined): { readonly passed: number; readonly failed: number } {
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}
