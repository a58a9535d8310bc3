import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { WebSocket } from "ws";
import { type CloudMachine, openMachine } from "../cloud-host.ts";

export interface Rule {
  readonly domain?: string | undefined;
  readonly action?: string | undefined;
  readonly include?: string | undefined;
}

/** A sprite as the service knows it. Its machine is started by the first that needs it, with the network that its policy then allows. */
export interface Sprite {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly auth: string;
  readonly createdAt: Date;
  rules: readonly Rule[];
  readonly sockets: Set<WebSocket>;
  machine(): Promise<CloudMachine>;
}

export interface NewSprite {
  readonly name: string;
  readonly labels: readonly string[];
  readonly auth: string;
}

export interface StateOptions {
  /** Whether the image holds this Node. */
  readonly node: "current" | "none";
  /** The policy is accepted and answered for, and does nothing. */
  readonly ignoresPolicy: boolean;
}

export interface State extends AsyncDisposable {
  readonly sprites: ReadonlyMap<string, Sprite>;
  /** Names of all that ever were, in order. */
  readonly created: readonly string[];
  /** undefined: the name is taken. */
  create(wanted: NewSprite): Sprite | undefined;
  /** False: there is none. */
  remove(name: string): Promise<boolean>;
}

/** The image's user; it becomes root with sudo, without a password. */
export const IMAGE_USER = "sprite";
export const SUDO = "/usr/local/bin/sudo";

export function openState(options: StateOptions): State {
  const sprites = new Map<string, Sprite>();
  const machines = new Map<string, Promise<CloudMachine>>();
  const created: string[] = [];
  const remove = async (name: string): Promise<boolean> => {
    const sprite = sprites.get(name);
    if (sprite === undefined) return false;
    sprites.delete(name);
    for (const socket of sprite.sockets) socket.terminate();
    const machine = await machines.get(name)?.catch(() => undefined);
    machines.delete(name);
    await machine?.[Symbol.asyncDispose]();
    return true;
  };
  return {
    sprites,
    created,
    remove,
    create({ name, labels, auth }) {
      if (sprites.has(name)) return undefined;
      const sprite: Sprite = {
        ...{ id: randomUUID(), name, labels, auth, createdAt: new Date(), rules: [], sockets: new Set() },
        machine() {
          const starting = machines.get(name) ?? boot({ ...options, isOpen: !deniesAll(sprite.rules) || options.ignoresPolicy });
          machines.set(name, starting);
          return starting;
        },
      };
      sprites.set(name, sprite);
      created.push(name);
      return sprite;
    },
    async [Symbol.asyncDispose]() {
      for (const name of [...sprites.keys()]) await remove(name);
    },
  };
}

function deniesAll(rules: readonly Rule[]): boolean {
  return rules.length > 0 && rules.every((rule) => rule.action === "deny") && rules.some((rule) => rule.domain === "*");
}

/** Namespaces know no setuid, so the bit is only looked at: here, and by the server when a command begins with sudo. */
const SUDO_SCRIPT = `#!/bin/sh
if [ -u ${SUDO} ]; then exit 0; fi
echo 'sudo: must be owned by uid 0 and have the setuid bit set' >&2
exit 1
`;

async function boot({ node, isOpen }: Pick<StateOptions, "node"> & { readonly isOpen: boolean }): Promise<CloudMachine> {
  const machine = await openMachine({ user: IMAGE_USER, node, internet: isOpen });
  await machine.writeFile(SUDO, "root", Readable.from([SUDO_SCRIPT]));
  const lines = `chmod 4755 ${SUDO}; mkdir -m 755 /.sprite; : > /.sprite/api.sock; chmod 666 /.sprite/api.sock`;
  const { exit, stdout, stderr } = await machine.start({ argv: ["/bin/sh", "-euc", lines], user: "root" });
  stdout.resume();
  stderr.resume();
  if ((await exit).code !== 0) throw new Error("The image could not be made.");
  return machine;
}
