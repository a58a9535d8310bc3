import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { serveTunnel } from "../../../src/gateway/tunnel/tunnel.ts";
import type { Sandbox } from "../../../src/ports/sandbox.ts";
import type { UnsteadyLink } from "../cloud/unsteady-link.ts";

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

/** An install's load through the sandbox's tunnel arrives byte by byte, while the link under it is cut ten times. */
export async function expectLoadCarried(sandbox: Sandbox, link: UnsteadyLink): Promise<void> {
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
    expect({ code, lines }).toEqual({ code: 0, lines: expectedLines(content) });
  } finally {
    tunnel.close();
  }
}

function expectedLines(content: Buffer): readonly string[] {
  const digest = (index: number): string =>
    createHash("sha256")
      .update(content.subarray(0, sizeOf(index)))
      .digest("hex");
  return Array.from({ length: PACKAGES }, (_, index) => `${index} ${digest(index)}`).toSorted();
}
