import { openEnds } from "../../src/domain/deadline.ts";

const never = (): AbortSignal => new AbortController().signal;

/** For work of a run that nobody ends. */
export const ENDLESS = openEnds({ timeoutMs: 60_000, cancelled: never(), stop: never(), now: () => 0, after: never });
