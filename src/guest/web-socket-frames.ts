const MAX_FRAME_BYTES = 1 << 20;
const KNOWN_OPCODES: ReadonlySet<number> = new Set([0, 1, 2, 8, 9, 10]);

/** Values of the short length that say how many bytes the real length takes. */
const LENGTH_BYTES: ReadonlyMap<number, number> = new Map([
  [126, 2],
  [127, 8],
]);

/** One frame as a client sent it, unmasked. */
export interface WebSocketFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

interface Header {
  readonly opcode: number;
  readonly headerBytes: number;
  readonly payloadBytes: number;
  readonly mask: Buffer;
}

/** Reads a client's frames, split anywhere. `push` throws on what a client may not send. */
export function openFrameParser(onFrame: (frame: WebSocketFrame) => void): { push(chunk: Buffer): void } {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      for (let header = readHeader(pending); header !== undefined; header = readHeader(pending)) {
        const end = header.headerBytes + header.payloadBytes;
        if (pending.length < end) return;
        const payload = unmask(pending.subarray(header.headerBytes, end), header.mask);
        pending = pending.subarray(end);
        onFrame({ opcode: header.opcode, payload });
      }
    },
  };
}

/** Undefined while the header is incomplete. */
function readHeader(bytes: Buffer): Header | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 0x0f;
  if ((first & 0x70) !== 0 || !KNOWN_OPCODES.has(opcode)) throw new Error("A WebSocket frame uses what was not agreed on.");
  if ((second & 0x80) === 0) throw new Error("A WebSocket client's frame is not masked.");
  const short = second & 0x7f;
  const lengthBytes = LENGTH_BYTES.get(short) ?? 0;
  const headerBytes = 2 + lengthBytes + 4;
  if (bytes.length < headerBytes) return undefined;
  const payloadBytes = lengthBytes === 0 ? short : Number(`0x${bytes.toString("hex", 2, 2 + lengthBytes)}`);
  if (payloadBytes > MAX_FRAME_BYTES) throw new Error(`A WebSocket frame has ${payloadBytes} bytes; at most ${MAX_FRAME_BYTES} are taken.`);
  return { opcode, headerBytes, payloadBytes, mask: bytes.subarray(headerBytes - 4, headerBytes) };
}

function unmask(masked: Buffer, mask: Buffer): Buffer {
  const payload = Buffer.allocUnsafe(masked.length);
  for (let at = 0; at < masked.length; at += 1) payload[at] = (masked[at] ?? 0) ^ (mask[at & 3] ?? 0);
  return payload;
}
