import { describe, expect, test } from "vitest";
import type { ModelApi } from "../../../../src/ports/gateway.ts";
import { openBrokerBench, REAL_KEY } from "../../../support/model/broker-bench.ts";

interface Case {
  readonly api: ModelApi;
  readonly status: number;
  readonly body: unknown;
  readonly kind?: "api-key" | "oauth-token";
}

async function tryWith({ api, status, body, kind = "api-key" }: Case) {
  await using bench = await openBrokerBench({
    api,
    kind,
    allowedModels: ["gpt-5", "claude-*"],
    service: (_request, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    },
  });
  const error = await bench.broker.tryCredential().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, reached: bench.reached, usage: bench.broker.usage() };
}

const says = (type: string, message = "no"): unknown => ({ type: "error", error: { type, code: type, status: type, message } });

describe("a credential, tried before there is a sandbox", () => {
  test.each<Case & { readonly code: string }>([
    { api: "anthropic", status: 401, body: says("authentication_error", "invalid x-api-key"), code: "model.credential" },
    { api: "anthropic", status: 401, body: says("authentication_error", "expired"), kind: "oauth-token", code: "model.credential" },
    { api: "anthropic", status: 403, body: says("permission_error"), code: "model.credential" },
    { api: "openai", status: 401, body: says("invalid_api_key"), code: "model.credential" },
    { api: "gemini", status: 403, body: says("PERMISSION_DENIED"), code: "model.credential" },
    { api: "anthropic", status: 402, body: says("billing_error"), code: "model.credit" },
  ])("$status of $api ends the run", async ({ code, ...given }) => {
    const { error, reached, usage } = await tryWith(given);
    expect(error).toMatchObject({ code, outcome: "error" });
    expect(reached).toHaveLength(1);
    expect(usage).toMatchObject({ requests: 0, costUsd: 0 });
  });

  test.each<Case>([
    { api: "anthropic", status: 200, body: { input_tokens: 8 } },
    { api: "anthropic", status: 404, body: "<html>" },
    { api: "anthropic", status: 403, body: "<html>" },
    {
      api: "anthropic",
      status: 401,
      body: says("authentication_error", "OAuth authentication is currently not supported."),
      kind: "oauth-token",
    },
    { api: "anthropic", status: 429, body: says("rate_limit_error") },
    { api: "anthropic", status: 500, body: "" },
    { api: "openai", status: 404, body: says("model_not_found") },
    { api: "openai", status: 403, body: says("invalid_request_error", "Missing scopes: api.model.read") },
  ])("$status of $api is not definite: $body", async (given) => {
    expect((await tryWith(given)).error).toBeUndefined();
  });

  test("a service that cannot be reached is left to the agent's own requests", async () => {
    await using bench = await openBrokerBench({ service: "http://127.0.0.1:9" });
    await expect(bench.broker.tryCredential()).resolves.toBeUndefined();
  });

  test("it is asked with the real credential and a model that the run may use, by a call that costs nothing", async () => {
    const claude = await tryWith({ api: "anthropic", status: 200, body: {} });
    expect(claude.reached.map(({ method, url, body }) => [method, url, JSON.parse(body).model])).toEqual([
      ["POST", "/v1/messages/count_tokens", "gpt-5"],
    ]);
    expect(claude.reached[0]?.rawHeaders).toContain(REAL_KEY);
    const gpt = await tryWith({ api: "openai", status: 200, body: {} });
    expect(gpt.reached.map(({ method, url }) => [method, url])).toEqual([["GET", "/v1/models/gpt-5"]]);
  });
});
