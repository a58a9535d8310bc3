import dgram from "node:dgram";
import dns from "node:dns/promises";
import http from "node:http";
import net from "node:net";
import type { ProbeHead, ProbeReply } from "../wire/control.ts";

type Attempt = ProbeReply["attempts"][number];
type Finding = Omit<Attempt, "name">;

const MAX_DETAIL_CHARACTERS = 200;

/** Well-known public services: Cloudflare and Google, each of which answers on these ports everywhere. */
const TCP = ["1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:80"];
const IPV6 = ["2606:4700:4700::1111:443", "2001:4860:4860::8888:53"];
/** AWS, Google and most others; Azure; Alibaba; AWS over IPv6. */
const METADATA = ["169.254.169.254:80", "168.63.129.16:80", "100.100.100.200:80", "fd00:ec2::254:80"];
const RESOLVERS = ["1.1.1.1", "8.8.8.8"];
const QUIC = ["1.1.1.1", "8.8.8.8"];

/** Tries every way out at once. Nothing here throws: what happens to an attempt is its result. */
export async function probe(request: ProbeHead): Promise<ProbeReply> {
  const { timeoutMs } = request;
  const attempts = await Promise.all([
    ...TCP.map((target) => named(`tcp ${target}`, tryTcp(target, timeoutMs))),
    ...QUIC.map((host) => named(`udp ${host}:443`, tryUdp({ host, port: 443, payload: quicProbe(), timeoutMs }))),
    ...RESOLVERS.map((host) => named(`dns udp ${host}:53`, tryUdp({ host, port: 53, payload: dnsQuery(), timeoutMs }))),
    ...RESOLVERS.map((host) => named(`dns tcp ${host}:53`, tryTcp(`${host}:53`, timeoutMs))),
    named("dns system resolver", trySystemResolver(timeoutMs)),
    ...IPV6.map((target) => named(`ipv6 ${target}`, tryTcp(target, timeoutMs))),
    ...METADATA.map((target) => named(`metadata ${target}`, tryTcp(target, timeoutMs))),
    named(`denied-host ${request.deniedHost}`, tryDeniedHost(request)),
    named("gateway", tryGateway(request)),
  ]);
  return { attempts };
}

async function named(name: string, finding: Promise<Finding>): Promise<Attempt> {
  const { result, detail } = await finding;
  return { name: name.slice(0, 100), result, detail: detail.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_DETAIL_CHARACTERS) };
}

function split(target: string): { readonly host: string; readonly port: number } {
  const at = target.lastIndexOf(":");
  return { host: target.slice(0, at), port: Number(target.slice(at + 1)) };
}

/** A refusal or silence means closed; only a connection means open. */
function tryTcp(target: string, timeoutMs: number): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = net.connect({ ...split(target), autoSelectFamily: false });
    const settle = (finding: Finding): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(finding);
    };
    const timer = setTimeout(() => settle({ result: "closed", detail: `no answer within ${timeoutMs} ms` }), timeoutMs);
    socket.once("connect", () => settle({ result: "open", detail: "connected" }));
    socket.once("error", (error: NodeJS.ErrnoException) => settle({ result: "closed", detail: error.code ?? error.message }));
  });
}

interface UdpAttempt {
  readonly host: string;
  readonly port: number;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
}

/** Any reply means open. */
function tryUdp(attempt: UdpAttempt): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket("udp4");
    const settle = (finding: Finding): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      socket.close();
      resolve(finding);
    };
    const timer = setTimeout(() => settle({ result: "closed", detail: `no answer within ${attempt.timeoutMs} ms` }), attempt.timeoutMs);
    socket.once("error", (error: NodeJS.ErrnoException) => settle({ result: "closed", detail: error.code ?? error.message }));
    socket.once("message", (message) => settle({ result: "open", detail: `${message.length} bytes came back` }));
    socket.send(attempt.payload, attempt.port, attempt.host, (error) => {
      if (error !== null) settle({ result: "closed", detail: (error as NodeJS.ErrnoException).code ?? error.message });
    });
  });
}

/** A query for the address of example.com. */
function dnsQuery(): Uint8Array {
  const header = [0x41, 0x4c, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
  const labels = ["example", "com"].flatMap((label) => [label.length, ...Buffer.from(label, "latin1")]);
  return Buffer.from([...header, ...labels, 0, 0, 1, 0, 1]);
}

/** A QUIC packet of an unknown version: every server answers it with the versions that it supports (RFC 9000, 6.1). */
function quicProbe(): Uint8Array {
  const packet = Buffer.alloc(1_200);
  packet.writeUInt8(0xc0, 0);
  packet.writeUInt32BE(0x1a2a3a4a, 1);
  packet.writeUInt8(8, 5);
  packet.writeUInt8(8, 14);
  return packet;
}

/** Errors that show that a resolver answered; anything else is silence or a refusal. */
const ANSWERED = new Set(["ENOTFOUND", "ENODATA"]);

async function trySystemResolver(timeoutMs: number): Promise<Finding> {
  const resolver = new dns.Resolver({ timeout: timeoutMs, tries: 1 });
  const timer = setTimeout(() => resolver.cancel(), timeoutMs);
  try {
    const addresses = await resolver.resolve4("example.com");
    return { result: "open", detail: `answered with ${addresses.length} addresses` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    return { result: ANSWERED.has(code) ? "open" : "closed", detail: code };
  } finally {
    clearTimeout(timer);
  }
}

interface ProxyAnswer {
  readonly status: number;
  /** The gateway's reason; undefined if something else answered. */
  readonly decision: string | undefined;
}

/** The proxy's answer to a CONNECT, or the error. */
function connectThrough(request: ProbeHead, authority: string): Promise<ProxyAnswer | { readonly error: string }> {
  return new Promise((resolve) => {
    const call = http.request({
      host: "127.0.0.1",
      port: request.proxyPort,
      method: "CONNECT",
      path: authority,
      headers: { host: authority },
      agent: false,
    });
    const settle = (answer: ProxyAnswer | { readonly error: string }): void => {
      clearTimeout(timer);
      call.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle({ error: `no answer within ${request.timeoutMs} ms` }), request.timeoutMs);
    const take = (response: http.IncomingMessage): void => {
      const decision = response.headers["x-airlock-decision"];
      settle({ status: response.statusCode ?? 0, decision: typeof decision === "string" ? decision : undefined });
    };
    call.once("connect", (response, socket) => {
      socket.destroy();
      take(response);
    });
    call.once("response", take);
    call.on("error", (error: NodeJS.ErrnoException) => settle({ error: error.code ?? error.message }));
    call.end();
  });
}

async function tryDeniedHost(request: ProbeHead): Promise<Finding> {
  const answer = await connectThrough(request, `${request.deniedHost}:443`);
  if ("error" in answer) return judgeError(answer.error);
  if (answer.status >= 200 && answer.status < 300) return { result: "open", detail: `the proxy connected (${answer.status})` };
  if (answer.status !== 403 || answer.decision === undefined)
    return { result: "unknown", detail: `status ${answer.status} without a decision` };
  return { result: "closed", detail: `403 ${answer.decision}` };
}

/** Only the gateway names its decision. Any decision proves that it answered. */
async function tryGateway(request: ProbeHead): Promise<Finding> {
  const answer = await connectThrough(request, `${request.deniedHost}:443`);
  if ("error" in answer) return judgeError(answer.error);
  if (answer.decision === undefined) return { result: "unknown", detail: `status ${answer.status} without a decision` };
  return { result: "open", detail: `answered ${answer.status}` };
}

/** A connection that was refused let nothing through; silence or a broken one may be a gateway that is slow. */
function judgeError(error: string): Finding {
  return { result: error === "ECONNREFUSED" ? "closed" : "unknown", detail: error };
}
