import type { Readable } from "node:stream";
import { MAX_HEAD_BYTES } from "../wire/control.ts";

/** The guest's answer in place of a reply; anything else that is thrown becomes `failed`. */
export class RequestFailure extends Error {
  readonly code: "bad-request" | "not-found" | "too-large" | "unreadable" | "failed";

  constructor(code: RequestFailure["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RequestFailure";
    this.code = code;
  }
}

/** Reads the head; the payload stays in the stream. The runner is trusted to send what its types promise. */
export async function readHead<T>(body: Readable): Promise<T> {
  const length = (await readExactly(body, 4)).readUInt32BE();
  if (length > MAX_HEAD_BYTES) throw new RequestFailure("bad-request", `A head of ${length} bytes is larger than ${MAX_HEAD_BYTES}.`);
  return JSON.parse((await readExactly(body, length)).toString("utf8")) as T;
}

/** @throws RequestFailure `bad-request` if the stream ends earlier. */
export function readExactly(body: Readable, length: number): Promise<Buffer> {
  if (length === 0) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      body.off("readable", read);
      body.off("end", ended);
      body.off("close", ended);
      body.off("error", ended);
      finish();
    };
    const ended = (): void => settle(() => reject(new RequestFailure("bad-request", "The request was cut.")));
    const read = (): void => {
      const bytes = body.read(length) as Buffer | null;
      if (bytes === null) {
        if (body.readableEnded || body.destroyed) ended();
      } else if (bytes.length < length) {
        ended();
      } else {
        settle(() => resolve(bytes));
      }
    };
    body.on("readable", read);
    body.on("end", ended);
    body.on("close", ended);
    body.on("error", ended);
    read();
  });
}

/** Exactly `length` bytes, piece by piece. */
export async function* readPieces(body: Readable, length: number): AsyncGenerator<Buffer> {
  for (let left = length; left > 0; ) {
    const piece = await readExactly(body, Math.min(left, 65_536));
    left -= piece.length;
    yield piece;
  }
}
