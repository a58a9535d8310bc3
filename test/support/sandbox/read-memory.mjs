// Writes a process's memory to standard output, as far as it is resident, may be read and is no unchanged copy of a file.
//   node read-memory.mjs <pid>
import { openSync, readFileSync, readSync, writeSync } from "node:fs";

const PAGE = 4096;
const PAGES = 256;
const pid = process.argv[2] ?? "self";
const memory = openSync(`/proc/${pid}/mem`, "r");
const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
const flags = Buffer.alloc(PAGES * 8);
const bytes = Buffer.alloc(PAGES * PAGE);

for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
  const [, from, to, mode, path] = /^([0-9a-f]+)-([0-9a-f]+) r(...) \S+ \S+ \d+ *(.*)$/.exec(line) ?? [];
  if (from === undefined || (path?.startsWith("/") && !mode?.startsWith("w"))) continue;
  const end = Number.parseInt(to ?? "", 16) / PAGE;
  for (let page = Number.parseInt(from, 16) / PAGE; page < end; page += PAGES) copy(page, Math.min(PAGES, end - page));
}

/** Copies the pages that are there, run by run. */
function copy(first, count) {
  const known = readSync(pagemap, flags, 0, count * 8, first * 8) / 8;
  for (let at = 0; at < known; ) {
    const start = at;
    while (at < known && (flags[at * 8 + 7] & 0xc0) !== 0) at += 1;
    if (at > start) write((first + start) * PAGE, (at - start) * PAGE);
    else at += 1;
  }
}

function write(address, length) {
  try {
    const read = readSync(memory, bytes, 0, length, address);
    for (let sent = 0; sent < read; ) sent += writeSync(1, bytes, sent, read - sent);
  } catch (error) {
    if (error.code === "EPIPE") process.exit(0);
    if (error.code !== "EIO" && error.code !== "EFAULT") throw error;
  }
}
