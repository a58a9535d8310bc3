import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { Change, Side } from "../../../../src/domain/patch.ts";
import type { Repository } from "../../../../src/ports/repository.ts";
import { type ReadBudget, readAhead } from "../../../../src/stages/gate/read-ahead.ts";
import { listAsync } from "../../../support/list.ts";

const MIB = 1024 * 1024;
const PLENTY: ReadBudget = { newBytes: 1_000 * MIB, bytes: 1_000 * MIB };

const side = (path: string, size: number, mode: Side["mode"] = "100644"): Side => ({ path, mode, oid: `oid of ${path}`, size });
const added = (path: string, size: number, mode?: Side["mode"]): Change => ({
  kind: "added",
  path,
  after: side(path, size, mode),
  binary: false,
  additions: 1,
  deletions: 0,
});

/** A repository whose blobs hold their own names, which counts how many bytes were asked for and not yet judged. */
function openCounting() {
  const asked: number[] = [];
  const readBlob = async (oid: string, size: number): Promise<Uint8Array> => {
    asked.push(size);
    return Buffer.from(oid);
  };
  return { asked, repository: { readBlob } as unknown as Repository };
}

describe("Reading the changed files ahead", () => {
  test("reading ahead gives every change in order, with the contents of both of its sides", async () => {
    const { repository } = openCounting();
    const modified: Change = { ...added("b", 3), kind: "modified", before: side("old b", 5) };
    const read = await listAsync(readAhead([added("a", 1), modified], repository, PLENTY));
    expect(read.map(({ change }) => change.path)).toEqual(["a", "b"]);
    const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
    expect([text(read[0]?.contents?.before), text(read[1]?.contents?.before), text(read[1]?.contents?.after)]).toEqual([
      "",
      "oid of old b",
      "oid of b",
    ]);
  });

  test("I18: reading ahead asks for a few files and a few bytes beyond the one that is judged, and no more", async () => {
    const small = openCounting();
    const many = Array.from({ length: 100 }, (_, at) => added(`s${at}`, 1));
    await readAhead(many, small.repository, PLENTY).next();
    expect(small.asked.length).toBeLessThan(40);
    const large = openCounting();
    const heavy = Array.from({ length: 100 }, (_, at) => added(`l${at}`, MIB));
    await readAhead(heavy, large.repository, PLENTY).next();
    expect(large.asked.length).toBeLessThan(5);
  });

  test("I18: what lies beyond the budget comes without contents, and is not read", async () => {
    const { asked, repository } = openCounting();
    const changes = [added("a", 60), added("b", 60), added("c", 1)];
    const read = await listAsync(readAhead(changes, repository, { ...PLENTY, newBytes: 100 }));
    expect(read.map(({ contents }) => contents !== undefined)).toEqual([true, false, false]);
    expect(asked).toEqual([60]);
  });

  test("a large file that was there before spends no budget for new bytes", async () => {
    const { repository } = openCounting();
    const edited: Change = { ...added("a", 500), kind: "modified", before: side("a", 500) };
    const [read] = await listAsync(readAhead([edited], repository, { ...PLENTY, newBytes: 100 }));
    expect(read?.contents).toBeDefined();
  });

  test("a submodule has no bytes here", async () => {
    const { asked, repository } = openCounting();
    const [read] = await listAsync(readAhead([added("m", 0, "160000")], repository, PLENTY));
    expect(read?.contents?.after).toHaveLength(0);
    expect(asked).toEqual([]);
  });
});
