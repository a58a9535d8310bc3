import { randomBytes } from "node:crypto";
import { AirlockError } from "../../../domain/errors.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Gap, Sandbox, SandboxProvider, SandboxSpec } from "../../../ports/sandbox.ts";
import type { BareMachine } from "../shared/bootstrap/machine.ts";
import { bootstrapGuest, readLastWords } from "../shared/bootstrap.ts";
import { openControlledSandbox } from "../shared/control-client.ts";
import { openTellOnce, type TellOnce } from "../shared/tell-once.ts";
import { holdAwake } from "./awake.ts";
import { openSpritesClient, type SpriteInfo, type SpritesClient } from "./client.ts";
import { type Created, createSprite, remove } from "./create.ts";
import { translate } from "./failure.ts";
import { openBareMachine } from "./machine.ts";
import { isOurName, isOurs, isOverdue, PREFIX_OF_ALL, prefixOf } from "./names.ts";
import { seal } from "./seal.ts";
import { readApiUrl } from "./seam.ts";
import { openTunnel } from "./tunnel.ts";

export interface SpritesOptions {
  /** undefined or empty: an error that names the input. */
  readonly token: Secret | undefined;
  /** The bundled guest program. */
  readonly guestFile: string;
  /** Node for an image whose own is missing or too old. */
  readonly nodeBinary: string;
  /** For `SPRITES_API_URL`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Before each further attempt of a call. Default 1, 3 and 8 s. */
  readonly pausesMs?: readonly number[];
  readonly requestTimeoutMs?: number;
  readonly pulseMs?: number;
}

const GAPS: readonly Gap[] = [
  {
    law: "lifetime",
    reason:
      "Sprites deletes nothing by itself. A sprite whose runner was lost is paused after half a minute and deleted by the next run's sweep, once its deadline has passed.",
  },
  {
    law: "no-interfaces",
    reason:
      "A sprite has a network interface and a route. Its network policy denies every host, and every run proves that from inside before the agent starts.",
  },
];

const GREET_TIMEOUT_MS = 60_000;
const LAST_WORDS_MS = 10_000;
const TOKEN_BYTES = 32;

/** Fly Sprites: microVMs whose network policy denies everything; the guest is reached through an authenticated proxy. */
export function openSpritesProvider(options: SpritesOptions): SandboxProvider {
  const client = openSpritesClient({ ...options, token: requireToken(options.token), apiUrl: readApiUrl(options.env) });
  const tellOnce = openTellOnce();
  const destroy = async (name: string): Promise<void> => {
    // A name that Airlock cannot have given is somebody else's sprite.
    if (isOurName(name)) await remove(client, name);
  };
  return {
    name: "sprites",
    gaps: GAPS,
    create: (spec) => create(spec, { ...options, client, tellOnce }),
    destroy,
    findByRun: async (run) => (await findOurs(client, prefixOf(run))).map(({ name }) => name),
    async sweep(nowMs) {
      const overdue = (await findOurs(client, PREFIX_OF_ALL)).filter((info) => isOverdue(info, nowMs));
      for (const { name } of overdue) await remove(client, name);
      return overdue.map(({ name }) => name);
    },
  };
}

function requireToken(token: Secret | undefined): Secret {
  if (token !== undefined && token.reveal() !== "") return token;
  throw new AirlockError("input.missing", {
    message: "Input `sprites-token` is empty, but it is needed by the provider `sprites`.",
    remedy:
      "Set `sprites-token` from a repository secret that holds a token of your Sprites organization, or set `provider` to `microvm`, which needs none.",
  });
}

async function findOurs(client: SpritesClient, prefix: string): Promise<readonly SpriteInfo[]> {
  try {
    return (await client.list(prefix)).filter(isOurs);
  } catch (error) {
    throw translate(error, "list sandboxes");
  }
}

interface Parts extends SpritesOptions {
  readonly client: SpritesClient;
  readonly tellOnce: TellOnce;
}

async function create(spec: SandboxSpec, parts: Parts): Promise<Sandbox> {
  const { client } = parts;
  requireOwnImage(spec, parts.tellOnce);
  await using opened = new AsyncDisposableStack();
  const created = await createSprite(client, spec);
  opened.defer(created.destroy);
  const machine = openBareMachine({ client, name: created.name });
  const token = randomBytes(TOKEN_BYTES);
  const versions = await bootstrapGuest({
    machine,
    guestFile: parts.guestFile,
    nodeBinary: parts.nodeBinary,
    nodeArch: process.arch,
    layers: spec.layers,
    token,
    image: "The image of Sprites",
    notify: (line) => parts.tellOnce(spec, line),
    signal: spec.signal,
    sealLater: true,
  });
  const sandbox = await greet({ client, created, machine, token, spec, versions });
  opened.defer(() => sandbox[Symbol.asyncDispose]());
  await seal(sandbox);
  opened.move();
  return sandbox;
}

function requireOwnImage(spec: SandboxSpec, tellOnce: TellOnce): void {
  const { template, cpus, memoryMib } = spec;
  if (template !== "") {
    throw new AirlockError("input.unsupported", {
      message: `The input \`template\` asks for \`${template}\`, but Sprites has one image for all.`,
      remedy: "Leave `template` empty and use `setup` to install what is missing, or choose another provider.",
    });
  }
  if (cpus > 0 || memoryMib > 0) tellOnce(spec, "Sprites are of one size; the inputs `cpus` and `memory-mib` have no effect.");
}

interface Greeting {
  readonly client: SpritesClient;
  readonly created: Created;
  readonly machine: BareMachine;
  readonly token: Uint8Array;
  readonly spec: SandboxSpec;
  readonly versions: Readonly<Record<string, string>>;
}

/** A guest that does not answer has its say before it is taken away. */
async function greet({ client, created, machine, token, spec, versions }: Greeting): Promise<Sandbox> {
  const { name } = created;
  const letGo = holdAwake(client, name, spec.lifetimeMs);
  let words = "";
  let greeted = false;
  try {
    const sandbox = await openControlledSandbox({
      ...openTunnel({ client, name, token, notify: spec.notify }),
      id: name,
      facts: { provider: "sprites", isolation: "microvm (vendor's claim)", versions },
      async destroy() {
        if (!greeted && !spec.signal.aborted) words = await readLastWords(machine, AbortSignal.timeout(LAST_WORDS_MS));
        letGo();
        await created.destroy();
      },
      greetTimeoutMs: GREET_TIMEOUT_MS,
      signal: spec.signal,
    });
    greeted = true;
    return sandbox;
  } catch (error) {
    letGo();
    if (!(error instanceof AirlockError) || words === "") throw error;
    throw new AirlockError(error.code, {
      message: `${error.message} The guest's last words: ${words}`,
      remedy: error.remedy,
      cause: error,
    });
  }
}
