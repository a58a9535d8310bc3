import fs from "node:fs";

const OWN_SCORE = "/proc/self/oom_score_adj";
let isProtected = false;

/** When memory runs out a command goes first, never the supervisor. A sandbox that forbids it is left as it is. */
export function protectFromMemoryPressure(): void {
  isProtected = writeScore("-1000");
}

/** A child inherits the score that holds while it is made; `spawn` returns when it is made. */
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
