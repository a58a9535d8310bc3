import { expect } from "vitest";
import type { Sandbox } from "../../../src/ports/sandbox.ts";
import { makeWorkTree } from "../../support/forge/work-tree.ts";
import type { LawContext, SharedLaw } from "./law.ts";
import { command, shell } from "./run.ts";
import { harvestLines, pack } from "./work-tree.ts";

type Files = Parameters<typeof makeWorkTree>[0];

const ODD = "odd 'name\"\n\u00e9";

const BEFORE: Files = {
  ".gitignore": "node_modules/\n*.log\n/cache/\n",
  "changed.txt": "one\n",
  "same.txt": "same\n",
  "deleted.txt": "deleted\n",
  "gone/deep/file": "gone\n",
  "old-name.txt": "renamed\n",
  "mode.sh": "#!/bin/sh\n",
  link: { mode: "120000", content: "same.txt" },
  "to-directory": "a file\n",
  "to-file/inner": "a directory\n",
  "to-link/inner": "a directory\n",
  "sub/kept.txt": "kept\n",
};

const AFTER: Files = {
  ".gitattributes": "*.txt filter=evil text eol=crlf\n",
  // Keeps the runner's git from rewriting what the tracked attributes would rewrite.
  ".git/info/attributes": "* -text !eol !filter -ident !working-tree-encoding\n",
  ".gitignore": "node_modules/\n*.log\n.venv/\n",
  "changed.txt": "two\n",
  "same.txt": "same\n",
  "new-name.txt": "renamed\n",
  "mode.sh": { mode: "100755", content: "#!/bin/sh\n" },
  link: { mode: "120000", content: "../nowhere" },
  "to-directory/inner": "a directory\n",
  "to-file": "a file\n",
  "to-link": { mode: "120000", content: "sub" },
  "sub/kept.txt": "kept\n",
  "sub/tracked.log": "tracked although ignored\n",
  "added/deep/file": "added\n",
  [ODD]: "odd\n",
};

const TRACKED_AFTER = [
  "f 644 ./.gitattributes",
  "f 644 ./.gitignore",
  "f 644 ./changed.txt",
  "f 644 ./same.txt",
  "f 644 ./new-name.txt",
  "f 755 ./mode.sh",
  "l 777 ./link ../nowhere",
  "d 755 ./to-directory",
  "f 644 ./to-directory/inner",
  "f 644 ./to-file",
  "l 777 ./to-link sub",
  "d 755 ./sub",
  "f 644 ./sub/kept.txt",
  "f 644 ./sub/tracked.log",
  "d 755 ./added",
  "d 755 ./added/deep",
  "f 644 ./added/deep/file",
  `f 644 ./${ODD}`,
];

/** Set-up's and the agent's doings on the way from one tree to the other. */
const WORK = `
cd /work
odd=$(printf 'odd\\377')
mkdir -p node_modules/pkg/.git node_modules/pkg/empty .venv/bin cache 'sub/junk dir' sub/.git hollow/deep hollow/node_modules hidden added "$odd" .git/hooks
echo x > node_modules/pkg/index.js; echo '*' > node_modules/pkg/.gitignore; echo ref > node_modules/pkg/.git/HEAD
ln -s /usr/bin/python3 .venv/bin/python; echo log > sub/debug.log; echo x > cache/no-more; mkfifo pipe
echo junk > junk; echo junk > 'sub/junk dir/x'; echo junk > "$odd/$odd"
git init -q nested; echo x > nested/file; echo y > nested/build.log
echo '*' > hidden/.gitignore; echo secret > hidden/secret; echo '!*.log' > sub/.gitignore; echo '*' > .git/info/exclude
echo dirty >> same.txt; chmod 600 sub/kept.txt; echo mine > added/deep
printf '[filter "evil"]\\n\\tsmudge = touch /tmp/owned; cat\\n[core]\\n\\tfsmonitor = touch /tmp/owned; false\\n' >> .git/config
printf '#!/bin/sh\\ntouch /tmp/owned\\n' > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout
`;

const KEPT = [
  "d 755 ./node_modules",
  "d 755 ./node_modules/pkg",
  "d 755 ./node_modules/pkg/.git",
  "f 644 ./node_modules/pkg/.git/HEAD",
  "f 644 ./node_modules/pkg/.gitignore",
  "d 755 ./node_modules/pkg/empty",
  "f 644 ./node_modules/pkg/index.js",
  "d 755 ./.venv",
  "d 755 ./.venv/bin",
  "l 777 ./.venv/bin/python /usr/bin/python3",
  "f 644 ./sub/debug.log",
  "d 755 ./hollow",
  "d 755 ./hollow/node_modules",
  "d 755 ./nested",
  "f 644 ./nested/build.log",
];

/** Kind, mode and path of everything but `.git`, which is the agent's to own. */
async function listWork(sandbox: Sandbox, context: LawContext): Promise<readonly string[]> {
  const script =
    "cd /work; find . -path ./.git -prune -o ! -user 1000 -print0; find . -path ./.git -prune -o ! -path . -printf '%y %m %p %l\\0'";
  return (await shell(sandbox, context, script))
    .split("\0")
    .slice(0, -1)
    .map((line) => line.replace(/ $/, ""));
}

async function plantFrom(sandbox: Sandbox, how: "plant" | "replant", files: Files): Promise<string> {
  using work = makeWorkTree(files);
  const commit = work.commit();
  await sandbox[how](pack(work, commit), commit);
  return commit;
}

/** Ways to be in the way; whoever follows or stumbles changes or leaves something. */
const TRAPS = `
cd /work
rm -rf sub added changed.txt .gitignore .gitattributes mode.sh .git
mkdir -p /tmp/theirs/deep /tmp/mine/deep node_modules bait/below locked
echo canary > /tmp/theirs/kept.txt; echo canary > /tmp/mine/deep/file; echo canary > /tmp/mine/victim; echo x > locked/x
chown -R 1000:1000 /tmp/mine; chmod 711 /tmp/theirs /tmp/mine/deep
ln -s /tmp/theirs sub; ln -s /tmp/mine/victim changed.txt; ln /tmp/mine/victim mode.sh 2> /dev/null || cp /tmp/mine/victim mode.sh
for link in .git added stray node_modules/out bait/below/out; do ln -s /tmp/mine $link; done
mkfifo .gitignore .gitattributes bait/.gitattributes; mknod null c 1 3; echo '*' > bait/below/.gitignore
chmod 000 locked to-directory; chown 0:0 to-directory; chmod 4777 to-file; chmod 500 .
`;
const OUTSIDE =
  "find /tmp/theirs /tmp/mine -printf '%y %m %U %s %T@ %p\\n' | sort; cat /tmp/theirs/kept.txt /tmp/mine/deep/file /tmp/mine/victim";

export const REPLANT_LAWS: readonly SharedLaw[] = [
  {
    id: "replant",
    title: "replanting makes the tracked files into another tree, keeps what it ignores and nothing else, and harvests are against it",
    async check(sandbox, context) {
      await plantFrom(sandbox, "plant", BEFORE);
      await shell(sandbox, context, WORK);
      const commit = await plantFrom(sandbox, "replant", AFTER);
      expect((await listWork(sandbox, context)).toSorted()).toEqual([...TRACKED_AFTER, ...KEPT].sort());
      const contents = "cat changed.txt same.txt to-file to-directory/inner added/deep/file sub/tracked.log sub/kept.txt";
      expect(await shell(sandbox, context, `cd /work; ${contents}; ls /tmp/owned || git status --porcelain; git rev-list HEAD`)).toBe(
        `two\nsame\na file\na directory\nadded\ntracked although ignored\nkept\n${commit}\n`,
      );
      expect(await harvestLines(sandbox)).toEqual([]);
      await shell(sandbox, context, "cd /work; echo three > changed.txt; rm to-file; echo new > new; echo more >> sub/debug.log");
      expect(await harvestLines(sandbox)).toEqual(["100644 changed.txt three\n", "100644 new new\n", "000000 to-file"]);
      await plantFrom(sandbox, "replant", BEFORE);
      // What only the tree between ignored has gone with it.
      const left = (await listWork(sandbox, context)).filter((line) => / \.\/(\.venv|new|added|sub|node_modules)\b/.test(line));
      expect(left.toSorted()).toEqual(
        [
          "d 755 ./sub",
          "f 644 ./sub/kept.txt",
          ...KEPT.filter((line) => /node_modules\b|debug/.test(line) && !line.includes("hollow")),
        ].sort(),
      );
      expect(await harvestLines(sandbox)).toEqual([]);
    },
  },
  {
    id: "replant-traps",
    title: "replanting follows no link, whatever became of the work tree and its .git, and ends what still writes there",
    async check(sandbox, context) {
      await plantFrom(sandbox, "plant", AFTER);
      await shell(sandbox, context, TRAPS, { user: "root" });
      const outside = await shell(sandbox, context, OUTSIDE, { user: "root" });
      const writer = await sandbox.start(
        command(context, ["/bin/sh", "-c", "while :; do echo x > /tmp/written; done"], { timeoutMs: 300_000 }),
      );
      await plantFrom(sandbox, "replant", AFTER);
      // One that lives would end by the first signal of a stop, which is another.
      expect(await writer.stop(10_000)).toMatchObject({ signal: "SIGKILL" });
      expect(await shell(sandbox, context, OUTSIDE, { user: "root" })).toBe(outside);
      const kept = ["d 755 ./node_modules", "l 777 ./node_modules/out /tmp/mine"];
      expect((await listWork(sandbox, context)).filter((line) => !line.startsWith("./")).toSorted()).toEqual(
        [...TRACKED_AFTER, ...kept].sort(),
      );
      expect(await harvestLines(sandbox)).toEqual([]);
      expect(
        await shell(sandbox, context, "stat -c '%a %u' /work; cd /work; git status --porcelain; rm -rf /tmp/mine", { user: "agent" }),
      ).toBe("755 1000\n");
      await shell(sandbox, context, "rm -rf /tmp/theirs", { user: "root" });
    },
  },
];
