import fc from "fast-check";
import { FUZZ_SEED, rounds } from "./fuzz.ts";

/** Set up before every test file, so that no property runs under a seed of its own choosing. */
fc.configureGlobal({ seed: FUZZ_SEED, numRuns: rounds(100) });
