/** Run by itself, with a runner's proxy in its environment: asks a host through the gateway's proxy, the model through its broker, then a host with `fetch`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "../../../src/domain/secret.ts";
import { ask } from "./ask.ts";
import { openGuest } from "./guest.ts";
import { openUpstream } from "./upstream.ts";

const service = createServer((_request, response) => response.end("hello from the model\n"));
await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
await using upstream = await openUpstream();
const credential = { kind: "api-key" as const, value: new Secret("sk-test-000", "key") };
await using guest = await openGuest({
  allow: "example.com",
  model: { api: "anthropic", baseUrl, credential, allowedModels: [] },
  upstream,
  resolves: [["93.184.215.14"]],
});
const proxied = await ask(guest, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");
const { Agent, request } = await import("node:http");
const model = await new Promise<string>((resolve, reject) => {
  const outgoing = request(`http://127.0.0.1:${guest.modelPort}/v1/messages`, {
    method: "POST",
    agent: new Agent(),
    headers: { "x-api-key": guest.tunnel.model?.surrogate.reveal() ?? "", "content-type": "application/json" },
  });
  outgoing.once("error", reject);
  outgoing.once("response", (answer) => answer.once("data", (chunk: Buffer) => resolve(chunk.toString())));
  outgoing.end(JSON.stringify({ model: "claude-opus-5-5", max_tokens: 1, messages: [] }));
});
const fetched = await fetch("http://fetched.example.com/").then(
  () => "an answer",
  () => "refused by the proxy",
);
process.stdout.write(JSON.stringify({ proxied: proxied.split("\r\n\r\n")[1], model, fetched, dialled: guest.dialled }));
service.closeAllConnections();
service.close();
