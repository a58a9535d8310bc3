import { foldHeaderName } from "../http/header-lines.ts";

/**
 * What may pass to a host with a declared secret beside the secret itself. Services name their credentials as they like, so no list of
 * bad names is ever whole: what is not known to be harmless does not pass (I5).
 */

/** Fields of HTTP and of the clients that meet such hosts: npm, pip, cargo, git, Maven, NuGet, OCI, and the SDKs of services. */
const HEADERS: ReadonlySet<string> = new Set(
  `accept accept-charset accept-datetime accept-language accept-patch accept-ranges baggage cache-control content-digest content-disposition
  content-encoding content-language content-length content-md5 content-range content-type date depth digest dnt if-match
  if-modified-since if-none-match if-unmodified-since last-modified origin overwrite destination pragma prefer priority
  purpose referer repr-digest save-data sentry-trace slug soapaction timeout traceparent tracestate upgrade-insecure-requests
  user-agent want-digest x-b3-sampled x-b3-spanid x-b3-traceid x-client-request-id x-correlation-id x-request-id x-requested-with
  x-csrf-protection x-no-cache x-trace-id idempotency-key x-idempotency-key
  git-protocol git-lfs-version docker-distribution-api-version docker-upload-uuid oci-subject cargo-protocol
  npm-auth-type npm-command npm-in-ci npm-scope npm-session pacote-integrity pacote-pkg-id pacote-req-type pacote-version pnpm-version
  x-nuget-client-version x-nuget-protocol-version x-nuget-session-id x-pypi-client x-checksum-md5 x-checksum-sha1 x-checksum-sha256
  x-checksum-deploy x-github-api-version x-github-media-type x-gitlab-meta x-atlassian-request x-amz-date x-amz-content-sha256
  x-amz-acl x-goog-api-client x-goog-user-project x-ms-date x-ms-version x-ms-blob-type anthropic-version stripe-version
  terraform-version x-terraform-version`
    .split(/\s+/)
    .filter(Boolean),
);
const HEADER_FAMILIES = /^(?:sec-(?:fetch|ch-ua)-?[a-z-]*|sec-websocket-(?:key|version|extensions)|x-stainless-[a-z-]+)$/;

/** Names that a credential is given. Such a line is refused, so that the agent learns of it; any other unknown line is left out. */
const CREDENTIAL_WORD =
  /(?:^|-)(?:[a-z0-9]*(?:token|secret|passw(?:or)?d|credentials?|signature|apikey|jwt)|auth|authorization|authentication|(?:[a-z0-9]*)key|key-id|pass|pwd|session-id|sas|otp)(?:-|$)/;

export type HeaderVerdict = "passes" | "left-out" | "refused";

/** `own`: further names that the workflow lets pass. */
export function judgeHeader(name: string, own: ReadonlySet<string>): HeaderVerdict {
  const folded = foldHeaderName(name);
  // A name that only a careless server reads as a harmless one is not that name.
  const plain = name.toLowerCase() === folded;
  if (plain && (HEADERS.has(folded) || HEADER_FAMILIES.test(folded) || own.has(foldParameter(folded)))) return "passes";
  return CREDENTIAL_WORD.test(folded) ? "refused" : "left-out";
}

/** Parameters that choose, page, sort or shape what is asked for; written as `foldParameter` writes them. */
const PARAMETERS: ReadonlySet<string> = new Set(
  `account action actor affiliation after all alt anon api apiversion arch archived assignee author base before branch build capability
  category channel client clientid commit compare components config count countonly cursor date day days dependencies depth detail details
  digest direction distinct download draft dryrun embed end endat enddate endtime environment etag event exact exclude expand export extended
  extension ext features field fields file filename filepath filter filters first flat follow force format from full go goget group groupid
  groupby hash head hidden id ids ignore include indent index inline installed interval is issue items kind label labels lang language last
  latest length level license limit list local locale location maintenance marker max maxkeys maxresults membership mention mentioned meta method
  milestone min minimal mode month mount n name namespace names nexttoken number offline offlinetoken offset only op orderby order org organization
  os outputformat output owned owner package packagetype page pagelen pagenumber pagesize pagetoken parent part participating path paths pattern
  per perpage period platform popularity position prefix prerelease pretty prettyprint preview project projects promote properties q quality query range
  raw reason recurse recursive ref refname refs region release repo repository repositories resource response restype rev reverse revision role scope
  search section segment select semver semverlevel service severity sha since simple size skip slug sort sortby source spec stable start startat
  startdate starttime state statistics stats statsperiod status step strict subset suffix summary system tag tags take target team template terms
  text time timeout timestamp timezone title to top topic total tree type types tz uid unit until update updated uploadid partnumber url user uuid
  v value verbose version versionid versions view visibility watch week where with workflow workspace write wsdl xml json year yanked`
    .split(/\s+/)
    .filter(Boolean),
);

/** Case and separators differ from service to service: `perPage`, `per_page` and `per-page` are one name. */
export function foldParameter(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.$]/g, "");
}

/** Whether every parameter of a query, without its `?`, may pass. `filter[status]` is `filter` and `status`. */
export function isHarmlessQuery(query: string, own: ReadonlySet<string>): boolean {
  const pairs = query.split(/[&;]/).filter((pair) => pair !== "");
  const parts = pairs.flatMap((pair) => namesIn(decodeLoosely(pair.split("=", 1)[0] ?? "")));
  return parts.every((part) => PARAMETERS.has(part) || own.has(part) || /^\d{1,4}$/.test(part));
}

function namesIn(name: string): readonly string[] {
  const parts = name.split(/[[\]]/).filter((part) => part !== "");
  return parts.length === 0 ? [""] : parts.map(foldParameter);
}

/** What cannot be decoded is judged as it is. */
function decodeLoosely(name: string): string {
  return name.replaceAll(/%([0-9A-Fa-f]{2})/g, (_triplet, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
