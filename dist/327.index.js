export const id = 327;
export const ids = [327];
export const modules = {

/***/ 58327:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  readRegistries: () => (/* binding */ readRegistries)
});

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(31421);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(48161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:process"
var external_node_process_ = __webpack_require__(1708);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(57975);
;// CONCATENATED MODULE: ./lib/adapters/runner/shared/maven.js



/** Where Maven's built-in repositories are defined. Source: the super POM, in the jar `maven-model-builder` of every Maven 3 and 4. */
const SUPER_POM = ["org/apache/maven/model/pom-4.0.0.xml", "org/apache/maven/model/pom-4.1.0.xml"];
const MAX_SETTINGS_CHARS = 1 << 20;
/**
 * The repositories of this runner's Maven: mirrors and repositories from its own and the user's `settings.xml`, and the built-in one unless
 * a mirror replaces it. Only settings outside a repository are read (I11); a value with a placeholder is left out.
 */
async function askMaven(ask) {
    const home = /^Maven home: (.+)$/m.exec(await ask("mvn", "--batch-mode", "--version"))?.[1]?.trim();
    if (home === undefined)
        return [];
    const files = [(0,external_node_path_.join)(home, "conf", "settings.xml"), (0,external_node_path_.join)((0,external_node_os_.homedir)(), ".m2", "settings.xml")];
    const texts = await Promise.all(files.map((file) => (0,promises_.readFile)(file, "utf8").catch(() => "")));
    const settings = texts.map((text) => text.slice(0, MAX_SETTINGS_CHARS).replaceAll(/<!--[\s\S]*?-->/g, ""));
    const mirrors = settings.flatMap((text) => blocks(text, "mirror").filter(isUsable));
    const others = settings.flatMap((text) => [...blocks(text, "repository"), ...blocks(text, "pluginRepository")]);
    const everything = mirrors.filter((mirror) => standsFor(mirror, ["*", "external:*"]));
    if (everything.length > 0)
        return urlsOf(everything);
    const central = mirrors.some((mirror) => standsFor(mirror, ["central"])) ? [] : await findBuiltIn(ask, home);
    return [...new Set([...urlsOf(mirrors), ...urlsOf(others), ...central])];
}
function blocks(text, element) {
    return [...text.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, "g"))].map((match) => match[1] ?? "");
}
/** Maven itself ships a mirror that blocks plain http; it leads nowhere. */
function isUsable(mirror) {
    return !/<blocked>\s*true\s*<\/blocked>/.test(mirror);
}
function standsFor(mirror, names) {
    const list = /<mirrorOf>([^<]*)<\/mirrorOf>/.exec(mirror)?.[1] ?? "";
    return list.split(",").some((name) => names.includes(name.trim()));
}
function urlsOf(parts) {
    return parts.flatMap((part) => /<url>\s*(https?:\/\/[^\s<$]+)\s*<\/url>/.exec(part)?.[1] ?? []);
}
async function findBuiltIn(ask, home) {
    const names = await (0,promises_.readdir)((0,external_node_path_.join)(home, "lib")).catch(() => []);
    const jar = names.find((name) => /^maven-model-builder-.*\.jar$/.test(name));
    if (jar === undefined)
        return [];
    const poms = await Promise.all(SUPER_POM.map((entry) => ask("unzip", "-p", (0,external_node_path_.join)(home, "lib", jar), entry)));
    const parts = poms.flatMap((pom) => [...blocks(pom, "repository"), ...blocks(pom, "pluginRepository")]);
    return [...new Set(urlsOf(parts))];
}

;// CONCATENATED MODULE: ./lib/adapters/runner/registries.js







const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 4 << 20;
/**
 * Asks each package manager for its own registry, so that mirrors work. Always in an empty directory: configuration that a repository
 * carries (`.npmrc`, `pip.conf`, `.cargo/config.toml`) is hostile and never read (I11). What is not installed is left out.
 */
async function readRegistries() {
    const directory = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), "airlock-registries-"));
    const ask = async (program, ...args) => {
        const run = (0,external_node_util_.promisify)(external_node_child_process_.execFile)(program, args, { cwd: directory, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
        return await run.then(({ stdout }) => stdout).catch(() => "");
    };
    try {
        const [npm, pypi, go, cargo, rubygems, apt, maven, composer, nuget] = await Promise.all([
            askNpm(ask),
            askPip(ask),
            askGo(ask),
            askCargo(ask),
            askGem(ask),
            askApt(ask),
            askMaven(ask),
            askComposer(ask),
            askNuget(ask),
        ]);
        const github = [external_node_process_.env["GITHUB_SERVER_URL"] ?? ""].filter(isUrl);
        return { npm, pypi, go, cargo, rubygems, apt, maven: maven.flatMap(findUrls), composer, nuget, github };
    }
    finally {
        await (0,promises_.rm)(directory, { recursive: true, force: true });
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
/** The default registry, then those of scopes; npm, pnpm and yarn 1 use them. */
async function askNpm(ask) {
    const config = parseJson(await ask("npm", "config", "ls", "--json", "--long"));
    const entries = typeof config === "object" && config !== null ? Object.entries(config) : [];
    const isDefault = ([key]) => key === "registry";
    const scoped = entries.filter(([key]) => key.endsWith(":registry"));
    return [...entries.filter(isDefault), ...scoped].flatMap(([, value]) => findUrls(String(value)));
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
    const lines = configured.split("\n");
    const index = lines.filter((line) => /(?:^|\.)index-url=/.test(line));
    const first = index.length > 0 ? index.join("\n") : await ask("python3", "-I", "-c", PIP_DEFAULTS);
    const extra = lines.filter((line) => /(?:^|\.)extra-index-url=/.test(line));
    return findUrls([first, ...extra].join("\n"));
}
async function askGo(ask) {
    const lines = (await ask("go", "env", "GOPROXY", "GOSUMDB")).trim().split("\n");
    const [proxies = "", sums = ""] = lines;
    const sumHost = /^[a-z0-9.-]+\.[a-z]+$/.test(sums) ? `https://${sums}` : "";
    return findUrls(`${proxies}\n${sumHost}`);
}
/** A replaced source or a named registry; else cargo's built-in sparse index, and the host that this index names for its files. */
async function askCargo(ask) {
    const home = external_node_process_.env["CARGO_HOME"] ?? (0,external_node_path_.join)((0,external_node_os_.homedir)(), ".cargo");
    const text = await (0,promises_.readFile)((0,external_node_path_.join)(home, "config.toml"), "utf8").catch(() => "");
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
    const bytes = await (0,promises_.readFile)(program).catch(() => undefined);
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
/** Composer writes its own default as `https?://`. */
async function askComposer(ask) {
    const config = await ask("composer", "config", "--global", "--list", "--no-interaction", "--no-ansi");
    const urls = [...config.matchAll(/^\[repositories\.\S{1,200}\.url\] (\S+)/gm)].map((match) => match[1] ?? "");
    return findUrls(urls.join("\n").replaceAll("https?://", "https://"));
}
/** The sources that are switched on: the letter E begins their lines. */
async function askNuget(ask) {
    const sources = await ask("dotnet", "nuget", "list", "source", "--format", "short");
    return findUrls(sources
        .split("\n")
        .filter((line) => line.startsWith("E"))
        .join("\n"));
}


/***/ })

};
