export const id = 999;
export const ids = [999];
export const modules = {

/***/ 7999:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   openOctokit: () => (/* binding */ openOctokit)
/* harmony export */ });
/* harmony import */ var _actions_github_lib_utils__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(85555);
/* harmony import */ var _octokit_plugin_retry__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(49735);
/* harmony import */ var _octokit_plugin_throttling__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(86856);
/* harmony import */ var bottleneck__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(62203);
/* harmony import */ var _bounded_fetch_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(32066);





const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const Paced = _actions_github_lib_utils__WEBPACK_IMPORTED_MODULE_0__/* .GitHub */ .gq.plugin(_octokit_plugin_throttling__WEBPACK_IMPORTED_MODULE_2__/* .throttling */ .A, _octokit_plugin_retry__WEBPACK_IMPORTED_MODULE_3__/* .retry */ .L);
/** The real client: retries what is safe to repeat, and waits as GitHub asks. */
function openOctokit(options) {
    const { pacing, notify } = options;
    const wait = (kind) => (retryAfter, request, _octokit, count) => {
        const patient = count < pacing.maxRetries && retryAfter <= pacing.longestWaitSeconds;
        notify(`GitHub's ${kind} limit was met on ${request.method} ${request.url}; ${patient ? `waiting ${retryAfter} s` : "giving up"}.`);
        return patient;
    };
    return new Paced((0,_actions_github_lib_utils__WEBPACK_IMPORTED_MODULE_0__/* .getOctokitOptions */ .EG)(options.token.reveal(), {
        baseUrl: options.apiUrl,
        userAgent: "airlock",
        log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
        request: {
            fetch: (0,_bounded_fetch_js__WEBPACK_IMPORTED_MODULE_4__/* .boundFetch */ .L)(_actions_github_lib_utils__WEBPACK_IMPORTED_MODULE_0__.defaults.request?.fetch ?? fetch, { timeoutMs: pacing.requestTimeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES }),
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
    return new bottleneck__WEBPACK_IMPORTED_MODULE_1__.Group({
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
