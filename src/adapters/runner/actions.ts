import { mkdirSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { getInput, getState, saveState, setFailed, setOutput, setSecret } from "@actions/core";
import { AirlockError } from "../../domain/errors.ts";
import { inertLine } from "../../domain/inert.ts";
import type { Runner } from "../../ports/runner.ts";
import { locate, readRunFile, writeRunFile } from "./files.ts";
import { uploadArtifact } from "./shared/artifact.ts";
import { openCancellation } from "./shared/cancellation.ts";
import { readEventFile } from "./shared/event.ts";
import { openLog } from "./shared/log.ts";
import { readRunFacts } from "./shared/run-facts.ts";
import { openSink } from "./shared/sink.ts";
import { writeSummary } from "./shared/summary.ts";

const OUTPUT_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const PRIVATE = 0o700;
const MAX_FAILURE_CHARS = 4_000;

/** Text of an input of the action, or an empty string. */
export function readInput(name: string): string {
  return getInput(name);
}

/** What the main step saved for the post step, or an empty string. */
export function readState(name: string): string {
  return getState(name);
}

/** What a step can do before it has a runner, and where none can be had. */
export type BareRunner = Pick<Runner, "log" | "saveState" | "setOutputs" | "fail">;

export function openBareRunner(): BareRunner {
  return {
    log: openLog(),
    saveState: (name, value) => writing("the file of GITHUB_STATE", () => saveState(name, value)),
    setOutputs,
    fail: (message) => setFailed(inertLine(message, MAX_FAILURE_CHARS)),
  };
}

function writing(what: string, body: () => void): void {
  try {
    body();
  } catch (cause) {
    throw new AirlockError("runner.unusable", {
      message: `The runner's work folder cannot be used: ${what} could not be written (${cause instanceof Error ? cause.message : "unknown error"}).`,
      remedy: "Give the runner's disk room, and see that RUNNER_TEMP is a folder that the runner's user may write to.",
      cause,
    });
  }
}

/**
 * The GitHub Actions runner this process was started by. `main` empties the
 * run's directory; `post` leaves it as the main step left it.
 * @throws AirlockError `runner.unusable`, `trigger.unreadable`
 */
export function openRunner(step: "main" | "post"): Runner {
  const directory = join(process.env.RUNNER_TEMP || tmpdir(), "airlock");
  const cacheDirectory = join(process.env.RUNNER_TOOL_CACHE || join(homedir(), ".cache"), "airlock");
  writing(directory, () => {
    if (step === "main") rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: PRIVATE });
  });
  const bare = openBareRunner();
  return {
    ...bare,
    event: readEventFile(),
    run: readRunFacts(),
    directory,
    cacheDirectory,
    cancelled: openCancellation(process),
    mask: maskEveryLine,
    writeSummary,
    openSink: (name, maxBytes) => openSink(locate(directory, name), maxBytes),
    writeFile: (name, content) => writeRunFile(directory, name, content),
    readFile: (name) => readRunFile(directory, name),
    uploadArtifact: (name, files) => uploadArtifact({ name, files, directory, log: bare.log }),
  };
}

/** The runner masks line by line, so each line of a multi-line value is masked. */
function maskEveryLine(value: string): void {
  if (value === "") return;
  setSecret(value);
  const lines = value.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length > 1) lines.forEach(setSecret);
}

function setOutputs(outputs: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(outputs)) {
    if (!OUTPUT_NAME.test(name)) throw new TypeError(`not an output's name: ${JSON.stringify(name)}`);
    setOutput(name, value);
  }
}
