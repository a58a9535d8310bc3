import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Secret } from "../../../src/domain/secret.ts";
import type { ModelUpstream } from "../../../src/ports/gateway.ts";
import { ask, askSecure, decisionOf, statusOf, tunnel } from "../../support/egress/ask.ts";
import { openGuest } from "../../support/egress/guest.ts";
import { openUpstream } from "../../support/egress/upstream.ts";

const PUBLIC = [["93.184.215.14"]];
const withToken = (token: string): string => `GET / HTTP/1.1\r\nHost: api.example.com\r\nX-Token: ${token}\r\nConnection: close\r\n\r\n`;
const get = (host: string): string => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

test("I3: a closed tunnel cuts what is open and refuses what comes, while its byte stream lives on", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  const open = await tunnel(guest, "example.com:443");
  if (typeof open === "string") throw new Error(open);
  const cut = new Promise((resolve) => open.once("close", resolve));
  guest.tunnel.close();
  await cut;
  guest.tunnel.close();
  expect(await ask(guest, get("example.com"), { toEnd: true })).toBe("");
  const again = guest.reopen({ phase: "agent" });
  expect(statusOf(await ask(guest, get("example.com"), { toEnd: true }))).toBe(200);
  again.close();
  expect(await ask(guest, get("example.com"), { toEnd: true })).toBe("");
});

test("one tunnel at a time leads into a sandbox", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "example.com", upstream, resolves: PUBLIC });
  expect(() => guest.reopen({ phase: "verify" })).toThrow(expect.objectContaining({ code: "internal" }));
  expect(statusOf(await ask(guest, get("example.com"), { toEnd: true }))).toBe(200);
});

test("I3: a view takes rules away and adds none, also where hosts are only watched", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "a.example.com\nb.example.com", mode: "audit", upstream, resolves: PUBLIC });
  expect(statusOf(await ask(guest, get("watched.example.org"), { toEnd: true }))).toBe(200);
  guest.tunnel.close();
  guest.reopen({ phase: "verify", view: { allow: ["b.example.com", "c.example.com"], model: false, secrets: false } });
  const answers = await Promise.all(
    ["a.example.com", "b.example.com", "c.example.com", "watched.example.org"].map((host) => ask(guest, get(host), { toEnd: true })),
  );
  expect(answers.map(statusOf)).toEqual([403, 200, 403, 403]);
  expect(answers.map(decisionOf)).toEqual(["default-deny", undefined, "default-deny", "default-deny"]);
});

test("I2: a view without secrets puts none into a request, and one without the model has no port for it", async () => {
  await using upstream = await openUpstream();
  const value = new Secret("sk-test-000-declared", "TOKEN");
  const secrets = [{ host: "api.example.com", header: "x-token", surrogate: "airlock-surrogate-1", variable: "TOKEN", value }];
  await using service = await openService();
  await using guest = await openGuest({ allow: "api.example.com", upstream, resolves: PUBLIC, secrets, model: service.model });
  guest.tunnel.close();
  const again = guest.reopen({ phase: "verify", view: { model: false, secrets: false } });
  expect(again.listeners.map(({ name }) => name)).toEqual(["proxy"]);
  expect(again.model).toBeUndefined();
  await askSecure(guest, "api.example.com", withToken("airlock-surrogate-1"));
  expect(upstream.received()).toContain("airlock-surrogate-1");
  expect(upstream.received()).not.toContain(value.reveal());
  await expect(askModel(guest.modelPort, "any")).rejects.toThrow();
  expect(service.requests()).toBe(0);
});

test("I19: all sandboxes of a run share one budget, and each line names its sandbox and its phase", async () => {
  await using upstream = await openUpstream();
  await using service = await openService();
  await using guest = await openGuest({
    allow: "",
    upstream,
    resolves: PUBLIC,
    model: service.model,
    limits: { maxCostUsd: 1, maxTurns: 2 },
  });
  await using second = await guest.openSecond({ id: "second", phase: "verify" });
  const key = guest.tunnel.model?.surrogate.reveal() ?? "";
  expect([await askModel(guest.modelPort, key), await askModel(second.modelPort, key), await askModel(guest.modelPort, key)]).toEqual([
    200, 200, 403,
  ]);
  expect(await guest.gateway.usage()).toMatchObject({ turns: 2 });
  expect(guest.gateway.exhausted.aborted).toBe(true);
  const lines = (await guest.readLog())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ sandbox, phase, verdict }) => [sandbox, phase, verdict])).toEqual([
    ["guest", "agent", "allow"],
    ["second", "verify", "allow"],
    ["guest", "agent", "deny"],
  ]);
});

test("what is refused during set-up or verification does not count as the agent's", async () => {
  await using upstream = await openUpstream();
  await using guest = await openGuest({ allow: "", upstream, resolves: PUBLIC });
  for (const phase of ["proof", "sandbox", "agent", "harvest", "verify"] as const) {
    guest.tunnel.enter(phase);
    await ask(guest, get("refused.example.com"), { toEnd: true });
  }
  const { hosts, denied } = await guest.gateway.egress();
  expect(hosts.map(({ during, count }) => [during, count])).toEqual([
    [undefined, 2],
    ["set-up", 1],
    ["verification", 1],
  ]);
  expect(denied).toBe(2);
});

test("I3, I5: a view without secrets keeps what holds on a secret's host: no credential of the guest's own, and no watching", async () => {
  await using upstream = await openUpstream();
  const value = new Secret("sk-test-000-declared", "TOKEN");
  const rule = { header: "x-token", surrogate: "airlock-surrogate-1", variable: "TOKEN", value };
  const secrets = ["api.example.com", "unlisted.example.com"].map((host) => ({ ...rule, host }));
  await using guest = await openGuest({ allow: "api.example.com", mode: "audit", upstream, resolves: PUBLIC, secrets });
  guest.tunnel.close();
  guest.reopen({ phase: "verify", view: { model: false, secrets: false } });
  const answer = await askSecure(guest, "api.example.com", withToken("credential-of-the-guest"));
  expect([statusOf(answer), decisionOf(answer)]).toEqual([403, "foreign-credential"]);
  expect(decisionOf(await ask(guest, get("api.example.com"), { toEnd: true }))).toBe("tls-required");
  expect(decisionOf(await ask(guest, get("unlisted.example.com"), { toEnd: true }))).toBe("default-deny");
  expect(upstream.received()).toBe("");
});

interface Service extends AsyncDisposable {
  readonly model: ModelUpstream;
  requests(): number;
}

/** A model's service that answers every request with a few tokens. */
async function openService(): Promise<Service> {
  let requests = 0;
  const server = http.createServer((request, response) => {
    requests += 1;
    request.resume().once("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ type: "message", model: "claude-sonnet-5-5", usage: { input_tokens: 10, output_tokens: 5 } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    model: {
      api: "anthropic",
      baseUrl,
      credential: { kind: "api-key", value: new Secret("sk-test-000-real-key", "key") },
      allowedModels: [],
    },
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function askModel(port: number, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "x-api-key": key, "content-type": "application/json", "anthropic-version": "2023-06-01" };
    const call = http.request({ port, host: "127.0.0.1", method: "POST", path: "/v1/messages", headers, agent: false });
    call.once("error", reject);
    call.once("response", (response) => response.resume().once("end", () => resolve(response.statusCode ?? 0)));
    const tools = [{ name: "t", input_schema: { type: "object" } }];
    call.end(JSON.stringify({ model: "claude-sonnet-5-5", max_tokens: 10, messages: [{ role: "user", content: "x" }], tools }));
  });
}
