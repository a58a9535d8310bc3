import { isIPv4, isIPv6 } from "node:net";

/** What an address is for. Everything but `public` is refused unless a rule names it (I4). */
export type AddressClass =
  | "public"
  | "private"
  | "loopback"
  | "link-local"
  | "metadata"
  | "shared"
  | "multicast"
  | "broadcast"
  | "unspecified"
  | "documentation"
  | "benchmarking"
  | "reserved"
  | "embedded-ipv4"
  | "invalid";

/** An address as a number, so that ranges can be compared. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** All addresses that share the first `prefix` bits with `address`. */
export interface AddressRange {
  readonly address: Address;
  readonly prefix: number;
}

type RangeRow = readonly [range: string, name: AddressClass];

/**
 * IPv4 ranges that are not globally reachable, first match wins. Sources: the IANA IPv4 special-purpose address registry;
 * the clouds' own documentation for the metadata addresses (AWS, ECS, EKS, Azure, Alibaba, Oracle, Scaleway).
 */
const IPV4_ROWS: readonly RangeRow[] = [
  ["169.254.169.254/32", "metadata"],
  ["169.254.170.2/32", "metadata"],
  ["169.254.170.23/32", "metadata"],
  ["169.254.42.42/32", "metadata"],
  ["168.63.129.16/32", "metadata"],
  ["100.100.100.200/32", "metadata"],
  ["192.0.0.192/32", "metadata"],
  ["0.0.0.0/8", "unspecified"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "shared"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "reserved"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255/32", "broadcast"],
  ["240.0.0.0/4", "reserved"],
];

/** IPv6 ranges, first match wins; what none names and is not in 2000::/3 is reserved. Source: the IANA IPv6 registries and the clouds' documentation. */
const IPV6_ROWS: readonly RangeRow[] = [
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["fd00:ec2::/32", "metadata"],
  ["fd20:ce::254/128", "metadata"],
  ["fd00:c1::a9fe:a9fe/128", "metadata"],
  ["fd00:42::42/128", "metadata"],
  ["fd00:a9fe:a9fe::1/128", "metadata"],
  ["fd00:100::100:200/128", "metadata"],
  ["fc00::/7", "private"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "private"],
  ["ff00::/8", "multicast"],
  ["2001:2::/48", "benchmarking"],
  ["2001:db8::/32", "documentation"],
  ["3fff::/20", "documentation"],
  ["2001::/23", "reserved"],
];

/** Where IPv6 carries an IPv4 address: range, and how many bits the IPv4 address is shifted to the left. */
const EMBEDDED_ROWS: readonly (readonly [range: string, shift: bigint, inverted: boolean])[] = [
  ["::ffff:0:0/96", 0n, false],
  ["::ffff:0:0:0/96", 0n, false],
  ["64:ff9b::/96", 0n, false],
  ["64:ff9b:1::/48", 0n, false],
  ["2002::/16", 80n, false],
  ["2001::/32", 0n, true],
  ["::/96", 0n, false],
];

const BITS = { 4: 32, 6: 128 } as const;
const LOW_32 = 0xffff_ffffn;

function parseIpv4(text: string): bigint {
  return text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint {
  const tail = text.slice(text.lastIndexOf(":") + 1);
  const plain = isIPv4(tail) ? text.slice(0, -tail.length) + ipv4AsGroups(tail) : text;
  const [head = "", rest] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = rest === undefined || rest === "" ? [] : rest.split(":");
  const zeros: string[] = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function ipv4AsGroups(text: string): string {
  const value = parseIpv4(text);
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

/** Reads an address in its usual spelling: dotted decimal without leading zeros, or IPv6 without brackets and zone. undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: parseIpv4(text) };
  if (isIPv6(text) && !text.includes("%")) return { family: 6, value: parseIpv6(text) };
  return undefined;
}

/** Reads `address/prefix`; a bare address is a range of one. Bits after the prefix are cleared. undefined if it cannot be read. */
export function parseRange(text: string): AddressRange | undefined {
  const match = /^([0-9A-Fa-f.:]+)(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text);
  const address = parseAddress(match?.[1] ?? "");
  if (address === undefined) return undefined;
  const prefix = match?.[2] === undefined ? BITS[address.family] : Number(match[2]);
  if (prefix > BITS[address.family]) return undefined;
  const hostBits = BigInt(BITS[address.family] - prefix);
  return { address: { family: address.family, value: (address.value >> hostBits) << hostBits }, prefix };
}

/** Whether the address is in the range; never across families. */
export function contains(range: AddressRange, address: Address): boolean {
  if (range.address.family !== address.family) return false;
  const hostBits = BigInt(BITS[address.family] - range.prefix);
  return range.address.value >> hostBits === address.value >> hostBits;
}

/** True if no address of the range is an ordinary public one, judged by its two ends: such a range names special addresses on purpose. */
export function isSpecialRange(range: AddressRange): boolean {
  return !classifyEnds(range).includes("public") && range.prefix >= (range.address.family === 4 ? 4 : 7);
}

/** True if both ends of the range are the unspecified address: `0.0.0.0/8`, `::`, and IPv6 forms that carry the former. */
export function isUnspecified(range: AddressRange): boolean {
  return classifyEnds(range).every((name) => name === "unspecified");
}

function classifyEnds(range: AddressRange): readonly [AddressClass, AddressClass] {
  const hostBits = BigInt(BITS[range.address.family] - range.prefix);
  const last = { family: range.address.family, value: range.address.value | ((1n << hostBits) - 1n) };
  return [classifyParsed(range.address), classifyParsed(last)];
}

function readRange(text: string): AddressRange {
  const range = parseRange(text);
  if (range === undefined) throw new TypeError(`not a range: ${text}`);
  return range;
}

const ROWS = [...IPV4_ROWS, ...IPV6_ROWS].map(([text, name]) => ({ range: readRange(text), name }));
const EMBEDDED = EMBEDDED_ROWS.map(([text, shift, inverted]) => ({ range: readRange(text), shift, inverted }));
const GLOBAL_UNICAST = readRange("2000::/3");

/** The IPv4 address inside an IPv6 one (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP), or undefined. */
function findEmbedded(address: Address): Address | undefined {
  if (address.family === 4 || address.value <= 1n) return undefined;
  const isatap = (address.value >> 32n) & 0xfdff_ffffn;
  if (isatap === 0x5efen) return { family: 4, value: address.value & LOW_32 };
  const row = EMBEDDED.find((entry) => contains(entry.range, address));
  if (row === undefined) return undefined;
  const value = (address.value >> row.shift) & LOW_32;
  return { family: 4, value: row.inverted ? value ^ LOW_32 : value };
}

function classifyParsed(address: Address): AddressClass {
  const embedded = findEmbedded(address);
  if (embedded !== undefined) {
    const inner = classifyParsed(embedded);
    return inner === "public" ? "embedded-ipv4" : inner;
  }
  const row = ROWS.find((entry) => contains(entry.range, address));
  if (row !== undefined) return row.name;
  return address.family === 4 || contains(GLOBAL_UNICAST, address) ? "public" : "reserved";
}

/**
 * What an address is for. An IPv6 address that carries an IPv4 one is judged by the inner address and is never `public`. Never throws:
 * anything but an address in its usual spelling is `invalid`.
 */
export function classifyAddress(ip: string): AddressClass {
  const zone = ip.indexOf("%");
  const address = parseAddress(zone === -1 ? ip : ip.slice(0, zone));
  if (address === undefined) return "invalid";
  const found = classifyParsed(address);
  return zone !== -1 && found === "public" ? "invalid" : found;
}

/** The one spelling used for policy, dial and log: IPv6 compressed and in lower case (RFC 5952). undefined if it is not an address. */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}
