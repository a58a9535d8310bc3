import type { IncomingMessage } from "node:http";
import { Transform } from "node:stream";
import type { CloudMachine } from "../cloud-host.ts";
import type { SpritesFault } from "./faults.ts";

export interface Receiving {
  readonly request: IncomingMessage;
  readonly machine: CloudMachine;
  readonly path: string;
  readonly mode: string;
  readonly user: string;
  readonly fault: SpritesFault | undefined;
}

const KEPT_BYTES = 1_000;

/** Writes a request's body to a file; under a fault only the start of it, without a word. Returns the bytes that arrived. */
export async function receiveUpload({ request, machine, path, mode, user, fault }: Receiving): Promise<number> {
  let bytes = 0;
  const keep = fault?.kind === "truncate" ? KEPT_BYTES : Number.POSITIVE_INFINITY;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(0, Math.max(0, Math.min(chunk.length, keep - bytes)));
      bytes += chunk.length;
      done(null, kept);
    },
  });
  request.once("aborted", () => counted.destroy(new Error("The upload was cut.")));
  await machine.writeFile(path, user, request.pipe(counted));
  const { exit, stdout, stderr } = await machine.start({ argv: ["/bin/chmod", mode, path], user });
  stdout.resume();
  stderr.resume();
  await exit;
  return bytes;
}
