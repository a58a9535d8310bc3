export const id = 926;
export const ids = [926];
export const modules = {

/***/ 69342:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  D: () => (/* binding */ bootstrapGuest),
  U: () => (/* binding */ readLastWords)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(31421);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(38522);
// EXTERNAL MODULE: ./lib/adapters/programs/find-program.js
var find_program = __webpack_require__(4284);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap/machine.js
var bootstrap_machine = __webpack_require__(96916);
// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/bootstrap/scripts.js
var scripts = __webpack_require__(83837);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/bootstrap/archive.js









const UPLOAD_TIMEOUT_MS = 1_800_000;
/** An upload that makes no progress for this long, or whose end is not confirmed, is started again. */
const STALL_MS = 30_000;
const UNPACK_TIMEOUT_MS = 300_000;
/**
 * Sends a folder to the machine as one compressed archive. Its hash is computed while it is sent and compared on the machine, so that a
 * damaged or missing upload is noticed.
 * @throws AirlockError `sandbox.unavailable`
 */
async function bringArchive(options) {
    const { machine, signal, name, place, digest, borrowed } = options;
    const archive = `/opt/airlock/upload/${name}.tgz`;
    await (0,bootstrap_machine/* retryRun */.GJ)(`bring ${name}`, signal, async () => {
        const sha256 = await upload(archive, options);
        const args = [place, digest, archive, sha256, ...[...borrowed].flat()];
        const output = await (0,bootstrap_machine/* runScript */.j3)({ machine, signal, script: scripts/* UNPACK_SCRIPT */.fe, args, timeoutMs: UNPACK_TIMEOUT_MS });
        if (!output.includes("unpacked=yes"))
            throw new bootstrap_machine/* Interrupted */.j$(`${name} arrived damaged.`);
    });
}
/** Returns the sha256 of what was sent. */
async function upload(path, options) {
    const stall = new AbortController();
    const timer = setTimeout(() => stall.abort(new bootstrap_machine/* Interrupted */.j$("An upload came to a stand.")), options.stallMs ?? STALL_MS);
    const sent = packFolder(options, () => void timer.refresh());
    try {
        const signal = AbortSignal.any([options.signal, stall.signal]);
        await options.machine.writeFile(path, sent.stream, { timeoutMs: UPLOAD_TIMEOUT_MS, signal });
        return await sent.sha256;
    }
    finally {
        clearTimeout(timer);
        sent.stream.destroy();
    }
}
/** The archive as a stream: memory use does not grow with the folder. */
function packFolder({ directory, entry, borrowed, signal }, onProgress) {
    const excluded = [...borrowed.keys()].map((path) => `--exclude=./${path}`);
    const args = ["--create", "--file=-", `--directory=${directory}`, "--owner=0", "--group=0", "--numeric-owner", ...excluded, "--", entry];
    const child = (0,external_node_child_process_.spawn)("tar", args, { stdio: ["ignore", "pipe", "pipe"], env: find_program/* MINIMAL_ENV */.e, signal });
    let complaint = "";
    child.stderr.on("data", (chunk) => {
        complaint = `${complaint}${chunk.toString("utf8")}`.slice(-500);
    });
    const ended = new Promise((settle) => {
        child.once("error", () => settle(null));
        child.once("close", settle);
    });
    const hash = (0,external_node_crypto_.createHash)("sha256");
    const { promise: sha256, resolve, reject } = Promise.withResolvers();
    sha256.catch(() => undefined);
    const tap = new external_node_stream_.Transform({
        transform(chunk, _encoding, done) {
            hash.update(chunk);
            onProgress();
            done(null, chunk);
        },
        flush(done) {
            ended.then((code) => {
                if (code === 0)
                    resolve(hash.digest("hex"));
                done(code === 0 ? null : unpackable(directory, complaint));
            }, done);
        },
    });
    const stream = new external_node_stream_.PassThrough({ highWaterMark: 262_144 });
    (0,external_node_stream_promises_.pipeline)(child.stdout, (0,external_node_zlib_.createGzip)({ level: 1 }), tap, stream).catch((error) => {
        child.kill("SIGKILL");
        reject(error);
        stream.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    return { stream, sha256 };
}
function unpackable(directory, complaint) {
    return new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: `tar could not read ${directory} on the runner: ${complaint.trim()}`,
        remedy: "Make sure that `tar` is on the runner's path and that its cache is readable; run again.",
    });
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/bootstrap/layers.js








/** From this size on, it is worth checking whether the machine has the file already. */
const LARGE_BYTES = 4 * 1024 * 1024;
const PLACES = /^\/(?:opt|usr\/local|srv)\/[A-Za-z0-9._/-]+$/;
/** @throws AirlockError `sandbox.unavailable` if the layer does not exist or would be mounted over a folder of the system */
async function findLargeFiles(layer) {
    if (!PLACES.test(layer.mountPath) || layer.mountPath.includes("..")) {
        throw new errors/* AirlockError */.qR("sandbox.unavailable", {
            message: `The layer ${layer.name} cannot be put at ${layer.mountPath}.`,
            remedy: "Use a place below /opt, /usr/local or /srv.",
        });
    }
    const entries = await (0,promises_.readdir)(layer.directory, { recursive: true, withFileTypes: true }).catch((cause) => {
        throw new errors/* AirlockError */.qR("sandbox.unavailable", {
            message: `The layer ${layer.name} is not at ${layer.directory}.`,
            remedy: "Prepare the layer first; clear the runner's tool cache when it is damaged.",
            cause,
        });
    });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => (0,external_node_path_.join)(entry.parentPath, entry.name));
    const sized = await Promise.all(files.map(async (file) => ({ file, bytes: (await (0,promises_.stat)(file)).size })));
    return sized
        .filter(({ bytes }) => bytes >= LARGE_BYTES)
        .map(({ file, bytes }) => ({ path: (0,external_node_path_.relative)(layer.directory, file), name: file.slice(file.lastIndexOf("/") + 1), bytes }));
}
/**
 * Puts a layer in place. What the image has already, byte for byte, is not sent: the whole layer if its digest is there, else large
 * programs of the same name and hash.
 * @returns where it came from, for the record
 */
async function placeLayer(options) {
    const { layer, survey } = options;
    if (survey.layers.get(layer.mountPath) === layer.digest)
        return "image";
    const borrowed = await findBorrowed(options);
    const { name, directory, mountPath: place, digest } = layer;
    await bringArchive({ ...options, name, directory, entry: ".", place, digest, borrowed });
    return borrowed.size > 0 ? "image in part" : "brought";
}
async function findBorrowed({ machine, signal, layer, largeFiles, survey }) {
    const candidates = largeFiles.flatMap((file) => {
        const found = survey.found.get(file.name);
        return found === undefined || found.bytes !== file.bytes ? [] : [{ ...file, theirs: found.path }];
    });
    if (candidates.length === 0)
        return new Map();
    const [output, ...ours] = await Promise.all([
        (0,bootstrap_machine/* runScript */.j3)({ machine, signal, script: scripts/* DIGEST_SCRIPT */.zH, args: candidates.map((each) => each.theirs) }),
        ...candidates.map((each) => hashFile((0,external_node_path_.join)(layer.directory, each.path))),
    ]);
    const same = candidates.filter((each, at) => output.includes(`sha256=${ours[at] ?? "none"} ${each.theirs}\n`));
    return new Map(same.map((each) => [each.path, each.theirs]));
}
async function hashFile(path) {
    const hash = (0,external_node_crypto_.createHash)("sha256");
    for await (const chunk of (0,external_node_fs_.createReadStream)(path, { highWaterMark: 1 << 20 }))
        hash.update(chunk);
    return hash.digest("hex");
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/bootstrap/survey.js



/** The oldest version for which the guest program and Claude Code are made. */
const MIN_NODE_MAJOR = 22;
/** @throws AirlockError `sandbox.unavailable` */
async function surveyMachine(options) {
    const { machine, signal, places, programs } = options;
    const output = await (0,bootstrap_machine/* runScript */.j3)({ machine, signal, script: scripts/* SURVEY_SCRIPT */.T2, args: [...places, "--", ...programs] });
    return parseSurvey(output);
}
function parseSurvey(output) {
    const lines = output.split("\n").map((line) => {
        const at = line.indexOf("=");
        return at < 0 ? ["", ""] : [line.slice(0, at), line.slice(at + 1).trim()];
    });
    const all = (key) => lines.filter(([name]) => name === key).map(([, value]) => value);
    const one = (key) => all(key).at(-1) ?? "";
    if (one("uid") === "" || one("architecture") === "")
        throw unreadable();
    const nodes = all("node").map(parseNode);
    return {
        uid: Number(one("uid")),
        architecture: one("architecture"),
        kernel: one("kernel"),
        git: one("git"),
        programs: new Set(all("has")),
        musl: one("musl") === "yes",
        node: nodes.find((node) => node.usable) ?? nodes[0],
        layers: new Map(all("layer").map((value) => [after(value, 1), value.split(" ", 1)[0] ?? ""])),
        found: new Map(all("program").map((value) => [value.split(" ", 1)[0] ?? "", { bytes: Number(value.split(" ")[1]), path: after(value, 2) }])),
    };
}
function parseNode(value) {
    const version = (value.split(" ", 1)[0] ?? "").replace(/^v/, "");
    return { version, path: after(value, 1), usable: Number.parseInt(version, 10) >= MIN_NODE_MAJOR };
}
/** The rest after the first `words` words; paths may contain spaces. */
function after(value, words) {
    return value.split(" ").slice(words).join(" ");
}
function unreadable() {
    return new errors/* AirlockError */.qR("sandbox.unavailable", {
        message: "The sandbox did not say what it is: the survey of its programs came back empty.",
        remedy: "Run again. With a template of your own, make sure that it has a POSIX shell and coreutils.",
    });
}

// EXTERNAL MODULE: ./lib/adapters/sandbox/shared/resumed-streams.js + 7 modules
var resumed_streams = __webpack_require__(18455);
;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/bootstrap.js










/** Where the guest program is installed; only root can read it. */
const HOME = "/run/airlock";
const OWN_NODE = "/opt/airlock/node";
const FILE_TIMEOUT_MS = 60_000;
/**
 * Makes a fresh cloud machine into a guest that waits for its runner: the guest program, Node when missing, layers, the agent's user and
 * folders, no way for that user to become root, and the program started so that nothing but its own end stops it.
 * Every step may be repeated, so a lost answer costs a step and not the machine.
 * @returns versions of what was found and brought, for the record
 * @throws AirlockError `sandbox.unavailable`, `run.cancelled`, and what `machine` throws
 */
async function bootstrapGuest(options) {
    const { machine, signal } = options;
    const layers = await Promise.all(options.layers.map(async (layer) => ({ layer, largeFiles: await findLargeFiles(layer) })));
    const survey = await surveyMachine({
        machine,
        signal,
        places: options.layers.map((layer) => layer.mountPath),
        programs: layers.flatMap(({ largeFiles }) => largeFiles.map((file) => file.name)),
    });
    requireUsable(survey, options);
    await (0,bootstrap_machine/* runScript */.j3)({ machine, signal, script: scripts/* PREPARE_SCRIPT */._9, args: [HOME] });
    if (options.dropRootLater !== true)
        await (0,bootstrap_machine/* runScript */.j3)({ machine, signal, script: scripts/* DROP_ROOT_SCRIPT */.VU, args: [] });
    const node = await provideNode(survey, options);
    await putGuestProgram(options);
    const origins = {};
    for (const each of layers)
        origins[`layer ${each.layer.name}`] = await placeLayer({ ...each, ...bootstrap_upload(options), survey });
    await startGuest(node.path, options);
    return { kernel: survey.kernel, git: survey.git, node: node.version, ...origins };
}
function bootstrap_upload({ machine, signal, stallMs }) {
    return { machine, signal, ...(stallMs === undefined ? {} : { stallMs }) };
}
function requireUsable(survey, { image }) {
    if (survey.uid !== 0)
        throw unusable(`${image} runs no command as root`, "Use a template that does.");
    const missing = ["tar", "gzip", "sha256sum"].filter((name) => !survey.programs.has(name));
    const names = [...(survey.git === "" ? ["git"] : []), ...missing].join(", ");
    if (names !== "")
        throw unusable(`${image} lacks ${names}`, `Use a template that has ${names}.`);
}
function unusable(what, remedy) {
    return new errors/* AirlockError */.qR("sandbox.unavailable", { message: `The sandbox cannot be used: ${what}.`, remedy });
}
const ARCHITECTURES = { x86_64: "x64", aarch64: "arm64" };
/** The machine's own Node if it is recent enough, else the runner's. */
async function provideNode(survey, options) {
    const { node, musl, architecture } = survey;
    if (node?.usable === true)
        return node;
    const { image, nodeBinary, nodeArch } = options;
    const found = node === undefined ? "no Node" : `Node ${node.version}`;
    if (musl || ARCHITECTURES[architecture] !== nodeArch) {
        const kind = `${architecture}${musl ? " with musl" : ""}`;
        const what = `${image} has ${found}, and the runner's own, made for ${nodeArch}, does not run on ${kind}`;
        throw unusable(what, `Use a template that has Node ${MIN_NODE_MAJOR} or later.`);
    }
    options.notify(`${image} has ${found}; the runner's Node ${process.versions.node} is brought along.`);
    const place = `${OWN_NODE}/bin`;
    const digest = `node ${process.versions.node}`;
    const entry = (0,external_node_path_.basename)(nodeBinary);
    await bringArchive({ ...bootstrap_upload(options), name: "node", directory: (0,external_node_path_.dirname)(nodeBinary), entry, place, digest, borrowed: new Map() });
    return { path: `${place}/${entry}`, version: `${process.versions.node} (brought)` };
}
/** Sent as an archive, like everything that is large enough to arrive in part. */
async function putGuestProgram(options) {
    const { guestFile } = options;
    const digest = (0,external_node_crypto_.createHash)("sha256")
        .update(await (0,promises_.readFile)(guestFile))
        .digest("hex");
    const directory = (0,external_node_path_.dirname)(guestFile);
    await bringArchive({ ...bootstrap_upload(options), name: "guest", directory, entry: ".", place: `${HOME}/guest`, digest, borrowed: new Map() });
}
/** The token is sent last, so that it is on disk for the shortest time; the guest deletes it when it starts. */
async function startGuest(node, { machine, signal, token }) {
    const content = Buffer.from(Buffer.from(token).toString("hex"));
    await (0,bootstrap_machine/* putFile */.UN)({ machine, signal, path: `${HOME}/token`, content: () => content, timeoutMs: FILE_TIMEOUT_MS });
    const ports = [String(resumed_streams/* RESUMED_PORTS */.P.control), String(resumed_streams/* RESUMED_PORTS */.P.egress)];
    await (0,bootstrap_machine/* runScript */.j3)({ machine, signal, script: scripts/* START_SCRIPT */.NZ, args: [HOME, node, ...ports] });
}
const LAST_WORDS_TIMEOUT_MS = 10_000;
/** The end of the log of a guest that does not answer; empty if there is none. */
async function readLastWords(machine, signal) {
    const script = `tail -c 1000 "$1/guest.log" 2> /dev/null | tr -c '[:print:]\\n' '?'`;
    return (await (0,bootstrap_machine/* runScript */.j3)({ machine, signal, script, args: [HOME], timeoutMs: LAST_WORDS_TIMEOUT_MS }).catch(() => "")).trim();
}


/***/ }),

/***/ 96916:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GJ: () => (/* binding */ retryRun),
/* harmony export */   UN: () => (/* binding */ putFile),
/* harmony export */   j$: () => (/* binding */ Interrupted),
/* harmony export */   j3: () => (/* binding */ runScript)
/* harmony export */ });
/* unused harmony export quoteForShell */
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(77598);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(58500);
/* harmony import */ var _domain_deadline_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(35178);
/* harmony import */ var _domain_errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(49285);




/** The connection broke before the answer came. The call should be repeated where that is safe. */
class Interrupted extends Error {
    constructor(message, cause) {
        super(message, { cause });
        this.name = "Interrupted";
    }
}
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const SCRIPT_TIMEOUT_MS = 40_000;
const MAX_SHOWN_CHARACTERS = 500;
/**
 * Runs a script and returns what it printed. It counts as done only if its own last line arrived, whatever the exit code.
 * @throws AirlockError `sandbox.unavailable` if it fails or its end is not seen
 */
async function runScript(options) {
    const { machine, args, signal, timeoutMs = SCRIPT_TIMEOUT_MS } = options;
    return await retryRun("run a script", signal, async () => {
        const mark = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(8).toString("hex");
        const command = `exec 2>&1\nset -eu\nset -- ${args.map(quoteForShell).join(" ")}\nprintf '\\nbegin-%s\\n' ${mark}\n${options.script}\nprintf '\\nend-%s\\n' ${mark}\n`;
        const { code, output } = await machine.run(command, { timeoutMs, signal });
        const end = output.indexOf(`\nend-${mark}\n`);
        if (code === 0 && end >= 0)
            return afterLast(output.slice(0, end), `begin-${mark}\n`);
        if (code === 0)
            throw new Interrupted("A script's exit code says success, but the end of its output did not arrive.");
        throw failed(code, afterLast(output, `begin-${mark}\n`));
    });
}
/** If output was delivered twice, its mark is there twice. */
function afterLast(text, mark) {
    const at = text.lastIndexOf(mark);
    return at < 0 ? text : text.slice(at + mark.length);
}
function failed(code, output) {
    const tail = output
        .replace(/[^\x20-\x7e\n]/g, "?")
        .trim()
        .slice(-MAX_SHOWN_CHARACTERS);
    return new _domain_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .AirlockError */ .qR("sandbox.unavailable", {
        message: `The sandbox could not be prepared; a script ended with exit code ${code}${tail === "" ? "." : `: ${tail}`}`,
        remedy: "Run again. With a template of your own, make sure that it has git, tar, gzip, coreutils and room on its disk.",
    });
}
/** `content` is called again for each attempt. @throws AirlockError `sandbox.unavailable` */
async function putFile(options) {
    const { machine, path, content, timeoutMs, signal } = options;
    await retryRun(`write ${path}`, signal, () => machine.writeFile(path, content(), { timeoutMs, signal }));
}
/** Repeats an interrupted call a few times. */
async function retryRun(what, signal, act) {
    for (let attempt = 1;; attempt++) {
        try {
            signal.throwIfAborted();
            return await act();
        }
        catch (error) {
            if (signal.aborted)
                throw (0,_domain_deadline_js__WEBPACK_IMPORTED_MODULE_2__/* .abortReason */ .Js)(signal);
            if (!(error instanceof Interrupted))
                throw error;
            if (attempt >= ATTEMPTS)
                throw gaveUp(what, error);
        }
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_1__.setTimeout)(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
    }
}
function gaveUp(what, cause) {
    return new _domain_errors_js__WEBPACK_IMPORTED_MODULE_3__/* .AirlockError */ .qR("sandbox.unavailable", {
        message: `The sandbox's connection broke ${ATTEMPTS} times on the way to ${what}: ${cause.message}`,
        remedy: "Run again. If it happens every time, look at the provider's status page.",
        cause,
    });
}
/** Quotes any text as one word of a POSIX shell. */
function quoteForShell(word) {
    return `'${word.replaceAll("'", "'\\''")}'`;
}


/***/ }),

/***/ 83837:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   NZ: () => (/* binding */ START_SCRIPT),
/* harmony export */   T2: () => (/* binding */ SURVEY_SCRIPT),
/* harmony export */   VU: () => (/* binding */ DROP_ROOT_SCRIPT),
/* harmony export */   _9: () => (/* binding */ PREPARE_SCRIPT),
/* harmony export */   fe: () => (/* binding */ UNPACK_SCRIPT),
/* harmony export */   zH: () => (/* binding */ DIGEST_SCRIPT)
/* harmony export */ });
/** Shell scripts that turn a machine into a guest. POSIX, under `set -eu`; each may be repeated, also after a partial run. */
/** Arguments: the places where layers belong, `--`, names of large programs that layers hold. Prints `key=value` lines. */
const SURVEY_SCRIPT = `
echo "uid=$(id -u)"
echo "architecture=$(uname -m)"
echo "kernel=$(uname -r)"
echo "git=$(git --version 2> /dev/null | cut -d ' ' -f 3)"
for program in tar gzip sha256sum; do
  if command -v $program > /dev/null; then echo "has=$program"; fi
done
if ls /lib/ld-musl-* > /dev/null 2>&1; then echo "musl=yes"; fi
for node in "$(command -v node || true)" /usr/local/bin/node /usr/bin/node /opt/airlock/node/bin/node; do
  if [ -n "$node" ] && version=$("$node" --version 2> /dev/null); then echo "node=$version $node"; fi
done
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  if [ -d "$1" ] && [ -r "$1.digest" ]; then echo "layer=$(cat "$1.digest") $1"; fi
  shift
done
if [ $# -gt 0 ]; then shift; fi
for name in "$@"; do
  found=$(command -v "$name" || true)
  if [ -n "$found" ] && found=$(readlink -f "$found") && [ -f "$found" ]; then echo "program=$name $(wc -c < "$found") $found"; fi
done
`;
/** Argument: the guest program's home. Makes folders and the agent's user. */
const PREPARE_SCRIPT = `
umask 022
mkdir -p "$1" && chmod 700 "$1"
mkdir -p /opt/airlock/upload /opt/airlock/state /work /home/agent
chmod 755 /opt/airlock && chmod 700 /opt/airlock/upload /opt/airlock/state
grep -q '^[^:]*:[^:]*:1000:' /etc/passwd || echo 'agent:x:1000:1000::/home/agent:/bin/bash' >> /etc/passwd
grep -q '^[^:]*:[^:]*:1000:' /etc/group || echo 'agent:x:1000:' >> /etc/group
chown 1000:1000 /work /home/agent
`;
/**
 * Makes sure that the agent's user cannot become root: images give their user sudo without a password, and the supervisor's files are
 * safe from the agent only as long as it is not root. The address of the metadata service is closed too, since it lies inside the
 * provider's firewall, where no policy applies.
 */
const DROP_ROOT_SCRIPT = `
find /bin /sbin /usr /usr/local /opt -xdev -type f -perm -4000 -exec chmod u-s {} + 2> /dev/null || true
metadata=169.254.169.254
ip route replace blackhole $metadata/32 2> /dev/null || route add -host $metadata reject 2> /dev/null ||
  iptables -I OUTPUT -d $metadata -j REJECT 2> /dev/null || busybox ip route add blackhole $metadata/32 2> /dev/null || true
if command -v sudo > /dev/null; then
  name=$(sed -n 's/^\\([^:]*\\):[^:]*:1000:.*/\\1/p' /etc/passwd | head -n 1)
  if command -v setpriv > /dev/null; then
    become() { setpriv --reuid 1000 --regid 1000 --init-groups sudo -n true; }
  else
    become() { su -s /bin/sh "$name" -c 'sudo -n true'; }
  fi
  if become > /dev/null 2>&1 < /dev/null; then
    echo "the agent's user can become root with sudo, and this could not be taken away"
    exit 41
  fi
fi
`;
/** Arguments: place, digest, archive, sha256 of the archive, then pairs: a name in the place, and the machine's own file to use for it. */
const UNPACK_SCRIPT = `
place=$1 digest=$2 archive=$3 expected=$4
shift 4
if [ "$(cat "$place.digest" 2> /dev/null || true)" = "$digest" ] && [ -d "$place" ]; then
  rm -f "$archive"
  echo "unpacked=yes"
elif [ "$(sha256sum < "$archive" | cut -d ' ' -f 1)" != "$expected" ]; then
  rm -f "$archive"
else
  umask 022
  rm -rf "$place.new" "$place" "$place.digest"
  mkdir -p "$place.new"
  tar -xzf "$archive" -C "$place.new" --no-same-owner
  while [ $# -gt 1 ]; do
    cp "$2" "$place.new/$1"
    shift 2
  done
  chown -R 0:0 "$place.new"
  chmod -R a+rX,go-w "$place.new"
  mv "$place.new" "$place"
  echo "$digest" > "$place.digest"
  rm -f "$archive"
  echo "unpacked=yes"
fi
`;
/** Arguments: files. Prints the sha256 of each. */
const DIGEST_SCRIPT = `
for file in "$@"; do echo "sha256=$(sha256sum < "$file" | cut -d ' ' -f 1) $file"; done
`;
/**
 * Arguments: the guest program's home, node, the two ports. Starts the guest in a session of its own, once, however often this runs. The
 * output of commands is kept on disk, since `/run` is a small part of memory on most images.
 */
const START_SCRIPT = `
home=$1 node=$2
cd /
if mkdir "$home/started" 2> /dev/null; then
  command -v node > /dev/null || ln -s "$node" /usr/local/bin/node 2> /dev/null || true
  if command -v setsid > /dev/null; then detach=setsid; else detach=nohup; fi
  $detach env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 UV_THREADPOOL_SIZE=8 \\
    AIRLOCK_STATE=/opt/airlock/state "$node" --no-warnings "$home/guest/index.js" serve --listen "$3" "$4" "$home/token" > "$home/guest.log" 2>&1 < /dev/null &
fi
`;


/***/ }),

/***/ 61072:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ai: () => (/* binding */ greetGuest),
/* harmony export */   M4: () => (/* binding */ TOKEN_BYTES),
/* harmony export */   ts: () => (/* binding */ requireCredential)
/* harmony export */ });
/* harmony import */ var _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(49285);
/* harmony import */ var _bootstrap_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(69342);
/* harmony import */ var _control_client_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(57395);
/* harmony import */ var _vendor_failure_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(47963);




/** Length of the secret by which guest and runner know each other, in bytes. */
const TOKEN_BYTES = 32;
const GREET_TIMEOUT_MS = 60_000;
const LAST_WORDS_MS = 10_000;
/** @throws AirlockError `input.missing` */
function requireCredential(value, vendor) {
    if (value !== undefined && value.reveal() !== "")
        return value;
    throw new _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR("input.missing", {
        message: `Input \`${vendor.input}\` is empty, but it is needed by the provider \`${vendor.provider}\`.`,
        remedy: `${(0,_vendor_failure_js__WEBPACK_IMPORTED_MODULE_3__/* .askForCredential */ .SG)(vendor)}, or set \`provider\` to \`microvm\`, which needs none.`,
    });
}
/** If the guest does not answer, its last words are read before the sandbox is destroyed. */
async function greetGuest({ machine, streams, id, facts, signal, destroy }) {
    let words = "";
    let greeted = false;
    try {
        const sandbox = await (0,_control_client_js__WEBPACK_IMPORTED_MODULE_2__/* .openControlledSandbox */ .C)({
            ...streams,
            id,
            facts,
            async destroy() {
                if (!greeted && !signal.aborted)
                    words = await (0,_bootstrap_js__WEBPACK_IMPORTED_MODULE_1__/* .readLastWords */ .U)(machine, AbortSignal.timeout(LAST_WORDS_MS));
                await destroy();
            },
            greetTimeoutMs: GREET_TIMEOUT_MS,
            signal,
        });
        greeted = true;
        return sandbox;
    }
    catch (error) {
        if (!(error instanceof _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR) || words === "")
            throw error;
        throw new _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR(error.code, {
            message: `${error.message} The guest's last words: ${words}`,
            remedy: error.remedy,
            cause: error,
        });
    }
}


/***/ }),

/***/ 51556:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ openCloudTunnel)
/* harmony export */ });
/* harmony import */ var _resumed_streams_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(18455);

/** How long a stream may be without a link before the sandbox counts as lost. */
const GIVE_UP_MS = 90_000;
/** A closed port is normal while the guest starts. If it stays closed, the provider is asked whether the sandbox still exists. */
const PATIENCE_MS = 3_000;
/** The guest's two streams through the provider's authenticated proxy; no port is public. If the sandbox is gone, both end at once. */
function openCloudTunnel(options) {
    const { vendor, id, token, notify, dial, exists, patienceMs = PATIENCE_MS } = options;
    let nextCheckMs = performance.now() + patienceMs;
    let linked = false;
    const checkExistence = async () => {
        if (performance.now() < nextCheckMs)
            return;
        nextCheckMs = performance.now() + patienceMs;
        // If that is unknown, the streams give up by themselves in time.
        if ((await exists().catch(() => undefined)) !== false)
            return;
        for (const stream of [streams.control, streams.egress])
            stream.destroy(new Error(`${vendor.name} has no sandbox ${id} any more.`));
    };
    const streams = (0,_resumed_streams_js__WEBPACK_IMPORTED_MODULE_0__/* .openResumedStreams */ .j)({
        token,
        // Refused links are expected until the guest listens.
        notify: (line) => (linked ? notify(line) : undefined),
        giveUpMs: GIVE_UP_MS,
        async dial(port, signal) {
            try {
                const link = await dial(port, signal);
                nextCheckMs = performance.now();
                linked = true;
                return link;
            }
            catch (error) {
                if (!signal.aborted)
                    await checkExistence();
                throw error;
            }
        },
    });
    return streams;
}


/***/ }),

/***/ 94825:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q: () => (/* binding */ createOrNone)
/* harmony export */ });
/* harmony import */ var _domain_deadline_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(35178);
/* harmony import */ var _domain_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(49285);
/* harmony import */ var _once_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5311);
/* harmony import */ var _retry_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(45318);
/* harmony import */ var _vendor_failure_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(47963);





/** How long to wait for the answer to a creation that is no longer wanted. */
const ABANDON_MS = 5_000;
/**
 * Creates a sandbox or leaves none, whatever fails on the way.
 * @throws AirlockError what `explain`, `secure` and `remove` say, and why `signal` aborted
 */
async function createOrNone(creation) {
    const doubt = { mayStand: false };
    let made;
    try {
        const answered = await requestUntilMade(creation, doubt);
        made = answered;
        const sandbox = await creation.secure(answered);
        throwIfAborted(creation.signal);
        return { sandbox, destroy: (0,_once_js__WEBPACK_IMPORTED_MODULE_4__/* .once */ .O)(() => creation.remove(answered)) };
    }
    catch (error) {
        // If every request was refused, nothing was made, and the refusal is the error to show.
        if (made !== undefined || doubt.mayStand)
            await creation.remove(made);
        throw error;
    }
}
async function requestUntilMade(creation, doubt) {
    for (let attempt = 0;; attempt++) {
        throwIfAborted(creation.signal);
        const result = await requestOnce(creation, doubt);
        if (!(result instanceof _vendor_failure_js__WEBPACK_IMPORTED_MODULE_3__/* .VendorFailure */ .Hm))
            return result;
        const isWorthwhile = await (0,_retry_js__WEBPACK_IMPORTED_MODULE_2__/* .pauseBeforeRetry */ .Gw)(creation, attempt, result);
        throwIfAborted(creation.signal);
        if (!isWorthwhile)
            throw await creation.explain(result);
    }
}
async function requestOnce(creation, doubt) {
    const { doubtful = ["interrupted"] } = creation;
    try {
        return await requestUnlessAborted(creation);
    }
    catch (error) {
        if (error instanceof _domain_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .AirlockError */ .qR)
            throw error;
        const failure = (0,_vendor_failure_js__WEBPACK_IMPORTED_MODULE_3__/* .asFailure */ .h_)(error);
        if (!doubtful.includes(failure.kind))
            return failure;
        if (failure.kind === "interrupted")
            doubt.mayStand = true;
        const found = await creation.recover();
        if (found !== "none")
            doubt.mayStand = true;
        return typeof found === "string" ? failure : found;
    }
}
async function requestUnlessAborted(creation) {
    const { signal } = creation;
    const requesting = creation.request();
    const settled = requesting.then(() => undefined, () => undefined);
    await (0,_domain_deadline_js__WEBPACK_IMPORTED_MODULE_0__/* .abandonOnAbort */ .Fx)(signal, () => settled).catch(() => undefined);
    if (!signal.aborted)
        return await requesting;
    const made = await waitAtMost(ABANDON_MS, requesting);
    if (made === undefined)
        void requesting.then(creation.remove).catch(() => undefined);
    await creation.remove(made);
    throw (0,_domain_deadline_js__WEBPACK_IMPORTED_MODULE_0__/* .abortReason */ .Js)(signal);
}
async function waitAtMost(ms, work) {
    const { promise: late, resolve } = Promise.withResolvers();
    const timer = setTimeout(() => resolve(undefined), ms);
    try {
        return await Promise.race([work, late]);
    }
    catch {
        return undefined;
    }
    finally {
        clearTimeout(timer);
    }
}
function throwIfAborted(signal) {
    if (signal.aborted)
        throw (0,_domain_deadline_js__WEBPACK_IMPORTED_MODULE_0__/* .abortReason */ .Js)(signal);
}


/***/ }),

/***/ 18455:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  P: () => (/* binding */ RESUMED_PORTS),
  j: () => (/* binding */ openResumedStreams)
});

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(58500);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
;// CONCATENATED MODULE: ./lib/wire/resumable-stream/frames.js
const MAX_PAYLOAD_BYTES = 64 * 1024;
const HEADER_BYTES = 11;
const NOTHING = Buffer.alloc(0);
const CODES = { data: 1, end: 2, ack: 3, ping: 4, pong: 5, reset: 6 };
/** The frame's header; a data frame's payload follows it. */
function encodeHeader(frame) {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(CODES[frame.type], 0);
    header.writeUIntBE("offset" in frame ? frame.offset : 0, 1, 6);
    header.writeUInt32BE(frame.type === "data" ? frame.payload.length : 0, 7);
    return header;
}
/** Reads frames from bytes that may be split anywhere. @throws Error if the bytes are not frames; the link is then unusable. */
function openFrameReader(onFrame) {
    let pending = NOTHING;
    return {
        push(chunk) {
            pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
            while (pending.length >= HEADER_BYTES) {
                const length = readLength(pending);
                if (pending.length < HEADER_BYTES + length)
                    return;
                const frame = decode(pending, length);
                pending = pending.subarray(HEADER_BYTES + length);
                onFrame(frame);
            }
        },
    };
}
/** The payload's length, checked before waiting for its first byte. */
function readLength(header) {
    const length = header.readUInt32BE(7);
    const isData = header.readUInt8(0) === CODES.data;
    if (isData ? length === 0 || length > MAX_PAYLOAD_BYTES : length !== 0)
        throw new Error("A frame of the stream has an impossible length.");
    return length;
}
function decode(bytes, length) {
    const code = bytes.readUInt8(0);
    const offset = bytes.readUIntBE(1, 6);
    switch (code) {
        case CODES.data:
            return { type: "data", offset, payload: bytes.subarray(HEADER_BYTES, HEADER_BYTES + length) };
        case CODES.end:
            return { type: "end", offset };
        case CODES.ack:
            return { type: "ack", offset };
        case CODES.ping:
            return { type: "ping", offset };
        case CODES.pong:
            return { type: "pong" };
        case CODES.reset:
            return { type: "reset" };
        default:
            throw new Error(`A frame of the stream has the unknown type ${code}.`);
    }
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/inbox.js
/** `push` is the stream's own: false means enough for now, null ends it. */
function openInbox(maxBytes, push) {
    let waiting = [];
    let received = 0;
    let taken = 0;
    let ended = false;
    let wanted = false;
    const takeEnd = (offset) => {
        if (ended || offset !== received)
            return;
        ended = true;
        received++;
    };
    const takeBytes = (fresh) => {
        if (fresh.length === 0)
            return;
        if (ended)
            throw new Error("Bytes came after the end of the carried stream.");
        received += fresh.length;
        if (received - taken > maxBytes)
            throw new Error("The other end sends more than the stream's window.");
        waiting.push(fresh);
    };
    return {
        take(frame) {
            if (frame.offset > received)
                throw new Error("Bytes are missing between two frames of the stream.");
            if (frame.type === "end")
                takeEnd(frame.offset);
            else
                takeBytes(frame.payload.subarray(received - frame.offset));
        },
        want() {
            wanted = true;
        },
        drain() {
            let at = 0;
            while (wanted && at < waiting.length) {
                const chunk = waiting[at++];
                taken += chunk.length;
                wanted = push(chunk);
            }
            waiting = waiting.slice(at);
            if (ended && waiting.length === 0 && taken < received) {
                taken = received;
                push(null);
            }
        },
        get received() {
            return received;
        },
        get taken() {
            return taken;
        },
        get finished() {
            return ended && taken === received;
        },
    };
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/outbox.js

function openOutbox(maxBytes) {
    let pieces = [];
    let acknowledged = 0;
    let written = 0;
    let endsAt;
    let room;
    let ended;
    const total = () => written + (endsAt === undefined ? 0 : 1);
    const wake = () => {
        if (room !== undefined && written - acknowledged < maxBytes) {
            const resume = room;
            room = undefined;
            resume();
        }
        if (endsAt !== undefined && acknowledged > endsAt) {
            ended?.();
            ended = undefined;
        }
    };
    return {
        add(chunk, done) {
            for (let at = 0; at < chunk.length; at += MAX_PAYLOAD_BYTES) {
                const payload = chunk.subarray(at, at + MAX_PAYLOAD_BYTES);
                pieces.push({ offset: written, payload });
                written += payload.length;
            }
            room = done;
            wake();
        },
        end(done) {
            endsAt = written;
            ended = done;
        },
        acknowledge(offset) {
            if (offset < acknowledged || offset > total())
                return false;
            acknowledged = offset;
            pieces = pieces.slice(findPiece(pieces, offset));
            wake();
            return true;
        },
        *from(offset) {
            for (let at = findPiece(pieces, offset); at < pieces.length; at++) {
                const piece = pieces[at];
                const skip = Math.max(0, offset - piece.offset);
                yield { offset: piece.offset + skip, payload: piece.payload.subarray(skip) };
            }
        },
        get sent() {
            return total();
        },
        get endsAt() {
            return endsAt;
        },
    };
}
/** Index of the first piece that holds a byte at or after `offset`. */
function findPiece(pieces, offset) {
    let low = 0;
    let high = pieces.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        const piece = pieces[middle];
        if (piece.offset + piece.payload.length > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/body.js




const ACK_EVERY_BYTES = 256 * 1024;
function openBody(options) {
    const outbox = openOutbox(options.windowBytes);
    const ackEveryBytes = Math.min(ACK_EVERY_BYTES, Math.ceil(options.windowBytes / 4));
    let acknowledged = 0;
    const acknowledge = (atLeastBytes) => {
        if (inbox.taken - acknowledged < atLeastBytes)
            return;
        acknowledged = inbox.taken;
        options.send([{ type: "ack", offset: acknowledged }]);
    };
    const stream = new external_node_stream_.Duplex({
        readableHighWaterMark: MAX_PAYLOAD_BYTES,
        writableHighWaterMark: MAX_PAYLOAD_BYTES,
        read() {
            inbox.want();
            inbox.drain();
            acknowledge(inbox.finished ? 1 : ackEveryBytes);
        },
        write(chunk, _encoding, done) {
            const offset = outbox.sent;
            outbox.add(chunk, done);
            options.send(framesFrom(offset));
        },
        final(done) {
            const offset = outbox.sent;
            outbox.end(done);
            options.send(framesFrom(offset));
        },
        destroy(error, done) {
            options.onDestroy();
            done(error);
        },
    });
    const inbox = openInbox(options.windowBytes + MAX_PAYLOAD_BYTES, (chunk) => stream.push(chunk));
    const framesFrom = function* (offset) {
        for (const piece of outbox.from(offset))
            yield { type: "data", ...piece };
        if (outbox.endsAt !== undefined && offset <= outbox.endsAt)
            yield { type: "end", offset: outbox.endsAt };
    };
    return {
        stream,
        acknowledge,
        take(frame) {
            if (frame.type === "data" || frame.type === "end") {
                inbox.take(frame);
                inbox.drain();
                // The end is acknowledged at once: the other side may be waiting only for that.
                acknowledge(inbox.finished ? 0 : ackEveryBytes);
            }
            else if (frame.type === "reset")
                stream.destroy(new Error("The other end gave the stream up."));
            else
                checkOffset(frame, inbox, outbox);
        },
        resume(peerReceived) {
            if (!outbox.acknowledge(peerReceived))
                return false;
            acknowledge(0);
            options.send(framesFrom(peerReceived));
            return true;
        },
        get taken() {
            return inbox.taken;
        },
        get sent() {
            return outbox.sent;
        },
    };
}
/** Checks that the offsets of the other end are possible. */
function checkOffset(frame, inbox, outbox) {
    if (frame.type === "ping" && frame.offset > inbox.received)
        throw new Error("Bytes are missing that the other end has sent.");
    if (frame.type === "ack" && !outbox.acknowledge(frame.offset))
        throw new Error("The other end acknowledges bytes that were never sent.");
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
;// CONCATENATED MODULE: ./lib/wire/resumable-stream/handshake.js

const MAGIC = Buffer.from("ALK1");
const NONCE_BYTES = 16;
const HELLO_BYTES = MAGIC.length + 1 + NONCE_BYTES;
const MAC_BYTES = 32;
const PROOF_BYTES = 6 + MAC_BYTES;
const ROLE_BYTE = { runner: 0x52, guest: 0x47 };
/**
 * Proves to each end that the other knows the token, without revealing it, and exchanges how far each has received. The runner speaks
 * first; a stranger gets only one nonce from the guest. Resolves to the peer's offset.
 */
async function shakeHands(link, options) {
    const timer = setTimeout(() => link.destroy(new Error("The handshake on a new link took too long.")), options.timeoutMs);
    const nonce = (0,external_node_crypto_.randomBytes)(NONCE_BYTES);
    const hello = Buffer.concat([MAGIC, Buffer.of(ROLE_BYTE[options.role]), nonce]);
    const peer = options.role === "runner" ? "guest" : "runner";
    try {
        if (options.role === "runner")
            link.write(hello);
        const peerNonce = readHello(await readExactly(link, HELLO_BYTES), peer);
        if (options.role === "guest")
            link.write(hello);
        const nonces = options.role === "runner" ? Buffer.concat([nonce, peerNonce]) : Buffer.concat([peerNonce, nonce]);
        if (options.role === "runner")
            link.write(prove(options, options.role, nonces, options.freeze()));
        const received = readProof(await readExactly(link, PROOF_BYTES), options, peer, nonces);
        if (options.role === "guest")
            link.write(prove(options, options.role, nonces, options.freeze()));
        return received;
    }
    finally {
        clearTimeout(timer);
    }
}
function readHello(hello, peer) {
    if (!hello.subarray(0, MAGIC.length).equals(MAGIC) || hello[MAGIC.length] !== ROLE_BYTE[peer]) {
        throw new Error("A new link does not speak the stream's protocol.");
    }
    return hello.subarray(MAGIC.length + 1);
}
function prove(keyed, role, nonces, received) {
    const offset = Buffer.alloc(6);
    offset.writeUIntBE(received, 0, 6);
    return Buffer.concat([offset, mac(keyed, role, nonces, offset)]);
}
function readProof(proof, keyed, peer, nonces) {
    const offset = proof.subarray(0, 6);
    if (!(0,external_node_crypto_.timingSafeEqual)(proof.subarray(6), mac(keyed, peer, nonces, offset)))
        throw new Error("A new link does not know this run's token.");
    return offset.readUIntBE(0, 6);
}
function mac(keyed, role, nonces, offset) {
    return (0,external_node_crypto_.createHmac)("sha256", keyed.token)
        .update("airlock carrier 1")
        .update(Buffer.of(ROLE_BYTE[role]))
        .update(nonces)
        .update(offset)
        .digest();
}
/** Reads exactly this many bytes and leaves the rest in the stream. */
function readExactly(link, size) {
    return new Promise((resolve, reject) => {
        const finish = (act) => {
            link.off("readable", take);
            link.off("end", lost);
            link.off("close", lost);
            act();
        };
        const take = () => {
            const bytes = link.read(size);
            if (bytes === null)
                return;
            if (bytes.length === size)
                finish(() => resolve(bytes));
            else
                lost();
        };
        const lost = () => finish(() => reject(link.errored ?? new Error("A new link ended during its handshake.")));
        link.on("readable", take);
        link.once("end", lost);
        link.once("close", lost);
        if (link.destroyed)
            lost();
        else
            take();
    });
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/link.js

/** Starts to use a connection after its handshake. Invalid bytes end only the connection. */
function useLink(socket, options) {
    let lastHeardMs = performance.now();
    let silent = false;
    const reader = openFrameReader((frame) => {
        if (frame.type === "ping")
            link.send([{ type: "pong" }]);
        if (frame.type !== "pong" && !silent)
            options.onFrame(frame);
    });
    const link = {
        send(frames) {
            if (socket.destroyed)
                return;
            socket.cork();
            for (const frame of frames) {
                socket.write(encodeHeader(frame));
                if (frame.type === "data")
                    socket.write(frame.payload);
            }
            socket.uncork();
        },
        end() {
            silent = true;
            socket.end();
            // Long enough to send the last acknowledgement.
            setTimeout(() => socket.destroy(), 1000).unref();
        },
        drop() {
            silent = true;
            socket.destroy();
        },
    };
    const beat = setInterval(() => {
        if (performance.now() - lastHeardMs > options.idleMs)
            socket.destroy(new Error(`Nothing was heard for ${options.idleMs} ms.`));
        else
            link.send([{ type: "ping", offset: options.onBeat() }]);
    }, options.idleMs / 4);
    beat.unref();
    socket.on("data", (chunk) => {
        lastHeardMs = performance.now();
        try {
            reader.push(chunk);
        }
        catch (error) {
            socket.destroy(error);
        }
    });
    socket.once("end", () => socket.destroy());
    socket.once("close", () => {
        clearInterval(beat);
        if (!silent)
            options.onDown(socket.errored?.message ?? "The connection was closed.");
    });
    return link;
}

;// CONCATENATED MODULE: ./lib/wire/resumable-stream/resumable-stream.js




const MIB = 1024 * 1024;
const MIN_TOKEN_BYTES = 16;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A byte stream over links that may break: no byte is lost or doubled as long as a new link comes in time. */
function openResumableStream(options) {
    if (options.token.length < MIN_TOKEN_BYTES)
        throw new TypeError(`A stream's token has at least ${MIN_TOKEN_BYTES} bytes.`);
    const body = openBody({
        windowBytes: options.windowBytes ?? 8 * MIB,
        send: (frames) => state.link?.send(frames),
        onDestroy() {
            state.stopped.abort();
            clearTimeout(state.deadline);
            // Destroyed before both directions had ended: the other end has to know, or it would wait for a link.
            const finished = body.stream.readableEnded && body.stream.writableFinished;
            if (!finished)
                state.link?.send([{ type: "reset" }]);
            state.link?.end();
            state.link = undefined;
        },
    });
    const state = { ...options, body, stopped: new AbortController(), link: undefined, deadline: undefined };
    waitForLink(state);
    return { stream: body.stream, accept: (socket) => void greet(state, socket).catch((error) => report(state, error)) };
}
function report(state, error) {
    state.onLink?.({ up: false, reason: error instanceof Error ? error.message : "No link came up." });
}
function waitForLink(state) {
    startDeadline(state);
    if (state.connect !== undefined && !state.stopped.signal.aborted)
        void redial(state, state.connect);
}
/** Starts the time after which the stream gives up. */
function startDeadline(state) {
    const giveUpMs = state.giveUpMs ?? 60_000;
    clearTimeout(state.deadline);
    if (state.stopped.signal.aborted)
        return;
    const giveUp = () => void state.body.stream.destroy(new Error(`No link to the other end came up within ${giveUpMs} ms.`));
    state.deadline = setTimeout(giveUp, giveUpMs);
}
async function redial(state, connect) {
    const { signal } = state.stopped;
    for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
        try {
            await greet(state, await connect(signal));
            return;
        }
        catch (error) {
            report(state, error);
            await (0,promises_.setTimeout)(waitMs, undefined, { signal }).catch(() => undefined);
        }
    }
}
/** Does the handshake on a new connection, then uses it. Until then the current one is not touched. */
async function greet(state, socket) {
    socket.on("error", () => undefined);
    const freeze = () => {
        if (state.link !== undefined) {
            state.link.drop();
            state.link = undefined;
            startDeadline(state);
        }
        return state.body.taken;
    };
    try {
        const { role, token, handshakeMs: timeoutMs = 10_000 } = state;
        const peerReceived = await shakeHands(socket, { role, token, timeoutMs, freeze });
        if (state.stopped.signal.aborted || socket.destroyed)
            throw new Error("The link came too late.");
        use(state, socket, peerReceived);
    }
    catch (error) {
        socket.destroy();
        throw error;
    }
}
function use(state, socket, peerReceived) {
    clearTimeout(state.deadline);
    const link = useLink(socket, {
        idleMs: state.idleMs ?? 30_000,
        onFrame: (frame) => state.body.take(frame),
        onBeat() {
            state.body.acknowledge(1);
            return state.body.sent;
        },
        onDown(reason) {
            if (state.link !== link)
                return;
            state.link = undefined;
            report(state, new Error(reason));
            waitForLink(state);
        },
    });
    state.link = link;
    if (!state.body.resume(peerReceived)) {
        state.body.stream.destroy(new Error("The other end of the stream has lost its state; the stream cannot be resumed."));
        return;
    }
    state.onLink?.({ up: true, reason: "" });
}

;// CONCATENATED MODULE: ./lib/adapters/sandbox/shared/resumed-streams.js

/** Loopback ports in the guest at which `serve --listen` waits. */
const RESUMED_PORTS = { control: 3127, egress: 3126 };
/** The two byte streams of a sandbox whose connections may drop: each is dialled again and continues where it was. */
function openResumedStreams(options) {
    const open = (name) => {
        let lost = false;
        const resumable = openResumableStream({
            role: "runner",
            token: options.token,
            connect: (signal) => options.dial(RESUMED_PORTS[name], signal),
            ...(options.giveUpMs === undefined ? {} : { giveUpMs: options.giveUpMs }),
            onLink({ up, reason }) {
                if (!up && !lost)
                    options.notify(`The ${name} stream to the sandbox broke (${reason}); dialling again.`);
                lost = !up;
            },
        });
        return resumable.stream;
    };
    return { control: open("control"), egress: open("egress") };
}


/***/ }),

/***/ 45318:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Gw: () => (/* binding */ pauseBeforeRetry),
/* harmony export */   L5: () => (/* binding */ retry),
/* harmony export */   T4: () => (/* binding */ PAUSES_MS),
/* harmony export */   j2: () => (/* binding */ REQUEST_TIMEOUT_MS)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(58500);
/* harmony import */ var _vendor_failure_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(47963);


/** Before each further attempt of a call to a cloud's API, in milliseconds. */
const PAUSES_MS = [1_000, 3_000, 8_000];
/** For one call to a cloud's API. */
const REQUEST_TIMEOUT_MS = 30_000;
/** If a service asks for a longer wait, the call is not repeated. */
const MAX_WAIT_MS = 60_000;
/**
 * Repeats a call a few times if that may help, and never sooner than the service asks.
 * @throws VendorFailure, the last one
 */
async function retry(options, act) {
    for (let attempt = 0;; attempt++) {
        try {
            return await act();
        }
        catch (error) {
            const failure = (0,_vendor_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .asFailure */ .h_)(error);
            if (!(await pauseBeforeRetry(options, attempt, failure)))
                throw failure;
        }
    }
}
/** Waits before the next attempt. False: there is to be none. */
async function pauseBeforeRetry({ pausesMs, signal }, attempt, failure) {
    const { retryAfterMs } = failure;
    const pauseMs = pausesMs[attempt];
    if (!(0,_vendor_failure_js__WEBPACK_IMPORTED_MODULE_1__/* .isRepeatable */ .su)(failure) || pauseMs === undefined || retryAfterMs > MAX_WAIT_MS || signal?.aborted === true)
        return false;
    await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(Math.max(pauseMs, retryAfterMs), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    return signal === undefined || !signal.aborted;
}


/***/ }),

/***/ 39383:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   U: () => (/* binding */ isLoopback),
/* harmony export */   b: () => (/* binding */ readServiceUrl)
/* harmony export */ });
/* harmony import */ var _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(49285);

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
/** Is this the machine itself, by an address that no name server can change? */
function isLoopback({ hostname }) {
    return LOOPBACK.test(hostname);
}
/**
 * The address of a service from an environment variable, without a slash at its end; undefined if it is not set. Without TLS only to
 * loopback.
 * @throws AirlockError `input.invalid`, naming the variable
 */
function readServiceUrl(env, name, scheme) {
    const text = env[name];
    if (text === undefined || text === "")
        return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isSecure = url?.protocol === `${scheme}s:` || (url?.protocol === `${scheme}:` && isLoopback(url));
    const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
    if (url !== undefined && isSecure && isPlain)
        return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, "");
    throw new _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR("input.invalid", {
        message: `The environment variable ${name} cannot be used.`,
        remedy: `Leave ${name} out, or set it to a \`${scheme}s:\` address without user and query, or \`${scheme}:\` to loopback.`,
    });
}


/***/ }),

/***/ 47963:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Cg: () => (/* binding */ explainInMachine),
/* harmony export */   Hm: () => (/* binding */ VendorFailure),
/* harmony export */   Pn: () => (/* binding */ explainLeft),
/* harmony export */   Rr: () => (/* binding */ cleanWords),
/* harmony export */   SG: () => (/* binding */ askForCredential),
/* harmony export */   SP: () => (/* binding */ explainFailure),
/* harmony export */   h_: () => (/* binding */ asFailure),
/* harmony export */   n_: () => (/* binding */ explainGone),
/* harmony export */   o3: () => (/* binding */ kindOfStatus),
/* harmony export */   su: () => (/* binding */ isRepeatable)
/* harmony export */ });
/* harmony import */ var _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(49285);
/* harmony import */ var _bootstrap_machine_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(96916);


const BY_STATUS = {
    400: "bad-request",
    401: "credentials",
    402: "quota",
    403: "forbidden",
    404: "not-found",
    405: "bad-request",
    410: "not-found",
    413: "bad-request",
    415: "bad-request",
    422: "bad-request",
    429: "rate-limit",
    503: "capacity",
    507: "disk-full",
};
/** What an HTTP status means, unless the vendor's own words say more. After any other status it is unknown what was done. */
function kindOfStatus(status) {
    return BY_STATUS[status ?? 0] ?? "interrupted";
}
const REPEATABLE = new Set(["interrupted", "rate-limit", "capacity"]);
/** May the same call succeed when it is made again? */
function isRepeatable({ kind }) {
    return REPEATABLE.has(kind);
}
const MAX_WORDS_CHARACTERS = 300;
/** Words of a vendor or of a machine as one short line of printable ASCII. They are shown and never decide anything. */
function cleanWords(text) {
    return text
        .replace(/[^\x20-\x7e]+/g, " ")
        .trim()
        .slice(0, MAX_WORDS_CHARACTERS);
}
/** A call to a cloud's API that failed. Never leaves the adapter: people see what `explainFailure` makes of it. */
class VendorFailure extends Error {
    kind;
    retryAfterMs;
    constructor(kind, { detail, retryAfterMs = 0, cause }) {
        super(cleanWords(detail), { cause });
        this.name = "VendorFailure";
        this.kind = kind;
        this.retryAfterMs = retryAfterMs;
    }
}
/** Any thrown value as a failure. Network errors come in many classes, and all mean `interrupted`. */
function asFailure(error) {
    if (error instanceof VendorFailure)
        return error;
    const detail = (0,_domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .messageOf */ .bD)(error);
    return new VendorFailure("interrupted", { detail, cause: error });
}
/** What to do when the credential is missing or not valid. */
function askForCredential({ name, credential, input, account }) {
    return `Set \`${input}\` from a repository secret that holds a valid ${credential} of your ${name} ${account}`;
}
const refusedTo = ({ name }, what) => `${name} refused to ${what}`;
const couldNot = ({ name }, what) => `${name} could not ${what}`;
const checkAccount = ({ credential, account, sandboxes }) => `Check that the ${credential}'s ${account} may create ${sandboxes}; update Airlock if it may.`;
/** One sentence for each kind of failure, for every vendor. */
const SENTENCES = {
    interrupted: {
        code: "sandbox.unavailable",
        claim: couldNot,
        remedy: ({ name }) => `Run again. If it happens every time, look at ${genitive(name)} status page and at the runner's network.`,
    },
    "rate-limit": {
        code: "sandbox.exhausted",
        claim: ({ name }, what) => `${genitive(name)} rate limit is used up, so it did not ${what}`,
        remedy: (_vendor, failure) => `Run again in ${waitInWords(failure)}; when many runs start together, limit them with the workflow's \`concurrency\`.`,
    },
    capacity: {
        code: "sandbox.exhausted",
        claim: ({ name }, what) => `${name} has no capacity at the moment to ${what}`,
        remedy: ({ name }) => `Run again in a few minutes. Look at ${genitive(name)} status page when it lasts.`,
    },
    quota: {
        code: "sandbox.exhausted",
        claim: ({ name, account, sandboxes }, what) => `The ${account} has as many ${sandboxes} as its ${name} plan allows, so ${name} did not ${what}`,
        remedy: ({ sandboxes }) => `Wait for other runs to end, delete ${sandboxes} that nobody uses, or choose a larger plan.`,
    },
    credentials: {
        code: "sandbox.refused",
        claim: ({ name, credential, input }, what) => `${name} refused the ${credential} of the input \`${input}\` when asked to ${what}`,
        remedy: (vendor) => `${askForCredential(vendor)}.`,
    },
    forbidden: { code: "sandbox.refused", claim: refusedTo, remedy: checkAccount },
    "not-found": { code: "sandbox.refused", claim: refusedTo, remedy: checkAccount },
    "bad-request": { code: "sandbox.refused", claim: refusedTo, remedy: checkAccount },
    "disk-full": { code: "sandbox.unavailable", claim: couldNot, remedy: () => "Use a template with a larger disk." },
    template: { code: "sandbox.unavailable", claim: couldNot, remedy: () => "Build the template anew." },
};
function genitive(name) {
    return name.endsWith("s") ? `${name}'` : `${name}'s`;
}
function waitInWords({ retryAfterMs }) {
    return retryAfterMs > 0 ? `${Math.ceil(retryAfterMs / 1000)} seconds` : "a minute";
}
/** The error for people. An AirlockError is returned as it is. */
function explainFailure(error, { vendor, what, remedies = {}, more }) {
    if (error instanceof _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR)
        return error;
    const cause = asFailure(error);
    const { code, claim, remedy } = SENTENCES[cause.kind];
    return new _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR(code, {
        message: [`${claim(vendor, what)}${quote(cause)}.`, more].filter((part) => part !== undefined).join(" "),
        remedy: remedies[cause.kind] ?? remedy(vendor, cause),
        cause,
    });
}
/** For a call into a running sandbox: `Interrupted` if the call may be repeated, else an AirlockError. */
function explainInMachine(error, call) {
    if (error instanceof _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR || error instanceof _bootstrap_machine_js__WEBPACK_IMPORTED_MODULE_1__/* .Interrupted */ .j$)
        return error;
    const failure = asFailure(error);
    if (call.vendor.meansGone.includes(failure.kind))
        return explainGone(failure, call);
    return isRepeatable(failure) ? new _bootstrap_machine_js__WEBPACK_IMPORTED_MODULE_1__/* .Interrupted */ .j$(failure.message, failure) : explainFailure(failure, call);
}
/** For a sandbox that no longer exists: `sandbox.unavailable`. */
function explainGone(error, { vendor, what }) {
    const cause = asFailure(error);
    return new _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR("sandbox.unavailable", {
        message: `The sandbox went away while it was prepared: ${couldNot(vendor, what)}${quote(cause)}.`,
        remedy: `Run again. ${vendor.ifGone}`,
        cause,
    });
}
/** For a sandbox that could not be destroyed and may still run: `sandbox.left`. */
function explainLeft(error, vendor, id) {
    const cause = asFailure(error);
    return new _domain_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .AirlockError */ .qR("sandbox.left", {
        message: `${vendor.name} did not confirm that sandbox ${id} is destroyed${quote(cause)}.`,
        remedy: vendor.ifLeft,
        cause,
    });
}
function quote({ message }) {
    return message === "" ? "" : ` (${message})`;
}


/***/ }),

/***/ 59882:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   MX: () => (/* binding */ openWebSocket),
/* harmony export */   bb: () => (/* binding */ UpgradeRefused),
/* harmony export */   eh: () => (/* binding */ dialWebSocket),
/* harmony export */   mA: () => (/* binding */ streamOf)
/* harmony export */ });
/* harmony import */ var ws__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(52977);
/* harmony import */ var _service_url_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(39383);


const DEFAULT_OPEN_TIMEOUT_MS = 15_000;
/** More than any message of the guest, which sends at most 64 KiB in one. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const HIGH_WATER_BYTES = 262_144;
/** The server answered the upgrade with an ordinary response. */
class UpgradeRefused extends Error {
    status;
    /** The `Retry-After` header. */
    retryAfter;
    constructor(status, retryAfter) {
        super(`The server answered the WebSocket upgrade with status ${status}.`);
        this.name = "UpgradeRefused";
        this.status = status;
        this.retryAfter = retryAfter;
    }
}
/**
 * Opens a WebSocket. Nothing is compressed, no redirect is followed. The socket is returned paused, since a message that
 * arrives together with the upgrade would be lost before anybody listens.
 * @throws UpgradeRefused, Error when it does not open in time
 */
async function openWebSocket(options) {
    const url = requirePlainUrl(options.url);
    for (const [name, value] of options.query ?? [])
        url.searchParams.append(name, value);
    options.signal.throwIfAborted();
    const socket = new ws__WEBPACK_IMPORTED_MODULE_0__/* .WebSocket */ .kb(url, {
        headers: { ...options.headers },
        perMessageDeflate: false,
        followRedirects: false,
        maxPayload: MAX_MESSAGE_BYTES,
        handshakeTimeout: options.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS,
    });
    // An error after the socket was abandoned would otherwise be unhandled.
    socket.on("error", () => undefined);
    const abandon = () => socket.terminate();
    options.signal.addEventListener("abort", abandon, { once: true });
    try {
        await awaitOpen(socket);
        return socket;
    }
    catch (error) {
        socket.terminate();
        throw error;
    }
    finally {
        options.signal.removeEventListener("abort", abandon);
    }
}
/** Opens a WebSocket and gives its messages as a stream of bytes. @throws UpgradeRefused, Error when it does not open in time */
async function dialWebSocket(options) {
    const socket = await openWebSocket(options);
    const stream = streamOf(socket);
    stream.on("error", () => undefined);
    socket.resume();
    return stream;
}
/** The messages of an open WebSocket as a stream of bytes. */
function streamOf(socket) {
    return (0,ws__WEBPACK_IMPORTED_MODULE_0__/* .createWebSocketStream */ .O)(socket, { readableHighWaterMark: HIGH_WATER_BYTES, writableHighWaterMark: HIGH_WATER_BYTES });
}
function awaitOpen(socket) {
    return new Promise((resolve, reject) => {
        socket.once("open", () => {
            socket.pause();
            resolve();
        });
        socket.once("error", reject);
        socket.once("close", () => reject(new Error("The WebSocket closed before it was open.")));
        socket.once("unexpected-response", (_request, response) => {
            response.resume();
            reject(new UpgradeRefused(response.statusCode ?? 0, response.headers["retry-after"] ?? null));
        });
    });
}
function requirePlainUrl(text) {
    const url = new URL(text);
    const secure = url.protocol === "wss:" || (url.protocol === "ws:" && (0,_service_url_js__WEBPACK_IMPORTED_MODULE_1__/* .isLoopback */ .U)(url));
    if (!secure)
        throw new TypeError("A WebSocket to a sandbox uses wss, or ws to loopback.");
    if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
        throw new TypeError("The address of a sandbox's WebSocket has a query or a user; secrets belong into headers.");
    return url;
}


/***/ })

};
