import { canonicalHost } from "../../domain/egress/host.ts";

/** Host and port that a request asks for, in canonical spelling. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const HOST = String.raw`(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,255})`;
const AUTHORITY = new RegExp(`^${HOST}:([1-9][0-9]{0,4})$`);
const HOST_LINE = new RegExp(`^${HOST}(?::([1-9][0-9]{0,4}))?$`);
const ABSOLUTE = new RegExp(String.raw`^http://${HOST}(?::([1-9][0-9]{0,4}))?((?:[/?][\x21-\x22\x24-\x7e]*)?)$`, "i");
const ORIGIN = /^\/[\x21-\x22\x24-\x7e]*$/;

/** `host:port` of a CONNECT request, nothing else (RFC 9110, 9.3.6). undefined when it is anything else. */
export function parseAuthority(text: string): Endpoint | undefined {
  const match = AUTHORITY.exec(text);
  return match === null ? undefined : readTarget(match[1] ?? "", match[2] ?? "");
}

/** A Host line; `port` is undefined when the line has none. */
export function parseHostLine(text: string): { readonly host: string; readonly port: number | undefined } | undefined {
  const match = HOST_LINE.exec(text);
  const target = match === null ? undefined : readTarget(match[1] ?? "", match[2] ?? "80");
  return target === undefined ? undefined : { host: target.host, port: match?.[2] === undefined ? undefined : target.port };
}

/** An absolute-form target with the scheme http, and the origin-form to send on. Userinfo, fragment and other schemes make it undefined. */
export function parseAbsolute(text: string): (Endpoint & { readonly originForm: string }) | undefined {
  const match = ABSOLUTE.exec(text);
  const target = match === null ? undefined : readTarget(match[1] ?? "", match[2] ?? "80");
  if (target === undefined) return undefined;
  const rest = match?.[3] ?? "";
  return { ...target, originForm: rest.startsWith("/") ? rest : `/${rest}` };
}

/** Whether the text is an origin-form target of printable ASCII without a fragment. */
export function isOriginForm(text: string): boolean {
  return ORIGIN.test(text);
}

/** The part of an origin-form target before its query, and the query with its question mark. */
export function splitQuery(originForm: string): { readonly path: string; readonly query: string } {
  const mark = originForm.indexOf("?");
  return mark === -1 ? { path: originForm, query: "" } : { path: originForm.slice(0, mark), query: originForm.slice(mark) };
}

function readTarget(host: string, port: string): Endpoint | undefined {
  const canonical = canonicalHost(host);
  const number = Number(port);
  return canonical === undefined || number > 65_535 ? undefined : { host: canonical.text, port: number };
}
