import { AirlockError } from "../errors.ts";
import { type Address, contains, isSpecialRange } from "./address.ts";
import { canonicalHost, type Host } from "./host.ts";
import { type HostRule, parseHostRule, type RuleProblem } from "./host-rule.ts";
import { expandPreset, explainUnknown, isPresetName, needsRegistry, type Registries, registryKeyOf, usesRegistry } from "./presets.ts";
import { crossesPublicSuffix } from "./public-suffix.ts";
import { canonicalPath, matchesPath } from "./request-path.ts";

/** A parsed allow and deny list. Make it with `parsePolicy`. */
export interface EgressPolicy {
  readonly allow: readonly HostRule[];
  readonly deny: readonly HostRule[];
  /** Presets that allow nothing because no registry is configured for them. */
  readonly emptyPresets: readonly string[];
  /** Whether a preset of either list depends on the configured registries. */
  readonly needsRegistries: boolean;
  /** The configured registries of the presets in `allow`, which the guest's tools are told. */
  readonly registries: Registries;
}

/** Why a host and port are allowed or refused. The set is closed. */
export type DecisionReason =
  | "allow-rule"
  | "default-deny"
  | "deny-rule"
  | "ip-literal"
  | "port"
  | "bad-host"
  | "bad-port"
  | "method"
  | "path"
  | "ambiguous-path";

/** What a policy says about one host and port. */
export interface Decision {
  readonly verdict: "allow" | "deny";
  readonly reason: DecisionReason;
  /** The line that decided. */
  readonly rule?: string;
}

/** One request on a host whose traffic the gateway reads. */
export interface RequestFacts {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** The request target without its query, as received. */
  readonly path: string;
}

/** Allowed by a bare host rule. */
const DEFAULT_PORTS: readonly number[] = [443, 80];

/**
 * Reads the two lists. A preset is replaced by the lines it stands for; `registries` says where the package managers of this runner
 * download from. A deny line made of a preset denies its hosts altogether.
 * @throws AirlockError `policy.invalid` with the list and the line number
 */
export function parsePolicy(input: { readonly allow: string; readonly deny: string }, registries: Registries = {}): EgressPolicy {
  const allow = parseList("allow", input.allow, registries);
  const deny = parseList("deny", input.deny, registries);
  const needsRegistries = allow.needsRegistries || deny.needsRegistries;
  const told = pickRegistries(allow.rules, registries);
  return { allow: allow.rules, deny: deny.rules, emptyPresets: allow.emptyPresets, needsRegistries, registries: told };
}

/** A rule of a preset has the preset's name as its text; `cargo:replacement` belongs to `cargo`. */
function pickRegistries(rules: readonly HostRule[], registries: Registries): Registries {
  const used = new Set(rules.map(({ text }) => registryKeyOf(text)));
  return Object.fromEntries(Object.entries(registries).filter(([key]) => used.has(key.split(":", 1)[0])));
}

interface ParsedList {
  readonly rules: readonly HostRule[];
  readonly emptyPresets: readonly string[];
  readonly needsRegistries: boolean;
}

function parseList(list: "allow" | "deny", text: string, registries: Registries): ParsedList {
  const rules: HostRule[] = [];
  const emptyPresets: string[] = [];
  let needsRegistries = false;
  for (const [index, line] of text.split(/\r\n|\n/).entries()) {
    const rule = (line.split("#", 1)[0] ?? "").trim();
    if (rule === "") continue;
    const parsed = parseLine(rule, registries);
    if ("problem" in parsed) throw invalid({ list, lineNumber: index + 1, rule, ...parsed });
    const found = list === "deny" && !rule.includes(".") ? parsed.rules.map(withoutLimits) : parsed.rules;
    rules.push(...found);
    if (parsed.rules.length === 0 && needsRegistry(rule)) emptyPresets.push(rule);
    needsRegistries ||= usesRegistry(rule);
  }
  return { rules, emptyPresets, needsRegistries };
}

/** A single word without a dot is a preset; `localhost` is the one host name of that shape. */
function parseLine(rule: string, registries: Registries): { readonly rules: readonly HostRule[] } | RuleProblem {
  if (!/^[A-Za-z0-9_-]+$/.test(rule) || rule.toLowerCase() === "localhost") {
    const parsed = parseHostRule(rule);
    if ("problem" in parsed) return parsed;
    return limitedPreset(parsed) ?? { rules: [parsed] };
  }
  const lines = expandPreset(rule, registries);
  if (lines === undefined) return explainUnknown(rule);
  const parsed = lines.map((line) => parseHostRule(line)).filter((entry) => "pattern" in entry);
  return { rules: parsed.map((entry) => ({ ...entry, text: rule })) };
}

/** `GET npm` and `npm/x` would name a host called `npm`, which nobody means. */
function limitedPreset({ pattern, port }: HostRule): RuleProblem | undefined {
  if (pattern.kind !== "host" || port !== undefined || !isPresetName(pattern.host)) return undefined;
  return {
    problem: `"${pattern.host}" is a preset, and a preset takes no methods and no paths`,
    remedy: `Write \`${pattern.host}\` alone, or the registry's host with methods and paths.`,
  };
}

function withoutLimits(rule: HostRule): HostRule {
  return { text: rule.text, pattern: rule.pattern };
}

function invalid(at: { readonly list: string; readonly lineNumber: number; readonly rule: string } & RuleProblem): AirlockError {
  const shown = at.rule.length > 120 ? `${at.rule.slice(0, 120)}…` : at.rule;
  return new AirlockError("policy.invalid", {
    message: `Line ${at.lineNumber} of \`${at.list}\` cannot be used: ${JSON.stringify(shown)}: ${at.problem}.`,
    remedy: at.remedy,
  });
}

/** Whether a host on a port may be reached at all. Limits on methods and paths are judged per request by `decideRequest`. Never throws. */
export function decide(policy: EgressPolicy, host: string, port: number): Decision {
  const canonical = canonicalHost(host);
  if (canonical === undefined) return { verdict: "deny", reason: "bad-host" };
  if (!isPort(port)) return { verdict: "deny", reason: "bad-port" };
  const denied = policy.deny.find((rule) => !isLimited(rule) && names(rule, canonical, "deny") && coversPort(rule, port, "deny"));
  if (denied !== undefined) return { verdict: "deny", reason: "deny-rule", rule: denied.text };
  const named = policy.allow.filter((rule) => names(rule, canonical, "allow"));
  const allowed = named.find((rule) => coversPort(rule, port, "allow"));
  if (allowed !== undefined) return { verdict: "allow", reason: "allow-rule", rule: allowed.text };
  if (named.length > 0) return { verdict: "deny", reason: "port" };
  return { verdict: "deny", reason: canonical.address === undefined ? "default-deny" : "ip-literal" };
}

/**
 * Judges one request on a host that `decide` allowed. The path is compared in its canonical spelling, which is also what must be sent.
 * Never throws.
 */
export function decideRequest(policy: EgressPolicy, request: RequestFacts): Decision & { readonly path?: string } {
  const whole = decide(policy, request.host, request.port);
  if (whole.verdict === "deny" || !isReadable(policy, request.host, request.port)) return whole;
  const path = canonicalPath(request.path);
  if (path === undefined) return { verdict: "deny", reason: "ambiguous-path" };
  const { allow, deny } = rulesFor(policy, request.host, request.port);
  const denied = deny.find((rule) => isLimited(rule) && fits({ rule, method: request.method, path: path.toLowerCase(), fold: true }));
  if (denied !== undefined) return { verdict: "deny", reason: "deny-rule", rule: denied.text };
  const allowed = allow.find((rule) => fits({ rule, method: request.method, path, fold: false }));
  if (allowed !== undefined) return { verdict: "allow", reason: "allow-rule", rule: allowed.text, path };
  const methodKnown = allow.some((rule) => rule.methods === undefined || rule.methods.includes(request.method));
  return { verdict: "deny", reason: methodKnown ? "path" : "method" };
}

/** Whether a rule limits methods or paths on this host and port, so that the gateway has to read its traffic. */
export function isReadable(policy: EgressPolicy, host: string, port: number): boolean {
  const { allow, deny } = rulesFor(policy, host, port);
  return [...allow, ...deny].some(isLimited);
}

/** Whether the request may turn into a connection that can no longer be read (WebSocket): only where no matching rule limits methods. */
export function allowsUpgrade(policy: EgressPolicy, request: RequestFacts): boolean {
  const path = canonicalPath(request.path);
  if (!isReadable(policy, request.host, request.port)) return true;
  return (
    path !== undefined &&
    rulesFor(policy, request.host, request.port).allow.some(
      (rule) => rule.methods === undefined && fits({ rule, method: request.method, path, fold: false }),
    )
  );
}

/** What the lists say about an address that an allowed name resolved to. `named`: a rule names it, which opens a special range (I4). */
export function judgeAddress(
  policy: EgressPolicy,
  address: Address,
  port: number,
): { readonly denied?: string; readonly named: boolean; readonly exact: boolean } {
  const holds = (rule: HostRule): boolean =>
    rule.pattern.kind === "range" && contains(rule.pattern.range, address) && (rule.port === undefined || rule.port === port);
  const denied = policy.deny.find((rule) => !isLimited(rule) && holds(rule));
  const ranges = policy.allow.filter(holds).map((rule) => (rule.pattern.kind === "range" ? rule.pattern.range : undefined));
  const exact = ranges.some((range) => range !== undefined && range.prefix === (address.family === 4 ? 32 : 128));
  const named = exact || ranges.some((range) => range !== undefined && isSpecialRange(range));
  return { ...(denied === undefined ? {} : { denied: denied.text }), named, exact };
}

function rulesFor(
  policy: EgressPolicy,
  host: string,
  port: number,
): { readonly allow: readonly HostRule[]; readonly deny: readonly HostRule[] } {
  const canonical = canonicalHost(host);
  if (canonical === undefined) return { allow: [], deny: [] };
  return {
    allow: policy.allow.filter((rule) => names(rule, canonical, "allow") && coversPort(rule, port, "allow")),
    deny: policy.deny.filter((rule) => names(rule, canonical, "deny") && coversPort(rule, port, "deny")),
  };
}

function fits(given: { readonly rule: HostRule; readonly method: string; readonly path: string; readonly fold: boolean }): boolean {
  const { rule, method, path, fold } = given;
  if (rule.methods !== undefined && !rule.methods.includes(method)) return false;
  return rule.path === undefined || matchesPath(fold ? rule.path.toLowerCase() : rule.path, path);
}

function isLimited(rule: HostRule): boolean {
  return rule.methods !== undefined || rule.path !== undefined;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function coversPort(rule: HostRule, port: number, list: "allow" | "deny"): boolean {
  if (rule.port !== undefined) return rule.port === port;
  return list === "deny" || DEFAULT_PORTS.includes(port);
}

/** An allowed wildcard stops where names begin that anybody can register; a denied one covers them too. */
function names(rule: HostRule, host: Host, list: "allow" | "deny"): boolean {
  const { pattern } = rule;
  if (pattern.kind === "range") return host.address !== undefined && contains(pattern.range, host.address);
  if (host.address !== undefined) return false;
  if (pattern.kind === "host") return pattern.host === host.text;
  return host.text.endsWith(`.${pattern.parent}`) && (list === "deny" || !crossesPublicSuffix(host.text, pattern.parent));
}
