import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Duplex } from "node:stream";

export type StreamRole = "runner" | "guest";

const MAGIC = Buffer.from("ALK1");
const NONCE_BYTES = 16;
const HELLO_BYTES = MAGIC.length + 1 + NONCE_BYTES;
const MAC_BYTES = 32;
const PROOF_BYTES = 6 + MAC_BYTES;
const ROLE_BYTE = { runner: 0x52, guest: 0x47 } as const;

export interface HandshakeOptions {
  readonly role: StreamRole;
  readonly token: Uint8Array;
  readonly timeoutMs: number;
  /** The offset up to which this end has received, read at the moment it is sent: from then on an older link must not advance it. */
  readonly freeze: () => number;
}

/**
 * Proves to each end that the other knows the token, without revealing it, and exchanges how far each has received. The runner speaks
 * first; a stranger gets only one nonce from the guest. Resolves to the peer's offset.
 */
export async function shakeHands(link: Duplex, options: HandshakeOptions): Promise<number> {
  const timer = setTimeout(() => link.destroy(new Error("The handshake on a new link took too long.")), options.timeoutMs);
  const nonce = randomBytes(NONCE_BYTES);
  const hello = Buffer.concat([MAGIC, Buffer.of(ROLE_BYTE[options.role]), nonce]);
  const peer: StreamRole = options.role === "runner" ? "guest" : "runner";
  try {
    if (options.role === "runner") link.write(hello);
    const peerNonce = readHello(await readExactly(link, HELLO_BYTES), peer);
    if (options.role === "guest") link.write(hello);
    const nonces = options.role === "runner" ? Buffer.concat([nonce, peerNonce]) : Buffer.concat([peerNonce, nonce]);
    if (options.role === "runner") link.write(prove(options, options.role, nonces, options.freeze()));
    const received = readProof(await readExactly(link, PROOF_BYTES), options, peer, nonces);
    if (options.role === "guest") link.write(prove(options, options.role, nonces, options.freeze()));
    return received;
  } finally {
    clearTimeout(timer);
  }
}

function readHello(hello: Buffer, peer: StreamRole): Buffer {
  if (!hello.subarray(0, MAGIC.length).equals(MAGIC) || hello[MAGIC.length] !== ROLE_BYTE[peer]) {
    throw new Error("A new link does not speak the stream's protocol.");
  }
  return hello.subarray(MAGIC.length + 1);
}

interface Keyed {
  readonly token: Uint8Array;
}

function prove(keyed: Keyed, role: StreamRole, nonces: Buffer, received: number): Buffer {
  const offset = Buffer.alloc(6);
  offset.writeUIntBE(received, 0, 6);
  return Buffer.concat([offset, mac(keyed, role, nonces, offset)]);
}

function readProof(proof: Buffer, keyed: Keyed, peer: StreamRole, nonces: Buffer): number {
  const offset = proof.subarray(0, 6);
  if (!timingSafeEqual(proof.subarray(6), mac(keyed, peer, nonces, offset))) throw new Error("A new link does not know this run's token.");
  return offset.readUIntBE(0, 6);
}

function mac(keyed: Keyed, role: StreamRole, nonces: Buffer, offset: Buffer): Buffer {
  return createHmac("sha256", keyed.token)
    .update("airlock carrier 1")
    .update(Buffer.of(ROLE_BYTE[role]))
    .update(nonces)
    .update(offset)
    .digest();
}

/** Reads exactly this many bytes and leaves the rest in the stream. */
function readExactly(link: Duplex, size: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      link.off("readable", take);
      link.off("end", lost);
      link.off("close", lost);
      act();
    };
    const take = (): void => {
      const bytes = link.read(size) as Buffer | null;
      if (bytes === null) return;
      if (bytes.length === size) finish(() => resolve(bytes));
      else lost();
    };
    const lost = (): void => finish(() => reject(link.errored ?? new Error("A new link ended during its handshake.")));
    link.on("readable", take);
    link.once("end", lost);
    link.once("close", lost);
    if (link.destroyed) lost();
    else take();
  });
}
