/** A cloud provider for the demo: the real service where there is a key, else its stand-in on loopback. */
export interface DemoCloud {
  readonly note: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

interface Cloud {
  /** Input of the credential, and the variable in which people keep it. */
  readonly input: string;
  readonly variable: string;
  /** Set when somebody points the adapter elsewhere. */
  readonly url: string;
  readonly start: (opened: AsyncDisposableStack) => Promise<{ readonly key: string; readonly env: Readonly<Record<string, string>> }>;
}

const CLOUDS: Readonly<Record<string, Cloud>> = {
  e2b: {
    input: "e2b-api-key",
    variable: "E2B_API_KEY",
    url: "E2B_API_URL",
    async start(opened) {
      const { startE2b } = await import("../test/support/cloud/e2b-server.ts");
      const { apiKey, env } = opened.use(await startE2b());
      return { key: apiKey, env };
    },
  },
  sprites: {
    input: "sprites-token",
    variable: "SPRITES_TOKEN",
    url: "SPRITES_API_URL",
    async start(opened) {
      const { startSprites } = await import("../test/support/cloud/sprites-server.ts");
      const { token, env } = opened.use(await startSprites());
      return { key: token, env };
    },
  },
};

/** undefined for a provider that needs no account. */
export async function openCloud(
  provider: string,
  inputs: Readonly<Record<string, string>>,
  opened: AsyncDisposableStack,
): Promise<DemoCloud | undefined> {
  const cloud = CLOUDS[provider];
  if (cloud === undefined || inputs[cloud.input] !== undefined) return undefined;
  const key = process.env[cloud.variable] ?? "";
  if (key !== "") return { note: `${provider}, with the key in ${cloud.variable}`, inputs: { [cloud.input]: key }, env: {} };
  const started = await cloud.start(opened);
  return {
    note: `a stand-in for ${provider} on loopback (${cloud.variable} is not set)`,
    inputs: { [cloud.input]: started.key },
    env: started.env,
  };
}
