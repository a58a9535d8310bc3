import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findLargeFiles } from "../../../../../../src/adapters/sandbox/shared/bootstrap/layers.ts";
import type { Layer } from "../../../../../../src/ports/sandbox.ts";

const LARGE_BYTES = 4 * 1024 * 1024;
let layer: Layer;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "airlock-layer-"));
  layer = { name: "tool", directory, mountPath: "/opt/airlock/tool", digest: "d".repeat(64) };
  await mkdir(join(directory, "bin", "deep"), { recursive: true });
  for (const [path, bytes] of [
    ["bin/deep/large", LARGE_BYTES],
    ["bin/small", LARGE_BYTES - 1],
  ] as const) {
    await writeFile(join(directory, path), "");
    await truncate(join(directory, path), bytes);
  }
});
afterAll(() => rm(layer.directory, { recursive: true, force: true }));

describe("The large files of a layer", () => {
  test("are found at any depth, with the name that a machine would have on its path", async () => {
    expect(await findLargeFiles(layer)).toEqual([{ path: "bin/deep/large", name: "large", bytes: LARGE_BYTES }]);
  });

  test.each(["/etc/x", "/opt", "/opt/../etc", "opt/x", "/usr/bin/x", "/opt/a b", "/srv/$(id)"])(
    "are not looked for in a layer that wants to stand at %s",
    async (mountPath) => {
      await expect(findLargeFiles({ ...layer, mountPath })).rejects.toMatchObject({
        code: "sandbox.unavailable",
        remedy: expect.stringContaining("/opt"),
      });
    },
  );

  test("of a layer that is not there are an error that says where it was looked for", async () => {
    const directory = join(layer.directory, "gone");
    await expect(findLargeFiles({ ...layer, directory })).rejects.toMatchObject({
      code: "sandbox.unavailable",
      message: expect.stringContaining(directory),
    });
  });
});
