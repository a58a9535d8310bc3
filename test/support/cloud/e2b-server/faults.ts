import type { Faults } from "../faults.ts";

/** Where a fault can strike. */
export type Stage = "create" | "list" | "get" | "kill" | "start" | "upload" | "tunnel";

export type E2bFaults = Faults<Stage>;
