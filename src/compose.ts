import { randomBytes } from "node:crypto";
import { openGithubForge } from "./adapters/forge/github.ts";
import { AGENTS, type AgentName, modelsFor } from "./config/agents.ts";
import type { Config } from "./config/config.ts";
import { chooseModelAccess, chooseProvider, requireCredentials, secretsOf } from "./config/credentials.ts";
import { readDeclaredSecrets } from "./config/declared.ts";
import { PROVIDERS, type ProviderName } from "./config/providers.ts";
import type { AirlockError } from "./domain/errors.ts";
import type { Secret } from "./domain/secret.ts";
import type { Settings } from "./domain/settings.ts";
import type { Trigger } from "./domain/task.ts";
import type { Agent } from "./ports/agent.ts";
import type { Forge } from "./ports/forge.ts";
import type { GatewayOpener, InjectionRule, ModelUpstream } from "./ports/gateway.ts";
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
    token: config.credentials["github-token"],
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
    gateways: openGateways(),
    provider: () => openProvider(options),
    agent: () => OPEN_AGENT[config.agent](options),
    model: (settings) => chooseModel(config, settings),
    requireCredentials: () => requireCredentials(config),
    narrow: (settings, trigger) => narrowByRepository({ forge, config, settings, trigger }),
    openSecrets: (settings) => openSecrets({ settings, runner, known: secrets }),
    readRegistries: async () => ({
      ...(await (await import("./adapters/runner/registries.ts")).readRegistries()),
      ...(await (await import("./adapters/runner/replaced-registries.ts")).readReplacedRegistries()),
    }),
    now: () => Date.now(),
    secrets,
  };
}

/** The gateway lives in this process: when the process is gone, so is the gateway, and nothing of it is left to take down. */
export function openGateways(): GatewayOpener {
  return {
    open: async (given) => (await import("./gateway/gateway.ts")).openGateway(given),
    reap: async () => [],
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
  readonly config: Config;
  readonly settings: Settings;
  readonly trigger: Trigger;
}

/** The repository's own file is read from the default branch and from nowhere else (I11). */
async function narrowByRepository({ forge, config, settings, trigger }: NarrowRequest): Promise<Settings> {
  const { agent, configPath: path } = config;
  const [{ defaultBranch }, { MAX_CONFIG_BYTES, narrowSettings }] = await Promise.all([
    forge.readRepository(),
    import("./config/repository.ts"),
  ]);
  const source = await forge.readFile(defaultBranch, path, MAX_CONFIG_BYTES);
  return narrowSettings({ agent, settings, trigger, source, path });
}

/** The chosen provider, its credentials given. @throws AirlockError what is wrong with the inputs, `input.*` */
export async function openProvider(options: ComposeOptions): Promise<SandboxProvider> {
  if (options.fault !== undefined) throw options.fault;
  return await OPEN_PROVIDER[chooseProvider(options.config)](options);
}

/** How each row of `config/providers.ts` is opened. */
const OPEN_PROVIDER: Readonly<Record<ProviderName, (options: ComposeOptions) => Promise<SandboxProvider>>> = {
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
    const apiKey = config.credentials["e2b-api-key"];
    const agentTemplate = AGENTS[config.agent].templates.e2b;
    return openE2bProvider({ apiKey, agentTemplate, guestFile, nodeBinary: process.execPath, env: process.env });
  },
  async sprites({ config, guestFile }) {
    const { openSpritesProvider } = await import("./adapters/sandbox/sprites/provider.ts");
    const token = config.credentials["sprites-token"];
    return openSpritesProvider({ token, guestFile, nodeBinary: process.execPath, env: process.env });
  },
};

/** How each row of `config/agents.ts` is opened. */
const OPEN_AGENT: Readonly<Record<AgentName, (options: ComposeOptions) => Promise<Agent>>> = {
  async "claude-code"({ config, runner }) {
    const { openClaudeCode } = await import("./adapters/agent/claude-code.ts");
    const { version } = config.settings.agent;
    const log = (line: string): void => runner.log.info(line);
    return openClaudeCode({ version, cacheDirectory: runner.cacheDirectory, arch: archOf(config), log });
  },
  async command({ config }) {
    const { openCommandAgent } = await import("./adapters/agent/command.ts");
    return openCommandAgent({ argv: config.settings.agent.command });
  },
};

/** Of the sandbox. */
function archOf(config: Config): string {
  const { arch } = PROVIDERS[chooseProvider(config)];
  return arch === "runner" ? process.arch : arch;
}

function chooseModel(config: Config, settings: Settings): ModelUpstream | undefined {
  const access = chooseModelAccess(config);
  return access && { ...access, allowedModels: modelsFor(config.agent, settings), tools: settings.agent.modelTools ?? [] };
}
