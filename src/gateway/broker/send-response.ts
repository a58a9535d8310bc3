import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import type { ModelApi } from "../../ports/gateway.ts";
import { refuse } from "../http/refusal.ts";
import { Refused, throwRefusal } from "./refusal.ts";
import { type ScrubberFactory, scrubStream } from "./scrub.ts";
import type { UsageMeter } from "./usage-meter.ts";

/** Bytes of one decoded response; more than any model writes. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Headers that are dropped: they belong to the connection, could lead the agent elsewhere, or carry state for the service. */
const DROPPED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-encoding",
  "content-length",
  "content-location",
  "location",
  "refresh",
  "link",
  "alt-svc",
  "set-cookie",
  "set-cookie2",
  "www-authenticate",
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "x-airlock-decision",
]);

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip({ flush: zlib.constants.Z_SYNC_FLUSH }),
  "x-gzip": () => zlib.createGunzip({ flush: zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => zlib.createInflate({ flush: zlib.constants.Z_SYNC_FLUSH }),
  br: () => zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdDecompress(),
};

/** Seconds. Codex gives up at once on a 429 that does not say when to come back, and tries four times on one that does. */
const RETRY_AFTER = "20";

export interface ResponseParts {
  readonly api: ModelApi;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly meter: UsageMeter;
  readonly scrubbing: ScrubberFactory;
}

/**
 * Passes a response on: decoded, metered, scrubbed and streamed. Redirects and unreadable codings are refused.
 * @throws Refused
 */
export async function sendResponse(parts: ResponseParts): Promise<void> {
  const { incoming, response, meter, scrubbing } = parts;
  const status = incoming.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    incoming.destroy();
    throwRefusal("upstream-redirect", 502, "The model's service answered with a redirect, which is not followed.");
  }
  if (status < 200 || status > 599) {
    incoming.destroy();
    throwRefusal("upstream-unreadable", 502, "The model's service answered with a status that cannot be passed on.");
  }
  const decoder = decoderFor(incoming);
  response.writeHead(status, [...cleanHeaders(incoming.rawHeaders, scrubbing), ...whenToRetry(parts)]);
  response.flushHeaders();
  try {
    await pipeline(incoming, decoder, metered(meter), scrubStream(scrubbing.open()), response);
  } catch (cause) {
    throw new Refused(refuse("upstream-broken", 502, "The answer broke off: the service, or the agent, hung up or fell silent."), cause);
  }
}

function whenToRetry({ api, incoming }: ResponseParts): readonly string[] {
  const lacks = incoming.headers["retry-after"] === undefined && incoming.headers["retry-after-ms"] === undefined;
  return api === "openai" && incoming.statusCode === 429 && lacks ? ["retry-after", RETRY_AFTER] : [];
}

function decoderFor(incoming: IncomingMessage): Transform {
  const coding = (incoming.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (coding === "identity" || coding === "") return new PassThrough();
  const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (decoder === undefined) {
    incoming.destroy();
    throwRefusal("upstream-unreadable", 502, "The model's service used a content coding that cannot be read.");
  }
  return decoder();
}

function metered(meter: UsageMeter): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) {
        done(new Error("The answer is larger than any model writes."));
        return;
      }
      meter.push(chunk);
      done(null, chunk);
    },
  });
}

/** Header lines for the agent: without hop-by-hop lines, without those in DROPPED and without names that scrubbing would change; values are scrubbed. */
function cleanHeaders(rawHeaders: readonly string[], scrubbing: ScrubberFactory): string[] {
  const lines: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) lines.push([(rawHeaders[at] ?? "").toLowerCase(), rawHeaders[at + 1] ?? ""]);
  const nominated = new Set(lines.filter(([name]) => name === "connection").flatMap(([, value]) => value.toLowerCase().split(/[ ,]+/)));
  return lines
    .filter(([name]) => !DROPPED.has(name) && !nominated.has(name) && scrubbing.clean(name) === name)
    .flatMap(([name, value]) => [name, scrubbing.clean(value)]);
}
