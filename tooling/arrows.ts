import { PROVIDER_NAMES, PROVIDERS, type ProviderName } from "../src/config/providers.ts";

/** A row of the table below. */
export interface Arrow {
  /** A folder with all in it that no other row speaks of, or one file. */
  readonly from: string;
  readonly holds: string;
  /** Beside itself: folders (`src/ports`), the files of a folder without its subfolders (`src/domain/*`), single files, packages (`zod`, `node:*`). */
  readonly to: readonly string[];
  /** What a file may import of its own row: all of it (default), the files right in the folder, or nothing. */
  readonly inside?: "files" | "nothing";
}

const NODE = ["node:*", "node:*/**"];
const PURE_NODE = ["node:buffer", "node:crypto", "node:net", "node:util", "node:zlib"];
const PORTS = ["src/ports", "src/domain"];
const STAGE = [...PORTS, "node:buffer"];
const ADAPTER = [...PORTS, "src/wire", "zod", ...NODE];
const GATEWAY = [...PORTS, "src/wire", ...NODE];

/** What a provider's adapter speaks through, or prepares with. */
const CLIENTS: { readonly [Provider in ProviderName]?: readonly string[] } = {
  microvm: ["src/adapters/programs"],
  e2b: ["e2b", "ws"],
  sprites: ["ws"],
};

/** The subjects of the domain, from the ground up: each may import the shared vocabulary and the subjects before it. */
export const SUBJECTS: Readonly<Record<string, string>> = {
  paths: "names of files: folding, patterns, the protected ones",
  text: "text from outside, cleaned of what a page does not show",
  sandbox: "proof of the boundary, the guest's environment, the agent's transcript",
  egress: "host rules, presets, addresses, the decision on a connection",
  ecosystems: "what a project at a commit has to install, and how",
  model: "prices, usage, the models that may be asked for",
  secrets: "values and formats of secrets, and the search for them",
  publication: "names of branches, and what a refusal of the forge means",
  verification: "the commands that judge, what they said, and the base's word beside the patch's",
  trigger: "events, commands, actors, the state of an issue or pull request",
  prompt: "what the agent is told",
  review: "findings of a review: read, placed, remembered, judged",
  checks: "the gate's checks of a patch",
  guard: "checks of other people's pull requests",
  record: "what a run leaves about itself",
  render: "comments, pull requests and summaries, as Markdown",
  report: "the report as HTML, and the outputs",
};

/**
 * Which part of `src` may import which. This is the only place: `script/generate` makes the linter's rules (`biome.arrows.json`) and the
 * tables of docs/architecture.md from it, and test/architecture.test.ts plants what each row forbids.
 */
export const ARROWS: readonly Arrow[] = [
  {
    from: "src/domain",
    holds: "pure values and decisions: no I/O, no environment, no clock; the shared vocabulary",
    to: PURE_NODE,
    inside: "files",
  },
  ...Object.entries(SUBJECTS).map(([name, holds], at, all) => ({
    from: `src/domain/${name}`,
    holds,
    to: ["src/domain/*", ...all.slice(0, at).map(([lower]) => `src/domain/${lower}`), ...PURE_NODE],
  })),
  { from: "src/domain/egress/public-suffix.ts", holds: "the public suffix list, which is data", to: ["tldts"] },
  { from: "src/domain/checks/grammar.ts", holds: "the parsers of manifests and lockfiles", to: ["smol-toml", "yaml"] },
  { from: "src/ports", holds: "the interfaces: sandbox, agent, forge, gateway, repository, runner", to: ["src/domain", "node:stream"] },
  { from: "src/wire", holds: "shapes and names that guest and runner share", to: NODE },
  { from: "src/guest", holds: "relay and supervisor: one bundled file without a dependency", to: ["src/wire", ...NODE] },
  { from: "src/stages", holds: "one file or folder per stage, never importing another", to: STAGE, inside: "nothing" },
  { from: "src/stages/trigger", holds: "the stage `trigger`: may this event start a run?", to: STAGE },
  { from: "src/stages/claim", holds: "taking an issue or pull request for a run, and giving it back", to: STAGE },
  { from: "src/stages/task", holds: "the stage `task`: what the agent gets to read", to: STAGE },
  { from: "src/stages/gate", holds: "the stage `gate`: the verdict on a patch", to: STAGE },
  { from: "src/stages/review", holds: "what a review does in place of a patch", to: STAGE },
  {
    from: "src/config",
    holds: "inputs, outputs, agents and providers (the single source), the repository's settings file",
    to: ["src/domain", "zod"],
  },
  { from: "src/config/repository.ts", holds: "the settings file, read", to: ["src/config", "src/domain", "zod", "yaml"] },
  {
    from: "src/gateway",
    holds: "our proxy for one run",
    to: [...gatewayParts("broker", "credentials", "http", "proxy", "tls", "tunnel"), ...GATEWAY],
    inside: "files",
  },
  { from: "src/gateway/http", holds: "reading what the guest sends, strictly", to: GATEWAY },
  { from: "src/gateway/tls", holds: "the run's own certificate authority", to: GATEWAY },
  {
    from: "src/gateway/tunnel",
    holds: "the byte stream to the guest, and what the guest needs for it",
    to: [...gatewayParts("tls"), ...GATEWAY],
  },
  {
    from: "src/gateway/credentials",
    holds: "declared secrets put in, and scrubbed from responses",
    to: [...gatewayParts("http"), ...GATEWAY],
  },
  { from: "src/gateway/broker", holds: "the model's service: credential, models, money", to: [...gatewayParts("http"), ...GATEWAY] },
  { from: "src/gateway/proxy", holds: "every other connection", to: [...gatewayParts("credentials", "http", "tls", "tunnel"), ...GATEWAY] },
  {
    from: "src/adapters/programs",
    holds: "programs of the runner that prepare a run, started and waited for",
    to: ["src/domain/errors.ts", ...NODE, "@actions/exec"],
  },
  { from: "src/adapters/agent", holds: "the agents", to: ["src/adapters/programs", ...ADAPTER] },
  { from: "src/adapters/forge", holds: "GitHub", to: [...ADAPTER, "@actions/github", "@actions/github/**", "@octokit/**", "bottleneck"] },
  {
    from: "src/adapters/forge/github/images",
    holds: "the image decoder, near no token",
    to: [...PORTS, "zod", ...NODE, "jpeg-js", "pngjs"],
  },
  { from: "src/adapters/repository", holds: "git, in a bare repository of our own", to: ADAPTER },
  {
    from: "src/adapters/runner",
    holds: "the job's machine: inputs, log, artifact",
    to: [...ADAPTER, "@actions/core", "@actions/artifact"],
  },
  { from: "src/adapters/sandbox", holds: "the providers, a folder each", to: [], inside: "nothing" },
  { from: "src/adapters/sandbox/shared", holds: "what providers share", to: ["src/adapters/programs", ...ADAPTER, "ws"] },
  ...PROVIDER_NAMES.map((name) => ({
    from: `src/adapters/sandbox/${name}`,
    holds: PROVIDERS[name].title,
    to: ["src/adapters/sandbox/shared", ...ADAPTER, ...(CLIENTS[name] ?? [])],
  })),
  { from: "src/runs", holds: "the lines: a fix, a review, their untrusted part", to: ["src/stages", ...STAGE] },
  {
    from: "src/runs/publish-artifact.ts",
    holds: "the line of the second job of two",
    to: ["src/stages", "src/config/recorded-run.ts", ...STAGE],
  },
  { from: "src/runs/post-step.ts", holds: "what the post step takes away and says", to: STAGE },
  {
    from: "src/runs/step.ts",
    holds: "record, report and end of a step; the only place that ends the process",
    to: ["src/stages/report.ts", ...PORTS],
  },
  {
    from: "src/compose.ts",
    holds: "inputs → world; names the adapters and loads them when first asked for",
    to: ["src/adapters", "src/gateway", "src/config", "src/wire", ...PORTS, ...NODE],
  },
  {
    from: "src/main.ts",
    holds: "entry of the main and the post step",
    to: ["src/compose.ts", "src/config", "src/runs", "src/adapters/runner/actions.ts", ...PORTS, "node:path"],
  },
  {
    from: "src/publish-main.ts",
    holds: "entry of the second job of two, which publishes an artifact",
    to: [
      "src/config",
      "src/runs/publish-artifact.ts",
      "src/runs/step.ts",
      ...["forge/github.ts", "repository/git.ts", "runner/actions.ts"].map((file) => `src/adapters/${file}`),
      ...PORTS,
      ...NODE,
    ],
  },
];

function gatewayParts(...names: readonly string[]): readonly string[] {
  return names.map((name) => `src/gateway/${name}`);
}
