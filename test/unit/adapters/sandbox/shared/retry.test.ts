import { describe, expect, test } from "vitest";
import { retry } from "../../../../../src/adapters/sandbox/shared/retry.ts";
import { type FailureKind, VendorFailure } from "../../../../../src/adapters/sandbox/shared/vendor-failure.ts";

/** A call that fails in these ways, then succeeds with the number of its attempts. */
function failing(...failures: readonly (FailureKind | VendorFailure)[]) {
  let attempts = 0;
  return async (): Promise<number> => {
    const failure = failures[attempts++];
    if (typeof failure === "string") throw new VendorFailure(failure, { detail: "no" });
    if (failure !== undefined) throw failure;
    return attempts;
  };
}

const PAUSES = { pausesMs: [1, 1] };

describe("A call to a cloud's API", () => {
  test("is repeated while that may help, and no oftener than there are pauses", async () => {
    expect(await retry(PAUSES, failing("interrupted", "rate-limit"))).toBe(3);
    await expect(retry(PAUSES, failing("capacity", "capacity", "capacity"))).rejects.toMatchObject({ kind: "capacity" });
  });

  test.each(["credentials", "forbidden", "not-found", "bad-request", "quota", "disk-full", "template"] as const)(
    "that fails with %s is not repeated",
    async (kind) => {
      await expect(retry(PAUSES, failing(kind))).rejects.toMatchObject({ kind });
    },
  );

  test("is repeated no sooner than the service asks, and not at all when it asks for more than a minute", async () => {
    const soon = new VendorFailure("rate-limit", { detail: "", retryAfterMs: 300 });
    const order: string[] = [];
    setTimeout(() => order.push("half of the wait"), 150);
    await retry(PAUSES, failing(soon));
    expect([...order, "second attempt"]).toEqual(["half of the wait", "second attempt"]);
    const late = new VendorFailure("rate-limit", { detail: "", retryAfterMs: 60_001 });
    await expect(retry(PAUSES, failing(late))).rejects.toBe(late);
  });

  test("is not repeated once nobody wants it any more", async () => {
    await expect(retry({ ...PAUSES, signal: AbortSignal.abort() }, failing("capacity"))).rejects.toMatchObject({ kind: "capacity" });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 20);
    await expect(retry({ pausesMs: [60_000], signal: cancel.signal }, failing("capacity"))).rejects.toMatchObject({ kind: "capacity" });
  });
});
