import { randomBytes } from "node:crypto";
import type net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { dialWebSocket } from "../../src/adapters/sandbox/shared/web-socket.ts";
import { judgeBoundary } from "../../src/domain/sandbox/boundary-proof.ts";
import type { Sandbox } from "../../src/ports/sandbox.ts";
import { openE2bBench } from "../support/cloud/e2b-bench.ts";
import { type E2bServer, startE2b } from "../support/cloud/e2b-server.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";

const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin" };

async function shell(sandbox: Sandbox, script: string, user: "agent" | "root" = "agent"): Promise<string> {
  const result = await sandbox.exec({
    argv: ["/bin/bash", "-c", script],
    cwd: "/",
    env: ENV,
    user,
    timeoutMs: 30_000,
    maxOutputBytes: 1_000_000,
  });
  return Buffer.from(result.stdout).toString();
}

describe("a cloud provider that breaks its promise", () => {
  test("I3: to give no network is caught by the proof from inside", async () => {
    await using server = await startE2b({ breaksPromise: "no network" });
    const provider = await openE2bBench(server);
    await using sandbox = await provider.create(sandboxSpec());
    const { attempts } = await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: 3_128, timeoutMs: 2_000 });
    const { proved, failures } = judgeBoundary(attempts);
    expect(proved).toBe(false);
    expect(failures.join("\n")).toContain("1.1.1.1:443");
  });

  test.each([
    ["private ports", /open to the public/],
    ["secured daemon", /obey anybody inside/],
  ] as const)("I6: to give %s ends the creation, and leaves no sandbox", async (breaksPromise, words) => {
    await using server = await startE2b({ breaksPromise });
    const provider = await openE2bBench(server);
    await expect(provider.create(sandboxSpec())).rejects.toMatchObject({
      code: "sandbox.unavailable",
      message: expect.stringMatching(words),
    });
    expect([...server.state.boxes.keys()]).toEqual([]);
  });
});

describe("inside a sandbox of a cloud provider", () => {
  let server: E2bServer;
  let sandbox: Sandbox;

  beforeAll(async () => {
    server = await startE2b();
    sandbox = await (await openE2bBench(server)).create(sandboxSpec());
  });

  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("I2: neither the provider's key nor the keys to the sandbox's own doors are in files, environments or command lines", async () => {
    const box = server.state.boxes.get(sandbox.id);
    const secrets = [server.apiKey, box?.envdToken ?? "", box?.trafficToken ?? ""];
    expect(secrets.every((secret) => secret.length >= 32)).toBe(true);
    const pattern = secrets.map((secret) => `[${secret.slice(0, 1)}]${secret.slice(1)}`).join("|");
    const found = await shell(
      sandbox,
      `grep -rlsE '${pattern}' /run /opt/airlock /etc /home /root /tmp /work; grep -alsE '${pattern}' /proc/[0-9]*/environ /proc/[0-9]*/cmdline; echo searched`,
      "root",
    );
    expect(found).toBe("searched\n");
  });

  test("I2: the token of the run's own link is gone once the guest has read it", async () => {
    expect(await shell(sandbox, "ls -A /run/airlock", "root")).not.toContain("token");
    expect(await shell(sandbox, "ls -A /run/airlock 2>&1; cat /run/airlock/guest.log 2>&1; true")).toContain("Permission denied");
  });

  test("I3: the agent cannot take over the link: without the run's token the guest's ports say nothing and do nothing", async () => {
    const script = `exec 3<>/dev/tcp/127.0.0.1/3127; printf 'ALK1R0123456789abcdef${"x".repeat(38)}' >&3; timeout 3 cat <&3 | wc -c`;
    // The guest's own nonce and no byte of the stream.
    expect(Number(await shell(sandbox, script))).toBeLessThanOrEqual(21);
    expect(await shell(sandbox, "echo still here")).toBe("still here\n");
  });

  test("I3: the agent can replace neither the guest's program nor the files that were brought", async () => {
    const script =
      "for f in /run/airlock/guest/index.js /opt/airlock /usr/local/bin/node; do (echo x >> $f/x || echo x >> $f) 2> /dev/null && echo wrote $f; done; true";
    expect(await shell(sandbox, script)).toBe("");
  });

  test("I7: a stranger who knows the sandbox's address is turned away without its traffic token", async () => {
    const dial = (headers: Readonly<Record<string, string>>): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${server.tunnelPort}/`, {
          headers: { host: `3127-${sandbox.id}.e2b.test`, ...headers },
        });
        socket.once("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
        socket.once("open", () => resolve(101));
        socket.on("error", () => undefined);
      });
    expect(await dial({})).toBe(403);
    expect(await dial({ "e2b-traffic-access-token": randomBytes(16).toString("hex") })).toBe(403);
  });

  test("I18: a hostile peer at the tunnel's end cannot make the runner hold without bound: a message beyond the limit ends the link", async () => {
    const hostile = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    hostile.on("connection", (socket) => socket.send(Buffer.alloc(4_000_000)));
    await new Promise((settle) => hostile.once("listening", settle));
    const { port } = hostile.address() as net.AddressInfo;
    const link = await dialWebSocket({ url: `ws://127.0.0.1:${port}/`, headers: {}, signal: new AbortController().signal });
    let heardBytes = 0;
    link.on("data", (chunk: Buffer) => {
      heardBytes += chunk.length;
    });
    if (!link.destroyed) await new Promise((settle) => link.once("close", settle));
    expect({ heardBytes, failed: link.errored instanceof Error }).toEqual({ heardBytes: 0, failed: true });
    for (const client of hostile.clients) client.terminate();
    hostile.close();
  });
});
