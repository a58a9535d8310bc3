export const id = 4;
export const ids = [4];
export const modules = {

/***/ 77004:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openGateway: () => (/* binding */ openGateway)
});

;// CONCATENATED MODULE: ./lib/domain/model/usage.js
const NO_USAGE = {
    requests: 0,
    turns: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: 0,
    unpricedModels: [],
};
const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, searches: 0, toolsUsd: 0 };
/** Joins two counts, kind by kind: `Math.max` for running totals, a sum for parts of one answer. */
function joinTokens(a, b, join) {
    return {
        input: join(a.input, b.input),
        output: join(a.output, b.output),
        cacheRead: join(a.cacheRead, b.cacheRead),
        cacheWrite: join(a.cacheWrite, b.cacheWrite),
        cacheWriteLong: join(a.cacheWriteLong, b.cacheWriteLong),
        searches: join(a.searches, b.searches),
        toolsUsd: join(a.toolsUsd, b.toolsUsd),
    };
}
/** The usage after one more settled request. Requests are counted when they are allowed, not here. */
function addCharge(usage, charge) {
    const { tokens } = charge;
    const name = charge.unpricedModel;
    const unpricedModels = name === undefined || usage.unpricedModels.includes(name) || usage.unpricedModels.length >= 20
        ? usage.unpricedModels
        : [...usage.unpricedModels, name];
    return {
        requests: usage.requests,
        turns: usage.turns + (charge.turn ? 1 : 0),
        inputTokens: usage.inputTokens + tokens.input,
        outputTokens: usage.outputTokens + tokens.output,
        cacheReadTokens: usage.cacheReadTokens + tokens.cacheRead,
        cacheWriteTokens: usage.cacheWriteTokens + tokens.cacheWrite + tokens.cacheWriteLong,
        costUsd: usage.costUsd + charge.costUsd,
        unpricedModels,
        serverSearches: (usage.serverSearches ?? 0) + tokens.searches,
        estimatedAnswers: (usage.estimatedAnswers ?? 0) + (charge.estimated ? 1 : 0),
    };
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(37067);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/domain/secret.js
var secret = __webpack_require__(53998);
// EXTERNAL MODULE: ./lib/domain/egress/host.js
var egress_host = __webpack_require__(78354);
// EXTERNAL MODULE: ./lib/domain/sandbox/env.js
var env = __webpack_require__(58003);
// EXTERNAL MODULE: ./lib/domain/egress/address.js
var egress_address = __webpack_require__(44542);
// EXTERNAL MODULE: ./lib/domain/egress/public-suffix.js
var public_suffix = __webpack_require__(74395);
;// CONCATENATED MODULE: ./lib/domain/egress/proposal.js




/** From this many hosts below one name on, they are written as one wildcard. */
const GROUP_FROM = 3;
/** Means the machine itself, or what only that machine reaches: asked by the runner, another thing would answer than the guest asked for. */
const OWN_CLASSES = new Set(["loopback", "unspecified", "link-local", "metadata"]);
/** RFC 6761 keeps `localhost` and all below it for loopback. Metadata names: Google Cloud, "About VM metadata". */
const OWN_NAME = new RegExp(`^(?:(?:.+\\.)?localhost|${env/* GUEST_HOST_NAME */.s}|metadata\\.google\\.internal|metadata\\.goog)$`);
/**
 * Whether the host, in its canonical spelling, means the asking machine itself: loopback, unspecified, link-local and metadata addresses, and
 * their names. In a rule it would open the runner's own services to the guest, so no line for it is ever proposed.
 */
function isOwnHost(host) {
    return OWN_CLASSES.has((0,egress_address/* classifyAddress */.DV)(host)) || OWN_NAME.test(host);
}
/**
 * The shortest allowlist that would have been enough, one rule per element, sorted. Three or more hosts directly below one registered name
 * become a wildcard; a public suffix never does, and neither does a port that is not 443 or 80. Hosts that mean the machine itself are left out.
 */
function proposeAllow(all) {
    const used = all.filter(({ host }) => !isOwnHost(host));
    const plain = new Set(used.filter(({ port }) => isDefaultPort(port)).map(({ host }) => host));
    const ported = used.filter(({ port }) => !isDefaultPort(port)).map(({ host, port }) => `${(0,egress_host/* renderHost */.F)(host)}:${port}`);
    const groups = Map.groupBy([...plain].filter(canBeGrouped), parentOf);
    const wide = [...groups].filter(([, hosts]) => hosts.length >= GROUP_FROM).map(([parent]) => parent);
    const covered = (host) => canBeGrouped(host) && wide.some((parent) => isBelow(host, parent));
    const single = [...plain].filter((host) => !covered(host)).map(egress_host/* renderHost */.F);
    const outermost = wide.filter((parent) => !wide.some((other) => isBelow(parent, other)));
    return [...new Set([...outermost.map((parent) => `*.${parent}`), ...single, ...ported])].sort();
}
/** By the same rule as an allowed wildcard. */
function isBelow(host, parent) {
    return host.endsWith(`.${parent}`) && !(0,public_suffix/* crossesPublicSuffix */.J)(host, parent);
}
function isDefaultPort(port) {
    return port === 443 || port === 80;
}
/** Only a name below a registered one: `*.example.com`, never `*.com` or `*.github.io`; addresses have no parent. */
function canBeGrouped(host) {
    return !host.includes(":") && !/^[0-9.]+$/.test(host) && !(0,public_suffix/* isPublicSuffix */.R)(parentOf(host));
}
function parentOf(host) {
    return host.slice(host.indexOf(".") + 1);
}

;// CONCATENATED MODULE: ./lib/gateway/http/limits.js
const MIB = 1024 * 1024;
/** Hosts with a count of their own; a wildcard matches any number of hosts, so later ones share one count. */
const MAX_HOSTS = 10_000;
const DEFAULT_PROXY_LIMITS = {
    maxConnections: 1000,
    maxPipelined: 100,
    maxHeaderBytes: 32 * 1024,
    maxHeaderLines: 200,
    maxBytesUpPerHost: 256 * MIB,
    maxBytesUp: 1024 * MIB,
    headerTimeoutMs: 20_000,
    idleTimeoutMs: 600_000,
    resolveTimeoutMs: 10_000,
    dialTimeoutMs: 20_000,
    maxLogLines: 20_000,
};
function openUploadBudget(limits) {
    const perHost = new Map();
    let total = 0;
    return {
        spend(host, bytes) {
            total += bytes;
            const key = perHost.size < MAX_HOSTS || perHost.has(host) ? host : "";
            const spent = (perHost.get(key) ?? 0) + bytes;
            perHost.set(key, spent);
            if (spent > limits.maxBytesUpPerHost)
                return "limit-bytes-up-per-host";
            return total > limits.maxBytesUp ? "limit-bytes-up" : undefined;
        },
    };
}

;// CONCATENATED MODULE: ./lib/gateway/http/refusal.js



function refuse(reason, status = 403, detail) {
    return { refused: true, reason, status, ...(detail === undefined ? {} : { detail }) };
}
function isRefusal(value) {
    return "refused" in value;
}
/** The line that would let a host through. A word without a dot and a port would be taken for a preset. */
function suggestRule(host, port) {
    const bare = (port === 443 || port === 80) && /[.:]/.test(host);
    return bare ? (0,egress_host/* renderHost */.F)(host) : `${(0,egress_host/* renderHost */.F)(host)}:${port}`;
}
const RULE_WOULD_HELP = new Set(["default-deny", "port", "ip-literal"]);
/** The line to paste into `allow`, where one line is all that is missing. */
function findSuggestion(reason, host, port) {
    return RULE_WOULD_HELP.has(reason) && !isOwnHost(host) ? suggestRule(host, port) : undefined;
}
/** No input raises these: the policy is about what leaves, and honest work stays far below. */
const FIXED = "fixed, see docs/egress.md";
const refusal_MIB = (bytes) => `${bytes / 1024 / 1024} MiB`;
const SECONDS = (ms) => `${ms / 1000} s`;
const WORDS = {
    "default-deny": "no rule names it",
    port: "no rule names this port",
    "ip-literal": "no rule names this address",
    "deny-rule": "a deny rule names it",
    method: "the rules for this host do not allow this method",
    path: "the rules for this host do not allow this path",
    "ambiguous-path": "servers could read the path in more than one way; write it without dot segments, double slashes and needless escapes",
    "brokered-host": "it is reached only through the model's own base URL, with the credential that Airlock holds",
    "foreign-credential": "the request carries a credential that Airlock did not give out",
    "not-tls": "port 443 takes TLS only",
    "tls-required": "it may be spoken to over TLS only",
    "server-name": "the TLS server name is not the host that was asked for",
    "authority-mismatch": "the Host line names another host than the request",
    "address-runner": "its address is the runner's own",
    "no-network": "this run has no network but the model",
    "limit-connections": `too many connections are open (limit max-connections, ${DEFAULT_PROXY_LIMITS.maxConnections} at once; ${FIXED})`,
    "limit-bytes-up": `this run has sent too much (limit max-bytes-up, ${refusal_MIB(DEFAULT_PROXY_LIMITS.maxBytesUp)}; ${FIXED})`,
    "limit-bytes-up-per-host": `this run has sent too much to this host (limit max-bytes-up-per-host, ${refusal_MIB(DEFAULT_PROXY_LIMITS.maxBytesUpPerHost)}; ${FIXED})`,
    "limit-pipelined": `too many requests wait for an answer on this connection (limit max-pipelined, ${DEFAULT_PROXY_LIMITS.maxPipelined}; ${FIXED})`,
    "limit-header-bytes": `the header section is too large (limit max-header-bytes, ${DEFAULT_PROXY_LIMITS.maxHeaderBytes / 1024} KiB; ${FIXED})`,
    "limit-header-lines": `the header section has too many lines (limit max-header-lines, ${DEFAULT_PROXY_LIMITS.maxHeaderLines}; ${FIXED})`,
    "limit-header-timeout": `it was not sent in time (limit header-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.headerTimeoutMs)}; ${FIXED})`,
    "limit-idle": `no byte moved for too long (limit idle-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.idleTimeoutMs)}; ${FIXED})`,
    "limit-resolve-timeout": `the runner's resolver did not answer in time (limit resolve-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.resolveTimeoutMs)}; ${FIXED})`,
    "limit-dial-timeout": `it did not answer the runner in time (limit dial-timeout, ${SECONDS(DEFAULT_PROXY_LIMITS.dialTimeoutMs)}; ${FIXED})`,
    "dns-failed": "its name could not be resolved on the runner",
    "dial-failed": "it could not be reached from the runner",
    "tls-failed": "its TLS certificate could not be verified",
    "upstream-failed": "it broke off the answer",
    "unreadable-response": "its answer is encoded so that it cannot be checked for the credential",
    upgrade: "a connection that changes its protocol cannot be limited to methods or paths",
    h2c: "HTTP/2 without TLS is not carried",
    trace: "TRACE and TRACK give credentials back and are not carried",
};
const OWN_HOST = "it means the asking machine itself or what only that machine reaches; the sandbox's own servers are reached without the proxy";
const OWN_ADDRESS = new Set(["address-loopback", "address-unspecified", "address-link-local", "address-metadata"]);
/** The plain-text body of a refusal: one sentence, and the line that would help. Only canonical host names and our own words are in it. */
function explainRefusal(refusal, target) {
    const own = target !== undefined && isOwnHost(target.host);
    const where = target === undefined || own ? "The request" : `${(0,egress_host/* renderHost */.F)(target.host)}:${target.port}`;
    const suggestion = suggestionFor(refusal, target);
    const help = suggestion === undefined ? "" : ` To allow it, add the line \`${suggestion}\` to the input \`allow\`.`;
    return `airlock: ${where} was refused (${refusal.reason}): ${refusal.detail ?? describe(refusal.reason, own)}.${help}\n`;
}
/** The reason phrase of the status line. Many tools show it, and hardly one shows the body of a refused CONNECT. */
function phraseRefusal(refusal, target) {
    const suggestion = suggestionFor(refusal, target);
    return `Refused by airlock (${refusal.reason})${suggestion === undefined ? "" : `, add ${suggestion} to its input allow`}`;
}
function suggestionFor({ reason }, target) {
    return target === undefined ? undefined : findSuggestion(reason, target.host, target.port);
}
function describe(reason, own) {
    if (OWN_ADDRESS.has(reason) || (own && RULE_WOULD_HELP.has(reason)))
        return OWN_HOST;
    const words = WORDS[reason];
    if (words !== undefined)
        return words;
    return reason.startsWith("address-") ? "its address is in a range that is refused unless a rule names it" : "the request is malformed";
}

;// CONCATENATED MODULE: ./lib/gateway/broker/budget.js


const MINUTE_MS = 60_000;
/** Counts what a run uses and stops it at its caps. */
function openBudget(options) {
    const { limits } = options;
    const now = options.now ?? (() => performance.now());
    const exhaustion = new AbortController();
    const underWay = new Set();
    const waiting = [];
    const recent = [];
    let usage = NO_USAGE;
    let stopped;
    const refusal = (ceiling) => {
        while (recent.length > 0 && now() - (recent[0] ?? 0) >= MINUTE_MS)
            recent.shift();
        return stopped ?? findReachedCap({ limits, usage, ceiling, requestsThisMinute: recent.length });
    };
    const enter = (ceiling) => {
        usage = { ...usage, requests: usage.requests + 1 };
        recent.push(now());
        underWay.add(ceiling);
        return { settle: (charge) => settle(ceiling, charge) };
    };
    const settle = (ceiling, charge) => {
        if (!underWay.delete(ceiling))
            return;
        if (charge !== undefined)
            usage = addCharge(usage, charge);
        pump();
    };
    const pump = () => {
        for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
            const error = refusal(first.ceiling);
            if (error === undefined && !fits(limits, usage, underWay, first.ceiling))
                return;
            waiting.shift();
            if (error === undefined)
                first.resolve(enter(first.ceiling));
            else {
                exhaustion.abort(error);
                first.reject(error);
            }
        }
    };
    return {
        usage: () => usage,
        exhausted: exhaustion.signal,
        stop(error) {
            exhaustion.abort(error);
            stopped ??= error;
            pump();
        },
        admit(ceiling, signal) {
            const { promise, resolve, reject } = Promise.withResolvers();
            // A copy, so that the same ceiling given twice is still two reservations.
            const waiter = { ceiling: { ...ceiling }, resolve, reject };
            const leave = () => {
                if (!remove(waiting, waiter))
                    return;
                reject(signal.reason);
                pump();
            };
            waiting.push(waiter);
            pump();
            if (signal.aborted)
                leave();
            else
                signal.addEventListener("abort", leave, { once: true });
            return promise.finally(() => signal.removeEventListener("abort", leave));
        },
    };
}
/** Whether it was there. */
function remove(waiting, waiter) {
    const index = waiting.indexOf(waiter);
    if (index >= 0)
        waiting.splice(index, 1);
    return index >= 0;
}
/** Whether all requests under way and this one stay within the caps, even if each costs the most it can. */
function fits(limits, usage, underWay, next) {
    if (underWay.size === 0)
        return true;
    let costUsd = usage.costUsd + next.costUsd;
    let outputTokens = usage.outputTokens + next.outputTokens;
    let turns = usage.turns + (next.turn ? 1 : 0);
    for (const ceiling of underWay) {
        costUsd += ceiling.costUsd;
        outputTokens += ceiling.outputTokens;
        turns += ceiling.turn ? 1 : 0;
    }
    const within = (value, cap) => cap === 0 || value <= cap;
    return costUsd <= limits.maxCostUsd && within(outputTokens, limits.maxOutputTokens) && within(turns, limits.maxTurns);
}
function findReachedCap(question) {
    const { limits, usage, ceiling } = question;
    if (usage.costUsd >= limits.maxCostUsd && ceiling.costUsd > 0) {
        return exceeded(`The model's answers have cost ${dollars(usage.costUsd)}; the limit max-cost-usd is ${dollars(limits.maxCostUsd)}.`, "Raise `max-cost-usd`, or give the agent a smaller task or a cheaper model.");
    }
    if (ceiling.turn && reached(usage.turns, limits.maxTurns)) {
        return exceeded(`The agent has taken ${usage.turns} turns; the limit max-turns is ${limits.maxTurns}.`, "Raise `max-turns`, or give the agent a smaller task.");
    }
    if (reached(usage.requests, limits.maxRequests)) {
        return exceeded(`The agent has made ${usage.requests} model requests; the limit on requests is ${limits.maxRequests}.`, "Raise `max-turns`: the limit on requests grows with it.");
    }
    if (ceiling.costUsd > 0 && reached(usage.outputTokens, limits.maxOutputTokens)) {
        return exceeded(`The model has written ${usage.outputTokens} tokens; the limit max-output-tokens is ${limits.maxOutputTokens}.`, "Raise `max-output-tokens` in the repository's file (.github/airlock.yml), or give the agent a smaller task.");
    }
    if (reached(question.requestsThisMinute, limits.maxRequestsPerMinute)) {
        return exceeded(`The agent made ${question.requestsThisMinute} model requests within a minute; the limit max-requests-per-minute is ${limits.maxRequestsPerMinute}.`, "Look in the transcript for a loop; run the agent with fewer parallel requests, or raise `max-requests-per-minute` in the repository's file where it says less than 600.");
    }
    return undefined;
}
function reached(value, cap) {
    return cap !== 0 && value >= cap;
}
function exceeded(message, remedy) {
    return new errors/* AirlockError */.qR("budget.exceeded", { message, remedy });
}
function dollars(value) {
    return `${value.toFixed(value < 0.1 ? 4 : 2)} USD`;
}

;// CONCATENATED MODULE: ./lib/gateway/http/drain-body.js
const LINGER_MS = 5_000;
/** After a refusal: reads and drops the rest of the body for a while, so that a reset does not destroy the response; then closes the connection. */
function drainBody(request) {
    const { socket } = request;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
    request.unpipe();
    request.resume();
}

// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(57975);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(38522);
;// CONCATENATED MODULE: ./lib/gateway/broker/refusal.js

/** Carries a refusal out of the depths of a request. */
class Refused extends Error {
    refusal;
    constructor(refusal, cause) {
        super(refusal.detail ?? refusal.reason, { cause });
        this.refusal = refusal;
    }
}
/** @throws Refused always. */
function throwRefusal(reason, status, detail) {
    throw new Refused(refuse(reason, status, detail));
}
/** Upstream failures may pass; everything else would be refused again. */
function isTransient(refusal) {
    return refusal.status >= 500 && refusal.reason !== "upstream-redirect" && refusal.reason !== "upstream-unreadable";
}
/** Refusals after which the connection cannot carry another request: a body may be left on it. */
const CLOSING = new Set(["upgrade", "busy"]);
/** Writes the refusal in the API's own shape, so that the agent shows it and does not try again when that is useless. */
function writeRefusal(response, api, refusal) {
    if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
    }
    const status = statusFor(api, refusal);
    const body = Buffer.from(JSON.stringify(shapeError(api, refusal, status)));
    response.writeHead(status, {
        "content-type": "application/json",
        "content-length": body.length,
        "x-airlock-decision": refusal.reason,
        ...(isTransient(refusal) ? {} : { "x-should-retry": "false" }),
        ...(CLOSING.has(refusal.reason) || refusal.status === 400 || status === 413 ? { connection: "close" } : {}),
    });
    response.end(body);
}
/**
 * The status that the API's clients take as final. Codex asks six times for whatever is answered with 401, 403 or 404, and once for 400;
 * it takes 429 with `insufficient_quota` as the end of the money.
 */
function statusFor(api, refusal) {
    if (api !== "openai")
        return refusal.status;
    if (refusal.reason === "budget")
        return 429;
    return refusal.status === 403 || refusal.status === 401 || refusal.status === 404 ? 400 : refusal.status;
}
function shapeError(api, refusal, status) {
    const message = `Airlock: ${refusal.detail ?? refusal.reason}`;
    return SHAPES[api](message, refusal, status);
}
function classOf(status) {
    if (status >= 500)
        return "unavailable";
    return status === 403 ? "forbidden" : "invalid";
}
const ANTHROPIC_TYPES = { forbidden: "permission_error", invalid: "invalid_request_error", unavailable: "api_error" };
const GEMINI_STATUS = { forbidden: "PERMISSION_DENIED", invalid: "INVALID_ARGUMENT", unavailable: "UNAVAILABLE" };
const SHAPES = {
    anthropic: (message, _refusal, status) => ({ type: "error", error: { type: ANTHROPIC_TYPES[classOf(status)], message } }),
    openai(message, refusal) {
        // The only code that its client takes as final: it retries every other error several times.
        const quota = refusal.reason === "budget" ? "insufficient_quota" : undefined;
        return { error: { message, type: quota ?? "invalid_request_error", code: quota ?? refusal.reason } };
    },
    gemini: (message, _refusal, status) => ({ error: { code: status, message, status: GEMINI_STATUS[classOf(status)] } }),
};

;// CONCATENATED MODULE: ./lib/gateway/broker/check-shape.js

/** Deeper than any honest request, and shallow enough for every reader of JSON. */
const MAX_DEPTH = 100;
/**
 * Holds a request against its description, to the leaves.
 * @throws Refused with the path of what the description does not hold
 */
function checkShape(body, shape, { foldNames }) {
    const walk = { path: [], models: [], hosted: [], foldNames, keys: 0 };
    check(walk, body, shape);
    return walk;
}
function check(walk, value, shape) {
    if (value === null)
        return;
    if (walk.path.length > MAX_DEPTH)
        refuseDepth();
    if (shape.hosted !== undefined)
        ask(walk, value, shape.hosted);
    if (shape.free === true)
        skim(walk, value, walk.path.length);
    else if (shape.refused !== undefined)
        refuseUnlessEmpty(walk, value, shape.refused);
    else if (typeof value !== "object")
        checkScalar(walk, value, shape);
    else if (Array.isArray(value))
        checkList(walk, value, shape);
    else
        checkObject(walk, value, shape);
}
function ask(walk, value, tool) {
    const type = value["type"];
    walk.hosted.push({ tool, name: String(type ?? walk.path.at(-1)).slice(0, 60), holder: value });
}
function refuseUnlessEmpty(walk, value, { reason, words }) {
    if (value === false || value === "" || (Array.isArray(value) && value.length === 0))
        return;
    throwRefusal(reason, 403, `${renderPath(walk.path)}: ${words}`);
}
function checkScalar(walk, value, { scalar }) {
    if (scalar === "plain")
        return;
    if (scalar === undefined)
        refuseUnknown(walk);
    if (scalar === "model")
        walk.models.push(String(value));
    else if (typeof value !== "string" || !/^(?:data:|$)/i.test(value))
        refuseAddress(walk);
}
function checkList(walk, value, { items }) {
    if (items === undefined)
        refuseUnknown(walk);
    for (let at = 0; at < value.length; at++) {
        walk.path.push(at);
        check(walk, value[at], items);
        walk.path.pop();
    }
}
function checkObject(walk, value, { types, fields }) {
    const type = value["type"] ?? undefined;
    if (types === undefined || type === undefined) {
        checkFields(walk, value, fields);
        return;
    }
    const found = typeof type === "string" && Object.hasOwn(types, type) ? types[type] : undefined;
    if (found === undefined)
        refuseType(walk, type);
    check(walk, value, found);
}
function checkFields(walk, value, fields) {
    if (fields === undefined)
        refuseUnknown(walk);
    const names = Object.keys(value);
    walk.keys += names.length;
    for (const name of names) {
        walk.path.push(name);
        const known = walk.foldNames ? foldName(name, value) : name;
        const shape = known !== undefined && Object.hasOwn(fields, known) ? fields[known] : undefined;
        if (shape === undefined)
            refuseUnknown(walk);
        check(walk, value[name], shape);
        walk.path.pop();
    }
}
/** `file_data` and `fileData` are one field; undefined where an object says it both ways, so that it could be read in two. */
function foldName(name, holder) {
    if (!name.includes("_"))
        return name;
    const folded = name.replace(/_([a-z0-9])/g, (_all, letter) => letter.toUpperCase());
    return Object.hasOwn(holder, folded) ? undefined : folded;
}
/** Counts the keys of what only the model reads. */
function skim(walk, value, depth) {
    if (typeof value !== "object" || value === null)
        return;
    if (depth > MAX_DEPTH)
        refuseDepth();
    if (!Array.isArray(value))
        walk.keys += Object.keys(value).length;
    for (const inner of Object.values(value))
        skim(walk, inner, depth + 1);
}
function refuseUnknown({ path }) {
    throwRefusal("unknown-field", 403, `${renderPath(path)} is not in Airlock's description of this API, so nothing was sent. ${REMEDY}`);
}
function refuseType({ path }, type) {
    const where = renderPath([...path, "type"]);
    const shown = renderName(String(type));
    throwRefusal("unknown-field", 403, `${where} is ${shown}, which is not in Airlock's description of this API; nothing was sent. ${REMEDY}`);
}
const REMEDY = "Leave it out; where a newer agent needs it, use a newer Airlock or report it.";
function refuseAddress({ path }) {
    throwRefusal("server-side-connector", 403, `${renderPath(path)}: send images and files as data; an address that the model's service would fetch is a way past the egress policy.`);
}
function refuseDepth() {
    throwRefusal("body-unreadable", 400, `The body is nested deeper than ${MAX_DEPTH} levels.`);
}
const MAX_SHOWN_STEPS = 20;
/** Such as `messages[3].content[0].source.url`. Names come from the guest: only plain ones are shown. */
function renderPath(path) {
    const steps = path.slice(0, MAX_SHOWN_STEPS).map((step) => (typeof step === "number" ? `[${step}]` : `.${renderName(step)}`));
    const text = steps.join("").replace(/^\./, "");
    return text === "" ? "The body" : text;
}
function renderName(name) {
    return /^[A-Za-z0-9_-]{1,60}$/.test(name) ? name : "?";
}

;// CONCATENATED MODULE: ./lib/gateway/broker/cost-bounds.js
/** Reads the bounds from a parsed body. The names are those of the types in @anthropic-ai/sdk 1.15.0, openai 7.59.0 and @google/genai 2.32.0. */
function readCostBounds(body, api) {
    const attached = countAttachments(body);
    const stored = STORED[api].some((name) => isSet(body[name]));
    return {
        images: attached.images,
        openPrompt: attached.documents > 0 || stored,
        answers: readAnswers(body, api),
        openPasses: REPEATING[api].some((name) => isSet(body[name])) || listOf(body["tools"]).some(isServiceTool[api]) || addsPasses(body, api),
        regional: isSet(body["inference_geo"]) && body["inference_geo"] !== "global",
        detached: body["background"] === true,
    };
}
/** Fields that name what the service keeps: a conversation, a prompt, a cache, files. */
const STORED = {
    anthropic: ["thread", "container"],
    openai: ["previous_response_id", "conversation", "prompt"],
    gemini: ["cachedContent", "cached_content"],
};
/** Fields by which one request runs a model more than once, or is paid for by something else than text. */
const REPEATING = {
    anthropic: ["fallbacks", "mcp_servers"],
    openai: ["web_search_options", "prediction", "audio", "background", "context_management"],
    gemini: [],
};
function addsPasses(body, api) {
    if (api === "anthropic")
        return listOf(fieldsOf(body["context_management"])["edits"]).some((edit) => !isClearing(edit));
    if (api === "openai")
        return false;
    return holdersOf(body, api).some((config) => isSet(config["responseModalities"]) || isSet(config["response_modalities"]));
}
function isClearing(edit) {
    return /^clear_/.test(String(fieldsOf(edit)["type"]));
}
/** Tools that the client runs; every other tool runs at the service. */
const CLIENT_TOOL = {
    anthropic: /^(?:custom|bash_\d+|text_editor_\d+|memory_\d+|computer_\d+)$/,
    openai: /^(?:function|custom|local_shell|apply_patch)$/,
};
const GEMINI_CLIENT_TOOLS = new Set(["functionDeclarations", "function_declarations"]);
const isServiceTool = {
    anthropic: (tool) => isSet(fieldsOf(tool)["type"]) && !CLIENT_TOOL.anthropic.test(String(fieldsOf(tool)["type"])),
    openai: (tool) => isSet(fieldsOf(tool)["type"]) && !CLIENT_TOOL.openai.test(String(fieldsOf(tool)["type"])),
    gemini: (tool) => Object.keys(fieldsOf(tool)).some((name) => !GEMINI_CLIENT_TOOLS.has(name)),
};
const ANSWERS = {
    anthropic: [],
    openai: ["n"],
    gemini: ["candidateCount", "candidate_count"],
};
function readAnswers(body, api) {
    const counts = holdersOf(body, api).flatMap((holder) => ANSWERS[api].map((name) => holder[name]));
    return Math.max(1, ...counts.filter((value) => typeof value === "number" && Number.isFinite(value)));
}
function holdersOf(body, api) {
    return api === "gemini" ? [fieldsOf(body["generationConfig"]), fieldsOf(body["generation_config"])] : [body];
}
/** Looks at every object, however deep and whatever holds it: a place that is forgotten would be a way around the cap. */
function countAttachments(body) {
    const found = { images: 0, documents: 0 };
    const open = [body];
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
        if (Array.isArray(value))
            for (const inner of value)
                queue(open, inner);
        else
            look(value, open, found);
    }
    return found;
}
function queue(open, value) {
    if (typeof value === "object" && value !== null)
        open.push(value);
}
function look(fields, open, found) {
    for (const name in fields) {
        const value = fields[name];
        if (typeof value === "string")
            noteText(name, value, fields, found);
        else
            queue(open, value);
        if (INLINE_FIELDS.has(name))
            noteInline(fieldsOf(value), found);
    }
}
const IMAGE_TYPE = new Set(["image", "image_url", "input_image", "computer_screenshot"]);
const DOCUMENT_TYPE = new Set(["file", "input_file", "input_audio", "input_video", "container_upload", "item_reference"]);
const FILE_FIELDS = new Set(["file_id", "file_data", "file_url", "fileUri", "file_uri"]);
const INLINE_FIELDS = new Set(["inlineData", "inline_data"]);
/** A document whose text stands in the body is bounded by its bytes. */
const PLAIN_SOURCE = new Set(["text", "content"]);
function noteText(name, value, fields, found) {
    if (FILE_FIELDS.has(name))
        found.documents++;
    if (name !== "type")
        return;
    if (IMAGE_TYPE.has(value))
        found.images++;
    else if (DOCUMENT_TYPE.has(value))
        found.documents++;
    else if (value === "document" && !PLAIN_SOURCE.has(String(fieldsOf(fields["source"])["type"])))
        found.documents++;
}
function noteInline(inline, found) {
    if (/^image\//i.test(String(inline["mimeType"] ?? inline["mime_type"])))
        found.images++;
    else
        found.documents++;
}
function fieldsOf(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
/** One tool without its list is taken by some services. */
function listOf(value) {
    if (Array.isArray(value))
        return value;
    return isSet(value) ? [value] : [];
}
function isSet(value) {
    return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
}

;// CONCATENATED MODULE: ./lib/gateway/broker/server-side-tools.js

/**
 * Refuses the tools that the workflow does not name, and holds the others to the run's domains, in the request itself.
 * @returns whether it changed the request
 * @throws Refused
 */
function applyToolPolicy(asked, policy) {
    const refused = asked.find(({ tool }) => !policy.allowed.includes(tool.word));
    if (refused !== undefined)
        refuseTool(refused);
    const { domains } = policy;
    if (domains === undefined)
        return false;
    const limited = asked.filter(({ tool }) => tool.domains !== undefined);
    for (const one of limited)
        holdToDomains(one, domains);
    return limited.length > 0;
}
function refuseTool({ tool }) {
    throwRefusal("model-tool", 403, `The model's service would run the tool ${tool.word} by itself, past the egress policy. Leave it out, or name \`${tool.word}\` in the input \`model-tools\`.`);
}
function holdToDomains({ tool, holder }, domains) {
    const path = tool.domains ?? [];
    const name = path.at(-1) ?? "";
    const inner = path.slice(0, -1).reduce((at, step) => descend(at, step), holder);
    const asked = inner[name];
    const wanted = Array.isArray(asked) && asked.length > 0 ? asked.filter((each) => isWithin(String(each), domains)) : domains;
    if (wanted.length === 0) {
        throwRefusal("model-tool", 403, `The tool ${tool.word} may look at the run's allowed hosts only, and none is left. Name hosts in the input \`allow\`.`);
    }
    inner[name] = wanted;
    if (tool.blocked !== undefined)
        delete inner[tool.blocked];
}
function descend(holder, step) {
    const found = holder[step];
    if (typeof found === "object" && found !== null)
        return found;
    const made = {};
    holder[step] = made;
    return made;
}
/** The services count what is below a domain, and paths on it, as the domain. */
function isWithin(asked, domains) {
    const host = (asked.split("/", 1)[0] ?? "").toLowerCase();
    return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
/** The allowed hosts that can be written as domains; undefined in `audit`, where every public host is allowed. */
function listToolDomains({ mode, policy }) {
    if (mode === "audit")
        return undefined;
    if (mode === "none")
        return [];
    const whole = policy.allow.filter(({ path, methods, port }) => path === undefined && (methods?.includes("GET") ?? true) && (port ?? 443) === 443);
    const names = whole.flatMap(({ pattern }) => (pattern.kind === "host" ? pattern.host : pattern.kind === "below" ? pattern.parent : []));
    const denied = new Set(policy.deny.flatMap(({ pattern }) => (pattern.kind === "host" ? pattern.host : [])));
    return [...new Set(names)].filter((name) => !denied.has(name));
}

;// CONCATENATED MODULE: ./lib/gateway/broker/model-request.js






/** Reads a body of at most `maxBytes`, decoded; its memory is reserved until the request ends. @throws Refused */
async function readBody({ request, maxBytes, memory, reservation }) {
    const tooLarge = () => throwRefusal("body-too-large", 413, `The request body is larger than ${maxBytes} bytes.`);
    if (Number(request.headers["content-length"] ?? 0) > maxBytes)
        tooLarge();
    const chunks = [];
    let size = 0;
    // Not destroyed when this stops early: the refusal goes out on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        size += chunk.length;
        if (size > maxBytes)
            tooLarge();
        reservation.take(chunk.length);
        chunks.push(chunk);
    }
    if (Object.keys(request.trailers).length > 0)
        throwRefusal("bad-request", 400, "Trailers are not taken.");
    const coding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    const body = Buffer.concat(chunks);
    if (coding === "identity")
        return body;
    return await memory.alone(async () => {
        const decoded = await decode(body, coding, maxBytes);
        reservation.take(decoded.length);
        return decoded;
    });
}
async function decode(body, coding, maxBytes) {
    const limit = { maxOutputLength: maxBytes };
    try {
        if (coding === "gzip")
            return await (0,external_node_util_.promisify)(external_node_zlib_.gunzip)(body, limit);
        if (coding === "zstd")
            return await (0,external_node_util_.promisify)(external_node_zlib_.zstdDecompress)(body, limit);
    }
    catch {
        throwRefusal("body-unreadable", 400, "The compressed request body cannot be read, or is too large when opened.");
    }
    return throwRefusal("encoding", 415, "Send the body as it is, or as gzip or zstd.");
}
/** @throws Refused when the body is not one JSON object that says everything once, or says what the API's description does not hold. */
function readModelRequest({ body, api, route, tools }) {
    const fields = parseObject(body);
    const asked = checkShape(fields, route.shape, { foldNames: api === "gemini" });
    // Parsers differ on a key that comes twice: such a body could say one thing here and another at the service.
    if (asked.keys !== countKeys(body))
        throwRefusal("body-unreadable", 400, "The body names a field twice.");
    const model = route.model ?? fields["model"];
    if (typeof model !== "string" || model === "" || model.length > 200)
        throwRefusal("body-unreadable", 400, "The body does not name a model.");
    const narrowed = applyToolPolicy(asked.hosted, tools);
    return {
        model,
        models: [...new Set([model, ...asked.models.map(nakedName)])],
        maxOutputTokens: readOutputCap(fields, api),
        turn: route.kind === "generate" && Array.isArray(fields["tools"]) && fields["tools"].length > 0,
        fast: fields["speed"] === "fast" || (fields["service_tier"] ?? fields["serviceTier"]) === "priority",
        serverTools: [...new Set(asked.hosted.map(({ tool }) => tool.word))],
        body: narrowed ? Buffer.from(JSON.stringify(fields)) : body,
        bounds: readCostBounds(fields, api),
    };
}
/** Gemini's bodies put the collection before the name. */
function nakedName(model) {
    return model.replace(/^models\//, "");
}
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
function parseObject(body) {
    let parsed;
    try {
        parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
    }
    catch {
        throwRefusal("body-unreadable", 400, "The body is not JSON.");
    }
    if (!isObject(parsed))
        throwRefusal("body-unreadable", 400, "The body is not a JSON object.");
    return parsed;
}
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Keys of all objects in bytes already known to be valid JSON: every colon outside a string follows one. */
function countKeys(json) {
    let keys = 0;
    for (let at = 0; at < json.length; at++) {
        const byte = json[at];
        if (byte === COLON)
            keys += 1;
        else if (byte === QUOTE)
            at = findStringEnd(json, at + 1);
    }
    return keys;
}
function findStringEnd(json, from) {
    let end = json.indexOf(QUOTE, from);
    while (end !== -1 && isEscaped(json, end))
        end = json.indexOf(QUOTE, end + 1);
    return end === -1 ? json.length : end;
}
function isEscaped(json, at) {
    let backslashes = 0;
    while (json[at - 1 - backslashes] === BACKSLASH)
        backslashes += 1;
    return backslashes % 2 === 1;
}
const OUTPUT_CAPS = {
    anthropic: ["max_tokens"],
    openai: ["max_output_tokens", "max_completion_tokens", "max_tokens"],
    gemini: ["maxOutputTokens", "max_output_tokens"],
};
function readOutputCap(fields, api) {
    const holders = api === "gemini" ? [fields["generationConfig"], fields["generation_config"]].filter(isObject) : [fields];
    const values = holders.flatMap((holder) => OUTPUT_CAPS[api].map((name) => holder[name]));
    const caps = values.filter((value) => typeof value === "number" && value > 0);
    return caps.length === 0 ? undefined : Math.max(...caps);
}

// EXTERNAL MODULE: ./lib/domain/model/prices.js
var model_prices = __webpack_require__(74510);
;// CONCATENATED MODULE: ./lib/gateway/broker/pricing.js


/** Output tokens when a request sets no limit: the most that any listed model writes in one response. */
const DEFAULT_MAX_OUTPUT_TOKENS = 128_000;
/** Tokens that a service adds by itself to a prompt with tools; the highest known is below 1000. */
const ADDED_PROMPT_TOKENS = 1_000;
/** No answer has fewer bytes per token: each token stands in an event of its own, or in JSON. */
const MIN_BYTES_PER_OUTPUT_TOKEN = 2;
/** Faster than any service writes; bounds a response that broke off before it stated its usage. */
const MAX_TOKENS_PER_SECOND = 500;
/**
 * The most a request can cost. Prompt tokens are counted as if all were written to the dearest cache.
 * Infinite where nothing bounds it: such a request waits until it is alone.
 */
function ceilingOf(pricing, modelRequest, bodyBytes) {
    const { bounds, turn } = modelRequest;
    const { price } = (0,model_prices/* priceOf */.xx)({ ...pricing, model: modelRequest.model });
    const output = boundOutput(modelRequest);
    const prompt = boundPrompt(pricing, modelRequest, bodyBytes);
    if (bounds.openPasses || prompt === Number.POSITIVE_INFINITY) {
        return { costUsd: Number.POSITIVE_INFINITY, outputTokens: Number.POSITIVE_INFINITY, turn };
    }
    const tokens = { ...NO_TOKENS, cacheWriteLong: prompt, output };
    return { costUsd: (0,model_prices/* costOf */.ho)(tokens, price, modelRequest.fast) * (bounds.regional ? model_prices/* REGION_FACTOR */.Ns : 1), outputTokens: output, turn };
}
/** The most tokens one pass over the prompt reads. No token is shorter than a byte; a longer prompt than the model takes is refused unpaid. */
function boundPrompt(pricing, { bounds, model }, bodyBytes) {
    const { known } = (0,model_prices/* priceOf */.xx)({ ...pricing, model });
    const longest = known ? model_prices/* MAX_PROMPT_TOKENS */.V7[pricing.api] : Number.POSITIVE_INFINITY;
    if (bounds.openPrompt)
        return longest;
    return Math.min(longest, bodyBytes + bounds.images * model_prices/* MAX_IMAGE_TOKENS */.G9[pricing.api] + ADDED_PROMPT_TOKENS);
}
function boundOutput({ maxOutputTokens, bounds }) {
    return (maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS) * bounds.answers;
}
/** What a request is charged. A response that did not state its usage is charged at its upper bound. */
function chargeOf(pricing, exchange) {
    const { modelRequest, tally, status } = exchange;
    if (status !== undefined && status >= 300)
        return undefined;
    const tokens = tally.complete ? tally.tokens : boundFromAbove(pricing, exchange);
    const { costUsd, unpricedModel } = priceAnswer(pricing, exchange, tokens);
    const passes = tally.passes.reduce((sum, pass) => joinTokens(sum, pass.tokens, add), NO_TOKENS);
    return {
        tokens: joinTokens(tokens, passes, Math.max),
        costUsd,
        turn: modelRequest.turn && status !== undefined,
        estimated: !tally.complete,
        ...(unpricedModel === undefined ? {} : { unpricedModel }),
    };
}
const add = (a, b) => a + b;
/** The totals of an answer leave some of its passes out, such as a compaction: the passes are summed, each by its own model. */
function priceAnswer(pricing, { modelRequest, tally }, tokens) {
    const fast = modelRequest.fast || tally.fast;
    const whole = findPrices(pricing, modelRequest.model, tally.model);
    const dearest = (counted, prices) => Math.max(...prices.map((price) => (0,model_prices/* costOf */.ho)(counted, price, fast)));
    const passes = tally.passes.map((pass) => ({ ...pass, ...findPrices(pricing, modelRequest.model, pass.model ?? tally.model) }));
    const byPass = passes.reduce((sum, pass) => sum + dearest(pass.tokens, pass.prices), 0);
    const aside = { ...NO_TOKENS, searches: tokens.searches, toolsUsd: tokens.toolsUsd };
    const costUsd = Math.max(dearest(tokens, whole.prices), byPass === 0 ? 0 : byPass + dearest(aside, whole.prices));
    const unpricedModel = [whole, ...passes].find((entry) => entry.unpriced !== undefined)?.unpriced;
    return { costUsd: costUsd * (modelRequest.bounds.regional || tally.regional ? model_prices/* REGION_FACTOR */.Ns : 1), unpricedModel };
}
/** The model that was asked for and the one that answered: what is unknown to the list gives way to what is known. */
function findPrices(pricing, asked, answered) {
    const requested = (0,model_prices/* priceOf */.xx)({ ...pricing, model: asked });
    const named = answered === undefined ? requested : (0,model_prices/* priceOf */.xx)({ ...pricing, model: answered });
    const known = [requested, named].filter((found) => found.known).map((found) => found.price);
    return known.length > 0 ? { prices: known, unpriced: undefined } : { prices: [requested.price], unpriced: asked };
}
function boundFromAbove(pricing, { modelRequest, tally, bodyBytes, durationMs }) {
    const seen = tally.tokens;
    const promptKnown = seen.input + seen.cacheRead + seen.cacheWrite + seen.cacheWriteLong > 0;
    const prompt = boundPrompt(pricing, modelRequest, bodyBytes);
    const byTime = Math.ceil((durationMs / 1000) * MAX_TOKENS_PER_SECOND) * modelRequest.bounds.answers;
    const written = Math.max(byTime, Math.ceil(tally.bytes / MIN_BYTES_PER_OUTPUT_TOKEN));
    return {
        ...seen,
        input: promptKnown ? seen.input : Math.min(prompt, model_prices/* MAX_PROMPT_TOKENS */.V7[pricing.api]),
        output: Math.max(seen.output, modelRequest.bounds.detached ? boundOutput(modelRequest) : Math.min(boundOutput(modelRequest), written)),
    };
}

;// CONCATENATED MODULE: ./lib/gateway/http/header-lines.js
/** Fields of one connection, never passed on (RFC 9110, 7.6.1). Framing and Host are written anew. */
const HOP_BY_HOP = new Set([
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
]);
/** Would make the server use another method than the one that was judged. */
const METHOD_OVERRIDES = new Set(["x-http-method-override", "x-http-method", "x-method-override"]);
function* pairsOf(lines) {
    for (let index = 0; index + 1 < lines.length; index += 2)
        yield [lines[index] ?? "", lines[index + 1] ?? ""];
}
function valuesOf(lines, name) {
    return [...pairsOf(lines)].filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}
/** A name as a careless server might read it: `_` and `.` count as `-` (as in CGI). */
function foldHeaderName(name) {
    return name.toLowerCase().replaceAll(/[_.]/g, "-");
}
/** Field names that a message's Connection lines name. */
function nominated(lines) {
    return valuesOf(lines, "connection").flatMap((value) => value.split(",").map((token) => token.trim().toLowerCase()));
}
/** The lines of a request to send on: without those of this hop, Host, and method overrides. */
function endToEnd(lines, options) {
    const dropped = new Set([...nominated(lines), ...HOP_BY_HOP, "host", "expect"]);
    return [...pairsOf(lines)].filter(([name]) => !dropped.has(name.toLowerCase()) && !(options.strict && METHOD_OVERRIDES.has(foldHeaderName(name))));
}
/** The lines of a response to pass to the guest. */
function responseLines(lines) {
    const dropped = new Set([...nominated(lines), ...HOP_BY_HOP]);
    return [...pairsOf(lines)].filter(([name]) => !dropped.has(name.toLowerCase()));
}
/** Trailers that may follow a body: none that affects framing, routing or authorisation. */
function safeTrailers(lines) {
    const refused = /^(?:host|content-.*|transfer-encoding|connection|trailer|te|upgrade|authorization|cookie|set-cookie|proxy-.*|.*-api-key|cache-control|expect|range|max-forwards)$/;
    return [...pairsOf(lines)].filter(([name]) => !refused.test(name.toLowerCase()));
}

;// CONCATENATED MODULE: ./lib/gateway/http/request-target.js

const HOST = String.raw `(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,255})`;
const AUTHORITY = new RegExp(`^${HOST}:([1-9][0-9]{0,4})$`);
const HOST_LINE = new RegExp(`^${HOST}(?::([1-9][0-9]{0,4}))?$`);
const ABSOLUTE = new RegExp(String.raw `^http://${HOST}(?::([1-9][0-9]{0,4}))?((?:[/?][\x21-\x22\x24-\x7e]*)?)$`, "i");
const ORIGIN = /^\/[\x21-\x22\x24-\x7e]*$/;
/** `host:port` of a CONNECT request, nothing else (RFC 9110, 9.3.6). undefined when it is anything else. */
function parseAuthority(text) {
    const match = AUTHORITY.exec(text);
    return match === null ? undefined : readTarget(match[1] ?? "", match[2] ?? "");
}
/** A Host line; `port` is undefined when the line has none. */
function parseHostLine(text) {
    const match = HOST_LINE.exec(text);
    const target = match === null ? undefined : readTarget(match[1] ?? "", match[2] ?? "80");
    return target === undefined ? undefined : { host: target.host, port: match?.[2] === undefined ? undefined : target.port };
}
/** An absolute-form target with the scheme http, and the origin-form to send on. Userinfo, fragment and other schemes make it undefined. */
function parseAbsolute(text) {
    const match = ABSOLUTE.exec(text);
    const target = match === null ? undefined : readTarget(match[1] ?? "", match[2] ?? "80");
    if (target === undefined)
        return undefined;
    const rest = match?.[3] ?? "";
    return { ...target, originForm: rest.startsWith("/") ? rest : `/${rest}` };
}
/** Whether the text is an origin-form target of printable ASCII without a fragment. */
function isOriginForm(text) {
    return ORIGIN.test(text);
}
/** The part of an origin-form target before its query, and the query with its question mark. */
function splitQuery(originForm) {
    const mark = originForm.indexOf("?");
    return mark === -1 ? { path: originForm, query: "" } : { path: originForm.slice(0, mark), query: originForm.slice(mark) };
}
function readTarget(host, port) {
    const canonical = (0,egress_host/* canonicalHost */.r)(host);
    const number = Number(port);
    return canonical === undefined || number > 65_535 ? undefined : { host: canonical.text, port: number };
}

;// CONCATENATED MODULE: ./lib/gateway/http/framing.js


/** What a `Connection` line may not take away from a request. */
const NOT_NOMINABLE = new Set(["host", "content-length", "content-encoding", "transfer-encoding", "authorization", "cookie"]);
/** Refuses what `node:http` lets pass and another parser could frame differently, before anything is dialled or sent on. */
function checkFraming(request, rules) {
    const fault = findFault(request.httpVersion, request.rawHeaders, rules);
    return fault === undefined ? undefined : rules.explain(fault);
}
function findFault(version, lines, rules) {
    if (lines.length / 2 > rules.maxHeaderLines)
        return "too-many-lines";
    if (!rules.versions.some((known) => known === version))
        return "version";
    return findHostFault(version, valuesOf(lines, "host")) ?? findLengthFault(version, lines, rules);
}
function findHostFault(version, hosts) {
    const [host] = hosts;
    if (host === undefined)
        return version === "1.0" ? undefined : "host-count";
    if (hosts.length > 1)
        return "host-count";
    return parseHostLine(host) === undefined ? "host-form" : undefined;
}
function findLengthFault(version, lines, rules) {
    if (nominated(lines).some((name) => NOT_NOMINABLE.has(name)))
        return "nominated-field";
    const codings = valuesOf(lines, "transfer-encoding");
    const lengths = valuesOf(lines, "content-length");
    if (lengths.length > 1)
        return "several-lengths";
    if (codings.length > 1 || codings.some((coding) => coding !== "chunked"))
        return "transfer-coding";
    if (codings.length > 0 && (lengths.length > 0 || version === "1.0"))
        return "length-and-coding";
    return !rules.takesTrailers && valuesOf(lines, "trailer").length > 0 ? "trailer" : undefined;
}

;// CONCATENATED MODULE: ./lib/gateway/broker/request-headers.js





const MAX_HEADERS = 100;
/** Where each API's clients put their credential. */
const CREDENTIAL_HEADERS = {
    anthropic: ["x-api-key", "authorization"],
    openai: ["authorization"],
    gemini: ["x-goog-api-key"],
};
/** Everything that could carry somebody's credential, by name with `_` and `.` folded to `-`. */
const CREDENTIAL_LIKE = /^(?:authorization|proxy-authorization|cookie2?|api-key|access-token|.*-api-key|.*-auth|.*-auth-token|.*-access-token|.*-security-token|.*-authorization|.*-credentials?|.*-secret|.*-password)$/;
function listHeaders(request) {
    const list = [];
    for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
        list.push([(request.rawHeaders[at] ?? "").toLowerCase(), request.rawHeaders[at + 1] ?? ""]);
    }
    return list;
}
/** The agents' clients speak HTTP/1.1 and send plain bodies: nothing else has an honest use here. */
const FRAMING = {
    versions: ["1.1"],
    maxHeaderLines: MAX_HEADERS,
    takesTrailers: false,
    explain: (fault) => refuse("bad-request", 400, FAULTS[fault]),
};
const HOST_FAULT = "There must be exactly one well-formed Host line.";
const LENGTH_FAULT = "The length of the body is ambiguous.";
const FAULTS = {
    version: "Only HTTP/1.1 is spoken here.",
    "too-many-lines": `More than ${MAX_HEADERS} header lines.`,
    "host-count": HOST_FAULT,
    "host-form": HOST_FAULT,
    "nominated-field": "The Connection line names a field that it may not name.",
    "several-lengths": LENGTH_FAULT,
    "transfer-coding": 'The only transfer coding taken is exactly "chunked".',
    "length-and-coding": LENGTH_FAULT,
    trailer: "Trailers are not taken.",
};
/** @throws Refused for what could be framed in two ways, and for a change of protocol. */
function checkForm(request) {
    const refusal = checkFraming(request, FRAMING);
    if (refusal !== undefined)
        throw new Refused(refusal);
    if (["upgrade", "http2-settings"].some((name) => valuesOf(request.rawHeaders, name).length > 0)) {
        throwRefusal("upgrade", 426, "Upgrades are not offered; use plain HTTP/1.1 requests.");
    }
}
/**
 * The client has to show this run's surrogate in the API's own header, and no other credential anywhere.
 * @throws Refused
 */
function checkCredential(headers, api, surrogate) {
    const own = CREDENTIAL_HEADERS[api];
    const seen = new Set();
    for (const [name, value] of headers) {
        if (!CREDENTIAL_LIKE.test(name.replaceAll(/[_.]/g, "-")))
            continue;
        const shown = name === "authorization" ? value.replace(/^Bearer +/i, "") : value;
        if (!own.includes(name) || seen.has(name) || !isSame(shown, surrogate)) {
            throwRefusal("foreign-credential", 403, "This request carries a credential that is not this run's own; nothing was sent on.");
        }
        seen.add(name);
    }
    if (seen.size === 0)
        throwRefusal("missing-credential", 403, `Send this run's credential in ${own.join(" or ")}.`);
}
function isSame(shown, secret) {
    const digest = (text) => (0,external_node_crypto_.createHash)("sha256").update(text).digest();
    return (0,external_node_crypto_.timingSafeEqual)(digest(shown), digest(secret.reveal()));
}
/** The client's headers that go upstream; every other header is dropped. */
const PASSED = new Set([
    "accept",
    "accept-language",
    "content-type",
    "user-agent",
    "anthropic-version",
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "x-app",
    "x-client-request-id",
    "openai-beta",
    "originator",
    "session_id",
    "session-id",
    "conversation_id",
    "version",
    "x-goog-api-client",
]);
const PASSED_PREFIX = /^(?:x-stainless-|x-claude-|x-codex-|x-gemini-)[a-z-]{1,60}$/;
function passedHeaders(headers) {
    const passed = {};
    for (const [name, value] of headers) {
        if (!PASSED.has(name) && !PASSED_PREFIX.test(name))
            continue;
        passed[name] = passed[name] === undefined ? value : `${passed[name]}, ${value}`;
    }
    return passed;
}

;// CONCATENATED MODULE: ./lib/gateway/broker/shape.js
const PLAIN = { scalar: "plain" };
const PLAINS = { items: PLAIN };
const ADDRESS = { scalar: "address" };
const MODEL = { scalar: "model" };
const FREE = { free: true };
function list(items) {
    return { items };
}
function object(fields) {
    return { fields };
}
/** An object with these fields, all of them plain. */
function plain(...names) {
    return { fields: plainFields(...names) };
}
function plainFields(...names) {
    return Object.fromEntries(names.map((name) => [name, PLAIN]));
}
/** Objects told apart by `type`; `fields` are those of one without it. */
function byType(types, fields) {
    return fields === undefined ? { types } : { types, fields };
}
/** Text alone, or what `shape` says. */
function orText(shape) {
    return { scalar: "plain", ...shape };
}
/** The same shape under several names. */
function each(names, shape) {
    return Object.fromEntries(names.map((name) => [name, shape]));
}
function hosted(tool, fields) {
    return { fields, hosted: tool };
}
function refused(reason, words) {
    return { refused: { reason, words } };
}
const shape_STORED = refused("stored-state", "What the model's service keeps between requests is unknown to the run's policy and budget: send the whole conversation, and files as data.");
const CONNECTOR = refused("server-side-connector", "Connectors that the model's service would call by itself are a way past the egress policy: leave them out.");
const NO_WORD = refused("model-tool", "No input allows machines, shells and browsers that the model's service would run: leave the tool out.");

;// CONCATENATED MODULE: ./lib/gateway/broker/anthropic-requests.js

// Source: types of @anthropic-ai/sdk 1.15.0 (`resources/beta/messages`), read 2026-12-01; requests of Claude Code 2.1.330.
const CACHE = { cache_control: plain("type", "ttl", "scope") };
const URL_SOURCE = refused("server-side-connector", "send images and files as data; an address that the model's service would fetch is a way past the egress policy.");
const CITATION = plain("type", ...["cited_text", "document_index", "document_title", "file_id", "title", "source", "url", "encrypted_index", "search_result_index"], ...["start_char_index", "end_char_index", "start_page_number", "end_page_number", "start_block_index", "end_block_index"]);
const TEXT = object({ ...plainFields("type", "text"), ...CACHE, citations: list(CITATION) });
const CITED = { citations: orText(plain("enabled")) };
const DATA = plain("type", "media_type", "data");
const IMAGE = object({
    type: PLAIN,
    source: byType({ base64: DATA, url: URL_SOURCE, file: shape_STORED }),
    transformations: plain("oversized_image"),
    ...CACHE,
});
const DOCUMENT_PART = orText(list(byType({ text: TEXT, image: IMAGE })));
const DOCUMENT = object({
    ...plainFields("type", "context", "title"),
    source: byType({ base64: DATA, text: DATA, content: object({ type: PLAIN, content: DOCUMENT_PART }), url: URL_SOURCE, file: shape_STORED }),
    ...CITED,
    ...CACHE,
});
const SEARCH_RESULT = object({ ...plainFields("type", "source", "title"), content: list(byType({ text: TEXT })), ...CITED, ...CACHE });
const TOOL_REFERENCE = object({ ...plainFields("type", "tool_name"), ...CACHE });
/** Results of hosted tools, as the service gave them; their addresses and file names are not looked up again. */
const CODE_OUTPUT = list(plain("type", "file_id"));
const CODE_RESULT = { ...plainFields("type", "return_code", "stdout", "encrypted_stdout", "stderr"), content: CODE_OUTPUT };
const FAILED = plain("type", "error_code", "error_message");
const EDIT_RESULT = object({
    ...plainFields("type", "content", "file_type", "num_lines", "start_line", "total_lines", "is_file_update"),
    ...plainFields("new_lines", "new_start", "old_lines", "old_start"),
    lines: PLAINS,
});
const FETCHED = object({ ...plainFields("type", "url", "retrieved_at"), content: byType({ document: DOCUMENT }) });
const FOUND = object({ ...plainFields("type", "encrypted_content", "title", "url", "page_age") });
const CALLER = { caller: plain("type", "tool_id") };
function result(types) {
    return object({ ...plainFields("type", "tool_use_id"), content: { ...byType(types), items: byType(types) }, ...CALLER, ...CACHE });
}
const SERVER_RESULTS = {
    web_search_tool_result: result({ web_search_result: FOUND, web_search_tool_result_error: FAILED }),
    web_fetch_tool_result: result({ web_fetch_result: FETCHED, web_fetch_tool_result_error: FAILED }),
    advisor_tool_result: result({
        advisor_result: plain("type", "text", "stop_reason"),
        advisor_redacted_result: plain("type", "encrypted_content", "stop_reason"),
        advisor_tool_result_error: FAILED,
    }),
    code_execution_tool_result: result({
        code_execution_result: object(CODE_RESULT),
        encrypted_code_execution_result: object(CODE_RESULT),
        code_execution_tool_result_error: FAILED,
    }),
    bash_code_execution_tool_result: result({
        bash_code_execution_result: object(CODE_RESULT),
        bash_code_execution_tool_result_error: FAILED,
    }),
    text_editor_code_execution_tool_result: result({
        text_editor_code_execution_view_result: EDIT_RESULT,
        text_editor_code_execution_create_result: EDIT_RESULT,
        text_editor_code_execution_str_replace_result: EDIT_RESULT,
        text_editor_code_execution_tool_result_error: FAILED,
    }),
    tool_search_tool_result: result({
        tool_search_tool_search_result: object({ type: PLAIN, tool_references: list(TOOL_REFERENCE) }),
        tool_search_tool_result_error: FAILED,
    }),
};
const TOOL_BASICS = {
    ...plainFields("type", "name", "defer_loading", "strict", "eager_input_streaming", "description"),
    allowed_callers: PLAINS,
    input_examples: FREE,
    ...CACHE,
};
const anthropic_requests_CLIENT_TOOL = object({ ...TOOL_BASICS, input_schema: FREE, max_characters: PLAIN });
const PLACE = { user_location: plain("type", "city", "country", "region", "timezone") };
const DOMAINS = { allowed_domains: PLAINS, blocked_domains: PLAINS };
const SOURCES = object({ type: PLAIN, tools: list(plain("type", "name")) });
const WEB_TOOL = { ...TOOL_BASICS, ...DOMAINS, ...plainFields("max_uses", "response_inclusion") };
const DOMAIN_LIST = { domains: ["allowed_domains"], blocked: "blocked_domains" };
const WEB_SEARCH = hosted({ word: "web-search", ...DOMAIN_LIST }, { ...WEB_TOOL, ...PLACE });
const WEB_FETCH = hosted({ word: "web-fetch", ...DOMAIN_LIST }, {
    ...WEB_TOOL,
    ...CITED,
    ...plainFields("max_content_tokens", "use_cache"),
    url_sources: object({ client_tool_results: SOURCES, server_tool_results: SOURCES, user_input: SOURCES }),
});
const CODE_EXECUTION = hosted({ word: "code-execution" }, TOOL_BASICS);
const ADVISOR = object({ ...TOOL_BASICS, model: MODEL, ...plainFields("max_tokens", "max_uses"), caching: plain("type", "ttl") });
/** Shells, editors and memory are run by the agent itself, in the sandbox; so is the search among the request's own tools harmless. */
const TOOL = byType({
    custom: anthropic_requests_CLIENT_TOOL,
    ...each(["bash_20241022", "bash_20250124", "memory_20250818"], anthropic_requests_CLIENT_TOOL),
    ...each(["text_editor_20241022", "text_editor_20250124", "text_editor_20250429", "text_editor_20250728"], anthropic_requests_CLIENT_TOOL),
    ...each(["tool_search_tool_bm25", "tool_search_tool_bm25_20251119"], anthropic_requests_CLIENT_TOOL),
    ...each(["tool_search_tool_regex", "tool_search_tool_regex_20251119"], anthropic_requests_CLIENT_TOOL),
    ...each(["web_search_20250305", "web_search_20260209", "web_search_20260318"], WEB_SEARCH),
    ...each(["web_fetch_20250910", "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318"], WEB_FETCH),
    ...each(["code_execution_20250522", "code_execution_20250825"], CODE_EXECUTION),
    ...each(["code_execution_20260120", "code_execution_20260521"], CODE_EXECUTION),
    ...each(["computer_20241022", "computer_20250124", "computer_20251124", "computer_toolset_20260801"], NO_WORD),
    browser_toolset_20260801: NO_WORD,
    advisor_20260301: ADVISOR,
    mcp_toolset: CONNECTOR,
    mcp: CONNECTOR,
}, { ...TOOL_BASICS, input_schema: FREE });
const TOOL_CHANGE = object({
    type: PLAIN,
    tool: byType({
        tool_reference: plain("type", "name"),
        tool_definition: object({ type: PLAIN, definition: TOOL }),
        mcp_tool_reference: CONNECTOR,
        mcp_toolset_reference: CONNECTOR,
    }),
    ...CACHE,
});
const TOOL_CHANGES = { tool_addition: TOOL_CHANGE, tool_removal: TOOL_CHANGE };
const TOOL_RESULT_PART = byType({
    text: TEXT,
    image: IMAGE,
    document: DOCUMENT,
    search_result: SEARCH_RESULT,
    tool_reference: TOOL_REFERENCE,
});
const BLOCK = byType({
    text: TEXT,
    image: IMAGE,
    document: DOCUMENT,
    search_result: SEARCH_RESULT,
    thinking: plain("type", "thinking", "signature"),
    redacted_thinking: plain("type", "data"),
    tool_use: object({ ...plainFields("type", "id", "name", "toolset_name"), input: FREE, ...CALLER, ...CACHE }),
    server_tool_use: object({ ...plainFields("type", "id", "name"), input: FREE, ...CALLER, ...CACHE }),
    tool_result: object({
        ...plainFields("type", "tool_use_id", "is_error", "toolset_name"),
        content: orText(list(TOOL_RESULT_PART)),
        ...CACHE,
    }),
    compaction: object({
        ...plainFields("type", "content", "encrypted_content", "signature"),
        tool_changes: list(byType(TOOL_CHANGES)),
        ...CACHE,
    }),
    ...SERVER_RESULTS,
    ...TOOL_CHANGES,
    container_upload: shape_STORED,
    ...each(["mcp_tool_use", "mcp_tool_result", "mcp_tool_listing"], CONNECTOR),
});
const FORMAT = object({ type: PLAIN, schema: FREE });
const OUTPUT = {
    output_config: object({ effort: PLAIN, format: FORMAT, task_budget: plain("type", "total", "remaining") }),
    output_format: FORMAT,
};
const THINKING = object({ ...plainFields("type", "budget_tokens", "display"), block_binding: plain("prefix_mismatch_behavior") });
const AMOUNT = orText(plain("type", "value"));
const EDITS = list(byType({
    clear_tool_uses_20250919: object({
        type: PLAIN,
        clear_at_least: AMOUNT,
        clear_tool_inputs: orText(PLAINS),
        exclude_tools: PLAINS,
        keep: AMOUNT,
        trigger: AMOUNT,
    }),
    clear_thinking_20251015: object({ type: PLAIN, keep: AMOUNT }),
    compact_20260112: object({ ...plainFields("type", "instructions", "pause_after_compaction"), trigger: AMOUNT }),
}));
const MESSAGE = object({ ...plainFields("role", "clear_at"), content: orText(list(BLOCK)), ...OUTPUT });
/** `messages` and `messages/count_tokens`. */
const ANTHROPIC_REQUEST = object({
    ...plainFields("max_tokens", "stream", "temperature", "top_k", "top_p", "service_tier", "speed", "inference_geo"),
    model: MODEL,
    messages: list(MESSAGE),
    system: orText(list(byType({ text: TEXT }))),
    tools: list(TOOL),
    tool_choice: plain("type", "name", "disable_parallel_tool_use"),
    thinking: THINKING,
    stop_sequences: PLAINS,
    metadata: plain("user_id"),
    ...CACHE,
    ...OUTPUT,
    context_management: object({ edits: EDITS }),
    compaction: plain("type", "instructions"),
    diagnostics: plain("previous_message_id"),
    container: shape_STORED,
    thread: shape_STORED,
    mcp_servers: CONNECTOR,
    fallbacks: refused("model-not-allowed", "A request goes to one model: leave fallbacks to other models out."),
});

;// CONCATENATED MODULE: ./lib/gateway/broker/gemini-requests.js

// Source: types of @google/genai 2.32.0, read 2026-12-01; requests of Gemini CLI 0.61.0. The service also takes names with underscores.
const gemini_requests_DATA = plain("data", "mimeType", "displayName");
const FILE = object({ ...plainFields("mimeType", "displayName"), fileUri: ADDRESS });
const MEDIA = { inlineData: gemini_requests_DATA, fileData: FILE, mediaProcessing: PLAIN };
const PART = object({
    ...plainFields("text", "thought", "thoughtSignature"),
    ...MEDIA,
    functionCall: object({ ...plainFields("id", "name", "willContinue"), args: FREE, partialArgs: FREE }),
    functionResponse: object({
        ...plainFields("id", "name", "scheduling", "willContinue"),
        response: FREE,
        parts: list(object(MEDIA)),
    }),
    executableCode: plain("code", "language", "id"),
    codeExecutionResult: plain("outcome", "output", "id"),
    toolCall: object({ ...plainFields("id", "toolType"), args: FREE }),
    toolResponse: object({ ...plainFields("id", "toolType"), response: FREE }),
    videoMetadata: plain("startOffset", "endOffset", "fps"),
    mediaResolution: orText(plain("level", "numTokens")),
    partMetadata: FREE,
});
const CONTENT = object({ role: PLAIN, parts: list(PART) });
/** What its search may look at is chosen by the service and the model alone. */
const SEARCH = hosted({ word: "web-search" }, {
    blockingConfidence: PLAIN,
    excludeDomains: PLAINS,
    searchTypes: object({ imageSearch: object({}), webSearch: object({}) }),
    timeRangeFilter: plain("startTime", "endTime"),
    dynamicRetrievalConfig: plain("mode", "dynamicThreshold"),
});
const OTHER_SEARCH = refused("model-tool", "No input allows this search of the model's service: leave the tool out.");
const gemini_requests_TOOL = object({
    functionDeclarations: list(object({
        ...plainFields("name", "description", "behavior"),
        parameters: FREE,
        parametersJsonSchema: FREE,
        response: FREE,
        responseJsonSchema: FREE,
    })),
    googleSearch: SEARCH,
    googleSearchRetrieval: SEARCH,
    urlContext: hosted({ word: "web-fetch" }, {}),
    codeExecution: hosted({ word: "code-execution" }, {}),
    fileSearch: hosted({ word: "file-search" }, { ...plainFields("metadataFilter", "topK"), fileSearchStoreNames: PLAINS }),
    computerUse: NO_WORD,
    mcpServers: CONNECTOR,
    retrieval: CONNECTOR,
    ...{ googleMaps: OTHER_SEARCH, enterpriseWebSearch: OTHER_SEARCH, exaAiSearch: OTHER_SEARCH, parallelAiSearch: OTHER_SEARCH },
});
const VOICE = object({ prebuiltVoiceConfig: plain("voiceName"), voice: PLAIN });
const GENERATION = object({
    ...plainFields("temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "responseLogprobs", "logprobs", "seed"),
    ...plainFields("presencePenalty", "frequencyPenalty", "responseMimeType", "mediaResolution", "audioTimestamp", "enableEnhancedCivicAnswers"),
    stopSequences: PLAINS,
    responseModalities: PLAINS,
    ...{ responseSchema: FREE, responseJsonSchema: FREE },
    thinkingConfig: plain("includeThoughts", "thinkingBudget", "thinkingLevel"),
    imageConfig: object({
        ...plainFields("aspectRatio", "imageSize", "personGeneration", "outputMimeType", "outputCompressionQuality", "prominentPeople"),
        imageOutputOptions: plain("mimeType", "compressionQuality"),
    }),
    speechConfig: object({
        languageCode: PLAIN,
        voiceConfig: VOICE,
        multiSpeakerVoiceConfig: object({ speakerVoiceConfigs: list(object({ speaker: PLAIN, voiceConfig: VOICE })) }),
    }),
    routingConfig: object({ manualMode: object({ modelName: MODEL }) }),
});
const GENERATE = {
    model: MODEL,
    contents: list(CONTENT),
    systemInstruction: CONTENT,
    tools: list(gemini_requests_TOOL),
    toolConfig: object({
        functionCallingConfig: object({ ...plainFields("mode", "streamFunctionCallArguments"), allowedFunctionNames: PLAINS }),
        retrievalConfig: object({ languageCode: PLAIN, latLng: plain("latitude", "longitude") }),
        includeServerSideToolInvocations: PLAIN,
    }),
    safetySettings: list(plain("category", "method", "threshold")),
    generationConfig: GENERATION,
    serviceTier: PLAIN,
    cachedContent: shape_STORED,
    store: shape_STORED,
};
/** `generateContent` and `streamGenerateContent`. */
const GEMINI_REQUEST = object(GENERATE);
const GEMINI_COUNT_REQUEST = object({ ...GENERATE, generateContentRequest: GEMINI_REQUEST });

;// CONCATENATED MODULE: ./lib/gateway/broker/openai-content.js

/** What both of OpenAI's APIs have in common. */
const CACHE_POINT = { prompt_cache_breakpoint: plain("mode") };
const USER_LOCATION = object({
    ...plainFields("type", "city", "country", "region", "timezone"),
    approximate: plain("city", "country", "region", "timezone"),
});
/** Settings that say nothing of addresses, tools or state. */
const COMMON = {
    ...plainFields("stream", "temperature", "top_p", "top_logprobs", "parallel_tool_calls", "safety_identifier", "user", "service_tier"),
    ...plainFields("prompt_cache_key", "prompt_cache_retention"),
    prompt_cache_options: plain("mode", "ttl"),
    stream_options: plain("include_obfuscation", "include_usage"),
    metadata: FREE,
    store: shape_STORED,
};
const IMAGE_PART = { ...plainFields("type", "detail"), image_url: ADDRESS, file_id: shape_STORED, ...CACHE_POINT };
const FILE_PART = {
    ...plainFields("type", "detail", "file_data", "filename"),
    file_url: ADDRESS,
    file_id: shape_STORED,
    ...CACHE_POINT,
};
/** Parts of what a person or a tool says to the Responses API. */
const INPUT_PARTS = {
    input_text: object({ ...plainFields("type", "text"), ...CACHE_POINT }),
    input_image: object(IMAGE_PART),
    input_file: object(FILE_PART),
};
const CUSTOM_FORMAT = object({
    ...plainFields("type", "definition", "syntax"),
    grammar: plain("definition", "syntax"),
});
const IMAGE_MASK = object({ image_url: ADDRESS, file_id: shape_STORED });
const SEARCH_FILTERS = object({ allowed_domains: PLAINS });
const CALLED_BY = { caller: byType({ direct: plain("type"), program: plain("type", "caller_id") }) };
const WEB_SEARCH_OPTIONS = hosted({ word: "web-search" }, { search_context_size: PLAIN, user_location: USER_LOCATION });

;// CONCATENATED MODULE: ./lib/gateway/broker/openai-chat.js


// Source: types of openai 6.49.0 (`resources/chat/completions`), read 2026-12-01.
const openai_chat_TEXT = object({ ...plainFields("type", "text"), ...CACHE_POINT });
const openai_chat_PART = byType({
    text: openai_chat_TEXT,
    refusal: plain("type", "refusal"),
    image_url: object({ type: PLAIN, image_url: { ...ADDRESS, ...object({ url: ADDRESS, detail: PLAIN }) }, ...CACHE_POINT }),
    input_audio: object({ type: PLAIN, input_audio: plain("data", "format"), ...CACHE_POINT }),
    file: object({ type: PLAIN, file: object({ ...plainFields("file_data", "filename"), file_id: shape_STORED }), ...CACHE_POINT }),
});
const CALL = object({
    ...plainFields("type", "id", "index"),
    function: plain("name", "arguments"),
    custom: plain("name", "input"),
});
const openai_chat_MESSAGE = object({
    ...plainFields("role", "name", "refusal", "tool_call_id", "reasoning_content"),
    content: orText(list(openai_chat_PART)),
    tool_calls: list(CALL),
    function_call: plain("name", "arguments"),
    // Clients send the whole of the last answer back; its citations are not followed.
    annotations: FREE,
    audio: shape_STORED,
});
const DEFINITION = object({ ...plainFields("name", "description", "strict"), parameters: FREE });
const openai_chat_TOOL = byType({
    function: object({ type: PLAIN, function: DEFINITION }),
    custom: object({ type: PLAIN, custom: object({ ...plainFields("name", "description"), format: CUSTOM_FORMAT }) }),
    mcp: CONNECTOR,
});
const OPENAI_CHAT_REQUEST = object({
    ...COMMON,
    ...plainFields("frequency_penalty", "presence_penalty", "logprobs", "max_completion_tokens", "max_tokens", "n", "seed", "verbosity"),
    ...plainFields("reasoning_effort"),
    model: MODEL,
    messages: list(openai_chat_MESSAGE),
    tools: list(openai_chat_TOOL),
    tool_choice: orText(object({
        type: PLAIN,
        function: plain("name"),
        custom: plain("name"),
        allowed_tools: object({ mode: PLAIN, tools: FREE }),
    })),
    functions: list(DEFINITION),
    function_call: orText(plain("name")),
    stop: orText(PLAINS),
    modalities: PLAINS,
    audio: object({ format: PLAIN, voice: orText(object({ id: shape_STORED })) }),
    logit_bias: FREE,
    prediction: object({ type: PLAIN, content: orText(list(openai_chat_TEXT)) }),
    response_format: object({ type: PLAIN, json_schema: object({ ...plainFields("name", "description", "strict"), schema: FREE }) }),
    web_search_options: WEB_SEARCH_OPTIONS,
});

;// CONCATENATED MODULE: ./lib/gateway/broker/openai-tools.js


// Source: types of openai 6.49.0 (`resources/responses`), read 2026-12-01; requests of Codex 0.171.0.
const BASICS = {
    ...plainFields("type", "name", "description", "strict", "defer_loading"),
    allowed_callers: PLAINS,
    parameters: FREE,
    output_schema: FREE,
};
const FUNCTION = object(BASICS);
const CUSTOM = object({ ...BASICS, format: CUSTOM_FORMAT });
const OWN_NETWORK = refused("model-tool", "A machine of the model's service with a network of its own is a way past the egress policy.");
const CONTAINER = object({
    ...plainFields("type", "memory_limit"),
    file_ids: shape_STORED,
    network_policy: byType({ disabled: plain("type"), allowlist: OWN_NETWORK }),
});
const openai_tools_SEARCH = {
    ...plainFields("type", "search_context_size", "external_web_access"),
    search_content_types: PLAINS,
    user_location: USER_LOCATION,
};
const openai_tools_WEB_SEARCH = hosted({ word: "web-search", domains: ["filters", "allowed_domains"] }, { ...openai_tools_SEARCH, filters: SEARCH_FILTERS });
const FILE_SEARCH = hosted({ word: "file-search" }, {
    ...plainFields("type", "max_num_results"),
    vector_store_ids: PLAINS,
    filters: FREE,
    ranking_options: object({ ...plainFields("ranker", "score_threshold"), hybrid_search: plain("embedding_weight", "text_weight") }),
});
const IMAGE_GENERATION = hosted({ word: "image-generation" }, {
    ...plainFields("type", "action", "background", "input_fidelity", "moderation", "output_compression", "output_format"),
    ...plainFields("partial_images", "quality", "size"),
    input_image_mask: IMAGE_MASK,
    model: MODEL,
});
/** Only the agent's own shell: without an environment nobody here knows where it would run. */
const SHELL = object({
    type: { scalar: "plain" },
    allowed_callers: PLAINS,
    environment: byType({
        local: object({ ...plainFields("type"), skills: list(plain("name", "description", "path")) }),
        container_auto: NO_WORD,
        container_reference: NO_WORD,
    }),
});
const CODE_TOOL = { ...plainFields("type"), allowed_callers: PLAINS };
const TOOLS = {
    function: FUNCTION,
    custom: CUSTOM,
    ...each(["local_shell", "apply_patch"], plainTool()),
    shell: SHELL,
    tool_search: object({ ...plainFields("type", "description", "execution"), parameters: FREE }),
    ...each(["web_search", "web_search_2025_08_26"], openai_tools_WEB_SEARCH),
    ...each(["web_search_preview", "web_search_preview_2025_03_11"], hosted({ word: "web-search" }, openai_tools_SEARCH)),
    file_search: FILE_SEARCH,
    code_interpreter: hosted({ word: "code-execution" }, { ...CODE_TOOL, container: CONTAINER }),
    programmatic_tool_calling: hosted({ word: "code-execution" }, CODE_TOOL),
    image_generation: IMAGE_GENERATION,
    mcp: CONNECTOR,
    ...each(["computer", "computer_use", "computer_use_preview"], NO_WORD),
};
const OPENAI_TOOL = byType({
    ...TOOLS,
    namespace: object({ ...plainFields("type", "name", "description"), tools: list(byType({ function: FUNCTION, custom: CUSTOM })) }),
});
function plainTool() {
    return object({ ...plainFields("type"), allowed_callers: PLAINS });
}

;// CONCATENATED MODULE: ./lib/gateway/broker/openai-responses.js



// Source: types of openai 6.49.0 (`resources/responses`), read 2026-12-01; requests of Codex 0.171.0.
/** What the model wrote before; the addresses in it are citations. */
const ANNOTATION = plain(...["type", "file_id", "filename", "index", "url", "title", "start_index", "end_index", "container_id"]);
const LOGPROB = { ...plainFields("token", "logprob"), bytes: PLAINS };
const OUTPUT_TEXT = object({
    ...plainFields("type", "text"),
    annotations: list(ANNOTATION),
    logprobs: list(object({ ...LOGPROB, top_logprobs: list(object(LOGPROB)) })),
    ...CACHE_POINT,
});
const openai_responses_MESSAGE = {
    ...plainFields("type", "role", "phase", "status"),
    content: orText(list(byType({ ...INPUT_PARTS, output_text: OUTPUT_TEXT, refusal: plain("type", "refusal") }))),
};
const openai_responses_CALL = { ...plainFields("type", "id", "call_id", "status", "name", "namespace", "execution"), ...CALLED_BY };
const RESULT = object({ ...openai_responses_CALL, output: orText(list(byType(INPUT_PARTS))) });
const REASONING = object({
    ...plainFields("type", "id", "status", "encrypted_content"),
    summary: list(plain("type", "text")),
    content: list(plain("type", "text")),
});
/** Commands that the agent ran in the sandbox. */
const COMMAND = object({
    ...plainFields("type", "timeout_ms", "user", "working_directory", "max_output_length"),
    ...each(["command", "commands"], PLAINS),
    env: FREE,
});
const LOCAL = byType({ local: object({ type: PLAIN, skills: list(plain("name", "description", "path")) }), container_reference: NO_WORD });
const SHELL_OUTPUT = orText(list(object({ ...plainFields("stdout", "stderr"), outcome: plain("type", "exit_code") })));
const PATCH = plain("type", "path", "diff");
/** What hosted tools did before: kept by the client, and not done again. */
const SEARCHED = object({
    ...plainFields("type", "query", "url", "pattern"),
    queries: PLAINS,
    sources: list(plain("type", "url")),
});
const FILE_RESULT = object({ ...plainFields("file_id", "filename", "score", "text"), attributes: FREE });
const HOSTED_CALLS = {
    web_search_call: object({ ...openai_responses_CALL, action: SEARCHED }),
    file_search_call: object({ ...openai_responses_CALL, queries: PLAINS, results: list(FILE_RESULT) }),
    image_generation_call: object({
        ...plainFields("type", "id", "status", "result", "revised_prompt", "background", "output_format", "quality", "size", "action"),
    }),
    code_interpreter_call: object({
        ...plainFields("type", "id", "status", "code", "container_id"),
        outputs: list(plain("type", "logs", "url")),
    }),
};
const ITEM = byType({
    message: object({ ...openai_responses_MESSAGE, id: PLAIN }),
    reasoning: REASONING,
    function_call: object({ ...openai_responses_CALL, arguments: PLAIN }),
    function_call_output: RESULT,
    custom_tool_call: object({ ...openai_responses_CALL, input: PLAIN }),
    custom_tool_call_output: RESULT,
    local_shell_call: object({ ...openai_responses_CALL, action: COMMAND }),
    local_shell_call_output: RESULT,
    shell_call: object({ ...openai_responses_CALL, action: COMMAND, environment: LOCAL }),
    shell_call_output: object({ ...openai_responses_CALL, output: SHELL_OUTPUT, max_output_length: PLAIN }),
    apply_patch_call: object({ ...openai_responses_CALL, operation: PATCH }),
    apply_patch_call_output: RESULT,
    tool_search_call: object({ ...openai_responses_CALL, arguments: FREE }),
    tool_search_output: object({ ...openai_responses_CALL, tools: list(OPENAI_TOOL) }),
    additional_tools: object({ ...plainFields("type", "id", "role"), tools: list(OPENAI_TOOL) }),
    compaction: plain("type", "id", "encrypted_content"),
    compaction_trigger: plain("type"),
    program: plain("type", "id", "call_id", "code", "fingerprint"),
    program_output: plain("type", "id", "call_id", "result", "status"),
    ...HOSTED_CALLS,
    ...each(["computer_call", "computer_call_output"], NO_WORD),
    ...each(["mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "mcp_call"], CONNECTOR),
    item_reference: shape_STORED,
}, 
// Without `id`: an item with an id and no type is a reference to what the service keeps.
openai_responses_MESSAGE);
/** `name` chooses among the tools of the request. */
const CHOICE = object({ ...plainFields("type", "name", "mode", "server_label"), tools: FREE });
const OPENAI_RESPONSES_REQUEST = object({
    ...COMMON,
    ...plainFields("instructions", "max_output_tokens", "truncation"),
    model: MODEL,
    input: orText(list(ITEM)),
    include: PLAINS,
    tools: list(OPENAI_TOOL),
    tool_choice: orText(CHOICE),
    reasoning: plain("context", "effort", "generate_summary", "mode", "summary"),
    text: object({ verbosity: PLAIN, format: object({ ...plainFields("type", "name", "description", "strict"), schema: FREE }) }),
    context_management: list(plain("type", "compact_threshold")),
    client_metadata: FREE,
    background: refused("stored-state", "Work that goes on after the request cannot be counted or stopped: leave it out."),
    conversation: shape_STORED,
    previous_response_id: shape_STORED,
    prompt: shape_STORED,
});

;// CONCATENATED MODULE: ./lib/gateway/broker/routes.js






const get = (method, path, kind, query = []) => ({
    ...{ method, path, kind, query },
    shape: object({}),
});
const post = (path, kind, shape, query = []) => ({
    method: "POST",
    ...{ path, kind, query, shape },
});
/** Every call an agent may make to a model's service. Files, batches, administration and the rest are left out on purpose. */
const RULES = {
    anthropic: [
        post(/^\/v1\/messages$/, "generate", ANTHROPIC_REQUEST, ["beta"]),
        post(/^\/v1\/messages\/count_tokens$/, "count", ANTHROPIC_REQUEST, ["beta"]),
        get("HEAD", /^\/$/, "hello"),
        get("HEAD", /^\/api\/hello$/, "hello"),
        get("GET", /^\/api\/hello$/, "hello"),
    ],
    openai: [
        post(/^\/v1\/responses$/, "generate", OPENAI_RESPONSES_REQUEST),
        post(/^\/v1\/chat\/completions$/, "generate", OPENAI_CHAT_REQUEST),
        get("GET", /^\/v1\/models$/, "models", ["client_version"]),
    ],
    gemini: [
        post(/^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):(?:generateContent|streamGenerateContent)$/, "generate", GEMINI_REQUEST, [
            "alt",
        ]),
        post(/^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):countTokens$/, "count", GEMINI_COUNT_REQUEST),
    ],
};
/** One leading slash, no escapes, no empty or dot segments: a target that every reader reads alike. */
const TARGET = /^(?<path>\/[A-Za-z0-9._:/-]{0,512})(?<query>\?[A-Za-z0-9._=&-]{0,512})?$/;
const CREDENTIAL_PARAMETER = /^(?:key|api[-_]?key|access_token|token|auth.*)$/i;
/** @throws Refused when the target is not on the API's list. */
function findRoute(api, method, target) {
    const { path, query = "" } = TARGET.exec(target)?.groups ?? {};
    if (path === undefined || path.includes("//") || path.split("/").some((segment) => segment === "." || segment === "..")) {
        // A credential in the query has its own reason: it is how a foreign key would be smuggled in.
        const hasKey = /[?&](?:key|api_key|access_token)=/i.test(target);
        if (hasKey)
            throwRefusal("foreign-credential", 403, "A credential in the query is not accepted; use the header of this API.");
        throwRefusal("path-not-listed", 403, "This request target is not one that agents need.");
    }
    const onPath = RULES[api].filter((candidate) => candidate.path.test(path));
    const found = onPath.find((candidate) => candidate.method === method);
    if (found === undefined) {
        throwRefusal(onPath.length > 0 ? "method-not-listed" : "path-not-listed", 403, `Only the calls an agent needs are let through; this one is not.`);
    }
    checkQuery(query, found.query);
    const model = found.path.exec(path)?.groups?.["model"];
    return { kind: found.kind, path, query, shape: found.shape, ...(model === undefined ? {} : { model }) };
}
function checkQuery(query, allowed) {
    const seen = new Set();
    for (const pair of query.slice(1).split("&")) {
        if (pair === "")
            continue;
        const name = pair.split("=", 1)[0] ?? "";
        if (CREDENTIAL_PARAMETER.test(name)) {
            throwRefusal("foreign-credential", 403, "A credential in the query is not accepted; use the header of this API.");
        }
        if (!allowed.includes(name) || seen.has(name))
            throwRefusal("query-not-listed", 403, "This query parameter is not on the list.");
        seen.add(name);
    }
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
// EXTERNAL MODULE: external "node:stream/promises"
var promises_ = __webpack_require__(46466);
// EXTERNAL MODULE: ./lib/domain/secrets/spellings.js
var secrets_spellings = __webpack_require__(98373);
;// CONCATENATED MODULE: ./lib/gateway/broker/scrub.js


const MASK = 0x2a;
/** This many consecutive bytes of any spelling of the key are masked. Longer than any prefix that keys have in common. */
const WINDOW_BYTES = 16;
const ALPHABET = 256;
/** Prepares the search for a secret in every spelling that a response could carry. */
function openScrubbing(secret) {
    const automaton = buildAutomaton((0,secrets_spellings/* listSpellings */.G)(secret).map(({ bytes }) => bytes));
    const window = Math.min(WINDOW_BYTES, secret.length);
    const open = () => openScrubber(automaton, window);
    return {
        open,
        clean(text) {
            const scrubber = open();
            return Buffer.concat([scrubber.push(Buffer.from(text, "latin1")), scrubber.end()]).toString("latin1");
        },
    };
}
function buildAutomaton(patterns) {
    const maxStates = 2 * patterns.reduce((sum, pattern) => sum + pattern.length, 1) + 2;
    const next = new Uint32Array(maxStates * ALPHABET);
    const link = new Int32Array(maxStates).fill(-1);
    const length = new Int32Array(maxStates);
    let states = 1;
    const at = (state, byte) => next[state * ALPHABET + byte] ?? 0;
    const retarget = (from, byte, target, clone) => {
        for (let state = from; state !== -1 && at(state, byte) === target; state = link[state] ?? -1)
            next[state * ALPHABET + byte] = clone;
    };
    /** The state for `target` as reached from `state`: itself, or a copy that only shorter contexts share. */
    const split = (state, byte) => {
        const target = at(state, byte);
        const depth = (length[state] ?? 0) + 1;
        if (length[target] === depth)
            return target;
        const clone = states++;
        length[clone] = depth;
        next.copyWithin(clone * ALPHABET, target * ALPHABET, (target + 1) * ALPHABET);
        link[clone] = link[target] ?? -1;
        link[target] = clone;
        retarget(state, byte, target, clone);
        return clone;
    };
    const extend = (last, byte) => {
        if (at(last, byte) !== 0)
            return split(last, byte);
        const fresh = states++;
        length[fresh] = (length[last] ?? 0) + 1;
        let state = last;
        while (state !== -1 && at(state, byte) === 0) {
            next[state * ALPHABET + byte] = fresh;
            state = link[state] ?? -1;
        }
        link[fresh] = state === -1 ? 0 : split(state, byte);
        return fresh;
    };
    for (const pattern of patterns) {
        let last = 0;
        for (const byte of pattern)
            last = extend(last, fold(byte));
    }
    return { next: next.slice(0, states * ALPHABET), link: link.slice(0, states), length: length.slice(0, states) };
}
/** ASCII letters in lower case, so that a form in another case is found too. */
function fold(byte) {
    return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
function openScrubber(automaton, window) {
    const { next, link, length } = automaton;
    let state = 0;
    let matched = 0;
    let kept = Buffer.alloc(0);
    const step = (byte) => {
        const folded = fold(byte);
        while (state !== 0 && next[state * ALPHABET + folded] === 0) {
            state = link[state] ?? 0;
            matched = length[state] ?? 0;
        }
        const target = next[state * ALPHABET + folded] ?? 0;
        if (target !== 0) {
            state = target;
            matched++;
        }
    };
    return {
        push(chunk) {
            const bytes = kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([kept, chunk]);
            for (let at = kept.length; at < bytes.length; at++) {
                step(bytes[at] ?? 0);
                if (matched >= window)
                    bytes.fill(MASK, Math.max(0, at + 1 - matched), at + 1);
            }
            const keep = matched >= window ? 0 : matched;
            const cut = bytes.length - keep;
            kept = bytes.subarray(cut);
            return bytes.subarray(0, cut);
        },
        end() {
            const rest = kept;
            kept = Buffer.alloc(0);
            state = 0;
            matched = 0;
            return rest;
        },
    };
}
/** The scrubber as a stream. */
function scrubStream(scrubber) {
    return new external_node_stream_.Transform({
        transform(chunk, _encoding, done) {
            const clean = scrubber.push(chunk);
            done(null, clean.length > 0 ? clean : undefined);
        },
        flush(done) {
            const rest = scrubber.end();
            done(null, rest.length > 0 ? rest : undefined);
        },
    });
}

;// CONCATENATED MODULE: ./lib/gateway/broker/send-response.js






/** Bytes of one decoded response; more than any model writes. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Headers that are dropped: they belong to the connection, could lead the agent elsewhere, or carry state for the service. */
const DROPPED = new Set([
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-encoding",
    "content-length",
    "content-location",
    "location",
    "refresh",
    "link",
    "alt-svc",
    "set-cookie",
    "set-cookie2",
    "www-authenticate",
    "authorization",
    "x-api-key",
    "x-goog-api-key",
    "x-airlock-decision",
]);
const DECODERS = {
    gzip: () => external_node_zlib_.createGunzip({ flush: external_node_zlib_.constants.Z_SYNC_FLUSH }),
    "x-gzip": () => external_node_zlib_.createGunzip({ flush: external_node_zlib_.constants.Z_SYNC_FLUSH }),
    deflate: () => external_node_zlib_.createInflate({ flush: external_node_zlib_.constants.Z_SYNC_FLUSH }),
    br: () => external_node_zlib_.createBrotliDecompress({ flush: external_node_zlib_.constants.BROTLI_OPERATION_FLUSH }),
    zstd: () => external_node_zlib_.createZstdDecompress(),
};
/** Seconds. Codex gives up at once on a 429 that does not say when to come back, and tries four times on one that does. */
const RETRY_AFTER = "20";
/**
 * Passes a response on: decoded, metered, scrubbed and streamed. Redirects and unreadable codings are refused.
 * @throws Refused
 */
async function sendResponse(parts) {
    const { incoming, response, meter, scrubbing } = parts;
    const status = incoming.statusCode ?? 0;
    if (status >= 300 && status < 400) {
        incoming.destroy();
        throwRefusal("upstream-redirect", 502, "The model's service answered with a redirect, which is not followed.");
    }
    if (status < 200 || status > 599) {
        incoming.destroy();
        throwRefusal("upstream-unreadable", 502, "The model's service answered with a status that cannot be passed on.");
    }
    const decoder = decoderFor(incoming);
    response.writeHead(status, [...cleanHeaders(incoming.rawHeaders, scrubbing), ...whenToRetry(parts)]);
    response.flushHeaders();
    try {
        await (0,promises_.pipeline)(incoming, decoder, metered(meter), scrubStream(scrubbing.open()), response);
    }
    catch (cause) {
        throw new Refused(refuse("upstream-broken", 502, "The answer broke off: the service, or the agent, hung up or fell silent."), cause);
    }
}
function whenToRetry({ api, incoming }) {
    const lacks = incoming.headers["retry-after"] === undefined && incoming.headers["retry-after-ms"] === undefined;
    return api === "openai" && incoming.statusCode === 429 && lacks ? ["retry-after", RETRY_AFTER] : [];
}
function decoderFor(incoming) {
    const coding = (incoming.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    if (coding === "identity" || coding === "")
        return new external_node_stream_.PassThrough();
    const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
    if (decoder === undefined) {
        incoming.destroy();
        throwRefusal("upstream-unreadable", 502, "The model's service used a content coding that cannot be read.");
    }
    return decoder();
}
function metered(meter) {
    let bytes = 0;
    return new external_node_stream_.Transform({
        transform(chunk, _encoding, done) {
            bytes += chunk.length;
            if (bytes > MAX_ANSWER_BYTES) {
                done(new Error("The answer is larger than any model writes."));
                return;
            }
            meter.push(chunk);
            done(null, chunk);
        },
    });
}
/** Header lines for the agent: without hop-by-hop lines, without those in DROPPED and without names that scrubbing would change; values are scrubbed. */
function cleanHeaders(rawHeaders, scrubbing) {
    const lines = [];
    for (let at = 0; at + 1 < rawHeaders.length; at += 2)
        lines.push([(rawHeaders[at] ?? "").toLowerCase(), rawHeaders[at + 1] ?? ""]);
    const nominated = new Set(lines.filter(([name]) => name === "connection").flatMap(([, value]) => value.toLowerCase().split(/[ ,]+/)));
    return lines
        .filter(([name]) => !DROPPED.has(name) && !nominated.has(name) && scrubbing.clean(name) === name)
        .flatMap(([name, value]) => [name, scrubbing.clean(value)]);
}

;// CONCATENATED MODULE: ./lib/gateway/broker/usage-fields.js


function usage_fields_fieldsOf(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
function count(value) {
    return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}
function usage_fields_text(value) {
    return typeof value === "string" ? value.slice(0, 200) : undefined;
}
/** The usage in one parsed event or response; undefined when it has none. */
function readUsage(api, parsed) {
    if (api === "anthropic")
        return readAnthropic(usage_fields_fieldsOf(parsed));
    if (api === "openai")
        return readOpenai(usage_fields_fieldsOf(parsed));
    return readGemini(parsed);
}
/** `message_start` carries the prompt's tokens, `message_delta` the running total of the response; a plain response carries both. */
function readAnthropic(event) {
    const message = event["type"] === "message_start" ? usage_fields_fieldsOf(event["message"]) : event;
    if (message["usage"] === undefined || message["usage"] === null)
        return undefined;
    const usage = usage_fields_fieldsOf(message["usage"]);
    const delta = usage_fields_fieldsOf(event["delta"]);
    const container = message["container"] ?? delta["container"] ?? undefined;
    const geo = usage["inference_geo"];
    return {
        tokens: {
            ...readAnthropicTokens(usage),
            searches: count(usage_fields_fieldsOf(usage["server_tool_use"])["web_search_requests"]),
            toolsUsd: container === undefined ? 0 : model_prices/* TOOL_USD */.gd.anthropicContainer,
        },
        passes: itemsOf(usage["iterations"]).map((pass) => ({ tokens: readAnthropicTokens(pass), model: usage_fields_text(pass["model"]) })),
        regional: typeof geo === "string" && !NO_REGION.has(geo),
        fast: usage["speed"] === "fast",
        final: event["type"] === "message" || (event["type"] === "message_delta" && delta["stop_reason"] !== null),
        model: usage_fields_text(message["model"]),
    };
}
/** `not_available`: a model that runs anywhere. */
const NO_REGION = new Set(["global", "not_available", ""]);
function readAnthropicTokens(usage) {
    const written = count(usage["cache_creation_input_tokens"]);
    const long = Math.min(written, count(usage_fields_fieldsOf(usage["cache_creation"])["ephemeral_1h_input_tokens"]));
    return {
        ...NO_TOKENS,
        input: count(usage["input_tokens"]),
        output: count(usage["output_tokens"]),
        cacheRead: count(usage["cache_read_input_tokens"]),
        cacheWrite: written - long,
        cacheWriteLong: long,
    };
}
function itemsOf(value) {
    return Array.isArray(value) ? value.map(usage_fields_fieldsOf) : [];
}
const ENDED = new Set(["response.completed", "response.incomplete", "response.failed"]);
/** Responses name their tokens `input` and `output`, chat completions `prompt` and `completion`; the prompt includes what was cached. */
function readOpenai(event) {
    const answer = event["response"] === undefined ? event : usage_fields_fieldsOf(event["response"]);
    if (answer["usage"] === undefined || answer["usage"] === null)
        return undefined;
    const usage = usage_fields_fieldsOf(answer["usage"]);
    const details = { ...usage_fields_fieldsOf(usage["prompt_tokens_details"]), ...usage_fields_fieldsOf(usage["input_tokens_details"]) };
    const prompt = count(usage["input_tokens"]) + count(usage["prompt_tokens"]);
    const cached = Math.min(prompt, count(details["cached_tokens"]));
    const type = event["type"];
    return {
        tokens: {
            ...NO_TOKENS,
            input: prompt - cached,
            output: count(usage["output_tokens"]) + count(usage["completion_tokens"]),
            cacheRead: cached,
            searches: countCalls(answer, "web_search_call"),
            toolsUsd: readToolsUsd(answer),
        },
        passes: [],
        regional: false,
        fast: answer["service_tier"] === "priority",
        final: typeof type === "string" ? ENDED.has(type) : true,
        model: usage_fields_text(answer["model"]),
    };
}
function countCalls(answer, type) {
    return itemsOf(answer["output"]).filter((item) => item["type"] === type).length;
}
function readToolsUsd(answer) {
    const containers = new Set(itemsOf(answer["output"])
        .filter((item) => item["type"] === "code_interpreter_call" || item["type"] === "shell_call")
        .map((item) => item["container_id"] ?? usage_fields_fieldsOf(item["environment"])["container_id"])
        .filter((id) => id !== undefined));
    return (countCalls(answer, "image_generation_call") * model_prices/* TOOL_USD */.gd.image +
        countCalls(answer, "file_search_call") * model_prices/* TOOL_USD */.gd.fileSearch +
        containers.size * priceContainer(answer));
}
/** By the memory that the answer's own list of tools states; the dearest where it states none. */
function priceContainer(answer) {
    const stated = itemsOf(answer["tools"])
        .map((tool) => usage_fields_fieldsOf(tool["container"] ?? tool["environment"]))
        .filter((container) => typeof container["type"] === "string")
        .map((container) => model_prices/* CONTAINER_USD */.d7[String(container["memory_limit"] ?? "1g")] ?? Number.POSITIVE_INFINITY);
    const dearest = Math.max(...Object.values(model_prices/* CONTAINER_USD */.d7));
    return Math.min(dearest, stated.length === 0 ? dearest : Math.max(...stated));
}
/** Every chunk carries running totals; without `alt=sse` a streamed response is one JSON array of chunks. */
function readGemini(parsed) {
    const chunks = (Array.isArray(parsed) ? parsed : [parsed]).map(usage_fields_fieldsOf).filter((chunk) => chunk["usageMetadata"] !== undefined);
    const last = chunks.at(-1);
    if (last === undefined)
        return undefined;
    const usage = usage_fields_fieldsOf(last["usageMetadata"]);
    const cached = count(usage["cachedContentTokenCount"]);
    const prompt = count(usage["promptTokenCount"]) + count(usage["toolUsePromptTokenCount"]);
    const candidates = Array.isArray(last["candidates"]) ? last["candidates"].map(usage_fields_fieldsOf) : [];
    const blocked = usage_fields_fieldsOf(last["promptFeedback"])["blockReason"] !== undefined;
    return {
        tokens: {
            ...NO_TOKENS,
            input: Math.max(0, prompt - cached),
            output: count(usage["candidatesTokenCount"]) + count(usage["thoughtsTokenCount"]),
            cacheRead: Math.min(prompt, cached),
            searches: candidates.reduce((sum, candidate) => sum + countGrounding(candidate["groundingMetadata"]), 0),
        },
        passes: [],
        regional: false,
        fast: false,
        final: blocked || candidates.some((candidate) => typeof candidate["finishReason"] === "string"),
        model: usage_fields_text(last["modelVersion"]),
    };
}
/** A grounded answer is paid for by the search, and at least once. */
function countGrounding(metadata) {
    if (metadata === undefined || metadata === null)
        return 0;
    const queries = usage_fields_fieldsOf(metadata)["webSearchQueries"];
    return Math.max(1, Array.isArray(queries) ? queries.length : 0);
}

;// CONCATENATED MODULE: ./lib/gateway/broker/usage-meter.js


const MAX_LINE_BYTES = 4 * 1024 * 1024;
const MAX_JSON_BYTES = 32 * 1024 * 1024;
/** An error's body is shorter. */
const HEAD_BYTES = 4096;
function openUsageMeter(api, contentType) {
    let tokens = NO_TOKENS;
    let passes = [];
    let regional = false;
    let fast = false;
    let complete = false;
    let model;
    let bytes = 0;
    let content = false;
    let head = Buffer.alloc(0);
    const note = (text) => {
        content ||= usage_meter_CONTENT[api].test(text);
        if (!MENTIONS_USAGE.test(text))
            return;
        const reading = read(api, text);
        if (reading === undefined)
            return;
        // Anthropic spreads its totals over events, and the highest counts; the others repeat them whole.
        tokens = api === "anthropic" ? joinTokens(tokens, reading.tokens, Math.max) : reading.tokens;
        if (reading.passes.length >= passes.length)
            passes = reading.passes;
        regional ||= reading.regional;
        fast ||= reading.fast;
        complete ||= reading.final;
        model = reading.model ?? model;
    };
    const streamed = /^text\/event-stream\b/i.test(contentType ?? "");
    const reader = streamed ? readEvents(note) : readDocument(note);
    return {
        push(chunk) {
            bytes += chunk.length;
            if (head.length < HEAD_BYTES)
                head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
            reader.push(chunk);
        },
        end() {
            reader.end();
            return { tokens, passes, regional, fast, complete, model, bytes, content, head: head.toString("utf8") };
        },
    };
}
const MENTIONS_USAGE = /"usage|"error"/;
/** How each service says that the model wrote something, in an event or in a whole response. */
const usage_meter_CONTENT = {
    anthropic: /"content_block_start"|"content"\s*:\s*\[\s*\{/,
    openai: /"response\.output_item\.|"(?:output|tool_calls)"\s*:\s*\[\s*\{|"(?:content|delta|reasoning_content|refusal)"\s*:\s*"[^"]/,
    gemini: /"parts"\s*:\s*\[\s*\{(?!\s*"text"\s*:\s*"")/,
};
function read(api, text) {
    try {
        return readUsage(api, JSON.parse(text));
    }
    catch {
        return undefined;
    }
}
/** Server-sent events, split at any byte: only `data:` lines count. */
function readEvents(note) {
    let pieces = [];
    let size = 0;
    const finish = () => {
        const line = size <= MAX_LINE_BYTES ? Buffer.concat(pieces).toString("utf8") : "";
        pieces = [];
        size = 0;
        if (line.startsWith("data:"))
            note(line.slice(5));
    };
    const keep = (piece) => {
        size += piece.length;
        if (size <= MAX_LINE_BYTES)
            pieces.push(Buffer.from(piece));
        else
            pieces = [];
    };
    return {
        push(chunk) {
            let from = 0;
            for (let at = findLineEnd(chunk, 0); at >= 0; at = findLineEnd(chunk, from)) {
                keep(chunk.subarray(from, at));
                finish();
                from = at + 1;
            }
            if (from < chunk.length)
                keep(chunk.subarray(from));
        },
        end: finish,
    };
}
/** A line ends with LF, CR or both; an empty line between the two does no harm. */
function findLineEnd(chunk, from) {
    const lf = chunk.indexOf(0x0a, from);
    const cr = chunk.subarray(from, lf < 0 ? chunk.length : lf).indexOf(0x0d);
    return cr < 0 ? lf : from + cr;
}
/** A whole JSON document. */
function readDocument(note) {
    let pieces = [];
    let size = 0;
    return {
        push(chunk) {
            size += chunk.length;
            if (size <= MAX_JSON_BYTES)
                pieces.push(Buffer.from(chunk));
            else
                pieces = [];
        },
        end() {
            if (size <= MAX_JSON_BYTES)
                note(Buffer.concat(pieces).toString("utf8"));
            pieces = [];
        },
    };
}

;// CONCATENATED MODULE: ./lib/gateway/broker/exchange.js
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










/** One request of the agent, from its first header to its line in the log. Never throws. */
async function handleRequest(context, request, response) {
    const startedMs = performance.now();
    const trace = { bytesUp: 0, bytesDown: 0, reason: "broker" };
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    let refusal;
    try {
        await exchange(context, { request, response, trace, gone: gone.signal });
    }
    catch (error) {
        refusal = refusalOf(error);
        trace.reason = refusal.reason;
        writeRefusal(response, context.api, refusal);
        if (response.getHeader("connection") === "close" && !request.readableEnded)
            drainBody(request);
    }
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    context.log({
        time: new Date().toISOString(),
        host: context.upstream.host,
        port: context.upstream.port,
        method: request.method ?? "",
        path: context.scrubbing.clean(path.slice(0, 300)),
        status: response.headersSent ? response.statusCode : 0,
        bytesUp: trace.bytesUp,
        bytesDown: trace.bytesDown,
        durationMs: Math.round(performance.now() - startedMs),
        verdict: refusal === undefined || refusal.reason.startsWith("upstream-") ? "allow" : "deny",
        reason: trace.reason,
        ...(trace.modelRequest === undefined ? {} : { model: trace.modelRequest.model, serverTools: trace.modelRequest.serverTools }),
        ...(trace.charge === undefined ? {} : { costUsd: trace.charge.costUsd }),
    });
}
function refusalOf(error) {
    if (error instanceof Refused)
        return error.refusal;
    if (error instanceof errors/* AirlockError */.qR) {
        return refuse(error.code === "budget.exceeded" ? "budget" : "run-ended", 403, `${error.message} The run ends here; do not try again.`);
    }
    return refuse("upstream-broken", 502, "The request could not be carried out.");
}
async function exchange(context, { request, response, trace, gone }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        checkForm(request);
        const headers = listHeaders(request);
        const route = findRoute(context.api, request.method ?? "", request.url ?? "");
        if (route.kind === "hello") {
            response.writeHead(200, { "content-length": 0 }).end();
            return;
        }
        checkCredential(headers, context.api, context.surrogate);
        if (route.kind === "models") {
            sendModelList(context, response);
            return;
        }
        const reservation = __addDisposableResource(env_1, context.memory.open(), false);
        const body = await readBody({ request, maxBytes: context.maxBodyBytes, memory: context.memory, reservation });
        const modelRequest = readModelRequest({ body, api: context.api, route, tools: context.tools });
        trace.bytesUp = modelRequest.body.length;
        trace.modelRequest = modelRequest;
        for (const model of modelRequest.models)
            checkModel(model, context.allowedModels);
        await spend(context, { route, headers, modelRequest, response, trace, gone });
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        __disposeResources(env_1);
    }
}
/** Enough for a client that lists models before its first request; the agent does not need the real list. */
function sendModelList(context, response) {
    const data = context.allowedModels
        .filter((name) => !name.endsWith("*"))
        .map((id) => ({ id, object: "model", created: 0, owned_by: "airlock" }));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data, models: [] }));
}
function checkModel(model, allowed) {
    const fits = (rule) => (rule.endsWith("*") ? model.startsWith(rule.slice(0, -1)) : model === rule);
    if (allowed.length > 0 && !allowed.some(fits)) {
        throwRefusal("model-not-allowed", 403, "This run may not use that model; use one that the workflow and `models` in the repository's file allow.");
    }
}
const exchange_FREE = { costUsd: 0, outputTokens: 0, turn: false };
/** Waits for the budget, sends the request, passes the response on, and settles the cost whatever happens. */
async function spend(context, spending) {
    const { route, modelRequest, response, trace } = spending;
    const { body } = modelRequest;
    const paid = route.kind === "generate";
    const pass = await context.budget.admit(paid ? ceilingOf(context.pricing, modelRequest, body.length) : exchange_FREE, spending.gone);
    const startedMs = performance.now();
    let status;
    let retryAfter;
    let meter = openUsageMeter(context.api, undefined);
    let reached = true;
    try {
        const incoming = await context.upstream.send({
            method: "POST",
            target: route.path + route.query,
            headers: passedHeaders(spending.headers),
            body,
            signal: spending.gone,
        });
        status = incoming.statusCode;
        retryAfter = incoming.headers["retry-after"];
        meter = openUsageMeter(context.api, incoming.headers["content-type"]);
        await sendResponse({ api: context.api, incoming, response, meter, scrubbing: context.scrubbing });
    }
    catch (error) {
        reached = !(error instanceof Refused && error.refusal.reason === "upstream-unreachable" && status === undefined && isUnsent(error));
        throw error;
    }
    finally {
        const tally = meter.end();
        trace.bytesDown = tally.bytes;
        const durationMs = performance.now() - startedMs;
        if (paid && reached)
            trace.charge = chargeOf(context.pricing, { modelRequest, bodyBytes: body.length, tally, durationMs, status });
        if (paid)
            context.health.note({ status, retryAfter, tally });
        pass.settle(trace.charge);
    }
}
/** Whether the request failed before any byte of it could have arrived. */
function isUnsent(refused) {
    const code = refused.cause?.code ?? "";
    return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
}

;// CONCATENATED MODULE: ./lib/gateway/broker/memory-budget.js

const memory_budget_MIB = 1024 * 1024;
const DEFAULT_MEMORY_LIMITS = { maxBytes: 256 * memory_budget_MIB, maxRequests: 256 };
function openMemoryBudget(limits) {
    let bytes = 0;
    let requests = 0;
    let last = Promise.resolve();
    return {
        open() {
            if (requests >= limits.maxRequests) {
                throwRefusal("busy", 503, `Too many requests are under way (limit max-model-requests, ${limits.maxRequests} at once); wait for some to end.`);
            }
            requests += 1;
            let own = 0;
            return {
                take(more) {
                    if (bytes + more > limits.maxBytes) {
                        const mib = Math.floor(limits.maxBytes / memory_budget_MIB);
                        throwRefusal("busy", 503, `The requests under way are too large together (limit max-model-bytes, ${mib} MiB); send fewer at once.`);
                    }
                    bytes += more;
                    own += more;
                },
                [Symbol.dispose]() {
                    bytes -= own;
                    requests -= 1;
                    own = 0;
                },
            };
        },
        alone(work) {
            const done = last.then(work);
            last = done.catch(() => undefined);
            return done;
        },
    };
}

;// CONCATENATED MODULE: ./lib/gateway/broker/service-health.js

/** So many answers in a row without content end the run; no client that was tried asks for the same thing more than seven times. */
const MAX_EMPTY_STREAK = 12;
/** What is left of an hour's or a day's limit is not waited for; without a word of the service a client comes back after this. */
const DEFAULT_RETRY_MS = 60_000;
function watchService(options) {
    let answered = false;
    let empty = 0;
    let retryAt;
    const noteSuccess = (content) => {
        retryAt = undefined;
        answered ||= content;
        empty = content ? 0 : empty + 1;
        if (empty >= MAX_EMPTY_STREAK)
            options.stop(emptyAnswers(empty));
    };
    const noteFailure = ({ status, retryAfter, tally }) => {
        const error = findDefinite(options.credential, { status, said: readError(tally.head), answered });
        if (error !== undefined)
            options.stop(error);
        else if (status === 429)
            retryAt = new Date(options.now() + readRetryAfter(retryAfter, options.now())).toISOString();
    };
    return {
        retryAt: () => retryAt,
        note(answer) {
            const { status } = answer;
            if (status !== undefined && status < 300)
                noteSuccess(answer.tally.content);
            else if (status !== undefined)
                noteFailure({ ...answer, status });
        },
    };
}
/** The error that no further request would cure; undefined when it may pass, or is about one request only. */
function findDefinite(credential, { status, said, answered }) {
    if (status === 402 || said.kinds.some((kind) => CREDIT_KINDS.has(kind)) || CREDIT_MESSAGE.test(said.message)) {
        return new errors/* AirlockError */.qR("model.credit", {
            message: `The model's service answered ${status}: the account of \`${credential}\` has no credit left, or no way to pay.`,
            remedy: `Add credit to that account at the service, or give \`${credential}\` a key of another one. Then run again.`,
        });
    }
    const refused = status === 401 || said.kinds.includes("API_KEY_INVALID");
    const forbidden = status === 403 && !answered && said.kinds.some((kind) => FORBIDDEN_KINDS.has(kind));
    if (!refused && !forbidden)
        return undefined;
    return new errors/* AirlockError */.qR("model.credential", {
        message: refused
            ? `The model's service answered ${status}: it does not accept \`${credential}\`.`
            : `The model's service answered ${status}: it accepts \`${credential}\`, but not for this model or this use.`,
        remedy: refused
            ? `Make a new key or token at the service, store it in the repository's secrets, and check that \`${credential}\` gets it.`
            : "Choose a `model` that the account may use, or give the key or token the permission.",
    });
}
const CREDIT_KINDS = new Set([
    "billing_error",
    "insufficient_quota",
    "billing_not_active",
    "billing_hard_limit_reached",
    "insufficient_credits",
]);
/** Anthropic says this with 400 and a general type. */
const CREDIT_MESSAGE = /^Your credit balance is too low/;
const FORBIDDEN_KINDS = new Set([
    "permission_error",
    "authentication_error",
    "PERMISSION_DENIED",
    "permission_denied",
    "unsupported_country_region_territory",
]);
function service_health_fieldsOf(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
/** What the first bytes of a refusal say, in the form of any of the three APIs. */
function readError(head) {
    let body;
    try {
        body = JSON.parse(head);
    }
    catch {
        return { kinds: [], message: "" };
    }
    const error = service_health_fieldsOf(service_health_fieldsOf(Array.isArray(body) ? body[0] : body)["error"]);
    const details = Array.isArray(error["details"]) ? error["details"].map((detail) => service_health_fieldsOf(detail)["reason"]) : [];
    const kinds = [error["type"], error["code"], error["status"], ...details].filter((kind) => typeof kind === "string");
    return { kinds, message: typeof error["message"] === "string" ? error["message"] : "" };
}
function emptyAnswers(count) {
    return new errors/* AirlockError */.qR("model.empty", {
        message: `The model's service answered ${count} requests in a row with success and without content.`,
        remedy: "Run again later, or choose another `model`. If there is a gateway of your own before the service, look at its log.",
    });
}
/** Seconds or a date. */
function readRetryAfter(value, nowMs) {
    if (value === undefined)
        return DEFAULT_RETRY_MS;
    const ms = /^\d{1,7}(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
    return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, MAX_RETRY_MS) : DEFAULT_RETRY_MS;
}
const MAX_RETRY_MS = 366 * 24 * 3_600_000;

;// CONCATENATED MODULE: ./lib/gateway/broker/try-credential.js

/** A service that is slower than this is left to the agent's own requests. */
const TRY_MS = 10_000;
const MAX_BYTES = 4096;
/** A call of each API that shows the credential and the model, and costs nothing. */
const CALLS = {
    anthropic: (model) => ({
        method: "POST",
        target: "/v1/messages/count_tokens",
        body: { model, messages: [{ role: "user", content: "hello" }] },
    }),
    openai: (model) => ({ method: "GET", target: `/v1/models/${encodeURIComponent(model)}` }),
    gemini: (model) => ({ method: "GET", target: `/v1beta/models/${encodeURIComponent(model)}` }),
};
/** Asked about where the run may use every model, or only a family of them. */
const SOME_MODEL = { anthropic: "claude-sonnet-5-5", openai: "gpt-5", gemini: "gemini-2.5-pro" };
/** Keys and tokens may be good for answers and not for this call. */
const ONLY_THIS_CALL = /missing scopes|insufficient permissions|oauth|scope requirement/i;
/** What the service definitely says against the credential; undefined when it accepts it, or says nothing that is sure. */
async function tryCredential(upstream, model) {
    const name = model.allowedModels.find((rule) => !rule.endsWith("*")) ?? SOME_MODEL[model.api];
    const call = CALLS[model.api](name);
    const body = Buffer.from(call.body === undefined ? "" : JSON.stringify(call.body));
    const headers = {
        "user-agent": "airlock",
        ...(body.length === 0 ? {} : { "content-type": "application/json" }),
        ...(model.api === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
    };
    try {
        const response = await upstream.send({ method: call.method, target: call.target, headers, body, signal: AbortSignal.timeout(TRY_MS) });
        const said = readError(await readStart(response));
        const status = response.statusCode ?? 0;
        if (ONLY_THIS_CALL.test(said.message))
            return undefined;
        return findDefinite(model.credential.value.name, { status, said, answered: false });
    }
    catch {
        return undefined;
    }
}
async function readStart(response) {
    const chunks = [];
    let size = 0;
    for await (const chunk of response) {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= MAX_BYTES)
            break;
    }
    return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString("utf8");
}

// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(44708);
;// CONCATENATED MODULE: ./lib/gateway/broker/upstream.js





const MIN_CREDENTIAL_LENGTH = 8;
const OAUTH_BETA = "oauth-2025-04-20";
/** @throws AirlockError `input.invalid` for a base URL or a credential that cannot be used safely. */
function openBrokerUpstream(options) {
    const url = readBaseUrl(options.upstream);
    const credential = readCredential(options.upstream);
    const secure = url.protocol === "https:";
    const port = Number(url.port) || (secure ? 443 : 80);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const pool = { keepAlive: true, maxSockets: 64, maxFreeSockets: 8, timeout: 60_000 };
    // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED on the runner cannot turn verification off.
    const agent = secure
        ? new external_node_https_.Agent({ ...pool, rejectUnauthorized: true, minVersion: "TLSv1.2", ...(options.ca === undefined ? {} : { ca: options.ca }) })
        : new external_node_http_.Agent(pool);
    const prefix = url.pathname.replace(/\/+$/, "");
    const dial = (request) => (secure ? external_node_https_ : external_node_http_).request({
        agent,
        host,
        port,
        method: request.method,
        path: prefix + request.target,
        maxHeaderSize: 64 * 1024,
        signal: request.signal,
        headers: {
            ...withCredential(request.headers, options.upstream, credential),
            host: url.host,
            "accept-encoding": "identity",
            ...(request.body.length > 0 || request.method === "POST" ? { "content-length": String(request.body.length) } : {}),
        },
    });
    return {
        host,
        port,
        send: (request) => receiveResponse(() => dial(request), request, options.timeouts),
        close: () => agent.destroy(),
    };
}
function receiveResponse(dial, request, timeouts) {
    const attempt = (mayRepeat) => new Promise((resolve, reject) => {
        const outgoing = dial();
        const expire = (message) => void outgoing.destroy(new Refused(refuse("upstream-timeout", 504, message)));
        const connectTimer = setTimeout(expire, timeouts.connectMs, `The model's service took no connection within ${timeouts.connectMs} ms (connect timeout).`);
        const answerTimer = setTimeout(expire, timeouts.answerMs, `The model's service did not answer within ${timeouts.answerMs} ms (answer timeout).`);
        outgoing.once("finish", () => clearTimeout(connectTimer));
        outgoing.once("close", () => {
            clearTimeout(connectTimer);
            clearTimeout(answerTimer);
        });
        outgoing.once("response", (response) => {
            clearTimeout(answerTimer);
            response.setTimeout(timeouts.idleMs, () => response.destroy(new Error("idle")));
            resolve(response);
        });
        outgoing.once("upgrade", (_response, socket) => {
            socket.destroy();
            reject(new Refused(refuse("upstream-unreadable", 502, "The model's service tried to change the protocol.")));
        });
        outgoing.on("error", (error) => {
            // The service had already closed this kept connection: it read nothing, so the request may be sent again.
            if (mayRepeat && outgoing.reusedSocket && error.code === "ECONNRESET")
                resolve(attempt(false));
            else
                reject(translate(error));
        });
        outgoing.end(request.body);
    });
    return attempt(true);
}
function translate(error) {
    if (error instanceof Refused)
        return error;
    const code = /^[A-Z][A-Z0-9_]{1,60}$/.test(error.code ?? "") ? error.code : "no code";
    if (/CERT|TLS|SSL|UNABLE_TO|ALTNAME/.test(code ?? "")) {
        return new Refused(refuse("upstream-unreadable", 502, `The model's service could not prove who it is (${code}); nothing was sent.`), error);
    }
    return new Refused(refuse("upstream-unreachable", 502, `The model's service could not be reached or broke off (${code}).`), error);
}
function readBaseUrl(upstream) {
    const input = `${upstream.api}-base-url`;
    const url = URL.canParse(upstream.baseUrl) ? new URL(upstream.baseUrl) : undefined;
    const bad = (message, remedy) => {
        throw new errors/* AirlockError */.qR("input.invalid", { message, remedy });
    };
    if (url === undefined)
        return bad(`The input \`${input}\` is not a URL.`, `Set \`${input}\` to a URL such as https://models.example.com/v1-prefix.`);
    if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
        return bad(`The input \`${input}\` carries a user, a query or a fragment.`, `Leave only scheme, host, port and path in \`${input}\`.`);
    }
    if (url.protocol === "http:" && !/^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname)) {
        return bad(`The input \`${input}\` is plain http to ${url.hostname}.`, "Use https: a credential is sent in the clear to loopback only.");
    }
    if (url.protocol !== "https:" && url.protocol !== "http:")
        return bad(`The input \`${input}\` is not an https URL.`, `Start \`${input}\` with https://.`);
    return url;
}
function readCredential(upstream) {
    const value = upstream.credential.value.reveal().trim();
    if (value.length < MIN_CREDENTIAL_LENGTH || !/^[\x21-\x7e]+$/.test(value)) {
        throw new errors/* AirlockError */.qR("input.invalid", {
            message: `The input \`${upstream.credential.value.name}\` is not a credential: it is shorter than ${MIN_CREDENTIAL_LENGTH} characters or holds spaces or line breaks.`,
            remedy: "Paste the credential into the secret again, as one line.",
        });
    }
    return value;
}
const INJECT = {
    anthropic: (headers, value, oauth) => oauth
        ? { ...headers, authorization: `Bearer ${value}`, "anthropic-beta": withBeta(headers["anthropic-beta"]) }
        : { ...headers, "x-api-key": value },
    openai: (headers, value) => ({ ...headers, authorization: `Bearer ${value}` }),
    gemini: (headers, value, oauth) => (oauth ? { ...headers, authorization: `Bearer ${value}` } : { ...headers, "x-goog-api-key": value }),
};
function withCredential(headers, upstream, value) {
    return INJECT[upstream.api](headers, value, upstream.credential.kind === "oauth-token");
}
/** Anthropic takes an OAuth token only from clients that name this beta. */
function withBeta(betas) {
    if (betas === undefined || betas.trim() === "")
        return OAUTH_BETA;
    return betas.split(",").some((beta) => beta.trim() === OAUTH_BETA) ? betas : `${betas},${OAUTH_BETA}`;
}

;// CONCATENATED MODULE: ./lib/gateway/broker/broker.js













const broker_MIB = 1024 * 1024;
const DEFAULT_TIMEOUTS = { connectMs: 20_000, answerMs: 600_000, idleMs: 300_000 };
/** @throws AirlockError `input.invalid` for a base URL or credential that cannot be used. */
function openBroker(options) {
    const surrogate = new secret/* Secret */.z(`airlock-surrogate-${(0,external_node_crypto_.randomBytes)(24).toString("hex")}`, "surrogate");
    const upstream = openBrokerUpstream({ upstream: options.model, timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts }, ca: options.ca });
    const budget = openBudget({ limits: completeLimits(options.limits) });
    const { api, credential } = options.model;
    const health = watchService({ api, credential: credential.value.name, stop: budget.stop, now: Date.now });
    const scrubbing = openScrubbing(options.model.credential.value.reveal().trim());
    const context = {
        api,
        allowedModels: options.model.allowedModels,
        tools: { allowed: options.model.tools ?? [], domains: options.toolDomains },
        pricing: { api, overrides: options.prices ?? {} },
        maxBodyBytes: options.maxBodyBytes ?? 32 * broker_MIB,
        memory: openMemoryBudget({ ...DEFAULT_MEMORY_LIMITS, ...options.memory }),
        surrogate,
        upstream,
        budget,
        health,
        scrubbing,
        log: options.log ?? (() => undefined),
    };
    const connections = new Set();
    const logs = new WeakMap();
    const server = createServer((request, response) => void handleRequest({ ...context, log: logs.get(request.socket) ?? context.log }, request, response), (response) => writeRefusal(response, api, refuse("bad-request", 400, '"Expect" is not taken.')));
    return {
        surrogate,
        exhausted: budget.exhausted,
        async tryCredential() {
            const error = await tryCredential(upstream, options.model);
            if (error !== undefined)
                throw error;
        },
        usage: () => withRetry(budget.usage(), health.retryAt()),
        serve(stream, log) {
            connections.add(stream);
            if (log !== undefined)
                logs.set(stream, log);
            stream.on("error", () => undefined);
            stream.once("close", () => connections.delete(stream));
            server.emit("connection", stream);
        },
        async close() {
            for (const stream of connections)
                stream.destroy();
            upstream.close();
            server.close();
        },
    };
}
function withRetry(usage, retryAt) {
    return retryAt === undefined ? usage : { ...usage, retryAt };
}
/** `expected` answers requests with an `Expect` line. */
function createServer(handle, expected) {
    const server = external_node_http_.createServer({
        maxHeaderSize: 32 * 1024,
        headersTimeout: 30_000,
        requestTimeout: 300_000,
        keepAliveTimeout: 60_000,
        connectionsCheckingInterval: 5_000,
        insecureHTTPParser: false,
        requireHostHeader: true,
    }, handle);
    server.maxHeadersCount = 2000;
    // Without a listener `node:http` would say "100 Continue" before anything was checked.
    server.on("checkContinue", (_request, response) => expected(response));
    server.on("checkExpectation", (_request, response) => expected(response));
    return server;
}
/** Caps that have no input of their own follow the ones that have. */
function completeLimits(limits) {
    if (!(limits.maxCostUsd >= 0) || !(limits.maxTurns >= 0)) {
        throw new errors/* AirlockError */.qR("input.invalid", {
            message: "A limit on cost or turns is negative or not a number.",
            remedy: "Set `max-cost-usd` and `max-turns` to numbers that are not negative.",
        });
    }
    return {
        maxCostUsd: limits.maxCostUsd,
        maxTurns: limits.maxTurns,
        maxRequests: limits.maxRequests ?? (limits.maxTurns === 0 ? 10_000 : 200 + 20 * limits.maxTurns),
        maxOutputTokens: limits.maxOutputTokens ?? 0,
        maxRequestsPerMinute: limits.maxRequestsPerMinute ?? 600,
    };
}

// EXTERNAL MODULE: ./lib/domain/secrets/redact.js
var redact = __webpack_require__(95765);
// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
// EXTERNAL MODULE: ./lib/domain/egress/request-path.js
var request_path = __webpack_require__(43759);
;// CONCATENATED MODULE: ./lib/gateway/credentials/harmless.js

/**
 * What may pass to a host with a declared secret beside the secret itself. Services name their credentials as they like, so no list of
 * bad names is ever whole: what is not known to be harmless does not pass (I5).
 */
/** Fields of HTTP and of the clients that meet such hosts: npm, pip, cargo, git, Maven, NuGet, OCI, and the SDKs of services. */
const HEADERS = new Set(`accept accept-charset accept-datetime accept-language accept-patch accept-ranges baggage cache-control content-digest content-disposition
  content-encoding content-language content-length content-md5 content-range content-type date depth digest dnt if-match
  if-modified-since if-none-match if-unmodified-since last-modified origin overwrite destination pragma prefer priority
  purpose referer repr-digest save-data sentry-trace slug soapaction timeout traceparent tracestate upgrade-insecure-requests
  user-agent want-digest x-b3-sampled x-b3-spanid x-b3-traceid x-client-request-id x-correlation-id x-request-id x-requested-with
  x-csrf-protection x-no-cache x-trace-id idempotency-key x-idempotency-key
  git-protocol git-lfs-version docker-distribution-api-version docker-upload-uuid oci-subject cargo-protocol
  npm-auth-type npm-command npm-in-ci npm-scope npm-session pacote-integrity pacote-pkg-id pacote-req-type pacote-version pnpm-version
  x-nuget-client-version x-nuget-protocol-version x-nuget-session-id x-pypi-client x-checksum-md5 x-checksum-sha1 x-checksum-sha256
  x-checksum-deploy x-github-api-version x-github-media-type x-gitlab-meta x-atlassian-request x-amz-date x-amz-content-sha256
  x-amz-acl x-goog-api-client x-goog-user-project x-ms-date x-ms-version x-ms-blob-type anthropic-version stripe-version
  terraform-version x-terraform-version`
    .split(/\s+/)
    .filter(Boolean));
const HEADER_FAMILIES = /^(?:sec-(?:fetch|ch-ua)-?[a-z-]*|sec-websocket-(?:key|version|extensions)|x-stainless-[a-z-]+)$/;
/** Names that a credential is given. Such a line is refused, so that the agent learns of it; any other unknown line is left out. */
const CREDENTIAL_WORD = /(?:^|-)(?:[a-z0-9]*(?:token|secret|passw(?:or)?d|credentials?|signature|apikey|jwt)|auth|authorization|authentication|(?:[a-z0-9]*)key|key-id|pass|pwd|session-id|sas|otp)(?:-|$)/;
/** `own`: further names that the workflow lets pass. */
function judgeHeader(name, own) {
    const folded = foldHeaderName(name);
    // A name that only a careless server reads as a harmless one is not that name.
    const plain = name.toLowerCase() === folded;
    if (plain && (HEADERS.has(folded) || HEADER_FAMILIES.test(folded) || own.has(foldParameter(folded))))
        return "passes";
    return CREDENTIAL_WORD.test(folded) ? "refused" : "left-out";
}
/** Parameters that choose, page, sort or shape what is asked for; written as `foldParameter` writes them. */
const PARAMETERS = new Set(`account action actor affiliation after all alt anon api apiversion arch archived assignee author base before branch build capability
  category channel client clientid commit compare components config count countonly cursor date day days dependencies depth detail details
  digest direction distinct download draft dryrun embed end endat enddate endtime environment etag event exact exclude expand export extended
  extension ext features field fields file filename filepath filter filters first flat follow force format from full go goget group groupid
  groupby hash head hidden id ids ignore include indent index inline installed interval is issue items kind label labels lang language last
  latest length level license limit list local locale location maintenance marker max maxkeys maxresults membership mention mentioned meta method
  milestone min minimal mode month mount n name namespace names nexttoken number offline offlinetoken offset only op orderby order org organization
  os outputformat output owned owner package packagetype page pagelen pagenumber pagesize pagetoken parent part participating path paths pattern
  per perpage period platform popularity position prefix prerelease pretty prettyprint preview project projects promote properties q quality query range
  raw reason recurse recursive ref refname refs region release repo repository repositories resource response restype rev reverse revision role scope
  search section segment select semver semverlevel service severity sha since simple size skip slug sort sortby source spec stable start startat
  startdate starttime state statistics stats statsperiod status step strict subset suffix summary system tag tags take target team template terms
  text time timeout timestamp timezone title to top topic total tree type types tz uid unit until update updated uploadid partnumber url user uuid
  v value verbose version versionid versions view visibility watch week where with workflow workspace write wsdl xml json year yanked`
    .split(/\s+/)
    .filter(Boolean));
/** Case and separators differ from service to service: `perPage`, `per_page` and `per-page` are one name. */
function foldParameter(name) {
    return name.toLowerCase().replaceAll(/[-_.$]/g, "");
}
/** Whether every parameter of a query, without its `?`, may pass. `filter[status]` is `filter` and `status`. */
function isHarmlessQuery(query, own) {
    const pairs = query.split(/[&;]/).filter((pair) => pair !== "");
    const parts = pairs.flatMap((pair) => namesIn(decodeLoosely(pair.split("=", 1)[0] ?? "")));
    return parts.every((part) => PARAMETERS.has(part) || own.has(part) || /^\d{1,4}$/.test(part));
}
function namesIn(name) {
    const parts = name.split(/[[\]]/).filter((part) => part !== "");
    return parts.length === 0 ? [""] : parts.map(foldParameter);
}
/** What cannot be decoded is judged as it is. */
function decodeLoosely(name) {
    return name.replaceAll(/%([0-9A-Fa-f]{2})/g, (_triplet, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// EXTERNAL MODULE: ./lib/domain/secrets/search.js
var secrets_search = __webpack_require__(76044);
;// CONCATENATED MODULE: ./lib/gateway/credentials/scrub.js




const scrub_MASK = "*".charCodeAt(0);
function openResponseScrubber(secrets) {
    const search = (0,secrets_search/* openSearch */.r)(secrets.flatMap(searchedTexts));
    return {
        text(value) {
            const bytes = external_node_buffer_.Buffer.from(value, "latin1");
            mask(bytes, search.find(bytes.toString("latin1")));
            return bytes.toString("latin1");
        },
        stream: () => openStream(search),
    };
}
function searchedTexts(secret) {
    const value = secret.reveal();
    const spellings = (0,secrets_spellings/* listSpellings */.G)(value).filter(({ shortest }) => external_node_buffer_.Buffer.byteLength(value) >= shortest);
    return spellings.map(({ bytes }) => ({ text: bytes.toString("latin1"), name: secret.name }));
}
function mask(bytes, occurrences) {
    for (const { start, end } of occurrences)
        bytes.fill(scrub_MASK, start, end);
}
function openStream(search) {
    // Not yet masked, since a spelling can begin inside another. Its first `covered` bytes belong to a spelling that was already found.
    let kept = external_node_buffer_.Buffer.alloc(0);
    let covered = 0;
    return new external_node_stream_.Transform({
        transform(chunk, _encoding, done) {
            const bytes = external_node_buffer_.Buffer.concat([kept, chunk]);
            const text = bytes.toString("latin1");
            const occurrences = [{ start: 0, end: covered }, ...search.find(text)];
            const cut = search.findCutOff(text);
            kept = external_node_buffer_.Buffer.from(bytes.subarray(cut));
            covered = Math.max(0, ...occurrences.map(({ end }) => end - cut));
            mask(bytes, occurrences);
            done(null, bytes.subarray(0, cut));
        },
        flush(done) {
            mask(kept, [{ start: 0, end: covered }]);
            done(null, kept);
        },
    });
}

;// CONCATENATED MODULE: ./lib/gateway/credentials/inject.js









/** A cookie is a credential too; a partial or compressed response could carry a secret past the scrubber. */
const inject_DROPPED = new Set(["cookie", "cookie2", "range", "if-range", "accept-encoding", "x-original-url", "x-rewrite-url"]);
/**
 * @param withheld the surrogates go out as they are: what else holds on a secret's host holds without the secret, too
 * @throws AirlockError `input.invalid` for a host, header or value that cannot be used.
 */
function openInjector(rules, withheld = false) {
    const byHost = Map.groupBy(rules.map(inject_check), (rule) => rule.host);
    const passes = new Map([...byHost].map(([host, own]) => [host, new Set(own.flatMap((rule) => rule.passes ?? []).map(foldParameter))]));
    const scrubbers = new Map([...byHost].map(([host, own]) => [host, openResponseScrubber(own.map((rule) => rule.value))]));
    const nothing = openResponseScrubber([]);
    return {
        covers: (host) => byHost.has(host),
        request(request) {
            const own = byHost.get(request.host) ?? [];
            const rules = withheld ? own.map(withoutValue) : own;
            return injectAll({ rules, passes: passes.get(request.host) ?? new Set() }, request);
        },
        scrubber: (host) => scrubbers.get(host) ?? nothing,
    };
}
function withoutValue(rule) {
    return { ...rule, value: new secret/* Secret */.z(rule.surrogate, rule.value.name) };
}
function inject_check(rule) {
    const host = (0,egress_host/* canonicalHost */.r)(rule.host)?.text;
    const paths = rule.paths?.map((path) => (0,request_path/* canonicalPath */.O)(path));
    const usable = /^[\x21-\x7e]+$/.test(rule.value.reveal()) && /^[\x21-\x7e]{8,}$/.test(rule.surrogate) && /^[A-Za-z0-9-]+$/.test(rule.header);
    if (host === undefined || !usable || paths?.includes(undefined)) {
        throw new errors/* AirlockError */.qR("input.invalid", {
            message: `The secret \`${rule.value.name}\` cannot be put into requests to \`${rule.host}\`: its host, header, paths or value is not usable.`,
            remedy: "Give it one host name, one header name, plain paths, and a value of printable characters without spaces or line breaks.",
        });
    }
    return {
        ...rule,
        host,
        header: foldHeaderName(rule.header),
        ...(paths === undefined ? {} : { paths: paths.filter((path) => path !== undefined) }),
    };
}
function injectAll({ rules, passes }, request) {
    if (!isHarmlessQuery(request.query.replace(/^\?/, ""), passes))
        return refuse("foreign-credential", 403, UNKNOWN_PARAMETER);
    const seen = new Set();
    const sent = [];
    for (const [name, value] of request.headers) {
        const folded = foldHeaderName(name);
        const own = rules.filter((rule) => rule.header === folded);
        const passed = own.length === 0 ? passHarmless([name, value], passes) : injectOnce(own, request, [name, value], seen);
        if (passed === undefined)
            return refuse("foreign-credential");
        sent.push(...passed);
    }
    return [...sent, ["accept-encoding", "identity"]];
}
/** The line, or nothing for one that is left out; undefined for one that may carry a credential. */
function passHarmless([name, value], passes) {
    if (inject_DROPPED.has(foldHeaderName(name)))
        return [];
    const verdict = judgeHeader(name, passes);
    if (verdict === "refused")
        return undefined;
    return verdict === "passes" ? [[name, value]] : [];
}
/** The line with the real secret; undefined where it may not be used, or stands there a second time. */
function injectOnce(rules, request, [name, value], seen) {
    const folded = foldHeaderName(name);
    const injected = seen.has(folded) || name.toLowerCase() !== folded ? undefined : injectOne(rules, request, value);
    seen.add(folded);
    return injected === undefined ? undefined : [[name, injected]];
}
const UNKNOWN_PARAMETER = "the query has a parameter that could carry a credential; on a host with a declared secret only known ones pass, and those that the secret's `passes` names";
/** The value with the real secret in it; undefined when the value is not exactly a surrogate that may be used here. */
function injectOne(rules, request, value) {
    for (const rule of rules.filter((entry) => appliesTo(entry, request))) {
        const real = rule.value.reveal();
        if (value === rule.surrogate)
            return real;
        const [scheme = "", rest = ""] = value.split(" ", 2);
        if (value === `${scheme} ${rule.surrogate}` && /^[A-Za-z]+$/.test(scheme))
            return `${scheme} ${real}`;
        const basic = scheme.toLowerCase() === "basic" ? injectBasic(rest, rule) : undefined;
        if (basic !== undefined)
            return `${scheme} ${basic}`;
    }
    return undefined;
}
function injectBasic(encoded, rule) {
    const plain = external_node_buffer_.Buffer.from(encoded, "base64").toString("latin1");
    const colon = plain.indexOf(":");
    const [user, password] = [plain.slice(0, colon), plain.slice(colon + 1)];
    const real = rule.value.reveal();
    if (colon === -1)
        return undefined;
    if (password === rule.surrogate)
        return external_node_buffer_.Buffer.from(`${user}:${real}`, "latin1").toString("base64");
    return user === rule.surrogate && (password === "" || password === "x-oauth-basic")
        ? external_node_buffer_.Buffer.from(`${real}:${password}`, "latin1").toString("base64")
        : undefined;
}
function appliesTo(rule, request) {
    if (rule.methods !== undefined && !rule.methods.includes(request.method))
        return false;
    return rule.paths === undefined || rule.paths.some((pattern) => (0,request_path/* matchesPath */.$)(pattern, request.path));
}

// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(41692);
;// CONCATENATED MODULE: ./lib/gateway/tls/der.js

/** The few pieces of DER (ITU-T X.690) that a certificate is made of. */
const TAG = {
    boolean: 0x01,
    integer: 0x02,
    bitString: 0x03,
    octetString: 0x04,
    objectId: 0x06,
    utf8: 0x0c,
    sequence: 0x30,
    set: 0x31,
    generalizedTime: 0x18,
    utcTime: 0x17,
};
function encode(tag, ...parts) {
    const body = external_node_buffer_.Buffer.concat(parts);
    return external_node_buffer_.Buffer.concat([external_node_buffer_.Buffer.from([tag]), encodeLength(body.length), body]);
}
function encodeLength(length) {
    if (length < 0x80)
        return external_node_buffer_.Buffer.from([length]);
    const hex = length.toString(16);
    const bytes = external_node_buffer_.Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
    return external_node_buffer_.Buffer.concat([external_node_buffer_.Buffer.from([0x80 | bytes.length]), bytes]);
}
function sequence(...parts) {
    return encode(TAG.sequence, ...parts);
}
/** A non-negative integer from its bytes. */
function integer(bytes) {
    const first = bytes[0] ?? 0;
    return encode(TAG.integer, first >= 0x80 ? external_node_buffer_.Buffer.from([0]) : external_node_buffer_.Buffer.alloc(0), bytes);
}
/** `1.2.840.10045.4.3.2` */
function objectId(dotted) {
    const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
    return encode(TAG.objectId, external_node_buffer_.Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}
function base128(value) {
    const digits = [value & 0x7f];
    for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
        digits.unshift((rest & 0x7f) | 0x80);
    return digits;
}
function bitString(bytes, unusedBits = 0) {
    return encode(TAG.bitString, external_node_buffer_.Buffer.from([unusedBits]), bytes);
}
/** Context-specific tag; `constructed` when it wraps other values. */
function tagged(number, constructed, ...parts) {
    return encode(0x80 | (constructed ? 0x20 : 0) | number, ...parts);
}
/** UTCTime, good until 2049, as RFC 5280 asks for. */
function utcTime(date) {
    const digits = date.toISOString().replaceAll(/[-:T]/g, "").slice(2, 14);
    return encode(TAG.utcTime, external_node_buffer_.Buffer.from(`${digits}Z`, "latin1"));
}

;// CONCATENATED MODULE: ./lib/gateway/tls/run-authority.js





const DAY_MS = 86_400_000;
/** The guest's clock may be off: valid from a day ago for a week. */
const VALIDITY = { beforeMs: DAY_MS, afterMs: 7 * DAY_MS };
const MAX_CONTEXTS = 500;
const OID = {
    ecdsaWithSha256: "1.2.840.10045.4.3.2",
    commonName: "2.5.4.3",
    subjectKeyId: "2.5.29.14",
    keyUsage: "2.5.29.15",
    subjectAltName: "2.5.29.17",
    basicConstraints: "2.5.29.19",
    authorityKeyId: "2.5.29.35",
    extendedKeyUsage: "2.5.29.37",
    serverAuth: "1.3.6.1.5.5.7.3.1",
};
const ALGORITHM = sequence(objectId(OID.ecdsaWithSha256));
const TRUE = encode(TAG.boolean, external_node_buffer_.Buffer.from([0xff]));
/** Makes the authority at once (ECDSA P-256, RFC 5280). */
function openRunAuthority(nowMs) {
    const rootKeys = makeKeys();
    const leafKeys = makeKeys();
    const issuer = nameOf(`Airlock run ${(0,external_node_crypto_.randomBytes)(4).toString("hex")}`);
    const certify = (subject, publicKey, extensions) => {
        const validity = sequence(utcTime(new Date(nowMs - VALIDITY.beforeMs)), utcTime(new Date(nowMs + VALIDITY.afterMs)));
        const body = sequence(tagged(0, true, integer(external_node_buffer_.Buffer.from([2]))), integer(serialNumber()), ALGORITHM, issuer, validity, subject, publicKey.export({ type: "spki", format: "der" }), tagged(3, true, sequence(...extensions)));
        return toPem(sequence(body, ALGORITHM, bitString((0,external_node_crypto_.sign)("sha256", body, rootKeys.privateKey))));
    };
    const certificate = certify(issuer, rootKeys.publicKey, rootExtensions(rootKeys));
    const key = leafKeys.privateKey.export({ type: "pkcs8", format: "pem" });
    const contexts = new Map();
    return {
        certificate,
        contextFor(host) {
            const known = contexts.get(host);
            if (known !== undefined)
                return known;
            if (contexts.size >= MAX_CONTEXTS)
                contexts.clear();
            const leaf = certify(nameOf("Airlock"), leafKeys.publicKey, leafExtensions(host, rootKeys));
            const context = (0,external_node_tls_.createSecureContext)({ key, cert: leaf + certificate, minVersion: "TLSv1.2" });
            contexts.set(host, context);
            return context;
        },
    };
}
function makeKeys() {
    return (0,external_node_crypto_.generateKeyPairSync)("ec", { namedCurve: "P-256" });
}
/** 127 random bits, never zero. */
function serialNumber() {
    const bytes = (0,external_node_crypto_.randomBytes)(16);
    bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
    return bytes;
}
function nameOf(commonName) {
    return sequence(encode(TAG.set, sequence(objectId(OID.commonName), encode(TAG.utf8, external_node_buffer_.Buffer.from(commonName)))));
}
function extension(id, critical, value) {
    return sequence(objectId(id), ...(critical ? [TRUE] : []), encode(TAG.octetString, value));
}
function keyId({ publicKey }) {
    return (0,external_node_crypto_.createHash)("sha256")
        .update(publicKey.export({ type: "spki", format: "der" }))
        .digest()
        .subarray(0, 20);
}
/** May sign certificates, but none that sign others. */
function rootExtensions(keys) {
    return [
        extension(OID.basicConstraints, true, sequence(TRUE, integer(external_node_buffer_.Buffer.from([0])))),
        extension(OID.keyUsage, true, bitString(external_node_buffer_.Buffer.from([0x06]), 1)),
        extension(OID.subjectKeyId, false, encode(TAG.octetString, keyId(keys))),
    ];
}
function leafExtensions(host, issuer) {
    return [
        extension(OID.basicConstraints, true, sequence()),
        extension(OID.keyUsage, true, bitString(external_node_buffer_.Buffer.from([0x80]), 7)),
        extension(OID.extendedKeyUsage, false, sequence(objectId(OID.serverAuth))),
        extension(OID.authorityKeyId, false, sequence(tagged(0, false, keyId(issuer)))),
        extension(OID.subjectAltName, false, sequence(alternativeName(host))),
    ];
}
function alternativeName(host) {
    const address = (0,egress_address/* parseAddress */.or)(host);
    if (address === undefined)
        return tagged(2, false, external_node_buffer_.Buffer.from(host, "latin1"));
    const hex = address.value.toString(16).padStart(address.family === 4 ? 8 : 32, "0");
    return tagged(7, false, external_node_buffer_.Buffer.from(hex, "hex"));
}
function toPem(der) {
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/guest-git.js
/** The forges that projects name most often in submodules and dependencies. */
const FORGES = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];
/** Each is three settings in the environment of every command. */
const guest_git_MAX_HOSTS = 20;
/** Git LFS tries nine times by default, each after a longer wait. Source: git-lfs-config(5). */
const LFS = [
    ["lfs.transfer.maxretries", "2"],
    ["lfs.transfer.maxretrydelay", "2"],
];
/**
 * Has git ask over https where a URL says ssh or git://, which have no way out: the request is then judged, logged and refused in words. For
 * known forges and for hosts that a rule names, so that a project's own test servers stay what they are. Source: git-config(1),
 * `GIT_CONFIG_COUNT` and `url.<base>.insteadOf`.
 */
function gitEnv(policy) {
    const hosts = [...new Set([...FORGES, ...policy.allow.flatMap(namedHost)])].slice(0, guest_git_MAX_HOSTS);
    const rewritten = hosts.flatMap((host) => [`git@${host}:`, `ssh://git@${host}/`, `git://${host}/`].map((old) => [`url.https://${host}/.insteadOf`, old]));
    const settings = [...rewritten, ...LFS];
    const pairs = settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
    ]);
    return Object.fromEntries([["GIT_CONFIG_COUNT", String(settings.length)], ...pairs]);
}
/** A host that a line of its own names on the usual port; those of a preset are registries. */
function namedHost({ text, pattern, port }) {
    return pattern.kind === "host" && text.includes(".") && (port === undefined || port === 443) ? [pattern.host] : [];
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/guest-java.js
/** Where the guest's Java finds the roots it trusts: it reads no PEM. */
const JAVA_STORE_PATH = "/etc/airlock/cacerts.jks";
/**
 * System properties by name. None says `http.nonProxyHosts`: its default has loopback, and its `|` is a pipe in the start scripts of Gradle
 * 6 and Maven 4, which pass these options through `eval`. Maven 3.9 reads the properties of its proxy only if it is told to.
 * Sources: OpenJDK, "Networking Properties"; Maven Resolver, "Configuration Options".
 */
function javaProperties({ proxyPort, readsTls }) {
    return {
        "http.proxyHost": "127.0.0.1",
        "http.proxyPort": String(proxyPort),
        "https.proxyHost": "127.0.0.1",
        "https.proxyPort": String(proxyPort),
        "aether.connector.http.useSystemProperties": "true",
        ...(readsTls ? { "javax.net.ssl.trustStore": JAVA_STORE_PATH } : {}),
    };
}
/** Not for JAVA_TOOL_OPTIONS: every `java` would announce it on stderr, into the output of tests. */
function javaOptions(facts) {
    return Object.entries(javaProperties(facts))
        .map(([name, value]) => `-D${name}=${value}`)
        .join(" ");
}
/** The same as a file of Gradle's user home: a `GRADLE_OPTS` of the project replaces the variable, not the file. */
function gradleProperties(facts) {
    return Object.entries(javaProperties(facts))
        .map(([name, value]) => `systemProp.${name}=${value}\n`)
        .join("");
}
/**
 * The same as Maven's user settings, which a `MAVEN_OPTS` of the project does not replace, and the registry that serves in place of Maven's
 * built-in one. Repositories that a project names itself stay its own.
 */
function mavenSettings({ proxyPort, mirror }) {
    const proxies = ["http", "https"].map((protocol) => `    <proxy><id>airlock-${protocol}</id><active>true</active><protocol>${protocol}</protocol><host>127.0.0.1</host><port>${proxyPort}</port><nonProxyHosts>localhost|127.*|[::1]|0.0.0.0</nonProxyHosts></proxy>\n`);
    const mirrors = mirror === undefined
        ? ""
        : `  <mirrors>\n    <mirror><id>airlock</id><mirrorOf>central</mirrorOf><url>${mirror.replaceAll("&", "&amp;")}</url></mirror>\n  </mirrors>\n`;
    return `<settings>\n  <proxies>\n${proxies.join("")}  </proxies>\n${mirrors}</settings>\n`;
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/guest-registries.js


/** What may stand in any of the files and variables below without a meaning of its own there. */
const PLAIN_URL = /^(?:sparse\+)?https?:\/\/[A-Za-z0-9._:@[\]-]+(?:\/[A-Za-z0-9._~%@+/-]*)?$/;
/** The registry of a preset that stands first: the one that a tool asks where nothing else is named. undefined: none that can be told. */
function mainRegistry(registries, key) {
    return toldOf(registries, key)[0];
}
/** All registries of a preset; none if one of them cannot be told. */
function toldOf(registries, key) {
    const urls = Object.hasOwn(registries, key) ? (registries[key] ?? []) : [];
    return urls.every((url) => PLAIN_URL.test(url)) ? urls : [];
}
/**
 * Variables that tell tools which registry the run's presets allow: only those that a repository's own file or command line beats, or that
 * nothing else can say. Sources: Corepack's README; pip, "Configuration"; Go, "Module reference".
 */
function registryEnv(registries) {
    const npm = mainRegistry(registries, "npm");
    const pypi = mainRegistry(registries, "pypi");
    return {
        ...(npm === undefined ? {} : { COREPACK_NPM_REGISTRY: npm.replace(/\/$/, "") }),
        ...(pypi === undefined ? {} : { PIP_INDEX_URL: pypi }),
        ...goEnv(toldOf(registries, "go")),
    };
}
/** The runner's `GOPROXY`, then its checksum database; without one, the runner does not use any. */
function goEnv(urls) {
    if (urls.length === 0)
        return {};
    return urls.length === 1 ? { GOPROXY: urls.join(""), GOSUMDB: "off" } : { GOPROXY: urls.slice(0, -1).join(",") };
}
/**
 * The same for tools that let the environment beat a repository's own file: as the files of the user, which a repository's file beats in
 * turn. npm, pnpm, Yarn 1 and Bun read `.npmrc`, Yarn 2 and later `.yarnrc.yml`. Sources: the Cargo book, "Source replacement"; Bundler,
 * "bundle config"; RubyGems, "Command reference"; Composer, "Repositories"; NuGet, "nuget.config reference".
 */
function registryFiles(registries) {
    const npm = mainRegistry(registries, "npm");
    const pypi = mainRegistry(registries, "pypi");
    const cargo = mainRegistry(registries, "cargo:replacement");
    return [
        ...rubyFiles(registries),
        ...(cargo === undefined ? [] : [homeFile(".cargo/config.toml", renderCargo(cargo))]),
        ...fileFor(".composer/config.json", toldOf(registries, "composer"), renderComposer),
        ...fileFor(".nuget/NuGet/NuGet.Config", toldOf(registries, "nuget"), renderNuget),
        ...(npm === undefined ? [] : [homeFile(".npmrc", `registry=${npm}\n`), homeFile(".yarnrc.yml", renderYarn(npm))]),
        ...(pypi === undefined ? [] : [homeFile(".config/uv/uv.toml", `[[index]]\nurl = "${pypi}"\ndefault = true\n`)]),
    ];
}
function fileFor(path, urls, render) {
    return urls.length === 0 ? [] : [homeFile(path, render(urls))];
}
/** gem takes sources in place of its own. A Gemfile always names one, so Bundler is told what serves in place of the public registry. */
function rubyFiles(registries) {
    const urls = toldOf(registries, "rubygems");
    const [mirror] = urls;
    const original = mainRegistry(registries, "rubygems:default");
    const gem = fileFor(".gemrc", urls, () => `:sources:\n${urls.map((url) => `- ${url}\n`).join("")}`);
    if (mirror === undefined || original === undefined || withSlash(mirror) === withSlash(original))
        return gem;
    const key = `BUNDLE_MIRROR__${withSlash(original).replaceAll(".", "__").replaceAll("-", "___").toUpperCase()}`;
    return [...gem, homeFile(".bundle/config", `---\n${key}: "${withSlash(mirror)}"\n`)];
}
function withSlash(url) {
    return url.endsWith("/") ? url : `${url}/`;
}
function renderCargo(registry) {
    return `[source.crates-io]\nreplace-with = "airlock"\n\n[source.airlock]\nregistry = "${registry}"\n`;
}
/** The public registry is left out: if the runner uses it, it is one of these. */
function renderComposer(urls) {
    return JSON.stringify({ repositories: [...urls.map((url) => ({ type: "composer", url })), { packagist: false }] });
}
function renderNuget(urls) {
    const sources = urls.map((url, index) => `    <add key="airlock-${index + 1}" value="${url}" />\n`);
    return `<configuration>\n  <packageSources>\n${sources.join("")}  </packageSources>\n</configuration>\n`;
}
function renderYarn(registry) {
    const plain = registry.startsWith("http:") ? `unsafeHttpWhitelist: ["${URL.parse(registry)?.hostname ?? ""}"]\n` : "";
    return `npmRegistryServer: "${registry.replace(/\/$/, "")}"\n${plain}`;
}
/** A file of the agent's own; what the image has in its place stays. */
function homeFile(path, text) {
    return { path: `${env/* GUEST_ENV */.J.HOME}/${path}`, content: external_node_buffer_.Buffer.from(text), owner: "agent", keep: true, optional: true };
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/guest-env.js




/** Where the guest finds the roots it trusts: the public ones and the run's own. */
const CA_BUNDLE_PATH = "/etc/airlock/ca-bundle.pem";
const CA_VARIABLES = [
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "CARGO_HTTP_CAINFO",
    "PIP_CERT",
    "DENO_CERT",
    "AWS_CA_BUNDLE",
    "npm_config_cafile",
    "BUNDLE_SSL_CA_CERT",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
];
/**
 * The guest itself, in each spelling that some tool takes literally: Node and Python want `[::1]`, only curl, Go and requests know a range,
 * and Debian gives a machine's own name the address 127.0.1.1.
 */
const NO_PROXY = ["127.0.0.1", "localhost", "::1", "[::1]", "0.0.0.0", env/* GUEST_HOST_NAME */.s, ".localhost", "127.0.1.1", "127.0.0.0/8"].join(",");
/**
 * pnpm 11 and later waits over a minute before it gives a refused host up; its defaults are 10 s and 60 s. Retries themselves stay, for a
 * real hiccup. Source: pnpm's documentation, "Settings".
 */
const SHORT_RETRIES = {
    pnpm_config_fetch_retry_mintimeout: "1000",
    pnpm_config_fetch_retry_maxtimeout: "5000",
};
/** What makes common tools use the proxy on the guest's loopback, know the registries of the run, and trust its authority where hosts are read. */
function guestEnv(facts) {
    const { proxyPort, readsTls, policy } = facts;
    const proxy = `http://127.0.0.1:${proxyPort}`;
    const both = (name, value) => [
        [name, value],
        [name.toLowerCase(), value],
    ];
    return Object.fromEntries([
        ...both("HTTP_PROXY", proxy),
        ...both("HTTPS_PROXY", proxy),
        ...both("ALL_PROXY", proxy),
        ...both("NO_PROXY", NO_PROXY),
        ["NODE_USE_ENV_PROXY", "1"],
        ["npm_config_proxy", proxy],
        ["npm_config_https_proxy", proxy],
        ["npm_config_noproxy", NO_PROXY],
        ["CARGO_HTTP_PROXY", proxy],
        ["CARGO_NET_GIT_FETCH_WITH_CLI", "true"],
        ["PIP_PROXY", proxy],
        ["YARN_HTTP_PROXY", proxy],
        ["YARN_HTTPS_PROXY", proxy],
        ["MAVEN_OPTS", javaOptions({ proxyPort, readsTls })],
        ["GRADLE_OPTS", javaOptions({ proxyPort, readsTls })],
        ...Object.entries(SHORT_RETRIES),
        ...Object.entries(gitEnv(policy)),
        ...Object.entries(registryEnv(policy.registries)),
        ...(readsTls ? CA_VARIABLES.map((name) => [name, CA_BUNDLE_PATH]) : []),
    ]);
}

;// CONCATENATED MODULE: ./lib/gateway/tls/java-trust-store.js


const MAGIC = 0xfeed_feed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** Java's default password. It protects nothing: a reader may also skip the check. */
const PASSWORD = "changeit";
const WHITENER = "Mighty Aphrodite";
/**
 * Certificates as a Java key store of trusted ones. Java reads no PEM, and reads this form without a password, whichever type of store it takes by default.
 * The form is that of `sun.security.provider.JavaKeyStore`: magic, version, count, entries of tag, alias, time, type and DER, then a SHA-1 over password and content.
 */
function writeJavaTrustStore(pems, nowMs) {
    const entries = pems.map((pem, index) => external_node_buffer_.Buffer.concat([
        uint32(TRUSTED_CERTIFICATE),
        java_trust_store_text(`airlock-${index}`),
        uint64(nowMs),
        java_trust_store_text("X.509"),
        bytes(new external_node_crypto_.X509Certificate(pem).raw),
    ]));
    const content = external_node_buffer_.Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(entries.length), ...entries]);
    const digest = (0,external_node_crypto_.createHash)("sha1").update(external_node_buffer_.Buffer.from(PASSWORD, "utf16le").swap16()).update(WHITENER).update(content).digest();
    return external_node_buffer_.Buffer.concat([content, digest]);
}
function uint32(value) {
    const out = external_node_buffer_.Buffer.alloc(4);
    out.writeUInt32BE(value);
    return out;
}
function uint64(value) {
    const out = external_node_buffer_.Buffer.alloc(8);
    out.writeBigUInt64BE(BigInt(Math.trunc(value)));
    return out;
}
/** ASCII alone, where Java's own UTF-8 is everybody's. */
function java_trust_store_text(value) {
    const out = external_node_buffer_.Buffer.alloc(2);
    out.writeUInt16BE(value.length);
    return external_node_buffer_.Buffer.concat([out, external_node_buffer_.Buffer.from(value, "ascii")]);
}
function bytes(value) {
    return external_node_buffer_.Buffer.concat([uint32(value.length), value]);
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/guest-files.js






/** Where the distributions' Java looks by default. */
const SYSTEM_JAVA_STORES = ["/etc/ssl/certs/java/cacerts", "/etc/pki/ca-trust/extracted/java/cacerts"];
/** Where distributions keep the bundle that tools read by default. */
const SYSTEM_BUNDLES = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];
/** The bundle and the store in each of their places. The variables and options replace a tool's roots, so these files contain the public ones, too. */
function trustFiles(certificate) {
    const roots = [...(0,external_node_tls_.getCACertificates)("default"), certificate];
    const bundle = external_node_buffer_.Buffer.from(roots.map((pem) => `${pem.trim()}\n`).join(""));
    const store = writeJavaTrustStore(roots, Date.now());
    return [
        { path: CA_BUNDLE_PATH, content: bundle },
        { path: JAVA_STORE_PATH, content: store },
        ...SYSTEM_BUNDLES.map((path) => ({ path, content: bundle, optional: true })),
        ...SYSTEM_JAVA_STORES.map((path) => ({ path, content: store, optional: true })),
    ];
}
/** What tools read from the agent's home where the environment does not reach them. */
function toolFiles(facts) {
    const { registries } = facts.policy;
    // With several it is not known which of them stands for the built-in one.
    const mirror = registries["maven"]?.length === 1 ? mainRegistry(registries, "maven") : undefined;
    return [
        homeFile(".gradle/gradle.properties", gradleProperties(facts)),
        homeFile(".m2/settings.xml", mavenSettings({ proxyPort: facts.proxyPort, mirror })),
        ...registryFiles(registries),
    ];
}

;// CONCATENATED MODULE: ./lib/gateway/http/peek.js

/** Examines the first bytes of a stream and puts back what was not consumed. */
function peek(stream, options) {
    return new Promise((resolve) => {
        let bytes = external_node_buffer_.Buffer.alloc(0);
        const finish = (result) => {
            clearTimeout(timer);
            stream.off("readable", take);
            stream.off("end", stop);
            stream.off("close", stop);
            stream.off("error", stop);
            const rest = bytes.subarray(result.used);
            if (rest.length > 0 && !stream.destroyed && !stream.readableEnded)
                stream.unshift(rest);
            resolve(result.value);
        };
        const miss = (value) => finish({ value, used: 0 });
        const stop = () => miss("ended");
        const timer = setTimeout(() => miss("late"), options.timeoutMs);
        const take = () => {
            const chunk = stream.read();
            if (chunk === null)
                return;
            bytes = bytes.length === 0 ? chunk : external_node_buffer_.Buffer.concat([bytes, chunk]);
            const result = options.examine(bytes);
            if (result !== undefined)
                finish(result);
            else if (bytes.length >= options.maxBytes)
                miss("full");
        };
        stream.on("readable", take);
        stream.once("end", stop);
        stream.once("close", stop);
        stream.once("error", stop);
        take();
        // A stream that ended earlier emits no more events.
        if (stream.readableEnded || stream.destroyed)
            stop();
    });
}

// EXTERNAL MODULE: ./lib/domain/egress/policy.js
var egress_policy = __webpack_require__(34794);
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

;// CONCATENATED MODULE: ./lib/gateway/tunnel/process-lookup.js


/** How long a refusal waits for the guest to name the command. */
const TIMEOUT_MS = 500;
/** After this many look-ups without a reply the guest gets no more of them. */
const MAX_UNANSWERED = 3;
const lookUps = new WeakMap();
/** The command in the guest that opened this stream, raw, as reported by the guest; undefined when it is unknown. Never throws, and waits half a second at most. */
async function lookUpProcess(stream) {
    return await lookUps.get(stream)?.();
}
function openProcessLookup(session) {
    const waiting = new Map();
    let unanswered = 0;
    const lookUp = (stream) => {
        const { id } = stream;
        if (id === undefined || unanswered >= MAX_UNANSWERED || session.destroyed || waiting.has(String(id)))
            return Promise.resolve(undefined);
        const { promise, resolve } = Promise.withResolvers();
        const timer = setTimeout(() => {
            unanswered += 1;
            finish(undefined);
        }, TIMEOUT_MS);
        const finish = (command) => {
            clearTimeout(timer);
            waiting.delete(String(id));
            resolve(command);
        };
        waiting.set(String(id), finish);
        stream.once("close", () => finish(undefined));
        session.altsvc(LOOKUP_REQUEST, id);
        return promise;
    };
    return {
        offer: (stream) => void lookUps.set(stream, () => lookUp(stream)),
        receive(stream, headers) {
            stream.on("error", () => undefined);
            stream.resume();
            stream.respond({ ":status": 200 }, { endStream: true });
            waiting.get(single(headers[STREAM_HEADER]))?.(process_lookup_decode(single(headers[COMMAND_HEADER])));
        },
    };
}
function single(value) {
    return typeof value === "string" ? value : "";
}
function process_lookup_decode(text) {
    const command = external_node_buffer_.Buffer.from(text.slice(0, MAX_COMMAND_BYTES * 2), "base64url")
        .subarray(0, MAX_COMMAND_BYTES)
        .toString("utf8");
    return command === "" ? undefined : command;
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/context.js



const CAN_BE_AUDITED = new Set(["default-deny", "port", "ip-literal"]);
/** Names that are never public (RFC 6761, RFC 6762, RFC 9476 and similar): audit mode does not let them through, nor one-word names. */
const NEVER_PUBLIC = /^[^.:]+$|\.(?:invalid|localhost|local|internal|intranet|lan|corp|home|alt|onion|home\.arpa)$/;
/** Judges a host and a port before anything is resolved. */
function judgeTarget(context, target) {
    if (context.brokeredHosts.has(target.host))
        return refuse("brokered-host");
    if (context.mode === "none")
        return refuse("no-network");
    const decision = (0,egress_policy/* decide */.LD)(context.policy, target.host, target.port);
    if (decision.verdict === "allow")
        return decision;
    // On a host that gets a secret the rules decide on every port: audit mode would let the secret be used without them.
    const watched = context.mode === "audit" && !NEVER_PUBLIC.test(target.host) && !context.injector.covers(target.host);
    return watched && CAN_BE_AUDITED.has(decision.reason) ? { reason: "audit" } : refuse(decision.reason);
}
/** Judges one request whose method and path can be read, and gives the path to send. */
function judgeRequest(context, target, request) {
    const whole = judgeTarget(context, target);
    if ("refused" in whole || whole.reason === "audit")
        return whole;
    const decision = (0,egress_policy/* decideRequest */.mj)(context.policy, { ...target, ...request });
    return decision.verdict === "allow" ? decision : refuse(decision.reason, decision.reason === "ambiguous-path" ? 400 : 403);
}
/** Whether the gateway must be able to read the traffic to this host. */
function mustRead(context, target) {
    return (0,egress_policy/* isReadable */.hS)(context.policy, target.host, target.port) || context.injector.covers(target.host);
}
/** Logs a connection that ended before its target could be read. */
function refuseUnread(context, reason, method) {
    const entry = context.log.begin({ host: "-", port: 0, method });
    entry.deny(reason);
    entry.end();
}
/** Judges, resolves, filters and dials; records each step in the entry. A host that already got too much is not dialled again. */
async function admit(context, target, entry) {
    const judged = judgeTarget(context, target);
    if ("refused" in judged) {
        entry.deny(judged.reason, ruleOf(context, target));
        return judged;
    }
    entry.allow(judged.reason, judged.rule);
    const limit = entry.up(0);
    return limit === undefined ? await dialFor(context, target, entry) : refuse(limit);
}
/** Resolves, filters and dials a target that was judged already. */
async function dialFor(context, target, entry) {
    const dialled = await context.dialer(target.host, target.port);
    if (isRefusal(dialled))
        entry.deny(dialled.reason);
    else
        entry.at(dialled.address);
    return dialled;
}
/** Refusals that a person may want to act on. */
const WORTH_A_LOOKUP = /^(?:default-deny|deny-rule|port|ip-literal|no-network|address-.*)$/;
/** Records which command wanted a host that was refused; the refusal waits for it briefly. undefined: no look-up, nothing to wait for. */
function identifyCommand(context, refused) {
    const { stream, entry, reason } = refused;
    if (entry.host === "-" || !WORTH_A_LOOKUP.test(reason) || !context.log.takesLookup(entry.host))
        return undefined;
    return lookUpProcess(stream).then((command) => {
        if (command !== undefined)
            entry.command(command);
    });
}
function ruleOf(context, target) {
    return (0,egress_policy/* decide */.LD)(context.policy, target.host, target.port).rule;
}
/** Runs the handler of an event on a hostile stream: whatever it throws ends that stream, never the process. */
function destroyOnError(stream, handle) {
    const run = async () => await handle();
    run().catch(() => stream.destroy());
}
const context_LINGER_MS = 2_000;
/** Sends the last bytes and closes. What the other end still sends is dropped for a moment, so that a reset does not destroy the response. */
function endAfter(stream, bytes) {
    if (stream.destroyed)
        return;
    const timer = setTimeout(() => stream.destroy(), context_LINGER_MS);
    stream.once("close", () => clearTimeout(timer));
    stream.on("error", () => undefined);
    stream.once("end", () => stream.destroy());
    stream.end(bytes);
    stream.resume();
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/upstream.js




/** `agent: false` would make `http.request` ignore `createConnection` and dial by name; an agent of our own cannot. */
function openProxyUpstream(options) {
    const { context, target } = options;
    let first = options.first;
    let closed = false;
    let refusal;
    let address = first?.address;
    const open = async () => {
        const ready = first;
        first = undefined;
        const dialled = ready !== undefined && !ready.socket.destroyed && !ready.socket.readableEnded
            ? ready
            : await context.dialer(target.host, target.port);
        if (isRefusal(dialled))
            return dialled;
        address = dialled.address;
        return options.tls ? await upstream_secure(context, target, dialled.socket) : dialled.socket;
    };
    const agent = new external_node_http_.Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
    agent.createConnection = (_request, done) => {
        open().then((result) => {
            refusal = isRefusal(result) ? result : undefined;
            if (closed && !isRefusal(result))
                result.destroy();
            if (isRefusal(result))
                done?.(new Error(result.reason), undefined);
            else
                done?.(null, result);
        }, (error) => done?.(error, undefined));
        return undefined;
    };
    return {
        agent,
        refusal: () => refusal,
        address: () => address,
        close() {
            closed = true;
            agent.destroy();
            first?.socket.destroy();
        },
    };
}
/** Why a request that was sent got no response. */
function failureOf(upstream, error) {
    if (error?.code === "HPE_HEADER_OVERFLOW")
        return refuse("limit-header-bytes", 502);
    return upstream.refusal() ?? refuse("upstream-failed", 502);
}
/** TLS to the host that was judged, its certificate verified whatever the environment says. */
async function upstream_secure(context, target, socket) {
    const named = (0,egress_address/* parseAddress */.or)(target.host) === undefined;
    const secured = (0,external_node_tls_.connect)({
        socket,
        host: target.host,
        ...(named ? { servername: target.host } : {}),
        ALPNProtocols: ["http/1.1"],
        minVersion: "TLSv1.2",
        rejectUnauthorized: true,
        ...(context.upstreamCa === undefined ? {} : { ca: [...context.upstreamCa] }),
    });
    return await new Promise((resolve) => {
        const timer = setTimeout(() => {
            resolve(refuse("limit-dial-timeout", 504));
            secured.destroy(new Error("handshake timed out"));
        }, context.limits.dialTimeoutMs);
        secured.once("secureConnect", () => {
            clearTimeout(timer);
            resolve(secured);
        });
        secured.on("error", () => resolve(refuse("tls-failed", 502)));
        secured.once("close", () => {
            clearTimeout(timer);
            socket.destroy();
            resolve(refuse("tls-failed", 502));
        });
    });
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/write-refusal.js




/** Sends a refusal as the response. The connection is kept only if the request had no body, which would have to be read first. */
function sendRefusal(exchange, refusal, target) {
    const { request, response } = exchange;
    if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
    }
    const body = explainRefusal(refusal, target);
    const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
    if (hasBody || refusal.status === 400)
        response.shouldKeepAlive = false;
    response.writeHead(refusal.status, phraseRefusal(refusal, target), headersOf(refusal, body));
    response.end(body);
    if (hasBody && !request.readableEnded)
        drainBody(request);
}
/** The same on a byte stream that no HTTP server handles any more; closes it. */
function sendRawRefusal(stream, refusal, target) {
    const body = explainRefusal(refusal, target);
    const lines = Object.entries({ ...headersOf(refusal, body), connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
    endAfter(stream, `HTTP/1.1 ${refusal.status} ${phraseRefusal(refusal, target)}\r\n${lines.join("")}\r\n${body}`);
}
function headersOf(refusal, body) {
    return {
        "content-type": "text/plain; charset=utf-8",
        "content-length": String(external_node_buffer_.Buffer.byteLength(body)),
        "x-airlock-decision": refusal.reason,
    };
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/forward.js







/** The Host line of a request: the canonical host, and the port unless it is the scheme's own. */
function hostLine(target, tls) {
    const usual = tls ? 443 : 80;
    return target.port === usual ? (0,egress_host/* renderHost */.F)(target.host) : `${(0,egress_host/* renderHost */.F)(target.host)}:${target.port}`;
}
/** Header lines as `http.request` and `writeHead` take them: in order, duplicates kept. */
function flatten(pairs) {
    return pairs.flat();
}
/** Sends a judged request and passes the response back, both streamed. Ends the entry. */
function forward(exchange) {
    const { context, request, response, entry } = exchange;
    const cut = new AbortController();
    const stop = (refusal) => {
        cutOff(exchange, refusal);
        cut.abort();
    };
    const idle = setTimeout(() => stop(refuse("limit-idle", request.complete ? 504 : 408)), context.limits.idleTimeoutMs);
    response.once("close", () => {
        clearTimeout(idle);
        entry.end();
    });
    const limit = entry.up(exchange.originForm.length + sizeOf(exchange.headers));
    if (limit !== undefined) {
        stop(refuse(limit));
        return;
    }
    if (exchange.expectsContinue)
        response.writeContinue();
    send(exchange, { idle, stop, cut: cut.signal }, true);
}
/** Bytes of header lines on the wire. */
function sizeOf(headers) {
    return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}
/** Names the limit in the response, or ends the connection if the response has begun. */
function cutOff(exchange, refusal) {
    const { entry, request, response, target } = exchange;
    entry.deny(refusal.reason);
    if (response.headersSent || response.destroyed) {
        request.socket.destroy();
        return;
    }
    entry.status(refusal.status);
    sendRefusal(exchange, refusal, target);
}
/** What may be sent again when a kept connection broke before the response (RFC 9110, 9.2.2). */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS"]);
function send(exchange, watch, mayRetry) {
    const { request, response, target, tls, entry, upstream } = exchange;
    const chunked = request.headers["transfer-encoding"] !== undefined;
    const hasBody = chunked || request.headers["content-length"] !== undefined;
    const lines = flatten([
        ["Host", hostLine(target, tls)],
        ...exchange.headers,
        ...(chunked ? [["Transfer-Encoding", "chunked"]] : []),
    ]);
    const outgoing = (0,external_node_http_.request)({
        agent: upstream.agent,
        method: request.method ?? "GET",
        path: exchange.originForm,
        headers: lines,
        setHost: false,
        maxHeaderSize: exchange.context.limits.maxHeaderBytes,
        signal: watch.cut,
    });
    outgoing.once("socket", () => entry.at(upstream.address() ?? ""));
    let settled = false;
    outgoing.once("response", (incoming) => {
        settled = true;
        destroyOnError(request.socket, () => receive(exchange, incoming, watch.idle));
    });
    const breakOff = (error) => {
        if (settled)
            return;
        settled = true;
        if (mayRetry && outgoing.reusedSocket && !hasBody && REPEATABLE.has(request.method ?? "") && !response.headersSent)
            send(exchange, watch, false);
        else
            fail(exchange, failureOf(upstream, error));
    };
    outgoing.on("error", breakOff);
    outgoing.once("close", () => breakOff());
    response.once("close", () => {
        if (!response.writableFinished)
            outgoing.destroy();
    });
    if (mayRetry || !hasBody)
        pipeBody(exchange, outgoing, { watch, hasBody, chunked });
}
function fail(exchange, refusal) {
    const { entry, target, response } = exchange;
    if (response.writableEnded)
        return;
    entry.deny(refusal.reason);
    entry.status(refusal.status);
    sendRefusal(exchange, refusal, target);
}
function pipeBody(exchange, outgoing, body) {
    const { request, entry } = exchange;
    if (!body.hasBody) {
        outgoing.end();
        return;
    }
    const { watch } = body;
    const count = (bytes) => {
        const limit = watch.cut.aborted ? undefined : entry.up(bytes);
        if (limit !== undefined)
            watch.stop(refuse(limit));
    };
    request.on("data", (chunk) => {
        watch.idle.refresh();
        count(chunk.length);
    });
    request.once("end", () => {
        // None on a host with a credential: a server that reads a trailer as a header could take a foreign credential (I5).
        const trailers = body.chunked && exchange.scrubber === undefined ? safeTrailers(request.rawTrailers) : [];
        if (trailers.length === 0)
            return;
        count(sizeOf(trailers));
        outgoing.addTrailers(trailers.map(([name, value]) => [name, value]));
    });
    request.pipe(outgoing);
}
function receive(exchange, incoming, idle) {
    const { request, response, entry, scrubber } = exchange;
    const status = incoming.statusCode ?? 502;
    incoming.on("error", () => request.socket.destroy());
    if (scrubber !== undefined && isEncoded(incoming.rawHeaders)) {
        incoming.destroy();
        const refusal = refuse("unreadable-response", 502);
        entry.deny(refusal.reason);
        sendRefusal(exchange, refusal, exchange.target);
        return;
    }
    entry.status(status);
    const scrub = (pairs) => scrubber === undefined ? pairs : pairs.map(([name, value]) => [scrubber.text(name), scrubber.text(value)]);
    response.sendDate = false;
    response.writeHead(status, flatten(scrub(responseLines(incoming.rawHeaders))));
    incoming.on("data", (chunk) => {
        idle.refresh();
        entry.down(chunk.length);
    });
    const body = scrubber === undefined ? incoming : incoming.pipe(scrubber.stream());
    incoming.once("end", () => {
        if (response.hasHeader("content-length") || incoming.rawTrailers.length === 0 || incoming.headers["content-length"] !== undefined)
            return;
        response.addTrailers(scrub(safeTrailers(incoming.rawTrailers)).map(([name, value]) => [name, value]));
    });
    body.pipe(response);
}
function isEncoded(lines) {
    return valuesOf(lines, "content-encoding").some((value) => value.trim().toLowerCase() !== "identity" && value.trim() !== "");
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/read-request.js






/** Reads the target strictly: absolute-form on the proxy port, origin-form inside a tunnel. */
function read_request_readTarget(request, origin) {
    const url = request.url ?? "";
    if (origin.kind === "inside") {
        if (!isOriginForm(url))
            return refuse("bad-request", 400, "the request target is not a plain path");
        return { target: origin.target, tls: origin.tls, ...splitQuery(url) };
    }
    const absolute = parseAbsolute(url);
    if (absolute === undefined)
        return refuse("bad-request", 400, "a request to the proxy port names a full `http://` address, and `https` goes through CONNECT");
    return { target: { host: absolute.host, port: absolute.port }, tls: false, ...splitQuery(absolute.originForm) };
}
/** Everything about a request that can be judged without the network: method, framing, rules, authority, credentials. In this order. */
function judge(context, request, requested) {
    const method = request.method ?? "";
    if (method === "TRACE" || method === "TRACK" || method === "CONNECT")
        return refuse("trace", 405);
    const admission = judgeRequest(context, requested.target, { method, path: requested.path });
    if (isRefusal(admission))
        return admission;
    const problem = checkFraming(request, framingRules(context.limits)) ?? checkAuthority(request, requested);
    if (problem !== undefined)
        return problem;
    const strict = mustRead(context, requested.target);
    const path = strict ? (0,request_path/* canonicalPath */.O)(requested.path) : requested.path;
    if (path === undefined)
        return refuse("ambiguous-path", 400);
    const headers = injectHeaders(context, requested, { method, path, headers: endToEnd(request.rawHeaders, { strict }) });
    return isRefusal(headers) ? headers : { ...requested, originForm: path + requested.query, headers, admission };
}
const read_request_FAULTS = {
    version: "the HTTP version is not 1.0 or 1.1",
    "host-count": "there is not exactly one Host line",
    "host-form": "the Host line is not a host",
    "nominated-field": "the Connection line names a field that it may not name",
    "several-lengths": "there is more than one Content-Length line",
    "transfer-coding": "the transfer coding is not exactly `chunked`",
    "length-and-coding": "the length of the body is given in two ways",
    trailer: "trailers are not taken",
};
/** How a request to the proxy, or inside a tunnel that is read, has to be framed. */
function framingRules({ maxHeaderLines }) {
    return {
        versions: ["1.0", "1.1"],
        maxHeaderLines,
        takesTrailers: true,
        explain: (fault) => (fault === "too-many-lines" ? refuse("limit-header-lines", 431) : refuse("bad-request", 400, read_request_FAULTS[fault])),
    };
}
function checkAuthority(request, { target, tls }) {
    if (target.port === 443 && !tls)
        return refuse("not-tls");
    return checkHostLine(request, target);
}
/** The Host line, where there is one, has to name the host of the request. */
function checkHostLine(request, target) {
    const [line] = valuesOf(request.rawHeaders, "host");
    if (line === undefined)
        return undefined;
    const host = parseHostLine(line);
    const agrees = host?.host === target.host && (host.port === undefined || host.port === target.port);
    return agrees ? undefined : refuse("authority-mismatch", 400);
}
function injectHeaders(context, requested, sent) {
    if (!context.injector.covers(requested.target.host))
        return sent.headers;
    if (!requested.tls)
        return refuse("tls-required");
    return context.injector.request({ host: requested.target.host, query: requested.query, ...sent });
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/splice.js
/** Joins two byte streams: backpressure and half-close work in both directions, and an error on one side ends the other. Ends the entry. */
function splice(options) {
    const { guest, upstream, entry } = options;
    const abort = () => {
        guest.destroy();
        upstream.destroy();
    };
    const idle = setTimeout(() => {
        entry.deny("limit-idle");
        abort();
    }, options.idleTimeoutMs);
    guest.on("data", (chunk) => {
        idle.refresh();
        if (entry.up(chunk.length) !== undefined)
            abort();
    });
    upstream.on("data", (chunk) => {
        idle.refresh();
        entry.down(chunk.length);
    });
    let open = [guest, upstream].filter((stream) => !stream.closed).length;
    const closed = (one, other) => () => {
        open -= 1;
        if (!one.readableEnded || one.errored)
            other.destroy();
        if (open > 0)
            return;
        clearTimeout(idle);
        entry.end();
    };
    guest.once("close", closed(guest, upstream));
    upstream.once("close", closed(upstream, guest));
    guest.on("error", abort);
    upstream.on("error", abort);
    guest.pipe(upstream);
    upstream.pipe(guest);
    if (guest.destroyed || upstream.destroyed)
        abort();
    if (open === 0)
        entry.end();
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/upgrade.js









/** Only WebSocket (RFC 6455), only as GET without a body, never on a host whose methods are limited or that has a credential. */
function judgeUpgrade(context, request, judged) {
    const tokens = valuesOf(request.rawHeaders, "upgrade");
    const token = tokens[0]?.trim().toLowerCase() ?? "";
    if (tokens.length !== 1 || token !== "websocket")
        return refuse(token.startsWith("h2c") ? "h2c" : "upgrade", 400);
    const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
    if (request.method !== "GET" || hasBody || request.httpVersion !== "1.1")
        return refuse("upgrade", 400);
    if (context.injector.covers(judged.target.host))
        return refuse("upgrade");
    return (0,egress_policy/* allowsUpgrade */.PB)(context.policy, { ...judged.target, method: "GET", path: judged.path }) ? undefined : refuse("upgrade");
}
/** Requests the change of protocol and joins the two streams when the server agrees. */
function forwardUpgrade(exchange) {
    const { context, judged, guest, entry, upstream } = exchange;
    const limit = entry.up(judged.originForm.length + sizeOf(judged.headers));
    if (limit !== undefined) {
        end(exchange, refuse(limit));
        return;
    }
    const outgoing = (0,external_node_http_.request)(requestFor(exchange));
    let settled = false;
    const settle = (refusal) => {
        if (settled)
            return;
        settled = true;
        if (refusal !== undefined)
            end(exchange, refusal);
    };
    const late = setTimeout(() => {
        settle(refuse("limit-idle", 504));
        outgoing.destroy();
    }, context.limits.idleTimeoutMs);
    outgoing.once("upgrade", (incoming, socket, head) => {
        settle();
        destroyOnError(guest, () => join(exchange, incoming, { socket, head }));
    });
    outgoing.once("response", (incoming) => {
        settle();
        destroyOnError(guest, () => decline(exchange, incoming));
    });
    outgoing.on("error", (error) => settle(failureOf(upstream, error)));
    outgoing.once("close", () => {
        clearTimeout(late);
        settle(failureOf(upstream, undefined));
    });
    guest.once("close", () => {
        settle();
        outgoing.destroy();
        entry.end();
    });
    outgoing.end();
}
function requestFor({ context, judged, upstream }) {
    return {
        agent: upstream.agent,
        method: "GET",
        path: judged.originForm,
        headers: [
            ...flatten([["Host", hostLine(judged.target, judged.tls)], ...judged.headers]),
            "Connection",
            "Upgrade",
            "Upgrade",
            "websocket",
        ],
        setHost: false,
        maxHeaderSize: context.limits.maxHeaderBytes,
    };
}
function end({ entry, guest, judged }, refusal) {
    entry.deny(refusal.reason);
    entry.status(refusal.status);
    entry.end();
    sendRawRefusal(guest, refusal, judged.target);
}
/** The server agreed: passes its head to the guest and joins the streams. */
function join(exchange, incoming, opened) {
    const { context, guest, entry, upstream } = exchange;
    entry.at(upstream.address() ?? "");
    entry.status(101);
    guest.write(`HTTP/1.1 101 Switching Protocols\r\n${renderLines(incoming.rawHeaders)}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`, "latin1");
    if (opened.head.length > 0)
        opened.socket.unshift(opened.head);
    splice({ guest, upstream: opened.socket, entry, idleTimeoutMs: context.limits.idleTimeoutMs });
}
function renderLines(lines) {
    return responseLines(lines)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("");
}
/** The server sent an ordinary response: passes it on and closes. */
function decline(exchange, incoming) {
    const { request, guest, entry } = exchange;
    const response = new external_node_http_.ServerResponse(request);
    response.shouldKeepAlive = false;
    response.sendDate = false;
    response.assignSocket(guest);
    entry.status(incoming.statusCode ?? 502);
    response.writeHead(incoming.statusCode ?? 502, flatten(responseLines(incoming.rawHeaders)));
    incoming.on("data", (chunk) => entry.down(chunk.length));
    incoming.on("error", () => guest.destroy());
    response.once("finish", () => {
        guest.end();
        entry.end();
    });
    incoming.pipe(response);
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/http-server.js










/** The HTTP side of the proxy port and of every tunnel that is read. node:http parses; everything it lets pass and should not is refused here. */
function openHttpServer(context, onTunnel) {
    const parts = { context, connections: new WeakMap(), onTunnel };
    const server = (0,external_node_http_.createServer)({
        maxHeaderSize: context.limits.maxHeaderBytes,
        headersTimeout: context.limits.headerTimeoutMs,
        requestTimeout: 0,
        keepAliveTimeout: 60_000,
        connectionsCheckingInterval: 1_000,
        requireHostHeader: false,
        insecureHTTPParser: false,
        keepAlive: false,
    });
    server.maxHeadersCount = 0;
    // A guest that ends its side after the request still gets the response. The types of node:http lack this property.
    Object.assign(server, { httpAllowHalfOpen: true });
    const arrive = (expectsContinue) => (request, response) => destroyOnError(request.socket, () => onRequest(parts, { request, response, expectsContinue }));
    server.on("request", arrive(false));
    server.on("checkContinue", arrive(true));
    server.on("connect", (request, stream, head) => destroyOnError(stream, () => onConnect(parts, request, stream, head)));
    server.on("upgrade", (request, stream, head) => destroyOnError(stream, () => onUpgrade(parts, request, stream, head)));
    server.on("clientError", (error, stream) => destroyOnError(stream, () => onClientError(parts, error, stream)));
    watchHeaders(server);
    return {
        serve(stream, origin, opened) {
            const connection = { origin, active: 0, closing: false, tunnelEntry: opened?.entry, upstreams: new Map() };
            if (opened !== undefined && origin.kind === "inside") {
                connection.upstreams.set(keyOf(origin.target), openProxyUpstream({ context, target: origin.target, tls: origin.tls, first: opened.dialled }));
            }
            parts.connections.set(stream, connection);
            stream.on("error", () => undefined);
            stream.once("close", () => {
                closeAll(connection);
                connection.tunnelEntry?.end();
            });
            server.emit("connection", stream);
        },
        close: () => void server.close(),
    };
}
/** A server that never listens does not start the timer behind `headersTimeout`; this event does. */
function watchHeaders(server) {
    server.emit("listening");
}
function keyOf(target) {
    return `${target.host}:${target.port}`;
}
function connectionOf(parts, stream) {
    const connection = parts.connections.get(stream);
    if (connection === undefined)
        throw new TypeError("a connection that was never served");
    return connection;
}
/** A connection to one host is kept for the next request of the same guest connection; others go as soon as nobody uses them. */
function upstreamFor(parts, connection, requested) {
    const key = keyOf(requested.target);
    const upstream = connection.upstreams.get(key) ?? openProxyUpstream({ context: parts.context, target: requested.target, tls: requested.tls });
    connection.upstreams.delete(key);
    if (connection.active <= 1)
        closeAll(connection);
    connection.upstreams.set(key, upstream);
    return upstream;
}
function closeAll(connection) {
    for (const upstream of connection.upstreams.values())
        upstream.close();
    connection.upstreams.clear();
}
function onRequest(parts, arrival) {
    const { request, response } = arrival;
    const connection = connectionOf(parts, request.socket);
    if (connection.closing)
        return;
    connection.active += 1;
    connection.tunnelEntry?.drop();
    response.once("close", () => {
        connection.active -= 1;
    });
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const requested = read_request_readTarget(request, connection.origin);
    const judged = isRefusal(requested) ? requested : judge(parts.context, request, requested);
    const entry = beginEntry(parts, request, requested);
    if (connection.active > parts.context.limits.maxPipelined) {
        // A response would wait behind the others, so only the log names the limit.
        connection.closing = true;
        entry.deny("limit-pipelined");
        entry.end();
        request.socket.destroy();
        return;
    }
    if (isRefusal(judged)) {
        refuseRequest(parts, arrival, { entry, refusal: judged, target: isRefusal(requested) ? undefined : requested.target });
        return;
    }
    entry.allow(judged.admission.reason, judged.admission.rule);
    const scrubber = parts.context.injector.covers(judged.target.host) ? parts.context.injector.scrubber(judged.target.host) : undefined;
    forward({ context: parts.context, ...arrival, ...pick(judged), upstream: upstreamFor(parts, connection, judged), entry, scrubber });
}
/** Refuses at once, or after a look-up of the command in the guest. After a look-up the connection ends, and what the guest sent behind the request is ignored. */
function refuseRequest(parts, arrival, { entry, refusal, target }) {
    const { request, response } = arrival;
    const respond = () => {
        logRefusal(entry, refusal);
        sendRefusal(arrival, refusal, target);
    };
    const lookup = identifyCommand(parts.context, { stream: request.socket, entry, reason: refusal.reason });
    if (lookup === undefined) {
        respond();
        return;
    }
    connectionOf(parts, request.socket).closing = true;
    response.shouldKeepAlive = false;
    destroyOnError(request.socket, async () => {
        await lookup;
        respond();
    });
}
function pick(judged) {
    const { target, tls, originForm, headers } = judged;
    return { target, tls, originForm, headers };
}
function beginEntry(parts, request, requested) {
    const where = isRefusal(requested) ? { host: "-", port: 0 } : { ...requested.target, path: requested.path };
    return parts.context.log.begin({ ...where, method: request.method });
}
function logRefusal(entry, refusal) {
    entry.deny(refusal.reason);
    entry.status(refusal.status);
    entry.end();
}
function refuseRaw(stream, entry, reply) {
    logRefusal(entry, reply.refusal);
    sendRawRefusal(stream, reply.refusal, reply.target);
}
async function onConnect(parts, request, stream, head) {
    const connection = connectionOf(parts, stream);
    if (connection.active > 0)
        return void stream.destroy();
    const target = connection.origin.kind === "proxy" ? parseAuthority(request.url ?? "") : undefined;
    const entry = parts.context.log.begin({ ...(target ?? { host: "-", port: 0 }), method: "CONNECT" });
    if (target === undefined)
        return refuseRaw(stream, entry, { refusal: refuse("bad-request", 400, "CONNECT takes exactly `host:port`") });
    const dialled = await admitConnect(parts, request, target, entry);
    if (isRefusal(dialled)) {
        await identifyCommand(parts.context, { stream, entry, reason: dialled.reason });
        return refuseRaw(stream, entry, { refusal: dialled, target });
    }
    if (stream.destroyed) {
        dialled.socket.destroy();
        return entry.end();
    }
    stream.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0)
        stream.unshift(head);
    parts.onTunnel({ guest: stream, target, dialled, entry });
}
/** Rules first, so that the refusal of a host that is not allowed says so; then the framing; then the network. */
async function admitConnect(parts, request, target, entry) {
    const problem = checkFraming(request, framingRules(parts.context.limits)) ?? checkHostLine(request, target);
    if (problem === undefined)
        return await admit(parts.context, target, entry);
    const judged = judgeTarget(parts.context, target);
    return isRefusal(judged) ? judged : problem;
}
function onUpgrade(parts, request, stream, head) {
    const connection = connectionOf(parts, stream);
    if (connection.active > 0)
        return void stream.destroy();
    connection.tunnelEntry?.drop();
    const requested = read_request_readTarget(request, connection.origin);
    const entry = beginEntry(parts, request, requested);
    const judged = isRefusal(requested) ? requested : judge(parts.context, request, requested);
    const refusal = isRefusal(judged) ? judged : judgeUpgrade(parts.context, request, judged);
    if (isRefusal(judged) || refusal !== undefined) {
        refuseRaw(stream, entry, { refusal: refusal ?? refuse("upgrade"), target: isRefusal(requested) ? undefined : requested.target });
        return;
    }
    entry.allow(judged.admission.reason, judged.admission.rule);
    if (head.length > 0)
        stream.unshift(head);
    forwardUpgrade({ context: parts.context, request, guest: stream, judged, upstream: upstreamFor(parts, connection, judged), entry });
}
function onClientError(parts, error, stream) {
    const connection = parts.connections.get(stream);
    if (stream.destroyed || !stream.writable || (connection?.active ?? 0) > 0 || error.code === "ECONNRESET")
        return void stream.destroy();
    const refusal = classifyParseError(error);
    const target = connection?.origin.kind === "inside" ? connection.origin.target : undefined;
    connection?.tunnelEntry?.drop();
    refuseRaw(stream, parts.context.log.begin(target ?? { host: "-", port: 0 }), { refusal, target });
}
function classifyParseError(error) {
    if (error.code === "HPE_HEADER_OVERFLOW")
        return refuse("limit-header-bytes", 431);
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT")
        return refuse("limit-header-timeout", 408);
    return refuse("bad-request", 400, "the request is not strict HTTP/1.1");
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/socks.js





/** First byte of a SOCKS5 client (RFC 1928). */
const SOCKS_VERSION = 5;
const NO_AUTHENTICATION = 0;
const NO_METHOD = 0xff;
const CONNECT = 1;
const REPLY = {
    granted: 0,
    failed: 1,
    notAllowed: 2,
    hostUnreachable: 4,
    connectionRefused: 5,
    commandNotSupported: 7,
    addressNotSupported: 8,
};
/** Greeting: version, count, methods. Request: head, longest name, port. */
const MAX_GREETING = 2 + 255;
const MAX_REQUEST = 4 + 1 + 255 + 2;
/** Speaks SOCKS5 with the guest: no authentication, CONNECT only; a name stays a name, an address is judged as an address. */
async function serveSocks(context, stream, onTunnel) {
    stream.on("error", () => undefined);
    const timeoutMs = context.limits.headerTimeoutMs;
    const offersNone = await peek(stream, { maxBytes: MAX_GREETING, timeoutMs, examine: readGreeting });
    if (offersNone === "late")
        refuseUnread(context, "limit-header-timeout", "SOCKS5");
    if (offersNone !== true)
        return endAfter(stream, external_node_buffer_.Buffer.from([SOCKS_VERSION, NO_METHOD]));
    stream.write(external_node_buffer_.Buffer.from([SOCKS_VERSION, NO_AUTHENTICATION]));
    const request = await peek(stream, { maxBytes: MAX_REQUEST, timeoutMs, examine: readRequest });
    if (request === "late")
        refuseUnread(context, "limit-header-timeout", "SOCKS5");
    if (typeof request === "string")
        return endAfter(stream, reply(REPLY.failed));
    const entry = context.log.begin({ ...("target" in request ? request.target : { host: "-", port: 0 }), method: "SOCKS5" });
    if ("reply" in request) {
        entry.end();
        return endAfter(stream, reply(request.reply));
    }
    const dialled = await admit(context, request.target, entry);
    if (isRefusal(dialled)) {
        await identifyCommand(context, { stream, entry, reason: dialled.reason });
        entry.end();
        return endAfter(stream, reply(replyFor(dialled)));
    }
    if (stream.destroyed) {
        dialled.socket.destroy();
        return entry.end();
    }
    stream.write(reply(REPLY.granted));
    onTunnel({ guest: stream, target: request.target, dialled, entry });
}
function readGreeting(bytes) {
    const count = bytes[1];
    if (count === undefined || bytes.length < 2 + count)
        return undefined;
    return { value: bytes.subarray(2, 2 + count).includes(NO_AUTHENTICATION), used: 2 + count };
}
function readRequest(bytes) {
    if (bytes.length < 5)
        return undefined;
    const [version, command, reserved, kind, nameLength = 0] = bytes;
    if (version !== SOCKS_VERSION || reserved !== 0)
        return { value: { reply: REPLY.commandNotSupported }, used: bytes.length };
    const length = { 1: 4, 3: 1 + nameLength, 4: 16 }[kind ?? 0];
    if (length === undefined)
        return { value: { reply: REPLY.addressNotSupported }, used: bytes.length };
    if (bytes.length < 4 + length + 2)
        return undefined;
    const used = 4 + length + 2;
    if (command !== CONNECT)
        return { value: { reply: REPLY.commandNotSupported }, used };
    const host = (0,egress_host/* canonicalHost */.r)(renderAddress(kind ?? 0, bytes.subarray(4, 4 + length)))?.text;
    const port = bytes.readUInt16BE(4 + length);
    return { value: host === undefined || port === 0 ? { reply: REPLY.addressNotSupported } : { target: { host, port } }, used };
}
function renderAddress(kind, bytes) {
    if (kind === 1)
        return bytes.join(".");
    if (kind === 3)
        return (0,external_node_buffer_.isUtf8)(bytes.subarray(1)) ? bytes.subarray(1).toString("utf8") : "";
    return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(":");
}
function reply(code) {
    return external_node_buffer_.Buffer.from([SOCKS_VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]);
}
const UNREACHABLE = new Set(["dns-failed", "limit-resolve-timeout", "limit-dial-timeout"]);
function replyFor(refusal) {
    if (UNREACHABLE.has(refusal.reason))
        return REPLY.hostUnreachable;
    return refusal.reason === "dial-failed" ? REPLY.connectionRefused : REPLY.notAllowed;
}

;// CONCATENATED MODULE: ./lib/gateway/http/client-hello.js
/** The largest TLS record, with its header. */
const MAX_HELLO_BYTES = 5 + 16_384;
const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const MALFORMED = { kind: "malformed" };
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/;
function openReader(bytes) {
    let at = 0;
    let short = false;
    const take = (length) => {
        if (at + length > bytes.length)
            short = true;
        const part = bytes.subarray(at, at + length);
        at += length;
        return part;
    };
    return {
        short: () => short,
        left: () => Math.max(0, bytes.length - at),
        take,
        number(length) {
            const part = take(length);
            return part.length === length ? part.readUIntBE(0, length) : 0;
        },
    };
}
/**
 * Reads a TLS ClientHello strictly (RFC 8446, 4.1.2; RFC 6066, 3): one record, one message, every length exact, no extension twice,
 * at most one server name. undefined: more bytes are needed, which is not the same as a missing name.
 */
function readFirstBytes(bytes) {
    if (bytes.length === 0)
        return undefined;
    if (bytes[0] !== HANDSHAKE || (bytes.length > 1 && bytes[1] !== 3))
        return { kind: "not-tls" };
    if (bytes.length < 5)
        return undefined;
    const length = bytes.readUInt16BE(3);
    if ((bytes[2] ?? 9) > 3 || length < 4 || length > 16_384)
        return MALFORMED;
    return bytes.length < 5 + length ? checkMessageHead(bytes, length) : readHello(bytes.subarray(5, 5 + length));
}
/** A message that does not fill its record exactly is unreadable, however many bytes follow. */
function checkMessageHead(bytes, length) {
    if (bytes.length < 9)
        return undefined;
    return bytes[5] === CLIENT_HELLO && bytes.readUIntBE(6, 3) === length - 4 ? undefined : MALFORMED;
}
function readHello(message) {
    const reader = openReader(message);
    if (reader.number(1) !== CLIENT_HELLO || reader.number(3) !== message.length - 4)
        return MALFORMED;
    reader.take(2 + 32);
    const session = reader.number(1);
    reader.take(session);
    const suites = reader.number(2);
    reader.take(suites);
    const compressions = reader.number(1);
    reader.take(compressions);
    if (reader.short() || session > 32 || suites === 0 || suites % 2 !== 0 || compressions === 0)
        return MALFORMED;
    if (reader.left() === 0)
        return { kind: "hello", serverName: undefined };
    const extensions = reader.number(2);
    return reader.short() || extensions !== reader.left() ? MALFORMED : readExtensions(reader);
}
function readExtensions(reader) {
    const seen = new Set();
    let serverName;
    while (reader.left() > 0) {
        const type = reader.number(2);
        const body = reader.take(reader.number(2));
        if (reader.short() || seen.has(type))
            return MALFORMED;
        seen.add(type);
        if (type !== SERVER_NAME)
            continue;
        serverName = readServerName(body);
        if (serverName === undefined)
            return MALFORMED;
    }
    return { kind: "hello", serverName };
}
/** The one host name of a server_name extension in lower case, or undefined when it is anything but exactly that. */
function readServerName(body) {
    const reader = openReader(body);
    const list = reader.number(2);
    const type = reader.number(1);
    const length = reader.number(2);
    const name = reader.take(length).toString("latin1");
    const exact = !reader.short() && reader.left() === 0 && list === body.length - 2 && type === 0;
    return exact && NAME.test(name) ? name.toLowerCase() : undefined;
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/tunnelled-bytes.js







/** TLS alert `access_denied`, fatal: a client reports it instead of "connection reset". */
const ACCESS_DENIED = external_node_buffer_.Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x31]);
/**
 * Decides by its first bytes how an open tunnel is carried. Port 443 takes a ClientHello for the host of the tunnel; a host with limits or
 * a credential is read; port 80 is read as HTTP; any other port is passed through (a ClientHello there must name the host, too).
 */
async function carryTunnel(context, server, tunnelled) {
    const { guest, dialled, target } = tunnelled;
    guest.on("error", () => undefined);
    dialled.socket.on("error", () => undefined);
    const breakBoth = () => void guest.destroy();
    if (mustRead(context, target))
        return await tunnelled_bytes_read(context, server, tunnelled);
    if (target.port === 443)
        return await carryTls(context, tunnelled);
    if (target.port === 80)
        return readHttp(server, tunnelled);
    dialled.socket.once("close", breakBoth);
    await carryAny(context, tunnelled);
}
/** Opaque TLS: nothing is read but the server name. */
async function carryTls(context, tunnelled) {
    const first = await tunnelled_bytes_readHello(context, tunnelled.guest);
    const problem = findProblem(first, tunnelled);
    if (problem !== undefined)
        return stop(tunnelled, problem, first);
    tunnelled_bytes_join(context, tunnelled);
}
/** A protocol whose server may speak first: join the streams at once if the guest is silent; examine its bytes if it is not. */
async function carryAny(context, tunnelled) {
    const speaker = await firstToSpeak(tunnelled, context.limits.idleTimeoutMs);
    if (speaker === undefined)
        return stop(tunnelled, "limit-idle", "late");
    if (speaker === tunnelled.guest && looksLikeTls(tunnelled.guest))
        return await carryTls(context, tunnelled);
    tunnelled_bytes_join(context, tunnelled);
}
/** The end that sends or closes first; undefined when neither does in time. Consumes nothing. */
function firstToSpeak({ guest, dialled }, timeoutMs) {
    const events = ["readable", "end", "close"];
    const ends = [guest, dialled.socket];
    return new Promise((resolve) => {
        const listeners = ends.map((end) => () => finish(end));
        const finish = (end) => {
            clearTimeout(timer);
            for (const [index, listener] of listeners.entries())
                for (const event of events)
                    ends[index]?.off(event, listener);
            resolve(end);
        };
        const timer = setTimeout(() => finish(undefined), timeoutMs);
        // An end that closed earlier emits no more events.
        const gone = ends.find((end) => end.readableEnded || end.destroyed);
        if (gone !== undefined)
            return finish(gone);
        for (const [index, listener] of listeners.entries())
            for (const event of events)
                ends[index]?.on(event, listener);
    });
}
function looksLikeTls(guest) {
    const first = guest.read(1);
    if (first === null)
        return false;
    guest.unshift(first);
    return first[0] === 0x16;
}
/** A host whose traffic must be readable: TLS is decrypted with the run's own authority; anything else is HTTP or is refused. */
async function tunnelled_bytes_read(context, server, tunnelled) {
    const first = await tunnelled_bytes_readHello(context, tunnelled.guest);
    if (typeof first !== "string" && first.kind === "not-tls" && tunnelled.target.port !== 443)
        return readHttp(server, tunnelled);
    const problem = findProblem(first, tunnelled);
    if (problem !== undefined)
        return stop(tunnelled, problem, first);
    openTls(context, server, tunnelled);
}
function tunnelled_bytes_readHello(context, guest) {
    return peek(guest, {
        maxBytes: MAX_HELLO_BYTES,
        timeoutMs: context.limits.headerTimeoutMs,
        examine: (bytes) => {
            const value = readFirstBytes(bytes);
            return value === undefined ? undefined : { value, used: 0 };
        },
    });
}
/** An address has no server name to compare; otherwise the name must be present and must be that of the tunnel. */
function findProblem(first, { target }) {
    if (first === "late")
        return "limit-header-timeout";
    if (typeof first === "string" || first.kind !== "hello")
        return "not-tls";
    const expected = (0,egress_address/* parseAddress */.or)(target.host) === undefined ? target.host : undefined;
    return first.serverName?.replace(/\.$/, "") === expected ? undefined : "server-name";
}
/** A guest that closed without sending anything did nothing wrong. */
function stop({ guest, dialled, entry }, reason, first) {
    if (first !== "ended")
        entry.deny(reason);
    entry.end();
    dialled.socket.destroy();
    if (typeof first !== "string" && first.kind !== "not-tls")
        endAfter(guest, ACCESS_DENIED);
    else
        guest.destroy();
}
function tunnelled_bytes_join(context, { guest, dialled, entry }) {
    splice({ guest, upstream: dialled.socket, entry, idleTimeoutMs: context.limits.idleTimeoutMs });
}
function readHttp(server, { guest, target, dialled, entry }) {
    server.serve(guest, { kind: "inside", target, tls: false }, { dialled, entry });
}
function openTls(context, server, { guest, target, dialled, entry }) {
    const secured = new external_node_tls_.TLSSocket(guest, {
        isServer: true,
        secureContext: context.authority.contextFor(target.host),
        ALPNProtocols: ["http/1.1"],
    });
    closeGently(secured, guest);
    let late = false;
    const timer = setTimeout(() => {
        late = true;
        secured.destroy(new Error("handshake timed out"));
    }, context.limits.headerTimeoutMs);
    let open = false;
    secured.once("secure", () => {
        clearTimeout(timer);
        open = true;
        server.serve(secured, { kind: "inside", target, tls: true }, { dialled, entry });
    });
    secured.on("error", () => {
        if (!open)
            entry.deny(late ? "limit-header-timeout" : "guest-tls-failed");
    });
    secured.once("close", () => {
        clearTimeout(timer);
        dialled.socket.destroy();
        guest.destroy();
        entry.end();
    });
    guest.once("close", () => secured.destroy());
}
const FAREWELL_MS = 60_000;
/** After its last response `node:http` destroys a socket once it has accepted the bytes, which are then still on their way through the tunnel. */
function closeGently(secured, guest) {
    secured.destroySoon = () => {
        secured.end();
        const timer = setTimeout(() => secured.destroy(), FAREWELL_MS);
        guest.once("close", () => clearTimeout(timer));
    };
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/accept.js







function openAcceptor(context) {
    const open = new Set();
    const onTunnel = (tunnelled) => destroyOnError(tunnelled.guest, () => carryTunnel(context, server, tunnelled));
    const server = openHttpServer(context, onTunnel);
    const greet = async (stream) => {
        const first = await peek(stream, {
            maxBytes: 1,
            timeoutMs: context.limits.headerTimeoutMs,
            examine: (bytes) => ({ value: bytes[0] ?? 0, used: 0 }),
        });
        if (first === "late")
            refuseUnread(context, "limit-header-timeout");
        if (typeof first === "string")
            return void stream.destroy();
        if (first === SOCKS_VERSION)
            return await serveSocks(context, stream, onTunnel);
        server.serve(stream, { kind: "proxy" });
    };
    return {
        serve(stream) {
            stream.on("error", () => undefined);
            if (open.size >= context.limits.maxConnections) {
                refuseUnread(context, "limit-connections");
                return sendRawRefusal(stream, refuse("limit-connections", 503), undefined);
            }
            open.add(stream);
            stream.once("close", () => open.delete(stream));
            destroyOnError(stream, () => greet(stream));
        },
        close() {
            server.close();
            for (const stream of open)
                stream.destroy();
        },
    };
}

// EXTERNAL MODULE: external "node:dns/promises"
var external_node_dns_promises_ = __webpack_require__(71553);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(77030);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(48161);
;// CONCATENATED MODULE: ./lib/gateway/proxy/dial.js







const MAX_ADDRESSES = 6;
/**
 * Resolves a name that the policy allowed, filters its addresses, and dials one of the addresses that were filtered:
 * the name is never looked up a second time (I4).
 */
function openDialer(options) {
    const { policy, limits, overrides } = options;
    return async (host, port) => {
        const found = await findAddresses(host, limits, overrides);
        if (isRefusal(found))
            return found;
        const own = new Set(overrides.ownAddresses().map((address) => (0,egress_address/* canonicalAddress */.Z5)(address) ?? address));
        const judged = found.map((address) => ({ address, reason: dial_judge(policy, { address, port, own }) }));
        const usable = judged.filter(({ reason }) => reason === undefined).slice(0, MAX_ADDRESSES);
        if (usable.length === 0)
            return refuse(judged[0]?.reason ?? "dns-failed", judged.length === 0 ? 502 : 403);
        return await dialFirst(usable.map(({ address }) => address), port, options);
    };
}
async function findAddresses(host, limits, overrides) {
    const canonical = (0,egress_host/* canonicalHost */.r)(host);
    if (canonical === undefined)
        return refuse("bad-host", 400);
    if (canonical.address !== undefined)
        return [canonical.text];
    const addresses = await withTimeout(overrides.resolve(canonical.text), limits.resolveTimeoutMs);
    if (addresses === "late")
        return refuse("limit-resolve-timeout", 504);
    if (addresses === undefined || addresses.length === 0)
        return refuse("dns-failed", 502);
    return addresses.map((address) => (0,egress_address/* canonicalAddress */.Z5)(address) ?? address);
}
/** undefined when the address may be dialled. */
function dial_judge(policy, at) {
    const parsed = (0,egress_address/* parseAddress */.or)(at.address);
    if (parsed === undefined)
        return "address-invalid";
    const { denied, named, exact } = (0,egress_policy/* judgeAddress */.Ke)(policy, parsed, at.port);
    if (denied !== undefined)
        return "deny-rule";
    const kind = (0,egress_address/* classifyAddress */.DV)(at.address);
    // A wide range of IPv6 may hold it by accident, and whoever dials it reaches this machine.
    if (kind === "unspecified")
        return "address-unspecified";
    if (kind !== "loopback" && at.own.has(at.address))
        return exact ? undefined : "address-runner";
    return kind === "public" || named ? undefined : `address-${kind}`;
}
async function dialFirst(addresses, port, options) {
    const deadline = AbortSignal.timeout(options.limits.dialTimeoutMs);
    const eachMs = Math.ceil(options.limits.dialTimeoutMs / addresses.length);
    let late = false;
    for (const address of addresses) {
        const signal = AbortSignal.any([deadline, AbortSignal.timeout(eachMs)]);
        const socket = await options.overrides.dial({ address, port, signal }).catch(() => undefined);
        if (socket !== undefined)
            return { socket, address };
        late ||= signal.aborted;
        if (deadline.aborted)
            break;
    }
    return late ? refuse("limit-dial-timeout", 504) : refuse("dial-failed", 502);
}
/** undefined when the work fails. */
async function withTimeout(work, timeoutMs) {
    let timer;
    const late = new Promise((resolve) => {
        timer = setTimeout(() => resolve("late"), timeoutMs);
    });
    try {
        return await Promise.race([work.catch(() => undefined), late]);
    }
    finally {
        clearTimeout(timer);
    }
}
/** Look-ups occupy threads that file operations need too: one of the four stays free, whatever the guest requests. */
const MAX_LOOKUPS = 3;
/** Names that wait for their look-up. A wildcard matches any number of names, and a name stays in the queue after its connection has given up. */
const MAX_WAITING = 500;
/** Looks up few names at once, and no name twice at the same time. */
function openLookup(lookUp = lookUpInSystem) {
    const waiting = [];
    const underWay = new Map();
    let running = 0;
    const take = async (host) => {
        if (running >= MAX_LOOKUPS)
            await new Promise((resolve) => waiting.push(resolve));
        running += 1;
        try {
            return await lookUp(host);
        }
        finally {
            running -= 1;
            underWay.delete(host);
            waiting.shift()?.();
        }
    };
    return (host) => {
        const known = underWay.get(host);
        if (known !== undefined)
            return known;
        if (waiting.length >= MAX_WAITING)
            return Promise.reject(new Error("too many names wait for the resolver"));
        const lookup = take(host);
        underWay.set(host, lookup);
        return lookup;
    };
}
async function lookUpInSystem(host) {
    return (await (0,external_node_dns_promises_.lookup)(host, { all: true, order: "verbatim" })).map(({ address }) => address);
}
/** Reading the interfaces took a tenth of a connection's processor time. A new address of the runner is noticed this much later. */
const OWN_ADDRESSES_MS = 1_000;
function openOwnAddresses() {
    let known = [];
    let readAtMs = Number.NEGATIVE_INFINITY;
    return () => {
        if (performance.now() - readAtMs > OWN_ADDRESSES_MS) {
            known = Object.values((0,external_node_os_.networkInterfaces)()).flatMap((entries) => (entries ?? []).map(({ address }) => address));
            readAtMs = performance.now();
        }
        return known;
    };
}
/** The runner's own resolver, network and interfaces. */
const SYSTEM_DIAL = {
    resolve: openLookup(),
    dial: ({ address, port, signal }) => dialSystem(address, port, signal),
    ownAddresses: openOwnAddresses(),
};
function dialSystem(address, port, signal) {
    return new Promise((resolve, reject) => {
        const socket = (0,external_node_net_.connect)({ host: address, port, allowHalfOpen: true, noDelay: true, autoSelectFamily: false });
        const fail = () => {
            socket.destroy();
            reject(signal.reason);
        };
        signal.addEventListener("abort", fail, { once: true });
        socket.once("error", reject);
        socket.once("connect", () => {
            signal.removeEventListener("abort", fail);
            socket.off("error", reject);
            socket.on("error", () => undefined);
            resolve(socket);
        });
    });
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
;// CONCATENATED MODULE: ./lib/gateway/proxy/egress-tally.js

/** Distinct hosts kept for the summary; what comes later is counted under `-`. */
const egress_tally_MAX_HOSTS = 2000;
function openEgressTally() {
    const rows = new Map();
    const totals = { allowed: 0, denied: 0, bytesUp: 0, bytesDown: 0 };
    const count = (line, reason) => {
        const { verdict } = line;
        const during = DURING[line.phase];
        const full = rows.size >= egress_tally_MAX_HOSTS && !rows.has(egress_tally_keyOf({ ...line, reason, during }));
        const { host, port } = full ? { host: "-", port: 0 } : line;
        const start = { host, port, verdict, reason, ...(during === undefined ? {} : { during }) };
        const row = rows.get(egress_tally_keyOf(start)) ?? { ...start, count: 0 };
        row.count += 1;
        if (line.command !== undefined)
            row.command ??= line.command;
        rows.set(egress_tally_keyOf(row), row);
    };
    return {
        add(line) {
            if (line.verdict === "allow")
                totals.allowed += 1;
            else if (DURING[line.phase] === undefined)
                totals.denied += 1;
            totals.bytesUp += line.bytesUp;
            totals.bytesDown += line.bytesDown;
            count(line, line.reason);
            // What the model's service looked up for the sandbox is told like a connection of the sandbox's own.
            if (line.verdict === "allow")
                for (const tool of line.serverTools ?? [])
                    count(line, `model-tool-${tool}`);
        },
        summary(propose) {
            const hosts = [...rows.values()].sort((a, b) => b.count - a.count).map(withSuggestion);
            return { ...totals, hosts, proposedAllow: propose(hosts) };
        },
    };
}
/** What the run's own lines ask for is told apart from what the agent does; a straggler of the agent's may still ask during the harvest. */
const DURING = {
    proof: undefined,
    sandbox: "set-up",
    agent: undefined,
    harvest: undefined,
    verify: "verification",
};
function egress_tally_keyOf(row) {
    return `${row.verdict} ${row.host}:${row.port} ${row.reason} ${row.during ?? ""}`;
}
function withSuggestion(row) {
    const suggestion = row.verdict === "deny" && row.host !== "-" ? findSuggestion(row.reason, row.host, row.port) : undefined;
    return { ...row, ...(suggestion === undefined ? {} : { suggestion }) };
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/egress-log.js



const TOGETHER_MS = 20;
const MAX_SHOWN_PATH = 512;
const MAX_SHOWN_COMMAND = 200;
const egress_log_MAX_LOOKUPS = 300;
const MAX_LOOKUPS_PER_HOST = 2;
const NOTHING_YET = {
    verdict: "deny",
    reason: "bad-request",
    rule: undefined,
    address: undefined,
    status: undefined,
    command: undefined,
    bytesUp: 0,
    bytesDown: 0,
};
/** The log file and the counts behind the summary. Both are bounded whatever the guests do (I18). */
function openEgressLog(options) {
    const file = (0,external_node_fs_.createWriteStream)(options.path, { flags: "a", mode: 0o600 });
    file.on("error", () => undefined);
    const tally = openEgressTally();
    const lookups = openLookups();
    const lanes = new Set();
    let lines = 0;
    const write = (line) => {
        if (line.phase !== "proof")
            tally.add(line);
        lines += 1;
        if (lines <= options.limits.maxLogLines)
            writeSoon(file, `${JSON.stringify(line)}\n`);
    };
    return {
        openLane(sandbox, phase) {
            const lane = openLane({ options, write, lookups, facts: { sandbox, phase } });
            lanes.add(lane);
            return lane;
        },
        summary: () => tally.summary(options.propose),
        async close() {
            for (const lane of lanes)
                lane.end();
            await closeFile(file, lines, options.limits.maxLogLines);
        },
    };
}
function openLane({ options, write, lookups, facts: first }) {
    const open = new Set();
    let facts = first;
    return {
        add: (line) => write({ ...line, ...facts }),
        begin(start) {
            const line = { ...NOTHING_YET, startedAtMs: options.now(), start, lane: facts };
            const entry = openEntry(line, options.budget, (written) => {
                open.delete(entry);
                if (written)
                    write(render(line, options));
            });
            open.add(entry);
            return entry;
        },
        enter(phase) {
            facts = { ...facts, phase };
        },
        takesLookup: (host) => facts.phase !== "proof" && lookups.take(host),
        end() {
            for (const entry of open)
                entry.end();
        },
    };
}
function openLookups() {
    const lookups = new Map();
    return {
        take(host) {
            const count = lookups.get(host) ?? 0;
            if (count >= MAX_LOOKUPS_PER_HOST || (count === 0 && lookups.size >= egress_log_MAX_LOOKUPS))
                return false;
            lookups.set(host, count + 1);
            return true;
        },
    };
}
/** Lines that end within a moment are written together: a write for each took an eighth of a connection's processor time. */
function writeSoon(file, text) {
    if (file.writableCorked === 0) {
        file.cork();
        setTimeout(() => file.uncork(), TOGETHER_MS).unref();
    }
    file.write(text);
}
async function closeFile(file, lines, maxLines) {
    if (file.destroyed)
        return;
    if (lines > maxLines)
        file.write(`${JSON.stringify({ truncated: true, limit: "max-log-lines", linesWritten: maxLines, connections: lines })}\n`);
    file.end();
    await (0,promises_.finished)(file).catch(() => undefined);
}
function openEntry(line, budget, onEnd) {
    let ended = false;
    const { host, port } = line.start;
    const settle = (written) => {
        if (ended)
            return;
        ended = true;
        onEnd(written);
    };
    return {
        host,
        port,
        up(bytes) {
            line.bytesUp += bytes;
            const limit = budget.spend(host, bytes);
            if (limit !== undefined) {
                line.verdict = "deny";
                line.reason = limit;
            }
            return limit;
        },
        down(bytes) {
            line.bytesDown += bytes;
        },
        allow(reason, rule) {
            line.verdict = "allow";
            line.reason = reason;
            line.rule = rule;
        },
        deny(reason, rule) {
            line.verdict = "deny";
            line.reason = reason;
            if (rule !== undefined)
                line.rule = rule;
        },
        at(address) {
            line.address = address;
        },
        status(code) {
            line.status = code;
        },
        command(text) {
            line.command = text;
        },
        end: () => settle(true),
        drop: () => settle(false),
    };
}
function render(line, options) {
    const { start } = line;
    const path = start.path === undefined ? undefined : options.redact(start.path).slice(0, MAX_SHOWN_PATH);
    return {
        time: new Date(line.startedAtMs).toISOString(),
        host: start.host,
        port: start.port,
        address: line.address,
        verdict: line.verdict,
        reason: line.reason,
        rule: line.rule,
        method: start.method,
        path,
        status: line.status,
        bytesUp: line.bytesUp,
        bytesDown: line.bytesDown,
        command: line.command === undefined ? undefined : showCommand(line.command, options),
        durationMs: Math.max(0, Math.round(options.now() - line.startedAtMs)),
        ...line.lane,
    };
}
/** One line of printable text without the run's secrets; it is redacted before it is cut, so that no part of a secret is left. */
function showCommand(command, { redact }) {
    return redact(command)
        .replaceAll(/\p{C}+/gu, " ")
        .slice(0, MAX_SHOWN_COMMAND);
}

;// CONCATENATED MODULE: ./lib/gateway/proxy/proxy.js











function openProxy(options, proxyPort, overrides = {}) {
    const shared = openShared(options, overrides);
    const readsTls = needsAuthority(options);
    const facts = { proxyPort, readsTls, policy: options.policy };
    const lanes = new Set();
    return {
        openLane(laneOptions) {
            const lane = proxy_openLane(shared, laneOptions);
            lanes.add(lane);
            return lane;
        },
        env: { ...surrogateEnv(options), ...guestEnv(facts) },
        files: [...(readsTls ? trustFiles(shared.authority.certificate) : []), ...toolFiles(facts)],
        summary: () => shared.log.summary(),
        async [Symbol.asyncDispose]() {
            for (const lane of lanes)
                lane.close();
            await shared.log.close();
        },
    };
}
function proxy_openLane(shared, { sandbox, phase, view }) {
    const log = shared.log.openLane(sandbox, phase);
    const acceptor = openAcceptor(openContext(shared, log, view));
    return {
        serve: acceptor.serve,
        add: log.add,
        enter: log.enter,
        close() {
            acceptor.close();
            log.end();
        },
    };
}
/** The guest finds each surrogate under the name of its secret. */
function surrogateEnv({ secrets = [] }) {
    return Object.fromEntries(secrets.flatMap(({ variable, surrogate }) => (variable === undefined ? [] : [[variable, surrogate]])));
}
function openShared(options, overrides) {
    const limits = { ...DEFAULT_PROXY_LIMITS, ...overrides.proxyLimits };
    const now = overrides.now ?? Date.now;
    const secrets = (options.secrets ?? []).map((rule) => rule.value);
    const log = openEgressLog({
        path: options.logPath,
        limits,
        budget: openUploadBudget(limits),
        redact: (0,redact/* openRedactor */.p)([...secrets, ...(options.model === undefined ? [] : [options.model.credential.value])]),
        propose: options.mode === "audit" ? proposeFrom : () => [],
        now,
    });
    return { options, overrides, limits, log, authority: openRunAuthority(now()) };
}
function openContext({ options, overrides, limits, authority }, log, view) {
    const policy = narrow(options.policy, view);
    return {
        policy,
        mode: view?.allow !== undefined && options.mode === "audit" ? "allowlist" : options.mode,
        limits,
        dialer: openDialer({ policy, limits, overrides: { ...SYSTEM_DIAL, ...overrides } }),
        log,
        authority,
        injector: openInjector(options.secrets ?? [], view?.secrets === false),
        brokeredHosts: new Set(brokeredHosts(options)),
        upstreamCa: overrides.upstreamCa,
    };
}
/** A view takes rules away and adds none; what is denied stays denied. */
function narrow(policy, view) {
    if (view?.allow === undefined)
        return policy;
    const kept = new Set(view.allow);
    return { ...policy, allow: policy.allow.filter(({ text }) => kept.has(text)) };
}
/** What was let through, by a rule or by audit mode. */
function proposeFrom(rows) {
    return proposeAllow(rows.filter(({ verdict, host }) => verdict === "allow" && host !== "-"));
}
function brokeredHosts({ model }) {
    const host = (0,egress_host/* canonicalHost */.r)(URL.parse(model?.baseUrl ?? "")?.hostname ?? "");
    return host === undefined ? [] : [host.text];
}
/** TLS is decrypted only where a rule limits methods or paths, or where a secret is injected. */
function needsAuthority({ policy, secrets }) {
    const limited = [...policy.allow, ...policy.deny].some((rule) => rule.methods !== undefined || rule.path !== undefined);
    return limited || (secrets ?? []).length > 0;
}

// EXTERNAL MODULE: external "node:http2"
var external_node_http2_ = __webpack_require__(32467);
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

// EXTERNAL MODULE: ./lib/wire/keepalive.js
var keepalive = __webpack_require__(83843);
;// CONCATENATED MODULE: ./lib/wire/tunnel.js
/** What the two ends of the egress tunnel agree on: one HTTP/2 session, the guest is the client. */
const tunnel_MIB = 1024 * 1024;
/** Bytes that one stream may have in flight before its reader has to catch up. */
const STREAM_WINDOW_BYTES = tunnel_MIB;
/** Bytes that the whole session may have in flight. */
const SESSION_WINDOW_BYTES = 16 * tunnel_MIB;
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
const tunnel_NAME = /^[a-z][a-z0-9-]{0,31}$/;
const tunnel_AUTHORITY = /^([a-z][a-z0-9-]{0,31})\.airlock:1$/;
/** The `:authority` of a stream that belongs to the listener `name`, for example `proxy.airlock:1`. */
function authorityOf(name) {
    if (!tunnel_NAME.test(name))
        throw new TypeError(`"${name}" cannot name a listener: use a-z, 0-9 and "-".`);
    return `${name}.airlock:1`;
}
/** The listener's name, or undefined if the text is not one of our authorities. */
function parseStreamAuthority(authority) {
    return tunnel_AUTHORITY.exec(authority)?.[1];
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/tunnel.js







/** nghttp2 ends a session after this many aborted streams at once; its default of 1000 is within reach of honest tools. */
const RESET_BURST = 100_000;
const RESETS_PER_SECOND = 10_000;
const MEMORY_CHECK_MS = 100;
const tunnel_tunnel_MIB = 1024 * 1024;
/**
 * The runner's end of the tunnel: every CONNECT stream that the guest's relay opens is handed to `onStream` with the
 * name of the listener it came from. Garbage from the guest ends this session only and is reported.
 */
function serveTunnel(transport, onStream, options = {}) {
    const guarded = guardStream(transport, (error) => session.destroy(error));
    const session = external_node_http2_.performServerHandshake(guarded, {
        settings: { ...TUNNEL_SETTINGS, maxConcurrentStreams: options.maxStreams ?? MAX_STREAMS },
        maxSessionMemory: 64,
        streamResetBurst: RESET_BURST,
        streamResetRate: RESETS_PER_SECOND,
    });
    // A stream may be gone by then, and a destroyed session throws.
    session.once("connect", () => session.destroyed || session.setLocalWindowSize(SESSION_WINDOW_BYTES));
    const streams = new Set();
    const stopMemoryCheck = boundMemory(streams, options);
    let failure;
    let closing = false;
    session.on("error", (cause) => {
        failure ??= broken("The tunnel ended: the sandbox's end broke the protocol or vanished.", cause);
    });
    const stopPings = (0,keepalive/* keepAlive */.Z)(session, {
        intervalMs: options.pingIntervalMs ?? 15_000,
        timeoutMs: options.pingTimeoutMs ?? 120_000,
        onDead: () => {
            failure ??= broken("The tunnel ended: the sandbox's end did not answer a ping.");
            session.destroy();
        },
    });
    session.once("close", () => {
        stopPings();
        stopMemoryCheck();
        if (failure !== undefined && !closing)
            options.onFailure?.(failure);
        options.onClose?.();
    });
    const lookup = openProcessLookup(session);
    session.on("stream", (stream, headers) => accept({ stream, headers, streams, onStream, lookup }));
    return {
        close() {
            closing = true;
            session.destroy();
        },
    };
}
function accept({ stream, headers, streams, onStream, lookup }) {
    stream.on("error", () => undefined);
    const name = headers[":method"] === "CONNECT" ? parseStreamAuthority(headers[":authority"] ?? "") : undefined;
    if (name === undefined) {
        stream.close(external_node_http2_.constants.NGHTTP2_REFUSED_STREAM);
        return;
    }
    if (name === LOOKUP_STREAM) {
        lookup.receive(stream, headers);
        return;
    }
    lookup.offer(stream);
    streams.add(stream);
    destroyAsReset(stream);
    stream.once("close", () => streams.delete(stream));
    stream.respond({ ":status": 200 });
    onStream(name, stream);
}
/** Node closes a stream that is destroyed without an error as if it had ended normally. The guest must see a reset, or half a response would look complete. */
function destroyAsReset(stream) {
    const destroy = stream.destroy.bind(stream);
    stream.destroy = (error) => {
        const whole = stream.writableFinished && stream.readableEnded;
        return destroy(error ?? (whole || stream.closed ? undefined : new Error("The connection was reset.")));
    };
}
/** Watches the streams' buffers; needed only while all streams together could exceed the cap. */
function boundMemory(streams, options) {
    const maxBytes = options.maxBufferedBytes ?? 128 * tunnel_tunnel_MIB;
    const timer = setInterval(() => {
        let total = 0;
        for (const stream of streams)
            total += stream.readableLength;
        if (total <= maxBytes)
            return;
        const fullestFirst = [...streams].sort((a, b) => b.readableLength - a.readableLength);
        for (const stream of fullestFirst) {
            if (total <= maxBytes / 2)
                break;
            total -= stream.readableLength;
            stream.close(external_node_http2_.constants.NGHTTP2_ENHANCE_YOUR_CALM);
            stream.destroy();
        }
    }, MEMORY_CHECK_MS);
    timer.unref();
    return () => clearInterval(timer);
}
function broken(message, cause) {
    return new errors/* AirlockError */.qR("egress.unusable", {
        message,
        remedy: "Run the job again; when it happens twice, look at the sandbox's log in the run's artifact and at its memory and CPU.",
        cause,
    });
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/links.js


function openLinks(onFailure) {
    const links = new Map();
    const serve = (stream) => {
        const session = serveTunnel(stream, (name, connection) => take(link, name, connection), {
            // Nobody misses what ends after its tunnel was closed.
            onFailure: (error) => link.taker !== undefined && onFailure(error),
            onClose: () => links.delete(stream),
        });
        const link = { session, taker: undefined };
        links.set(stream, link);
        return link;
    };
    return {
        join(stream, onStream) {
            const link = links.get(stream) ?? serve(stream);
            if (link.taker !== undefined)
                throw taken();
            link.taker = onStream;
            return () => {
                if (link.taker === onStream)
                    link.taker = undefined;
            };
        },
        close() {
            for (const { session } of links.values())
                session.close();
        },
    };
}
function take(link, name, connection) {
    if (link.taker === undefined)
        connection.destroy();
    else
        link.taker(name, connection);
}
function taken() {
    return new errors/* AirlockError */.qR("internal", {
        message: "A second tunnel into a sandbox was asked for while the first was open.",
        remedy: "Report this as a defect of Airlock with the run's record.",
    });
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel/single-writes.js
/**
 * Makes a stream write its chunks one at a time. Node 24.21 sends freed memory of this process when an HTTP/2 stream writes a string and
 * a buffer together, which is what `node:http` does with a head and a body: the guest would read the runner's memory instead of a status line.
 */
function writeSingly(stream) {
    Object.defineProperty(stream, "_writev", { value: null });
    return stream;
}

;// CONCATENATED MODULE: ./lib/gateway/gateway.js
var gateway_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
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
var gateway_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
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






/** Ports on the guest's loopback. */
const PROXY_PORT = 3128;
const MODEL_PORT = 3129;
/** Opens the gateway of one run: proxy, broker, log. Nothing listens on the runner; guests arrive through their tunnels. */
async function openGateway(options, overrides = {}) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const opened = gateway_addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const proxy = opened.use(openProxy(options, PROXY_PORT, overrides));
        const { model, limits } = options;
        const { prices = {} } = limits;
        const broker = model === undefined ? undefined : openBroker({ model, limits, prices, toolDomains: listToolDomains(options) });
        const links = openLinks((error) => options.onTunnelFailure?.(error));
        opened.move();
        return {
            openTunnel: (tunnel) => openTunnel({ options, proxy, broker, links }, tunnel),
            env: proxy.env,
            files: proxy.files,
            tryModel: async () => await broker?.tryCredential(),
            usage: async () => broker?.usage() ?? NO_USAGE,
            egress: async () => proxy.summary(),
            exhausted: broker?.exhausted ?? new AbortController().signal,
            async [Symbol.asyncDispose]() {
                links.close();
                await broker?.close();
                await proxy[Symbol.asyncDispose]();
            },
        };
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = gateway_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
function openTunnel({ options, proxy, broker, links }, { sandbox, phase, view }) {
    const model = view?.model === false ? undefined : broker;
    const lane = proxy.openLane({ sandbox: sandbox.id, phase, view });
    const connections = new Set();
    const leave = links.join(sandbox.egress, (name, stream) => {
        writeSingly(stream);
        connections.add(stream);
        stream.once("close", () => connections.delete(stream));
        if (name === "proxy")
            lane.serve(stream);
        else if (name === "model" && model !== undefined)
            model.serve(stream, lane.add);
        else
            stream.destroy();
    });
    const modelListener = model === undefined ? [] : [{ port: MODEL_PORT, name: "model" }];
    return {
        listeners: [{ port: PROXY_PORT, name: "proxy" }, ...modelListener],
        model: options.model === undefined || model === undefined
            ? undefined
            : { api: options.model.api, baseUrl: `http://127.0.0.1:${MODEL_PORT}`, surrogate: model.surrogate },
        enter: lane.enter,
        close() {
            leave();
            lane.close();
            for (const stream of connections)
                stream.destroy();
        },
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
