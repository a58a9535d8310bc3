import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSink } from "../../../../../src/adapters/runner/shared/sink.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "airlock-sink-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("I18: A sink", () => {
  test("a sink holds every line as soon as it is written, for the owner only", () => {
    const sink = openSink(join(folder, "agent.log"), 100);
    sink.write("one");
    sink.write("two");
    expect(readFileSync(sink.path, "utf8")).toBe("one\ntwo\n");
    expect(statSync(sink.path).mode & 0o777).toBe(0o600);
  });

  test("a sink takes no line past its limit, not even a shorter one, and says what it dropped", async () => {
    const sink = openSink(join(folder, "agent.log"), 10);
    sink.write("12345");
    sink.write("1234567890");
    sink.write("1");
    await sink.close();
    await sink.close();
    sink.write("late");
    expect(readFileSync(sink.path, "utf8")).toBe('12345\n{"type":"cut","droppedLines":2,"droppedBytes":13,"maxBytes":10}\n');
  });

  test("a sink is not opened through a link", () => {
    const target = join(folder, "target");
    writeFileSync(target, "precious");
    symlinkSync(target, join(folder, "agent.log"));
    expect(() => openSink(join(folder, "agent.log"), 10)).toThrow(/ELOOP/);
    expect(readFileSync(target, "utf8")).toBe("precious");
  });
});
