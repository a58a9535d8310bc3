import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProcesses } from "../../src/adapters/sandbox/microvm/processes.ts";
import { openMicrovmProvider } from "../../src/adapters/sandbox/microvm/provider.ts";
import type { Sandbox } from "../../src/ports/sandbox.ts";
import { bundleGuest, PREPARED_DIRECTORY } from "../support/sandbox/guest-bundle.ts";

/** Stands for a token: in the environment, in files and in another process's argv, as on a runner. */
const CANARY = `ghs_canary${randomBytes(12).toString("hex")}`;
const FORMS = [
  CANARY,
  Buffer.from(CANARY).toString("base64").replace(/=+$/, ""),
  Buffer.from(CANARY).toString("hex"),
  [...CANARY].reverse().join(""),
];

let folder: string;
let bystander: ChildProcess;
let sandbox: Sandbox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "airlock-invisible-"));
  await writeFile(join(folder, "credentials"), CANARY);
  process.env.GITHUB_TOKEN = CANARY;
  bystander = spawn(process.execPath, ["-e", "setTimeout(() => {}, 600_000)", "--", CANARY], { stdio: "ignore" });
  const provider = openMicrovmProvider({
    cacheDirectory: PREPARED_DIRECTORY,
    runDirectory: join(folder, "run"),
    guestFile: await bundleGuest(),
    nodeBinary: process.execPath,
    notify: () => undefined,
  });
  sandbox = await provider.create({
    run: { repository: "airlock-tests/invisible", runId: "1", attempt: 1 },
    purpose: "agent",
    template: "closure",
    cpus: 0,
    memoryMib: 1024,
    lifetimeMs: 600_000,
    layers: [],
    signal: new AbortController().signal,
    notify: () => undefined,
  });
}, 300_000);

afterAll(async () => {
  delete process.env.GITHUB_TOKEN;
  bystander?.kill("SIGKILL");
  await sandbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** As root in the sandbox: what root can't see, nobody can. */
async function look(script: string, ...args: readonly string[]): Promise<string> {
  const result = await sandbox.exec({
    argv: ["/bin/bash", "-c", script, "bash", ...args],
    cwd: "/",
    user: "root",
    env: { PATH: "/usr/bin:/bin:/usr/local/bin" },
    timeoutMs: 120_000,
    maxOutputBytes: 1 << 20,
  });
  return Buffer.from(result.stdout).toString().trim();
}

describe("I2, I3, S1: root in the sandbox, looking for the runner", { timeout: 180_000 }, () => {
  test("root in the sandbox finds the token in no environment, argv, kernel command line or file, in no form", async () => {
    const places = "/etc /home /root /work /tmp /run /var /srv /disk /mnt /media /boot";
    const script = `grep -rlaF -f /opt/patterns ${places} /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/cmdline /dev/shm 2>/dev/null; echo end`;
    // The search itself has the patterns in its argv: they come from a file instead.
    await sandbox.writeFiles([{ path: "/opt/patterns", content: Buffer.from(FORMS.join("\n")), owner: "root", mode: 0o600 }]);
    expect(await look(script)).toBe("end");
    // The search would have found it.
    expect(await look("cp /opt/patterns /var/tmp/planted; grep -rlaF -f /opt/patterns /var; rm /var/tmp/planted")).toBe("/var/tmp/planted");
  });

  test("the sandbox is given no disk and no start-up file that holds the token", async () => {
    const digest = sandbox.facts.versions.image?.replace("sha256:", "") ?? "";
    const [run = ""] = await readdir(join(folder, "run"));
    const files = [await findImage(digest), join(folder, "run", run, "initrd")];
    for (const file of files) {
      const hits = FORMS.filter((form) => grepCount(form, file) > 0);
      expect(hits, file).toEqual([]);
    }
  });

  test("root in the sandbox finds neither the runner's home, work folder, temporary folder nor Docker's socket", async () => {
    const paths = [
      homedir() === "/root" ? "/root/.bashrc" : homedir(),
      process.cwd(),
      folder,
      tmpdir() === "/tmp" ? join(folder, "run") : tmpdir(),
    ];
    paths.push(
      "/var/run/docker.sock",
      "/run/docker.sock",
      "/run/containerd",
      "/var/lib/docker",
      "/home/runner",
      "/etc/shadow",
      "/etc/sudoers",
    );
    expect(await look('for path in "$@"; do [ -e "$path" ] && echo "$path"; done; echo end', ...paths)).toBe("end");
  });

  test("root in the sandbox sees only its own processes", async () => {
    const argvs = (await look('for f in /proc/[0-9]*/cmdline; do tr "\\0" " " < $f; echo; done')).split("\n").map((line) => line.trim());
    const own = /^(?:\/run\/airlock\/busybox sh|\/opt\/airlock\/bin\/node --no-warnings \/run\/airlock\/guest|\/bin\/bash -c for f in|tr )/;
    expect(argvs.filter((argv) => argv !== "" && !own.test(argv))).toEqual([]);
    expect(argvs.length).toBeGreaterThan(5);
  });

  test("the sandbox has no network device, no route and no way out", async () => {
    expect(await look("ls /sys/class/net; tail -n +2 /proc/net/route; ls /sys/bus/pci/devices | wc -l")).toMatch(/^lo\n[0-9]+$/);
    const { attempts } = await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: 3128, timeoutMs: 3_000 });
    expect(attempts.length).toBeGreaterThan(4);
    expect(attempts.filter((attempt) => attempt.result === "open")).toEqual([]);
  });

  test("who breaks out would meet QEMU itself as nobody, without capabilities, under seccomp, in a view without the runner's files", async () => {
    const processes = await findProcesses(sandbox.id);
    const statuses = await Promise.all(processes.map(({ pid }) => readFile(`/proc/${pid}/status`, "utf8")));
    const at = statuses.findIndex((status) => /^Name:\tqemu-system/m.test(status));
    const status = statuses[at] ?? "";
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^CapPrm:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    if (process.getuid?.() === 0) expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    const root = `/proc/${processes[at]?.pid}/root`;
    expect((await readdir(root)).filter((name) => /^(?:home|root|run|var|etc|work|mnt|opt)$/.test(name))).toEqual([]);
    expect(await readdir(`${root}/tmp`)).toEqual([]);
    expect((await readFile(`/proc/${processes[at]?.pid}/environ`, "latin1")).includes(CANARY)).toBe(false);
  });
});

/** The root image of this sandbox among those kept for other tests. */
async function findImage(digest: string): Promise<string> {
  for (const name of await readdir(PREPARED_DIRECTORY)) {
    const manifest = await readFile(join(PREPARED_DIRECTORY, name, "manifest.json"), "utf8").catch(() => "");
    if (/^[0-9a-f]{64}$/.test(digest) && manifest.includes(digest)) return join(PREPARED_DIRECTORY, name, "disk.img");
  }
  throw new Error(`no image has the digest ${digest}`);
}

function grepCount(form: string, file: string): number {
  try {
    return Number(execFileSync("grep", ["-caF", "-e", form, file], { encoding: "utf8" }));
  } catch {
    // grep ends with 1 when there is nothing.
    return 0;
  }
}
