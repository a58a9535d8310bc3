export const id = 698;
export const ids = [698];
export const modules = {

/***/ 698:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openE2bProvider: () => (/* binding */ openE2bProvider)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
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
// EXTERNAL MODULE: ./node_modules/e2b/dist/index.js
var dist = __webpack_require__(72980);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/errors.js


const BY_STATUS = {
    400: "bad-request",
    401: "credentials",
    403: "forbidden",
    404: "not-found",
    409: "interrupted",
    422: "bad-request",
    429: "rate-limit",
    503: "capacity",
    507: "disk-full",
};
function classify(error) {
    if (error instanceof dist.AuthenticationError)
        return "credentials";
    if (error instanceof dist.ServiceBusyError)
        return "capacity";
    if (error instanceof dist.RateLimitError)
        return "rate-limit";
    if (error instanceof dist.NotEnoughSpaceError)
        return "disk-full";
    if (error instanceof dist.TemplateError)
        return "template";
    if (error instanceof dist.NotFoundError)
        return "not-found";
    if (error instanceof dist.InvalidArgumentError)
        return "bad-request";
    if (error instanceof dist.SandboxError)
        return BY_STATUS[error.statusCode ?? 0] ?? "interrupted";
    return "interrupted";
}
/** The smallest plan's limit on sandboxes that run at once (E2B documentation, rate limits). */
const SMALLEST_CONCURRENCY = 20;
/** The smallest plan's limit on a sandbox's life. */
const SMALLEST_LIFETIME_MS = 3_600_000;
/** The error for people. E2B's own words are shown, cut and cleaned; they never decide anything. */
function translate(error, context) {
    const { what } = context;
    const said = quoteVendor(error);
    switch (classify(error)) {
        case "credentials":
            return new errors/* AirlockError */.qR("sandbox.refused", {
                message: `E2B refused the API key of the input \`e2b-api-key\` when asked to ${what}${said}`,
                remedy: "Set `e2b-api-key` from a repository secret that holds a valid key of your E2B team.",
                cause: error,
            });
        case "forbidden":
            return refused(error, context, "Check in E2B's dashboard that the key's team is not blocked and may use this template.");
        case "not-found":
            return refused(error, context, `Set the input \`template\` to a template that the key's team can use; \`${context.template ?? ""}\` was asked for.`);
        case "bad-request":
            return refused(error, context, remedyForBadRequest(context));
        case "rate-limit":
            return exhausted(error, context);
        case "capacity":
            return new errors/* AirlockError */.qR("sandbox.exhausted", {
                message: `E2B has no capacity at the moment to ${what}${said}`,
                remedy: "Run again in a few minutes. Look at E2B's status page when it lasts.",
                cause: error,
            });
        case "disk-full":
            return unavailable(error, context, "Use a template with a larger disk.");
        case "template":
            return unavailable(error, context, "Build the template anew with a current version of E2B's tools.");
        case "interrupted":
            return unavailable(error, context, "Run again. If it happens every time, look at E2B's status page and at the runner's network.");
    }
}
function refused(error, { what }, remedy) {
    return new errors/* AirlockError */.qR("sandbox.refused", { message: `E2B refused to ${what}${quoteVendor(error)}`, remedy, cause: error });
}
function unavailable(error, { what }, remedy) {
    return new errors/* AirlockError */.qR("sandbox.unavailable", { message: `E2B could not ${what}${quoteVendor(error)}`, remedy, cause: error });
}
function remedyForBadRequest({ lifetimeMs = 0 }) {
    if (lifetimeMs <= SMALLEST_LIFETIME_MS)
        return "Check the inputs `template` and `timeout-minutes`.";
    const minutes = Math.ceil(lifetimeMs / 60_000);
    return `Lower \`timeout-minutes\`: the sandbox would live ${minutes} minutes, and E2B's plans allow 60 (Hobby) or 1440 (Pro).`;
}
/** One status for two things: calls that come too fast, and too many sandboxes at once. How many run tells which it is. */
function exhausted(error, { what, running }) {
    const isQuota = running !== undefined && running >= SMALLEST_CONCURRENCY;
    const count = running === undefined ? "" : ` The team has ${running} sandboxes.`;
    return new errors/* AirlockError */.qR("sandbox.exhausted", {
        message: `E2B's ${isQuota ? "quota of sandboxes" : "rate limit"} is used up, so it did not ${what}${quoteVendor(error)}${count}`,
        remedy: isQuota
            ? "Wait for other runs to end, end sandboxes that nobody uses, or ask E2B for a higher limit."
            : "Run again in a minute; when many runs start together, limit them with the workflow's `concurrency`.",
        cause: error,
    });
}
const MAX_QUOTED_CHARACTERS = 300;
function quoteVendor(error) {
    const text = error instanceof Error ? error.message : String(error);
    const clean = text
        .replace(/[^\x20-\x7e]+/g, " ")
        .trim()
        .slice(0, MAX_QUOTED_CHARACTERS);
    return clean === "" ? "." : ` (${clean}).`;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/api.js




const PAUSES_MS = [1_000, 3_000, 8_000];
const REQUEST_TIMEOUT_MS = 30_000;
/** The SDK waits as long as `Retry-After` says, as often as this, and never past the request's own time. */
const RATE_LIMIT_RETRIES = 3;
const PAGE = 100;
const MAX_PAGES = 100;
const REPEATABLE = new Set(["interrupted", "rate-limit", "capacity"]);
function openE2bApi({ apiKey, seams, pausesMs = PAUSES_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS }) {
    const connection = {
        apiKey: apiKey.reveal(),
        domain: seams.domain,
        debug: false,
        retries: RATE_LIMIT_RETRIES,
        requestTimeoutMs,
        apiUrl: seams.apiUrl ?? `https://api.${seams.domain}`,
        ...(seams.sandboxUrl === undefined ? {} : { sandboxUrl: seams.sandboxUrl }),
    };
    const pause = async (attempt, signal) => {
        const waitMs = pausesMs[attempt];
        if (waitMs === undefined)
            return false;
        const slept = (0,promises_.setTimeout)(waitMs, true, signal === undefined ? {} : { signal });
        return await slept.catch(() => false);
    };
    const repeat = async (what, act) => {
        for (let attempt = 0;; attempt++) {
            try {
                return await act();
            }
            catch (error) {
                if (!REPEATABLE.has(classify(error)) || !(await pause(attempt)))
                    throw translate(error, { what });
            }
        }
    };
    return {
        connection,
        requestTimeoutMs,
        pause,
        list: (tags) => repeat("list sandboxes", () => listAll(connection, tags)),
        kill: (id) => repeat(`destroy sandbox ${id}`, () => kill(connection, id)).catch((error) => fail(id, error)),
        exists: (id) => exists(connection, id),
    };
}
/** The service is asked to filter; its answer is filtered again, since what comes back may be destroyed. */
async function listAll(connection, tags) {
    const found = [];
    const pages = dist.Sandbox.list({ ...connection, query: { metadata: { ...tags }, state: ["running", "paused"] }, limit: PAGE });
    for (let page = 0; pages.hasNext && page < MAX_PAGES; page++)
        found.push(...(await pages.nextItems()));
    return found.filter(({ metadata }) => Object.entries(tags).every(([name, value]) => metadata[name] === value));
}
/** A sandbox that is not there is as good as destroyed, however the service words it. */
async function kill(connection, id) {
    try {
        await dist.Sandbox.kill(id, connection);
    }
    catch (error) {
        if (classify(error) !== "not-found")
            throw error;
    }
}
async function exists(connection, id) {
    try {
        await dist.Sandbox.getInfo(id, connection);
        return true;
    }
    catch (error) {
        return classify(error) === "not-found" ? false : undefined;
    }
}
function fail(id, cause) {
    throw new errors/* AirlockError */.qR("sandbox.left", {
        message: `E2B did not confirm that sandbox ${id} is destroyed: ${cause instanceof Error ? cause.message : String(cause)}`,
        remedy: "Destroy it in E2B's dashboard, or wait: it ends by itself when its lifetime is over.",
        cause,
    });
}

// EXTERNAL MODULE: ./lib/domain/ends.js
var ends = __webpack_require__(85924);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/tags.js
/** Names what is ours on an account that others use too. */
const OURS = { airlock: "1" };
const DEADLINE = /^[1-9][0-9]{0,15}$/;
/** `creation` is known before the sandbox has an id, so that one whose birth nobody heard of can be found. */
function tagsFor(spec, creation, nowMs) {
    return { ...tagsOfRun(spec.run), purpose: spec.purpose, deadline: String(nowMs + spec.lifetimeMs), creation };
}
function tagsOfRun({ repository, runId, attempt }) {
    return { ...OURS, repository, run: runId, attempt: String(attempt) };
}
function tagsOfCreation(creation) {
    return { ...OURS, creation };
}
function tagsOfAll() {
    return OURS;
}
/** What has no readable deadline is not of this version, and is left alone. */
function isOverdue(tags, nowMs) {
    const deadline = tags["deadline"] ?? "";
    return DEADLINE.test(deadline) && Number(deadline) < nowMs;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/create.js







/** Adds to the SDK's class a look at what it keeps to itself. */
class SecuredSandbox extends dist.Sandbox {
    /** The sandbox's daemon runs commands as root for whoever reaches it, also from inside; only this token keeps the agent out. */
    get isSecured() {
        return (this.envdAccessToken ?? "") !== "";
    }
}
const MAX_LIFETIME_MS = 24 * 3_600_000;
/** Nobody waits longer for a creation that is not wanted any more. */
const ABANDON_MS = 5_000;
const WAITS = new Set(["rate-limit", "capacity"]);
/**
 * A sandbox without network and without a public port. A creation whose answer was lost is looked for by its tag before it is tried
 * again; whatever the ending, one sandbox stands or none.
 * @throws AirlockError `sandbox.refused`, `sandbox.exhausted`, `sandbox.unavailable`, `input.invalid`, and why `spec.signal` aborted
 */
async function createSandbox(api, spec, template) {
    requireLifetime(spec);
    const creation = (0,external_node_crypto_.randomUUID)();
    for (let attempt = 0;; attempt++) {
        throwIfCancelled(spec);
        try {
            const sandbox = await createOnce(api, { spec, template, creation });
            return { sandbox, destroy: once(() => destroyAll(api, sandbox.sandboxId, creation)) };
        }
        catch (error) {
            // Refusals have made nothing; everything else may have.
            if (classify(error) === "interrupted")
                await removeStrays(api, creation);
            const again = isWorthRepeating(error) && (await api.pause(attempt, spec.signal));
            throwIfCancelled(spec);
            if (!again)
                throw await explain(error, { api, spec, template });
        }
    }
}
function requireLifetime({ lifetimeMs }) {
    if (lifetimeMs <= MAX_LIFETIME_MS)
        return;
    throw new errors/* AirlockError */.qR("input.invalid", {
        message: `The sandbox would live ${Math.ceil(lifetimeMs / 60_000)} minutes, and an E2B sandbox lives at most ${MAX_LIFETIME_MS / 60_000}.`,
        remedy: "Lower the input `timeout-minutes`.",
    });
}
function isWorthRepeating(error) {
    const kind = classify(error);
    return kind === "interrupted" || WAITS.has(kind);
}
/** The request is never cut short: a server that has begun would go on alone. When nobody wants it any more it is destroyed on arrival. */
async function createOnce(api, { spec, template, creation }) {
    const creating = SecuredSandbox.create(template, {
        ...api.connection,
        timeoutMs: spec.lifetimeMs,
        lifecycle: { onTimeout: "kill" },
        metadata: { ...tagsFor(spec, creation, Date.now()) },
        allowInternetAccess: false,
        network: { allowPublicTraffic: false },
    });
    const settled = creating.then(() => undefined, () => undefined);
    await Promise.race([settled, whenAborted(spec.signal)]);
    if (!spec.signal.aborted)
        return await creating;
    const done = new AbortController();
    await Promise.race([settled, (0,promises_.setTimeout)(ABANDON_MS, undefined, { signal: done.signal }).catch(() => undefined)]);
    done.abort();
    // It may still arrive after that; the tag finds only what is there now.
    void creating.then((sandbox) => api.kill(sandbox.sandboxId)).catch(() => undefined);
    await removeStrays(api, creation);
    throwIfCancelled(spec);
    return await creating;
}
function whenAborted(signal) {
    return new Promise((settle) => {
        if (signal.aborted)
            settle();
        else
            signal.addEventListener("abort", () => settle(), { once: true });
    });
}
function throwIfCancelled({ signal }) {
    if (signal.aborted)
        throw (0,ends/* whyAborted */.Qh)(signal);
}
async function destroyAll(api, id, creation) {
    await api.kill(id);
    // A creation that was delivered twice made a twin, which nobody ever spoke to. When it cannot be looked for, its lifetime ends it.
    await removeStrays(api, creation).catch(() => undefined);
}
async function removeStrays(api, creation) {
    for (const { sandboxId } of await api.list(tagsOfCreation(creation)))
        await api.kill(sandboxId);
}
async function explain(error, { api, spec, template }) {
    if (error instanceof errors/* AirlockError */.qR)
        return error;
    const context = { what: `create a sandbox from the template \`${template}\``, template, lifetimeMs: spec.lifetimeMs };
    if (classify(error) !== "rate-limit")
        return translate(error, context);
    const running = await api.list({}).then((all) => all.length, () => undefined);
    return translate(error, running === undefined ? context : { ...context, running });
}
function once(act) {
    let done;
    return () => {
        done ??= act();
        return done;
    };
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap/machine.js
var machine = __webpack_require__(96916);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/machine.js





/** What a script of the set-up prints is a few lines; the SDK keeps all it hears. */
const MAX_OUTPUT_CHARACTERS = 1 << 20;
/** A sandbox's daemon as a bare machine. Every time limit is given: left out, the SDK's 60 s would kill what runs longer. */
function openBareMachine(sandbox, answerTimeoutMs) {
    return {
        run: (command, limits) => attempt(sandbox, "run a command", () => run(sandbox, command, { ...limits, answerTimeoutMs })),
        writeFile: (path, content, limits) => attempt(sandbox, `write ${path}`, () => writeFile(sandbox, { path, content, ...limits })),
    };
}
async function run(sandbox, command, { timeoutMs, answerTimeoutMs, signal }) {
    const flood = new AbortController();
    let heard = 0;
    const count = (text) => {
        heard += text.length;
        if (heard > MAX_OUTPUT_CHARACTERS)
            flood.abort(new Error("A command printed without end."));
    };
    try {
        const options = { user: "root", cwd: "/", timeoutMs, requestTimeoutMs: answerTimeoutMs, onStdout: count, onStderr: count };
        const { stdout } = await sandbox.commands.run(command, { ...options, signal: AbortSignal.any([signal, flood.signal]) });
        return { code: 0, output: stdout };
    }
    catch (error) {
        if (error instanceof dist.CommandExitError)
            return { code: error.exitCode, output: error.stdout };
        throw error;
    }
}
/** A streamed upload has no time limit in the SDK. */
async function writeFile(sandbox, { path, content, timeoutMs, signal }) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const options = { user: "root", useOctetStream: true, requestTimeoutMs: timeoutMs, signal: limit };
    if (content instanceof Uint8Array) {
        await sandbox.files.write(path, new Blob([new Uint8Array(content)]), options);
        return;
    }
    try {
        await sandbox.files.write(path, external_node_stream_.Readable.toWeb(content), options);
    }
    finally {
        content.destroy();
    }
}
async function attempt(sandbox, what, act) {
    try {
        return await act();
    }
    catch (error) {
        if (error instanceof errors/* AirlockError */.qR)
            throw error;
        throw describe(error, `${what} in sandbox ${sandbox.sandboxId}`);
    }
}
function describe(error, what) {
    switch (classify(error)) {
        case "interrupted":
        case "rate-limit":
        case "capacity":
            return new machine/* Interrupted */.j$(error instanceof Error ? error.message : String(error), error);
        case "not-found":
        case "credentials":
            return new errors/* AirlockError */.qR("sandbox.unavailable", {
                message: `The sandbox went away while it was prepared: E2B could not ${what}.`,
                remedy: "Run again. If it happens every time, look at E2B's status page and at the lifetime that your plan allows.",
                cause: error,
            });
        default:
            return translate(error, { what });
    }
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/service-url.js
var service_url = __webpack_require__(39383);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/seams.js


const DEFAULT_DOMAIN = "e2b.app";
/** @throws AirlockError `input.invalid`, naming the variable */
function readSeams(env) {
    const domain = env["E2B_DOMAIN"] || DEFAULT_DOMAIN;
    if (!/^[a-z0-9.-]{1,253}$/i.test(domain)) {
        throw new errors/* AirlockError */.qR("input.invalid", {
            message: "The environment variable E2B_DOMAIN is no domain.",
            remedy: "Leave E2B_DOMAIN out, or set it to a host name such as `e2b.app`.",
        });
    }
    return {
        apiUrl: (0,service_url/* readServiceUrl */.b)(env, "E2B_API_URL", "http"),
        sandboxUrl: (0,service_url/* readServiceUrl */.b)(env, "E2B_SANDBOX_URL", "http"),
        tunnelUrl: (0,service_url/* readServiceUrl */.b)(env, "AIRLOCK_E2B_TUNNEL_URL", "ws"),
        domain,
    };
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/carried-streams.js + 7 modules
var carried_streams = __webpack_require__(23187);
// EXTERNAL MODULE: ./node_modules/ws/wrapper.mjs
var wrapper = __webpack_require__(52977);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/web-socket-link.js

const DEFAULT_OPEN_TIMEOUT_MS = 15_000;
/** More than any message of the guest, which sends at most 64 KiB in one. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** The server answered the upgrade with an ordinary response. */
class UpgradeRefused extends Error {
    status;
    constructor(status) {
        super(`The server answered the WebSocket upgrade with status ${status}.`);
        this.name = "UpgradeRefused";
        this.status = status;
    }
}
/**
 * Opens a WebSocket and gives its binary messages as a stream of bytes. Nothing is compressed, no redirect is followed.
 * @throws UpgradeRefused, Error when it does not open in time
 */
async function dialWebSocket(options) {
    requirePlainUrl(options.url);
    options.signal.throwIfAborted();
    const socket = new wrapper/* WebSocket */.kb(options.url, {
        headers: { ...options.headers },
        perMessageDeflate: false,
        followRedirects: false,
        maxPayload: MAX_MESSAGE_BYTES,
        handshakeTimeout: options.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS,
    });
    // From the first moment on, so that what follows the upgrade in one piece with it is not lost.
    const stream = (0,wrapper/* createWebSocketStream */.O)(socket, { readableHighWaterMark: 262_144, writableHighWaterMark: 262_144 });
    // An error after the socket is given up has nobody else to go to.
    for (const source of [socket, stream])
        source.on("error", () => undefined);
    const abandon = () => socket.terminate();
    options.signal.addEventListener("abort", abandon, { once: true });
    try {
        await awaitOpen(socket);
        return stream;
    }
    catch (error) {
        socket.terminate();
        stream.destroy();
        throw error;
    }
    finally {
        options.signal.removeEventListener("abort", abandon);
    }
}
function awaitOpen(socket) {
    return new Promise((resolve, reject) => {
        socket.once("open", resolve);
        socket.once("error", reject);
        socket.once("close", () => reject(new Error("The WebSocket closed before it was open.")));
        socket.once("unexpected-response", (_request, response) => {
            response.resume();
            reject(new UpgradeRefused(response.statusCode ?? 0));
        });
    });
}
const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
function requirePlainUrl(text) {
    const url = new URL(text);
    const secure = url.protocol === "wss:" || (url.protocol === "ws:" && LOOPBACK.test(url.hostname));
    if (!secure)
        throw new TypeError("A WebSocket to a sandbox uses wss, or ws to loopback.");
    if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
        throw new TypeError("The address of a sandbox's WebSocket has a query or a user; secrets belong into headers.");
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/tunnel.js


const OPEN_TIMEOUT_MS = 10_000;
/** How long a stream may be without a link before the sandbox counts as lost. */
const GIVE_UP_MS = 90_000;
/** A refused link is normal while the guest starts; only then is E2B asked whether the sandbox is still there. */
const PATIENCE_MS = 3_000;
/** The guest's two streams over WebSockets through E2B's proxy. A sandbox that is gone ends them at once. */
function openTunnel(options) {
    const { sandbox, trafficToken, token, tunnelUrl, notify } = options;
    const watch = watchExistence(options, (reason) => {
        for (const stream of [streams.control, streams.egress])
            stream.destroy(new Error(reason));
    });
    const streams = (0,carried_streams/* openCarriedStreams */.I)({
        token,
        notify,
        giveUpMs: GIVE_UP_MS,
        async dial(port, signal) {
            const host = sandbox.getHost(port);
            const headers = { "e2b-traffic-access-token": trafficToken, ...(tunnelUrl === undefined ? {} : { host }) };
            try {
                const link = await dialWebSocket({ url: `${tunnelUrl ?? `wss://${host}`}/`, headers, openTimeoutMs: OPEN_TIMEOUT_MS, signal });
                watch.linked();
                return link;
            }
            catch (error) {
                if (error instanceof UpgradeRefused)
                    await watch.refused();
                throw error;
            }
        },
    });
    return streams;
}
function watchExistence({ api, sandbox }, onGone) {
    let nextCheckMs = performance.now() + PATIENCE_MS;
    return {
        linked() {
            nextCheckMs = performance.now();
        },
        async refused() {
            if (performance.now() < nextCheckMs)
                return;
            nextCheckMs = performance.now() + PATIENCE_MS;
            if ((await api.exists(sandbox.sandboxId)) === false)
                onGone(`E2B has no sandbox ${sandbox.sandboxId} any more.`);
        },
    };
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/provider.js
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
        law: "no-interfaces",
        reason: "An E2B sandbox has a network interface and a route. Its host drops whatever leaves there, which every run proves from inside before the agent starts.",
    },
];
const CREDENTIAL = { input: "e2b-api-key", provider: "e2b", holds: "a key of your E2B team" };
/**
 * Firecracker microVMs of E2B, without network: the guest is reached through E2B's proxy, by a key that is on the runner only.
 * @throws AirlockError `input.missing`, `input.invalid`
 */
function openE2bProvider(options) {
    const seams = readSeams(options.env);
    const { pausesMs, requestTimeoutMs } = options;
    const apiKey = (0,cloud_guest/* requireCredential */.ts)(options.apiKey, CREDENTIAL);
    const api = openE2bApi({
        apiKey,
        seams,
        ...(pausesMs === undefined ? {} : { pausesMs }),
        ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    });
    const tellOnce = (0,tell_once/* openTellOnce */.B)();
    let template = DEFAULT_TEMPLATE;
    return {
        name: "e2b",
        gaps: GAPS,
        async create(spec) {
            const chosen = chooseTemplate(spec, template);
            const sandbox = await create(spec, { ...options, api, template: chosen, tellOnce, tunnelUrl: seams.tunnelUrl });
            template = chosen;
            return sandbox;
        },
        findByRun: async (run) => (await api.list(tagsOfRun(run))).map(({ sandboxId }) => sandboxId),
        destroy: (id) => api.kill(id),
        async sweep(nowMs) {
            const overdue = (await api.list(tagsOfAll())).filter(({ metadata }) => isOverdue(metadata, nowMs));
            for (const { sandboxId } of overdue)
                await api.kill(sandboxId);
            return overdue.map(({ sandboxId }) => sandboxId);
        },
    };
}
/** E2B's own templates that hold an agent's program, by the layer that brings it otherwise (E2B documentation, agents). */
const TEMPLATES = { "claude-code": "claude", codex: "codex", gemini: "gemini" };
const DEFAULT_TEMPLATE = "base";
/** A verification has no agent; it runs where the agent ran before it, so that both find the same tools. */
function chooseTemplate({ template, layers }, before) {
    if (template !== "")
        return template;
    if (layers.length === 0)
        return before;
    return layers.map((layer) => TEMPLATES[layer.name]).find((name) => name !== undefined) ?? DEFAULT_TEMPLATE;
}
async function create(spec, parts) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        if (spec.cpus > 0 || spec.memoryMib > 0)
            parts.tellOnce(spec, "E2B takes processors and memory from the template; the inputs `cpus` and `memory-mib` have no effect.");
        const { template } = parts;
        const opened = __addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const created = await createSandbox(parts.api, spec, template);
        opened.defer(created.destroy);
        const { trafficToken } = requireClosed(created.sandbox);
        const machine = openBareMachine(created.sandbox, parts.api.requestTimeoutMs);
        const token = (0,external_node_crypto_.randomBytes)(cloud_guest/* TOKEN_BYTES */.M4);
        const versions = await (0,bootstrap/* bootstrapGuest */.D)({
            machine,
            guestFile: parts.guestFile,
            nodeBinary: parts.nodeBinary,
            nodeArch: process.arch,
            layers: spec.layers,
            token,
            image: `The template \`${template}\``,
            notify: (line) => parts.tellOnce(spec, line),
            signal: spec.signal,
            ...(parts.stallMs === undefined ? {} : { stallMs: parts.stallMs }),
        });
        const streams = openTunnel({ ...parts, sandbox: created.sandbox, trafficToken, token, notify: spec.notify });
        const sandbox = await (0,cloud_guest/* greetGuest */.Ai)({
            machine,
            streams,
            id: created.sandbox.sandboxId,
            facts: { provider: "e2b", isolation: "firecracker", versions: { template, ...versions } },
            signal: spec.signal,
            destroy: created.destroy,
        });
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
/** What E2B promises is asked for; what it must have answered for that is looked at. The proof from inside comes later. */
function requireClosed(sandbox) {
    const { trafficAccessToken: trafficToken } = sandbox;
    if (trafficToken !== undefined && trafficToken !== "" && sandbox.isSecured)
        return { trafficToken };
    const what = sandbox.isSecured ? "its ports would be open to the public" : "its daemon would obey anybody inside";
    throw new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `E2B made sandbox ${sandbox.sandboxId} without the protection that was asked for: ${what}.`,
        remedy: "Build the template anew with a current version of E2B's tools. On an installation of your own, update it.",
    });
}


/***/ })

};
