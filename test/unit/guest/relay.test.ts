import { once } from "node:events";
import net from "node:net";
import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { serveTunnel } from "../../../src/gateway/tunnel/tunnel.ts";
import { openRelay } from "../../../src/guest/relay.ts";

function connect(port: number | undefined): net.Socket {
  return net.connect(port ?? 0, "127.0.0.1").on("error", () => undefined);
}

test("I21: the relay's listeners come and go with their connections, and its session stays", async () => {
  const [runnerEnd, guestEnd] = duplexPair();
  for (const end of [runnerEnd, guestEnd]) end.on("error", () => undefined);
  const failures: Error[] = [];
  serveTunnel(runnerEnd, (name, stream) => void stream.on("error", () => undefined).write(name), {
    onFailure: (error) => failures.push(error),
  });
  const relay = openRelay({ stream: guestEnd });
  await relay.listen([{ port: 0, name: "proxy" }]);
  const port = relay.ports.get("proxy") ?? 0;
  const held = connect(port);
  await once(held, "data");
  await expect(relay.listen([{ port: 0, name: "proxy" }])).rejects.toThrow("open already");

  const cut = new Promise((resolve) => held.once("close", resolve));
  await Promise.all([relay.closeListeners(), cut]);
  await relay.closeListeners();
  await expect(once(net.connect(port, "127.0.0.1"), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });

  const twice = [0, 1].map(() => ({ port, name: "twice" }));
  await expect(relay.listen(twice)).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect([...relay.ports]).toEqual([]);
  await relay.listen([{ port, name: "later" }]);
  const later = connect(relay.ports.get("later"));
  expect(String((await once(later, "data"))[0])).toBe("later");
  expect(failures).toEqual([]);

  relay.close();
  await relay.closed;
  await expect(relay.listen([])).rejects.toThrow("ended");
});
