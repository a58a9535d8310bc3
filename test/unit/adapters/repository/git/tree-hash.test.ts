import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashListing, readRecords } from "../../../../../src/adapters/repository/git/tree-hash.ts";
import { makeWorkTree, type WorkTree } from "../../../../support/forge/work-tree.ts";
import { listAsync } from "../../../../support/list.ts";

let work: WorkTree;
let root: string;
let listing: Buffer;

beforeAll(() => {
  work = makeWorkTree({
    "a.txt": "a\n",
    "a/b": "b\n",
    "a/c/d": { mode: "100755", content: "#!/bin/sh\n" },
    "a-b": { mode: "120000", content: "a.txt" },
    "größe/x": "x\n",
  });
  const commit = work.commit();
  root = work.git(["rev-parse", `${commit}^{tree}`]);
  listing = Buffer.from(work.git(["ls-tree", "-r", "-t", "-z", "--full-tree", commit]), "utf8");
});
afterAll(() => work[Symbol.dispose]());

/** A stream that gives so many bytes at a time. */
function inPieces(bytes: Buffer, size: number): Readable {
  return Readable.from(Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)));
}

describe("The id of a tree, computed anew from its listing", () => {
  test.each([1, 7, 100_000])("I12: a tree's id, computed anew, is git's own, %i bytes at a time", async (size) => {
    expect(await hashListing(inPieces(listing, size), root)).toBe(root);
  });

  test("I12: a listing of which one entry is another is an error that names its directory", async () => {
    const blob = work.git(["rev-parse", "HEAD:a/c/d"]);
    const forged = Buffer.from(listing.toString("latin1").replace(blob, "0".repeat(40)), "latin1");
    await expect(hashListing(inPieces(forged, 64), root)).rejects.toMatchObject({
      code: "gate.mismatch",
      message: expect.stringContaining('"a/c/"'),
    });
  });

  test("I12: a listing without one of its entries, or of another root, is an error", async () => {
    const records = listing.toString("latin1").split("\0");
    const shorter = Buffer.from(records.filter((record) => !record.endsWith("\ta.txt")).join("\0"), "latin1");
    await expect(hashListing(inPieces(shorter, 64), root)).rejects.toMatchObject({ code: "gate.mismatch" });
    await expect(hashListing(inPieces(listing, 64), "0".repeat(40))).rejects.toMatchObject({ code: "gate.mismatch" });
  });

  test("records end at a NUL byte only, and one that never ends is none", async () => {
    const records = await listAsync(readRecords(inPieces(Buffer.from("one\n\0\0tw\to\0rest"), 2)));
    expect(records.map(String)).toEqual(["one\n", "", "tw\to"]);
  });
});
