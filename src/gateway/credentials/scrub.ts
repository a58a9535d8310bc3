import { Buffer } from "node:buffer";
import { Transform } from "node:stream";
import type { Secret } from "../../domain/secret.ts";

/** Takes secret values out of what a server answers, in the encodings a server is likely to echo them in. Lengths stay as they were. */
export interface ResponseScrubber {
  text(value: string): string;
  /** Holds back as many bytes as a secret could be cut by; memory does not grow with the body. */
  stream(): Transform;
}

const MASK = "*".charCodeAt(0);
/** Shorter spellings would hit ordinary text. */
const SHORTEST = 6;

export function openResponseScrubber(secrets: readonly Secret[]): ResponseScrubber {
  const needles = secrets.flatMap((secret) => spellings(secret.reveal())).map((text) => Buffer.from(text, "latin1"));
  const holdBack = Math.max(0, ...needles.map((needle) => needle.length)) - 1;
  const mask = (bytes: Buffer): Buffer => {
    for (const needle of needles) {
      for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + needle.length))
        bytes.fill(MASK, at, at + needle.length);
    }
    return bytes;
  };
  return {
    text: (value) => mask(Buffer.from(value, "latin1")).toString("latin1"),
    stream: () => openStream(mask, holdBack),
  };
}

function openStream(mask: (bytes: Buffer) => Buffer, holdBack: number): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = mask(Buffer.concat([held, chunk]));
      const cut = Math.max(0, bytes.length - Math.max(0, holdBack));
      held = bytes.subarray(cut);
      done(null, bytes.subarray(0, cut));
    },
    flush(done) {
      done(null, held);
    },
  });
}

function spellings(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const raw = bytes.toString("latin1");
  const hex = bytes.toString("hex");
  const json = Buffer.from(JSON.stringify(value).slice(1, -1)).toString("latin1");
  const all = [raw, hex, hex.toUpperCase(), encodeURIComponent(value), json, ...base64Spellings(bytes)];
  return [...new Set(all)].filter((text) => text === raw || text.length >= SHORTEST);
}

/** The part of a base64 text that the value alone decides, for each way it can be aligned: finds it inside `Basic user:value` too. */
function base64Spellings(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    return [shifted.toString("base64").slice(from, to), shifted.toString("base64url").slice(from, to)];
  });
}
