import { randomBytes } from "node:crypto";
import { type CloudMachine, type MachineOptions, openMachine } from "../cloud-host.ts";

/** A template: what its machines hold. */
export type Template = Pick<MachineOptions, "node" | "image">;

/** A sandbox as the service knows it. */
export interface Box {
  readonly id: string;
  readonly template: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly envdToken: string;
  /** undefined: its ports are public. */
  readonly trafficToken: string | undefined;
  readonly startedAtMs: number;
  readonly endAtMs: number;
  readonly machine: CloudMachine;
}

export interface NewBox {
  readonly template: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lifetimeS: number;
  readonly internet: boolean;
  readonly isPublic: boolean;
}

/** Everything the service holds; a sandbox is in it exactly as long as its machine runs. */
export interface State extends AsyncDisposable {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly templates: Readonly<Record<string, Template>>;
  create(wanted: NewBox): Promise<Box>;
  /** False: there is none. */
  kill(id: string): Promise<boolean>;
  /** Ids of all that ever were, in order. */
  readonly created: readonly string[];
}

export function openState(templates: Readonly<Record<string, Template>>): State {
  const boxes = new Map<string, Box>();
  const created: string[] = [];
  const timers = new Map<string, NodeJS.Timeout>();
  const kill = async (id: string): Promise<boolean> => {
    const box = boxes.get(id);
    if (box === undefined) return false;
    boxes.delete(id);
    clearTimeout(timers.get(id));
    await box.machine[Symbol.asyncDispose]();
    return true;
  };
  return {
    boxes,
    templates,
    created,
    kill,
    async create({ template, metadata, lifetimeS, internet, isPublic }) {
      const image = templates[template] ?? { node: "current" };
      const machine = await openMachine({ user: "user", internet, ...image });
      const id = `i${randomBytes(10).toString("hex").slice(0, 19)}`;
      const startedAtMs = Date.now();
      const endAtMs = startedAtMs + lifetimeS * 1000;
      const envdToken = randomBytes(16).toString("hex");
      const trafficToken = isPublic ? undefined : randomBytes(16).toString("hex");
      const box = { id, template, metadata, envdToken, trafficToken, startedAtMs, endAtMs, machine };
      boxes.set(id, box);
      created.push(id);
      timers.set(
        id,
        setTimeout(() => void kill(id), Math.min(lifetimeS * 1000, 2 ** 31 - 1)),
      );
      return box;
    },
    async [Symbol.asyncDispose]() {
      for (const id of [...boxes.keys()]) await kill(id);
    },
  };
}
