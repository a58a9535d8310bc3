/** A value of a parsed file as an object; empty for whatever else it is. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The JSON object in a text; empty if there is none. */
export function readJsonObject(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}
