import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FILES = ["secret-search.sh", "read-memory.mjs"] as const;

/** Shell lines that put the search into a sandbox. */
export function plantSearch(): string {
  return FILES.map(
    (name) => `cat > /tmp/${name} <<'END_OF_FILE'\n${readFileSync(join(import.meta.dirname, name), "utf8")}END_OF_FILE`,
  ).join("\n");
}

/** argv of the search for these values, in every spelling. */
export function searchFor(secrets: readonly string[]): readonly string[] {
  return ["/bin/bash", "/tmp/secret-search.sh", "/tmp/read-memory.mjs", ...secrets.flatMap(spell).map(bracket)];
}

/** Matches the text and is matched neither by itself nor by a part of itself. */
function bracket(text: string): string {
  return [...text].map((letter) => `[${letter}]`).join("");
}

/** The value raw and in the spellings that hide it from a plain search. */
function spell(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return whole.slice(Math.ceil((shift * 8) / 6), -1);
  });
  return [value, value.slice(7), [...value].reverse().join(""), bytes.toString("hex"), ...base64];
}
