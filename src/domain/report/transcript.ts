import { inertLine } from "../inert.ts";
import { details, escapeText, note, pre, section } from "./parts.ts";

const MAX_EVENTS = 500;
const MAX_TEXT = 6000;

interface Entry {
  readonly turn: number;
  readonly html: string;
}

/** The transcript as the agent's turns. Lines are JSON from the guest: anything unexpected is skipped and counted. */
export function renderTranscript(lines: readonly string[]): string {
  const entries = lines.slice(0, MAX_EVENTS).flatMap(readEntry);
  if (entries.length === 0) return section("transcript", "Transcript", note("No turn was recorded."));
  const turns = [...new Set(entries.map(({ turn }) => turn))];
  const items = turns.map((turn) => {
    const body = entries.filter((entry) => entry.turn === turn).map(({ html }) => html);
    return `<li><h3>${turn === 0 ? "Before the first turn" : `Turn ${turn}`}</h3>${body.join("")}</li>`;
  });
  const rest = lines.length - MAX_EVENTS;
  const left = rest > 0 ? note(`${rest} more events are in transcript.jsonl.`) : "";
  return section("transcript", "Transcript", `<ol class="turns">${items.join("")}</ol>${left}`);
}

function readEntry(line: string): readonly Entry[] {
  const event = parse(line);
  if (event === undefined) return [];
  const turn = typeof event.turn === "number" && Number.isInteger(event.turn) && event.turn > 0 ? event.turn : 0;
  const type = String(event.type);
  // `constructor` is a key of every object.
  const html = Object.hasOwn(RENDERERS, type) ? RENDERERS[type]?.(event) : undefined;
  return html === undefined ? [] : [{ turn, html }];
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

const RENDERERS: Readonly<Record<string, (event: Fields) => string>> = {
  started: (event) => `<p class="note">Model ${escapeText(field(event, "model"))}, agent ${escapeText(field(event, "agentVersion"))}</p>`,
  text: (event) => `<p class="said">${escapeText(field(event, "text"), MAX_TEXT)}</p>`,
  "tool-call": (event) =>
    details(
      `Called <code>${escapeText(field(event, "tool"), 60)}</code> ${escapeText(inertLine(field(event, "input"), 100))}`,
      pre(field(event, "input"), MAX_TEXT),
    ),
  "tool-result": (event) => details(event.failed === true ? "Got an error" : "Got an answer", pre(field(event, "text"), MAX_TEXT)),
  retry: (event) => `<p class="note">The model was asked again: ${escapeText(field(event, "reason"))}</p>`,
};

function field(event: Fields, name: string): string {
  const value = event[name];
  return typeof value === "string" ? value : "";
}
