import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cacheFolder } from "../../demo/job.ts";
import { openClaudeCode } from "../../src/adapters/agent/claude-code.ts";
import { openCommandAgent } from "../../src/adapters/agent/command.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Agent } from "../../src/ports/agent.ts";
import type { World } from "../../src/ports/world.ts";
import { commented } from "../support/forge/fake-event.ts";
import { openWorld } from "../support/forge/triggered.ts";
import { makeWorkTree, type TreeSpec, type WorkTree } from "../support/forge/work-tree.ts";
import { startAnthropic } from "../support/model/scripted-anthropic.mjs";
import { type JobResult, runJob } from "../support/runner/run-job.ts";

const KEY = "sk-ant-scripted-000";
/** Every way in which an agent may come upon a text: by itself, by an import of the base's, by a path in the sandbox. */
const BASE = {
  "CLAUDE.md":
    "BASE-CLAUDE @docs/style.md @docs/added.md @/work/docs/added.md @~/../../work/docs/added.md\n\n```\n@/work/docs/added.md\n```\n",
  "AGENTS.md": "BASE-AGENTS",
  "docs/style.md": "BASE-STYLE",
  "flag.txt": "false\n",
} satisfies TreeSpec;
const HOSTILE = {
  "CLAUDE.md": "HEAD-CLAUDE",
  "CLAUDE.local.md": "HEAD-LOCAL",
  "AGENTS.md": "HEAD-AGENTS",
  ".claude/CLAUDE.md": "HEAD-FOLDER",
  ".claude/rules/evil.md": "HEAD-RULES",
  ".claude/skills/evil/SKILL.md": "---\nname: evil\ndescription: HEAD-SKILL\n---\n",
  ".claude/agents/evil.md": "---\nname: evil\ndescription: HEAD-SUBAGENT\n---\n",
  ".claude/commands/evil.md": "---\ndescription: HEAD-COMMAND\n---\n",
  ".claude/settings.json": JSON.stringify({
    hooks: { SessionStart: [{ hooks: [{ type: "command", command: "echo HEAD-HOOK; touch /work/hooked" }] }] },
    env: { ANTHROPIC_MODEL: "HEAD-MODEL" },
  }),
  ".mcp.json": JSON.stringify({ mcpServers: { evil: { command: "touch", args: ["/work/served"] } } }),
  "docs/style.md": "HEAD-STYLE",
  "docs/added.md": "HEAD-ADDED",
} satisfies TreeSpec;

interface Told {
  /** Bodies of the agent's requests: the very first is Airlock's own, which tries the credential. */
  readonly requests: readonly string[];
  readonly result: JobResult;
  readonly log: readonly string[];
}

let work: WorkTree;
let commits: { readonly base: string; readonly head: string };

beforeAll(() => {
  work = makeWorkTree(BASE);
  const base = work.commit("base");
  work.write(HOSTILE);
  commits = { base, head: work.commit("head") };
});
afterAll(() => work[Symbol.dispose]());

/** A fix on a pull request whose head is hostile. */
async function fixOn(agent: Agent): Promise<Told> {
  const requests: string[] = [];
  const log: string[] = [];
  await using model = await startAnthropic({
    script: { requireKey: KEY, turns: [{ text: "Done." }] },
    onBody: (body) => void requests.push(body),
  });
  const forge = { ...openWorld({ branches: new Map([["main", commits.base]]) }), remote: { url: work.url, token: new Secret("") } };
  forge.addPull({ number: 7, title: "The flag is wrong", body: "Please mend it.", baseSha: commits.base, headSha: commits.head });
  for (const [path, text] of Object.entries(BASE)) forge.state.files.set(`${commits.base}:${path}`, text);
  for (const [path, text] of Object.entries(HOSTILE)) forge.state.files.set(`${commits.head}:${path}`, text);
  const credential = { kind: "api-key", value: new Secret(KEY, "anthropic-api-key") } as const;
  const world: Partial<World> = {
    agent: () => Promise.resolve(agent),
    model: () => ({ api: "anthropic", baseUrl: model.url, credential, allowedModels: [] }),
  };
  const { name, payload } = commented("/airlock fix", { pull: true });
  const event = { name, payload: { ...payload, comment: { ...payload.comment, created_at: new Date().toISOString() } } };
  const result = await runJob({ forge, event, agent: "", world, onLine: (line) => void log.push(line) });
  return { requests: requests.filter((body) => body.includes('"messages"')).slice(1), result, log };
}

function expectBaseAlone({ requests, result }: Told): void {
  expect(requests[0], JSON.stringify([result.outcome, result.warnings])).toBeDefined();
  for (const word of ["BASE-CLAUDE", "BASE-AGENTS", "BASE-STYLE"]) expect(requests[0]).toContain(word);
  expect(requests.join("\n").match(/HEAD-[A-Z]+/g) ?? []).toEqual([]);
}

describe("I11, S6: the instructions that an agent is given on a pull request with a hostile head", () => {
  test("the first request of the real Claude Code holds the base's, and no request a word of the head's or of what it would load", async () => {
    const options = { version: "", cacheDirectory: join(cacheFolder(), "airlock"), arch: process.arch, log: () => undefined };
    const told = await fixOn(openClaudeCode(options));
    expectBaseAlone(told);
    expect(told.log.join("\n")).toContain(`at commit ${commits.base}: CLAUDE.md, AGENTS.md, docs/style.md.`);
    expect(told.result.record.notes.agent?.ending).toMatchObject({ status: "completed" });
    expect(told.result.record.notes.patch?.changes).toEqual([]);
    expect(told.result.record.notes.task?.instructions?.map(({ path }) => path)).toEqual(["CLAUDE.md", "AGENTS.md", "docs/style.md"]);
  }, 120_000);

  test("the first request of a command that sends what it reads holds the base's, and not a word of the head's", async () => {
    const send = `curl -sS "$ANTHROPIC_BASE_URL/v1/messages" -H "x-api-key: $ANTHROPIC_API_KEY" -H "content-type: application/json" \
      -H "anthropic-version: 2023-06-01" -d "$(node -e 'const text = require("fs").readFileSync(0, "utf8");
      console.log(JSON.stringify({ model: "claude-sonnet-5-5", max_tokens: 9, messages: [{ role: "user", content: text }] }))')"`;
    expectBaseAlone(await fixOn(openCommandAgent({ argv: ["/bin/bash", "-c", send] })));
  }, 60_000);
});
