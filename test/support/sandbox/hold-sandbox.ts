import { join } from "node:path";
import { openMicrovmProvider } from "../../../src/adapters/sandbox/microvm/provider.ts";
import { bundleGuest, PREPARED_DIRECTORY } from "./guest-bundle.ts";

/** Boots a sandbox, says its id, and does nothing more until it is killed. Arguments: run directory, run id, `sudo` or `own`. */
const [runDirectory = "", runId = "", how = "own"] = process.argv.slice(2);
const provider = openMicrovmProvider({
  cacheDirectory: PREPARED_DIRECTORY,
  runDirectory,
  guestFile: await bundleGuest(),
  nodeBinary: process.execPath,
  notify: () => undefined,
  ...(how === "sudo" ? { privilege: { kind: "sudo", sudo: [join(import.meta.dirname, "sudo-stand-in.sh"), "-n"] } as const } : {}),
});
const sandbox = await provider.create({
  run: { repository: "airlock-tests/held", runId, attempt: 1 },
  purpose: "agent",
  template: "",
  cpus: 1,
  memoryMib: 512,
  lifetimeMs: 300_000,
  layers: [],
  signal: new AbortController().signal,
  notify: () => undefined,
});
const { exitCode } = await sandbox
  .exec({ argv: ["/bin/true"], cwd: "/", env: {}, timeoutMs: 60_000, maxOutputBytes: 100 })
  .then(({ code }) => ({ exitCode: code }));
console.log(`held ${sandbox.id} ${exitCode}`);
setInterval(() => undefined, 60_000);
