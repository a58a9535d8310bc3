import type { Duplex } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { type CloudTunnelOptions, openCloudTunnel } from "../../../../../src/adapters/sandbox/shared/cloud-tunnel.ts";

const opened: Duplex[] = [];

afterEach(() => {
  for (const stream of opened.splice(0)) stream.destroy();
});

/** A tunnel to a sandbox whose ports nobody can dial. */
function openDeaf(changes: Partial<CloudTunnelOptions>) {
  const calls = { dialled: 0, asked: 0 };
  const told: string[] = [];
  const { exists = async () => true, ...rest } = changes;
  const { control, egress } = openCloudTunnel({
    vendor: { name: "Cloudy" },
    id: "i1",
    token: new Uint8Array(32),
    notify: (line) => void told.push(line),
    patienceMs: 0,
    async dial() {
      calls.dialled++;
      throw new Error("no such port");
    },
    async exists() {
      calls.asked++;
      return await exists();
    },
    ...rest,
  });
  opened.push(control, egress);
  for (const stream of [control, egress]) stream.on("error", () => undefined);
  return { control, egress, calls, told };
}

describe("A tunnel to a sandbox at a cloud", () => {
  test("ends both streams at once when the provider says that the sandbox is gone", async () => {
    const { control, egress } = openDeaf({ exists: async () => false });
    for (const stream of [control, egress]) {
      await expect.poll(() => stream.closed).toBe(true);
      expect(stream.errored?.message).toBe("Cloudy has no sandbox i1 any more.");
    }
  });

  test.each([
    ["is there", async (): Promise<boolean> => true],
    ["may be there", async (): Promise<undefined> => undefined],
    ["cannot be asked for", (): Promise<never> => Promise.reject(new Error("offline"))],
  ] as const)("goes on dialling while the sandbox %s", async (_name, exists) => {
    const { control, egress, calls, told } = openDeaf({ exists });
    await expect.poll(() => calls.asked).toBeGreaterThanOrEqual(3);
    expect(calls.dialled).toBeGreaterThanOrEqual(3);
    expect([control.destroyed, egress.destroyed]).toEqual([false, false]);
    expect(told).toEqual([]);
  });

  test("does not ask the provider while a guest may still be starting", async () => {
    const { calls } = openDeaf({ patienceMs: 3_600_000 });
    await expect.poll(() => calls.dialled).toBeGreaterThanOrEqual(4);
    expect(calls.asked).toBe(0);
  });
});
