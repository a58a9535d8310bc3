import type { Secret } from "../../../domain/secret.ts";

/** How patient the client is. The defaults keep GitHub's advice of about one write a second, with a burst before it. */
export interface Pacing {
  readonly requestTimeoutMs: number;
  /** One second in production; tests shrink it. */
  readonly secondMs: number;
  readonly maxRetries: number;
  /** If GitHub asks for a longer wait, that is an error. */
  readonly longestWaitSeconds: number;
}

export const PACING: Pacing = { requestTimeoutMs: 60_000, secondMs: 1000, maxRetries: 3, longestWaitSeconds: 120 };

/** Which server the client calls, as whom, and how. */
export interface ClientOptions {
  readonly repository: string;
  readonly apiUrl: string;
  readonly token: Secret;
  readonly notify: (line: string) => void;
  readonly pacing: Pacing;
}
