import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../src/domain/version.ts";
import { ARROWS, type Arrow } from "../tooling/arrows.ts";
import { isFile } from "../tooling/generate/arrows.ts";
import { findTests } from "../tooling/generate/invariants.ts";
import { lintPlanted } from "./support/repository/lint.ts";

const ROOT = join(import.meta.dirname, "..");

interface Planted {
  readonly file: string;
  readonly source: string;
  readonly rule: string;
}

/** What each row's planted file imports, one a line: something of every row, and packages that few rows may import. */
const TARGETS: readonly string[] = [
  ...ARROWS.map(({ from }) => (isFile(from) ? from : `${from}/target.ts`)),
  ...new Set(ARROWS.flatMap(({ to }) => to.filter((target) => !target.startsWith("src/") && !target.includes("*")))),
  "node:fs",
  "node:child_process",
  "left-pad",
];

/** A file of each row, and one of a folder that nobody has listed yet. */
const SOURCES = ARROWS.flatMap((row) =>
  (isFile(row.from) ? [row.from] : [`${row.from}/source.ts`, `${row.from}/part/source.ts`]).map((file) => ({ row, file })),
);

/** What the table says, read anew: nothing here knows how the linter's patterns are made. */
function mayImport({ from, to, inside }: Arrow, target: string): boolean {
  const own = isFile(from) || inside === "nothing" ? [] : [inside === "files" ? `${from}/*` : from];
  return [...own, ...to].some((allowed) => {
    if (allowed === "node:*") return target.startsWith("node:");
    if (allowed.endsWith("/*")) return dirname(target) === allowed.slice(0, -2);
    return target === allowed || (allowed.startsWith("src/") && target.startsWith(`${allowed}/`));
  });
}

function specifierOf(file: string, target: string): string {
  if (!target.startsWith("src/")) return target;
  const way = posix.relative(posix.dirname(file), target);
  return way.startsWith("../") ? way : `./${way}`;
}

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
    file: "test/support/habit-long-function.ts",
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
    file: "src/domain/habit-types-a.ts",
    source: 'import type { B } from "./habit-types-b.ts";\n\nexport type A = { readonly b: B };\n',
    rule: "noImportCycles",
  },
  {
    file: "src/domain/habit-types-b.ts",
    source: 'import type { A } from "./habit-types-a.ts";\n\nexport type B = { readonly a?: A };\n',
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

let reports: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  const arrows = SOURCES.map(({ file }): [string, string] => [
    file,
    TARGETS.map((target) => `import "${specifierOf(file, target)}";\n`).join(""),
  ]);
  reports = await lintPlanted(new Map([...arrows, ...HABITS.map(({ file, source }): [string, string] => [file, source])]));
});

describe("The arrows between the parts of src", () => {
  test.each(SOURCES)("let $file import what the table allows and nothing else", ({ row, file }) => {
    const red = (reports.get(file) ?? []).filter((complaint) => complaint.endsWith(" noRestrictedImports"));
    const refused = red.map((complaint) => TARGETS[Number(complaint.split(" ")[0]) - 1]);
    expect(refused.toSorted()).toEqual(TARGETS.filter((target) => !mayImport(row, target)).toSorted());
    expect(refused.length).toBeGreaterThan(0);
  });

  test("name only what there is", () => {
    for (const { from, to } of ARROWS) {
      for (const path of [from, ...to.filter((target) => target.startsWith("src/"))]) {
        expect(existsSync(join(ROOT, path.replace(/\/\*$/, ""))), path).toBe(true);
      }
    }
  });
});

describe("The names in src", () => {
  test("are exported by one file each", () => {
    const files = new Map<string, string[]>();
    for (const file of globSync("src/**/*.ts", { cwd: ROOT })) {
      for (const [, name = ""] of read(file).matchAll(
        /^export (?:async )?(?:abstract )?(?:function\*?|interface|type|const|class) (\w+)/gm,
      )) {
        files.set(name, [...(files.get(name) ?? []), file]);
      }
    }
    expect(files.size).toBeGreaterThan(1_000);
    expect([...files].filter(([, places]) => places.length > 1)).toEqual([]);
  });
});

describe("The linter", () => {
  test.each(HABITS.map(({ file, rule }) => ({ file, rule })))("goes red by $rule for $file", ({ file, rule }) => {
    expect((reports.get(file) ?? []).map((complaint) => complaint.split(" ")[1])).toContain(rule);
  });
});

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

  const decisions = readdirSync(join(ROOT, "docs/decisions")).filter((file) => file !== "README.md");

  test("keeps decisions short and numbered once", () => {
    expect(new Set(decisions.map((file) => file.slice(0, 4))).size).toBe(decisions.length);
    for (const file of decisions) expect(read(`docs/decisions/${file}`).split("\n").length, file).toBeLessThanOrEqual(61);
  });

  test("lists every decision by its heading, and no other", () => {
    const rows = [...read("docs/decisions/README.md").matchAll(/^\| \[\d{4}\]\((\S+)\) \| ([^|]+) \|/gm)].map(
      ([, file, title]) => `${file} ${title}`,
    );
    const headings = decisions.map((file) => `${file} ${/^# \d{4}:? (.+)/.exec(read(`docs/decisions/${file}`))?.[1]}`);
    expect(rows.toSorted()).toEqual(headings.toSorted());
  });
});

describe("The threat model", () => {
  const page = read("docs/threat-model.md");
  const tests = findTests();

  test.each(Array.from({ length: 23 }, (_, at) => `I${at + 1}`))("gives %s a paragraph, and a test names it", (invariant) => {
    expect(page).toMatch(new RegExp(`^### ${invariant} .+\\n[A-Z].{40}`, "m"));
    expect(page).toContain(`<!-- tests:${invariant} -->`);
    expect(tests.get(invariant) ?? []).not.toEqual([]);
  });
});

describe("Every page", () => {
  const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

  test.each(pages)("%s has links that lead to a file", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
    for (const link of links) expect(existsSync(join(ROOT, dirname(page), link)), `${page}: ${link}`).toBe(true);
  });

  test.each(pages)("%s names source files that exist", (page) => {
    const named = read(page).match(/(?<![\w/.-])(?:src|test|tooling|bench|demo)\/[\w./-]+\.ts\b/g) ?? [];
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
