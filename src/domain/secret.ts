import { inspect } from "node:util";

const REDACTED = "<redacted>";

/**
 * A value that must never be shown. Prints as `<redacted>` through string
 * conversion, JSON, template literals and `console.log`.
 */
export class Secret {
  readonly #value: string;
  /** The input or variable the value came from, for messages; never the value. */
  readonly name: string;

  constructor(value: string, name = "secret") {
    this.#value = value;
    this.name = name;
  }

  /** The value itself. Call it only where the value is put on the wire. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
