export const id = 875;
export const ids = [875];
export const modules = {

/***/ 87875:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   openCommandAgent: () => (/* binding */ openCommandAgent)
/* harmony export */ });
/* harmony import */ var node_buffer__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4573);
/* harmony import */ var _domain_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(49285);


/** Environment variables that point the SDK of each service elsewhere. */
const MODEL_ENV = {
    anthropic: { baseUrl: "ANTHROPIC_BASE_URL", key: "ANTHROPIC_API_KEY", path: "" },
    openai: { baseUrl: "OPENAI_BASE_URL", key: "OPENAI_API_KEY", path: "/v1" },
    gemini: { baseUrl: "GOOGLE_GEMINI_BASE_URL", key: "GEMINI_API_KEY", path: "" },
};
/** Any program as the agent. It is judged by its exit code, which is all that it reports. */
function openCommandAgent(options) {
    if (options.argv.length === 0) {
        throw new _domain_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .AirlockError */ .qR("input.missing", {
            message: "The agent `command` needs a command to run, and `agent-command` is empty.",
            remedy: "Set `agent-command` to the program and its arguments, one per line.",
        });
    }
    return {
        name: "command",
        version: "",
        prepare: () => Promise.resolve([]),
        launch: (request) => ({
            argv: [...options.argv, ...request.settings.args],
            env: modelEnv(request),
            stdin: node_buffer__WEBPACK_IMPORTED_MODULE_0__.Buffer.from([request.prompt, request.instructions].filter((text) => text !== "").join("\n"), "utf8"),
            files: [],
        }),
        openReader: openLineReader,
    };
}
function modelEnv(request) {
    if (request.model === undefined)
        return {};
    const names = MODEL_ENV[request.model.api];
    return { [names.baseUrl]: `${request.model.baseUrl}${names.path}`, [names.key]: request.model.surrogate.reveal() };
}
function openLineReader() {
    let last = "";
    return {
        read(line) {
            if (line.trim() === "")
                return [];
            last = line;
            return [{ type: "text", turn: 0, text: line }];
        },
        end: (exit) => ({
            status: exit.code === 0 ? "completed" : "failed",
            message: exit.code === 0 ? last : `The command ended with ${exit.signal ?? `exit code ${exit.code}`}. Its last line: ${last}`,
            turns: 0,
        }),
    };
}


/***/ })

};
