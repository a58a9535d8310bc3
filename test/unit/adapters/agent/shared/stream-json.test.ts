import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openStreamJsonReader } from "../../../../../src/adapters/agent/shared/stream-json.ts";
import type { AgentExit, TranscriptEvent } from "../../../../../src/domain/sandbox/transcript.ts";
import { rounds } from "../../../../support/fuzz.ts";

const FIXTURES = join(import.meta.dirname, "../../../../fixtures/claude-code");

/** Streams that Claude Code 2.1.330 wrote, as it wrote them. */
function replay(name: string, exit: { code: number | null; signal: string | null }): { events: TranscriptEvent[]; agentExit: AgentExit } {
  const reader = openStreamJsonReader();
  const lines = readFileSync(join(FIXTURES, `${name}.jsonl`), "utf8").split("\n");
  const events = lines.flatMap((line) => [...reader.read(line)]);
  return { events, agentExit: reader.end(exit) };
}

describe("Claude Code's stream", () => {
  test.each([
    ["success", 0, "completed"],
    ["max-turns", 1, "turn-limit"],
    ["budget", 1, "budget"],
    ["401-retries2", 1, "credential"],
    ["529", 1, "failed"],
  ] as const)("Claude Code's stream ends as told by its closing event: %s", (name, code, status) => {
    expect(replay(name, { code, signal: null }).agentExit.status).toBe(status);
  });

  test("Claude Code's stream is not complete after an interrupt, though the exit code is 0", () => {
    expect(replay("sigint", { code: 0, signal: null }).agentExit.status).toBe("interrupted");
  });

  test("Claude Code's stream has no ending when the closing event never came, whatever the exit code says", () => {
    expect(replay("sigterm", { code: 143, signal: null }).agentExit.status).toBe("missing");
    const reader = openStreamJsonReader();
    expect(reader.end({ code: 0, signal: null }).status).toBe("missing");
  });

  test("Claude Code's stream becomes a start, words, tool calls with their results, and an end", () => {
    const { events } = replay("success", { code: 0, signal: null });
    expect(events.map((event) => event.type)).toEqual(["started", "text", "tool-call", "tool-result", "text", "ended"]);
    expect(events[0]).toMatchObject({ agentVersion: "2.1.330" });
    expect(events[2]).toMatchObject({ turn: 1, tool: "Bash", input: expect.stringContaining("README.md") });
    expect(events[4]).toMatchObject({ turn: 2 });
  });

  test("Claude Code's stream tells retries", () => {
    const { events } = replay("529", { code: 1, signal: null });
    expect(events.filter((event) => event.type === "retry").length).toBeGreaterThan(0);
  });

  test("takes a success without its `is_error: false` for a failure", () => {
    const reader = openStreamJsonReader();
    reader.read(JSON.stringify({ type: "result", subtype: "success", result: "done" }));
    expect(reader.end({ code: 0, signal: null }).status).toBe("failed");
  });

  test("Claude Code's stream ends as failed, not by its credential, when the gateway refused", () => {
    const reader = openStreamJsonReader();
    const result = "Failed to authenticate. API Error: 403 Airlock: This run may not use that model.";
    const event = { type: "result", subtype: "success", is_error: true, api_error_status: 403, result };
    reader.read(JSON.stringify(event));
    expect(reader.end({ code: 1, signal: null })).toMatchObject({ status: "failed", message: result });
    reader.read(JSON.stringify({ ...event, result: "Failed to authenticate. API Error: 403 forbidden" }));
    expect(reader.end({ code: 1, signal: null }).status).toBe("credential");
  });

  test("Claude Code's stream survives any line", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.json(),
            fc.object().map((value) => JSON.stringify({ type: "assistant", message: value })),
          ),
        ),
        (lines) => {
          const reader = openStreamJsonReader();
          for (const line of lines) for (const event of reader.read(line)) expect(event.type).toBeTypeOf("string");
          expect(reader.end({ code: 0, signal: null }).status).not.toBe("completed");
        },
      ),
      { numRuns: rounds(300) },
    );
  });

  test("I18: Claude Code's stream shows no more than a few thousand characters of one text", () => {
    const reader = openStreamJsonReader();
    const [event] = reader.read(
      JSON.stringify({ type: "assistant", message: { id: "m", content: [{ type: "text", text: "x".repeat(1_000_000) }] } }),
    );
    expect(JSON.stringify(event).length).toBeLessThan(5_000);
  });
});
