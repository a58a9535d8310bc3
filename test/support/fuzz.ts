/** Seed of every property unless another is asked for: a run in CI then finds what the last one found, and nothing by chance. */
const KEPT_SEED = 20_261_123;
const asked = process.env["AIRLOCK_FUZZ_SEED"] ?? "";
const times = readTimes(process.env["AIRLOCK_FUZZ_TIMES"] ?? "1");

/** The seed of this run. `AIRLOCK_FUZZ_SEED` sets it: a whole number, or `random` for a fresh one in each test file. */
export const FUZZ_SEED =
  asked === "" ? KEPT_SEED : asked === "random" ? Math.floor(Math.random() * 2 ** 31) : readWhole("AIRLOCK_FUZZ_SEED", asked);

/** A seed that one test keeps for itself; under another `AIRLOCK_FUZZ_SEED` it moves along. */
export const ownSeed = (kept: number): number => (asked === "" ? kept : (FUZZ_SEED + kept) % 2 ** 31);

/** How often a property runs: as often as said, times `AIRLOCK_FUZZ_TIMES`, and once at least. */
export const rounds = (count: number): number => Math.max(1, Math.round(count * times));

/** A time limit in milliseconds, which grows with the rounds and never shrinks. */
export const timeLimit = (ms: number): number => ms * Math.max(1, times);

/** Time limit of a test whose property does real work in every round, such as git's. */
export const PROPERTY_TIMEOUT_MS = timeLimit(120_000);

/** A whole number, or a tenth for a quick look. */
function readTimes(text: string): number {
  return text === "0.1" ? 0.1 : readWhole("AIRLOCK_FUZZ_TIMES", text);
}

function readWhole(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 31) throw new Error(`${name} is no whole number below 2^31: ${text}`);
  return Number(text);
}
