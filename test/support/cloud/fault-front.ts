import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BEFORE, type Fault, type FaultKind } from "../forge/github-faults.ts";

export interface FaultFront extends AsyncDisposable {
  readonly url: string;
  /** Makes the next matching calls go wrong. */
  inject(fault: Fault): void;
  /** Faults that nothing has met yet. */
  pending(): number;
}

/** Stands before a server on loopback and breaks the calls it is told to. */
export async function startFaultFront(target: string): Promise<FaultFront> {
  const faults: { readonly fault: Fault; left: number }[] = [];
  const take = ({ method, url = "/" }: IncomingMessage): FaultKind | undefined => {
    const path = url.split("?")[0] ?? "";
    const hit = faults.find(({ fault, left }) => left > 0 && fault.method === method && fault.path.test(path));
    if (hit !== undefined) hit.left -= 1;
    return hit?.fault.kind;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const kind = take(request);
    if (kind !== undefined && BEFORE[kind]?.(response, { status: 0 }) === true) return;
    const answer = await forward(target, request);
    if (kind === "held-after-success") return;
    if (kind === "dropped-after-success") response.destroy();
    else response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  };
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    pending: () => faults.reduce((sum, { left }) => sum + left, 0),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

async function forward(target: string, request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = await fetch(`${target}${request.url}`, {
    method: request.method ?? "GET",
    headers: {
      "content-type": "application/json",
      accept: request.headers.accept ?? "*/*",
      authorization: request.headers.authorization ?? "",
    },
    ...(chunks.length === 0 ? {} : { body: new Uint8Array(Buffer.concat(chunks)) }),
  });
  const type = answer.headers.get("content-type") ?? "application/json";
  return { status: answer.status, type, body: Buffer.from(await answer.arrayBuffer()) };
}
