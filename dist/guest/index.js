import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 421:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:child_process");

/***/ }),

/***/ 598:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");

/***/ }),

/***/ 24:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");

/***/ }),

/***/ 467:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http2");

/***/ }),

/***/ 30:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:net");

/***/ }),

/***/ 75:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");

/***/ }),

/***/ 500:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:timers/promises");

/***/ }),

/***/ 473:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  v: () => (/* binding */ openControlServer)
});

;// CONCATENATED MODULE: external "node:path"
const external_node_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __nccwpck_require__(75);
;// CONCATENATED MODULE: external "node:stream/promises"
const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream/promises");
// EXTERNAL MODULE: ./lib/wire/control.js
var control = __nccwpck_require__(816);
;// CONCATENATED MODULE: ./lib/guest/body.js

/** The guest's answer in place of a reply; anything else that is thrown becomes `failed`. */
class RequestFailure extends Error {
    code;
    constructor(code, message, cause) {
        super(message, cause === undefined ? undefined : { cause });
        this.name = "RequestFailure";
        this.code = code;
    }
}
/** Reads the head; the payload stays in the stream. The runner is trusted to send what its types promise. */
async function readHead(body) {
    const length = (await readExactly(body, 4)).readUInt32BE();
    if (length > control/* MAX_HEAD_BYTES */.OK)
        throw new RequestFailure("bad-request", `A head of ${length} bytes is larger than ${control/* MAX_HEAD_BYTES */.OK}.`);
    return JSON.parse((await readExactly(body, length)).toString("utf8"));
}
/** @throws RequestFailure `bad-request` if the stream ends earlier. */
function readExactly(body, length) {
    if (length === 0)
        return Promise.resolve(Buffer.alloc(0));
    return new Promise((resolve, reject) => {
        const settle = (finish) => {
            body.off("readable", read);
            body.off("end", ended);
            body.off("close", ended);
            body.off("error", ended);
            finish();
        };
        const ended = () => settle(() => reject(new RequestFailure("bad-request", "The request was cut.")));
        const read = () => {
            const bytes = body.read(length);
            if (bytes === null) {
                if (body.readableEnded || body.destroyed)
                    ended();
            }
            else if (bytes.length < length) {
                ended();
            }
            else {
                settle(() => resolve(bytes));
            }
        };
        body.on("readable", read);
        body.on("end", ended);
        body.on("close", ended);
        body.on("error", ended);
        read();
    });
}
/** Exactly `length` bytes, piece by piece. */
async function* readPieces(body, length) {
    for (let left = length; left > 0;) {
        const piece = await readExactly(body, Math.min(left, 65_536));
        left -= piece.length;
        yield piece;
    }
}

// EXTERNAL MODULE: ./lib/guest/describe-error.js
var describe_error = __nccwpck_require__(100);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __nccwpck_require__(24);
;// CONCATENATED MODULE: external "node:fs/promises"
const external_node_fs_promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises");
// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __nccwpck_require__(421);
// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __nccwpck_require__(500);
;// CONCATENATED MODULE: ./lib/guest/drain.js


const POLL_MS = 5;
/** How long a stream whose descriptor is unknown may stay silent before it is no longer waited for. */
const IDLE_MS = 5_000;
const MAX_MS = 60_000;
/** More than a pipe can hold: beyond that, somebody outside the group is writing. */
const MAX_BYTES = 2 * 1024 * 1024;
const PIECE_BYTES = 65_536;
function openCollector(source, log) {
    let done = false;
    const collected = log
        .collect(source.stream)
        .catch(() => undefined)
        .then(() => {
        done = true;
    });
    return {
        async finish() {
            const startedMs = Date.now();
            const startBytes = log.size() + log.droppedBytes();
            while (!done && Date.now() - startedMs < MAX_MS && log.size() + log.droppedBytes() - startBytes < MAX_BYTES) {
                if (!(await step(source, log)))
                    break;
            }
            source.stream.destroy();
            await collected;
        },
    };
}
/** False if there is nothing left to wait for. */
async function step(source, log) {
    const { stream, fd } = source;
    // A chunk between the stream and the log is in neither; after one turn of the event loop it has arrived.
    await (0,promises_.setImmediate)();
    if (stream.destroyed || stream.readableEnded || stream.readableLength > 0 || log.isBusy()) {
        await (0,promises_.setTimeout)(POLL_MS);
        return true;
    }
    if (fd === undefined) {
        await (0,promises_.setTimeout)(POLL_MS);
        return Date.now() - log.lastMs() < IDLE_MS;
    }
    const rest = readNow(fd);
    if (rest === undefined)
        return false;
    await log.append(rest);
    return true;
}
/** What is in the pipe at this moment; undefined if it is empty, whether or not it has ended. */
function readNow(fd) {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    try {
        const count = external_node_fs_.readSync(fd, buffer, 0, buffer.length, null);
        return count === 0 ? undefined : buffer.subarray(0, count);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/guest/memory-pressure.js

const OWN_SCORE = "/proc/self/oom_score_adj";
let isProtected = false;
/** If memory runs out, the kernel kills a command, never the supervisor. If the sandbox forbids the setting, nothing changes. */
function protectFromMemoryPressure() {
    isProtected = writeScore("-1000");
}
/** A child inherits the score at its creation, and `spawn` returns after that. */
function withOrdinaryMemoryPressure(make) {
    if (isProtected)
        writeScore("0");
    try {
        return make();
    }
    finally {
        if (isProtected)
            writeScore("-1000");
    }
}
function writeScore(score) {
    try {
        external_node_fs_.writeFileSync(OWN_SCORE, score);
        return true;
    }
    catch {
        return false;
    }
}

;// CONCATENATED MODULE: external "node:events"
const external_node_events_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");
;// CONCATENATED MODULE: ./lib/guest/output-log.js


const output_log_PIECE_BYTES = 65_536;
async function openOutputLog(path, maxBytes) {
    const file = await (0,external_node_fs_promises_namespaceObject.open)(path, "wx", 0o600);
    const events = new external_node_events_namespaceObject.EventEmitter().setMaxListeners(0);
    const log = { path, file, maxBytes, events, size: 0, dropped: 0, lastMs: Date.now(), ended: false, writes: 0 };
    return {
        append: (bytes) => append(log, bytes),
        async collect(source) {
            for await (const chunk of source)
                await append(log, chunk);
        },
        async end() {
            log.ended = true;
            events.emit("change");
            await file.close();
        },
        droppedBytes: () => log.dropped,
        lastMs: () => log.lastMs,
        follow: (offset, signal) => follow(log, offset, signal),
        size: () => log.size,
        isBusy: () => log.writes > 0,
    };
}
async function append(log, bytes) {
    log.lastMs = Date.now();
    const kept = bytes.subarray(0, Math.max(0, log.maxBytes - log.size));
    log.dropped += bytes.length - kept.length;
    if (kept.length === 0)
        return;
    log.writes++;
    try {
        await writeAll(log.file, kept, log.size);
    }
    catch {
        // A full disk must not stop the command: what does not fit counts as dropped.
        log.dropped += kept.length;
        return;
    }
    finally {
        log.writes--;
    }
    log.size += kept.length;
    log.events.emit("change");
}
async function writeAll(file, bytes, position) {
    for (let written = 0; written < bytes.length;) {
        written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
    }
}
async function* follow(log, offset, signal) {
    const file = await (0,external_node_fs_promises_namespaceObject.open)(log.path, "r");
    try {
        for (let at = offset;;) {
            while (at < log.size) {
                const buffer = Buffer.allocUnsafe(Math.min(output_log_PIECE_BYTES, log.size - at));
                const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
                at += bytesRead;
                yield buffer.subarray(0, bytesRead);
            }
            if (log.ended)
                return;
            await (0,external_node_events_namespaceObject.once)(log.events, "change", { signal });
        }
    }
    finally {
        await file.close();
    }
}

// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __nccwpck_require__(30);
;// CONCATENATED MODULE: external "node:util"
const external_node_util_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util");
;// CONCATENATED MODULE: ./lib/guest/pipes.js






/** Created together, because starting a program is expensive on an emulated machine. */
const BATCH = 32;
function openPipeSource(directory) {
    const ready = [];
    let filling;
    const fill = async () => {
        const paths = Array.from({ length: BATCH }, () => (0,external_node_path_namespaceObject.join)(directory, `pipe-${(0,external_node_crypto_.randomUUID)()}`));
        // Any user may open the pipe again through /proc/self/fd, but no other user can reach it by its name.
        await (0,external_node_util_namespaceObject.promisify)(external_node_child_process_.execFile)("mkfifo", ["-m", "666", ...paths]);
        ready.push(...paths);
    };
    return async () => {
        while (ready.length === 0) {
            filling ??= fill().finally(() => {
                filling = undefined;
            });
            try {
                await filling;
            }
            catch {
                return undefined;
            }
        }
        const path = ready.pop();
        return path === undefined ? undefined : takePipe(path);
    };
}
function takePipe(path) {
    const readFd = external_node_fs_.openSync(path, external_node_fs_.constants.O_RDONLY | external_node_fs_.constants.O_NONBLOCK);
    const writeFd = external_node_fs_.openSync(path, external_node_fs_.constants.O_WRONLY);
    external_node_fs_.unlinkSync(path);
    return { readEnd: new external_node_net_.Socket({ fd: readFd, readable: true, writable: false }), readFd, writeFd };
}

;// CONCATENATED MODULE: ./lib/guest/process-group.js


const process_group_POLL_MS = 20;
/** Live processes of a command: its process group, and processes of its session in groups of their own. */
function findMembers(leader) {
    return external_node_fs_.readdirSync("/proc")
        .filter((name) => /^[0-9]+$/.test(name))
        .flatMap((name) => readMember(Number(name), leader) ?? []);
}
function readMember(pid, leader) {
    let stat;
    try {
        stat = external_node_fs_.readFileSync(`/proc/${pid}/stat`, "latin1");
    }
    catch {
        return undefined;
    }
    // The name in parentheses may contain anything, so the fields are counted from its end: state, ppid, pgrp, session.
    const [state, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X")
        return undefined;
    return Number(group) === leader || Number(session) === leader ? { pid, group: Number(group) } : undefined;
}
/** Sends a signal to every member exactly once: to some programs a second SIGINT means something else. */
function signalGroup(leader, signal) {
    const strays = findMembers(leader).filter((member) => member.group !== leader);
    for (const target of [-leader, ...strays.map((member) => member.pid)]) {
        try {
            process.kill(target, signal);
        }
        catch {
            // The process ended after it was listed.
        }
    }
}
/** Ends the rest of a group whose leader has ended: a moment to finish, then SIGKILL until nothing is left. */
async function reapGroup(leader, graceMs, maxMs) {
    const startedMs = performance.now();
    while (findMembers(leader).length > 0) {
        const elapsedMs = performance.now() - startedMs;
        if (elapsedMs > maxMs)
            return;
        if (elapsedMs >= graceMs)
            signalGroup(leader, "SIGKILL");
        await (0,promises_.setTimeout)(process_group_POLL_MS);
    }
}

;// CONCATENATED MODULE: ./lib/guest/supervisor.js












const AGENT_UID = 1000;
const AGENT_GID = 1000;
const STRAGGLER_GRACE_MS = 100;
const STRAGGLER_MAX_MS = 30_000;
/** Runs commands whose output and exit status go to files that only root can read. */
function openSupervisor(directory) {
    const processes = new Map();
    let nextId = 1;
    const pipes = openPipeSource(directory);
    protectFromMemoryPressure();
    return {
        async start(head, stdin) {
            const id = nextId++;
            const home = (0,external_node_path_namespaceObject.join)(directory, String(id));
            await (0,external_node_fs_promises_namespaceObject.mkdir)(home, { recursive: true, mode: 0o700 });
            processes.set(id, await launch({ home, head, stdin, pipes }));
            return id;
        },
        find(id) {
            const found = processes.get(id);
            if (found === undefined)
                throw new RequestFailure("not-found", `There is no process ${id}.`);
            return found;
        },
    };
}
async function launch(options) {
    const { home, head } = options;
    const stdin = await storeStdin((0,external_node_path_namespaceObject.join)(home, "stdin"), options.stdin);
    const stdout = await openOutputLog((0,external_node_path_namespaceObject.join)(home, "stdout"), head.maxOutputBytes);
    const stderr = await openOutputLog((0,external_node_path_namespaceObject.join)(home, "stderr"), head.maxOutputBytes);
    const pipes = [await options.pipes(), await options.pipes()];
    const child = spawnCommand(head, [stdin, pipes[0]?.writeFd ?? "pipe", pipes[1]?.writeFd ?? "pipe"]);
    for (const fd of [stdin, ...pipes.map((pipe) => pipe?.writeFd)])
        if (fd !== undefined)
            external_node_fs_.closeSync(fd);
    const collectors = [openCollector(sourceOf(pipes[0], child.stdout), stdout), openCollector(sourceOf(pipes[1], child.stderr), stderr)];
    const finished = watch(child, { head, stdout, stderr, collectors, state: { timedOut: false } }).then(async (status) => {
        // For people who inspect a sandbox by hand; a full disk must not lose the answer.
        await (0,external_node_fs_promises_namespaceObject.writeFile)((0,external_node_path_namespaceObject.join)(home, "exit"), JSON.stringify(status), { mode: 0o600 }).catch(() => undefined);
        return status;
    });
    return { stdout, stderr, exit: finished, stop: (graceMs) => stop(child, finished, graceMs) };
}
function sourceOf(pipe, stream) {
    return pipe === undefined ? { stream: stream ?? external_node_stream_.Readable.from([]), fd: undefined } : { stream: pipe.readEnd, fd: pipe.readFd };
}
/** Stores the bytes in an open file without a name. */
async function storeStdin(path, bytes) {
    const file = await (0,external_node_fs_promises_namespaceObject.open)(path, "wx", 0o644);
    try {
        for await (const piece of bytes)
            await file.writeFile(piece);
    }
    finally {
        await file.close();
    }
    const fd = external_node_fs_.openSync(path, "r");
    await (0,external_node_fs_promises_namespaceObject.unlink)(path);
    return fd;
}
function spawnCommand(head, stdio) {
    const [program = "", ...args] = head.argv;
    const drop = head.user === "agent" && process.getuid?.() === 0 ? { uid: AGENT_UID, gid: AGENT_GID } : {};
    return withOrdinaryMemoryPressure(() => (0,external_node_child_process_.spawn)(program, args, { cwd: head.cwd, env: { ...head.env }, ...drop, detached: true, stdio }));
}
async function watch(child, watched) {
    const { stdout, stderr, state, head } = watched;
    const ending = await awaitLeader(child, watched);
    if (child.pid !== undefined) {
        // The deadline applies to the whole group, which may outlive its leader by a moment.
        await reapGroup(child.pid, state.timedOut ? 0 : STRAGGLER_GRACE_MS, STRAGGLER_MAX_MS);
    }
    await Promise.all(watched.collectors.map((collector) => collector.finish()));
    if (ending.failure !== undefined)
        await stderr.append(Buffer.from(`airlock: ${head.argv[0] ?? ""}: ${ending.failure}\n`));
    await Promise.all([stdout.end(), stderr.end()]);
    return {
        code: ending.code,
        signal: ending.signal,
        timedOut: state.timedOut,
        droppedBytes: stdout.droppedBytes() + stderr.droppedBytes(),
    };
}
/** A command that cannot be started ends as in a shell: 127 if it does not exist, 126 if it may not run. */
function awaitLeader(child, watched) {
    return new Promise((resolve) => {
        const timer = setTimeout(() => {
            watched.state.timedOut = true;
            if (child.pid !== undefined)
                signalGroup(child.pid, "SIGKILL");
        }, Math.min(watched.head.timeoutMs, 2 ** 31 - 1));
        const settle = (ending) => {
            clearTimeout(timer);
            resolve(ending);
        };
        child.once("exit", (code, signal) => settle({ code, signal }));
        child.once("error", (error) => {
            if (child.pid === undefined)
                settle({ code: error.code === "ENOENT" ? 127 : 126, signal: null, failure: describe(error, watched.head) });
        });
    });
}
function describe(error, head) {
    if (error.code === "ENOENT" && !external_node_fs_.existsSync(head.cwd))
        return `the directory ${head.cwd} does not exist`;
    return error.code === "ENOENT" ? "not found" : error.message;
}
async function stop(child, exit, graceMs) {
    let gone = false;
    const ended = exit.then(() => {
        gone = true;
    });
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"]) {
        if (gone || child.pid === undefined)
            break;
        signalGroup(child.pid, signal);
        const grace = new AbortController();
        await Promise.race([ended, (0,promises_.setTimeout)(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)]);
        grace.abort();
    }
    return exit;
}

;// CONCATENATED MODULE: ./lib/guest/files.js






/** Writes each file next to its path and renames it, so that a link at the path is replaced, not followed. */
async function writeFiles(head, payload) {
    for (const file of head.files) {
        if (!file.path.startsWith("/"))
            throw new RequestFailure("bad-request", `The path ${file.path} is not absolute.`);
        await makeParents((0,external_node_path_namespaceObject.dirname)(file.path), file.owner);
        await writeOne(file, payload);
    }
}
async function writeOne(file, payload) {
    const temporary = (0,external_node_path_namespaceObject.join)((0,external_node_path_namespaceObject.dirname)(file.path), `.airlock-${(0,external_node_crypto_.randomUUID)()}`);
    try {
        const handle = await (0,external_node_fs_promises_namespaceObject.open)(temporary, "wx", 0o600);
        try {
            for await (const piece of readPieces(payload, file.bytes))
                await handle.writeFile(piece);
            await handle.chmod(file.mode);
            if (mayGive(file.owner))
                await handle.chown(AGENT_UID, AGENT_GID);
        }
        finally {
            await handle.close();
        }
        await (0,external_node_fs_promises_namespaceObject.rename)(temporary, file.path);
    }
    catch (error) {
        await (0,external_node_fs_promises_namespaceObject.rm)(temporary, { force: true });
        throw error;
    }
}
async function makeParents(directory, owner) {
    const missing = [];
    for (let at = directory; !(await exists(at)); at = (0,external_node_path_namespaceObject.dirname)(at))
        missing.unshift(at);
    for (const path of missing) {
        await (0,external_node_fs_promises_namespaceObject.mkdir)(path);
        await (0,external_node_fs_promises_namespaceObject.chmod)(path, 0o755);
        if (mayGive(owner))
            await (0,external_node_fs_promises_namespaceObject.chown)(path, AGENT_UID, AGENT_GID);
    }
}
function mayGive(owner) {
    return owner === "agent" && process.getuid?.() === 0;
}
async function exists(path) {
    try {
        await (0,external_node_fs_promises_namespaceObject.stat)(path);
        return true;
    }
    catch {
        return false;
    }
}
/** Reads at most `maxBytes` of an ordinary file. The agent chose what is at the path: links, pipes and devices are refused. */
async function readGuestFile(head) {
    const handle = await openOrdinary(head.path);
    try {
        const pieces = [];
        let total = 0;
        for (;;) {
            const buffer = Buffer.allocUnsafe(65_536);
            const { bytesRead } = await handle.read(buffer, 0, buffer.length);
            if (bytesRead === 0)
                return Buffer.concat(pieces, total);
            total += bytesRead;
            if (total > head.maxBytes)
                throw new RequestFailure("too-large", `${head.path} is larger than ${head.maxBytes} bytes.`);
            pieces.push(buffer.subarray(0, bytesRead));
        }
    }
    finally {
        await handle.close();
    }
}
async function openOrdinary(path) {
    const flags = external_node_fs_.constants.O_RDONLY | external_node_fs_.constants.O_NOFOLLOW | external_node_fs_.constants.O_NONBLOCK;
    const handle = await (0,external_node_fs_promises_namespaceObject.open)(path, flags).catch((error) => {
        throw new RequestFailure(error.code === "ENOENT" ? "not-found" : "unreadable", `${path} cannot be read: ${error.code ?? "unknown"}.`, error);
    });
    if ((await handle.stat()).isFile())
        return handle;
    await handle.close();
    throw new RequestFailure("unreadable", `${path} is no ordinary file.`);
}

;// CONCATENATED MODULE: ./lib/wire/harvest.js
/**
 * How changed paths travel from the guest. The stream starts with MAGIC. Frames follow, each with a type of one byte, a length of four
 * bytes and a body. An entry announces its content, chunks carry it, and the stream ends with a total or a failure.
 */
const MAGIC = "ALH1";
const MAX_CHUNK_BYTES = 65_536;
/** PATH_MAX of Linux. */
const MAX_PATH_BYTES = 4_096;
const MAX_FAILURE_BYTES = 32_768;
const FRAME_HEAD_BYTES = 5;
const ENTRY_HEAD_BYTES = 13;
const TYPE = { entry: 0x45, chunk: 0x43, end: 0x5a, failure: 0x46 };
/** The bytes do not have the agreed format. */
class HarvestFormatError extends Error {
    constructor(message) {
        super(message);
        this.name = "HarvestFormatError";
    }
}
function encodeEntry(head) {
    const body = Buffer.alloc(ENTRY_HEAD_BYTES);
    body.write(head.mode, 0, 6, "latin1");
    body.writeUInt8(head.contentBytes === undefined ? 0 : 1, 6);
    body.writeUIntBE(head.contentBytes ?? 0, 7, 6);
    return harvest_frame(TYPE.entry, Buffer.concat([body, head.path]));
}
function encodeChunk(bytes) {
    return harvest_frame(TYPE.chunk, bytes);
}
function encodeEnd(entries, bytes) {
    const body = Buffer.alloc(10);
    body.writeUInt32BE(entries, 0);
    body.writeUIntBE(bytes, 4, 6);
    return harvest_frame(TYPE.end, body);
}
function encodeFailure(failure) {
    return harvest_frame(TYPE.failure, Buffer.from(JSON.stringify({ ...failure, message: failure.message.slice(0, 5_000) })));
}
function harvest_frame(type, body) {
    const head = Buffer.alloc(FRAME_HEAD_BYTES);
    head.writeUInt8(type, 0);
    head.writeUInt32BE(body.length, 1);
    return Buffer.concat([head, body]);
}
/**
 * Cuts bytes into frames. Holds at most one frame.
 * @throws HarvestFormatError
 */
async function* decodeFrames(source) {
    const state = { pending: Buffer.alloc(0), magic: false };
    for await (const piece of source) {
        state.pending = state.pending.length === 0 ? piece : Buffer.concat([state.pending, piece]);
        if (!state.magic && !takeMagic(state))
            continue;
        for (let next = takeFrame(state); next !== undefined; next = takeFrame(state))
            yield next;
    }
    if (!state.magic || state.pending.length > 0)
        throw new HarvestFormatError("The harvest was cut.");
}
function takeMagic(state) {
    if (state.pending.length < MAGIC.length)
        return false;
    if (state.pending.toString("latin1", 0, MAGIC.length) !== MAGIC)
        throw new HarvestFormatError("The harvest has another format than this version reads.");
    state.pending = state.pending.subarray(MAGIC.length);
    state.magic = true;
    return true;
}
const MAX_BODY_BYTES = {
    [TYPE.entry]: ENTRY_HEAD_BYTES + MAX_PATH_BYTES,
    [TYPE.chunk]: MAX_CHUNK_BYTES,
    [TYPE.end]: 10,
    [TYPE.failure]: MAX_FAILURE_BYTES,
};
function takeFrame(state) {
    const { pending } = state;
    if (pending.length < FRAME_HEAD_BYTES)
        return undefined;
    const type = pending.readUInt8(0);
    const length = pending.readUInt32BE(1);
    const max = MAX_BODY_BYTES[type];
    if (max === undefined)
        throw new HarvestFormatError(`The harvest has a frame of the unknown type ${type}.`);
    if (length > max)
        throw new HarvestFormatError(`The harvest has a frame of ${length} bytes where ${max} are the most.`);
    if (pending.length < FRAME_HEAD_BYTES + length)
        return undefined;
    state.pending = pending.subarray(FRAME_HEAD_BYTES + length);
    return parseFrame(type, pending.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + length));
}
function parseFrame(type, body) {
    if (type === TYPE.entry)
        return { type: "entry", head: parseEntry(body) };
    if (type === TYPE.chunk) {
        if (body.length === 0)
            throw new HarvestFormatError("The harvest has an empty chunk.");
        return { type: "chunk", bytes: body };
    }
    if (type === TYPE.end) {
        if (body.length !== 10)
            throw new HarvestFormatError("The harvest's total has another length than agreed.");
        return { type: "end", entries: body.readUInt32BE(0), bytes: body.readUIntBE(4, 6) };
    }
    return { type: "failure", failure: parseFailure(body) };
}
function parseEntry(body) {
    if (body.length <= ENTRY_HEAD_BYTES)
        throw new HarvestFormatError("The harvest has an entry without a path.");
    const mode = body.toString("latin1", 0, 6);
    const flag = body.readUInt8(6);
    const bytes = body.readUIntBE(7, 6);
    // A copy: the frame's memory belongs to a larger piece that would live as long as the path.
    const path = Buffer.from(body.subarray(ENTRY_HEAD_BYTES));
    if (!/^[0-7]{6}$/.test(mode))
        throw new HarvestFormatError("The harvest has an entry whose mode is not six octal digits.");
    if (flag > 1 || (flag === 0 && bytes !== 0))
        throw new HarvestFormatError("The harvest has an entry that contradicts itself.");
    if (path.includes(0) || path[0] === 0x2f)
        throw new HarvestFormatError("The harvest has an entry whose path is not a relative path.");
    return { path, mode, contentBytes: flag === 1 ? bytes : undefined };
}
const FAILURE_KEYS = { limit: "kind,limit,message,value", unreadable: "kind,message", failed: "kind,message" };
function parseFailure(body) {
    const value = parseObject(body);
    const { kind, limit, message } = value;
    if (kind !== "limit" && kind !== "unreadable" && kind !== "failed")
        throw new HarvestFormatError("The harvest failed in an unknown way.");
    if (Object.keys(value).sort().join() !== FAILURE_KEYS[kind])
        throw new HarvestFormatError("The harvest's failure has fields that were not agreed.");
    if (typeof message !== "string")
        throw new HarvestFormatError("The harvest's failure has no message.");
    if (kind !== "limit")
        return { kind, message };
    if (limit !== "maxFiles" && limit !== "maxBytes")
        throw new HarvestFormatError("The harvest met an unknown limit.");
    if (typeof value.value !== "number")
        throw new HarvestFormatError("The harvest's limit has no value.");
    return { kind, limit, value: value.value, message };
}
function parseObject(body) {
    let value;
    try {
        value = JSON.parse(body.toString("utf8"));
    }
    catch {
        throw new HarvestFormatError("The harvest's failure cannot be read.");
    }
    if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new HarvestFormatError("The harvest's failure is no object.");
    return value;
}

;// CONCATENATED MODULE: ./lib/guest/git.js



const MAX_STDERR_BYTES = 16_384;
/** Nothing but the command line controls git: no configuration, hooks, filters or monitors, and bytes stay as they are. */
const SETTINGS = [
    "core.autocrlf=false",
    "core.safecrlf=false",
    "core.eol=lf",
    "core.fileMode=true",
    "core.symlinks=true",
    "core.ignoreCase=false",
    "core.precomposeUnicode=false",
    "core.protectHFS=false",
    "core.protectNTFS=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.checkStat=default",
    "core.trustctime=true",
    "core.splitIndex=false",
    "core.sparseCheckout=false",
    "index.sparse=false",
    "submodule.recurse=false",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
].flatMap((setting) => ["-c", setting]);
/** Turns off every conversion for every path, overriding `.gitattributes`. */
const ATTRIBUTES = "* -text !eol !filter -ident !working-tree-encoding\n";
/** What Airlock itself adds to the work tree. */
const EXCLUDES = "/.airlock/\n";
const ENVIRONMENT = {
    HOME: "/nonexistent",
    XDG_CONFIG_HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
};
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** @throws RequestFailure `failed`, or what `onOutput` threw */
async function runGit(call) {
    const drop = call.user === "agent" && process.getuid?.() === 0 ? { uid: AGENT_UID, gid: AGENT_GID } : {};
    const env = { PATH: process.env.PATH ?? DEFAULT_PATH, ...ENVIRONMENT, ...call.env };
    const child = (0,external_node_child_process_.spawn)("git", [...SETTINGS, ...call.args], { cwd: call.cwd, env, ...drop, stdio: ["pipe", "pipe", "pipe"] });
    const stderr = { text: "" };
    child.stderr.on("data", (piece) => {
        if (stderr.text.length < MAX_STDERR_BYTES)
            stderr.text += piece.toString("utf8");
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), call.timeoutMs);
    const exited = new Promise((resolve) => {
        child.once("close", (status) => resolve({ status }));
        child.once("error", (error) => resolve({ status: null, error }));
    });
    const fed = feed(child.stdin, call.input);
    try {
        for await (const piece of child.stdout)
            call.onOutput?.(piece);
    }
    catch (error) {
        child.kill("SIGKILL");
        throw error;
    }
    finally {
        await exited;
        clearTimeout(timer);
    }
    const { status, error } = await exited;
    const sourceError = await fed;
    if (sourceError !== undefined)
        throw new RequestFailure("failed", "The runner stopped sending.", sourceError);
    if (status !== null && (call.okStatuses ?? [0]).includes(status))
        return status;
    throw new RequestFailure("failed", explain(call, status, error?.message ?? stderr.text), error);
}
function explain(call, status, detail) {
    const ending = status === null ? `did not finish within ${call.timeoutMs} ms or could not be started` : `ended with status ${status}`;
    return `git ${call.args[0] ?? ""} ${ending}: ${detail.trim().slice(0, 2_000)}`;
}
/** Returns the error of the source, if it failed. git may stop reading at any time; the source stays open for an answer. */
async function feed(stdin, input) {
    stdin.on("error", () => undefined);
    if (input === undefined || Buffer.isBuffer(input)) {
        stdin.end(input);
        return undefined;
    }
    try {
        for await (const piece of input.iterator({ destroyOnReturn: false })) {
            if (stdin.destroyed)
                return undefined;
            if (!stdin.write(piece))
                await drained(stdin);
        }
        stdin.end();
        return undefined;
    }
    catch (error) {
        stdin.destroy();
        return error instanceof Error ? error : new Error(String(error));
    }
}
function drained(stdin) {
    return new Promise((resolve) => {
        const settle = () => {
            stdin.off("drain", settle);
            stdin.off("close", settle);
            resolve();
        };
        stdin.on("drain", settle);
        stdin.on("close", settle);
    });
}
/** Splits output at NUL bytes, across the borders of pieces. */
function splitRecords(onRecord) {
    let pending = "";
    return (piece) => {
        const records = (pending + piece.toString("latin1")).split("\0");
        pending = records.pop() ?? "";
        for (const record of records)
            onRecord(record);
    };
}

;// CONCATENATED MODULE: ./lib/guest/committed-paths.js



const TIMEOUT_MS = 30_000;
class TooMany extends Error {
}
/**
 * Ignored paths that the agent added to its own index all the same, with `git add --force` or a commit, at most `max` of them; empty if there
 * are more, or if its `.git` cannot be read. The names are the agent's word and may be anything. git runs as the agent's user, because the
 * agent can write everything in there. Paths as latin1 text.
 */
async function listCommittedIgnored(workDirectory, max) {
    const gitDirectory = (0,external_node_path_namespaceObject.join)(workDirectory, ".git");
    const paths = new Set();
    try {
        // git would wait on a pipe.
        for (const name of ["index", "config", "HEAD", "info/exclude"])
            if (!(await isFileOrAbsent((0,external_node_path_namespaceObject.join)(gitDirectory, name))))
                return new Set();
        await runGit({
            args: ["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"],
            cwd: workDirectory,
            env: { GIT_DIR: gitDirectory, GIT_WORK_TREE: workDirectory },
            user: "agent",
            timeoutMs: TIMEOUT_MS,
            onOutput: splitRecords((path) => {
                paths.add(path);
                if (paths.size > max)
                    throw new TooMany();
            }),
        });
        return paths;
    }
    catch {
        return new Set();
    }
}
async function isFileOrAbsent(path) {
    const stats = await (0,external_node_fs_promises_namespaceObject.lstat)(path).catch(() => undefined);
    return stats === undefined || stats.isFile();
}

;// CONCATENATED MODULE: ./lib/guest/plant.js





const plant_TIMEOUT_MS = 1_800_000;
const BRANCH = "airlock";
/** The settings of the agent's own git; core.* keeps files byte for byte as planted. */
const AGENT_CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	symlinks = true
	autocrlf = false
	logallrefupdates = true
[user]
	name = Airlock agent
	email = agent@airlock.invalid
[commit]
	gpgsign = false
[gc]
	auto = 0
[maintenance]
	auto = false
[advice]
	detachedHead = false
`;
const JUDGE_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n";
/**
 * Fills the work tree as the agent's user, before any command of the agent runs. Keeps a copy of the index where the agent cannot reach it:
 * what the index says about every file decides later what has changed.
 */
async function plant(options) {
    const { workDirectory, judgeDirectory } = options;
    requireCommit(options.commit);
    await (0,external_node_fs_promises_namespaceObject.rm)(judgeDirectory, { recursive: true, force: true });
    await empty(workDirectory);
    await giveToAgent(workDirectory);
    await receiveTree(options);
    await writeWorkTree(options);
}
function requireCommit(commit) {
    if (!/^[0-9a-f]{40}$/.test(commit))
        throw new RequestFailure("bad-request", "The commit is not 40 hex digits.");
}
/** Makes `/work/.git`, where nothing may be, with the commit and an index of its tree. */
async function receiveTree({ commit, pack, workDirectory }) {
    await prepareForAgent((0,external_node_path_namespaceObject.join)(workDirectory, ".git"), commit);
    await runAgentGit(workDirectory, { args: ["index-pack", "--stdin"], input: pack });
    await runAgentGit(workDirectory, { args: ["read-tree", commit] });
}
/** Writes every file of the index anew, and makes the judge's copy. */
async function writeWorkTree({ workDirectory, judgeDirectory }) {
    const gitDirectory = (0,external_node_path_namespaceObject.join)(workDirectory, ".git");
    await runAgentGit(workDirectory, { args: ["checkout-index", "--all", "--force", "--index", "--quiet"] });
    await makeJudge(judgeDirectory, (0,external_node_path_namespaceObject.join)(gitDirectory, "index"));
    await keepLinks(judgeDirectory, gitDirectory);
}
async function runAgentGit(cwd, call) {
    await runGit({ ...call, cwd, user: "agent", timeoutMs: plant_TIMEOUT_MS });
}
/** Names are bytes: as text, those that are not UTF-8 would not be found again. */
async function empty(directory) {
    for (const name of await (0,external_node_fs_promises_namespaceObject.readdir)(directory, { encoding: "buffer" })) {
        await (0,external_node_fs_promises_namespaceObject.rm)(Buffer.concat([Buffer.from(`${directory}/`), name]), { recursive: true, force: true });
    }
}
/** Writes the files that `git init` and `git update-ref` would write: starting fewer programs matters on an emulated machine. */
async function prepareForAgent(gitDirectory, commit) {
    const directories = ["", "info", "objects", "refs", "refs/heads"];
    const files = {
        HEAD: `ref: refs/heads/${BRANCH}\n`,
        config: AGENT_CONFIG,
        shallow: `${commit}\n`,
        [`refs/heads/${BRANCH}`]: `${commit}\n`,
        "info/attributes": ATTRIBUTES,
        "info/exclude": EXCLUDES,
    };
    for (const name of directories)
        await (0,external_node_fs_promises_namespaceObject.mkdir)((0,external_node_path_namespaceObject.join)(gitDirectory, name));
    for (const [name, content] of Object.entries(files))
        await (0,external_node_fs_promises_namespaceObject.writeFile)((0,external_node_path_namespaceObject.join)(gitDirectory, name), content);
    for (const name of [...directories, ...Object.keys(files)])
        await giveToAgent((0,external_node_path_namespaceObject.join)(gitDirectory, name));
}
/** Creates just enough of a git directory to ask what differs from the index; that needs no objects. */
async function makeJudge(directory, index) {
    for (const name of ["objects", "refs/heads", "info"])
        await (0,external_node_fs_promises_namespaceObject.mkdir)((0,external_node_path_namespaceObject.join)(directory, name), { recursive: true, mode: 0o700 });
    await (0,external_node_fs_promises_namespaceObject.writeFile)((0,external_node_path_namespaceObject.join)(directory, "HEAD"), `ref: refs/heads/${BRANCH}\n`);
    await (0,external_node_fs_promises_namespaceObject.writeFile)((0,external_node_path_namespaceObject.join)(directory, "config"), JUDGE_CONFIG);
    await (0,external_node_fs_promises_namespaceObject.writeFile)((0,external_node_path_namespaceObject.join)(directory, "info/attributes"), ATTRIBUTES);
    await (0,external_node_fs_promises_namespaceObject.writeFile)((0,external_node_path_namespaceObject.join)(directory, "info/exclude"), EXCLUDES);
    if (!(await (0,external_node_fs_promises_namespaceObject.lstat)(index)).isFile())
        throw new RequestFailure("failed", "The index of the planted work tree is missing.");
    await copyIndex(index, (0,external_node_path_namespaceObject.join)(directory, "planted-index"));
}
/**
 * Copies an index with its time. git reads every file that is not older than its index, because a change within the same second would not
 * show in the file's times. A copy that looked newer would hide such a change.
 */
async function copyIndex(from, to) {
    const writtenAtS = Math.floor((await (0,external_node_fs_promises_namespaceObject.stat)(from)).mtimeMs / 1000);
    await (0,external_node_fs_promises_namespaceObject.copyFile)(from, to);
    await (0,external_node_fs_promises_namespaceObject.utimes)(to, writtenAtS, writtenAtS);
}
/** git compares a link's target with its object, not with its hash, so the judge needs these few objects. */
async function keepLinks(judgeDirectory, gitDirectory) {
    const links = new Set();
    const read = splitRecords((record) => {
        if (record.startsWith("120000 "))
            links.add(record.slice(7, 47));
    });
    const env = {
        GIT_DIR: judgeDirectory,
        GIT_INDEX_FILE: (0,external_node_path_namespaceObject.join)(judgeDirectory, "planted-index"),
        GIT_ALTERNATE_OBJECT_DIRECTORIES: (0,external_node_path_namespaceObject.join)(gitDirectory, "objects"),
    };
    const common = { cwd: judgeDirectory, env, user: "root", timeoutMs: plant_TIMEOUT_MS };
    await runGit({ ...common, args: ["ls-files", "--stage", "-z"], onOutput: read });
    if (links.size === 0)
        return;
    await (0,external_node_fs_promises_namespaceObject.mkdir)((0,external_node_path_namespaceObject.join)(judgeDirectory, "objects/pack"), { recursive: true, mode: 0o700 });
    const input = Buffer.from([...links].map((oid) => `${oid}\n`).join(""));
    await runGit({ ...common, args: ["pack-objects", "-q", (0,external_node_path_namespaceObject.join)(judgeDirectory, "objects/pack/pack")], input });
}
async function giveToAgent(path) {
    if (process.getuid?.() === 0)
        await (0,external_node_fs_promises_namespaceObject.chown)(path, AGENT_UID, AGENT_GID);
}

;// CONCATENATED MODULE: ./lib/guest/walk.js


/** Entries of directories looked at; a tree beyond this is an attack. */
const MAX_WALKED = 5_000_000;
/**
 * Shows every entry below a directory, a directory before what is in it; no link is followed. What `visit` returns for a directory says whether
 * it is entered.
 * @throws RequestFailure `unreadable`
 */
async function walk(root, visit) {
    const waiting = [""];
    let walked = 0;
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        for await (const found of readDirectory(root, at)) {
            if (++walked > MAX_WALKED)
                throw new RequestFailure("unreadable", `The work tree has more than ${MAX_WALKED} entries.`);
            if (visit(found) && found.entry.isDirectory())
                waiting.push(found.path);
        }
    }
}
/** The directory that a path is in; empty for the root. */
function parentOf(path) {
    return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
function isSpecial(entry) {
    return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice();
}
/** A path below a root in the bytes it has. */
function locateEntry(root, path) {
    return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
}
async function* readDirectory(root, at) {
    const within = at === "" ? "" : `${at}/`;
    try {
        const directory = await (0,external_node_fs_promises_namespaceObject.opendir)(locateEntry(root, at), { encoding: "latin1", bufferSize: 512 });
        for await (const entry of directory)
            yield { path: within + entry.name, name: entry.name, entry };
    }
    catch (error) {
        const { code } = error;
        if (code === "ENOENT" || code === "ENOTDIR")
            return;
        if (code === undefined)
            throw error;
        throw new RequestFailure("unreadable", `The directory ${JSON.stringify(at.slice(0, 1_000))} cannot be read: ${code}.`, error);
    }
}

;// CONCATENATED MODULE: ./lib/guest/harvest-paths.js








const harvest_paths_TIMEOUT_MS = 600_000;
/** What Airlock itself adds to the work tree. */
const OWN_DIRECTORY = ".airlock/";
class TooManyPaths extends Error {
}
/**
 * Every path that differs from the planted index by git's rules, every pipe, socket or device, which git ignores, and every ignored file that
 * the agent committed all the same.
 * @throws TooManyPaths, RequestFailure
 */
async function findChangedPaths(options) {
    // First, because git would wait for ever on a pipe that is named like one of its own files.
    const specials = await findSpecials(options.workDirectory);
    refuseBlockingFiles(specials);
    const index = (0,external_node_path_namespaceObject.join)(options.judgeDirectory, `index-${(0,external_node_crypto_.randomUUID)()}`);
    const git = openJudgeGit(options, index);
    const found = new Map();
    const note = (path, state) => {
        found.set(path, state);
        if (found.size > options.maxFiles)
            throw new TooManyPaths();
    };
    try {
        await copyIndex((0,external_node_path_namespaceObject.join)(options.judgeDirectory, "planted-index"), index);
        await git({ args: ["update-index", "-q", "--refresh", "--ignore-submodules"], okStatuses: [0, 1] });
        await git({ args: ["diff-files", "-z", "--raw", "--no-renames", "--ignore-submodules=dirty"], onRecord: readRaw(note) });
        await git({ args: ["ls-files", "-z", "--others", "--exclude-standard"], onRecord: (record) => note(record.replace(/\/$/, ""), "new") });
        for (const path of await dropIgnored(git, specials.filter((special) => !found.has(special) && !isInside(special, found))))
            note(path, "new");
        for (const path of await findCommittedIgnored(git, options, options.maxFiles - found.size))
            note(path, "new");
    }
    finally {
        await (0,external_node_fs_promises_namespaceObject.rm)(index, { force: true });
        await (0,external_node_fs_promises_namespaceObject.rm)(`${index}.lock`, { force: true });
    }
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
/** Of what the agent claims to have committed, only what the judge's own git finds and ignores: files of the work tree, behind no link. */
async function findCommittedIgnored(git, { workDirectory }, max) {
    const claimed = await listCommittedIgnored(workDirectory, max);
    const committed = [];
    if (claimed.size === 0)
        return committed;
    await git({
        args: ["ls-files", "-z", "--others", "--ignored", "--exclude-standard"],
        onRecord: (path) => {
            if (claimed.has(path) && !path.startsWith(OWN_DIRECTORY))
                committed.push(path);
        },
    });
    return committed;
}
/** git on the work tree as root, with the judge's own directory in place of the agent's. */
function openJudgeGit(options, index) {
    const env = { GIT_DIR: options.judgeDirectory, GIT_WORK_TREE: options.workDirectory, GIT_INDEX_FILE: index };
    return async ({ onRecord, ...call }) => {
        const split = splitRecords(onRecord ?? (() => undefined));
        const status = await runGit({ ...call, cwd: options.workDirectory, env, user: "root", timeoutMs: harvest_paths_TIMEOUT_MS, onOutput: split });
        return status;
    };
}
/** `:100644 100644 <id> <id> M` and the path are two records. */
function readRaw(note) {
    let status;
    return (record) => {
        if (status === undefined) {
            status = record.slice(record.lastIndexOf(" ") + 1);
            return;
        }
        note(record, status === "D" ? "gone" : "changed");
        status = undefined;
    };
}
/** Pipes, sockets and devices below a directory; `.git` is left out as git leaves it out. */
async function findSpecials(root) {
    const specials = [];
    await walk(root, ({ path, name, entry }) => {
        if (isSpecial(entry) && name !== ".git")
            specials.push(path);
        return name !== ".git";
    });
    return specials;
}
function refuseBlockingFiles(specials) {
    const blocking = specials.find(steersGit);
    if (blocking === undefined)
        return;
    throw new RequestFailure("unreadable", `${JSON.stringify(blocking)} is no ordinary file, so git cannot read it.`);
}
/** Whether git reads what is at this path for itself; on a pipe it would wait for ever. */
function steersGit(path) {
    return /(^|\/)\.git(ignore|attributes|modules)$/.test(path);
}
function isInside(path, found) {
    const parts = path.split("/");
    return parts.some((_part, depth) => depth > 0 && found.has(parts.slice(0, depth).join("/")));
}
async function dropIgnored(git, paths) {
    if (paths.length === 0)
        return [];
    const ignored = new Set();
    // The prefix keeps a name that begins with a colon from being read as an instruction.
    const input = Buffer.from(paths.map((path) => `./${path}\0`).join(""), "latin1");
    await git({
        args: ["check-ignore", "-z", "--stdin"],
        input,
        okStatuses: [0, 1, 128],
        onRecord: (record) => ignored.add(record.slice(2)),
    });
    return paths.filter((path) => !ignored.has(path));
}

;// CONCATENATED MODULE: ./lib/guest/harvest.js







const NESTED_TIMEOUT_MS = 30_000;
/** For a nested repository that has no commit yet. */
const NO_COMMIT = "0".repeat(40);
/** Thrown inside, and sent to the runner as the last frame. */
class HarvestStop extends Error {
    failure;
    constructor(failure) {
        super(failure.message);
        this.failure = failure;
    }
}
/** What has changed, as frames. The last one is always a total, or the reason why there is none. */
async function* harvestTree(options) {
    yield Buffer.from(MAGIC, "latin1");
    try {
        yield* entries(options);
    }
    catch (error) {
        yield encodeFailure(toFailure(error, options));
    }
}
function toFailure(error, options) {
    if (error instanceof HarvestStop)
        return error.failure;
    if (error instanceof TooManyPaths) {
        return { kind: "limit", limit: "maxFiles", value: options.maxFiles, message: `More than ${options.maxFiles} paths have changed.` };
    }
    const message = (0,describe_error/* describeError */.U)(error);
    return { kind: error instanceof RequestFailure && error.code === "unreadable" ? "unreadable" : "failed", message };
}
async function* entries(options) {
    const paths = await findChangedPaths(options);
    const progress = { entries: 0, bytes: 0, maxBytes: options.maxBytes };
    for (const [path, state] of paths) {
        for await (const piece of readPath({ root: options.workDirectory, path, state, progress }))
            yield piece;
    }
    yield encodeEnd(progress.entries, progress.bytes);
}
async function* readPath(options) {
    const { path, progress } = options;
    const stats = options.state === "gone" ? undefined : await (0,external_node_fs_promises_namespaceObject.lstat)(locate(options)).catch(() => undefined);
    if (stats === undefined && options.state === "new")
        return;
    progress.entries++;
    const bytes = Buffer.from(path, "latin1");
    if (stats === undefined)
        yield encodeEntry({ path: bytes, mode: "000000", contentBytes: undefined });
    else if (stats.isFile())
        yield* readFile(options, bytes);
    else if (stats.isSymbolicLink())
        yield* whole(options, "120000", await (0,external_node_fs_promises_namespaceObject.readlink)(locate(options), { encoding: "buffer" }));
    else if (stats.isDirectory())
        yield* whole(options, "160000", Buffer.from(await readNestedCommit(options), "latin1"));
    else
        yield encodeEntry({ path: bytes, mode: formatMode(stats), contentBytes: undefined });
}
/** What git cannot store keeps its type from `st_mode`, so that the reader can name it. */
function formatMode(stats) {
    return (stats.mode & external_node_fs_.constants.S_IFMT).toString(8).padStart(6, "0");
}
function locate(options) {
    return Buffer.concat([Buffer.from(`${options.root}/`), Buffer.from(options.path, "latin1")]);
}
async function* whole(options, mode, content) {
    count(options, content.length);
    yield encodeEntry({ path: Buffer.from(options.path, "latin1"), mode, contentBytes: content.length });
    if (content.length > 0)
        yield encodeChunk(content);
}
/** Reads as many bytes as the file had when it was opened: one that grows cannot delay us, and one that shrinks is refused. */
async function* readFile(options, path) {
    const file = await harvest_openOrdinary(options);
    try {
        const stats = await file.stat();
        if (!stats.isFile())
            throw unreadable(options, "changed its kind while it was read");
        count(options, stats.size);
        yield encodeEntry({ path, mode: (stats.mode & external_node_fs_.constants.S_IXUSR) === 0 ? "100644" : "100755", contentBytes: stats.size });
        for (let left = stats.size; left > 0;) {
            const buffer = Buffer.allocUnsafe(Math.min(left, MAX_CHUNK_BYTES));
            const { bytesRead } = await file.read(buffer, 0, buffer.length);
            if (bytesRead === 0)
                throw unreadable(options, "became shorter while it was read");
            left -= bytesRead;
            yield encodeChunk(buffer.subarray(0, bytesRead));
        }
    }
    finally {
        await file.close();
    }
}
async function harvest_openOrdinary(options) {
    try {
        return await (0,external_node_fs_promises_namespaceObject.open)(locate(options), external_node_fs_.constants.O_RDONLY | external_node_fs_.constants.O_NOFOLLOW | external_node_fs_.constants.O_NONBLOCK);
    }
    catch (error) {
        throw unreadable(options, `cannot be opened: ${error.code ?? "unknown"}`);
    }
}
function unreadable(options, why) {
    const path = JSON.stringify(Buffer.from(options.path, "latin1").toString("utf8").slice(0, 1_000));
    return new HarvestStop({ kind: "unreadable", message: `${path} ${why}.` });
}
function count({ progress, ...options }, bytes) {
    progress.bytes += bytes;
    if (progress.bytes <= progress.maxBytes)
        return;
    const path = JSON.stringify(Buffer.from(options.path, "latin1").toString("utf8").slice(0, 1_000));
    const message = `The changed contents are larger than ${progress.maxBytes} bytes; ${path} alone has ${bytes}.`;
    throw new HarvestStop({ kind: "limit", limit: "maxBytes", value: progress.maxBytes, message });
}
/** Runs as the agent's user, because the agent can write everything in there. */
async function readNestedCommit(options) {
    // A directory whose name is not UTF-8 cannot be passed on a command line here; its commit does not matter to the gate.
    const name = Buffer.from(options.path, "latin1").toString("utf8");
    if (!Buffer.from(name, "utf8").equals(Buffer.from(options.path, "latin1")))
        return NO_COMMIT;
    const directory = `${options.root}/${name}`;
    let output = "";
    try {
        await runGit({
            args: ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"],
            cwd: options.root,
            env: { GIT_DIR: `${directory}/.git` },
            user: "agent",
            timeoutMs: NESTED_TIMEOUT_MS,
            onOutput: (piece) => {
                output = (output + piece.toString("latin1")).slice(0, 100);
            },
        });
    }
    catch {
        return NO_COMMIT;
    }
    return /^[0-9a-f]{40}\n$/.test(output) ? output.trim() : NO_COMMIT;
}

;// CONCATENATED MODULE: external "node:dgram"
const external_node_dgram_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:dgram");
;// CONCATENATED MODULE: external "node:dns/promises"
const external_node_dns_promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:dns/promises");
;// CONCATENATED MODULE: external "node:http"
const external_node_http_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");
;// CONCATENATED MODULE: ./lib/guest/probe.js




const MAX_DETAIL_CHARACTERS = 200;
/** Well-known public services: Cloudflare and Google, each of which answers on these ports everywhere. */
const TCP = ["1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:80"];
const IPV6 = ["2606:4700:4700::1111:443", "2001:4860:4860::8888:53"];
/** AWS, Google and most others; Azure; Alibaba; AWS over IPv6. */
const METADATA = ["169.254.169.254:80", "168.63.129.16:80", "100.100.100.200:80", "fd00:ec2::254:80"];
const RESOLVERS = ["1.1.1.1", "8.8.8.8"];
const QUIC = ["1.1.1.1", "8.8.8.8"];
/** Tries every way out at once. Nothing here throws: what happens to an attempt is its result. */
async function probe(request) {
    const { timeoutMs } = request;
    const attempts = await Promise.all([
        ...TCP.map((target) => named(`tcp ${target}`, tryTcp(target, timeoutMs))),
        ...QUIC.map((host) => named(`udp ${host}:443`, tryUdp({ host, port: 443, payload: quicProbe(), timeoutMs }))),
        ...RESOLVERS.map((host) => named(`dns udp ${host}:53`, tryUdp({ host, port: 53, payload: dnsQuery(), timeoutMs }))),
        ...RESOLVERS.map((host) => named(`dns tcp ${host}:53`, tryTcp(`${host}:53`, timeoutMs))),
        named("dns system resolver", trySystemResolver(timeoutMs)),
        ...IPV6.map((target) => named(`ipv6 ${target}`, tryTcp(target, timeoutMs))),
        ...METADATA.map((target) => named(`metadata ${target}`, tryTcp(target, timeoutMs))),
        named(`denied-host ${request.deniedHost}`, tryDeniedHost(request)),
        named("gateway", tryGateway(request)),
    ]);
    return { attempts };
}
async function named(name, finding) {
    const { result, detail } = await finding;
    return { name: name.slice(0, 100), result, detail: detail.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_DETAIL_CHARACTERS) };
}
function split(target) {
    const at = target.lastIndexOf(":");
    return { host: target.slice(0, at), port: Number(target.slice(at + 1)) };
}
/** A refusal or silence means closed; only a connection means open. */
function tryTcp(target, timeoutMs) {
    return new Promise((resolve) => {
        const socket = external_node_net_.connect({ ...split(target), autoSelectFamily: false });
        const settle = (finding) => {
            clearTimeout(timer);
            socket.destroy();
            resolve(finding);
        };
        const timer = setTimeout(() => settle({ result: "closed", detail: `no answer within ${timeoutMs} ms` }), timeoutMs);
        socket.once("connect", () => settle({ result: "open", detail: "connected" }));
        socket.once("error", (error) => settle({ result: "closed", detail: error.code ?? error.message }));
    });
}
/** Any reply means open. */
function tryUdp(attempt) {
    return new Promise((resolve) => {
        const socket = external_node_dgram_namespaceObject.createSocket("udp4");
        const settle = (finding) => {
            clearTimeout(timer);
            socket.removeAllListeners();
            socket.on("error", () => undefined);
            socket.close();
            resolve(finding);
        };
        const timer = setTimeout(() => settle({ result: "closed", detail: `no answer within ${attempt.timeoutMs} ms` }), attempt.timeoutMs);
        socket.once("error", (error) => settle({ result: "closed", detail: error.code ?? error.message }));
        socket.once("message", (message) => settle({ result: "open", detail: `${message.length} bytes came back` }));
        socket.send(attempt.payload, attempt.port, attempt.host, (error) => {
            if (error !== null)
                settle({ result: "closed", detail: error.code ?? error.message });
        });
    });
}
/** A query for the address of example.com. */
function dnsQuery() {
    const header = [0x41, 0x4c, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    const labels = ["example", "com"].flatMap((label) => [label.length, ...Buffer.from(label, "latin1")]);
    return Buffer.from([...header, ...labels, 0, 0, 1, 0, 1]);
}
/** A QUIC packet of an unknown version: every server answers it with the versions that it supports (RFC 9000, 6.1). */
function quicProbe() {
    const packet = Buffer.alloc(1_200);
    packet.writeUInt8(0xc0, 0);
    packet.writeUInt32BE(0x1a2a3a4a, 1);
    packet.writeUInt8(8, 5);
    packet.writeUInt8(8, 14);
    return packet;
}
/** Errors that show that a resolver answered; anything else is silence or a refusal. */
const ANSWERED = new Set(["ENOTFOUND", "ENODATA"]);
async function trySystemResolver(timeoutMs) {
    const resolver = new external_node_dns_promises_namespaceObject.Resolver({ timeout: timeoutMs, tries: 1 });
    const timer = setTimeout(() => resolver.cancel(), timeoutMs);
    try {
        const addresses = await resolver.resolve4("example.com");
        return { result: "open", detail: `answered with ${addresses.length} addresses` };
    }
    catch (error) {
        const code = error.code ?? "unknown";
        return { result: ANSWERED.has(code) ? "open" : "closed", detail: code };
    }
    finally {
        clearTimeout(timer);
    }
}
/** The proxy's answer to a CONNECT, or the error. */
function connectThrough(request, authority) {
    return new Promise((resolve) => {
        const call = external_node_http_namespaceObject.request({
            host: "127.0.0.1",
            port: request.proxyPort,
            method: "CONNECT",
            path: authority,
            headers: { host: authority },
            agent: false,
        });
        const settle = (answer) => {
            clearTimeout(timer);
            call.destroy();
            resolve(answer);
        };
        const timer = setTimeout(() => settle({ error: `no answer within ${request.timeoutMs} ms` }), request.timeoutMs);
        const take = (response) => {
            const decision = response.headers["x-airlock-decision"];
            settle({ status: response.statusCode ?? 0, decision: typeof decision === "string" ? decision : undefined });
        };
        call.once("connect", (response, socket) => {
            socket.destroy();
            take(response);
        });
        call.once("response", take);
        call.on("error", (error) => settle({ error: error.code ?? error.message }));
        call.end();
    });
}
async function tryDeniedHost(request) {
    const answer = await connectThrough(request, `${request.deniedHost}:443`);
    if ("error" in answer)
        return judgeError(answer.error);
    if (answer.status >= 200 && answer.status < 300)
        return { result: "open", detail: `the proxy connected (${answer.status})` };
    if (answer.status !== 403 || answer.decision === undefined)
        return { result: "unknown", detail: `status ${answer.status} without a decision` };
    return { result: "closed", detail: `403 ${answer.decision}` };
}
/** Only the gateway names its decision. Any decision proves that it answered. */
async function tryGateway(request) {
    const answer = await connectThrough(request, `${request.deniedHost}:443`);
    if ("error" in answer)
        return judgeError(answer.error);
    if (answer.decision === undefined)
        return { result: "unknown", detail: `status ${answer.status} without a decision` };
    return { result: "open", detail: `answered ${answer.status}` };
}
/** A connection that was refused let nothing through; silence or a broken one may be a gateway that is slow. */
function judgeError(error) {
    return { result: error === "ECONNREFUSED" ? "closed" : "unknown", detail: error };
}

// EXTERNAL MODULE: external "node:http2"
var external_node_http2_ = __nccwpck_require__(467);
;// CONCATENATED MODULE: ./lib/wire/guarded-stream.js

/** More than a peer that respects our session window can make us hold: `SESSION_WINDOW_BYTES` plus the overhead of frames. */
const MAX_HELD_BYTES = 24 * 1024 * 1024;
/**
 * Stands between a stream and an HTTP/2 session, against two traps of Node. A session does not read while a write of its own is unfinished:
 * if both ends write over a stream with little buffer, both would wait for ever. So a write is finished as soon as it is accepted; flow
 * control bounds what is held. A stream that exists only in JavaScript ends itself when it reads its end. If the session still writes then,
 * an assertion ends the process. So the session never sees the stream's end. `onGone` has to destroy the session instead.
 */
function guardStream(stream, onGone) {
    let gone = false;
    let resume;
    const proceed = () => {
        const waiting = resume;
        resume = undefined;
        waiting?.();
    };
    const leave = () => {
        if (gone)
            return;
        gone = true;
        proceed();
        onGone(stream.errored ?? undefined);
        // A session that was already closing waits for this end.
        setImmediate(() => guard.push(null));
    };
    const guard = new external_node_stream_.Duplex({
        readableHighWaterMark: 1024 * 1024,
        writableHighWaterMark: 1024 * 1024,
        read() {
            if (!gone)
                stream.resume();
        },
        // Everything that a session writes at one moment is sent in one piece: a frame's header alone is not worth a system call.
        writev(chunks, done) {
            if (!gone) {
                stream.cork();
                for (const { chunk } of chunks)
                    stream.write(chunk);
                stream.uncork();
            }
            if (gone || stream.writableLength < MAX_HELD_BYTES)
                done();
            else
                resume = done;
        },
        destroy(_error, done) {
            gone = true;
            stream.destroy();
            done(null);
        },
    });
    stream.pause();
    stream.on("data", (chunk) => {
        if (!gone && !guard.push(chunk))
            stream.pause();
    });
    stream.on("drain", proceed);
    stream.on("error", () => undefined);
    for (const event of ["end", "close"])
        stream.once(event, leave);
    if (stream.destroyed)
        queueMicrotask(leave);
    return guard;
}

;// CONCATENATED MODULE: ./lib/wire/keepalive.js
/** Pings an HTTP/2 session and calls `onDead` if an answer does not come in time. Returns a function that stops it. */
function keepAlive(session, options) {
    let deadline;
    const answered = () => {
        clearTimeout(deadline);
        deadline = undefined;
    };
    const interval = setInterval(() => {
        if (deadline !== undefined || session.destroyed || session.closed)
            return;
        deadline = setTimeout(options.onDead, options.timeoutMs);
        deadline.unref();
        session.ping(answered);
    }, options.intervalMs);
    interval.unref();
    return () => {
        clearInterval(interval);
        answered();
    };
}

;// CONCATENATED MODULE: ./lib/wire/tunnel.js
/** What the two ends of the egress tunnel agree on: one HTTP/2 session, the guest is the client. */
const MIB = 1024 * 1024;
/** Bytes that one stream may have in flight before its reader has to catch up. */
const STREAM_WINDOW_BYTES = MIB;
/** Bytes that the whole session may have in flight. */
const SESSION_WINDOW_BYTES = 16 * MIB;
/** Connections open at once through one tunnel. */
const MAX_STREAMS = 1024;
/** SETTINGS that both ends send. Only one header of a request matters, so the header list is tiny. */
const TUNNEL_SETTINGS = {
    enablePush: false,
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxConcurrentStreams: MAX_STREAMS,
    maxHeaderListSize: 4096,
    headerTableSize: 0,
};
const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const AUTHORITY = /^([a-z][a-z0-9-]{0,31})\.airlock:1$/;
/** The `:authority` of a stream that belongs to the listener `name`, for example `proxy.airlock:1`. */
function authorityOf(name) {
    if (!NAME.test(name))
        throw new TypeError(`"${name}" cannot name a listener: use a-z, 0-9 and "-".`);
    return `${name}.airlock:1`;
}
/** The listener's name, or undefined if the text is not one of our authorities. */
function parseStreamAuthority(authority) {
    return AUTHORITY.exec(authority)?.[1];
}

;// CONCATENATED MODULE: external "node:buffer"
const external_node_buffer_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:buffer");
;// CONCATENATED MODULE: ./lib/wire/process-lookup.js
/**
 * How the runner asks which command opened a stream: an ALTSVC frame on that stream (RFC 7838), the one frame a server may send about a
 * stream that node:http2 shows to the client. The answer is a stream of its own, for a listener that cannot be reached in any other way.
 */
const LOOKUP_REQUEST = "airlock-asks";
/** Name of the listener that takes answers. */
const LOOKUP_STREAM = "answers";
/** Id of the stream that was asked about, decimal. */
const STREAM_HEADER = "airlock-stream";
/** The command as base64url of UTF-8. */
const COMMAND_HEADER = "airlock-command";
/** Maximum bytes of a command that are sent. */
const MAX_COMMAND_BYTES = 512;

;// CONCATENATED MODULE: ./lib/guest/process-lookup.js




/** Maximum number of waiting questions; further ones are not answered. */
const MAX_WAITING = 16;
const MAX_PROCESSES = 2_000;
const MAX_DESCRIPTORS = 4_000;
const MAX_TABLE_BYTES = 4 << 20;
/**
 * Tells the runner, on request, which command opened a connection. Nothing is looked up earlier, so allowed connections get no slower. Best
 * effort: a process may be gone, and root in the guest can claim anything.
 */
function openProcessLookups(session) {
    const sockets = new Map();
    let waiting = 0;
    let last = Promise.resolve();
    session.on("altsvc", (alt, _origin, id) => {
        const socket = sockets.get(id);
        if (alt !== LOOKUP_REQUEST || socket === undefined || waiting >= MAX_WAITING)
            return;
        waiting += 1;
        last = last
            .then(() => answer(session, id, socket))
            .finally(() => {
            waiting -= 1;
        });
    });
    return (stream, socket) => {
        const remember = () => void sockets.set(stream.id ?? 0, socket);
        if (stream.pending)
            stream.once("ready", remember);
        else
            remember();
        stream.once("close", () => sockets.delete(stream.id ?? 0));
    };
}
async function answer(session, id, socket) {
    const command = await findProcessCommand(socket.remotePort ?? 0, socket.localPort ?? 0).catch(() => "");
    if (session.destroyed || session.closed)
        return;
    const stream = session.request({
        ":method": "CONNECT",
        ":authority": authorityOf(LOOKUP_STREAM),
        [STREAM_HEADER]: String(id),
        [COMMAND_HEADER]: external_node_buffer_namespaceObject.Buffer.from(command).subarray(0, MAX_COMMAND_BYTES).toString("base64url"),
    }, { endStream: true });
    stream.on("error", () => undefined);
    stream.resume();
}
/**
 * The command line of the process on this machine that holds the connection from `port` to `listener` on loopback; empty if it cannot be
 * found.
 */
async function findProcessCommand(port, listener) {
    const inode = await findInode(port, listener);
    return inode === undefined ? "" : await findHolder(`socket:[${inode}]`);
}
async function findInode(port, listener) {
    for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
        const text = await process_lookup_readHead(table, MAX_TABLE_BYTES).catch(() => "");
        const line = new RegExp(`^ *\\d+: [0-9A-F]+:${toHex(port)} [0-9A-F]+:${toHex(listener)} \\S+ \\S+ \\S+ \\S+ +\\d+ +\\d+ (\\d+)`, "m").exec(text);
        if (line?.[1] !== undefined && line[1] !== "0")
            return line[1];
    }
    return undefined;
}
function toHex(port) {
    return port.toString(16).toUpperCase().padStart(4, "0");
}
async function findHolder(link) {
    const own = String(process.pid);
    const pids = (await (0,external_node_fs_promises_namespaceObject.readdir)("/proc")).filter((name) => /^\d+$/.test(name) && name !== own);
    let left = MAX_DESCRIPTORS;
    // The newest first: a process that has just connected has usually just started.
    for (const pid of pids.reverse().slice(0, MAX_PROCESSES)) {
        const descriptors = await (0,external_node_fs_promises_namespaceObject.readdir)(`/proc/${pid}/fd`).catch(() => []);
        for (const descriptor of descriptors) {
            left -= 1;
            if (left < 0)
                return "";
            if ((await (0,external_node_fs_promises_namespaceObject.readlink)(`/proc/${pid}/fd/${descriptor}`).catch(() => "")) === link)
                return await readCommand(pid);
        }
    }
    return "";
}
async function readCommand(pid) {
    const words = (await process_lookup_readHead(`/proc/${pid}/cmdline`, MAX_COMMAND_BYTES)).split("\0").join(" ").trim();
    return words === "" ? (await (0,external_node_fs_promises_namespaceObject.readFile)(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() : words;
}
async function process_lookup_readHead(path, maxBytes) {
    const handle = await (0,external_node_fs_promises_namespaceObject.open)(path);
    try {
        const chunks = [];
        let bytes = 0;
        while (bytes < maxBytes) {
            const { bytesRead, buffer } = await handle.read(external_node_buffer_namespaceObject.Buffer.alloc(Math.min(65_536, maxBytes - bytes)));
            if (bytesRead === 0)
                break;
            bytes += bytesRead;
            chunks.push(buffer.subarray(0, bytesRead));
        }
        return external_node_buffer_namespaceObject.Buffer.concat(chunks).toString();
    }
    finally {
        await handle.close();
    }
}

;// CONCATENATED MODULE: ./lib/guest/relay.js






const RESET_GRACE_MS = 1_000;
/** A dumb pipe: each connection accepted on a loopback port becomes one CONNECT stream; the runner decides what becomes of it. */
function openRelay(options) {
    // One end that buffers is enough, and that is the runner's: the guest may be emulated and needs the shorter path.
    const native = options.stream instanceof external_node_net_.Socket;
    const stream = native ? options.stream : guardStream(options.stream, (error) => session.destroy(error));
    const session = external_node_http2_.connect("http://tunnel.airlock", {
        createConnection: () => stream,
        settings: TUNNEL_SETTINGS,
        maxSessionMemory: 64,
        peerMaxConcurrentStreams: MAX_STREAMS,
    });
    session.once("connect", () => session.destroyed || session.setLocalWindowSize(SESSION_WINDOW_BYTES));
    let failure;
    session.on("error", (error) => {
        failure ??= error;
    });
    const stopPings = keepAlive(session, {
        intervalMs: options.pingIntervalMs ?? 30_000,
        timeoutMs: options.pingTimeoutMs ?? 120_000,
        onDead: () => session.destroy(new Error("The runner's end of the tunnel does not answer.")),
    });
    const greeting = greeted(session);
    greeting.catch(() => undefined);
    const set = openListenerSet(session);
    const { promise: closed, resolve: resolveClosed } = Promise.withResolvers();
    session.once("close", () => {
        stopPings();
        void set.close();
        resolveClosed(failure);
    });
    return {
        listen: async (listeners) => {
            await greeting;
            if (session.closed || session.destroyed)
                throw new Error("The tunnel has ended.");
            await set.open(listeners);
        },
        closeListeners: async () => {
            const closing = set.close();
            set.resetConnections();
            await closing;
        },
        closed,
        ports: set.ports,
        close: () => session.destroy(undefined, external_node_http2_.constants.NGHTTP2_CANCEL),
    };
}
/** The listeners of a session, and the connections that came through them. */
function openListenerSet(session) {
    const remember = openProcessLookups(session);
    const ports = new Map();
    const sockets = new Set();
    let servers = [];
    const resetConnections = () => {
        for (const socket of sockets)
            socket.resetAndDestroy();
    };
    const close = async () => {
        const closing = servers.map((server) => new Promise((resolve) => server.close(() => resolve())));
        servers = [];
        ports.clear();
        await Promise.all(closing);
    };
    const open = async (listeners) => {
        if (servers.length > 0)
            throw new Error("The relay's listeners are open already.");
        const made = listeners.map(({ port, name }) => ({
            port,
            name,
            server: listenFor({ session, authority: authorityOf(name), remember, sockets }),
        }));
        servers = made.map(({ server }) => server);
        const listening = made.map(async ({ port, name, server }) => ports.set(name, await listen(server, port)));
        const failed = (await Promise.allSettled(listening)).find((result) => result.status === "rejected");
        if (failed === undefined)
            return;
        void close();
        resetConnections();
        throw failed.reason;
    };
    return { ports, open, close, resetConnections };
}
/** Resolves when the other end has sent its settings; from then on it serves streams. */
function greeted(session) {
    return new Promise((resolve, reject) => {
        session.once("remoteSettings", () => resolve());
        session.once("error", reject);
        session.once("close", () => reject(new Error("The tunnel closed before the runner answered.")));
    });
}
function listen(server, port) {
    return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port, host: "127.0.0.1", backlog: 511 }, () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : port);
        });
    });
}
function listenFor({ session, authority, remember, sockets }) {
    const server = external_node_net_.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        const stream = carry(session, authority, socket);
        if (stream !== undefined)
            remember(stream, socket);
    });
    server.maxConnections = MAX_STREAMS;
    return server;
}
/** Joins one accepted connection to one stream. Bytes, half-close and reset pass in both directions. */
function carry(session, authority, socket) {
    socket.on("error", () => undefined);
    if (session.destroyed || session.closed) {
        socket.resetAndDestroy();
        return undefined;
    }
    const stream = session.request({ ":method": "CONNECT", ":authority": authority });
    stream.on("error", () => undefined);
    socket.once("close", () => {
        if (!(stream.readableEnded && stream.writableFinished))
            stream.close(external_node_http2_.constants.NGHTTP2_CONNECT_ERROR);
    });
    // Not by `pipe`: a stream that was reset also "ends", and half an answer must not look like a whole one.
    stream.once("end", () => {
        if (stream.rstCode === external_node_http2_.constants.NGHTTP2_NO_ERROR && !session.destroyed)
            socket.end();
    });
    stream.once("close", () => {
        const clean = stream.rstCode === external_node_http2_.constants.NGHTTP2_NO_ERROR && stream.readableEnded && stream.writableFinished;
        if (!clean)
            relay_reset(socket);
    });
    socket.pipe(stream);
    stream.pipe(socket, { end: false });
    return stream;
}
/** A reset waits until everything written was sent, which a client that does not read could delay for ever. */
function relay_reset(socket) {
    if (socket.writableEnded && !socket.writableFinished)
        socket.destroy();
    else
        socket.resetAndDestroy();
    setTimeout(() => socket.destroy(), RESET_GRACE_MS).unref();
}

;// CONCATENATED MODULE: ./lib/guest/replant-clearing.js






/** Takes away whatever keeps git from writing a tree, and from judging by that tree's own rules alone what is ignored. */
async function clearForTree(workDirectory, tree) {
    const { inTheWay, kept, rulers } = await survey(workDirectory, tree);
    for (const path of [...inTheWay, ...(await dropIgnoredByTree(workDirectory, tree, rulers))]) {
        await (0,external_node_fs_promises_namespaceObject.rm)(locateEntry(workDirectory, path), { recursive: true, force: true });
    }
    for (const path of kept) {
        const directory = locateEntry(workDirectory, path);
        await giveToAgent(directory);
        await (0,external_node_fs_promises_namespaceObject.chmod)(directory, 0o755);
    }
}
async function survey(workDirectory, tree) {
    const found = { inTheWay: [], kept: [], rulers: [] };
    await walk(workDirectory, (each) => {
        const group = each.path === ".git" ? undefined : classify(each, tree);
        if (group !== undefined)
            found[group].push(each.path);
        return each.name !== ".git" && group !== "inTheWay";
    });
    return found;
}
function classify(found, tree) {
    const { path, entry } = found;
    if (tree.directories.has(path))
        return entry.isDirectory() ? "kept" : "inTheWay";
    // git would take attributes from the file that it is about to replace.
    if (tree.files.has(path))
        return entry.isFile() && !steersGit(path) ? undefined : "inTheWay";
    return tree.former.has(path) && !entry.isDirectory() ? "inTheWay" : classifyUntracked(found, tree);
}
function classifyUntracked({ path, name, entry }, tree) {
    // A repository of the agent's own around tracked files would be taken for theirs.
    if (name === ".git")
        return tree.directories.has(parentOf(path)) ? "inTheWay" : "rulers";
    if (entry.isDirectory() || !steersGit(name))
        return undefined;
    return isSpecial(entry) ? "inTheWay" : "rulers";
}
/**
 * The paths that the tree's own rules do not ignore. Asked of git in a directory that holds nothing but the tree's `.gitignore` files:
 * in the work tree each of these paths would have a say in the answer.
 */
async function dropIgnoredByTree(workDirectory, tree, paths) {
    if (paths.length === 0)
        return [];
    const gitDirectory = (0,external_node_path_namespaceObject.join)(workDirectory, ".git");
    const rules = (0,external_node_path_namespaceObject.join)(gitDirectory, "airlock-rules");
    await (0,external_node_fs_promises_namespaceObject.mkdir)(rules);
    await giveToAgent(rules);
    const env = { GIT_DIR: gitDirectory, GIT_WORK_TREE: rules };
    const names = [...tree.files].filter(([path, mode]) => mode.startsWith("100") && /(^|\/)\.gitignore$/.test(path)).map(([path]) => path);
    await runAgentGit(rules, { args: ["checkout-index", "--force", "--quiet", "-z", "--stdin"], env, input: toRecords(names) });
    const ignored = new Set();
    const onOutput = splitRecords((record) => ignored.add(record.slice(2)));
    const args = ["check-ignore", "--no-index", "-z", "--stdin"];
    // The prefix keeps a name that begins with a colon from being read as an instruction.
    await runAgentGit(rules, { args, env, input: toRecords(paths.map((path) => `./${path}`)), okStatuses: [0, 1], onOutput });
    await (0,external_node_fs_promises_namespaceObject.rm)(rules, { recursive: true, force: true });
    return paths.filter((path) => !ignored.has(path));
}
function toRecords(paths) {
    return Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
}

;// CONCATENATED MODULE: ./lib/guest/replant.js









const MAX_ROUNDS = 3;
/**
 * Makes the tracked files into those of another commit; what that commit ignores stays. Nobody else may be at work in there meanwhile.
 * Removing is done as root, since the agent can make what only root removes, and writing as the agent's user: the git that writes has
 * nothing to follow and no rights to lose. What the harvest would call new goes last, so that a harvest finds nothing.
 */
async function replant(options) {
    const { workDirectory, judgeDirectory } = options;
    requireCommit(options.commit);
    const former = await listPlanted(options);
    await (0,external_node_fs_promises_namespaceObject.rm)(judgeDirectory, { recursive: true, force: true });
    await giveToAgent(workDirectory);
    await (0,external_node_fs_promises_namespaceObject.chmod)(workDirectory, 0o755);
    await (0,external_node_fs_promises_namespaceObject.rm)((0,external_node_path_namespaceObject.join)(workDirectory, ".git"), { recursive: true, force: true });
    await receiveTree(options);
    const tree = { ...(await readTree(workDirectory)), former };
    await clearForTree(workDirectory, tree);
    await writeWorkTree(options);
    await removeUntracked(options);
    await removeEmptyDirectories(options, tree);
}
/** What was tracked until now; nothing where nothing has been planted. */
async function listPlanted(options) {
    const planted = new Set();
    const index = (0,external_node_path_namespaceObject.join)(options.judgeDirectory, "planted-index");
    const git = openJudgeGit(options, index);
    if ((0,external_node_fs_.existsSync)(index))
        await git({ args: ["ls-files", "-z"], onRecord: (path) => planted.add(path) });
    return planted;
}
async function readTree(workDirectory) {
    const files = new Map();
    const directories = new Set();
    const onOutput = splitRecords((record) => {
        const path = record.slice(record.indexOf("\t") + 1);
        files.set(path, record.slice(0, 6));
        for (let end = path.lastIndexOf("/"); end > 0 && !directories.has(path.slice(0, end)); end = path.lastIndexOf("/", end - 1)) {
            directories.add(path.slice(0, end));
        }
    });
    await runAgentGit(workDirectory, { args: ["ls-files", "--stage", "-z"], onOutput });
    return { files, directories };
}
async function removeUntracked(options) {
    for (let round = 0; round < MAX_ROUNDS; round++) {
        const found = await findChangedPaths({ ...options, maxFiles: Number.MAX_SAFE_INTEGER });
        if (found.size === 0)
            return;
        for (const path of found.keys())
            await (0,external_node_fs_promises_namespaceObject.rm)(locateEntry(options.workDirectory, path), { recursive: true, force: true });
    }
    throw new RequestFailure("failed", "The work tree still differs from the commit after it was planted anew.");
}
/** git knows no directories, and lists none that hold no file. */
async function removeEmptyDirectories(options, tree) {
    const { workDirectory, judgeDirectory } = options;
    const empty = await findEmptyDirectories(workDirectory, tree);
    const git = openJudgeGit(options, (0,external_node_path_namespaceObject.join)(judgeDirectory, "planted-index"));
    for (const path of await dropIgnored(git, empty)) {
        await (0,external_node_fs_promises_namespaceObject.rmdir)(locateEntry(workDirectory, path)).catch((error) => {
            // An ignored one is in it.
            if (error.code !== "ENOTEMPTY")
                throw error;
        });
    }
}
/** Directories without any file below them, the deepest first. */
async function findEmptyDirectories(root, tree) {
    const directories = [];
    const full = new Set(tree.directories);
    await walk(root, ({ path, entry }) => {
        if (path === ".git")
            return false;
        if (entry.isDirectory() && !tree.files.has(path))
            directories.push(path);
        else
            full.add(parentOf(path));
        return true;
    });
    // A directory is shown before what is in it.
    directories.reverse();
    for (const path of directories)
        if (full.has(path))
            full.add(parentOf(path));
    return directories.filter((path) => !full.has(path));
}

;// CONCATENATED MODULE: ./lib/guest/user-processes.js




const user_processes_MAX_ROUNDS = 10;
const LOOKS = 20;
const LOOK_MS = 50;
const KILLER_TIMEOUT_MS = 30_000;
/**
 * Kills whatever it may signal as the user. The kernel does that in one step, so that nothing can fork ahead of it. It becomes the user only
 * when it runs already: a program cannot be started as a user whose processes are as many as it may have.
 */
const KILLER = `
process.setgroups([]);
process.setgid(Number(process.argv[2]));
process.setuid(Number(process.argv[1]));
try {
  process.kill(-1, "SIGKILL");
} catch (error) {
  if (error.code !== "ESRCH") throw error;
}
`;
/**
 * Kills every process of a user, whatever it has done to be left alone, until none is left.
 * @throws RequestFailure `failed` when one is left after all.
 */
async function endUserProcesses(user) {
    // A supervisor that is no root has that user's own processes around it, and itself among them.
    if (process.getuid?.() !== 0)
        throw new RequestFailure("failed", "Only root can end another user's processes.");
    let left = [];
    for (let round = 0; round < user_processes_MAX_ROUNDS; round++) {
        // Stopped, it makes no new ones where the killer cannot be started for lack of process ids.
        signalAll(listUserProcesses(user.uid), "SIGSTOP");
        const killed = await runKiller(user);
        left = await awaitNone(user.uid);
        if (killed && left.length === 0)
            return;
    }
    throw new RequestFailure("failed", `The user ${user.uid} still has ${left.length} processes, such as ${left[0] ?? "one that hides"}.`);
}
/** What is left after a moment. The killer may not signal what has taken another id, so each is also signalled by itself. */
async function awaitNone(uid) {
    let left = [];
    for (let look = 0; look < LOOKS; look++) {
        left = listUserProcesses(uid);
        if (left.length === 0)
            return left;
        signalAll(left, "SIGKILL");
        await (0,promises_.setTimeout)(LOOK_MS);
    }
    return left;
}
/** True when it has killed and ended by itself. */
function runKiller({ uid, gid }) {
    return new Promise((resolve) => {
        // The program that runs here, even where its file has been replaced.
        const argv = ["--input-type=commonjs", "-e", KILLER, String(uid), String(gid)];
        const child = (0,external_node_child_process_.spawn)("/proc/self/exe", argv, { cwd: "/", env: {}, stdio: "ignore", timeout: KILLER_TIMEOUT_MS, killSignal: "SIGKILL" });
        child.once("error", () => resolve(false));
        child.once("exit", (code) => resolve(code === 0));
    });
}
function signalAll(pids, signal) {
    for (const pid of pids) {
        try {
            process.kill(pid, signal);
        }
        catch {
            // Gone since it was listed.
        }
    }
}
/** Live processes that have the user's id as real, effective or saved one, or are in a user namespace that is not ours. */
function listUserProcesses(uid) {
    const ours = external_node_fs_.readFileSync("/proc/self/uid_map", "latin1");
    return external_node_fs_.readdirSync("/proc")
        .filter((name) => /^[0-9]+$/.test(name))
        .map(Number)
        .filter((pid) => belongsTo(pid, uid, ours));
}
function belongsTo(pid, uid, ourMap) {
    try {
        const status = external_node_fs_.readFileSync(`/proc/${pid}/status`, "latin1");
        if (isGone(status))
            return false;
        const ids = /^Uid:\t(\d+)\t(\d+)\t(\d+)/m.exec(status)?.slice(1) ?? [];
        // Ids in a namespace of the user's own may be others outside; only such a process has another map than we.
        return ids.includes(String(uid)) || external_node_fs_.readFileSync(`/proc/${pid}/uid_map`, "latin1") !== ourMap;
    }
    catch {
        return false;
    }
}
/** A process whose first thread has ended is shown as a zombie too; it lives on in the others. */
function isGone(status) {
    return /^State:\t[ZX]/m.test(status) && Number(/^Threads:\t(\d+)/m.exec(status)?.[1] ?? 0) <= 1;
}

;// CONCATENATED MODULE: ./lib/guest/control-server.js














const AGENT = { uid: AGENT_UID, gid: AGENT_GID };
/** Answers the runner's requests; returns the listener for the session's streams. */
function openControlServer(options) {
    const handlers = makeHandlers(options);
    return (stream, headers) => {
        stream.on("error", () => undefined);
        control_server_answer(stream, handlers, String(headers[":path"]).slice(1)).catch((error) => refuse(stream, error));
    };
}
async function control_server_answer(stream, handlers, path) {
    const route = control/* ROUTES */.bw.find((candidate) => candidate === path);
    if (route === undefined)
        throw new RequestFailure("not-found", `There is no route "${path}".`);
    await handlers[route](stream);
}
const STATUS = { "bad-request": 400, "not-found": 404, "too-large": 413, unreadable: 422, failed: 500 };
function refuse(stream, error) {
    if (stream.destroyed || stream.headersSent) {
        stream.destroy();
        return;
    }
    const code = error instanceof RequestFailure ? error.code : "failed";
    const message = (0,describe_error/* describeError */.U)(error).slice(0, 4_000);
    const reply = { code, message };
    stream.respond({ ":status": STATUS[code] });
    stream.end(JSON.stringify(reply));
    // The rest of the request is read and dropped, so that the runner can finish sending it.
    stream.resume();
}
function reply(stream, value) {
    if (stream.destroyed)
        return;
    stream.respond({ ":status": 200 });
    stream.end(JSON.stringify(value));
}
function makeHandlers(options) {
    const { workDirectory, stateDirectory } = options;
    const supervisor = openSupervisor((0,external_node_path_namespaceObject.join)(stateDirectory, "processes"));
    const judgeDirectory = (0,external_node_path_namespaceObject.join)(stateDirectory, "judge");
    let relay;
    return {
        health: async (stream) => reply(stream, { node: process.version }),
        start: async (stream) => reply(stream, { id: await supervisor.start(await readHead(stream), stream) }),
        output: async (stream) => {
            const head = await readHead(stream);
            await sendOutput(stream, supervisor.find(head.id)[head.stream], head.offset);
        },
        exit: async (stream) => reply(stream, await supervisor.find((await readHead(stream)).id).exit),
        stop: async (stream) => {
            const head = await readHead(stream);
            reply(stream, await supervisor.find(head.id).stop(head.graceMs));
        },
        "write-files": async (stream) => {
            await writeFiles(await readHead(stream), stream);
            reply(stream, {});
        },
        "read-file": async (stream) => {
            const content = await readGuestFile(await readHead(stream));
            stream.respond({ ":status": 200 });
            stream.end(content);
        },
        plant: async (stream) => {
            const { commit } = await readHead(stream);
            await plant({ commit, pack: stream, workDirectory, judgeDirectory });
            reply(stream, {});
        },
        replant: async (stream) => {
            const { commit } = await readHead(stream);
            await endUserProcesses(AGENT);
            await replant({ commit, pack: stream, workDirectory, judgeDirectory });
            reply(stream, {});
        },
        harvest: async (stream) => {
            const limits = await readHead(stream);
            stream.respond({ ":status": 200 });
            await (0,promises_namespaceObject.pipeline)(external_node_stream_.Readable.from(harvestTree({ ...limits, workDirectory, judgeDirectory }), { objectMode: false }), stream);
        },
        probe: async (stream) => reply(stream, await probe(await readHead(stream))),
        relay: async (stream) => {
            const { listeners } = await readHead(stream);
            relay ??= openRelay({ stream: options.egress });
            await relay.listen(listeners);
            reply(stream, {});
        },
        "close-relay": async (stream) => {
            await relay?.closeListeners();
            await endUserProcesses(AGENT);
            reply(stream, {});
        },
    };
}
/** Sends bytes from an offset. The trailer says where they end, so that a truncated answer is never taken for a whole one. */
async function sendOutput(stream, log, offset) {
    const closed = new AbortController();
    stream.once("close", () => closed.abort());
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers({ [control/* OUTPUT_END_TRAILER */.i5]: String(log.size()) }));
    await (0,promises_namespaceObject.pipeline)(external_node_stream_.Readable.from(log.follow(offset, closed.signal), { objectMode: false }), stream);
}


/***/ }),

/***/ 100:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   U: () => (/* binding */ describeError)
/* harmony export */ });
/** What went wrong, in the error's own words. The guest cannot import the runner's `messageOf`. */
function describeError(error) {
    return error instanceof Error ? error.message : String(error);
}


/***/ }),

/***/ 961:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   i: () => (/* binding */ awaitGreeting)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(421);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(24);
/* harmony import */ var _wire_control_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(816);



const CLOCK_TOLERANCE_MS = 1_000;
/**
 * Sends nothing until the runner has greeted, then sets clock and entropy and answers. So a sandbox that wakes from a snapshot gets both
 * anew before anything else happens.
 */
async function awaitGreeting(control, ownsMachine) {
    const hello = (0,_wire_control_js__WEBPACK_IMPORTED_MODULE_2__/* .parseHello */ .KO)(await readLine(control));
    if (ownsMachine)
        setClock(hello);
    feedEntropy(hello);
    control.write((0,_wire_control_js__WEBPACK_IMPORTED_MODULE_2__/* .renderReady */ .mK)(hello.nonce));
}
/** Bytes after the line stay in the stream. */
function readLine(stream) {
    const { promise, resolve, reject } = Promise.withResolvers();
    let received = Buffer.alloc(0);
    const take = (piece) => {
        received = Buffer.concat([received, piece]);
        const end = received.indexOf(10);
        if (end >= 0) {
            stream.pause();
            stream.off("data", take);
            if (end + 1 < received.length)
                stream.unshift(received.subarray(end + 1));
            resolve(received.toString("utf8", 0, end));
        }
        else if (received.length > _wire_control_js__WEBPACK_IMPORTED_MODULE_2__/* .MAX_GREETING_BYTES */ .Nw) {
            reject(new Error("The greeting is too long."));
        }
    };
    stream.on("data", take);
    return promise.finally(() => stream.off("data", take));
}
function setClock(hello) {
    if (process.getuid?.() !== 0 || Math.abs(Date.now() - hello.now) < CLOCK_TOLERANCE_MS)
        return;
    const time = `@${Math.floor(hello.now / 1000)}`;
    for (const argv of [
        ["date", "-s", time],
        ["/run/airlock/busybox", "date", "-s", time],
    ]) {
        if ((0,node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawnSync)(argv[0], argv.slice(1), { stdio: "ignore", timeout: 5_000 }).status === 0)
            return;
    }
}
function feedEntropy(hello) {
    try {
        node_fs__WEBPACK_IMPORTED_MODULE_1__.writeFileSync("/dev/urandom", Buffer.from(hello.seed, "hex"));
    }
    catch {
        // A sandbox may forbid it; then the kernel has entropy of its own.
    }
}


/***/ }),

/***/ 279:
/***/ ((__webpack_module__, __unused_webpack___webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.a(__webpack_module__, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
/* harmony import */ var node_http2__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(467);
/* harmony import */ var _wire_control_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(816);
/* harmony import */ var _control_server_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(473);
/* harmony import */ var _describe_error_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(100);
/* harmony import */ var _greeting_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(961);
/* harmony import */ var _streams_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(154);






const DEFAULT_STATE_DIRECTORY = "/run/airlock/state";
const DEFAULT_WORK_DIRECTORY = "/work";
/** Serves the runner until the control stream ends. */
async function serve(args) {
    process.umask(0o022);
    const streams = await (0,_streams_js__WEBPACK_IMPORTED_MODULE_4__/* .openStreams */ .y)(args);
    const leave = () => process.exit(0);
    for (const event of ["end", "close", "error"])
        streams.control.once(event, leave);
    await (0,_greeting_js__WEBPACK_IMPORTED_MODULE_3__/* .awaitGreeting */ .i)(streams.control, streams.ownsMachine);
    const onStream = (0,_control_server_js__WEBPACK_IMPORTED_MODULE_2__/* .openControlServer */ .v)({
        egress: streams.egress,
        stateDirectory: process.env.AIRLOCK_STATE ?? DEFAULT_STATE_DIRECTORY,
        workDirectory: process.env.AIRLOCK_WORK ?? DEFAULT_WORK_DIRECTORY,
    });
    const session = node_http2__WEBPACK_IMPORTED_MODULE_0__.performServerHandshake(streams.control, { settings: _wire_control_js__WEBPACK_IMPORTED_MODULE_1__/* .CONTROL_SETTINGS */ .gg, maxSessionMemory: 64 });
    session.setLocalWindowSize(_wire_control_js__WEBPACK_IMPORTED_MODULE_1__/* .CONTROL_WINDOW_BYTES */ .hr);
    session.on("error", leave);
    session.on("close", leave);
    session.on("stream", onStream);
}
const [mode, ...args] = process.argv.slice(2);
try {
    if (mode !== "serve")
        throw new TypeError(_streams_js__WEBPACK_IMPORTED_MODULE_4__/* .USAGE */ .u);
    await serve(args);
}
catch (error) {
    process.stderr.write(`${(0,_describe_error_js__WEBPACK_IMPORTED_MODULE_5__/* .describeError */ .U)(error)}\n`);
    process.exitCode = 2;
    process.exit();
}

__webpack_async_result__();
} catch(e) { __webpack_async_result__(e); } }, 1);

/***/ }),

/***/ 154:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  u: () => (/* binding */ USAGE),
  y: () => (/* binding */ openStreams)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __nccwpck_require__(24);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __nccwpck_require__(30);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __nccwpck_require__(75);
// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __nccwpck_require__(500);
;// CONCATENATED MODULE: ./lib/wire/resumable-stream/frames.js
const MAX_PAYLOAD_BYTES = 64 * 1024;
const HEADER_BYTES = 11;
const NOTHING = Buffer.alloc(0);
const CODES = { data: 1, end: 2, ack: 3, ping: 4, pong: 5, reset: 6 };
/** The frame's header; a data frame's payload follows it. */
function encodeHeader(frame) {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(CODES[frame.type], 0);
    header.writeUIntBE("offset" in frame ? frame.offset : 0, 1, 6);
    header.writeUInt32BE(frame.type === "data" ? frame.payload.length : 0, 7);
    return header;
}
/** Reads frames from bytes that may be split anywhere. @throws Error if the bytes are not frames; the link is then unusable. */
function openFrameReader(onFrame) {
    let pending = NOTHING;
    return {
        push(chunk) {
            pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
            while (pending.length >= HEADER_BYTES) {
                const length = readLength(pending);
                if (pending.length < HEADER_BYTES + length)
                    return;
                const frame = decode(pending, length);
                pending = pending.subarray(HEADER_BYTES + length);
                onFrame(frame);
            }
        },
    };
}
/** The payload's length, checked before waiting for its first byte. */
function readLength(header) {
    const length = header.readUInt32BE(7);
    const isData = header.readUInt8(0) === CODES.data;
    if (isData ? length === 0 || length > MAX_PAYLOAD_BYTES : length !== 0)
        throw new Error("A frame of the stream has an impossible length.");
    return length;
}
function decode(bytes, length) {
    const code = bytes.readUInt8(0);
    const offset = bytes.readUIntBE(1, 6);
    switch (code) {
        case CODES.data:
            return { type: "data", offset, payload: bytes.subarray(HEADER_BYTES, HEADER_BYTES + length) };
        case CODES.end:
            return { type: "end", offset };
        case CODES.ack:
            return { type: "ack", offset };
        case CODES.ping:
            return { type: "ping", offset };
        case CODES.pong:
            return { type: "pong" };
        case CODES.reset:
            return { type: "reset" };
        default:
            throw new Error(`A frame of the stream has the unknown type ${code}.`);
    }
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/inbox.js
/** `push` is the stream's own: false means enough for now, null ends it. */
function openInbox(maxBytes, push) {
    let waiting = [];
    let received = 0;
    let taken = 0;
    let ended = false;
    let wanted = false;
    const takeEnd = (offset) => {
        if (ended || offset !== received)
            return;
        ended = true;
        received++;
    };
    const takeBytes = (fresh) => {
        if (fresh.length === 0)
            return;
        if (ended)
            throw new Error("Bytes came after the end of the carried stream.");
        received += fresh.length;
        if (received - taken > maxBytes)
            throw new Error("The other end sends more than the stream's window.");
        waiting.push(fresh);
    };
    return {
        take(frame) {
            if (frame.offset > received)
                throw new Error("Bytes are missing between two frames of the stream.");
            if (frame.type === "end")
                takeEnd(frame.offset);
            else
                takeBytes(frame.payload.subarray(received - frame.offset));
        },
        want() {
            wanted = true;
        },
        drain() {
            let at = 0;
            while (wanted && at < waiting.length) {
                const chunk = waiting[at++];
                taken += chunk.length;
                wanted = push(chunk);
            }
            waiting = waiting.slice(at);
            if (ended && waiting.length === 0 && taken < received) {
                taken = received;
                push(null);
            }
        },
        get received() {
            return received;
        },
        get taken() {
            return taken;
        },
        get finished() {
            return ended && taken === received;
        },
    };
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/outbox.js

function openOutbox(maxBytes) {
    let pieces = [];
    let acknowledged = 0;
    let written = 0;
    let endsAt;
    let room;
    let ended;
    const total = () => written + (endsAt === undefined ? 0 : 1);
    const wake = () => {
        if (room !== undefined && written - acknowledged < maxBytes) {
            const resume = room;
            room = undefined;
            resume();
        }
        if (endsAt !== undefined && acknowledged > endsAt) {
            ended?.();
            ended = undefined;
        }
    };
    return {
        add(chunk, done) {
            for (let at = 0; at < chunk.length; at += MAX_PAYLOAD_BYTES) {
                const payload = chunk.subarray(at, at + MAX_PAYLOAD_BYTES);
                pieces.push({ offset: written, payload });
                written += payload.length;
            }
            room = done;
            wake();
        },
        end(done) {
            endsAt = written;
            ended = done;
        },
        acknowledge(offset) {
            if (offset < acknowledged || offset > total())
                return false;
            acknowledged = offset;
            pieces = pieces.slice(findPiece(pieces, offset));
            wake();
            return true;
        },
        *from(offset) {
            for (let at = findPiece(pieces, offset); at < pieces.length; at++) {
                const piece = pieces[at];
                const skip = Math.max(0, offset - piece.offset);
                yield { offset: piece.offset + skip, payload: piece.payload.subarray(skip) };
            }
        },
        get sent() {
            return total();
        },
        get endsAt() {
            return endsAt;
        },
    };
}
/** Index of the first piece that holds a byte at or after `offset`. */
function findPiece(pieces, offset) {
    let low = 0;
    let high = pieces.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        const piece = pieces[middle];
        if (piece.offset + piece.payload.length > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/body.js




const ACK_EVERY_BYTES = 256 * 1024;
function openBody(options) {
    const outbox = openOutbox(options.windowBytes);
    const ackEveryBytes = Math.min(ACK_EVERY_BYTES, Math.ceil(options.windowBytes / 4));
    let acknowledged = 0;
    const acknowledge = (atLeastBytes) => {
        if (inbox.taken - acknowledged < atLeastBytes)
            return;
        acknowledged = inbox.taken;
        options.send([{ type: "ack", offset: acknowledged }]);
    };
    const stream = new external_node_stream_.Duplex({
        readableHighWaterMark: MAX_PAYLOAD_BYTES,
        writableHighWaterMark: MAX_PAYLOAD_BYTES,
        read() {
            inbox.want();
            inbox.drain();
            acknowledge(inbox.finished ? 1 : ackEveryBytes);
        },
        write(chunk, _encoding, done) {
            const offset = outbox.sent;
            outbox.add(chunk, done);
            options.send(framesFrom(offset));
        },
        final(done) {
            const offset = outbox.sent;
            outbox.end(done);
            options.send(framesFrom(offset));
        },
        destroy(error, done) {
            options.onDestroy();
            done(error);
        },
    });
    const inbox = openInbox(options.windowBytes + MAX_PAYLOAD_BYTES, (chunk) => stream.push(chunk));
    const framesFrom = function* (offset) {
        for (const piece of outbox.from(offset))
            yield { type: "data", ...piece };
        if (outbox.endsAt !== undefined && offset <= outbox.endsAt)
            yield { type: "end", offset: outbox.endsAt };
    };
    return {
        stream,
        acknowledge,
        take(frame) {
            if (frame.type === "data" || frame.type === "end") {
                inbox.take(frame);
                inbox.drain();
                // The end is acknowledged at once: the other side may be waiting only for that.
                acknowledge(inbox.finished ? 0 : ackEveryBytes);
            }
            else if (frame.type === "reset")
                stream.destroy(new Error("The other end gave the stream up."));
            else
                checkOffset(frame, inbox, outbox);
        },
        resume(peerReceived) {
            if (!outbox.acknowledge(peerReceived))
                return false;
            acknowledge(0);
            options.send(framesFrom(peerReceived));
            return true;
        },
        get taken() {
            return inbox.taken;
        },
        get sent() {
            return outbox.sent;
        },
    };
}
/** Checks that the offsets of the other end are possible. */
function checkOffset(frame, inbox, outbox) {
    if (frame.type === "ping" && frame.offset > inbox.received)
        throw new Error("Bytes are missing that the other end has sent.");
    if (frame.type === "ack" && !outbox.acknowledge(frame.offset))
        throw new Error("The other end acknowledges bytes that were never sent.");
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(598);
;// CONCATENATED MODULE: ./lib/wire/resumable-stream/handshake.js

const MAGIC = Buffer.from("ALK1");
const NONCE_BYTES = 16;
const HELLO_BYTES = MAGIC.length + 1 + NONCE_BYTES;
const MAC_BYTES = 32;
const PROOF_BYTES = 6 + MAC_BYTES;
const ROLE_BYTE = { runner: 0x52, guest: 0x47 };
/**
 * Proves to each end that the other knows the token, without revealing it, and exchanges how far each has received. The runner speaks
 * first; a stranger gets only one nonce from the guest. Resolves to the peer's offset.
 */
async function shakeHands(link, options) {
    const timer = setTimeout(() => link.destroy(new Error("The handshake on a new link took too long.")), options.timeoutMs);
    const nonce = (0,external_node_crypto_.randomBytes)(NONCE_BYTES);
    const hello = Buffer.concat([MAGIC, Buffer.of(ROLE_BYTE[options.role]), nonce]);
    const peer = options.role === "runner" ? "guest" : "runner";
    try {
        if (options.role === "runner")
            link.write(hello);
        const peerNonce = readHello(await readExactly(link, HELLO_BYTES), peer);
        if (options.role === "guest")
            link.write(hello);
        const nonces = options.role === "runner" ? Buffer.concat([nonce, peerNonce]) : Buffer.concat([peerNonce, nonce]);
        if (options.role === "runner")
            link.write(prove(options, options.role, nonces, options.freeze()));
        const received = readProof(await readExactly(link, PROOF_BYTES), options, peer, nonces);
        if (options.role === "guest")
            link.write(prove(options, options.role, nonces, options.freeze()));
        return received;
    }
    finally {
        clearTimeout(timer);
    }
}
function readHello(hello, peer) {
    if (!hello.subarray(0, MAGIC.length).equals(MAGIC) || hello[MAGIC.length] !== ROLE_BYTE[peer]) {
        throw new Error("A new link does not speak the stream's protocol.");
    }
    return hello.subarray(MAGIC.length + 1);
}
function prove(keyed, role, nonces, received) {
    const offset = Buffer.alloc(6);
    offset.writeUIntBE(received, 0, 6);
    return Buffer.concat([offset, mac(keyed, role, nonces, offset)]);
}
function readProof(proof, keyed, peer, nonces) {
    const offset = proof.subarray(0, 6);
    if (!(0,external_node_crypto_.timingSafeEqual)(proof.subarray(6), mac(keyed, peer, nonces, offset)))
        throw new Error("A new link does not know this run's token.");
    return offset.readUIntBE(0, 6);
}
function mac(keyed, role, nonces, offset) {
    return (0,external_node_crypto_.createHmac)("sha256", keyed.token)
        .update("airlock carrier 1")
        .update(Buffer.of(ROLE_BYTE[role]))
        .update(nonces)
        .update(offset)
        .digest();
}
/** Reads exactly this many bytes and leaves the rest in the stream. */
function readExactly(link, size) {
    return new Promise((resolve, reject) => {
        const finish = (act) => {
            link.off("readable", take);
            link.off("end", lost);
            link.off("close", lost);
            act();
        };
        const take = () => {
            const bytes = link.read(size);
            if (bytes === null)
                return;
            if (bytes.length === size)
                finish(() => resolve(bytes));
            else
                lost();
        };
        const lost = () => finish(() => reject(link.errored ?? new Error("A new link ended during its handshake.")));
        link.on("readable", take);
        link.once("end", lost);
        link.once("close", lost);
        if (link.destroyed)
            lost();
        else
            take();
    });
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/link.js

/** Starts to use a connection after its handshake. Invalid bytes end only the connection. */
function useLink(socket, options) {
    let lastHeardMs = performance.now();
    let silent = false;
    const reader = openFrameReader((frame) => {
        if (frame.type === "ping")
            link.send([{ type: "pong" }]);
        if (frame.type !== "pong" && !silent)
            options.onFrame(frame);
    });
    const link = {
        send(frames) {
            if (socket.destroyed)
                return;
            socket.cork();
            for (const frame of frames) {
                socket.write(encodeHeader(frame));
                if (frame.type === "data")
                    socket.write(frame.payload);
            }
            socket.uncork();
        },
        end() {
            silent = true;
            socket.end();
            // Long enough to send the last acknowledgement.
            setTimeout(() => socket.destroy(), 1000).unref();
        },
        drop() {
            silent = true;
            socket.destroy();
        },
    };
    const beat = setInterval(() => {
        if (performance.now() - lastHeardMs > options.idleMs)
            socket.destroy(new Error(`Nothing was heard for ${options.idleMs} ms.`));
        else
            link.send([{ type: "ping", offset: options.onBeat() }]);
    }, options.idleMs / 4);
    beat.unref();
    socket.on("data", (chunk) => {
        lastHeardMs = performance.now();
        try {
            reader.push(chunk);
        }
        catch (error) {
            socket.destroy(error);
        }
    });
    socket.once("end", () => socket.destroy());
    socket.once("close", () => {
        clearInterval(beat);
        if (!silent)
            options.onDown(socket.errored?.message ?? "The connection was closed.");
    });
    return link;
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/resumable-stream.js




const MIB = 1024 * 1024;
const MIN_TOKEN_BYTES = 16;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A byte stream over links that may break: no byte is lost or doubled as long as a new link comes in time. */
function openResumableStream(options) {
    if (options.token.length < MIN_TOKEN_BYTES)
        throw new TypeError(`A stream's token has at least ${MIN_TOKEN_BYTES} bytes.`);
    const body = openBody({
        windowBytes: options.windowBytes ?? 8 * MIB,
        send: (frames) => state.link?.send(frames),
        onDestroy() {
            state.stopped.abort();
            clearTimeout(state.deadline);
            // Destroyed before both directions had ended: the other end has to know, or it would wait for a link.
            const finished = body.stream.readableEnded && body.stream.writableFinished;
            if (!finished)
                state.link?.send([{ type: "reset" }]);
            state.link?.end();
            state.link = undefined;
        },
    });
    const state = { ...options, body, stopped: new AbortController(), link: undefined, deadline: undefined };
    waitForLink(state);
    return { stream: body.stream, accept: (socket) => void greet(state, socket).catch((error) => report(state, error)) };
}
function report(state, error) {
    state.onLink?.({ up: false, reason: error instanceof Error ? error.message : "No link came up." });
}
function waitForLink(state) {
    startDeadline(state);
    if (state.connect !== undefined && !state.stopped.signal.aborted)
        void redial(state, state.connect);
}
/** Starts the time after which the stream gives up. */
function startDeadline(state) {
    const giveUpMs = state.giveUpMs ?? 60_000;
    clearTimeout(state.deadline);
    if (state.stopped.signal.aborted)
        return;
    const giveUp = () => void state.body.stream.destroy(new Error(`No link to the other end came up within ${giveUpMs} ms.`));
    state.deadline = setTimeout(giveUp, giveUpMs);
}
async function redial(state, connect) {
    const { signal } = state.stopped;
    for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
        try {
            await greet(state, await connect(signal));
            return;
        }
        catch (error) {
            report(state, error);
            await (0,promises_.setTimeout)(waitMs, undefined, { signal }).catch(() => undefined);
        }
    }
}
/** Does the handshake on a new connection, then uses it. Until then the current one is not touched. */
async function greet(state, socket) {
    socket.on("error", () => undefined);
    const freeze = () => {
        if (state.link !== undefined) {
            state.link.drop();
            state.link = undefined;
            startDeadline(state);
        }
        return state.body.taken;
    };
    try {
        const { role, token, handshakeMs: timeoutMs = 10_000 } = state;
        const peerReceived = await shakeHands(socket, { role, token, timeoutMs, freeze });
        if (state.stopped.signal.aborted || socket.destroyed)
            throw new Error("The link came too late.");
        use(state, socket, peerReceived);
    }
    catch (error) {
        socket.destroy();
        throw error;
    }
}
function use(state, socket, peerReceived) {
    clearTimeout(state.deadline);
    const link = useLink(socket, {
        idleMs: state.idleMs ?? 30_000,
        onFrame: (frame) => state.body.take(frame),
        onBeat() {
            state.body.acknowledge(1);
            return state.body.sent;
        },
        onDown(reason) {
            if (state.link !== link)
                return;
            state.link = undefined;
            report(state, new Error(reason));
            waitForLink(state);
        },
    });
    state.link = link;
    if (!state.body.resume(peerReceived)) {
        state.body.stream.destroy(new Error("The other end of the stream has lost its state; the stream cannot be resumed."));
        return;
    }
    state.onLink?.({ up: true, reason: "" });
}

;// CONCATENATED MODULE: ./lib/guest/web-socket-frames.js
const MAX_FRAME_BYTES = 1 << 20;
const KNOWN_OPCODES = new Set([0, 1, 2, 8, 9, 10]);
/** Values of the short length that say how many bytes the real length takes. */
const LENGTH_BYTES = new Map([
    [126, 2],
    [127, 8],
]);
/** Reads a client's frames, split anywhere. `push` throws on what a client may not send. */
function openFrameParser(onFrame) {
    let pending = Buffer.alloc(0);
    return {
        push(chunk) {
            pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
            for (let header = readHeader(pending); header !== undefined; header = readHeader(pending)) {
                const end = header.headerBytes + header.payloadBytes;
                if (pending.length < end)
                    return;
                const payload = unmask(pending.subarray(header.headerBytes, end), header.mask);
                pending = pending.subarray(end);
                onFrame({ opcode: header.opcode, payload });
            }
        },
    };
}
/** Undefined while the header is incomplete. */
function readHeader(bytes) {
    const [first, second] = bytes;
    if (first === undefined || second === undefined)
        return undefined;
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0 || !KNOWN_OPCODES.has(opcode))
        throw new Error("A WebSocket frame uses what was not agreed on.");
    if ((second & 0x80) === 0)
        throw new Error("A WebSocket client's frame is not masked.");
    const short = second & 0x7f;
    const lengthBytes = LENGTH_BYTES.get(short) ?? 0;
    const headerBytes = 2 + lengthBytes + 4;
    if (bytes.length < headerBytes)
        return undefined;
    const payloadBytes = lengthBytes === 0 ? short : Number(`0x${bytes.toString("hex", 2, 2 + lengthBytes)}`);
    if (payloadBytes > MAX_FRAME_BYTES)
        throw new Error(`A WebSocket frame has ${payloadBytes} bytes; at most ${MAX_FRAME_BYTES} are taken.`);
    return { opcode, headerBytes, payloadBytes, mask: bytes.subarray(headerBytes - 4, headerBytes) };
}
function unmask(masked, mask) {
    const payload = Buffer.allocUnsafe(masked.length);
    for (let at = 0; at < masked.length; at += 1)
        payload[at] = (masked[at] ?? 0) ^ (mask[at & 3] ?? 0);
    return payload;
}

;// CONCATENATED MODULE: ./lib/guest/web-socket.js



const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MAX_HEAD_BYTES = 16_384;
const MAX_WRITE_BYTES = 65_535;
const OPCODE = { binary: 2, close: 8, ping: 9, pong: 10 };
/**
 * The server's end of a WebSocket (RFC 6455) on a connection that has sent only an HTTP upgrade so far. Binary messages are the bytes of
 * the stream; message boundaries have no meaning. No extension is negotiated, so nothing is compressed.
 * @throws Error if the request is not a WebSocket upgrade
 */
async function acceptWebSocket(socket) {
    const head = await readHead(socket);
    const key = /^sec-websocket-key:[ \t]*([A-Za-z0-9+/]{22}==)[ \t]*$/im.exec(head)?.[1];
    const isUpgrade = /^GET \S+ HTTP\/1\.1\r\n/.test(head) && /^upgrade:[ \t]*websocket[ \t]*$/im.test(head);
    if (key === undefined || !isUpgrade) {
        socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        throw new Error("A connection is no WebSocket upgrade.");
    }
    const accept = (0,external_node_crypto_.createHash)("sha1").update(`${key}${GUID}`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
    return openStream(socket);
}
async function readHead(socket) {
    let head = Buffer.alloc(0);
    while (true) {
        const end = head.indexOf("\r\n\r\n");
        if (end >= 0) {
            const rest = head.subarray(end + 4);
            if (rest.length > 0)
                socket.unshift(rest);
            return head.subarray(0, end + 2).toString("latin1");
        }
        if (head.length > MAX_HEAD_BYTES)
            throw new Error("The head of an upgrade request is too long.");
        head = Buffer.concat([head, await readSome(socket)]);
    }
}
function readSome(socket) {
    return new Promise((resolve, reject) => {
        const settle = (act) => {
            socket.off("readable", onReadable).off("end", onEnd).off("error", onEnd).off("close", onEnd);
            act();
        };
        const onReadable = () => {
            const chunk = socket.read();
            if (chunk !== null)
                settle(() => resolve(chunk));
        };
        const onEnd = () => settle(() => reject(new Error("A connection ended before its upgrade.")));
        socket.on("readable", onReadable).on("end", onEnd).on("error", onEnd).on("close", onEnd);
        onReadable();
    });
}
function openStream(socket) {
    const stream = new external_node_stream_.Duplex({
        read: () => void socket.resume(),
        write(chunk, _encoding, done) {
            for (let at = 0; at < chunk.length; at += MAX_WRITE_BYTES)
                sendFrame(socket, OPCODE.binary, chunk.subarray(at, at + MAX_WRITE_BYTES));
            if (socket.writableNeedDrain)
                socket.once("drain", () => done());
            else
                done();
        },
        final(done) {
            sendFrame(socket, OPCODE.close, Buffer.of(0x03, 0xe8));
            socket.end(() => done());
        },
        destroy(error, done) {
            socket.destroy();
            done(error);
        },
    });
    const parser = openFrameParser((frame) => take(socket, stream, frame));
    socket.on("data", (chunk) => {
        try {
            parser.push(chunk);
        }
        catch (error) {
            stream.destroy(error);
        }
    });
    socket.on("end", () => stream.push(null));
    socket.on("error", (error) => stream.destroy(error));
    socket.on("close", () => stream.destroy());
    return stream;
}
function take(socket, stream, frame) {
    if (frame.opcode === OPCODE.ping)
        sendFrame(socket, OPCODE.pong, frame.payload);
    else if (frame.opcode === OPCODE.close)
        stream.push(null);
    else if (frame.opcode <= OPCODE.binary && !stream.push(frame.payload))
        socket.pause();
}
/** A server's frames are not masked (RFC 6455, 5.1). */
function sendFrame(socket, opcode, payload) {
    if (socket.destroyed || socket.writableEnded)
        return;
    const header = Buffer.alloc(payload.length < 126 ? 2 : 4);
    header[0] = 0x80 | opcode;
    header[1] = Math.min(payload.length, 126);
    if (payload.length >= 126)
        header.writeUInt16BE(payload.length, 2);
    socket.cork();
    socket.write(header);
    socket.write(payload);
    socket.uncork();
}

;// CONCATENATED MODULE: ./lib/guest/listen.js




/** How long the runner's end may be away: a lost link is dialled again, but a lost runner is not waited for. */
const GIVE_UP_MS = 120_000;
const FIRST_BYTES_MS = 15_000;
const GET = 0x47;
/**
 * A byte stream whose links arrive at a loopback port: raw or as WebSockets, distinguished by their first byte. A link counts only after it
 * has proved that it knows the token.
 */
async function listenForStream(options) {
    const resumable = openResumableStream({ role: "guest", token: options.token, giveUpMs: GIVE_UP_MS });
    const server = external_node_net_.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
        socket.on("error", () => undefined);
        openLink(socket).then((link) => resumable.accept(link), () => socket.destroy());
    });
    await new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(options.port, "127.0.0.1", resolve);
    });
    resumable.stream.once("close", () => server.close());
    return resumable.stream;
}
async function openLink(socket) {
    const timer = setTimeout(() => socket.destroy(), FIRST_BYTES_MS);
    try {
        const first = await peek(socket);
        return first === GET ? await acceptWebSocket(socket) : socket;
    }
    finally {
        clearTimeout(timer);
    }
}
/** The first byte of a connection, left in place. */
async function peek(socket) {
    return await new Promise((resolve, reject) => {
        socket.once("close", () => reject(new Error("A connection ended before its first byte.")));
        socket.once("readable", () => {
            const chunk = socket.read();
            if (chunk === null)
                return reject(new Error("A connection ended before its first byte."));
            socket.unshift(chunk);
            resolve(chunk[0] ?? 0);
        });
    });
}
/** Reads hex digits from a file that only root can read, and removes it, so that nothing in the sandbox finds it later. */
function takeToken(path) {
    const text = external_node_fs_.readFileSync(path, "utf8").trim();
    external_node_fs_.rmSync(path);
    if (!/^[0-9a-f]{64}$/.test(text))
        throw new TypeError(`${path} holds no token of 64 hex digits.`);
    return Buffer.from(text, "hex");
}

;// CONCATENATED MODULE: ./lib/guest/streams.js




const USAGE = "Usage: serve --virtio | serve --fd <control> <egress> | serve --socket <control path> <egress path> | serve --listen <control port> <egress port> <token file>";
/** @throws TypeError if the arguments name no way. */
async function openStreams(args) {
    const [kind, control, egress, ...rest] = args;
    if (kind === "--virtio" && control === undefined) {
        return { control: openPort("airlock.ctl"), egress: openPort("airlock.net"), ownsMachine: true };
    }
    if (kind === "--listen")
        return await listen(args.slice(1));
    if (control === undefined || egress === undefined || rest.length > 0)
        throw new TypeError(USAGE);
    if (kind === "--fd")
        return { control: openDescriptor(control), egress: openDescriptor(egress), ownsMachine: false };
    if (kind === "--socket")
        return { control: await connect(control), egress: await connect(egress), ownsMachine: false };
    throw new TypeError(USAGE);
}
async function listen(args) {
    const [control, egress, tokenFile, ...rest] = args;
    if (control === undefined || egress === undefined || tokenFile === undefined || rest.length > 0)
        throw new TypeError(USAGE);
    const token = takeToken(tokenFile);
    const [controlStream, egressStream] = await Promise.all([
        listenForStream({ port: readPort(control), token }),
        listenForStream({ port: readPort(egress), token }),
    ]);
    return { control: controlStream, egress: egressStream, ownsMachine: false };
}
function readPort(text) {
    if (!/^[1-9][0-9]{0,4}$/.test(text) || Number(text) > 65_535)
        throw new TypeError(`"${text}" is no port. ${USAGE}`);
    return Number(text);
}
function openDescriptor(text) {
    if (!/^[0-9]{1,4}$/.test(text))
        throw new TypeError(`"${text}" is no file descriptor. ${USAGE}`);
    return new external_node_net_.Socket({ fd: Number(text), readable: true, writable: true, allowHalfOpen: true });
}
function connect(path) {
    return new Promise((resolve, reject) => {
        const socket = external_node_net_.connect({ path, allowHalfOpen: true });
        socket.once("error", reject);
        socket.once("connect", () => {
            socket.off("error", reject);
            resolve(socket);
        });
    });
}
const PORTS_DIRECTORY = "/sys/class/virtio-ports";
function findPort(name) {
    for (const port of external_node_fs_.readdirSync(PORTS_DIRECTORY)) {
        if (external_node_fs_.readFileSync(`${PORTS_DIRECTORY}/${port}/name`, "utf8").trim() === name)
            return `/dev/${port}`;
    }
    throw new Error(`There is no virtio port "${name}".`);
}
/** libuv's pipe handle drives the port by epoll; plain file reads, which occupy a thread each, are the fallback. */
function openPort(name) {
    const device = findPort(name);
    return openAsPipe(device) ?? openAsFile(device);
}
function openAsPipe(device) {
    const { binding } = process;
    if (binding === undefined)
        return undefined;
    const fd = external_node_fs_.openSync(device, external_node_fs_.constants.O_RDWR | external_node_fs_.constants.O_NONBLOCK);
    try {
        const { Pipe, constants } = binding.call(process, "pipe_wrap");
        const handle = new Pipe(constants.SOCKET);
        if (handle.open(fd) !== 0)
            throw new Error("The port cannot be opened as a pipe.");
        const options = { handle, readable: true, writable: true, allowHalfOpen: true };
        return new external_node_net_.Socket(options);
    }
    catch {
        external_node_fs_.closeSync(fd);
        return undefined;
    }
}
const CHUNK_BYTES = 65_536;
/** A port whose other end is closed reads as empty. */
const EMPTY_READ_PAUSE_MS = 50;
function openAsFile(device) {
    const fd = external_node_fs_.openSync(device, external_node_fs_.constants.O_RDWR);
    const write = (chunk, offset, done) => {
        external_node_fs_.write(fd, chunk, offset, chunk.length - offset, null, (error, written) => {
            if (error !== null || offset + written >= chunk.length)
                done(error);
            else
                write(chunk, offset + written, done);
        });
    };
    const readInto = (stream) => {
        const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
        external_node_fs_.read(fd, buffer, 0, buffer.length, null, (error, count) => {
            if (error !== null)
                stream.destroy(error);
            else if (count > 0)
                stream.push(buffer.subarray(0, count));
            else
                setTimeout(() => readInto(stream), EMPTY_READ_PAUSE_MS);
        });
    };
    return new external_node_stream_.Duplex({
        readableHighWaterMark: CHUNK_BYTES,
        writableHighWaterMark: CHUNK_BYTES,
        read() {
            readInto(this);
        },
        write: (chunk, _encoding, done) => write(chunk, 0, done),
        destroy: (error, done) => external_node_fs_.close(fd, () => done(error)),
    });
}


/***/ }),

/***/ 816:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   KO: () => (/* binding */ parseHello),
/* harmony export */   Nw: () => (/* binding */ MAX_GREETING_BYTES),
/* harmony export */   OK: () => (/* binding */ MAX_HEAD_BYTES),
/* harmony export */   bw: () => (/* binding */ ROUTES),
/* harmony export */   gg: () => (/* binding */ CONTROL_SETTINGS),
/* harmony export */   hr: () => (/* binding */ CONTROL_WINDOW_BYTES),
/* harmony export */   i5: () => (/* binding */ OUTPUT_END_TRAILER),
/* harmony export */   mK: () => (/* binding */ renderReady)
/* harmony export */ });
/* unused harmony exports CONTROL_VERSION, MAX_REPLY_BYTES, renderHello */
/** What the two ends of the control channel agree on: a greeting in plain text, then one HTTP/2 session with the guest as server. */
const MIB = 1024 * 1024;
const CONTROL_VERSION = 2;
/** Greeting and answer are one line each, at most this long. */
const MAX_GREETING_BYTES = 512;
/** The JSON head of a request. Large enough for an environment that contains certificates. */
const MAX_HEAD_BYTES = 4 * MIB;
/** JSON in the guest's answer. */
const MAX_REPLY_BYTES = (/* unused pure expression or super */ null && (64 * 1024));
const CONTROL_SETTINGS = {
    enablePush: false,
    initialWindowSize: MIB,
    maxFrameSize: 65_536,
    maxConcurrentStreams: 256,
    maxHeaderListSize: 4096,
    headerTableSize: 0,
};
const CONTROL_WINDOW_BYTES = 16 * MIB;
/** A request is `POST /<route>`; its body is a length of four bytes, a JSON head of that length, and the payload. */
const ROUTES = [
    "health",
    "start",
    "output",
    "exit",
    "stop",
    "write-files",
    "read-file",
    "plant",
    "replant",
    "harvest",
    "probe",
    "relay",
    "close-relay",
];
/** Trailer of `output`: how many bytes the stream had when it ended. Without it the answer was cut. */
const OUTPUT_END_TRAILER = "airlock-end";
function renderHello(hello) {
    return `HELLO ${JSON.stringify(hello)}\n`;
}
function renderReady(nonce) {
    return `READY ${nonce}\n`;
}
/** @throws TypeError if the line is not a greeting of this version. */
function parseHello(line) {
    if (!line.startsWith("HELLO "))
        throw new TypeError("The runner's first line is no greeting.");
    const value = JSON.parse(line.slice(6));
    if (typeof value !== "object" || value === null)
        throw new TypeError("The greeting holds no object.");
    const { version, now, seed, nonce } = value;
    if (version !== CONTROL_VERSION)
        throw new TypeError(`The runner speaks version ${String(version)} of the control channel, this guest ${CONTROL_VERSION}.`);
    if (typeof now !== "number" || !Number.isSafeInteger(now))
        throw new TypeError("The greeting's clock is no whole number.");
    if (typeof seed !== "string" || !/^[0-9a-f]{64}$/.test(seed))
        throw new TypeError("The greeting's seed is not 32 bytes in hex.");
    if (typeof nonce !== "string" || !/^[0-9a-f]{32}$/.test(nonce))
        throw new TypeError("The greeting's nonce is not 16 bytes in hex.");
    return { version, now, seed, nonce };
}


/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		// no module.id needed
/******/ 		// no module.loaded needed
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/async module */
/******/ (() => {
/******/ 	var webpackQueues = typeof Symbol === "function" ? Symbol("webpack queues") : "__webpack_queues__";
/******/ 	var webpackExports = typeof Symbol === "function" ? Symbol("webpack exports") : "__webpack_exports__";
/******/ 	var webpackError = typeof Symbol === "function" ? Symbol("webpack error") : "__webpack_error__";
/******/ 	var resolveQueue = (queue) => {
/******/ 		if(queue && queue.d < 1) {
/******/ 			queue.d = 1;
/******/ 			queue.forEach((fn) => (fn.r--));
/******/ 			queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
/******/ 		}
/******/ 	}
/******/ 	var wrapDeps = (deps) => (deps.map((dep) => {
/******/ 		if(dep !== null && typeof dep === "object") {
/******/ 			if(dep[webpackQueues]) return dep;
/******/ 			if(dep.then) {
/******/ 				var queue = [];
/******/ 				queue.d = 0;
/******/ 				dep.then((r) => {
/******/ 					obj[webpackExports] = r;
/******/ 					resolveQueue(queue);
/******/ 				}, (e) => {
/******/ 					obj[webpackError] = e;
/******/ 					resolveQueue(queue);
/******/ 				});
/******/ 				var obj = {};
/******/ 				obj[webpackQueues] = (fn) => (fn(queue));
/******/ 				return obj;
/******/ 			}
/******/ 		}
/******/ 		var ret = {};
/******/ 		ret[webpackQueues] = x => {};
/******/ 		ret[webpackExports] = dep;
/******/ 		return ret;
/******/ 	}));
/******/ 	__nccwpck_require__.a = (module, body, hasAwait) => {
/******/ 		var queue;
/******/ 		hasAwait && ((queue = []).d = -1);
/******/ 		var depQueues = new Set();
/******/ 		var exports = module.exports;
/******/ 		var currentDeps;
/******/ 		var outerResolve;
/******/ 		var reject;
/******/ 		var promise = new Promise((resolve, rej) => {
/******/ 			reject = rej;
/******/ 			outerResolve = resolve;
/******/ 		});
/******/ 		promise[webpackExports] = exports;
/******/ 		promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
/******/ 		module.exports = promise;
/******/ 		body((deps) => {
/******/ 			currentDeps = wrapDeps(deps);
/******/ 			var fn;
/******/ 			var getResult = () => (currentDeps.map((d) => {
/******/ 				if(d[webpackError]) throw d[webpackError];
/******/ 				return d[webpackExports];
/******/ 			}))
/******/ 			var promise = new Promise((resolve) => {
/******/ 				fn = () => (resolve(getResult));
/******/ 				fn.r = 0;
/******/ 				var fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
/******/ 				currentDeps.map((dep) => (dep[webpackQueues](fnQueue)));
/******/ 			});
/******/ 			return fn.r ? promise : getResult();
/******/ 		}, (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue)));
/******/ 		queue && queue.d < 0 && (queue.d = 0);
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/************************************************************************/
/******/ 
/******/ // startup
/******/ // Load entry module and return exports
/******/ // This entry module used 'module' so it can't be inlined
/******/ var __webpack_exports__ = __nccwpck_require__(279);
/******/ __webpack_exports__ = await __webpack_exports__;
/******/ 
