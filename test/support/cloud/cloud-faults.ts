import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { ErrorCode } from "../../../src/domain/errors.ts";
import type { SandboxProvider } from "../../../src/ports/sandbox.ts";
import { sandboxSpec } from "../sandbox/sandbox-spec.ts";
import type { Fault, Faults, Striking } from "./faults.ts";

/** One fault at one stage, for a table of tests. */
export interface FaultCase<Stage extends string, F extends Fault = Fault> {
  readonly at: Stage;
  readonly fault: F;
  readonly options?: Striking;
  readonly name: string;
}

/** One that ends a creation, and what the error has to say. */
export interface FatalCase<Stage extends string, F extends Fault = Fault> extends FaultCase<Stage, F> {
  readonly code: ErrorCode;
  readonly words: RegExp;
}

export const EVER: Striking = { times: 99 };

/** An error as the service answers it. */
export function status(code: number, more: { readonly after?: boolean; readonly retryAfterS?: number } = {}): Fault {
  return { kind: "status", status: code, ...more };
}

/** What can happen to a creation and be survived, at any service. */
export const CREATION_FAULTS: readonly FaultCase<"create">[] = [
  { name: "a rate limit that names no wait", at: "create", fault: status(429) },
  { name: "no capacity for a moment", at: "create", fault: status(503) },
  { name: "an error before anything was made", at: "create", fault: status(500) },
  { name: "an error after a sandbox was made", at: "create", fault: status(502, { after: true }) },
  { name: "a connection cut before anything was made", at: "create", fault: { kind: "drop" } },
  { name: "a connection cut after a sandbox was made", at: "create", fault: { kind: "drop", after: true } },
  { name: "a creation that is never answered", at: "create", fault: { kind: "half-open" } },
  { name: "a slow creation", at: "create", fault: { kind: "slow", delayMs: 1_500 } },
  { name: "a creation that is delivered twice", at: "create", fault: { kind: "duplicate" } },
];

/** What can happen to an upload and be survived, at any service. */
export const UPLOAD_FAULTS: readonly FaultCase<"upload">[] = [
  { name: "an upload that is cut", at: "upload", fault: { kind: "drop" } },
  { name: "an upload that arrives in part and is confirmed", at: "upload", fault: { kind: "truncate" } },
  { name: "an upload refused for its rate", at: "upload", fault: status(429) },
  { name: "a cut at the last upload", at: "upload", fault: { kind: "drop" }, options: { skip: 1 } },
];

/** A service with its faults. `left`: names of what stands there now. */
export interface FaultyService<Stage extends string, F extends Fault = Fault> {
  readonly faults: Faults<Stage, F>;
  readonly complaints: readonly string[];
  readonly provider: SandboxProvider;
  readonly left: () => readonly string[];
}

/** A sandbox is made, used and destroyed although the fault strikes. */
export async function expectSurvived<Stage extends string, F extends Fault>(
  { faults, complaints, provider, left }: FaultyService<Stage, F>,
  { at, fault, options }: FaultCase<Stage, F>,
): Promise<void> {
  faults.inject(at, fault, options);
  {
    await using sandbox = await provider.create(sandboxSpec());
    const result = await sandbox.exec({ argv: ["/bin/echo", "here"], cwd: "/", env: {}, timeoutMs: 10_000, maxOutputBytes: 100 });
    expect(Buffer.from(result.stdout).toString()).toBe("here\n");
  }
  expect(left()).toEqual([]);
  expect(complaints).toEqual([]);
  if (options?.times === undefined) expect(faults.unmet).toEqual([]);
}

/** The creation ends in one named error that says what to do, and nothing is left. Returns its text. */
export async function expectEnded<Stage extends string, F extends Fault>(
  { faults, provider, left }: FaultyService<Stage, F>,
  { at, fault, options, code, words }: FatalCase<Stage, F>,
): Promise<string> {
  faults.inject(at, fault, options);
  const spec = sandboxSpec();
  const failure = await provider.create(spec).then(
    () => undefined,
    (error: unknown) => error as Error & { readonly remedy: string },
  );
  expect(failure).toMatchObject({ code });
  const text = `${failure?.message} ${failure?.remedy}`;
  expect(text).toMatch(words);
  expect(await provider.findByRun(spec.run)).toEqual([]);
  expect(left()).toEqual([]);
  return text;
}

/** A destruction that fails for good is an error of its own. */
export async function expectLeft<Stage extends string, F extends Fault>(
  { faults, provider }: FaultyService<Stage, F>,
  { at, fault }: Pick<FaultCase<Stage, F>, "at" | "fault">,
): Promise<void> {
  const sandbox = await provider.create(sandboxSpec());
  faults.inject(at, fault, EVER);
  await expect(sandbox[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "sandbox.left" });
}

/** What a cancelled creation can meet; it is cancelled after `afterMs`, and in the end nothing is left. */
export const CANCELLED: readonly (readonly [name: string, fault: Fault])[] = [
  ["before the service answers", { kind: "slow", delayMs: 1_200 }],
  ["while the answer is lost", { kind: "drop", after: true }],
];

export async function expectNoneAfterCancel<Stage extends string, F extends Fault>(
  { faults, provider, left }: FaultyService<Stage, F>,
  { at, fault, afterMs }: { readonly at: Stage; readonly fault: F; readonly afterMs: number },
): Promise<void> {
  faults.inject(at, fault, EVER);
  const cancel = new AbortController();
  const creating = provider.create(sandboxSpec({ signal: cancel.signal }));
  setTimeout(() => cancel.abort(new Error("cancelled")), afterMs);
  await expect(creating).rejects.toMatchObject({ code: "run.cancelled" });
  for (let tries = 0; tries < 300 && left().length > 0; tries++) await sleep(100);
  expect(left()).toEqual([]);
}
