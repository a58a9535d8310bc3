export const id = 107;
export const ids = [107];
export const modules = {

/***/ 62107:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openGitRepositories: () => (/* binding */ openGitRepositories)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/domain/paths/fold.js
var fold = __webpack_require__(76416);
// EXTERNAL MODULE: ./lib/domain/paths/show.js
var show = __webpack_require__(90758);
;// CONCATENATED MODULE: ./lib/domain/paths/git-path.js


/** PATH_MAX and NAME_MAX of Linux: nothing longer can be checked out. */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;
/**
 * Reads path bytes from outside as git reads them into an index (`verify_path` in git's read-cache.c), with every platform's protection on:
 * no empty, `.` or `..` component, no leading or trailing slash, no NUL, no component that some file system treats as `.git`. Only UTF-8.
 * Never throws.
 */
function parseGitPath(bytes) {
    const path = (0,show/* decodeUtf8 */._6)(bytes);
    const reason = path === undefined ? "its name is not UTF-8" : refusalOf(path, bytes.length);
    if (path !== undefined && reason === undefined)
        return { path };
    return { shown: (0,show/* showBytes */.ni)(bytes), reason: reason ?? "unreadable" };
}
function refusalOf(path, bytes) {
    if (path === "")
        return "its name is empty";
    if (bytes > MAX_PATH_BYTES)
        return `its path is longer than ${MAX_PATH_BYTES} bytes`;
    if (path.includes("\0"))
        return "its name holds a NUL byte";
    for (const name of path.split("/")) {
        const reason = refusalOfName(name);
        if (reason !== undefined)
            return reason;
    }
    return undefined;
}
function refusalOfName(name) {
    if (name === "")
        return "it has an empty component or a slash at an end";
    if (name === "." || name === "..")
        return `it has the component ${name}`;
    if (Buffer.byteLength(name) > MAX_NAME_BYTES)
        return `a component is longer than ${MAX_NAME_BYTES} bytes`;
    if (isGitAlias(name))
        return "some file system takes a component for .git";
    return undefined;
}
/** True if some file system treats the component, or a part of it between backslashes, as `.git`. */
function isGitAlias(name) {
    return (0,fold/* foldPath */.tu)(name).some((part) => part === ".git" || (0,fold/* isShortNameOf */.dt)(part, ".git"));
}

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(31421);
;// CONCATENATED MODULE: ./lib/adapters/repository/git/environment.js
const NETWORK_NAMES = new Set([
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
]);
/** Blobs above this are neither diffed line by line nor searched for deltas, so that no content can make git slow. */
const BIG_FILE_BYTES = 16 * 1024 * 1024;
const CONFIG = [
    ["core.hooksPath", "/dev/null"],
    ["core.fsmonitor", "false"],
    ["core.untrackedCache", "false"],
    ["core.attributesFile", "/dev/null"],
    ["core.excludesFile", "/dev/null"],
    ["core.protectHFS", "true"],
    ["core.protectNTFS", "true"],
    ["core.ignoreCase", "false"],
    ["core.precomposeUnicode", "false"],
    ["core.autocrlf", "false"],
    ["core.bigFileThreshold", String(BIG_FILE_BYTES)],
    ["core.compression", "1"],
    ["credential.helper", ""],
    ["transfer.fsckObjects", "true"],
    ["transfer.bundleURI", "false"],
    ["fetch.recurseSubmodules", "false"],
    ["submodule.recurse", "false"],
    ["fetch.fsck.zeroPaddedFilemode", "warn"],
    ["fetch.fsck.missingSpaceBeforeDate", "warn"],
    ["fetch.fsck.badTimezone", "warn"],
    ["fetch.fsck.missingSpaceBeforeEmail", "warn"],
    ["fetch.fsck.missingEmail", "warn"],
    ["fastimport.unpackLimit", "1"],
    ["fetch.unpackLimit", "1"],
    ["gc.auto", "0"],
    ["maintenance.auto", "false"],
    ["pack.threads", "2"],
    ["http.followRedirects", "false"],
    ["http.sslVerify", "true"],
    ["protocol.allow", "never"],
];
/** The environment of one git process. `config` comes last and so overrides the fixed settings. */
function gitEnvironment(options, config) {
    const network = Object.entries(options.network).filter(([name]) => NETWORK_NAMES.has(name));
    const settings = [...CONFIG, ...protocols(options), ...config];
    const env = {
        ...Object.fromEntries(network),
        PATH: options.searchPath,
        HOME: "/nonexistent",
        XDG_CONFIG_HOME: "/nonexistent",
        LC_ALL: "C",
        TZ: "UTC",
        GIT_DIR: options.directory,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_SYSTEM: "/dev/null",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_ATTR_NOSYSTEM: "1",
        GIT_TERMINAL_PROMPT: "0",
        GIT_ASKPASS: "",
        SSH_ASKPASS: "",
        GIT_SSH_COMMAND: "false",
        GIT_PROTOCOL_FROM_USER: "0",
        GIT_NO_REPLACE_OBJECTS: "1",
        GIT_NO_LAZY_FETCH: "1",
        GIT_LITERAL_PATHSPECS: "1",
        GIT_OPTIONAL_LOCKS: "0",
        GIT_PAGER: "cat",
        GIT_EDITOR: "false",
        GIT_CONFIG_COUNT: String(settings.length),
    };
    for (const [index, [key, value]] of settings.entries()) {
        env[`GIT_CONFIG_KEY_${index}`] = key;
        env[`GIT_CONFIG_VALUE_${index}`] = value;
    }
    return env;
}
function protocols(options) {
    const open = [
        ["protocol.https.allow", "always"],
        ["protocol.http.allow", "always"],
    ];
    return options.allowFileRemotes ? [...open, ["protocol.file.allow", "always"]] : open;
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/process.js





const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
const MAX_STDERR_BYTES = 8 * 1024;
function createGit(options) {
    const launch = (command) => (0,external_node_child_process_.spawn)("git", command.args, {
        cwd: options.directory,
        env: { ...gitEnvironment(options, command.config ?? []), ...command.env },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
    });
    return {
        run: (command) => collect(launch(command), command),
        stream: (command) => stream(launch(command), command),
        start: (args) => launch({ args }),
    };
}
/** Ends a process and everything it started. */
function endGroup(child) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
        return;
    try {
        process.kill(-child.pid, "SIGKILL");
    }
    catch {
        child.kill("SIGKILL");
    }
}
async function collect(child, command) {
    const maxBytes = command.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
    const chunks = [];
    let bytes = 0;
    let cut;
    const stop = (why) => {
        cut ??= why;
        endGroup(child);
    };
    const timer = setTimeout(() => stop("timeout"), command.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const stderr = collectErrors(child);
    child.stdout.on("data", (chunk) => {
        bytes += chunk.length;
        if (bytes > maxBytes)
            stop("output");
        else
            chunks.push(chunk);
    });
    const ended = exitOf(child);
    try {
        await Promise.all([feed(child, command.stdin ?? []), ended]);
        return { code: await ended, stdout: Buffer.concat(chunks), stderr: stderr(), cut };
    }
    catch (error) {
        endGroup(child);
        await ended.catch(() => null);
        throw error;
    }
    finally {
        clearTimeout(timer);
    }
}
function stream(child, command) {
    const output = new external_node_stream_.PassThrough();
    const stderr = collectErrors(child);
    const timer = setTimeout(() => endGroup(child), command.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const ended = exitOf(child);
    const finish = async () => {
        const copied = (0,external_node_stream_promises_.pipeline)(child.stdout, output, { end: false });
        await Promise.all([feed(child, command.stdin ?? []), copied]);
        const code = await ended;
        if (code !== 0)
            throw unusable(command.args[0] ?? "", stderr());
        output.end();
    };
    output.once("close", () => endGroup(child));
    finish()
        .catch((error) => output.destroy(error instanceof Error ? error : new Error(String(error))))
        .finally(() => clearTimeout(timer));
    return output;
}
/** Writes stdin with back-pressure. A reader that ends early is not an error: its exit code decides. */
async function feed(child, source) {
    let thrown;
    async function* guarded() {
        try {
            yield* source;
        }
        catch (error) {
            thrown = { error };
            throw error;
        }
    }
    try {
        await (0,external_node_stream_promises_.pipeline)(external_node_stream_.Readable.from(guarded(), { objectMode: true, highWaterMark: 1 }), child.stdin);
    }
    catch (error) {
        if (thrown !== undefined)
            throw thrown.error;
        if (!isBrokenPipe(error))
            throw error;
    }
}
function isBrokenPipe(error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "EPIPE" || code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ERR_STREAM_DESTROYED";
}
function collectErrors(child) {
    let text = "";
    child.stderr.on("data", (chunk) => {
        if (text.length < MAX_STDERR_BYTES)
            text = (text + chunk.toString("latin1")).slice(0, MAX_STDERR_BYTES);
    });
    return () => text.trim();
}
function exitOf(child) {
    const { promise, resolve, reject } = Promise.withResolvers();
    promise.catch(() => undefined);
    child.once("error", (cause) => reject(new errors/* AirlockError */.qR("runner.missing-tool", {
        message: "git could not be started on the runner.",
        remedy: "Install git 2.38 or newer on the runner.",
        cause,
    })));
    child.once("close", (code) => resolve(code));
    return promise;
}
/** The error for an unexpected failure of git; `detail` is git's own message. */
function unusable(command, detail) {
    return new errors/* AirlockError */.qR("harvest.unreadable", {
        message: `git ${command} failed in the runner's bare repository: ${detail.slice(0, 500)}`,
        remedy: "Run again; when it happens twice, report it with the run's record.",
    });
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/blobs.js


const READ_TIMEOUT_MS = 120_000;
const NEWLINE = 0x0a;
/** `<oid> blob <size>`, or `<oid> missing`. */
const MAX_HEADER_BYTES = 128;
function openBlobReader(git) {
    let batch;
    const close = () => {
        batch?.end(unusable("cat-file", "it was closed"));
        batch = undefined;
    };
    return {
        close,
        async read(oid, maxBytes) {
            if (!/^[0-9a-f]{40}$/.test(oid))
                throw unusable("cat-file", "not an object id");
            if (batch?.ended !== false)
                batch = startBatch(git);
            return await batch.ask(oid, maxBytes);
        },
    };
}
/** One `git cat-file --batch`. Its answers come in the order of the questions; an answer that is too large is skipped. */
function startBatch(git) {
    const child = git.start(["cat-file", "--batch"]);
    const questions = [];
    const input = openInput();
    let ended = false;
    let timer;
    const end = (why) => {
        ended = true;
        clearTimeout(timer);
        endGroup(child);
        for (const { reject } of questions.splice(0))
            reject(why);
    };
    const watch = () => {
        clearTimeout(timer);
        if (questions.length > 0)
            timer = setTimeout(() => end(unusable("cat-file", "no answer in time")), READ_TIMEOUT_MS);
    };
    const answer = () => {
        for (let [question] = questions; question !== undefined; [question] = questions) {
            if (!answerOne(input, question))
                return;
            questions.shift();
            watch();
        }
    };
    child.stdin.on("error", () => undefined);
    child.stderr.resume();
    child.once("error", end);
    child.once("close", () => end(unusable("cat-file", "it ended early")));
    child.stdout.on("data", (chunk) => {
        input.push(chunk);
        try {
            answer();
        }
        catch (error) {
            end(error);
        }
    });
    return {
        get ended() {
            return ended;
        },
        end,
        ask(oid, maxBytes) {
            const { promise, resolve, reject } = Promise.withResolvers();
            questions.push({ oid, maxBytes, resolve, reject });
            child.stdin.write(`${oid}\n`);
            if (questions.length === 1)
                watch();
            return promise;
        },
    };
}
/** False while bytes are missing. An answer is a line, the content and a line feed. */
function answerOne(input, question) {
    input.header ??= readHeader(input, question.oid);
    if (input.header === undefined)
        return false;
    const { size } = input.header;
    if (size > question.maxBytes) {
        if (!input.skip(size + 1))
            return false;
        question.reject(tooLarge(size, question.maxBytes));
    }
    else {
        const content = input.take(size + 1);
        if (content === undefined)
            return false;
        question.resolve(content.subarray(0, size));
    }
    input.header = undefined;
    return true;
}
function readHeader(input, oid) {
    const line = input.takeLine();
    if (line === undefined)
        return undefined;
    const [found, , size] = line.split(" ");
    if (found !== oid || !/^\d+$/.test(size ?? ""))
        throw unusable("cat-file", `${oid} is not a blob`);
    return { size: Number(size) };
}
function openInput() {
    let chunks = [];
    let length = 0;
    let skipped = 0;
    const join = () => {
        const joined = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
        chunks = [joined];
        return joined;
    };
    const keep = (rest) => {
        chunks = rest.length === 0 ? [] : [rest];
        length = rest.length;
    };
    return {
        header: undefined,
        push(chunk) {
            chunks.push(chunk);
            length += chunk.length;
        },
        takeLine() {
            const joined = join();
            const end = joined.indexOf(NEWLINE);
            if (end === -1 && length > MAX_HEADER_BYTES)
                throw unusable("cat-file", "it answers without an end of line");
            if (end === -1)
                return undefined;
            keep(joined.subarray(end + 1));
            return joined.toString("latin1", 0, end);
        },
        take(bytes) {
            if (length < bytes)
                return undefined;
            const joined = join();
            keep(joined.subarray(bytes));
            return new Uint8Array(joined.subarray(0, bytes));
        },
        skip(bytes) {
            const dropped = Math.min(length, bytes - skipped);
            keep(join().subarray(dropped));
            skipped += dropped;
            if (skipped < bytes)
                return false;
            skipped = 0;
            return true;
        },
    };
}
function tooLarge(size, maxBytes) {
    return new errors/* AirlockError */.qR("harvest.limit", {
        message: `A file of ${size} bytes is larger than the ${maxBytes} bytes that are read here.`,
        remedy: "Keep large files out of the change, or raise the input `max-patch-kib`.",
    });
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
;// CONCATENATED MODULE: ./lib/adapters/repository/git/write-harvest.js





const MODES = new Set(["100644", "100755", "120000", "160000"]);
const READ_FROM_FILES = [".gitmodules", ".gitattributes"];
const DELETED = "000000";
/** PATH_MAX of Linux: a link's target is a path. */
const MAX_LINK_BYTES = 4096;
/** Reads hostile entries one by one: at most one content is in memory, and nothing is trusted. */
function openHarvestWriter(entries, limits) {
    const accepted = new Map();
    const unrepresentable = [];
    const stored = new Set();
    let files = 0;
    let bytes = 0;
    const count = (entry) => {
        files += 1;
        bytes += entry.path.length + (entry.content?.length ?? 0);
        if (files > limits.maxFiles)
            throw tooMuch("changed files", limits.maxFiles, "max-patch-files");
        if (bytes > limits.maxBytes)
            throw tooMuch("bytes", limits.maxBytes, "max-patch-kib");
    };
    /** True if the entry's content has to be stored. */
    const accept = (entry) => {
        count(entry);
        const read = readEntry(entry);
        if (typeof read === "string") {
            unrepresentable.push(read);
            return false;
        }
        if (accepted.has(read.path))
            throw unreadable(read.path, "is named twice");
        accepted.set(read.path, read);
        if (read.oid === undefined || read.mode === "160000" || stored.has(read.oid))
            return false;
        stored.add(read.oid);
        return true;
    };
    async function* commands() {
        for await (const entry of entries)
            if (accept(entry))
                yield* blobCommand(entry.content ?? new Uint8Array());
        refuseOverlaps(accepted);
        yield Buffer.from("done\n");
    }
    return { accepted, unrepresentable, commands };
}
/** The entry, or the displayed name of a path that no tree may contain. */
function readEntry(entry) {
    const parsed = parseGitPath(entry.path);
    if (parsed.path === undefined)
        return `${parsed.shown} (${parsed.reason})`;
    const { path } = parsed;
    if (entry.mode === DELETED) {
        if (entry.content !== undefined)
            throw unreadable(path, "is deleted and has a content");
        return { path, size: 0 };
    }
    const misused = misusedName(path, entry.mode);
    if (misused !== undefined)
        return `${(0,show/* showBytes */.ni)(entry.path)} (git reads ${misused} only from a file)`;
    if (!isMode(entry.mode))
        throw unreadable(path, `has the mode ${(0,show/* showBytes */.ni)(Buffer.from(entry.mode))}`);
    if (entry.content === undefined)
        throw unreadable(path, "has no content");
    if (entry.mode === "160000")
        return { path, mode: entry.mode, oid: gitlinkTarget(path, entry.content), size: 0 };
    if (entry.mode === "120000" && entry.content.length > MAX_LINK_BYTES)
        throw unreadable(path, "is a link with an overlong target");
    return { path, mode: entry.mode, oid: blobId(entry.content), size: entry.content.length };
}
/**
 * Which of git's own names the path uses, at any depth, for something other than a file. git's checker refuses a directory or a submodule
 * of either name and a link of the first; a link of the second is not followed (`gitmodulesBlob`, `gitattributesBlob`, `gitmodulesSymlink`
 * and `gitattributesSymlink` in git-fsck(1)).
 */
function misusedName(path, mode) {
    const end = path.lastIndexOf("/") + 1;
    // Only the name itself may be a file: a name that folds to nothing, such as one invisible character, still makes its parent a directory.
    const last = (0,fold/* foldPath */.tu)(path.slice(end));
    const others = [...(0,fold/* foldPath */.tu)(path.slice(0, end)), ...(mode.startsWith("100") ? last.slice(0, -1) : last)];
    return READ_FROM_FILES.find((own) => others.some((name) => name === own || (0,fold/* isShortNameOf */.dt)(name, own)));
}
function isMode(mode) {
    return MODES.has(mode);
}
function gitlinkTarget(path, content) {
    const oid = Buffer.from(content.subarray(0, 64)).toString("latin1");
    if (/^[0-9a-f]{40}$/.test(oid) && !/^0+$/.test(oid))
        return oid;
    throw unreadable(path, "is a submodule without a commit id");
}
/** git's id of a blob: SHA-1 over a header and the content (gitformat-loose(5)). */
function blobId(content) {
    return (0,external_node_crypto_.createHash)("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}
function* blobCommand(content) {
    yield Buffer.from(`blob\ndata ${content.length}\n`);
    if (content.length > 0)
        yield content;
    yield Buffer.from("\n");
}
/** No path may be a file and a directory at once: git would silently drop one of them. */
function refuseOverlaps(accepted) {
    for (const { path, mode } of accepted.values()) {
        if (mode === undefined)
            continue;
        for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
            const parent = accepted.get(path.slice(0, end));
            if (parent?.mode !== undefined)
                throw unreadable(parent.path, "is a file and a directory at once");
        }
    }
}
/** The error for more than is ever read, whatever the gate allows. */
function tooMuch(what, limit, input) {
    return new errors/* AirlockError */.qR("harvest.limit", {
        message: `The agent changed more than ${limit} ${what}, the most that is read out of a sandbox.`,
        remedy: `Ask for a smaller change, keep generated files in .gitignore, or raise the input \`${input}\`.`,
    });
}
/** The error for an entry that contradicts itself or the others. */
function unreadable(path, why) {
    return new errors/* AirlockError */.qR("harvest.unreadable", {
        message: `${(0,show/* showBytes */.ni)(Buffer.from(path))} ${why}: the sandbox's list of changes cannot be trusted.`,
        remedy: "Run again; look into the transcript when it happens twice, since the agent may have tampered with the harvest.",
    });
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/diff.js




const DIFF_TIMEOUT_MS = 10 * 60_000;
const NO_OBJECT = "0".repeat(40);
const COLON = 0x3a;
const TAB = 0x09;
const NUL = 0;
/** Maximum bytes of one answer of `cat-file --batch-check`. */
const RECORD_BYTES = 256;
/** Only paths and numbers: far more than the harvest allows. */
const MAX_RECORDS_BYTES = 512 * 1024 * 1024;
const DIFF_FLAGS = ["-r", "--no-renames", "--full-index", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"];
const KINDS = { A: "added", M: "modified", D: "deleted", T: "type-changed" };
/** Every path that differs between the two trees. */
async function readChanges(options) {
    const records = splitRecords(await runDiff(options));
    const raws = [];
    let at = 0;
    for (; records[at]?.[0] === COLON; at += 2)
        raws.push(parseRaw(records[at], records[at + 1], options.named));
    const lines = new Map(records.slice(at).map(parseNumstat));
    const sizes = await readSizes(options.git, raws);
    return raws.map((raw) => toChange(raw, lines, sizes));
}
async function runDiff({ git, baseTree, tree }) {
    const result = await git.run({
        args: ["diff-tree", "--raw", "--numstat", "-z", "--no-abbrev", ...DIFF_FLAGS, baseTree, tree],
        maxOutputBytes: MAX_RECORDS_BYTES,
        timeoutMs: DIFF_TIMEOUT_MS,
    });
    if (result.code !== 0)
        throw unusable("diff-tree", result.cut ?? result.stderr);
    return result.stdout;
}
/** NUL-ended records. A raw record is two of them: fields that start with a colon, then the path. */
function splitRecords(output) {
    const records = [];
    let start = 0;
    for (let end = output.indexOf(NUL); end !== -1; end = output.indexOf(NUL, start)) {
        records.push(output.subarray(start, end));
        start = end + 1;
    }
    return records;
}
function parseRaw(fields, pathBytes, named) {
    const [, modeBefore, modeAfter, oidBefore, oidAfter, status] = /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])$/.exec(fields?.toString("latin1") ?? "") ?? [];
    const kind = KINDS[status ?? ""];
    const path = pathBytes === undefined ? undefined : parseGitPath(pathBytes).path;
    if (kind === undefined || pathBytes === undefined)
        throw unusable("diff-tree", `unknown record ${(0,show/* showBytes */.ni)(fields ?? Buffer.alloc(0))}`);
    if (path === undefined || named?.has(path) === false)
        throw unreadable((0,show/* showBytes */.ni)(pathBytes), "changed without being named");
    const before = side(modeBefore, oidBefore);
    const after = side(modeAfter, oidAfter);
    return { path, kind, ...(before && { before }), ...(after && { after }) };
}
function side(mode, oid) {
    if (mode === undefined || oid === undefined || oid === NO_OBJECT)
        return undefined;
    return { mode: canonicalMode(mode), oid };
}
/** Old trees hold modes such as 100664; git treats them by type and the owner's exec bit. */
function canonicalMode(mode) {
    if (mode.startsWith("12"))
        return "120000";
    if (mode.startsWith("16"))
        return "160000";
    return (Number.parseInt(mode, 8) & 0o100) === 0 ? "100644" : "100755";
}
function parseNumstat(record) {
    const first = record.indexOf(TAB);
    const second = record.indexOf(TAB, first + 1);
    const additions = record.toString("latin1", 0, first);
    const deletions = record.toString("latin1", first + 1, second);
    const binary = additions === "-";
    return [
        record.toString("utf8", second + 1),
        { binary, additions: binary ? 0 : Number(additions), deletions: binary ? 0 : Number(deletions) },
    ];
}
async function readSizes(git, raws) {
    const wanted = new Set(raws.flatMap(({ before, after }) => [before, after].flatMap((one) => (one === undefined || one.mode === "160000" ? [] : [one.oid]))));
    if (wanted.size === 0)
        return new Map();
    const result = await git.run({
        args: ["cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer"],
        stdin: [Buffer.from([...wanted].map((oid) => `${oid}\n`).join(""))],
        maxOutputBytes: wanted.size * RECORD_BYTES,
    });
    const sizes = new Map();
    for (const line of result.stdout.toString("latin1").split("\n")) {
        const [oid, size] = line.split(" ");
        if (oid !== undefined && /^\d+$/.test(size ?? ""))
            sizes.set(oid, Number(size));
    }
    return sizes;
}
function toChange(raw, lines, sizes) {
    const counted = lines.get(raw.path);
    if (counted === undefined)
        throw unusable("diff-tree", `no line counts for ${raw.path}`);
    const sized = (one) => {
        if (one === undefined)
            return undefined;
        const size = one.mode === "160000" ? 0 : sizes.get(one.oid);
        if (size === undefined)
            throw unusable("cat-file", `no size for ${one.oid}`);
        return { path: raw.path, ...one, size };
    };
    const before = sized(raw.before);
    const after = sized(raw.after);
    return { kind: raw.kind, path: raw.path, ...(before && { before }), ...(after && { after }), ...counted };
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/compare.js


const compare_DIFF_TIMEOUT_MS = 10 * 60_000;
/** The difference of two commits' trees as a patch: nothing was harvested, so nothing can be unrepresentable. */
async function compareTrees({ git, base, baseTree, tree }) {
    const changes = await readChanges({ git, baseTree, tree });
    return { baseSha: base, baseTree, tree, changes, unrepresentable: [] };
}
/**
 * As GitHub shows a pull request: renames from 50 % similarity on, three lines of context. Attributes and configuration in the trees have
 * no effect.
 */
const FLAGS = [
    "-r",
    "-p",
    "-M50%",
    "-l5000",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=default",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
    "--src-prefix=a/",
    "--dst-prefix=b/",
];
/** Whole lines of the unified diff, at most `maxBytes`. */
async function readUnified({ git, baseTree, tree, maxBytes, }) {
    const stream = git.stream({ args: ["diff-tree", ...FLAGS, baseTree, tree], timeoutMs: compare_DIFF_TIMEOUT_MS });
    const { bytes, whole } = await readUpTo(stream, maxBytes);
    const text = bytes.toString("utf8");
    return { text: whole ? text : text.slice(0, text.lastIndexOf("\n") + 1), whole };
}
async function readUpTo(stream, maxBytes) {
    const chunks = [];
    let size = 0;
    for await (const chunk of stream) {
        if (!Buffer.isBuffer(chunk))
            throw unusable("diff-tree", "text instead of bytes");
        const room = maxBytes - size;
        chunks.push(chunk.subarray(0, room));
        size += chunk.length;
        if (size > maxBytes)
            return { bytes: Buffer.concat(chunks), whole: false };
    }
    return { bytes: Buffer.concat(chunks), whole: true };
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/fetch.js

const FETCH_TIMEOUT_MS = 15 * 60_000;
const FALLBACK_REFS = ["+refs/heads/*:refs/airlock/heads/*"];
/** Fetches exactly these commits, or the refs that may contain them if the server does not serve commits by id. */
async function fetchCommits(git, remote, commits, allowFile) {
    for (const commit of commits)
        requireCommitId(commit);
    const url = requireUrl(remote.url, allowFile);
    const config = authorization(url, remote);
    const first = await fetch(git, url, commits, config);
    if (first.code !== 0)
        await fetchRefs({ git, url, config, refs: remote.refs ?? FALLBACK_REFS, first });
    for (const commit of commits)
        await requireCommit(git, commit, remote);
}
async function fetchRefs(options) {
    const second = await fetch(options.git, options.url, options.refs, options.config);
    if (second.code !== 0)
        throw fetch_unreadable(options.url, options.first);
}
function fetch(git, url, refspecs, config) {
    const flags = ["--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance"];
    return git.run({ args: ["fetch", ...flags, "--end-of-options", url.href, ...refspecs], config, timeoutMs: FETCH_TIMEOUT_MS });
}
/** The token travels as a header that git reads from its environment: never on a command line, never in a URL. */
function authorization(url, remote) {
    const token = remote.token.reveal();
    if (token === "" || url.protocol === "file:")
        return [];
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    return [[`http.${url.origin}/.extraHeader`, `Authorization: Basic ${basic}`]];
}
function requireUrl(text, allowFile) {
    const url = URL.parse(text);
    const loopback = url !== null && (url.hostname === "localhost" || url.hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(url.hostname));
    const secure = url?.protocol === "https:" || (url?.protocol === "http:" && loopback) || (url?.protocol === "file:" && allowFile);
    if (url !== null && secure && url.username === "" && url.password === "")
        return url;
    throw new errors/* AirlockError */.qR("repository.unreadable", {
        message: "The repository's address is not an https URL without credentials.",
        remedy: "Use https://host/owner/name.git; plain http works only on the runner itself.",
    });
}
/** @throws AirlockError `repository.unreadable` unless it is 40 hex digits */
function requireCommitId(commit) {
    if (/^[0-9a-f]{40}$/.test(commit))
        return;
    throw new errors/* AirlockError */.qR("repository.unreadable", {
        message: `${JSON.stringify(commit.slice(0, 60))} is not a full commit id.`,
        remedy: "Name commits by their 40 hex digits; repositories with SHA-256 ids are not supported.",
    });
}
async function requireCommit(git, commit, remote) {
    const found = await git.run({ args: ["cat-file", "-t", commit] });
    if (found.code === 0 && found.stdout.toString("latin1").trim() === "commit")
        return;
    throw new errors/* AirlockError */.qR("repository.unreadable", {
        message: `Commit ${commit} is not in ${remote.url}, or no branch holds it any more.`,
        remedy: "Run again from a commit that a branch of the repository still holds.",
    });
}
function fetch_unreadable(url, result) {
    const why = result.cut === "timeout" ? `no end after ${FETCH_TIMEOUT_MS / 1000} s` : result.stderr.slice(0, 500);
    return new errors/* AirlockError */.qR("repository.unreadable", {
        message: `Fetching from ${url.origin}${url.pathname} failed: ${why}`,
        remedy: "Check that the `github-token` input may read this repository (permission `contents: read`) and that its name is the current one: redirects are not followed.",
    });
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/rebase.js


const MERGE_TIMEOUT_MS = 10 * 60_000;
const MAX_CONFLICT_BYTES = 16 * 1024 * 1024;
/** No real person: these commits never leave the runner. With a fixed time the same tree gives the same commit. */
const IDENTITY = {
    GIT_AUTHOR_NAME: "Airlock",
    GIT_AUTHOR_EMAIL: "airlock@localhost",
    GIT_AUTHOR_DATE: "2000-01-01T00:00:00Z",
    GIT_COMMITTER_NAME: "Airlock",
    GIT_COMMITTER_EMAIL: "airlock@localhost",
    GIT_COMMITTER_DATE: "2000-01-01T00:00:00Z",
};
/** Writes a commit object; no ref points at it. */
async function commitTree(git, tree, parents) {
    const args = ["commit-tree", ...parents.flatMap((parent) => ["-p", parent]), tree];
    const result = await git.run({ args, env: IDENTITY, stdin: [Buffer.from("Airlock\n")] });
    const commit = result.stdout.toString("latin1").trim();
    if (result.code !== 0 || !/^[0-9a-f]{40}$/.test(commit))
        throw unusable("commit-tree", result.stderr);
    return commit;
}
/** Merges three trees: the patch's base, the patch, and the tree of `onto`. The commits that git needs for that are created here. */
async function rebasePatch({ git, patch, onto, ontoTree }) {
    const origin = await commitTree(git, patch.baseTree, []);
    const ours = await commitTree(git, ontoTree, [origin]);
    const theirs = await commitTree(git, patch.tree, [origin]);
    const merged = await git.run({
        args: ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs],
        config: [["merge.directoryRenames", "false"]],
        maxOutputBytes: MAX_CONFLICT_BYTES,
        timeoutMs: MERGE_TIMEOUT_MS,
    });
    const [tree = "", ...paths] = merged.stdout
        .toString("utf8")
        .split("\0")
        .filter((part) => part !== "");
    if (merged.code === 1 && merged.cut === undefined)
        return { clean: false, paths: [...new Set(paths)] };
    if (merged.code !== 0 || !/^[0-9a-f]{40}$/.test(tree))
        throw unusable("merge-tree", merged.cut ?? merged.stderr);
    const changes = await readChanges({ git, baseTree: ontoTree, tree });
    return { clean: true, patch: { baseSha: onto, baseTree: ontoTree, tree, changes, unrepresentable: patch.unrepresentable } };
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/tree.js




const tree_NO_OBJECT = "0".repeat(40);
const TREE_TIMEOUT_MS = 5 * 60_000;
/** What git says of an attribute that names no filter (gitattributes(5)). */
const UNFILTERED = new Set(["unspecified", "unset", "set", ""]);
/** Writes the entries over a tree; git checks every path once more. */
function writeTree(git, directory, baseTree, entries) {
    return changeTree({ git, directory, baseTree }, { args: ["update-index", "-z", "--index-info"], stdin: indexInfo(entries) });
}
/** Applies a unified diff to a tree. git refuses a diff that does not fit exactly, leaves the tree, or goes through a link. */
function applyDiff(git, directory, baseTree, file) {
    const args = ["apply", "--cached", "--binary", "--whitespace=nowarn", "--end-of-options", file];
    return changeTree({ git, directory, baseTree }, { args });
}
/** The attribute `filter` of paths, by the tree's own `.gitattributes`; a path without a filter is not in the answer. */
async function readFilters({ git, directory, baseTree }, paths) {
    const command = { args: ["check-attr", "--cached", "-z", "--stdin", "filter"], stdin: [Buffer.from(`${paths.join("\0")}\0`)] };
    const maxOutputBytes = 1_024 + 16 * paths.length + 2 * Buffer.byteLength(paths.join(""));
    const answer = await withIndex({ git, directory, baseTree }, (run) => run({ ...command, maxOutputBytes }));
    const fields = answer.split("\0");
    const filters = new Map();
    for (let at = 0; at + 2 < fields.length; at += 3) {
        const [path, , value] = fields.slice(at, at + 3);
        if (path !== undefined && value !== undefined && !UNFILTERED.has(value))
            filters.set(path, value);
    }
    return filters;
}
async function changeTree(options, change) {
    return await withIndex(options, async (run) => {
        await run(change);
        return (await run({ args: ["write-tree"] })).trim();
    });
}
/**
 * Loads a tree into an index of its own, for git commands that go without a work tree. Any message on stderr is a failure, because
 * `git apply` drops what it cannot read and exits with 0.
 */
async function withIndex({ git, directory, baseTree }, body) {
    const index = (0,external_node_path_.join)(directory, `index-${(0,external_node_crypto_.randomUUID)()}`);
    const run = async (command) => {
        const result = await git.run({ ...command, env: { GIT_INDEX_FILE: index }, timeoutMs: TREE_TIMEOUT_MS });
        if (result.code !== 0 || result.stderr !== "")
            throw unusable(command.args[0] ?? "", result.cut ?? result.stderr);
        return result.stdout.toString("utf8");
    };
    try {
        await run({ args: ["read-tree", baseTree] });
        return await body(run);
    }
    finally {
        await (0,promises_.rm)(index, { force: true });
    }
}
/** Removals first, so that a path may change from file to directory and back. */
function* indexInfo(entries) {
    const all = [...entries];
    for (const { path, mode } of all)
        if (mode === undefined)
            yield Buffer.from(`0 ${tree_NO_OBJECT}\t${path}\0`);
    for (const { path, mode, oid } of all)
        if (mode !== undefined)
            yield Buffer.from(`${mode} ${oid ?? tree_NO_OBJECT}\t${path}\0`);
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git/tree-hash.js


const tree_hash_TAB = 0x09;
const tree_hash_NUL = 0;
/**
 * Recomputes a tree's id from its whole listing (`ls-tree -r -t -z`), bottom up, without asking git for a hash. This detects a tree whose
 * stored objects do not match their ids (I12).
 */
async function hashListing(listing, root) {
    const frames = [{ prefix: "", expected: root, entries: [] }];
    const close = () => {
        const frame = frames.pop();
        if (frame !== undefined && treeId(frame.entries) !== frame.expected)
            throw mismatch(frame);
    };
    for await (const record of readRecords(listing)) {
        const tab = record.indexOf(tree_hash_TAB);
        const [mode, type, oid] = record.toString("latin1", 0, tab).split(" ");
        const path = record.toString("latin1", tab + 1);
        while (frames.length > 1 && !path.startsWith(frames.at(-1)?.prefix ?? ""))
            close();
        const name = path.slice(path.lastIndexOf("/") + 1);
        frames.at(-1)?.entries.push(Buffer.from(`${mode?.replace(/^0/, "")} ${name}\0`, "latin1"), Buffer.from(oid ?? "", "hex"));
        if (type === "tree")
            frames.push({ prefix: `${path}/`, expected: oid ?? "", entries: [] });
    }
    while (frames.length > 0)
        close();
    return root;
}
/** NUL-ended records of a stream; memory holds one chunk and one record. */
async function* readRecords(stream) {
    let rest = Buffer.alloc(0);
    for await (const chunk of stream) {
        const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        let start = 0;
        for (let end = joined.indexOf(tree_hash_NUL); end !== -1; end = joined.indexOf(tree_hash_NUL, start)) {
            yield joined.subarray(start, end);
            start = end + 1;
        }
        rest = joined.subarray(start);
    }
}
function treeId(entries) {
    const content = Buffer.concat(entries);
    const hash = (0,external_node_crypto_.createHash)("sha1");
    return hash.update(`tree ${content.length}\0`).update(content).digest("hex");
}
function mismatch(frame) {
    return new errors/* AirlockError */.qR("gate.mismatch", {
        message: `The directory ${JSON.stringify(frame.prefix)} does not hash to its id ${frame.expected}.`,
        remedy: "Run again; the runner's disk or its git is not to be trusted when it happens twice.",
    });
}

;// CONCATENATED MODULE: ./lib/adapters/repository/git.js
















const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** `merge-tree --write-tree` came with git 2.38; `GIT_CONFIG_COUNT`, on which every safety setting rests, with 2.31. */
const OLDEST_GIT = [2, 38];
const IMPORT_TIMEOUT_MS = 30 * 60_000;
const MAX_DIFF_BYTES = 4 * 1024 ** 3;
/** Bare repositories of the runner's own, each in a fresh directory that disposing removes (I1). */
function openGitRepositories(options) {
    return {
        async open() {
            const directory = await (0,promises_.mkdtemp)((0,external_node_path_.join)(options.temporaryDirectory, "repository-"));
            const environment = {
                directory,
                searchPath: options.searchPath ?? SYSTEM_PATH,
                network: options.network ?? {},
                allowFileRemotes: options.allowFileRemotes ?? false,
            };
            const git = createGit(environment);
            try {
                await requireVersion(git);
                await initialize(git);
            }
            catch (error) {
                await (0,promises_.rm)(directory, { recursive: true, force: true });
                throw error;
            }
            return createRepository(git, environment);
        },
    };
}
async function requireVersion(git) {
    const answer = (await git.run({ args: ["--version"] })).stdout.toString("latin1");
    const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(answer) ?? [];
    const [oldestMajor, oldestMinor] = OLDEST_GIT;
    if (Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor))
        return;
    throw new errors/* AirlockError */.qR("runner.missing-tool", {
        message: `The runner's git (${answer.trim().slice(0, 60)}) is older than ${OLDEST_GIT.join(".")}.`,
        remedy: `Install git ${OLDEST_GIT.join(".")} or newer on the runner.`,
    });
}
/** HEAD names a branch that never exists, so nothing is ever read through it. */
async function initialize(git) {
    const result = await git.run({ args: ["init", "--quiet", "--bare", "--template=", "--object-format=sha1", "--initial-branch=none"] });
    if (result.code !== 0)
        throw unusable("init", result.stderr);
}
function createRepository(git, environment) {
    const blobs = openBlobReader(git);
    const readTree = (commit) => readTreeOf(git, commit);
    return {
        fetch: (remote, commits) => fetchCommits(git, remote, commits, environment.allowFileRemotes),
        readTree,
        commitTree: (tree, parent) => {
            requireCommitId(tree);
            requireCommitId(parent);
            return commitTree(git, tree, [parent]);
        },
        pack: (commit) => packCommit(git, commit),
        rebase: async (patch, onto) => rebasePatch({ git, patch, onto, ontoTree: await readTree(onto) }),
        readPatch: (base, entries, limits) => readPatch({ git, environment, base, entries, limits }),
        readDiff: (base, file, limits) => readDiff({ git, environment, base, file, limits }),
        compare: async (base, head) => compareTrees({ git, base, baseTree: await readTree(base), tree: await readTree(head) }),
        readUnified: async (base, head, maxBytes) => readUnified({ git, baseTree: await readTree(base), tree: await readTree(head), maxBytes }),
        readBlob: (oid, maxBytes) => blobs.read(oid, maxBytes),
        readPath: (commit, path, maxBytes) => readPath({ git, blobs, commit, path, maxBytes }, FILE),
        readLink: (commit, path, maxBytes) => readPath({ git, blobs, commit, path, maxBytes }, LINK),
        readPaths: (tree) => readPaths(git, tree),
        readFilters: (tree, paths) => {
            requireCommitId(tree);
            return readFilters({ git, directory: environment.directory, baseTree: tree }, paths);
        },
        writeDiff: (patch, file) => writeDiff(git, patch, file),
        hashTree: (tree) => hashListing(listTree(git, tree), tree),
        async [Symbol.asyncDispose]() {
            blobs.close();
            await (0,promises_.rm)(environment.directory, { recursive: true, force: true });
        },
    };
}
async function readTreeOf(git, commit) {
    requireCommitId(commit);
    const result = await git.run({ args: ["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{tree}`] });
    const tree = result.stdout.toString("latin1").trim();
    if (result.code === 0 && /^[0-9a-f]{40}$/.test(tree))
        return tree;
    throw new errors/* AirlockError */.qR("repository.unreadable", {
        message: `Commit ${commit} is not in the runner's repository.`,
        remedy: "Fetch the commit first.",
    });
}
/** The commit counts as shallow, whatever its parents, so that only its own tree is packed. */
function packCommit(git, commit) {
    requireCommitId(commit);
    return git.stream({
        args: ["pack-objects", "--quiet", "--revs", "--stdout", "--delta-base-offset"],
        stdin: [Buffer.from(`--shallow ${commit}\n${commit}\n`)],
        timeoutMs: IMPORT_TIMEOUT_MS,
    });
}
async function readPatch({ git, environment, base, entries, limits }) {
    const baseTree = await readTreeOf(git, base);
    const writer = openHarvestWriter(entries, limits);
    const imported = await git.run({
        args: ["fast-import", "--quiet", "--done", "--depth=0"],
        stdin: writer.commands(),
        timeoutMs: IMPORT_TIMEOUT_MS,
    });
    if (imported.code !== 0)
        throw unusable("fast-import", imported.cut ?? imported.stderr);
    const tree = await writeTree(git, environment.directory, baseTree, writer.accepted.values());
    const changes = await readChanges({ git, baseTree, tree, named: writer.accepted });
    return { baseSha: base, baseTree, tree, changes, unrepresentable: writer.unrepresentable };
}
async function readDiff({ git, environment, base, file, limits }) {
    const baseTree = await readTreeOf(git, base);
    const { size } = await (0,promises_.stat)(file);
    if (size > limits.maxBytes)
        throw tooMuch("bytes", limits.maxBytes, "max-patch-kib");
    const tree = size === 0 ? baseTree : await applyDiff(git, environment.directory, baseTree, (0,external_node_path_.resolve)(file));
    const changes = await readChanges({ git, baseTree, tree });
    if (changes.length > limits.maxFiles)
        throw tooMuch("changed files", limits.maxFiles, "max-patch-files");
    return { baseSha: base, baseTree, tree, changes, unrepresentable: [] };
}
/** Only files: a link or a submodule counts as absent. */
const FILE = /^100\d{3} blob ([0-9a-f]{40})\t/;
const LINK = /^120000 blob ([0-9a-f]{40})\t/;
async function readPath({ git, blobs, commit, path, maxBytes }, kind) {
    const tree = await readTreeOf(git, commit);
    if (parseGitPath(Buffer.from(path)).path !== path)
        return undefined;
    const result = await git.run({ args: ["ls-tree", "-z", "--full-tree", tree, "--", path] });
    if (result.code !== 0)
        throw unusable("ls-tree", result.stderr);
    const [, oid] = kind.exec(result.stdout.toString("latin1")) ?? [];
    return oid === undefined ? undefined : blobs.read(oid, maxBytes);
}
function listTree(git, tree) {
    requireCommitId(tree);
    return git.stream({ args: ["ls-tree", "-r", "-t", "-z", "--full-tree", tree] });
}
async function* readPaths(git, tree) {
    for await (const record of readRecords(listTree(git, tree)))
        yield record.toString("utf8", record.indexOf("\t") + 1);
}
async function writeDiff(git, patch, file) {
    requireCommitId(patch.baseTree);
    requireCommitId(patch.tree);
    const args = [
        "diff-tree",
        "-p",
        "--binary",
        "--no-color",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        ...DIFF_FLAGS,
        patch.baseTree,
        patch.tree,
    ];
    let bytes = 0;
    const counter = new external_node_stream_.Transform({
        transform(chunk, _encoding, done) {
            bytes += chunk.length;
            done(bytes > MAX_DIFF_BYTES ? unusable("diff-tree", "the patch is too large to write") : null, chunk);
        },
    });
    await (0,external_node_stream_promises_.pipeline)(git.stream({ args, timeoutMs: IMPORT_TIMEOUT_MS }), counter, (0,external_node_fs_.createWriteStream)(file, { mode: 0o600 }));
    return bytes;
}


/***/ })

};
