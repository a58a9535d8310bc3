import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AirlockError } from "../../../../src/domain/errors.ts";
import { type SessionOptions, serveTunnel } from "../../../../src/gateway/tunnel/tunnel.ts";
import { openRelay, type Relay } from "../../../../src/guest/relay.ts";
import { authorityOf, parseStreamAuthority } from "../../../../src/wire/tunnel.ts";
import { rounds } from "../../../support/fuzz.ts";
import { listen } from "../../../support/model/broker-bench.ts";

interface Bench extends AsyncDisposable {
  readonly runnerEnd: Duplex;
  readonly guestEnd: Duplex;
  readonly relay: Relay;
  readonly failures: readonly AirlockError[];
  readonly closed: Promise<void>;
  connect(name?: string): net.Socket;
}

/** Two ends of a real socket, or of one that lives in memory only. */
async function openEnds(kind: "socket" | "memory"): Promise<readonly [Duplex, Duplex]> {
  if (kind === "memory") {
    const [one, other] = duplexPair();
    // As any carrier does, and this pair does not: the end of one is the end of the other.
    one.once("close", () => setImmediate(() => other.destroy()));
    other.once("close", () => setImmediate(() => one.destroy()));
    return [one, other];
  }
  const server = net.createServer();
  const near = net.connect(await listen(server), "127.0.0.1");
  const [far] = (await once(server, "connection")) as [net.Socket];
  server.close();
  return [near, far];
}

type OnStream = (name: string, stream: Duplex) => void;

async function openBench(onStream: OnStream, options: SessionOptions = {}, kind: "socket" | "memory" = "socket"): Promise<Bench> {
  const [runnerEnd, guestEnd] = await openEnds(kind);
  for (const end of [runnerEnd, guestEnd]) end.on("error", () => undefined);
  const failures: AirlockError[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const tunnel = serveTunnel(runnerEnd, onStream, { onFailure: (error) => failures.push(error), onClose: resolve, ...options });
  const relay = openRelay({ stream: guestEnd });
  await relay.listen([
    { port: 0, name: "proxy" },
    { port: 0, name: "model" },
  ]);
  return {
    runnerEnd,
    guestEnd,
    relay,
    failures,
    closed,
    connect: (name = "proxy") => {
      const socket = net.connect({ port: relay.ports.get(name) ?? 0, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => undefined);
      return socket;
    },
    async [Symbol.asyncDispose]() {
      relay.close();
      tunnel.close();
      await Promise.all([closed, relay.closed]);
    },
  };
}

const echo: OnStream = (_name, stream) => void stream.on("error", () => undefined).pipe(stream);

/** Unlike `once`, does not mind an error on the way. */
function closeOf(stream: Duplex): Promise<void> {
  return new Promise((resolve) => stream.once("close", () => resolve()));
}

describe("the tunnel carries connections as they are", () => {
  test("bytes, both ways, many at once", async () => {
    await using bench = await openBench(echo);
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const sent = randomBytes(1 + n * 5000);
        const socket = bench.connect();
        socket.end(sent);
        expect((await buffer(socket)).equals(sent)).toBe(true);
      }),
    );
  });

  test("the name of the listener, and no other", async () => {
    await using bench = await openBench((name, stream) => stream.end(name));
    for (const name of ["proxy", "model"]) expect((await buffer(bench.connect(name))).toString()).toBe(name);
    expect(() => authorityOf("Not A Name")).toThrow(TypeError);
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9.:-]{0,40}$/), (name) => {
        expect(parseStreamAuthority(`${name}.airlock:1`)).toBe(/^[a-z][a-z0-9-]{0,31}$/.test(name) ? name : undefined);
      }),
    );
  });

  test("the end of one direction while the other goes on", async () => {
    await using bench = await openBench((_name, stream) => {
      void buffer(stream).then((heard) => stream.end(`heard ${heard.length}`));
    });
    const socket = bench.connect();
    socket.end(randomBytes(100_000));
    expect((await buffer(socket)).toString()).toBe("heard 100000");
  });

  test("a reset by the runner's side as a reset, not as an end", async () => {
    await using bench = await openBench((_name, stream) => void stream.on("error", () => undefined).once("data", () => stream.destroy()));
    const socket = bench.connect();
    socket.resume().write("x");
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
  });

  test("a reset by the guest's side likewise", async () => {
    const seen = Promise.withResolvers<Duplex>();
    await using bench = await openBench(
      (_name, stream) => void stream.on("error", () => undefined).once("data", () => seen.resolve(stream)),
    );
    const socket = bench.connect();
    socket.write("x");
    const stream = await seen.promise;
    const closed = closeOf(stream);
    socket.resetAndDestroy();
    await closed;
    expect((stream as http2.ServerHttp2Stream).rstCode).toBe(http2.constants.NGHTTP2_CONNECT_ERROR);
  });
});

describe("I18: a guest cannot make the runner's memory grow, nor starve its own other connections", () => {
  test("a stream that nobody reads stops its sender within its window, while others go on", async () => {
    const stalled: Duplex[] = [];
    await using bench = await openBench((name, stream) => (name === "model" ? void stalled.push(stream) : echo(name, stream)));
    const sockets = Array.from({ length: 8 }, () => bench.connect("model"));
    const chunk = Buffer.alloc(1024 * 1024);
    const sent = sockets.map(() => 0);
    sockets.forEach((socket, n) => {
      const pump = (): void => {
        while ((sent[n] ?? 0) < 64 && socket.write(chunk, () => (sent[n] = (sent[n] ?? 0) + 1)));
      };
      socket.on("drain", pump);
      pump();
    });
    const quick = bench.connect();
    quick.end("still there?");
    expect((await buffer(quick)).toString()).toBe("still there?");
    for (const stream of stalled) expect(stream.readableLength).toBeLessThanOrEqual(2 * 1024 * 1024);
    for (const socket of sockets) socket.destroy();
  });

  test("past the cap on all that waits, the fullest streams are reset and the tunnel lives", async () => {
    let reset = 0;
    await using bench = await openBench(
      (name, stream) => {
        if (name === "proxy") return echo(name, stream);
        stream.on("error", () => undefined).once("close", () => reset++);
      },
      { maxBufferedBytes: 2 * 1024 * 1024 },
    );
    for (let n = 0; n < 6; n++) bench.connect("model").write(Buffer.alloc(2 * 1024 * 1024));
    await expect.poll(() => reset, { timeout: 10_000 }).toBeGreaterThan(0);
    const quick = bench.connect();
    quick.end("alive");
    expect((await buffer(quick)).toString()).toBe("alive");
    expect(bench.failures).toEqual([]);
  });

  test("thousands of aborted connections do not end the tunnel", async () => {
    await using bench = await openBench(echo);
    const abort = (): Promise<unknown> => {
      const socket = bench.connect();
      socket.once("connect", () => socket.resetAndDestroy());
      return closeOf(socket);
    };
    for (let round = 0; round < 12; round++) await Promise.all(Array.from({ length: 100 }, abort));
    const socket = bench.connect();
    socket.end("alive");
    expect((await buffer(socket)).toString()).toBe("alive");
    expect(bench.failures).toEqual([]);
  });

  test("streams that are no connection of a listener are refused, one by one", async () => {
    const [runnerEnd, guestEnd] = await openEnds("socket");
    let streams = 0;
    const tunnel = serveTunnel(runnerEnd, () => streams++);
    const guest = http2.connect("http://x", { createConnection: () => guestEnd });
    const refused = async (headers: http2.OutgoingHttpHeaders): Promise<unknown> => {
      const request = guest.request(headers);
      request.on("error", () => undefined);
      await closeOf(request);
      return request.rstCode;
    };
    const codes = [
      await refused({ ":method": "GET", ":path": "/" }),
      await refused({ ":method": "CONNECT", ":authority": "evil.example:443" }),
      await refused({ ":method": "CONNECT", ":authority": "proxy.airlock:2" }),
    ];
    expect(codes).toEqual(Array(3).fill(http2.constants.NGHTTP2_REFUSED_STREAM));
    expect(streams).toBe(0);
    guest.destroy();
    tunnel.close();
  });
});

describe("a tunnel that breaks ends alone, and says so", () => {
  test("whatever bytes the guest sends", async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ minLength: 24, maxLength: 400 }), async (greeted, bytes) => {
        const [runnerEnd, guestEnd] = await openEnds("memory");
        const { promise: closed, resolve } = Promise.withResolvers<void>();
        const failures: AirlockError[] = [];
        serveTunnel(runnerEnd, echo, { onFailure: (error) => failures.push(error), onClose: resolve });
        guestEnd.on("error", () => undefined).resume();
        if (greeted) guestEnd.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        guestEnd.end(Buffer.from(bytes));
        guestEnd.once("end", () => guestEnd.destroy());
        setTimeout(() => runnerEnd.destroy(), 500).unref();
        await closed;
        for (const failure of failures) expect(failure.code).toBe("egress.unusable");
      }),
      { numRuns: rounds(40) },
    );
  });

  test("garbage is reported as the sandbox's fault", async () => {
    const [runnerEnd, guestEnd] = await openEnds("socket");
    const { promise, resolve } = Promise.withResolvers<AirlockError>();
    serveTunnel(runnerEnd, echo, { onFailure: resolve });
    guestEnd.on("error", () => undefined);
    guestEnd.write(randomBytes(1000));
    expect(await promise).toMatchObject({ code: "egress.unusable", remedy: expect.stringMatching(/^Run the job again/) });
  });

  test("an end that does not answer pings is given up", async () => {
    const [runnerEnd, guestEnd] = await openEnds("socket");
    guestEnd.on("error", () => undefined).resume();
    guestEnd.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    const { promise, resolve } = Promise.withResolvers<AirlockError>();
    serveTunnel(runnerEnd, echo, { onFailure: resolve, pingIntervalMs: 20, pingTimeoutMs: 50 });
    expect((await promise).message).toContain("did not answer a ping");
    guestEnd.destroy();
  });

  const blows: Readonly<Record<string, (bench: Bench) => void>> = {
    "the runner's end is destroyed": (bench) => void bench.runnerEnd.destroy(),
    "the runner's end fails": (bench) => void bench.runnerEnd.destroy(new Error("lost")),
    "the guest's end is destroyed": (bench) => void bench.guestEnd.destroy(),
    "the guest's end fails": (bench) => void bench.guestEnd.destroy(new Error("lost")),
    "the guest's end just ends": (bench) => void bench.guestEnd.end(),
    "the relay is closed": (bench) => bench.relay.close(),
  };
  for (const kind of ["socket", "memory"] as const) {
    test.each(Object.entries(blows))(`over a ${kind}: every connection ends when %s under load`, async (_name, blow) => {
      const bench = await openBench(echo, {}, kind);
      const busy = Array.from({ length: 12 }, () => {
        const socket = bench.connect();
        const chunk = randomBytes(64 * 1024);
        const pump = (): void => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on("drain", pump).on("data", () => undefined);
        pump();
        return closeOf(socket);
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      blow(bench);
      await Promise.all([...busy, bench.relay.closed, bench.closed]);
    });
  }
});

test("both directions at full speed at once, over a carrier that holds next to nothing, go on and on", async () => {
  await using bench = await openBench(echo, {}, "memory");
  const size = 24 * 1024 * 1024;
  const sockets = Array.from({ length: 3 }, () => bench.connect());
  const heard = await Promise.all(
    sockets.map((socket) => {
      socket.end(Buffer.alloc(size));
      return buffer(socket);
    }),
  );
  expect(heard.map(({ length }) => length)).toEqual([size, size, size]);
});
