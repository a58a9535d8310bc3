import { Buffer } from "node:buffer";
import { Transform } from "node:stream";
import type { Secret } from "../../domain/secret.ts";
import { type Occurrence, openSearch, type SearchedText, type TextSearch } from "../../domain/secrets/search.ts";
import { listSpellings } from "../../domain/secrets/spellings.ts";

/** Masks secret values in a server's response, in every spelling that is too long to occur there by chance. Lengths do not change. */
export interface ResponseScrubber {
  text(value: string): string;
  /** Delays only what may be the beginning of a secret, at most as much as the longest spelling; memory does not grow with the body. */
  stream(): Transform;
}

const MASK = "*".charCodeAt(0);

export function openResponseScrubber(secrets: readonly Secret[]): ResponseScrubber {
  const search = openSearch(secrets.flatMap(searchedTexts));
  return {
    text(value) {
      const bytes = Buffer.from(value, "latin1");
      mask(bytes, search.find(bytes.toString("latin1")));
      return bytes.toString("latin1");
    },
    stream: () => openStream(search),
  };
}

function searchedTexts(secret: Secret): readonly SearchedText[] {
  const value = secret.reveal();
  const spellings = listSpellings(value).filter(({ shortest }) => Buffer.byteLength(value) >= shortest);
  return spellings.map(({ bytes }) => ({ text: bytes.toString("latin1"), name: secret.name }));
}

function mask(bytes: Buffer, occurrences: readonly Pick<Occurrence, "start" | "end">[]): void {
  for (const { start, end } of occurrences) bytes.fill(MASK, start, end);
}

function openStream(search: TextSearch): Transform {
  // Not yet masked, since a spelling can begin inside another. Its first `covered` bytes belong to a spelling that was already found.
  let kept: Buffer = Buffer.alloc(0);
  let covered = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = Buffer.concat([kept, chunk]);
      const text = bytes.toString("latin1");
      const occurrences = [{ start: 0, end: covered }, ...search.find(text)];
      const cut = search.findCutOff(text);
      kept = Buffer.from(bytes.subarray(cut));
      covered = Math.max(0, ...occurrences.map(({ end }) => end - cut));
      mask(bytes, occurrences);
      done(null, bytes.subarray(0, cut));
    },
    flush(done) {
      mask(kept, [{ start: 0, end: covered }]);
      done(null, kept);
    },
  });
}
