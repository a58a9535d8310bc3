import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "airlock-generate-"));

beforeAll(() => {
  for (const name of ["README.md", "action.yml", "docs", "test"]) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "src"), join(folder, "src"));
  generate();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function generate(...args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  return spawnSync(process.execPath, [join(ROOT, "tooling/generate.ts"), ...args], { cwd: folder, encoding: "utf8" });
}

describe("Generated files", () => {
  test("are up to date right after they were written", () => {
    expect(generate("--check").status).toBe(0);
  });

  test.each(["README.md", "action.yml", "docs/inputs.md", "docs/errors.md", "docs/how-to/the-gate.md"])(
    "turn the check red when %s was changed by hand",
    (file) => {
      const path = join(folder, file);
      const before = readFileSync(path, "utf8");
      writeFileSync(path, before.replaceAll("claude-code", "claude").replaceAll("AL101", "AL999").replaceAll("odd-path", "even-path"));
      const { status, stderr } = generate("--check");
      writeFileSync(path, before);
      expect(status).toBe(1);
      expect(stderr).toContain(`${file} is out of date`);
    },
  );
});
