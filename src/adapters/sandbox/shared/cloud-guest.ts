import type { Duplex } from "node:stream";
import { AirlockError } from "../../../domain/errors.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Sandbox, SandboxFacts } from "../../../ports/sandbox.ts";
import type { BareMachine } from "./bootstrap/machine.ts";
import { readLastWords } from "./bootstrap.ts";
import { openControlledSandbox } from "./control-client.ts";
import { askForCredential, type Vendor } from "./vendor-failure.ts";

/** The options of every cloud provider, beside its credential. */
export interface CloudOptions {
  /** The bundled guest program. */
  readonly guestFile: string;
  /** Node for a machine whose own is missing or too old. */
  readonly nodeBinary: string;
  /** May hold variables that point to another service than the provider's own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Before each further attempt of a call. Default 1, 3 and 8 s. */
  readonly pausesMs?: readonly number[];
  /** For one call. Default 30 s. */
  readonly requestTimeoutMs?: number;
}

/** Length of the secret by which guest and runner know each other, in bytes. */
export const TOKEN_BYTES = 32;
const GREET_TIMEOUT_MS = 60_000;
const LAST_WORDS_MS = 10_000;

/** @throws AirlockError `input.missing` */
export function requireCredential(value: Secret | undefined, vendor: Vendor): Secret {
  if (value !== undefined && value.reveal() !== "") return value;
  throw new AirlockError("input.missing", {
    message: `Input \`${vendor.input}\` is empty, but it is needed by the provider \`${vendor.provider}\`.`,
    remedy: `${askForCredential(vendor)}, or set \`provider\` to \`microvm\`, which needs none.`,
  });
}

export interface Greeting {
  readonly machine: BareMachine;
  readonly streams: { readonly control: Duplex; readonly egress: Duplex };
  readonly id: string;
  readonly facts: SandboxFacts;
  readonly signal: AbortSignal;
  /** Destroys the sandbox. */
  readonly destroy: () => Promise<void>;
}

/** If the guest does not answer, its last words are read before the sandbox is destroyed. */
export async function greetGuest({ machine, streams, id, facts, signal, destroy }: Greeting): Promise<Sandbox> {
  let words = "";
  let greeted = false;
  try {
    const sandbox = await openControlledSandbox({
      ...streams,
      id,
      facts,
      async destroy() {
        if (!greeted && !signal.aborted) words = await readLastWords(machine, AbortSignal.timeout(LAST_WORDS_MS));
        await destroy();
      },
      greetTimeoutMs: GREET_TIMEOUT_MS,
      signal,
    });
    greeted = true;
    return sandbox;
  } catch (error) {
    if (!(error instanceof AirlockError) || words === "") throw error;
    throw new AirlockError(error.code, {
      message: `${error.message} The guest's last words: ${words}`,
      remedy: error.remedy,
      cause: error,
    });
  }
}
