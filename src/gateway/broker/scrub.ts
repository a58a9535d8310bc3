import { Transform } from "node:stream";
import { listSpellings } from "../../domain/secrets/spellings.ts";

const MASK = 0x2a;
/** This many consecutive bytes of any spelling of the key are masked. Longer than any prefix that keys have in common. */
const WINDOW_BYTES = 16;
const ALPHABET = 256;

/** Finds and masks pieces of a secret in bytes that come in chunks cut anywhere. */
export interface StreamScrubber {
  /** Bytes that are now known to be clean; the rest is kept back until the next chunk. */
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

export interface ScrubberFactory {
  open(): StreamScrubber;
  /** For one whole value, such as a header's. */
  clean(text: string): string;
}

/** Prepares the search for a secret in every spelling that a response could carry. */
export function openScrubbing(secret: string): ScrubberFactory {
  const automaton = buildAutomaton(listSpellings(secret).map(({ bytes }) => bytes));
  const window = Math.min(WINDOW_BYTES, secret.length);
  const open = (): StreamScrubber => openScrubber(automaton, window);
  return {
    open,
    clean(text) {
      const scrubber = open();
      return Buffer.concat([scrubber.push(Buffer.from(text, "latin1")), scrubber.end()]).toString("latin1");
    },
  };
}

/** A suffix automaton: at each byte of a text it gives the length of the longest piece of a pattern that ends there. */
interface Automaton {
  /** `next[state * 256 + byte]`, 0 for none (nothing leads back to the start). */
  readonly next: Uint32Array;
  readonly link: Int32Array;
  readonly length: Int32Array;
}

function buildAutomaton(patterns: readonly Buffer[]): Automaton {
  const maxStates = 2 * patterns.reduce((sum, pattern) => sum + pattern.length, 1) + 2;
  const next = new Uint32Array(maxStates * ALPHABET);
  const link = new Int32Array(maxStates).fill(-1);
  const length = new Int32Array(maxStates);
  let states = 1;
  const at = (state: number, byte: number): number => next[state * ALPHABET + byte] ?? 0;
  const retarget = (from: number, byte: number, target: number, clone: number): void => {
    for (let state = from; state !== -1 && at(state, byte) === target; state = link[state] ?? -1) next[state * ALPHABET + byte] = clone;
  };
  /** The state for `target` as reached from `state`: itself, or a copy that only shorter contexts share. */
  const split = (state: number, byte: number): number => {
    const target = at(state, byte);
    const depth = (length[state] ?? 0) + 1;
    if (length[target] === depth) return target;
    const clone = states++;
    length[clone] = depth;
    next.copyWithin(clone * ALPHABET, target * ALPHABET, (target + 1) * ALPHABET);
    link[clone] = link[target] ?? -1;
    link[target] = clone;
    retarget(state, byte, target, clone);
    return clone;
  };
  const extend = (last: number, byte: number): number => {
    if (at(last, byte) !== 0) return split(last, byte);
    const fresh = states++;
    length[fresh] = (length[last] ?? 0) + 1;
    let state = last;
    while (state !== -1 && at(state, byte) === 0) {
      next[state * ALPHABET + byte] = fresh;
      state = link[state] ?? -1;
    }
    link[fresh] = state === -1 ? 0 : split(state, byte);
    return fresh;
  };
  for (const pattern of patterns) {
    let last = 0;
    for (const byte of pattern) last = extend(last, fold(byte));
  }
  return { next: next.slice(0, states * ALPHABET), link: link.slice(0, states), length: length.slice(0, states) };
}

/** ASCII letters in lower case, so that a form in another case is found too. */
function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function openScrubber(automaton: Automaton, window: number): StreamScrubber {
  const { next, link, length } = automaton;
  let state = 0;
  let matched = 0;
  let kept: Buffer = Buffer.alloc(0);
  const step = (byte: number): void => {
    const folded = fold(byte);
    while (state !== 0 && next[state * ALPHABET + folded] === 0) {
      state = link[state] ?? 0;
      matched = length[state] ?? 0;
    }
    const target = next[state * ALPHABET + folded] ?? 0;
    if (target !== 0) {
      state = target;
      matched++;
    }
  };
  return {
    push(chunk) {
      const bytes = kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([kept, chunk]);
      for (let at = kept.length; at < bytes.length; at++) {
        step(bytes[at] ?? 0);
        if (matched >= window) bytes.fill(MASK, Math.max(0, at + 1 - matched), at + 1);
      }
      const keep = matched >= window ? 0 : matched;
      const cut = bytes.length - keep;
      kept = bytes.subarray(cut);
      return bytes.subarray(0, cut);
    },
    end() {
      const rest = kept;
      kept = Buffer.alloc(0);
      state = 0;
      matched = 0;
      return rest;
    },
  };
}

/** The scrubber as a stream. */
export function scrubStream(scrubber: StreamScrubber): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const clean = scrubber.push(chunk);
      done(null, clean.length > 0 ? clean : undefined);
    },
    flush(done) {
      const rest = scrubber.end();
      done(null, rest.length > 0 ? rest : undefined);
    },
  });
}
