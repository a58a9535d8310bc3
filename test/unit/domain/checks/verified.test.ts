import { expect, test } from "vitest";
import { finding } from "../../../../src/domain/checks/finding.ts";
import { withVerification } from "../../../../src/domain/checks/verified.ts";
import type { Verdict } from "../../../../src/domain/patch.ts";

const verdict = (decision: Verdict["decision"], findings: Verdict["findings"] = []): Verdict => ({
  decision,
  findings,
  tree: "e".repeat(40),
});

test("a patch whose base fails the verification becomes a draft, and nothing that is held is let go", () => {
  const verified = { outcome: "base-fails", ownInstall: false } as const;
  expect(withVerification(verdict("publish"), verified)).toMatchObject({
    decision: "draft",
    findings: [{ code: "base-fails", severity: "draft" }],
  });
  expect(withVerification(verdict("hold"), verified).decision).toBe("hold");
  expect(withVerification(verdict("empty"), verified).decision).toBe("empty");
});

test("an install of the patch's own is told, and makes a draft where install scripts changed", () => {
  const verified = { outcome: "passed", ownInstall: true } as const;
  expect(withVerification(verdict("publish"), verified)).toMatchObject({
    decision: "publish",
    findings: [{ code: "verified-after-own-install", severity: "notice" }],
  });
  const script = finding({ code: "install-script", path: "package.json", reason: "A script runs on install." });
  expect(withVerification(verdict("draft", [script]), verified)).toMatchObject({
    decision: "draft",
    findings: [{ code: "verified-after-own-install", severity: "draft" }, { code: "install-script" }],
  });
});

test("a verification that passed, and none at all, leave the verdict as it is", () => {
  const given = verdict("publish");
  expect([withVerification(given, undefined), withVerification(given, { outcome: "passed", ownInstall: false })]).toEqual([given, given]);
});
