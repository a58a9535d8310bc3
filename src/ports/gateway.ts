import type { Duplex } from "node:stream";
import type { EgressPolicy } from "../domain/egress/policy.ts";
import type { AirlockError } from "../domain/errors.ts";
import type { Usage } from "../domain/model/usage.ts";
import type { Price } from "../domain/price.ts";
import type { EgressSummary } from "../domain/record/notes.ts";
import type { Secret } from "../domain/secret.ts";
import type { RelayListener } from "./sandbox.ts";

export type { EgressSummary, HostTraffic } from "../domain/record/notes.ts";

/** Phase of the boundary's proof: logged, but left out of the summary, where it would look as if the agent had done it. */
export const PROOF_PHASE = "proof";

/** Opens our proxy on the runner for one run. */
export interface GatewayOpener {
  open(options: GatewayOptions): Promise<Gateway>;
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

/** Our proxy for one run. Disposing closes every connection and the log. */
export interface Gateway extends AsyncDisposable {
  /** Serves the relay's HTTP/2 session on this byte stream; may be called again after a stream was replaced. */
  attach(stream: Duplex): void;
  /** Ports the relay has to open in the guest. */
  readonly listeners: readonly RelayListener[];
  /** What the agent gets: a base URL on the guest's loopback, and a credential that works only there. */
  readonly model: { readonly api: ModelApi; readonly baseUrl: string; readonly surrogate: Secret } | undefined;
  /** Environment for every command in the guest: proxy variables, and the run's CA if one is in use. */
  readonly env: Readonly<Record<string, string>>;
  /** Files the guest needs, for example the run's CA certificate. */
  readonly files: readonly GatewayFile[];
  /** Sets the stage of the traffic that follows; goes into the log's `phase`. */
  enter(phase: string): void;
  /** Live count. */
  usage(): Usage;
  egress(): EgressSummary;
  /** Aborted when a cap is reached, with an AirlockError `budget.exceeded` as reason. */
  readonly exhausted: AbortSignal;
}

/** A file that root writes into the guest before the agent starts. */
export interface GatewayFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** A guest that cannot store it (a read-only `/etc/ssl`) works without it. Default false. */
  readonly optional?: boolean;
}
