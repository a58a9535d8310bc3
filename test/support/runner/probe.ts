// A step that does with the runner what its input `do` says, for test/unit/adapters/runner.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openRunner, readInput, readState } from "../../../src/adapters/runner/actions.ts";
import { AirlockError } from "../../../src/domain/errors.ts";
import type { Runner } from "../../../src/ports/runner.ts";

const deeds: Readonly<Record<string, (runner: Runner) => void | Promise<void>>> = {
  facts: ({ event, run, directory, cacheDirectory }) =>
    tell({ event: { name: event.name, payload: event.payload }, run, directory, cacheDirectory }),
  say: ({ log }) => {
    for (const text of JSON.parse(readInput("texts")) as readonly string[]) {
      log.info(text);
      log.notice(text);
      log.warning(text);
    }
  },
  group: async ({ log }) => {
    await log.group("outer\n::error::x", () => log.group("inner", async () => log.info("deep")));
    await log.group("failing", () => Promise.reject(new Error("x"))).catch(() => log.info("after"));
  },
  outputs: (runner) => runner.setOutputs({ summary: readInput("text"), "head-sha": "abc" }),
  "wrong-output": (runner) => runner.setOutputs({ "PATH\nx": "1" }),
  mask: (runner) => runner.mask(readInput("text")),
  summary: (runner) => runner.writeSummary((process.env.INPUT_TEXT ?? "").repeat(Number(readInput("times")))),
  state: (runner) => {
    runner.saveState("sandbox", "vm-1");
    writeFileSync(join(runner.directory, "kept"), "x");
  },
  "tell-state": (runner) => tell({ sandbox: readState("sandbox"), directory: runner.directory }),
  upload: async (runner) => {
    const file = await runner.writeFile("record.json", "{}");
    tell({ uploaded: (await runner.uploadArtifact("airlock-1-1", [file])) ?? null });
  },
  wait: async ({ cancelled, log }) => {
    log.info("waiting");
    while (!cancelled.aborted) await sleep(10);
    const { reason } = cancelled;
    tell({ cancelled: reason instanceof AirlockError ? reason.code : "?", message: String(reason.message) });
  },
};

function tell(value: unknown): void {
  process.stderr.write(`${JSON.stringify(value)}\n`);
}

try {
  await deeds[readInput("do")]?.(openRunner(readInput("step") === "post" ? "post" : "main"));
} catch (error) {
  tell({ thrown: error instanceof AirlockError ? error.code : String(error) });
}
