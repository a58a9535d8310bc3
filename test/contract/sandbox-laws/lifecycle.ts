import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { LawContext, LifecycleLaw } from "../sandbox.ts";
import { command, run } from "./run.ts";

async function isGone(context: LawContext, find: () => Promise<readonly string[]>): Promise<boolean> {
  for (let tries = 0; tries < 100 + 20 * context.subject.slowness; tries++) {
    if ((await find()).length === 0) return true;
    await sleep(100);
  }
  return false;
}

export const LIFECYCLE_LAWS: readonly LifecycleLaw[] = [
  {
    id: "dispose-twice",
    title: "disposing destroys, twice is once, and afterwards every request fails as lost",
    async check(context) {
      const spec = context.spec();
      const sandbox = await context.provider.create(spec);
      const running = sandbox.exec(command(context, ["/bin/sh", "-c", "sleep 300"], { timeoutMs: 120_000 }));
      const outcome = expect(running).rejects.toMatchObject({ code: "sandbox.lost" });
      expect(await context.provider.findByRun(spec.run)).toEqual([sandbox.id]);
      await Promise.all([sandbox[Symbol.asyncDispose](), sandbox[Symbol.asyncDispose]()]);
      await sandbox[Symbol.asyncDispose]();
      expect(await context.provider.findByRun(spec.run)).toEqual([]);
      await outcome;
      await expect(run(sandbox, context, ["/bin/true"])).rejects.toMatchObject({ code: "sandbox.lost" });
    },
  },
  {
    id: "find-by-run",
    title: "a run finds its own sandboxes and no others, and destroying by id is repeatable",
    async check(context) {
      const [mine, other] = [context.spec(), context.spec()];
      await using first = await context.provider.create(mine);
      await using second = await context.provider.create(other);
      expect(await context.provider.findByRun(mine.run)).toEqual([first.id]);
      expect(await context.provider.findByRun({ ...mine.run, attempt: 2 })).toEqual([]);
      expect(await context.provider.findByRun({ ...mine.run, repository: "airlock-tests/other" })).toEqual([]);
      await context.provider.destroy(first.id);
      await context.provider.destroy(first.id);
      await context.provider.destroy("airlock-no-such-sandbox");
      expect(await context.provider.findByRun(mine.run)).toEqual([]);
      expect(await context.provider.findByRun(other.run)).toEqual([second.id]);
      await expect(run(first, context, ["/bin/true"])).rejects.toMatchObject({ code: "sandbox.lost" });
      expect((await run(second, context, ["/bin/true"])).code).toBe(0);
    },
  },
  {
    id: "sweep",
    title: "the sweep takes what is past its deadline and leaves the rest",
    async check(context) {
      const spec = context.spec({ lifetimeMs: 3_600_000 });
      await using sandbox = await context.provider.create(spec);
      expect(await context.provider.sweep(Date.now())).not.toContain(sandbox.id);
      expect((await run(sandbox, context, ["/bin/true"])).code).toBe(0);
      expect(await context.provider.sweep(Date.now() + 10 * 3_600_000)).toContain(sandbox.id);
      expect(await context.provider.findByRun(spec.run)).toEqual([]);
      expect(await context.provider.sweep(Date.now() + 10 * 3_600_000)).not.toContain(sandbox.id);
    },
  },
  {
    id: "lifetime",
    title: "past its lifetime a sandbox is gone without anybody asking",
    async check(context) {
      const spec = context.spec({ lifetimeMs: 3_000 + 2_000 * context.subject.slowness });
      await using sandbox = await context.provider.create(spec);
      await expect(run(sandbox, context, ["/bin/sh", "-c", "sleep 300"], { timeoutMs: 4 * spec.lifetimeMs })).rejects.toMatchObject({
        code: "sandbox.lost",
      });
      expect(await isGone(context, () => context.provider.findByRun(spec.run))).toBe(true);
    },
  },
  {
    id: "create-fails",
    title: "when creating fails or is cancelled half-way nothing is left",
    async check(context) {
      const cancelled = context.spec({ signal: AbortSignal.abort(new Error("cancelled")) });
      const late = new AbortController();
      const half = context.spec({ signal: late.signal });
      setTimeout(() => late.abort(new Error("cancelled")), 20 * context.subject.slowness);
      const broken = Object.values(context.subject.broken ?? {}).map((spoil) => spoil(context.spec()));
      for (const spec of [cancelled, half, ...broken]) {
        await expect(context.provider.create(spec)).rejects.toThrow();
        expect(await isGone(context, () => context.provider.findByRun(spec.run))).toBe(true);
      }
    },
  },
];
