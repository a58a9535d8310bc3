import { findLeaks } from "./leaks.ts";
import type { Secret } from "./secret.ts";

/** Texts about to leave, by the channel they leave through. */
export type LeakText = Readonly<Record<string, string>>;

/** Names the channels that would carry a secret, never the value; undefined when all are clean (I14). */
export function describeLeaks(texts: LeakText, secrets: readonly Secret[]): string | undefined {
  const channels = Object.entries(texts).filter(([, text]) => findLeaks(text, secrets).length > 0);
  if (channels.length === 0) return undefined;
  return `the ${channels.map(([channel]) => channel).join(", the ")} would carry a secret`;
}
