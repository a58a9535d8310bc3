import type { ModelTool } from "./model-tools.ts";
import type { Price } from "./price.ts";
import type { DeclaredSecret } from "./secret.ts";

/**
 * What a run was told to do, read once from inputs and the repository's
 * configuration. Plain values with units in their names; no credential is here.
 */
export interface Settings {
  readonly mode: "auto" | "fix" | "review" | "task";
  readonly prompt: string;
  readonly dryRun: boolean;
  readonly agent: AgentSettings;
  readonly sandbox: SandboxSettings;
  readonly network: NetworkSettings;
  readonly limits: LimitSettings;
  readonly trigger: TriggerSettings;
  readonly verification: VerificationSettings;
  readonly gate: GateSettings;
  readonly publication: PublicationSettings;
}

export interface AgentSettings {
  /** Empty: the version Airlock pins. */
  readonly version: string;
  /** Extra argv, one per element. */
  readonly args: readonly string[];
  /** argv for the agent `command`. */
  readonly command: readonly string[];
  /** Empty: the agent's default as Airlock pins it. */
  readonly model: string;
  /** Tools that the model's service may run by itself. Absent: none. */
  readonly modelTools?: readonly ModelTool[];
}

export interface SandboxSettings {
  readonly template: string;
  /** 0: the provider's default. */
  readonly cpus: number;
  /** 0: the provider's default. */
  readonly memoryMib: number;
  /** Shell lines run in the sandbox, by the agent's user, before the agent. Until they are resolved, one of them may be `auto`. */
  readonly setup: string;
  /** Variables of every command of the run in a sandbox, over the gateway's. Absent: none. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface NetworkSettings {
  readonly mode: "allowlist" | "audit" | "none";
  /** Host rules, one per line; grammar in docs/egress.md. One of them may be `auto`. */
  readonly allow: string;
  readonly deny: string;
  /** `locked`: presets allow only the registries that lockfiles at the base name, if there are any. Absent: all configured ones. */
  readonly presets?: "locked";
  /** Secrets that the repository's file declares. Absent: none. */
  readonly secrets?: readonly DeclaredSecret[];
}

export interface LimitSettings {
  /** Agent turns, counted at the gateway. 0: no limit. */
  readonly maxTurns: number;
  readonly maxCostUsd: number;
  /** Prices that the repository's file states, by exact model name. Absent: none. */
  readonly prices?: Readonly<Record<string, Price>>;
  /** Tokens that the model writes in the whole run. Absent: no limit. */
  readonly maxOutputTokens?: number;
  /** Absent: 600. */
  readonly maxRequestsPerMinute?: number;
  /** Models that the repository's file lists: exact names, or a prefix followed by `*`. Absent: what the choice of agent and model allows. */
  readonly models?: readonly string[];
  /** Time limit for the whole untrusted part: all sandboxes and attempts together. */
  readonly timeoutMs: number;
}

export interface TriggerSettings {
  readonly label: string;
  readonly phrase: string;
  /** Exact logins. */
  readonly allowedBots: readonly string[];
  /** Account whose assignment, or request for review, starts a run. Absent or empty: neither does. */
  readonly assignee?: string;
  /** Whose comments the agent reads: only those of people with write permission (default), or everybody's. */
  readonly comments?: "writers" | "everyone";
  /** Runs one person may start in an hour, over all targets of this workflow. Absent or 0: no limit. */
  readonly maxRunsPerHour?: number;
  /** An event older than this is refused. Absent: a day. */
  readonly maxAgeMs?: number;
}

export interface VerificationSettings {
  /** Shell lines that verify the result in a fresh sandbox. `auto`: the base's own test commands. `none` or empty: no verification. */
  readonly commands: string;
  readonly verifyAttempts: number;
}

export interface GateSettings {
  /** gitignore-style patterns; empty: every path that is not protected. */
  readonly allowedPaths: readonly string[];
  /** Patterns added to the default ones. */
  readonly protectedPaths: readonly string[];
  readonly maxFiles: number;
  readonly maxPatchBytes: number;
  readonly onProtected: "refuse" | "draft" | "allow";
}

export interface PublicationSettings {
  readonly kind: "auto" | "pull-request" | "push" | "review" | "comment" | "patch";
  /** Empty: the default branch. */
  readonly base: string;
  readonly branchPrefix: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
  readonly assignees: readonly string[];
  readonly draft: boolean;
  /** A review may approve when nothing was found. Absent: it may not. */
  readonly approve?: boolean;
}
