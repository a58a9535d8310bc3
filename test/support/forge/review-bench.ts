import { openGithubForge } from "../../../src/adapters/forge/github.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { type JobOptions, type JobResult, runJob, TOKEN } from "../runner/run-job.ts";
import { user } from "./fake-event.ts";
import { BASE_FILES, type PlantedPull } from "./pull-requests.ts";
import { NUMBER, type ReviewGithub } from "./review-github/state.ts";
import { startReviewGithub } from "./review-github.ts";
import { makeWorkTree, type TreeSpec, type WorkTree } from "./work-tree.ts";

export interface ReviewBenchOptions {
  readonly base?: TreeSpec;
  readonly pull: Pick<PlantedPull, "edits" | "title" | "description" | "author">;
  readonly headRepository?: string;
  readonly identity?: string;
}

export interface ReviewJob
  extends Pick<JobOptions, "agent" | "settings" | "at" | "onLine" | "onState" | "cancelled" | "clock" | "provider"> {
  /** Default: `labeled()`. */
  readonly event?: JobOptions["event"];
  readonly runId?: string;
  readonly actor?: string;
  readonly triggeringActor?: string;
}

/** A pull request over a real repository, the real forge adapter, the real guest in namespaces. */
export interface ReviewBench extends AsyncDisposable {
  readonly github: ReviewGithub;
  readonly work: WorkTree;
  readonly base: string;
  /** Commits on top of the head and moves the pull request there. */
  push(edits: Readonly<Record<string, TreeSpec[string] | null>>): string;
  run(job: ReviewJob): Promise<JobResult>;
  /** `pull_request_target: labeled` by `maria`, with the text as it stands. */
  labeled(): { readonly name: string; readonly payload: Record<string, unknown> };
}

export async function openReviewBench(options: ReviewBenchOptions): Promise<ReviewBench> {
  const work = makeWorkTree(options.base ?? BASE_FILES);
  const base = work.commit("base");
  const edit = (edits: Readonly<Record<string, TreeSpec[string] | null>>): void => {
    for (const [path, spec] of Object.entries(edits)) if (spec === null) work.remove(path);
    for (const [path, spec] of Object.entries(edits)) if (spec !== null) work.write({ [path]: spec });
  };
  edit(options.pull.edits);
  const head = work.commit("head");
  const author = options.pull.author ?? "eve";
  const headRepository = options.headRepository ?? "eve/rocket";
  const github = await startReviewGithub({
    directory: work.directory,
    base,
    head,
    title: options.pull.title,
    body: options.pull.description ?? "",
    author,
    headRepository,
    headRef: "topic",
    identity: options.identity ?? "github-actions[bot]",
    permissions: { maria: "write", eve: "read" },
  });
  const labeled = () => eventOf(github, headRepository);
  return {
    github,
    work,
    base,
    labeled,
    push(edits) {
      edit(edits);
      github.head = work.commit("more");
      return github.head;
    },
    run(job) {
      github.labels = ["airlock"];
      return runReview({ github, work, job: { event: labeled(), ...job } });
    },
    async [Symbol.asyncDispose]() {
      await github[Symbol.asyncDispose]();
      work[Symbol.dispose]();
    },
  };
}

function eventOf(github: ReviewGithub, headRepository: string): ReturnType<ReviewBench["labeled"]> {
  const pull = {
    number: NUMBER,
    title: github.title,
    body: github.body,
    state: "open",
    updated_at: new Date().toISOString(),
    labels: [{ name: "airlock" }],
    head: { sha: github.head, ref: "topic", repo: { id: headRepository === "acme/rocket" ? 1 : 2 } },
    base: { ref: "main", repo: { id: 1 } },
  };
  const payload = {
    action: "labeled",
    label: { name: "airlock" },
    pull_request: pull,
    repository: { id: 1, full_name: "acme/rocket" },
    sender: user("maria"),
  };
  return { name: "pull_request_target", payload };
}

interface Reviewing {
  readonly github: ReviewGithub;
  readonly work: WorkTree;
  readonly job: ReviewJob & Required<Pick<ReviewJob, "event">>;
}

async function runReview({ github, work, job }: Reviewing): Promise<JobResult> {
  const { actor = "maria", triggeringActor = actor, runId = String(process.pid), event, ...rest } = job;
  const forge = openGithubForge({
    repository: "acme/rocket",
    apiUrl: github.url,
    serverUrl: "https://github.com",
    token: new Secret(TOKEN, "github-token"),
    pacing: { secondMs: 1, requestTimeoutMs: 20_000 },
  });
  const remote = { url: work.url, token: new Secret("") };
  return await runJob({ ...rest, event, forge: { ...forge, remote }, run: { runId, actor, triggeringActor } });
}

/** Shell lines of an agent that leaves this review and does nothing else. */
export function leave(review: unknown): string {
  return `cat > /work/.airlock/review.json <<'AIRLOCK_END'\n${JSON.stringify(review)}\nAIRLOCK_END\necho reviewed`;
}
