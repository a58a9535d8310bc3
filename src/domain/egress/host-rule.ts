import { type AddressRange, isSpecialRange, isUnspecified, parseRange } from "./address.ts";
import { canonicalHost } from "./host.ts";
import { isPublicSuffix } from "./public-suffix.ts";
import { canonicalPath } from "./request-path.ts";

/** What a rule names: one host, every host below one, or a range of addresses. */
export type HostPattern =
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "below"; readonly parent: string }
  | { readonly kind: "range"; readonly range: AddressRange };

/** One parsed line of a policy. */
export interface HostRule {
  /** The line as written; for a line of a preset, the preset's name. */
  readonly text: string;
  readonly pattern: HostPattern;
  /** undefined: 443 and 80 in `allow`, every port in `deny`. */
  readonly port?: number;
  /** Exact, upper case; undefined: every method. */
  readonly methods?: readonly string[];
  /** Canonical path pattern; undefined: every path. */
  readonly path?: string;
}

/** Why a line cannot be read, and what to write instead. */
export interface RuleProblem {
  readonly problem: string;
  readonly remedy: string;
}

const METHODS = /^[A-Z][A-Z-]*(?:,[A-Z][A-Z-]*)*$/;
/** CONNECT is not a request to a host, and TRACE and TRACK echo request headers. */
const REFUSED_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);
const PORT = /^[1-9][0-9]{0,4}$/;
const MIN_PREFIX = { 4: 8, 6: 16 } as const;

const fail = (problem: string, remedy: string): RuleProblem => ({ problem, remedy });

/** Parses one line, given without its comment and trimmed. */
export function parseHostRule(text: string): HostRule | RuleProblem {
  if (/[^\u0020-\u007e\u00a0-\u{10ffff}\t]/u.test(text)) return fail("it holds a control character", "Remove the control character.");
  const words = text.split(/[ \t]+/);
  const [first = "", second] = words;
  if (words.length > 2) return fail("it has more than two words", "Write one rule on each line: `host`, or `GET,HEAD host/path`.");
  const target = parseTarget(second ?? first);
  if ("problem" in target) return target;
  if (second === undefined) return { text, ...target };
  const methods = parseMethods(first);
  return "problem" in methods ? methods : { text, ...target, methods: methods.methods };
}

function parseMethods(word: string): { readonly methods: readonly string[] } | RuleProblem {
  if (!METHODS.test(word))
    return fail(`"${word}" is not a list of methods`, "Write the methods in upper case with commas and no spaces, for example `GET,HEAD`.");
  const methods = word.split(",");
  const refused = methods.find((method) => REFUSED_METHODS.has(method));
  return refused === undefined ? { methods } : fail(`the method ${refused} is never let through`, `Remove ${refused}.`);
}

type Target = Omit<HostRule, "text" | "methods">;

function parseTarget(word: string): Target | RuleProblem {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(word))
    return fail("it starts with a scheme", "Leave out `https://`; write the host, and the port if it is not 443 or 80.");
  const range = /^(\[?[0-9A-Fa-f.:]+\]?\/[0-9]+)(?::(.*))?$/.exec(word);
  const bare = range?.[1]?.replaceAll(/[[\]]/g, "") ?? "";
  if (range !== null && parseRange(bare.split("/", 1)[0] ?? "") !== undefined) return parseRangeRule(bare, range[2]);
  const slash = word.indexOf("/");
  const authority = slash === -1 ? word : word.slice(0, slash);
  const pattern = parseAuthority(authority);
  if ("problem" in pattern || slash === -1) return pattern;
  const path = parsePathPattern(word.slice(slash));
  return "problem" in path ? path : { ...pattern, path: path.path };
}

function parseRangeRule(text: string, port: string | undefined): Target | RuleProblem {
  const range = parseRange(text);
  if (range === undefined) return fail("it is not an address range", "Write it as `203.0.113.0/24`.");
  if (range.prefix < MIN_PREFIX[range.address.family] && !isSpecialRange(range)) {
    return fail(
      "the range is so wide that it names nothing",
      `Use a prefix of at least /${MIN_PREFIX[range.address.family]}, or name the hosts.`,
    );
  }
  return rangeRule(range, port);
}

function rangeRule(range: AddressRange, port: string | undefined): Target | RuleProblem {
  if (isUnspecified(range))
    return fail(
      "it names no machine: whoever dials it reaches itself, and that would be the runner",
      "Remove the line. The sandbox reaches its own servers without a rule, for example at `127.0.0.1`.",
    );
  return withPort({ kind: "range", range }, port);
}

function parseAuthority(authority: string): Target | RuleProblem {
  if (authority.includes("@")) return fail("it holds a user name", "Leave out everything up to the `@`.");
  const bracketed = /^(\[[^\]]*\])(?::(.*))?$/.exec(authority);
  if (bracketed !== null) return parsePattern(bracketed[1] ?? "", bracketed[2]);
  if (authority.split(":").length > 2) return parsePattern(authority, undefined);
  const [host = "", port] = authority.split(":");
  return parsePattern(host, port);
}

function parsePattern(text: string, port: string | undefined): Target | RuleProblem {
  if (text.includes("*")) return parseWildcard(text, port);
  const host = canonicalHost(text);
  if (host === undefined)
    return fail(
      `"${text}" is not a host`,
      "Write a host name such as `example.com`, or an address in its usual spelling (IPv6 in brackets).",
    );
  if (host.address !== undefined) return rangeRule({ address: host.address, prefix: host.address.family === 4 ? 32 : 128 }, port);
  return withPort({ kind: "host", host: host.text }, port);
}

function parseWildcard(text: string, port: string | undefined): Target | RuleProblem {
  if (text === "*") return fail("a bare `*` would allow everything", "Name the hosts, or use `network: audit` to learn them.");
  const parent = text.startsWith("*.") && !text.slice(2).includes("*") ? canonicalHost(text.slice(2)) : undefined;
  if (parent === undefined || parent.address !== undefined) {
    return fail("a `*` may only stand for the whole first part of a host name", "Write it as `*.example.com`.");
  }
  if (isPublicSuffix(parent.text)) {
    return fail(`anybody can register a name below \`${parent.text}\``, `Name the hosts you need below \`${parent.text}\` one by one.`);
  }
  return withPort({ kind: "below", parent: parent.text }, port);
}

function withPort(pattern: HostPattern, port: string | undefined): Target | RuleProblem {
  if (port === undefined) return { pattern };
  if (!PORT.test(port) || Number(port) > 65_535)
    return fail(`"${port}" is not a port`, "Write a port from 1 to 65535 without leading zeros.");
  return { pattern, port: Number(port) };
}

function parsePathPattern(text: string): { readonly path: string } | RuleProblem {
  const path = canonicalPath(text);
  if (path === undefined)
    return fail("its path has no single meaning", "Write a plain path such as `/path/*`, without a query, `//`, `..` or escapes of them.");
  if (path.split("/").some((segment) => segment.includes("**") && segment !== "**")) {
    return fail("`**` may only stand for whole path segments", "Write it as `/path/**`, or use `*` within a segment.");
  }
  return { path };
}
