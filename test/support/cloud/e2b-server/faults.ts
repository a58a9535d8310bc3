import type { Faults } from "../faults.ts";

/** Where a fault can strike. */
export type Station = "create" | "list" | "get" | "kill" | "start" | "upload" | "tunnel";

export type E2bFaults = Faults<Station>;
