import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxProvider, SandboxSpec } from "../../../src/ports/sandbox.ts";
import { startAnthropic } from "../../support/model/scripted-anthropic.mjs";
import { altered } from "../../support/runner/ending-runs.ts";
import { type ContainedRun, runContained } from "../../support/sandbox/contained.ts";
import { openNamespaceProvider } from "../../support/sandbox/namespace-provider.ts";

const TIMEOUT_MS = 90_000;

/** A project that ignores what its set-up makes, and cannot be tested without it. */
const PROJECT = { ".gitignore": "vendor/\n", "a.txt": "wrong\n", "test.sh": ". vendor/expect.sh && expect right a.txt\n" };
const SETUP = `mkdir -p vendor\necho 'expect() { grep -qx "$1" "$2"; }' > vendor/expect.sh`;
const FIX = "echo right > a.txt";

function rounds({ record }: ContainedRun) {
  return (record.notes.verification?.rounds ?? []).map(({ judged, step, passed, exitCode }) => ({ judged, step, passed, exitCode }));
}

function stages({ record }: ContainedRun): readonly string[] {
  return record.stageRuns.map(({ stage }) => stage);
}

/** The sandboxes of verification with something changed. */
function judging(change: (sandbox: Sandbox, spec: SandboxSpec) => Partial<Sandbox>): SandboxProvider {
  const inner = openNamespaceProvider();
  return {
    ...inner,
    async create(spec) {
      const sandbox = await inner.create(spec);
      return spec.purpose === "verify" ? altered(sandbox, change(sandbox, spec)) : sandbox;
    },
  };
}

describe("verification", { timeout: TIMEOUT_MS }, () => {
  test("I21: a project whose tests need what `setup` made is red before the fix and green after it", async () => {
    const run = await runContained({
      agent: FIX,
      files: PROJECT,
      settings: { sandbox: { setup: SETUP }, verification: { commands: "sh test.sh" } },
    });
    expect(run.failure).toBeUndefined();
    expect(run.contained?.verification).toMatchObject({ outcome: "passed", ownInstall: false });
    expect(rounds(run)).toEqual([
      { judged: "base", step: undefined, passed: false, exitCode: 1 },
      { judged: "patch", step: "verify", passed: true, exitCode: 0 },
    ]);
    expect(run.record.sandboxes[1]).toMatchObject({ purpose: "verify", boundary: { proved: true }, closed: { proved: true } });
    expect(run.left).toEqual([]);
  });

  test("I21: what `setup` left running is gone before anything is judged", async () => {
    const setup =
      "setsid sh -c 'while :; do : > /tmp/alive; sleep 0.05; done' > /dev/null 2>&1 &\nuntil [ -e /tmp/alive ]; do sleep 0.05; done";
    const commands = "rm -f /tmp/alive\nsleep 0.5\ntest ! -e /tmp/alive";
    const run = await runContained({ agent: FIX, settings: { sandbox: { setup }, verification: { commands } } });
    expect(run.contained?.verification?.outcome).toBe("passed");
    expect(rounds(run).map(({ passed }) => passed)).toEqual([true, true]);
  });

  test("I21: the set-up of a verification finds neither the model's service nor a key of it", async () => {
    const key = `sk-ant-test-${randomBytes(16).toString("hex")}`;
    const model = await startAnthropic({ script: { requireKey: key, turns: [{ text: "fine" }] } });
    try {
      const setup = [
        `curl -sS -o /dev/null -w '%{http_code}' --noproxy '' -x http://127.0.0.1:3128 '${model.url}/v1/messages' > /tmp/by-proxy || true`,
        "if (echo > /dev/tcp/127.0.0.1/3129) 2> /dev/null; then echo open; else echo closed; fi > /tmp/listener",
        "env > /tmp/env",
      ].join("\n");
      const commands =
        "cat /tmp/by-proxy /tmp/listener\ngrep -c -i -E 'anthropic|api_key|sk-ant' /tmp/env && exit 1\ngrep -qx closed /tmp/listener && grep -qx 403 /tmp/by-proxy";
      const run = await runContained({
        agent: FIX,
        model: { url: model.url, key },
        settings: { sandbox: { setup }, verification: { commands } },
      });
      expect(
        run.record.notes.verification?.rounds?.map(({ passed }) => passed),
        run.record.notes.verification?.output,
      ).toEqual([true, true]);
      expect(model.requests).toEqual([]);
    } finally {
      await model.close();
    }
  });

  test("commands that fail on the base and after the patch alike are `base-fails`, and the agent is not asked again", async () => {
    const commands = "curl -sS --max-time 5 http://example.com/";
    const run = await runContained({ agent: FIX, settings: { sandbox: { setup: "true" }, verification: { commands } } });
    expect(run.contained?.verification?.outcome).toBe("base-fails");
    expect(rounds(run).map(({ judged, passed }) => [judged, passed])).toEqual([
      ["base", false],
      ["patch", false],
    ]);
    expect(stages(run)).toEqual(["sandbox", "agent", "harvest", "verify"]);
  });

  test("set-up lines that fail on the base in the sandbox of a verification count against the base, not the patch", async () => {
    let setups = 0;
    const provider = judging((sandbox) => ({
      exec: (command) => {
        const isFirst = command.argv.at(-1) === "true" && setups++ === 0;
        return sandbox.exec(isFirst ? { ...command, argv: ["/bin/sh", "-c", "echo no registry; exit 9"] } : command);
      },
    }));
    const run = await runContained({ agent: FIX, provider, settings: { sandbox: { setup: "true" }, verification: { commands: "false" } } });
    expect(run.contained?.verification?.outcome).toBe("base-fails");
    expect(rounds(run)[0]).toEqual({ judged: "base", step: "setup", passed: false, exitCode: 9 });
  });

  test("I21: the run stops when the sandbox of a verification is not proved closed", async () => {
    const provider = judging((sandbox) => ({
      async probe(request) {
        const { attempts } = await sandbox.probe(request);
        return { attempts: attempts.map((attempt) => (attempt.name === "gateway" ? { ...attempt, result: "open" as const } : attempt)) };
      },
    }));
    const run = await runContained({ agent: FIX, provider, settings: { sandbox: { setup: "true" }, verification: { commands: "true" } } });
    expect(run.failure).toMatchObject({ code: "egress.unproved", message: expect.stringContaining("not proved closed") });
    expect(run.record.notes.verification).toBeUndefined();
    expect(run.record.sandboxes[1]).toMatchObject({ closed: { proved: false } });
    expect(run.read("patch.diff")).toContain("+right");
    expect(run.left).toEqual([]);
  });

  test("what the patch's lockfile asks for is installed, from the configured registries alone", async () => {
    const files = { ".gitignore": "vendor/\n", "package-lock.json": "old\n", "a.txt": "one\n" };
    const setup = "mkdir -p vendor\ncp package-lock.json vendor/installed\ncurl -sS -o /dev/null http://files.airlock.example/ || true";
    const run = await runContained({
      agent: "echo new > package-lock.json",
      files,
      settings: {
        sandbox: { setup },
        network: { allow: "files.airlock.example" },
        verification: { commands: "cmp package-lock.json vendor/installed" },
      },
    });
    expect(run.contained?.verification).toMatchObject({ outcome: "passed", ownInstall: true });
    const asked = run
      .read("egress.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const reasons = asked
      .filter(({ host }) => host === "files.airlock.example")
      .map(({ phase, rule, reason }) => ({ phase, rule, reason }));
    expect(reasons).toHaveLength(3);
    expect(reasons.slice(0, 2).every(({ phase, rule }) => phase === "sandbox" && rule === "files.airlock.example")).toBe(true);
    expect(reasons[2]).toMatchObject({ phase: "verify", reason: "default-deny" });
  });

  test("what `setup` made is there again where the tree does not ignore it", async () => {
    const { ".gitignore": _, ...files } = PROJECT;
    const setup = `${SETUP}\necho '*' > vendor/.gitignore`;
    const run = await runContained({ agent: FIX, files, settings: { sandbox: { setup }, verification: { commands: "sh test.sh" } } });
    expect(run.contained?.patch.changes.map(({ path }) => path)).toEqual(["a.txt"]);
    expect(run.contained?.verification).toMatchObject({ outcome: "passed", ownInstall: true });
  });

  test("I21: no round of verification sees what an earlier round's patch left", async () => {
    const agent = "if [ -e first ]; then rm first; echo right > a.txt; else touch first; echo wrong > a.txt; fi";
    const commands = '[ ! -e ~/left ]\n[ "$(cat a.txt)" = one ] && exit 0\ntouch ~/left\ngrep -q right a.txt';
    const run = await runContained({ agent, settings: { verification: { commands } } });
    expect(rounds(run).map(({ judged, passed }) => [judged, passed])).toEqual([
      ["base", true],
      ["patch", false],
      ["patch", true],
    ]);
  });

  test("the agent's next turn gets the whole task again, its work so far and what the commands said", async () => {
    const agent = "if [ -e first ]; then cat > seen.txt; rm first; echo right > a.txt; else touch first; echo wrong > a.txt; fi";
    const commands = '[ "$(cat a.txt)" = one ] && exit 0\necho "saw $(cat a.txt)" >&2\ngrep -q right a.txt';
    const run = await runContained({ agent, settings: { verification: { commands } } });
    const seen = run.read("patch.diff");
    for (const part of ["+Do it.", "++wrong", "+saw wrong", "exit code 1", "grep -q right a.txt"]) expect(seen).toContain(part);
    expect(run.contained?.verification?.outcome).toBe("passed");
  });

  test("everything up to the base's verdict goes on while the agent works", async () => {
    let agentSandbox: Sandbox | undefined;
    const inner = openNamespaceProvider();
    const provider: SandboxProvider = {
      ...inner,
      async create(spec) {
        const sandbox = await inner.create(spec);
        if (spec.purpose === "agent") agentSandbox = sandbox;
        if (spec.purpose === "agent") return sandbox;
        const exec: Sandbox["exec"] = async (command) => {
          const result = await sandbox.exec(command);
          await agentSandbox?.writeFiles([{ path: "/home/agent/judged", content: new Uint8Array(), owner: "root" }]);
          return result;
        };
        return altered(sandbox, { exec });
      },
    };
    const agent = `until [ -e /home/agent/judged ]; do sleep 0.1; done; ${FIX}`;
    const run = await runContained({ agent, provider, settings: { verification: { commands: "grep -q right a.txt" } } });
    expect(run.contained?.verification?.outcome).toBe("passed");
  });

  test("a sandbox that was prepared for nothing is gone with the run", async () => {
    const run = await runContained({ agent: "true", settings: { sandbox: { setup: "true" }, verification: { commands: "true" } } });
    expect(run.contained?.patch.changes).toEqual([]);
    expect(run.contained?.verification).toBeUndefined();
    expect(run.left).toEqual([]);
  });

  test("`verify: auto` judges by the base's own test command, and says when a program is missing", async () => {
    const files = { "package.json": JSON.stringify({ scripts: { test: "no-such-runner" } }), "a.txt": "one\n" };
    const run = await runContained({ agent: FIX, files, settings: { verification: { commands: "auto" } } });
    expect(run.record.notes.verification).toMatchObject({ commands: "npm test" });
    expect(run.contained?.verification?.outcome).toBe("base-fails");
    expect(run.record.notes.verification?.rounds).toMatchObject([
      { exitCode: 127, lacksProgram: true },
      { exitCode: 127, lacksProgram: true },
    ]);
  });

  test.each([
    ["auto", "No test command was found at the base."],
    ["none", "`verify` turns it off."],
  ])("`verify: %s` on a project without tests verifies nothing and says why", async (commands, reason) => {
    const run = await runContained({ agent: FIX, settings: { verification: { commands } } });
    expect(run.contained?.verification).toBeUndefined();
    expect(run.record.notes.verification).toEqual({ outcome: "none", reason });
    expect(run.record.sandboxes).toHaveLength(1);
  });
});
