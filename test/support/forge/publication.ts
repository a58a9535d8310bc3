import { execFileSync } from "node:child_process";
import { openGithubForge } from "../../../src/adapters/forge/github.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import type { Patch } from "../../../src/domain/patch.ts";
import { hashRequest } from "../../../src/domain/publication/branch.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { PublicationSettings } from "../../../src/domain/settings.ts";
import type { Task } from "../../../src/domain/task.ts";
import type { Forge } from "../../../src/ports/forge.ts";
import { type PublishOptions, publish } from "../../../src/stages/publish.ts";
import { type Bench, openBench } from "./bare-repository.ts";
import { settingsOf } from "./fake-event.ts";
import { type Github, type GithubOptions, startGithub } from "./github.ts";
import type { TreeSpec } from "./work-tree.ts";

const PACING = { secondMs: 1, requestTimeoutMs: 900 };
export const RUN_URL = "https://github.com/octo/demo/actions/runs/7";

export const PUBLICATION: PublicationSettings = settingsOf().publication;

/** A real repository, its copy on the stand-in with the same commit ids, an issue, and all that publishing needs. */
export interface Publishing extends AsyncDisposable {
  readonly bench: Bench;
  readonly github: Github;
  readonly forge: Forge;
  readonly issue: number;
  /** Another issue, with its number. */
  openIssue(): Promise<number>;
  task(given?: Partial<Task>, issue?: number): Task;
  publish(patch: Patch, given?: Partial<PublishOptions>): Promise<Outcome>;
  /** Commits to the work tree's main and moves the stand-in's `main` there. */
  moveBase(changes: Readonly<Record<string, TreeSpec[string] | null>>): Promise<string>;
  pulls(): Promise<readonly Pull[]>;
  comments(issue?: number): Promise<readonly { readonly body: string; readonly user: { readonly login: string } }[]>;
  branches(): Promise<readonly string[]>;
}

export interface Pull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  readonly state: string;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly labels: readonly { readonly name: string }[];
}

function openForge(github: Publishing["github"], bench: Bench): Publishing["forge"] {
  const forge = openGithubForge({
    repository: github.repository,
    apiUrl: github.url,
    serverUrl: "https://github.com",
    token: new Secret(github.tokens.bot ?? ""),
    pacing: PACING,
  });
  return { ...forge, remote: { url: bench.work.url, token: new Secret("") } };
}

export async function openPublishing(files: TreeSpec, options: GithubOptions = {}): Promise<Publishing> {
  const github = await startGithub({ collaborators: { bot: "push" }, ...options });
  const bench = await openBench(files);
  const root = `/repos/${github.repository}`;
  await mirror(github, bench, bench.base);
  const forge = openForge(github, bench);
  const openIssue = async (): Promise<number> =>
    (await github.ask<{ number: number }>("POST", `${root}/issues`, { title: "The sum is wrong" })).number;
  const issue = await openIssue();
  const task = (given: Partial<Task> = {}, number = issue): Task => ({ ...taskOf(number, bench.base), ...given });
  return {
    bench,
    github,
    forge,
    issue,
    openIssue,
    task,
    publish: async (patch, given = {}) =>
      publish({
        forge,
        repository: bench.repository,
        task: task(),
        requestSha256: hashRequest({ prompt: "", instruction: "" }),
        patch,
        verdict: { decision: "publish", findings: [], tree: patch.tree },
        settings: PUBLICATION,
        dryRun: false,
        run: { url: RUN_URL },
        facts: {},
        durationMs: 61_000,
        secrets: [],
        judge: (again) => bench.judge(again),
        ...given,
      }),
    moveBase: async (changes) => {
      bench.work.git(["checkout", "--quiet", "--force", "main"]);
      for (const [path, spec] of Object.entries(changes)) {
        if (spec === null) bench.work.remove(path);
        else bench.work.write({ [path]: spec });
      }
      const sha = bench.work.commit("moved");
      await mirror(github, bench, sha);
      return sha;
    },
    pulls: () => github.ask<readonly Pull[]>("GET", `${root}/pulls?state=all&per_page=100`),
    comments: (number = issue) => github.ask("GET", `${root}/issues/${number}/comments`),
    branches: async () => (await github.ask<readonly { name: string }[]>("GET", `${root}/branches?per_page=100`)).map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await github[Symbol.asyncDispose]();
    },
  };
}

/** Copies a commit of the work tree to the stand-in. The ids have to come out the same, or no test here means anything. */
async function mirror(github: Github, bench: Bench, sha: string): Promise<void> {
  const { git } = bench.work;
  const parents = git(["log", "-1", "--format=%P", sha])
    .split(" ")
    .filter((parent) => parent !== "");
  const [name = "", email = "", seconds = "0"] = git(["log", "-1", "--format=%an%n%ae%n%at", sha]).split("\n");
  const message = `${git(["log", "-1", "--format=%B", sha])}\n`;
  const read = (oid: string): Buffer => execFileSync("git", ["cat-file", "blob", oid], { cwd: bench.work.directory, maxBuffer: 1 << 28 });
  const lines = git(["ls-tree", "-r", sha]).split("\n");
  const files = Object.fromEntries(
    lines.map((line) => {
      const [facts = "", path = ""] = line.split("\t");
      const [mode = "", , oid = ""] = facts.split(" ");
      return [path, { mode, content: read(oid) }];
    }),
  );
  const author = { name, email, date: new Date(Number(seconds) * 1000).toISOString() };
  const planted = await github.plant({ branch: "main", files, message, parents, author });
  if (planted.sha !== sha) throw new Error(`the stand-in made ${planted.sha} of ${sha}`);
}

function taskOf(number: number, baseSha: string): Task {
  const target = { kind: "issue", number } as const;
  return {
    trigger: {
      event: "issues",
      action: "labeled",
      target,
      actor: "octo",
      mode: "fix",
      triggeredAtMs: 0,
      title: "The sum is wrong",
      body: "",
      instruction: "",
    },
    target,
    title: "The sum is wrong",
    prompt: "Fix the sum.",
    baseRef: "main",
    baseSha,
    removed: {},
    attachments: [],
  };
}
