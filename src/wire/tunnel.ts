/** What the two ends of the egress tunnel agree on: one HTTP/2 session, the guest is the client. */

const MIB = 1024 * 1024;

/** Bytes that one stream may have in flight before its reader has to catch up. */
export const STREAM_WINDOW_BYTES = MIB;
/** Bytes that the whole session may have in flight. */
export const SESSION_WINDOW_BYTES = 16 * MIB;
/** Connections open at once through one tunnel. */
export const MAX_STREAMS = 1024;

/** SETTINGS that both ends send. Only one header of a request matters, so the header list is tiny. */
export const TUNNEL_SETTINGS = {
  enablePush: false,
  initialWindowSize: STREAM_WINDOW_BYTES,
  maxConcurrentStreams: MAX_STREAMS,
  maxHeaderListSize: 4096,
  headerTableSize: 0,
} as const;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const AUTHORITY = /^([a-z][a-z0-9-]{0,31})\.airlock:1$/;

/** The `:authority` of a stream that belongs to the listener `name`, for example `proxy.airlock:1`. */
export function authorityOf(name: string): string {
  if (!NAME.test(name)) throw new TypeError(`"${name}" cannot name a listener: use a-z, 0-9 and "-".`);
  return `${name}.airlock:1`;
}

/** The listener's name, or undefined if the text is not one of our authorities. */
export function parseStreamAuthority(authority: string): string | undefined {
  return AUTHORITY.exec(authority)?.[1];
}
