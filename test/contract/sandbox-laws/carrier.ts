import { createHash, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { serveTunnel } from "../../../src/gateway/tunnel/tunnel.ts";
import type { LifecycleLaw } from "./law.ts";
import { run, text } from "./run.ts";

const PORT = 3128;
const PIECES = 6;
const PIECE_BYTES = 256 * 1024;
/** Looks for a connection to cut, before one is missed. */
const LOOKS = 200;

/** Sends the pieces one by one and cuts what carries them behind each. Returns how often that cut something. */
async function sendAndCut(stream: Duplex, content: Buffer, cut: () => number): Promise<number> {
  let cuts = 0;
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    stream.write(content.subarray(at, at + PIECE_BYTES));
    let count = 0;
    for (let look = 0; look < LOOKS && count === 0; look++) {
      await sleep(50);
      count = cut();
    }
    cuts += Math.min(1, count);
  }
  stream.end();
  return cuts;
}

export const CARRIER_LAWS: readonly LifecycleLaw[] = [
  {
    id: "cut-carrier",
    title: "a tunnel survives a cut carrier: what the guest fetches and what a command says meanwhile arrive whole and once",
    async check(context) {
      const { cut } = context.subject;
      if (cut === undefined) throw new Error("nothing carries the streams that could be cut");
      await using sandbox = await context.provider.create(context.spec());
      const content = randomBytes(PIECES * PIECE_BYTES);
      const sent = Promise.withResolvers<number>();
      // A stream that breaks is told by the command first.
      sent.promise.catch(() => undefined);
      const tunnel = serveTunnel(sandbox.egress, (_name, stream) => {
        stream.on("error", sent.reject);
        stream.once("data", () => void sendAndCut(stream, content, cut).then(sent.resolve, sent.reject));
      });
      try {
        await sandbox.openRelay([{ port: PORT, name: "proxy" }]);
        const script = `for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done & exec 3<>/dev/tcp/127.0.0.1/${PORT}; echo go >&3; sha256sum <&3; wait`;
        const result = await run(sandbox, context, ["/bin/bash", "-euc", script]);
        const lines = text(result.stdout).trim().split("\n");
        expect(await sent.promise, "cuts").toBe(PIECES);
        expect(lines.filter((line) => line.length > 1)).toEqual([`${createHash("sha256").update(content).digest("hex")}  -`]);
        expect(lines.filter((line) => line.length === 1)).toEqual(["1", "2", "3", "4", "5", "6"]);
      } finally {
        tunnel.close();
      }
    },
  },
];
