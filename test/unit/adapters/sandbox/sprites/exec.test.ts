import { once } from "node:events";
import type net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type ExecRequest, openSpritesClient, type SpritesClient } from "../../../../../src/adapters/sandbox/sprites/client.ts";
import { Secret } from "../../../../../src/domain/secret.ts";
import { type SpritesServer, startSprites } from "../../../../support/cloud/sprites-server.ts";

const request = (argv: readonly string[], changes: Partial<ExecRequest> = {}): ExecRequest => ({
  argv,
  stdin: new Uint8Array(),
  timeoutMs: 10_000,
  keepAfterDisconnectMs: 10_000,
  signal: new AbortController().signal,
  ...changes,
});

describe("a command in a sprite", () => {
  let server: SpritesServer;
  let client: SpritesClient;
  const name = "airlock-0123456789ab-zzzzzz-0123456789";

  beforeAll(async () => {
    server = await startSprites();
    client = openSpritesClient({ apiUrl: server.env["SPRITES_API_URL"] ?? "", token: new Secret(server.token), pulseMs: 500 });
    await client.create({ name, labels: ["airlock"] });
    await client.setNetworkPolicy(name, [{ domain: "*", action: "deny" }]);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test("that is quiet for many pulses is heard to its end", async () => {
    const { code, stdout } = await client.exec(name, request(["/bin/sh", "-c", "sleep 4; echo done"]));
    expect({ code, said: stdout.toString() }).toEqual({ code: 0, said: "done\n" });
  });

  test("gets every byte of its input and gives every byte of both outputs, and its exit code is a result", async () => {
    const stdin = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    const { code, stdout, stderr } = await client.exec(
      name,
      request(["/bin/sh", "-c", "cat > /tmp/input; cat /tmp/input; cat /tmp/input >&2; exit 7"], { stdin }),
    );
    expect({ code, out: stdout.equals(stdin), err: stderr.equals(stdin) }).toEqual({ code: 7, out: true, err: true });
  });

  test("that does not end in its time is killed", async () => {
    await expect(client.exec(name, request(["/bin/sleep", "8642"], { timeoutMs: 500 }))).rejects.toMatchObject({ kind: "interrupted" });
    expect(server.requests.at(-1)).toMatch(/^POST .*\/exec\/\d+\/kill\?signal=SIGKILL/);
    const { stdout } = await client.exec(
      name,
      request(["/bin/sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 864[2]'"]),
    );
    expect(stdout.toString()).toBe("0\n");
  });

  test("that prints without end is cut off", async () => {
    await expect(client.exec(name, request(["/bin/sh", "-c", "exec cat /dev/zero"]))).rejects.toThrow(/printed more than/);
  });
});

describe("a server that does not keep to the protocol", () => {
  test.each([
    ["an empty frame", [Buffer.alloc(0)]],
    ["an unknown stream", [Buffer.of(9, 1)]],
    ["an exit without a code", [Buffer.of(3)]],
    ["an exit with two codes", [Buffer.of(3, 0, 0)]],
    ["text that is no JSON", ["hello"]],
    ["a session id that would change an address", [JSON.stringify({ type: "session_info", session_id: "../../other" })]],
    ["an exit code out of range", [JSON.stringify({ type: "exit", exit_code: 4_000 })]],
    ["nothing but its end", []],
  ])("by %s ends the command as interrupted, never as a success", async (_name, messages) => {
    const hostile = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    hostile.on("connection", (socket: WebSocket) => {
      for (const message of messages) socket.send(message);
      socket.close();
    });
    await once(hostile, "listening");
    const { port } = hostile.address() as net.AddressInfo;
    const client = openSpritesClient({ apiUrl: `http://127.0.0.1:${port}`, token: new Secret("t") });
    await expect(client.exec("airlock-x", request(["true"]))).rejects.toMatchObject({ kind: "interrupted" });
    hostile.close();
  });

  test("but tells the exit as text, as some versions do, is understood", async () => {
    const other = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    other.on("connection", (socket: WebSocket) => socket.send(JSON.stringify({ type: "exit", exit_code: 5 })));
    await once(other, "listening");
    const { port } = other.address() as net.AddressInfo;
    const client = openSpritesClient({ apiUrl: `http://127.0.0.1:${port}`, token: new Secret("t") });
    expect(await client.exec("airlock-x", request(["true"]))).toMatchObject({ code: 5 });
    other.close();
  });
});
