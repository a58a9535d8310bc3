import { AirlockError } from "../domain/errors.ts";
import { commonModels } from "../domain/model/allowed-models.ts";
import type { Settings } from "../domain/settings.ts";
import { joinVerify } from "../domain/verification/test-command.ts";
import { type AskedPrice, type AskedSecret, joinPrices, joinSecrets } from "./declared.ts";

/** What a file in the repository may ask for; see the schema in `repository.ts`. Absent: left as it is. */
export interface Restrictions {
  readonly mode?: "fix" | "review" | "task" | undefined;
  readonly prompt?: string | undefined;
  readonly model?: string | undefined;
  readonly "max-turns"?: number | undefined;
  readonly "max-cost-usd"?: number | undefined;
  readonly "timeout-minutes"?: number | undefined;
  readonly network?: "none" | "allowlist" | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly presets?: "locked" | undefined;
  readonly secrets?: readonly AskedSecret[] | undefined;
  readonly "max-output-tokens"?: number | undefined;
  readonly "max-requests-per-minute"?: number | undefined;
  readonly models?: readonly string[] | undefined;
  readonly prices?: Readonly<Record<string, AskedPrice>> | undefined;
  readonly setup?: string | undefined;
  readonly verify?: string | undefined;
  readonly "verify-attempts"?: number | undefined;
  readonly "allowed-paths"?: readonly string[] | undefined;
  readonly "protected-paths"?: readonly string[] | undefined;
  readonly "max-patch-files"?: number | undefined;
  readonly "max-patch-kib"?: number | undefined;
  readonly "on-protected"?: "refuse" | "draft" | undefined;
  readonly publish?: "pull-request" | "review" | "comment" | "patch" | undefined;
  readonly draft?: true | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly reviewers?: readonly string[] | undefined;
  readonly "team-reviewers"?: readonly string[] | undefined;
  readonly assignees?: readonly string[] | undefined;
  readonly comments?: "writers" | undefined;
}

/** Each list goes from the narrowest to the widest. */
const NETWORKS = ["none", "allowlist", "audit"] as const;
const ON_PROTECTED = ["refuse", "draft", "allow"] as const;
const PUBLICATIONS = ["patch", "comment", "review", "pull-request"] as const;

/**
 * Settings that allow at most what both allow (I11).
 * @throws AirlockError `config.invalid` when the file asks for more than the workflow allows
 */
export function narrow(settings: Settings, asked: Restrictions, path: string): Settings {
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
      commands: joinVerify(settings.verification.commands, asked.verify),
      verifyAttempts: smaller(settings.verification.verifyAttempts, asked["verify-attempts"]),
    },
    gate: narrowGate(settings, asked, path),
    publication: narrowPublication(settings, asked, path),
  };
}

function narrowLimits({ limits }: Settings, asked: Restrictions, path: string): Settings["limits"] {
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
    ...joinPrices(limits.prices, asked.prices),
  };
}

/** The whole file's list first, then a part of it: what both allow. */
function narrowModels(
  now: readonly string[] | undefined,
  asked: readonly string[] | undefined,
  path: string,
): readonly string[] | undefined {
  if (now === undefined || asked === undefined) return asked ?? now;
  const both = commonModels(now, asked);
  if (both.length > 0) return both;
  throw new AirlockError("config.invalid", {
    message: `${path}: the lists \`models\` that hold for this run have no model in common.`,
    remedy: `Let the lists below \`commands\` and \`profiles\` in ${path} be a part of the file's own.`,
  });
}

function narrowMode(settings: Settings, asked: Restrictions, path: string): Settings["mode"] {
  if (asked.mode === undefined || asked.mode === settings.mode) return settings.mode;
  if (settings.mode === "auto") return asked.mode;
  throw widens(path, `\`mode: ${asked.mode}\` differs from the workflow's \`${settings.mode}\``, "mode");
}

function narrowModel(settings: Settings, asked: Restrictions, path: string): string {
  const model = settings.agent.model;
  if (asked.model === undefined || asked.model === model) return model;
  if (model === "") return asked.model;
  throw widens(path, `\`model: ${asked.model}\` differs from the workflow's \`${model}\``, "model");
}

function narrowNetwork(settings: Settings, asked: Restrictions, path: string): Settings["network"] {
  const { mode, allow, deny, presets, secrets } = settings.network;
  return {
    mode: stricter({ key: "network", order: NETWORKS, now: mode, asked: asked.network, path }),
    allow: asked.allow === undefined ? allow : part({ key: "allow", all: toLines(allow), asked: asked.allow, path }).join("\n"),
    deny: [...toLines(deny), ...(asked.deny ?? [])].join("\n"),
    ...(presets === "locked" || asked.presets === "locked" ? { presets: "locked" } : {}),
    ...joinSecrets(secrets, asked.secrets),
  };
}

function narrowGate(settings: Settings, asked: Restrictions, path: string): Settings["gate"] {
  const { gate } = settings;
  const paths = asked["allowed-paths"];
  const free = gate.allowedPaths.length === 0;
  return {
    allowedPaths:
      paths === undefined ? gate.allowedPaths : free ? paths : part({ key: "allowed-paths", all: gate.allowedPaths, asked: paths, path }),
    protectedPaths: union(gate.protectedPaths, asked["protected-paths"]),
    maxFiles: smaller(gate.maxFiles, asked["max-patch-files"]),
    maxPatchBytes: smaller(gate.maxPatchBytes, times(asked["max-patch-kib"], 1_024)),
    onProtected: stricter({ key: "on-protected", order: ON_PROTECTED, now: gate.onProtected, asked: asked["on-protected"], path }),
  };
}

function narrowPublication(settings: Settings, asked: Restrictions, path: string): Settings["publication"] {
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
function smaller(now: number, asked: number | undefined): number {
  if (asked === undefined) return now;
  return now === 0 ? asked : Math.min(now, asked);
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function append(now: string, asked: string | undefined): string {
  return asked === undefined ? now : [now.trimEnd(), asked].filter((text) => text !== "").join("\n");
}

function union(now: readonly string[], asked: readonly string[] = []): readonly string[] {
  return [...new Set([...now, ...asked])];
}

interface Stricter<T extends string> {
  readonly key: string;
  readonly order: readonly T[];
  readonly now: T;
  readonly asked: T | undefined;
  readonly path: string;
}

function stricter<T extends string>({ key, order, now, asked, path }: Stricter<T>): T {
  if (asked === undefined) return now;
  if (order.indexOf(asked) <= order.indexOf(now)) return asked;
  throw widens(path, `\`${key}: ${asked}\` allows more than the workflow's \`${now}\``, key);
}

interface Part {
  readonly key: string;
  readonly all: readonly string[];
  readonly asked: readonly string[];
  readonly path: string;
}

function part({ key, all, asked, path }: Part): readonly string[] {
  const extra = asked.find((entry) => !all.includes(entry.trim()));
  if (extra === undefined) return asked.map((entry) => entry.trim());
  throw widens(path, `\`${key}\` holds \`${extra.slice(0, 100)}\`, which the workflow's input does not`, key);
}

function toLines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function widens(path: string, what: string, input: string): AirlockError {
  return new AirlockError("config.invalid", {
    message: `${path}: ${what}; a file in the repository may narrow, never widen.`,
    remedy: `Change the input \`${input}\` in the workflow, or take the key out of ${path}.`,
  });
}
