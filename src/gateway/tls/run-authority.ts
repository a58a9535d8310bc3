import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { parseAddress } from "../../domain/egress/address.ts";
import { bitString, encode, integer, objectId, sequence, TAG, tagged, utcTime } from "./der.ts";

/** A certificate authority that lives as long as the run. Its keys are in the runner's memory only. */
export interface RunAuthority {
  /** The authority's certificate, PEM. */
  readonly certificate: string;
  /** A certificate for one host, made when first asked for. */
  contextFor(host: string): SecureContext;
}

const DAY_MS = 86_400_000;
/** The guest's clock may be off: valid from a day ago for a week. */
const VALIDITY = { beforeMs: DAY_MS, afterMs: 7 * DAY_MS } as const;
const MAX_CONTEXTS = 500;

const OID = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

const ALGORITHM = sequence(objectId(OID.ecdsaWithSha256));
const TRUE = encode(TAG.boolean, Buffer.from([0xff]));

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Makes the authority at once (ECDSA P-256, RFC 5280). */
export function openRunAuthority(nowMs: number): RunAuthority {
  const rootKeys = makeKeys();
  const leafKeys = makeKeys();
  const issuer = nameOf(`Airlock run ${randomBytes(4).toString("hex")}`);
  const certify = (subject: Buffer, publicKey: KeyObject, extensions: readonly Buffer[]): string => {
    const validity = sequence(utcTime(new Date(nowMs - VALIDITY.beforeMs)), utcTime(new Date(nowMs + VALIDITY.afterMs)));
    const body = sequence(
      tagged(0, true, integer(Buffer.from([2]))),
      integer(serialNumber()),
      ALGORITHM,
      issuer,
      validity,
      subject,
      publicKey.export({ type: "spki", format: "der" }),
      tagged(3, true, sequence(...extensions)),
    );
    return toPem(sequence(body, ALGORITHM, bitString(sign("sha256", body, rootKeys.privateKey))));
  };
  const certificate = certify(issuer, rootKeys.publicKey, rootExtensions(rootKeys));
  const key = leafKeys.privateKey.export({ type: "pkcs8", format: "pem" });
  const contexts = new Map<string, SecureContext>();
  return {
    certificate,
    contextFor(host) {
      const known = contexts.get(host);
      if (known !== undefined) return known;
      if (contexts.size >= MAX_CONTEXTS) contexts.clear();
      const leaf = certify(nameOf("Airlock"), leafKeys.publicKey, leafExtensions(host, rootKeys));
      const context = createSecureContext({ key, cert: leaf + certificate, minVersion: "TLSv1.2" });
      contexts.set(host, context);
      return context;
    },
  };
}

function makeKeys(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** 127 random bits, never zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function nameOf(commonName: string): Buffer {
  return sequence(encode(TAG.set, sequence(objectId(OID.commonName), encode(TAG.utf8, Buffer.from(commonName)))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [TRUE] : []), encode(TAG.octetString, value));
}

function keyId({ publicKey }: KeyPair): Buffer {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);
}

/** May sign certificates, but none that sign others. */
function rootExtensions(keys: KeyPair): readonly Buffer[] {
  return [
    extension(OID.basicConstraints, true, sequence(TRUE, integer(Buffer.from([0])))),
    extension(OID.keyUsage, true, bitString(Buffer.from([0x06]), 1)),
    extension(OID.subjectKeyId, false, encode(TAG.octetString, keyId(keys))),
  ];
}

function leafExtensions(host: string, issuer: KeyPair): readonly Buffer[] {
  return [
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, bitString(Buffer.from([0x80]), 7)),
    extension(OID.extendedKeyUsage, false, sequence(objectId(OID.serverAuth))),
    extension(OID.authorityKeyId, false, sequence(tagged(0, false, keyId(issuer)))),
    extension(OID.subjectAltName, false, sequence(alternativeName(host))),
  ];
}

function alternativeName(host: string): Buffer {
  const address = parseAddress(host);
  if (address === undefined) return tagged(2, false, Buffer.from(host, "latin1"));
  const hex = address.value.toString(16).padStart(address.family === 4 ? 8 : 32, "0");
  return tagged(7, false, Buffer.from(hex, "hex"));
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
