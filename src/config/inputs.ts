import { MODEL_TOOLS } from "../domain/model-tools.ts";
import { AGENT_INPUTS, AGENT_NAMES } from "./agents.ts";
import { choice, dollars, flag, type InputKinds, lines, names, secret, text, type ValuesOf, whole, word } from "./kinds.ts";
import { MODEL_INPUTS } from "./model-services.ts";
import { PROVIDER_INPUTS, PROVIDER_NAMES } from "./providers.ts";
import { namesOf } from "./rows.ts";

const GIT_NAME = /^(?!\/)(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)|\/\.))[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/;
const LOGIN = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/;
const BOT = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})(?:\[bot\])?$/;
const PRINTABLE_LINE = /^[^\s\p{C}](?:[^\p{C}\u2028\u2029]{0,98}[^\s\p{C}])?$/u;
const TITLE = /^[^\p{C}\u2028\u2029]{1,256}$/u;
const VERSION = /^\d{1,6}\.\d{1,6}\.\d{1,6}(?:[-+][0-9A-Za-z.+-]{1,64})?$/;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,127}$/;
const TEMPLATE = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$/;
const CONFIG_PATH = /^(?!\/)(?!.*\.\.)[A-Za-z0-9._/-]{1,200}\.ya?ml$/;

/** Credentials, and where their services are. */
const CREDENTIAL_INPUTS = {
  "github-token": secret("github-token", {
    description: "Write token; used on the runner only, and for no write while a sandbox exists.",
    default: "${{ github.token }}",
  }),
  ...MODEL_INPUTS,
  ...AGENT_INPUTS,
  ...PROVIDER_INPUTS,
};

/**
 * Every input of the action, in the order of `action.yml`. The single source:
 * `action.yml`, the README table and `docs/inputs.md` are generated from it,
 * and `load.ts` reads a run's inputs through it.
 */
export const INPUTS = {
  mode: choice(["auto", "fix", "review", "task"], { description: "What to do: `auto` decides by the event.", default: "auto" }),
  prompt: text({ description: "The task, or extra instructions beside the event's own text." }),

  agent: choice(AGENT_NAMES, { description: "The coding agent.", default: "claude-code" }),
  "agent-version": word({
    description: "Exact version of the agent. Empty: the version that Airlock pins.",
    legal: "an exact version such as `1.2.3`, without ranges or tags",
    pattern: VERSION,
  }),
  "agent-args": lines({ description: "Extra arguments for the agent, one per line." }),
  "agent-command": lines({ description: "Program and arguments for the agent `command`, one per line." }),
  model: word({
    description: "Model the agent asks for. Empty: the agent's default as Airlock pins it.",
    legal: "a model's name",
    pattern: MODEL,
  }),
  "model-tools": names({
    description: "Tools that the model's service may run by itself, past the gateway. Empty: none.",
    legal: MODEL_TOOLS.map((tool) => `\`${tool}\``).join(", "),
    pattern: new RegExp(`^(?:${MODEL_TOOLS.join("|")})$`),
  }),
  "max-turns": whole(
    { min: 1, max: 1_000, zero: "no limit" },
    { description: "Answered model requests before the run is stopped, counted at the gateway.", default: "0" },
  ),
  "max-cost-usd": dollars(
    { min: 0.01, max: 10_000 },
    { description: "Money the run may spend on the model, counted at the gateway.", default: "5" },
  ),
  "timeout-minutes": whole(
    { min: 1, max: 360, unit: "minutes" },
    {
      description:
        "Wall clock for all that happens in sandboxes together: their start, setup, agent, verification. Give the job at least 10 minutes more.",
      default: "30",
    },
  ),

  provider: choice(["auto", ...PROVIDER_NAMES], {
    description: "Who runs the sandbox. `auto`: the cloud provider whose credentials are given, else `microvm` on the runner itself.",
    default: "auto",
  }),
  template: word({
    description: "Image, template or snapshot of the provider. Empty: its default.",
    legal: "an image, template or snapshot name",
    pattern: TEMPLATE,
  }),
  cpus: whole({ min: 1, max: 64, zero: "the provider's default" }, { description: "Processors of the sandbox.", default: "0" }),
  "memory-mib": whole(
    { min: 512, max: 131_072, unit: "MiB", zero: "the provider's default" },
    { description: "Memory of the sandbox.", default: "0" },
  ),

  network: choice(["allowlist", "audit", "none"], {
    description: "`allowlist`: deny unless allowed. `audit`: allow public hosts, log them and propose a list. `none`: the model only.",
    default: "allowlist",
  }),
  allow: text({
    description:
      "Host rules that open a way out, one per line. `auto`: the package registries of what the base has to install, for reading. `none`: no host.",
    default: "auto",
  }),
  deny: text({ description: "Host rules that beat `allow`, one per line." }),
  setup: text({
    description:
      "Shell lines run in the sandbox before the agent. `auto`: installs what the base's manifests and lockfiles name. `none`: nothing.",
    default: "auto",
  }),
  verify: text({
    description:
      "Shell lines that judge the base and then the result in a fresh sandbox without network and keys. `auto`: the project's own test command, where the base has one. `none`: nothing is verified.",
    default: "auto",
  }),
  "verify-attempts": whole({ min: 1, max: 5, zero: "none" }, { description: "Agent turns after a failed verification.", default: "2" }),

  "allowed-paths": lines({
    description:
      "Only paths that match these patterns may change, one per line as in `.gitignore`. Empty: every path that is not protected.",
  }),
  "protected-paths": lines({ description: "Patterns added to the protected ones, one per line as in `.gitignore`." }),
  "max-patch-files": whole({ min: 1, max: 3_000, unit: "files" }, { description: "Paths that a patch may change.", default: "100" }),
  "max-patch-kib": whole(
    { min: 1, max: 102_400, unit: "KiB" },
    { description: "Size that the changed contents may have together.", default: "1024" },
  ),
  "on-protected": choice(["refuse", "draft", "allow"], {
    description: "What to do with a patch that changes a protected path: publish nothing, publish as a draft, or publish.",
    default: "refuse",
  }),

  publish: choice(["auto", "pull-request", "push", "review", "comment", "patch"], {
    description:
      "How the result appears. `auto`: a pull request for `fix` and `task`, a review for `review`. `push`: to the pull request's own branch, or, where the gate wants a human to review the patch, a draft onto it. `patch`: as an artifact only.",
    default: "auto",
  }),
  base: word({ description: "Branch the pull request goes to. Empty: the default branch.", legal: "a branch name", pattern: GIT_NAME }),
  "branch-prefix": word({
    description: "Start of the names of the branches that Airlock makes.",
    legal: "the start of a branch name, such as `airlock/`",
    pattern: GIT_NAME,
    default: "airlock/",
  }),
  title: word({
    description: "Title of the pull request. Empty: made from the task.",
    legal: "one line of at most 256 characters",
    pattern: TITLE,
  }),
  labels: names({ description: "Labels of the pull request.", legal: "label names of at most 100 characters", pattern: PRINTABLE_LINE }),
  reviewers: names({ description: "People asked to review the pull request.", legal: "logins", pattern: LOGIN }),
  "team-reviewers": names({
    description: "Teams asked to review the pull request.",
    legal: "team slugs without the organisation",
    pattern: LOGIN,
  }),
  assignees: names({ description: "People the pull request is assigned to.", legal: "logins", pattern: LOGIN }),
  draft: flag({ description: "Open the pull request as a draft.", default: "false" }),
  approve: flag({
    description: "Let a review approve when nothing at all was found. Never a pull request by the token's own account.",
    default: "false",
  }),

  "trigger-label": word({
    description: "Label that starts a run.",
    legal: "one line of at most 100 characters",
    pattern: PRINTABLE_LINE,
    default: "airlock",
  }),
  "trigger-phrase": word({
    description: "What a line of a comment has to begin with to start a run.",
    legal: "one line of at most 100 characters",
    pattern: PRINTABLE_LINE,
    default: "/airlock",
  }),
  "trigger-assignee": word({
    description: "Account whose assignment, or request for review, starts a run. Empty: neither does.",
    legal: "a login",
    pattern: LOGIN,
  }),
  comments: choice(["writers", "everyone"], {
    description: "Whose comments the agent reads: those of people with write permission, or everybody's.",
    default: "writers",
  }),
  "max-runs-per-hour": whole(
    { min: 1, max: 1_000, zero: "no limit" },
    { description: "Runs that one person may start in an hour. Needs `permissions: actions: read`.", default: "0" },
  ),
  "max-event-age-hours": whole(
    { min: 1, max: 720, unit: "hours" },
    { description: "An older event starts nothing, such as a re-run days later: its text may no longer be what was read.", default: "24" },
  ),
  "allowed-bots": names({
    description: "Bots that may start a run.",
    legal: "exact logins such as `renovate[bot]`, without wildcards",
    pattern: BOT,
  }),

  ...CREDENTIAL_INPUTS,

  config: word({
    description: "Settings file, read from the default branch only. Same keys as the inputs; may narrow, never widen.",
    legal: "a path inside the repository that ends in `.yml` or `.yaml`",
    pattern: CONFIG_PATH,
    default: ".github/airlock.yml",
  }),
  "dry-run": flag({ description: "Do everything but publish.", default: "false" }),
} as const satisfies InputKinds;

export type InputName = keyof typeof INPUTS;

/** The inputs as values. */
export type InputValues = ValuesOf<typeof INPUTS>;

export type CredentialValues = ValuesOf<typeof CREDENTIAL_INPUTS>;

export const INPUT_NAMES = namesOf(INPUTS);

export const CREDENTIAL_NAMES = namesOf(CREDENTIAL_INPUTS);
