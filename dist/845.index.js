export const id = 845;
export const ids = [845];
export const modules = {

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

/***/ 57395:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  C: () => (/* binding */ openControlledSandbox)
});

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 7 modules
var schemas = __webpack_require__(12311);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
;// CONCATENATED MODULE: ./lib/wire/control.js
/** What the two ends of the control channel agree on: a greeting in plain text, then one HTTP/2 session with the guest as server. */
const MIB = 1024 * 1024;
const CONTROL_VERSION = 2;
/** Greeting and answer are one line each, at most this long. */
const MAX_GREETING_BYTES = 512;
/** The JSON head of a request. Large enough for an environment that contains certificates. */
const MAX_HEAD_BYTES = 4 * MIB;
/** JSON in the guest's answer. */
const MAX_REPLY_BYTES = 64 * 1024;
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
const ROUTES = (/* unused pure expression or super */ null && ([
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
]));
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

;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/control-request.js



const failureSchema = schemas/* strictObject */.rej({
    code: schemas/* enum */.k5n(["bad-request", "not-found", "too-large", "unreadable", "failed"]),
    message: schemas/* string */.YjP().max(8_192),
});
/** An answer whose status was not 200. */
class GuestFailure extends Error {
    code;
    constructor(route, reply) {
        super(`The sandbox could not do "${route}": ${reply.message}`);
        this.name = "GuestFailure";
        this.code = reply.code;
    }
}
function protocolError(message, cause) {
    return new errors/* AirlockError */.qR("sandbox.protocol", {
        message: `The sandbox broke the rules of its control channel: ${message}`,
        remedy: "Run again and keep the record. If the agent runs as root in your template, use one where it does not.",
        cause,
    });
}
/**
 * One request with a JSON answer.
 * @throws GuestFailure, AirlockError `sandbox.lost`, `sandbox.protocol`
 */
async function ask(options) {
    const bytes = await askBytes({ ...options, maxBytes: MAX_REPLY_BYTES });
    const parsed = options.reply.safeParse(parseJson(bytes));
    if (!parsed.success)
        throw protocolError(`its answer to "${options.route}" has another shape than agreed.`, parsed.error);
    return parsed.data;
}
/** The longest a timer can wait: about 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;
async function askBytes(options) {
    const request = options.session.request(options.route, options.head);
    const { stream } = request;
    const source = {};
    const deadline = setTimeout(() => stream.destroy(new Error(`No answer to "${options.route}" within ${options.timeoutMs} ms.`)), Math.min(options.timeoutMs, MAX_TIMER_MS));
    try {
        send(stream, options.payload, source);
        await awaitAnswer(request, options);
        return await readAll(request, options.maxBytes, options);
    }
    catch (error) {
        // If reading the payload failed, every later error is only a consequence.
        throw source.error ?? error;
    }
    finally {
        clearTimeout(deadline);
        stream.close();
    }
}
/** A refusal stops the upload early; the answer says why. */
function send(stream, payload, source) {
    if (payload === undefined || payload instanceof Uint8Array) {
        stream.end(payload);
        return;
    }
    payload.once("error", (error) => {
        source.error ??= error;
        stream.destroy(error);
    });
    stream.once("close", () => payload.destroy());
    payload.pipe(stream);
}
/** Resolves when the guest answered with 200. @throws GuestFailure, AirlockError `sandbox.lost`, `sandbox.protocol` */
async function awaitAnswer(request, context) {
    const status = await request.status;
    if (status === 200)
        return;
    const parsed = failureSchema.safeParse(parseJson(await readAll(request, MAX_REPLY_BYTES, context)));
    if (!parsed.success)
        throw protocolError(`it refused "${context.route}" without saying why.`, parsed.error);
    throw new GuestFailure(context.route, parsed.data);
}
async function readAll(request, maxBytes, context) {
    const pieces = [];
    let total = 0;
    try {
        for await (const piece of request.body) {
            total += piece.length;
            if (total > maxBytes)
                break;
            pieces.push(piece);
        }
    }
    catch (error) {
        throw context.session.lost(error);
    }
    if (total > maxBytes)
        throw protocolError(`its answer to "${context.route}" is larger than ${maxBytes} bytes.`);
    if (request.isCut())
        throw context.session.lost();
    return Buffer.concat(pieces, total);
}
function parseJson(bytes) {
    try {
        return JSON.parse(bytes.toString("utf8"));
    }
    catch {
        return undefined;
    }
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:http2"
var external_node_http2_ = __webpack_require__(32467);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(58500);
// EXTERNAL MODULE: ./lib/domain/deadline.js
var deadline = __webpack_require__(35178);
// EXTERNAL MODULE: ./lib/wire/keepalive.js
var keepalive = __webpack_require__(83843);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/control-session.js








const LOST_REMEDY = "Run again. If it happens every time, look at the provider's status and at the memory and disk limits of the sandbox.";
/** @throws AirlockError `sandbox.unavailable` when the guest does not answer in time, and why `signal` aborted */
async function openControlSession(options) {
    await greet(options);
    const { control } = options;
    const session = external_node_http2_.connect("http://guest.airlock", {
        createConnection: () => control,
        settings: CONTROL_SETTINGS,
        maxSessionMemory: 64,
    });
    session.once("connect", () => {
        // The session may have been closed before it was open.
        if (!session.destroyed)
            session.setLocalWindowSize(CONTROL_WINDOW_BYTES);
    });
    let failure;
    session.on("error", (error) => {
        failure ??= error;
    });
    session.on("stream", (pushed) => pushed.close());
    const stopPings = (0,keepalive/* keepAlive */.Z)(session, {
        intervalMs: options.pingIntervalMs,
        timeoutMs: options.pingTimeoutMs,
        onDead: () => session.destroy(new Error(`The sandbox did not answer for ${options.pingTimeoutMs} ms.`)),
    });
    session.once("close", stopPings);
    // Node's HTTP/2 asserts when it writes to a stream whose far end has vanished, so nothing is written from then on.
    for (const event of ["end", "close"])
        control.once(event, () => session.destroy());
    const lost = (cause) => new errors/* AirlockError */.qR("sandbox.lost", {
        message: `The control channel to the sandbox ended${describe(failure ?? cause)}.`,
        remedy: LOST_REMEDY,
        cause: failure ?? cause,
    });
    return {
        request(route, head) {
            if (session.closed || session.destroyed)
                throw lost();
            return openRequest(session.request({ ":method": "POST", ":path": `/${route}` }), { head, lost });
        },
        isOpen: () => !session.closed && !session.destroyed,
        lost,
        close() {
            stopPings();
            session.destroy();
        },
    };
}
/** Listens at once: Node drops an answer that is complete before anybody reads it. */
function openRequest(stream, options) {
    const { promise: status, resolve, reject } = Promise.withResolvers();
    status.catch(() => undefined);
    let error;
    stream.on("error", (cause) => {
        error ??= cause;
    });
    stream.once("response", (headers) => resolve(headers[":status"] ?? 0));
    stream.once("close", () => reject(options.lost(error)));
    const body = new external_node_stream_.PassThrough();
    (0,external_node_stream_.pipeline)(stream, body, () => undefined);
    const head = Buffer.from(JSON.stringify(options.head));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(head.length);
    stream.write(Buffer.concat([length, head]));
    return { stream, body, status, isCut: () => error !== undefined || stream.rstCode !== external_node_http2_.constants.NGHTTP2_NO_ERROR };
}
function describe(cause) {
    return cause instanceof Error ? ` (${cause.message})` : "";
}
async function greet(options) {
    const { control, greetTimeoutMs, signal } = options;
    const nonce = (0,external_node_crypto_.randomBytes)(16).toString("hex");
    control.write(renderHello({ version: CONTROL_VERSION, now: Date.now(), seed: (0,external_node_crypto_.randomBytes)(32).toString("hex"), nonce }));
    const done = new AbortController();
    const timeout = (0,promises_.setTimeout)(greetTimeoutMs, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(() => {
        throw unavailable(`The sandbox did not answer the greeting within ${greetTimeoutMs} ms.`);
    }, () => {
        if (signal.aborted)
            throw (0,deadline/* abortReason */.Js)(signal);
    });
    try {
        const line = await Promise.race([readAnswer(control, renderReady(nonce).length, done.signal), timeout]);
        if (line !== renderReady(nonce))
            throw unavailable("The sandbox answered the greeting with something else than was asked.");
    }
    finally {
        done.abort();
        await timeout.catch(() => undefined);
    }
}
function unavailable(message) {
    return new errors/* AirlockError */.qR("sandbox.unavailable", {
        message,
        remedy: "Run again. If it happens every time, choose another provider with the `provider` input.",
    });
}
/** The first `length` bytes; the rest stays in the stream. */
function readAnswer(control, length, done) {
    if (length > MAX_GREETING_BYTES)
        throw new RangeError("The answer to a greeting is longer than a greeting may be.");
    return new Promise((resolve, reject) => {
        const stop = () => {
            for (const event of ["end", "close", "error"])
                control.off(event, ended);
            control.off("readable", read);
            done.removeEventListener("abort", stop);
        };
        const ended = () => {
            stop();
            reject(unavailable("The sandbox's control stream ended before the greeting was answered."));
        };
        const read = () => {
            const bytes = control.read(length);
            if (bytes === null)
                return;
            stop();
            resolve(bytes.toString("latin1"));
        };
        for (const event of ["end", "close", "error"])
            control.on(event, ended);
        control.on("readable", read);
        done.addEventListener("abort", stop);
        // If a stream ended before anybody listened, only its state shows it.
        if (control.readableEnded || control.destroyed)
            ended();
        else
            read();
    });
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/guest-process.js





/** Added to a command's own deadline: a slow guest needs time to notice, to kill and to report it. */
const DEADLINE_MARGIN_MS = 90_000;
const RETRIES = 5;
const RETRY_PAUSE_MS = 200;
const startSchema = schemas/* strictObject */.rej({ id: schemas/* int */.Whr().positive() });
const exitSchema = schemas/* strictObject */.rej({
    code: schemas/* int */.Whr().min(0).max(255).nullable(),
    signal: schemas/* string */.YjP()
        .regex(/^SIG[A-Z0-9+]{1,12}$/)
        .nullable(),
    timedOut: schemas/* boolean */.zMY(),
    droppedBytes: schemas/* int */.Whr().min(0),
});
async function startProcess(session, command) {
    const head = {
        argv: command.argv,
        cwd: command.cwd ?? "/work",
        env: command.env,
        user: command.user ?? "agent",
        timeoutMs: command.timeoutMs,
        maxOutputBytes: command.maxOutputBytes,
    };
    const payload = command.stdin ?? new Uint8Array();
    const { id } = await ask({ session, route: "start", head, payload, reply: startSchema, timeoutMs: DEADLINE_MARGIN_MS });
    const exit = ask({ session, route: "exit", head: { id }, reply: exitSchema, timeoutMs: command.timeoutMs + DEADLINE_MARGIN_MS });
    exit.catch(() => undefined);
    return {
        exit,
        output: (stream) => followOutput({ session, id, stream, maxBytes: command.maxOutputBytes }),
        stop: (graceMs) => ask({ session, route: "stop", head: { id, graceMs }, reply: exitSchema, timeoutMs: 3 * graceMs + DEADLINE_MARGIN_MS }),
    };
}
/** Runs a command to its end and keeps its output. */
async function execute(session, command) {
    const started = await startProcess(session, command);
    const [stdout, stderr, status] = await Promise.all([readWhole(started, "stdout"), readWhole(started, "stderr"), started.exit]);
    return { ...status, stdout, stderr };
}
async function readWhole(started, stream) {
    const pieces = [];
    for await (const piece of started.output(stream))
        pieces.push(piece);
    return Buffer.concat(pieces);
}
/** If a request is cut, reading continues from where it stopped; only a lost session ends it. */
async function* followOutput(options) {
    const state = { offset: 0, ended: false };
    for (let failures = 0; !state.ended; failures++) {
        const before = state.offset;
        yield* readOnce(options, state);
        if (state.ended)
            return;
        if (!options.session.isOpen())
            throw options.session.lost();
        if (state.offset > before)
            failures = 0;
        if (failures >= RETRIES)
            throw options.session.lost(new Error(`The output of process ${options.id} cannot be read.`));
        await (0,promises_.setTimeout)(RETRY_PAUSE_MS);
    }
}
async function* readOnce(options, state) {
    const { session, id, stream: name, maxBytes } = options;
    const request = session.request("output", { id, stream: name, offset: state.offset });
    request.stream.end();
    let end;
    request.stream.once("trailers", (trailers) => {
        end = Number(trailers[OUTPUT_END_TRAILER]);
    });
    try {
        await awaitAnswer(request, { session, route: "output" });
        for await (const piece of request.body) {
            state.offset += piece.length;
            if (state.offset > maxBytes)
                throw protocolError(`it sent more than ${maxBytes} bytes of ${name}.`);
            yield piece;
        }
    }
    catch (error) {
        if (error instanceof GuestFailure || (error instanceof errors/* AirlockError */.qR && error.code === "sandbox.protocol"))
            throw error;
        return;
    }
    finally {
        request.stream.close();
    }
    if (end === undefined)
        return;
    if (end !== state.offset)
        throw protocolError(`it said that ${name} has ${end} bytes and sent ${state.offset}.`);
    state.ended = true;
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

;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/harvest-reader.js



const TIMEOUT_MS = 1_800_000;
/**
 * Reads the changed files from the guest. Nothing it says is trusted: limits, lengths and totals are checked here again.
 * @throws AirlockError `harvest.limit`, `harvest.unreadable`, `sandbox.lost`, `sandbox.protocol`
 */
async function* readHarvest(session, limits) {
    const request = session.request("harvest", limits);
    const { stream } = request;
    stream.end();
    const deadline = setTimeout(() => stream.destroy(new Error(`The harvest took longer than ${TIMEOUT_MS} ms.`)), TIMEOUT_MS);
    try {
        await awaitAnswer(request, { session, route: "harvest" });
        yield* assembleHarvest(decodeFrames(readBody(request, session)), limits);
    }
    catch (error) {
        throw translate(error);
    }
    finally {
        clearTimeout(deadline);
        stream.close();
    }
}
async function* readBody(request, session) {
    try {
        yield* request.body;
    }
    catch (error) {
        throw session.lost(error);
    }
    if (request.isCut())
        throw session.lost();
}
function translate(error) {
    if (error instanceof HarvestFormatError)
        return protocolError(error.message, error);
    if (!(error instanceof GuestFailure))
        return error;
    return unreadable(error.message, error);
}
function unreadable(message, cause) {
    return new errors/* AirlockError */.qR("harvest.unreadable", { message, remedy: "Let the agent leave a work tree that git can read.", cause });
}
/** Exported for its tests: frames in, whole entries out. */
async function* assembleHarvest(frames, limits) {
    const assembly = { entries: 0, bytes: 0, ended: false, open: undefined };
    for await (const frame of frames) {
        if (assembly.ended)
            throw new HarvestFormatError("The harvest goes on after its end.");
        const entry = take(frame, assembly, limits);
        if (entry !== undefined)
            yield entry;
    }
    if (!assembly.ended)
        throw new HarvestFormatError("The harvest was cut.");
}
function take(frame, assembly, limits) {
    switch (frame.type) {
        case "entry":
            return takeEntry(frame.head, assembly, limits);
        case "chunk":
            return takeChunk(frame.bytes, assembly);
        case "end":
            takeEnd(frame, assembly);
            return undefined;
        case "failure":
            throw toError(frame.failure, limits);
    }
}
function takeEntry(head, assembly, limits) {
    if (assembly.open !== undefined)
        throw new HarvestFormatError("The harvest has an entry within another.");
    assembly.entries++;
    assembly.bytes += head.contentBytes ?? 0;
    if (assembly.entries > limits.maxFiles)
        throw limitError("maxFiles", limits);
    if (assembly.bytes > limits.maxBytes)
        throw limitError("maxBytes", limits);
    if (head.contentBytes === undefined)
        return { path: head.path, mode: head.mode };
    assembly.open = { head, pieces: [], left: head.contentBytes };
    return head.contentBytes === 0 ? finish(assembly) : undefined;
}
function takeChunk(bytes, assembly) {
    const { open } = assembly;
    if (open === undefined || bytes.length > open.left)
        throw new HarvestFormatError("The harvest has more content than was announced.");
    open.pieces.push(bytes);
    open.left -= bytes.length;
    return open.left === 0 ? finish(assembly) : undefined;
}
function finish(assembly) {
    const { open } = assembly;
    if (open === undefined)
        return undefined;
    assembly.open = undefined;
    return { path: open.head.path, mode: open.head.mode, content: Buffer.concat(open.pieces) };
}
function takeEnd(frame, assembly) {
    if (assembly.open !== undefined)
        throw new HarvestFormatError("The harvest ended within an entry.");
    if (frame.entries !== assembly.entries || frame.bytes !== assembly.bytes)
        throw new HarvestFormatError("The harvest's total is not what came.");
    assembly.ended = true;
}
function toError(failure, limits) {
    if (failure.kind === "limit")
        return limitError(failure.limit, limits, failure.message);
    return unreadable(`The work tree could not be read: ${failure.message}`);
}
const LIMITS = {
    maxFiles: { input: "max-patch-files", unit: (limits) => `${limits.maxFiles} changed paths` },
    maxBytes: { input: "max-patch-kib", unit: (limits) => `${Math.ceil(limits.maxBytes / 1024)} KiB of changed contents` },
};
function limitError(limit, limits, detail = "") {
    const { input, unit } = LIMITS[limit];
    return new errors/* AirlockError */.qR("harvest.limit", {
        message: `The agent's work is larger than the limit of ${unit(limits)} (\`${input}\`).${detail === "" ? "" : ` ${detail}`}`,
        remedy: `Raise the \`${input}\` input, or ask the agent for less. Files that must not be part of the patch belong in .gitignore.`,
    });
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/once.js
var once = __webpack_require__(5311);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/control-client.js







/** For requests whose work is small; generous, since an emulated guest under load is slow. */
const REQUEST_TIMEOUT_MS = 120_000;
/** For requests whose work grows with the repository. */
const BULK_TIMEOUT_MS = 1_800_000;
const PING_INTERVAL_MS = 15_000;
const PING_TIMEOUT_MS = 120_000;
/**
 * A sandbox behind two byte streams. Whatever comes from the guest is bounded and read strictly.
 * When the greeting fails the sandbox is destroyed before the error is thrown.
 * @throws AirlockError `sandbox.unavailable`, `run.cancelled`
 */
async function openControlledSandbox(options) {
    const destroy = (0,once/* once */.O)(options.destroy);
    for (const stream of [options.control, options.egress])
        stream.on("error", () => undefined);
    const intervals = { pingIntervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS, pingTimeoutMs: options.pingTimeoutMs ?? PING_TIMEOUT_MS };
    let session;
    try {
        session = await openControlSession({ ...options, ...intervals });
    }
    catch (error) {
        options.control.destroy();
        options.egress.destroy();
        await destroy();
        throw error;
    }
    const dispose = (0,once/* once */.O)(async () => {
        session.close();
        options.control.destroy();
        options.egress.destroy();
        await destroy();
    });
    return { id: options.id, facts: options.facts, egress: options.egress, ...operations(session), [Symbol.asyncDispose]: dispose };
}
function operations(session) {
    return {
        openRelay: (listeners) => openRelay(session, listeners),
        closeRelay: () => closeRelay(session),
        exec: (command) => control_client_translate("start", () => execute(session, command)),
        start: (command) => control_client_translate("start", () => startProcess(session, command)),
        writeFiles: (files) => writeFiles(session, files),
        readFile: (path, maxBytes) => readFile(session, path, maxBytes),
        plant: (pack, commit) => plant({ session, route: "plant", pack, commit }),
        replant: (pack, commit) => plant({ session, route: "replant", pack, commit }),
        harvest: (limits) => readHarvest(session, limits),
        probe: (request) => probe(session, request),
    };
}
const emptySchema = schemas/* strictObject */.rej({});
async function openRelay(session, listeners) {
    await control_client_translate("relay", () => ask({ session, route: "relay", head: { listeners }, reply: emptySchema, timeoutMs: REQUEST_TIMEOUT_MS }));
}
async function closeRelay(session) {
    await control_client_translate("close-relay", () => ask({ session, route: "close-relay", head: {}, reply: emptySchema, timeoutMs: REQUEST_TIMEOUT_MS }));
}
async function writeFiles(session, files) {
    if (files.length === 0)
        return;
    const head = {
        files: files.map((file) => ({ path: file.path, mode: file.mode ?? 0o644, owner: file.owner ?? "agent", bytes: file.content.length })),
    };
    const payload = Buffer.concat(files.map((file) => file.content));
    await control_client_translate("write-files", () => ask({ session, route: "write-files", head, payload, reply: emptySchema, timeoutMs: REQUEST_TIMEOUT_MS }));
}
async function readFile(session, path, maxBytes) {
    return control_client_translate("read-file", () => askBytes({ session, route: "read-file", head: { path, maxBytes }, maxBytes, timeoutMs: REQUEST_TIMEOUT_MS }));
}
async function plant({ session, route, pack, commit }) {
    await control_client_translate(route, () => ask({ session, route, head: { commit }, payload: pack, reply: emptySchema, timeoutMs: BULK_TIMEOUT_MS }));
}
const attemptSchema = schemas/* strictObject */.rej({
    name: schemas/* string */.YjP().max(100),
    result: schemas/* enum */.k5n(["closed", "open", "unknown"]),
    detail: schemas/* string */.YjP().max(200),
});
const probeSchema = schemas/* strictObject */.rej({ attempts: schemas/* array */.YOg(attemptSchema).max(64) });
async function probe(session, request) {
    return control_client_translate("probe", () => ask({ session, route: "probe", head: request, reply: probeSchema, timeoutMs: request.timeoutMs * 4 + REQUEST_TIMEOUT_MS }));
}
/** Turns the guest's refusals into the errors that the port promises. */
async function control_client_translate(route, act) {
    try {
        return await act();
    }
    catch (error) {
        if (!(error instanceof GuestFailure))
            throw error;
        throw refusal(route, error);
    }
}
function refusal(route, error) {
    if (route === "read-file" && error.code === "too-large") {
        return new errors/* AirlockError */.qR("harvest.limit", { message: error.message, remedy: "Let the agent leave a smaller file.", cause: error });
    }
    if (route === "read-file") {
        return new errors/* AirlockError */.qR("harvest.unreadable", {
            message: error.message,
            remedy: "Let the agent leave an ordinary file at this path.",
            cause: error,
        });
    }
    return new errors/* AirlockError */.qR("sandbox.lost", {
        message: error.message,
        remedy: REMEDIES[route] ?? "Run again. If it happens every time, report the record of the run.",
        cause: error,
    });
}
const PLANT_REMEDY = "Run again. With a template of your own, make sure that it has git 2.28 or later and disk for two copies of the repository.";
const REMEDIES = {
    "close-relay": "Run again. With a template of your own, make sure that nothing in it starts processes of the user with the id 1000.",
    plant: PLANT_REMEDY,
    replant: PLANT_REMEDY,
    start: "Run again. With a template of your own, make sure that its disk is not full and that it has a user with the id 1000.",
    "write-files": "Run again. With a template of your own, make sure that its disk is not full.",
};


/***/ }),

/***/ 5311:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   O: () => (/* binding */ once)
/* harmony export */ });
/** Acts at the first call and gives every caller that result, also when it is a failure. */
function once(act) {
    let done;
    return () => {
        done ??= act();
        return done;
    };
}


/***/ }),

/***/ 91506:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   m: () => (/* binding */ openWarnOnce)
/* harmony export */ });
function openWarnOnce() {
    const shown = new Set();
    return ({ notify }, line) => {
        if (shown.has(line))
            return;
        shown.add(line);
        notify(line);
    };
}


/***/ }),

/***/ 83843:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ keepAlive)
/* harmony export */ });
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


/***/ })

};
