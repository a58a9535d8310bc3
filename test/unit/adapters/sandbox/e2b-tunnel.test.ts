import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { serveTunnel } from "../../../../src/gateway/tunnel.ts";
import { openE2bBench, sandboxSpec } from "../../../support/e2b-bench.ts";
import { startE2b } from "../../../support/e2b-server.ts";
import { openUnsteadyLink } from "../../../support/unsteady-link.ts";

const PORT = 3_128;
const PACKAGES = 300;
const CUTS = 10;

/** Sizes as of an npm install: many small archives, some large ones. */
function sizeOf(index: number): number {
  return index % 50 === 0 ? 1_500_000 : 2_000 + ((index * 7_919) % 120_000);
}

/** In the guest: fetches everything, eight at a time, and prints one line for each. */
const FETCH = `
const net = require("node:net"), { createHash } = require("node:crypto");
const get = (index) => new Promise((resolve, reject) => {
  const hash = createHash("sha256");
  const socket = net.connect({ port: ${PORT}, host: "127.0.0.1", allowHalfOpen: true }, () => socket.end(index + "\\n"));
  socket.on("data", (chunk) => hash.update(chunk)).on("error", reject).on("end", () => resolve(hash.digest("hex")));
});
let next = 0;
const work = async () => { while (next < ${PACKAGES}) { const index = next++; console.log(index, await get(index)); } };
Promise.all(Array.from({ length: 8 }, work)).catch((error) => { console.log(String(error)); process.exitCode = 1; });
`;

it("carries an install's load byte by byte while 5 % of its pieces are late and its sockets are cut ten times", {
  timeout: 150_000,
}, async () => {
  await using server = await startE2b();
  using link = await openUnsteadyLink(server.tunnelPort, { delayedShare: 0.05, delayMs: 40 });
  const env = { ...server.env, AIRLOCK_E2B_TUNNEL_URL: `ws://127.0.0.1:${link.port}` };
  const provider = await openE2bBench(server, { env });
  await using sandbox = await provider.create(sandboxSpec());
  const content = randomBytes(1_500_000);
  const lastCut = Promise.withResolvers<void>();
  const tunnel = serveTunnel(sandbox.egress, (_name, stream) => {
    let asked = "";
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => {
      asked += chunk.toString();
    });
    // The last packages wait for the last cut, however fast the machine is.
    const ready = (): Promise<void> => (Number(asked) < PACKAGES - 8 ? Promise.resolve() : lastCut.promise);
    stream.once("end", () => void ready().then(() => stream.end(content.subarray(0, sizeOf(Number(asked))))));
  });
  try {
    await sandbox.openRelay([{ port: PORT, name: "proxy" }]);
    const argv = ["/usr/local/bin/node", "-e", FETCH];
    const fetching = sandbox.exec({ argv, cwd: "/", env: {}, timeoutMs: 140_000, maxOutputBytes: 1_000_000 });
    for (let cuts = 0; cuts < CUTS; cuts++) {
      await sleep(250);
      const before = link.connections;
      link.cut();
      // Control and egress come back, so that the next cut meets both.
      await expect.poll(() => link.connections).toBeGreaterThanOrEqual(before + 2);
    }
    lastCut.resolve();
    const { stdout, code } = await fetching;
    const lines = Buffer.from(stdout).toString().trim().split("\n").toSorted();
    const expected = Array.from(
      { length: PACKAGES },
      (_, index) =>
        `${index} ${createHash("sha256")
          .update(content.subarray(0, sizeOf(index)))
          .digest("hex")}`,
    );
    expect({ code, lines }).toEqual({ code: 0, lines: expected.toSorted() });
    expect(server.complaints).toEqual([]);
  } finally {
    tunnel.close();
  }
});
