import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { findLack, type Permissions } from "./permissions.ts";

/** A run of CI with one failed job, as the API tells of it. */
export interface FailedRun {
  readonly id: number;
  readonly log: string;
}

export interface JobFront extends AsyncDisposable {
  readonly url: string;
  /** From now on calls are those of a job with these permissions; undefined: of somebody who may do everything. */
  grant(permissions: Permissions | undefined): void;
  /** Calls that were refused, and what they lacked. */
  readonly refused: readonly string[];
}

/** Stands before a GitHub stand-in that knows no job's permissions and keeps no jobs of runs: refuses what a job may not do, and answers for one run of CI. */
export async function startJobFront(apiUrl: string, run: FailedRun): Promise<JobFront> {
  const refused: string[] = [];
  let granted: Permissions | undefined;
  const server = createServer((request, response) => {
    const lack = granted === undefined ? undefined : findLack(request.method ?? "GET", pathOf(request), granted);
    if (lack !== undefined) refused.push(`${request.method} ${pathOf(request)}: ${lack}`);
    void (lack === undefined ? answer(request, apiUrl, run) : Promise.resolve(FORBIDDEN))
      .then(({ status, type, body }) => response.writeHead(status, { "content-type": type }).end(body))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    grant(permissions) {
      granted = permissions;
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const FORBIDDEN: Answer = {
  status: 403,
  type: "application/json",
  body: JSON.stringify({ message: "Resource not accessible by integration" }),
};

function pathOf({ url = "/" }: IncomingMessage): string {
  return new URL(url, "http://127.0.0.1").pathname;
}

async function answer(request: IncomingMessage, apiUrl: string, { id, log }: FailedRun): Promise<Answer> {
  const pathname = pathOf(request);
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
