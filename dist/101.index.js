export const id = 101;
export const ids = [101];
export const modules = {

/***/ 51101:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openGateway: () => (/* binding */ openGateway)
});

;// CONCATENATED MODULE: ./lib/domain/usage.js
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
const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, searches: 0 };
/** The usage after one more settled request. Requests are counted when they are let through, not here. */
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
    const refusal = (ceiling) => {
        while (recent.length > 0 && now() - (recent[0] ?? 0) >= MINUTE_MS)
            recent.shift();
        return findReachedCap({ limits, usage, ceiling, requestsThisMinute: recent.length });
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
        admit(ceiling, signal) {
            const { promise, resolve, reject } = Promise.withResolvers();
            // A copy, so that the same ceiling given twice is still two reservations.
            const waiter = { ceiling: { ...ceiling }, resolve, reject };
            const leave = () => {
                const index = waiting.indexOf(waiter);
                if (index < 0)
                    return;
                waiting.splice(index, 1);
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
/** Whether everything under way, this request included, stays within the caps even at its dearest. */
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

;// CONCATENATED MODULE: ./lib/gateway/drop-rest.js
const LINGER_MS = 5_000;
/** After a refusal: what the guest still sends of its body is dropped for a while, so that the answer is not lost to a reset; then the connection goes. */
function dropRest(request) {
    const { socket } = request;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
    request.unpipe();
    request.resume();
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
// EXTERNAL MODULE: external "node:stream/promises"
var promises_ = __webpack_require__(46466);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(38522);
;// CONCATENATED MODULE: ./lib/gateway/broker/refusal.js
/** Carries a refusal out of the depths of a request. */
class Refused extends Error {
    refusal;
    constructor(refusal, cause) {
        super(refusal.message, { cause });
        this.refusal = refusal;
    }
}
function refuse(status, reason, message) {
    throw new Refused({ status, reason, message });
}
/** Upstream trouble passes by itself; everything else would be refused again. */
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
    const status = refusal.reason === "budget" && api === "openai" ? 429 : refusal.status;
    const body = Buffer.from(JSON.stringify(shapeError(api, refusal, status)));
    response.writeHead(status, {
        "content-type": "application/json",
        "content-length": body.length,
        "x-airlock-decision": refusal.reason,
        ...(isTransient(refusal) ? {} : { "x-should-retry": "false" }),
        ...(CLOSING.has(refusal.reason) || status === 400 || status === 413 ? { connection: "close" } : {}),
    });
    response.end(body);
}
function shapeError(api, refusal, status) {
    const message = `Airlock: ${refusal.message}`;
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
        // The one code that its client takes as final: any other error is tried several times more.
        const quota = refusal.reason === "budget" ? "insufficient_quota" : undefined;
        return { error: { message, type: quota ?? "invalid_request_error", code: quota ?? refusal.reason } };
    },
    gemini: (message, _refusal, status) => ({ error: { code: status, message, status: GEMINI_STATUS[classOf(status)] } }),
};

;// CONCATENATED MODULE: ./lib/gateway/broker/scrub.js

const MASK = 0x2a;
/** So many bytes of the key in a row, in any of its forms, are masked. Longer than any common prefix of keys. */
const WINDOW_BYTES = 16;
const ALPHABET = 256;
/** Prepares the search for a secret in every form an answer could carry it in. */
function openScrubbing(secret) {
    const automaton = buildAutomaton(formsOf(secret));
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
/** The secret raw, in base64 at each of its three alignments, percent-encoded, in hex, as UTF-16 and escaped for JSON and HTML. */
function formsOf(secret) {
    const raw = Buffer.from(secret, "utf8");
    const base64 = [0, 1, 2].flatMap((shift) => {
        const text = Buffer.concat([Buffer.alloc(shift), raw])
            .toString("base64")
            .replace(/=+$/, "");
        // The first and last characters depend on the secret's neighbours.
        const core = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + raw.length) * 8) / 6));
        return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
    });
    const hex = raw.toString("hex");
    const escaped = [...secret].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    const texts = [
        ...base64,
        hex,
        hex.replaceAll(/../g, "%$&"),
        hex.replaceAll(/../g, "\\x$&"),
        escaped,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
        [...secret].map((char) => `&#${char.charCodeAt(0)};`).join(""),
    ];
    const wide = Buffer.from(secret, "utf16le");
    return [raw, wide, ...new Set(texts)].map((form) => (typeof form === "string" ? Buffer.from(form, "latin1") : form));
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
        const reach = (length[state] ?? 0) + 1;
        if (length[target] === reach)
            return target;
        const clone = states++;
        length[clone] = reach;
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
    let held = Buffer.alloc(0);
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
            const bytes = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
            for (let at = held.length; at < bytes.length; at++) {
                step(bytes[at] ?? 0);
                if (matched >= window)
                    bytes.fill(MASK, Math.max(0, at + 1 - matched), at + 1);
            }
            const keep = matched >= window ? 0 : matched;
            const cut = bytes.length - keep;
            held = bytes.subarray(cut);
            return bytes.subarray(0, cut);
        },
        end() {
            const rest = held;
            held = Buffer.alloc(0);
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

;// CONCATENATED MODULE: ./lib/gateway/broker/answer.js





/** Bytes of one answer, decoded; more than any model writes. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Headers that stay behind: they belong to the connection, could lead the agent elsewhere, or carry state for the service. */
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
/**
 * Passes an answer on: decoded, metered, scrubbed, streamed as it comes. Redirects and unreadable codings are refused.
 * @throws Refused
 */
async function deliver(delivery) {
    const { answer, response, meter, scrubbing } = delivery;
    const status = answer.statusCode ?? 0;
    if (status >= 300 && status < 400) {
        answer.destroy();
        refuse(502, "upstream-redirect", "The model's service answered with a redirect, which is not followed.");
    }
    if (status < 200 || status > 599) {
        answer.destroy();
        refuse(502, "upstream-unreadable", "The model's service answered with a status that cannot be passed on.");
    }
    const decoder = decoderFor(answer);
    response.writeHead(status, cleanHeaders(answer.rawHeaders, scrubbing));
    response.flushHeaders();
    try {
        await (0,promises_.pipeline)(answer, decoder, metered(meter), scrubStream(scrubbing.open()), response);
    }
    catch (cause) {
        throw new Refused({ status: 502, reason: "upstream-broken", message: "The answer broke off: the service, or the agent, hung up or fell silent." }, cause);
    }
}
function decoderFor(answer) {
    const coding = (answer.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    if (coding === "identity" || coding === "")
        return new external_node_stream_.PassThrough();
    const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
    if (decoder === undefined) {
        answer.destroy();
        refuse(502, "upstream-unreadable", "The model's service used a content coding that cannot be read.");
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
/** Header lines for the agent: hop-by-hop lines and everything in DROPPED left out, values scrubbed, names that would change left out. */
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

function fieldsOf(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
function count(value) {
    return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}
function usage_fields_text(value) {
    return typeof value === "string" ? value.slice(0, 200) : undefined;
}
/** The usage in one parsed event or answer, or undefined when it has none. */
function readUsage(api, parsed) {
    if (api === "anthropic")
        return readAnthropic(fieldsOf(parsed));
    if (api === "openai")
        return readOpenai(fieldsOf(parsed));
    return readGemini(parsed);
}
/** `message_start` carries the prompt's tokens, `message_delta` the running total of the answer; a plain answer carries both. */
function readAnthropic(event) {
    const message = event["type"] === "message_start" ? fieldsOf(event["message"]) : event;
    if (message["usage"] === undefined || message["usage"] === null)
        return undefined;
    const usage = fieldsOf(message["usage"]);
    const creation = fieldsOf(usage["cache_creation"]);
    const written = count(usage["cache_creation_input_tokens"]);
    const long = Math.min(written, count(creation["ephemeral_1h_input_tokens"]));
    const final = event["type"] === "message" || (event["type"] === "message_delta" && fieldsOf(event["delta"])["stop_reason"] !== null);
    return {
        tokens: {
            input: count(usage["input_tokens"]),
            output: count(usage["output_tokens"]),
            cacheRead: count(usage["cache_read_input_tokens"]),
            cacheWrite: written - long,
            cacheWriteLong: long,
            searches: count(fieldsOf(usage["server_tool_use"])["web_search_requests"]),
        },
        final,
        model: usage_fields_text(message["model"]),
    };
}
const ENDED = new Set(["response.completed", "response.incomplete", "response.failed"]);
/** Responses name their tokens `input` and `output`, chat completions `prompt` and `completion`; the prompt includes what was cached. */
function readOpenai(event) {
    const answer = event["response"] === undefined ? event : fieldsOf(event["response"]);
    if (answer["usage"] === undefined || answer["usage"] === null)
        return undefined;
    const usage = fieldsOf(answer["usage"]);
    const details = { ...fieldsOf(usage["prompt_tokens_details"]), ...fieldsOf(usage["input_tokens_details"]) };
    const prompt = count(usage["input_tokens"]) + count(usage["prompt_tokens"]);
    const cached = Math.min(prompt, count(details["cached_tokens"]));
    const type = event["type"];
    return {
        tokens: {
            ...NO_TOKENS,
            input: prompt - cached,
            output: count(usage["output_tokens"]) + count(usage["completion_tokens"]),
            cacheRead: cached,
            searches: countSearches(answer["output"]),
        },
        final: typeof type === "string" ? ENDED.has(type) : true,
        model: usage_fields_text(answer["model"]),
    };
}
function countSearches(output) {
    return Array.isArray(output) ? output.filter((item) => fieldsOf(item)["type"] === "web_search_call").length : 0;
}
/** Every chunk carries running totals; without `alt=sse` a streamed answer is one JSON array of chunks. */
function readGemini(parsed) {
    const chunks = (Array.isArray(parsed) ? parsed : [parsed]).map(fieldsOf).filter((chunk) => chunk["usageMetadata"] !== undefined);
    const last = chunks.at(-1);
    if (last === undefined)
        return undefined;
    const usage = fieldsOf(last["usageMetadata"]);
    const cached = count(usage["cachedContentTokenCount"]);
    const prompt = count(usage["promptTokenCount"]) + count(usage["toolUsePromptTokenCount"]);
    const candidates = Array.isArray(last["candidates"]) ? last["candidates"].map(fieldsOf) : [];
    const blocked = fieldsOf(last["promptFeedback"])["blockReason"] !== undefined;
    return {
        tokens: {
            ...NO_TOKENS,
            input: Math.max(0, prompt - cached),
            output: count(usage["candidatesTokenCount"]) + count(usage["thoughtsTokenCount"]),
            cacheRead: Math.min(prompt, cached),
            searches: candidates.filter((candidate) => candidate["groundingMetadata"] !== undefined).length,
        },
        final: blocked || candidates.some((candidate) => typeof candidate["finishReason"] === "string"),
        model: usage_fields_text(last["modelVersion"]),
    };
}

;// CONCATENATED MODULE: ./lib/gateway/broker/answer-meter.js


const MAX_LINE_BYTES = 4 * 1024 * 1024;
const MAX_JSON_BYTES = 32 * 1024 * 1024;
function openAnswerMeter(api, contentType) {
    let tokens = NO_TOKENS;
    let complete = false;
    let model;
    let bytes = 0;
    const note = (text) => {
        const reading = read(api, text);
        if (reading === undefined)
            return;
        // Anthropic spreads its totals over events; the others repeat them whole.
        tokens = api === "anthropic" ? atLeast(tokens, reading.tokens) : reading.tokens;
        complete ||= reading.final;
        model = reading.model ?? model;
    };
    const streamed = /^text\/event-stream\b/i.test(contentType ?? "");
    const reader = streamed ? readEvents(note) : readDocument(note);
    return {
        push(chunk) {
            bytes += chunk.length;
            reader.push(chunk);
        },
        end() {
            reader.end();
            return { tokens, complete, model, bytes };
        },
    };
}
function read(api, text) {
    try {
        return readUsage(api, JSON.parse(text));
    }
    catch {
        return undefined;
    }
}
/** Counts in a stream are running totals: the highest one seen stands. */
function atLeast(a, b) {
    return {
        input: Math.max(a.input, b.input),
        output: Math.max(a.output, b.output),
        cacheRead: Math.max(a.cacheRead, b.cacheRead),
        cacheWrite: Math.max(a.cacheWrite, b.cacheWrite),
        cacheWriteLong: Math.max(a.cacheWriteLong, b.cacheWriteLong),
        searches: Math.max(a.searches, b.searches),
    };
}
/** Server-sent events, cut anywhere: only `data:` lines that speak of usage are parsed. */
function readEvents(note) {
    let pieces = [];
    let size = 0;
    const finish = () => {
        const line = size <= MAX_LINE_BYTES ? Buffer.concat(pieces).toString("utf8") : "";
        pieces = [];
        size = 0;
        if (line.startsWith("data:") && /"usage|"error"/.test(line))
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

// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(57975);
;// CONCATENATED MODULE: ./lib/gateway/broker/connectors.js

function connectors_fieldsOf(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
function listOf(value) {
    return Array.isArray(value) ? value : [];
}
/**
 * Refuses what would make the model's service itself call an address that the agent chose: a way out past the egress policy.
 * Tools that search or fetch by the model's own choice are another matter; they are counted and shown.
 * @throws Refused
 */
function checkConnectors(body) {
    const servers = body["mcp_servers"];
    const hasServers = servers !== undefined && servers !== null && !(Array.isArray(servers) && servers.length === 0);
    if (hasServers || listOf(body["tools"]).some((tool) => connectors_fieldsOf(tool)["type"] === "mcp")) {
        refuse(403, "server-side-connector", "Connectors that the model's service would call by itself are a way past the egress policy.");
    }
    const turns = [...listOf(body["messages"]), ...listOf(body["input"]), ...listOf(body["contents"]), body["system"]];
    if (turns.some((turn) => blocksOf(turn, 0).some(pointsOutside))) {
        refuse(403, "server-side-connector", "Send images and files as data: an address that the model's service would fetch is a way past the egress policy.");
    }
}
const MAX_DEPTH = 4;
/** The content blocks of a message, those inside a tool's result included; what a tool was called with is not looked into. */
function blocksOf(holder, depth) {
    if (depth > MAX_DEPTH)
        return [];
    const fields = connectors_fieldsOf(holder);
    const inner = Array.isArray(holder) ? holder : [...listOf(fields["content"]), ...listOf(fields["output"]), ...listOf(fields["parts"])];
    return inner.flatMap((block) => [connectors_fieldsOf(block), ...blocksOf(block, depth + 1)]);
}
function pointsOutside(block) {
    const image = block["image_url"];
    const addresses = [connectors_fieldsOf(block["source"])["url"], image, connectors_fieldsOf(image)["url"], block["file_url"]];
    const gemini = { ...connectors_fieldsOf(block["fileData"]), ...connectors_fieldsOf(block["file_data"]) };
    return [...addresses, gemini["fileUri"], gemini["file_uri"]].some((address) => typeof address === "string" && !/^data:/i.test(address));
}

;// CONCATENATED MODULE: ./lib/gateway/broker/body.js




/** Reads a body of at most `maxBytes`, decoded; what it takes is held until the request ends. @throws Refused */
async function readBody({ request, maxBytes, held, hold }) {
    const tooLarge = () => refuse(413, "body-too-large", `The request body is larger than ${maxBytes} bytes.`);
    if (Number(request.headers["content-length"] ?? 0) > maxBytes)
        tooLarge();
    const chunks = [];
    let size = 0;
    // Not destroyed when this stops early: the refusal goes out on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        size += chunk.length;
        if (size > maxBytes)
            tooLarge();
        hold.take(chunk.length);
        chunks.push(chunk);
    }
    if (Object.keys(request.trailers).length > 0)
        refuse(400, "bad-request", "Trailers are not taken.");
    const coding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    const body = Buffer.concat(chunks);
    if (coding === "identity")
        return body;
    return await held.alone(async () => {
        const decoded = await decode(body, coding, maxBytes);
        hold.take(decoded.length);
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
        refuse(400, "body-unreadable", "The compressed request body cannot be read, or is too large when opened.");
    }
    return refuse(415, "encoding", "Send the body as it is, or as gzip or zstd.");
}
/** @throws Refused when the body is not one JSON object that says everything once. */
function readAsk(body, api, route) {
    const fields = parseObject(body);
    checkConnectors(fields);
    const model = route.model ?? fields["model"];
    if (typeof model !== "string" || model === "" || model.length > 200)
        refuse(400, "body-unreadable", "The body does not name a model.");
    const tools = Array.isArray(fields["tools"]) ? fields["tools"] : [];
    return {
        model,
        maxOutputTokens: readOutputCap(fields, api),
        turn: route.kind === "generate" && tools.length > 0,
        fast: fields["speed"] === "fast" || fields["service_tier"] === "priority",
        serverTools: listServerTools(tools),
    };
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
        refuse(400, "body-unreadable", "The body is not JSON.");
    }
    if (!isObject(parsed))
        refuse(400, "body-unreadable", "The body is not a JSON object.");
    checkKeys(listTopLevelKeys(body));
    return parsed;
}
/** Readers differ on a key that comes twice or in another case: such a body could mean one model here and another there. */
function checkKeys(keys) {
    const seen = new Set();
    for (const key of keys) {
        const folded = key.toLowerCase();
        if (seen.has(folded))
            refuse(400, "body-unreadable", "The body names a field twice.");
        seen.add(folded);
        if (folded === "model" && key !== "model")
            refuse(400, "body-unreadable", 'The body spells "model" in another case.');
    }
}
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** What a bracket adds to the depth. */
const DEPTH = { 123: 1, 91: 1, 125: -1, 93: -1 };
/** Keys of the outermost object, in order, of bytes already known to be valid JSON. */
function listTopLevelKeys(json) {
    const keys = [];
    let depth = 0;
    let text = [0, 0];
    for (let at = 0; at < json.length; at++) {
        const byte = json[at] ?? 0;
        if (byte === QUOTE) {
            const end = findStringEnd(json, at + 1);
            text = [at, end + 1];
            at = end;
        }
        depth += DEPTH[byte] ?? 0;
        if (byte === COLON && depth === 1)
            keys.push(JSON.parse(json.toString("utf8", ...text)));
    }
    return keys;
}
function findStringEnd(json, from) {
    let at = from;
    while (at < json.length && json[at] !== QUOTE)
        at += json[at] === BACKSLASH ? 2 : 1;
    return at;
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
/** Client tools have a schema or a function; what is left of the typed ones runs at the service. */
const SERVER_TOOL = /^(?:web_search|web_fetch|code_execution|code_interpreter|file_search|image_generation|computer_use)/;
const GEMINI_SERVER_TOOLS = ["googleSearch", "google_search", "googleSearchRetrieval", "urlContext", "url_context", "codeExecution"];
function listServerTools(tools) {
    const names = tools.filter(isObject).flatMap((tool) => {
        const type = tool["type"];
        if (typeof type === "string" && SERVER_TOOL.test(type))
            return [type.slice(0, 60)];
        return GEMINI_SERVER_TOOLS.filter((name) => Object.hasOwn(tool, name));
    });
    return [...new Set(names)].slice(0, 10);
}

// EXTERNAL MODULE: ./lib/domain/prices.js
var prices = __webpack_require__(11716);
;// CONCATENATED MODULE: ./lib/gateway/broker/charge.js


/** Output when a request leaves it open: the most any listed model writes in one answer. */
const DEFAULT_MAX_OUTPUT_TOKENS = 128_000;
/** Below this many bytes per token no ordinary prompt gets; used where a prompt is counted from above. */
const MIN_BYTES_PER_TOKEN = 2;
/** Faster than any service writes; bounds an answer that broke off before it said its size. */
const MAX_TOKENS_PER_SECOND = 500;
/** The most a request can cost. Prompt tokens are counted as if all were written to the dearest cache. */
function ceilingOf(pricing, ask, bodyBytes) {
    const { price } = (0,prices/* priceOf */.xx)({ ...pricing, model: ask.model });
    const output = ask.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
    const tokens = { ...NO_TOKENS, cacheWriteLong: Math.ceil(bodyBytes / MIN_BYTES_PER_TOKEN), output };
    return { costUsd: (0,prices/* costOf */.ho)(tokens, price, ask.fast), outputTokens: output, turn: ask.turn };
}
/** What a request is counted as. An answer that did not say what it used is counted from above. */
function chargeOf(pricing, answered) {
    const { ask, tally, status } = answered;
    if (status !== undefined && status >= 300)
        return undefined;
    const tokens = tally.complete ? tally.tokens : boundFromAbove(answered);
    const asked = (0,prices/* priceOf */.xx)({ ...pricing, model: ask.model });
    const named = tally.model === undefined || asked.known ? asked : (0,prices/* priceOf */.xx)({ ...pricing, model: tally.model });
    const { price, known } = named.known ? named : asked;
    return {
        tokens,
        costUsd: (0,prices/* costOf */.ho)(tokens, price, ask.fast),
        turn: ask.turn && status !== undefined,
        estimated: !tally.complete,
        ...(known ? {} : { unpricedModel: ask.model }),
    };
}
function boundFromAbove(answered) {
    const { ask, tally } = answered;
    const seen = tally.tokens;
    const promptKnown = seen.input + seen.cacheRead + seen.cacheWrite + seen.cacheWriteLong > 0;
    const byTime = Math.ceil((answered.durationMs / 1000) * MAX_TOKENS_PER_SECOND);
    const byAsk = ask.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
    return {
        ...seen,
        input: promptKnown ? seen.input : Math.ceil(answered.bodyBytes / MIN_BYTES_PER_TOKEN),
        output: Math.max(seen.output, Math.min(byAsk, Math.max(byTime, Math.ceil(tally.bytes / MIN_BYTES_PER_TOKEN)))),
    };
}

;// CONCATENATED MODULE: ./lib/gateway/broker/intake.js


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
/** What `node:http` lets pass and a strict reader must not. @throws Refused */
function checkFraming(headers, httpVersion) {
    if (httpVersion !== "1.1")
        refuse(400, "bad-request", "Only HTTP/1.1 is spoken here.");
    if (headers.length > MAX_HEADERS)
        refuse(400, "bad-request", `More than ${MAX_HEADERS} header lines.`);
    const hosts = valuesOf(headers, "host");
    if (hosts.length !== 1 || /[^A-Za-z0-9.:[\]-]/.test(hosts[0] ?? "")) {
        refuse(400, "bad-request", "There must be exactly one well-formed Host line.");
    }
    if (valuesOf(headers, "upgrade").length > 0 || valuesOf(headers, "http2-settings").length > 0) {
        refuse(426, "upgrade", "Upgrades are not offered; use plain HTTP/1.1 requests.");
    }
    checkLength(headers);
}
function valuesOf(headers, name) {
    return headers.filter(([key]) => key === name).map(([, value]) => value);
}
function checkLength(headers) {
    const codings = valuesOf(headers, "transfer-encoding");
    const lengths = valuesOf(headers, "content-length");
    if (codings.some((coding) => coding.toLowerCase() !== "chunked") || codings.length > 1) {
        refuse(400, "bad-request", 'The only transfer coding taken is exactly "chunked".');
    }
    if (lengths.length + codings.length > 1)
        refuse(400, "bad-request", "The length of the body is ambiguous.");
    if (valuesOf(headers, "trailer").length > 0)
        refuse(400, "bad-request", "Trailers are not taken.");
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
            refuse(403, "foreign-credential", "This request carries a credential that is not this run's own; nothing was sent on.");
        }
        seen.add(name);
    }
    if (seen.size === 0)
        refuse(403, "missing-credential", `Send this run's credential in ${own.join(" or ")}.`);
}
function isSame(shown, secret) {
    const digest = (text) => (0,external_node_crypto_.createHash)("sha256").update(text).digest();
    return (0,external_node_crypto_.timingSafeEqual)(digest(shown), digest(secret.reveal()));
}
/** What goes upstream of the client's headers; everything that is not named here stays behind. */
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

;// CONCATENATED MODULE: ./lib/gateway/broker/routes.js

const rule = (method, path, kind, query = []) => ({ method, path, kind, query });
/** Everything an agent may ask of a model's service. Files, batches, administration and the rest are not here on purpose. */
const RULES = {
    anthropic: [
        rule("POST", /^\/v1\/messages$/, "generate", ["beta"]),
        rule("POST", /^\/v1\/messages\/count_tokens$/, "count", ["beta"]),
        rule("HEAD", /^\/$/, "hello"),
        rule("HEAD", /^\/api\/hello$/, "hello"),
        rule("GET", /^\/api\/hello$/, "hello"),
    ],
    openai: [
        rule("POST", /^\/v1\/responses$/, "generate"),
        rule("POST", /^\/v1\/chat\/completions$/, "generate"),
        rule("GET", /^\/v1\/models$/, "models", ["client_version"]),
    ],
    gemini: [
        rule("POST", /^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):(?:generateContent|streamGenerateContent)$/, "generate", ["alt"]),
        rule("POST", /^\/v1beta\/models\/(?<model>[a-z0-9][a-z0-9.-]{0,127}):countTokens$/, "count"),
    ],
};
/** One leading slash, no escapes, no empty or dot segments: a target that every reader reads alike. */
const TARGET = /^(?<path>\/[A-Za-z0-9._:/-]{0,512})(?<query>\?[A-Za-z0-9._=&-]{0,512})?$/;
const CREDENTIAL_PARAMETER = /^(?:key|api[-_]?key|access_token|token|auth.*)$/i;
/** @throws Refused when the target is not on the API's list. */
function findRoute(api, method, target) {
    const { path, query = "" } = TARGET.exec(target)?.groups ?? {};
    if (path === undefined || path.includes("//") || path.split("/").some((segment) => segment === "." || segment === "..")) {
        // A credential in the query is worth its own reason: it is how another key would be smuggled in.
        const hasKey = /[?&](?:key|api_key|access_token)=/i.test(target);
        if (hasKey)
            refuse(403, "foreign-credential", "A credential in the query is not accepted; use the header of this API.");
        refuse(403, "path-not-listed", "This request target is not one that agents need.");
    }
    const onPath = RULES[api].filter((candidate) => candidate.path.test(path));
    const found = onPath.find((candidate) => candidate.method === method);
    if (found === undefined) {
        refuse(403, onPath.length > 0 ? "method-not-listed" : "path-not-listed", `Only the calls an agent needs are let through; this one is not.`);
    }
    checkQuery(query, found.query);
    const model = found.path.exec(path)?.groups?.["model"];
    return { kind: found.kind, path, query, ...(model === undefined ? {} : { model }) };
}
function checkQuery(query, allowed) {
    const seen = new Set();
    for (const pair of query.slice(1).split("&")) {
        if (pair === "")
            continue;
        const name = pair.split("=", 1)[0] ?? "";
        if (CREDENTIAL_PARAMETER.test(name)) {
            refuse(403, "foreign-credential", "A credential in the query is not accepted; use the header of this API.");
        }
        if (!allowed.includes(name) || seen.has(name))
            refuse(403, "query-not-listed", "This query parameter is not on the list.");
        seen.add(name);
    }
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
            dropRest(request);
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
        ...(trace.ask === undefined ? {} : { model: trace.ask.model, serverTools: trace.ask.serverTools }),
        ...(trace.charge === undefined ? {} : { costUsd: trace.charge.costUsd }),
    });
}
function refusalOf(error) {
    if (error instanceof Refused)
        return error.refusal;
    if (error instanceof errors/* AirlockError */.qR && error.code === "budget.exceeded") {
        return { status: 403, reason: "budget", message: `${error.message} The run ends here; do not try again.` };
    }
    return { status: 502, reason: "upstream-broken", message: "The request could not be carried out." };
}
async function exchange(context, { request, response, trace, gone }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const headers = listHeaders(request);
        checkFraming(headers, request.httpVersion);
        const route = findRoute(context.api, request.method ?? "", request.url ?? "");
        if (route.kind === "hello") {
            response.writeHead(200, { "content-length": 0 }).end();
            return;
        }
        checkCredential(headers, context.api, context.surrogate);
        if (route.kind === "models") {
            answerModels(context, response);
            return;
        }
        const hold = __addDisposableResource(env_1, context.held.open(), false);
        const body = await readBody({ request, maxBytes: context.maxBodyBytes, held: context.held, hold });
        const ask = readAsk(body, context.api, route);
        trace.bytesUp = body.length;
        trace.ask = ask;
        checkModel(ask.model, context.allowedModels);
        await spend(context, { route, headers, body, ask, response, trace, gone });
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        __disposeResources(env_1);
    }
}
/** Enough for a client that lists models before it asks; the real list would tell nothing the agent needs. */
function answerModels(context, response) {
    const data = context.allowedModels
        .filter((name) => !name.endsWith("*"))
        .map((id) => ({ id, object: "model", created: 0, owned_by: "airlock" }));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data, models: [] }));
}
function checkModel(model, allowed) {
    const fits = (rule) => (rule.endsWith("*") ? model.startsWith(rule.slice(0, -1)) : model === rule);
    if (allowed.length > 0 && !allowed.some(fits)) {
        refuse(403, "model-not-allowed", "This run may not use that model; use one that the workflow and `models` in the repository's file allow.");
    }
}
const FREE = { costUsd: 0, outputTokens: 0, turn: false };
/** Waits for its turn within the budget, asks the service, passes the answer on, settles what it cost whatever happens. */
async function spend(context, spending) {
    const { route, ask, body, response, trace } = spending;
    const paid = route.kind === "generate";
    const pass = await context.budget.admit(paid ? ceilingOf(context.pricing, ask, body.length) : FREE, spending.gone);
    const startedMs = performance.now();
    let status;
    let meter = openAnswerMeter(context.api, undefined);
    let reached = true;
    try {
        const answer = await context.upstream.send({
            method: "POST",
            target: route.path + route.query,
            headers: passedHeaders(spending.headers),
            body,
            signal: spending.gone,
        });
        status = answer.statusCode;
        meter = openAnswerMeter(context.api, answer.headers["content-type"]);
        await deliver({ answer, response, meter, scrubbing: context.scrubbing });
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
            trace.charge = chargeOf(context.pricing, { ask, bodyBytes: body.length, tally, durationMs, status });
        pass.settle(trace.charge);
    }
}
/** Whether the failure came before a byte of the request could have arrived. */
function isUnsent(refused) {
    const code = refused.cause?.code ?? "";
    return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
}

;// CONCATENATED MODULE: ./lib/gateway/broker/held.js

const MIB = 1024 * 1024;
const DEFAULT_HELD_LIMITS = { maxBytes: 256 * MIB, maxRequests: 256 };
function openHeld(limits) {
    let bytes = 0;
    let requests = 0;
    let last = Promise.resolve();
    return {
        open() {
            if (requests >= limits.maxRequests) {
                refuse(503, "busy", `Too many requests are under way (limit max-model-requests, ${limits.maxRequests} at once); wait for some to end.`);
            }
            requests += 1;
            let own = 0;
            return {
                take(more) {
                    if (bytes + more > limits.maxBytes) {
                        const mib = Math.floor(limits.maxBytes / MIB);
                        refuse(503, "busy", `The requests under way are too large together (limit max-model-bytes, ${mib} MiB); send fewer at once.`);
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

// EXTERNAL MODULE: external "node:https"
var external_node_https_ = __webpack_require__(44708);
;// CONCATENATED MODULE: ./lib/gateway/broker/upstream.js




const MIN_CREDENTIAL_LENGTH = 8;
const OAUTH_BETA = "oauth-2025-04-20";
/** @throws AirlockError `input.invalid` for a base URL or a credential that cannot be used safely. */
function openUpstream(options) {
    const url = readBaseUrl(options.upstream);
    const credential = readCredential(options.upstream);
    const secure = url.protocol === "https:";
    const port = Number(url.port) || (secure ? 443 : 80);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const pool = { keepAlive: true, maxSockets: 64, maxFreeSockets: 8, timeout: 60_000 };
    // Verification is stated here, so that NODE_TLS_REJECT_UNAUTHORIZED on the runner cannot take it away.
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
        send: (request) => answerOf(() => dial(request), request, options.timeouts),
        close: () => agent.destroy(),
    };
}
function answerOf(dial, request, timeouts) {
    const attempt = (mayRepeat) => new Promise((resolve, reject) => {
        const outgoing = dial();
        const expire = (message) => void outgoing.destroy(new Refused({ status: 504, reason: "upstream-timeout", message }));
        const connectTimer = setTimeout(expire, timeouts.connectMs, `The model's service took no connection within ${timeouts.connectMs} ms (connect timeout).`);
        const answerTimer = setTimeout(expire, timeouts.answerMs, `The model's service did not answer within ${timeouts.answerMs} ms (answer timeout).`);
        outgoing.once("finish", () => clearTimeout(connectTimer));
        outgoing.once("close", () => {
            clearTimeout(connectTimer);
            clearTimeout(answerTimer);
        });
        outgoing.once("response", (answer) => {
            clearTimeout(answerTimer);
            answer.setTimeout(timeouts.idleMs, () => answer.destroy(new Error("idle")));
            resolve(answer);
        });
        outgoing.once("upgrade", (_answer, socket) => {
            socket.destroy();
            reject(new Refused({ status: 502, reason: "upstream-unreadable", message: "The model's service tried to change the protocol." }));
        });
        outgoing.on("error", (error) => {
            // A kept connection that the service had already closed: nothing was read, so the request may go out once more.
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
        return new Refused({ status: 502, reason: "upstream-unreadable", message: `The model's service could not prove who it is (${code}); nothing was sent.` }, error);
    }
    return new Refused({ status: 502, reason: "upstream-unreachable", message: `The model's service could not be reached or broke off (${code}).` }, error);
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
    const upstream = openUpstream({ upstream: options.model, timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts }, ca: options.ca });
    const budget = openBudget({ limits: completeLimits(options.limits) });
    const scrubbing = openScrubbing(options.model.credential.value.reveal().trim());
    const context = {
        api: options.model.api,
        allowedModels: options.model.allowedModels,
        pricing: { api: options.model.api, overrides: options.prices ?? {} },
        maxBodyBytes: options.maxBodyBytes ?? 32 * broker_MIB,
        held: openHeld({ ...DEFAULT_HELD_LIMITS, ...options.held }),
        surrogate,
        upstream,
        budget,
        scrubbing,
        log: options.log ?? (() => undefined),
    };
    const server = external_node_http_.createServer({
        maxHeaderSize: 32 * 1024,
        headersTimeout: 30_000,
        requestTimeout: 300_000,
        keepAliveTimeout: 60_000,
        connectionsCheckingInterval: 5_000,
        insecureHTTPParser: false,
        requireHostHeader: true,
    }, (request, response) => void handleRequest(context, request, response));
    server.maxHeadersCount = 2000;
    // Without a listener `node:http` would say "100 Continue" before anything was checked.
    server.on("checkContinue", (_request, response) => writeRefusal(response, context.api, { status: 400, reason: "bad-request", message: '"Expect" is not taken.' }));
    server.on("checkExpectation", (_request, response) => writeRefusal(response, context.api, { status: 400, reason: "bad-request", message: '"Expect" is not taken.' }));
    const connections = new Set();
    return {
        surrogate,
        exhausted: budget.exhausted,
        usage: () => budget.usage(),
        serve(stream) {
            connections.add(stream);
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

// EXTERNAL MODULE: ./lib/domain/host.js
var domain_host = __webpack_require__(30576);
// EXTERNAL MODULE: ./lib/domain/public-suffix.js
var public_suffix = __webpack_require__(36585);
;// CONCATENATED MODULE: ./lib/domain/proposal.js


/** So many hosts below one name are written as one wildcard. */
const GROUP_FROM = 3;
/**
 * The shortest allowlist that would have sufficed, one rule per element, sorted. Three or more hosts directly below one registered name
 * become a wildcard; a public suffix never does, and neither does a port that is not 443 or 80.
 */
function proposeAllow(used) {
    const plain = new Set(used.filter(({ port }) => isDefaultPort(port)).map(({ host }) => host));
    const ported = used.filter(({ port }) => !isDefaultPort(port)).map(({ host, port }) => `${(0,domain_host/* renderHost */.F)(host)}:${port}`);
    const groups = Map.groupBy([...plain].filter(canBeGrouped), parentOf);
    const wide = [...groups].filter(([, hosts]) => hosts.length >= GROUP_FROM).map(([parent]) => parent);
    const covered = (host) => canBeGrouped(host) && wide.some((parent) => isBelow(host, parent));
    const single = [...plain].filter((host) => !covered(host)).map(domain_host/* renderHost */.F);
    const outermost = wide.filter((parent) => !wide.some((other) => isBelow(parent, other)));
    return [...new Set([...outermost.map((parent) => `*.${parent}`), ...single, ...ported])].sort();
}
/** As an allowed wildcard reads it. */
function isBelow(host, parent) {
    return host.endsWith(`.${parent}`) && !(0,public_suffix/* crossesPublicSuffix */.Jr)(host, parent);
}
function isDefaultPort(port) {
    return port === 443 || port === 80;
}
/** Only a name below a registered one: `*.example.com`, never `*.com` or `*.github.io`; addresses have no parent. */
function canBeGrouped(host) {
    return !host.includes(":") && !/^[0-9.]+$/.test(host) && !(0,public_suffix/* isPublicSuffix */.RO)(parentOf(host));
}
function parentOf(host) {
    return host.slice(host.indexOf(".") + 1);
}

// EXTERNAL MODULE: ./lib/domain/redact.js
var redact = __webpack_require__(98587);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: ./lib/ports/gateway.js
var gateway = __webpack_require__(1066);
;// CONCATENATED MODULE: ./lib/gateway/limits.js
const limits_MIB = 1024 * 1024;
/** Hosts counted on their own; a wildcard has no end of them, so later ones share one count. */
const MAX_HOSTS = 10_000;
const DEFAULT_PROXY_LIMITS = {
    maxConnections: 1000,
    maxPipelined: 100,
    maxHeaderBytes: 32 * 1024,
    maxHeaderLines: 200,
    maxBytesUpPerHost: 256 * limits_MIB,
    maxBytesUp: 1024 * limits_MIB,
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

;// CONCATENATED MODULE: ./lib/gateway/refusal.js


function refusal_refuse(reason, status = 403, detail) {
    return { refused: true, reason, status, ...(detail === undefined ? {} : { detail }) };
}
function isRefusal(value) {
    return "refused" in value;
}
/** The line that would let a host through. */
function suggestRule(host, port) {
    return port === 443 || port === 80 ? (0,domain_host/* renderHost */.F)(host) : `${(0,domain_host/* renderHost */.F)(host)}:${port}`;
}
const RULE_WOULD_HELP = new Set(["default-deny", "port", "ip-literal"]);
/** The line to paste into `allow`, where one line is all that is missing. */
function findSuggestion(reason, host, port) {
    return RULE_WOULD_HELP.has(reason) ? suggestRule(host, port) : undefined;
}
/** No input raises these: what leaves is what the policy is for, and honest work stays far below. */
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
/** The plain-text body of a refusal: one sentence, and the line that would help. Only canonical host names and our own words are in it. */
function explain(refusal, target) {
    const words = WORDS[refusal.reason] ??
        (refusal.reason.startsWith("address-")
            ? "its address is in a range that is refused unless a rule names it"
            : "the request is malformed");
    const where = target === undefined ? "The request" : `${(0,domain_host/* renderHost */.F)(target.host)}:${target.port}`;
    const suggestion = target === undefined ? undefined : findSuggestion(refusal.reason, target.host, target.port);
    const help = suggestion === undefined ? "" : ` To allow it, add the line \`${suggestion}\` to the input \`allow\`.`;
    return `airlock: ${where} was refused (${refusal.reason}): ${refusal.detail ?? words}.${help}\n`;
}

;// CONCATENATED MODULE: ./lib/gateway/egress-log.js




const TOGETHER_MS = 20;
const MAX_SHOWN_PATH = 512;
const MAX_SHOWN_COMMAND = 200;
const MAX_QUESTIONS = 300;
const MAX_QUESTIONS_PER_HOST = 2;
/** Distinct hosts kept for the summary; what comes later is counted under `-`. */
const egress_log_MAX_HOSTS = 2000;
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
/** The log file and the counts behind the summary. Both are bounded whatever the guest does (I18). */
function openEgressLog(options) {
    const file = (0,external_node_fs_.createWriteStream)(options.path, { flags: "a", mode: 0o600 });
    file.on("error", () => undefined);
    const tally = openTally();
    const open = new Set();
    const questions = new Map();
    let phase = "sandbox";
    let lines = 0;
    const write = (line) => {
        if (line.phase !== gateway/* PROOF_PHASE */.D)
            tally.add(line);
        lines += 1;
        if (lines <= options.limits.maxLogLines)
            writeSoon(file, `${JSON.stringify(line)}\n`);
    };
    return {
        add: (line) => write({ ...line, phase }),
        begin(start) {
            const line = { ...NOTHING_YET, startedAtMs: options.now(), start, phase };
            const entry = openEntry(line, options.budget, (written) => {
                open.delete(entry);
                if (written)
                    write(render(line, options));
            });
            open.add(entry);
            return entry;
        },
        enter(name) {
            phase = name;
        },
        wonders(host) {
            const asked = questions.get(host) ?? 0;
            if (phase === gateway/* PROOF_PHASE */.D || asked >= MAX_QUESTIONS_PER_HOST || (asked === 0 && questions.size >= MAX_QUESTIONS))
                return false;
            questions.set(host, asked + 1);
            return true;
        },
        summary: () => tally.summary(options.propose),
        async close() {
            for (const entry of open)
                entry.end();
            await closeFile(file, lines, options.limits.maxLogLines);
        },
    };
}
/** Lines that end within a moment leave together: one write for each took an eighth of a connection's processor time. */
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
        phase: line.phase,
    };
}
/** One line of printable text without the run's secrets; the whole is redacted before it is cut, so that no part of one is left. */
function showCommand(command, { redact }) {
    return redact(command)
        .replaceAll(/\p{C}+/gu, " ")
        .slice(0, MAX_SHOWN_COMMAND);
}
function openTally() {
    const rows = new Map();
    const totals = { allowed: 0, denied: 0, bytesUp: 0, bytesDown: 0 };
    return {
        add(line) {
            if (line.verdict === "allow")
                totals.allowed += 1;
            else
                totals.denied += 1;
            totals.bytesUp += line.bytesUp;
            totals.bytesDown += line.bytesDown;
            const full = rows.size >= egress_log_MAX_HOSTS && !rows.has(keyOf(line));
            const { verdict, reason } = line;
            const { host, port } = full ? { host: "-", port: 0 } : line;
            const row = rows.get(keyOf({ host, port, verdict, reason })) ?? { host, port, verdict, reason, count: 0 };
            row.count += 1;
            if (line.command !== undefined)
                row.command ??= line.command;
            rows.set(keyOf(row), row);
        },
        summary(propose) {
            const hosts = [...rows.values()].sort((a, b) => b.count - a.count).map(withSuggestion);
            return { ...totals, hosts, proposedAllow: propose(hosts) };
        },
    };
}
function keyOf(row) {
    return `${row.verdict} ${row.host}:${row.port} ${row.reason}`;
}
function withSuggestion(row) {
    const suggestion = row.verdict === "deny" && row.host !== "-" ? findSuggestion(row.reason, row.host, row.port) : undefined;
    return { ...row, ...(suggestion === undefined ? {} : { suggestion }) };
}

// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(41692);
;// CONCATENATED MODULE: ./lib/gateway/java-trust-store.js


const MAGIC = 0xfeed_feed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** What every Java is told when nothing else is said. It guards nothing: whoever reads may also leave the check out. */
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

;// CONCATENATED MODULE: ./lib/gateway/guest-env.js



/** Where the guest finds the roots it trusts: the public ones and the run's own. */
const CA_BUNDLE_PATH = "/etc/airlock/ca-bundle.pem";
/** The same for Java, which reads no PEM. */
const JAVA_STORE_PATH = "/etc/airlock/cacerts.jks";
/** Where the distributions' Java looks when no option tells it otherwise. */
const SYSTEM_JAVA_STORES = ["/etc/ssl/certs/java/cacerts", "/etc/pki/ca-trust/extracted/java/cacerts"];
/** Places where distributions keep the bundle that tools read when no variable tells them otherwise. */
const SYSTEM_BUNDLES = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];
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
const NO_PROXY = "127.0.0.1,localhost,::1";
/** What makes common tools use the proxy on the guest's loopback, and trust the run's authority where hosts are read. */
function guestEnv(proxyPort, readsTls) {
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
        ["MAVEN_OPTS", javaOptions(proxyPort, readsTls)],
        ["GRADLE_OPTS", javaOptions(proxyPort, readsTls)],
        ...(readsTls ? CA_VARIABLES.map((name) => [name, CA_BUNDLE_PATH]) : []),
    ]);
}
/** Not JAVA_TOOL_OPTIONS: every `java` would announce it on stderr, into the output of tests. */
function javaOptions(port, readsTls) {
    const host = ["http", "https"].flatMap((scheme) => [`-D${scheme}.proxyHost=127.0.0.1`, `-D${scheme}.proxyPort=${port}`]);
    const store = readsTls ? [`-Djavax.net.ssl.trustStore=${JAVA_STORE_PATH}`] : [];
    return [...host, "-Dhttp.nonProxyHosts=localhost|127.*|[::1]", ...store].join(" ");
}
/** The bundle and the store in each of their places. Variables and options above replace a tool's roots, so they hold the public ones, too. */
function guestFiles(certificate) {
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

// EXTERNAL MODULE: ./lib/domain/egress.js
var egress = __webpack_require__(35341);
;// CONCATENATED MODULE: ./lib/wire/asking.js
/**
 * How the runner asks which command opened a stream: an ALTSVC frame on that stream (RFC 7838), the one frame a server may send about a
 * stream that node:http2 shows to the client. The answer is a stream of its own, for a listener that nobody can reach otherwise.
 */
const ASK = "airlock-asks";
/** Name of the listener that takes answers. */
const ANSWERS = "answers";
/** Id of the stream that was asked about, decimal. */
const STREAM_HEADER = "airlock-stream";
/** The command as base64url of UTF-8. */
const COMMAND_HEADER = "airlock-command";
/** Bytes of a command that are told. */
const MAX_COMMAND_BYTES = 512;

;// CONCATENATED MODULE: ./lib/gateway/asking.js


/** How long a refusal waits for the guest to say who asked. */
const PATIENCE_MS = 500;
/** A guest that leaves this many questions without an answer is not asked again. */
const MAX_SILENCES = 3;
const asks = new WeakMap();
/** The command in the guest that opened this stream, raw and as the guest tells it; undefined when it cannot be known. Never throws, and waits half a second at most. */
async function askCommand(stream) {
    return await asks.get(stream)?.();
}
function openAsking(session) {
    const waiting = new Map();
    let silences = 0;
    const ask = (stream) => {
        const { id } = stream;
        if (id === undefined || silences >= MAX_SILENCES || session.destroyed || waiting.has(String(id)))
            return Promise.resolve(undefined);
        const { promise, resolve } = Promise.withResolvers();
        const timer = setTimeout(() => {
            silences += 1;
            finish(undefined);
        }, PATIENCE_MS);
        const finish = (command) => {
            clearTimeout(timer);
            waiting.delete(String(id));
            resolve(command);
        };
        waiting.set(String(id), finish);
        stream.once("close", () => finish(undefined));
        session.altsvc(ASK, id);
        return promise;
    };
    return {
        offer: (stream) => void asks.set(stream, () => ask(stream)),
        deliver(stream, headers) {
            stream.on("error", () => undefined);
            stream.resume();
            stream.respond({ ":status": 200 }, { endStream: true });
            waiting.get(single(headers[STREAM_HEADER]))?.(asking_decode(single(headers[COMMAND_HEADER])));
        },
    };
}
function single(value) {
    return typeof value === "string" ? value : "";
}
function asking_decode(text) {
    const command = external_node_buffer_.Buffer.from(text.slice(0, MAX_COMMAND_BYTES * 2), "base64url")
        .subarray(0, MAX_COMMAND_BYTES)
        .toString("utf8");
    return command === "" ? undefined : command;
}

;// CONCATENATED MODULE: ./lib/gateway/context.js



const CAN_BE_AUDITED = new Set(["default-deny", "port", "ip-literal"]);
/** Names that are never public (RFC 6761, RFC 6762, RFC 9476 and their kin): watching does not let them through, nor one-word names. */
const NEVER_PUBLIC = /^[^.:]+$|\.(?:invalid|localhost|local|internal|intranet|lan|corp|home|alt|onion|home\.arpa)$/;
/** Judges a host and a port before anything is resolved. */
function judgeTarget(context, target) {
    if (context.brokeredHosts.has(target.host))
        return refusal_refuse("brokered-host");
    if (context.mode === "none")
        return refusal_refuse("no-network");
    const decision = (0,egress/* decide */.LD)(context.policy, target.host, target.port);
    if (decision.verdict === "allow")
        return decision;
    // On a host that gets a secret the rules say what may be done, on every port: watching it would let it be used without them.
    const watched = context.mode === "audit" && !NEVER_PUBLIC.test(target.host) && !context.swap.covers(target.host);
    return watched && CAN_BE_AUDITED.has(decision.reason) ? { reason: "audit" } : refusal_refuse(decision.reason);
}
/** Judges one request whose method and path can be read, and gives the path to send. */
function judgeRequest(context, target, request) {
    const whole = judgeTarget(context, target);
    if ("refused" in whole || whole.reason === "audit")
        return whole;
    const decision = (0,egress/* decideRequest */.mj)(context.policy, { ...target, ...request });
    return decision.verdict === "allow" ? decision : refusal_refuse(decision.reason, decision.reason === "ambiguous-path" ? 400 : 403);
}
/** Whether the gateway has to be able to read what goes to this host. */
function mustRead(context, target) {
    return (0,egress/* isReadable */.hS)(context.policy, target.host, target.port) || context.swap.covers(target.host);
}
/** Logs a connection that was ended before it could be read what it was for. */
function refuseUnread(context, reason, method) {
    const entry = context.log.begin({ host: "-", port: 0, method });
    entry.deny(reason);
    entry.end();
}
/** Judges, resolves, filters and dials; notes each step in the entry. A host that got too much already is not dialled again. */
async function admit(context, target, entry) {
    const judged = judgeTarget(context, target);
    if ("refused" in judged) {
        entry.deny(judged.reason, ruleOf(context, target));
        return judged;
    }
    entry.allow(judged.reason, judged.rule);
    const limit = entry.up(0);
    return limit === undefined ? await reachFor(context, target, entry) : refusal_refuse(limit);
}
/** Resolves, filters and dials a target that was judged already. */
async function reachFor(context, target, entry) {
    const reached = await context.reach(target.host, target.port);
    if (isRefusal(reached))
        entry.deny(reached.reason);
    else
        entry.at(reached.address);
    return reached;
}
/** Refusals that a person would do something about. */
const WORTH_ASKING = /^(?:default-deny|deny-rule|port|ip-literal|no-network|address-.*)$/;
/** Notes who asked for a host that was refused: the refusal waits for it, a moment at most. undefined where nobody is asked and nothing has to wait. */
function identify(context, asked) {
    const { stream, entry, reason } = asked;
    if (entry.host === "-" || !WORTH_ASKING.test(reason) || !context.log.wonders(entry.host))
        return undefined;
    return askCommand(stream).then((command) => {
        if (command !== undefined)
            entry.command(command);
    });
}
function ruleOf(context, target) {
    return (0,egress/* decide */.LD)(context.policy, target.host, target.port).rule;
}
/** Runs the handler of an event on a hostile stream: whatever it throws ends that stream, never the process. */
function guard(stream, handle) {
    const run = async () => await handle();
    run().catch(() => stream.destroy());
}
const context_LINGER_MS = 2_000;
/** Sends the last bytes and closes: what the other end still sends is dropped for a moment, so that the answer is not lost to a reset. */
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

;// CONCATENATED MODULE: ./lib/gateway/answer.js





/** Answers a request with a refusal. The connection is kept only where the request had no body that would have to be read first. */
function answerRefusal(exchange, refusal, target) {
    const { request, response } = exchange;
    if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
    }
    const body = explain(refusal, target);
    const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
    if (hasBody || refusal.status === 400)
        response.shouldKeepAlive = false;
    response.writeHead(refusal.status, headersOf(refusal, body));
    response.end(body);
    if (hasBody && !request.readableEnded)
        dropRest(request);
}
/** The same on a byte stream that no HTTP server holds any more; closes it. */
function answerRawRefusal(stream, refusal, target) {
    const body = explain(refusal, target);
    const lines = Object.entries({ ...headersOf(refusal, body), connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
    endAfter(stream, `HTTP/1.1 ${refusal.status} ${external_node_http_.STATUS_CODES[refusal.status] ?? "Refused"}\r\n${lines.join("")}\r\n${body}`);
}
function headersOf(refusal, body) {
    return {
        "content-type": "text/plain; charset=utf-8",
        "content-length": String(external_node_buffer_.Buffer.byteLength(body)),
        "x-airlock-decision": refusal.reason,
    };
}

;// CONCATENATED MODULE: ./lib/gateway/header-lines.js

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
/** What a `Connection` line may not take away from a request. */
const NOT_NOMINABLE = new Set(["host", "content-length", "content-encoding", "transfer-encoding", "authorization", "cookie"]);
/** Would turn a judged method into another one at the server. */
const METHOD_OVERRIDES = new Set(["x-http-method-override", "x-http-method", "x-method-override"]);
function* pairsOf(lines) {
    for (let index = 0; index + 1 < lines.length; index += 2)
        yield [lines[index] ?? "", lines[index + 1] ?? ""];
}
function header_lines_valuesOf(lines, name) {
    return [...pairsOf(lines)].filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}
/** A name as a careless server might read it: `_` and `.` taken for `-` (CGI does). */
function foldName(name) {
    return name.toLowerCase().replaceAll(/[_.]/g, "-");
}
/** Field names that a message's Connection lines name. */
function nominated(lines) {
    return header_lines_valuesOf(lines, "connection").flatMap((value) => value.split(",").map((token) => token.trim().toLowerCase()));
}
/** Refuses what two parsers could frame differently, before anything is dialled. */
function header_lines_checkFraming(request, maxHeaderLines) {
    if (request.rawHeaders.length / 2 > maxHeaderLines)
        return refusal_refuse("limit-header-lines", 431);
    const problem = findFramingProblem(request.httpVersion, request.rawHeaders);
    return problem === undefined ? undefined : refusal_refuse("bad-request", 400, problem);
}
function findFramingProblem(version, lines) {
    if (version !== "1.1" && version !== "1.0")
        return "the HTTP version is not 1.0 or 1.1";
    const hosts = header_lines_valuesOf(lines, "host").length;
    if (hosts > 1 || (hosts === 0 && version === "1.1"))
        return "there is not exactly one Host line";
    if (nominated(lines).some((name) => NOT_NOMINABLE.has(name)))
        return "the Connection line names a field that it may not name";
    return findLengthProblem(version, header_lines_valuesOf(lines, "transfer-encoding"), header_lines_valuesOf(lines, "content-length"));
}
function findLengthProblem(version, codings, lengths) {
    if (lengths.length > 1)
        return "there is more than one Content-Length line";
    if (codings.length === 0)
        return undefined;
    if (codings.length > 1 || codings[0] !== "chunked")
        return "the transfer coding is not exactly `chunked`";
    return lengths.length > 0 || version === "1.0" ? "the length of the body is given in two ways" : undefined;
}
/** The lines of a request to send on: those of this hop only, Host and overrides of the method are left out. */
function endToEnd(lines, options) {
    const dropped = new Set([...nominated(lines), ...HOP_BY_HOP, "host", "expect"]);
    return [...pairsOf(lines)].filter(([name]) => !dropped.has(name.toLowerCase()) && !(options.strict && METHOD_OVERRIDES.has(foldName(name))));
}
/** The lines of a response to pass to the guest. */
function responseLines(lines) {
    const dropped = new Set([...nominated(lines), ...HOP_BY_HOP]);
    return [...pairsOf(lines)].filter(([name]) => !dropped.has(name.toLowerCase()));
}
/** Trailers that may follow a body: none that frames, routes or authorises. */
function safeTrailers(lines) {
    const refused = /^(?:host|content-.*|transfer-encoding|connection|trailer|te|upgrade|authorization|cookie|set-cookie|proxy-.*|.*-api-key|cache-control|expect|range|max-forwards)$/;
    return [...pairsOf(lines)].filter(([name]) => !refused.test(name.toLowerCase()));
}

// EXTERNAL MODULE: ./lib/domain/address.js
var domain_address = __webpack_require__(43228);
;// CONCATENATED MODULE: ./lib/gateway/upstream.js




/** `agent: false` would make `http.request` ignore `createConnection` and dial by name; an agent of our own cannot. */
function upstream_openUpstream(options) {
    const { context, target } = options;
    let first = options.first;
    let closed = false;
    let refusal;
    let address = first?.address;
    const open = async () => {
        const ready = first;
        first = undefined;
        const reached = ready !== undefined && !ready.socket.destroyed && !ready.socket.readableEnded ? ready : await context.reach(target.host, target.port);
        if (isRefusal(reached))
            return reached;
        address = reached.address;
        return options.tls ? await upstream_secure(context, target, reached.socket) : reached.socket;
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
/** Why a request that was sent got no answer. */
function failureOf(upstream, error) {
    if (error?.code === "HPE_HEADER_OVERFLOW")
        return refusal_refuse("limit-header-bytes", 502);
    return upstream.refusal() ?? refusal_refuse("upstream-failed", 502);
}
/** TLS to the host that was judged, its certificate verified whatever the environment says. */
async function upstream_secure(context, target, socket) {
    const named = (0,domain_address/* parseAddress */.or)(target.host) === undefined;
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
            resolve(refusal_refuse("limit-dial-timeout", 504));
            secured.destroy(new Error("handshake timed out"));
        }, context.limits.dialTimeoutMs);
        secured.once("secureConnect", () => {
            clearTimeout(timer);
            resolve(secured);
        });
        secured.on("error", () => resolve(refusal_refuse("tls-failed", 502)));
        secured.once("close", () => {
            clearTimeout(timer);
            socket.destroy();
            resolve(refusal_refuse("tls-failed", 502));
        });
    });
}

;// CONCATENATED MODULE: ./lib/gateway/forward.js







/** The Host line of a request: the canonical host, and the port unless it is the scheme's own. */
function hostLine(target, tls) {
    const usual = tls ? 443 : 80;
    return target.port === usual ? (0,domain_host/* renderHost */.F)(target.host) : `${(0,domain_host/* renderHost */.F)(target.host)}:${target.port}`;
}
/** Header lines as `http.request` and `writeHead` take them: in order, duplicates kept. */
function flatten(pairs) {
    return pairs.flat();
}
/** Sends a judged request and passes the answer back, both streamed. Ends the entry. */
function forward(exchange) {
    const { context, request, response, entry } = exchange;
    const cut = new AbortController();
    const stop = (refusal) => {
        cutOff(exchange, refusal);
        cut.abort();
    };
    const idle = setTimeout(() => stop(refusal_refuse("limit-idle", request.complete ? 504 : 408)), context.limits.idleTimeoutMs);
    response.once("close", () => {
        clearTimeout(idle);
        entry.end();
    });
    const limit = entry.up(exchange.origin.length + sizeOf(exchange.headers));
    if (limit !== undefined) {
        stop(refusal_refuse(limit));
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
/** Names the limit in the answer, or ends the connection where the answer has begun. */
function cutOff(exchange, refusal) {
    const { entry, request, response, target } = exchange;
    entry.deny(refusal.reason);
    if (response.headersSent || response.destroyed) {
        request.socket.destroy();
        return;
    }
    entry.status(refusal.status);
    answerRefusal(exchange, refusal, target);
}
/** What may go out twice when a kept connection broke before the answer (RFC 9110, 9.2.2). */
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
        path: exchange.origin,
        headers: lines,
        setHost: false,
        maxHeaderSize: exchange.context.limits.maxHeaderBytes,
        signal: watch.cut,
    });
    outgoing.once("socket", () => entry.at(upstream.address() ?? ""));
    let settled = false;
    outgoing.once("response", (incoming) => {
        settled = true;
        guard(request.socket, () => receive(exchange, incoming, watch.idle));
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
    answerRefusal(exchange, refusal, target);
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
            watch.stop(refusal_refuse(limit));
    };
    request.on("data", (chunk) => {
        watch.idle.refresh();
        count(chunk.length);
    });
    request.once("end", () => {
        // On a host with a credential none: a server that takes a trailer for a header could take another's credential (I5).
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
        const refusal = refusal_refuse("unreadable-response", 502);
        entry.deny(refusal.reason);
        answerRefusal(exchange, refusal, exchange.target);
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
    return header_lines_valuesOf(lines, "content-encoding").some((value) => value.trim().toLowerCase() !== "identity" && value.trim() !== "");
}

// EXTERNAL MODULE: ./lib/domain/request-path.js
var request_path = __webpack_require__(41597);
;// CONCATENATED MODULE: ./lib/gateway/request-target.js

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
    return { ...target, origin: rest.startsWith("/") ? rest : `/${rest}` };
}
/** Whether the text is an origin-form target of printable ASCII without a fragment. */
function isOriginForm(text) {
    return ORIGIN.test(text);
}
/** The part of an origin-form target before its query, and the query with its question mark. */
function splitQuery(origin) {
    const mark = origin.indexOf("?");
    return mark === -1 ? { path: origin, query: "" } : { path: origin.slice(0, mark), query: origin.slice(mark) };
}
function readTarget(host, port) {
    const canonical = (0,domain_host/* canonicalHost */.r)(host);
    const number = Number(port);
    return canonical === undefined || number > 65_535 ? undefined : { host: canonical.text, port: number };
}

;// CONCATENATED MODULE: ./lib/gateway/read-request.js





/** Reads the target strictly: absolute-form on the proxy port, origin-form inside a tunnel. */
function read_request_readTarget(request, place) {
    const url = request.url ?? "";
    if (place.kind === "inside") {
        if (!isOriginForm(url))
            return refusal_refuse("bad-request", 400, "the request target is not a plain path");
        return { target: place.target, tls: place.tls, ...splitQuery(url) };
    }
    const absolute = parseAbsolute(url);
    if (absolute === undefined)
        return refusal_refuse("bad-request", 400, "a request to the proxy port names a full `http://` address, and `https` goes through CONNECT");
    return { target: { host: absolute.host, port: absolute.port }, tls: false, ...splitQuery(absolute.origin) };
}
/** Everything about a request that can be judged without the network: method, framing, rules, authority, credentials. In this order. */
function judge(context, request, asked) {
    const method = request.method ?? "";
    if (method === "TRACE" || method === "TRACK" || method === "CONNECT")
        return refusal_refuse("trace", 405);
    const admission = judgeRequest(context, asked.target, { method, path: asked.path });
    if (isRefusal(admission))
        return admission;
    const problem = header_lines_checkFraming(request, context.limits.maxHeaderLines) ?? checkAuthority(request, asked);
    if (problem !== undefined)
        return problem;
    const strict = mustRead(context, asked.target);
    const path = strict ? (0,request_path/* canonicalPath */.O)(asked.path) : asked.path;
    if (path === undefined)
        return refusal_refuse("ambiguous-path", 400);
    const headers = swapHeaders(context, asked, { method, path, headers: endToEnd(request.rawHeaders, { strict }) });
    return isRefusal(headers) ? headers : { ...asked, origin: path + asked.query, headers, admission };
}
function checkAuthority(request, { target, tls }) {
    if (target.port === 443 && !tls)
        return refusal_refuse("not-tls");
    const [line] = header_lines_valuesOf(request.rawHeaders, "host");
    if (line === undefined)
        return undefined;
    const host = parseHostLine(line);
    if (host === undefined)
        return refusal_refuse("bad-request", 400, "the Host line is not a host");
    const agrees = host.host === target.host && (host.port === undefined || host.port === target.port);
    return agrees ? undefined : refusal_refuse("authority-mismatch", 400);
}
function swapHeaders(context, asked, sent) {
    if (!context.swap.covers(asked.target.host))
        return sent.headers;
    if (!asked.tls)
        return refusal_refuse("tls-required");
    return context.swap.request({ host: asked.target.host, query: asked.query, ...sent });
}

;// CONCATENATED MODULE: ./lib/gateway/splice.js
/** Joins two byte streams: backpressure and half-close pass in both directions, a break on one side breaks the other. Ends the entry. */
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

;// CONCATENATED MODULE: ./lib/gateway/upgrade.js









/** Only WebSocket (RFC 6455), only as GET without a body, never where methods or a credential are guarded. */
function judgeUpgrade(context, request, judged) {
    const tokens = header_lines_valuesOf(request.rawHeaders, "upgrade");
    const token = tokens[0]?.trim().toLowerCase() ?? "";
    if (tokens.length !== 1 || token !== "websocket")
        return refusal_refuse(token.startsWith("h2c") ? "h2c" : "upgrade", 400);
    const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
    if (request.method !== "GET" || hasBody || request.httpVersion !== "1.1")
        return refusal_refuse("upgrade", 400);
    if (context.swap.covers(judged.target.host))
        return refusal_refuse("upgrade");
    return (0,egress/* allowsUpgrade */.PB)(context.policy, { ...judged.target, method: "GET", path: judged.path }) ? undefined : refusal_refuse("upgrade");
}
/** Asks the server for the change of protocol and joins the two streams when it agrees. */
function forwardUpgrade(exchange) {
    const { context, judged, guest, entry, upstream } = exchange;
    const limit = entry.up(judged.origin.length + sizeOf(judged.headers));
    if (limit !== undefined) {
        end(exchange, refusal_refuse(limit));
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
        settle(refusal_refuse("limit-idle", 504));
        outgoing.destroy();
    }, context.limits.idleTimeoutMs);
    outgoing.once("upgrade", (incoming, socket, head) => {
        settle();
        guard(guest, () => join(exchange, incoming, { socket, head }));
    });
    outgoing.once("response", (incoming) => {
        settle();
        guard(guest, () => decline(exchange, incoming));
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
        path: judged.origin,
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
    answerRawRefusal(guest, refusal, judged.target);
}
/** The server agreed: its head goes to the guest, then the bytes flow. */
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
/** The server answered with an ordinary response: pass it on and close. */
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

;// CONCATENATED MODULE: ./lib/gateway/http-front.js










/** The HTTP side of the proxy port and of every tunnel that is read. node:http parses; everything it lets pass and should not is refused here. */
function openHttpFront(context, onTunnel) {
    const front = { context, visits: new WeakMap(), onTunnel };
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
    // A guest that ends its side after the request still gets the answer; a property of node:http that its types leave out.
    Object.assign(server, { httpAllowHalfOpen: true });
    const arrive = (expectsContinue) => (request, response) => guard(request.socket, () => onRequest(front, { request, response, expectsContinue }));
    server.on("request", arrive(false));
    server.on("checkContinue", arrive(true));
    server.on("connect", (request, stream, head) => guard(stream, () => onConnect(front, request, stream, head)));
    server.on("upgrade", (request, stream, head) => guard(stream, () => onUpgrade(front, request, stream, head)));
    server.on("clientError", (error, stream) => guard(stream, () => onClientError(front, error, stream)));
    watchHeaders(server);
    return {
        serve(stream, place, opened) {
            const visit = { place, active: 0, doomed: false, tunnelEntry: opened?.entry, upstreams: new Map() };
            if (opened !== undefined && place.kind === "inside") {
                visit.upstreams.set(http_front_keyOf(place.target), upstream_openUpstream({ context, target: place.target, tls: place.tls, first: opened.reached }));
            }
            front.visits.set(stream, visit);
            stream.on("error", () => undefined);
            stream.once("close", () => {
                closeAll(visit);
                visit.tunnelEntry?.end();
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
function http_front_keyOf(target) {
    return `${target.host}:${target.port}`;
}
function visitOf(front, stream) {
    const visit = front.visits.get(stream);
    if (visit === undefined)
        throw new TypeError("a connection that was never served");
    return visit;
}
/** A connection to one host is kept for the next request of the same guest connection; others go as soon as nobody uses them. */
function upstreamFor(front, visit, asked) {
    const key = http_front_keyOf(asked.target);
    const upstream = visit.upstreams.get(key) ?? upstream_openUpstream({ context: front.context, target: asked.target, tls: asked.tls });
    visit.upstreams.delete(key);
    if (visit.active <= 1)
        closeAll(visit);
    visit.upstreams.set(key, upstream);
    return upstream;
}
function closeAll(visit) {
    for (const upstream of visit.upstreams.values())
        upstream.close();
    visit.upstreams.clear();
}
function onRequest(front, arrival) {
    const { request, response } = arrival;
    const visit = visitOf(front, request.socket);
    if (visit.doomed)
        return;
    visit.active += 1;
    visit.tunnelEntry?.drop();
    response.once("close", () => {
        visit.active -= 1;
    });
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const asked = read_request_readTarget(request, visit.place);
    const judged = isRefusal(asked) ? asked : judge(front.context, request, asked);
    const entry = begin(front, request, asked);
    if (visit.active > front.context.limits.maxPipelined) {
        // An answer would wait behind the others: the log has the name.
        visit.doomed = true;
        entry.deny("limit-pipelined");
        entry.end();
        request.socket.destroy();
        return;
    }
    if (isRefusal(judged)) {
        refuseRequest(front, arrival, { entry, refusal: judged, target: isRefusal(asked) ? undefined : asked.target });
        return;
    }
    entry.allow(judged.admission.reason, judged.admission.rule);
    const scrubber = front.context.swap.covers(judged.target.host) ? front.context.swap.scrubber(judged.target.host) : undefined;
    forward({ context: front.context, ...arrival, ...pick(judged), upstream: upstreamFor(front, visit, judged), entry, scrubber });
}
/** Answers at once, or after the guest was asked who this was; then the connection ends, and what was sent behind the request is not looked at. */
function refuseRequest(front, arrival, { entry, refusal, target }) {
    const { request, response } = arrival;
    const answer = () => {
        note(entry, refusal);
        answerRefusal(arrival, refusal, target);
    };
    const asking = identify(front.context, { stream: request.socket, entry, reason: refusal.reason });
    if (asking === undefined) {
        answer();
        return;
    }
    visitOf(front, request.socket).doomed = true;
    response.shouldKeepAlive = false;
    guard(request.socket, async () => {
        await asking;
        answer();
    });
}
function pick(judged) {
    const { target, tls, origin, headers } = judged;
    return { target, tls, origin, headers };
}
function begin(front, request, asked) {
    const where = isRefusal(asked) ? { host: "-", port: 0 } : { ...asked.target, path: asked.path };
    return front.context.log.begin({ ...where, method: request.method });
}
function note(entry, refusal) {
    entry.deny(refusal.reason);
    entry.status(refusal.status);
    entry.end();
}
function refuseRaw(stream, entry, answer) {
    note(entry, answer.refusal);
    answerRawRefusal(stream, answer.refusal, answer.target);
}
async function onConnect(front, request, stream, head) {
    const visit = visitOf(front, stream);
    if (visit.active > 0)
        return void stream.destroy();
    const target = visit.place.kind === "proxy" ? parseAuthority(request.url ?? "") : undefined;
    const entry = front.context.log.begin({ ...(target ?? { host: "-", port: 0 }), method: "CONNECT" });
    if (target === undefined)
        return refuseRaw(stream, entry, { refusal: refusal_refuse("bad-request", 400, "CONNECT takes exactly `host:port`") });
    const reached = await admitConnect(front, request, target, entry);
    if (isRefusal(reached)) {
        await identify(front.context, { stream, entry, reason: reached.reason });
        return refuseRaw(stream, entry, { refusal: reached, target });
    }
    if (stream.destroyed) {
        reached.socket.destroy();
        return entry.end();
    }
    stream.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0)
        stream.unshift(head);
    front.onTunnel({ guest: stream, target, reached, entry });
}
/** The rules first, so that a host that is not allowed is said to be so; then the form; then the network. */
async function admitConnect(front, request, target, entry) {
    const problem = header_lines_checkFraming(request, front.context.limits.maxHeaderLines) ?? checkConnectHost(request, target);
    if (problem === undefined)
        return await admit(front.context, target, entry);
    const judged = judgeTarget(front.context, target);
    return isRefusal(judged) ? judged : problem;
}
function checkConnectHost(request, target) {
    const [line] = header_lines_valuesOf(request.rawHeaders, "host");
    const host = line === undefined ? undefined : parseHostLine(line);
    if (line !== undefined && host === undefined)
        return refusal_refuse("bad-request", 400, "the Host line is not a host");
    if (host === undefined)
        return undefined;
    return host.host === target.host && (host.port === undefined || host.port === target.port)
        ? undefined
        : refusal_refuse("authority-mismatch", 400);
}
function onUpgrade(front, request, stream, head) {
    const visit = visitOf(front, stream);
    if (visit.active > 0)
        return void stream.destroy();
    visit.tunnelEntry?.drop();
    const asked = read_request_readTarget(request, visit.place);
    const entry = begin(front, request, asked);
    const judged = isRefusal(asked) ? asked : judge(front.context, request, asked);
    const refusal = isRefusal(judged) ? judged : judgeUpgrade(front.context, request, judged);
    if (isRefusal(judged) || refusal !== undefined) {
        refuseRaw(stream, entry, { refusal: refusal ?? refusal_refuse("upgrade"), target: isRefusal(asked) ? undefined : asked.target });
        return;
    }
    entry.allow(judged.admission.reason, judged.admission.rule);
    if (head.length > 0)
        stream.unshift(head);
    forwardUpgrade({ context: front.context, request, guest: stream, judged, upstream: upstreamFor(front, visit, judged), entry });
}
function onClientError(front, error, stream) {
    const visit = front.visits.get(stream);
    if (stream.destroyed || !stream.writable || (visit?.active ?? 0) > 0 || error.code === "ECONNRESET")
        return void stream.destroy();
    const refusal = classifyParseError(error);
    const target = visit?.place.kind === "inside" ? visit.place.target : undefined;
    visit?.tunnelEntry?.drop();
    refuseRaw(stream, front.context.log.begin(target ?? { host: "-", port: 0 }), { refusal, target });
}
function classifyParseError(error) {
    if (error.code === "HPE_HEADER_OVERFLOW")
        return refusal_refuse("limit-header-bytes", 431);
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT")
        return refusal_refuse("limit-header-timeout", 408);
    return refusal_refuse("bad-request", 400, "the request is not strict HTTP/1.1");
}

;// CONCATENATED MODULE: ./lib/gateway/client-hello.js
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
/** A message that does not fill its record exactly will not become readable by waiting. */
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

;// CONCATENATED MODULE: ./lib/gateway/prefix.js

/** Looks at the first bytes of a stream and leaves on it what was only looked at. */
function readPrefix(stream, options) {
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
        // Its events are past when the stream ended while nobody looked.
        if (stream.readableEnded || stream.destroyed)
            stop();
    });
}

;// CONCATENATED MODULE: ./lib/gateway/passage.js







/** TLS alert `access_denied`, fatal: a client says so instead of "connection reset". */
const ACCESS_DENIED = external_node_buffer_.Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x31]);
/**
 * Decides what becomes of a tunnel that is up, by its first bytes: 443 takes a ClientHello for the host that was asked for, a host with
 * limits or a credential is read, 80 is read as HTTP, and any other port is passed through (a ClientHello there is held to its name, too).
 */
async function passOn(context, front, tunnelled) {
    const { guest, reached, target } = tunnelled;
    guest.on("error", () => undefined);
    reached.socket.on("error", () => undefined);
    const breakBoth = () => void guest.destroy();
    if (mustRead(context, target))
        return await passage_read(context, front, tunnelled);
    if (target.port === 443)
        return await passTls(context, tunnelled);
    if (target.port === 80)
        return readHttp(front, tunnelled);
    reached.socket.once("close", breakBoth);
    await passAny(context, tunnelled);
}
/** Opaque TLS: nothing is read but the server name. */
async function passTls(context, tunnelled) {
    const first = await passage_readHello(context, tunnelled.guest);
    const problem = findProblem(first, tunnelled);
    if (problem !== undefined)
        return stop(tunnelled, problem, first);
    passage_join(context, tunnelled);
}
/** A protocol whose server may speak first: join at once where the guest is silent, look where it is not. */
async function passAny(context, tunnelled) {
    const speaker = await firstToSpeak(tunnelled, context.limits.idleTimeoutMs);
    if (speaker === undefined)
        return stop(tunnelled, "limit-idle", "late");
    if (speaker === tunnelled.guest && looksLikeTls(tunnelled.guest))
        return await passTls(context, tunnelled);
    passage_join(context, tunnelled);
}
/** The end that sends or closes first; undefined when neither does in time. Takes nothing off the streams. */
function firstToSpeak({ guest, reached }, timeoutMs) {
    const events = ["readable", "end", "close"];
    const ends = [guest, reached.socket];
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
        // Its events are past when an end closed while nobody looked.
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
/** A host whose traffic has to be readable: TLS is opened with the run's own authority, anything else is HTTP or refused. */
async function passage_read(context, front, tunnelled) {
    const first = await passage_readHello(context, tunnelled.guest);
    if (typeof first !== "string" && first.kind === "not-tls" && tunnelled.target.port !== 443)
        return readHttp(front, tunnelled);
    const problem = findProblem(first, tunnelled);
    if (problem !== undefined)
        return stop(tunnelled, problem, first);
    openTls(context, front, tunnelled);
}
function passage_readHello(context, guest) {
    return readPrefix(guest, {
        maxBytes: MAX_HELLO_BYTES,
        timeoutMs: context.limits.headerTimeoutMs,
        examine: (bytes) => {
            const value = readFirstBytes(bytes);
            return value === undefined ? undefined : { value, used: 0 };
        },
    });
}
/** An address has no server name to compare; a name must be there and be the one that was asked for. */
function findProblem(first, { target }) {
    if (first === "late")
        return "limit-header-timeout";
    if (typeof first === "string" || first.kind !== "hello")
        return "not-tls";
    const expected = (0,domain_address/* parseAddress */.or)(target.host) === undefined ? target.host : undefined;
    return first.serverName?.replace(/\.$/, "") === expected ? undefined : "server-name";
}
/** A guest that went away without a word did nothing wrong. */
function stop({ guest, reached, entry }, reason, first) {
    if (first !== "ended")
        entry.deny(reason);
    entry.end();
    reached.socket.destroy();
    if (typeof first !== "string" && first.kind !== "not-tls")
        endAfter(guest, ACCESS_DENIED);
    else
        guest.destroy();
}
function passage_join(context, { guest, reached, entry }) {
    splice({ guest, upstream: reached.socket, entry, idleTimeoutMs: context.limits.idleTimeoutMs });
}
function readHttp(front, { guest, target, reached, entry }) {
    front.serve(guest, { kind: "inside", target, tls: false }, { reached, entry });
}
function openTls(context, front, { guest, target, reached, entry }) {
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
        front.serve(secured, { kind: "inside", target, tls: true }, { reached, entry });
    });
    secured.on("error", () => {
        if (!open)
            entry.deny(late ? "limit-header-timeout" : "guest-tls-failed");
    });
    secured.once("close", () => {
        clearTimeout(timer);
        reached.socket.destroy();
        guest.destroy();
        entry.end();
    });
    guest.once("close", () => secured.destroy());
}
const FAREWELL_MS = 60_000;
/** After its last answer `node:http` destroys a socket as soon as it has taken the bytes; here they are then still on their way through the tunnel. */
function closeGently(secured, guest) {
    secured.destroySoon = () => {
        secured.end();
        const timer = setTimeout(() => secured.destroy(), FAREWELL_MS);
        guest.once("close", () => clearTimeout(timer));
    };
}

;// CONCATENATED MODULE: ./lib/gateway/socks.js





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
    const offersNone = await readPrefix(stream, { maxBytes: MAX_GREETING, timeoutMs, examine: readGreeting });
    if (offersNone === "late")
        refuseUnread(context, "limit-header-timeout", "SOCKS5");
    if (offersNone !== true)
        return endAfter(stream, external_node_buffer_.Buffer.from([SOCKS_VERSION, NO_METHOD]));
    stream.write(external_node_buffer_.Buffer.from([SOCKS_VERSION, NO_AUTHENTICATION]));
    const asked = await readPrefix(stream, { maxBytes: MAX_REQUEST, timeoutMs, examine: readRequest });
    if (asked === "late")
        refuseUnread(context, "limit-header-timeout", "SOCKS5");
    if (typeof asked === "string")
        return endAfter(stream, reply(REPLY.failed));
    const entry = context.log.begin({ ...("target" in asked ? asked.target : { host: "-", port: 0 }), method: "SOCKS5" });
    if ("reply" in asked) {
        entry.end();
        return endAfter(stream, reply(asked.reply));
    }
    const reached = await admit(context, asked.target, entry);
    if (isRefusal(reached)) {
        await identify(context, { stream, entry, reason: reached.reason });
        entry.end();
        return endAfter(stream, reply(replyFor(reached)));
    }
    if (stream.destroyed) {
        reached.socket.destroy();
        return entry.end();
    }
    stream.write(reply(REPLY.granted));
    onTunnel({ guest: stream, target: asked.target, reached, entry });
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
    const host = (0,domain_host/* canonicalHost */.r)(renderAddress(kind ?? 0, bytes.subarray(4, 4 + length)))?.text;
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

;// CONCATENATED MODULE: ./lib/gateway/guest-port.js







function openGuestPort(context) {
    const open = new Set();
    const onTunnel = (tunnelled) => guard(tunnelled.guest, () => passOn(context, front, tunnelled));
    const front = openHttpFront(context, onTunnel);
    const greet = async (stream) => {
        const first = await readPrefix(stream, {
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
        front.serve(stream, { kind: "proxy" });
    };
    return {
        serve(stream) {
            stream.on("error", () => undefined);
            if (open.size >= context.limits.maxConnections) {
                refuseUnread(context, "limit-connections");
                return answerRawRefusal(stream, refusal_refuse("limit-connections", 503), undefined);
            }
            open.add(stream);
            stream.once("close", () => open.delete(stream));
            guard(stream, () => greet(stream));
        },
        close() {
            front.close();
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
;// CONCATENATED MODULE: ./lib/gateway/reach.js







const MAX_ADDRESSES = 6;
/**
 * Resolves a name that the policy allowed, filters its addresses, and dials one of the addresses that were filtered:
 * the name is never looked up a second time (I4).
 */
function openReach(options) {
    const { policy, limits, seams } = options;
    return async (host, port) => {
        const found = await findAddresses(host, limits, seams);
        if (isRefusal(found))
            return found;
        const own = new Set(seams.ownAddresses().map((address) => (0,domain_address/* canonicalAddress */.Z5)(address) ?? address));
        const judged = found.map((address) => ({ address, reason: reach_judge(policy, { address, port, own }) }));
        const usable = judged.filter(({ reason }) => reason === undefined).slice(0, MAX_ADDRESSES);
        if (usable.length === 0)
            return refusal_refuse(judged[0]?.reason ?? "dns-failed", judged.length === 0 ? 502 : 403);
        return await dialFirst(usable.map(({ address }) => address), port, options);
    };
}
async function findAddresses(host, limits, seams) {
    const canonical = (0,domain_host/* canonicalHost */.r)(host);
    if (canonical === undefined)
        return refusal_refuse("bad-host", 400);
    if (canonical.address !== undefined)
        return [canonical.text];
    const answer = await withTimeout(seams.resolve(canonical.text), limits.resolveTimeoutMs);
    if (answer === "late")
        return refusal_refuse("limit-resolve-timeout", 504);
    if (answer === undefined || answer.length === 0)
        return refusal_refuse("dns-failed", 502);
    return answer.map((address) => (0,domain_address/* canonicalAddress */.Z5)(address) ?? address);
}
/** undefined when the address may be dialled. */
function reach_judge(policy, at) {
    const parsed = (0,domain_address/* parseAddress */.or)(at.address);
    if (parsed === undefined)
        return "address-invalid";
    const { denied, named, exact } = (0,egress/* judgeAddress */.Ke)(policy, parsed, at.port);
    if (denied !== undefined)
        return "deny-rule";
    const kind = (0,domain_address/* classify */.L8)(at.address);
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
        const socket = await options.seams.dial({ address, port, signal }).catch(() => undefined);
        if (socket !== undefined)
            return { socket, address };
        late ||= signal.aborted;
        if (deadline.aborted)
            break;
    }
    return late ? refusal_refuse("limit-dial-timeout", 504) : refusal_refuse("dial-failed", 502);
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
/** Look-ups occupy threads that the runner's file operations need, too: one of the four stays free whatever the guest asks for. */
const MAX_LOOKUPS = 3;
/** Names that wait for their look-up; a wildcard has no end of them, and each stays in line when its connection has long given up. */
const MAX_WAITING = 500;
/** Asks for few names at once, and for none twice at the same time. */
function openLookup(ask = askSystem) {
    const waiting = [];
    const underWay = new Map();
    let running = 0;
    const take = async (host) => {
        if (running >= MAX_LOOKUPS)
            await new Promise((resolve) => waiting.push(resolve));
        running += 1;
        try {
            return await ask(host);
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
        const answer = take(host);
        underWay.set(host, answer);
        return answer;
    };
}
async function askSystem(host) {
    return (await (0,external_node_dns_promises_.lookup)(host, { all: true, order: "verbatim" })).map(({ address }) => address);
}
/** Asking the system took a tenth of the processor time of a connection. An address that the runner gains is known this much later. */
const OWN_ADDRESSES_MS = 1_000;
function openOwnAddresses() {
    let known = [];
    let askedAtMs = Number.NEGATIVE_INFINITY;
    return () => {
        if (performance.now() - askedAtMs > OWN_ADDRESSES_MS) {
            known = Object.values((0,external_node_os_.networkInterfaces)()).flatMap((entries) => (entries ?? []).map(({ address }) => address));
            askedAtMs = performance.now();
        }
        return known;
    };
}
/** The runner's own resolver, network and interfaces. */
const SYSTEM_SEAMS = {
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

;// CONCATENATED MODULE: ./lib/gateway/der.js

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

;// CONCATENATED MODULE: ./lib/gateway/run-authority.js





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
    const address = (0,domain_address/* parseAddress */.or)(host);
    if (address === undefined)
        return tagged(2, false, external_node_buffer_.Buffer.from(host, "latin1"));
    const hex = address.value.toString(16).padStart(address.family === 4 ? 8 : 32, "0");
    return tagged(7, false, external_node_buffer_.Buffer.from(hex, "hex"));
}
function toPem(der) {
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

;// CONCATENATED MODULE: ./lib/gateway/scrub.js


const scrub_MASK = "*".charCodeAt(0);
/** Shorter spellings would hit ordinary text. */
const SHORTEST = 6;
function scrub_openScrubber(secrets) {
    const needles = secrets.flatMap((secret) => spellings(secret.reveal())).map((text) => external_node_buffer_.Buffer.from(text, "latin1"));
    const holdBack = Math.max(0, ...needles.map((needle) => needle.length)) - 1;
    const mask = (bytes) => {
        for (const needle of needles) {
            for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + needle.length))
                bytes.fill(scrub_MASK, at, at + needle.length);
        }
        return bytes;
    };
    return {
        text: (value) => mask(external_node_buffer_.Buffer.from(value, "latin1")).toString("latin1"),
        stream: () => openStream(mask, holdBack),
    };
}
function openStream(mask, holdBack) {
    let held = external_node_buffer_.Buffer.alloc(0);
    return new external_node_stream_.Transform({
        transform(chunk, _encoding, done) {
            const bytes = mask(external_node_buffer_.Buffer.concat([held, chunk]));
            const cut = Math.max(0, bytes.length - Math.max(0, holdBack));
            held = bytes.subarray(cut);
            done(null, bytes.subarray(0, cut));
        },
        flush(done) {
            done(null, held);
        },
    });
}
function spellings(value) {
    const bytes = external_node_buffer_.Buffer.from(value);
    const raw = bytes.toString("latin1");
    const hex = bytes.toString("hex");
    const json = external_node_buffer_.Buffer.from(JSON.stringify(value).slice(1, -1)).toString("latin1");
    const all = [raw, hex, hex.toUpperCase(), encodeURIComponent(value), json, ...base64Spellings(bytes)];
    return [...new Set(all)].filter((text) => text === raw || text.length >= SHORTEST);
}
/** The part of a base64 text that the value alone decides, for each way it can be aligned: finds it inside `Basic user:value` too. */
function base64Spellings(bytes) {
    return [0, 1, 2].flatMap((offset) => {
        const shifted = external_node_buffer_.Buffer.concat([external_node_buffer_.Buffer.alloc(offset), bytes]);
        const from = Math.ceil((offset * 8) / 6);
        const to = Math.floor((shifted.length * 8) / 6);
        return [shifted.toString("base64").slice(from, to), shifted.toString("base64url").slice(from, to)];
    });
}

;// CONCATENATED MODULE: ./lib/gateway/swap.js







/** Headers that carry credentials at one service or another; compared as `foldName` spells them. */
const CREDENTIAL = /^(?:authorization|api-key|apikey|private-token|job-token|deploy-token|x-amz-security-token|x-goog-iam-authorization-token|(?:x-)?(?:[a-z0-9]+-)*(?:api-key|apikey|auth-token|access-token|access-key|auth-key|authorization))$/;
const CREDENTIAL_QUERY = /(?:^|[?&;])(?:key|api[-_]?key|(?:access|auth|private|job|id|oauth)[-_]?token|token|authorization|client[-_]?secret|x-amz-(?:credential|signature|security-token))=/i;
/** A cookie is a credential, too; parts of an answer could carry a secret past the scrubber; and so could a compressed one. */
const swap_DROPPED = new Set(["cookie", "cookie2", "range", "if-range", "accept-encoding", "x-original-url", "x-rewrite-url"]);
/** @throws AirlockError `input.invalid` for a host, header or value that cannot be used. */
function openSwap(rules) {
    const byHost = Map.groupBy(rules.map(check), (rule) => rule.host);
    const scrubbers = new Map([...byHost].map(([host, own]) => [host, scrub_openScrubber(own.map((rule) => rule.value))]));
    const nothing = scrub_openScrubber([]);
    return {
        covers: (host) => byHost.has(host),
        request: (request) => swapAll(byHost.get(request.host) ?? [], request),
        scrubber: (host) => scrubbers.get(host) ?? nothing,
    };
}
function check(rule) {
    const host = (0,domain_host/* canonicalHost */.r)(rule.host)?.text;
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
        header: foldName(rule.header),
        ...(paths === undefined ? {} : { paths: paths.filter((path) => path !== undefined) }),
    };
}
function swapAll(rules, request) {
    if (CREDENTIAL_QUERY.test(decodeLoosely(request.query)))
        return refusal_refuse("foreign-credential");
    const seen = new Set();
    const sent = [];
    for (const [name, value] of request.headers) {
        const folded = foldName(name);
        if (swap_DROPPED.has(folded))
            continue;
        const own = rules.filter((rule) => rule.header === folded);
        if (own.length === 0 && !CREDENTIAL.test(folded)) {
            sent.push([name, value]);
            continue;
        }
        const swapped = seen.has(folded) ? undefined : swapOne(own, request, value);
        if (swapped === undefined || name.toLowerCase() !== folded)
            return refusal_refuse("foreign-credential");
        seen.add(folded);
        sent.push([name, swapped]);
    }
    return [...sent, ["accept-encoding", "identity"]];
}
/** The value with the real secret in it; undefined when the value is not exactly a surrogate that may be used here. */
function swapOne(rules, request, value) {
    for (const rule of rules.filter((entry) => appliesTo(entry, request))) {
        const real = rule.value.reveal();
        if (value === rule.surrogate)
            return real;
        const [scheme = "", rest = ""] = value.split(" ", 2);
        if (value === `${scheme} ${rule.surrogate}` && /^[A-Za-z]+$/.test(scheme))
            return `${scheme} ${real}`;
        const basic = scheme.toLowerCase() === "basic" ? swapBasic(rest, rule) : undefined;
        if (basic !== undefined)
            return `${scheme} ${basic}`;
    }
    return undefined;
}
function swapBasic(encoded, rule) {
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
/** Names of query parameters may be escaped; what cannot be decoded is looked at as it is. */
function decodeLoosely(query) {
    return query.replaceAll(/%([0-9A-Fa-f]{2})/g, (_triplet, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

;// CONCATENATED MODULE: ./lib/gateway/proxy.js










function openProxy(options, proxyPort, seams = {}) {
    const context = openContext(options, seams);
    const port = openGuestPort(context);
    const readsTls = needsAuthority(options);
    return {
        serve: port.serve,
        env: { ...surrogateEnv(options), ...guestEnv(proxyPort, readsTls) },
        files: readsTls ? guestFiles(context.authority.certificate) : [],
        log: context.log,
        summary: () => context.log.summary(),
        async [Symbol.asyncDispose]() {
            port.close();
            await context.log.close();
        },
    };
}
/** The guest finds each surrogate under the name of its secret. */
function surrogateEnv({ secrets = [] }) {
    return Object.fromEntries(secrets.flatMap(({ variable, surrogate }) => (variable === undefined ? [] : [[variable, surrogate]])));
}
function openContext(options, seams) {
    const limits = { ...DEFAULT_PROXY_LIMITS, ...seams.proxyLimits };
    const now = seams.now ?? Date.now;
    const secrets = (options.secrets ?? []).map((rule) => rule.value);
    return {
        policy: options.policy,
        mode: options.mode,
        limits,
        reach: openReach({ policy: options.policy, limits, seams: { ...SYSTEM_SEAMS, ...seams } }),
        log: openEgressLog({
            path: options.logPath,
            limits,
            budget: openUploadBudget(limits),
            redact: (0,redact/* openRedactor */.p)([...secrets, ...(options.model === undefined ? [] : [options.model.credential.value])]),
            propose: options.mode === "audit" ? proposeFrom : () => [],
            now,
        }),
        authority: openRunAuthority(now()),
        swap: openSwap(options.secrets ?? []),
        brokeredHosts: new Set(brokeredHosts(options)),
        upstreamCa: seams.upstreamCa,
    };
}
/** What was let through, be it by a rule or because it was only watched. */
function proposeFrom(rows) {
    return proposeAllow(rows.filter(({ verdict, host }) => verdict === "allow" && host !== "-"));
}
function brokeredHosts({ model }) {
    const host = (0,domain_host/* canonicalHost */.r)(URL.parse(model?.baseUrl ?? "")?.hostname ?? "");
    return host === undefined ? [] : [host.text];
}
/** TLS is opened only where a rule limits methods or paths, or where a secret is swapped. */
function needsAuthority({ policy, secrets }) {
    const limited = [...policy.allow, ...policy.deny].some((rule) => rule.methods !== undefined || rule.path !== undefined);
    return limited || (secrets ?? []).length > 0;
}

;// CONCATENATED MODULE: ./lib/gateway/single-writes.js
/**
 * Makes a stream write its chunks one at a time. Node 24.21 sends freed memory of this process when an HTTP/2 stream writes a string and
 * a buffer together, which is what `node:http` does with a head and a body: the guest would read the runner's memory instead of a status line.
 */
function writeSingly(stream) {
    Object.defineProperty(stream, "_writev", { value: null });
    return stream;
}

// EXTERNAL MODULE: external "node:http2"
var external_node_http2_ = __webpack_require__(32467);
;// CONCATENATED MODULE: ./lib/wire/guarded-carrier.js

/** More than a peer that keeps to our session window can make us hold: `SESSION_WINDOW_BYTES` and what frames add. */
const MAX_HELD_BYTES = 24 * 1024 * 1024;
/**
 * Stands between a carrier and an HTTP/2 session, against two traps of Node.
 * A session does not read while a write of its own is unfinished: with both ends writing over a carrier that holds little, both
 * would wait for ever. So a write is finished as soon as it is taken; flow control bounds what is held.
 * A stream that lives in JavaScript only ends itself when it reads its end, and then asserts, ending the process, when the
 * session still writes: so the session never sees the carrier's end. `onGone` has to destroy the session instead.
 */
function guardCarrier(carrier, onGone) {
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
        onGone(carrier.errored ?? undefined);
        // A session that was already taking its leave waits for this end.
        setImmediate(() => guard.push(null));
    };
    const guard = new external_node_stream_.Duplex({
        readableHighWaterMark: 1024 * 1024,
        writableHighWaterMark: 1024 * 1024,
        read() {
            if (!gone)
                carrier.resume();
        },
        // Everything a session has to say at one moment leaves in one piece: a frame's header alone is not worth a system call.
        writev(chunks, done) {
            if (!gone) {
                carrier.cork();
                for (const { chunk } of chunks)
                    carrier.write(chunk);
                carrier.uncork();
            }
            if (gone || carrier.writableLength < MAX_HELD_BYTES)
                done();
            else
                resume = done;
        },
        destroy(_error, done) {
            gone = true;
            carrier.destroy();
            done(null);
        },
    });
    carrier.pause();
    carrier.on("data", (chunk) => {
        if (!gone && !guard.push(chunk))
            carrier.pause();
    });
    carrier.on("drain", proceed);
    carrier.on("error", () => undefined);
    for (const event of ["end", "close"])
        carrier.once(event, leave);
    if (carrier.destroyed)
        queueMicrotask(leave);
    return guard;
}

// EXTERNAL MODULE: ./lib/wire/keepalive.js
var keepalive = __webpack_require__(83843);
;// CONCATENATED MODULE: ./lib/wire/tunnel.js
/** What the two ends of the egress tunnel agree on: one HTTP/2 session, the guest is the client. */
const tunnel_MIB = 1024 * 1024;
/** Bytes one stream may have under way before its reader has to catch up. */
const STREAM_WINDOW_BYTES = tunnel_MIB;
/** Bytes the whole session may have under way. */
const SESSION_WINDOW_BYTES = 16 * tunnel_MIB;
/** Connections open at once through one tunnel. */
const MAX_STREAMS = 1024;
/** SETTINGS that both ends send. A request has one header that matters, so the header list is tiny. */
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
/** The listener's name, or undefined when the text is no authority of ours. */
function tunnel_parseAuthority(authority) {
    return tunnel_AUTHORITY.exec(authority)?.[1];
}

;// CONCATENATED MODULE: ./lib/gateway/tunnel.js







/** nghttp2 ends a session after this many aborted streams at once; its default of 1000 is within reach of honest tools. */
const RESET_BURST = 100_000;
const RESETS_PER_SECOND = 10_000;
const MEMORY_CHECK_MS = 100;
const gateway_tunnel_MIB = 1024 * 1024;
/**
 * The runner's end of the tunnel: every CONNECT stream that the guest's relay opens is handed to `onStream` with the
 * name of the listener it came from. Garbage from the guest ends this session only and is reported.
 */
function serveTunnel(carrier, onStream, options = {}) {
    const guarded = guardCarrier(carrier, (error) => session.destroy(error));
    const session = external_node_http2_.performServerHandshake(guarded, {
        settings: { ...TUNNEL_SETTINGS, maxConcurrentStreams: options.maxStreams ?? MAX_STREAMS },
        maxSessionMemory: 64,
        streamResetBurst: RESET_BURST,
        streamResetRate: RESETS_PER_SECOND,
    });
    session.once("connect", () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
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
    const asking = openAsking(session);
    session.on("stream", (stream, headers) => accept({ stream, headers, streams, onStream, asking }));
    return {
        close() {
            closing = true;
            session.destroy();
        },
    };
}
function accept({ stream, headers, streams, onStream, asking }) {
    stream.on("error", () => undefined);
    const name = headers[":method"] === "CONNECT" ? tunnel_parseAuthority(headers[":authority"] ?? "") : undefined;
    if (name === undefined) {
        stream.close(external_node_http2_.constants.NGHTTP2_REFUSED_STREAM);
        return;
    }
    if (name === ANSWERS) {
        asking.deliver(stream, headers);
        return;
    }
    asking.offer(stream);
    streams.add(stream);
    destroyAsReset(stream);
    stream.once("close", () => streams.delete(stream));
    stream.respond({ ":status": 200 });
    onStream(name, stream);
}
/** Node closes a stream destroyed without an error as if it had ended well; the guest has to see a reset, or half an answer would look whole. */
function destroyAsReset(stream) {
    const destroy = stream.destroy.bind(stream);
    stream.destroy = (error) => {
        const whole = stream.writableFinished && stream.readableEnded;
        return destroy(error ?? (whole || stream.closed ? undefined : new Error("The connection was reset.")));
    };
}
/** Watches what waits in the streams' buffers; only needed while many streams could add up to more than the cap. */
function boundMemory(streams, options) {
    const maxBytes = options.maxBufferedBytes ?? 128 * gateway_tunnel_MIB;
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
/** Opens the gateway of one run: proxy, broker, log. Nothing listens on the runner; the guest arrives through `attach`. */
async function openGateway(options, seams = {}) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const opened = gateway_addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const proxy = opened.use(openProxy(options, PROXY_PORT, seams));
        const { model, limits } = options;
        const { prices = {} } = limits;
        const broker = model === undefined ? undefined : openBroker({ model, limits, prices, log: (line) => proxy.log.add(line) });
        const tunnels = new Set();
        const onStream = (name, stream) => {
            writeSingly(stream);
            if (name === "proxy")
                proxy.serve(stream);
            else if (name === "model" && broker !== undefined)
                broker.serve(stream);
            else
                stream.destroy();
        };
        opened.move();
        return {
            attach(carrier) {
                const tunnel = serveTunnel(carrier, onStream, {
                    onFailure: (error) => options.onTunnelFailure?.(error),
                    onClose: () => tunnels.delete(tunnel),
                });
                tunnels.add(tunnel);
            },
            listeners: [{ port: PROXY_PORT, name: "proxy" }, ...(broker === undefined ? [] : [{ port: MODEL_PORT, name: "model" }])],
            model: model === undefined || broker === undefined
                ? undefined
                : { api: model.api, baseUrl: `http://127.0.0.1:${MODEL_PORT}`, surrogate: broker.surrogate },
            env: proxy.env,
            files: proxy.files,
            enter: (phase) => proxy.log.enter(phase),
            usage: () => broker?.usage() ?? NO_USAGE,
            egress: () => proxy.summary(),
            exhausted: broker?.exhausted ?? new AbortController().signal,
            async [Symbol.asyncDispose]() {
                for (const tunnel of tunnels)
                    tunnel.close();
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


/***/ }),

/***/ 83843:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ keepAlive)
/* harmony export */ });
/** Pings an HTTP/2 session; `onDead` when an answer does not come in time. Returns what stops it. */
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
