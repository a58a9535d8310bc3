import { randomUUID } from "node:crypto";
import { Sandbox } from "e2b";
import { AirlockError } from "../../../domain/errors.ts";
import type { SandboxSpec } from "../../../ports/sandbox.ts";
import { type Created, createOrNone } from "../shared/create-or-none.ts";
import type { VendorFailure } from "../shared/vendor-failure.ts";
import type { E2bApi } from "./api.ts";
import { callE2b, explainE2bError } from "./errors.ts";
import { tagsFor, tagsOfCreation } from "./tags.ts";

/** A sandbox that only its keys open. */
export interface SecuredSandbox {
  readonly sandbox: Sandbox;
  /** The key to the sandbox's ports, which are closed to the public. */
  readonly trafficToken: string;
}

/** Gives access to a protected field of the SDK's class. */
class InspectedSandbox extends Sandbox {
  /** The sandbox's daemon runs commands as root for whoever reaches it, also from inside; only this token keeps the agent out. */
  get isSecured(): boolean {
    return (this.envdAccessToken ?? "") !== "";
  }
}

const MAX_LIFETIME_MS = 24 * 3_600_000;

/**
 * A sandbox without network and without a public port. If the answer to a creation was lost, its sandbox is looked for by its tag and
 * removed before the next attempt.
 * @throws AirlockError `sandbox.*`, `input.invalid`, and why `spec.signal` aborted
 */
export async function createSandbox(api: E2bApi, spec: SandboxSpec, template: string): Promise<Created<SecuredSandbox>> {
  requireLifetime(spec);
  const creation = randomUUID();
  return await createOrNone({
    signal: spec.signal,
    pausesMs: api.pausesMs,
    request: () => callE2b(() => requestSandbox(api, { spec, template, creation })),
    async recover() {
      await removeTagged(api, creation);
      return "none";
    },
    secure: async (sandbox) => requireClosed(sandbox),
    remove: (made) => remove(api, creation, made),
    explain: (failure) => explain(failure, { api, spec, template }),
  });
}

function requireLifetime({ lifetimeMs }: SandboxSpec): void {
  if (lifetimeMs <= MAX_LIFETIME_MS) return;
  throw new AirlockError("input.invalid", {
    message: `The sandbox would live ${Math.ceil(lifetimeMs / 60_000)} minutes, and an E2B sandbox lives at most ${MAX_LIFETIME_MS / 60_000}.`,
    remedy: "Lower the input `timeout-minutes`.",
  });
}

interface Wanted {
  readonly spec: SandboxSpec;
  readonly template: string;
  /** Known before the sandbox has an id. */
  readonly creation: string;
}

async function requestSandbox(api: E2bApi, { spec, template, creation }: Wanted): Promise<InspectedSandbox> {
  return await InspectedSandbox.create(template, {
    ...api.connection,
    timeoutMs: spec.lifetimeMs,
    lifecycle: { onTimeout: "kill" },
    metadata: { ...tagsFor(spec, creation, Date.now()) },
    allowInternetAccess: false,
    network: { allowPublicTraffic: false },
  });
}

/** Checks in E2B's answer that the protection that was asked for is on. The proof from inside comes later. */
function requireClosed(sandbox: InspectedSandbox): SecuredSandbox {
  const { trafficAccessToken: trafficToken } = sandbox;
  if (trafficToken !== undefined && trafficToken !== "" && sandbox.isSecured) return { sandbox, trafficToken };
  const what = sandbox.isSecured ? "its ports would be open to the public" : "its daemon would obey anybody inside";
  throw new AirlockError("sandbox.unavailable", {
    message: `E2B made sandbox ${sandbox.sandboxId} without the protection that was asked for: ${what}.`,
    remedy: "Build the template anew with a current version of E2B's tools. On an installation of your own, update it.",
  });
}

async function remove(api: E2bApi, creation: string, made: Sandbox | undefined): Promise<void> {
  if (made === undefined) return await removeTagged(api, creation);
  await api.kill(made.sandboxId);
  // A request that was delivered twice made a second, unused sandbox. If it cannot be looked for, it ends with its lifetime.
  await removeTagged(api, creation).catch(() => undefined);
}

async function removeTagged(api: E2bApi, creation: string): Promise<void> {
  for (const { sandboxId } of await api.list(tagsOfCreation(creation))) await api.kill(sandboxId);
}

async function explain(
  failure: VendorFailure,
  { api, spec, template }: { readonly api: E2bApi; readonly spec: SandboxSpec; readonly template: string },
): Promise<AirlockError> {
  const context = { what: `create a sandbox from the template \`${template}\``, template, lifetimeMs: spec.lifetimeMs };
  if (failure.kind !== "rate-limit") return explainE2bError(failure, context);
  const running = await api.list({}).then(
    (all) => all.length,
    () => undefined,
  );
  return explainE2bError(failure, running === undefined ? context : { ...context, running });
}
