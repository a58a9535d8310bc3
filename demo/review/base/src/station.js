import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** The readings of a station: one number a line, in a file of its name. */
export async function readStation(folder, station) {
  const file = join(folder, `${basename(station)}.txt`);
  const text = await readFile(file, "utf8");
  return text.trim().split("\n").map(Number);
}
