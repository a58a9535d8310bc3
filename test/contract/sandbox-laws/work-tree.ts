import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { expect } from "vitest";
import type { HarvestEntry, HarvestLimits, Sandbox } from "../../../src/ports/sandbox.ts";
import { makeWorkTree, type WorkTree } from "../../support/forge/work-tree.ts";
import { usedBytes } from "../../support/memory.ts";
import type { SharedLaw } from "./law.ts";
import { MIB, run, shell, text } from "./run.ts";

const LIMITS: HarvestLimits = { maxFiles: 100, maxBytes: 4 * MIB };

/** One commit with its tree and blobs, as the runner's repository packs it. */
export function pack(work: WorkTree, commit: string): Readable {
  const git = spawn("git", ["pack-objects", "--revs", "--stdout", "-q", "--window=0"], {
    cwd: work.directory,
    stdio: ["pipe", "pipe", "inherit"],
  });
  git.stdin.end(`${commit}\n--not\n${work.git(["rev-list", "--parents", "-n", "1", commit]).split(" ").slice(1).join("\n")}\n`);
  return git.stdout;
}

async function harvest(sandbox: Sandbox, limits = LIMITS): Promise<readonly HarvestEntry[]> {
  const entries: HarvestEntry[] = [];
  for await (const entry of sandbox.harvest(limits)) entries.push(entry);
  return entries;
}

/** `mode path content`, bytes as latin1. */
export async function harvestLines(sandbox: Sandbox): Promise<readonly string[]> {
  const latin1 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("latin1");
  return (await harvest(sandbox)).map(
    (entry) => `${entry.mode} ${latin1(entry.path)}${entry.content === undefined ? "" : ` ${latin1(entry.content)}`}`,
  );
}

/** A repository with everything that can be got wrong on the way into a work tree. */
function makeOddRepository(): { readonly work: WorkTree; readonly commit: string } {
  const work = makeWorkTree({
    // Keeps the runner's git from rewriting what the tracked attributes would rewrite.
    ".git/info/attributes": "* -text !eol !filter -ident !working-tree-encoding\n",
    ".gitattributes": "*.txt text eol=crlf ident filter=evil\n*.bin working-tree-encoding=UTF-16\n",
    "crlf.txt": "one\r\ntwo\r\n",
    "lf.txt": "one\ntwo\n",
    "ident.txt": "$Id$\n",
    "binary.bin": randomBytes(50_000),
    "run.sh": { mode: "100755", content: "#!/bin/sh\n" },
    link: { mode: "120000", content: "lf.txt" },
    dangling: { mode: "120000", content: "../../nowhere" },
    "directory/inner/file": "inner\n",
    "odd 'name\"\n\t": "odd\n",
    "ünïcödé-\u0301": "e\n",
    "-rf": "dash\n",
    ".gitignore": "ignored/\n*.log\n",
    "kept.log": "tracked although ignored\n",
  });
  return { work, commit: work.commit() };
}

async function plantOdd(sandbox: Sandbox): Promise<void> {
  const { work, commit } = makeOddRepository();
  using _ = work;
  await sandbox.plant(pack(work, commit), commit);
}

export const WORK_TREE_LAWS: readonly SharedLaw[] = [
  {
    id: "plant",
    title: "planting gives the blobs' exact bytes, one commit without parent or remote, owned by the agent",
    async check(sandbox, context) {
      const { work, commit } = makeOddRepository();
      using _ = work;
      await sandbox.plant(pack(work, commit), commit);
      const tree = work.git(["rev-parse", `${commit}^{tree}`]);
      expect(
        await shell(
          sandbox,
          context,
          "cd /work; git rev-parse HEAD HEAD^{tree}; git rev-list --count HEAD; git remote; git status --porcelain",
        ),
      ).toBe(`${commit}\n${tree}\n1\n`);
      expect(await shell(sandbox, context, "cd /work; git hash-object --no-filters -- crlf.txt binary.bin ident.txt ./-rf")).toBe(
        ["crlf.txt", "binary.bin", "ident.txt", "-rf"].map((path) => `${work.git(["rev-parse", `${commit}:${path}`])}\n`).join(""),
      );
      expect(
        await shell(
          sandbox,
          context,
          "cd /work; find . ! -user 1000 | wc -l; readlink link; test -x run.sh; test ! -e .git/hooks; git config --get-regexp 'filter|remote|credential' || true",
        ),
      ).toBe("0\nlf.txt\n");
      expect(await harvestLines(sandbox)).toEqual([]);
    },
  },
  {
    id: "plant-again",
    title: "planting again leaves nothing of what was there, and a pack that is cut plants nothing",
    async check(sandbox, context) {
      await plantOdd(sandbox);
      await shell(sandbox, context, "echo mine > /work/mine; mkdir -p /work/.airlock; echo t > /work/.airlock/t");
      using work = makeWorkTree({ only: "this\n" });
      const commit = work.commit();
      await sandbox.plant(pack(work, commit), commit);
      expect(await shell(sandbox, context, "ls -A /work")).toBe(".git\nonly\n");
      const broken = pack(work, commit);
      const cut = broken.take(1).map((piece: Buffer) => piece.subarray(0, piece.length - 10));
      await expect(sandbox.plant(cut, commit)).rejects.toMatchObject({ code: "sandbox.lost" });
      expect((await run(sandbox, context, ["/bin/true"])).code).toBe(0);
    },
  },
  {
    id: "harvest",
    title: "the harvest is what differs by git's rules: contents, modes, links, nested repositories, odd names",
    async check(sandbox, context) {
      await plantOdd(sandbox);
      await shell(
        sandbox,
        context,
        `cd /work
        printf 'x\\r\\n' > crlf.txt; touch lf.txt; chmod +x binary.bin; head -c 3 /dev/zero > binary.bin
        rm -r directory; ln -s /etc directory; rm run.sh; mkdir run.sh; echo in > run.sh/in
        ln -sfn elsewhere link; echo more >> kept.log; mkdir ignored; echo no > ignored/no; echo no > no.log
        mkdir .airlock; echo task > .airlock/task; : > empty
        printf a > "$(printf 'new\\nline')"; printf b > "$(printf '\\377\\376')"; printf c > ./--; printf d > ' '; rm ./-rf
        printf e > "$(printf 'e\\314\\201')"; printf f > "$(printf '\\303\\251')"; mkdir .GIT; echo g > .GIT/config; echo h > 'git~1'
        mkdir nested; cd nested; git init -q; git -c user.name=n -c user.email=n@n commit -q --allow-empty -m n
        mkdir ../unborn; cd ../unborn; git init -q; echo lost > file`,
      );
      const nested = (await shell(sandbox, context, "git -C /work/nested rev-parse HEAD")).trim();
      expect(await harvestLines(sandbox)).toEqual(
        [
          "100644   d",
          "000000 -rf",
          "100644 -- c",
          "100644 .GIT/config g\n",
          "100755 binary.bin \0\0\0",
          "100644 crlf.txt x\r\n",
          "120000 directory /etc",
          "000000 directory/inner/file",
          "100644 e\xcc\x81 e",
          "100644 empty ",
          "100644 git~1 h\n",
          "100644 kept.log tracked although ignored\nmore\n",
          "120000 link elsewhere",
          `160000 nested ${nested}`,
          "100644 new\nline a",
          "000000 run.sh",
          "100644 run.sh/in in\n",
          `160000 unborn ${"0".repeat(40)}`,
          "100644 \xc3\xa9 f",
          "100644 \xff\xfe b",
        ].sort((a, b) => (a.slice(7) < b.slice(7) ? -1 : 1)),
      );
    },
  },
  {
    id: "harvest-any-git",
    title: "the harvest does not depend on what became of the agent's .git",
    async check(sandbox, context) {
      await plantOdd(sandbox);
      const expected = ["100644 lf.txt changed\n", "100644 new new\n"];
      await shell(sandbox, context, "cd /work; echo changed > lf.txt; echo new > new");
      const scripts = [
        "git add -A; git commit -qm one; git commit -q --amend -m two",
        "git checkout -q -b other; git branch -D airlock; git tag -f HEAD",
        "git update-index --assume-unchanged lf.txt; git config core.worktree /tmp; echo '*' > .git/info/exclude; echo '* filter=x' > .git/info/attributes",
        "git config core.fsmonitor 'touch /tmp/owned; false'; git config filter.x.clean 'touch /tmp/owned; false'; git config core.hooksPath /tmp",
        "rm .git/index; echo junk > .git/HEAD",
        "rm -rf .git; echo 'gitdir: /tmp/nowhere' > .git",
        "rm -rf .git; mkfifo .git",
        "rm -rf .git",
      ];
      // Each harvest costs seconds where programs start slowly: a few of them say enough there.
      for (const script of scripts.filter((_, at) => context.subject.slowness < 5 || [0, 3, 7].includes(at))) {
        await shell(sandbox, context, `cd /work; rm -f /tmp/owned; ${script}`);
        expect(await harvestLines(sandbox), script).toEqual(expected);
      }
      expect((await run(sandbox, context, ["/bin/ls", "/tmp/owned"])).code).not.toBe(0);
    },
  },
  {
    id: "harvest-committed",
    title: "an ignored file that the agent committed is in the harvest, and nothing else that its index claims",
    async check(sandbox, context) {
      await plantOdd(sandbox);
      await shell(
        sandbox,
        context,
        `cd /work; mkdir -p ignored/sub .airlock; echo golden > ignored/sub/golden; echo staged > staged.log; echo left > left.log
        echo task > .airlock/task; ln -s /etc ignored/link; ln -s golden ignored/sub/alias; echo gone > gone.log
        git add -f ignored/sub staged.log gone.log .airlock/task; git commit -qm golden; rm gone.log
        echo "100644 $(git hash-object -w --stdin < /dev/null) 0	ignored/link/passwd" | git update-index --index-info`,
      );
      const expected = ["120000 ignored/sub/alias golden", "100644 ignored/sub/golden golden\n", "100644 staged.log staged\n"];
      expect(await harvestLines(sandbox)).toEqual(expected);
      await shell(sandbox, context, "cd /work; rm .git/config; mkfifo .git/config");
      expect(await harvestLines(sandbox)).toEqual([]);
    },
  },
  {
    id: "harvest-same-size",
    title: "a change that keeps size and time is seen, and a file that was only touched is not",
    async check(sandbox, context) {
      await plantOdd(sandbox);
      await shell(
        sandbox,
        context,
        "cd /work; touch -r lf.txt /tmp/time; printf 'one\\ntWo\\n' > lf.txt; touch -r /tmp/time lf.txt; sleep 1.1; touch crlf.txt ident.txt; touch -h link; chmod 600 binary.bin",
      );
      expect(await harvestLines(sandbox)).toEqual(["100644 lf.txt one\ntWo\n"]);
    },
  },
  {
    id: "harvest-specials",
    title: "pipes, sockets and devices neither hang nor vanish, unless they are ignored",
    async check(sandbox, context) {
      await plantOdd(sandbox);
      await shell(
        sandbox,
        context,
        "cd /work; mkfifo ./:pipe; rm lf.txt; mkfifo lf.txt; mkdir -p ignored; mkfifo ignored/pipe; mknod null c 1 3; chown 1000 null",
        { user: "root" },
      );
      expect(await harvestLines(sandbox)).toEqual(["010000 :pipe", "010000 lf.txt", "020000 null"]);
      await shell(sandbox, context, "cd /work; rm .gitignore; mkfifo .gitignore", { user: "root" });
      await expect(harvest(sandbox)).rejects.toMatchObject({ code: "harvest.unreadable", message: expect.stringContaining(".gitignore") });
    },
  },
  {
    id: "harvest-limits",
    title: "too many paths, too many bytes, a sparse terabyte and endless growth meet a limit that names its input",
    async check(sandbox, context) {
      await plantOdd(sandbox);
      await shell(sandbox, context, "cd /work; i=0; while [ $i -lt 101 ]; do : > f$i; i=$((i+1)); done");
      await expect(harvest(sandbox)).rejects.toMatchObject({
        code: "harvest.limit",
        message: expect.stringContaining("100"),
        remedy: expect.stringContaining("max-patch-files"),
      });
      await shell(sandbox, context, "cd /work; rm f*; head -c 3000 /dev/zero > a; head -c 3000 /dev/zero > b");
      await expect(harvest(sandbox, { maxFiles: 2, maxBytes: 5_999 })).rejects.toMatchObject({
        code: "harvest.limit",
        remedy: expect.stringContaining("max-patch-kib"),
      });
      expect((await harvest(sandbox, { maxFiles: 2, maxBytes: 6_000 })).length).toBe(2);
      await shell(sandbox, context, "cd /work; truncate -s 1T sparse");
      await expect(harvest(sandbox)).rejects.toMatchObject({ code: "harvest.limit", message: expect.stringContaining("sparse") });
      await shell(sandbox, context, "cd /work; rm sparse; rm a b");
      const growing = await sandbox.start({
        argv: ["/bin/sh", "-c", "while head -c 100000 /dev/zero; do sleep 0.01; done > /work/growing"],
        env: context.subject.env,
        timeoutMs: 60_000,
        maxOutputBytes: 1_000,
      });
      await shell(sandbox, context, "sleep 0.2");
      await harvest(sandbox).then(
        (entries) => expect(entries.map((entry) => text(entry.path))).toEqual(["growing"]),
        (error: unknown) => expect(error).toMatchObject({ code: "harvest.limit" }),
      );
      await growing.stop(0);
    },
  },
  {
    id: "bulk",
    title: "a large repository goes in and a large harvest comes out, byte-exact, with flat memory",
    async check(sandbox, context) {
      const count = context.subject.bulkMib;
      using work = makeWorkTree();
      work.git(["config", "core.compression", "0"]);
      for (let at = 0; at < count; at++) work.write({ [`large/${at}`]: randomBytes(MIB) });
      const commit = work.commit();
      await sandbox.plant(pack(work, commit), commit);
      await shell(sandbox, context, "cd /work/large; for f in *; do echo more >> $f; done; sha256sum * > /tmp/sums");
      const before = usedBytes();
      let peak = before;
      const sums: string[] = [];
      for await (const entry of sandbox.harvest({ maxFiles: count, maxBytes: 2 * count * MIB })) {
        sums.push(
          `${createHash("sha256")
            .update(entry.content ?? new Uint8Array())
            .digest("hex")}  ${text(entry.path).slice("large/".length)}`,
        );
        peak = Math.max(peak, usedBytes());
      }
      const expected = (await shell(sandbox, context, "cat /tmp/sums")).trim().split("\n");
      expect(sums.sort()).toEqual(expected.sort());
      expect(peak - before).toBeLessThan(Math.max(48, count * 0.75) * MIB);
    },
  },
];
