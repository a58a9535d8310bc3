import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseDocument } from "yaml";
import { INPUT_NAMES, INPUTS } from "../src/config/inputs.ts";
import { OUTPUTS } from "../src/config/outputs.ts";

const ROOT = join(import.meta.dirname, "..");
const OURS = /^(\.\/|airlock-ci\/airlock(@|$))/;
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: unknown;
  readonly "timeout-minutes"?: number;
}

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = [...globSync(".github/workflows/*.yml", { cwd: ROOT }), ...globSync("examples/*.yml", { cwd: ROOT })].sort();

describe.each(workflows)("%s", (file) => {
  const document = parseDocument(read(file), { uniqueKeys: true });
  const workflow = document.toJS() as Workflow;
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps ?? []);

  test("is YAML without errors or doubled keys", () => {
    expect(document.errors).toEqual([]);
    expect(document.warnings).toEqual([]);
  });

  test("states its permissions, and never all of them", () => {
    for (const job of jobs) expect(job.permissions ?? workflow.permissions).toBeDefined();
    expect(read(file)).not.toMatch(/permissions:\s*(write-all|read-all)/);
  });

  test("pins other people's actions by commit", () => {
    for (const { uses } of steps) if (uses !== undefined && !OURS.test(uses)) expect(uses).toMatch(PINNED);
  });

  test("gives every job a time limit", () => {
    for (const job of jobs) if (job.uses === undefined) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  test("puts no event's text into a shell line", () => {
    for (const { run = "" } of steps) expect(run).not.toMatch(/\$\{\{\s*(github\.(event|head_ref)|inputs\.)/);
  });

  test("gives Airlock only inputs that it has, with values that are legal", () => {
    for (const { uses, with: given = {} } of steps)
      if (uses !== undefined && isAirlock(uses)) for (const [name, value] of Object.entries(given)) checkInput(name, value);
  });
});

describe("action.yml", () => {
  const action = parse(read("action.yml")) as {
    inputs: Record<string, { description: string; default: string }>;
    outputs: Record<string, unknown>;
    runs: unknown;
  };

  test("has exactly the inputs and outputs of the sources", () => {
    expect(Object.keys(action.inputs)).toEqual(INPUT_NAMES);
    expect(Object.keys(action.outputs)).toEqual(Object.keys(OUTPUTS));
    expect(action.runs).toEqual({ using: "node24", main: "dist/index.js", post: "dist/index.js", "post-if": "always()" });
  });

  test("states defaults that are legal", () => {
    for (const [name, { default: value }] of Object.entries(action.inputs)) if (value !== "") checkInput(name, value);
  });
});

describe("README.md", () => {
  const blocks = [...read("README.md").matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);

  test("shows a first workflow of eight lines that can be used as it is", () => {
    expect(blocks[0]?.trim().split("\n").length).toBeLessThanOrEqual(8);
    const { jobs } = parse(blocks[0] ?? "") as Workflow;
    const [step] = Object.values(jobs)[0]?.steps ?? [];
    expect(step?.uses).toMatch(OURS);
    for (const [name, value] of Object.entries(step?.with ?? {})) checkInput(name, value);
  });

  test.each(blocks.map((block, at) => ({ at, block })))("shows YAML that can be read (block $at)", ({ block }) => {
    expect(parseDocument(block).errors).toEqual([]);
  });
});

/** An expression is the runner's to fill in. */
function checkInput(name: string, value: unknown): void {
  expect(INPUT_NAMES).toContain(name);
  const text = String(value).trim();
  if (!text.includes("${{")) expect(INPUTS[name as keyof typeof INPUTS].schema.safeParse(text).success, `${name}: ${text}`).toBe(true);
}

function isAirlock(uses: string): boolean {
  return uses === "./" || uses.startsWith("airlock-ci/airlock@");
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
