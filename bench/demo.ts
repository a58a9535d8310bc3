// The whole demo, the agent's first model request after boot, and the runner process's memory, next to the same agent with the same
// scripted model started directly on this machine, without any sandbox: what the boundary costs, end to end.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeEvent } from "../demo/event.ts";
import { cacheFolder, type DemoWorld, ROOT, runJob, startWorld } from "../demo/job.ts";
import { parseOptions } from "../demo/options.ts";
import { CLAUDE_CODE_MODEL, openClaudeCode } from "../src/adapters/agent/claude-code.ts";
import { printFigure } from "./shared/figure.ts";

const PEER = "the same agent without a sandbox";
const POLL_MS = 100;
const TURNS = (JSON.parse(readFileSync(join(ROOT, "demo", "turns.json"), "utf8")) as { turns: object[] }).turns;

await using world = await startWorld({ repo: undefined, turns: TURNS });
await measureDemo(); // fills the caches
const own = await measureDemo();
const direct = await measureDirect();
printFigure({ name: "demo.time", unit: "ms", value: own.ms, peer: { name: PEER, value: direct.ms } });
printFigure({
  name: "demo.first-model-request",
  unit: "ms",
  value: own.firstRequestMs,
  peer: { name: PEER, value: direct.firstRequestMs },
});
printFigure({ name: "demo.runner-memory", unit: "MiB", value: own.peakMib, peer: { name: PEER, value: direct.peakMib } });

interface Figures {
  readonly ms: number;
  /** From the agent's start. */
  readonly firstRequestMs: number;
  readonly peakMib: number;
}

async function measureDemo(): Promise<Figures> {
  const event = await makeEvent(parseOptions([]), world.standIn, join(ROOT, "demo"));
  let memory = { peakMib: () => 0, stop: (): void => undefined };
  let agentAt = 0;
  const watch = watchRequests(world);
  const result = await runJob({
    world,
    event,
    inputs: { provider: "microvm" },
    onStart: (pid) => {
      if (agentAt === 0 && memory.peakMib() === 0) memory = watchMemory(pid);
    },
    onLine: (line) => {
      if (line.startsWith("::group::agent")) agentAt = performance.now();
    },
  });
  memory.stop();
  watch.stop();
  if (result.outputs["conclusion"] !== "success") throw new Error(`the demo did not publish: ${result.stdout}`);
  result.dispose();
  return { ms: result.ms, firstRequestMs: watch.firstAt() - agentAt, peakMib: memory.peakMib() };
}

async function measureDirect(): Promise<Figures> {
  const agent = openClaudeCode({ version: "", cacheDirectory: join(cacheFolder(), "airlock"), arch: process.arch, log: () => undefined });
  const [layer] = await agent.prepare();
  const folder = mkdtempSync(join(tmpdir(), "airlock-bench-"));
  try {
    const work = join(folder, "work");
    execFileSync("git", ["clone", "--quiet", world.target.bare, work]);
    const watch = watchRequests(world);
    const startedAt = performance.now();
    const argv = [
      "--print",
      "--output-format=stream-json",
      "--verbose",
      "--dangerously-skip-permissions",
      `--model=${CLAUDE_CODE_MODEL}`,
      "Fix it.",
    ];
    const env = {
      PATH: `${join(ROOT, "node_modules", ".bin")}:/usr/bin:/bin`,
      HOME: folder,
      IS_SANDBOX: "1",
      ANTHROPIC_BASE_URL: world.model?.url ?? "",
      ANTHROPIC_API_KEY: world.model?.key ?? "",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    };
    const child = spawn(join(layer?.directory ?? "", "claude"), argv, { cwd: work, env, stdio: "ignore" });
    const memory = watchMemory(child.pid ?? 0);
    const code = await new Promise((done) => child.on("close", done));
    memory.stop();
    watch.stop();
    if (code !== 0) throw new Error(`the agent ended with ${String(code)}`);
    return { ms: performance.now() - startedAt, firstRequestMs: watch.firstAt() - startedAt, peakMib: memory.peakMib() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function watchRequests({ model }: DemoWorld): { firstAt: () => number; stop: () => void } {
  const before = model?.requests.length ?? 0;
  let first = 0;
  const timer = setInterval(() => {
    if (first === 0 && (model?.requests.length ?? 0) > before) first = performance.now();
  }, 5);
  return { firstAt: () => first, stop: () => clearInterval(timer) };
}

/** Peak resident memory of one process, as the kernel counts it. */
function watchMemory(pid: number): { peakMib: () => number; stop: () => void } {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
    } catch {
      clearInterval(timer);
    }
  }, POLL_MS);
  return { peakMib: () => peak, stop: () => clearInterval(timer) };
}
