export const id = 286;
export const ids = [286];
export const modules = {

/***/ 47286:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openOctokit: () => (/* binding */ openOctokit)
});

// EXTERNAL MODULE: ./node_modules/@actions/github/lib/utils.js + 19 modules
var utils = __webpack_require__(85555);
// EXTERNAL MODULE: ./node_modules/@octokit/plugin-retry/dist-bundle/index.js
var dist_bundle = __webpack_require__(49735);
// EXTERNAL MODULE: ./node_modules/@octokit/plugin-throttling/dist-bundle/index.js
var plugin_throttling_dist_bundle = __webpack_require__(86856);
// EXTERNAL MODULE: ./node_modules/bottleneck/lib/index.js
var lib = __webpack_require__(62203);
;// CONCATENATED MODULE: ./lib/adapters/forge/github/bounded-fetch.js
/**
 * A fetch that ends: the whole exchange has a deadline, and a body past the cap is an error instead of memory.
 * Errors are ordinary ones, so that the retry plugin sees them as failures of the transport.
 */
function boundFetch(fetch, bounds) {
    return async (url, init) => {
        const deadline = AbortSignal.timeout(bounds.timeoutMs);
        const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
        try {
            const response = await fetch(url, { ...init, signal });
            const body = await readBounded(response, bounds.maxResponseBytes);
            const empty = response.status === 204 || response.status === 205 || response.status === 304;
            return new Response(empty ? null : body, {
                status: response.status,
                statusText: response.statusText,
                headers: [...response.headers],
            });
        }
        catch (error) {
            if (deadline.aborted)
                throw new Error(`No complete answer within ${bounds.timeoutMs} ms.`, { cause: error });
            throw error;
        }
    };
}
async function readBounded(response, maxBytes) {
    const chunks = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
        size += chunk.byteLength;
        if (size > maxBytes)
            throw new Error(`The answer is larger than ${maxBytes} bytes.`);
        chunks.push(chunk);
    }
    const body = new Uint8Array(size);
    let offset = 0;
    for (const chunk of chunks) {
        body.set(chunk, offset);
        offset += chunk.byteLength;
    }
    return body;
}

;// CONCATENATED MODULE: ./lib/adapters/forge/github/octokit.js





const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const Paced = utils/* GitHub */.gq.plugin(plugin_throttling_dist_bundle/* throttling */.A, dist_bundle/* retry */.L);
/** The real client: retries what is safe to repeat, and waits as GitHub asks. */
function openOctokit(options) {
    const { pacing, notify } = options;
    const wait = (kind) => (retryAfter, request, _octokit, count) => {
        const patient = count < pacing.maxRetries && retryAfter <= pacing.longestWaitSeconds;
        notify(`GitHub's ${kind} limit was met on ${request.method} ${request.url}; ${patient ? `waiting ${retryAfter} s` : "giving up"}.`);
        return patient;
    };
    return new Paced((0,utils/* getOctokitOptions */.EG)(options.token.reveal(), {
        baseUrl: options.apiUrl,
        userAgent: "airlock",
        log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
        request: {
            fetch: boundFetch(utils/* defaults */.NT.request?.fetch ?? fetch, { timeoutMs: pacing.requestTimeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES }),
        },
        retry: {
            retries: pacing.maxRetries,
            retryAfterBaseValue: pacing.secondMs,
            doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
        },
        throttle: {
            retryAfterBaseValue: pacing.secondMs,
            fallbackSecondaryRateRetryAfter: 60,
            onRateLimit: wait("rate"),
            onSecondaryRateLimit: wait("secondary rate"),
            write: openBucket("write", 30, pacing.secondMs),
            notifications: openBucket("notifications", 10, 3 * pacing.secondMs),
        },
    }));
}
/** `burst` calls at once, then one per interval. */
function openBucket(id, burst, intervalMs) {
    const step = Math.max(250, Math.ceil(intervalMs / 250) * 250);
    const amount = Math.max(1, Math.round(step / Math.max(1, intervalMs)));
    return new lib.Group({
        id,
        maxConcurrent: 1,
        reservoir: burst,
        reservoirIncreaseInterval: step,
        reservoirIncreaseAmount: amount,
        reservoirIncreaseMaximum: burst,
    });
}


/***/ })

};
