import { readFileSync, statSync } from "node:fs";
import { AirlockError } from "../../../domain/errors.ts";
import type { RunnerEvent } from "../../../ports/runner.ts";

/** GitHub cuts webhook payloads off at 25 MB. */
const MAX_EVENT_BYTES = 26_214_400;

/** The event that started the workflow; its file is read when `payload` is first accessed. */
export function readEventFile(): RunnerEvent {
  let read: { readonly payload: unknown } | undefined;
  return {
    name: process.env.GITHUB_EVENT_NAME ?? "",
    get payload() {
      read ??= { payload: readPayload(process.env.GITHUB_EVENT_PATH ?? "") };
      return read.payload;
    },
  };
}

function readPayload(path: string): unknown {
  try {
    const { size } = statSync(path);
    if (size > MAX_EVENT_BYTES) throw new RangeError(`${size} bytes are more than ${MAX_EVENT_BYTES}`);
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new AirlockError("trigger.unreadable", {
      message: `The event file ${JSON.stringify(path)} (GITHUB_EVENT_PATH) could not be read as JSON.`,
      remedy: "Run Airlock as a step of a GitHub Actions job, or point GITHUB_EVENT_PATH at an event's JSON.",
      cause,
    });
  }
}
