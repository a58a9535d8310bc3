import { getPublicSuffix } from "tldts";

const OPTIONS = { allowPrivateDomains: true, extractHostname: false, validateHostname: false } as const;

/**
 * Whether anybody can register a name directly below this one: `com`, `co.uk`, `github.io`. A name of one label always counts. Source: the
 * Public Suffix List, both sections, as shipped with tldts.
 */
export function isPublicSuffix(host: string): boolean {
  return !host.includes(".") || getPublicSuffix(host, OPTIONS) === host;
}

/**
 * Whether names that anybody can register begin somewhere between this parent and the host: `a.s3.amazonaws.com` below `amazonaws.com`.
 * The host is below the parent.
 */
export function crossesPublicSuffix(host: string, parent: string): boolean {
  return getPublicSuffix(host, OPTIONS)?.endsWith(`.${parent}`) === true;
}
