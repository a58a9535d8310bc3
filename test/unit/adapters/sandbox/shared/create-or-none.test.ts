import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Creation, createOrNone } from "../../../../../src/adapters/sandbox/shared/create-or-none.ts";
import { type FailureKind, VendorFailure } from "../../../../../src/adapters/sandbox/shared/vendor-failure.ts";
import { AirlockError } from "../../../../../src/domain/errors.ts";

interface Box {
  readonly id: string;
}

type Answer = Box | FailureKind;

/** A cloud that gives these answers one after the other. `called` is what was asked of it, in order. */
function openCloud(answers: readonly Answer[], changes: Partial<Creation<Box, string>> = {}) {
  const called: string[] = [];
  const waiting = [...answers];
  const creation: Creation<Box, string> = {
    signal: new AbortController().signal,
    pausesMs: [1, 1, 1],
    async request() {
      called.push("request");
      const answer = waiting.shift() ?? "interrupted";
      if (typeof answer === "string") throw new VendorFailure(answer, { detail: "no" });
      return answer;
    },
    async recover() {
      called.push("recover");
      return "none";
    },
    async secure({ id }) {
      called.push(`secure ${id}`);
      return id;
    },
    async remove(made) {
      called.push(`remove ${made?.id ?? "leftovers"}`);
    },
    explain: ({ kind }) => new AirlockError("sandbox.refused", { message: kind, remedy: "r" }),
    ...changes,
  };
  return { creation, called };
}

const BOX = { id: "a" };

describe("A creation that is answered", () => {
  test("gives what was secured, and removes it once however often it is destroyed", async () => {
    const { creation, called } = openCloud([BOX]);
    const created = await createOrNone(creation);
    expect(created.sandbox).toBe("a");
    await Promise.all([created.destroy(), created.destroy()]);
    expect(called).toEqual(["request", "secure a", "remove a"]);
  });

  test("I6: is removed when it cannot be secured", async () => {
    const refusal = new AirlockError("egress.unproved", { message: "open", remedy: "r" });
    const { creation, called } = openCloud([BOX], { secure: () => Promise.reject(refusal) });
    await expect(createOrNone(creation)).rejects.toBe(refusal);
    expect(called).toEqual(["request", "remove a"]);
  });

  test("is removed when the run was cancelled while it was secured", async () => {
    const cancel = new AbortController();
    const { creation, called } = openCloud([BOX], {
      signal: cancel.signal,
      async secure() {
        cancel.abort();
        return "too late";
      },
    });
    await expect(createOrNone(creation)).rejects.toMatchObject({ code: "run.cancelled" });
    expect(called).toEqual(["request", "remove a"]);
  });
});

describe("A creation that fails", () => {
  test("is tried again when nothing was made and later it may be, without looking for what cannot be there", async () => {
    const { creation, called } = openCloud(["rate-limit", "capacity", BOX]);
    await createOrNone(creation);
    expect(called).toEqual(["request", "request", "request", "secure a"]);
  });

  test.each(["credentials", "quota", "bad-request", "template"] as const)(
    "with %s is asked for once and leaves nothing to remove",
    async (kind) => {
      const { creation, called } = openCloud([kind]);
      await expect(createOrNone(creation)).rejects.toMatchObject({ message: kind });
      expect(called).toEqual(["request"]);
    },
  );

  test("I7: is looked for when its answer was lost, before it is tried again, and at the end", async () => {
    const { creation, called } = openCloud(["interrupted", "interrupted", "credentials"]);
    await expect(createOrNone(creation)).rejects.toMatchObject({ message: "credentials" });
    expect(called).toEqual(["request", "recover", "request", "recover", "request", "remove leftovers"]);
  });

  test("goes on with the sandbox that stands although its answer was lost", async () => {
    const { creation, called } = openCloud(["interrupted"], { recover: async () => BOX });
    expect((await createOrNone(creation)).sandbox).toBe("a");
    expect(called).toEqual(["request", "secure a"]);
  });

  test("with a kind that the cloud says is doubtful is looked for too; only when none stands is the refusal all there is", async () => {
    const doubtful = ["interrupted", "bad-request"] as const;
    const none = openCloud(["bad-request"], { doubtful });
    await expect(createOrNone(none.creation)).rejects.toMatchObject({ message: "bad-request" });
    expect(none.called).toEqual(["request", "recover"]);
    const unknown = openCloud(["bad-request"], { doubtful, recover: async () => "unknown" });
    await expect(createOrNone(unknown.creation)).rejects.toMatchObject({ message: "bad-request" });
    expect(unknown.called).toEqual(["request", "remove leftovers"]);
  });

  test("ends at once when another request could leave two sandboxes", async () => {
    const blind = new AirlockError("sandbox.unavailable", { message: "no list", remedy: "r" });
    const { creation, called } = openCloud(["interrupted", BOX], { recover: () => Promise.reject(blind) });
    await expect(createOrNone(creation)).rejects.toBe(blind);
    expect(called).toEqual(["request", "remove leftovers"]);
  });

  test("takes what is no failure of the vendor for a lost answer", async () => {
    const { creation, called } = openCloud([], { request: () => Promise.reject(new TypeError("fetch failed")), pausesMs: [] });
    await expect(createOrNone(creation)).rejects.toMatchObject({ message: "interrupted" });
    expect(called).toEqual(["recover", "remove leftovers"]);
  });
});

describe("A creation that is not wanted any more", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A cloud that answers so much later; the run is cancelled after 100 ms. */
  function openSlowCloud(answersAfterMs: number, answer: Answer = BOX) {
    const cancel = new AbortController();
    const { creation, called } = openCloud([], {
      signal: cancel.signal,
      async request() {
        await new Promise((settle) => setTimeout(settle, answersAfterMs));
        if (typeof answer === "string") throw new VendorFailure(answer, { detail: "no" });
        return answer;
      },
    });
    setTimeout(() => cancel.abort(), 100);
    const ended = createOrNone(creation).then(
      () => "created",
      (error: { readonly code: string }) => error.code,
    );
    return { ended, called };
  }

  test("is not even asked for when the run was cancelled before", async () => {
    const { creation, called } = openCloud([BOX], { signal: AbortSignal.abort() });
    await expect(createOrNone(creation)).rejects.toMatchObject({ code: "run.cancelled" });
    expect(called).toEqual([]);
  });

  test("I7: is waited for and removed when its answer comes soon", async () => {
    const { ended, called } = openSlowCloud(3_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await ended).toBe("run.cancelled");
    expect(called).toEqual(["remove a"]);
  });

  test("I7: is looked for when its answer does not come soon, and removed when it does", async () => {
    const { ended, called } = openSlowCloud(60_000);
    await vi.advanceTimersByTimeAsync(5_100);
    expect(await ended).toBe("run.cancelled");
    expect(called).toEqual(["remove leftovers"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(called).toEqual(["remove leftovers", "remove a"]);
  });

  test("I7: is looked for when its answer was lost", async () => {
    const { ended, called } = openSlowCloud(200, "interrupted");
    await vi.advanceTimersByTimeAsync(5_200);
    expect(await ended).toBe("run.cancelled");
    expect(called).toEqual(["remove leftovers"]);
  });
});
