export const id = 120;
export const ids = [120];
export const modules = {

/***/ 59120:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openClaudeCode: () => (/* binding */ openClaudeCode)
});

// UNUSED EXPORTS: CLAUDE_CODE_MODEL, CLAUDE_CODE_VERSION

// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/domain/sandbox/env.js
var env = __webpack_require__(58003);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./lib/adapters/programs/run-program.js + 1 modules
var run_program = __webpack_require__(33967);
;// CONCATENATED MODULE: ./lib/adapters/agent/shared/npm-package.js






const FETCH_TIMEOUT_MS = 300_000;
const UNPACK_TIMEOUT_MS = 300_000;
const STAMP = "airlock-package.json";
/**
 * Fetches a package's archive with npm, checks its integrity and unpacks it into the cache. No install script runs: the archive is only
 * unpacked. npm runs in an empty directory, so no project's `.npmrc` applies.
 * @throws AirlockError `agent.install`
 */
async function fetchPackage(pinned, { cacheDirectory, log }) {
    const home = (0,external_node_path_.join)(cacheDirectory, "agents");
    await (0,promises_.mkdir)(home, { recursive: true, mode: 0o755 });
    const directory = (0,external_node_path_.join)(home, `${pinned.name.replace(/[^a-z0-9.-]/gi, "_")}@${pinned.version}`);
    const cached = await readCached(directory, pinned);
    if (cached !== undefined)
        return cached;
    const staging = await (0,promises_.mkdtemp)((0,external_node_path_.join)(home, ".staging-"));
    try {
        const archive = await pack(pinned, { directory: staging, log });
        const integrity = await checkArchive(archive, pinned);
        const content = (0,external_node_path_.join)(staging, "content");
        await (0,promises_.mkdir)(content, { mode: 0o755 });
        await unpack(archive, { content, log });
        const digest = await digestTree(content);
        await (0,promises_.writeFile)((0,external_node_path_.join)(staging, STAMP), JSON.stringify({ ...pinned, integrity, digest }));
        await (0,promises_.rm)(directory, { recursive: true, force: true });
        await (0,promises_.mkdir)(directory, { mode: 0o755 });
        await (0,promises_.rename)(content, (0,external_node_path_.join)(directory, "content"));
        await (0,promises_.rename)((0,external_node_path_.join)(staging, STAMP), (0,external_node_path_.join)(directory, STAMP));
        return { directory: (0,external_node_path_.join)(directory, "content"), digest, integrity };
    }
    finally {
        await (0,promises_.rm)(staging, { recursive: true, force: true });
    }
}
/** A cached copy is used only if its files still have the hash of what was unpacked. */
async function readCached(directory, pinned) {
    try {
        const stamp = JSON.parse(await (0,promises_.readFile)((0,external_node_path_.join)(directory, STAMP), "utf8"));
        if (pinned.integrity !== undefined && stamp.integrity !== pinned.integrity)
            return undefined;
        const content = (0,external_node_path_.join)(directory, "content");
        if ((await digestTree(content)) !== stamp.digest)
            return undefined;
        return { directory: content, digest: stamp.digest, integrity: stamp.integrity };
    }
    catch {
        return undefined;
    }
}
/** Settings and logins that npm reads; everything else of this process's environment stays here, the job's tokens above all. */
const NPM_VARIABLES = /^(?:PATH|HOME|npm_config_.+|node_auth_token|npm_token|(?:https?|no|all)_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir)|xdg_config_home)$/i;
function npmEnv() {
    const kept = Object.entries(process.env).filter((entry) => NPM_VARIABLES.test(entry[0]) && entry[1] !== undefined);
    // The system's certificates, too: a company's proxy is known there and not to Node's own list.
    return { ...Object.fromEntries(kept), NODE_USE_SYSTEM_CA: "1" };
}
async function pack(pinned, { directory, log }) {
    const spec = `${pinned.name}@${pinned.version}`;
    const command = ["npm", "pack", "--loglevel=error", "--ignore-scripts", "--", spec];
    const result = await (0,run_program/* runProgram */.m)(command, { cwd: directory, env: npmEnv(), timeoutMs: FETCH_TIMEOUT_MS, log });
    if (result.code !== 0) {
        throw new errors/* AirlockError */.qR("agent.install", {
            message: `npm could not fetch ${spec}: ${(0,run_program/* lastWords */.a)(result)}`,
            remedy: "Check that `npm` is on the runner's path, that its registry is reachable, that `agent-version` names a published version, and that a login it needs stands in npm's settings, `NODE_AUTH_TOKEN` or `NPM_TOKEN`.",
        });
    }
    const archive = (await (0,promises_.readdir)(directory)).find((name) => name.endsWith(".tgz"));
    if (archive === undefined)
        throw new errors/* AirlockError */.qR("agent.install", { message: `npm fetched ${spec} but left no archive.`, remedy: "Update npm on the runner." });
    return (0,external_node_path_.join)(directory, archive);
}
async function unpack(archive, { content, log }) {
    const options = ["--strip-components=1", "--no-same-owner", "--no-same-permissions"];
    const result = await (0,run_program/* runProgram */.m)(["tar", "-xzf", archive, "-C", content, ...options], { timeoutMs: UNPACK_TIMEOUT_MS, log });
    if (result.code === 0)
        return;
    throw new errors/* AirlockError */.qR("agent.install", {
        message: `tar could not unpack the agent's package: ${(0,run_program/* lastWords */.a)(result)}`,
        remedy: "Check that `tar` and `gzip` are in the runner's system folders, and that its disk is not full.",
    });
}
async function checkArchive(archive, pinned) {
    const integrity = `sha512-${(await hashFile(archive, "sha512")).toString("base64")}`;
    if (pinned.integrity !== undefined && integrity !== pinned.integrity) {
        throw new errors/* AirlockError */.qR("agent.install", {
            message: `${pinned.name}@${pinned.version} has integrity ${integrity}, but ${pinned.integrity} is pinned.`,
            remedy: "Do not run this package. Check the registry or mirror that npm uses on this runner.",
        });
    }
    return integrity;
}
async function hashFile(file, algorithm) {
    const hash = (0,external_node_crypto_.createHash)(algorithm);
    for await (const chunk of (0,external_node_fs_.createReadStream)(file, { highWaterMark: 1 << 20 }))
        hash.update(chunk);
    return hash.digest();
}
async function digestTree(directory) {
    const total = (0,external_node_crypto_.createHash)("sha256");
    const entries = await (0,promises_.readdir)(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => (0,external_node_path_.join)(entry.parentPath, entry.name));
    for (const file of files.sort()) {
        total.update(`${file.slice(directory.length)}\0`).update(await hashFile(file, "sha256"));
    }
    return total.digest("hex");
}

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 7 modules
var schemas = __webpack_require__(12311);
;// CONCATENATED MODULE: ./lib/adapters/agent/shared/stream-json.js

/** Maximum characters shown of one tool input or result; the raw stream is kept in agent.log. */
const MAX_SHOWN_CHARS = 4_000;
const block = schemas/* object */.Ikc({
    type: schemas/* string */.YjP(),
    text: schemas/* string */.YjP().optional(),
    name: schemas/* string */.YjP().optional(),
    input: schemas/* unknown */.L5J().optional(),
    content: schemas/* unknown */.L5J().optional(),
    is_error: schemas/* boolean */.zMY().nullish(),
});
const message = schemas/* object */.Ikc({ content: schemas/* union */.KCZ([schemas/* string */.YjP(), schemas/* array */.YOg(schemas/* unknown */.L5J())]).optional(), id: schemas/* string */.YjP().optional() });
const line = schemas/* object */.Ikc({
    type: schemas/* string */.YjP(),
    subtype: schemas/* string */.YjP().optional(),
    message: message.optional(),
    model: schemas/* string */.YjP().optional(),
    claude_code_version: schemas/* string */.YjP().optional(),
    session_id: schemas/* string */.YjP().optional(),
    attempt: schemas/* number */.aig().optional(),
    error: schemas/* string */.YjP().nullish(),
    is_error: schemas/* boolean */.zMY().optional(),
    result: schemas/* string */.YjP().optional(),
    errors: schemas/* array */.YOg(schemas/* string */.YjP()).optional(),
    num_turns: schemas/* number */.aig().optional(),
    api_error_status: schemas/* number */.aig().nullish(),
    terminal_reason: schemas/* string */.YjP().nullish(),
});
/**
 * Reads Claude Code's `stream-json` lines. The agent has ended only if the terminal `result` event came, and how it ended follows from
 * `is_error`: the exit code is 0 after an interrupt, and `subtype` is `success` after an API error.
 */
function openStreamJsonReader() {
    let agentExit;
    let turn = 0;
    let lastMessage;
    return {
        read(text) {
            const event = parseLine(text);
            if (event === undefined)
                return text.trim() === "" ? [] : [{ type: "noise", text: cut(text) }];
            if (event.type === "assistant" && event.message?.id !== lastMessage) {
                lastMessage = event.message?.id;
                turn += 1;
            }
            const events = translate(event, turn);
            const last = events.at(-1);
            if (last?.type === "ended")
                agentExit = last.agentExit;
            return events;
        },
        end: (exit) => agentExit ?? {
            status: "missing",
            message: `The agent ended (${exit.signal ?? `exit ${exit.code}`}) without its closing event.`,
            turns: turn,
        },
    };
}
function parseLine(text) {
    try {
        return line.safeParse(JSON.parse(text)).data;
    }
    catch {
        return undefined;
    }
}
function translate(event, turn) {
    switch (event.type) {
        case "system":
            return translateSystem(event);
        case "assistant":
            return blocks(event).flatMap((each) => translateAssistant(each, turn));
        case "user":
            return blocks(event).flatMap((each) => translateUser(each, turn));
        case "result":
            return [{ type: "ended", agentExit: judge(event, turn) }];
        default:
            return [];
    }
}
function translateSystem(event) {
    if (event.subtype === "init") {
        return [{ type: "started", model: event.model ?? "", agentVersion: event.claude_code_version ?? "", session: event.session_id ?? "" }];
    }
    if (event.subtype === "api_retry")
        return [{ type: "retry", attempt: event.attempt ?? 0, reason: cut(event.error ?? "") }];
    return [];
}
function blocks(event) {
    const content = event.message?.content;
    if (!Array.isArray(content))
        return [];
    return content.flatMap((each) => block.safeParse(each).data ?? []);
}
function translateAssistant(each, turn) {
    if (each.type === "text" && each.text !== undefined)
        return [{ type: "text", turn, text: cut(each.text) }];
    if (each.type === "tool_use")
        return [{ type: "tool-call", turn, tool: each.name ?? "", input: cut(summarise(each.input)) }];
    return [];
}
function translateUser(each, turn) {
    if (each.type !== "tool_result")
        return [];
    return [{ type: "tool-result", turn, failed: each.is_error === true, text: cut(summarise(each.content)) }];
}
/** The part of a tool's input or result that a person would look at first. */
function summarise(value) {
    if (typeof value === "string")
        return value;
    if (Array.isArray(value))
        return value.map((each) => summarise(each)).join("\n");
    if (typeof value !== "object" || value === null)
        return "";
    const fields = value;
    const shown = ["command", "file_path", "path", "pattern", "url", "query", "prompt", "text"]
        .map((key) => fields[key])
        .find((each) => typeof each === "string");
    return typeof shown === "string" ? shown : JSON.stringify(value);
}
function judge(event, turns) {
    const text = event.result ?? event.errors?.join("; ") ?? "";
    return { status: judgeStatus(event, text), message: cut(text), turns: event.num_turns ?? turns };
}
/** How every refusal of the gateway's broker begins, see `gateway/broker/refusal.ts`; the CLI puts its own words before it. */
const GATEWAY_SPEAKS = /\bAirlock: /;
function judgeStatus(event, text) {
    if (event.subtype === "error_max_turns")
        return "turn-limit";
    if (event.subtype === "error_max_budget_usd")
        return "budget";
    if (event.subtype === "success" && event.is_error === false)
        return "completed";
    const refused = event.api_error_status === 401 || event.api_error_status === 403;
    if (refused && !GATEWAY_SPEAKS.test(text))
        return "credential";
    if (event.terminal_reason?.startsWith("aborted") === true)
        return "interrupted";
    return "failed";
}
function cut(text) {
    return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)} … (${text.length - MAX_SHOWN_CHARS} more characters)`;
}

;// CONCATENATED MODULE: ./lib/adapters/agent/claude-code.js





/** Versions move only with a release of Airlock. */
const CLAUDE_CODE_VERSION = "2.1.330";
/** Set explicitly: the CLI's own default changes between its versions. */
const CLAUDE_CODE_MODEL = "claude-sonnet-5-5";
/** Archive hashes of the platform packages, as the registry published them on 2026-11-23. */
const PINNED = {
    x64: {
        name: "@anthropic-ai/claude-code-linux-x64",
        integrity: "sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==",
    },
    arm64: {
        name: "@anthropic-ai/claude-code-linux-arm64",
        integrity: "sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==",
    },
};
const MOUNT = "/opt/airlock/claude-code";
/** What Claude Code reads as its user's memory, the only one that `--setting-sources=user` leaves it. */
const MEMORY = `${env/* GUEST_ENV */.J.HOME}/.claude/CLAUDE.md`;
/** Anthropic's CLI. The platform package is one native binary: the sandbox needs neither npm nor a network to run it. */
function openClaudeCode(options) {
    const version = options.version === "" ? CLAUDE_CODE_VERSION : options.version;
    const { cacheDirectory, log } = options;
    return {
        name: "claude-code",
        version,
        async prepare() {
            const fetched = await fetchPackage(choosePackage(options.arch, version), { cacheDirectory, log });
            return [{ name: "claude-code", directory: fetched.directory, mountPath: MOUNT, digest: fetched.digest }];
        },
        launch,
        openReader: () => openStreamJsonReader(),
    };
}
function choosePackage(arch, version) {
    const pinned = PINNED[arch];
    if (pinned === undefined) {
        throw new errors/* AirlockError */.qR("agent.install", {
            message: `Claude Code has no package for the architecture ${arch}.`,
            remedy: `Use a runner with one of: ${Object.keys(PINNED).join(", ")}.`,
        });
    }
    return { name: pinned.name, version, integrity: version === CLAUDE_CODE_VERSION ? pinned.integrity : undefined };
}
/** Its own tools for the web, with the tool of the model's service that each needs. */
const WEB_TOOLS = { WebSearch: "web-search", WebFetch: "web-fetch" };
/** A tool that the gateway would refuse is not offered: the model would try it in vain. */
function disallowTools(allowed) {
    const off = Object.entries(WEB_TOOLS).flatMap(([name, tool]) => (allowed.includes(tool) ? [] : [name]));
    return off.length === 0 ? [] : [`--disallowedTools=${off.join(",")}`];
}
/**
 * Permission prompts are off: the sandbox is the boundary. The repository's settings (`--setting-sources user`) and MCP servers
 * (`--strict-mcp-config`) are not read: both could redirect the model traffic or run commands before the first turn. Nor are the CLAUDE.md
 * and AGENTS.md in `/work`, which may be those of a pull request's head: the base's stand in the user's memory (I11).
 */
function launch(request) {
    const { settings, maxTurns } = request;
    const argv = [
        `${MOUNT}/claude`,
        "--print",
        "--output-format=stream-json",
        "--verbose",
        "--dangerously-skip-permissions",
        "--setting-sources=user",
        "--strict-mcp-config",
        `--model=${settings.model === "" ? CLAUDE_CODE_MODEL : settings.model}`,
        ...disallowTools(settings.modelTools ?? []),
        ...(maxTurns > 0 ? [`--max-turns=${maxTurns}`] : []),
        ...settings.args,
    ];
    const model = request.model === undefined ? {} : { ANTHROPIC_BASE_URL: request.model.baseUrl, ANTHROPIC_API_KEY: request.model.surrogate.reveal() };
    const env = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1", ...model };
    const files = request.instructions === "" ? [] : [{ path: MEMORY, content: external_node_buffer_.Buffer.from(request.instructions, "utf8") }];
    return { argv, env, stdin: external_node_buffer_.Buffer.from(request.prompt, "utf8"), files };
}


/***/ }),

/***/ 4284:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   K: () => (/* binding */ findProgram),
/* harmony export */   e: () => (/* binding */ MINIMAL_ENV)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);


const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** The Action's own environment holds tokens: no program that prepares the sandbox ever gets it. */
const MINIMAL_ENV = { PATH: SYSTEM_PATH, LC_ALL: "C.UTF-8", HOME: "/nonexistent" };
/** The program's absolute path in the system's own folders: never one from a PATH that a workflow step may have changed. */
async function findProgram(program) {
    for (const directory of SYSTEM_PATH.split(":")) {
        const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(directory, program);
        const usable = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.access)(path, node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.constants.X_OK).then(() => true, () => false);
        if (usable)
            return path;
    }
    return undefined;
}


/***/ }),

/***/ 33967:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  a: () => (/* binding */ lastWords),
  m: () => (/* binding */ runProgram)
});

// EXTERNAL MODULE: external "node:diagnostics_channel"
var external_node_diagnostics_channel_ = __webpack_require__(53053);
// EXTERNAL MODULE: ./node_modules/@actions/exec/lib/exec.js + 5 modules
var exec = __webpack_require__(22876);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/adapters/programs/find-program.js
var find_program = __webpack_require__(4284);
// EXTERNAL MODULE: external "node:string_decoder"
var external_node_string_decoder_ = __webpack_require__(46193);
;// CONCATENATED MODULE: ./lib/adapters/programs/output.js

const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 500;
/** Keeps up to `maxBytes` of what a program writes, and passes on its lines as they come. */
function openOutput(maxBytes, onLine) {
    const decoder = new external_node_string_decoder_.StringDecoder("utf8");
    const lines = onLine === undefined ? undefined : openLines(onLine);
    const pieces = [];
    let bytes = 0;
    let open = true;
    const keep = (text) => {
        pieces.push(text);
        lines?.write(text);
    };
    return {
        write(chunk) {
            if (!open)
                return;
            const kept = chunk.subarray(0, Math.max(0, maxBytes - bytes));
            bytes += chunk.length;
            keep(decoder.write(Buffer.from(kept)));
        },
        end() {
            if (open)
                keep(decoder.end());
            open = false;
            lines?.end();
            return pieces.join("");
        },
        isCut: () => bytes > maxBytes,
    };
}
/** Lines out of pieces of text. Of a long line only its beginning is held. */
function openLines(onLine) {
    let line = "";
    const flush = () => {
        if (line !== "")
            onLine(line);
        line = "";
    };
    return {
        write(text) {
            for (const [at, part] of text.split(/[\r\n]/).entries()) {
                if (at > 0)
                    flush();
                line = (line + part).slice(0, MAX_LINE_CHARACTERS);
            }
        },
        end: flush,
    };
}
/** A program may say more than anybody reads. */
function boundLog(log) {
    let count = 0;
    return (line) => {
        count += 1;
        if (count <= MAX_LINES)
            log(line);
        if (count === MAX_LINES)
            log("(what it says from here on is left out)");
    };
}

;// CONCATENATED MODULE: ./lib/adapters/programs/run-program.js





const MAX_OUTPUT_BYTES = 16 << 20;
/** After its time limit a program that could not be killed is no longer waited for. */
const GRACE_MS = 15_000;
/** Linux takes 128 KiB for one argument, and a quarter of the stack for all. */
const MAX_ARGUMENT_BYTES = 120_000;
const MAX_ARGUMENTS_BYTES = 1_000_000;
const NOT_RUN = 127;
const KILLED = 137;
/**
 * Runs a program of the runner to its end: no shell, no terminal, no input, nothing printed, and an environment that holds no token
 * (decision 0001). Never for git, never for an argument that came from the sandbox.
 */
async function runProgram(argv, options) {
    const unfit = whyUnfit(argv);
    if (unfit !== undefined)
        return { code: NOT_RUN, stdout: "", stderr: unfit };
    const { tool, args } = await limitTime(argv, options);
    if (tool === undefined)
        return { code: NOT_RUN, stdout: "", stderr: `${argv[0]} is not in ${find_program/* MINIMAL_ENV */.e.PATH}` };
    const maxBytes = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
    const log = options.log === undefined ? undefined : boundLog(options.log);
    const [stdout, stderr] = [openOutput(maxBytes, log), openOutput(maxBytes, log)];
    const stopIgnoring = ignoreUnreadInput(tool);
    const running = (0,exec/* exec */.m)(`"${tool}"`, args, {
        silent: true,
        ignoreReturnCode: true,
        env: { ...find_program/* MINIMAL_ENV */.e, ...options.env },
        // Else its input stays open, and a program that reads it waits.
        input: Buffer.alloc(0),
        // Its line listeners never get a last line without a line feed (actions/toolkit#1313) and cut characters in two.
        listeners: { stdout: stdout.write, stderr: stderr.write },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const ended = await giveUpAfter(options.timeoutMs + GRACE_MS, running).finally(stopIgnoring);
    return toResult(ended, { stdout: stdout.end(), stderr: stderr.end(), isTooMuch: stdout.isCut() || stderr.isCut(), maxBytes });
}
/**
 * The package closes the program's input and listens to no error there: on a busy runner a program may have ended by then, and `EPIPE`
 * would end ours. It hands out no child, so Node's own channel does (`child_process`, Node 24's documentation of diagnostics_channel).
 * Returns what stops it.
 */
function ignoreUnreadInput(tool) {
    const onChild = (message) => {
        const { process: child } = message;
        child.once("spawn", () => {
            if (child.spawnfile === tool)
                child.stdin?.on("error", () => undefined);
        });
    };
    (0,external_node_diagnostics_channel_.subscribe)("child_process", onChild);
    return () => (0,external_node_diagnostics_channel_.unsubscribe)("child_process", onChild);
}
/** What node would throw where nobody catches it: the package starts the program inside an async callback. */
function whyUnfit(argv) {
    if (argv.some((word) => word.includes("\0")))
        return "an argument holds a NUL character";
    const sizes = argv.map((word) => Buffer.byteLength(word));
    const isTooLong = sizes.some((size) => size > MAX_ARGUMENT_BYTES) || sizes.reduce((sum, size) => sum + size, 0) > MAX_ARGUMENTS_BYTES;
    return isTooLong ? "its arguments are too long" : undefined;
}
/** The package cannot kill what it started, so `timeout` does; it is told the program's name, and looks in the environment's PATH. */
async function limitTime(argv, options) {
    const timeout = await (0,find_program/* findProgram */.K)("timeout");
    const limit = timeout === undefined ? [] : [timeout, "--signal=KILL", String(options.timeoutMs / 1000)];
    const [first = "", ...args] = [...(options.prefix ?? []), ...limit, ...argv];
    return { tool: first.startsWith("/") ? first : await (0,find_program/* findProgram */.K)(first), args };
}
/** No runner but Linux's has `timeout`, and `sudo` may refuse to be killed: then the program goes on, and we do. */
async function giveUpAfter(ms, running) {
    const { promise: late, resolve } = Promise.withResolvers();
    const timer = setTimeout(() => resolve({ why: "it took too long and could not be killed" }), ms);
    const ended = running.then((code) => ({ code }), (error) => ({ why: (0,errors/* messageOf */.bD)(error) }));
    try {
        return await Promise.race([ended, late]);
    }
    finally {
        clearTimeout(timer);
    }
}
function toResult(ended, { stdout, stderr, isTooMuch, maxBytes }) {
    if ("why" in ended)
        return { code: NOT_RUN, stdout, stderr: stderr || ended.why };
    if (isTooMuch)
        return { code: NOT_RUN, stdout, stderr: `it printed more than ${maxBytes} bytes` };
    return { code: ended.code ?? KILLED, stdout, stderr };
}
/** The last lines of what a program said, for an error message. */
function lastWords(result, maxChars = 400) {
    const text = (result.stderr.trim() || result.stdout.trim()).slice(-maxChars);
    if (text !== "")
        return text;
    return result.code === KILLED ? "it was killed; most likely it took too long" : `exit status ${result.code}`;
}


/***/ })

};
