import { randomBytes } from "node:crypto";
import { AirlockError } from "../../../domain/errors.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Gap, Sandbox, SandboxProvider, SandboxSpec } from "../../../ports/sandbox.ts";
import type { BareMachine } from "../shared/bootstrap/machine.ts";
import { bootstrapGuest, readLastWords } from "../shared/bootstrap.ts";
import { openControlledSandbox } from "../shared/control-client.ts";
import { openTellOnce, type TellOnce } from "../shared/tell-once.ts";
import { type E2bApi, openE2bApi } from "./api.ts";
import { type Created, createSandbox, type SecuredSandbox } from "./create.ts";
import { openBareMachine } from "./machine.ts";
import { readSeams } from "./seams.ts";
import { isOverdue, tagsOfAll, tagsOfRun } from "./tags.ts";
import { openTunnel } from "./tunnel.ts";

export interface E2bOptions {
  readonly apiKey: Secret | undefined;
  /** The bundled guest program. */
  readonly guestFile: string;
  /** Node for a template whose own is missing or too old. */
  readonly nodeBinary: string;
  /** For `E2B_API_URL` and its kin. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Before each further attempt of a call. Default 1, 3 and 8 s. */
  readonly pausesMs?: readonly number[];
  /** For one call. Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** An upload that does not move for so long is begun anew. Default 30 s. */
  readonly stallMs?: number;
}

const GAPS: readonly Gap[] = [
  {
    law: "no-interfaces",
    reason:
      "An E2B sandbox has a network interface and a route. Its host drops whatever leaves there, which every run proves from inside before the agent starts.",
  },
];

const GREET_TIMEOUT_MS = 60_000;
const TOKEN_BYTES = 32;

/**
 * Firecracker microVMs of E2B, without network: the guest is reached through E2B's proxy, by a key that is on the runner only.
 * @throws AirlockError `input.missing`, `input.invalid`
 */
export function openE2bProvider(options: E2bOptions): SandboxProvider {
  const seams = readSeams(options.env);
  const { pausesMs, requestTimeoutMs } = options;
  const apiKey = requireKey(options.apiKey);
  const api = openE2bApi({
    apiKey,
    seams,
    ...(pausesMs === undefined ? {} : { pausesMs }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  });
  const tellOnce = openTellOnce();
  let template = DEFAULT_TEMPLATE;
  return {
    name: "e2b",
    gaps: GAPS,
    async create(spec) {
      template = chooseTemplate(spec, template);
      return await create(spec, { ...options, api, template, tellOnce, tunnelUrl: seams.tunnelUrl });
    },
    findByRun: async (run) => (await api.list(tagsOfRun(run))).map(({ sandboxId }) => sandboxId),
    destroy: (id) => api.kill(id),
    async sweep(nowMs) {
      const overdue = (await api.list(tagsOfAll())).filter(({ metadata }) => isOverdue(metadata, nowMs));
      for (const { sandboxId } of overdue) await api.kill(sandboxId);
      return overdue.map(({ sandboxId }) => sandboxId);
    },
  };
}

function requireKey(apiKey: Secret | undefined): Secret {
  if (apiKey !== undefined && apiKey.reveal() !== "") return apiKey;
  throw new AirlockError("input.missing", {
    message: "Input `e2b-api-key` is empty, but it is needed by the provider `e2b`.",
    remedy:
      "Set `e2b-api-key` from a repository secret that holds a key of your E2B team, or set `provider` to `microvm`, which needs none.",
  });
}

interface Parts extends E2bOptions {
  readonly api: E2bApi;
  readonly template: string;
  readonly tellOnce: TellOnce;
  readonly tunnelUrl: string | undefined;
}

/** E2B's own templates that hold an agent's program, by the layer that brings it otherwise (E2B documentation, agents). */
const TEMPLATES: Readonly<Record<string, string>> = { "claude-code": "claude", codex: "codex", gemini: "gemini" };

const DEFAULT_TEMPLATE = "base";

/** A verification has no agent; it runs where the agent ran before it, so that both find the same tools. */
function chooseTemplate({ template, layers }: SandboxSpec, before: string): string {
  if (template !== "") return template;
  if (layers.length === 0) return before;
  return layers.map((layer) => TEMPLATES[layer.name]).find((name) => name !== undefined) ?? DEFAULT_TEMPLATE;
}

async function create(spec: SandboxSpec, parts: Parts): Promise<Sandbox> {
  if (spec.cpus > 0 || spec.memoryMib > 0)
    parts.tellOnce(spec, "E2B takes processors and memory from the template; the inputs `cpus` and `memory-mib` have no effect.");
  const { template } = parts;
  await using opened = new AsyncDisposableStack();
  const created = await createSandbox(parts.api, spec, template);
  opened.defer(created.destroy);
  const { trafficToken } = requireClosed(created.sandbox);
  const machine = openBareMachine(created.sandbox, parts.api.requestTimeoutMs);
  const token = randomBytes(TOKEN_BYTES);
  const versions = await bootstrapGuest({
    machine,
    guestFile: parts.guestFile,
    nodeBinary: parts.nodeBinary,
    nodeArch: process.arch,
    layers: spec.layers,
    token,
    image: `The template \`${template}\``,
    notify: (line) => parts.tellOnce(spec, line),
    signal: spec.signal,
    ...(parts.stallMs === undefined ? {} : { stallMs: parts.stallMs }),
  });
  const streams = openTunnel({ ...parts, sandbox: created.sandbox, trafficToken, token, notify: spec.notify });
  const sandbox = await greet({ created, machine, streams, spec, versions: { template, ...versions } });
  opened.move();
  return sandbox;
}

/** What E2B promises is asked for; what it must have answered for that is looked at. The proof from inside comes later. */
function requireClosed(sandbox: SecuredSandbox): { readonly trafficToken: string } {
  const { trafficAccessToken: trafficToken } = sandbox;
  if (trafficToken !== undefined && trafficToken !== "" && sandbox.isSecured) return { trafficToken };
  const what = sandbox.isSecured ? "its ports would be open to the public" : "its daemon would obey anybody inside";
  throw new AirlockError("sandbox.unavailable", {
    message: `E2B made sandbox ${sandbox.sandboxId} without the protection that was asked for: ${what}.`,
    remedy: "Build the template anew with a current version of E2B's tools. On an installation of your own, update it.",
  });
}

interface Greeting {
  readonly created: Created;
  readonly machine: BareMachine;
  readonly streams: ReturnType<typeof openTunnel>;
  readonly spec: SandboxSpec;
  readonly versions: Readonly<Record<string, string>>;
}

/** A guest that does not answer has its say before it is taken away. */
async function greet({ created, machine, streams, spec, versions }: Greeting): Promise<Sandbox> {
  let words: string | undefined;
  let greeted = false;
  try {
    const sandbox = await openControlledSandbox({
      ...streams,
      id: created.sandbox.sandboxId,
      facts: { provider: "e2b", isolation: "firecracker", versions },
      async destroy() {
        if (!greeted && !spec.signal.aborted) words = await readLastWords(machine, AbortSignal.timeout(LAST_WORDS_MS));
        await created.destroy();
      },
      greetTimeoutMs: GREET_TIMEOUT_MS,
      signal: spec.signal,
    });
    greeted = true;
    return sandbox;
  } catch (error) {
    if (!(error instanceof AirlockError) || words === undefined || words === "") throw error;
    throw new AirlockError(error.code, {
      message: `${error.message} The guest's last words: ${words}`,
      remedy: error.remedy,
      cause: error,
    });
  }
}

const LAST_WORDS_MS = 10_000;
