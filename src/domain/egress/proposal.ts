import { GUEST_HOST_NAME } from "../sandbox/env.ts";
import { type AddressClass, classifyAddress } from "./address.ts";
import { renderHost } from "./host.ts";
import { crossesPublicSuffix, isPublicSuffix } from "./public-suffix.ts";

/** From this many hosts below one name on, they are written as one wildcard. */
const GROUP_FROM = 3;

/** A host that was used. */
export interface UsedHost {
  readonly host: string;
  readonly port: number;
}

/** Means the machine itself, or what only that machine reaches: asked by the runner, another thing would answer than the guest asked for. */
const OWN_CLASSES: ReadonlySet<AddressClass> = new Set(["loopback", "unspecified", "link-local", "metadata"]);

/** RFC 6761 keeps `localhost` and all below it for loopback. Metadata names: Google Cloud, "About VM metadata". */
const OWN_NAME = new RegExp(`^(?:(?:.+\\.)?localhost|${GUEST_HOST_NAME}|metadata\\.google\\.internal|metadata\\.goog)$`);

/**
 * Whether the host, in its canonical spelling, means the asking machine itself: loopback, unspecified, link-local and metadata addresses, and
 * their names. In a rule it would open the runner's own services to the guest, so no line for it is ever proposed.
 */
export function isOwnHost(host: string): boolean {
  return OWN_CLASSES.has(classifyAddress(host)) || OWN_NAME.test(host);
}

/**
 * The shortest allowlist that would have been enough, one rule per element, sorted. Three or more hosts directly below one registered name
 * become a wildcard; a public suffix never does, and neither does a port that is not 443 or 80. Hosts that mean the machine itself are left out.
 */
export function proposeAllow(all: readonly UsedHost[]): readonly string[] {
  const used = all.filter(({ host }) => !isOwnHost(host));
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
