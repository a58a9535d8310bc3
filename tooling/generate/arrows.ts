import { posix } from "node:path";
import { ARROWS, type Arrow, SUBJECTS } from "../arrows.ts";

/** Levels of folders that a row is written out for; in still deeper ones most imports are refused, which tells whoever makes one. */
const DEPTH = 3;

/** Biome takes the last matching override, and the last matching pattern in it. */
export function renderArrowRules(): string {
  const rows = ARROWS.toSorted((a, b) => rank(a.from) - rank(b.from));
  const overrides = rows.flatMap((row) => depthsOf(row).map((depth) => renderOverride(row, depth)));
  return `{ "overrides": [\n${overrides.map((override) => JSON.stringify(override)).join(",\n")}\n] }\n`;
}

function renderOverride(row: Arrow, depth: number): object {
  const patterns = [{ group: renderPatterns(row, depth), message: `${describe(row)} The table is tooling/arrows.ts.` }];
  const noRestrictedImports = { level: "error", options: { patterns } };
  const level = `${"/*".repeat(depth)}/${depth === DEPTH - 1 ? "**" : "*"}`;
  const includes = [isFile(row.from) ? row.from : `${row.from}${level}`];
  return { includes, linter: { rules: { style: { noRestrictedImports } } } };
}

function renderPatterns(row: Arrow, depth: number): readonly string[] {
  return ["**", ...ownPatterns(row, depth), ...row.to.map((target) => `!${renderTarget(row, depth, target)}`)];
}

/** What a file may import of its own row, by ways that do not lead out of it. */
function ownPatterns(row: Arrow, depth: number): readonly string[] {
  if (isFile(row.from) || row.inside === "nothing") return [];
  const up = "../".repeat(depth);
  if (row.inside === "files") return [`!${depth === 0 ? "./" : up}*`];
  const inside = Array.from({ length: depth }, (_, at) => "../".repeat(at + 1)).flatMap((way) => [`!${way}*`, `!${way}*/**`]);
  return ["!./**", ...inside, `${up}../**`];
}

function renderTarget({ from }: Arrow, depth: number, target: string): string {
  if (!target.startsWith("src/")) return target;
  const folder = isFile(from) ? posix.dirname(from) : from;
  const way = `${"../".repeat(isFile(from) ? 0 : depth)}${posix.relative(folder, target)}`;
  const pattern = isFile(target) || target.endsWith("/*") ? way : posix.join(way, "**");
  return pattern.startsWith("../") ? pattern : `./${pattern}`;
}

function depthsOf({ from }: Arrow): readonly number[] {
  return isFile(from) ? [0] : Array.from({ length: DEPTH }, (_, depth) => depth);
}

export function isFile(path: string): boolean {
  return path.endsWith(".ts");
}

/** Rows of single files come last, deeper folders after the ones around them. */
function rank(path: string): number {
  return isFile(path) ? 100 : path.split("/").length;
}

function describe({ from, to }: Arrow): string {
  return `${from} may import ${to.length === 0 ? "nothing" : nameTargets(to).join(", ")}.`;
}

/** Names as people say them: `src/` goes, and one `node:*` stands for both patterns. */
function nameTargets(to: readonly string[]): readonly string[] {
  return to.filter((target) => !target.endsWith("/**")).map((target) => target.replace(/^src\/(?!\*)/, ""));
}

/** The tables of docs/architecture.md. */
export function renderArrowTables(): string {
  const subjects = Object.entries(SUBJECTS).map(([name, holds]) => `| \`${name}/\` | ${holds} |`);
  const rows = ARROWS.filter(({ from }) => !SUBJECTS[from.replace("src/domain/", "")] || from === "src/domain").map(
    (row) => `| \`${row.from}${isFile(row.from) ? "" : "/"}\` | ${row.holds} | ${nameTargets(row.to).join(", ") || "nothing"} |`,
  );
  return [
    "| part | holds | may import, beside itself |",
    "|---|---|---|",
    ...rows,
    "",
    "The subjects of `src/domain/`. Each may import the shared vocabulary (`src/domain/*.ts`) and the subjects above it:",
    "",
    "| subject | holds |",
    "|---|---|",
    ...subjects,
  ].join("\n");
}
