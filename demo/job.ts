import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGit } from "../test/support/forge/git-http-server.mjs";
import { startAnthropic } from "../test/support/model/scripted-anthropic.mjs";
import { type ActionResult, runAction } from "../test/support/runner/mini-runner.mjs";
import { readNpmEnv } from "../test/support/runner/npm-env.ts";
import type { DemoEvent } from "./event.ts";
import type { PullPlan } from "./pull-plan.ts";
import { type FrontCall, startReviewFront } from "./review-front.ts";
import { mirrorTarget, type StandIn, startStandIn } from "./stand-in.ts";
import { makeTarget, type Source, type Target } from "./target.ts";

export const ROOT = resolve(import.meta.dirname, "..");
/** Who owns the stand-in's repository, and whose token the action gets. */
export const OWNER = "octo";
const TIMEOUT_MS = 30 * 60_000;

export interface WorldOptions {
  /** A local git repository; undefined: the demo's own small one. */
  readonly repo: string | undefined;
  /** Turns of the scripted model; undefined: the real API. */
  readonly turns: readonly object[] | undefined;
  /** A pull request that is going to be opened. */
  readonly pull?: PullPlan | undefined;
  /** With `repo`: what its HEAD is a change of. Default `HEAD^`. */
  readonly base?: string;
  /** Folders whose files lie over those of the demo's own pull request. */
  readonly overlays?: readonly string[];
}

/** Everything around the action: GitHub, git server, model. All on loopback unless the real model is asked for. */
export interface DemoWorld extends AsyncDisposable {
  readonly folder: string;
  readonly target: Target;
  readonly standIn: StandIn;
  /** What the action is told: the stand-in's, or that of what stands before it for reviews. */
  readonly apiUrl: string;
  /** Writes to the API, when there is a pull request. */
  readonly writes: readonly FrontCall[];
  readonly gitUrl: string;
  /** undefined: the real API. */
  readonly model:
    | { readonly url: string; readonly key: string; readonly requests: readonly Readonly<Record<string, unknown>>[] }
    | undefined;
}

export async function startWorld(options: WorldOptions): Promise<DemoWorld> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "airlock-demo-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const owner = OWNER;
  const name = "demo";
  const target = await makeTarget({ bare: join(folder, "git", owner, `${name}.git`), ...chooseSources(options) });
  const strangers = [...new Set(["stranger", ...(options.pull?.people.keys() ?? [])])].filter((login) => login !== owner);
  const standIn = await startStandIn({ owner, name, strangers, port: await freePort() });
  opened.defer(() => standIn.close());
  await mirrorTarget(standIn, target);
  const git = await startGit({ root: join(folder, "git"), tokens: { [standIn.token]: "rw" }, publicRead: false });
  opened.defer(() => git.close());
  const front =
    options.pull === undefined ? undefined : opened.use(await startReviewFront({ standIn, bare: target.bare, base: target.commit }));
  const model = options.turns === undefined ? undefined : await startModel(options.turns, opened);
  const moved = opened.move();
  const api = { apiUrl: front?.url ?? standIn.url, writes: front?.writes ?? [] };
  return { folder, target, standIn, ...api, gitUrl: git.url, model, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

interface Sources {
  readonly base: Source;
  readonly head?: { readonly source: Source; readonly message: string };
}

function chooseSources({ repo, pull, base = "HEAD^", overlays = [] }: WorldOptions): Sources {
  const own = resolve(repo ?? import.meta.dirname);
  if (pull === undefined) return { base: repo === undefined ? { folders: [join(own, "repository")] } : { repo: own, revision: "HEAD" } };
  const message = pull.title;
  if (repo !== undefined) return { base: { repo: own, revision: base }, head: { source: { repo: own, revision: "HEAD" }, message } };
  const folders = [join(own, "review", "base")];
  return { base: { folders }, head: { source: { folders: [...folders, join(own, "review", "head"), ...overlays] }, message } };
}

async function startModel(turns: readonly object[], opened: AsyncDisposableStack): Promise<NonNullable<DemoWorld["model"]>> {
  const key = `sk-ant-demo-${randomBytes(24).toString("base64url")}`;
  const server = await startAnthropic({ script: { requireKey: key, turns } });
  opened.defer(() => server.close());
  return { url: server.url, key, requests: server.requests };
}

export interface JobOptions {
  readonly world: DemoWorld;
  readonly event: DemoEvent;
  readonly inputs: Readonly<Record<string, string>>;
  /** Shows the job's log as it comes. Default false. */
  readonly echo?: boolean;
  readonly cancel?: AbortSignal;
  readonly onLine?: (line: string) => void;
  /** Called with the process id of each step. */
  readonly onStart?: (pid: number) => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly runId?: string;
}

/** Runs `dist/index.js` and its post step as the runner does. */
export async function runJob(options: JobOptions): Promise<ActionResult> {
  const { world, event } = options;
  const model = world.model === undefined ? {} : { "anthropic-api-key": world.model.key, "anthropic-base-url": world.model.url };
  const common = {
    entry: join(ROOT, "dist", "index.js"),
    inputs: { "github-token": world.standIn.token, ...model, ...options.inputs },
    eventName: event.name,
    event: event.payload,
    actor: event.actor,
    repository: `${world.standIn.owner}/${world.standIn.name}`,
    sha: world.target.commit,
    apiUrl: world.apiUrl,
    serverUrl: world.gitUrl,
    timeoutMs: TIMEOUT_MS,
    env: { RUNNER_TOOL_CACHE: cacheFolder(), ...readNpmEnv(), ...providerEnv(), ...options.env },
    echo: options.echo ?? false,
    ...(options.cancel === undefined ? {} : { cancel: options.cancel }),
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    ...(options.onStart === undefined ? {} : { onStart: options.onStart }),
    ...(options.runId === undefined ? {} : { runId: options.runId }),
  };
  const result = await runAction(common);
  await runAction({ ...common, state: result.state, exported: result.exported });
  return result;
}

/** Seams that point an adapter at a server on loopback; passed through when they are set. */
function providerEnv(): Record<string, string> {
  const names = ["E2B_API_URL", "E2B_SANDBOX_URL", "AIRLOCK_E2B_TUNNEL_URL", "SPRITES_API_URL"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] as string]])));
}

/** Prepared artefacts are kept here between runs. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "airlock-tool-cache");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}
