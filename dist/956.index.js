export const id = 956;
export const ids = [956];
export const modules = {

/***/ 68956:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openSpritesProvider: () => (/* binding */ openSpritesProvider)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: ./lib/domain/ends.js
var ends = __webpack_require__(85924);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap.js + 3 modules
var bootstrap = __webpack_require__(69342);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/cloud-guest.js
var cloud_guest = __webpack_require__(61072);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/tell-once.js
var tell_once = __webpack_require__(75639);
// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(58500);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/awake.js

const AGAIN_MS = 2_000;
const KEEP_AFTER_DISCONNECT_MS = 10_000;
/**
 * Holds a sprite awake: one that has no open session is paused after half a minute, and a pause cuts its connections (Sprites
 * documentation, lifecycle). A session that waits is opened, and again when it ends. Returns what lets go.
 */
function holdAwake(client, name, lifetimeMs) {
    const done = new AbortController();
    const { signal } = done;
    const hold = async () => {
        const until = performance.now() + lifetimeMs;
        while (!signal.aborted && performance.now() < until) {
            const remainingMs = Math.ceil(until - performance.now());
            const argv = ["sleep", String(Math.ceil(remainingMs / 1000))];
            const limits = { timeoutMs: Math.min(remainingMs + AGAIN_MS, 2 ** 31 - 1), keepAfterDisconnectMs: KEEP_AFTER_DISCONNECT_MS };
            await client.exec(name, { argv, stdin: new Uint8Array(), signal, ...limits }).catch(() => undefined);
            await (0,promises_.setTimeout)(AGAIN_MS, undefined, { signal }).catch(() => undefined);
        }
    };
    void hold();
    return () => done.abort();
}

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 7 modules
var schemas = __webpack_require__(12311);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap/machine.js
var machine = __webpack_require__(96916);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/failure.js



const BY_STATUS = {
    400: "bad-request",
    401: "credentials",
    402: "quota",
    403: "credentials",
    404: "not-found",
    405: "bad-request",
    410: "not-found",
    413: "bad-request",
    415: "bad-request",
    422: "bad-request",
    429: "rate-limit",
    503: "capacity",
};
/** The service's word for the one 429 that waiting a minute does not cure (types of its published SDK, 0.1.0). */
const QUOTA_CODE = "concurrent_sprite_limit_exceeded";
const MAX_DETAIL_CHARACTERS = 300;
/** A call to Sprites that failed. Never leaves the adapter. */
class SpritesFailure extends Error {
    kind;
    /** 0: there was no answer. */
    status;
    /** As the service asked; 0: it did not. */
    retryAfterMs;
    constructor(kind, details) {
        super(clean(details.detail), { cause: details.cause });
        this.name = "SpritesFailure";
        this.kind = kind;
        this.status = details.status ?? 0;
        this.retryAfterMs = details.retryAfterMs ?? 0;
    }
}
const bodySchema = schemas/* looseObject */._H3({
    error: schemas/* string */.YjP().optional().catch(undefined),
    message: schemas/* string */.YjP().optional().catch(undefined),
    retry_after_seconds: schemas/* number */.aig().nonnegative().optional().catch(undefined),
});
/** The body's code decides which 429 it is; its words are only shown. */
function readFailure({ status, retryAfter, text }) {
    const body = bodySchema.safeParse(parseJson(text)).data ?? {};
    const kind = body.error === QUOTA_CODE ? "quota" : (BY_STATUS[status] ?? "interrupted");
    const header = retryAfter !== null && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : 0;
    const retryAfterMs = 1000 * Math.max(body.retry_after_seconds ?? 0, header);
    const detail = `status ${status}${body.error === undefined ? "" : `, ${body.error}`}${describe(body.message ?? (body.error === undefined ? text : ""))}`;
    return new SpritesFailure(kind, { status, retryAfterMs, detail });
}
function parseJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
function describe(text) {
    return text.trim() === "" ? "" : `: ${text}`;
}
function clean(text) {
    return text
        .replace(/[^\x20-\x7e]+/g, " ")
        .trim()
        .slice(0, MAX_DETAIL_CHARACTERS);
}
/** Whatever was thrown, as a failure; network errors come in many classes and mean the same. */
function asFailure(error) {
    if (error instanceof SpritesFailure)
        return error;
    const detail = error instanceof Error ? error.message : String(error);
    return new SpritesFailure("interrupted", { detail, cause: error });
}
/** The error for people. `what` is the call in words: "create a sandbox". */
function translate(error, what) {
    if (error instanceof errors/* AirlockError */.qR)
        return error;
    const cause = asFailure(error);
    const said = `(${cause.message})`;
    switch (cause.kind) {
        case "credentials":
            return new errors/* AirlockError */.qR("sandbox.refused", {
                message: `Sprites refused the token of the input \`sprites-token\` when asked to ${what} ${said}.`,
                remedy: "Set `sprites-token` from a repository secret that holds a valid token of your Sprites organization.",
                cause,
            });
        case "quota":
            return new errors/* AirlockError */.qR("sandbox.exhausted", {
                message: `The organization has as many sprites as its Sprites plan allows, so Sprites did not ${what} ${said}.`,
                remedy: "Wait for other runs to end, delete sprites that nobody uses, or choose a larger plan.",
                cause,
            });
        case "rate-limit":
            return new errors/* AirlockError */.qR("sandbox.exhausted", {
                message: `Sprites' rate limit is used up, so it did not ${what} ${said}.`,
                remedy: `Run again in ${waitInWords(cause)}; when many runs start together, limit them with the workflow's \`concurrency\`.`,
                cause,
            });
        case "capacity":
            return new errors/* AirlockError */.qR("sandbox.exhausted", {
                message: `Sprites has no capacity at the moment to ${what} ${said}.`,
                remedy: "Run again in a few minutes. Look at the provider's status page when it lasts.",
                cause,
            });
        case "bad-request":
        case "not-found":
            return new errors/* AirlockError */.qR("sandbox.refused", {
                message: `Sprites refused to ${what} ${said}.`,
                remedy: "Check that the token's organization may create sprites; update Airlock if it may.",
                cause,
            });
        case "interrupted":
            return new errors/* AirlockError */.qR("sandbox.unavailable", {
                message: `Sprites could not ${what} ${said}.`,
                remedy: "Run again. If it happens every time, look at the provider's status page and at the runner's network.",
                cause,
            });
    }
}
function waitInWords({ retryAfterMs }) {
    return retryAfterMs > 0 ? `${Math.ceil(retryAfterMs / 1000)} seconds` : "a minute";
}
/** For work in a sandbox that stands: what may be repeated, and what is final. */
function inMachine(error, what) {
    if (error instanceof errors/* AirlockError */.qR || error instanceof machine/* Interrupted */.j$)
        return error;
    const failure = asFailure(error);
    if (["interrupted", "rate-limit", "capacity"].includes(failure.kind))
        return new machine/* Interrupted */.j$(failure.message, failure);
    if (failure.kind !== "not-found")
        return translate(failure, what);
    return new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `The sandbox went away while it was prepared: Sprites could not ${what} (${failure.message}).`,
        remedy: "Run again. Make sure that nothing else deletes sprites whose names begin with `airlock-`.",
        cause: failure,
    });
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/exec.js


/** First byte of a binary message of a session without terminal (Sprites API, Exec). */
const STREAM = { stdin: 0, stdout: 1, stderr: 2, exit: 3, stdinEnd: 4 };
const STDIN_CHUNK_BYTES = 32_768;
/** A conversation that broke off; the session may run on. */
class BrokenOff extends SpritesFailure {
    sessionId;
    constructor(detail, sessionId) {
        super("interrupted", { detail });
        this.name = "BrokenOff";
        this.sessionId = sessionId;
    }
}
const textSchema = schemas/* looseObject */._H3({
    type: schemas/* string */.YjP(),
    session_id: schemas/* string */.YjP()
        .regex(/^[A-Za-z0-9_-]{1,64}$/)
        .optional(),
    exit_code: schemas/* int */.Whr().min(0).max(255).optional(),
});
/**
 * Gives a session its input and hears it to its end. The server keeps the socket open for seconds after the exit frame, so that ends it.
 * @throws BrokenOff when the socket ends without an exit code, at the time limit, or at what is no frame
 */
async function converse(options) {
    const { socket, timeoutMs, signal } = options;
    const hearing = openHearing(options.maxOutputBytes);
    const { promise, resolve, reject } = Promise.withResolvers();
    const fail = (detail) => reject(new BrokenOff(detail, hearing.sessionId));
    const timer = setTimeout(() => fail(`A command did not end within ${timeoutMs} ms.`), timeoutMs);
    const cancel = () => fail("The run was cancelled.");
    signal.addEventListener("abort", cancel, { once: true });
    socket.on("message", (data, isBinary) => {
        try {
            const code = hearing.take(toBuffer(data), isBinary);
            if (code !== undefined)
                resolve(code);
        }
        catch (error) {
            fail(error instanceof Error ? error.message : String(error));
        }
    });
    socket.once("close", () => fail("The connection ended before the command did."));
    socket.resume();
    try {
        sendInput(socket, options.stdin);
        return { code: await promise, stdout: Buffer.concat(hearing.stdout), stderr: Buffer.concat(hearing.stderr) };
    }
    finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", cancel);
        socket.terminate();
    }
}
function sendInput(socket, stdin) {
    for (let at = 0; at < stdin.length; at += STDIN_CHUNK_BYTES) {
        socket.send(Buffer.concat([Buffer.of(STREAM.stdin), stdin.subarray(at, at + STDIN_CHUNK_BYTES)]));
    }
    socket.send(Buffer.of(STREAM.stdinEnd));
}
function openHearing(maxBytes) {
    const output = { stdout: [], stderr: [] };
    let sessionId;
    let total = 0;
    const keep = (name, payload) => {
        total += payload.length;
        if (total > maxBytes)
            throw new Error(`A command printed more than ${maxBytes} bytes.`);
        output[name].push(Buffer.from(payload));
    };
    const takeText = (text) => {
        const told = textSchema.parse(JSON.parse(text));
        if (told.type === "session_info")
            sessionId = told.session_id;
        return told.type === "exit" ? told.exit_code : undefined;
    };
    return {
        ...output,
        get sessionId() {
            return sessionId;
        },
        take(message, isBinary) {
            if (!isBinary)
                return takeText(message.toString("utf8"));
            const payload = message.subarray(1);
            if (message[0] === STREAM.exit && payload.length === 1)
                return payload[0];
            if (message[0] === STREAM.stdout)
                keep("stdout", payload);
            else if (message[0] === STREAM.stderr)
                keep("stderr", payload);
            else
                throw new Error("A message of a command's session is no frame.");
            return undefined;
        },
    };
}
function toBuffer(data) {
    if (Array.isArray(data))
        return Buffer.concat(data);
    return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/http.js


/** More than any answer that is asked for. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/**
 * One request, sent once. Redirects are errors: the token goes to no other host.
 * @returns the body as text
 * @throws SpritesFailure
 */
async function callOnce(options, request) {
    const url = new URL(`${options.apiUrl}${request.path}`);
    for (const [name, value] of Object.entries(request.query ?? {}))
        url.searchParams.set(name, value);
    const limits = [AbortSignal.timeout(request.timeoutMs), ...(request.signal === undefined ? [] : [request.signal])];
    try {
        const response = await fetch(url, {
            method: request.method,
            redirect: "error",
            signal: AbortSignal.any(limits),
            headers: { authorization: `Bearer ${options.token.reveal()}`, ...contentType(request) },
            ...content(request),
        });
        const text = await readBounded(response);
        if (response.ok)
            return text;
        throw readFailure({ status: response.status, retryAfter: response.headers.get("retry-after"), text: hide(text, options.token) });
    }
    catch (error) {
        throw asFailure(error);
    }
}
function contentType({ json, bytes }) {
    if (json !== undefined)
        return { "content-type": "application/json" };
    return bytes === undefined ? {} : { "content-type": "application/octet-stream" };
}
function content({ json, bytes }) {
    if (json !== undefined)
        return { body: JSON.stringify(json) };
    if (bytes === undefined)
        return {};
    if (bytes instanceof Uint8Array)
        return { body: new Uint8Array(bytes) };
    return { body: ReadableStream.from(bytes), duplex: "half" };
}
async function readBounded(response) {
    const pieces = [];
    let total = 0;
    for await (const piece of response.body ?? []) {
        total += piece.length;
        if (total > MAX_ANSWER_BYTES)
            throw new SpritesFailure("interrupted", { detail: `An answer is longer than ${MAX_ANSWER_BYTES} bytes.` });
        pieces.push(piece);
    }
    return Buffer.concat(pieces).toString("utf8");
}
/** An answer that repeats the token must not bring it into an error. */
function hide(text, token) {
    return text.replaceAll(token.reveal(), "<redacted>");
}
const REPEATABLE = new Set(["interrupted", "rate-limit", "capacity"]);
function isRepeatable({ kind }) {
    return REPEATABLE.has(kind);
}
/** A service that wants more patience than this is not waited for. */
const MAX_WAIT_MS = 60_000;
/**
 * Repeats what may be repeated, a few times, and never sooner than the service asked.
 * @throws SpritesFailure, the last one
 */
async function repeat(options, act) {
    for (let attempt = 0;; attempt++) {
        try {
            return await act();
        }
        catch (error) {
            const failure = asFailure(error);
            if (!isRepeatable(failure) || !(await pause(options, attempt, failure)))
                throw failure;
        }
    }
}
/** False: there is to be no further attempt. */
async function pause({ pausesMs, signal }, attempt, { retryAfterMs }) {
    const pauseMs = pausesMs[attempt];
    if (pauseMs === undefined || retryAfterMs > MAX_WAIT_MS || signal?.aborted === true)
        return false;
    await (0,promises_.setTimeout)(Math.max(pauseMs, retryAfterMs), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    return signal === undefined || !signal.aborted;
}

// EXTERNAL MODULE: ./node_modules/ws/wrapper.mjs
var wrapper = __webpack_require__(52977);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/proxy.js



const HIGH_WATER_BYTES = 262_144;
const answerSchema = schemas/* looseObject */._H3({ status: schemas/* string */.YjP() });
/**
 * Asks an open proxy socket for a port on the sprite's loopback interface (Sprites API, Proxy): one JSON message each way, then the bytes
 * of a TCP connection.
 * @throws SpritesFailure when the port is not connected in time
 */
async function leadToPort(socket, port, timeoutMs) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const fail = (detail) => {
        socket.terminate();
        reject(new SpritesFailure("interrupted", { detail }));
    };
    const timer = setTimeout(() => fail(`Port ${port} was not connected within ${timeoutMs} ms.`), timeoutMs);
    let stream;
    // Stays in place: after the answer every text message is foreign, and its bytes must not pass for the guest's.
    socket.on("message", (data, isBinary) => {
        if (stream !== undefined) {
            if (!isBinary)
                stream.destroy(new Error("The proxy sent a text message into a connection."));
            return;
        }
        const status = isBinary ? undefined : answerSchema.safeParse(proxy_parseJson(String(data))).data?.status;
        if (status !== "connected")
            return fail(`The proxy did not connect port ${port}.`);
        stream = (0,wrapper/* createWebSocketStream */.O)(socket, { readableHighWaterMark: HIGH_WATER_BYTES, writableHighWaterMark: HIGH_WATER_BYTES });
        resolve(stream);
    });
    socket.once("close", () => fail(`The proxy closed the connection to port ${port}.`));
    socket.resume();
    socket.send(JSON.stringify({ host: "localhost", port }));
    try {
        return await promise;
    }
    finally {
        clearTimeout(timer);
    }
}
function proxy_parseJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/sockets.js


const MAX_MESSAGE_BYTES = 1024 * 1024;
/**
 * An authenticated WebSocket. Nothing is compressed, no redirect is followed. It comes paused: a message that arrives together with the
 * upgrade would be gone before anybody listens.
 * @throws SpritesFailure
 */
async function openSocket(options) {
    const url = new URL(options.url.replace(/^http/, "ws"));
    for (const [name, value] of options.query ?? [])
        url.searchParams.append(name, value);
    options.signal.throwIfAborted();
    const socket = new wrapper/* WebSocket */.kb(url, {
        headers: { authorization: `Bearer ${options.token.reveal()}` },
        perMessageDeflate: false,
        followRedirects: false,
        maxPayload: MAX_MESSAGE_BYTES,
        handshakeTimeout: options.openTimeoutMs,
    });
    socket.on("error", () => undefined);
    const abandon = () => socket.terminate();
    options.signal.addEventListener("abort", abandon, { once: true });
    try {
        await awaitOpen(socket);
        return socket;
    }
    catch (error) {
        socket.terminate();
        throw error;
    }
    finally {
        options.signal.removeEventListener("abort", abandon);
    }
}
function awaitOpen(socket) {
    const broken = (detail) => new SpritesFailure("interrupted", { detail });
    return new Promise((resolve, reject) => {
        socket.once("open", () => {
            socket.pause();
            resolve();
        });
        socket.once("error", (error) => reject(broken(error.message)));
        socket.once("close", () => reject(broken("The WebSocket closed before it was open.")));
        socket.once("unexpected-response", (_request, response) => {
            response.resume();
            const retryAfter = response.headers["retry-after"] ?? null;
            reject(readFailure({ status: response.statusCode ?? 0, retryAfter, text: "the WebSocket upgrade was refused" }));
        });
    });
}
/** Ends a socket whose other end has gone without a word. Returns what stops the watch. */
function watchPulse(socket, intervalMs) {
    let silent = 0;
    const alive = () => {
        silent = 0;
    };
    socket.on("pong", alive);
    socket.on("message", alive);
    const timer = setInterval(() => {
        silent += 1;
        if (silent > 2)
            socket.terminate();
        else if (socket.readyState === wrapper/* WebSocket */.kb.OPEN)
            socket.ping();
    }, intervalMs);
    const stop = () => clearInterval(timer);
    socket.once("close", stop);
    return stop;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/client.js






const ruleSchema = schemas/* looseObject */._H3({ domain: schemas/* string */.YjP().optional(), action: schemas/* string */.YjP().optional(), include: schemas/* string */.YjP().optional() });
const policySchema = schemas/* looseObject */._H3({ rules: schemas/* array */.YOg(ruleSchema).max(1000) });
const infoSchema = schemas/* looseObject */._H3({
    name: schemas/* string */.YjP().max(256),
    /** Absent where the service leaves them out. */
    labels: schemas/* array */.YOg(schemas/* string */.YjP()).nullish(),
    url_settings: schemas/* looseObject */._H3({ auth: schemas/* string */.YjP().nullish() }).nullish(),
});
const listSchema = schemas/* looseObject */._H3({
    sprites: schemas/* array */.YOg(infoSchema).nullish(),
    has_more: schemas/* boolean */.zMY().nullish(),
    next_continuation_token: schemas/* string */.YjP().nullish(),
});
const PAUSES_MS = [1_000, 3_000, 8_000];
const REQUEST_TIMEOUT_MS = 30_000;
const PULSE_MS = 10_000;
/** The service waits for a machine: its SDK allows two minutes, four times as long as for any other request. */
const CREATE_PATIENCE = 4;
const OPEN_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const PAGE = 50;
const MAX_PAGES = 200;
function openSpritesClient(options) {
    const { pausesMs = PAUSES_MS, requestTimeoutMs: timeoutMs = REQUEST_TIMEOUT_MS } = options;
    const again = (act) => repeat({ pausesMs }, act);
    const call = async (request, schema) => read(await callOnce(options, { ...request, timeoutMs }), schema);
    return {
        pausesMs,
        async create({ name, labels }) {
            const json = { name, labels, url_settings: { auth: "sprite" } };
            return read(await callOnce(options, { method: "POST", path: "/v1/sprites", json, timeoutMs: CREATE_PATIENCE * timeoutMs }), infoSchema);
        },
        find: (name) => absent(again(() => call({ method: "GET", path: pathOf(name) }, infoSchema))),
        list: (prefix) => listAll(prefix, (query) => again(() => call({ method: "GET", path: "/v1/sprites", query }, listSchema))),
        remove: async (name) => {
            await absent(again(() => callOnce(options, { method: "DELETE", path: pathOf(name), timeoutMs })));
        },
        setNetworkPolicy: async (name, rules) => {
            await again(() => callOnce(options, { method: "POST", path: `${pathOf(name)}/policy/network`, json: { rules }, timeoutMs }));
        },
        readNetworkPolicy: async (name) => (await again(() => call({ method: "GET", path: `${pathOf(name)}/policy/network` }, policySchema))).rules,
        async writeFile(name, { path, mode, content, ...limits }) {
            const query = { path, workingDir: "/", mkdirParents: "true", mode };
            await callOnce(options, { method: "PUT", path: `${pathOf(name)}/fs/write`, query, bytes: content, ...limits });
        },
        exec: (name, command) => exec(options, name, command),
        dial: (name, port, signal) => dial(options, { name, port, signal }),
    };
}
function pathOf(name) {
    return `/v1/sprites/${encodeURIComponent(name)}`;
}
function read(text, schema) {
    try {
        return schema.parse(JSON.parse(text));
    }
    catch (cause) {
        throw new SpritesFailure("interrupted", { detail: "An answer is not what the API describes.", cause });
    }
}
async function absent(asked) {
    try {
        return await asked;
    }
    catch (error) {
        if (error instanceof SpritesFailure && error.kind === "not-found")
            return undefined;
        throw error;
    }
}
/** The service is asked to filter; its answer is filtered again, since what comes back may be destroyed. */
async function listAll(prefix, ask) {
    const found = [];
    let token;
    for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await ask({ prefix, max_results: String(PAGE), ...(token === undefined ? {} : { continuation_token: token }) });
        found.push(...(answer.sprites ?? []).filter(({ name }) => name.startsWith(prefix)));
        token = answer.has_more === true ? (answer.next_continuation_token ?? undefined) : undefined;
        if (token === undefined)
            break;
    }
    return found;
}
async function exec(options, name, command) {
    const { argv, stdin, timeoutMs, signal } = command;
    const query = [
        ...argv.map((word) => ["cmd", word]),
        ["path", argv[0] ?? ""],
        ["stdin", "true"],
        ["dir", "/"],
        ["max_run_after_disconnect", `${Math.ceil(command.keepAfterDisconnectMs / 1000)}s`],
    ];
    const socket = await openSocket({
        ...options,
        url: `${options.apiUrl}${pathOf(name)}/exec`,
        query,
        signal,
        openTimeoutMs: OPEN_TIMEOUT_MS,
    });
    watchPulse(socket, options.pulseMs ?? PULSE_MS);
    try {
        return await converse({ socket, stdin, timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES, signal });
    }
    catch (error) {
        if (error instanceof BrokenOff && error.sessionId !== undefined)
            await kill(options, name, error.sessionId);
        throw error;
    }
}
/** So that a repetition meets nothing that still runs. When it fails, the repetition does no harm either. */
async function kill(options, name, sessionId) {
    const request = { method: "POST", path: `${pathOf(name)}/exec/${sessionId}/kill`, query: { signal: "SIGKILL", timeout: "1s" } };
    await callOnce(options, { ...request, timeoutMs: KILL_TIMEOUT_MS }).catch(() => undefined);
}
async function dial(options, { name, port, signal }) {
    const openTimeoutMs = Math.min(OPEN_TIMEOUT_MS, options.requestTimeoutMs ?? OPEN_TIMEOUT_MS);
    const socket = await openSocket({ ...options, url: `${options.apiUrl}${pathOf(name)}/proxy`, signal, openTimeoutMs });
    return await leadToPort(socket, port, openTimeoutMs);
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/names.js

/** The label of everything that is ours. */
const OURS = "airlock";
const NAME = /^airlock-[0-9a-f]{12}-([0-9a-z]{6,8})-[0-9a-f]{10}$/;
/** What the service allows in a label is not published; this much it must. */
const MAX_LABEL_CHARACTERS = 63;
/**
 * A name that no two sprites share. The run's hash and the deadline are in it, so that the sweep needs nothing else; it stays short
 * enough for the host name that Sprites makes of it.
 */
function nameFor(spec, nowMs) {
    const deadline = Math.ceil((nowMs + spec.lifetimeMs) / 1000).toString(36);
    return `${prefixOf(spec.run)}${deadline}-${(0,external_node_crypto_.randomBytes)(5).toString("hex")}`;
}
const PREFIX_OF_ALL = `${OURS}-`;
function prefixOf({ repository, runId, attempt }) {
    const hash = (0,external_node_crypto_.createHash)("sha256").update(JSON.stringify([repository, runId, attempt]));
    return `${PREFIX_OF_ALL}${hash.digest("hex").slice(0, 12)}-`;
}
/** For people who look at the organization's list, and so that nothing without the label `airlock` is ever taken for ours. */
function labelsFor(spec, nowMs) {
    const { repository, runId, attempt } = spec.run;
    const facts = { repository, run: runId, attempt, purpose: spec.purpose, deadline: nowMs + spec.lifetimeMs };
    return [OURS, ...Object.entries(facts).map(([name, value]) => label(`${OURS}-${name}-${value}`))];
}
function label(text) {
    return text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .slice(0, MAX_LABEL_CHARACTERS)
        .replace(/-$/, "");
}
function isOurName(name) {
    return NAME.test(name);
}
/** Labels that the service left out prove nothing; labels without ours do. */
function isOurs({ name, labels }) {
    return isOurName(name) && (labels === undefined || labels === null || labels.includes(OURS));
}
function isOverdue({ name }, nowMs) {
    const deadline = NAME.exec(name)?.[1];
    return deadline !== undefined && Number.parseInt(deadline, 36) * 1000 < nowMs;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/create.js






const DENY_ALL = [{ domain: "*", action: "deny" }];
/** Nobody waits longer for a creation that is not wanted any more. */
const ABANDON_MS = 5_000;
/**
 * A sprite that can reach nothing: the policy is set and read back before anything runs in it. Whatever fails, none is left.
 * @throws AirlockError `sandbox.*`, `egress.unproved`, and why `spec.signal` aborted
 */
async function createSprite(client, spec) {
    if (spec.signal.aborted)
        throw (0,ends/* whyAborted */.Qh)(spec.signal);
    const nowMs = Date.now();
    const name = nameFor(spec, nowMs);
    const destroy = once(() => remove(client, name));
    const birth = { possible: false };
    try {
        const info = await createNamed(client, { name, labels: labelsFor(spec, nowMs), signal: spec.signal, birth });
        requirePrivate(info);
        await closeNetwork(client, name);
        if (spec.signal.aborted)
            throw (0,ends/* whyAborted */.Qh)(spec.signal);
        return { name, destroy };
    }
    catch (error) {
        // What was refused every time has made nothing, and its refusal is the error to show.
        if (birth.possible)
            await destroy();
        throw error;
    }
}
/** The name makes it safe to ask again: a second request with it makes no second sprite. */
async function createNamed(client, wanted) {
    const { signal } = wanted;
    for (let attempt = 0;; attempt++) {
        const result = await askForBirth(client, wanted);
        if (signal.aborted)
            throw (0,ends/* whyAborted */.Qh)(signal);
        if (!(result instanceof SpritesFailure))
            return result;
        const again = isRepeatable(result) && (await pause({ pausesMs: client.pausesMs, signal }, attempt, result));
        if (signal.aborted)
            throw (0,ends/* whyAborted */.Qh)(signal);
        if (!again)
            throw translate(result, "create a sandbox");
    }
}
/** A sprite whose birth nobody heard of is found by its name. "Bad request" too may mean that the name is taken: by a first delivery. */
async function askForBirth(client, wanted) {
    const { name, birth } = wanted;
    const result = await createUnlessCancelled(client, wanted).catch((error) => asFailure(error));
    const isRefusal = result instanceof SpritesFailure && result.kind !== "interrupted";
    if (!isRefusal)
        birth.possible = true;
    if (!(result instanceof SpritesFailure) || (isRefusal && result.kind !== "bad-request"))
        return result;
    const found = await client.find(name).catch(() => "unknown");
    if (found !== undefined)
        birth.possible = true;
    return found === undefined || found === "unknown" ? result : found;
}
/** The request is never cut short: a server that has begun would go on alone. When nobody wants it any more it is deleted on arrival. */
async function createUnlessCancelled(client, { signal, name, labels }) {
    const creating = client.create({ name, labels });
    const settled = creating.then(() => undefined, () => undefined);
    await Promise.race([settled, whenAborted(signal)]);
    if (!signal.aborted)
        return await creating;
    const done = new AbortController();
    await Promise.race([settled, (0,promises_.setTimeout)(ABANDON_MS, undefined, { signal: done.signal }).catch(() => undefined)]);
    done.abort();
    void creating.then(() => client.remove(name)).catch(() => undefined);
    throw (0,ends/* whyAborted */.Qh)(signal);
}
function whenAborted(signal) {
    return new Promise((settle) => {
        if (signal.aborted)
            settle();
        else
            signal.addEventListener("abort", () => settle(), { once: true });
    });
}
/** Every sprite has an address on the internet; only with the organization's token may it be used. */
function requirePrivate({ name, url_settings: settings }) {
    if (settings?.auth !== "public")
        return;
    throw new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `Sprites made sandbox ${name} with a public address, though a private one was asked for.`,
        remedy: "Check the settings of the token's organization, then run again.",
    });
}
/** I3, I6: what cannot be confirmed is taken as open. */
async function closeNetwork(client, name) {
    let rules;
    try {
        await client.setNetworkPolicy(name, DENY_ALL);
        rules = await client.readNetworkPolicy(name);
    }
    catch (error) {
        const what = `close the network of sandbox ${name}`;
        // A sprite that was made and is not there is no refusal.
        throw asFailure(error).kind === "not-found" ? inMachine(error, what) : translate(error, what);
    }
    if (deniesAll(rules))
        return;
    throw new errors/* AirlockError */.qR("egress.unproved", {
        message: `Sprites accepted the policy that denies sandbox ${name} every host, but answers with another one when asked for it.`,
        remedy: "Do not run the agent at this provider until its network policy holds. Choose another one with the input `provider`.",
    });
}
/** No rule but denials, and one of them for every name. */
function deniesAll(rules) {
    const isDenial = (rule) => rule.action === "deny" && typeof rule.domain === "string" && rule.include === undefined;
    return rules.every(isDenial) && rules.some((rule) => rule.domain === "*");
}
async function remove(client, name) {
    try {
        await client.remove(name);
    }
    catch (cause) {
        throw new errors/* AirlockError */.qR("sandbox.left", {
            message: `Sprites did not confirm that sandbox ${name} is destroyed (${asFailure(cause).message}).`,
            remedy: "Delete it in the Sprites dashboard. A later run deletes it too, once its deadline has passed: Sprites itself never does.",
            cause,
        });
    }
}
function once(act) {
    let done;
    return () => {
        done ??= act();
        return done;
    };
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/machine.js



/**
 * Reads shell lines from its input to the end and runs them. Lines of another length than said, in bytes, are not run: input may be cut.
 * Arguments travel in the address of a request, so the lines do not.
 */
const RUN = `LC_ALL=C; script=$(cat); [ "\${#script}" -eq "$1" ] || exit ${97}; unset LC_ALL; eval "$script" < /dev/null`;
const DAMAGED = 97;
/** Arguments: uploaded file, its place, its sha256, a word to say at the end. */
const PLACE = `
if [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" != "$3" ]; then rm -f "$1"; exit ${DAMAGED}; fi
chown 0:0 "$1"
mv -f "$1" "$2"
chmod 600 "$2"
echo "placed-$4"
`;
/** A sprite as a bare machine: its own user becomes root with sudo. */
function openBareMachine({ client, name }) {
    const run = async (command, limits) => {
        try {
            return await runOnce(client, name, { command, ...limits });
        }
        catch (error) {
            if (limits.signal.aborted)
                throw error;
            throw inMachine(error, `run a command in sandbox ${name}`);
        }
    };
    return {
        run,
        async writeFile(path, content, limits) {
            try {
                await place({ client, name, run }, { path, content, ...limits });
            }
            catch (error) {
                if (limits.signal.aborted)
                    throw error;
                throw inMachine(error, `write ${path} in sandbox ${name}`);
            }
        },
    };
}
async function runOnce(client, name, { command, timeoutMs, signal }) {
    const script = Buffer.from(command.replace(/\n+$/, ""));
    const argv = ["sudo", "-n", "/bin/sh", "-c", RUN, "sh", String(script.length)];
    const { code, stdout, stderr } = await client.exec(name, { argv, stdin: script, timeoutMs, keepAfterDisconnectMs: timeoutMs, signal });
    if (code === DAMAGED)
        throw new machine/* Interrupted */.j$("A script, or a file, did not arrive whole.");
    return { code, output: `${stdout.toString("utf8")}${code === 0 ? "" : stderr.toString("utf8")}` };
}
/** Files arrive as the image's user; root puts them in place once they prove to be whole. */
async function place({ client, name, run }, { path, content, timeoutMs, signal }) {
    const mark = (0,external_node_crypto_.randomBytes)(8).toString("hex");
    const landing = `/tmp/.airlock-${mark}`;
    const hash = (0,external_node_crypto_.createHash)("sha256");
    try {
        const bytes = content instanceof Uint8Array ? content : tap(content, hash);
        if (content instanceof Uint8Array)
            hash.update(content);
        await client.writeFile(name, { path: landing, mode: "0600", content: bytes, timeoutMs, signal });
    }
    finally {
        if (!(content instanceof Uint8Array))
            content.destroy();
    }
    const words = [landing, path, hash.digest("hex"), mark].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    const { code, output } = await run(`set -eu\nset -- ${words.join(" ")}\n${PLACE}`, { timeoutMs, signal });
    if (code !== 0 || !output.includes(`placed-${mark}`))
        throw new machine/* Interrupted */.j$(`${path} was not put in place.`);
}
async function* tap(content, hash) {
    for await (const piece of content) {
        hash.update(piece);
        yield piece;
    }
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap/scripts.js
var scripts = __webpack_require__(83837);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/seal.js


/**
 * Every sprite has a socket through which whoever is inside may start services and make checkpoints (Sprites documentation, inside a
 * sprite). It is for root alone from now on.
 */
const CLOSE_SOCKET = `
if [ -e /.sprite ]; then chown 0:0 /.sprite; chmod 700 /.sprite; fi
`;
/** As the agent's user: nothing of what was closed is open. */
const TRY = `
if sudo -n true > /dev/null 2>&1 < /dev/null; then echo "sudo still makes it root"; exit 1; fi
if ls /.sprite/ > /dev/null 2>&1 || [ -e /.sprite/api.sock ]; then echo "the socket of the sprite's own API is open"; exit 1; fi
echo sealed
`;
const ENV = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
const LIMITS = { cwd: "/", env: ENV, timeoutMs: 120_000, maxOutputBytes: 10_000 };
/**
 * Takes from the agent's user what the image gives it, before there is an agent: ways to root, and the sprite's own API. Done through the
 * supervisor, since Airlock's own way to root is the same sudo.
 * @throws AirlockError `sandbox.unavailable`
 */
async function seal(sandbox) {
    const close = await sandbox.exec({ argv: ["/bin/sh", "-euc", `${scripts/* SEAL_SCRIPT */.qj}${CLOSE_SOCKET}`], user: "root", ...LIMITS });
    if (close.code !== 0)
        throw unsealed(close.stdout);
    const tried = await sandbox.exec({ argv: ["/bin/sh", "-c", TRY], ...LIMITS });
    if (tried.code !== 0 || Buffer.from(tried.stdout).toString("latin1") !== "sealed\n")
        throw unsealed(tried.stdout);
}
function unsealed(output) {
    const said = Buffer.from(output)
        .toString("latin1")
        .replace(/[^\x20-\x7e]+/g, " ")
        .trim()
        .slice(0, 300);
    return new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `The agent's user could not be kept from becoming more than it is in the sandbox: ${said === "" ? "no reason was told" : said}.`,
        remedy: "Run again. If it happens every time, the provider's image has changed: update Airlock.",
    });
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/service-url.js
var service_url = __webpack_require__(39383);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/seam.js

const DEFAULT_URL = "https://api.sprites.dev";
/**
 * Where the Sprites API is: the environment variable `SPRITES_API_URL`, or the service itself. Plain http only to loopback.
 * @throws AirlockError `input.invalid`
 */
function readApiUrl(env) {
    return (0,service_url/* readServiceUrl */.b)(env, "SPRITES_API_URL", "http") ?? DEFAULT_URL;
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/carried-streams.js + 7 modules
var carried_streams = __webpack_require__(23187);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/tunnel.js

/** How long a stream may be without a link before the sandbox counts as lost; a sprite that was paused wakes in two seconds. */
const GIVE_UP_MS = 90_000;
/** A port that is not open is normal while the guest starts; only then is Sprites asked whether the sprite is still there. */
const PATIENCE_MS = 3_000;
/** The guest's two streams through Sprites' authenticated proxy; no port is public. A sprite that is gone ends them at once. */
function openTunnel({ client, name, token, notify }) {
    let nextCheckMs = performance.now() + PATIENCE_MS;
    let linked = false;
    const checkExistence = async () => {
        if (performance.now() < nextCheckMs)
            return;
        nextCheckMs = performance.now() + PATIENCE_MS;
        if (await isThere(client, name))
            return;
        for (const stream of [streams.control, streams.egress])
            stream.destroy(new Error(`Sprites has no sandbox ${name} any more.`));
    };
    const streams = (0,carried_streams/* openCarriedStreams */.I)({
        token,
        // Until the guest listens, a refused link is no news.
        notify: (line) => (linked ? notify(line) : undefined),
        giveUpMs: GIVE_UP_MS,
        async dial(port, signal) {
            try {
                const link = await client.dial(name, port, signal);
                nextCheckMs = performance.now();
                linked = true;
                return link;
            }
            catch (error) {
                if (!signal.aborted)
                    await checkExistence();
                throw error;
            }
        },
    });
    return streams;
}
/** Unsure means yes: the streams give up by themselves in time. */
async function isThere(client, name) {
    return await client.find(name).then((found) => found !== undefined, () => true);
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/provider.js
var __addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});















const GAPS = [
    {
        law: "lifetime",
        reason: "Sprites deletes nothing by itself. A sprite whose runner was lost is paused after half a minute and deleted by the next run's sweep, once its deadline has passed.",
    },
    {
        law: "no-interfaces",
        reason: "A sprite has a network interface and a route. Its network policy denies every host, and every run proves that from inside before the agent starts.",
    },
];
const CREDENTIAL = { input: "sprites-token", provider: "sprites", holds: "a token of your Sprites organization" };
/** Fly Sprites: microVMs whose network policy denies everything; the guest is reached through an authenticated proxy. */
function openSpritesProvider(options) {
    const client = openSpritesClient({ ...options, token: (0,cloud_guest/* requireCredential */.ts)(options.token, CREDENTIAL), apiUrl: readApiUrl(options.env) });
    const tellOnce = (0,tell_once/* openTellOnce */.B)();
    const destroy = async (name) => {
        // A name that Airlock cannot have given is somebody else's sprite.
        if (isOurName(name))
            await remove(client, name);
    };
    return {
        name: "sprites",
        gaps: GAPS,
        create: (spec) => create(spec, { ...options, client, tellOnce }),
        destroy,
        findByRun: async (run) => (await findOurs(client, prefixOf(run))).map(({ name }) => name),
        async sweep(nowMs) {
            const overdue = (await findOurs(client, PREFIX_OF_ALL)).filter((info) => isOverdue(info, nowMs));
            for (const { name } of overdue)
                await remove(client, name);
            return overdue.map(({ name }) => name);
        },
    };
}
async function findOurs(client, prefix) {
    try {
        return (await client.list(prefix)).filter(isOurs);
    }
    catch (error) {
        throw translate(error, "list sandboxes");
    }
}
async function create(spec, parts) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { client } = parts;
        requireOwnImage(spec, parts.tellOnce);
        const opened = __addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const created = await createSprite(client, spec);
        opened.defer(created.destroy);
        const machine = openBareMachine({ client, name: created.name });
        const token = (0,external_node_crypto_.randomBytes)(cloud_guest/* TOKEN_BYTES */.M4);
        const versions = await (0,bootstrap/* bootstrapGuest */.D)({
            machine,
            guestFile: parts.guestFile,
            nodeBinary: parts.nodeBinary,
            nodeArch: process.arch,
            layers: spec.layers,
            token,
            image: "The image of Sprites",
            notify: (line) => parts.tellOnce(spec, line),
            signal: spec.signal,
            sealLater: true,
        });
        const sandbox = await greet({ client, created, machine, token, spec, versions });
        opened.defer(() => sandbox[Symbol.asyncDispose]());
        await (0,ends/* heed */.f)(spec.signal, () => seal(sandbox));
        opened.move();
        return sandbox;
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = __disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
function requireOwnImage(spec, tellOnce) {
    const { template, cpus, memoryMib } = spec;
    if (template !== "") {
        throw new errors/* AirlockError */.qR("input.unsupported", {
            message: `The input \`template\` asks for \`${template}\`, but Sprites has one image for all.`,
            remedy: "Leave `template` empty and use `setup` to install what is missing, or choose another provider.",
        });
    }
    if (cpus > 0 || memoryMib > 0)
        tellOnce(spec, "Sprites are of one size; the inputs `cpus` and `memory-mib` have no effect.");
}
/** From here on the sprite is held awake, until it is destroyed. */
async function greet({ client, created, machine, token, spec, versions }) {
    const { name } = created;
    const letGo = holdAwake(client, name, spec.lifetimeMs);
    try {
        return await (0,cloud_guest/* greetGuest */.Ai)({
            machine,
            streams: openTunnel({ client, name, token, notify: spec.notify }),
            id: name,
            facts: { provider: "sprites", isolation: "microvm (vendor's claim)", versions },
            signal: spec.signal,
            async destroy() {
                letGo();
                await created.destroy();
            },
        });
    }
    catch (error) {
        letGo();
        throw error;
    }
}


/***/ })

};
