import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { finding } from "../../../src/domain/checks/finding.ts";
import type { FindingEntry } from "../../../src/domain/finding-entry.ts";
import { FINDINGS, type FindingCode, findingEntry } from "../../../src/domain/findings.ts";
import { forReaders } from "../../../src/domain/guard/remedies.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CODES = Object.keys(FINDINGS) as FindingCode[];
const SOURCES = globSync("src/{domain/{checks,guard},stages/gate}/**/*.ts", { cwd: ROOT }).map((file) =>
  readFileSync(join(ROOT, file), "utf8"),
);
const RANK = { refuse: 0, draft: 1, notice: 2 } as const;

describe("The list of findings", () => {
  test.each(CODES)("names no code that no check finds: %s", (code) => {
    expect(SOURCES.some((source) => source.includes(`"${code}"`))).toBe(true);
  });

  test("names every code that a check writes down", () => {
    const written = SOURCES.flatMap((source) => [...source.matchAll(/\b(?:code: |found\()"([a-z-]+)"/g)].map(([, code = ""]) => code));
    expect(written.length).toBeGreaterThan(25);
    for (const code of written) expect(CODES).toContain(code);
  });

  test.each(CODES)("gives %s a meaning, a remedy in the imperative, and severities from the gravest", (code) => {
    const entry: FindingEntry = FINDINGS[code];
    expect(entry.meaning).toMatch(/^\S.*[^.]$/);
    for (const remedy of [entry.remedy, entry.forReaders ?? entry.remedy]) expect(remedy).toMatch(/^[A-Z].*\.$/);
    expect([...entry.severities].sort((left, right) => RANK[left] - RANK[right])).toEqual(entry.severities);
    expect(entry.meaning + entry.remedy).not.toContain("|");
  });
});

describe("A finding", () => {
  test("has the gravest severity and the remedy of the list unless the check says otherwise", () => {
    expect(finding({ code: "protected-path", path: "a\u202Eb", reason: "Why." })).toEqual({
      code: "protected-path",
      severity: "refuse",
      path: "a\\u{202e}b",
      reason: "Why.",
      remedy: FINDINGS["protected-path"].remedy,
    });
    expect(finding({ code: "protected-path", severity: "notice", reason: "Why.", remedy: "Do." })).toEqual({
      code: "protected-path",
      severity: "notice",
      reason: "Why.",
      remedy: "Do.",
    });
  });

  test("speaks to the reader of a pull request where the list has words for readers, and keeps its own elsewhere", () => {
    expect(forReaders(finding({ code: "secret", reason: "Why." })).remedy).toBe(FINDINGS.secret.forReaders);
    expect(forReaders(finding({ code: "licence", reason: "Why.", remedy: "Do." })).remedy).toBe("Do.");
  });

  test.each(["toString", "__proto__", "of-another-version"])("of another version has no entry: %s", (code) => {
    expect(findingEntry(code)).toBeUndefined();
    expect(forReaders({ code, severity: "draft", reason: "Why.", remedy: "Do." })).toEqual({
      code,
      severity: "draft",
      reason: "Why.",
      remedy: "Do.",
    });
  });
});
