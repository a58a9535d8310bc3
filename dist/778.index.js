export const id = 778;
export const ids = [778];
export const modules = {

/***/ 7778:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  MAX_CONFIG_BYTES: () => (/* binding */ MAX_CONFIG_BYTES),
  listSecretNames: () => (/* binding */ listSecretNames),
  narrowPublishing: () => (/* binding */ narrowPublishing),
  narrowSettings: () => (/* binding */ narrowSettings),
  parseRepositoryConfig: () => (/* binding */ parseRepositoryConfig),
  renderRepositorySchema: () => (/* binding */ renderRepositorySchema),
  repositorySchema: () => (/* binding */ repositorySchema)
});

// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var dist = __webpack_require__(38815);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 7 modules
var schemas = __webpack_require__(12311);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/json-schema-processors.js
var json_schema_processors = __webpack_require__(98439);
// EXTERNAL MODULE: ./lib/domain/errors.js
var errors = __webpack_require__(49285);
// EXTERNAL MODULE: ./lib/domain/trigger/match.js
var match = __webpack_require__(62418);
// EXTERNAL MODULE: ./lib/config/agents.js
var agents = __webpack_require__(86106);
// EXTERNAL MODULE: ./lib/config/declared.js
var declared = __webpack_require__(60082);
// EXTERNAL MODULE: ./lib/domain/model/allowed-models.js
var allowed_models = __webpack_require__(54557);
// EXTERNAL MODULE: ./lib/domain/verification/test-command.js
var test_command = __webpack_require__(56800);
;// CONCATENATED MODULE: ./lib/config/narrow.js




/** Each list goes from the narrowest to the widest. */
const NETWORKS = ["none", "allowlist", "audit"];
const ON_PROTECTED = ["refuse", "draft", "allow"];
const PUBLICATIONS = ["patch", "comment", "review", "pull-request"];
/**
 * Settings that allow at most what both allow (I11).
 * @throws AirlockError `config.invalid` when the file asks for more than the workflow allows
 */
function narrow(settings, asked, path) {
    return {
        ...settings,
        mode: narrowMode(settings, asked, path),
        prompt: append(settings.prompt, asked.prompt),
        agent: { ...settings.agent, model: narrowModel(settings, asked, path) },
        sandbox: { ...settings.sandbox, setup: append(settings.sandbox.setup, asked.setup) },
        network: narrowNetwork(settings, asked, path),
        limits: narrowLimits(settings, asked, path),
        trigger: { ...settings.trigger, ...(asked.comments === undefined ? {} : { comments: asked.comments }) },
        verification: {
            commands: (0,test_command/* joinVerify */.wN)(settings.verification.commands, asked.verify),
            verifyAttempts: smaller(settings.verification.verifyAttempts, asked["verify-attempts"]),
        },
        gate: narrowGate(settings, asked, path),
        publication: narrowPublication(settings, asked, path),
    };
}
function narrowLimits({ limits }, asked, path) {
    const maxOutputTokens = smaller(limits.maxOutputTokens ?? 0, asked["max-output-tokens"]);
    const maxRequestsPerMinute = smaller(limits.maxRequestsPerMinute ?? 0, asked["max-requests-per-minute"]);
    const models = narrowModels(limits.models, asked.models, path);
    return {
        maxTurns: smaller(limits.maxTurns, asked["max-turns"]),
        maxCostUsd: smaller(limits.maxCostUsd, asked["max-cost-usd"]),
        timeoutMs: smaller(limits.timeoutMs, times(asked["timeout-minutes"], 60_000)),
        ...(maxOutputTokens === 0 ? {} : { maxOutputTokens }),
        ...(maxRequestsPerMinute === 0 ? {} : { maxRequestsPerMinute }),
        ...(models === undefined ? {} : { models }),
        ...(0,declared/* joinPrices */.VX)(limits.prices, asked.prices),
    };
}
/** The whole file's list first, then a part of it: what both allow. */
function narrowModels(now, asked, path) {
    if (now === undefined || asked === undefined)
        return asked ?? now;
    const both = (0,allowed_models/* commonModels */.J)(now, asked);
    if (both.length > 0)
        return both;
    throw new errors/* AirlockError */.qR("config.invalid", {
        message: `${path}: the lists \`models\` that hold for this run have no model in common.`,
        remedy: `Let the lists below \`commands\` and \`profiles\` in ${path} be a part of the file's own.`,
    });
}
function narrowMode(settings, asked, path) {
    if (asked.mode === undefined || asked.mode === settings.mode)
        return settings.mode;
    if (settings.mode === "auto")
        return asked.mode;
    throw widens(path, `\`mode: ${asked.mode}\` differs from the workflow's \`${settings.mode}\``, "mode");
}
function narrowModel(settings, asked, path) {
    const model = settings.agent.model;
    if (asked.model === undefined || asked.model === model)
        return model;
    if (model === "")
        return asked.model;
    throw widens(path, `\`model: ${asked.model}\` differs from the workflow's \`${model}\``, "model");
}
function narrowNetwork(settings, asked, path) {
    const { mode, allow, deny, presets, secrets } = settings.network;
    return {
        mode: stricter({ key: "network", order: NETWORKS, now: mode, asked: asked.network, path }),
        allow: asked.allow === undefined ? allow : part({ key: "allow", all: toLines(allow), asked: asked.allow, path }).join("\n"),
        deny: [...toLines(deny), ...(asked.deny ?? [])].join("\n"),
        ...(presets === "locked" || asked.presets === "locked" ? { presets: "locked" } : {}),
        ...(0,declared/* joinSecrets */.WD)(secrets, asked.secrets),
    };
}
function narrowGate(settings, asked, path) {
    const { gate } = settings;
    const paths = asked["allowed-paths"];
    const free = gate.allowedPaths.length === 0;
    return {
        allowedPaths: paths === undefined ? gate.allowedPaths : free ? paths : part({ key: "allowed-paths", all: gate.allowedPaths, asked: paths, path }),
        protectedPaths: union(gate.protectedPaths, asked["protected-paths"]),
        maxFiles: smaller(gate.maxFiles, asked["max-patch-files"]),
        maxPatchBytes: smaller(gate.maxPatchBytes, times(asked["max-patch-kib"], 1_024)),
        onProtected: stricter({ key: "on-protected", order: ON_PROTECTED, now: gate.onProtected, asked: asked["on-protected"], path }),
    };
}
function narrowPublication(settings, asked, path) {
    const { publication } = settings;
    const { kind } = publication;
    const now = kind === "auto" || kind === "push" ? "pull-request" : kind;
    const less = asked.publish === undefined ? kind : stricter({ key: "publish", order: PUBLICATIONS, now, asked: asked.publish, path });
    return {
        ...publication,
        kind: less,
        draft: publication.draft || asked.draft === true,
        labels: union(publication.labels, asked.labels),
        reviewers: union(publication.reviewers, asked.reviewers),
        teamReviewers: union(publication.teamReviewers, asked["team-reviewers"]),
        assignees: union(publication.assignees, asked.assignees),
    };
}
/** 0 stands for no limit. */
function smaller(now, asked) {
    if (asked === undefined)
        return now;
    return now === 0 ? asked : Math.min(now, asked);
}
function times(value, factor) {
    return value === undefined ? undefined : value * factor;
}
function append(now, asked) {
    return asked === undefined ? now : [now.trimEnd(), asked].filter((text) => text !== "").join("\n");
}
function union(now, asked = []) {
    return [...new Set([...now, ...asked])];
}
function stricter({ key, order, now, asked, path }) {
    if (asked === undefined)
        return now;
    if (order.indexOf(asked) <= order.indexOf(now))
        return asked;
    throw widens(path, `\`${key}: ${asked}\` allows more than the workflow's \`${now}\``, key);
}
function part({ key, all, asked, path }) {
    const extra = asked.find((entry) => !all.includes(entry.trim()));
    if (extra === undefined)
        return asked.map((entry) => entry.trim());
    throw widens(path, `\`${key}\` holds \`${extra.slice(0, 100)}\`, which the workflow's input does not`, key);
}
function toLines(text) {
    return text
        .split("\n")
        .map((entry) => entry.trim())
        .filter((entry) => entry !== "");
}
function widens(path, what, input) {
    return new errors/* AirlockError */.qR("config.invalid", {
        message: `${path}: ${what}; a file in the repository may narrow, never widen.`,
        remedy: `Change the input \`${input}\` in the workflow, or take the key out of ${path}.`,
    });
}

;// CONCATENATED MODULE: ./lib/config/repository.js







/** A larger file is refused. */
const MAX_CONFIG_BYTES = 65_536;
const line = schemas/* string */.YjP()
    .min(1)
    .max(1_000)
    .regex(/^[^\r\n]*$/);
const lines = schemas/* array */.YOg(line).max(500);
const repository_text = schemas/* string */.YjP().max(100_000);
const modelRule = schemas/* string */.YjP().regex(/^[^\s*]{1,199}\*?$/);
const NAME = /^[a-z0-9][a-z0-9-]{0,49}$/;
/** What one profile, or the whole file, may say. Every key narrows what the workflow allows. */
const restrictions = schemas/* strictObject */.rej({
    mode: schemas/* enum */.k5n(["fix", "review", "task"]).describe("What a run may do, where the workflow leaves it open."),
    prompt: repository_text.describe("More instructions, after those of the workflow."),
    model: line.describe("Model, where the workflow names none."),
    "max-turns": schemas/* int */.Whr().min(1).max(10_000).describe("The smaller of this and the workflow's counts."),
    "max-cost-usd": schemas/* number */.aig().min(0.01).max(100_000).describe("The smaller of this and the workflow's counts."),
    "timeout-minutes": schemas/* int */.Whr().min(1).max(360).describe("The smaller of this and the workflow's counts."),
    network: schemas/* enum */.k5n(["none", "allowlist"]).describe("Only stricter than the workflow's."),
    allow: lines.describe("Host rules; each must stand in the workflow's `allow` too."),
    deny: lines.describe("Host rules, beside those of the workflow."),
    presets: schemas/* literal */.euz("locked").describe("Of the configured registries, presets allow only those that the lockfiles name."),
    secrets: declared/* declaredSecrets */.uk.describe("Secrets of the workflow step that the gateway puts into requests to one host; the sandbox gets surrogates."),
    "max-output-tokens": schemas/* int */.Whr().min(1).max(1_000_000_000).describe("Tokens that the model may write in the whole run."),
    "max-requests-per-minute": schemas/* int */.Whr().min(1).max(600).describe("Model requests in any minute; without this, 600."),
    models: schemas/* array */.YOg(modelRule)
        .min(1)
        .max(100)
        .describe("Models the agent may ask for, of those that the choice of agent and model allows: exact names, or a beginning followed by `*`."),
    prices: declared/* declaredPrices */.Ni.describe("US dollars per million tokens by model; for a model that Airlock knows, the higher price holds."),
    setup: repository_text.describe("Shell lines run in the sandbox, after those of the workflow."),
    verify: repository_text.describe("Shell lines that judge the result, after those of the workflow."),
    "verify-attempts": schemas/* int */.Whr().min(1).max(16).describe("The smaller of this and the workflow's counts."),
    "allowed-paths": lines.describe("Patterns of the paths that may change; where the workflow lists some, a part of those."),
    "protected-paths": lines.describe("Patterns, beside those of the workflow and the built-in ones."),
    "max-patch-files": schemas/* int */.Whr().min(1).max(10_000).describe("The smaller of this and the workflow's counts."),
    "max-patch-kib": schemas/* int */.Whr().min(1).max(1_048_576).describe("The smaller of this and the workflow's counts."),
    "on-protected": schemas/* enum */.k5n(["refuse", "draft"]).describe("Only stricter than the workflow's."),
    publish: schemas/* enum */.k5n(["pull-request", "review", "comment", "patch"]).describe("Only less than the workflow's."),
    draft: schemas/* literal */.euz(true).describe("Open pull requests as drafts."),
    labels: lines.describe("Labels of the pull request, beside those of the workflow."),
    reviewers: lines.describe("Reviewers, beside those of the workflow."),
    "team-reviewers": lines.describe("Teams, beside those of the workflow."),
    assignees: lines.describe("Assignees, beside those of the workflow."),
    comments: schemas/* literal */.euz("writers").describe("Give the agent only the comments of people with write permission."),
})
    .partial();
const profiles = schemas/* record */.g1P(schemas/* string */.YjP().regex(NAME), restrictions);
/** The whole of `.github/airlock.yml`. `script/generate` publishes it as `docs/airlock.schema.json`. */
const repositorySchema = restrictions.extend({
    profiles: profiles.optional().describe("By label: `docs` holds for the label `airlock:docs`."),
    commands: schemas/* strictObject */.rej({ fix: restrictions, review: restrictions, retry: restrictions })
        .partial()
        .optional()
        .describe("By command: `review` holds for `/airlock review`."),
});
/** The schema as JSON Schema, for editors. */
function renderRepositorySchema() {
    const schema = json_schema_processors/* toJSONSchema */.bl(repositorySchema, { target: "draft-7" });
    return `${JSON.stringify({ title: "Airlock's settings in a repository", ...schema }, undefined, 2)}\n`;
}
/**
 * Reads the file's text. Aliases, tags of other types, repeated keys and unknown keys are errors, each with its line.
 * @throws AirlockError `config.invalid`
 */
function parseRepositoryConfig(source, path) {
    if (source.length > MAX_CONFIG_BYTES)
        throw invalid([`${path}: larger than ${MAX_CONFIG_BYTES} bytes.`]);
    const counter = new dist/* LineCounter */.HN();
    const document = (0,dist/* parseDocument */.Tp)(source, { lineCounter: counter, schema: "core", uniqueKeys: true, stringKeys: true });
    const place = (offset) => `${path}:${counter.linePos(offset).line}`;
    const broken = [...document.errors, ...document.warnings].map((error) => `${place(error.pos[0])}: ${firstLine(error.message)}`);
    if (broken.length > 0)
        throw invalid(broken);
    const parsed = repositorySchema.safeParse(readValue(document, path) ?? {});
    if (parsed.success)
        return parsed.data;
    throw invalid(parsed.error.issues.map((issue) => `${place(findOffset(document, issue))}: ${describe(issue)}`));
}
function readValue(document, path) {
    try {
        return document.toJS({ maxAliasCount: 0 });
    }
    catch (cause) {
        throw invalid([`${path}: aliases are not accepted.`], cause);
    }
}
/** Offset of the node that an issue is about: the unknown key itself where there is one. */
function findOffset(document, issue) {
    const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]] : issue.path;
    for (let length = path.length; length >= 0; length -= 1) {
        const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
        if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range))
            return Number(node.range[0]);
    }
    return 0;
}
function describe(issue) {
    const where = issue.path.length === 0 ? "" : `\`${issue.path.map(String).join(".").slice(0, 100)}\`: `;
    return `${where}${firstLine(issue.message)}`;
}
function firstLine(message) {
    return (message.split("\n", 1)[0] ?? "").slice(0, 200);
}
function invalid(complaints, cause) {
    return new errors/* AirlockError */.qR("config.invalid", {
        message: complaints.slice(0, 10).join(" "),
        remedy: "Correct the file on the default branch; docs/how-to/configuration.md lists every key.",
        ...(cause === undefined ? {} : { cause }),
    });
}
/**
 * The settings after the file had its say: the whole file, then the command's part, then the label's profile.
 * @throws AirlockError `config.invalid` for a file that cannot be read, that widens something, or that lacks the profile
 */
function narrowSettings({ agent, settings, trigger, source, path }) {
    const config = source === undefined ? {} : parseRepositoryConfig(source, path);
    const narrowed = layersFor(config, settings, trigger, path).reduce((current, layer) => narrow(current, layer, path), settings);
    // A list that leaves no model is told here, before anything is started.
    (0,agents/* modelsFor */.u5)(agent, narrowed);
    return narrowed;
}
/** Keys that the publish action, which runs no agent, has a use for. */
const PUBLISHING = [
    "allowed-paths",
    "protected-paths",
    "max-patch-files",
    "max-patch-kib",
    "on-protected",
    "publish",
    "draft",
    "labels",
    "reviewers",
    "team-reviewers",
    "assignees",
];
/**
 * The same for a job that only judges and publishes: what the file says of the agent and its network is for the other job.
 * @throws AirlockError as `narrowSettings`; `input.invalid` when another label than this step's started the run
 */
function narrowPublishing({ settings, trigger, source, path }) {
    const { label } = settings.trigger;
    if (trigger.label !== undefined && !(0,match/* isTriggerLabel */.Tg)(trigger.label, label))
        throw new errors/* AirlockError */.qR("input.invalid", {
            message: `The run was started by another label than \`${label}\`, so it is not known which profile of ${path} holds.`,
            remedy: "Give this step the same `trigger-label` as the step with the agent.",
        });
    const config = source === undefined ? {} : parseRepositoryConfig(source, path);
    return layersFor(config, settings, trigger, path).reduce((current, layer) => narrow(current, pickPublishing(layer), path), settings);
}
function pickPublishing(layer) {
    return Object.fromEntries(PUBLISHING.filter((key) => layer[key] !== undefined).map((key) => [key, layer[key]]));
}
/**
 * Names of all secrets that the file declares, in whatever part; none when there is no file.
 * @throws AirlockError `config.invalid`
 */
function listSecretNames(source, path) {
    if (source === undefined)
        return [];
    const { profiles: byLabel = {}, commands = {}, ...whole } = parseRepositoryConfig(source, path);
    const parts = [whole, ...Object.values(byLabel), ...Object.values(commands)];
    return [...new Set(parts.flatMap((part) => (part?.secrets ?? []).map((secret) => secret.name)))];
}
function layersFor(config, settings, trigger, path) {
    const { profiles: byLabel = {}, commands = {}, ...whole } = config;
    const command = trigger.command;
    const layers = [whole];
    if (command === "fix" || command === "review" || command === "retry")
        layers.push(commands[command] ?? {});
    if (trigger.repeats !== undefined)
        layers.push(commands[trigger.repeats] ?? {});
    const profile = profileOf(settings, trigger);
    if (profile === undefined)
        return layers;
    const found = Object.hasOwn(byLabel, profile) ? byLabel[profile] : undefined;
    if (found !== undefined)
        return [...layers, found];
    throw new errors/* AirlockError */.qR("config.invalid", {
        message: `The label asks for the profile \`${profile.replace(/[^\w -]/g, "?").slice(0, 50)}\`, which ${path} on the default branch does not have.`,
        remedy: "Add it below `profiles`, or use a label that exists.",
    });
}
function profileOf(settings, trigger) {
    const prefix = `${settings.trigger.label}:`.toLowerCase();
    const label = trigger.label?.toLowerCase() ?? "";
    return label.startsWith(prefix) ? label.slice(prefix.length) : undefined;
}


/***/ })

};
