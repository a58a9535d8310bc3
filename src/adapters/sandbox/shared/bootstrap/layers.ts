import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { AirlockError } from "../../../../domain/errors.ts";
import type { Layer } from "../../../../ports/sandbox.ts";
import { type ArchiveOptions, bringArchive } from "./archive.ts";
import { runScript } from "./machine.ts";
import { DIGEST_SCRIPT } from "./scripts.ts";
import type { Survey } from "./survey.ts";

/** From this size on, it is worth checking whether the machine has the file already. */
const LARGE_BYTES = 4 * 1024 * 1024;
const PLACES = /^\/(?:opt|usr\/local|srv)\/[A-Za-z0-9._/-]+$/;

export interface LargeFile {
  /** Relative to the layer. */
  readonly path: string;
  /** Its file name, as it would be found on the PATH. */
  readonly name: string;
  readonly bytes: number;
}

/** @throws AirlockError `sandbox.unavailable` if the layer does not exist or would be mounted over a folder of the system */
export async function findLargeFiles(layer: Layer): Promise<readonly LargeFile[]> {
  if (!PLACES.test(layer.mountPath) || layer.mountPath.includes("..")) {
    throw new AirlockError("sandbox.unavailable", {
      message: `The layer ${layer.name} cannot be put at ${layer.mountPath}.`,
      remedy: "Use a place below /opt, /usr/local or /srv.",
    });
  }
  const entries = await readdir(layer.directory, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new AirlockError("sandbox.unavailable", {
      message: `The layer ${layer.name} is not at ${layer.directory}.`,
      remedy: "Prepare the layer first; clear the runner's tool cache when it is damaged.",
      cause,
    });
  });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sized = await Promise.all(files.map(async (file) => ({ file, bytes: (await stat(file)).size })));
  return sized
    .filter(({ bytes }) => bytes >= LARGE_BYTES)
    .map(({ file, bytes }) => ({ path: relative(layer.directory, file), name: file.slice(file.lastIndexOf("/") + 1), bytes }));
}

export interface PlaceOptions extends Pick<ArchiveOptions, "machine" | "signal" | "stallMs"> {
  readonly layer: Layer;
  readonly largeFiles: readonly LargeFile[];
  readonly survey: Survey;
}

/**
 * Puts a layer in place. What the image has already, byte for byte, is not sent: the whole layer if its digest is there, else large
 * programs of the same name and hash.
 * @returns where it came from, for the record
 */
export async function placeLayer(options: PlaceOptions): Promise<"image" | "image in part" | "brought"> {
  const { layer, survey } = options;
  if (survey.layers.get(layer.mountPath) === layer.digest) return "image";
  const borrowed = await findBorrowed(options);
  const { name, directory, mountPath: place, digest } = layer;
  await bringArchive({ ...options, name, directory, entry: ".", place, digest, borrowed });
  return borrowed.size > 0 ? "image in part" : "brought";
}

async function findBorrowed({ machine, signal, layer, largeFiles, survey }: PlaceOptions): Promise<ReadonlyMap<string, string>> {
  const candidates = largeFiles.flatMap((file) => {
    const found = survey.found.get(file.name);
    return found === undefined || found.bytes !== file.bytes ? [] : [{ ...file, theirs: found.path }];
  });
  if (candidates.length === 0) return new Map();
  const [output, ...ours] = await Promise.all([
    runScript({ machine, signal, script: DIGEST_SCRIPT, args: candidates.map((each) => each.theirs) }),
    ...candidates.map((each) => hashFile(join(layer.directory, each.path))),
  ]);
  const same = candidates.filter((each, at) => output.includes(`sha256=${ours[at] ?? "none"} ${each.theirs}\n`));
  return new Map(same.map((each) => [each.path, each.theirs]));
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
