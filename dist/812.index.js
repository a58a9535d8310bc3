export const id = 812;
export const ids = [812];
export const modules = {

/***/ 84812:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   readRegistries: () => (/* binding */ readRegistries)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(31421);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(51455);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(48161);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(76760);
/* harmony import */ var node_process__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1708);
/* harmony import */ var node_util__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(57975);






const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 4 << 20;
/**
 * Asks each package manager for its own registry, so that mirrors work. Always in an empty directory: configuration that a repository
 * carries (`.npmrc`, `pip.conf`, `.cargo/config.toml`) is hostile and never read (I11). What is not installed is left out.
 */
async function readRegistries() {
    const directory = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)(), "airlock-registries-"));
    const ask = async (program, ...args) => {
        const run = (0,node_util__WEBPACK_IMPORTED_MODULE_5__.promisify)(node_child_process__WEBPACK_IMPORTED_MODULE_0__.execFile)(program, args, { cwd: directory, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
        return await run.then(({ stdout }) => stdout).catch(() => "");
    };
    try {
        const [npm, pypi, go, cargo, rubygems, apt] = await Promise.all([
            askNpm(ask),
            askPip(ask),
            askGo(ask),
            askCargo(ask),
            askGem(ask),
            askApt(ask),
        ]);
        return { npm, pypi, go, cargo, rubygems, apt, github: [node_process__WEBPACK_IMPORTED_MODULE_4__.env["GITHUB_SERVER_URL"] ?? ""].filter(isUrl) };
    }
    finally {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(directory, { recursive: true, force: true });
    }
}
function isUrl(text) {
    return /^https?:\/\/[^\s/]+/.test(text);
}
function findUrls(text) {
    return [...new Set(text.match(/https?:\/\/[^\s"'|,;<>]+/g) ?? [])].map(withoutUserinfo);
}
/** Credentials in a registry's URL stay on the runner. */
function withoutUserinfo(text) {
    const url = URL.parse(text);
    return url === null ? text : `${url.protocol}//${url.host}${url.pathname}`;
}
/** The default registry and those of scopes; both npm and pnpm, and yarn 1, follow them. */
async function askNpm(ask) {
    const config = parseJson(await ask("npm", "config", "ls", "--json", "--long"));
    const entries = typeof config === "object" && config !== null ? Object.entries(config) : [];
    const values = entries.filter(([key]) => key === "registry" || key.endsWith(":registry")).map(([, value]) => String(value));
    return values.flatMap(findUrls);
}
function parseJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** pip's own default index and file host, which its configuration does not show, replaced by a configured index. */
const PIP_DEFAULTS = "from pip._internal.models.index import PyPI; print(PyPI.simple_url); print('https://' + PyPI.file_storage_domain)";
async function askPip(ask) {
    const configured = await ask("python3", "-m", "pip", "config", "list");
    const lines = configured.split("\n").filter((line) => /(?:^|\.)(?:extra-)?index-url=/.test(line));
    const replaced = lines.some((line) => /(?:^|\.)index-url=/.test(line));
    const defaults = replaced ? "" : await ask("python3", "-I", "-c", PIP_DEFAULTS);
    return findUrls(`${lines.join("\n")}\n${defaults}`);
}
async function askGo(ask) {
    const lines = (await ask("go", "env", "GOPROXY", "GOSUMDB")).trim().split("\n");
    const [proxies = "", sums = ""] = lines;
    const sumHost = /^[a-z0-9.-]+\.[a-z]+$/.test(sums) ? `https://${sums}` : "";
    return findUrls(`${proxies}\n${sumHost}`);
}
/** A replaced source or a named registry; else the sparse index that is built into cargo, and where that index says its files are. */
async function askCargo(ask) {
    const home = node_process__WEBPACK_IMPORTED_MODULE_4__.env["CARGO_HOME"] ?? (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.homedir)(), ".cargo");
    const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(home, "config.toml"), "utf8").catch(() => "");
    const configured = findUrls(text.replaceAll("sparse+", ""));
    const builtIn = configured.length === 0 ? await findBuiltInIndex(ask) : [];
    const indexes = [...configured, ...builtIn];
    const files = await Promise.all(indexes.map(readIndexConfig));
    return [...new Set([...indexes, ...files.flat()])];
}
async function findBuiltInIndex(ask) {
    const program = (await ask("rustup", "which", "cargo")).trim() || (await ask("sh", "-c", "command -v cargo")).trim();
    if (program === "")
        return [];
    const bytes = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(program).catch(() => undefined);
    const match = /sparse\+(https:\/\/[a-z0-9.-]+\/)/.exec(bytes?.toString("latin1") ?? "");
    return match?.[1] === undefined ? [] : [match[1]];
}
/** `config.json` of a sparse index names the host of the crates. Source: the Cargo book, registry index format. */
async function readIndexConfig(index) {
    const url = URL.parse("config.json", index.endsWith("/") ? index : `${index}/`);
    if (url === null)
        return [];
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" }).catch(() => undefined);
    const config = answer?.ok === true ? await answer.json().catch(() => undefined) : undefined;
    return typeof config === "object" && config !== null && "dl" in config ? findUrls(String(config.dl).replaceAll(/\{.*$/g, "")) : [];
}
async function askGem(ask) {
    return findUrls(await ask("gem", "environment", "remotesources"));
}
async function askApt(ask) {
    return findUrls(await ask("apt-get", "indextargets", "--format", "$(REPO_URI)"));
}


/***/ })

};
