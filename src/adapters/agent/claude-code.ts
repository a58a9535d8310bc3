import { Buffer } from "node:buffer";
import { AirlockError } from "../../domain/errors.ts";
import type { ModelTool } from "../../domain/model-tools.ts";
import { GUEST_ENV } from "../../domain/sandbox/env.ts";
import type { Agent, Launch, LaunchRequest } from "../../ports/agent.ts";
import type { Layer } from "../../ports/sandbox.ts";
import { fetchPackage, type PinnedPackage } from "./shared/npm-package.ts";
import { openStreamJsonReader } from "./shared/stream-json.ts";

/** Versions move only with a release of Airlock. */
export const CLAUDE_CODE_VERSION = "2.1.330";
/** Set explicitly: the CLI's own default changes between its versions. */
export const CLAUDE_CODE_MODEL = "claude-sonnet-5-5";

/** Archive hashes of the platform packages, as the registry published them on 2026-11-23. */
const PINNED: Record<string, { readonly name: string; readonly integrity: string }> = {
  x64: {
    name: "@anthropic-ai/claude-code-linux-x64",
    integrity: "sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==",
  },
  arm64: {
    name: "@anthropic-ai/claude-code-linux-arm64",
    integrity: "sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==",
  },
};

const MOUNT = "/opt/airlock/claude-code";
/** What Claude Code reads as its user's memory, the only one that `--setting-sources=user` leaves it. */
const MEMORY = `${GUEST_ENV.HOME}/.claude/CLAUDE.md`;

export interface ClaudeCodeOptions {
  /** Empty: the pinned version. */
  readonly version: string;
  readonly cacheDirectory: string;
  /** `process.arch` of the sandbox. */
  readonly arch: string;
  /** Gets what the programs say that fetch the package. Default: nobody. */
  readonly log: (line: string) => void;
}

/** Anthropic's CLI. The platform package is one native binary: the sandbox needs neither npm nor a network to run it. */
export function openClaudeCode(options: ClaudeCodeOptions): Agent {
  const version = options.version === "" ? CLAUDE_CODE_VERSION : options.version;
  const { cacheDirectory, log } = options;
  return {
    name: "claude-code",
    version,
    async prepare(): Promise<readonly Layer[]> {
      const fetched = await fetchPackage(choosePackage(options.arch, version), { cacheDirectory, log });
      return [{ name: "claude-code", directory: fetched.directory, mountPath: MOUNT, digest: fetched.digest }];
    },
    launch,
    openReader: () => openStreamJsonReader(),
  };
}

function choosePackage(arch: string, version: string): PinnedPackage {
  const pinned = PINNED[arch];
  if (pinned === undefined) {
    throw new AirlockError("agent.install", {
      message: `Claude Code has no package for the architecture ${arch}.`,
      remedy: `Use a runner with one of: ${Object.keys(PINNED).join(", ")}.`,
    });
  }
  return { name: pinned.name, version, integrity: version === CLAUDE_CODE_VERSION ? pinned.integrity : undefined };
}

/** Its own tools for the web, with the tool of the model's service that each needs. */
const WEB_TOOLS = { WebSearch: "web-search", WebFetch: "web-fetch" } as const;

/** A tool that the gateway would refuse is not offered: the model would try it in vain. */
function disallowTools(allowed: readonly ModelTool[]): readonly string[] {
  const off = Object.entries(WEB_TOOLS).flatMap(([name, tool]) => (allowed.includes(tool) ? [] : [name]));
  return off.length === 0 ? [] : [`--disallowedTools=${off.join(",")}`];
}

/**
 * Permission prompts are off: the sandbox is the boundary. The repository's settings (`--setting-sources user`) and MCP servers
 * (`--strict-mcp-config`) are not read: both could redirect the model traffic or run commands before the first turn. Nor are the CLAUDE.md
 * and AGENTS.md in `/work`, which may be those of a pull request's head: the base's stand in the user's memory (I11).
 */
function launch(request: LaunchRequest): Launch {
  const { settings, maxTurns } = request;
  const argv = [
    `${MOUNT}/claude`,
    "--print",
    "--output-format=stream-json",
    "--verbose",
    "--dangerously-skip-permissions",
    "--setting-sources=user",
    "--strict-mcp-config",
    `--model=${settings.model === "" ? CLAUDE_CODE_MODEL : settings.model}`,
    ...disallowTools(settings.modelTools ?? []),
    ...(maxTurns > 0 ? [`--max-turns=${maxTurns}`] : []),
    ...settings.args,
  ];
  const model: Record<string, string> =
    request.model === undefined ? {} : { ANTHROPIC_BASE_URL: request.model.baseUrl, ANTHROPIC_API_KEY: request.model.surrogate.reveal() };
  const env = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1", ...model };
  const files = request.instructions === "" ? [] : [{ path: MEMORY, content: Buffer.from(request.instructions, "utf8") }];
  return { argv, env, stdin: Buffer.from(request.prompt, "utf8"), files };
}
