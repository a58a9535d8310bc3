import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FileDiff, parseDiff } from "../../../../src/domain/review/diff.ts";
import type { DiffSide } from "../../../../src/domain/review/finding.ts";
import { placeSpot, type Spot } from "../../../../src/domain/review/place.ts";
import { type Bench, openBench } from "../../../support/forge/bare-repository.ts";

const lines = (count: number, word = "line"): string => Array.from({ length: count }, (_, index) => `${word} ${index + 1}\n`).join("");

const BASE = {
  "long.txt": lines(60),
  "moved.txt": lines(20, "moved"),
  "gone.txt": "one\ntwo\n",
  "no-newline.txt": "first\nlast",
  "crlf.txt": "alpha\r\nbeta\r\ngamma\r\n",
  "dashes.sql": "-- a comment\nselect 1;\n++ odd\n",
  'odd "name"\t.txt': "odd\n",
  "with space.txt": "space\n",
  "ümlaut.txt": "u\n",
  "mode.sh": "echo\n",
  "image.bin": Uint8Array.from([0, 1, 2, 0, 255]),
};

let bench: Bench;
let files: readonly FileDiff[];

/** A real diff by git between two commits of a real repository. */
beforeAll(async () => {
  bench = await openBench(BASE);
  const { work } = bench;
  const long = lines(60).split("\n");
  long[4] = "line five";
  long[29] = "line thirty";
  long.splice(30, 0, "line thirty and a half");
  long.splice(51, 1);
  work.write({ "long.txt": long.join("\n") });
  work.remove("moved.txt", "gone.txt");
  work.write({
    "sub/renamed.txt": lines(20, "moved").replace("moved 10\n", "changed 10\n"),
    "no-newline.txt": "first\nlast\nmore",
    "crlf.txt": "alpha\r\nBETA\r\ngamma\r\n",
    "dashes.sql": "select 1;\n--- a/evil\n+++ b/evil\n",
    'odd "name"\t.txt': "odder\n",
    "with space.txt": "spaces\n",
    "ümlaut.txt": "ü\n",
    "mode.sh": { mode: "100755", content: "echo\n" },
    "image.bin": Uint8Array.from([0, 9, 9, 0, 255]),
    "new.txt": "fresh\n",
  });
  const head = work.commit("head");
  await bench.repository.fetch({ url: work.url, token: bench.noToken }, [head]);
  const { text, whole } = await bench.repository.readUnified(bench.base, head, 1 << 20);
  expect(whole).toBe(true);
  files = parseDiff(text);
});

afterAll(() => bench[Symbol.asyncDispose]());

function spot(path: string, side: DiffSide, line: number, endLine = line): Spot {
  return { path, side, line, endLine };
}

describe("a real diff by git", () => {
  test("a real diff by git names every changed file once, by its new path, with what became of it", () => {
    expect(files.map(({ path, oldPath, status }) => [path, oldPath, status]).toSorted()).toEqual(
      [
        ["crlf.txt", "crlf.txt", "modified"],
        ["dashes.sql", "dashes.sql", "modified"],
        ["gone.txt", "gone.txt", "deleted"],
        ["image.bin", "image.bin", "modified"],
        ["long.txt", "long.txt", "modified"],
        ["mode.sh", "mode.sh", "modified"],
        ["new.txt", "new.txt", "added"],
        ["no-newline.txt", "no-newline.txt", "modified"],
        ['odd "name"\t.txt', 'odd "name"\t.txt', "modified"],
        ["sub/renamed.txt", "moved.txt", "renamed"],
        ["with space.txt", "with space.txt", "modified"],
        ["ümlaut.txt", "ümlaut.txt", "modified"],
      ].toSorted(),
    );
  });

  test("a real diff by git has as many hunks as the file has places that changed", () => {
    const hunks = (path: string): number | undefined => files.find((file) => file.path === path)?.hunks.length;
    expect(hunks("long.txt")).toBe(3);
    expect(hunks("image.bin")).toBe(0);
    expect(hunks("mode.sh")).toBe(0);
  });

  const TABLE: readonly (readonly [
    name: string,
    spot: Spot,
    expected: readonly [line: number, endLine: number, text: string] | undefined,
  ])[] = [
    ["an added line of the second hunk", spot("long.txt", "RIGHT", 31), [31, 31, "line thirty and a half"]],
    ["a line after an addition, by its new number", spot("long.txt", "RIGHT", 32), [32, 32, "line 31"]],
    ["the same line on the old side, by its old number", spot("long.txt", "LEFT", 31), [31, 31, "line 31"]],
    ["a removed line", spot("long.txt", "LEFT", 5), [5, 5, "line 5"]],
    ["the line that came for it", spot("long.txt", "RIGHT", 5), [5, 5, "line five"]],
    ["a removed line of the last hunk", spot("long.txt", "LEFT", 51), [51, 51, "line 51"]],
    ["a range on the new side", spot("long.txt", "RIGHT", 29, 32), [29, 32, "line 29|line thirty|line thirty and a half|line 31"]],
    ["a range on the old side", spot("long.txt", "LEFT", 29, 31), [29, 31, "line 29|line 30|line 31"]],
    ["a range that ends in a later hunk: its last line", spot("long.txt", "RIGHT", 5, 30), [30, 30, "line thirty"]],
    ["a range that ends outside: its first line", spot("long.txt", "RIGHT", 5, 20), [5, 5, "line five"]],
    ["a line between the hunks", spot("long.txt", "RIGHT", 20), undefined],
    ["a line past the end", spot("long.txt", "RIGHT", 600), undefined],
    ["a changed line of a renamed file, new name", spot("sub/renamed.txt", "RIGHT", 10), [10, 10, "changed 10"]],
    ["an old line of a renamed file, old name", spot("moved.txt", "LEFT", 10), [10, 10, "moved 10"]],
    ["an old line of a renamed file, new name", spot("sub/renamed.txt", "LEFT", 10), [10, 10, "moved 10"]],
    ["a new line of a renamed file, old name", spot("moved.txt", "RIGHT", 10), undefined],
    ["a line of a deleted file", spot("gone.txt", "LEFT", 2), [2, 2, "two"]],
    ["a new line of a deleted file", spot("gone.txt", "RIGHT", 1), undefined],
    ["a line of a new file", spot("new.txt", "RIGHT", 1), [1, 1, "fresh"]],
    ["a last line without a line feed, old side", spot("no-newline.txt", "LEFT", 2), [2, 2, "last"]],
    ["a last line without a line feed, new side", spot("no-newline.txt", "RIGHT", 2, 3), [2, 3, "last|more"]],
    ["a line past a missing line feed", spot("no-newline.txt", "RIGHT", 4), undefined],
    ["a line that ends in CRLF", spot("crlf.txt", "RIGHT", 2), [2, 2, "BETA\r"]],
    ["a range of CRLF lines, old side", spot("crlf.txt", "LEFT", 1, 2), [1, 2, "alpha\r|beta\r"]],
    ["a removed line that looks like a file header", spot("dashes.sql", "LEFT", 1), [1, 1, "-- a comment"]],
    ["an added line that looks like a file header", spot("dashes.sql", "RIGHT", 2, 3), [2, 3, "--- a/evil|+++ b/evil"]],
    ["a file with quotes and a tab in its name", spot('odd "name"\t.txt', "RIGHT", 1), [1, 1, "odder"]],
    ["a file with a blank in its name", spot("with space.txt", "RIGHT", 1), [1, 1, "spaces"]],
    ["a file with a name beyond ASCII", spot("ümlaut.txt", "RIGHT", 1), [1, 1, "ü"]],
    ["a binary file", spot("image.bin", "RIGHT", 1), undefined],
    ["a file of which only the mode changed", spot("mode.sh", "RIGHT", 1), undefined],
    ["a file that is not in the diff", spot("evil", "RIGHT", 1), undefined],
  ];

  test.each(TABLE)("places %s", (_name, at, expected) => {
    const place = placeSpot(files, at);
    expect(place === undefined ? undefined : [place.line, place.endLine, place.text.join("|")]).toEqual(expected);
    if (place !== undefined) expect(place.path).toBe(at.path === "moved.txt" ? "sub/renamed.txt" : at.path);
  });

  test("agrees with the files themselves about every line it numbers", () => {
    const lineOf = (sha: string, path: string, number: number): string | undefined =>
      bench.work
        .git(["show", `${sha}:${path}`])
        .split("\n")
        [number - 1]?.trim();
    const plain = files.filter(({ path }) => !/odd|ümlaut/.test(path));
    const numbered = plain.flatMap((file) => file.hunks.flatMap(({ lines: all }) => all.map((line) => ({ file, line }))));
    const olds = numbered.flatMap(({ file, line }) => (line.left === undefined ? [] : [{ path: file.oldPath, number: line.left, line }]));
    const news = numbered.flatMap(({ file, line }) => (line.right === undefined ? [] : [{ path: file.path, number: line.right, line }]));
    expect(olds.map(({ line }) => line.text.trim())).toEqual(olds.map(({ path, number }) => lineOf(bench.base, path, number)));
    expect(news.map(({ line }) => line.text.trim())).toEqual(news.map(({ path, number }) => lineOf("HEAD", path, number)));
    expect(numbered.length).toBeGreaterThan(45);
  });

  test("a real diff by git is cut between lines, and says so", async () => {
    const head = bench.work.git(["rev-parse", "HEAD"]);
    const cut = await bench.repository.readUnified(bench.base, head, 700);
    expect(cut.whole).toBe(false);
    expect(cut.text.length).toBeLessThanOrEqual(700);
    expect(cut.text.endsWith("\n")).toBe(true);
    expect(parseDiff(cut.text).length).toBeGreaterThan(0);
  });
});
