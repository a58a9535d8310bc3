import { randomBytes } from "node:crypto";
import type { Secret } from "../../../domain/secret.ts";
import type { Gap, Sandbox, SandboxProvider, SandboxSpec } from "../../../ports/sandbox.ts";
import { bootstrapGuest } from "../shared/bootstrap.ts";
import { type CloudOptions, greetGuest, requireCredential, TOKEN_BYTES } from "../shared/cloud-guest.ts";
import { openWarnOnce, type WarnOnce } from "../shared/warn-once.ts";
import { type E2bApi, openE2bApi } from "./api.ts";
import { createSandbox } from "./create.ts";
import { readE2bEndpoints } from "./endpoints.ts";
import { E2B } from "./errors.ts";
import { openE2bMachine } from "./machine.ts";
import { isOverdueSandbox, tagsOfAll, tagsOfRun } from "./tags.ts";
import { openE2bTunnel } from "./tunnel.ts";

export interface E2bOptions extends CloudOptions {
  readonly apiKey: Secret | undefined;
  /** Template that holds the agent's program. Default `base`. */
  readonly agentTemplate?: string | undefined;
  /** An upload that makes no progress for this long is started again. Default 30 s. */
  readonly stallMs?: number;
}

const GAPS: readonly Gap[] = [
  {
    law: "no-interfaces",
    reason:
      "An E2B sandbox has a network interface and a route. Its host drops whatever leaves there, which every run proves from inside before the agent starts.",
  },
];

/**
 * Firecracker microVMs of E2B, without network: the guest is reached through E2B's proxy, by a key that is on the runner only.
 * @throws AirlockError `input.missing`, `input.invalid`
 */
export function openE2bProvider(options: E2bOptions): SandboxProvider {
  const endpoints = readE2bEndpoints(options.env);
  const { pausesMs, requestTimeoutMs } = options;
  const apiKey = requireCredential(options.apiKey, E2B);
  const api = openE2bApi({
    apiKey,
    endpoints,
    ...(pausesMs === undefined ? {} : { pausesMs }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  });
  const warnOnce = openWarnOnce();
  const { agentTemplate = DEFAULT_TEMPLATE } = options;
  let before = DEFAULT_TEMPLATE;
  return {
    name: "e2b",
    gaps: GAPS,
    room: async () => undefined,
    async create(spec) {
      const template = chooseTemplate(spec, { before, agentTemplate });
      const sandbox = await create(spec, { ...options, api, template, warnOnce, tunnelUrl: endpoints.tunnelUrl });
      before = template;
      return sandbox;
    },
    findByRun: async (run) => (await api.list(tagsOfRun(run))).map(({ sandboxId }) => sandboxId),
    destroy: (id) => api.kill(id),
    async sweep(nowMs) {
      const overdue = (await api.list(tagsOfAll())).filter(({ metadata }) => isOverdueSandbox(metadata, nowMs));
      for (const { sandboxId } of overdue) await api.kill(sandboxId);
      return overdue.map(({ sandboxId }) => sandboxId);
    },
  };
}

interface Parts extends E2bOptions {
  readonly api: E2bApi;
  readonly template: string;
  readonly warnOnce: WarnOnce;
  readonly tunnelUrl: string | undefined;
}

const DEFAULT_TEMPLATE = "base";

interface Templates {
  /** What the sandbox before was made from. */
  readonly before: string;
  readonly agentTemplate: string;
}

/** A verification has no agent; it runs where the agent ran before it, so that both find the same tools. */
function chooseTemplate({ template, layers }: SandboxSpec, { before, agentTemplate }: Templates): string {
  if (template !== "") return template;
  return layers.length === 0 ? before : agentTemplate;
}

async function create(spec: SandboxSpec, parts: Parts): Promise<Sandbox> {
  if (spec.cpus > 0 || spec.memoryMib > 0)
    parts.warnOnce(spec, "E2B takes processors and memory from the template; the inputs `cpus` and `memory-mib` have no effect.");
  const { template } = parts;
  await using opened = new AsyncDisposableStack();
  const created = await createSandbox(parts.api, spec, template);
  opened.defer(created.destroy);
  const { sandbox: remote, trafficToken } = created.sandbox;
  const machine = openE2bMachine(remote, parts.api.requestTimeoutMs);
  const token = randomBytes(TOKEN_BYTES);
  const versions = await bootstrapGuest({
    machine,
    guestFile: parts.guestFile,
    nodeBinary: parts.nodeBinary,
    nodeArch: process.arch,
    layers: spec.layers,
    token,
    image: `The template \`${template}\``,
    notify: (line) => parts.warnOnce(spec, line),
    signal: spec.signal,
    ...(parts.stallMs === undefined ? {} : { stallMs: parts.stallMs }),
  });
  const streams = openE2bTunnel({ ...parts, sandbox: remote, trafficToken, token, notify: spec.notify });
  const sandbox = await greetGuest({
    machine,
    streams,
    id: remote.sandboxId,
    facts: { provider: "e2b", isolation: "firecracker", versions: { template, ...versions } },
    signal: spec.signal,
    destroy: created.destroy,
  });
  opened.move();
  return sandbox;
}
