import { spawnSync } from "node:child_process";
import fs from "node:fs";
import type { Duplex } from "node:stream";
import { type Hello, MAX_GREETING_BYTES, parseHello, renderReady } from "../wire/control.ts";

const CLOCK_TOLERANCE_MS = 1_000;

/**
 * Sends nothing until the runner has greeted, then sets clock and entropy and answers. So a sandbox that wakes from a snapshot gets both
 * anew before anything else happens.
 */
export async function awaitGreeting(control: Duplex, ownsMachine: boolean): Promise<void> {
  const hello = parseHello(await readLine(control));
  if (ownsMachine) setClock(hello);
  feedEntropy(hello);
  control.write(renderReady(hello.nonce));
}

/** Bytes after the line stay in the stream. */
function readLine(stream: Duplex): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = Buffer.alloc(0);
  const take = (piece: Buffer): void => {
    received = Buffer.concat([received, piece]);
    const end = received.indexOf(10);
    if (end >= 0) {
      stream.pause();
      stream.off("data", take);
      if (end + 1 < received.length) stream.unshift(received.subarray(end + 1));
      resolve(received.toString("utf8", 0, end));
    } else if (received.length > MAX_GREETING_BYTES) {
      reject(new Error("The greeting is too long."));
    }
  };
  stream.on("data", take);
  return promise.finally(() => stream.off("data", take));
}

function setClock(hello: Hello): void {
  if (process.getuid?.() !== 0 || Math.abs(Date.now() - hello.now) < CLOCK_TOLERANCE_MS) return;
  const time = `@${Math.floor(hello.now / 1000)}`;
  for (const argv of [
    ["date", "-s", time],
    ["/run/airlock/busybox", "date", "-s", time],
  ] as const) {
    if (spawnSync(argv[0], argv.slice(1), { stdio: "ignore", timeout: 5_000 }).status === 0) return;
  }
}

function feedEntropy(hello: Hello): void {
  try {
    fs.writeFileSync("/dev/urandom", Buffer.from(hello.seed, "hex"));
  } catch {
    // A sandbox may forbid it; then the kernel has entropy of its own.
  }
}
