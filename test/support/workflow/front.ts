import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A run of CI with one failed job, as the API tells of it. */
export interface FailedRun {
  readonly id: number;
  readonly log: string;
}

export interface CiFront extends AsyncDisposable {
  readonly url: string;
}

/** Stands before a GitHub stand-in that keeps no jobs of runs, and answers for those of one run. */
export async function startCiFront(apiUrl: string, run: FailedRun): Promise<CiFront> {
  const server = createServer((request, response) => {
    void answer(request, apiUrl, run)
      .then(({ status, type, body }) => response.writeHead(status, { "content-type": type }).end(body))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: () => close(server) };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer(request: IncomingMessage, apiUrl: string, { id, log }: FailedRun): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", apiUrl);
  const jobs = [{ id: id + 1, run_id: id, name: "test", status: "completed", conclusion: "failure" }];
  if (pathname.endsWith(`/actions/runs/${id}/jobs`))
    return { status: 200, type: "application/json", body: JSON.stringify({ total_count: 1, jobs }) };
  if (pathname.endsWith(`/actions/jobs/${id + 1}/logs`)) return { status: 200, type: "text/plain", body: log };
  return await forward(request, apiUrl);
}

async function forward(request: IncomingMessage, apiUrl: string): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = "GET", headers, url = "/" } = request;
  const { authorization = "", accept = "*/*" } = headers;
  const answered = await fetch(`${apiUrl}${url}`, {
    method,
    headers: { authorization, accept, "content-type": "application/json" },
    redirect: "manual",
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  const type = answered.headers.get("content-type") ?? "application/json";
  return { status: answered.status, type, body: await answered.text() };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
