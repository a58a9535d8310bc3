import type http from "node:http";
import { describe, expect, test } from "vitest";
import type { ModelApi } from "../../../../src/ports/gateway.ts";
import { ASK, ask, type BrokerBench, openBrokerBench } from "../../../support/model/broker-bench.ts";

const JSON_TYPE = { "content-type": "application/json" };

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Gives the answers in turn, and the last one for ever. */
function answering(...answers: readonly Answer[]): http.RequestListener {
  let next = 0;
  return (_request, response) => {
    const answer = answers[Math.min(next++, answers.length - 1)];
    response.writeHead(answer?.status ?? 500, { ...JSON_TYPE, ...answer?.headers });
    response.end(typeof answer?.body === "string" ? answer.body : JSON.stringify(answer?.body));
  };
}

const anthropic = (status: number, type: string, message = "no"): Answer => ({ status, body: { type: "error", error: { type, message } } });
const openai = (status: number, code: string): Answer => ({ status, body: { error: { code, type: code, message: "no" } } });
const gemini = (code: number, status: string, reason?: string): Answer => ({
  status: code,
  body: { error: { code, status, message: "no", ...(reason === undefined ? {} : { details: [{ reason }] }) } },
});
const DONE: Answer = {
  status: 200,
  body: {
    type: "message",
    model: "claude-opus-5-5",
    content: [{ type: "text", text: "Done." }],
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};
const EMPTY: Answer = {
  status: 200,
  body: { type: "message", model: "claude-opus-5-5", content: [], usage: { input_tokens: 1, output_tokens: 2 } },
};
const SERVER_EVENTS = { "content-type": "text/event-stream" };

const PATHS: Readonly<Record<ModelApi, string>> = {
  anthropic: "/v1/messages",
  openai: "/v1/responses",
  gemini: "/v1beta/models/gemini-2.5-pro:generateContent",
};
const BODIES: Readonly<Record<ModelApi, object>> = { anthropic: ASK, openai: { model: "gpt-5", input: "go" }, gemini: { contents: [] } };

async function send(
  bench: BrokerBench,
  api: ModelApi = "anthropic",
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const surrogate = bench.broker.surrogate.reveal();
  const own = {
    anthropic: { "x-api-key": surrogate },
    openai: { authorization: `Bearer ${surrogate}` },
    gemini: { "x-goog-api-key": surrogate },
  };
  const { status, headers, ...response } = await fetch(bench.url + PATHS[api], {
    method: "POST",
    body: JSON.stringify(BODIES[api]),
    headers: { ...JSON_TYPE, ...own[api] },
  }).then(async (got) => ({ status: got.status, headers: got.headers, text: await got.text() }));
  return { status, headers, text: response.text };
}

const reasonOf = (bench: BrokerBench): unknown => (bench.broker.exhausted.aborted ? bench.broker.exhausted.reason : undefined);

describe("an answer that no further request would cure", () => {
  test.each<[string, ModelApi, Answer, string]>([
    ["401", "anthropic", anthropic(401, "authentication_error", "invalid x-api-key"), "model.credential"],
    ["401 without a word", "anthropic", { status: 401, body: "<html>" }, "model.credential"],
    ["403 for the account", "anthropic", anthropic(403, "permission_error"), "model.credential"],
    ["402", "anthropic", anthropic(402, "billing_error"), "model.credit"],
    [
      "400 for want of credit",
      "anthropic",
      anthropic(400, "invalid_request_error", "Your credit balance is too low to access the API."),
      "model.credit",
    ],
    ["401", "openai", openai(401, "invalid_api_key"), "model.credential"],
    ["403 for the country", "openai", openai(403, "unsupported_country_region_territory"), "model.credential"],
    ["429 for want of quota", "openai", openai(429, "insufficient_quota"), "model.credit"],
    ["400 for a bad key", "gemini", gemini(400, "INVALID_ARGUMENT", "API_KEY_INVALID"), "model.credential"],
    ["403", "gemini", gemini(403, "PERMISSION_DENIED"), "model.credential"],
  ])("%s of %s ends the run at the first one", async (_what, api, answer, code) => {
    await using bench = await openBrokerBench({ api, service: answering(answer) });
    expect((await send(bench, api)).status).toBe(answer.status);
    await expect.poll(() => reasonOf(bench)).toMatchObject({ code, outcome: "error" });
    const again = await send(bench, api);
    expect(again.status).toBe(api === "openai" ? 400 : 403);
    expect(again.headers.get("x-should-retry")).toBe("false");
    expect(again.headers.get("x-airlock-decision")).toBe("run-ended");
    expect(bench.reached).toHaveLength(1);
  });

  test("the error names the input and what to do", async () => {
    await using bench = await openBrokerBench({ service: answering(anthropic(401, "authentication_error")) });
    await send(bench);
    await expect
      .poll(() => reasonOf(bench))
      .toMatchObject({
        message: "The model's service answered 401: it does not accept `anthropic-api-key`.",
        remedy: expect.stringContaining("store it in the repository's secrets"),
      });
  });
});

describe("an answer that may pass, or that is about one request only", () => {
  test.each<[string, ModelApi, Answer]>([
    ["429", "anthropic", anthropic(429, "rate_limit_error")],
    ["529", "anthropic", anthropic(529, "overloaded_error")],
    ["400", "anthropic", anthropic(400, "invalid_request_error", "messages: Your credit balance is too low")],
    ["404 of a model", "anthropic", anthropic(404, "not_found_error")],
    ["403 that is no answer of the API", "anthropic", { status: 403, body: "<html>blocked</html>" }],
    ["429", "openai", openai(429, "rate_limit_exceeded")],
  ])("%s of %s does not end the run", async (_what, api, answer) => {
    await using bench = await openBrokerBench({ api, service: answering(answer) });
    for (let n = 0; n < 3; n++) expect((await send(bench, api)).status).toBe(answer.status);
    expect(reasonOf(bench)).toBeUndefined();
    expect(bench.reached).toHaveLength(3);
  });

  test("403 after an answered request does not end the run", async () => {
    await using bench = await openBrokerBench({ service: answering(DONE, anthropic(403, "permission_error")) });
    expect([(await send(bench)).status, (await send(bench)).status, (await send(bench)).status]).toEqual([200, 403, 403]);
    expect(reasonOf(bench)).toBeUndefined();
  });

  test("a refused token count does not end the run", async () => {
    await using bench = await openBrokerBench({ service: answering(anthropic(401, "authentication_error")) });
    expect((await ask(bench, ASK, { path: "/v1/messages/count_tokens" })).status).toBe(401);
    expect(reasonOf(bench)).toBeUndefined();
  });
});

describe("answers without content", () => {
  test.each<[string, Answer]>([
    ["that say nothing", EMPTY],
    ["that are pages", { status: 200, body: "<html>", headers: { "content-type": "text/html" } }],
    ["that are empty streams", { status: 200, body: "", headers: SERVER_EVENTS }],
  ])("twelve in a row %s end the run", async (_what, answer) => {
    await using bench = await openBrokerBench({ service: answering(answer) });
    for (let n = 0; n < 11; n++) expect((await send(bench)).status).toBe(200);
    expect(reasonOf(bench)).toBeUndefined();
    await send(bench);
    await expect.poll(() => reasonOf(bench)).toMatchObject({ code: "model.empty" });
    expect((await send(bench)).status).toBe(403);
    expect(bench.reached).toHaveLength(12);
  });

  test.each<[string, Answer]>([
    ["a whole one", DONE],
    ["a streamed one", { status: 200, headers: SERVER_EVENTS, body: 'data: {"type":"content_block_start","index":0}\n\n' }],
  ])("%s with content starts the count anew", async (_what, answer) => {
    await using bench = await openBrokerBench({
      service: answering(...new Array(11).fill(EMPTY), answer, ...new Array(11).fill(EMPTY), answer),
    });
    for (let n = 0; n < 24; n++) await send(bench);
    expect(reasonOf(bench)).toBeUndefined();
  });
});

test("a 429 of OpenAI's API says when to come back, where the service did not", async () => {
  await using silent = await openBrokerBench({ api: "openai", service: answering(openai(429, "rate_limit_exceeded")) });
  expect((await send(silent, "openai")).headers.get("retry-after")).toBe("20");
  const told = { ...openai(429, "rate_limit_exceeded"), headers: { "retry-after": "3" } };
  await using speaking = await openBrokerBench({ api: "openai", service: answering(told) });
  expect((await send(speaking, "openai")).headers.get("retry-after")).toBe("3");
  await using claude = await openBrokerBench({ service: answering(anthropic(429, "rate_limit_error")) });
  expect((await send(claude)).headers.get("retry-after")).toBeNull();
});

test("a refusal by the policy has the status that the API's clients take as final", async () => {
  for (const [api, status] of [
    ["anthropic", 403],
    ["openai", 400],
    ["gemini", 403],
  ] as const) {
    await using bench = await openBrokerBench({ api, service: answering(DONE), allowedModels: ["another"] });
    const refused = await send(bench, api);
    expect([api, refused.status, refused.headers.get("x-should-retry")]).toEqual([api, status, "false"]);
    expect(refused.text).toContain("Airlock: This run may not use that model");
  }
});

test("a started answer that falls silent is cut", async () => {
  const service: http.RequestListener = (_request, response) => {
    response.writeHead(200, SERVER_EVENTS);
    response.write('data: {"type":"content_block_start","index":0}\n\n');
  };
  await using bench = await openBrokerBench({ service, options: { timeouts: { idleMs: 50 } } });
  await expect(send(bench)).rejects.toThrow();
  await expect.poll(() => bench.log.map((line) => line.reason)).toEqual(["upstream-broken"]);
});
