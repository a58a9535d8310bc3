import type { Http2Session } from "node:http2";

export interface KeepaliveOptions {
  readonly intervalMs: number;
  /** How long an answer may take; generous, because an emulated guest under load is slow. */
  readonly timeoutMs: number;
  readonly onDead: () => void;
}

/** Pings an HTTP/2 session and calls `onDead` if an answer does not come in time. Returns a function that stops it. */
export function keepAlive(session: Http2Session, options: KeepaliveOptions): () => void {
  let deadline: NodeJS.Timeout | undefined;
  const answered = (): void => {
    clearTimeout(deadline);
    deadline = undefined;
  };
  const interval = setInterval(() => {
    if (deadline !== undefined || session.destroyed || session.closed) return;
    deadline = setTimeout(options.onDead, options.timeoutMs);
    deadline.unref();
    session.ping(answered);
  }, options.intervalMs);
  interval.unref();
  return () => {
    clearInterval(interval);
    answered();
  };
}
