import type { EgressPolicy } from "../domain/egress/policy.ts";
import type { AirlockError } from "../domain/errors.ts";
import type { Usage } from "../domain/model/usage.ts";
import type { ModelTool } from "../domain/model-tools.ts";
import type { Price } from "../domain/price.ts";
import type { EgressSummary } from "../domain/record/notes.ts";
import type { Secret } from "../domain/secret.ts";
import type { RelayListener, RunLabel, Sandbox } from "./sandbox.ts";

export type { EgressSummary, HostTraffic } from "../domain/record/notes.ts";

/** What goes on in a sandbox while it asks for a host. `proof`, the boundary's own attempts, is logged but left out of the summary. */
export type Phase = "proof" | "sandbox" | "agent" | "harvest" | "verify";

/** Opens our proxy on the runner for one run. */
export interface GatewayOpener {
  open(options: GatewayOptions): Promise<Gateway>;
  /** Takes down what a killed run left of its gateway (I7); returns what it was, one line each. */
  reap(run: RunLabel): Promise<readonly string[]>;
}

export interface GatewayOptions {
  readonly policy: EgressPolicy;
  /** `audit`: public hosts that no rule names are allowed and logged. */
  readonly mode: "allowlist" | "audit" | "none";
  /** The model's API, or undefined when the agent needs none. */
  readonly model: ModelUpstream | undefined;
  readonly limits: GatewayLimits;
  /** Where `egress.jsonl` is written, absolute. */
  readonly logPath: string;
  /** Secrets that replace a surrogate in requests to one host; none by default. They do not allow a host by themselves. */
  readonly secrets?: readonly InjectionRule[];
  /** Called if a tunnel breaks without having been closed: from then on the guest's requests fail. */
  readonly onTunnelFailure?: (error: AirlockError) => void;
}

/** One secret of the repository's configuration: the guest holds the surrogate, the gateway puts the value in its place over verified TLS (I5). */
export interface InjectionRule {
  /** Exact host; subdomains get nothing. */
  readonly host: string;
  /**
   * Header that may hold the surrogate, for example `authorization`: alone, after a scheme such as `Bearer`, or as a password of `Basic`.
   */
  readonly header: string;
  /** Methods whose requests get the value; undefined: every method. */
  readonly methods?: readonly string[];
  /** Path patterns, as in host rules, whose requests get the value; undefined: every path. */
  readonly paths?: readonly string[];
  /** Names of further headers and query parameters that may pass to the host, beside the harmless ones. Default: none. */
  readonly passes?: readonly string[];
  readonly surrogate: string;
  /** Environment variable that holds the surrogate in the guest; absent: the caller passes it on. */
  readonly variable?: string;
  readonly value: Secret;
}

export type ModelApi = "anthropic" | "openai" | "gemini";

/** A model service and the credential that only the gateway holds. */
export interface ModelUpstream {
  readonly api: ModelApi;
  /** Without the API's version, for example `https://api.anthropic.com`; plain http only to loopback. */
  readonly baseUrl: string;
  readonly credential: ModelCredential;
  /** Models that the agent may ask for; empty: any. Exact names, or a prefix followed by `*`. */
  readonly allowedModels: readonly string[];
  /** Tools that the model's service may run by itself. Absent: none. */
  readonly tools?: readonly ModelTool[];
}

export interface ModelCredential {
  readonly kind: "api-key" | "oauth-token";
  readonly value: Secret;
}

export interface GatewayLimits {
  readonly maxCostUsd: number;
  /** Answered model requests; 0: no limit. */
  readonly maxTurns: number;
  /** Tokens that the model writes; absent: no limit. */
  readonly maxOutputTokens?: number;
  /** Absent: 600. */
  readonly maxRequestsPerMinute?: number;
  /** Prices from the repository's file, by model; see `priceOf`. */
  readonly prices?: Readonly<Record<string, Price>>;
}

/** Our proxy for one run, for all its sandboxes. Disposing closes every tunnel and the log. */
export interface Gateway extends AsyncDisposable {
  /**
   * A way out for one sandbox. Before the first tunnel into a sandbox and between two of them, whatever comes from it is refused.
   * @throws AirlockError `internal` when a tunnel into this sandbox is open already
   */
  openTunnel(options: TunnelOptions): Tunnel;
  /** Environment for every command in a sandbox: proxy variables, and the run's CA where one is in use. */
  readonly env: Readonly<Record<string, string>>;
  /** Files that every sandbox needs, for example the run's CA certificate. */
  readonly files: readonly GatewayFile[];
  /** Asks the model's service, at no cost, whether it takes the credential. @throws AirlockError `model.*` when it definitely does not */
  tryModel(): Promise<void>;
  /** Live count of the run: its sandboxes share one budget. */
  usage(): Promise<Usage>;
  /** What all sandboxes asked for. */
  egress(): Promise<EgressSummary>;
  /** Aborted, with an AirlockError as reason, when a cap was reached (`budget.exceeded`) or the service will answer no further request (`model.*`). */
  readonly exhausted: AbortSignal;
}

export interface TunnelOptions {
  /** The relay's HTTP/2 session is served on its `egress`, once, however many tunnels follow each other. */
  readonly sandbox: Pick<Sandbox, "id" | "egress">;
  /** What is done first through it, for the log's `phase`; see `Phase`. */
  readonly phase: Phase;
  /** Absent: all that the run may. */
  readonly view?: PolicyView;
}

/** The part of the run's policy that holds in one tunnel. No view can widen the policy. */
export interface PolicyView {
  /** Which of the run's `allow` rules hold, by their text; absent: all of them. With it, hosts that are only watched (`audit`) are refused. */
  readonly allow?: readonly string[];
  /** Whether the model's service is reached. */
  readonly model: boolean;
  /** Whether declared secrets are put into requests. Without them their surrogates go out, and nothing else changes on their hosts. */
  readonly secrets: boolean;
}

/** One opening of a sandbox's way out. */
export interface Tunnel {
  /** Ports the relay has to open in the guest. */
  readonly listeners: readonly RelayListener[];
  /** What the agent gets: a base URL on the guest's loopback, and a credential that works only there. */
  readonly model: { readonly api: ModelApi; readonly baseUrl: string; readonly surrogate: Secret } | undefined;
  /** What is done through it from now on. */
  enter(phase: Phase): void;
  /** Cuts every connection and refuses what comes later; the sandbox lives on. Twice is once. */
  close(): void;
}

/** A file that is written into the guest before the agent starts. */
export interface GatewayFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Whose it is, with the folders that are made for it. Default `root`. */
  readonly owner?: "root" | "agent";
  /** A file that the image has there already stays as it is. Default false. */
  readonly keep?: boolean;
  /** A guest that cannot store it (a read-only `/etc/ssl`) works without it. Default false. */
  readonly optional?: boolean;
}
