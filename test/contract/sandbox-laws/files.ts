import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { SharedLaw } from "./law.ts";
import { run, shell, text } from "./run.ts";

export const FILE_LAWS: readonly SharedLaw[] = [
  {
    id: "files-round-trip",
    title: "files go in and come out byte by byte, with parents, mode and owner",
    async check(sandbox, context) {
      const content = randomBytes(300_000);
      await sandbox.writeFiles([
        { path: "/tmp/deep/er/binary", content },
        { path: "/tmp/deep/empty", content: new Uint8Array(), mode: 0o755, owner: "root" },
        { path: "/tmp/deep/odd name'\n", content: Buffer.from("odd") },
      ]);
      expect(Buffer.from(await sandbox.readFile("/tmp/deep/er/binary", 300_000)).equals(content)).toBe(true);
      expect((await sandbox.readFile("/tmp/deep/empty", 0)).length).toBe(0);
      expect(text(await sandbox.readFile("/tmp/deep/odd name'\n", 10))).toBe("odd");
      const facts = await shell(sandbox, context, "stat -c '%a %u %g' /tmp/deep/er/binary /tmp/deep/empty /tmp/deep/er");
      expect(facts).toBe("644 1000 1000\n755 0 0\n755 1000 1000\n");
    },
  },
  {
    id: "files-replace",
    title: "a file is replaced whole, and a link at its place is replaced and not followed",
    async check(sandbox, context) {
      await shell(
        sandbox,
        context,
        "echo untouched > /tmp/target; ln -sf /tmp/target /tmp/link; echo a long line that is longer > /tmp/old",
      );
      await sandbox.writeFiles([
        { path: "/tmp/link", content: Buffer.from("new") },
        { path: "/tmp/old", content: Buffer.from("new") },
      ]);
      expect(await shell(sandbox, context, "cat /tmp/target /tmp/link /tmp/old; test ! -L /tmp/link")).toBe("untouched\nnewnew");
    },
  },
  {
    id: "files-cap",
    title: "a file beyond the cap, a missing one, a link, a pipe and a device are refused by name",
    async check(sandbox, context) {
      await shell(
        sandbox,
        context,
        "head -c 1001 /dev/zero >/tmp/large; ln -sf /etc/passwd /tmp/elsewhere; rm -f /tmp/pipe; mkfifo /tmp/pipe; mkdir -p /tmp/directory",
      );
      await expect(sandbox.readFile("/tmp/large", 1_000)).rejects.toMatchObject({
        code: "harvest.limit",
        message: expect.stringContaining("/tmp/large"),
      });
      for (const path of ["/tmp/nothing-here", "/tmp/elsewhere", "/tmp/pipe", "/tmp/directory", "/dev/zero"]) {
        await expect(sandbox.readFile(path, 1_000), path).rejects.toMatchObject({
          code: "harvest.unreadable",
          message: expect.stringContaining(path),
        });
      }
      expect((await run(sandbox, context, ["/bin/true"])).code).toBe(0);
    },
  },
];
