import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ASK, ask, type BrokerBench, exchangeRaw, openBrokerBench } from "../support/model/broker-bench.ts";

const ANSWER = JSON.stringify({ type: "message", model: "claude-opus-5-5", usage: { input_tokens: 1, output_tokens: 1 } });

/** A service that answers when it is told to. */
function openSlow() {
  const waiting: ServerResponse[] = [];
  return {
    service: (_request: unknown, response: ServerResponse) => void waiting.push(response),
    count: () => waiting.length,
    release() {
      for (const response of waiting.splice(0)) response.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2_000 && !holds(); tries += 1) await sleep(10);
  expect(holds()).toBe(true);
}

const LIMITS = { maxCostUsd: 1_000, maxTurns: 0, maxRequestsPerMinute: 0, maxRequests: 0 };

test("I18: bodies under way are held up to a total, more is refused as busy, and what ended makes room again", async () => {
  const slow = openSlow();
  const options = { memory: { maxBytes: 1_000_000 }, limits: LIMITS };
  await using bench = await openBrokerBench({ service: slow.service, options });
  const large = { ...ASK, max_tokens: 10, system: "x".repeat(400_000) };
  const first = [ask(bench, large), ask(bench, large)];
  await until(() => slow.count() === 2);
  const third = await ask(bench, large);
  expect({ status: third.status, decision: third.headers.get("x-airlock-decision") }).toEqual({ status: 503, decision: "busy" });
  expect(await third.text()).toContain("limit max-model-bytes");
  slow.release();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
  await Promise.all((await Promise.all(first)).map((response) => response.text()));
  const fourth = ask(bench, large);
  await until(() => slow.count() === 1);
  slow.release();
  expect((await fourth).status).toBe(200);
});

test("I18: a compressed body counts as large as it is when it is opened", async () => {
  const slow = openSlow();
  await using bench = await openBrokerBench({ service: slow.service, options: { memory: { maxBytes: 1_000_000 }, limits: LIMITS } });
  const body = gzipSync(JSON.stringify({ ...ASK, system: "x".repeat(2_000_000) }));
  expect(body.length).toBeLessThan(10_000);
  const url = `${bench.url}/v1/messages`;
  const headers = { "x-api-key": bench.broker.surrogate.reveal(), "content-encoding": "gzip" };
  const answer = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
  expect({ status: answer.status, decision: answer.headers.get("x-airlock-decision") }).toEqual({ status: 503, decision: "busy" });
  expect(slow.count()).toBe(0);
});

/** `count` requests at once on one connection, none waiting for an answer. */
function pipeline(bench: BrokerBench, count: number): { destroy(): void } {
  const body = JSON.stringify(ASK);
  const key = bench.broker.surrogate.reveal();
  const head = `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: ${key}\r\ncontent-length: ${body.length}\r\n\r\n`;
  const socket = connect(bench.port, "127.0.0.1", () => void socket.write((head + body).repeat(count)));
  return socket.on("error", () => undefined);
}

test("I18: pipelined requests that wait for the budget are bounded in number", async () => {
  const slow = openSlow();
  await using bench = await openBrokerBench({ service: slow.service, options: { memory: { maxRequests: 20 }, limits: LIMITS } });
  const socket = pipeline(bench, 100);
  const busy = (): number => bench.log.filter(({ reason }) => reason === "busy").length;
  await until(() => busy() === 80);
  expect(slow.count()).toBeLessThanOrEqual(20);
  socket.destroy();
});

test("I18: a body that turns out too large while it comes is answered, not reset", async () => {
  const slow = openSlow();
  await using bench = await openBrokerBench({ service: slow.service, options: { maxBodyBytes: 100_000, limits: LIMITS } });
  const key = bench.broker.surrogate.reveal();
  const head = `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: ${key}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
  const answer = (await exchangeRaw(bench.port, head + chunk.repeat(200))).toString();
  expect(answer).toContain("HTTP/1.1 413 ");
  expect(answer).toContain("x-airlock-decision: body-too-large");
  expect(slow.count()).toBe(0);
});
