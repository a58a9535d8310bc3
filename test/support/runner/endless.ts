import { openDeadline } from "../../../src/domain/deadline.ts";

const never = (): AbortSignal => new AbortController().signal;

/** For work of a run that nobody ends. */
export const ENDLESS = openDeadline({ timeoutMs: 60_000, cancelled: never(), stop: never(), now: () => 0, after: never });
