import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../src/domain/version.ts";
import { findTests } from "../tooling/generate/invariants.ts";

const ROOT = join(import.meta.dirname, "..");
const BIOME = join(ROOT, "node_modules/.bin/biome");

interface Planted {
  readonly file: string;
  readonly source: string;
  /** Rule that has to go red, or undefined where nothing may. */
  readonly rule: string | undefined;
}

/** From a file, one import that its arrow forbids. */
const FORBIDDEN: readonly (readonly [file: string, specifier: string])[] = [
  ["src/domain/planted.ts", "../ports/forge.ts"],
  ["src/domain/planted.ts", "../run.ts"],
  ["src/domain/planted.ts", "node:fs"],
  ["src/domain/planted.ts", "zod"],
  ["src/domain/part/planted.ts", "../../ports/forge.ts"],
  ["src/ports/planted.ts", "../stages/gate.ts"],
  ["src/ports/planted.ts", "node:http"],
  ["src/stages/planted.ts", "./gate.ts"],
  ["src/stages/planted.ts", "../config/load.ts"],
  ["src/stages/planted.ts", "../gateway/tunnel.ts"],
  ["src/stages/planted.ts", "../adapters/forge/github.ts"],
  ["src/stages/planted.ts", "node:fs"],
  ["src/stages/part/planted.ts", "../gate.ts"],
  ["src/config/planted.ts", "../ports/forge.ts"],
  ["src/config/planted.ts", "yaml"],
  ["src/config/planted.ts", "node:fs"],
  ["src/gateway/planted.ts", "../stages/gate.ts"],
  ["src/gateway/planted.ts", "../adapters/forge/github.ts"],
  ["src/gateway/planted.ts", "../config/load.ts"],
  ["src/gateway/planted.ts", "../compose.ts"],
  ["src/gateway/planted.ts", "e2b"],
  ["src/wire/planted.ts", "../domain/errors.ts"],
  ["src/wire/planted.ts", "../guest/main.ts"],
  ["src/guest/planted.ts", "../domain/errors.ts"],
  ["src/guest/planted.ts", "zod"],
  ["src/guest/part/planted.ts", "../../ports/sandbox.ts"],
  ["src/adapters/sandbox/planted.ts", "../../stages/gate.ts"],
  ["src/adapters/sandbox/planted.ts", "../../gateway/tunnel.ts"],
  ["src/adapters/sandbox/planted.ts", "../../config/load.ts"],
  ["src/adapters/sandbox/planted.ts", "../../compose.ts"],
  ["src/adapters/sandbox/planted.ts", "../forge/github.ts"],
  ["src/adapters/sandbox/planted.ts", "e2b"],
  ["src/adapters/sandbox/microvm/planted.ts", "../e2b.ts"],
  ["src/adapters/sandbox/microvm/planted.ts", "../e2b/carrier.ts"],
  ["src/adapters/sandbox/microvm/planted.ts", "@actions/core"],
  ["src/adapters/sandbox/e2b/planted.ts", "@actions/core"],
  ["src/adapters/agent/planted.ts", "@actions/exec"],
  ["src/adapters/forge/planted.ts", "e2b"],
  ["src/adapters/runner/planted.ts", "@actions/github"],
  ["src/adapters/repository/planted.ts", "@actions/github"],
  ["src/run.ts", "./adapters/forge/github.ts"],
  ["src/review-run.ts", "./run.ts"],
  ["src/review-run.ts", "./adapters/forge/github.ts"],
  ["src/run.ts", "./config/load.ts"],
  ["src/run.ts", "./compose.ts"],
  ["src/run.ts", "./main.ts"],
  ["src/contain.ts", "./gateway/tunnel.ts"],
  ["src/reap.ts", "./stages/gate.ts"],
  ["src/reap.ts", "./adapters/sandbox/microvm/provider.ts"],
  ["src/compose.ts", "./stages/gate.ts"],
  ["src/compose.ts", "./run.ts"],
  ["src/main.ts", "./adapters/forge/github.ts"],
  ["src/main.ts", "./gateway/tunnel.ts"],
  ["src/main.ts", "./stages/gate.ts"],
  ["src/main.ts", "./stages/report.ts"],
  ["src/publish-main.ts", "./compose.ts"],
  ["src/publish-main.ts", "./gateway/tunnel.ts"],
  ["src/publish-main.ts", "./stages/gate.ts"],
  ["src/publish-main.ts", "./adapters/sandbox/microvm/provider.ts"],
  ["src/step.ts", "./stages/gate.ts"],
  ["src/step.ts", "./config/load.ts"],
  ["src/step.ts", "./adapters/runner/actions.ts"],
];

/** From a file, one import that its arrow allows: what is forbidden is not everything. */
const ALLOWED: readonly (readonly [file: string, specifier: string])[] = [
  ["src/domain/allowed.ts", "node:crypto"],
  ["src/ports/allowed.ts", "../domain/errors.ts"],
  ["src/stages/allowed.ts", "../ports/forge.ts"],
  ["src/config/allowed.ts", "zod"],
  ["src/gateway/allowed.ts", "node:http2"],
  ["src/wire/allowed.ts", "node:stream"],
  ["src/guest/allowed.ts", "../wire/tunnel.ts"],
  ["src/adapters/sandbox/microvm/allowed.ts", "../shared/label.ts"],
  ["src/adapters/sandbox/e2b/allowed.ts", "e2b"],
  ["src/adapters/forge/allowed.ts", "@actions/github"],
  ["src/adapters/runner/allowed.ts", "@actions/core"],
];

const HABITS: readonly Planted[] = [
  { file: "src/domain/habit-default.ts", source: "export default 1;\n", rule: "noDefaultExport" },
  { file: "src/domain/habit-enum.ts", source: 'export enum Colour {\n  Red = "red",\n}\n', rule: "noEnum" },
  { file: "src/domain/habit-any.ts", source: "export const value: any = 1;\n", rule: "noExplicitAny" },
  { file: "src/domain/habit-ignore.ts", source: "// @ts-ignore\nexport const value: number = 1;\n", rule: "noTsIgnore" },
  {
    file: "src/domain/habit-barrel.ts",
    source: 'export * from "./errors.ts";\nexport { OUTCOMES } from "./outcome.ts";\n',
    rule: "noBarrelFile",
  },
  { file: "src/domain/habitName.ts", source: "export const value = 1;\n", rule: "useFilenamingConvention" },
  { file: "src/domain/habit-env.ts", source: "export const value = process.env.HOME;\n", rule: "noProcessEnv" },
  {
    file: "src/gateway/habit-floating.ts",
    source: "async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n",
    rule: "noFloatingPromises",
  },
  {
    file: "src/domain/habit-long-file.ts",
    source: Array.from({ length: 301 }, (_, at) => `export const value${at} = ${at};\n`).join(""),
    rule: "noExcessiveLinesPerFile",
  },
  {
    file: "src/domain/habit-long-function.ts",
    source: `export function long(): number {\n  let sum = 0;\n${"  sum += 1;\n".repeat(50)}  return sum;\n}\n`,
    rule: "noExcessiveLinesPerFunction",
  },
  {
    file: "src/domain/habit-complex.ts",
    source: `export function complex(n: number): number {\n${"  if (n > 1) n -= 1;\n".repeat(13)}  return n;\n}\n`,
    rule: "noExcessiveCognitiveComplexity",
  },
  {
    file: "src/domain/habit-circle-a.ts",
    source: 'import { b } from "./habit-circle-b.ts";\n\nexport const a = (): number => b();\n',
    rule: "noImportCycles",
  },
  {
    file: "src/domain/habit-circle-b.ts",
    source: 'import { a } from "./habit-circle-a.ts";\n\nexport const b = (): number => a();\n',
    rule: "noImportCycles",
  },
  {
    file: "test/habit-skipped.test.ts",
    source: 'import { it } from "vitest";\n\nit.skip("is skipped", () => undefined);\n',
    rule: "noSkippedTests",
  },
  {
    file: "test/habit-only.test.ts",
    source: 'import { it } from "vitest";\n\nit.only("is alone", () => undefined);\n',
    rule: "noFocusedTests",
  },
];

const folders: string[] = [];
let reports: ReadonlyMap<string, readonly string[]>;

/** Each forbidden import is planted in a copy of its own, because `src/run.ts` and its like stand for one file only. */
beforeAll(async () => {
  const rows = FORBIDDEN.map(([file, specifier], at): [string, Planted] => [
    `copy-${at}`,
    { file, source: importOf(specifier), rule: undefined },
  ]);
  const shared = [...ALLOWED.map(([file, specifier]): Planted => ({ file, source: importOf(specifier), rule: undefined })), ...HABITS];
  const plants: readonly (readonly [string, Planted])[] = [...rows, ...shared.map((planted): [string, Planted] => ["shared", planted])];
  reports = await lint(plants);
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("The arrows between the folders", () => {
  test.each(FORBIDDEN.map(([file, specifier], at) => ({ file, specifier, copy: `copy-${at}` })))(
    "forbid $file to import $specifier",
    ({ file, copy }) => {
      expect(reports.get(`${copy}/${file}`) ?? []).toContain("noRestrictedImports");
    },
  );

  test.each(ALLOWED.map(([file, specifier]) => ({ file, specifier })))("let $file import $specifier", ({ file }) => {
    expect(reports.get(`shared/${file}`) ?? []).not.toContain("noRestrictedImports");
  });
});

describe("The linter", () => {
  test.each(HABITS.map(({ file, rule }) => ({ file, rule })))("goes red by $rule for $file", ({ file, rule }) => {
    expect(reports.get(`shared/${file}`) ?? []).toContain(rule);
  });
});

function importOf(specifier: string): string {
  return `import { planted } from "${specifier}";\n\nexport const value = planted;\n`;
}

/** Rules that went red, by `<copy>/<file>`. */
async function lint(plants: readonly (readonly [string, Planted])[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const batch of intoBatches(plants)) {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), "airlock-arrows-"));
    folders.push(folder);
    for (const name of ["biome.json", "package.json"]) cpSync(join(ROOT, name), join(folder, name));
    for (const [, { file, source }] of batch) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), source);
    }
    const diagnostics = await runBiome(folder);
    for (const [copy, { file }] of batch) found.set(`${copy}/${file}`, diagnostics.get(file) ?? []);
  }
  return found;
}

/** As few copies as will do: a file name may be planted once in each. */
function intoBatches(plants: readonly (readonly [string, Planted])[]): readonly (readonly (readonly [string, Planted])[])[] {
  const batches: (readonly [string, Planted])[][] = [];
  for (const plant of plants) {
    const batch = batches.find((rows) => rows.every(([, { file }]) => file !== plant[1].file)) ?? batches[batches.push([]) - 1];
    batch?.push(plant);
  }
  return batches;
}

async function runBiome(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const args = ["lint", "--vcs-enabled=false", "--max-diagnostics=none", "--reporter=github", "."];
  const output = await new Promise<string>((done) =>
    execFile(BIOME, args, { cwd: folder, encoding: "utf8" }, (_, stdout, stderr) => done(stdout + stderr)),
  );
  const found = new Map<string, string[]>();
  for (const [, rule = "", file = ""] of output.matchAll(/^::\w+ title=lint\/\w+\/(\w+),file=([^,]+),/gm)) {
    const path = relative(folder, resolve(folder, file));
    found.set(path, [...(found.get(path) ?? []), rule]);
  }
  if (found.size === 0) throw new Error(`the linter found nothing: ${output}`);
  return found;
}

describe("The repository", () => {
  test("pins every dependency to one version", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
    for (const version of Object.values({ ...dependencies, ...devDependencies })) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("gives every dependency its sentence in the decision about dependencies", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
    const decision = read("docs/decisions/0001-dependencies.md");
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) expect(decision).toContain(`\`${name}\``);
  });

  test("states one version", () => {
    expect(VERSION).toBe((JSON.parse(read("package.json")) as { version: string }).version);
  });

  test("keeps decisions short and numbered once", () => {
    const files = readdirSync(join(ROOT, "docs/decisions")).filter((file) => file.endsWith(".md"));
    expect(new Set(files.map((file) => file.slice(0, 4))).size).toBe(files.length);
    for (const file of files) expect(read(`docs/decisions/${file}`).split("\n").length, file).toBeLessThanOrEqual(61);
  });
});

describe("The threat model", () => {
  const page = read("docs/threat-model.md");
  const tests = findTests();

  test.each(Array.from({ length: 22 }, (_, at) => `I${at + 1}`))("gives %s a paragraph, and a test names it", (invariant) => {
    expect(page).toMatch(new RegExp(`^### ${invariant} .+\\n[A-Z].{40}`, "m"));
    expect(page).toContain(`<!-- tests:${invariant} -->`);
    expect(tests.get(invariant) ?? []).not.toEqual([]);
  });
});

describe("Every link between the pages", () => {
  const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

  test.each(pages)("of %s leads to a file", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
    for (const link of links) expect(existsSync(join(ROOT, dirname(page), link)), `${page}: ${link}`).toBe(true);
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
