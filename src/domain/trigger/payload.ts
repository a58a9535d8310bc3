/** Hostile JSON, read one field at a time: what is not of the asked type is absent. Nothing here throws. */
export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = {};

/** The object itself, or an empty one for anything else (arrays too). */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : NOTHING;
}

/** An own field, never one that was inherited. */
export function fieldOf(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function objectAt(fields: Fields, name: string): Fields {
  return fieldsOf(fieldOf(fields, name));
}

/** True when the field is there and is an object. */
export function hasObject(fields: Fields, name: string): boolean {
  return objectAt(fields, name) !== NOTHING;
}

/** Empty for a missing field, `null` or another type. */
export function textAt(fields: Fields, name: string): string {
  const value = fieldOf(fields, name);
  return typeof value === "string" ? value : "";
}

/** A positive whole number, or undefined. */
export function idAt(fields: Fields, name: string): number | undefined {
  const value = fieldOf(fields, name);
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

export function listAt(fields: Fields, name: string): readonly unknown[] {
  const value = fieldOf(fields, name);
  return Array.isArray(value) ? value : [];
}

/** An ISO time (or GitHub's seconds since the epoch) as milliseconds since the epoch, or undefined. */
export function timeAt(fields: Fields, name: string): number | undefined {
  const value = fieldOf(fields, name);
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? value * 1_000 : undefined;
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT/.test(value)) return undefined;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** A full commit id in lower case hex, or undefined. */
export function shaAt(fields: Fields, name: string): string | undefined {
  const value = textAt(fields, name);
  return /^[0-9a-f]{40}$/.test(value) && !/^0+$/.test(value) ? value : undefined;
}
