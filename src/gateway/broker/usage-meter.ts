import { joinTokens, NO_TOKENS, type Tokens } from "../../domain/model/usage.ts";
import type { ModelApi } from "../../ports/gateway.ts";
import { type PassUsage, readUsage, type UsageReading } from "./usage-fields.ts";

const MAX_LINE_BYTES = 4 * 1024 * 1024;
const MAX_JSON_BYTES = 32 * 1024 * 1024;
/** An error's body is shorter. */
const HEAD_BYTES = 4096;

/** What a response says about its usage. */
export interface UsageTally {
  readonly tokens: Tokens;
  /** The runs of a model behind the response, where the service lists them. */
  readonly passes: readonly PassUsage[];
  /** It came from a dearer region. */
  readonly regional: boolean;
  /** It came from the service's faster, more expensive mode. */
  readonly fast: boolean;
  /** The response is complete and stated its usage. */
  readonly complete: boolean;
  /** The model that wrote the response, as the service names it. */
  readonly model: string | undefined;
  readonly bytes: number;
  /** The model wrote something: text, a thought, a call. */
  readonly content: boolean;
  /** How the response begins. */
  readonly head: string;
}

/** Reads a response while it is passed on. Never throws: what it cannot read makes the tally incomplete. */
export interface UsageMeter {
  push(chunk: Buffer): void;
  end(): UsageTally;
}

export function openUsageMeter(api: ModelApi, contentType: string | undefined): UsageMeter {
  let tokens: Tokens = NO_TOKENS;
  let passes: readonly PassUsage[] = [];
  let regional = false;
  let fast = false;
  let complete = false;
  let model: string | undefined;
  let bytes = 0;
  let content = false;
  let head = Buffer.alloc(0);
  const note = (text: string): void => {
    content ||= CONTENT[api].test(text);
    if (!MENTIONS_USAGE.test(text)) return;
    const reading = read(api, text);
    if (reading === undefined) return;
    // Anthropic spreads its totals over events, and the highest counts; the others repeat them whole.
    tokens = api === "anthropic" ? joinTokens(tokens, reading.tokens, Math.max) : reading.tokens;
    if (reading.passes.length >= passes.length) passes = reading.passes;
    regional ||= reading.regional;
    fast ||= reading.fast;
    complete ||= reading.final;
    model = reading.model ?? model;
  };
  const streamed = /^text\/event-stream\b/i.test(contentType ?? "");
  const reader = streamed ? readEvents(note) : readDocument(note);
  return {
    push(chunk) {
      bytes += chunk.length;
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      reader.push(chunk);
    },
    end() {
      reader.end();
      return { tokens, passes, regional, fast, complete, model, bytes, content, head: head.toString("utf8") };
    },
  };
}

const MENTIONS_USAGE = /"usage|"error"/;

/** How each service says that the model wrote something, in an event or in a whole response. */
const CONTENT: Readonly<Record<ModelApi, RegExp>> = {
  anthropic: /"content_block_start"|"content"\s*:\s*\[\s*\{/,
  openai: /"response\.output_item\.|"(?:output|tool_calls)"\s*:\s*\[\s*\{|"(?:content|delta|reasoning_content|refusal)"\s*:\s*"[^"]/,
  gemini: /"parts"\s*:\s*\[\s*\{(?!\s*"text"\s*:\s*"")/,
};

function read(api: ModelApi, text: string): UsageReading | undefined {
  try {
    return readUsage(api, JSON.parse(text));
  } catch {
    return undefined;
  }
}

interface Reader {
  push(chunk: Buffer): void;
  end(): void;
}

/** Server-sent events, split at any byte: only `data:` lines count. */
function readEvents(note: (text: string) => void): Reader {
  let pieces: Buffer[] = [];
  let size = 0;
  const finish = (): void => {
    const line = size <= MAX_LINE_BYTES ? Buffer.concat(pieces).toString("utf8") : "";
    pieces = [];
    size = 0;
    if (line.startsWith("data:")) note(line.slice(5));
  };
  const keep = (piece: Buffer): void => {
    size += piece.length;
    if (size <= MAX_LINE_BYTES) pieces.push(Buffer.from(piece));
    else pieces = [];
  };
  return {
    push(chunk) {
      let from = 0;
      for (let at = findLineEnd(chunk, 0); at >= 0; at = findLineEnd(chunk, from)) {
        keep(chunk.subarray(from, at));
        finish();
        from = at + 1;
      }
      if (from < chunk.length) keep(chunk.subarray(from));
    },
    end: finish,
  };
}

/** A line ends with LF, CR or both; an empty line between the two does no harm. */
function findLineEnd(chunk: Buffer, from: number): number {
  const lf = chunk.indexOf(0x0a, from);
  const cr = chunk.subarray(from, lf < 0 ? chunk.length : lf).indexOf(0x0d);
  return cr < 0 ? lf : from + cr;
}

/** A whole JSON document. */
function readDocument(note: (text: string) => void): Reader {
  let pieces: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      size += chunk.length;
      if (size <= MAX_JSON_BYTES) pieces.push(Buffer.from(chunk));
      else pieces = [];
    },
    end() {
      if (size <= MAX_JSON_BYTES) note(Buffer.concat(pieces).toString("utf8"));
      pieces = [];
    },
  };
}
