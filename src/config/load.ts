import { AirlockError, findAirlockError } from "../domain/errors.ts";
import { MODEL_TOOLS } from "../domain/model-tools.ts";
import type { Settings } from "../domain/settings.ts";
import type { Config, Credentials } from "./config.ts";
import { requireConsistent } from "./consistent.ts";
import { requireToken } from "./credentials.ts";
import { CREDENTIAL_NAMES, type CredentialValues, INPUT_NAMES, INPUTS, type InputName, type InputValues } from "./inputs.ts";

const MS_PER_MINUTE = 60_000;
const BYTES_PER_KIB = 1_024;
const MAX_SHOWN_CHARACTERS = 60;

/** Without them nobody knows who may start a run, what starts one, or how to say so. */
const DECIDING: readonly InputName[] = [
  "github-token",
  "trigger-label",
  "trigger-phrase",
  "trigger-assignee",
  "allowed-bots",
  "max-runs-per-hour",
  "max-event-age-hours",
];

/**
 * Reads and checks every input. `readInput` answers with the input's text, or
 * with an empty string when it is not set. No credential but the GitHub token is
 * demanded here: see `requireCredentials`.
 * @throws AirlockError `input.invalid` or `input.missing`, naming the input; `policy.invalid`
 */
export function loadConfig(readInput: (name: InputName) => string): Config {
  const { config, fault } = readConfig(readInput);
  if (fault !== undefined) throw fault;
  return config;
}

/** The inputs with what is wrong with them. */
export interface ReadConfig {
  /** Inputs that are wrong have their defaults: good for saying what is wrong where a run was asked for, and for nothing else. */
  readonly config: Config;
  readonly fault?: AirlockError;
}

/**
 * As `loadConfig`, but what is wrong is told in the answer as long as the inputs that decide about a run's start are right.
 * @throws AirlockError `input.invalid` or `input.missing` for one of those
 */
export function readConfig(readInput: (name: InputName) => string): ReadConfig {
  const { values, complaints } = readValues(readInput);
  const remedy = "Correct the `with:` block of the workflow step; docs/inputs.md lists every input.";
  const invalid =
    complaints.size === 0 ? undefined : new AirlockError("input.invalid", { message: [...complaints.values()].join(" "), remedy });
  if (invalid !== undefined && DECIDING.some((name) => complaints.has(name))) throw invalid;
  const config = {
    agent: values.agent,
    provider: values.provider,
    settings: toSettings(values),
    credentials: toCredentials(values),
    configPath: values.config,
  };
  const fault = invalid ?? findInconsistency(config);
  return { config, ...(fault === undefined ? {} : { fault }) };
}

function findInconsistency(config: Config): AirlockError | undefined {
  try {
    requireConsistent(config);
    return undefined;
  } catch (error) {
    const found = findAirlockError(error);
    if (found === undefined) throw error;
    return found;
  }
}

interface ReadValues {
  /** A wrong input has its default. */
  readonly values: InputValues;
  readonly complaints: ReadonlyMap<InputName, string>;
}

function readValues(readInput: (name: InputName) => string): ReadValues {
  const values: Partial<Record<InputName, unknown>> = {};
  const complaints = new Map<InputName, string>();
  for (const name of INPUT_NAMES) {
    const { schema } = INPUTS[name];
    const given = readInput(name).trim();
    const parsed = schema.safeParse(given === "" ? defaultOf(name) : given);
    if (!parsed.success) complaints.set(name, complain(name, given));
    values[name] = parsed.success ? parsed.data : schema.parse(defaultOf(name));
  }
  return { values: values as InputValues, complaints };
}

/** A default that is an expression is filled in by the runner and by nobody else. */
function defaultOf(name: InputName): string {
  const value: string = INPUTS[name].default;
  return value.startsWith("${{") ? "" : value;
}

function complain(name: InputName, given: string): string {
  const { legal, secret } = INPUTS[name];
  const shown = given.length > MAX_SHOWN_CHARACTERS ? `${given.slice(0, MAX_SHOWN_CHARACTERS)}…` : given;
  const found = secret ? "has a value that is not a credential" : `is ${JSON.stringify(shown)}`;
  return `Input \`${name}\` ${found}; set it to ${legal}.`;
}

function toSettings(values: InputValues): Settings {
  return {
    mode: values.mode,
    prompt: values.prompt,
    dryRun: values["dry-run"],
    agent: {
      version: values["agent-version"],
      args: values["agent-args"],
      command: values["agent-command"],
      model: values.model,
      modelTools: MODEL_TOOLS.filter((tool) => values["model-tools"].includes(tool)),
    },
    sandbox: {
      template: values.template,
      cpus: values.cpus,
      memoryMib: values["memory-mib"],
      setup: values.setup,
    },
    network: { mode: values.network, allow: values.allow, deny: values.deny },
    limits: { maxTurns: values["max-turns"], maxCostUsd: values["max-cost-usd"], timeoutMs: values["timeout-minutes"] * MS_PER_MINUTE },
    trigger: {
      label: values["trigger-label"],
      phrase: values["trigger-phrase"],
      allowedBots: values["allowed-bots"],
      assignee: values["trigger-assignee"],
      comments: values.comments,
      maxRunsPerHour: values["max-runs-per-hour"],
      maxAgeMs: values["max-event-age-hours"] * 60 * MS_PER_MINUTE,
    },
    verification: { commands: values.verify, verifyAttempts: values["verify-attempts"] },
    gate: {
      allowedPaths: values["allowed-paths"],
      protectedPaths: values["protected-paths"],
      maxFiles: values["max-patch-files"],
      maxPatchBytes: values["max-patch-kib"] * BYTES_PER_KIB,
      onProtected: values["on-protected"],
    },
    publication: {
      kind: values.publish,
      base: values.base,
      branchPrefix: values["branch-prefix"],
      title: values.title,
      labels: values.labels,
      reviewers: values.reviewers,
      teamReviewers: values["team-reviewers"],
      assignees: values.assignees,
      draft: values.draft,
      approve: values.approve,
    },
  };
}

function toCredentials(values: InputValues): Credentials {
  const given = Object.fromEntries(CREDENTIAL_NAMES.map((name) => [name, values[name]])) as CredentialValues;
  return { ...given, "github-token": requireToken(values["github-token"]) };
}
