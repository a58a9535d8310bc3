import type { ModelTool } from "../../domain/model-tools.ts";
import type { GatewayOptions } from "../../ports/gateway.ts";
import type { AskedTool } from "./check-shape.ts";
import { throwRefusal } from "./refusal.ts";

/** What the workflow says of tools that the model's service runs by itself. */
export interface ToolPolicy {
  readonly allowed: readonly ModelTool[];
  /** Domains they may look at, where they take a list; undefined: any. */
  readonly domains: readonly string[] | undefined;
}

/**
 * Refuses the tools that the workflow does not name, and holds the others to the run's domains, in the request itself.
 * @returns whether it changed the request
 * @throws Refused
 */
export function applyToolPolicy(asked: readonly AskedTool[], policy: ToolPolicy): boolean {
  const refused = asked.find(({ tool }) => !policy.allowed.includes(tool.word));
  if (refused !== undefined) refuseTool(refused);
  const { domains } = policy;
  if (domains === undefined) return false;
  const limited = asked.filter(({ tool }) => tool.domains !== undefined);
  for (const one of limited) holdToDomains(one, domains);
  return limited.length > 0;
}

function refuseTool({ tool }: AskedTool): never {
  throwRefusal(
    "model-tool",
    403,
    `The model's service would run the tool ${tool.word} by itself, past the egress policy. Leave it out, or name \`${tool.word}\` in the input \`model-tools\`.`,
  );
}

type Holder = Record<string, unknown>;

function holdToDomains({ tool, holder }: AskedTool, domains: readonly string[]): void {
  const path = tool.domains ?? [];
  const name = path.at(-1) ?? "";
  const inner = path.slice(0, -1).reduce((at, step) => descend(at, step), holder as Holder);
  const asked = inner[name];
  const wanted = Array.isArray(asked) && asked.length > 0 ? asked.filter((each) => isWithin(String(each), domains)) : domains;
  if (wanted.length === 0) {
    throwRefusal(
      "model-tool",
      403,
      `The tool ${tool.word} may look at the run's allowed hosts only, and none is left. Name hosts in the input \`allow\`.`,
    );
  }
  inner[name] = wanted;
  if (tool.blocked !== undefined) delete inner[tool.blocked];
}

function descend(holder: Holder, step: string): Holder {
  const found = holder[step];
  if (typeof found === "object" && found !== null) return found as Holder;
  const made: Holder = {};
  holder[step] = made;
  return made;
}

/** The services count what is below a domain, and paths on it, as the domain. */
function isWithin(asked: string, domains: readonly string[]): boolean {
  const host = (asked.split("/", 1)[0] ?? "").toLowerCase();
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/** The allowed hosts that can be written as domains; undefined in `audit`, where every public host is allowed. */
export function listToolDomains({ mode, policy }: Pick<GatewayOptions, "mode" | "policy">): readonly string[] | undefined {
  if (mode === "audit") return undefined;
  if (mode === "none") return [];
  const whole = policy.allow.filter(
    ({ path, methods, port }) => path === undefined && (methods?.includes("GET") ?? true) && (port ?? 443) === 443,
  );
  const names = whole.flatMap(({ pattern }) => (pattern.kind === "host" ? pattern.host : pattern.kind === "below" ? pattern.parent : []));
  const denied = new Set(policy.deny.flatMap(({ pattern }) => (pattern.kind === "host" ? pattern.host : [])));
  return [...new Set(names)].filter((name) => !denied.has(name));
}
