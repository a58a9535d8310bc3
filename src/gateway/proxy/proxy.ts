import type { Duplex } from "node:stream";
import { canonicalHost } from "../../domain/egress/host.ts";
import { proposeAllow } from "../../domain/egress/proposal.ts";
import { openRedactor } from "../../domain/secrets/redact.ts";
import type { EgressSummary, Gateway, GatewayOptions, HostTraffic } from "../../ports/gateway.ts";
import { openInjector } from "../credentials/inject.ts";
import { DEFAULT_PROXY_LIMITS, openUploadBudget, type ProxyLimits } from "../http/limits.ts";
import { openRunAuthority } from "../tls/run-authority.ts";
import { guestEnv, guestFiles } from "../tunnel/guest-env.ts";
import { openAcceptor } from "./accept.ts";
import type { ProxyContext } from "./context.ts";
import { type DialOverrides, openDialer, SYSTEM_DIAL } from "./dial.ts";
import { type EgressLog, openEgressLog } from "./egress-log.ts";

/** What tests put in place of the runner's own network and clock. */
export interface ProxyOverrides extends Partial<DialOverrides> {
  /** Roots that upstream certificates are checked against; Node's own otherwise. */
  readonly upstreamCa?: readonly string[];
  readonly proxyLimits?: Partial<ProxyLimits>;
  readonly now?: () => number;
}

/** The proxy of one run: everything but the model's own traffic. */
export interface Proxy extends AsyncDisposable {
  /** Serves one connection that the relay accepted on the guest's proxy port. */
  serve(stream: Duplex): void;
  readonly env: Gateway["env"];
  readonly files: Gateway["files"];
  readonly log: EgressLog;
  summary(): EgressSummary;
}

export function openProxy(options: GatewayOptions, proxyPort: number, overrides: ProxyOverrides = {}): Proxy {
  const context = openContext(options, overrides);
  const port = openAcceptor(context);
  const readsTls = needsAuthority(options);
  return {
    serve: port.serve,
    env: { ...surrogateEnv(options), ...guestEnv(proxyPort, readsTls) },
    files: readsTls ? guestFiles(context.authority.certificate) : [],
    log: context.log,
    summary: () => context.log.summary(),
    async [Symbol.asyncDispose]() {
      port.close();
      await context.log.close();
    },
  };
}

/** The guest finds each surrogate under the name of its secret. */
function surrogateEnv({ secrets = [] }: GatewayOptions): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.flatMap(({ variable, surrogate }) => (variable === undefined ? [] : [[variable, surrogate]])));
}

function openContext(options: GatewayOptions, overrides: ProxyOverrides): ProxyContext {
  const limits = { ...DEFAULT_PROXY_LIMITS, ...overrides.proxyLimits };
  const now = overrides.now ?? Date.now;
  const secrets = (options.secrets ?? []).map((rule) => rule.value);
  return {
    policy: options.policy,
    mode: options.mode,
    limits,
    dialer: openDialer({ policy: options.policy, limits, overrides: { ...SYSTEM_DIAL, ...overrides } }),
    log: openEgressLog({
      path: options.logPath,
      limits,
      budget: openUploadBudget(limits),
      redact: openRedactor([...secrets, ...(options.model === undefined ? [] : [options.model.credential.value])]),
      propose: options.mode === "audit" ? proposeFrom : () => [],
      now,
    }),
    authority: openRunAuthority(now()),
    injector: openInjector(options.secrets ?? []),
    brokeredHosts: new Set(brokeredHosts(options)),
    upstreamCa: overrides.upstreamCa,
  };
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
