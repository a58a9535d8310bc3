import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGit } from "../test/support/git-http-server.mjs";
import { type ActionResult, runAction } from "../test/support/mini-runner.mjs";
import { readNpmEnv } from "../test/support/npm-env.ts";
import { startAnthropic } from "../test/support/scripted-anthropic.mjs";
import { type DemoEvent, makeEvent } from "./event.ts";
import { type DemoOptions, HELP, parseOptions } from "./options.ts";
import { printResult, readHoldings } from "./show.ts";
import { mirrorTarget, type StandIn, startStandIn } from "./stand-in.ts";
import { makeTarget, type Target } from "./target.ts";

const ROOT = resolve(import.meta.dirname, "..");
const SCRIPTED_KEY = "sk-ant-demo-000000000000000000000000";
const TIMEOUT_MS = 30 * 60_000;

const options = parseOptions(process.argv.slice(2));
if (options.help) {
  process.stdout.write(HELP);
} else {
  process.exitCode = await demo(options);
}

async function demo(asked: DemoOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "airlock-demo-"));
  try {
    await using world = await startWorld(asked, folder);
    say(
      `repository  ${world.standIn.owner}/${world.standIn.name} at ${world.target.commit.slice(0, 12)}, ${world.target.files.length} files`,
    );
    say(`model       ${world.realKey === undefined ? "scripted, on loopback" : "the real API (ANTHROPIC_API_KEY is set)"}`);
    const event = await makeEvent(asked, world.standIn, import.meta.dirname);
    say(`event       ${event.name} by ${event.actor}\n`);
    const result = await runJob(asked, world, event);
    const holdings = await readHoldings(world.standIn, result);
    if (asked.out !== undefined) await copyOut(asked.out, result, holdings);
    await printResult({ result, holdings, files: join(result.temp, "airlock") });
    return result.outputs["conclusion"] === "success" || result.outputs["conclusion"] === "neutral" ? 0 : 1;
  } finally {
    if (asked.keep) say(`kept        ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

interface DemoWorld extends AsyncDisposable {
  readonly folder: string;
  readonly target: Target;
  readonly standIn: StandIn;
  readonly gitUrl: string;
  readonly modelUrl: string | undefined;
  readonly realKey: string | undefined;
}

async function startWorld(asked: DemoOptions, folder: string): Promise<DemoWorld> {
  await using opened = new AsyncDisposableStack();
  const realKey = process.env["ANTHROPIC_API_KEY"] === "" ? undefined : process.env["ANTHROPIC_API_KEY"];
  const owner = "octo";
  const name = "demo";
  const repo = asked.repo === undefined ? undefined : resolve(asked.repo);
  const target = await makeTarget({
    bare: join(folder, "git", owner, `${name}.git`),
    folder: join(import.meta.dirname, "repository"),
    repo,
  });
  const standIn = await startStandIn({ owner, name, strangers: ["stranger"], port: await freePort() });
  opened.defer(() => standIn.close());
  await mirrorTarget(standIn, target);
  const git = await startGit({ root: join(folder, "git"), tokens: { [standIn.token]: "rw" }, publicRead: false });
  opened.defer(() => git.close());
  const modelUrl = realKey === undefined ? await startModel(asked, opened) : undefined;
  const moved = opened.move();
  return { folder, target, standIn, gitUrl: git.url, modelUrl, realKey, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

async function startModel(asked: DemoOptions, opened: AsyncDisposableStack): Promise<string> {
  const file = asked.script ?? join(import.meta.dirname, "turns.json");
  const script = JSON.parse(await readFile(file, "utf8")) as { turns: object[] };
  const model = await startAnthropic({ script: { requireKey: SCRIPTED_KEY, ...script } });
  opened.defer(() => model.close());
  return model.url;
}

/** Runs `dist/index.js` and its post step as the runner does. */
async function runJob(asked: DemoOptions, world: DemoWorld, event: DemoEvent): Promise<ActionResult> {
  const real = asked.repo !== undefined && world.realKey !== undefined;
  const inputs = {
    agent: asked.agent,
    provider: asked.provider,
    "github-token": world.standIn.token,
    "anthropic-api-key": world.realKey ?? SCRIPTED_KEY,
    ...(world.modelUrl === undefined ? {} : { "anthropic-base-url": world.modelUrl }),
    ...(asked.prompt === undefined ? {} : { prompt: asked.prompt }),
    ...(real ? { "dry-run": "true" } : {}),
    ...asked.inputs,
  };
  const common = {
    entry: join(ROOT, "dist", "index.js"),
    inputs,
    eventName: event.name,
    event: event.payload,
    actor: event.actor,
    repository: `${world.standIn.owner}/${world.standIn.name}`,
    sha: world.target.commit,
    apiUrl: world.standIn.url,
    serverUrl: world.gitUrl,
    timeoutMs: TIMEOUT_MS,
    env: { RUNNER_TOOL_CACHE: cacheFolder(), ...readNpmEnv(), ...providerEnv() },
    echo: true,
  };
  const result = await runAction(common);
  await runAction({ ...common, state: result.state, exported: result.exported });
  return result;
}

/** Seams that point an adapter at a server on loopback; passed through when they are set. */
function providerEnv(): Record<string, string> {
  const names = ["E2B_API_URL", "E2B_SANDBOX_URL", "AIRLOCK_E2B_TUNNEL_URL", "SPRITES_API_URL", "AIRLOCK_VERCEL_API_URL", "AIRLOCK_SBX"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] as string]])));
}

function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "airlock-tool-cache");
}

async function copyOut(out: string, result: ActionResult, holdings: unknown): Promise<void> {
  await mkdir(out, { recursive: true });
  const files = join(result.temp, "airlock");
  if (existsSync(files)) await cp(files, out, { recursive: true });
  const { pullRequest, comments } = holdings as { pullRequest: unknown; comments: unknown };
  await writeFile(join(out, "pull-request.json"), JSON.stringify(pullRequest ?? null, null, 2));
  await writeFile(join(out, "comments.json"), JSON.stringify(comments, null, 2));
  await writeFile(join(out, "summary.md"), result.summary);
  await writeFile(join(out, "outputs.json"), JSON.stringify(result.outputs, null, 2));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
