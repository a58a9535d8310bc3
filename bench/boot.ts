// Boot to ready: from asking the provider for a sandbox, everything prepared before, to the moment its supervisor has answered the greeting.
// The peer is the least that the same machine can do: the same QEMU in the same confinement with the same kernel, whose only program
// is busybox saying one line and staying. Both run in turns; the figures are medians.
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArtefactCache } from "../src/adapters/sandbox/microvm/cache.ts";
import { readQemuView } from "../src/adapters/sandbox/microvm/confinement.ts";
import { createCpioArchive } from "../src/adapters/sandbox/microvm/cpio.ts";
import { findKernel } from "../src/adapters/sandbox/microvm/kernel.ts";
import { startMachine } from "../src/adapters/sandbox/microvm/machine.ts";
import { findPrivilege } from "../src/adapters/sandbox/microvm/privilege.ts";
import { findProcesses } from "../src/adapters/sandbox/microvm/processes.ts";
import { openMicrovmProvider } from "../src/adapters/sandbox/microvm/provider.ts";
import { findTools } from "../src/adapters/sandbox/microvm/tools.ts";
import { bundleGuest, PREPARED_DIRECTORY } from "../test/support/sandbox/guest-bundle.ts";
import { median, printFigure } from "./shared/figure.ts";

const ROUNDS = 5;
const CPUS = 1;
const MEMORY_MIB = 2048;
const say = (line: string): void => console.error(`bench: ${line}`);

interface Round {
  readonly readyMs: number;
  /** From the wish to end it to its end. */
  readonly goneMs: number;
  readonly residentMib: number;
}

const folder = await mkdtemp(join(tmpdir(), "airlock-bench-boot-"));
try {
  const built = join(import.meta.dirname, "../dist/guest/index.js");
  const guestFile = (await stat(built).catch(() => null)) === null ? await bundleGuest() : built;
  const own: Round[] = [];
  const bare: Round[] = [];
  const provider = openMicrovmProvider({
    cacheDirectory: PREPARED_DIRECTORY,
    runDirectory: join(folder, "run"),
    guestFile,
    nodeBinary: process.execPath,
    notify: say,
  });
  await measureOwn();
  const bootBare = await prepareBare();
  for (let round = 0; round < ROUNDS; round += 1) {
    own.push(await measureOwn());
    bare.push(await bootBare());
  }
  const compare = (key: keyof Round) => {
    const of = (rounds: readonly Round[]): number => median(rounds.map((round) => round[key]));
    return { value: of(own), peer: { name: "same machine and kernel, busybox alone", value: of(bare) } };
  };
  printFigure({ name: "boot.ready", unit: "ms", ...compare("readyMs") });
  printFigure({ name: "boot.gone", unit: "ms", ...compare("goneMs") });
  printFigure({ name: "boot.memory", unit: "MiB", ...compare("residentMib") });

  async function measureOwn(): Promise<Round> {
    const startMs = performance.now();
    const sandbox = await provider.create({
      run: { repository: "airlock-bench/boot", runId: "1", attempt: 1 },
      purpose: "agent",
      template: "closure",
      cpus: CPUS,
      memoryMib: MEMORY_MIB,
      lifetimeMs: 600_000,
      layers: [],
      signal: new AbortController().signal,
      notify: () => undefined,
    });
    const readyMs = performance.now() - startMs;
    const residentMib = await residentMemory(sandbox.id);
    const stopMs = performance.now();
    await sandbox[Symbol.asyncDispose]();
    return { readyMs, goneMs: performance.now() - stopMs, residentMib };
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** By software emulation, as the sandbox runs where KVM can't; with KVM the ratio is not comparable and is left out by the reader. */
async function prepareBare(): Promise<() => Promise<Round>> {
  const tools = await findTools(say);
  const [privilege, view] = await Promise.all([findPrivilege(tools), readQemuView(tools)]);
  const kernel = await findKernel({ cache: openArtefactCache(PREPARED_DIRECTORY), needs: [], notify: say });
  const initrd = join(folder, "initrd");
  await writeFile(initrd, await buildBare(tools.busybox), { mode: 0o644 });
  let count = 0;
  return async () => {
    count += 1;
    const id = `airlock-bench${count}`;
    const startMs = performance.now();
    const machine = await startMachine({
      directory: folder,
      hasChannels: false,
      confinement: {
        tools,
        view,
        privilege,
        lifetimeMs: 120_000,
        bindings: [
          { source: kernel.vmlinux ?? kernel.bzImage, target: "/boot/kernel", writable: false },
          { source: initrd, target: "/boot/initrd", writable: false },
        ],
      },
      machine: {
        id,
        acceleration: "tcg",
        cpus: CPUS,
        memoryMib: MEMORY_MIB,
        kernel: "/boot/kernel",
        initrd: "/boot/initrd",
        append: "console=ttyS0 quiet panic=-1",
        disks: [],
      },
    });
    await machine.console.firstByte;
    const readyMs = performance.now() - startMs;
    const residentMib = await residentMemory(id);
    const stopMs = performance.now();
    await machine.stop();
    return { readyMs, goneMs: performance.now() - stopMs, residentMib };
  };
}

/** Says one line and stays. */
async function buildBare(busybox: string): Promise<Buffer> {
  const archive = createCpioArchive();
  for (const directory of ["dev", "bin"]) archive.addDirectory(directory);
  archive.addCharacterDevice("dev/console", { major: 5, minor: 1, mode: 0o600 });
  archive.addFile("bin/busybox", await readFile(busybox), 0o755);
  archive.addFile("init", "#!/bin/busybox sh\necho ready\nexec /bin/busybox sleep 1000\n", 0o755);
  return archive.finish();
}

/** Of QEMU: what the sandbox costs the runner while it idles. */
async function residentMemory(id: string): Promise<number> {
  const sizes = await Promise.all(
    (await findProcesses(id)).map(async ({ pid }) => {
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
    }),
  );
  return Math.max(...sizes);
}
