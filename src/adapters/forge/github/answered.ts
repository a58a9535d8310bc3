import { inertLine } from "../../../domain/inert.ts";

/** What came back of a call that failed. */
export interface FailedResponse {
  /** Undefined when no whole answer came. */
  readonly status: number | undefined;
  /** GitHub's own words; undefined when what came is not of its API. */
  readonly said: string | undefined;
  /** A rate limit is met. */
  readonly limited: boolean;
  /** All of it for a message, as one inert line. */
  readonly shown: string;
}

/** What is used of octokit's RequestError. A transport that failed has no response, and 500 for a status. */
interface Failed {
  readonly status: number;
  readonly message: string;
  readonly response?: { readonly data: unknown; readonly headers: Readonly<Record<string, unknown>> };
}

const MAX_SHOWN = 200;
const MAX_TITLE = 60;
const MAX_HEAD = 10_000;

/** Octokit's error, or undefined for any other. */
export function asFailed(error: unknown): Failed | undefined {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? (error as Error & Failed) : undefined;
}

/** Reads what a failed call got. */
export function readAnswer(error: unknown): FailedResponse {
  const failed = asFailed(error);
  const message = inertLine(error instanceof Error ? error.message : "no message", MAX_SHOWN);
  const { status, response } = failed ?? {};
  if (status === undefined || response === undefined) return { status: undefined, said: undefined, limited: false, shown: message };
  const said = readOwnWords(response.data);
  const shown = `${status}: ${said === undefined ? describeForeign(response.data) : message}`;
  return { status, said, limited: isLimited(status, said, response.headers), shown };
}

/** Every error of GitHub's API is an object with a message (docs.github.com, "Troubleshooting the REST API"). */
function readOwnWords(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !("message" in data)) return undefined;
  return typeof data.message === "string" ? data.message : undefined;
}

/** docs.github.com, "Rate limits for the REST API". */
function isLimited(status: number, said: string | undefined, headers: Readonly<Record<string, unknown>>): boolean {
  if (status === 429) return true;
  if (status !== 403 || said === undefined) return false;
  return headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined || /rate limit/i.test(said);
}

/** What came in place of an answer of the API, by its title at most. */
export function describeForeign(data: unknown): string {
  if (typeof data !== "string") return "an answer that is not of its API";
  if (!isPage(data)) return data.trim() === "" ? "an empty answer" : "an answer that is no whole JSON";
  const title = /<title[^>]{0,200}>([^<]{0,300})/i.exec(data.slice(0, MAX_HEAD))?.[1]?.trim() ?? "";
  return title === "" ? "a web page" : `a web page, titled "${inertLine(title, MAX_TITLE)}"`;
}

export function isPage(data: unknown): boolean {
  return typeof data === "string" && data.trimStart().startsWith("<");
}
