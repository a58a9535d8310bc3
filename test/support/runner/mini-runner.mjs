// Runs a JavaScript action the way actions/runner does: a node process, INPUT_* variables, file commands, state, cancel signals.
//   const main = await runAction({ entry: "dist/index.js", inputs: { prompt: "…" }, eventName: "issues", event: {…} });
//   const post = await runAction({ …same, state: main.state, exported: main.exported });   the same job: same folders
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";

/**
 * @typedef {object} ActionOptions
 * @property {string} entry script of the step
 * @property {Readonly<Record<string, string | number | boolean>>} [inputs] inputs of the step; defaults come from the action.yml beside the entry's folder
 * @property {Readonly<Record<string, string>>} [state] what an earlier step of the action saved; given the very object, the job's folders are used again
 * @property {Readonly<Record<string, string>>} [exported] variables that earlier steps exported
 * @property {string} [eventName]
 * @property {unknown} [event] payload
 * @property {string} [repository] owner/name
 * @property {string} [actor]
 * @property {string} [triggeringActor]
 * @property {string} [ref]
 * @property {string} [sha]
 * @property {string} [runId]
 * @property {number} [attempt]
 * @property {string} [job]
 * @property {string} [workspace] folder the step runs in
 * @property {string} [apiUrl]
 * @property {string} [serverUrl]
 * @property {string} [resultsUrl] artifact service; without it the step has none
 * @property {Readonly<Record<string, string | undefined>>} [env] wins over everything else; undefined takes a variable away
 * @property {string} [node] node binary
 * @property {readonly string[]} [nodeArgs]
 * @property {number} [timeoutMs]
 * @property {AbortSignal} [cancel] cancels the job when aborted: SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL
 * @property {(line: string) => void} [onLine] every line of stdout as it comes
 * @property {(pid: number) => void} [onStart]
 * @property {boolean} [echo] copies the step's output to this process's output
 */

/**
 * @typedef {object} WorkflowCommand
 * @property {string} name
 * @property {Record<string, string>} props
 * @property {string} value
 */

/**
 * @typedef {object} ActionResult
 * @property {number | null} code
 * @property {string | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} ms
 * @property {Record<string, string>} outputs
 * @property {Record<string, string>} state
 * @property {Record<string, string>} exported
 * @property {readonly string[]} path entries added to PATH
 * @property {string} summary
 * @property {readonly WorkflowCommand[]} commands workflow commands as the runner would obey them
 * @property {readonly string[]} masks
 * @property {string} root everything of the job; the caller removes it, see `dispose`
 * @property {string} workspace
 * @property {string} temp RUNNER_TEMP
 * @property {() => void} dispose removes the job's folders
 */

/** Folders of a job by the state its steps saved. */
const jobs = new WeakMap();

/**
 * @param {ActionOptions} options
 * @returns {Promise<ActionResult>}
 */
export async function runAction(options) {
  const root = jobs.get(options.state ?? {}) ?? mkdtempSync(join(tmpdir(), "airlock-runner-"));
  const temp = join(root, "_temp");
  const workspace = options.workspace ?? join(root, "workspace");
  mkdirSync(temp, { recursive: true });
  mkdirSync(workspace, { recursive: true });
  const files = openFileCommands(root, options.event ?? {});
  const env = makeEnv({ options, root, temp, workspace, files });
  const started = performance.now();
  const ended = await runNode(options, { env, workspace });
  const ms = Math.round(performance.now() - started);
  const state = parseFileCommand(read(files.GITHUB_STATE));
  jobs.set(state, root);
  const commands = parseCommands(ended.stdout);
  return {
    ...ended,
    ms,
    state,
    commands,
    root,
    workspace,
    temp,
    outputs: parseFileCommand(read(files.GITHUB_OUTPUT)),
    exported: parseFileCommand(read(files.GITHUB_ENV)),
    path: read(files.GITHUB_PATH).trim().split("\n").filter(Boolean),
    summary: read(files.GITHUB_STEP_SUMMARY),
    masks: commands.filter(({ name }) => name === "add-mask").map(({ value }) => value),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The file commands' format: `name=value`, or `name<<mark`, lines, `mark`. */
export function parseFileCommand(/** @type {string} */ text) {
  /** @type {Record<string, string>} */
  const values = {};
  const lines = text.split(/\r?\n/);
  while (lines.length > 0) {
    const [, name, separator, rest = ""] = /^([^=<]+?)(<<|=)(.*)$/.exec(lines.shift() ?? "") ?? [];
    if (name === undefined) continue;
    values[name] = separator === "=" ? rest : takeUntil(lines, rest);
  }
  return values;
}

function takeUntil(lines, mark) {
  const end = lines.indexOf(mark);
  const taken = lines.splice(0, end < 0 ? lines.length : end + 1);
  return (end < 0 ? taken : taken.slice(0, -1)).join("\n");
}

/**
 * The workflow commands in a log as the runner finds them: `::name props::value` on a trimmed line, `##[name props]value` anywhere
 * (actions/runner, ActionCommand.cs).
 * @param {string} log
 * @returns {readonly WorkflowCommand[]}
 */
export function parseCommands(log) {
  const found = log
    .split(/\r\n|\n|\r/)
    .map((line) => /^\s*::([\w-]+)(?: (.*?))?::(.*)$/.exec(line) ?? /##\[([\w-]+)(?: (.*?))?\](.*)$/.exec(line));
  return found
    .filter((match) => match !== null)
    .map(([, name = "", props = "", value = ""]) => ({ name, props: parseProps(props), value: unescapeData(value) }));
}

/** Unsigned token that @actions/artifact decodes for the ids of run and job. */
export function fakeRuntimeToken({ runId = "11111111-1111-4111-8111-111111111111", jobId = "22222222-2222-4222-8222-222222222222" } = {}) {
  const part = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part({ scp: `Actions.ExampleScope Actions.Results:${runId}:${jobId}`, exp: 4_102_444_800 })}.sig`;
}

/** Defaults of an action.yml; expressions are the runner's to fill in and come out empty here. */
export function readDefaults(/** @type {string} */ manifest) {
  if (!existsSync(manifest)) return {};
  const { inputs = {} } = parse(readFileSync(manifest, "utf8"));
  const rows = Object.entries(inputs).map(([name, input]) => [name, String(input?.default ?? "")]);
  return Object.fromEntries(rows.map(([name, value]) => [name, value?.startsWith("${{") ? "" : value]));
}

function openFileCommands(root, event) {
  const open = (name, content = "") => {
    const path = join(root, name);
    writeFileSync(path, content);
    return path;
  };
  return {
    GITHUB_OUTPUT: open("output"),
    GITHUB_ENV: open("env"),
    GITHUB_PATH: open("path"),
    GITHUB_STATE: open("state"),
    GITHUB_STEP_SUMMARY: open("summary.md"),
    GITHUB_EVENT_PATH: open("event.json", JSON.stringify(event)),
  };
}

function makeEnv({ options, root, temp, workspace, files }) {
  const { repository = "octo/demo", actor = "octo", ref = "refs/heads/main", apiUrl = "https://api.github.com", resultsUrl } = options;
  const all = {
    PATH: process.env.PATH,
    HOME: root,
    LANG: "C.UTF-8",
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_WORKFLOW: "wf",
    GITHUB_WORKFLOW_REF: `${repository}/.github/workflows/wf.yml@${ref}`,
    GITHUB_JOB: options.job ?? "job",
    GITHUB_ACTION: "__self",
    GITHUB_RUN_ID: options.runId ?? "1234567890",
    GITHUB_RUN_NUMBER: "1",
    GITHUB_RUN_ATTEMPT: String(options.attempt ?? 1),
    GITHUB_RETENTION_DAYS: "90",
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_OWNER: repository.split("/")[0],
    GITHUB_REPOSITORY_ID: "1",
    GITHUB_ACTOR: actor,
    GITHUB_TRIGGERING_ACTOR: options.triggeringActor ?? actor,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.replace(/^refs\/(heads|tags)\//, ""),
    GITHUB_REF_TYPE: "branch",
    GITHUB_HEAD_REF: "",
    GITHUB_BASE_REF: "",
    GITHUB_SHA: options.sha ?? "0".repeat(40),
    GITHUB_EVENT_NAME: options.eventName ?? "workflow_dispatch",
    GITHUB_WORKSPACE: workspace,
    GITHUB_API_URL: apiUrl,
    GITHUB_SERVER_URL: options.serverUrl ?? "https://github.com",
    GITHUB_GRAPHQL_URL: `${apiUrl}/graphql`,
    RUNNER_OS: "Linux",
    RUNNER_ARCH: process.arch === "arm64" ? "ARM64" : "X64",
    RUNNER_NAME: "mini",
    RUNNER_ENVIRONMENT: "github-hosted",
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: join(root, "tools"),
    ...(resultsUrl === undefined
      ? {}
      : { ACTIONS_RESULTS_URL: resultsUrl, ACTIONS_RUNTIME_URL: `${resultsUrl}/`, ACTIONS_RUNTIME_TOKEN: fakeRuntimeToken() }),
    ...files,
    ...inputVariables({ ...readDefaults(resolve(dirname(options.entry), "..", "action.yml")), ...options.inputs }),
    ...Object.fromEntries(Object.entries(options.state ?? {}).map(([name, value]) => [`STATE_${name}`, value])),
    ...options.exported,
    ...options.env,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Spaces become underlines, hyphens stay: INPUT_TRIGGER-LABEL. */
function inputVariables(inputs) {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`, String(value)]),
  );
}

async function runNode(options, { env, workspace }) {
  const { node = process.execPath, nodeArgs = [], timeoutMs = 120_000 } = options;
  const child = spawn(node, [...nodeArgs, resolve(options.entry)], { cwd: workspace, env, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const text = { stdout: "", stderr: "" };
  for (const name of /** @type {const} */ (["stdout", "stderr"])) {
    child[name].setEncoding("utf8");
    child[name].on("data", (chunk) => {
      text[name] += chunk;
      if (options.echo) process[name].write(chunk);
    });
  }
  if (options.onLine !== undefined) createInterface({ input: child.stdout }).on("line", options.onLine);
  const timers = [setTimeout(() => child.kill("SIGKILL"), timeoutMs)];
  const cancel = () => {
    child.kill("SIGINT");
    timers.push(
      setTimeout(() => child.kill("SIGTERM"), 7_500),
      setTimeout(() => child.kill("SIGKILL"), 10_000),
    );
  };
  options.cancel?.addEventListener("abort", cancel, { once: true });
  const { promise, resolve: done, reject } = Promise.withResolvers();
  child.on("error", reject);
  child.on("close", (code, signal) => done({ code, signal }));
  try {
    return { ...(await promise), ...text };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    options.cancel?.removeEventListener("abort", cancel);
  }
}

function parseProps(text) {
  const pairs = text.split(",").filter((part) => part !== "");
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1)]));
}

function unescapeData(value) {
  return value.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}

function read(path) {
  return readFileSync(path, "utf8");
}
