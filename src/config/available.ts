/**
 * What this version can do of what the inputs can say. Anything else ends with
 * `input.unsupported`. Adding an adapter means adding its word here.
 */
export const AVAILABLE = {
  agent: ["claude-code", "command"],
  provider: ["auto", "microvm", "e2b", "sprites"],
} as const;
