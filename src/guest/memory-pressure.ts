import fs from "node:fs";

const OWN_SCORE = "/proc/self/oom_score_adj";
let isProtected = false;

/** If memory runs out, the kernel kills a command, never the supervisor. If the sandbox forbids the setting, nothing changes. */
export function protectFromMemoryPressure(): void {
  isProtected = writeScore("-1000");
}

/** A child inherits the score at its creation, and `spawn` returns after that. */
export function withOrdinaryMemoryPressure<T>(make: () => T): T {
  if (isProtected) writeScore("0");
  try {
    return make();
  } finally {
    if (isProtected) writeScore("-1000");
  }
}

function writeScore(score: string): boolean {
  try {
    fs.writeFileSync(OWN_SCORE, score);
    return true;
  } catch {
    return false;
  }
}
