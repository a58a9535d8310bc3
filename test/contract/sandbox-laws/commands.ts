import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { SharedLaw } from "./law.ts";
import { collect, command, countProcesses, MIB, run, shell, text } from "./run.ts";

/** Long enough for a shell on a busy machine to answer a signal before the next one comes. */
const STOP_GRACE_MS = 1_500;

export const COMMAND_LAWS: readonly SharedLaw[] = [
  {
    id: "exit-code",
    title: "a non-zero exit is a result, and so is a signal and a program that is not there",
    async check(sandbox, context) {
      for (const code of [0, 1, 7, 255]) {
        expect(await run(sandbox, context, ["/bin/sh", "-c", `exit ${code}`])).toMatchObject({
          code,
          signal: null,
          timedOut: false,
          droppedBytes: 0,
        });
      }
      expect(await run(sandbox, context, ["/bin/sh", "-c", "kill -TERM $$"])).toMatchObject({ code: null, signal: "SIGTERM" });
      const missing = await run(sandbox, context, ["/nowhere/airlock-no-such-program"]);
      expect(missing.code).toBe(127);
      expect(text(missing.stderr)).toContain("airlock-no-such-program");
    },
  },
  {
    id: "argv",
    title: "arguments arrive one by one, whatever is in them",
    async check(sandbox, context) {
      const args = ["a b", "", "'", '"', "$HOME `id` $(id)", "*", "-n", "new\nline", "ünïcödé 🙂", "\\", "a=b"];
      const result = await run(sandbox, context, ["/bin/sh", "-c", 'printf "%s\\0" "$@"', "sh", ...args]);
      expect(text(result.stdout).split("\0").slice(0, -1)).toEqual(args);
    },
  },
  {
    id: "environment",
    title: "the environment is exactly the one given",
    async check(sandbox, context) {
      const env = { PATH: context.subject.env["PATH"] ?? "/usr/bin:/bin", EMPTY: "", ODD: "a b\nc=d '\"" };
      const result = await run(sandbox, context, ["/usr/bin/env", "-0"], { env });
      expect(text(result.stdout).split("\0").slice(0, -1).sort()).toEqual(
        Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
    },
  },
  {
    id: "directory",
    title: "a command starts in its directory, by default in /work",
    async check(sandbox, context) {
      expect(text((await run(sandbox, context, ["/bin/pwd"], { cwd: "/tmp" })).stdout)).toBe("/tmp\n");
      const { cwd: _cwd, ...byDefault } = command(context, ["/bin/pwd"]);
      expect(text((await sandbox.exec(byDefault)).stdout)).toBe("/work\n");
    },
  },
  {
    id: "binary",
    title: "input and both outputs carry every byte",
    async check(sandbox, context) {
      const stdin = randomBytes(MIB);
      const result = await run(sandbox, context, ["/bin/sh", "-c", "tee /dev/stderr"], { stdin, maxOutputBytes: 2 * MIB });
      expect(Buffer.from(result.stdout).equals(stdin)).toBe(true);
      expect(Buffer.from(result.stderr).equals(stdin)).toBe(true);
    },
  },
  {
    id: "stdin-closed",
    title: "without input a command reads the end at once",
    async check(sandbox, context) {
      expect(await run(sandbox, context, ["/bin/cat"])).toMatchObject({ code: 0, timedOut: false });
    },
  },
  {
    id: "users",
    title: "a command runs as the agent's user without any privilege, or as root when asked",
    async check(sandbox, context) {
      expect(text((await run(sandbox, context, ["/usr/bin/id", "-u"])).stdout)).toBe("1000\n");
      expect(text((await run(sandbox, context, ["/usr/bin/id", "-G"])).stdout)).toBe("1000\n");
      expect(text((await run(sandbox, context, ["/usr/bin/id", "-u"], { user: "root" })).stdout)).toBe("0\n");
      const status = await shell(sandbox, context, "grep -E '^Cap(Prm|Eff|Amb)' /proc/self/status");
      expect(status.match(/[0-9a-f]{16}/g)).toEqual(Array(3).fill("0".repeat(16)));
    },
  },
  {
    id: "supervisor-private",
    title: "the agent can neither end the supervisor nor read what it keeps",
    async check(sandbox, context) {
      const secret = `kept-${randomBytes(8).toString("hex")}`;
      await run(sandbox, context, ["/bin/echo", secret], { user: "root" });
      const found = await run(sandbox, context, [
        "/bin/sh",
        "-c",
        `grep -rls ${secret.slice(0, -1)}. /run /var /tmp /home /work 2>/dev/null; kill -9 -1; exit 0`,
      ]);
      expect(text(found.stdout)).toBe("");
      expect((await run(sandbox, context, ["/bin/true"])).code).toBe(0);
    },
  },
  {
    id: "output-cap",
    title: "output past the cap is counted and dropped, and the command ends as it would",
    async check(sandbox, context) {
      const result = await run(sandbox, context, ["/bin/sh", "-c", "head -c 300000 /dev/zero; head -c 1000 /dev/zero >&2; exit 3"], {
        maxOutputBytes: 100_000,
      });
      expect(result).toMatchObject({ code: 3, droppedBytes: 200_000 });
      expect(result.stdout.length).toBe(100_000);
      expect(result.stderr.length).toBe(1_000);
    },
  },
  {
    id: "deadline",
    title: "at its deadline the whole process group is killed, also what ignores signals",
    async check(sandbox, context) {
      const marker = `86${randomBytes(3).readUIntBE(0, 3)}`;
      const script = `trap '' TERM INT HUP; sleep ${marker} & (sleep ${marker} & sleep ${marker}) & wait; sleep ${marker}`;
      const result = await run(sandbox, context, ["/bin/sh", "-c", script], { timeoutMs: 700 + 200 * context.subject.slowness });
      expect(result).toMatchObject({ code: null, signal: "SIGKILL", timedOut: true });
      expect(await countProcesses(sandbox, context, marker)).toBe(0);
      const alive = await sandbox.start(command(context, ["/bin/sleep", marker], { timeoutMs: 120_000 }));
      expect(await countProcesses(sandbox, context, marker), "the count sees what is alive").toBe(1);
      await alive.stop(0);
    },
  },
  {
    id: "stragglers",
    title: "a command has ended only when its whole group is gone, even when a child holds the output open",
    async check(sandbox, context) {
      const marker = `87${randomBytes(3).readUIntBE(0, 3)}`;
      const result = await run(sandbox, context, ["/bin/sh", "-c", `sleep ${marker} & echo started; exit 5`]);
      expect(result).toMatchObject({ code: 5, timedOut: false });
      expect(text(result.stdout)).toBe("started\n");
      expect(await countProcesses(sandbox, context, marker)).toBe(0);
    },
  },
  {
    id: "stop-gently",
    title: "stop asks with one SIGINT first, and a command that listens ends by itself",
    async check(sandbox, context) {
      const script = "trap 'echo asked; exit 42' INT; echo ready; while :; do sleep 0.05; done";
      const started = await sandbox.start(command(context, ["/bin/sh", "-c", script], { timeoutMs: 120_000 }));
      for await (const piece of started.output("stdout")) if (text(piece).includes("ready")) break;
      expect(await started.stop(10_000 + 1_000 * context.subject.slowness)).toMatchObject({ code: 42, timedOut: false });
      expect(text(await collect(started.output("stdout")))).toBe("ready\nasked\n");
    },
  },
  {
    id: "stop-hard",
    title: "stop kills what ignores both SIGINT and SIGTERM",
    async check(sandbox, context) {
      const script = "trap 'echo int' INT; trap 'echo term' TERM; echo ready; while :; do sleep 0.05; done";
      const started = await sandbox.start(command(context, ["/bin/sh", "-c", script], { timeoutMs: 120_000 }));
      for await (const piece of started.output("stdout")) if (text(piece).includes("ready")) break;
      expect(await started.stop(STOP_GRACE_MS + 100 * context.subject.slowness)).toMatchObject({ code: null, signal: "SIGKILL" });
      expect(text(await collect(started.output("stdout")))).toBe("ready\nint\nterm\n");
      expect(await started.stop(0)).toMatchObject({ signal: "SIGKILL" });
    },
  },
  {
    id: "live-output",
    title: "output can be read while the command runs",
    async check(sandbox, context) {
      const started = await sandbox.start(command(context, ["/bin/sh", "-c", "echo first; sleep 300"], { timeoutMs: 120_000 }));
      let ended = false;
      void started.exit.then(() => {
        ended = true;
      });
      for await (const piece of started.output("stdout")) {
        expect(text(piece)).toBe("first\n");
        break;
      }
      expect(ended).toBe(false);
      await started.stop(0);
    },
  },
  {
    id: "output-outlives-reader",
    title: "output that nobody read, or that a reader left half-way, is still there from its first byte",
    async check(sandbox, context) {
      const script = "i=0; while [ $i -lt 3000 ]; do echo line $i of some output that is a little long; i=$((i+1)); done";
      const expected = Array.from({ length: 3_000 }, (_, at) => `line ${at} of some output that is a little long\n`).join("");
      const started = await sandbox.start(command(context, ["/bin/sh", "-c", script], { timeoutMs: 60_000 }));
      for await (const piece of started.output("stdout")) if (piece.length > 0) break;
      expect((await started.exit).code).toBe(0);
      const whole = await collect(started.output("stdout"));
      expect(createHash("sha256").update(whole).digest("hex")).toBe(createHash("sha256").update(expected).digest("hex"));
    },
  },
  {
    id: "concurrent",
    title: "commands run side by side and keep their outputs apart",
    async check(sandbox, context) {
      const waiting = command(context, ["/bin/sh", "-c", "sleep 300"], { timeoutMs: 120_000 });
      const long = await sandbox.start(waiting);
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, at) => run(sandbox, context, ["/bin/sh", "-c", `echo ${at}; echo e${at} >&2; exit ${at}`])),
      );
      expect(results.map((result) => [text(result.stdout), text(result.stderr), result.code])).toEqual(
        Array.from({ length: 12 }, (_, at) => [`${at}\n`, `e${at}\n`, at]),
      );
      await sleep(0);
      expect(await long.stop(0)).toMatchObject({ code: null });
    },
  },
];
