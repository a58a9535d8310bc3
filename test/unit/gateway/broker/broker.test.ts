import type http from "node:http";
import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { ASK, ask, openBrokerBench } from "../../../support/model/broker-bench.ts";
import { startAnthropic } from "../../../support/model/scripted-anthropic.mjs";
import { startGemini } from "../../../support/model/scripted-gemini.mjs";
import { startOpenAI } from "../../../support/model/scripted-openai.mjs";

const usageAnswer =
  (output: number): http.RequestListener =>
  (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ type: "message", model: "claude-opus-5-5", usage: { input_tokens: 1000, output_tokens: output } }));
  };

describe("the broker counts what the three services answer", () => {
  test("Anthropic, streamed and not", async () => {
    const service = await startAnthropic();
    await using bench = await openBrokerBench({ service: service.url });
    for (const stream of [true, false]) expect((await ask(bench, { ...ASK, stream })).status).toBe(200);
    expect((await ask(bench, ASK, { path: "/v1/messages/count_tokens" })).status).toBe(200);
    await ask(bench, { ...ASK, tools: [] }).then((response) => response.text());
    expect(bench.broker.usage()).toMatchObject({
      requests: 4,
      turns: 2,
      inputTokens: 3000,
      outputTokens: 150,
      unpricedModels: [],
      estimatedAnswers: 0,
    });
    expect(bench.broker.usage().costUsd).toBeCloseTo(3 * (0.004 + 0.001), 6);
    await service.close();
  });

  test("OpenAI, streamed and not, with an unknown model at the dearest known price", async () => {
    const service = await startOpenAI();
    await using bench = await openBrokerBench({ api: "openai", service: service.url });
    const headers = { authorization: `Bearer ${bench.broker.surrogate.reveal()}` };
    const body = { model: "gpt-scripted", input: [], tools: [{ type: "function", name: "shell" }] };
    for (const stream of [true, false]) {
      const response = await fetch(`${bench.url}/v1/responses`, { method: "POST", headers, body: JSON.stringify({ ...body, stream }) });
      expect(await response.text()).toContain("completed");
    }
    expect((await fetch(`${bench.url}/v1/models`, { headers })).status).toBe(200);
    expect(bench.broker.usage()).toMatchObject({
      requests: 2,
      turns: 2,
      inputTokens: 2000,
      outputTokens: 100,
      unpricedModels: ["gpt-scripted"],
    });
    expect(bench.broker.usage().costUsd).toBeCloseTo(2 * (0.15 + 0.03), 6);
    await service.close();
  });

  test("Gemini, streamed and not", async () => {
    const service = await startGemini();
    await using bench = await openBrokerBench({ api: "gemini", service: service.url });
    const headers = { "x-goog-api-key": bench.broker.surrogate.reveal() };
    const body = JSON.stringify({ contents: [], tools: [{ functionDeclarations: [{ name: "run_shell_command" }] }] });
    for (const verb of ["streamGenerateContent?alt=sse", "generateContent", "countTokens"]) {
      const response = await fetch(`${bench.url}/v1beta/models/gemini-2.5-pro:${verb}`, { method: "POST", headers, body });
      expect(response.status).toBe(200);
      await response.text();
    }
    expect(bench.broker.usage()).toMatchObject({ requests: 3, turns: 2, inputTokens: 2000, outputTokens: 100, estimatedAnswers: 0 });
    await service.close();
  });
});

describe("I19, B1: hard caps", () => {
  test("parallel requests overrun the cost by one request at most, and the agent is told not to try again", async () => {
    await using bench = await openBrokerBench({ service: usageAnswer(50_000), options: { limits: { maxCostUsd: 3, maxTurns: 0 } } });
    const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await ask(bench, { ...ASK, max_tokens: 60_000 })).status));
    const cost = 1.004;
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(bench.broker.usage().costUsd).toBeCloseTo(3 * cost, 6);
    const refused = await ask(bench);
    expect([refused.status, refused.headers.get("x-should-retry"), refused.headers.get("x-airlock-decision")]).toEqual([
      403,
      "false",
      "budget",
    ]);
    expect(await refused.text()).toContain("max-cost-usd is 3.00 USD");
    expect(bench.broker.exhausted.reason).toMatchObject({ code: "budget.exceeded" });
  });

  test("the agent's last allowed turn is answered, and does not end the run by itself", async () => {
    await using bench = await openBrokerBench({ service: usageAnswer(10), options: { limits: { maxCostUsd: 3, maxTurns: 1 } } });
    expect((await ask(bench)).status).toBe(200);
    expect(bench.broker.exhausted.aborted).toBe(false);
    expect((await ask(bench)).status).toBe(403);
    expect(bench.broker.exhausted.aborted).toBe(true);
  });

  test("OpenAI's client is told in the one way that it takes as final", async () => {
    await using bench = await openBrokerBench({
      api: "openai",
      service: usageAnswer(10),
      options: { limits: { maxCostUsd: 0, maxTurns: 0 } },
    });
    const headers = { authorization: `Bearer ${bench.broker.surrogate.reveal()}` };
    const response = await fetch(`${bench.url}/v1/responses`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model: "gpt-5", input: [] }),
    });
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([429, "insufficient_quota"]);
  });

  test("an answer that breaks off is counted from above", async () => {
    const started = Promise.withResolvers<http.ServerResponse>();
    await using bench = await openBrokerBench({
      service: (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(`data: ${"a".repeat(1500)}\n\n`);
        started.resolve(response);
      },
    });
    const reader = (await ask(bench, { ...ASK, stream: true })).body?.getReader();
    await reader?.read();
    (await started.promise).destroy();
    await expect(reader?.read()).rejects.toThrow();
    await expect.poll(() => bench.broker.usage().estimatedAnswers).toBe(1);
    expect(bench.broker.usage().outputTokens).toBeGreaterThan(700);
    expect(bench.broker.usage().outputTokens).toBeLessThanOrEqual(ASK.max_tokens);
  });

  test("a service that never answers is given up by name, and counted", async () => {
    const service = await startAnthropic({ script: { turns: [{ hang: true }] } });
    await using bench = await openBrokerBench({ service: service.url, options: { timeouts: { answerMs: 150 } } });
    const response = await ask(bench);
    expect([response.status, response.headers.get("x-airlock-decision")]).toEqual([504, "upstream-timeout"]);
    expect(await response.text()).toContain("answer timeout");
    expect(bench.broker.usage()).toMatchObject({ turns: 0, estimatedAnswers: 1 });
    expect(bench.broker.usage().costUsd).toBeGreaterThan(0);
    await service.close();
  });

  test("errors and services that cannot be reached cost nothing", async () => {
    await using failing = await openBrokerBench({
      service: (_request, response) => void response.writeHead(529, { "retry-after": "1" }).end("{}"),
    });
    const response = await ask(failing);
    expect([response.status, response.headers.get("retry-after"), response.headers.get("x-airlock-decision")]).toEqual([529, "1", null]);
    await using absent = await openBrokerBench({ service: "http://127.0.0.1:1" });
    expect((await ask(absent)).status).toBe(502);
    expect([failing.broker.usage().costUsd, absent.broker.usage().costUsd]).toEqual([0, 0]);
  });

  test("an agent that hangs up ends the request at the service too", async () => {
    let closed = false;
    await using bench = await openBrokerBench({
      service: (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: {}\n\n");
        response.once("close", () => {
          closed = true;
        });
      },
    });
    const gone = new AbortController();
    await ask(bench, { ...ASK, stream: true }, { signal: gone.signal });
    gone.abort();
    await expect.poll(() => closed).toBe(true);
    await expect.poll(() => bench.broker.usage().estimatedAnswers).toBe(1);
  });
});

describe("the broker stays out of the way", () => {
  test("an event is with the agent before the next one is sent", async () => {
    const sent = Promise.withResolvers<http.ServerResponse>();
    await using bench = await openBrokerBench({
      service: (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        sent.resolve(response);
      },
    });
    const response = await ask(bench, { ...ASK, stream: true });
    const service = await sent.promise;
    const reader = response.body?.getReader();
    for (let n = 0; n < 5; n++) {
      const event = `data: {"n":${n}}\n\n`;
      service.write(event);
      // Nothing more is coming: a single held-back byte would block this read for good.
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(event);
    }
    service.end();
  });

  test("bodies may come as gzip or zstd, and go out as they were before", async () => {
    await using bench = await openBrokerBench({ service: usageAnswer(1) });
    const text = JSON.stringify(ASK);
    for (const [coding, body] of [
      ["gzip", zlib.gzipSync(text)],
      ["zstd", zlib.zstdCompressSync(text)],
    ] as const) {
      const response = await fetch(`${bench.url}/v1/messages`, {
        method: "POST",
        headers: { "x-api-key": bench.broker.surrogate.reveal(), "content-encoding": coding },
        body,
      });
      expect(response.status).toBe(200);
    }
    expect(bench.reached.map(({ body }) => body)).toEqual([text, text]);
  });

  test("bodies larger than the limit are refused with the limit, also when they only get so large when opened", async () => {
    await using bench = await openBrokerBench({ service: usageAnswer(1), options: { maxBodyBytes: 1000 } });
    const large = JSON.stringify({ ...ASK, pad: "a".repeat(2000) });
    const response = await ask(bench, large);
    expect([response.status, await response.text()]).toEqual([413, expect.stringContaining("1000 bytes")]);
    const bomb = await fetch(`${bench.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": bench.broker.surrogate.reveal(), "content-encoding": "gzip" },
      body: zlib.gzipSync(large),
    });
    expect(bomb.status).toBe(400);
    expect(bench.reached).toEqual([]);
  });

  test("HEAD is answered without asking the service", async () => {
    await using bench = await openBrokerBench({ service: usageAnswer(1) });
    for (const path of ["/", "/api/hello"]) expect((await fetch(bench.url + path, { method: "HEAD" })).status).toBe(200);
    expect(bench.reached).toEqual([]);
  });

  test("every request leaves one line in the log, without a query", async () => {
    await using bench = await openBrokerBench({ tools: ["web-search"], service: usageAnswer(10) });
    await ask(bench, { ...ASK, tools: [{ type: "web_search_20250305", name: "web_search" }] }, { path: "/v1/messages?beta=true" });
    await ask(bench, ASK, { path: "/v1/files" });
    await expect.poll(() => bench.log.length).toBe(2);
    expect(bench.log).toMatchObject([
      {
        method: "POST",
        path: "/v1/messages",
        status: 200,
        verdict: "allow",
        reason: "broker",
        model: "claude-opus-5-5",
        serverTools: ["web-search"],
      },
      { method: "POST", path: "/v1/files", status: 403, verdict: "deny", reason: "path-not-listed" },
    ]);
    expect(bench.log[0]?.bytesUp).toBeGreaterThan(0);
    expect(bench.log[0]?.bytesDown).toBeGreaterThan(0);
  });
});
