import { symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderGithubMarkdown } from "../support/text/live-markdown.ts";
import { openReportBench, type ReportBench } from "../support/text/report-bench.ts";

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

/** Elements with their attributes, values aside: what guest text would have to add to in order to act. */
const tagsOf = (html: string): ReadonlySet<string> =>
  new Set([...html.matchAll(/<(?=[a-z])[^>]*>/gi)].map(([tag]) => tag.replace(/="[^"]*"/g, "=")));
/** Those that a page with something in its tables has beyond an empty one. */
const OUR_TAGS = new Set(
  "<div class=> <div class= role= aria-label= tabindex=> <table> <caption> <thead> <tbody> <tr> <td> <td class=> <th scope=> <th scope= class=> <code> <svg viewBox= role= aria-label= style=> <line class= x1= y1= x2= y2=> <text x= y=> <text class= x= y=> <rect class= x= y= width= height= rx=/> <line class= x1= y1= x2= y2=/>".split(
    /(?<=>) /,
  ),
);

let bench: ReportBench;
beforeEach(() => {
  bench = openReportBench([CANARY]);
});
afterEach(() => {
  bench[Symbol.dispose]();
});

/** Guest text wherever a run's record takes any. */
const say = (message: string): void => {
  sayMuch(message);
  const host = {
    host: message,
    port: 443,
    verdict: "deny",
    count: 1,
    reason: "default-deny",
    suggestion: message,
    command: message,
  } as const;
  bench.record.note("egress", { allowed: 0, denied: 1, hosts: [host] });
  const attempt = { name: "gateway", result: "unknown", detail: message } as const;
  bench.record.noteSandbox({ id: "one", purpose: "agent", boundary: { proved: false, attempts: [attempt] } });
  const finding = { path: message, side: "RIGHT", line: 1, endLine: 2, severity: "high", category: "bug", claim: message } as const;
  bench.record.note("review", {
    risk: "high",
    inline: [{ ...finding, fingerprint: "0".repeat(32) }],
    listed: [finding],
    flags: [{ code: "hidden-text", severity: "draft", path: message, reason: message, remedy: message }],
    reruns: [{ command: message, exitCode: 0 }],
  });
};

/** Where a guest's text may be long. */
const sayMuch = (message: string): void => {
  bench.record.note("agent", { name: "claude-code", version: "1", ending: { status: "completed", message, turns: 1 } });
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
  test.each(Object.entries(FORMS))("%s in the agent's words, in a host's name, and in every file", async (_form, spelled) => {
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

  test.each(Object.entries(FORMS))("%s in what a sandbox's probe met costs these words, and not the record", async (_form, spelled) => {
    const attempt = { name: "gateway", result: "unknown", detail: `It is ${spelled} indeed` } as const;
    bench.record.noteSandbox({ id: "one", purpose: "agent", boundary: { proved: false, attempts: [attempt] } });
    await bench.report(ENDED);
    expect(everything()).not.toContain(spelled);
    expect(JSON.parse(bench.read("record.json"))).toMatchObject({
      sandboxes: [{ id: "one", boundary: { attempts: [{ name: "gateway" }] } }],
    });
  });

  test("a secret across the border of two pieces of a large file is found", async () => {
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

  test("guest text is inert in the summary and the comment", async () => {
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

  test("guest text is inert in the report's page, where a finding and a command are text and nothing else", async () => {
    const breaking = `${hostile}\n"'></td><b onclick=x>\u202e\u0000 &lt;`;
    bench.record.note("review", { risk: "low" });
    await bench.report({ outcome: { word: "reviewed", reason: "" } });
    const quiet = tagsOf(bench.read("report.html"));
    say(breaking);
    await bench.report({ outcome: { word: "reviewed", reason: breaking } });
    const page = bench.read("report.html");
    for (const caption of ["Findings of the review", "Evidence that was run again", "Asked by"]) expect(page).toContain(caption);
    expect([...tagsOf(page)].filter((tag) => !quiet.has(tag) && !OUR_TAGS.has(tag))).toEqual([]);
    expect(page).not.toMatch(/[\u0000\u001b\u202e]/);
    expect(page.match(/&#60;script&#62;/g)?.length).toBeGreaterThanOrEqual(8);
  });

  test("a long text stays under the limits of a summary and a comment", async () => {
    say("```\n<details>".repeat(400));
    sayMuch("```\n<details>".repeat(200_000));
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

  test("every output keeps to one line but the list of hosts, however the guest writes", async () => {
    say("a\nname=value\nghadelimiter_x\nEOF");
    bench.record.note("sandbox", { id: "x\nEOF\nPATH=/evil", provider: "p\r\nq" });
    await bench.report({ outcome: { word: "error", reason: "line\nname=value" } });
    const { "denied-hosts": hosts, ...others } = bench.outputs;
    expect(Object.values(others).filter((value) => /[\r\n]/.test(value))).toEqual([]);
    expect(hosts?.split("\n")).toHaveLength(1);
  });
});

describe("I16, O4: only our own files leave", () => {
  test("strangers' files and links in the run's directory are not uploaded", async () => {
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
