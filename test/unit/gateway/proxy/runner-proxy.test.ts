import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROBE = fileURLToPath(new URL("../../../support/egress/env-proxy-probe.ts", import.meta.url));

test("I4: a proxy of the runner is never dialled by the gateway, not even where Node itself follows it", async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(502).end();
  });
  proxy.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const env = { PATH: process.env["PATH"] ?? "", HTTP_PROXY: url, HTTPS_PROXY: url, NODE_USE_ENV_PROXY: "1" };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", PROBE], { env, timeout: 60_000 });
    expect(JSON.parse(stdout)).toEqual({
      proxied: "hello from upstream\n",
      model: "hello from the model\n",
      fetched: "refused by the proxy",
      dialled: ["93.184.215.14"],
    });
    expect(asked).toEqual(["fetched.example.com:80"]);
  } finally {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  }
});
