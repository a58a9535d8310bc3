import { setTimeout as sleep } from "node:timers/promises";
import type { SpritesClient } from "./client.ts";

const AGAIN_MS = 2_000;
const KEEP_AFTER_DISCONNECT_MS = 10_000;

/**
 * Holds a sprite awake: one that has no open session is paused after half a minute, and a pause cuts its connections (Sprites
 * documentation, lifecycle). An idle session is kept open and reopened when it ends. Returns a function that ends it.
 */
export function holdAwake(client: SpritesClient, name: string, lifetimeMs: number): () => void {
  const done = new AbortController();
  const { signal } = done;
  const hold = async (): Promise<void> => {
    const until = performance.now() + lifetimeMs;
    while (!signal.aborted && performance.now() < until) {
      const remainingMs = Math.ceil(until - performance.now());
      const argv = ["sleep", String(Math.ceil(remainingMs / 1000))];
      const limits = { timeoutMs: Math.min(remainingMs + AGAIN_MS, 2 ** 31 - 1), keepAfterDisconnectMs: KEEP_AFTER_DISCONNECT_MS };
      await client.exec(name, { argv, stdin: new Uint8Array(), signal, ...limits }).catch(() => undefined);
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  void hold();
  return () => done.abort();
}
