export const id = 617;
export const ids = [617];
export const modules = {

/***/ 61617:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openSpritesProvider: () => (/* binding */ openSpritesProvider)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: ./lib/domain/deadline.js
var deadline = __webpack_require__(35178);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap.js + 3 modules
var bootstrap = __webpack_require__(69342);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/cloud-guest.js
var cloud_guest = __webpack_require__(61072);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/vendor-failure.js
var vendor_failure = __webpack_require__(47963);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/warn-once.js
var warn_once = __webpack_require__(91506);
// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(58500);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/awake.js

const AGAIN_MS = 2_000;
const KEEP_AFTER_DISCONNECT_MS = 10_000;
/**
 * Holds a sprite awake: one that has no open session is paused after half a minute, and a pause cuts its connections (Sprites
 * documentation, lifecycle). An idle session is kept open and reopened when it ends. Returns a function that ends it.
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
;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/api-call.js

/** Larger than any expected answer. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/**
 * One request, sent once. Redirects are errors: the token goes to no other host.
 * @returns the body as text
 * @throws VendorFailure
 */
async function callOnce(api, request) {
    const url = new URL(`${api.apiUrl}${request.path}`);
    for (const [name, value] of Object.entries(request.query ?? {}))
        url.searchParams.set(name, value);
    const limits = [AbortSignal.timeout(request.timeoutMs), ...(request.signal === undefined ? [] : [request.signal])];
    try {
        const response = await fetch(url, {
            method: request.method,
            redirect: "error",
            signal: AbortSignal.any(limits),
            headers: { authorization: `Bearer ${api.token.reveal()}`, ...contentType(request) },
            ...content(request),
        });
        const text = await readBounded(response);
        if (response.ok)
            return text;
        throw api.readFailure({ status: response.status, retryAfter: response.headers.get("retry-after"), text: hide(text, api.token) });
    }
    catch (error) {
        throw (0,vendor_failure/* asFailure */.h_)(error);
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
            throw new vendor_failure/* VendorFailure */.Hm("interrupted", { detail: `An answer is longer than ${MAX_ANSWER_BYTES} bytes.` });
        pieces.push(piece);
    }
    return Buffer.concat(pieces).toString("utf8");
}
/** If an answer repeats the token, it must not reach an error message. */
function hide(text, token) {
    return text.replaceAll(token.reveal(), "<redacted>");
}
/** The header `Retry-After` in milliseconds; 0 when it is missing or a date. */
function readRetryAfterMs(header) {
    return header !== null && /^[0-9]{1,6}$/.test(header) ? 1000 * Number(header) : 0;
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/retry.js
var retry = __webpack_require__(45318);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/errors.js



const SPRITES = {
    provider: "sprites",
    name: "Sprites",
    credential: "token",
    input: "sprites-token",
    account: "organization",
    sandboxes: "sprites",
    meansGone: ["not-found"],
    ifGone: "Make sure that nothing else deletes sprites whose names begin with `airlock-`.",
    ifLeft: "Delete it in the Sprites dashboard. A later run deletes it too, once its deadline has passed: Sprites itself never does.",
};
/** The service's word for the one 429 that waiting a minute does not cure (types of its published SDK, 0.1.0). */
const QUOTA_CODE = "concurrent_sprite_limit_exceeded";
const bodySchema = schemas/* looseObject */._H3({
    error: schemas/* string */.YjP().optional().catch(undefined),
    message: schemas/* string */.YjP().optional().catch(undefined),
    retry_after_seconds: schemas/* number */.aig().nonnegative().optional().catch(undefined),
});
/** The body's code decides which 429 it is; its words are only shown. */
function readSpritesFailure({ status, retryAfter, text }) {
    const body = bodySchema.safeParse(parseJson(text)).data ?? {};
    const retryAfterMs = Math.max(1000 * (body.retry_after_seconds ?? 0), readRetryAfterMs(retryAfter));
    const detail = `status ${status}${body.error === undefined ? "" : `, ${body.error}`}${describe(body.message ?? (body.error === undefined ? text : ""))}`;
    return new vendor_failure/* VendorFailure */.Hm(kindOf(status, body), { retryAfterMs, detail });
}
/** Sprites refuses with 403 what the token's organization may not do. */
function kindOf(status, { error }) {
    if (error === QUOTA_CODE)
        return "quota";
    return status === 403 ? "credentials" : (0,vendor_failure/* kindOfStatus */.o3)(status);
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

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/exec.js



/** First byte of a binary message of a session without terminal (Sprites API, Exec). */
const STREAM = { stdin: 0, stdout: 1, stderr: 2, exit: 3, stdinEnd: 4 };
const STDIN_CHUNK_BYTES = 32_768;
/** A command whose end was not seen; its session may still run. */
class BrokenOff extends vendor_failure/* VendorFailure */.Hm {
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
 * Sends a session its input and reads its output to the exit frame; the server keeps the socket open for seconds after that.
 * @throws BrokenOff if the socket ends without an exit code, at the time limit, or at a message that is no frame
 */
async function converse(options) {
    const { socket, timeoutMs, signal } = options;
    const output = openOutput(options.maxOutputBytes);
    const { promise, resolve, reject } = Promise.withResolvers();
    const fail = (detail) => reject(new BrokenOff(detail, output.sessionId));
    const timer = setTimeout(() => fail(`A command did not end within ${timeoutMs} ms.`), timeoutMs);
    const cancel = () => fail("The run was cancelled.");
    signal.addEventListener("abort", cancel, { once: true });
    socket.on("message", (data, isBinary) => {
        try {
            const code = output.take(toBuffer(data), isBinary);
            if (code !== undefined)
                resolve(code);
        }
        catch (error) {
            fail((0,errors/* messageOf */.bD)(error));
        }
    });
    socket.once("close", () => fail("The connection ended before the command did."));
    socket.resume();
    try {
        sendInput(socket, options.stdin);
        return { code: await promise, stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) };
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
function openOutput(maxBytes) {
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
        const message = textSchema.parse(JSON.parse(text));
        if (message.type === "session_info")
            sessionId = message.session_id;
        return message.type === "exit" ? message.exit_code : undefined;
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

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/web-socket.js
var web_socket = __webpack_require__(59882);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/proxy.js



const answerSchema = schemas/* looseObject */._H3({ status: schemas/* string */.YjP() });
/**
 * Asks an open proxy socket for a port on the sprite's loopback interface (Sprites API, Proxy): one JSON message each way, then the bytes
 * of a TCP connection.
 * @throws VendorFailure when the port is not connected in time
 */
async function connectPort(socket, port, timeoutMs) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const fail = (detail) => {
        socket.terminate();
        reject(new vendor_failure/* VendorFailure */.Hm("interrupted", { detail }));
    };
    const timer = setTimeout(() => fail(`Port ${port} was not connected within ${timeoutMs} ms.`), timeoutMs);
    let stream;
    // The listener stays: any later text message is not the guest's, and its bytes must not be taken for the guest's.
    socket.on("message", (data, isBinary) => {
        if (stream !== undefined) {
            if (!isBinary)
                stream.destroy(new Error("The proxy sent a text message into a connection."));
            return;
        }
        const status = isBinary ? undefined : answerSchema.safeParse(proxy_parseJson(String(data))).data?.status;
        if (status !== "connected")
            return fail(`The proxy did not connect port ${port}.`);
        stream = (0,web_socket/* streamOf */.mA)(socket);
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

// EXTERNAL MODULE: ./node_modules/ws/wrapper.mjs
var wrapper = __webpack_require__(52977);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/sockets.js




/** An authenticated WebSocket, which comes paused. @throws VendorFailure, and the signal's reason */
async function openSocket({ url, token, ...options }) {
    options.signal.throwIfAborted();
    const headers = { authorization: `Bearer ${token.reveal()}` };
    try {
        return await (0,web_socket/* openWebSocket */.MX)({ ...options, url: url.replace(/^http/, "ws"), headers });
    }
    catch (error) {
        throw sockets_describe(error);
    }
}
function sockets_describe(error) {
    if (!(error instanceof web_socket/* UpgradeRefused */.bb))
        return (0,vendor_failure/* asFailure */.h_)(error);
    const { status, retryAfter } = error;
    return readSpritesFailure({ status, retryAfter, text: "the WebSocket upgrade was refused" });
}
/** Ends a socket whose other end stopped answering. Returns a function that stops the watch. */
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
    /** The service may leave them out. */
    labels: schemas/* array */.YOg(schemas/* string */.YjP()).nullish(),
    url_settings: schemas/* looseObject */._H3({ auth: schemas/* string */.YjP().nullish() }).nullish(),
});
const listSchema = schemas/* looseObject */._H3({
    sprites: schemas/* array */.YOg(infoSchema).nullish(),
    has_more: schemas/* boolean */.zMY().nullish(),
    next_continuation_token: schemas/* string */.YjP().nullish(),
});
const PULSE_MS = 10_000;
/** The service waits for a machine: its SDK allows two minutes, four times as long as for any other request. */
const CREATE_PATIENCE = 4;
const OPEN_TIMEOUT_MS = 15_000;
const KILL_TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const PAGE = 50;
const MAX_PAGES = 200;
function openSpritesClient(given) {
    const options = { ...given, readFailure: readSpritesFailure };
    const { pausesMs = retry/* PAUSES_MS */.T4, requestTimeoutMs: timeoutMs = retry/* REQUEST_TIMEOUT_MS */.j2 } = options;
    const again = (act) => (0,retry/* retry */.L5)({ pausesMs }, act);
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
        throw new vendor_failure/* VendorFailure */.Hm("interrupted", { detail: "An answer is not what the API describes.", cause });
    }
}
async function absent(asked) {
    try {
        return await asked;
    }
    catch (error) {
        if (error instanceof vendor_failure/* VendorFailure */.Hm && error.kind === "not-found")
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
/** So that nothing of the first attempt still runs when the command is repeated. If this fails, repeating does no harm either. */
async function kill(options, name, sessionId) {
    const request = { method: "POST", path: `${pathOf(name)}/exec/${sessionId}/kill`, query: { signal: "SIGKILL", timeout: "1s" } };
    await callOnce(options, { ...request, timeoutMs: KILL_TIMEOUT_MS }).catch(() => undefined);
}
async function dial(options, { name, port, signal }) {
    const openTimeoutMs = Math.min(OPEN_TIMEOUT_MS, options.requestTimeoutMs ?? OPEN_TIMEOUT_MS);
    const socket = await openSocket({ ...options, url: `${options.apiUrl}${pathOf(name)}/proxy`, signal, openTimeoutMs });
    return await connectPort(socket, port, openTimeoutMs);
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/create-or-none.js
var create_or_none = __webpack_require__(94825);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/names.js

/** The label of all of Airlock's sprites. */
const OURS = "airlock";
const NAME = /^airlock-[0-9a-f]{12}-([0-9a-z]{6,8})-[0-9a-f]{10}$/;
/** The limit of the service is not published; 63 characters, as in a DNS label, are taken to be within it. */
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
/** For people who read the organization's list, and so that a sprite without the label `airlock` is never taken for ours. */
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
/** A missing label list proves nothing; a list without our label does. */
function isOurs({ name, labels }) {
    return isOurName(name) && (labels === undefined || labels === null || labels.includes(OURS));
}
function isOverdueSprite({ name }, nowMs) {
    const deadline = NAME.exec(name)?.[1];
    return deadline !== undefined && Number.parseInt(deadline, 36) * 1000 < nowMs;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/create.js





const DENY_ALL = [{ domain: "*", action: "deny" }];
/**
 * The name of a sprite that can reach nothing: the policy is set and read back before anything runs in it. Whatever fails, none is left.
 * A sprite whose creation was not answered is found by its name, which makes it safe to ask again: a second request with the same name
 * makes no second sprite.
 * @throws AirlockError `sandbox.*`, `egress.unproved`, and why `spec.signal` aborted
 */
async function createSprite(client, spec) {
    const nowMs = Date.now();
    const name = nameFor(spec, nowMs);
    return await (0,create_or_none/* createOrNone */.Q)({
        signal: spec.signal,
        pausesMs: client.pausesMs,
        request: () => client.create({ name, labels: labelsFor(spec, nowMs) }),
        // A bad request may also mean that the name is taken, by a first delivery of this request.
        doubtful: ["interrupted", "bad-request"],
        recover: () => find(client, name),
        async secure(info) {
            requirePrivate(info);
            await closeNetwork(client, name);
            return name;
        },
        remove: () => remove(client, name),
        explain: (failure) => (0,vendor_failure/* explainFailure */.SP)(failure, { vendor: SPRITES, what: "create a sandbox" }),
    });
}
async function find(client, name) {
    try {
        return (await client.find(name)) ?? "none";
    }
    catch {
        return "unknown";
    }
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
/** I3, I6: a policy that cannot be confirmed counts as open. */
async function closeNetwork(client, name) {
    let rules;
    try {
        await client.setNetworkPolicy(name, DENY_ALL);
        rules = await client.readNetworkPolicy(name);
    }
    catch (error) {
        const call = { vendor: SPRITES, what: `close the network of sandbox ${name}` };
        // "Not found" is no refusal here: the sprite existed.
        throw (0,vendor_failure/* asFailure */.h_)(error).kind === "not-found" ? (0,vendor_failure/* explainGone */.n_)(error, call) : (0,vendor_failure/* explainFailure */.SP)(error, call);
    }
    if (deniesAll(rules))
        return;
    throw new errors/* AirlockError */.qR("egress.unproved", {
        message: `Sprites accepted the policy that denies sandbox ${name} every host, but answers with another one when asked for it.`,
        remedy: "Do not run the agent at this provider until its network policy holds. Choose another one with the input `provider`.",
    });
}
/** All rules deny, and one of them denies every name. */
function deniesAll(rules) {
    const isDenial = (rule) => rule.action === "deny" && typeof rule.domain === "string" && rule.include === undefined;
    return rules.every(isDenial) && rules.some((rule) => rule.domain === "*");
}
async function remove(client, name) {
    try {
        await client.remove(name);
    }
    catch (error) {
        throw (0,vendor_failure/* explainLeft */.Pn)(error, SPRITES, name);
    }
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap/scripts.js
var scripts = __webpack_require__(83837);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/drop-root.js



/**
 * Every sprite has a socket through which anybody inside can start services and make checkpoints (Sprites documentation, inside a sprite).
 * From now on only root can use it.
 */
const CLOSE_SOCKET = `
if [ -e /.sprite ]; then chown 0:0 /.sprite; chmod 700 /.sprite; fi
`;
/** Run as the agent's user: nothing that was closed is open. */
const TRY = `
if sudo -n true > /dev/null 2>&1 < /dev/null; then echo "sudo still makes it root"; exit 1; fi
if ls /.sprite/ > /dev/null 2>&1 || [ -e /.sprite/api.sock ]; then echo "the socket of the sprite's own API is open"; exit 1; fi
echo closed
`;
const ENV = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
const LIMITS = { cwd: "/", env: ENV, timeoutMs: 120_000, maxOutputBytes: 10_000 };
/**
 * Before there is an agent, takes from its user what the image allows it: becoming root, and the sprite's own API. Done through the
 * supervisor, since Airlock itself becomes root by the same sudo.
 * @throws AirlockError `sandbox.unavailable`
 */
async function dropRoot(sandbox) {
    const close = await sandbox.exec({ argv: ["/bin/sh", "-euc", `${scripts/* DROP_ROOT_SCRIPT */.VU}${CLOSE_SOCKET}`], user: "root", ...LIMITS });
    if (close.code !== 0)
        throw notDropped(close.stdout);
    const tried = await sandbox.exec({ argv: ["/bin/sh", "-c", TRY], ...LIMITS });
    if (tried.code !== 0 || Buffer.from(tried.stdout).toString("latin1") !== "closed\n")
        throw notDropped(tried.stdout);
}
function notDropped(output) {
    const said = (0,vendor_failure/* cleanWords */.Rr)(Buffer.from(output).toString("latin1"));
    return new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `The agent's user could not be kept from becoming more than it is in the sandbox: ${said === "" ? "no reason was told" : said}.`,
        remedy: "Run again. If it happens every time, the provider's image has changed: update Airlock.",
    });
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/service-url.js
var service_url = __webpack_require__(39383);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/endpoints.js

const DEFAULT_URL = "https://api.sprites.dev";
/**
 * Where the Sprites API is: the environment variable `SPRITES_API_URL`, or the service itself. Plain http only to loopback.
 * @throws AirlockError `input.invalid`
 */
function readApiUrl(env) {
    return (0,service_url/* readServiceUrl */.b)(env, "SPRITES_API_URL", "http") ?? DEFAULT_URL;
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap/machine.js
var machine = __webpack_require__(96916);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/machine.js




/**
 * Reads a script from its input to the end and runs it, unless its length in bytes differs from the one given: input may be cut. Arguments
 * travel in the address of a request, so the script does not.
 */
const RUN = `LC_ALL=C; script=$(cat); [ "\${#script}" -eq "$1" ] || exit ${97}; unset LC_ALL; eval "$script" < /dev/null`;
const DAMAGED = 97;
/** Arguments: uploaded file, its destination, its sha256, a word to print at the end. */
const PLACE = `
if [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" != "$3" ]; then rm -f "$1"; exit ${DAMAGED}; fi
chown 0:0 "$1"
mv -f "$1" "$2"
chmod 600 "$2"
echo "placed-$4"
`;
/** A sprite as a bare machine: its own user becomes root with sudo. */
function openSpritesMachine({ client, name }) {
    const run = async (command, limits) => {
        try {
            return await runOnce(client, name, { command, ...limits });
        }
        catch (error) {
            if (limits.signal.aborted)
                throw error;
            throw (0,vendor_failure/* explainInMachine */.Cg)(error, { vendor: SPRITES, what: `run a command in sandbox ${name}` });
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
                throw (0,vendor_failure/* explainInMachine */.Cg)(error, { vendor: SPRITES, what: `write ${path} in sandbox ${name}` });
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
/** Files are uploaded as the image's user; root moves them into place once their hash is right. */
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

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/cloud-tunnel.js
var cloud_tunnel = __webpack_require__(51556);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/sprites/tunnel.js


/** The guest's two streams through Sprites' authenticated proxy. */
function openSpritesTunnel({ client, name, token, notify }) {
    return (0,cloud_tunnel/* openCloudTunnel */.Y)({
        vendor: SPRITES,
        id: name,
        token,
        notify,
        dial: (port, signal) => client.dial(name, port, signal),
        exists: async () => (await client.find(name)) !== undefined,
    });
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
/** Fly Sprites: microVMs whose network policy denies everything; the guest is reached through an authenticated proxy. */
function openSpritesProvider(options) {
    const client = openSpritesClient({ ...options, token: (0,cloud_guest/* requireCredential */.ts)(options.token, SPRITES), apiUrl: readApiUrl(options.env) });
    const warnOnce = (0,warn_once/* openWarnOnce */.m)();
    const destroy = async (name) => {
        // A sprite with any other name is not Airlock's.
        if (isOurName(name))
            await remove(client, name);
    };
    return {
        name: "sprites",
        gaps: GAPS,
        room: async () => undefined,
        create: (spec) => create(spec, { ...options, client, warnOnce }),
        destroy,
        findByRun: async (run) => (await findOurs(client, prefixOf(run))).map(({ name }) => name),
        async sweep(nowMs) {
            const overdue = (await findOurs(client, PREFIX_OF_ALL)).filter((info) => isOverdueSprite(info, nowMs));
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
        throw (0,vendor_failure/* explainFailure */.SP)(error, { vendor: SPRITES, what: "list sandboxes" });
    }
}
async function create(spec, parts) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { client } = parts;
        requireOwnImage(spec, parts.warnOnce);
        const opened = __addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const created = await createSprite(client, spec);
        opened.defer(created.destroy);
        const machine = openSpritesMachine({ client, name: created.sandbox });
        const token = (0,external_node_crypto_.randomBytes)(cloud_guest/* TOKEN_BYTES */.M4);
        const versions = await (0,bootstrap/* bootstrapGuest */.D)({
            machine,
            guestFile: parts.guestFile,
            nodeBinary: parts.nodeBinary,
            nodeArch: process.arch,
            layers: spec.layers,
            token,
            image: "The image of Sprites",
            notify: (line) => parts.warnOnce(spec, line),
            signal: spec.signal,
            dropRootLater: true,
        });
        const sandbox = await greet({ client, created, machine, token, spec, versions });
        opened.defer(() => sandbox[Symbol.asyncDispose]());
        await (0,deadline/* abandonOnAbort */.Fx)(spec.signal, () => dropRoot(sandbox));
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
function requireOwnImage(spec, warnOnce) {
    const { template, cpus, memoryMib } = spec;
    if (template !== "") {
        throw new errors/* AirlockError */.qR("input.unsupported", {
            message: `The input \`template\` asks for \`${template}\`, but Sprites has one image for all.`,
            remedy: "Leave `template` empty and use `setup` to install what is missing, or choose another provider.",
        });
    }
    if (cpus > 0 || memoryMib > 0)
        warnOnce(spec, "Sprites are of one size; the inputs `cpus` and `memory-mib` have no effect.");
}
/** From here on the sprite is kept awake until it is destroyed. */
async function greet({ client, created, machine, token, spec, versions }) {
    const { sandbox: name } = created;
    const letSleep = holdAwake(client, name, spec.lifetimeMs);
    try {
        return await (0,cloud_guest/* greetGuest */.Ai)({
            machine,
            streams: openSpritesTunnel({ client, name, token, notify: spec.notify }),
            id: name,
            facts: { provider: "sprites", isolation: "microvm (vendor's claim)", versions },
            signal: spec.signal,
            async destroy() {
                letSleep();
                await created.destroy();
            },
        });
    }
    catch (error) {
        letSleep();
        throw error;
    }
}


/***/ })

};
