import { type Document, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { AirlockError } from "../domain/errors.ts";
import type { Settings } from "../domain/settings.ts";
import type { Trigger } from "../domain/task.ts";
import { isTriggerLabel } from "../domain/trigger/match.ts";
import { type AgentName, modelsFor } from "./agents.ts";
import { declaredPrices, declaredSecrets } from "./declared.ts";
import { narrow, type Restrictions } from "./narrow.ts";

/** A larger file is refused. */
export const MAX_CONFIG_BYTES = 65_536;
const line = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\r\n]*$/);
const lines = z.array(line).max(500);
const text = z.string().max(100_000);
const modelRule = z.string().regex(/^[^\s*]{1,199}\*?$/);
const NAME = /^[a-z0-9][a-z0-9-]{0,49}$/;

/** What one profile, or the whole file, may say. Every key narrows what the workflow allows. */
const restrictions = z
  .strictObject({
    mode: z.enum(["fix", "review", "task"]).describe("What a run may do, where the workflow leaves it open."),
    prompt: text.describe("More instructions, after those of the workflow."),
    model: line.describe("Model, where the workflow names none."),
    "max-turns": z.int().min(1).max(10_000).describe("The smaller of this and the workflow's counts."),
    "max-cost-usd": z.number().min(0.01).max(100_000).describe("The smaller of this and the workflow's counts."),
    "timeout-minutes": z.int().min(1).max(360).describe("The smaller of this and the workflow's counts."),
    network: z.enum(["none", "allowlist"]).describe("Only stricter than the workflow's."),
    allow: lines.describe("Host rules; each must stand in the workflow's `allow` too."),
    deny: lines.describe("Host rules, beside those of the workflow."),
    presets: z.literal("locked").describe("Of the configured registries, presets allow only those that the lockfiles name."),
    secrets: declaredSecrets.describe(
      "Secrets of the workflow step that the gateway puts into requests to one host; the sandbox gets surrogates.",
    ),
    "max-output-tokens": z.int().min(1).max(1_000_000_000).describe("Tokens that the model may write in the whole run."),
    "max-requests-per-minute": z.int().min(1).max(600).describe("Model requests in any minute; without this, 600."),
    models: z
      .array(modelRule)
      .min(1)
      .max(100)
      .describe(
        "Models the agent may ask for, of those that the choice of agent and model allows: exact names, or a beginning followed by `*`.",
      ),
    prices: declaredPrices.describe("US dollars per million tokens by model; for a model that Airlock knows, the higher price holds."),
    setup: text.describe("Shell lines run in the sandbox, after those of the workflow."),
    verify: text.describe("Shell lines that judge the result, after those of the workflow."),
    "verify-attempts": z.int().min(1).max(16).describe("The smaller of this and the workflow's counts."),
    "allowed-paths": lines.describe("Patterns of the paths that may change; where the workflow lists some, a part of those."),
    "protected-paths": lines.describe("Patterns, beside those of the workflow and the built-in ones."),
    "max-patch-files": z.int().min(1).max(10_000).describe("The smaller of this and the workflow's counts."),
    "max-patch-kib": z.int().min(1).max(1_048_576).describe("The smaller of this and the workflow's counts."),
    "on-protected": z.enum(["refuse", "draft"]).describe("Only stricter than the workflow's."),
    publish: z.enum(["pull-request", "review", "comment", "patch"]).describe("Only less than the workflow's."),
    draft: z.literal(true).describe("Open pull requests as drafts."),
    labels: lines.describe("Labels of the pull request, beside those of the workflow."),
    reviewers: lines.describe("Reviewers, beside those of the workflow."),
    "team-reviewers": lines.describe("Teams, beside those of the workflow."),
    assignees: lines.describe("Assignees, beside those of the workflow."),
    comments: z.literal("writers").describe("Give the agent only the comments of people with write permission."),
  })
  .partial();

const profiles = z.record(z.string().regex(NAME), restrictions);

/** The whole of `.github/airlock.yml`. `script/generate` publishes it as `docs/airlock.schema.json`. */
export const repositorySchema = restrictions.extend({
  profiles: profiles.optional().describe("By label: `docs` holds for the label `airlock:docs`."),
  commands: z
    .strictObject({ fix: restrictions, review: restrictions, retry: restrictions })
    .partial()
    .optional()
    .describe("By command: `review` holds for `/airlock review`."),
});

export type RepositoryConfig = z.infer<typeof repositorySchema>;

/** The schema as JSON Schema, for editors. */
export function renderRepositorySchema(): string {
  const schema = z.toJSONSchema(repositorySchema, { target: "draft-7" });
  return `${JSON.stringify({ title: "Airlock's settings in a repository", ...schema }, undefined, 2)}\n`;
}

/**
 * Reads the file's text. Aliases, tags of other types, repeated keys and unknown keys are errors, each with its line.
 * @throws AirlockError `config.invalid`
 */
export function parseRepositoryConfig(source: string, path: string): RepositoryConfig {
  if (source.length > MAX_CONFIG_BYTES) throw invalid([`${path}: larger than ${MAX_CONFIG_BYTES} bytes.`]);
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, schema: "core", uniqueKeys: true, stringKeys: true });
  const place = (offset: number): string => `${path}:${counter.linePos(offset).line}`;
  const broken = [...document.errors, ...document.warnings].map((error) => `${place(error.pos[0])}: ${firstLine(error.message)}`);
  if (broken.length > 0) throw invalid(broken);
  const parsed = repositorySchema.safeParse(readValue(document, path) ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map((issue) => `${place(findOffset(document, issue))}: ${describe(issue)}`));
}

function readValue(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw invalid([`${path}: aliases are not accepted.`], cause);
  }
}

/** Offset of the node that an issue is about: the unknown key itself where there is one. */
function findOffset(document: Document.Parsed, issue: z.core.$ZodIssue): number {
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]] : issue.path;
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) return Number(node.range[0]);
  }
  return 0;
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "" : `\`${issue.path.map(String).join(".").slice(0, 100)}\`: `;
  return `${where}${firstLine(issue.message)}`;
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").slice(0, 200);
}

function invalid(complaints: readonly string[], cause?: unknown): AirlockError {
  return new AirlockError("config.invalid", {
    message: complaints.slice(0, 10).join(" "),
    remedy: "Correct the file on the default branch; docs/how-to/configuration.md lists every key.",
    ...(cause === undefined ? {} : { cause }),
  });
}

export interface NarrowOptions {
  readonly settings: Settings;
  readonly trigger: Trigger;
  /** The file on the default branch; undefined when there is none. */
  readonly source: string | undefined;
  readonly path: string;
}

/**
 * The settings after the file had its say: the whole file, then the command's part, then the label's profile.
 * @throws AirlockError `config.invalid` for a file that cannot be read, that widens something, or that lacks the profile
 */
export function narrowSettings({ agent, settings, trigger, source, path }: NarrowOptions & { readonly agent: AgentName }): Settings {
  const config = source === undefined ? {} : parseRepositoryConfig(source, path);
  const narrowed = layersFor(config, settings, trigger, path).reduce((current, layer) => narrow(current, layer, path), settings);
  // A list that leaves no model is told here, before anything is started.
  modelsFor(agent, narrowed);
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
] as const satisfies readonly (keyof Restrictions)[];

/**
 * The same for a job that only judges and publishes: what the file says of the agent and its network is for the other job.
 * @throws AirlockError as `narrowSettings`; `input.invalid` when another label than this step's started the run
 */
export function narrowPublishing({ settings, trigger, source, path }: NarrowOptions): Settings {
  const { label } = settings.trigger;
  if (trigger.label !== undefined && !isTriggerLabel(trigger.label, label))
    throw new AirlockError("input.invalid", {
      message: `The run was started by another label than \`${label}\`, so it is not known which profile of ${path} holds.`,
      remedy: "Give this step the same `trigger-label` as the step with the agent.",
    });
  const config = source === undefined ? {} : parseRepositoryConfig(source, path);
  return layersFor(config, settings, trigger, path).reduce((current, layer) => narrow(current, pickPublishing(layer), path), settings);
}

function pickPublishing(layer: Restrictions): Restrictions {
  return Object.fromEntries(PUBLISHING.filter((key) => layer[key] !== undefined).map((key) => [key, layer[key]]));
}

/**
 * Names of all secrets that the file declares, in whatever part; none when there is no file.
 * @throws AirlockError `config.invalid`
 */
export function listSecretNames(source: string | undefined, path: string): readonly string[] {
  if (source === undefined) return [];
  const { profiles: byLabel = {}, commands = {}, ...whole } = parseRepositoryConfig(source, path);
  const parts = [whole, ...Object.values(byLabel), ...Object.values(commands)];
  return [...new Set(parts.flatMap((part) => (part?.secrets ?? []).map((secret) => secret.name)))];
}

function layersFor(config: RepositoryConfig, settings: Settings, trigger: Trigger, path: string): readonly Restrictions[] {
  const { profiles: byLabel = {}, commands = {}, ...whole } = config;
  const command = trigger.command;
  const layers: Restrictions[] = [whole];
  if (command === "fix" || command === "review" || command === "retry") layers.push(commands[command] ?? {});
  if (trigger.repeats !== undefined) layers.push(commands[trigger.repeats] ?? {});
  const profile = profileOf(settings, trigger);
  if (profile === undefined) return layers;
  const found = Object.hasOwn(byLabel, profile) ? byLabel[profile] : undefined;
  if (found !== undefined) return [...layers, found];
  throw new AirlockError("config.invalid", {
    message: `The label asks for the profile \`${profile.replace(/[^\w -]/g, "?").slice(0, 50)}\`, which ${path} on the default branch does not have.`,
    remedy: "Add it below `profiles`, or use a label that exists.",
  });
}

function profileOf(settings: Settings, trigger: Trigger): string | undefined {
  const prefix = `${settings.trigger.label}:`.toLowerCase();
  const label = trigger.label?.toLowerCase() ?? "";
  return label.startsWith(prefix) ? label.slice(prefix.length) : undefined;
}
