import { randomBytes } from "node:crypto";
import { abandonOnAbort } from "../../../domain/deadline.ts";
import { AirlockError } from "../../../domain/errors.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Gap, Sandbox, SandboxProvider, SandboxSpec } from "../../../ports/sandbox.ts";
import type { BareMachine } from "../shared/bootstrap/machine.ts";
import { bootstrapGuest } from "../shared/bootstrap.ts";
import { type CloudOptions, greetGuest, requireCredential, TOKEN_BYTES } from "../shared/cloud-guest.ts";
import type { Created } from "../shared/create-or-none.ts";
import { explainFailure } from "../shared/vendor-failure.ts";
import { openWarnOnce, type WarnOnce } from "../shared/warn-once.ts";
import { holdAwake } from "./awake.ts";
import { openSpritesClient, type SpriteInfo, type SpritesClient } from "./client.ts";
import { createSprite, remove } from "./create.ts";
import { dropRoot } from "./drop-root.ts";
import { readApiUrl } from "./endpoints.ts";
import { SPRITES } from "./errors.ts";
import { openSpritesMachine } from "./machine.ts";
import { isOurName, isOurs, isOverdueSprite, PREFIX_OF_ALL, prefixOf } from "./names.ts";
import { openSpritesTunnel } from "./tunnel.ts";

export interface SpritesOptions extends CloudOptions {
  /** undefined or empty: an error that names the input. */
  readonly token: Secret | undefined;
  /** Between two pings on a command's socket. Default 10 s. */
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

/** Fly Sprites: microVMs whose network policy denies everything; the guest is reached through an authenticated proxy. */
export function openSpritesProvider(options: SpritesOptions): SandboxProvider {
  const client = openSpritesClient({ ...options, token: requireCredential(options.token, SPRITES), apiUrl: readApiUrl(options.env) });
  const warnOnce = openWarnOnce();
  const destroy = async (name: string): Promise<void> => {
    // A sprite with any other name is not Airlock's.
    if (isOurName(name)) await remove(client, name);
  };
  return {
    name: "sprites",
    gaps: GAPS,
    room: async () => undefined,
    create: (spec) => create(spec, { ...options, client, warnOnce }),
    destroy,
    findByRun: async (run) => (await findOurs(client, prefixOf(run))).map(({ name }) => name),
    async sweep(nowMs) {
      const overdue = (await findOurs(client, PREFIX_OF_ALL)).filter((info) => isOverdueSprite(info, nowMs));
      for (const { name } of overdue) await remove(client, name);
      return overdue.map(({ name }) => name);
    },
  };
}

async function findOurs(client: SpritesClient, prefix: string): Promise<readonly SpriteInfo[]> {
  try {
    return (await client.list(prefix)).filter(isOurs);
  } catch (error) {
    throw explainFailure(error, { vendor: SPRITES, what: "list sandboxes" });
  }
}

interface Parts extends SpritesOptions {
  readonly client: SpritesClient;
  readonly warnOnce: WarnOnce;
}

async function create(spec: SandboxSpec, parts: Parts): Promise<Sandbox> {
  const { client } = parts;
  requireOwnImage(spec, parts.warnOnce);
  await using opened = new AsyncDisposableStack();
  const created = await createSprite(client, spec);
  opened.defer(created.destroy);
  const machine = openSpritesMachine({ client, name: created.sandbox });
  const token = randomBytes(TOKEN_BYTES);
  const versions = await bootstrapGuest({
    machine,
    guestFile: parts.guestFile,
    nodeBinary: parts.nodeBinary,
    nodeArch: process.arch,
    layers: spec.layers,
    token,
    image: "The image of Sprites",
    notify: (line) => parts.warnOnce(spec, line),
    signal: spec.signal,
    dropRootLater: true,
  });
  const sandbox = await greet({ client, created, machine, token, spec, versions });
  opened.defer(() => sandbox[Symbol.asyncDispose]());
  await abandonOnAbort(spec.signal, () => dropRoot(sandbox));
  opened.move();
  return sandbox;
}

function requireOwnImage(spec: SandboxSpec, warnOnce: WarnOnce): void {
  const { template, cpus, memoryMib } = spec;
  if (template !== "") {
    throw new AirlockError("input.unsupported", {
      message: `The input \`template\` asks for \`${template}\`, but Sprites has one image for all.`,
      remedy: "Leave `template` empty and use `setup` to install what is missing, or choose another provider.",
    });
  }
  if (cpus > 0 || memoryMib > 0) warnOnce(spec, "Sprites are of one size; the inputs `cpus` and `memory-mib` have no effect.");
}

interface Greeting {
  readonly client: SpritesClient;
  readonly created: Created<string>;
  readonly machine: BareMachine;
  readonly token: Uint8Array;
  readonly spec: SandboxSpec;
  readonly versions: Readonly<Record<string, string>>;
}

/** From here on the sprite is kept awake until it is destroyed. */
async function greet({ client, created, machine, token, spec, versions }: Greeting): Promise<Sandbox> {
  const { sandbox: name } = created;
  const letSleep = holdAwake(client, name, spec.lifetimeMs);
  try {
    return await greetGuest({
      machine,
      streams: openSpritesTunnel({ client, name, token, notify: spec.notify }),
      id: name,
      facts: { provider: "sprites", isolation: "microvm (vendor's claim)", versions },
      signal: spec.signal,
      async destroy() {
        letSleep();
        await created.destroy();
      },
    });
  } catch (error) {
    letSleep();
    throw error;
  }
}
