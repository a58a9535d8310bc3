import { createServer, type IncomingHttpHeaders } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { compose } from "../../src/compose.ts";
import { AGENT_NAMES, type AgentName } from "../../src/config/agents.ts";
import { CREDENTIAL_NAMES, INPUTS } from "../../src/config/inputs.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { ModelCredentialInput } from "../../src/config/model-services.ts";
import { PROVIDER_NAMES, type ProviderName } from "../../src/config/providers.ts";
import { narrowSettings } from "../../src/config/repository.ts";
import type { ModelApi, ModelUpstream } from "../../src/ports/gateway.ts";
import type { World } from "../../src/ports/world.ts";
import { LABELLED, openFakeRunner } from "../support/forge/fake-event.ts";
import { listen, openBrokerBench } from "../support/model/broker-bench.ts";

type Inputs = Readonly<Record<string, string>>;

/** Every credential that there is, each with a value of its own. */
const EVERY_KEY: Inputs = Object.fromEntries(CREDENTIAL_NAMES.filter((name) => INPUTS[name].secret).map((name) => [name, keyOf(name)]));

const reached: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
const service = createServer((request, response) => {
  reached.push({ path: request.url ?? "", headers: request.headers });
  response.writeHead(401).end("{}");
});
let url = "";

beforeAll(async () => {
  url = `http://127.0.0.1:${await listen(service)}`;
});

afterEach(() => {
  reached.length = 0;
  vi.unstubAllEnvs();
});

afterAll(() => service.close());

function keyOf(input: string): string {
  return `sk-0123456789-of-${input}`;
}

function openWorld(given: Inputs): { readonly world: World; readonly config: ReturnType<typeof loadConfig> } {
  const config = loadConfig((name) => given[name] ?? "");
  const runner = openFakeRunner({ name: "issues", payload: {} });
  return { config, world: compose({ config, runner, guestFile: "/nowhere" }) };
}

/** Names of the keys whose values a request carries, in whatever header. */
function keysIn(headers: IncomingHttpHeaders): readonly string[] {
  const text = JSON.stringify(headers);
  return Object.keys(EVERY_KEY).filter((input) => text.includes(`${keyOf(input)}"`));
}

test.each([
  ["", ["claude-sonnet-*", "claude-haiku-*"]],
  ["models: [claude-sonnet-5-5]\n", ["claude-sonnet-5-5"]],
  ["model: claude-opus-5-5\nmodels: [claude-opus-*, claude-haiku-5]\n", ["claude-opus-5-5", "claude-haiku-5"]],
])("the gateway of a run gets the models that the file %j leaves", (source, models) => {
  const { config, world } = openWorld(EVERY_KEY);
  const settings = narrowSettings({ agent: config.agent, settings: config.settings, trigger: LABELLED, source, path: "airlock.yml" });
  expect(world.model(settings)?.allowedModels).toEqual(models);
});

/** A request that each service answers, and where the guest puts the surrogate. */
const REQUESTS: Readonly<Record<ModelApi, { readonly path: string; readonly header: string; readonly scheme: string }>> = {
  anthropic: { path: "/v1/messages", header: "x-api-key", scheme: "" },
  openai: { path: "/v1/responses", header: "authorization", scheme: "Bearer " },
  gemini: { path: "/v1beta/models/gemini-2.5-pro:generateContent", header: "x-goog-api-key", scheme: "" },
};

/** What the service has to see: below which base URL, and where the credential is. */
const SEEN: Readonly<Record<ModelCredentialInput, { readonly api: ModelApi; readonly path: string; readonly header: string }>> = {
  "anthropic-api-key": { api: "anthropic", path: "/a/v1/messages", header: "x-api-key" },
  "claude-code-oauth-token": { api: "anthropic", path: "/a/v1/messages", header: "authorization" },
  "openai-api-key": { api: "openai", path: "/o/v1/responses", header: "authorization" },
  "gemini-api-key": { api: "gemini", path: "/g/v1beta/models/gemini-2.5-pro:generateContent", header: "x-goog-api-key" },
};

/** What the guest asks of this model, sent through the gateway's broker. */
async function askModel(model: ModelUpstream): Promise<void> {
  await using bench = await openBrokerBench({ service: "", options: { model } });
  const { path, header, scheme } = REQUESTS[model.api];
  await fetch(`${bench.url}${path}`, {
    method: "POST",
    body: JSON.stringify({ model: "claude-sonnet-5-5" }),
    headers: { "content-type": "application/json", [header]: `${scheme}${bench.broker.surrogate.reveal()}` },
  });
}

describe("Each agent", () => {
  const inputs: Readonly<Record<AgentName, Inputs>> = { "claude-code": {}, command: { "agent-command": "true" } };
  /** The first choice first. */
  const credentials: Readonly<Record<AgentName, readonly ModelCredentialInput[]>> = {
    "claude-code": ["anthropic-api-key", "claude-code-oauth-token"],
    command: ["anthropic-api-key", "claude-code-oauth-token", "openai-api-key", "gemini-api-key"],
  };
  const choices = AGENT_NAMES.flatMap((agent) =>
    credentials[agent].map((input, at) => ({ agent, input, without: credentials[agent].slice(0, at) })),
  );

  function openAgentWorld(agent: AgentName, without: readonly string[]): ReturnType<typeof openWorld> {
    const given = Object.entries(EVERY_KEY).filter(([input]) => !without.includes(input));
    const bases = { "anthropic-base-url": `${url}/a`, "openai-base-url": `${url}/o`, "gemini-base-url": `${url}/g` };
    return openWorld({ ...Object.fromEntries(given), ...bases, agent, ...inputs[agent] });
  }

  test.each(AGENT_NAMES)("agent %s is opened as itself, with every key set", async (agent) => {
    const { world } = openAgentWorld(agent, []);
    expect((await world.agent()).name).toBe(agent);
  });

  test.each(choices)("agent $agent gets $input sent to its own service, with every key set but $without", async (choice) => {
    const { config, world } = openAgentWorld(choice.agent, choice.without);
    const model = world.model(config.settings);
    if (model === undefined) throw new Error("there is no model");
    await askModel(model);
    const { api, path, header } = SEEN[choice.input];
    expect(model.api).toBe(api);
    expect(reached.map((request) => request.path)).toEqual([path]);
    expect(reached[0]?.headers[header]).toContain(keyOf(choice.input));
    expect(keysIn(reached[0]?.headers ?? {})).toEqual([choice.input]);
  });

  test.each(AGENT_NAMES)("agent %s gets no model, with every key set but its own", (agent) => {
    const { config, world } = openAgentWorld(agent, credentials[agent]);
    expect(world.model(config.settings)).toBeUndefined();
  });
});

describe("A base URL of OpenAI's API", () => {
  const openai: Inputs = { "github-token": keyOf("github-token"), "openai-api-key": keyOf("openai-api-key") };

  test.each([
    ["", "/v1/responses"],
    ["/v1", "/v1/responses"],
    ["/v1/", "/v1/responses"],
    ["/team-a", "/team-a/v1/responses"],
    ["/team-a/v1", "/team-a/v1/responses"],
    ["/v1/team-a", "/v1/team-a/v1/responses"],
  ])("with the path %j, with or without the version that OpenAI's own clients expect, leads to %s", async (path, arrives) => {
    const { config, world } = openWorld({ ...openai, agent: "command", "agent-command": "true", "openai-base-url": `${url}${path}` });
    const model = world.model(config.settings);
    if (model === undefined) throw new Error("there is no model");
    await askModel(model);
    expect(reached.map((request) => request.path)).toEqual([arrives]);
  });

  test("leads to the service's documented address when nobody set one", () => {
    const { config, world } = openWorld({ ...openai, agent: "command", "agent-command": "true" });
    expect(`${world.model(config.settings)?.baseUrl}${REQUESTS.openai.path}`).toBe("https://api.openai.com/v1/responses");
  });
});

describe("Each provider", () => {
  /** Where its calls go, and the one credential that they carry; undefined: it calls nobody. */
  const calls: Readonly<Record<ProviderName, { readonly address: string; readonly credential: string } | undefined>> = {
    microvm: undefined,
    e2b: { address: "E2B_API_URL", credential: "e2b-api-key" },
    sprites: { address: "SPRITES_API_URL", credential: "sprites-token" },
  };

  test.each(PROVIDER_NAMES)("provider %s is opened as itself, and its calls carry its own credential, with every key set", async (name) => {
    for (const call of Object.values(calls)) if (call !== undefined) vi.stubEnv(call.address, url);
    const { world } = openWorld({ ...EVERY_KEY, provider: name });
    const provider = await world.provider();
    expect(provider.name).toBe(name);
    await provider.findByRun({ repository: "acme/rocket", runId: "1", attempt: 1 }).catch(() => undefined);
    const { credential } = calls[name] ?? {};
    expect(reached.map(({ headers }) => keysIn(headers))).toEqual(credential === undefined ? [] : [[credential]]);
  });
});
