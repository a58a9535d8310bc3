import type { RunnerFacts } from "../domain/record/record-file.ts";

export type { RunnerFacts } from "../domain/record/record-file.ts";

/** The CI runner that Airlock runs on. */
export interface Runner {
  readonly event: RunnerEvent;
  readonly run: RunnerFacts;
  /** `$RUNNER_TEMP/airlock`, made and empty. */
  readonly directory: string;
  /** `$RUNNER_TOOL_CACHE/airlock`, for prepared artefacts; never from guest output. */
  readonly cacheDirectory: string;
  /** Aborted when the job is cancelled (SIGINT or SIGTERM). */
  readonly cancelled: AbortSignal;
  readonly log: RunnerLog;
  /** Registers a value that the runner must never print. */
  mask(value: string): void;
  setOutputs(outputs: Readonly<Record<string, string>>): void;
  writeSummary(markdown: string): Promise<void>;
  /** Marks the step as failed, with an annotation. Guest text is made inert. */
  fail(message: string): void;
  /** Saves a value for the post step. */
  saveState(name: string, value: string): void;
  /** Opens a file of `directory` for a stream of lines, cut at `maxBytes` with a final note on what was dropped. */
  openSink(name: string, maxBytes: number): Sink;
  /** Writes a file of `directory`. `name` is one path segment of `[a-z0-9.-]`. Returns its absolute path. */
  writeFile(name: string, content: string): Promise<string>;
  /** Streams a file of `directory`; undefined if there is none. Only regular files, links are not followed. */
  readFile(name: string): Promise<RunFile | undefined>;
  /** Uploads exactly these files; returns undefined if the runner has no artifact service. @throws AirlockError `publish.failed` */
  uploadArtifact(name: string, files: readonly string[]): Promise<{ readonly id: number } | undefined>;
}

export interface RunnerEvent {
  readonly name: string;
  /** Parsed JSON of GITHUB_EVENT_PATH; hostile. */
  readonly payload: unknown;
}

/** Lines are made inert here, so guest text can be passed as it is (I15). */
export interface RunnerLog {
  info(line: string): void;
  notice(line: string): void;
  warning(line: string): void;
  /** Runs `body` inside a folded group. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
}

/** A file of the run, opened for reading. */
export interface RunFile {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  /** The content from the first byte, in chunks. May be called once. */
  read(): AsyncIterable<Uint8Array>;
}

/** A bounded file that grows during the run. */
export interface Sink {
  /** Absolute path. */
  readonly path: string;
  write(line: string): void;
  close(): Promise<void>;
}
