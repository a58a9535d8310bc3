import http from "node:http";
import https from "node:https";
import { AirlockError } from "../../domain/errors.ts";
import type { ModelApi, ModelUpstream } from "../../ports/gateway.ts";
import { refuse } from "../http/refusal.ts";
import { Refused } from "./refusal.ts";

const MIN_CREDENTIAL_LENGTH = 8;
const OAUTH_BETA = "oauth-2025-04-20";

export interface UpstreamTimeouts {
  /** Until the connection is open, including TLS. */
  readonly connectMs: number;
  /** Until the first line of the response. */
  readonly answerMs: number;
  /** Between two pieces of a response. */
  readonly idleMs: number;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query, below the base URL. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/** The one service the credential is sent to. */
export interface BrokerUpstream {
  readonly host: string;
  readonly port: number;
  /** @throws Refused when no response comes. */
  send(request: UpstreamRequest): Promise<http.IncomingMessage>;
  close(): void;
}

export interface BrokerUpstreamOptions {
  readonly upstream: ModelUpstream;
  readonly timeouts: UpstreamTimeouts;
  /** PEM of further certificate authorities, for a service inside a company. */
  readonly ca?: string | undefined;
}

/** @throws AirlockError `input.invalid` for a base URL or a credential that cannot be used safely. */
export function openBrokerUpstream(options: BrokerUpstreamOptions): BrokerUpstream {
  const url = readBaseUrl(options.upstream);
  const credential = readCredential(options.upstream);
  const secure = url.protocol === "https:";
  const port = Number(url.port) || (secure ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const pool = { keepAlive: true, maxSockets: 64, maxFreeSockets: 8, timeout: 60_000 };
  // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED on the runner cannot turn verification off.
  const agent = secure
    ? new https.Agent({ ...pool, rejectUnauthorized: true, minVersion: "TLSv1.2", ...(options.ca === undefined ? {} : { ca: options.ca }) })
    : new http.Agent(pool);
  const prefix = url.pathname.replace(/\/+$/, "");
  const dial = (request: UpstreamRequest): http.ClientRequest =>
    (secure ? https : http).request({
      agent,
      host,
      port,
      method: request.method,
      path: prefix + request.target,
      maxHeaderSize: 64 * 1024,
      signal: request.signal,
      headers: {
        ...withCredential(request.headers, options.upstream, credential),
        host: url.host,
        "accept-encoding": "identity",
        ...(request.body.length > 0 || request.method === "POST" ? { "content-length": String(request.body.length) } : {}),
      },
    });
  return {
    host,
    port,
    send: (request) => receiveResponse(() => dial(request), request, options.timeouts),
    close: () => agent.destroy(),
  };
}

function receiveResponse(
  dial: () => http.ClientRequest,
  request: UpstreamRequest,
  timeouts: UpstreamTimeouts,
): Promise<http.IncomingMessage> {
  const attempt = (mayRepeat: boolean): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = dial();
      const expire = (message: string): void => void outgoing.destroy(new Refused(refuse("upstream-timeout", 504, message)));
      const connectTimer = setTimeout(
        expire,
        timeouts.connectMs,
        `The model's service took no connection within ${timeouts.connectMs} ms (connect timeout).`,
      );
      const answerTimer = setTimeout(
        expire,
        timeouts.answerMs,
        `The model's service did not answer within ${timeouts.answerMs} ms (answer timeout).`,
      );
      outgoing.once("finish", () => clearTimeout(connectTimer));
      outgoing.once("close", () => {
        clearTimeout(connectTimer);
        clearTimeout(answerTimer);
      });
      outgoing.once("response", (response) => {
        clearTimeout(answerTimer);
        response.setTimeout(timeouts.idleMs, () => response.destroy(new Error("idle")));
        resolve(response);
      });
      outgoing.once("upgrade", (_response, socket) => {
        socket.destroy();
        reject(new Refused(refuse("upstream-unreadable", 502, "The model's service tried to change the protocol.")));
      });
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        // The service had already closed this kept connection: it read nothing, so the request may be sent again.
        if (mayRepeat && outgoing.reusedSocket && error.code === "ECONNRESET") resolve(attempt(false));
        else reject(translate(error));
      });
      outgoing.end(request.body);
    });
  return attempt(true);
}

function translate(error: NodeJS.ErrnoException): Refused {
  if (error instanceof Refused) return error;
  const code = /^[A-Z][A-Z0-9_]{1,60}$/.test(error.code ?? "") ? error.code : "no code";
  if (/CERT|TLS|SSL|UNABLE_TO|ALTNAME/.test(code ?? "")) {
    return new Refused(
      refuse("upstream-unreadable", 502, `The model's service could not prove who it is (${code}); nothing was sent.`),
      error,
    );
  }
  return new Refused(refuse("upstream-unreachable", 502, `The model's service could not be reached or broke off (${code}).`), error);
}

function readBaseUrl(upstream: ModelUpstream): URL {
  const input = `${upstream.api}-base-url`;
  const url = URL.canParse(upstream.baseUrl) ? new URL(upstream.baseUrl) : undefined;
  const bad = (message: string, remedy: string): never => {
    throw new AirlockError("input.invalid", { message, remedy });
  };
  if (url === undefined)
    return bad(`The input \`${input}\` is not a URL.`, `Set \`${input}\` to a URL such as https://models.example.com/v1-prefix.`);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return bad(`The input \`${input}\` carries a user, a query or a fragment.`, `Leave only scheme, host, port and path in \`${input}\`.`);
  }
  if (url.protocol === "http:" && !/^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname)) {
    return bad(
      `The input \`${input}\` is plain http to ${url.hostname}.`,
      "Use https: a credential is sent in the clear to loopback only.",
    );
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return bad(`The input \`${input}\` is not an https URL.`, `Start \`${input}\` with https://.`);
  return url;
}

function readCredential(upstream: ModelUpstream): string {
  const value = upstream.credential.value.reveal().trim();
  if (value.length < MIN_CREDENTIAL_LENGTH || !/^[\x21-\x7e]+$/.test(value)) {
    throw new AirlockError("input.invalid", {
      message: `The input \`${upstream.credential.value.name}\` is not a credential: it is shorter than ${MIN_CREDENTIAL_LENGTH} characters or holds spaces or line breaks.`,
      remedy: "Paste the credential into the secret again, as one line.",
    });
  }
  return value;
}

type Headers = Readonly<Record<string, string>>;

const INJECT: Readonly<Record<ModelApi, (headers: Headers, value: string, oauth: boolean) => Headers>> = {
  anthropic: (headers, value, oauth) =>
    oauth
      ? { ...headers, authorization: `Bearer ${value}`, "anthropic-beta": withBeta(headers["anthropic-beta"]) }
      : { ...headers, "x-api-key": value },
  openai: (headers, value) => ({ ...headers, authorization: `Bearer ${value}` }),
  gemini: (headers, value, oauth) => (oauth ? { ...headers, authorization: `Bearer ${value}` } : { ...headers, "x-goog-api-key": value }),
};

function withCredential(headers: Headers, upstream: ModelUpstream, value: string): Headers {
  return INJECT[upstream.api](headers, value, upstream.credential.kind === "oauth-token");
}

/** Anthropic takes an OAuth token only from clients that name this beta. */
function withBeta(betas: string | undefined): string {
  if (betas === undefined || betas.trim() === "") return OAUTH_BETA;
  return betas.split(",").some((beta) => beta.trim() === OAUTH_BETA) ? betas : `${betas},${OAUTH_BETA}`;
}
