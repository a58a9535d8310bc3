export const id = 332;
export const ids = [332];
export const modules = {

/***/ 33967:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  a: () => (/* binding */ lastWords),
  m: () => (/* binding */ runProgram)
});

// EXTERNAL MODULE: external "node:diagnostics_channel"
var external_node_diagnostics_channel_ = __webpack_require__(53053);
// EXTERNAL MODULE: ./node_modules/@actions/exec/lib/exec.js + 5 modules
var exec = __webpack_require__(22876);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/adapters/programs/find-program.js
var find_program = __webpack_require__(4284);
// EXTERNAL MODULE: external "node:string_decoder"
var external_node_string_decoder_ = __webpack_require__(46193);
;// CONCATENATED MODULE: ./lib/adapters/programs/output.js

const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 500;
/** Keeps up to `maxBytes` of what a program writes, and passes on its lines as they come. */
function openOutput(maxBytes, onLine) {
    const decoder = new external_node_string_decoder_.StringDecoder("utf8");
    const lines = onLine === undefined ? undefined : openLines(onLine);
    const pieces = [];
    let bytes = 0;
    let open = true;
    const keep = (text) => {
        pieces.push(text);
        lines?.write(text);
    };
    return {
        write(chunk) {
            if (!open)
                return;
            const kept = chunk.subarray(0, Math.max(0, maxBytes - bytes));
            bytes += chunk.length;
            keep(decoder.write(Buffer.from(kept)));
        },
        end() {
            if (open)
                keep(decoder.end());
            open = false;
            lines?.end();
            return pieces.join("");
        },
        isCut: () => bytes > maxBytes,
    };
}
/** Lines out of pieces of text. Of a long line only its beginning is held. */
function openLines(onLine) {
    let line = "";
    const flush = () => {
        if (line !== "")
            onLine(line);
        line = "";
    };
    return {
        write(text) {
            for (const [at, part] of text.split(/[\r\n]/).entries()) {
                if (at > 0)
                    flush();
                line = (line + part).slice(0, MAX_LINE_CHARACTERS);
            }
        },
        end: flush,
    };
}
/** A program may say more than anybody reads. */
function boundLog(log) {
    let count = 0;
    return (line) => {
        count += 1;
        if (count <= MAX_LINES)
            log(line);
        if (count === MAX_LINES)
            log("(what it says from here on is left out)");
    };
}

;// CONCATENATED MODULE: ./lib/adapters/programs/run-program.js





const MAX_OUTPUT_BYTES = 16 << 20;
/** After its time limit a program that could not be killed is no longer waited for. */
const GRACE_MS = 15_000;
/** Linux takes 128 KiB for one argument, and a quarter of the stack for all. */
const MAX_ARGUMENT_BYTES = 120_000;
const MAX_ARGUMENTS_BYTES = 1_000_000;
const NOT_RUN = 127;
const KILLED = 137;
/**
 * Runs a program of the runner to its end: no shell, no terminal, no input, nothing printed, and an environment that holds no token
 * (decision 0001). Never for git, never for an argument that came from the sandbox.
 */
async function runProgram(argv, options) {
    const unfit = whyUnfit(argv);
    if (unfit !== undefined)
        return { code: NOT_RUN, stdout: "", stderr: unfit };
    const { tool, args } = await limitTime(argv, options);
    if (tool === undefined)
        return { code: NOT_RUN, stdout: "", stderr: `${argv[0]} is not in ${find_program/* MINIMAL_ENV */.e.PATH}` };
    const maxBytes = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
    const log = options.log === undefined ? undefined : boundLog(options.log);
    const [stdout, stderr] = [openOutput(maxBytes, log), openOutput(maxBytes, log)];
    const stopIgnoring = ignoreUnreadInput(tool);
    const running = (0,exec/* exec */.m)(`"${tool}"`, args, {
        silent: true,
        ignoreReturnCode: true,
        env: { ...find_program/* MINIMAL_ENV */.e, ...options.env },
        // Else its input stays open, and a program that reads it waits.
        input: Buffer.alloc(0),
        // Its line listeners never get a last line without a line feed (actions/toolkit#1313) and cut characters in two.
        listeners: { stdout: stdout.write, stderr: stderr.write },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const ended = await giveUpAfter(options.timeoutMs + GRACE_MS, running).finally(stopIgnoring);
    return toResult(ended, { stdout: stdout.end(), stderr: stderr.end(), isTooMuch: stdout.isCut() || stderr.isCut(), maxBytes });
}
/**
 * The package closes the program's input and listens to no error there: on a busy runner a program may have ended by then, and `EPIPE`
 * would end ours. It hands out no child, so Node's own channel does (`child_process`, Node 24's documentation of diagnostics_channel).
 * Returns what stops it.
 */
function ignoreUnreadInput(tool) {
    const onChild = (message) => {
        const { process: child } = message;
        child.once("spawn", () => {
            if (child.spawnfile === tool)
                child.stdin?.on("error", () => undefined);
        });
    };
    (0,external_node_diagnostics_channel_.subscribe)("child_process", onChild);
    return () => (0,external_node_diagnostics_channel_.unsubscribe)("child_process", onChild);
}
/** What node would throw where nobody catches it: the package starts the program inside an async callback. */
function whyUnfit(argv) {
    if (argv.some((word) => word.includes("\0")))
        return "an argument holds a NUL character";
    const sizes = argv.map((word) => Buffer.byteLength(word));
    const isTooLong = sizes.some((size) => size > MAX_ARGUMENT_BYTES) || sizes.reduce((sum, size) => sum + size, 0) > MAX_ARGUMENTS_BYTES;
    return isTooLong ? "its arguments are too long" : undefined;
}
/** The package cannot kill what it started, so `timeout` does; it is told the program's name, and looks in the environment's PATH. */
async function limitTime(argv, options) {
    const timeout = await (0,find_program/* findProgram */.K)("timeout");
    const limit = timeout === undefined ? [] : [timeout, "--signal=KILL", String(options.timeoutMs / 1000)];
    const [first = "", ...args] = [...(options.prefix ?? []), ...limit, ...argv];
    return { tool: first.startsWith("/") ? first : await (0,find_program/* findProgram */.K)(first), args };
}
/** No runner but Linux's has `timeout`, and `sudo` may refuse to be killed: then the program goes on, and we do. */
async function giveUpAfter(ms, running) {
    const { promise: late, resolve } = Promise.withResolvers();
    const timer = setTimeout(() => resolve({ why: "it took too long and could not be killed" }), ms);
    const ended = running.then((code) => ({ code }), (error) => ({ why: (0,errors/* messageOf */.bD)(error) }));
    try {
        return await Promise.race([ended, late]);
    }
    finally {
        clearTimeout(timer);
    }
}
function toResult(ended, { stdout, stderr, isTooMuch, maxBytes }) {
    if ("why" in ended)
        return { code: NOT_RUN, stdout, stderr: stderr || ended.why };
    if (isTooMuch)
        return { code: NOT_RUN, stdout, stderr: `it printed more than ${maxBytes} bytes` };
    return { code: ended.code ?? KILLED, stdout, stderr };
}
/** The last lines of what a program said, for an error message. */
function lastWords(result, maxChars = 400) {
    const text = (result.stderr.trim() || result.stdout.trim()).slice(-maxChars);
    if (text !== "")
        return text;
    return result.code === KILLED ? "it was killed; most likely it took too long" : `exit status ${result.code}`;
}


/***/ }),

/***/ 63332:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openMicrovmProvider: () => (/* binding */ openMicrovmProvider)
});

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(48161);
// EXTERNAL MODULE: ./lib/domain/deadline.js
var deadline = __webpack_require__(35178);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/domain/sandbox/shares.js
var shares = __webpack_require__(75770);
// EXTERNAL MODULE: ./lib/adapters/programs/run-program.js + 1 modules
var run_program = __webpack_require__(33967);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/warn-once.js
var warn_once = __webpack_require__(91506);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/control-client.js + 6 modules
var control_client = __webpack_require__(57395);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: ./lib/adapters/programs/find-program.js
var find_program = __webpack_require__(4284);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/closure-contents.js
/**
 * What a closure image takes from the runner: an allow-list by name, never a whole folder of the runner's own state.
 * Only files that everybody on the runner may read are taken.
 */
const PROGRAMS = [
    ...["bash", "sh", "dash", "env", "cat", "ls", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "chmod", "chown", "touch", "head", "tail"],
    ...["sort", "uniq", "wc", "cut", "tr", "tee", "date", "sleep", "true", "false", "test", "[", "expr", "printf", "echo", "pwd"],
    ...["basename", "dirname", "readlink", "realpath", "stat", "du", "df", "id", "whoami", "uname", "seq", "sha1sum", "sha256sum"],
    ...["sha512sum", "md5sum", "base64", "dd", "mktemp", "mkfifo", "nproc", "timeout", "xargs", "find", "grep", "egrep", "fgrep", "sed"],
    ...["awk", "mawk", "gawk", "diff", "diff3", "cmp", "comm", "patch", "tar", "gzip", "gunzip", "zcat", "xz", "unxz", "bzip2", "bunzip2"],
    ...["zstd", "unzip", "zip", "git", "rg", "jq", "less", "ps", "pgrep", "pkill", "kill", "free", "top", "which", "file", "tree", "curl"],
    ...[
        "wget",
        "openssl",
        "install",
        "yes",
        "nohup",
        "nice",
        "stdbuf",
        "split",
        "csplit",
        "paste",
        "join",
        "fold",
        "fmt",
        "nl",
        "od",
        "hexdump",
    ],
    ...["xxd", "shuf", "tac", "rev", "tsort", "truncate", "sync", "tty", "stty", "hostname", "getconf", "getent", "locale", "ldd", "flock"],
    ...["column", "setsid", "getopt", "logger", "numfmt", "factor", "cksum", "b2sum", "arch", "groups", "logname", "link", "unlink", "vi"],
    ...["more", "bc", "dc", "m4", "sqlite3", "ed"],
    ...["mknod", "chgrp", "chroot", "expand", "unexpand", "pr", "sum", "shred", "pathchk", "dircolors", "uptime", "clear", "tput", "watch"],
    ...["lscpu", "whereis", "rsync", "lz4", "lsof", "strace", "time", "script", "rename", "cmake", "ninja", "autoconf", "automake"],
];
const GROUPS = [
    {
        name: "base",
        programs: PROGRAMS,
        trees: [
            "/usr/lib/git-core",
            "/usr/share/git-core",
            "/etc/ssl/certs",
            "/usr/share/ca-certificates",
            "/usr/share/terminfo",
            "/lib/terminfo",
        ],
        nested: ["/usr/lib/git-core/git-remote-http", "/usr/lib/git-core/git-http-fetch", "/usr/lib/git-core/git-imap-send"],
    },
    { name: "time zones", programs: [], trees: ["/usr/share/zoneinfo"] },
    {
        name: "python",
        programs: ["python3", "pip3", "pip"],
        trees: ["/usr/lib/python3", ...["9", "10", "11", "12", "13", "14"].map((minor) => `/usr/lib/python3.${minor}`)],
    },
    {
        name: "perl",
        programs: ["perl"],
        trees: [
            "/usr/lib/x86_64-linux-gnu/perl-base",
            "/usr/lib/x86_64-linux-gnu/perl",
            "/usr/share/perl",
            "/usr/lib/x86_64-linux-gnu/perl5",
            "/usr/share/perl5",
        ],
    },
    {
        name: "make and the C compiler",
        programs: [
            "make",
            "gcc",
            "g++",
            "cc",
            "c++",
            "cpp",
            "as",
            "ld",
            "ld.bfd",
            "ar",
            "nm",
            "ranlib",
            "strip",
            "objdump",
            "objcopy",
            "readelf",
            "strings",
            "pkg-config",
        ],
        trees: ["/usr/lib/gcc/x86_64-linux-gnu", "/usr/include"],
    },
];
/** Needed to link a program: files of `/usr/lib/x86_64-linux-gnu` that are no shared library of a program above. */
const LINK_TIME_FILES = /^(?:(?:lib(?:c|m|pthread|dl|rt|util|resolv|c_nonshared|mvec|m-2\.\d+|mvec_nonshared)\.(?:a|so))|[SMgcr]*crt[1in]\.o)$/;
/** Single files of `/etc` that tell how the system is put together. */
const SETTINGS_FILES = [
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/mime.types",
    "/etc/os-release",
    "/usr/lib/os-release",
    "/etc/ssl/openssl.cnf",
    "/usr/share/misc/magic.mgc",
    "/usr/lib/file/magic.mgc",
];
/**
 * Looked up by name at run time, so ldd of the programs does not show them: name service, unwinding, and the parts of the C library that
 * programs brought in by layers (an agent's own binary) are linked with. Also libstdc++, which most of those need.
 */
const RUN_TIME_LIBRARIES = [
    "libnss_files.so.2",
    "libnss_dns.so.2",
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "libm.so.6",
    "libdl.so.2",
    "librt.so.1",
    "libpthread.so.0",
    "libutil.so.1",
    "libresolv.so.2",
    "libanl.so.1",
];
/** Bytes of the whole image before groups are left out. */
const MAX_CLOSURE_BYTES = 1_400_000_000;

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/elf.js
const PT_INTERP = 3;
/** True when an ELF program asks for a dynamic loader. `head`: its first bytes, at least the program headers. */
function hasInterpreter(head) {
    return programHeaders(head).includes(PT_INTERP);
}
function isElf(head) {
    return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}
/** Types of the program headers of a 64-bit little-endian ELF file; empty for anything else. */
function programHeaders(head) {
    const is64BitLittleEndian = head.length >= 64 && isElf(head) && head[4] === 2 && head[5] === 1;
    if (!is64BitLittleEndian)
        return [];
    const start = Number(head.readBigUInt64LE(32));
    const size = head.readUInt16LE(54);
    const count = head.readUInt16LE(56);
    const types = [];
    for (let index = 0; index < count; index++) {
        const at = start + index * size;
        if (size < 4 || at + 4 > head.length)
            break;
        types.push(head.readUInt32LE(at));
    }
    return types;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/linked-files.js



/** The shared libraries (and loaders) of programs, with links in their folders resolved: `/lib/x` becomes `/usr/lib/x`. */
async function linkedLibraries(ldd, programs) {
    const paths = new Set();
    for (let at = 0; at < programs.length; at += 200) {
        const result = await (0,run_program/* runProgram */.m)([ldd, ...programs.slice(at, at + 200)], { timeoutMs: 60_000 });
        for (const path of parseLdd(result.stdout))
            paths.add(path);
    }
    const placed = await Promise.all([...paths].sort().map(placeFile));
    return placed.filter((file) => file !== null);
}
/** Absolute paths in the output of ldd. */
function parseLdd(output) {
    return [...output.matchAll(/(?:=> |^\s+)(\/\S+) \(0x[0-9a-f]+\)$/gm)].map((match) => match[1] ?? "");
}
/** Null for what is not there. */
async function placeFile(path) {
    try {
        return { source: await (0,promises_.realpath)(path), target: (0,external_node_path_.join)(await (0,promises_.realpath)((0,external_node_path_.dirname)(path)), (0,external_node_path_.basename)(path)) };
    }
    catch {
        return null;
    }
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/closure.js








/** Changes whenever the rules below do, so that an older image is not taken for a new one. */
const RECIPE = "closure-1";
/** Where node is in every sandbox. */
const NODE_TARGET = "/opt/airlock/bin/node";
const LIBRARY_FOLDER = "/usr/lib/x86_64-linux-gnu";
const SKIPPED_FOLDERS = new Set(["__pycache__", "test", "tests", "idlelib", "turtledemo", "ensurepip"]);
/** Decides what an image of the runner's own programs holds. Reads names and sizes; copies nothing. */
async function planClosure(options) {
    const entries = new Map();
    const leftOut = [];
    const maxBytes = options.maxBytes ?? MAX_CLOSURE_BYTES;
    let bytes = 0;
    const groups = [nodeGroup(options.nodeBinary), ...(options.groups ?? GROUPS)];
    for (const group of groups) {
        const added = await planGroup(await group, options.ldd);
        const fresh = added.filter((entry) => !entries.has(entry.target));
        const size = fresh.reduce((sum, entry) => sum + ("size" in entry ? entry.size : 0), 0);
        if (bytes + size > maxBytes) {
            leftOut.push((await group).name);
            continue;
        }
        bytes += size;
        for (const entry of fresh)
            entries.set(entry.target, entry);
    }
    return { entries: [...entries.values()].sort((a, b) => (a.target < b.target ? -1 : 1)), bytes, leftOut };
}
/**
 * Names the image without looking at every file: the package database changes whenever a package does, and the rest is
 * looked at one by one.
 */
async function closureKey(nodeBinary) {
    const watched = ["/var/lib/dpkg/status", "/etc/ld.so.cache", "/etc/ssl/certs", "/usr/bin", "/usr/bin/npm", nodeBinary, ...SETTINGS_FILES];
    const states = await Promise.all(watched.map(async (path) => {
        const status = await (0,promises_.stat)(path).catch(() => null);
        return status === null ? [path] : [path, status.size, status.mtimeMs, status.ino];
    }));
    return (0,external_node_crypto_.createHash)("sha256")
        .update(JSON.stringify([RECIPE, GROUPS, SETTINGS_FILES, states]))
        .digest("hex")
        .slice(0, 32);
}
/** Airlock's own node, and npm where the runner has one beside its node. */
async function nodeGroup(nodeBinary) {
    return { name: "node", programs: [], trees: [], nodeBinary: await (0,promises_.realpath)(nodeBinary) };
}
async function planGroup(group, ldd) {
    const entries = [];
    const linked = [...(group.nested ?? [])];
    if (group.nodeBinary !== undefined) {
        push(entries, await planFile(group.nodeBinary, NODE_TARGET));
        entries.push(...(await planNpm(group.nodeBinary)));
    }
    for (const name of group.programs) {
        const path = await findSystemProgram(name);
        if (path !== null)
            push(entries, await planFile(path, `/usr/bin/${name}`));
    }
    for (const tree of group.trees)
        entries.push(...(await planTree(tree)));
    linked.push(...(await linkedPrograms(entries)));
    if (group.name === "base")
        entries.push(...(await planBaseFiles()));
    if (group.programs.includes("gcc"))
        entries.push(...(await planLinkTimeFiles()));
    for (const library of await linkedLibraries(ldd, [...new Set(linked)]))
        push(entries, await planFile(library.source, library.target));
    return entries;
}
async function linkedPrograms(entries) {
    const linked = [];
    for (const entry of entries) {
        if ("source" in entry && (await isLinkedProgram(entry)))
            linked.push(entry.source);
    }
    return linked;
}
function push(entries, entry) {
    if (entry !== null)
        entries.push(entry);
}
/** Programs of the system only: what a tool manager put into PATH needs files we do not take. */
async function findSystemProgram(name) {
    const path = await (0,find_program/* findProgram */.K)(name);
    if (path === undefined || path.startsWith("/usr/local/")) {
        return await (0,promises_.realpath)(`/usr/bin/${name}`).catch(() => null);
    }
    return await (0,promises_.realpath)(path);
}
async function isLinkedProgram(entry) {
    const isCandidate = (entry.mode & 0o111) !== 0 || /\.so(?:\.|$)/.test(entry.source);
    if (!isCandidate || entry.size < 64)
        return false;
    const file = await (0,promises_.open)(entry.source, "r");
    try {
        const head = Buffer.alloc(4);
        await file.read(head, 0, head.length, 0);
        return isElf(head);
    }
    finally {
        await file.close();
    }
}
async function planBaseFiles() {
    const entries = [];
    for (const path of SETTINGS_FILES)
        push(entries, await planFile(path, path));
    for (const name of RUN_TIME_LIBRARIES)
        push(entries, await planFile((0,external_node_path_.join)(LIBRARY_FOLDER, name), (0,external_node_path_.join)(LIBRARY_FOLDER, name)));
    return entries;
}
async function planLinkTimeFiles() {
    const names = (await (0,promises_.readdir)(LIBRARY_FOLDER).catch(() => [])).filter((name) => LINK_TIME_FILES.test(name));
    const planned = await Promise.all(names.map((name) => planFile((0,external_node_path_.join)(LIBRARY_FOLDER, name), (0,external_node_path_.join)(LIBRARY_FOLDER, name))));
    return planned.filter((entry) => entry !== null);
}
async function planNpm(nodeBinary) {
    const beside = (0,external_node_path_.join)((0,external_node_path_.dirname)((0,external_node_path_.dirname)(nodeBinary)), "lib/node_modules/npm");
    const system = await placeFile("/usr/bin/npm");
    const candidates = [beside, ...(system === null ? [] : [(0,external_node_path_.dirname)((0,external_node_path_.dirname)(system.source))])];
    for (const folder of candidates) {
        if ((0,external_node_path_.basename)(folder) !== "npm" || !(await (0,promises_.stat)((0,external_node_path_.join)(folder, "bin/npm-cli.js")).catch(() => null)))
            continue;
        const tree = await planTree(folder, "/opt/airlock/lib/node_modules/npm");
        const links = ["npm", "npx"].map((name) => ({
            target: `/usr/local/bin/${name}`,
            linkTo: `/opt/airlock/lib/node_modules/npm/bin/${name}-cli.js`,
        }));
        return [...tree, ...links];
    }
    return [];
}
async function planTree(folder, target = folder) {
    const root = await (0,promises_.realpath)(folder).catch(() => null);
    if (root === null || !(await (0,promises_.stat)(root)).isDirectory())
        return [];
    const place = await placeFile(target);
    const base = target === folder ? (place?.target ?? target) : target;
    const entries = [];
    const walk = async (from, to) => {
        for (const entry of await (0,promises_.readdir)(from, { withFileTypes: true }).catch(() => [])) {
            const source = (0,external_node_path_.join)(from, entry.name);
            const destination = (0,external_node_path_.join)(to, entry.name);
            if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name))
                await walk(source, destination);
            if (entry.isFile())
                push(entries, await planFile(source, destination));
            if (entry.isSymbolicLink())
                push(entries, await planLink({ source, destination, root }));
        }
    };
    await walk(root, base);
    return entries;
}
/** A link that stays in its tree is kept; one that leads out is replaced by what it leads to. */
async function planLink(options) {
    const { source, destination, root } = options;
    const resolved = await (0,promises_.realpath)(source).catch(() => null);
    if (resolved === null)
        return null;
    const to = await (0,promises_.readlink)(source);
    const staysInside = !(0,external_node_path_.relative)(root, resolved).startsWith("..") && !to.startsWith("/");
    return staysInside ? { target: destination, linkTo: to } : await planFile(source, destination);
}
/** Null for what is no regular file, or what not everybody may read. */
async function planFile(source, target) {
    const real = await (0,promises_.realpath)(source).catch(() => null);
    const status = real === null ? null : await (0,promises_.stat)(real).catch(() => null);
    if (real === null || status === null || !status.isFile() || (status.mode & 0o004) === 0)
        return null;
    const mode = (status.mode & 0o111) === 0 ? 0o644 : 0o755;
    return { source: real, target, size: status.size, mtimeMs: status.mtimeMs, mode };
}
/** Copies what was planned below `stage`. */
async function stageClosure(plan, stage) {
    for (const folder of ["bin", "sbin", "lib", "lib64"]) {
        await (0,promises_.mkdir)((0,external_node_path_.join)(stage, "usr", folder), { recursive: true });
        await (0,promises_.symlink)(`usr/${folder}`, (0,external_node_path_.join)(stage, folder));
    }
    const made = new Set();
    for (const entry of plan.entries) {
        const path = (0,external_node_path_.join)(stage, entry.target);
        if (!made.has((0,external_node_path_.dirname)(path))) {
            await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true, mode: 0o755 });
            made.add((0,external_node_path_.dirname)(path));
        }
        await put(entry, path);
    }
}
async function put(entry, path) {
    // Two ways to one place (`/lib/x` and `/usr/lib/x`) are the same file.
    if ((await (0,promises_.lstat)(path).catch(() => null)) !== null)
        return;
    if ("linkTo" in entry) {
        await (0,promises_.symlink)(entry.linkTo, path);
        return;
    }
    await (0,promises_.copyFile)(entry.source, path, external_node_fs_.constants.COPYFILE_FICLONE);
    await (0,promises_.chmod)(path, entry.mode);
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/tools.js






const REQUIRED = {
    qemu: { program: "qemu-system-x86_64", package: "qemu-system-x86" },
    bwrap: { program: "bwrap", package: "bubblewrap" },
    mkfsExt4: { program: "mkfs.ext4", package: "e2fsprogs" },
    setpriv: { program: "setpriv", package: "util-linux" },
    timeout: { program: "timeout", package: "coreutils" },
    sh: { program: "sh", package: "dash" },
    cat: { program: "cat", package: "coreutils" },
    ldd: { program: "ldd", package: "libc-bin" },
    xz: { program: "xz", package: "xz-utils" },
    busybox: { program: "busybox", package: "busybox-static" },
};
const OPTIONAL = { program: "mkfs.erofs", package: "erofs-utils" };
const INSTALL_TIMEOUT_MS = 240_000;
/**
 * Finds the programs, and has apt install what is missing.
 * @throws AirlockError `runner.missing-tool`.
 */
async function findTools(notify) {
    let found = await lookUp();
    const missing = Object.entries(REQUIRED).filter(([role]) => found[role] === undefined);
    if (missing.length > 0) {
        const packages = new Set(missing.map(([, source]) => source.package));
        if (found.mkfsErofs === undefined)
            packages.add(OPTIONAL.package);
        await installPackages([...packages], notify);
        found = await lookUp();
    }
    const still = Object.entries(REQUIRED).filter(([role]) => found[role] === undefined);
    if (still.length > 0)
        throw missingTools(still.map(([, source]) => source), "it is still not there after the installation");
    return { ...found, mkfsErofs: found.mkfsErofs ?? null };
}
async function lookUp() {
    const found = {};
    for (const [role, source] of Object.entries(REQUIRED))
        found[role] = await (0,find_program/* findProgram */.K)(source.program);
    found.mkfsErofs = await (0,find_program/* findProgram */.K)(OPTIONAL.program);
    if (found.busybox !== undefined && !(await isStatic(found.busybox)))
        delete found.busybox;
    return found;
}
async function isStatic(path) {
    const file = await (0,promises_.open)(path, "r");
    try {
        const head = Buffer.alloc(4096);
        await file.read(head, 0, head.length, 0);
        return !hasInterpreter(head);
    }
    finally {
        await file.close();
    }
}
async function installPackages(packages, notify) {
    const apt = await (0,find_program/* findProgram */.K)("apt-get");
    const sources = packages.map((name) => ({ program: name, package: name }));
    if (apt === undefined)
        throw missingTools(sources, "and apt-get is not there to install them");
    const prefix = await rootPrefix();
    if (prefix === null)
        throw missingTools(sources, "and installing them needs root or a sudo that asks for no password");
    notify(`Installing ${packages.join(", ")} with apt-get; the sandbox needs them.`);
    // As arguments: sudo passes on no environment.
    const environment = ["env", "DEBIAN_FRONTEND=noninteractive", ...proxySettings()];
    const aptGet = [...environment, apt, "-y", "-q", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=2"];
    const install = [...aptGet, "install", "--no-install-recommends", ...packages];
    const options = { timeoutMs: INSTALL_TIMEOUT_MS, prefix, log: notify };
    let result = await (0,run_program/* runProgram */.m)(install, options);
    if (result.code !== 0) {
        await (0,run_program/* runProgram */.m)([...aptGet, "update"], options);
        result = await (0,run_program/* runProgram */.m)(install, options);
    }
    if (result.code !== 0)
        throw missingTools(sources, `and apt-get could not install them: ${(0,run_program/* lastWords */.a)(result)}`);
}
/** How to become root without a question: `[]` when we are, `null` when we can't. */
async function rootPrefix() {
    if (process.getuid?.() === 0)
        return [];
    const sudo = await (0,find_program/* findProgram */.K)("sudo");
    if (sudo === undefined)
        return null;
    const result = await (0,run_program/* runProgram */.m)(["true"], { timeoutMs: 10_000, prefix: [sudo, "-n"] });
    return result.code === 0 ? [sudo, "-n"] : null;
}
/** The one part of the environment that apt may need. */
function proxySettings() {
    const names = ["http_proxy", "https_proxy", "no_proxy"];
    return names.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
}
function missingTools(sources, why) {
    const packages = [...new Set(sources.map((source) => source.package))];
    return new errors/* AirlockError */.qR("runner.missing-tool", {
        message: `The runner lacks ${sources.map((source) => source.program).join(", ")}, ${why}.`,
        remedy: `Install the packages on the runner (apt-get install --no-install-recommends ${packages.join(" ")}), or choose a cloud provider with the input \`provider\`.`,
    });
}
/** Packages of the distribution, unpacked below `into`/root; nothing is installed and nothing of them runs. */
async function fetchPackages(options) {
    const { packages, into, timeoutMs, log } = options;
    const download = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2", "download", ...packages];
    const proxies = Object.fromEntries(proxySettings().map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
    const result = await (0,run_program/* runProgram */.m)(download, { timeoutMs, cwd: into, env: proxies, log });
    if (result.code !== 0)
        return { ok: false, detail: (0,run_program/* lastWords */.a)(result) };
    for (const archive of (await (0,promises_.readdir)(into)).filter((name) => name.endsWith(".deb"))) {
        const unpack = await (0,run_program/* runProgram */.m)(["dpkg-deb", "-x", `./${archive}`, "./root"], { timeoutMs, cwd: into, log });
        if (unpack.code !== 0)
            return { ok: false, detail: (0,run_program/* lastWords */.a)(unpack) };
        await (0,promises_.rm)((0,external_node_path_.join)(into, archive));
    }
    return { ok: true, detail: "" };
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/disk-images.js






const disk_images_RECIPE = "4";
const IMAGE = "disk.img";
const MAKE_TIMEOUT_MS = 180_000;
/** erofs, which reads faster, if its mkfs and the kernel's module exist; else ext4, which is everywhere. */
function imageType(tools, kernel) {
    return tools.mkfsErofs !== null && kernel.features.erofs.missing.length === 0 ? "erofs" : "ext4";
}
/** The read-only root made of the runner's own programs. */
async function prepareClosureImage(request) {
    const { cache, tools, kernel, notify, log } = request;
    const type = imageType(tools, kernel);
    const entry = await cache.entry({
        key: `root-${type}-r${disk_images_RECIPE}-${await closureKey(request.nodeBinary)}`,
        build: async (directory) => {
            const plan = await planClosure({ ldd: tools.ldd, nodeBinary: request.nodeBinary });
            notify(`Preparing the sandbox's root image from this runner's programs (${Math.round(plan.bytes / 1e6)} MB, kept for later runs).`);
            if (plan.leftOut.length > 0)
                notify(`Left out of the root image, which would grow too large: ${plan.leftOut.join(", ")}.`);
            await withScratch(directory, async (stage) => {
                await stageClosure(plan, stage);
                await makeImage({ tools, log, type, stage, file: (0,external_node_path_.join)(directory, IMAGE) });
            });
        },
    });
    return { file: (0,external_node_path_.join)(entry.directory, IMAGE), type, digest: entry.digests[IMAGE] ?? "" };
}
/** A read-only disk of a layer, made once per digest. */
async function prepareLayerImage(request) {
    const { cache, tools, kernel, layer, notify, log } = request;
    requireSoundLayer(layer);
    const type = imageType(tools, kernel);
    const entry = await cache.entry({
        key: `layer-${type}-${layer.name}-${layer.digest.slice(0, 32)}-r${disk_images_RECIPE}`,
        build: async (directory) => {
            notify(`Preparing a disk of the layer ${layer.name} (kept for later runs).`);
            const file = (0,external_node_path_.join)(directory, IMAGE);
            if (type === "erofs")
                return await makeImage({ tools, log, type, stage: layer.directory, file });
            // ext4 keeps owners, so they are changed on a copy.
            await withScratch(directory, async (stage) => {
                await (0,promises_.cp)(layer.directory, stage, { recursive: true, verbatimSymlinks: true });
                await makeImage({ tools, log, type, stage, file });
            });
        },
    });
    return { file: (0,external_node_path_.join)(entry.directory, IMAGE), type, digest: entry.digests[IMAGE] ?? "" };
}
/** A layer's words become part of a file name and of the configuration that the first process in the sandbox reads. */
function requireSoundLayer(layer) {
    const isNamed = /^[a-z0-9-]{1,40}$/.test(layer.name) && /^[0-9a-f]{64}$/.test(layer.digest);
    const isPlaced = /^\/(?:opt|srv|usr\/local)\/[A-Za-z0-9._/-]+$/.test(layer.mountPath) && !layer.mountPath.split("/").includes("..");
    if (isNamed && isPlaced)
        return;
    throw new errors/* AirlockError */.qR("internal", {
        message: `The layer ${JSON.stringify(layer.name)} cannot be mounted at ${JSON.stringify(layer.mountPath)}.`,
        remedy: "Report this. A layer has a name of lower-case letters, digits and dashes, a sha256 digest and a place below /opt, /srv or /usr/local.",
    });
}
/** A scratch folder on the same disk, beside the entry that is being built. */
async function withScratch(directory, use) {
    const stage = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_path_.dirname)(directory), ".build-stage-"));
    try {
        await use(stage);
    }
    finally {
        await removeStage(stage);
    }
}
async function removeStage(stage) {
    const removed = await (0,promises_.rm)(stage, { recursive: true, force: true }).then(() => true, () => false);
    const prefix = removed ? null : await rootPrefix();
    if (prefix !== null)
        await (0,run_program/* runProgram */.m)(["rm", "-rf", "--one-file-system", stage], { timeoutMs: 60_000, prefix });
}
async function makeImage({ tools, log, type, stage, file }) {
    const argv = type === "erofs"
        ? [tools.mkfsErofs ?? "", "-T0", "-U", "00000000-0000-0000-0000-000000000000", "--all-root", "--quiet", file, stage]
        : await ext4Command(tools, stage, file);
    const options = { timeoutMs: MAKE_TIMEOUT_MS, maxOutputBytes: 256 << 20, log };
    let result = await (0,run_program/* runProgram */.m)(argv, options);
    // Older versions of mkfs.erofs do not know --quiet and name every file.
    if (result.code !== 0 && type === "erofs") {
        result = await (0,run_program/* runProgram */.m)(argv.filter((word) => word !== "--quiet"), options);
    }
    if (result.code !== 0) {
        throw new errors/* AirlockError */.qR("sandbox.unavailable", {
            message: `The sandbox's disk image could not be made: ${(0,run_program/* lastWords */.a)(result)}.`,
            remedy: "Free disk space on the runner, or choose a cloud provider with the input `provider`.",
        });
    }
}
/** Files belong to root in the sandbox: the copy is given to root first, or seen through a user namespace where it is. */
async function ext4Command(tools, stage, file) {
    const megabytes = Math.ceil((await sizeOf(stage)) * 1.15) + 64;
    const make = [tools.mkfsExt4, "-q", "-F", "-m", "0", "-O", "^has_journal", "-d", stage, file, `${megabytes}M`];
    if (process.getuid?.() === 0) {
        await (0,run_program/* runProgram */.m)(["chown", "-Rh", "0:0", stage], { timeoutMs: 60_000 });
        return make;
    }
    const prefix = await rootPrefix();
    if (prefix === null)
        return [tools.bwrap, "--unshare-user", "--uid", "0", "--gid", "0", "--dev-bind", "/", "/", ...make];
    await (0,run_program/* runProgram */.m)(["chown", "-Rh", "0:0", stage], { timeoutMs: 60_000, prefix });
    return make;
}
async function sizeOf(folder) {
    const result = await (0,run_program/* runProgram */.m)(["du", "-sm", "--apparent-size", folder], { timeoutMs: 60_000 });
    const blocks = await (0,run_program/* runProgram */.m)(["du", "-sm", folder], { timeoutMs: 60_000 });
    return Math.max(Number.parseInt(result.stdout, 10) || 0, Number.parseInt(blocks.stdout, 10) || 0);
}
const MAX_UPPER_BYTES = 16 * 1024 ** 3;
/** The sandbox's writable disk: sparse, so that it costs what is written. Bounded by what the runner's disk has left. */
async function createUpperDisk(tools, file) {
    const free = await (0,promises_.statfs)((0,external_node_path_.dirname)(file));
    const bytes = Math.min(MAX_UPPER_BYTES, Math.floor(free.bavail * free.bsize * 0.8));
    if (bytes < 512 << 20) {
        throw new errors/* AirlockError */.qR("sandbox.unavailable", {
            message: `The runner has ${Math.round(bytes / 1e6)} MB of disk left for the sandbox; it needs 512 MB.`,
            remedy: "Free disk space on the runner.",
        });
    }
    const handle = await (0,promises_.open)(file, "w", 0o666);
    await handle.truncate(bytes);
    await handle.chmod(0o666);
    await handle.close();
    const options = "lazy_itable_init=1,lazy_journal_init=1,nodiscard";
    const result = await (0,run_program/* runProgram */.m)([tools.mkfsExt4, "-q", "-F", "-m", "0", "-E", options, "-O", "^has_journal", file], {
        timeoutMs: 60_000,
    });
    if (result.code !== 0) {
        throw new errors/* AirlockError */.qR("sandbox.unavailable", {
            message: `The sandbox's disk could not be made: ${(0,run_program/* lastWords */.a)(result)}.`,
            remedy: "Free disk space on the runner.",
        });
    }
    return bytes;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/host-view.js



/** Where the exported tree is in QEMU's view. */
const EXPORT_FOLDER = "/export";
/** What the sandbox sees of the runner: an allow-list. Never `/home /root /run /var /tmp /mnt`, never `/etc` whole. */
const SEEN = [
    "/usr",
    "/opt/hostedtoolcache",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/services",
    "/etc/protocols",
    "/etc/mime.types",
    "/etc/os-release",
    "/etc/python3",
    "/etc/perl",
    "/etc/maven",
    "/etc/php",
    "/etc/R",
    ...["8", "11", "17", "21", "25"].map((version) => `/etc/java-${version}-openjdk`),
];
/**
 * The runner's whole toolchain over read-only 9p. QEMU serves it as nobody, so what only root or the runner's user may
 * read stays unread; a user namespace, in which QEMU has the runner's own rights, would not ensure that.
 * Returns the view, or why there can be none.
 */
async function readHostView(options) {
    if (options.privilege.kind === "user-namespace")
        return "QEMU would read the runner's files with the runner's own rights";
    const present = await filterPresent(SEEN);
    const exposed = await firstExposed(present, options.secretFolders);
    if (exposed !== null)
        return `${exposed} lies in a folder that the sandbox would see`;
    const links = await Promise.all(["/bin", "/sbin", "/lib", "/lib64"].map(async (path) => ({
        path: `${EXPORT_FOLDER}${path}`,
        target: await (0,promises_.readlink)(path).catch(() => ""),
    })));
    if (links.some((link) => link.target === "" || link.target.startsWith("/")))
        return "the runner's /bin is no link to usr/bin";
    const bindings = present.map((path) => ({ source: path, target: `${EXPORT_FOLDER}${path}`, writable: false }));
    const node = { source: await (0,promises_.realpath)(options.nodeBinary), target: `${EXPORT_FOLDER}${NODE_TARGET}`, writable: false };
    return { bindings: [...bindings, node], links };
}
async function filterPresent(paths) {
    const found = await Promise.all(paths.map((path) => (0,promises_.stat)(path).catch(() => null)));
    return paths.filter((_, index) => found[index] !== null);
}
async function firstExposed(seen, secretFolders) {
    for (const folder of secretFolders) {
        const real = await (0,promises_.realpath)(folder).catch(() => folder);
        if (seen.some((root) => isInside(root, real)))
            return folder;
    }
    return null;
}
function isInside(root, path) {
    const way = (0,external_node_path_.relative)(root, path);
    return way === "" || (!way.startsWith("..") && !way.startsWith("/"));
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/cpio.js
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFCHR = 0o020000;
function createCpioArchive() {
    const chunks = [];
    const directories = new Set();
    let inode = 1;
    const add = (entry) => {
        chunks.push(...encodeEntry(entry, inode));
        inode += 1;
    };
    const addDirectory = (path) => {
        const name = relative(path);
        if (name === "" || directories.has(name))
            return;
        addDirectory(cpio_parent(name));
        directories.add(name);
        add({ name, mode: S_IFDIR | 0o755, content: new Uint8Array(0), major: 0, minor: 0 });
    };
    return {
        addDirectory,
        addFile(path, content, mode = 0o644) {
            const name = relative(path);
            addDirectory(cpio_parent(name));
            add({ name, mode: S_IFREG | mode, content: typeof content === "string" ? Buffer.from(content) : content, major: 0, minor: 0 });
        },
        addCharacterDevice(path, device) {
            const name = relative(path);
            addDirectory(cpio_parent(name));
            add({ name, mode: S_IFCHR | device.mode, content: new Uint8Array(0), major: device.major, minor: device.minor });
        },
        finish() {
            add({ name: "TRAILER!!!", mode: 0, content: new Uint8Array(0), major: 0, minor: 0 });
            return Buffer.concat(chunks);
        },
    };
}
function encodeEntry(entry, inode) {
    const name = Buffer.from(`${entry.name}\0`);
    const links = 1;
    const fields = [inode, entry.mode, 0, 0, links, 0, entry.content.length, 0, 0, entry.major, entry.minor, name.length, 0];
    const header = Buffer.from(`070701${fields.map(hex8).join("")}`);
    return [header, name, padding(header.length + name.length), entry.content, padding(entry.content.length)];
}
function hex8(value) {
    return (value >>> 0).toString(16).padStart(8, "0");
}
function padding(length) {
    return new Uint8Array((4 - (length % 4)) % 4);
}
function relative(path) {
    return path.replace(/^\/+/, "").replace(/\/+$/, "");
}
function cpio_parent(name) {
    const slash = name.lastIndexOf("/");
    return slash < 0 ? "" : name.slice(0, slash);
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/init-script.js
/**
 * What the kernel runs first, from the initramfs: loads modules, finds disks by their serial numbers, puts the root
 * together and hands over. Words it reads come from `/airlock/config`, written by the runner:
 *   module NAME · root FSTYPE · layer SERIAL FSTYPE PATH · node PATH · now SECONDS
 * Starting a program costs 28 ms under software emulation, so the shell's own words are used where there is a choice.
 */
const INIT_SCRIPT = `#!/bin/busybox sh
B=/bin/busybox
say() { echo "airlock: $*"; }
die() { say "boot failed: $*"; /bin/busybox sleep 1; /bin/busybox poweroff -f; /bin/busybox sleep 60; }
$B mount -t proc proc /proc
$B mount -t sysfs sysfs /sys
$B mount -t devtmpfs dev /dev
say "kernel is up"
# Where the shell holds busybox's other programs, they start without being loaded anew.
mkdir -p /airlock 2> /dev/null && B=
insert=
rootfs=
layers=
node=
now=
while read -r word a b c; do
  case "$word" in
    module) insert="$insert $a" ;;
    root) rootfs=$a ;;
    layer) layers="$layers $a:$b:$c" ;;
    node) node=$a ;;
    now) now=$a ;;
  esac
done < /airlock/config
for m in $insert; do $B insmod /airlock/modules/$m.ko || say "module $m does not load"; done
disk() {
  tries=0
  while [ $tries -lt 300 ]; do
    for d in /sys/block/vd*; do
      serial=
      read -r serial 2> /dev/null < $d/serial
      [ "$serial" = "$1" ] && { found=/dev/\${d##*/}; return 0; }
    done
    $B usleep 10000
    tries=$((tries + 1))
  done
  die "no disk $1"
}
case "$rootfs" in
  9p) $B mount -t 9p -o trans=virtio,version=9p2000.L,ro,nosuid,nodev,msize=512000,cache=loose root /lower || die "9p root" ;;
  *) disk root; $B mount -t $rootfs -o ro,nosuid,nodev $found /lower || die "root $rootfs" ;;
esac
# Programs are read in pieces as they run; each piece is a round trip to the runner.
for q in /sys/block/vd*/queue/read_ahead_kb; do echo 1024 > $q; done
disk upper
$B mount -t ext4 -o noatime,nosuid,nodev $found /disk || die "upper disk"
$B mkdir -p /disk/upper /disk/overlay /disk/work /disk/tmp /disk/home
$B mount -t overlay -o lowerdir=/lower,upperdir=/disk/upper,workdir=/disk/overlay,nosuid overlay /new || die "overlay"
cd /new
$B mkdir -p proc sys dev tmp run root work home/agent var/tmp var/log etc usr/local/bin opt /dev/shm /dev/pts
$B mount --bind /disk/work work
$B mount --bind /disk/tmp tmp
$B mount --bind /disk/home home/agent
$B mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
$B mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
$B mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm
$B chmod 1777 tmp var/tmp
$B chmod 700 root
$B chown 1000:1000 work home/agent
$B ln -sfn /proc/self/fd /dev/fd
$B ln -sfn /proc/self/fd/0 /dev/stdin
$B ln -sfn /proc/self/fd/1 /dev/stdout
$B ln -sfn /proc/self/fd/2 /dev/stderr
$B ln -sfn pts/ptmx /dev/ptmx
for l in $layers; do
  serial=\${l%%:*}
  rest=\${l#*:}
  disk $serial
  $B mkdir -p .\${rest#*:}
  $B mount -t \${rest%%:*} -o ro,nosuid,nodev $found .\${rest#*:} || die "layer \${rest#*:}"
done
echo "root:x:0:0:root:/root:/bin/sh
agent:x:1000:1000:agent:/home/agent:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin" > etc/passwd
echo "root:x:0:
tty:x:5:
agent:x:1000:
nogroup:x:65534:" > etc/group
echo airlock > etc/hostname
echo airlock > /proc/sys/kernel/hostname
echo "127.0.0.1 localhost airlock" > etc/hosts
echo "passwd: files
group: files
hosts: files
services: files
protocols: files" > etc/nsswitch.conf
$B rm -f etc/resolv.conf
$B mkdir -p run/airlock
$B cp -r /airlock/guest /airlock/supervise /bin/busybox run/airlock/
[ -e usr/bin/node ] || [ -e usr/local/bin/node ] || $B ln -s $node usr/local/bin/node
echo "$node" > run/airlock/node
$B ip link set lo up
[ -n "$now" ] && $B date -s @$now > /dev/null
# From here on /proc is elsewhere, and the shell finds its other programs no more.
/bin/busybox mount --move /dev dev
/bin/busybox mount --move /sys sys
/bin/busybox mount --move /proc proc
say "root is up"
exec /bin/busybox switch_root /new /run/airlock/busybox sh /run/airlock/supervise
`;
/** The sandbox's first process: the supervisor's parent. When the supervisor ends, the sandbox ends. */
const SUPERVISE_SCRIPT = `B=/run/airlock/busybox
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 UV_THREADPOOL_SIZE=8
cd /
read -r node < /run/airlock/node
main=/run/airlock/guest/index.js
[ -e $main ] || main=/run/airlock/guest/index.mjs
$node --no-warnings $main serve --virtio < /dev/null
echo "airlock: the supervisor ended with status $?"
$B sync
$B poweroff -f
`;
/** The whole of the KVM probe's guest: says the nonce it was given, and ends. */
const PROBE_SCRIPT = `#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc
for word in $($B cat /proc/cmdline); do
  case "$word" in airlock.nonce=*) echo "airlock-probe \${word#airlock.nonce=}" ;; esac
done
$B poweroff -f
`;

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/initramfs.js





async function buildInitramfs(request) {
    const features = ["base"];
    if (request.root === "9p")
        features.push("9p");
    if (request.root === "erofs" || request.layers.some((layer) => layer.type === "erofs"))
        features.push("erofs");
    const modules = [...new Set(features.flatMap((feature) => request.kernel.features[feature].modules))];
    const archive = createCpioArchive();
    for (const directory of ["dev", "proc", "sys", "bin", "lower", "disk", "new"])
        archive.addDirectory(directory);
    archive.addCharacterDevice("dev/console", { major: 5, minor: 1, mode: 0o600 });
    archive.addFile("bin/busybox", await (0,promises_.readFile)(request.busybox), 0o755);
    archive.addFile("init", INIT_SCRIPT, 0o755);
    archive.addFile("airlock/supervise", SUPERVISE_SCRIPT);
    for (const name of modules)
        archive.addFile(`airlock/modules/${name}.ko`, await request.kernel.readModule(name));
    for (const file of await guestFiles(request.guestFile))
        archive.addFile(`airlock/guest/${file.name}`, file.content);
    const fixed = archive.finish();
    const variable = createCpioArchive();
    variable.addFile("airlock/config", renderConfig(request, modules));
    const digest = (0,external_node_crypto_.createHash)("sha256").update(fixed).digest("hex");
    return { content: Buffer.concat([fixed, variable.finish()]), digest };
}
async function buildProbeInitramfs(busybox) {
    const archive = createCpioArchive();
    for (const directory of ["dev", "proc", "bin"])
        archive.addDirectory(directory);
    archive.addCharacterDevice("dev/console", { major: 5, minor: 1, mode: 0o600 });
    archive.addFile("bin/busybox", await (0,promises_.readFile)(busybox), 0o755);
    archive.addFile("init", PROBE_SCRIPT, 0o755);
    return archive.finish();
}
function renderConfig(request, modules) {
    const lines = modules.map((name) => `module ${name}`);
    lines.push(`root ${request.root}`, `node ${request.node}`, `now ${Math.floor(request.nowMs / 1000)}`);
    for (const layer of request.layers) {
        lines.push(`layer ${layer.serial} ${layer.type} ${layer.path}`);
    }
    return `${lines.join("\n")}\n`;
}
/** The guest program: one bundled file, called `index.js` in the sandbox, with the package.json that lies beside it. */
async function guestFiles(guestFile) {
    const folder = (0,external_node_path_.dirname)(guestFile);
    const extension = (0,external_node_path_.extname)(guestFile) === ".mjs" ? ".mjs" : ".js";
    const files = [{ name: `index${extension}`, content: await (0,promises_.readFile)(guestFile) }];
    const beside = await (0,promises_.readdir)(folder);
    if (beside.includes("package.json"))
        files.push({ name: "package.json", content: await (0,promises_.readFile)((0,external_node_path_.join)(folder, "package.json")) });
    return files;
}

// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(58500);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 7 modules
var schemas = __webpack_require__(12311);
// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(31421);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(77030);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/confinement.js



/** Nobody: what QEMU runs as when we can choose. */
const NOBODY = "65534";
const FIRMWARE_FOLDERS = ["/usr/share/qemu", "/usr/share/seabios"];
const MODULE_FOLDERS = ["/usr/lib/x86_64-linux-gnu/qemu"];
async function readQemuView(tools) {
    const modules = MODULE_FOLDERS.map((folder) => `${folder}/accel-tcg-x86_64.so`);
    const programs = [tools.qemu, tools.setpriv, tools.timeout, tools.sh, tools.cat];
    const present = await confinement_filterPresent([...programs, ...modules]);
    const placed = await Promise.all(programs.map(placeFile));
    const files = [...placed.filter((file) => file !== null), ...(await linkedLibraries(tools.ldd, present))];
    const links = await Promise.all(["/bin", "/sbin", "/lib", "/lib64"].map(async (path) => ({ path, target: await (0,promises_.readlink)(path).catch(() => "") })));
    return {
        files: unique(files),
        folders: await confinement_filterPresent([...FIRMWARE_FOLDERS, ...MODULE_FOLDERS]),
        links: links.filter((link) => link.target !== ""),
    };
}
async function confinement_filterPresent(paths) {
    const found = await Promise.all(paths.map((path) => (0,promises_.stat)(path).catch(() => null)));
    return paths.filter((_, index) => found[index] !== null);
}
function unique(files) {
    return [...new Map(files.map((file) => [file.target, file])).values()];
}
/**
 * The argv that runs a program in a mount view of its own, without capabilities, network, other processes or
 * environment, as nobody where we are root, and dying with its parent.
 */
function confine(request, program) {
    const { tools, privilege } = request;
    const bwrap = [tools.bwrap, ...isolationArguments(privilege), ...viewArguments(request), "--remount-ro", "/"];
    const seconds = Math.max(1, Math.ceil(request.lifetimeMs / 1000));
    const bounded = [tools.timeout, "--foreground", "--signal=KILL", String(seconds), ...program];
    if (privilege.kind === "user-namespace")
        return [...bwrap, ...bounded];
    const dropped = [...bwrap, ...dropArguments(request), ...bounded];
    if (privilege.kind === "root")
        return dropped;
    return [...privilege.sudo, ...bwrap, ...dropArguments(request), tools.sh, "-c", DIE_WITH_STDIN, "sh", ...bounded];
}
/** sudo stays as parent and closes descriptors, so the end of stdin tells that Airlock is gone. */
const DIE_WITH_STDIN = 'exec 3<&0; "$@" </dev/null & child=$!; (cat <&3 >/dev/null; kill -9 $child) & wait $child';
function isolationArguments(privilege) {
    const namespaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"];
    const common = [
        ...namespaces,
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        "--setenv",
        "PATH",
        "/usr/bin:/bin",
        "--cap-drop",
        "ALL",
    ];
    if (privilege.kind === "user-namespace")
        return ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY, ...common];
    return [...common, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"];
}
function dropArguments({ tools, kvm }) {
    const groups = kvm?.group ? `--groups=${kvm.group}` : "--clear-groups";
    return [tools.setpriv, `--reuid=${NOBODY}`, `--regid=${NOBODY}`, groups, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];
}
function viewArguments(request) {
    const { view, bindings, kvm } = request;
    const links = [...view.links, ...(request.exportLinks ?? [])];
    const targets = [
        ...view.files.map((file) => file.target),
        ...bindings.map((binding) => binding.target),
        ...links.map((link) => link.path),
    ];
    const folders = [...parents(targets), ...view.folders.flatMap((folder) => parents([`${folder}/x`]))];
    return [
        ["--tmpfs", "/"],
        ["--proc", "/proc", "--dev", "/dev"],
        ["--perms", "1777", "--size", String(64 << 20), "--tmpfs", "/tmp"],
        // Parents that bwrap makes by itself have mode 0700.
        [...new Set(folders)].flatMap((folder) => ["--perms", "0755", "--dir", folder]),
        view.folders.flatMap((folder) => ["--ro-bind", folder, folder]),
        view.files.flatMap((file) => ["--ro-bind", file.source, file.target]),
        links.flatMap((link) => ["--symlink", link.target, link.path]),
        kvm === undefined ? [] : ["--dev-bind", kvm.device, "/dev/kvm"],
        bindings.flatMap((binding) => [binding.writable ? "--bind" : "--ro-bind", binding.source, binding.target]),
    ].flat();
}
/** Every folder above the targets, outermost first. */
function parents(targets) {
    const folders = new Set();
    for (const target of targets) {
        const chain = [];
        for (let folder = (0,external_node_path_.dirname)(target); folder !== "/"; folder = (0,external_node_path_.dirname)(folder))
            chain.unshift(folder);
        for (const folder of chain)
            folders.add(folder);
    }
    return [...folders];
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/processes.js





const OUR_PROGRAMS = new Set(["sudo", "bwrap", "setpriv", "sh", "dash", "timeout", "qemu-system-x86_64"]);
const GONE_TIMEOUT_MS = 8_000;
/** Null when the process is gone. Field 22 of /proc/pid/stat, see proc(5). */
async function identifyProcess(pid) {
    const text = await (0,promises_.readFile)(`/proc/${pid}/stat`, "latin1").catch(() => "");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const isZombie = fields[0] === "Z";
    const startTicks = Number(fields[19]);
    return isZombie || !Number.isSafeInteger(startTicks) || startTicks <= 0 ? null : { pid, startTicks };
}
/**
 * Processes that carry `-name <id>` in their argv and run one of the programs we start. The id is random, so no process
 * of somebody else does, not even one that shows our paths.
 */
async function findProcesses(id) {
    const pids = (await (0,promises_.readdir)("/proc")).filter((name) => /^[0-9]+$/.test(name)).map(Number);
    const found = [];
    for (const pid of pids) {
        const argv = (await (0,promises_.readFile)(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
        const identity = carriesId(argv, id) ? await identifyProcess(pid) : null;
        if (identity !== null)
            found.push(identity);
    }
    return found;
}
/** Exported for its test. */
function carriesId(argv, id) {
    const at = argv.lastIndexOf("-name");
    return at >= 0 && argv[at + 1] === id && OUR_PROGRAMS.has((0,external_node_path_.basename)(argv[0] ?? ""));
}
/** Kills every process of a sandbox and waits until all are gone. Returns how many were left, 0 when all is well. */
async function killProcesses(id) {
    const deadline = Date.now() + GONE_TIMEOUT_MS;
    let left = await findProcesses(id);
    while (left.length > 0 && Date.now() < deadline) {
        for (const target of left)
            await kill(target);
        await (0,external_node_timers_promises_.setTimeout)(20);
        left = await findProcesses(id);
    }
    return left.length;
}
async function kill(target) {
    const now = await identifyProcess(target.pid);
    if (now?.startTicks !== target.startTicks)
        return;
    try {
        process.kill(target.pid, "SIGKILL");
    }
    catch (error) {
        if (error.code !== "EPERM")
            return;
        const prefix = await rootPrefix();
        if (prefix !== null)
            await (0,run_program/* runProgram */.m)(["kill", "-9", String(target.pid)], { timeoutMs: 5_000, prefix });
    }
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/qemu-arguments.js
/**
 * No network device, no display, no USB, no monitor. q35 rather than microvm: without KVM the latter hangs now and then
 * while it calibrates its clock. `-sandbox` puts QEMU itself under seccomp. QEMU's manual: "Security", "System emulation".
 */
function qemuArguments(request) {
    const isKvm = request.acceleration === "kvm";
    return [
        ["-name", request.id],
        ["-M", "q35,smm=off,usb=off,vmport=off"],
        ["-accel", isKvm ? "kvm" : "tcg,thread=multi,tb-size=256"],
        ["-cpu", isKvm ? "host" : "max"],
        ["-m", String(request.memoryMib), "-smp", String(request.cpus)],
        ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none", "-serial", "stdio"],
        ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
        ["-kernel", request.kernel, "-initrd", request.initrd, "-append", request.append],
        ["-device", "virtio-rng-pci"],
        request.disks.flatMap(diskArguments),
        exportArguments(request.exportDirectory),
        channelArguments(request),
    ].flat();
}
function diskArguments(disk, index) {
    const mode = disk.writable ? "cache=unsafe,discard=unmap" : "readonly=on";
    return [
        "-drive",
        `if=none,id=d${index},file=${escaped(disk.file)},format=raw,${mode}`,
        "-device",
        `virtio-blk-pci,drive=d${index},serial=${disk.serial}`,
    ];
}
function exportArguments(directory) {
    if (directory === undefined)
        return [];
    return [
        "-fsdev",
        `local,id=root,path=${escaped(directory)},security_model=none,readonly=on,multidevs=remap`,
        "-device",
        "virtio-9p-pci,fsdev=root,mount_tag=root",
    ];
}
function channelArguments(request) {
    if (request.control === undefined || request.egress === undefined)
        return [];
    return [
        "-device",
        "virtio-serial-pci,id=vs,max_ports=4",
        "-chardev",
        `socket,id=ctl,${addressOf(request.control)}`,
        "-device",
        "virtserialport,bus=vs.0,chardev=ctl,name=airlock.ctl",
        "-chardev",
        `socket,id=net,${addressOf(request.egress)}`,
        "-device",
        "virtserialport,bus=vs.0,chardev=net,name=airlock.net",
    ];
}
function addressOf(address) {
    return "fd" in address ? `fd=${address.fd}` : `path=${escaped(address.socket)}`;
}
/** QEMU splits options at commas; a doubled comma is one comma. */
function escaped(path) {
    return path.replaceAll(",", ",,");
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/serial-console.js
const KEPT_BYTES = 64 << 10;
function watchSerial(stream) {
    let kept = Buffer.alloc(0);
    let lastByteMs = performance.now();
    const firstByte = new Promise((resolve) => {
        stream.on("data", (chunk) => {
            resolve();
            lastByteMs = performance.now();
            kept = Buffer.concat([kept, chunk]).subarray(-KEPT_BYTES);
        });
    });
    stream.on("error", () => { });
    return {
        firstByte,
        silentForMs: () => performance.now() - lastByteMs,
        includes: (text) => kept.includes(text),
        tail: (maxLines) => harmless(kept.toString("latin1"), maxLines),
    };
}
function harmless(text, maxLines) {
    const lines = text
        .split(/\r?\n|\r/)
        .map((line) => line.replace(/[^\x20-\x7e]/g, "").slice(0, 200))
        .filter((line) => line.trim() !== "");
    return lines
        .slice(-maxLines)
        .map((line) => `  | ${line}`)
        .join("\n");
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/machine.js









/** Where sockets are in QEMU's view. */
const SOCKETS_TARGET = "/sockets";
async function startMachine(options) {
    const channels = options.hasChannels ? await openChannels(options) : null;
    const bindings = [...options.confinement.bindings, ...(channels?.bindings ?? [])];
    const program = [options.confinement.tools.qemu, ...qemuArguments({ ...options.machine, ...channels?.addresses })];
    const [file = "", ...argv] = confine({ ...options.confinement, bindings }, program);
    const child = (0,external_node_child_process_.spawn)(file, argv, {
        // A session of its own: an interrupt typed at a terminal is for Airlock alone.
        detached: true,
        env: { ...find_program/* MINIMAL_ENV */.e },
        // Under sudo, stdin is the lifetime pipe; else the console would read it.
        stdio: [options.confinement.privilege.kind === "sudo" ? "pipe" : "ignore", "pipe", "pipe", ...(channels?.stdio ?? [])],
    });
    return watch(child, { id: options.machine.id, channels });
}
async function openChannels({ directory, confinement }) {
    if (confinement.privilege.kind !== "sudo") {
        return {
            addresses: { control: { fd: 3 }, egress: { fd: 4 } },
            stdio: ["pipe", "pipe"],
            bindings: [],
            connect: async (child) => ({ control: duplexAt(child, 3), egress: duplexAt(child, 4) }),
            close: () => { },
        };
    }
    const folder = (0,external_node_path_.join)(directory, "s");
    await (0,promises_.mkdir)(folder, { mode: 0o711 });
    await (0,promises_.chmod)(folder, 0o711);
    const [control, egress] = await Promise.all([listenOnce((0,external_node_path_.join)(folder, "ctl")), listenOnce((0,external_node_path_.join)(folder, "net"))]);
    return {
        addresses: { control: { socket: `${SOCKETS_TARGET}/ctl` }, egress: { socket: `${SOCKETS_TARGET}/net` } },
        stdio: [],
        bindings: [{ source: folder, target: SOCKETS_TARGET, writable: true }],
        connect: async () => ({ control: await control.accepted, egress: await egress.accepted }),
        close: () => {
            control.close();
            egress.close();
        },
    };
}
function duplexAt(child, fd) {
    const stream = child.stdio[fd];
    if (stream === null || stream === undefined)
        throw new Error(`no stream at descriptor ${fd}`);
    return stream;
}
/** Takes one connection and stops listening. The folder above is closed to everybody else. */
async function listenOnce(path) {
    const server = (0,external_node_net_.createServer)();
    const accepted = new Promise((resolve, reject) => {
        server.once("connection", (socket) => {
            server.close();
            resolve(socket);
        });
        server.once("error", reject);
    });
    accepted.catch(() => { });
    await new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(path, resolve);
    });
    await (0,promises_.chmod)(path, 0o666);
    return { accepted, close: () => server.close() };
}
function watch(child, { id, channels }) {
    const exited = new Promise((resolve) => {
        child.once("error", (error) => resolve(error.message));
        child.once("exit", (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
    });
    child.on("error", () => { });
    // A write error only means that the other end is gone.
    child.stdin?.on("error", () => { });
    const connected = channels === null
        ? Promise.reject(new Error("no channels"))
        : Promise.race([channels.connect(child), exited.then((how) => Promise.reject(new Error(`QEMU ended: ${how}`)))]);
    connected.catch(() => { });
    let stopping;
    const stop = async () => {
        channels?.close();
        child.stdin?.end();
        // sudo runs as root: a signal from us would only be refused.
        if (child.pid !== undefined && child.stdin === null)
            child.kill("SIGKILL");
        await killProcesses(id);
        if (child.pid !== undefined)
            await exited;
    };
    return {
        channels: connected,
        console: watchSerial(child.stdout),
        complaints: watchSerial(child.stderr),
        exited,
        stop: () => (stopping ??= stop()),
    };
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/kvm.js









const DEVICE = "/dev/kvm";
/** A kernel that comes up keeps talking; one that hangs falls silent. */
const PATIENCE = { silenceMs: 10_000, totalMs: 45_000 };
const PROBE_LIFETIME_MS = 60_000;
/**
 * KVM counts as usable only when the kernel really boots with it: some machines offer a /dev/kvm on which nothing that is
 * more than a few instructions long runs. The result is remembered until the runner boots again.
 */
async function findAcceleration(request) {
    const device = request.device ?? DEVICE;
    if ((await (0,promises_.stat)(device).catch(() => null)) === null)
        return { kind: "tcg", reason: `the runner has no ${device}` };
    const access = await readAccess(device, request.privilege);
    if (typeof access === "string")
        return { kind: "tcg", reason: access };
    const memory = openMemory(request.cacheDirectory, request.kernel.digest);
    const reason = (await memory.read()) ?? (await probe(request, access).catch(firstLine));
    await memory.write(reason);
    return reason === "" ? { kind: "kvm", access } : { kind: "tcg", reason };
}
const rememberedSchema = schemas/* strictObject */.rej({ bootId: schemas/* string */.YjP(), kernel: schemas/* string */.YjP(), reason: schemas/* string */.YjP() });
function openMemory(cacheDirectory, kernel) {
    const path = (0,external_node_path_.join)(cacheDirectory, `kvm-${kernel.slice(0, 16)}.json`);
    const bootId = (0,promises_.readFile)("/proc/sys/kernel/random/boot_id", "utf8").then((text) => text.trim(), () => "unknown");
    return {
        async read() {
            try {
                const known = rememberedSchema.parse(JSON.parse(await (0,promises_.readFile)(path, "utf8")));
                return known.bootId === (await bootId) && known.kernel === kernel ? known.reason : null;
            }
            catch {
                return null;
            }
        },
        async write(reason) {
            await (0,promises_.mkdir)(cacheDirectory, { recursive: true });
            const temporary = `${path}.${(0,external_node_crypto_.randomBytes)(4).toString("hex")}`;
            await (0,promises_.writeFile)(temporary, JSON.stringify({ bootId: await bootId, kernel, reason }));
            await (0,promises_.rename)(temporary, path);
        },
    };
}
/** How QEMU may use KVM, or why it cannot. */
async function readAccess(path, privilege) {
    const status = await (0,promises_.stat)(path);
    if ((status.mode & 0o006) === 0o006)
        return { path, group: null, needsOwnNode: false };
    if (privilege.kind === "user-namespace") {
        const mayOpen = await (0,promises_.access)(path, promises_.constants.R_OK | promises_.constants.W_OK).then(() => true, () => false);
        return mayOpen ? { path, group: null, needsOwnNode: false } : `${path} may not be opened by this user`;
    }
    const isForGroup = (status.mode & 0o060) === 0o060 && status.gid !== 0;
    return { path, group: isForGroup ? status.gid : null, needsOwnNode: !isForGroup };
}
/** The device for one sandbox. `directory`: that sandbox's own folder. */
async function provideKvm(options) {
    const { access, privilege, directory } = options;
    if (!access.needsOwnNode)
        return { device: access.path, group: access.group };
    const { rdev } = await (0,promises_.stat)(access.path);
    const device = (0,external_node_path_.join)(directory, "kvm");
    const numbers = [String((rdev >> 8) & 0xfff), String(rdev & 0xff)];
    const prefix = privilege.kind === "sudo" ? privilege.sudo : [];
    const made = await (0,run_program/* runProgram */.m)(["mknod", "-m", "0666", device, "c", ...numbers], { timeoutMs: 5_000, prefix });
    if (made.code !== 0)
        throw new Error(`${access.path} may be opened by root only, and a node of it could not be made: ${(0,run_program/* lastWords */.a)(made)}`);
    return { device, group: null };
}
/** Returns the empty string when the kernel came up and said our nonce, else why it did not. */
async function probe(request, access) {
    const nonce = (0,external_node_crypto_.randomBytes)(8).toString("hex");
    const id = `airlock-${(0,external_node_crypto_.randomBytes)(8).toString("hex")}`;
    const directory = (0,external_node_path_.join)(request.runDirectory, id);
    await (0,promises_.mkdir)(directory, { recursive: true, mode: 0o700 });
    try {
        const kvm = await provideKvm({ access, privilege: request.privilege, directory });
        const initrd = (0,external_node_path_.join)(directory, "initrd");
        await (0,promises_.writeFile)(initrd, await buildProbeInitramfs(request.tools.busybox), { mode: 0o644 });
        const machine = await startMachine({
            directory,
            hasChannels: false,
            confinement: {
                ...request,
                kvm,
                lifetimeMs: PROBE_LIFETIME_MS,
                bindings: [
                    { source: request.kernel.bzImage, target: "/boot/kernel", writable: false },
                    { source: initrd, target: "/boot/initrd", writable: false },
                ],
            },
            machine: {
                id,
                acceleration: "kvm",
                cpus: 1,
                memoryMib: 256,
                kernel: "/boot/kernel",
                initrd: "/boot/initrd",
                append: `console=ttyS0 earlyprintk=ttyS0 panic=-1 airlock.nonce=${nonce}`,
                disks: [],
            },
        });
        try {
            return await judge({ machine, expected: `airlock-probe ${nonce}`, ...PATIENCE, ...request.patience });
        }
        finally {
            await machine.stop();
        }
    }
    finally {
        await (0,promises_.rm)(directory, { recursive: true, force: true });
    }
}
async function judge({ machine, expected, silenceMs, totalMs }) {
    let end = null;
    void machine.exited.then((how) => {
        end = how;
    });
    const deadline = performance.now() + totalMs;
    while (!machine.console.includes(expected)) {
        if (end !== null)
            return `a kernel started with KVM does not come up: QEMU ended with ${end}`;
        if (performance.now() > deadline)
            return "a kernel started with KVM does not come up in time";
        if (machine.console.silentForMs() > silenceMs)
            return "a kernel started with KVM hangs";
        await (0,external_node_timers_promises_.setTimeout)(50);
    }
    return "";
}
function firstLine(error) {
    return (0,errors/* messageOf */.bD)(error).split("\n")[0] ?? "";
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/once-succeeded.js
/** Acts at the first call and gives every caller that result; after a failure the next call acts again. */
function onceSucceeded(act) {
    let made;
    return () => {
        made ??= act().catch((error) => {
            made = undefined;
            throw error;
        });
        return made;
    };
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/boot.js












/** @throws AirlockError `sandbox.unavailable`, and why `spec.signal` aborted; nothing is left behind then. */
async function bootSandbox(request, attempt) {
    const { runs, spec } = request;
    const { id, path } = await runs.add({ run: spec.run, purpose: spec.purpose, lifetimeMs: spec.lifetimeMs });
    let started;
    try {
        started = await start({ request, attempt, id, path });
    }
    catch (error) {
        await runs.destroy(id);
        throw error;
    }
    const { machine } = started;
    const destroy = onceSucceeded(async () => {
        clearTimeout(timer);
        await machine.stop();
        await runs.destroy(id);
    });
    const timer = setTimeout(() => void destroy().catch(() => { }), Math.min(spec.lifetimeMs, MAX_TIMER_MS));
    timer.unref();
    try {
        return await waitReady({ request, attempt, id, started, destroy });
    }
    catch (error) {
        await destroy();
        if (spec.signal.aborted)
            throw error;
        throw explain(error, { machine, attempt });
    }
}
/** A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
async function start({ request, attempt, id, path }) {
    const { platform, spec, root } = request;
    const upper = (0,external_node_path_.join)(path, "upper.img");
    await createUpperDisk(platform.tools, upper);
    const drives = planDrives(request, upper);
    const rootType = root.kind === "host-view" ? "9p" : root.image.type;
    const initramfs = await buildInitramfs({
        kernel: platform.kernel,
        busybox: platform.tools.busybox,
        guestFile: platform.guestFile,
        root: rootType,
        layers: drives.mounts,
        node: NODE_TARGET,
        nowMs: Date.now(),
    });
    const initrd = (0,external_node_path_.join)(path, "initrd");
    await (0,promises_.writeFile)(initrd, initramfs.content, { mode: 0o644 });
    const kernelFile = attempt.image === "vmlinux" && platform.kernel.vmlinux !== null ? platform.kernel.vmlinux : platform.kernel.bzImage;
    const kvm = attempt.kvm === null ? null : await provideKvm({ access: attempt.kvm, privilege: platform.privilege, directory: path });
    const bindings = [
        { source: kernelFile, target: "/boot/kernel", writable: false },
        { source: initrd, target: "/boot/initrd", writable: false },
        ...drives.bindings,
        ...(root.kind === "host-view" ? root.view.bindings : []),
    ];
    const machine = await startMachine({
        directory: path,
        hasChannels: true,
        confinement: {
            tools: platform.tools,
            view: platform.view,
            privilege: platform.privilege,
            bindings,
            // The runner's own timer comes first; this one is for when Airlock hangs.
            lifetimeMs: spec.lifetimeMs + 30_000,
            ...(root.kind === "host-view" ? { exportLinks: root.view.links } : {}),
            ...(kvm === null ? {} : { kvm }),
        },
        machine: {
            id,
            acceleration: attempt.kvm === null ? "tcg" : "kvm",
            cpus: request.cpus,
            memoryMib: request.memoryMib,
            kernel: "/boot/kernel",
            initrd: "/boot/initrd",
            append: `console=ttyS0 panic=-1 ${attempt.isVerbose ? "earlyprintk=ttyS0" : "quiet"}`,
            disks: drives.disks,
            ...(root.kind === "host-view" ? { exportDirectory: EXPORT_FOLDER } : {}),
        },
    });
    return { machine, facts: describe(request, { attempt, initramfsDigest: initramfs.digest }) };
}
function planDrives({ root, layers }, upper) {
    const images = [
        ...(root.kind === "image" ? [{ serial: "root", source: root.image.file, writable: false }] : []),
        { serial: "upper", source: upper, writable: true },
        ...layers.map((layer, index) => ({ serial: `layer${index}`, source: layer.image.file, writable: false })),
    ];
    const fileOf = (serial) => `/disks/${serial}.img`;
    return {
        disks: images.map(({ serial, writable }) => ({ file: fileOf(serial), serial, writable })),
        bindings: images.map(({ serial, source, writable }) => ({ source, target: fileOf(serial), writable })),
        mounts: layers.map((layer, index) => ({ serial: `layer${index}`, type: layer.image.type, path: layer.mountPath })),
    };
}
function describe({ platform, root }, { attempt, initramfsDigest }) {
    return {
        provider: "microvm",
        isolation: attempt.kvm === null ? "software emulation" : "kvm",
        versions: {
            ...platform.versions,
            image: root.kind === "host-view" ? "the runner's own folders, read-only" : `sha256:${root.image.digest}`,
            initramfs: `sha256:${initramfsDigest}`,
        },
    };
}
async function waitReady({ request, attempt, id, started, destroy }) {
    const { machine, facts } = started;
    const lost = new AbortController();
    const lose = (why) => lost.abort(new Error(why));
    const silence = setTimeout(() => lose(`it said nothing for ${attempt.firstByteTimeoutMs / 1000} s`), attempt.firstByteTimeoutMs);
    void machine.console.firstByte.then(() => clearTimeout(silence));
    void machine.exited.then((how) => lose(`QEMU ended with ${how}`));
    const signal = AbortSignal.any([request.spec.signal, lost.signal]);
    try {
        const { control, egress } = await (0,deadline/* abandonOnAbort */.Fx)(signal, () => machine.channels);
        return await (0,control_client/* openControlledSandbox */.C)({ control, egress, id, facts, destroy, greetTimeoutMs: attempt.readyTimeoutMs, signal });
    }
    catch (error) {
        // The control client takes any abort for a cancelled run.
        const isOurs = lost.signal.aborted && (0,errors/* findAirlockError */.lI)(error)?.code === "run.cancelled";
        throw isOurs && !request.spec.signal.aborted ? lost.signal.reason : error;
    }
    finally {
        clearTimeout(silence);
    }
}
function explain(error, { machine, attempt }) {
    const lines = [machine.complaints.tail(5), machine.console.tail(15)].filter((text) => text !== "").join("\n");
    const how = attempt.kvm === null ? "with software emulation" : "with KVM";
    const why = (0,errors/* findAirlockError */.lI)(error)?.message ?? (0,errors/* messageOf */.bD)(error);
    return new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `The sandbox did not come up ${how}: ${why}${lines === "" ? "" : `\nIts last words:\n${lines}`}`,
        remedy: "Run again on a runner that is less busy, give it more memory, or choose a cloud provider with the input `provider`.",
        cause: error,
    });
}

// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/cache.js






const MANIFEST = "manifest.json";
const STALE_BUILD_MS = 3_600_000;
const UNUSED_ENTRY_MS = 14 * 86_400_000;
const manifestSchema = schemas/* strictObject */.rej({ builtMs: schemas/* number */.aig(), files: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()) });
function openArtefactCache(root) {
    const sound = new Map();
    const obtain = async ({ key, build }) => {
        await (0,promises_.mkdir)(root, { recursive: true, mode: 0o755 });
        const found = await readSound((0,external_node_path_.join)(root, key));
        if (found !== null)
            return found;
        await removeStale(root);
        return await buildEntry(root, key, build);
    };
    return {
        entry(request) {
            const known = sound.get(request.key);
            if (known !== undefined)
                return known;
            const made = obtain(request);
            sound.set(request.key, made);
            made.catch(() => sound.delete(request.key));
            return made;
        },
        async find(prefix) {
            const names = await (0,promises_.readdir)(root).catch(() => []);
            const entries = await Promise.all(names.filter((name) => name.startsWith(prefix)).map((name) => readSound((0,external_node_path_.join)(root, name))));
            return entries.filter((entry) => entry !== null).sort((a, b) => b.builtMs - a.builtMs);
        },
    };
}
/** Null when there is none, or when its bytes are not those that were built. */
async function readSound(directory) {
    try {
        const manifest = manifestSchema.parse(JSON.parse(await (0,promises_.readFile)((0,external_node_path_.join)(directory, MANIFEST), "utf8")));
        const names = (await (0,promises_.readdir)(directory)).filter((name) => name !== MANIFEST).sort();
        if (names.join("\n") !== Object.keys(manifest.files).sort().join("\n"))
            return null;
        const state = await fileStates(directory, names);
        const seal = openSeal(directory);
        if ((await seal.read()) !== state) {
            for (const name of names) {
                if ((await digestFile((0,external_node_path_.join)(directory, name))) !== manifest.files[name])
                    return null;
            }
        }
        // Written at every use, so that its time is that of the last use.
        await seal.write(state);
        return { directory, builtMs: manifest.builtMs, digests: manifest.files };
    }
    catch {
        return null;
    }
}
/**
 * Hashing an image takes a second, so it is done once per boot of the machine and whenever a file's inode says that it was
 * touched. The change time cannot be set back as the modification time can.
 */
async function fileStates(directory, names) {
    const bootId = await (0,promises_.readFile)("/proc/sys/kernel/random/boot_id", "utf8");
    const states = await Promise.all(names.map(async (name) => {
        const { ino, size, mtimeNs, ctimeNs } = await (0,promises_.lstat)((0,external_node_path_.join)(directory, name), { bigint: true });
        return `${name} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    }));
    return `${bootId.trim()}\n${states.join("\n")}`;
}
function sealOf(directory) {
    return (0,external_node_path_.join)((0,external_node_path_.dirname)(directory), `.seal-${(0,external_node_path_.basename)(directory)}`);
}
function openSeal(directory) {
    const path = sealOf(directory);
    return {
        read: () => (0,promises_.readFile)(path, "utf8").catch(() => ""),
        async write(state) {
            const temporary = `${path}.${(0,external_node_crypto_.randomBytes)(4).toString("hex")}`;
            await (0,promises_.writeFile)(temporary, state);
            await (0,promises_.rename)(temporary, path);
        },
    };
}
async function buildEntry(root, key, build) {
    const temporary = (0,external_node_path_.join)(root, `.build-${key}-${(0,external_node_crypto_.randomBytes)(6).toString("hex")}`);
    await (0,promises_.mkdir)(temporary, { recursive: true, mode: 0o755 });
    try {
        await build(temporary);
        const files = {};
        for (const name of (await (0,promises_.readdir)(temporary)).sort())
            files[name] = await digestFile((0,external_node_path_.join)(temporary, name));
        await (0,promises_.writeFile)((0,external_node_path_.join)(temporary, MANIFEST), JSON.stringify({ builtMs: Date.now(), files }));
        return await putInPlace(temporary, (0,external_node_path_.join)(root, key));
    }
    finally {
        await (0,promises_.rm)(temporary, { recursive: true, force: true });
    }
}
/** Whoever comes first wins; a broken entry in the way is moved aside. */
async function putInPlace(temporary, target) {
    for (let attempt = 0; attempt < 3; attempt++) {
        try {
            await (0,promises_.rename)(temporary, target);
        }
        catch (error) {
            if (!isOccupied(error))
                throw error;
            const theirs = await readSound(target);
            if (theirs !== null)
                return theirs;
            const aside = (0,external_node_path_.join)(`${temporary}-broken`);
            await (0,promises_.rename)(target, aside).catch(() => { });
            await (0,promises_.rm)(aside, { recursive: true, force: true });
            continue;
        }
        const entry = await readSound(target);
        if (entry !== null)
            return entry;
    }
    throw new Error(`the cache entry ${target} changes while it is being written`);
}
function isOccupied(error) {
    const code = error.code;
    return code === "ENOTEMPTY" || code === "EEXIST";
}
/** Removes unfinished builds, and entries that no run has used for long. A running sandbox keeps the files it has open. */
async function removeStale(root) {
    const names = await (0,promises_.readdir)(root).catch(() => []);
    for (const name of names) {
        const isBuild = name.startsWith(".build-");
        if (!isBuild && name.startsWith("."))
            continue;
        const path = (0,external_node_path_.join)(root, name);
        const status = (await (0,promises_.stat)(sealOf(path)).catch(() => null)) ?? (await (0,promises_.stat)(path).catch(() => null));
        const ageMs = status === null ? 0 : Date.now() - status.mtimeMs;
        if (ageMs < (isBuild ? STALE_BUILD_MS : UNUSED_ENTRY_MS))
            continue;
        await (0,promises_.rm)(path, { recursive: true, force: true });
        await (0,promises_.rm)(sealOf(path), { force: true });
    }
}
async function digestFile(path) {
    const hash = (0,external_node_crypto_.createHash)("sha256");
    await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(path, { highWaterMark: 1 << 20 }), hash);
    return hash.digest("hex");
}

// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(57975);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(38522);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/kernel-modules.js






const MAX_MODULE_BYTES = 64 << 20;
/**
 * Resolves modules of one kernel from `/lib/modules/<release>` without depmod: dependencies are read from each
 * module's own `.modinfo`. Soft dependencies are not written there, so they are named as wishes by the caller.
 */
async function openModuleIndex(modulesDirectory) {
    const files = await indexModules((0,external_node_path_.join)(modulesDirectory, "kernel"));
    const builtIn = await readBuiltIn(modulesDirectory);
    return {
        async resolve(wishes) {
            const resolution = { files, builtIn, modules: [], missing: [], seen: new Set() };
            for (const name of wishes.optional ?? [])
                await need(resolution, name, true);
            for (const name of wishes.required)
                await need(resolution, name, false);
            return { modules: resolution.modules, missing: resolution.missing };
        },
    };
}
async function need(resolution, wanted, isOptional) {
    const name = canonical(wanted);
    if (resolution.seen.has(name) || resolution.builtIn.has(name))
        return;
    const file = resolution.files.get(name);
    if (file === undefined) {
        if (!isOptional)
            resolution.missing.push(name);
        return;
    }
    resolution.seen.add(name);
    const content = await readModule(file);
    for (const dependency of dependencies(content))
        await need(resolution, dependency, false);
    resolution.modules.push({ name, content });
}
/** The `depends=` line of a module's `.modinfo`. */
function dependencies(module) {
    const key = Buffer.from("\0depends=");
    const start = module.indexOf(key);
    if (start < 0)
        return [];
    const end = module.indexOf(0, start + key.length);
    const list = module.subarray(start + key.length, end).toString("latin1");
    return list.split(",").filter((name) => name !== "");
}
function canonical(name) {
    return name.replaceAll("-", "_");
}
async function indexModules(directory) {
    const files = new Map();
    const entries = await (0,promises_.readdir)(directory, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
        const match = /^(.+)\.ko(?:\.zst|\.xz|\.gz)?$/.exec(entry.name);
        if (match?.[1] !== undefined && entry.isFile())
            files.set(canonical(match[1]), (0,external_node_path_.join)(entry.parentPath, entry.name));
    }
    return files;
}
async function readBuiltIn(directory) {
    const list = await (0,promises_.readFile)((0,external_node_path_.join)(directory, "modules.builtin"), "utf8").catch(() => "");
    const names = list.split("\n").filter((line) => line !== "");
    return new Set(names.map((line) => canonical((0,external_node_path_.basename)(line).replace(/\.ko.*$/, ""))));
}
async function readModule(file) {
    if (file.endsWith(".xz")) {
        const { stdout } = await (0,external_node_util_.promisify)(external_node_child_process_.execFile)("xz", ["-dc", file], {
            encoding: "buffer",
            maxBuffer: MAX_MODULE_BYTES,
            env: find_program/* MINIMAL_ENV */.e,
        });
        return stdout;
    }
    const content = await (0,promises_.readFile)(file);
    if (file.endsWith(".zst"))
        return (0,external_node_zlib_.zstdDecompressSync)(content, { maxOutputLength: MAX_MODULE_BYTES });
    if (file.endsWith(".gz"))
        return (0,external_node_zlib_.gunzipSync)(content, { maxOutputLength: MAX_MODULE_BYTES });
    return content;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/kernel-packages.js


/** In order of preference: the small cloud flavour first, the one with every module last. */
const METAPACKAGES = {
    debian: ["linux-image-cloud-amd64", "linux-image-amd64"],
    ubuntu: ["linux-image-virtual", "linux-image-generic"],
};
async function listKernelPackages(osReleasePath = "/etc/os-release") {
    const family = distribution(await (0,promises_.readFile)(osReleasePath, "utf8").catch(() => ""));
    const names = family === null ? [] : (METAPACKAGES[family] ?? []);
    return names.map((name) => ({
        name,
        async resolve() {
            const result = await (0,run_program/* runProgram */.m)(["apt-cache", "depends", "--no-recommends", "--no-suggests", name], { timeoutMs: 30_000 });
            return result.code === 0 ? kernelPackages(result.stdout) : null;
        },
    }));
}
/** `debian` or `ubuntu`, also for distributions made from them. */
function distribution(osRelease) {
    const field = (name) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
    const words = `${field("ID")} ${field("ID_LIKE")}`.split(" ");
    if (words.includes("ubuntu"))
        return "ubuntu";
    return words.includes("debian") ? "debian" : null;
}
/**
 * The concrete packages behind `apt-cache depends` of a metapackage. Debian ships image and modules in one package,
 * Ubuntu in two or three (`linux-image-…`, `linux-modules-…`, `linux-modules-extra-…`).
 */
function kernelPackages(depends) {
    const names = [...depends.matchAll(/^\s*\|?Depends: (linux-(?:image|modules-extra)-(?:unsigned-)?(\d[\w.-]*))$/gm)];
    const image = names.find((match) => match[1]?.startsWith("linux-image-"));
    if (image?.[1] === undefined || image[2] === undefined)
        return null;
    const isSplit = /-(?:generic|azure|virtual|aws|gcp)$/.test(image[2]);
    const extra = names.map((match) => match[1] ?? "").filter((name) => name.startsWith("linux-modules-extra-"));
    return isSplit ? [image[1], `linux-modules-${image[2]}`, ...extra] : [image[1]];
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/vmlinux.js



const MAX_KERNEL_BYTES = 512 << 20;
/**
 * The ELF kernel inside a bzImage. Under software emulation the kernel's own decompressor costs seconds, so it is
 * done here once. Offsets: Documentation/arch/x86/boot.rst of the kernel. Returns null for a form not known.
 */
async function extractVmlinux(bzImage) {
    const payload = readPayload(bzImage);
    if (payload === null)
        return null;
    const elf = await decompress(payload).catch(() => null);
    return elf?.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46])) ? elf : null;
}
function readPayload(bzImage) {
    if (bzImage.length < 0x250 || bzImage.toString("latin1", 0x202, 0x206) !== "HdrS")
        return null;
    const setupSectors = bzImage[0x1f1] || 4;
    const start = (setupSectors + 1) * 512 + bzImage.readUInt32LE(0x248);
    const length = bzImage.readUInt32LE(0x24c);
    if (length < 8 || start + length > bzImage.length)
        return null;
    return bzImage.subarray(start, start + length);
}
async function decompress(payload) {
    // The last four bytes are the uncompressed size, which the compressors know nothing of.
    const body = payload.subarray(0, payload.length - 4);
    switch (body.toString("hex", 0, 4)) {
        case "02214c18":
            return decompressLz4Legacy(body);
        case "28b52ffd":
            return (0,external_node_zlib_.zstdDecompressSync)(body, { maxOutputLength: MAX_KERNEL_BYTES });
        case "fd377a58":
            return await decompressXz(body);
        default:
            return body.toString("hex", 0, 2) === "1f8b" ? (0,external_node_zlib_.gunzipSync)(body, { maxOutputLength: MAX_KERNEL_BYTES }) : null;
    }
}
function decompressXz(body) {
    return new Promise((resolve, reject) => {
        const options = { encoding: "buffer", maxBuffer: MAX_KERNEL_BYTES, timeout: 60_000, env: find_program/* MINIMAL_ENV */.e };
        const child = (0,external_node_child_process_.execFile)("xz", ["-dc", "--single-stream"], options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
        child.stdin?.on("error", () => { });
        child.stdin?.end(body);
    });
}
const LZ4_BLOCK_BYTES = 8 << 20;
/** LZ4's legacy frame: blocks of at most 8 MiB, each preceded by its compressed size. */
function decompressLz4Legacy(body) {
    const blocks = [];
    let at = 4;
    while (at + 4 <= body.length) {
        const size = body.readUInt32LE(at);
        at += 4;
        if (size === 0)
            break;
        blocks.push(decompressLz4Block(body.subarray(at, at + size)));
        at += size;
    }
    return Buffer.concat(blocks);
}
function decompressLz4Block(source) {
    const target = Buffer.alloc(LZ4_BLOCK_BYTES);
    let from = 0;
    let to = 0;
    const readLength = (nibble) => {
        let length = nibble;
        if (nibble === 15) {
            let more = 255;
            while (more === 255 && from < source.length) {
                more = source[from++] ?? 0;
                length += more;
            }
        }
        return length;
    };
    while (from < source.length) {
        const token = source[from++] ?? 0;
        const literals = readLength(token >> 4);
        source.copy(target, to, from, from + literals);
        from += literals;
        to += literals;
        if (from >= source.length)
            break;
        const offset = source.readUInt16LE(from);
        from += 2;
        const length = readLength(token & 15) + 4;
        if (offset === 0 || offset > to || to + length > LZ4_BLOCK_BYTES)
            throw new RangeError("lz4 block out of bounds");
        copyMatch(target, { to, offset, length });
        to += length;
    }
    return target.subarray(0, to);
}
/** A match may overlap what it writes: then it repeats. */
function copyMatch(target, match) {
    const { to, offset, length } = match;
    if (offset >= length) {
        target.copyWithin(to, to - offset, to - offset + length);
        return;
    }
    for (let index = 0; index < length; index++)
        target[to + index] = target[to + index - offset] ?? 0;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/kernel.js











/** What a kernel must be able to do for a part of the sandbox. */
const FEATURES = {
    // crc32c_generic is a soft dependency of libcrc32c that `depends=` does not show.
    base: {
        required: ["virtio_pci", "virtio_blk", "virtio_console", "overlay", "ext4"],
        optional: ["crc32c_generic", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_rng"],
    },
    erofs: { required: ["erofs"], optional: ["crc32c_generic"] },
    "9p": { required: ["9p", "9pnet_virtio"] },
};
const featureSchema = schemas/* strictObject */.rej({ modules: schemas/* array */.YOg(schemas/* string */.YjP()), missing: schemas/* array */.YOg(schemas/* string */.YjP()) });
const descriptionSchema = schemas/* strictObject */.rej({
    release: schemas/* string */.YjP(),
    source: schemas/* string */.YjP(),
    hasVmlinux: schemas/* boolean */.zMY(),
    features: schemas/* strictObject */.rej({ base: featureSchema, erofs: featureSchema, "9p": featureSchema }),
});
const kernel_RECIPE = "2";
const PACKAGE_KERNEL_AGE_MS = 7 * 86_400_000;
const FETCH_TIMEOUT_MS = 180_000;
/**
 * The runner's own kernel if its file and modules will do, else the distribution's kernel package, unpacked into the
 * cache. Nothing is installed on the runner.
 * @throws AirlockError `sandbox.unavailable`.
 */
async function findKernel(request) {
    const reasons = [];
    const serves = (kernel) => {
        const reason = typeof kernel === "string" ? kernel : lacks(kernel, request.needs);
        if (reason !== null)
            reasons.push(reason);
        return reason === null;
    };
    const host = await hostKernel(request);
    if (serves(host))
        return host;
    for (const packaged of await listKernelPackages()) {
        const kernel = await packageKernel(request, packaged);
        if (serves(kernel))
            return kernel;
    }
    throw new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `No kernel for the sandbox: ${reasons.join("; ") || "this distribution's kernel packages are not known"}.`,
        remedy: "Let the runner reach its package mirror once, or choose a cloud provider with the input `provider`.",
    });
}
function lacks(kernel, needs) {
    const missing = ["base", ...needs].flatMap((feature) => kernel.features[feature].missing);
    return missing.length === 0 ? null : `${kernel.source} has no module ${[...new Set(missing)].join(", ")}`;
}
async function hostKernel(request) {
    const image = `/boot/vmlinuz-${(0,external_node_os_.release)()}`;
    const modules = `/lib/modules/${(0,external_node_os_.release)()}`;
    const status = await (0,promises_.stat)(image).catch(() => null);
    if (status === null)
        return `the runner has no ${image}`;
    if ((await (0,promises_.stat)((0,external_node_path_.join)(modules, "kernel")).catch(() => null)) === null)
        return `the runner has no ${modules}`;
    const key = (0,external_node_crypto_.createHash)("sha256").update(`${image} ${status.size} ${status.mtimeMs} ${kernel_RECIPE}`).digest("hex").slice(0, 16);
    try {
        return await kernel_open(await request.cache.entry({
            key: `kernel-host-${(0,external_node_os_.release)()}-${key}`,
            build: async (directory) => {
                const copied = await readAsRoot(image, (0,external_node_path_.join)(directory, "bzImage"));
                if (copied !== null)
                    throw new Error(`${image} cannot be read: ${copied}`);
                await kernel_describe({ directory, modules, release: (0,external_node_os_.release)(), source: `the runner's kernel ${(0,external_node_os_.release)()}` });
            },
        }));
    }
    catch (error) {
        return (0,errors/* messageOf */.bD)(error);
    }
}
/** Ubuntu keeps kernel files readable by root only. Returns why it could not be read, or null. */
async function readAsRoot(source, target) {
    const copied = await (0,promises_.copyFile)(source, target).then(() => true, () => false);
    if (copied)
        return null;
    const prefix = await rootPrefix();
    if (prefix === null)
        return "only root may, and there is no sudo without a password";
    const owner = String(process.getuid?.() ?? 0);
    const result = await (0,run_program/* runProgram */.m)(["install", "-m", "0600", "-o", owner, "--", source, `${target}.part`], { timeoutMs: 30_000, prefix });
    if (result.code !== 0)
        return (0,run_program/* lastWords */.a)(result);
    await (0,promises_.rename)(`${target}.part`, target);
    return null;
}
async function packageKernel(request, packaged) {
    const prefix = `kernel-package-${packaged.name}-r${kernel_RECIPE}-`;
    const [newest] = await request.cache.find(prefix);
    if (newest !== undefined && Date.now() - newest.builtMs < PACKAGE_KERNEL_AGE_MS)
        return await kernel_open(newest);
    const packages = await packaged.resolve();
    if (packages === null)
        return newest === undefined ? `apt does not know the package ${packaged.name}` : await kernel_open(newest);
    request.notify(`Fetching ${packages.join(", ")} for the sandbox's kernel; it is unpacked into the cache, not installed.`);
    try {
        const key = (0,external_node_crypto_.createHash)("sha256").update(packages.join(" ")).digest("hex").slice(0, 16);
        return await kernel_open(await request.cache.entry({
            key: `${prefix}${key}`,
            build: (directory) => buildFromPackages(directory, { packages, log: request.notify }),
        }));
    }
    catch (error) {
        if (newest !== undefined)
            return await kernel_open(newest);
        return (0,errors/* messageOf */.bD)(error);
    }
}
async function buildFromPackages(directory, { packages, log }) {
    const scratch = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), "airlock-kernel-"));
    try {
        const fetched = await fetchPackages({ packages, into: scratch, timeoutMs: FETCH_TIMEOUT_MS, log });
        if (!fetched.ok)
            throw new Error(`${packages.join(", ")} could not be fetched: ${fetched.detail}`);
        const images = await (0,promises_.readdir)((0,external_node_path_.join)(scratch, "root/boot")).catch(() => []);
        const image = images.find((name) => name.startsWith("vmlinuz-"));
        if (image === undefined)
            throw new Error(`${packages.join(", ")} holds no kernel image`);
        const name = image.slice("vmlinuz-".length);
        const modules = await firstDirectory([(0,external_node_path_.join)(scratch, "root/lib/modules", name), (0,external_node_path_.join)(scratch, "root/usr/lib/modules", name)]);
        await (0,promises_.copyFile)((0,external_node_path_.join)(scratch, "root/boot", image), (0,external_node_path_.join)(directory, "bzImage"));
        await kernel_describe({ directory, modules, release: name, source: `${packages[0]}` });
    }
    finally {
        await (0,promises_.rm)(scratch, { recursive: true, force: true });
    }
}
async function firstDirectory(paths) {
    for (const path of paths) {
        if ((await (0,promises_.stat)(path).catch(() => null))?.isDirectory())
            return path;
    }
    throw new Error(`no modules at ${paths.join(" or ")}`);
}
/** Resolves and unpacks the modules, extracts vmlinux and writes down the result. */
async function kernel_describe(parts) {
    const index = await openModuleIndex(parts.modules);
    const features = {};
    for (const [feature, wishes] of Object.entries(FEATURES)) {
        const { modules, missing } = await index.resolve(wishes);
        for (const { name, content } of modules)
            await (0,promises_.writeFile)((0,external_node_path_.join)(parts.directory, `${name}.ko`), content);
        features[feature] = { modules: modules.map(({ name }) => name), missing };
    }
    const vmlinux = await extractVmlinux(await (0,promises_.readFile)((0,external_node_path_.join)(parts.directory, "bzImage")));
    if (vmlinux !== null)
        await (0,promises_.writeFile)((0,external_node_path_.join)(parts.directory, "vmlinux"), vmlinux);
    const description = { release: parts.release, source: parts.source, hasVmlinux: vmlinux !== null, features };
    await (0,promises_.writeFile)((0,external_node_path_.join)(parts.directory, "kernel.json"), JSON.stringify(description));
}
async function kernel_open(entry) {
    const description = descriptionSchema.parse(JSON.parse(await (0,promises_.readFile)((0,external_node_path_.join)(entry.directory, "kernel.json"), "utf8")));
    return {
        ...description,
        bzImage: (0,external_node_path_.join)(entry.directory, "bzImage"),
        vmlinux: description.hasVmlinux ? (0,external_node_path_.join)(entry.directory, "vmlinux") : null,
        digest: entry.digests.bzImage ?? "",
        readModule: (name) => (0,promises_.readFile)((0,external_node_path_.join)(entry.directory, `${name}.ko`)),
    };
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/privilege.js



/**
 * Root where we are root; else a user namespace where an unprivileged one is allowed (Ubuntu 24.04's AppArmor refuses it);
 * else sudo.
 * @throws AirlockError `sandbox.unavailable`.
 */
async function findPrivilege(tools) {
    const isRoot = process.getuid?.() === 0;
    const namespaces = ["--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"];
    const user = isRoot ? [] : ["--unshare-user"];
    const attempt = await (0,run_program/* runProgram */.m)([tools.bwrap, ...user, ...namespaces], { timeoutMs: 10_000 });
    if (attempt.code === 0)
        return { kind: isRoot ? "root" : "user-namespace" };
    const prefix = await rootPrefix();
    if (prefix !== null && prefix.length > 0)
        return { kind: "sudo", sudo: prefix };
    throw new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `This runner does not let Airlock confine QEMU: ${(0,run_program/* lastWords */.a)(attempt)}.`,
        remedy: "Run the job on the machine itself rather than in a container; allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0) or sudo without a password; or choose a cloud provider with the input `provider`.",
    });
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/run-directory.js





/** What is written beside a sandbox, so that another process can find and end it. */
const labelSchema = schemas/* strictObject */.rej({
    id: schemas/* string */.YjP(),
    run: schemas/* strictObject */.rej({ repository: schemas/* string */.YjP(), runId: schemas/* string */.YjP(), attempt: schemas/* number */.aig() }),
    purpose: schemas/* string */.YjP(),
    createdMs: schemas/* number */.aig(),
    deadlineMs: schemas/* number */.aig(),
});
const ID = /^airlock-[0-9a-f]{16}$/;
const LABEL_FILE = "sandbox.json";
/** A folder without a readable label is left alone for this long: its maker may be about to write it. */
const UNLABELLED_AGE_MS = 600_000;
function openRunDirectory(root) {
    const pathOf = (id) => (0,external_node_path_.join)(root, id);
    const list = async () => (await (0,promises_.readdir)(root).catch(() => [])).filter((name) => ID.test(name));
    const destroy = async (id) => {
        if (!ID.test(id))
            return;
        const left = await killProcesses(id);
        if (left > 0)
            throw new Error(`${left} processes of sandbox ${id} do not end`);
        await (0,promises_.rm)(pathOf(id), { recursive: true, force: true });
    };
    return {
        async add({ run, purpose, lifetimeMs }) {
            const id = `airlock-${(0,external_node_crypto_.randomBytes)(8).toString("hex")}`;
            const path = pathOf(id);
            await (0,promises_.mkdir)(path, { recursive: true, mode: 0o700 });
            const createdMs = Date.now();
            await writeLabel(path, { id, run: { ...run }, purpose, createdMs, deadlineMs: createdMs + lifetimeMs });
            return { id, path };
        },
        async findByRun(run) {
            const found = [];
            for (const id of await list()) {
                const label = await readLabel(pathOf(id), id);
                if (label !== null && isSameRun(label.run, run))
                    found.push(id);
            }
            return found;
        },
        destroy,
        async sweep(nowMs) {
            const ended = [];
            for (const id of await list()) {
                if (!(await isOverdue(pathOf(id), id, nowMs)))
                    continue;
                await destroy(id);
                ended.push(id);
            }
            return ended;
        },
    };
}
async function writeLabel(directory, label) {
    const temporary = (0,external_node_path_.join)(directory, `${LABEL_FILE}.part`);
    await (0,promises_.writeFile)(temporary, JSON.stringify(label), { mode: 0o600 });
    await (0,promises_.rename)(temporary, (0,external_node_path_.join)(directory, LABEL_FILE));
}
async function readLabel(directory, id) {
    try {
        const label = labelSchema.parse(JSON.parse(await (0,promises_.readFile)((0,external_node_path_.join)(directory, LABEL_FILE), "utf8")));
        return label.id === id ? label : null;
    }
    catch {
        return null;
    }
}
function isSameRun(a, b) {
    return a.repository === b.repository && a.runId === b.runId && a.attempt === b.attempt;
}
async function isOverdue(directory, id, nowMs) {
    const label = await readLabel(directory, id);
    if (label !== null)
        return label.deadlineMs <= nowMs;
    const status = await (0,promises_.stat)(directory).catch(() => null);
    const isOld = status !== null && nowMs - status.mtimeMs > UNLABELLED_AGE_MS;
    return isOld && (await findProcesses(id)).length === 0;
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/microvm/provider.js

















/** Roots that `template` may name. */
const TEMPLATES = ["", "closure", "host-view"];
const GAPS = [
    {
        law: "cut-carrier",
        reason: "The two streams are virtio ports of a machine on the runner itself: no connection carries them that could be cut, and they end with the machine.",
    },
];
/** A microVM on the runner itself: no account, no network device, QEMU with KVM or by software emulation. */
function openMicrovmProvider(options) {
    const runs = openRunDirectory(options.runDirectory);
    const cache = openArtefactCache(options.cacheDirectory);
    const warnOnce = (0,warn_once/* openWarnOnce */.m)();
    const prepare = onceSucceeded(() => preparePlatform({ options, cache, needs: [] }));
    // Not every kernel has 9p, so it is asked for only where it is wanted.
    const prepareForView = onceSucceeded(() => preparePlatform({ options, cache, needs: ["9p"] }));
    return {
        name: "microvm",
        gaps: GAPS,
        room: async () => measureRoom(),
        async create(spec) {
            const template = readTemplate(spec.template);
            // Preparation is shared with the next sandbox, so it goes on even if this run is aborted.
            const { platform, acceleration: judged } = await (0,deadline/* abandonOnAbort */.Fx)(spec.signal, template === "host-view" ? prepareForView : prepare);
            const prepareImage = () => prepareClosureImage({ ...platform, cache, nodeBinary: options.nodeBinary, notify: spec.notify, log: options.notify });
            if (template === "")
                buildMeanwhile(judged, prepareImage);
            const acceleration = await (0,deadline/* abandonOnAbort */.Fx)(spec.signal, () => judged);
            if (acceleration.kind === "tcg") {
                warnOnce(spec, `The sandbox runs in software emulation, which is several times slower: ${acceleration.reason}.`);
            }
            const choice = { options, platform, acceleration, template, spec, prepareImage, warnOnce };
            const root = await (0,deadline/* abandonOnAbort */.Fx)(spec.signal, () => chooseRoot(choice));
            const layers = await (0,deadline/* abandonOnAbort */.Fx)(spec.signal, () => prepareLayers({ cache, platform, spec, log: options.notify }));
            const request = { platform, runs, spec, root, layers, ...chooseSize(spec, acceleration) };
            return await bootWithRetry(listAttempts(acceleration), (attempt) => bootSandbox(request, attempt), spec);
        },
        findByRun: (run) => runs.findByRun(run),
        destroy: (id) => runs.destroy(id),
        sweep: (nowMs) => runs.sweep(nowMs),
    };
}
const IMAGE_HEAD_START_MS = 3_000;
/** If KVM works, the probe soon knows; one that takes long will most likely fail, and then the image is needed. */
function buildMeanwhile(judged, prepareImage) {
    const timer = setTimeout(() => void prepareImage().catch(() => { }), IMAGE_HEAD_START_MS);
    const stop = () => clearTimeout(timer);
    judged.then(stop, stop);
}
async function preparePlatform({ options, cache, needs }) {
    if (process.platform !== "linux" || process.arch !== "x64") {
        throw new errors/* AirlockError */.qR("sandbox.unavailable", {
            message: `The microVM provider runs on Linux on x64; this runner is ${process.platform} on ${process.arch}.`,
            remedy: "Run the job on an x64 Linux runner, or choose a cloud provider with the input `provider`.",
        });
    }
    const tools = await findTools(options.notify);
    const [privilege, view, kernel, qemu] = await Promise.all([
        options.privilege ?? findPrivilege(tools),
        readQemuView(tools),
        findKernel({ cache, needs, notify: options.notify }),
        readQemuVersion(tools),
    ]);
    const acceleration = findAcceleration({ ...options, tools, privilege, view, kernel });
    acceleration.catch(() => { });
    const versions = { qemu, kernel: `${kernel.release} (sha256:${kernel.digest})`, node: await readNodeVersion(options.nodeBinary) };
    return { platform: { tools, privilege, view, kernel, guestFile: options.guestFile, versions }, acceleration };
}
async function readQemuVersion(tools) {
    const { stdout } = await (0,run_program/* runProgram */.m)([tools.qemu, "--version"], { timeoutMs: 20_000 });
    return /version (\S+)/.exec(stdout)?.[1] ?? "unknown";
}
async function readNodeVersion(nodeBinary) {
    if (nodeBinary === process.execPath)
        return process.versions.node;
    const { stdout } = await (0,run_program/* runProgram */.m)([nodeBinary, "--version"], { timeoutMs: 20_000 });
    return stdout.trim().replace(/^v/, "") || "unknown";
}
function readTemplate(template) {
    const known = TEMPLATES.find((name) => name === template);
    if (known !== undefined)
        return known;
    throw new errors/* AirlockError */.qR("input.invalid", {
        message: `The provider \`microvm\` has no template \`${template}\`.`,
        remedy: "Leave the input `template` empty, or set it to `closure` or `host-view`.",
    });
}
/** The runner's whole toolchain where that is fast, which is with KVM; else an image of the common programs. */
async function chooseRoot({ options, platform, acceleration, template, spec, prepareImage, warnOnce }) {
    const { kernel, privilege } = platform;
    const wantsView = template === "host-view" || (template === "" && acceleration.kind === "kvm");
    if (wantsView) {
        const missing = kernel.features["9p"].missing;
        const view = missing.length > 0
            ? `${kernel.source} has no module ${missing.join(", ")}`
            : await readHostView({ ...options, privilege, secretFolders: secretFolders(options) });
        if (typeof view !== "string")
            return { kind: "host-view", view };
        if (template === "host-view") {
            throw new errors/* AirlockError */.qR("sandbox.unavailable", {
                message: `The template \`host-view\` cannot be had on this runner: ${view}.`,
                remedy: "Leave the input `template` empty, or set it to `closure`.",
            });
        }
        warnOnce(spec, `The sandbox gets an image of the runner's common programs instead of all of them: ${view}.`);
    }
    return { kind: "image", image: await prepareImage() };
}
/** Folders of this job that hold its secrets or its work. */
function secretFolders(options) {
    const named = ["HOME", "RUNNER_TEMP", "RUNNER_WORKSPACE", "GITHUB_WORKSPACE"].map((name) => process.env[name] ?? "");
    return [...named, process.cwd(), options.runDirectory].filter((path) => path.startsWith("/") && path !== "/");
}
async function prepareLayers({ cache, platform, spec, log, }) {
    const disks = [];
    for (const layer of spec.layers) {
        const image = await prepareLayerImage({ cache, tools: platform.tools, kernel: platform.kernel, layer, notify: spec.notify, log });
        disks.push({ image, mountPath: layer.mountPath });
    }
    return disks;
}
/** Memory: room for an agent, a language server and a test run; most of what is free for all sandboxes together. */
function measureRoom() {
    const freeMib = Math.floor((0,external_node_os_.freemem)() / (1 << 20));
    return { memoryMib: Math.max(512, Math.floor(freeMib * 0.6)), freeMib, usualMib: 2048 };
}
/**
 * What a spec leaves open is filled in as for a sandbox that is alone. With software emulation each processor costs the runner a core and a
 * fifth of the boot, so half of the cores are left to the runner.
 */
function chooseSize({ cpus, memoryMib }, acceleration) {
    const cores = (0,external_node_os_.availableParallelism)();
    const usual = acceleration.kind === "kvm" ? Math.min(cores, 4) : Math.max(1, Math.min(2, Math.floor(cores / 2)));
    return { cpus: cpus > 0 ? cpus : usual, memoryMib: memoryMib > 0 ? memoryMib : (0,shares/* shareOut */.M)(0, measureRoom()).memoryMib };
}
const TCG = { kvm: null, image: "vmlinux", isVerbose: false, firstByteTimeoutMs: 90_000, readyTimeoutMs: 150_000 };
/** Emulation is slower, never weaker: the boundary is the same machine without a network device. */
function listAttempts(acceleration) {
    const emulated = [TCG, { ...TCG, image: "bzImage", isVerbose: true, readyTimeoutMs: 240_000 }];
    if (acceleration.kind === "tcg")
        return emulated;
    const kvm = {
        kvm: acceleration.access,
        image: "bzImage",
        isVerbose: false,
        firstByteTimeoutMs: 20_000,
        readyTimeoutMs: 60_000,
    };
    return [kvm, { ...kvm, isVerbose: true }, ...emulated];
}
async function bootWithRetry(attempts, boot, spec) {
    const [attempt, ...rest] = attempts;
    if (attempt === undefined)
        throw new RangeError("no way to boot");
    try {
        return await boot(attempt);
    }
    catch (error) {
        const next = rest[0];
        if (spec.signal.aborted || next === undefined)
            throw error;
        const how = next.kvm === null && attempt.kvm !== null ? " in software emulation" : "";
        spec.notify(`${provider_firstLine(error)} Trying again${how}.`);
    }
    return await bootWithRetry(rest, boot, spec);
}
function provider_firstLine(error) {
    return (0,errors/* messageOf */.bD)(error).split("\n")[0] ?? "";
}


/***/ })

};
