import { createHash } from "node:crypto";

/** What the record says about a file of lines. */
export interface ChainFacts {
  readonly bytes: number;
  readonly lines: number;
  /** Of the whole file, in hex. */
  readonly sha256: string;
  /** Head of the chain, in hex: changes with any line, its place, and the number of lines. */
  readonly chain: string;
}

export interface Chain {
  push(chunk: Uint8Array): void;
  end(): ChainFacts;
}

const NEWLINE = 10;

/**
 * Hash chain over the lines of a file: h(0) = sha256("airlock-chain-1" NUL name), h(n) = sha256(h(n-1) line(n)), with lines without their
 * newline. Whoever has the first n lines can check that the file begins with them, if the head for n is known. Memory does not grow with
 * the file.
 */
export function openChain(name: string): Chain {
  let head = createHash("sha256").update(`airlock-chain-1\0${name}`).digest();
  let line = createHash("sha256").update(head);
  let pending = 0;
  let bytes = 0;
  let lines = 0;
  const whole = createHash("sha256");
  const close = (): void => {
    head = line.digest();
    line = createHash("sha256").update(head);
    pending = 0;
    lines += 1;
  };
  return {
    push(chunk) {
      whole.update(chunk);
      bytes += chunk.byteLength;
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        line.update(chunk.subarray(start, end));
        close();
        start = end + 1;
      }
      line.update(chunk.subarray(start));
      pending += chunk.byteLength - start;
    },
    end() {
      if (pending > 0) close();
      return { bytes, lines, sha256: whole.digest("hex"), chain: head.toString("hex") };
    },
  };
}
