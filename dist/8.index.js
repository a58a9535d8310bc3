export const id = 8;
export const ids = [8];
export const modules = {

/***/ 22008:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openE2bProvider: () => (/* binding */ openE2bProvider)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap.js + 3 modules
var bootstrap = __webpack_require__(69342);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/cloud-guest.js
var cloud_guest = __webpack_require__(61072);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/warn-once.js
var warn_once = __webpack_require__(91506);
// EXTERNAL MODULE: ./node_modules/e2b/dist/index.js
var dist = __webpack_require__(72980);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/retry.js
var retry = __webpack_require__(45318);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/vendor-failure.js
var vendor_failure = __webpack_require__(47963);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/errors.js



const E2B = {
    provider: "e2b",
    name: "E2B",
    credential: "API key",
    input: "e2b-api-key",
    account: "team",
    sandboxes: "sandboxes",
    // The daemon accepts its key as long as the sandbox exists.
    meansGone: ["not-found", "credentials"],
    ifGone: "If it happens every time, look at E2B's status page and at the lifetime that your plan allows.",
    ifLeft: "Destroy it in E2B's dashboard, or wait: it ends by itself when its lifetime is over.",
};
/**
 * What a failed call of the SDK means. Two of its classes share no base with the others (e2b 2.51.0, `errors.ts`), and what the network
 * does comes as it is.
 */
function readE2bFailure(error) {
    if (error instanceof vendor_failure/* VendorFailure */.Hm)
        return error;
    const detail = (0,errors/* messageOf */.bD)(error);
    return new vendor_failure/* VendorFailure */.Hm(classify(error), { detail, cause: error });
}
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
    return error instanceof dist.SandboxError ? (0,vendor_failure/* kindOfStatus */.o3)(error.statusCode) : "interrupted";
}
/** Makes a call of the SDK. @throws VendorFailure, and an AirlockError as it is */
async function callE2b(call) {
    try {
        return await call();
    }
    catch (error) {
        throw error instanceof errors/* AirlockError */.qR ? error : readE2bFailure(error);
    }
}
/** The smallest plan's limit on sandboxes that run at once (E2B documentation, rate limits). */
const SMALLEST_CONCURRENCY = 20;
/** The smallest plan's limit on a sandbox's life. */
const SMALLEST_LIFETIME_MS = 3_600_000;
/** The error for people. An AirlockError is returned as it is. */
function explainE2bError(error, context) {
    if (error instanceof errors/* AirlockError */.qR)
        return error;
    return (0,vendor_failure/* explainFailure */.SP)(tellQuota(readE2bFailure(error), context), callAtE2b(context));
}
/** A call with E2B's own advice for its failures. */
function callAtE2b(context) {
    const { what, running, template = "" } = context;
    return {
        vendor: E2B,
        what,
        remedies: {
            forbidden: "Check in E2B's dashboard that the key's team is not blocked and may use this template.",
            "not-found": `Set the input \`template\` to a template that the key's team can use; \`${template}\` was asked for.`,
            "bad-request": remedyForBadRequest(context),
            template: "Build the template anew with a current version of E2B's tools.",
        },
        ...(running === undefined ? {} : { more: `The team has ${running} sandboxes.` }),
    };
}
/** One status for two things: calls that come too fast, and too many sandboxes at once. How many run tells which it is. */
function tellQuota(failure, { running = 0 }) {
    if (failure.kind !== "rate-limit" || running < SMALLEST_CONCURRENCY)
        return failure;
    return new vendor_failure/* VendorFailure */.Hm("quota", { detail: failure.message, cause: failure.cause });
}
function remedyForBadRequest({ lifetimeMs = 0 }) {
    if (lifetimeMs <= SMALLEST_LIFETIME_MS)
        return "Check the inputs `template` and `timeout-minutes`.";
    const minutes = Math.ceil(lifetimeMs / 60_000);
    return `Lower \`timeout-minutes\`: the sandbox would live ${minutes} minutes, and E2B's plans allow 60 (Hobby) or 1440 (Pro).`;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/api.js




/** The SDK waits as long as `Retry-After` says, as often as this, and never past the request's own time. */
const RATE_LIMIT_RETRIES = 3;
const PAGE = 100;
const MAX_PAGES = 100;
function openE2bApi({ apiKey, endpoints, pausesMs = retry/* PAUSES_MS */.T4, requestTimeoutMs = retry/* REQUEST_TIMEOUT_MS */.j2 }) {
    const connection = {
        apiKey: apiKey.reveal(),
        domain: endpoints.domain,
        debug: false,
        retries: RATE_LIMIT_RETRIES,
        requestTimeoutMs,
        apiUrl: endpoints.apiUrl ?? `https://api.${endpoints.domain}`,
        ...(endpoints.sandboxUrl === undefined ? {} : { sandboxUrl: endpoints.sandboxUrl }),
    };
    const repeat = (call) => (0,retry/* retry */.L5)({ pausesMs }, () => callE2b(call));
    return {
        connection,
        requestTimeoutMs,
        pausesMs,
        async list(tags) {
            try {
                return await repeat(() => listAll(connection, tags));
            }
            catch (error) {
                throw explainE2bError(error, { what: "list sandboxes" });
            }
        },
        async kill(id) {
            try {
                await repeat(() => kill(connection, id));
            }
            catch (error) {
                throw (0,vendor_failure/* explainLeft */.Pn)(error, E2B, id);
            }
        },
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
/** A sandbox that does not exist counts as destroyed. */
async function kill(connection, id) {
    try {
        await dist.Sandbox.kill(id, connection);
    }
    catch (error) {
        if (readE2bFailure(error).kind !== "not-found")
            throw error;
    }
}
async function exists(connection, id) {
    try {
        await dist.Sandbox.getInfo(id, connection);
        return true;
    }
    catch (error) {
        return readE2bFailure(error).kind === "not-found" ? false : undefined;
    }
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/create-or-none.js
var create_or_none = __webpack_require__(94825);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/tags.js
/** Marks Airlock's sandboxes in an account that others use too. */
const OURS = { airlock: "1" };
const DEADLINE = /^[1-9][0-9]{0,15}$/;
/** `creation` is known before the sandbox has an id, so that the sandbox can be found if the answer to its creation was lost. */
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
/** A sandbox without a readable deadline is of another version and is left alone. */
function isOverdueSandbox(tags, nowMs) {
    const deadline = tags["deadline"] ?? "";
    return DEADLINE.test(deadline) && Number(deadline) < nowMs;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/create.js






/** Gives access to a protected field of the SDK's class. */
class InspectedSandbox extends dist.Sandbox {
    /** The sandbox's daemon runs commands as root for whoever reaches it, also from inside; only this token keeps the agent out. */
    get isSecured() {
        return (this.envdAccessToken ?? "") !== "";
    }
}
const MAX_LIFETIME_MS = 24 * 3_600_000;
/**
 * A sandbox without network and without a public port. If the answer to a creation was lost, its sandbox is looked for by its tag and
 * removed before the next attempt.
 * @throws AirlockError `sandbox.*`, `input.invalid`, and why `spec.signal` aborted
 */
async function createSandbox(api, spec, template) {
    requireLifetime(spec);
    const creation = (0,external_node_crypto_.randomUUID)();
    return await (0,create_or_none/* createOrNone */.Q)({
        signal: spec.signal,
        pausesMs: api.pausesMs,
        request: () => callE2b(() => requestSandbox(api, { spec, template, creation })),
        async recover() {
            await removeTagged(api, creation);
            return "none";
        },
        secure: async (sandbox) => requireClosed(sandbox),
        remove: (made) => remove(api, creation, made),
        explain: (failure) => explain(failure, { api, spec, template }),
    });
}
function requireLifetime({ lifetimeMs }) {
    if (lifetimeMs <= MAX_LIFETIME_MS)
        return;
    throw new errors/* AirlockError */.qR("input.invalid", {
        message: `The sandbox would live ${Math.ceil(lifetimeMs / 60_000)} minutes, and an E2B sandbox lives at most ${MAX_LIFETIME_MS / 60_000}.`,
        remedy: "Lower the input `timeout-minutes`.",
    });
}
async function requestSandbox(api, { spec, template, creation }) {
    return await InspectedSandbox.create(template, {
        ...api.connection,
        timeoutMs: spec.lifetimeMs,
        lifecycle: { onTimeout: "kill" },
        metadata: { ...tagsFor(spec, creation, Date.now()) },
        allowInternetAccess: false,
        network: { allowPublicTraffic: false },
    });
}
/** Checks in E2B's answer that the protection that was asked for is on. The proof from inside comes later. */
function requireClosed(sandbox) {
    const { trafficAccessToken: trafficToken } = sandbox;
    if (trafficToken !== undefined && trafficToken !== "" && sandbox.isSecured)
        return { sandbox, trafficToken };
    const what = sandbox.isSecured ? "its ports would be open to the public" : "its daemon would obey anybody inside";
    throw new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `E2B made sandbox ${sandbox.sandboxId} without the protection that was asked for: ${what}.`,
        remedy: "Build the template anew with a current version of E2B's tools. On an installation of your own, update it.",
    });
}
async function remove(api, creation, made) {
    if (made === undefined)
        return await removeTagged(api, creation);
    await api.kill(made.sandboxId);
    // A request that was delivered twice made a second, unused sandbox. If it cannot be looked for, it ends with its lifetime.
    await removeTagged(api, creation).catch(() => undefined);
}
async function removeTagged(api, creation) {
    for (const { sandboxId } of await api.list(tagsOfCreation(creation)))
        await api.kill(sandboxId);
}
async function explain(failure, { api, spec, template }) {
    const context = { what: `create a sandbox from the template \`${template}\``, template, lifetimeMs: spec.lifetimeMs };
    if (failure.kind !== "rate-limit")
        return explainE2bError(failure, context);
    const running = await api.list({}).then((all) => all.length, () => undefined);
    return explainE2bError(failure, running === undefined ? context : { ...context, running });
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/service-url.js
var service_url = __webpack_require__(39383);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/endpoints.js


const DEFAULT_DOMAIN = "e2b.app";
/** @throws AirlockError `input.invalid`, naming the variable */
function readE2bEndpoints(env) {
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

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/machine.js




/** Setup scripts print a few lines; the SDK buffers all output. */
const MAX_OUTPUT_CHARACTERS = 1 << 20;
/** A sandbox's daemon as a bare machine. Every call sets its time limit, since the SDK's default kills commands after 60 s. */
function openE2bMachine(sandbox, answerTimeoutMs) {
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
        return await callE2b(act);
    }
    catch (error) {
        throw (0,vendor_failure/* explainInMachine */.Cg)(error, callAtE2b({ what: `${what} in sandbox ${sandbox.sandboxId}` }));
    }
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/cloud-tunnel.js
var cloud_tunnel = __webpack_require__(51556);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/web-socket.js
var web_socket = __webpack_require__(59882);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/e2b/tunnel.js



const OPEN_TIMEOUT_MS = 10_000;
/** The guest's two streams over WebSockets through E2B's proxy. */
function openE2bTunnel(options) {
    const { api, sandbox, trafficToken, token, tunnelUrl, notify } = options;
    return (0,cloud_tunnel/* openCloudTunnel */.Y)({
        vendor: E2B,
        id: sandbox.sandboxId,
        token,
        notify,
        async dial(port, signal) {
            const host = sandbox.getHost(port);
            const headers = { "e2b-traffic-access-token": trafficToken, ...(tunnelUrl === undefined ? {} : { host }) };
            return await (0,web_socket/* dialWebSocket */.eh)({ url: `${tunnelUrl ?? `wss://${host}`}/`, headers, openTimeoutMs: OPEN_TIMEOUT_MS, signal });
        },
        exists: () => api.exists(sandbox.sandboxId),
    });
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
/**
 * Firecracker microVMs of E2B, without network: the guest is reached through E2B's proxy, by a key that is on the runner only.
 * @throws AirlockError `input.missing`, `input.invalid`
 */
function openE2bProvider(options) {
    const endpoints = readE2bEndpoints(options.env);
    const { pausesMs, requestTimeoutMs } = options;
    const apiKey = (0,cloud_guest/* requireCredential */.ts)(options.apiKey, E2B);
    const api = openE2bApi({
        apiKey,
        endpoints,
        ...(pausesMs === undefined ? {} : { pausesMs }),
        ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    });
    const warnOnce = (0,warn_once/* openWarnOnce */.m)();
    const { agentTemplate = DEFAULT_TEMPLATE } = options;
    let before = DEFAULT_TEMPLATE;
    return {
        name: "e2b",
        gaps: GAPS,
        room: async () => undefined,
        async create(spec) {
            const template = chooseTemplate(spec, { before, agentTemplate });
            const sandbox = await create(spec, { ...options, api, template, warnOnce, tunnelUrl: endpoints.tunnelUrl });
            before = template;
            return sandbox;
        },
        findByRun: async (run) => (await api.list(tagsOfRun(run))).map(({ sandboxId }) => sandboxId),
        destroy: (id) => api.kill(id),
        async sweep(nowMs) {
            const overdue = (await api.list(tagsOfAll())).filter(({ metadata }) => isOverdueSandbox(metadata, nowMs));
            for (const { sandboxId } of overdue)
                await api.kill(sandboxId);
            return overdue.map(({ sandboxId }) => sandboxId);
        },
    };
}
const DEFAULT_TEMPLATE = "base";
/** A verification has no agent; it runs where the agent ran before it, so that both find the same tools. */
function chooseTemplate({ template, layers }, { before, agentTemplate }) {
    if (template !== "")
        return template;
    return layers.length === 0 ? before : agentTemplate;
}
async function create(spec, parts) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        if (spec.cpus > 0 || spec.memoryMib > 0)
            parts.warnOnce(spec, "E2B takes processors and memory from the template; the inputs `cpus` and `memory-mib` have no effect.");
        const { template } = parts;
        const opened = __addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const created = await createSandbox(parts.api, spec, template);
        opened.defer(created.destroy);
        const { sandbox: remote, trafficToken } = created.sandbox;
        const machine = openE2bMachine(remote, parts.api.requestTimeoutMs);
        const token = (0,external_node_crypto_.randomBytes)(cloud_guest/* TOKEN_BYTES */.M4);
        const versions = await (0,bootstrap/* bootstrapGuest */.D)({
            machine,
            guestFile: parts.guestFile,
            nodeBinary: parts.nodeBinary,
            nodeArch: process.arch,
            layers: spec.layers,
            token,
            image: `The template \`${template}\``,
            notify: (line) => parts.warnOnce(spec, line),
            signal: spec.signal,
            ...(parts.stallMs === undefined ? {} : { stallMs: parts.stallMs }),
        });
        const streams = openE2bTunnel({ ...parts, sandbox: remote, trafficToken, token, notify: spec.notify });
        const sandbox = await (0,cloud_guest/* greetGuest */.Ai)({
            machine,
            streams,
            id: remote.sandboxId,
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


/***/ })

};
