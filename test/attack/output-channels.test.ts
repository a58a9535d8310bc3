import { symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderGithubMarkdown } from "../support/live-markdown.ts";
import { openReportBench, type ReportBench } from "../support/report-bench.ts";

const CANARY = "canary-9f8e7d6c5b4a3210ffee-zz";
const FORMS = {
  raw: CANARY,
  base64: Buffer.from(CANARY).toString("base64"),
  hex: Buffer.from(CANARY).toString("hex"),
  reversed: [...CANARY].reverse().join(""),
  "split by newlines": CANARY.split("").join("\n"),
  "split by zero width": CANARY.split("").join("\u200b"),
  "URL-encoded": [...CANARY].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(""),
  "minus its prefix": CANARY.slice(7),
};
const ENDED = { outcome: { word: "held", reason: "The gate held it." } } as const;

let bench: ReportBench;
beforeEach(() => {
  bench = openReportBench([CANARY]);
});
afterEach(() => {
  bench[Symbol.dispose]();
});

const say = (message: string): void => {
  bench.record.note("agent", { name: "claude-code", version: "1", ending: { status: "completed", message, turns: 1 } });
  bench.record.note("egress", {
    allowed: 0,
    denied: 1,
    hosts: [{ host: message, port: 443, verdict: "deny", count: 1, reason: "default-deny", suggestion: message }],
  });
};

/** Everything that left: comments, summary, outputs, and the uploaded files. */
const everything = (): string =>
  [
    ...bench.comments,
    ...bench.summaries,
    JSON.stringify(bench.outputs),
    ...bench.uploads.flatMap(({ files }) => files.map((path) => bench.read(basename(path)))),
    ...bench.warnings,
  ].join("\n");

describe("I14, S3: no channel carries the run's own secret", () => {
  it.each(Object.entries(FORMS))("%s in the agent's words, in a host's name, and in every file", async (_form, spelled) => {
    say(`It is ${spelled} indeed`);
    bench.write("transcript.jsonl", `${JSON.stringify({ type: "text", turn: 1, text: spelled })}\n`);
    bench.write("patch.diff", `+key = "${spelled}"\n`);
    bench.write("egress.jsonl", `${JSON.stringify({ host: "ok.test", path: `/${spelled}` })}\n`);
    bench.write("agent.log", `${spelled}\n`);
    await bench.report(ENDED);
    const left = everything();
    expect(left).not.toContain(spelled);
    expect(left.replace(/⟨\d+ hidden⟩|\\\\n|[^a-z0-9]/g, "")).not.toContain(CANARY.replaceAll("-", "").slice(6));
    expect(bench.uploads[0]?.files.map((path) => basename(path)).sort()).toEqual(["record.json", "report.html"]);
    expect(bench.warnings.length).toBeGreaterThan(0);
  });

  it("a secret across the border of two pieces of a large file is found", async () => {
    const size = (4 << 20) - 10;
    bench.write(
      "agent.log",
      Buffer.concat([Buffer.alloc(size, "a line of words\n"), Buffer.from(CANARY), Buffer.alloc(1 << 20, "more words here\n")]),
    );
    await bench.report(ENDED);
    expect(bench.uploads[0]?.files.map((path) => basename(path))).not.toContain("agent.log");
  });
});

describe("I15, O3: nothing is alive and no layout breaks", () => {
  const hostile = [
    "`".repeat(5),
    "</details></td></table>",
    "<script>alert(1)</script>",
    "@org/all #1",
    "![x](https://e.test/p.png)",
    "```mermaid\ngraph",
    "<!--",
    "::error::x",
    "\u001b]8;;https://e.test\u0007link",
  ].join("\n");

  it("in the summary and the comment", async () => {
    say(hostile);
    await bench.report({ outcome: { word: "agent-failed", reason: hostile } });
    for (const markdown of [...bench.summaries, ...bench.comments]) {
      const html = renderGithubMarkdown(`${markdown}\n\n## after\n`);
      expect(html).toContain("<h2>after</h2>");
      expect(html).not.toMatch(/<script|<img|<!--/);
      expect(
        [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url).filter((url) => !url?.startsWith("https://github.com/octo/demo/")),
      ).toEqual([]);
      expect(html.match(/<details>/g)?.length).toBe(html.match(/<\/details>/g)?.length);
    }
  });

  it("stays under the limits of a summary and a comment", async () => {
    say("```\n<details>".repeat(200_000));
    bench.record.note("patch", {
      changes: Array.from({ length: 5000 }, (_, index) => ({
        kind: "added" as const,
        path: `${"x`|".repeat(300)}${index}`,
        binary: false,
        additions: 1,
        deletions: 0,
      })),
    });
    await bench.report(ENDED);
    expect(bench.summaries[0]?.length).toBeLessThan(1024 * 1024);
    expect(bench.comments[0]?.length).toBeLessThan(65_400);
  });

  it("keeps every output on one line but the list of hosts, however the guest writes", async () => {
    say("a\nname=value\nghadelimiter_x\nEOF");
    bench.record.note("sandbox", { id: "x\nEOF\nPATH=/evil", provider: "p\r\nq" });
    await bench.report({ outcome: { word: "error", reason: "line\nname=value" } });
    const { "denied-hosts": hosts, ...others } = bench.outputs;
    expect(Object.values(others).filter((value) => /[\r\n]/.test(value))).toEqual([]);
    expect(hosts?.split("\n")).toHaveLength(1);
  });
});

describe("I16, O4: only our own files leave", () => {
  it("ignores strangers and links in the run's directory", async () => {
    bench.write("transcript.jsonl", "{}\n");
    bench.write("evil.sh", "rm -rf /\n");
    const outside = join(bench.directory, "..", basename(bench.directory).concat("-outside"));
    writeFileSync(outside, "root:x\n");
    symlinkSync(outside, join(bench.directory, "patch.diff"));
    symlinkSync(outside, join(bench.directory, "record.json"));
    await bench.report(ENDED);
    const files = bench.uploads.flatMap(({ files: uploaded }) => uploaded.map((path) => basename(path)));
    expect(files).not.toContain("evil.sh");
    expect(files).not.toContain("patch.diff");
    const { readFileSync, rmSync } = await import("node:fs");
    expect(readFileSync(outside, "utf8")).toBe("root:x\n");
    rmSync(outside);
  });
});
