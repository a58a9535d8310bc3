import { StringDecoder } from "node:string_decoder";

const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 500;

/** One stream of a running program. Its members are functions of their own: they are handed on as listeners. */
export interface Output {
  write(chunk: Uint8Array): void;
  /** What came, up to the limit. Later chunks are dropped. */
  end(): string;
  /** Whether more came than is kept. */
  isCut(): boolean;
}

/** Keeps up to `maxBytes` of what a program writes, and passes on its lines as they come. */
export function openOutput(maxBytes: number, onLine: ((line: string) => void) | undefined): Output {
  const decoder = new StringDecoder("utf8");
  const lines = onLine === undefined ? undefined : openLines(onLine);
  const pieces: string[] = [];
  let bytes = 0;
  let open = true;
  const keep = (text: string): void => {
    pieces.push(text);
    lines?.write(text);
  };
  return {
    write(chunk) {
      if (!open) return;
      const kept = chunk.subarray(0, Math.max(0, maxBytes - bytes));
      bytes += chunk.length;
      keep(decoder.write(Buffer.from(kept)));
    },
    end() {
      if (open) keep(decoder.end());
      open = false;
      lines?.end();
      return pieces.join("");
    },
    isCut: () => bytes > maxBytes,
  };
}

/** Lines out of pieces of text. Of a long line only its beginning is held. */
function openLines(onLine: (line: string) => void): { write(text: string): void; end(): void } {
  let line = "";
  const flush = (): void => {
    if (line !== "") onLine(line);
    line = "";
  };
  return {
    write(text) {
      for (const [at, part] of text.split(/[\r\n]/).entries()) {
        if (at > 0) flush();
        line = (line + part).slice(0, MAX_LINE_CHARACTERS);
      }
    },
    end: flush,
  };
}

/** A program may say more than anybody reads. */
export function boundLog(log: (line: string) => void): (line: string) => void {
  let count = 0;
  return (line) => {
    count += 1;
    if (count <= MAX_LINES) log(line);
    if (count === MAX_LINES) log("(what it says from here on is left out)");
  };
}
