import { randomBytes } from "node:crypto";
import type net from "node:net";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { dialWebSocket } from "../../src/adapters/sandbox/shared/web-socket.ts";
import { E2B_CLOUD } from "../support/cloud/e2b-cloud.ts";
import { startE2b } from "../support/cloud/e2b-server.ts";
import { describeCloudBoundary } from "./cloud/boundary.ts";

describeCloudBoundary({
  cloud: E2B_CLOUD,
  broken: [
    {
      name: "without private ports",
      start: () => startE2b({ breaksPromise: "private ports" }),
      code: "sandbox.unavailable",
      message: /open to the public/,
    },
    {
      name: "without secured daemon",
      start: () => startE2b({ breaksPromise: "secured daemon" }),
      code: "sandbox.unavailable",
      message: /obey anybody inside/,
    },
  ],
  keys({ state }, id) {
    const box = state.boxes.get(id);
    return [box?.envdToken ?? "", box?.trafficToken ?? ""];
  },
  more(inside) {
    test("I7: a stranger who knows the sandbox's address is turned away without its traffic token", async () => {
      const { server, sandbox } = inside();
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
  },
});
