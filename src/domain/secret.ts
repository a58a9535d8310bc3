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

/** A secret as the repository's configuration declares it: where it may go, but not its value. */
export interface DeclaredSecret {
  /** Environment variable of the workflow step that holds the value, and of the guest that holds its surrogate. */
  readonly name: string;
  /** Exact host, as written. */
  readonly host: string;
  readonly header: string;
  /** Absent: every method that the host rules allow. */
  readonly methods?: readonly string[];
  /** Path patterns as in host rules. Absent: every path that the host rules allow. */
  readonly paths?: readonly string[];
  /** Names of further headers and query parameters that may pass to the host, beside the harmless ones. Default: none. */
  readonly passes?: readonly string[];
}
