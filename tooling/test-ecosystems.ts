import { type Ending, tryEcosystem } from "./test-ecosystems/run.ts";
import { SAMPLES } from "./test-ecosystems/samples.ts";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !SAMPLES.some((sample) => sample.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `test-ecosystems: there is no sample ${unknown.join(", ")}; there are ${SAMPLES.map(({ name }) => name).join(", ")}\n`,
  );
  process.exitCode = 2;
} else {
  for (const sample of SAMPLES.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    const ending = await tryEcosystem(sample).catch((error: unknown): Ending => ({ failed: String(error) }));
    process.stdout.write(`${sample.name}: ${tell(ending)}\n`);
    // A sample that was asked for and cannot run is no check.
    if (ending !== undefined && ("failed" in ending || asked.length > 0)) process.exitCode = 1;
  }
}

function tell(ending: Ending): string {
  if (ending === undefined) return "passed";
  return "skipped" in ending ? `skipped: ${ending.skipped}` : `FAILED: ${ending.failed}`;
}
