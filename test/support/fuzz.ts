/** Seed of every property unless another is asked for: a run in CI then finds what the last one found, and nothing by chance. */
const KEPT_SEED = 20_261_123;
const asked = process.env["AIRLOCK_FUZZ_SEED"] ?? "";
const times = readWhole("AIRLOCK_FUZZ_TIMES", process.env["AIRLOCK_FUZZ_TIMES"] ?? "1");

/** The seed of this run. `AIRLOCK_FUZZ_SEED` sets it: a whole number, or `random` for a fresh one in each test file. */
export const FUZZ_SEED =
  asked === "" ? KEPT_SEED : asked === "random" ? Math.floor(Math.random() * 2 ** 31) : readWhole("AIRLOCK_FUZZ_SEED", asked);

/** A seed that one test keeps for itself; under another `AIRLOCK_FUZZ_SEED` it moves along. */
export const ownSeed = (kept: number): number => (asked === "" ? kept : (FUZZ_SEED + kept) % 2 ** 31);

/** How often a property runs: as often as said, times `AIRLOCK_FUZZ_TIMES`. */
export const rounds = (count: number): number => count * times;

/** Time limit in milliseconds of a test whose property does real work in every round, such as git's; it grows with the rounds. */
export const PROPERTY_TIMEOUT_MS = rounds(120_000);

function readWhole(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 31) throw new Error(`${name} is no whole number below 2^31: ${text}`);
  return Number(text);
}
