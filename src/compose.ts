import { randomBytes } from "node:crypto";
import { openGithubForge } from "./adapters/forge/github.ts";
import type { Config, Credentials } from "./config/config.ts";
import { chooseProvider, requireCredentials, secretsOf } from "./config/credentials.ts";
import { readDeclaredSecrets } from "./config/declared.ts";
import { AirlockError } from "./domain/errors.ts";
import { allowModels } from "./domain/model/allowed-models.ts";
import type { Secret } from "./domain/secret.ts";
import type { ProviderName, Settings } from "./domain/settings.ts";
import type { Trigger } from "./domain/task.ts";
import type { Agent } from "./ports/agent.ts";
import type { Forge } from "./ports/forge.ts";
import type { InjectionRule, ModelUpstream } from "./ports/gateway.ts";
import type { Runner } from "./ports/runner.ts";
import type { SandboxProvider } from "./ports/sandbox.ts";
import type { World } from "./ports/world.ts";

export interface ComposeOptions {
  readonly config: Config;
  /** What is wrong with the inputs. */
  readonly fault?: AirlockError | undefined;
  readonly runner: Runner;
  /** The bundled guest program. */
  readonly guestFile: string;
}

/** Inputs become a world. Adapters that are heavy or not always needed are imported when first asked for. */
export function compose(options: ComposeOptions): World {
  const { config, runner } = options;
  const secrets = [...secretsOf(config)];
  for (const secret of secrets) runner.mask(secret.reveal());
  const forge = openGithubForge({
    repository: runner.run.repository,
    token: config.credentials.githubToken,
    notify: (line) => runner.log.info(line),
  });
  return {
    runner,
    forge,
    fault: options.fault,
    repositories: {
      async open() {
        const { openGitRepositories } = await import("./adapters/repository/git.ts");
        return await openGitRepositories({ temporaryDirectory: runner.directory, network: readEnvironment() }).open();
      },
    },
    gateways: { open: async (given) => (await import("./gateway/gateway.ts")).openGateway(given) },
    provider: () => openProvider(options),
    agent: () => openAgent(options),
    model: (settings) => chooseModel(settings, config.credentials),
    requireCredentials: () => requireCredentials(config),
    narrow: (settings, trigger) => narrowByRepository({ forge, path: config.configPath, settings, trigger }),
    openSecrets: (settings) => openSecrets({ settings, runner, known: secrets }),
    readRegistries: async () => (await import("./adapters/runner/registries.ts")).readRegistries(),
    now: () => Date.now(),
    secrets,
  };
}

interface SecretsRequest {
  readonly settings: Settings;
  readonly runner: Runner;
  /** The run's secrets so far; the new ones are added. */
  readonly known: Secret[];
}

/** Values come from this step's environment only; one surrogate per variable, worthless anywhere but at this run's gateway (I2). */
function openSecrets({ settings, runner, known }: SecretsRequest): readonly InjectionRule[] {
  const valued = readDeclaredSecrets(settings.network.secrets ?? [], process.env, known);
  const values = new Set(valued.map(({ value }) => value));
  for (const value of values) runner.mask(value.reveal());
  known.push(...values);
  const surrogates = new Map([...values].map(({ name }) => [name, `airlock-surrogate-${randomBytes(24).toString("hex")}`]));
  return valued.map(({ declared: { name, ...rule }, value }) => ({
    ...rule,
    value,
    variable: name,
    surrogate: surrogates.get(name) ?? "",
  }));
}

/** The runner's variables; each adapter takes what it names, such as a proxy. */
function readEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

interface NarrowRequest {
  readonly forge: Forge;
  readonly path: string;
  readonly settings: Settings;
  readonly trigger: Trigger;
}

/** The repository's own file is read from the default branch and from nowhere else (I11). */
async function narrowByRepository({ forge, path, settings, trigger }: NarrowRequest): Promise<Settings> {
  const [{ defaultBranch }, { MAX_CONFIG_BYTES, narrowSettings }] = await Promise.all([
    forge.readRepository(),
    import("./config/repository.ts"),
  ]);
  const source = await forge.readFile(defaultBranch, path, MAX_CONFIG_BYTES);
  return narrowSettings({ settings, trigger, source, path });
}

/** The chosen provider, its credentials given. @throws AirlockError what is wrong with the inputs, `input.*` */
export async function openProvider(options: ComposeOptions): Promise<SandboxProvider> {
  if (options.fault !== undefined) throw options.fault;
  const name = chooseProvider(options.config);
  const open = PROVIDERS[name];
  if (open !== undefined) return open(options);
  throw new AirlockError("input.unsupported", {
    message: `Provider \`${name}\` is not part of this version.`,
    remedy: `Set \`provider\` to one of: ${Object.keys(PROVIDERS).join(", ")}.`,
  });
}

const PROVIDERS: Partial<Record<ProviderName, (options: ComposeOptions) => Promise<SandboxProvider>>> = {
  async microvm({ runner, guestFile }) {
    const { openMicrovmProvider } = await import("./adapters/sandbox/microvm/provider.ts");
    return openMicrovmProvider({
      cacheDirectory: `${runner.cacheDirectory}/microvm`,
      runDirectory: `${runner.directory}-sandboxes`,
      guestFile,
      nodeBinary: process.execPath,
      notify: (line) => runner.log.info(line),
    });
  },
  async e2b({ config, guestFile }) {
    const { openE2bProvider } = await import("./adapters/sandbox/e2b/provider.ts");
    return openE2bProvider({ apiKey: config.credentials.e2bApiKey, guestFile, nodeBinary: process.execPath, env: process.env });
  },
  async sprites({ config, guestFile }) {
    const { openSpritesProvider } = await import("./adapters/sandbox/sprites/provider.ts");
    return openSpritesProvider({ token: config.credentials.spritesToken, guestFile, nodeBinary: process.execPath, env: process.env });
  },
};

/** Of the sandbox: a local one is a part of the runner, and the clouds' machines are of one kind. */
function archOf(config: Config): string {
  return chooseProvider(config) === "microvm" ? process.arch : "x64";
}

async function openAgent({ config, runner }: ComposeOptions): Promise<Agent> {
  const { agent } = config.settings;
  if (agent.name === "command") return (await import("./adapters/agent/command.ts")).openCommandAgent({ argv: agent.command });
  const { openClaudeCode } = await import("./adapters/agent/claude-code.ts");
  return openClaudeCode({ version: agent.version, cacheDirectory: runner.cacheDirectory, arch: archOf(config) });
}

function chooseModel({ agent, limits }: Settings, credentials: Credentials): ModelUpstream | undefined {
  const allowedModels = allowModels(agent, limits.models);
  const { anthropicApiKey, claudeCodeOauthToken, openaiApiKey, geminiApiKey } = credentials;
  const choices = [
    { api: "anthropic", baseUrl: credentials.anthropicBaseUrl, kind: "api-key", value: anthropicApiKey },
    { api: "anthropic", baseUrl: credentials.anthropicBaseUrl, kind: "oauth-token", value: claudeCodeOauthToken },
    { api: "openai", baseUrl: credentials.openaiBaseUrl, kind: "api-key", value: openaiApiKey },
    { api: "gemini", baseUrl: credentials.geminiBaseUrl, kind: "api-key", value: geminiApiKey },
  ] as const;
  for (const { api, baseUrl, kind, value } of choices) {
    if (value !== undefined) return { api, baseUrl, credential: { kind, value }, allowedModels };
  }
  return undefined;
}
