import { PROVIDERS, type ProviderName } from "../src/config/providers.ts";
import { inputsIn } from "../src/config/rows.ts";

/** A cloud provider for the demo: the real service where its credentials are in the environment, else its stand-in on loopback. */
export interface DemoCloud {
  readonly note: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

type Started = Pick<DemoCloud, "inputs" | "env">;

/** Stand-ins, for the providers that have one. */
const STAND_INS: { readonly [Provider in ProviderName]?: (opened: AsyncDisposableStack) => Promise<Started> } = {
  async e2b(opened) {
    const { startE2b } = await import("../test/support/cloud/e2b-server.ts");
    const { apiKey, env } = opened.use(await startE2b());
    return { inputs: { "e2b-api-key": apiKey }, env };
  },
  async sprites(opened) {
    const { startSprites } = await import("../test/support/cloud/sprites-server.ts");
    const { token, env } = opened.use(await startSprites());
    return { inputs: { "sprites-token": token }, env };
  },
};

/** undefined for a provider that needs no account, or whose credentials are among the inputs. */
export async function openCloud(
  provider: string,
  inputs: Readonly<Record<string, string>>,
  opened: AsyncDisposableStack,
): Promise<DemoCloud | undefined> {
  if (!isProvider(provider)) return undefined;
  const needed = inputsIn<string>(PROVIDERS[provider].credentials);
  if (needed.every((input) => inputs[input] !== undefined)) return undefined;
  const variables = needed.map(variableOf).join(", ");
  const kept = Object.fromEntries(needed.map((input) => [input, process.env[variableOf(input)] ?? ""]));
  if (!Object.values(kept).includes("")) return { note: `${provider}, with what is in ${variables}`, inputs: kept, env: {} };
  const started = await STAND_INS[provider]?.(opened);
  return started && { note: `a stand-in for ${provider} on loopback (${variables} is not set)`, ...started };
}

/** Providers that are stand-ins in the demo, with the variables that lead to the services themselves. */
export function listStandIns(): readonly { readonly provider: string; readonly variables: readonly string[] }[] {
  return Object.keys(STAND_INS)
    .filter(isProvider)
    .map((provider) => ({ provider, variables: inputsIn<string>(PROVIDERS[provider].credentials).map(variableOf) }));
}

function isProvider(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name);
}

/** Where people keep an input's value: `e2b-api-key` in `E2B_API_KEY`. */
function variableOf(input: string): string {
  return input.toUpperCase().replaceAll("-", "_");
}
