import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { parsePolicy } from "../../../src/domain/egress/policy.ts";
import type { AirlockError } from "../../../src/domain/errors.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { openGateway } from "../../../src/gateway/gateway.ts";
import type { Gateway, GatewayOptions, Tunnel } from "../../../src/ports/gateway.ts";

const OPTIONS: GatewayOptions = {
  policy: parsePolicy({ allow: "", deny: "" }),
  mode: "allowlist",
  model: undefined,
  limits: { maxCostUsd: 1, maxTurns: 0 },
  logPath: "/dev/null",
};

function openTunnel(gateway: Gateway): Tunnel {
  const [egress, far] = duplexPair();
  for (const end of [egress, far]) end.on("error", () => undefined);
  return gateway.openTunnel({ sandbox: { id: "one", egress }, phase: "agent" });
}

test("A gateway without a model has no port for one and gives the agent nothing to ask it with", async () => {
  await using gateway = await openGateway(OPTIONS);
  const tunnel = openTunnel(gateway);
  expect(tunnel.listeners.map(({ name }) => name)).toEqual(["proxy"]);
  expect(tunnel.model).toBeUndefined();
  expect(await gateway.usage()).toMatchObject({ requests: 0, costUsd: 0 });
});

test("I2: what a gateway gives the guest holds the surrogate, and not the key", async () => {
  const key = "sk-ant-real-000000000000";
  const credential = { kind: "api-key", value: new Secret(key, "anthropic-api-key") } as const;
  const model = { api: "anthropic", baseUrl: "https://api.anthropic.com", credential, allowedModels: [] } as const;
  await using gateway = await openGateway({ ...OPTIONS, model });
  const tunnel = openTunnel(gateway);
  expect(tunnel.listeners.map(({ name }) => name)).toEqual(["proxy", "model"]);
  expect(tunnel.model?.baseUrl).toBe(`http://127.0.0.1:${tunnel.listeners[1]?.port}`);
  expect(tunnel.model?.surrogate.reveal()).not.toContain(key);
  const files = gateway.files.map(({ content }) => Buffer.from(content).toString("latin1"));
  expect([...files, ...Object.values(gateway.env)].join("\n")).not.toContain(key);
});

test("I6: a tunnel that the guest breaks is told, once and by its code; one that is closed is not", async () => {
  const failures: AirlockError[] = [];
  const options: GatewayOptions = { ...OPTIONS, onTunnelFailure: (error) => void failures.push(error) };
  const gateway = await openGateway(options);
  const [runnerEnd, guestEnd] = duplexPair();
  for (const end of [runnerEnd, guestEnd]) end.on("error", () => undefined);
  const [otherEnd] = duplexPair();
  gateway.openTunnel({ sandbox: { id: "one", egress: runnerEnd }, phase: "agent" });
  gateway.openTunnel({ sandbox: { id: "other", egress: otherEnd }, phase: "agent" });
  guestEnd.write("GET / HTTP/1.1\r\n\r\n");
  await expect.poll(() => failures.length).toBe(1);
  expect(failures[0]).toMatchObject({ code: "egress.unusable", id: "AL312" });
  await gateway[Symbol.asyncDispose]();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(failures).toHaveLength(1);
});
