/** Time that passes when the test says so. */
export interface Clock {
  now(): number;
  after(ms: number): AbortSignal;
  pass(ms: number): void;
}

export function openClock(): Clock {
  let nowMs = Date.now();
  const alarms: { readonly atMs: number; readonly controller: AbortController }[] = [];
  return {
    now: () => nowMs,
    after(ms) {
      const controller = new AbortController();
      alarms.push({ atMs: nowMs + ms, controller });
      return controller.signal;
    },
    pass(ms) {
      nowMs += ms;
      for (const { controller } of alarms.filter(({ atMs }) => atMs <= nowMs)) controller.abort();
    },
  };
}
