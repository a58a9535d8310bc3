import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { AirlockError } from "../../../src/domain/errors.ts";
import type { LawContext, LifecycleLaw } from "./law.ts";
import { command, run } from "./run.ts";

const SWEPT_MS = 120_000;

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
      // Shorter than the life of the sandbox that the other laws share, which is not to be swept here.
      const spec = context.spec({ lifetimeMs: SWEPT_MS });
      await using sandbox = await context.provider.create(spec);
      expect(await context.provider.sweep(Date.now())).not.toContain(sandbox.id);
      expect((await run(sandbox, context, ["/bin/true"])).code).toBe(0);
      expect(await context.provider.sweep(Date.now() + 2 * SWEPT_MS)).toContain(sandbox.id);
      expect(await context.provider.findByRun(spec.run)).toEqual([]);
      expect(await context.provider.sweep(Date.now() + 2 * SWEPT_MS)).not.toContain(sandbox.id);
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
    title: "when creating fails or is ended half-way nothing is left, and who ended it is told with their own reason",
    async check(context) {
      const reason = new AirlockError("agent.timeout", { message: "The time is up.", remedy: "Take more." });
      const ended = context.spec({ signal: AbortSignal.abort(reason) });
      const late = new AbortController();
      const half = context.spec({ signal: late.signal });
      setTimeout(() => late.abort(reason), 20 * context.subject.slowness);
      const broken = Object.values(context.subject.broken ?? {}).map((spoil) => spoil(context.spec()));
      for (const spec of [ended, half, ...broken]) {
        const failure = await context.provider.create(spec).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (broken.includes(spec)) expect(failure).toBeInstanceOf(Error);
        else expect(failure).toBe(reason);
        expect(await isGone(context, () => context.provider.findByRun(spec.run))).toBe(true);
      }
    },
  },
];
