import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { CLAUDE_CODE_VERSION, openClaudeCode } from "../../../../src/adapters/agent/claude-code.ts";
import { openCommandAgent } from "../../../../src/adapters/agent/command.ts";
import type { ModelTool } from "../../../../src/domain/model-tools.ts";
import { Secret } from "../../../../src/domain/secret.ts";
import type { LaunchRequest } from "../../../../src/ports/agent.ts";

const MODEL = { api: "anthropic", baseUrl: "http://127.0.0.1:3129", surrogate: new Secret("surrogate-1") } as const;

function request(given: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    prompt: "Fix it; $(rm -rf /)\n--model=evil",
    instructions: "",
    settings: { version: "", args: [], command: [], model: "" },
    maxTurns: 0,
    model: MODEL,
    ...given,
  };
}

describe("how Claude Code is started", () => {
  const agent = openClaudeCode({ version: "", cacheDirectory: "/nonexistent", arch: "x64", log: () => undefined });

  test("I11: Claude Code reads no settings and no MCP servers that the repository carries", () => {
    const { argv } = agent.launch(request());
    expect(argv).toContain("--setting-sources=user");
    expect(argv).toContain("--strict-mcp-config");
  });

  test("Claude Code gets the prompt on standard input, where it is never an argument", () => {
    const { argv, stdin } = agent.launch(request());
    expect(Buffer.from(stdin).toString()).toContain("$(rm -rf /)");
    expect(argv.join("\n")).not.toContain("rm -rf");
    expect(argv).not.toContain("--model=evil");
  });

  test("I11: Claude Code gets the repository's instructions as its user's memory, outside the work tree, and nothing else beside them", () => {
    const { files } = agent.launch(request({ instructions: "Run the tests." }));
    expect(files.map(({ path, content }) => [path, Buffer.from(content).toString()])).toEqual([
      ["/home/agent/.claude/CLAUDE.md", "Run the tests."],
    ]);
    expect(agent.launch(request()).files).toEqual([]);
  });

  test("always names its model and, when there is a limit, its turns", () => {
    expect(agent.launch(request()).argv.some((arg) => arg.startsWith("--model=claude-"))).toBe(true);
    const settings = { ...request().settings, model: "claude-opus-5-5" };
    expect(agent.launch(request({ settings, maxTurns: 7 })).argv).toEqual(
      expect.arrayContaining(["--model=claude-opus-5-5", "--max-turns=7"]),
    );
  });

  test("I23: Claude Code is offered its own tools for the web only where the workflow names what they need", () => {
    const argvWith = (...modelTools: readonly ModelTool[]): readonly string[] =>
      agent.launch(request({ settings: { ...request().settings, modelTools } })).argv;
    expect(agent.launch(request()).argv).toContain("--disallowedTools=WebSearch,WebFetch");
    expect(argvWith("web-search")).toContain("--disallowedTools=WebFetch");
    expect(argvWith("web-search", "web-fetch").join(" ")).not.toContain("disallowedTools");
  });

  test("I2: Claude Code holds the surrogate and nothing else that opens the model's service", () => {
    expect(agent.launch(request()).env).toMatchObject({ ANTHROPIC_BASE_URL: MODEL.baseUrl, ANTHROPIC_API_KEY: "surrogate-1" });
  });

  test("Claude Code is the pinned version unless another is named", () => {
    expect(agent.version).toBe(CLAUDE_CODE_VERSION);
    expect(openClaudeCode({ version: "2.1.0", cacheDirectory: "/nonexistent", arch: "x64", log: () => undefined }).version).toBe("2.1.0");
  });

  test("Claude Code has no package for a processor that it does not know", async () => {
    await expect(
      openClaudeCode({ version: "", cacheDirectory: "/nonexistent", arch: "mips", log: () => undefined }).prepare(),
    ).rejects.toMatchObject({
      code: "agent.install",
    });
  });
});

describe("a command as the agent", () => {
  test("a command as the agent is run as given, with the prompt on standard input", () => {
    const settings = { ...request().settings, args: ["--more"] };
    const launch = openCommandAgent({ argv: ["/bin/true", "a b"] }).launch(request({ settings }));
    expect(launch.argv).toEqual(["/bin/true", "a b", "--more"]);
    expect(Buffer.from(launch.stdin).toString()).toContain("Fix it");
  });

  test("I11: a command as the agent gets the repository's instructions behind the prompt", () => {
    const { stdin } = openCommandAgent({ argv: ["x"] }).launch(request({ prompt: "Fix it.", instructions: "Run the tests." }));
    expect(Buffer.from(stdin).toString()).toBe("Fix it.\nRun the tests.");
  });

  test.each([
    ["anthropic", "ANTHROPIC_BASE_URL", "http://127.0.0.1:3129", "ANTHROPIC_API_KEY"],
    ["openai", "OPENAI_BASE_URL", "http://127.0.0.1:3129/v1", "OPENAI_API_KEY"],
    ["gemini", "GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:3129", "GEMINI_API_KEY"],
  ] as const)("a command as the agent finds the model service of %s by the variables that its SDKs read", (api, url, value, key) => {
    const { env } = openCommandAgent({ argv: ["x"] }).launch(request({ model: { ...MODEL, api } }));
    expect(env).toEqual({ [url]: value, [key]: "surrogate-1" });
  });

  test("a command as the agent is judged by its exit code, the only sign it gives", () => {
    const reader = openCommandAgent({ argv: ["x"] }).openReader();
    reader.read("last words");
    expect(reader.end({ code: 0, signal: null })).toMatchObject({ status: "completed", message: "last words" });
    expect(reader.end({ code: 2, signal: null })).toMatchObject({ status: "failed" });
    expect(reader.end({ code: null, signal: "SIGKILL" })).toMatchObject({ status: "failed" });
  });
});
