import type { Duplex } from "node:stream";
import { canonicalHost } from "../../domain/egress/host.ts";
import type { EgressPolicy } from "../../domain/egress/policy.ts";
import { proposeAllow } from "../../domain/egress/proposal.ts";
import { openRedactor } from "../../domain/secrets/redact.ts";
import type { EgressSummary, Gateway, GatewayOptions, HostTraffic, Phase, PolicyView } from "../../ports/gateway.ts";
import { openInjector } from "../credentials/inject.ts";
import { DEFAULT_PROXY_LIMITS, openUploadBudget, type ProxyLimits } from "../http/limits.ts";
import { openRunAuthority, type RunAuthority } from "../tls/run-authority.ts";
import { guestEnv } from "../tunnel/guest-env.ts";
import { toolFiles, trustFiles } from "../tunnel/guest-files.ts";
import { openAcceptor } from "./accept.ts";
import type { ProxyContext } from "./context.ts";
import { type DialOverrides, openDialer, SYSTEM_DIAL } from "./dial.ts";
import { type EgressLane, type EgressLog, openEgressLog } from "./egress-log.ts";

/** What tests put in place of the runner's own network and clock. */
export interface ProxyOverrides extends Partial<DialOverrides> {
  /** Roots that upstream certificates are checked against; Node's own otherwise. */
  readonly upstreamCa?: readonly string[];
  readonly proxyLimits?: Partial<ProxyLimits>;
  readonly now?: () => number;
}

/** The proxy of one run: everything but the model's own traffic. */
export interface RunProxy extends AsyncDisposable {
  /** The proxy as one tunnel sees it. */
  openLane(options: LaneOptions): Lane;
  readonly env: Gateway["env"];
  readonly files: Gateway["files"];
  summary(): EgressSummary;
}

export interface LaneOptions {
  readonly sandbox: string;
  readonly phase: Phase;
  readonly view: PolicyView | undefined;
}

/** What one tunnel may, and its lines in the log. */
export interface Lane {
  /** Serves one connection that the relay accepted on the guest's proxy port. */
  serve(stream: Duplex): void;
  /** Writes a line of another part of the gateway. */
  readonly add: EgressLane["add"];
  enter(phase: Phase): void;
  /** Ends every connection. */
  close(): void;
}

export function openProxy(options: GatewayOptions, proxyPort: number, overrides: ProxyOverrides = {}): RunProxy {
  const shared = openShared(options, overrides);
  const readsTls = needsAuthority(options);
  const facts = { proxyPort, readsTls, policy: options.policy };
  const lanes = new Set<Lane>();
  return {
    openLane(laneOptions) {
      const lane = openLane(shared, laneOptions);
      lanes.add(lane);
      return lane;
    },
    env: { ...surrogateEnv(options), ...guestEnv(facts) },
    files: [...(readsTls ? trustFiles(shared.authority.certificate) : []), ...toolFiles(facts)],
    summary: () => shared.log.summary(),
    async [Symbol.asyncDispose]() {
      for (const lane of lanes) lane.close();
      await shared.log.close();
    },
  };
}

function openLane(shared: Shared, { sandbox, phase, view }: LaneOptions): Lane {
  const log = shared.log.openLane(sandbox, phase);
  const acceptor = openAcceptor(openContext(shared, log, view));
  return {
    serve: acceptor.serve,
    add: log.add,
    enter: log.enter,
    close() {
      acceptor.close();
      log.end();
    },
  };
}

/** The guest finds each surrogate under the name of its secret. */
function surrogateEnv({ secrets = [] }: GatewayOptions): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.flatMap(({ variable, surrogate }) => (variable === undefined ? [] : [[variable, surrogate]])));
}

/** What all tunnels of a run share. */
interface Shared {
  readonly options: GatewayOptions;
  readonly overrides: ProxyOverrides;
  readonly limits: ProxyLimits;
  readonly log: EgressLog;
  readonly authority: RunAuthority;
}

function openShared(options: GatewayOptions, overrides: ProxyOverrides): Shared {
  const limits = { ...DEFAULT_PROXY_LIMITS, ...overrides.proxyLimits };
  const now = overrides.now ?? Date.now;
  const secrets = (options.secrets ?? []).map((rule) => rule.value);
  const log = openEgressLog({
    path: options.logPath,
    limits,
    budget: openUploadBudget(limits),
    redact: openRedactor([...secrets, ...(options.model === undefined ? [] : [options.model.credential.value])]),
    propose: options.mode === "audit" ? proposeFrom : () => [],
    now,
  });
  return { options, overrides, limits, log, authority: openRunAuthority(now()) };
}

function openContext({ options, overrides, limits, authority }: Shared, log: EgressLane, view: PolicyView | undefined): ProxyContext {
  const policy = narrow(options.policy, view);
  return {
    policy,
    mode: view?.allow !== undefined && options.mode === "audit" ? "allowlist" : options.mode,
    limits,
    dialer: openDialer({ policy, limits, overrides: { ...SYSTEM_DIAL, ...overrides } }),
    log,
    authority,
    injector: openInjector(options.secrets ?? [], view?.secrets === false),
    brokeredHosts: new Set(brokeredHosts(options)),
    upstreamCa: overrides.upstreamCa,
  };
}

/** A view takes rules away and adds none; what is denied stays denied. */
function narrow(policy: EgressPolicy, view: PolicyView | undefined): EgressPolicy {
  if (view?.allow === undefined) return policy;
  const kept = new Set(view.allow);
  return { ...policy, allow: policy.allow.filter(({ text }) => kept.has(text)) };
}

/** What was let through, by a rule or by audit mode. */
function proposeFrom(rows: readonly HostTraffic[]): readonly string[] {
  return proposeAllow(rows.filter(({ verdict, host }) => verdict === "allow" && host !== "-"));
}

function brokeredHosts({ model }: GatewayOptions): readonly string[] {
  const host = canonicalHost(URL.parse(model?.baseUrl ?? "")?.hostname ?? "");
  return host === undefined ? [] : [host.text];
}

/** TLS is decrypted only where a rule limits methods or paths, or where a secret is injected. */
function needsAuthority({ policy, secrets }: GatewayOptions): boolean {
  const limited = [...policy.allow, ...policy.deny].some((rule) => rule.methods !== undefined || rule.path !== undefined);
  return limited || (secrets ?? []).length > 0;
}
