// How long a run takes that is not for Airlock, next to the least that any bundled action does: a bundle of @actions/core that reads
// one input and sets one output. Both are started as the runner starts them, in turns; the figures are medians.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAction } from "../test/support/runner/mini-runner.mjs";
import { median, printFigure } from "./shared/figure.ts";

const ROUNDS = 21;
const ROOT = join(import.meta.dirname, "..");

interface Round {
  readonly ms: number;
  readonly peakMib: number;
}

const folder = mkdtempSync(join(tmpdir(), "airlock-bench-"));
try {
  const bare = bundleBare();
  const probe = writeMemoryProbe();
  const rounds = { airlock: [] as Round[], bare: [] as Round[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.airlock.push(await start(join(ROOT, "dist/index.js"), probe));
    rounds.bare.push(await start(bare, probe));
  }
  const compare = (key: keyof Round) => {
    const of = (all: readonly Round[]): number => median(all.map((round) => round[key]));
    return { value: of(rounds.airlock), peer: { name: "bundle of @actions/core alone", value: of(rounds.bare) } };
  };
  printFigure({ name: "skip.time", unit: "ms", ...compare("ms") });
  printFigure({ name: "skip.memory", unit: "MiB", ...compare("peakMib") });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function start(entry: string, probe: string): Promise<Round> {
  const memory = join(folder, "memory");
  const result = await runAction({
    entry,
    eventName: "issues",
    event: {
      action: "labeled",
      issue: { number: 1, state: "open", title: "x", body: "" },
      label: { name: "question" },
      sender: { login: "octo", id: 1, type: "User" },
    },
    apiUrl: "http://127.0.0.1:9",
    inputs: { "github-token": "ghs_test", "anthropic-api-key": "sk-test-000" },
    nodeArgs: ["--import", probe],
    env: { MEMORY_FILE: memory },
  });
  result.dispose();
  if (result.code !== 0 || result.outputs.outcome !== "skipped")
    throw new Error(`the run did not end as skipped: ${result.stdout}${result.stderr}`);
  return { ms: result.ms, peakMib: Number(readFileSync(memory, "utf8")) / 1024 };
}

function bundleBare(): string {
  const source = join(ROOT, ".cache", "bare.mjs");
  writeFileSync(
    source,
    'import { getInput, info, setOutput } from "@actions/core";\ninfo(getInput("prompt"));\nsetOutput("outcome", "skipped");\n',
  );
  const out = join(folder, "bare");
  execFileSync("ncc", ["build", source, "--out", out, "--no-cache", "--quiet", "--no-source-map-register"], { cwd: ROOT, stdio: "ignore" });
  return join(out, "index.mjs");
}

function writeMemoryProbe(): string {
  const probe = join(folder, "probe.mjs");
  writeFileSync(
    probe,
    'import { writeFileSync } from "node:fs";\nprocess.on("exit", () => writeFileSync(process.env.MEMORY_FILE, String(process.resourceUsage().maxRSS)));\n',
  );
  return probe;
}
