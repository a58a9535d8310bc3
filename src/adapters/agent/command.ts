import { Buffer } from "node:buffer";
import { AirlockError } from "../../domain/errors.ts";
import type { Agent, LaunchRequest, TranscriptReader } from "../../ports/agent.ts";
import type { ModelApi } from "../../ports/gateway.ts";

/** Environment variables that point the SDK of each service elsewhere. */
const MODEL_ENV: Record<ModelApi, { readonly baseUrl: string; readonly key: string; readonly path: string }> = {
  anthropic: { baseUrl: "ANTHROPIC_BASE_URL", key: "ANTHROPIC_API_KEY", path: "" },
  openai: { baseUrl: "OPENAI_BASE_URL", key: "OPENAI_API_KEY", path: "/v1" },
  gemini: { baseUrl: "GOOGLE_GEMINI_BASE_URL", key: "GEMINI_API_KEY", path: "" },
};

export interface CommandAgentOptions {
  /**
   * argv. The prompt comes on standard input and in `.airlock/task.md`, the repository's instructions behind it and in
   * `.airlock/instructions.md`.
   */
  readonly argv: readonly string[];
}

/** Any program as the agent. It is judged by its exit code, which is all that it reports. */
export function openCommandAgent(options: CommandAgentOptions): Agent {
  if (options.argv.length === 0) {
    throw new AirlockError("input.missing", {
      message: "The agent `command` needs a command to run, and `agent-command` is empty.",
      remedy: "Set `agent-command` to the program and its arguments, one per line.",
    });
  }
  return {
    name: "command",
    version: "",
    prepare: () => Promise.resolve([]),
    launch: (request) => ({
      argv: [...options.argv, ...request.settings.args],
      env: modelEnv(request),
      stdin: Buffer.from([request.prompt, request.instructions].filter((text) => text !== "").join("\n"), "utf8"),
      files: [],
    }),
    openReader: openLineReader,
  };
}

function modelEnv(request: LaunchRequest): Record<string, string> {
  if (request.model === undefined) return {};
  const names = MODEL_ENV[request.model.api];
  return { [names.baseUrl]: `${request.model.baseUrl}${names.path}`, [names.key]: request.model.surrogate.reveal() };
}

function openLineReader(): TranscriptReader {
  let last = "";
  return {
    read(line) {
      if (line.trim() === "") return [];
      last = line;
      return [{ type: "text", turn: 0, text: line }];
    },
    end: (exit) => ({
      status: exit.code === 0 ? "completed" : "failed",
      message: exit.code === 0 ? last : `The command ended with ${exit.signal ?? `exit code ${exit.code}`}. Its last line: ${last}`,
      turns: 0,
    }),
  };
}
