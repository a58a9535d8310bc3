import type { Fault, Faults } from "../faults.ts";

/** Where a fault can strike. */
export type Stage = "create" | "list" | "get" | "delete" | "policy-set" | "policy-get" | "exec" | "upload" | "proxy";

export type SpritesFault = Fault & {
  /** For a status: the service's own word, `error` in the body. */
  readonly code?: string;
};

export type SpritesFaults = Faults<Stage, SpritesFault>;
