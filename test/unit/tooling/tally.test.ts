import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const TALLY = join(import.meta.dirname, "../../../tooling/tally.ts");
const folder = mkdtempSync(join(tmpdir(), "airlock-tally-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tally(report: unknown, status: number): string {
  const file = join(folder, "report.json");
  writeFileSync(file, typeof report === "string" ? report : JSON.stringify(report));
  return execFileSync(process.execPath, [TALLY, file, String(status)], { encoding: "utf8" });
}

const passed = { status: "passed", assertionResults: [{ status: "passed" }] };
const failed = { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] };
const broken = { status: "failed", assertionResults: [] };

describe("The count that CI ends with", () => {
  test.each([
    ["all passed", { numPassedTests: 3, numFailedTests: 0, testResults: [passed] }, 0, "3 passed, 0 failed\n"],
    ["one failed", { numPassedTests: 3, numFailedTests: 1, testResults: [passed, failed] }, 1, "3 passed, 1 failed\n"],
    ["a file could not be loaded", { numPassedTests: 3, numFailedTests: 0, testResults: [passed, broken] }, 1, "3 passed, 1 failed\n"],
    ["the run failed outside of any test", { numPassedTests: 3, numFailedTests: 0, testResults: [passed] }, 1, "3 passed, 1 failed\n"],
    ["there is no report", "", 124, "0 passed, 1 failed\n"],
  ])("says so when %s", (_, report, status, line) => {
    expect(tally(report, status)).toBe(line);
  });
});
