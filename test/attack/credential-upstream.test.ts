import { execFileSync } from "node:child_process";
import fs from "node:fs";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { AirlockError } from "../../src/domain/errors.ts";
import { Secret } from "../../src/domain/secret.ts";
import { openBroker } from "../../src/gateway/broker/broker.ts";
import { ASK, ask, type BrokerBench, exchangeRaw, listen, openBrokerBench, REAL_KEY, rawRequest } from "../support/model/broker-bench.ts";

const answer = (): BrokerBench | Promise<BrokerBench> => openBrokerBench({ service: (_request, response) => void response.end("{}") });
const body = JSON.stringify(ASK);

describe("I5: the credential leaves over verified TLS only", () => {
  const open = (baseUrl: string) => (): unknown =>
    openBroker({
      model: {
        api: "anthropic",
        baseUrl,
        credential: { kind: "api-key", value: new Secret(REAL_KEY, "anthropic-api-key") },
        allowedModels: [],
      },
      limits: { maxCostUsd: 1, maxTurns: 0 },
    });
  test.each([
    "http://api.anthropic.com",
    "http://127.0.0.1.evil.example",
    "http://10.0.0.1",
    "ftp://127.0.0.1",
    "https://user:pw@api.anthropic.com",
    "https://api.anthropic.com/?a=1",
    "nonsense",
  ])("the base URL %s is refused", (baseUrl) => {
    expect(open(baseUrl)).toThrow(AirlockError);
  });

  test("a service with a certificate that nobody signed gets nothing, whatever the runner's environment says", async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "airlock-tls-"));
    const files = { key: path.join(directory, "key.pem"), cert: path.join(directory, "cert.pem") };
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        files.key,
        "-out",
        files.cert,
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
      ],
      { stdio: "ignore" },
    );
    const cert = fs.readFileSync(files.cert, "utf8");
    let requests = 0;
    const service = https.createServer({ key: fs.readFileSync(files.key), cert }, (_request, response) => {
      requests++;
      response.end("{}");
    });
    const url = `https://localhost:${await listen(service)}`;
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      await using untrusting = await openBrokerBench({ service: url });
      expect((await ask(untrusting)).status).toBe(502);
      expect(requests).toBe(0);
      await using trusting = await openBrokerBench({ service: url, options: { ca: cert } });
      expect((await ask(trusting)).status).toBe(200);
      expect(requests).toBe(1);
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      service.closeAllConnections();
      service.close();
      fs.rmSync(directory, { recursive: true });
    }
  });
});

describe("I2: what the agent is given is worth nothing anywhere else", () => {
  test("every run has another surrogate, and printing it shows nothing", async () => {
    await using one = await answer();
    await using two = await answer();
    expect(one.broker.surrogate.reveal()).not.toBe(two.broker.surrogate.reveal());
    expect(`${one.broker.surrogate}`).toBe("<redacted>");
    expect((await ask(one, ASK, { headers: { "x-api-key": two.broker.surrogate.reveal() } })).status).toBe(403);
  });

  test("the service sees the real key once, and none of the guest's own lines", async () => {
    await using bench = await openBrokerBench({ service: (_request, response) => void response.end("{}"), prefix: "/gateway/v9/" });
    await ask(bench, ASK, {
      path: "/v1/messages?beta=true",
      headers: { "x-forwarded-for": "1.2.3.4", via: "guest", "x-evil": "1", "anthropic-beta": "some-beta" },
    });
    const [first] = bench.reached;
    expect(first?.url).toBe("/gateway/v9/v1/messages?beta=true");
    const text = (first?.rawHeaders ?? []).join("\n");
    expect(text.split(REAL_KEY)).toHaveLength(2);
    expect(text).toContain("some-beta");
    expect(text).not.toMatch(/surrogate|x-forwarded-for|x-evil|guest|1\.2\.3\.4/);
  });

  test("an OAuth token goes out as a bearer token with the beta it needs", async () => {
    await using bench = await openBrokerBench({ service: (_request, response) => void response.end("{}"), kind: "oauth-token" });
    const seen = await exchangeRaw(
      bench.port,
      rawRequest(
        [
          "POST /v1/messages HTTP/1.1",
          "host: localhost",
          `authorization: Bearer ${bench.broker.surrogate.reveal()}`,
          "anthropic-beta: a,b",
        ],
        body,
      ),
    );
    expect(seen.toString()).toMatch(/^HTTP\/1\.1 200 /);
    const headers = bench.reached.at(-1)?.rawHeaders ?? [];
    expect(headers).toContain(`Bearer ${REAL_KEY}`);
    expect(headers).toContain("a,b,oauth-2025-04-20");
    expect(headers).not.toContain("x-api-key");
  });
});
