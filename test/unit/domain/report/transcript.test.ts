import { describe, expect, test } from "vitest";
import { renderTranscript } from "../../../../src/domain/report/transcript.ts";

const line = (event: unknown): string => JSON.stringify(event);

describe("The transcript in the report", () => {
  test("events stand under their turns, in order", () => {
    const html = renderTranscript([
      line({ type: "started", model: "m", agentVersion: "1", session: "s" }),
      line({ type: "text", turn: 2, text: "second" }),
      line({ type: "text", turn: 1, text: "first" }),
    ]);
    expect([...html.matchAll(/<h3>([^<]+)<\/h3>/g)].map(([, title]) => title)).toEqual(["Before the first turn", "Turn 2", "Turn 1"]);
  });

  test("lines that are no event of ours are left out", () => {
    const odd = ["", "{", "null", "[1]", line({ type: "constructor" }), line({ type: "__defineGetter__" }), line({ type: "shell" })];
    expect(renderTranscript(odd)).toContain("No turn was recorded.");
    expect(renderTranscript([...odd, line({ type: "text", turn: -1, text: 7 })])).toContain("Before the first turn");
  });

  test("I15: markup in an event is shown as text", () => {
    const evil = "<img src=x onerror=alert(1)>";
    const html = renderTranscript([
      line({ type: "text", turn: 1, text: evil }),
      line({ type: "tool-call", turn: 1, tool: evil, input: evil }),
      line({ type: "tool-result", turn: 1, failed: true, text: evil }),
    ]);
    expect(html).not.toContain("<img");
    expect(html.match(/&#60;img/g)).toHaveLength(5);
  });

  test("I18: five hundred events are shown, and the others counted", () => {
    const html = renderTranscript(Array.from({ length: 503 }, (_, at) => line({ type: "text", turn: 1, text: `said ${at}` })));
    expect(html).toContain("said 499<");
    expect(html).not.toContain("said 500<");
    expect(html).toContain("3 more events are in transcript.jsonl.");
  });
});
