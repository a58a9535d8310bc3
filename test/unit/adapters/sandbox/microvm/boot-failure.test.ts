import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootSandbox } from "../../../../../src/adapters/sandbox/microvm/boot.ts";
import { openArtefactCache } from "../../../../../src/adapters/sandbox/microvm/cache.ts";
import { readQemuView } from "../../../../../src/adapters/sandbox/microvm/confinement.ts";
import { prepareClosureImage } from "../../../../../src/adapters/sandbox/microvm/disk-images.ts";
import { findKernel } from "../../../../../src/adapters/sandbox/microvm/kernel.ts";
import { findPrivilege } from "../../../../../src/adapters/sandbox/microvm/privilege.ts";
import { openRunDirectory } from "../../../../../src/adapters/sandbox/microvm/run-directory.ts";
import { findTools } from "../../../../../src/adapters/sandbox/microvm/tools.ts";
import { PREPARED_DIRECTORY } from "../../../../support/sandbox/guest-bundle.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "airlock-boot-failure-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function boot(changes: { readonly guest: string; readonly firstByteTimeoutMs: number }): Promise<unknown> {
  const notify = (): void => undefined;
  const guestFile = join(folder, "guest.js");
  await writeFile(guestFile, changes.guest);
  const cache = openArtefactCache(PREPARED_DIRECTORY);
  const tools = await findTools(notify);
  const kernel = await findKernel({ cache, needs: [], notify });
  const platform = { tools, kernel, guestFile, versions: {}, privilege: await findPrivilege(tools), view: await readQemuView(tools) };
  const image = await prepareClosureImage({ cache, tools, kernel, nodeBinary: process.execPath, notify, log: notify });
  const spec = {
    run: { repository: "airlock-tests/boot", runId: "1", attempt: 1 },
    purpose: "agent" as const,
    template: "",
    cpus: 1,
    memoryMib: 512,
    lifetimeMs: 200_000,
    layers: [],
    signal: new AbortController().signal,
    notify,
  };
  const { firstByteTimeoutMs } = changes;
  return await bootSandbox(
    { platform, runs: openRunDirectory(join(folder, "run")), spec, root: { kind: "image", image }, layers: [], cpus: 1, memoryMib: 512 },
    { kvm: null, image: "vmlinux", isVerbose: false, firstByteTimeoutMs, readyTimeoutMs: 150_000 },
  ).catch((error: unknown) => error);
}

describe("a sandbox that does not come up", { timeout: 240_000 }, () => {
  test("is an error with the last words of its console, long before the deadline, and leaves nothing", async () => {
    const error = await boot({ guest: 'console.log("the supervisor cannot start today"); process.exit(9);', firstByteTimeoutMs: 120_000 });
    expect(error).toMatchObject({ code: "sandbox.unavailable", remedy: expect.stringContaining("memory") });
    expect(String(error)).toContain("| the supervisor cannot start today");
    expect(String(error)).toContain("| airlock: the supervisor ended with status 9");
    expect(await readdir(join(folder, "run"))).toEqual([]);
  });

  test("is given up when it says nothing at all, and leaves nothing", async () => {
    const error = await boot({ guest: "", firstByteTimeoutMs: 50 });
    expect(error).toMatchObject({ code: "sandbox.unavailable", message: expect.stringContaining("said nothing for 0.05 s") });
    expect(await readdir(join(folder, "run"))).toEqual([]);
  });
});
