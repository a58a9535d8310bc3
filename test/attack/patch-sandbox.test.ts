import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Patch } from "../../src/domain/patch.ts";
import type { Task } from "../../src/domain/task.ts";
import type { Sandbox } from "../../src/ports/sandbox.ts";
import { harvest } from "../../src/stages/harvest.ts";
import { type Bench, GATE_SETTINGS, openBench } from "../support/forge/bare-repository.ts";
import { anEdit, applyEdits } from "../support/forge/random-edits.ts";
import { rounds } from "../support/fuzz.ts";
import { ENDLESS } from "../support/runner/endless.ts";
import { openNamespaceProvider } from "../support/sandbox/namespace-provider.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";

const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/home/agent", LANG: "C.UTF-8" };
const TIMEOUT_MS = 180_000;
const LIFETIME_MS = 600_000;

function taskAt(baseSha: string): Task {
  const target = { kind: "repository" as const };
  const trigger = {
    event: "push",
    action: "",
    target,
    actor: "a",
    mode: "task" as const,
    triggeredAtMs: 0,
    title: "",
    body: "",
    instruction: "",
  };
  return { trigger, target, title: "", prompt: "", baseRef: "main", baseSha, removed: {}, attachments: [] };
}

describe("I12: what leaves a real sandbox is the tree in it", { timeout: rounds(TIMEOUT_MS) }, () => {
  let bench: Bench;
  let sandbox: Sandbox;
  const shell = async (script: string, stdin?: Uint8Array): Promise<void> => {
    const result = await sandbox.exec({
      argv: ["/bin/sh", "-euc", script],
      cwd: "/work",
      env: ENV,
      timeoutMs: 60_000,
      maxOutputBytes: 1 << 20,
      ...(stdin && { stdin }),
    });
    expect(Buffer.from(result.stderr).toString()).toBe("");
    expect(result.code).toBe(0);
  };
  const read = (): Promise<Patch> =>
    harvest({ sandbox, repository: bench.repository, task: taskAt(bench.base), limits: GATE_SETTINGS, late: ENDLESS.graceSignal });
  const plant = (): Promise<void> => sandbox.plant(bench.repository.pack(bench.base), bench.base);

  beforeAll(async () => {
    bench = await openBench({ "a.txt": "one\ntwo\n", "d/b.txt": "b\r\n", "d/run.sh": { mode: "100755", content: "#!/bin/sh\n" } });
    sandbox = await openNamespaceProvider().create(sandboxSpec({ signal: AbortSignal.timeout(LIFETIME_MS) }));
  });
  afterAll(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    await bench?.[Symbol.asyncDispose]();
  });

  test("a tree is the same after random edits, planted and harvested", async () => {
    await plant();
    await fc.assert(
      fc.asyncProperty(fc.array(anEdit, { minLength: 1, maxLength: 12 }), async (edits) => {
        applyEdits(bench.work.directory, edits);
        const archive = execFileSync("tar", ["--exclude=./.git", "-C", bench.work.directory, "-cf", "-", "."], { maxBuffer: 1 << 28 });
        await shell("find . -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +; tar --no-same-owner -xf -", archive);
        const patch = await read();
        expect(patch.unrepresentable).toEqual([]);
        expect(patch.tree).toBe(bench.work.tree());
      }),
      { numRuns: rounds(12) },
    );
  });

  const TAMPERING: Readonly<Record<string, string>> = {
    "committed, amended and rebased":
      "git add -A; git commit -qm x; git commit -q --amend -m y --author='Boss <ceo@example.org>'; git commit -q --allow-empty -m z; git rebase -q --root 2>/dev/null",
    "switched the branch": "git add -A; git checkout -q -b other; git commit -qm x",
    "stashed it all and took it back": "git stash -q -u; git stash apply -q",
    "rewrote what HEAD names": "git add -A; git commit -qm x; git update-ref refs/heads/main HEAD; git tag -f base",
    "left a poisoned configuration":
      "git config core.fsmonitor 'touch /tmp/ran'; git config filter.x.clean 'touch /tmp/ran; cat'; git config core.worktree /tmp; git config core.hooksPath /tmp; echo '* filter=x' > .git/info/attributes; mkdir -p .git/objects/info; echo /nowhere > .git/objects/info/alternates",
    "told its index that nothing changed":
      "git update-index --assume-unchanged a.txt; git update-index --skip-worktree d/b.txt; printf 'changed.txt\\n' > .git/info/exclude",
    "deleted its .git": "rm -rf .git",
    "replaced its .git by a file": "rm -rf .git; echo 'gitdir: /etc' > .git",
    "filled its .git with nonsense":
      "find .git -type f -exec chmod u+w {} +; find .git -type f -exec sh -c 'echo nonsense > \"$1\"' _ {} \\;",
  };

  const WORK =
    "git config user.name a; git config user.email a@example.org; printf 'one\\nTWO\\n' > a.txt; printf new > changed.txt; rm d/run.sh; echo b > d/b.txt";

  for (const [what, script] of Object.entries(TAMPERING)) {
    test(`X8, X10: the harvest is the same when the agent ${what}`, async () => {
      await plant();
      await shell(WORK);
      const honest = await read();
      expect(honest.changes.map(({ path }) => path)).toEqual(["a.txt", "changed.txt", "d/b.txt", "d/run.sh"]);
      await shell(script);
      expect((await read()).tree).toBe(honest.tree);
      expect((await bench.judge(honest)).decision).toBe("publish");
    });
  }

  test("X8: the harvest is without what the agent left in a stash: nothing but the tree leaves", async () => {
    await plant();
    await shell(`${WORK}; git stash -q -u`);
    const nothing = await read();
    expect([nothing.changes, nothing.tree]).toEqual([[], nothing.baseTree]);
    expect((await bench.judge(nothing)).decision).toBe("empty");
    await shell("echo later > later.txt");
    expect((await read()).changes.map(({ path }) => path)).toEqual(["later.txt"]);
  });

  test("X5: a harvest stops at its limit, which names the limit and the input", async () => {
    await plant();
    await shell("mkdir many; i=0; while [ $i -lt 300 ]; do echo x > many/$i; i=$((i+1)); done; truncate -s 1T sparse");
    const reading = bench.repository.readPatch(bench.base, sandbox.harvest({ maxFiles: 200, maxBytes: 1 << 20 }), {
      maxFiles: 200,
      maxBytes: 1 << 20,
    });
    await expect(reading).rejects.toMatchObject({ code: "harvest.limit" });
    await expect(read()).rejects.toMatchObject({ code: "harvest.limit" });
  });
});
