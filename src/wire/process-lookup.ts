/**
 * How the runner asks which command opened a stream: an ALTSVC frame on that stream (RFC 7838), the one frame a server may send about a
 * stream that node:http2 shows to the client. The answer is a stream of its own, for a listener that cannot be reached in any other way.
 */
export const LOOKUP_REQUEST = "airlock-asks";

/** Name of the listener that takes answers. */
export const LOOKUP_STREAM = "answers";

/** Id of the stream that was asked about, decimal. */
export const STREAM_HEADER = "airlock-stream";
/** The command as base64url of UTF-8. */
export const COMMAND_HEADER = "airlock-command";

/** Maximum bytes of a command that are sent. */
export const MAX_COMMAND_BYTES = 512;
