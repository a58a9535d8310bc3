import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { AirlockError } from "../../../src/domain/errors.ts";
import type { Sandbox, SandboxProvider } from "../../../src/ports/sandbox.ts";
import { requireCompleted } from "../../../src/stages/agent.ts";
import { startAnthropic } from "../../support/model/scripted-anthropic.mjs";
import { runContained } from "../../support/sandbox/contained.ts";
import { countStanding } from "../../support/sandbox/count-standing.ts";
import { openNamespaceProvider } from "../../support/sandbox/namespace-provider.ts";

const TIMEOUT_MS = 90_000;

const ASK = `curl -sS -o /dev/null -w '%{http_code}\\n' -H "x-api-key: $ANTHROPIC_API_KEY" -H 'anthropic-version: 2023-06-01' -H 'content-type: application/json' \
  -d '{"model":"claude-sonnet-5-5","max_tokens":100,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"t","input_schema":{"type":"object"}}]}' "$ANTHROPIC_BASE_URL/v1/messages"`;

/** Passes on the base alone. */
const ONLY_BASE = '[ "$(cat a.txt)" = one ] || { echo no; exit 1; }';

/** The namespace provider with something changed in every sandbox it makes. */
function wrap(change: (sandbox: Sandbox) => Sandbox): SandboxProvider {
  const provider = openNamespaceProvider();
  return { ...provider, create: async (spec) => change(await provider.create(spec)) };
}

describe("what happens between the brackets", { timeout: TIMEOUT_MS }, () => {
  test("the untrusted part of a run ends with the patch of an agent that completed, and with no sandbox left", async () => {
    const run = await runContained({ agent: "echo two >> a.txt; echo new > b.txt" });
    expect(run.failure).toBeUndefined();
    expect(run.contained?.agentExit.status).toBe("completed");
    expect(run.contained?.patch.changes.map((change) => change.path)).toEqual(["a.txt", "b.txt"]);
    expect(run.record.notes.boundary?.proved).toBe(true);
    expect(run.left).toEqual([]);
  });

  test("I18: the untrusted part of a run stops at the wall clock, and keeps the partial patch and the transcript", async () => {
    const run = await runContained({ agent: "echo partial > p.txt; echo at work; sleep 300", settings: { limits: { timeoutMs: 6_000 } } });
    expect(run.contained?.stopped).toMatchObject({ code: "agent.timeout", outcome: "timed-out" });
    expect(run.read("patch.diff")).toContain("+partial");
    expect(run.read("transcript.jsonl")).toContain("at work");
    expect(run.left).toEqual([]);
  });

  test("the untrusted part of a run stops when the job is cancelled, and keeps the partial patch", async () => {
    const cancel = new AbortController();
    const onLine = (line: string): void => {
      if (line.includes("at work")) cancel.abort();
    };
    const run = await runContained({ agent: "echo partial > p.txt; echo at work; sleep 300", cancelled: cancel.signal, onLine });
    expect(run.contained?.stopped).toMatchObject({ code: "run.cancelled", outcome: "cancelled" });
    expect(run.read("patch.diff")).toContain("+partial");
    expect(run.left).toEqual([]);
  });

  test("the untrusted part of a run stops with the reason of whoever does not want the run any more", async () => {
    const stop = new AbortController();
    const reason = new AirlockError("run.cancelled", { message: "The label was removed.", remedy: "Set it again." });
    const onLine = (line: string): void => {
      if (line.includes("at work")) stop.abort(reason);
    };
    const run = await runContained({ agent: "echo at work; sleep 300", stop: stop.signal, onLine });
    expect(run.contained?.stopped).toBe(reason);
  });

  test("I19: the untrusted part of a run stops at the cap on turns with an overrun of at most one request, counted at the gateway", async () => {
    const key = `sk-ant-test-${randomBytes(16).toString("hex")}`;
    const model = await startAnthropic({ script: { requireKey: key, turns: [{ text: "again" }] } });
    try {
      const agent = `echo partial > p.txt; for i in 1 2 3 4 5 6; do ${ASK}; done; sleep 300`;
      const run = await runContained({ agent, model: { url: model.url, key }, settings: { limits: { maxTurns: 2 } } });
      expect(run.contained?.stopped).toMatchObject({ code: "budget.exceeded", outcome: "budget-exceeded" });
      expect(run.record.notes.usage?.turns).toBe(2);
      expect(model.requests.length).toBeLessThanOrEqual(3);
      expect(run.read("patch.diff")).toContain("+partial");
      expect(run.read("agent.log")).not.toContain(key);
    } finally {
      await model.close();
    }
  });

  test.each([
    { key: "max-output-tokens", limits: { maxOutputTokens: 120 }, answered: 3 },
    { key: "max-requests-per-minute", limits: { maxRequestsPerMinute: 2 }, answered: 2 },
  ])("I19: the untrusted part of a run stops at the cap $key of the repository's file", async ({ key: name, limits, answered }) => {
    const key = `sk-ant-test-${randomBytes(16).toString("hex")}`;
    const model = await startAnthropic({ script: { requireKey: key, turns: [{ text: "again" }] } });
    try {
      const agent = `for i in 1 2 3 4 5 6; do ${ASK}; done; sleep 300`;
      const run = await runContained({ agent, model: { url: model.url, key }, settings: { limits } });
      expect(run.contained?.stopped).toMatchObject({
        code: "budget.exceeded",
        message: expect.stringContaining(name),
        remedy: expect.stringContaining(name),
      });
      expect(model.requests).toHaveLength(answered);
    } finally {
      await model.close();
    }
  });

  test("I20: a wrong key ends the run before there is a sandbox", async () => {
    const model = await startAnthropic({ script: { requireKey: "another-key", turns: [{ text: "again" }] } });
    try {
      const run = await runContained({ agent: "true", model: { url: model.url, key: "sk-ant-test-wrong-key" } });
      expect(run.failure).toMatchObject({ code: "model.credential", outcome: "error" });
      expect(run.record.notes.sandbox).toBeUndefined();
      expect(run.left).toEqual([]);
    } finally {
      await model.close();
    }
  });

  test.each([
    { status: 401, type: "authentication_error", ending: "sleep 300", code: "model.credential", outcome: "error" },
    { status: 402, type: "billing_error", ending: "sleep 300", code: "model.credit", outcome: "error" },
    { status: 429, type: "rate_limit_error", ending: "exit 1", code: "model.rate-limited", outcome: "rate-limited" },
  ])(
    "I20: $status of the model's service is told as $code, whatever the agent makes of it",
    async ({ status, type, ending, code, outcome }) => {
      const key = `sk-ant-test-${randomBytes(16).toString("hex")}`;
      const model = await startAnthropic({
        script: { requireKey: key, turns: [{ status, error: type, headers: { "retry-after": "3600" } }] },
      });
      try {
        const agent = `echo partial > p.txt; ${ASK}; ${ending}`;
        const run = await runContained({ agent, model: { url: model.url, key } });
        expect(run.contained?.stopped).toMatchObject({ code, outcome });
        expect(run.read("patch.diff")).toContain("+partial");
        expect(run.record.notes.usage?.retryAt === undefined).toBe(status !== 429);
        expect(model.requests).toHaveLength(1);
      } finally {
        await model.close();
      }
    },
  );

  test("the untrusted part of a run lets the agent ask for no model that the repository's file does not list", async () => {
    const key = `sk-ant-test-${randomBytes(16).toString("hex")}`;
    const model = await startAnthropic({ script: { requireKey: key, turns: [{ text: "fine" }] } });
    try {
      const dearer = ASK.replace("claude-sonnet-5-5", "claude-opus-5-5");
      const settings = { limits: { models: ["claude-sonnet-*"] } };
      const run = await runContained({ agent: `${dearer}; ${ASK}`, model: { url: model.url, key }, settings });
      expect(run.read("agent.log").match(/\b(?:200|403)\b/g)).toEqual(["403", "200"]);
      expect(run.read("egress.jsonl")).toContain('"reason":"model-not-allowed"');
      expect(model.requests).toHaveLength(1);
    } finally {
      await model.close();
    }
  });

  test("I2: the untrusted part of a run gives the agent a surrogate in place of the key", async () => {
    const key = `sk-ant-test-${randomBytes(16).toString("hex")}`;
    const model = await startAnthropic({ script: { requireKey: key, turns: [{ text: "fine" }] } });
    try {
      const run = await runContained({ agent: `${ASK}; env > env.txt`, model: { url: model.url, key } });
      expect(run.read("agent.log")).toContain("200");
      expect(run.read("patch.diff")).toContain("ANTHROPIC_API_KEY=");
      expect(run.read("patch.diff")).not.toContain(key);
    } finally {
      await model.close();
    }
  });

  test("the untrusted part of a run does not call the work of an agent complete that ended with an error", async () => {
    const run = await runContained({ agent: "echo half > a.txt; exit 3" });
    expect(run.contained?.agentExit.status).toBe("failed");
    expect(() => requireCompleted(run.contained as NonNullable<typeof run.contained>)).toThrow(/exit code 3/);
    expect(run.read("patch.diff")).toContain("+half");
  });

  test("I21: verifies in a fresh sandbox without network or key, and lets the agent try again with what failed", async () => {
    const agent = `if [ -e first ]; then cat > seen.txt; echo right > a.txt; else touch first; echo wrong > a.txt; fi`;
    const commands =
      "env | grep -ciE 'api_key|proxy' > /tmp/leaks || true\n[ \"$(cat /tmp/leaks)\" = 0 ]\n! timeout 2 bash -c 'echo > /dev/tcp/127.0.0.1/3128'\necho saw $(cat a.txt)\n! grep -q wrong a.txt";
    const run = await runContained({ agent, settings: { verification: { commands } } });
    expect(run.contained?.verification).toMatchObject({ outcome: "passed" });
    expect(run.read("patch.diff")).toContain("saw wrong");
    expect(run.left).toEqual([]);
  });

  test("the untrusted part of a run ends with the last verification when the agent does not get it right", async () => {
    const run = await runContained({
      agent: "date +%N > a.txt",
      settings: { verification: { commands: ONLY_BASE, verifyAttempts: 1 } },
    });
    expect(run.contained?.verification).toMatchObject({ outcome: "failed" });
    expect(run.record.stageRuns.filter((stageRun) => stageRun.stage === "verify")).toHaveLength(2);
    const [base, ...rounds] = run.record.notes.verification?.rounds ?? [];
    expect(base).toMatchObject({ judged: "base", passed: true });
    expect(rounds.map(({ passed, exitCode, output }) => [passed, exitCode, output])).toEqual(Array(2).fill([false, 1, "no"]));
    expect(new Set(rounds.map(({ tree }) => tree)).size).toBe(2);
    const [agents, ...judges] = run.record.sandboxes;
    expect(agents).toMatchObject({ purpose: "agent", provider: "microvm", boundary: { proved: true }, layers: [] });
    expect(judges.map(({ id, purpose }) => [id, purpose])).toEqual(rounds.map(({ sandbox }) => [sandbox, "verify"]));
  });

  test("ends the agent's sandbox before the only verification where the machine has memory for one at a time", async () => {
    const { provider, sizes, most } = countStanding(openNamespaceProvider({ room: { memoryMib: 1_900, freeMib: 3_200, usualMib: 2_048 } }));
    const settings = { verification: { commands: ONLY_BASE, verifyAttempts: 2 } };
    const run = await runContained({ agent: "date +%N > a.txt", provider, settings });
    expect(run.failure).toBeUndefined();
    expect(run.contained?.verification).toMatchObject({ outcome: "failed" });
    expect(run.record.notes.verification?.rounds?.map(({ judged }) => judged)).toEqual(["base", "patch"]);
    expect(most()).toBe(1);
    expect(sizes).toEqual([1_900, 1_900]);
    expect(run.left).toEqual([]);
  });

  test("I3: the untrusted part of a run does not start the agent when a way out is open, or was not tried", async () => {
    for (const attempts of [[{ name: "tcp", result: "open" as const, detail: "answered" }], []]) {
      const provider = wrap((sandbox) => ({
        ...sandbox,
        probe: () => Promise.resolve({ attempts }),
        [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
      }));
      const run = await runContained({ agent: "touch started", provider });
      expect(run.failure).toMatchObject({ code: "egress.unproved" });
      expect(run.record.stageRuns.map((stageRun) => stageRun.stage)).toEqual(["sandbox"]);
      expect(run.record.sandboxes).toMatchObject([{ purpose: "agent", boundary: { proved: false } }]);
      expect(run.left).toEqual([]);
    }
  });

  test("the untrusted part of a run ends as provider-failed when the sandbox goes away under the agent", async () => {
    let opened: Sandbox | undefined;
    const provider = wrap((sandbox) => {
      opened = sandbox;
      return sandbox;
    });
    const onLine = (line: string): void => {
      if (line.includes("at work")) void opened?.[Symbol.asyncDispose]();
    };
    const run = await runContained({ agent: "echo at work; sleep 300", provider, onLine });
    expect(run.failure).toMatchObject({ outcome: "provider-failed" });
    expect(run.read("transcript.jsonl")).toContain("at work");
  });

  test("the run's own variables reach set-up and agent, over those of the gateway", async () => {
    const PATH = "/home/agent/.local/bin:/usr/bin:/bin";
    const setup =
      'mkdir -p ~/.local/bin; printf "#!/bin/sh\\necho from the tool of $MARK > tool.txt\\n" > ~/.local/bin/tool; chmod +x ~/.local/bin/tool';
    const run = await runContained({
      agent: "tool; echo $NO_PROXY > no-proxy.txt",
      settings: { sandbox: { setup, env: { PATH, MARK: "set-up", NO_PROXY: "x" } } },
    });
    expect(run.failure).toBeUndefined();
    expect(run.read("patch.diff")).toContain("+from the tool of set-up");
    expect(run.read("patch.diff")).toMatch(/no-proxy\.txt[\s\S]*\+x\n/);
  });

  test("I7: the untrusted part of a run says which setup lines failed, before the agent starts, and leaves no sandbox", async () => {
    const run = await runContained({ agent: "touch started", settings: { sandbox: { setup: "echo preparing\nfalse" } } });
    expect(run.failure).toMatchObject({ code: "sandbox.setup" });
    expect((run.failure as Error).message).toContain("preparing");
    expect(run.left).toEqual([]);
  });
});

test("the agent finds its tools' settings in its own home, and what the image has there stays", async () => {
  const provider = openNamespaceProvider();
  const own = Buffer.from("org.gradle.jvmargs=-Xmx1g\n");
  const furnished: SandboxProvider = {
    ...provider,
    async create(spec) {
      const sandbox = await provider.create(spec);
      await sandbox.writeFiles([{ path: "/home/agent/.gradle/gradle.properties", content: own, owner: "agent" }]);
      return sandbox;
    },
  };
  const agent =
    "cp ~/.m2/settings.xml m2.txt; cp ~/.gradle/gradle.properties gradle.txt; mkdir ~/.m2/repository && touch ~/.m2/settings.xml";
  const run = await runContained({ agent, provider: furnished });
  expect(run.failure).toBeUndefined();
  expect(run.contained?.agentExit.status).toBe("completed");
  expect(run.read("patch.diff")).toContain("<host>127.0.0.1</host><port>3128</port>");
  expect(run.read("patch.diff")).toContain(`+${own.toString().trim()}`);
  expect(run.read("patch.diff")).not.toContain("systemProp");
});
