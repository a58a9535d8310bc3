import { renderHost } from "./host.ts";
import { crossesPublicSuffix, isPublicSuffix } from "./public-suffix.ts";

/** From this many hosts below one name on, they are written as one wildcard. */
const GROUP_FROM = 3;

/** A host that was used. */
export interface UsedHost {
  readonly host: string;
  readonly port: number;
}

/**
 * The shortest allowlist that would have been enough, one rule per element, sorted. Three or more hosts directly below one registered name
 * become a wildcard; a public suffix never does, and neither does a port that is not 443 or 80.
 */
export function proposeAllow(used: readonly UsedHost[]): readonly string[] {
  const plain = new Set(used.filter(({ port }) => isDefaultPort(port)).map(({ host }) => host));
  const ported = used.filter(({ port }) => !isDefaultPort(port)).map(({ host, port }) => `${renderHost(host)}:${port}`);
  const groups = Map.groupBy([...plain].filter(canBeGrouped), parentOf);
  const wide = [...groups].filter(([, hosts]) => hosts.length >= GROUP_FROM).map(([parent]) => parent);
  const covered = (host: string): boolean => canBeGrouped(host) && wide.some((parent) => isBelow(host, parent));
  const single = [...plain].filter((host) => !covered(host)).map(renderHost);
  const outermost = wide.filter((parent) => !wide.some((other) => isBelow(parent, other)));
  return [...new Set([...outermost.map((parent) => `*.${parent}`), ...single, ...ported])].sort();
}

/** By the same rule as an allowed wildcard. */
function isBelow(host: string, parent: string): boolean {
  return host.endsWith(`.${parent}`) && !crossesPublicSuffix(host, parent);
}

function isDefaultPort(port: number): boolean {
  return port === 443 || port === 80;
}

/** Only a name below a registered one: `*.example.com`, never `*.com` or `*.github.io`; addresses have no parent. */
function canBeGrouped(host: string): boolean {
  return !host.includes(":") && !/^[0-9.]+$/.test(host) && !isPublicSuffix(parentOf(host));
}

function parentOf(host: string): string {
  return host.slice(host.indexOf(".") + 1);
}
