import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";

const MAGIC = 0xfeed_feed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** Java's default password. It protects nothing: a reader may also skip the check. */
const PASSWORD = "changeit";
const WHITENER = "Mighty Aphrodite";

/**
 * Certificates as a Java key store of trusted ones. Java reads no PEM, and reads this form without a password, whichever type of store it takes by default.
 * The form is that of `sun.security.provider.JavaKeyStore`: magic, version, count, entries of tag, alias, time, type and DER, then a SHA-1 over password and content.
 */
export function writeJavaTrustStore(pems: readonly string[], nowMs: number): Buffer {
  const entries = pems.map((pem, index) =>
    Buffer.concat([
      uint32(TRUSTED_CERTIFICATE),
      text(`airlock-${index}`),
      uint64(nowMs),
      text("X.509"),
      bytes(new X509Certificate(pem).raw),
    ]),
  );
  const content = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(entries.length), ...entries]);
  const digest = createHash("sha1").update(Buffer.from(PASSWORD, "utf16le").swap16()).update(WHITENER).update(content).digest();
  return Buffer.concat([content, digest]);
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

function uint64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(Math.trunc(value)));
  return out;
}

/** ASCII alone, where Java's own UTF-8 is everybody's. */
function text(value: string): Buffer {
  const out = Buffer.alloc(2);
  out.writeUInt16BE(value.length);
  return Buffer.concat([out, Buffer.from(value, "ascii")]);
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([uint32(value.length), value]);
}
