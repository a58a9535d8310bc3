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
// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(31421);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(57975);
;// CONCATENATED MODULE: ./lib/adapters/agent/shared/npm-package.js







const run = (0,external_node_util_.promisify)(external_node_child_process_.execFile);
const FETCH_TIMEOUT_MS = 300_000;
const STAMP = "airlock-package.json";
/**
 * Fetches a package's archive with npm, checks its integrity and unpacks it into
 * the cache. No install script runs: the archive is only unpacked. npm runs in an
 * empty directory, so no project's `.npmrc` has a say.
 * @throws AirlockError `agent.install`
 */
async function fetchPackage(pinned, cacheDirectory) {
    const home = (0,external_node_path_.join)(cacheDirectory, "agents");
    await (0,promises_.mkdir)(home, { recursive: true, mode: 0o755 });
    const directory = (0,external_node_path_.join)(home, `${pinned.name.replace(/[^a-z0-9.-]/gi, "_")}@${pinned.version}`);
    const cached = await readCached(directory, pinned);
    if (cached !== undefined)
        return cached;
    const staging = await (0,promises_.mkdtemp)((0,external_node_path_.join)(home, ".staging-"));
    try {
        const archive = await pack(pinned, staging);
        const integrity = await checkArchive(archive, pinned);
        const content = (0,external_node_path_.join)(staging, "content");
        await (0,promises_.mkdir)(content, { mode: 0o755 });
        await run("tar", ["-xzf", archive, "-C", content, "--strip-components=1", "--no-same-owner", "--no-same-permissions"]);
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
/** A cached copy counts only when its files still hash to what was unpacked. */
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
async function pack(pinned, directory) {
    const spec = `${pinned.name}@${pinned.version}`;
    try {
        // The system's certificates, too: a company's proxy is known there and not to Node's own list.
        const env = { ...process.env, NODE_USE_SYSTEM_CA: "1" };
        await run("npm", ["pack", "--silent", "--ignore-scripts", spec], {
            cwd: directory,
            env,
            timeout: FETCH_TIMEOUT_MS,
            maxBuffer: 1 << 20,
        });
    }
    catch (cause) {
        throw new errors/* AirlockError */.qR("agent.install", {
            message: `npm could not fetch ${spec}.`,
            remedy: "Check that `npm` is on the runner's path, that its registry is reachable, and that `agent-version` names a published version.",
            cause,
        });
    }
    const archive = (await (0,promises_.readdir)(directory)).find((name) => name.endsWith(".tgz"));
    if (archive === undefined)
        throw new errors/* AirlockError */.qR("agent.install", { message: `npm fetched ${spec} but left no archive.`, remedy: "Update npm on the runner." });
    return (0,external_node_path_.join)(directory, archive);
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

/** Shown of one tool input or result; the raw stream is kept in agent.log. */
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
 * Reads Claude Code's `stream-json` lines. An ending counts only when the
 * terminal `result` event came, and then by its `is_error`: the exit code is 0
 * after an interrupt, and `subtype` is `success` after an API error.
 */
function openStreamJsonReader() {
    let ending;
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
                ending = last.ending;
            return events;
        },
        end: (exit) => ending ?? {
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
            return [{ type: "ended", ending: judge(event, turn) }];
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
    return { status: judgeStatus(event), message: cut(text), turns: event.num_turns ?? turns };
}
function judgeStatus(event) {
    if (event.subtype === "error_max_turns")
        return "turn-limit";
    if (event.subtype === "error_max_budget_usd")
        return "budget";
    if (event.subtype === "success" && event.is_error === false)
        return "completed";
    if (event.api_error_status === 401 || event.api_error_status === 403)
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
/** Anthropic's CLI. The platform package is one native binary: the sandbox needs neither npm nor a network to run it. */
function openClaudeCode(options) {
    const version = options.version === "" ? CLAUDE_CODE_VERSION : options.version;
    return {
        name: "claude-code",
        version,
        modelApi: "anthropic",
        async prepare() {
            const fetched = await fetchPackage(choosePackage(options.arch, version), options.cacheDirectory);
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
/**
 * Permission prompts are off: the sandbox is the boundary. Settings that the
 * repository carries are not read (`--setting-sources user`), nor its MCP servers
 * (`--strict-mcp-config`): both could redirect the model traffic or run commands
 * before the first turn.
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
        ...(maxTurns > 0 ? [`--max-turns=${maxTurns}`] : []),
        ...settings.args,
    ];
    const model = request.model === undefined ? {} : { ANTHROPIC_BASE_URL: request.model.baseUrl, ANTHROPIC_API_KEY: request.model.surrogate.reveal() };
    const env = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1", ...model };
    return { argv, env, stdin: external_node_buffer_.Buffer.from(request.prompt, "utf8"), files: [] };
}


/***/ })

};
