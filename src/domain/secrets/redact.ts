import { Buffer } from "node:buffer";
import type { Secret } from "../secret.ts";

/** Shorter values would redact ordinary words. */
const SHORTEST_BYTES = 8;

/** Replaces the run's own secret values, raw and in the usual encodings, by `<redacted:name>`. */
export type Redact = (text: string) => string;

/** Makes a redactor once per run; the forms are computed once. Linear in text and in the number of secrets. */
export function openRedactor(secrets: readonly Secret[]): Redact {
  const forms = secrets.flatMap((secret) => spell(secret));
  return (text) => forms.reduce((current, form) => current.replaceAll(form.text, `<redacted:${form.name}>`), text);
}

function spell(secret: Secret): { text: string; name: string }[] {
  const value = secret.reveal();
  if (Buffer.byteLength(value) < SHORTEST_BYTES) return [];
  const bytes = Buffer.from(value);
  const texts = [
    value,
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    encodeURIComponent(value),
  ];
  return [...new Set(texts)].map((text) => ({ text, name: secret.name }));
}
