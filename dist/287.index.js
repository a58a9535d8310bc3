export const id = 287;
export const ids = [287];
export const modules = {

/***/ 1287:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   readReplacedRegistries: () => (/* binding */ readReplacedRegistries)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(31421);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(51455);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(48161);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(76760);
/* harmony import */ var node_process__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1708);
/* harmony import */ var node_util__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(57975);






const TIMEOUT_MS = 20_000;
const MAX_CONFIG_CHARS = 1 << 20;
/**
 * What stands in place of a built-in registry on this runner, for tools that can only be told so: `cargo:replacement` is the source that
 * replaces crates-io, `rubygems:default` the registry that a mirror of RubyGems stands for. Absent: nothing is replaced, or nobody knows.
 * Only configuration outside a repository is read (I11).
 */
async function readReplacedRegistries() {
    const [cargo, rubygems] = await Promise.all([readCargoReplacement(), askRubygemsDefault()]);
    return {
        ...(cargo === undefined ? {} : { "cargo:replacement": [cargo] }),
        ...(rubygems === undefined ? {} : { "rubygems:default": [rubygems] }),
    };
}
/** Source: the Cargo book, "Source replacement". A source with a user and a password is left out: they stay on the runner. */
async function readCargoReplacement() {
    const path = (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(node_process__WEBPACK_IMPORTED_MODULE_4__.env["CARGO_HOME"] ?? (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.homedir)(), ".cargo"), "config.toml");
    const text = (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(path, "utf8").catch(() => "")).slice(0, MAX_CONFIG_CHARS);
    const name = valueIn(text, "crates-io", "replace-with");
    const registry = name === undefined ? undefined : valueIn(text, name, "registry");
    return registry?.includes("@") === true ? undefined : registry;
}
/** A string of the table `[source.<name>]`. */
function valueIn(text, name, key) {
    const tables = text.split(/^\s{0,20}(?=\[)/m);
    const table = tables.find((part) => [`[source.${name}]`, `[source."${name}"]`].includes((part.split("\n", 1)[0] ?? "").trim()));
    return table
        ?.split("\n")
        .flatMap((line) => new RegExp(`^\\s{0,20}${key}\\s{0,20}=\\s{0,20}["']([^"']{1,2000})["']`).exec(line)?.[1] ?? [])[0];
}
/** RubyGems knows its own default, whatever sources are configured. */
async function askRubygemsDefault() {
    const run = (0,node_util__WEBPACK_IMPORTED_MODULE_5__.promisify)(node_child_process__WEBPACK_IMPORTED_MODULE_0__.execFile)("ruby", ["-e", "print Gem::DEFAULT_HOST"], { cwd: (0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)(), timeout: TIMEOUT_MS });
    const answer = await run.then(({ stdout }) => stdout.trim()).catch(() => "");
    return /^https?:\/\/[^\s/]+\/?$/.test(answer) ? answer : undefined;
}


/***/ })

};
