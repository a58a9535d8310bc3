import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openMemoryBudget } from "../../../../src/gateway/broker/memory-budget.ts";

test("I18: compressed bodies are opened one after the other, also after one that fails", async () => {
  const memory = openMemoryBudget({ maxBytes: 1, maxRequests: 1 });
  let running = 0;
  let most = 0;
  const work = Array.from({ length: 20 }, (_, index) =>
    memory.alone(async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
      if (index % 3 === 0) throw new Error("unreadable");
      return index;
    }),
  );
  const settled = await Promise.allSettled(work);
  expect(most).toBe(1);
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(13);
});
