import { createHash, randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { type BareMachine, Interrupted, type RunLimits, type ScriptResult } from "../shared/bootstrap/machine.ts";
import { explainInMachine } from "../shared/vendor-failure.ts";
import type { SpritesClient } from "./client.ts";
import { SPRITES } from "./errors.ts";

/**
 * Reads a script from its input to the end and runs it, unless its length in bytes differs from the one given: input may be cut. Arguments
 * travel in the address of a request, so the script does not.
 */
const RUN = `LC_ALL=C; script=$(cat); [ "\${#script}" -eq "$1" ] || exit ${97}; unset LC_ALL; eval "$script" < /dev/null`;
const DAMAGED = 97;

/** Arguments: uploaded file, its destination, its sha256, a word to print at the end. */
const PLACE = `
if [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" != "$3" ]; then rm -f "$1"; exit ${DAMAGED}; fi
chown 0:0 "$1"
mv -f "$1" "$2"
chmod 600 "$2"
echo "placed-$4"
`;

export interface MachineOptions {
  readonly client: SpritesClient;
  readonly name: string;
}

/** A sprite as a bare machine: its own user becomes root with sudo. */
export function openSpritesMachine({ client, name }: MachineOptions): BareMachine {
  const run = async (command: string, limits: RunLimits): Promise<ScriptResult> => {
    try {
      return await runOnce(client, name, { command, ...limits });
    } catch (error) {
      if (limits.signal.aborted) throw error;
      throw explainInMachine(error, { vendor: SPRITES, what: `run a command in sandbox ${name}` });
    }
  };
  return {
    run,
    async writeFile(path, content, limits) {
      try {
        await place({ client, name, run }, { path, content, ...limits });
      } catch (error) {
        if (limits.signal.aborted) throw error;
        throw explainInMachine(error, { vendor: SPRITES, what: `write ${path} in sandbox ${name}` });
      }
    },
  };
}

interface ScriptRequest extends RunLimits {
  readonly command: string;
}

async function runOnce(client: SpritesClient, name: string, { command, timeoutMs, signal }: ScriptRequest): Promise<ScriptResult> {
  const script = Buffer.from(command.replace(/\n+$/, ""));
  const argv = ["sudo", "-n", "/bin/sh", "-c", RUN, "sh", String(script.length)];
  const { code, stdout, stderr } = await client.exec(name, { argv, stdin: script, timeoutMs, keepAfterDisconnectMs: timeoutMs, signal });
  if (code === DAMAGED) throw new Interrupted("A script, or a file, did not arrive whole.");
  return { code, output: `${stdout.toString("utf8")}${code === 0 ? "" : stderr.toString("utf8")}` };
}

interface Upload extends RunLimits {
  readonly path: string;
  readonly content: Readable | Uint8Array;
}

interface PlaceOptions extends MachineOptions {
  readonly run: BareMachine["run"];
}

/** Files are uploaded as the image's user; root moves them into place once their hash is right. */
async function place({ client, name, run }: PlaceOptions, { path, content, timeoutMs, signal }: Upload): Promise<void> {
  const mark = randomBytes(8).toString("hex");
  const landing = `/tmp/.airlock-${mark}`;
  const hash = createHash("sha256");
  try {
    const bytes = content instanceof Uint8Array ? content : tap(content, hash);
    if (content instanceof Uint8Array) hash.update(content);
    await client.writeFile(name, { path: landing, mode: "0600", content: bytes, timeoutMs, signal });
  } finally {
    if (!(content instanceof Uint8Array)) content.destroy();
  }
  const words = [landing, path, hash.digest("hex"), mark].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const { code, output } = await run(`set -eu\nset -- ${words.join(" ")}\n${PLACE}`, { timeoutMs, signal });
  if (code !== 0 || !output.includes(`placed-${mark}`)) throw new Interrupted(`${path} was not put in place.`);
}

async function* tap(content: Readable, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for await (const piece of content as AsyncIterable<Buffer>) {
    hash.update(piece);
    yield piece;
  }
}
