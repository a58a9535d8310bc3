import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { loadContract } from "./github-contract.ts";
import { checkRunRoutes } from "./review-github/check-runs.ts";
import { graphqlRoutes } from "./review-github/graphql.ts";
import { issueRoutes } from "./review-github/issue.ts";
import { pullRoutes } from "./review-github/pull.ts";
import { repositoryRoutes } from "./review-github/repository.ts";
import {
  type Answer,
  type Json,
  openWorld,
  REPOSITORY,
  type ReviewGithub,
  type ReviewGithubOptions,
  type ReviewWorld,
  type Route,
} from "./review-github/state.ts";

/** GitHub's pull request API as far as a review needs it: it refuses comments that are on no line of the diff, as GitHub does. */
export async function startReviewGithub(options: ReviewGithubOptions): Promise<ReviewGithub> {
  const world = openWorld(options);
  const serve = openServing(world);
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => response.writeHead(500).end(JSON.stringify({ message: String(error) })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(world.state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** Answers by the routes, and complains about requests that GitHub's own description does not allow. */
function openServing(world: ReviewWorld): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { state } = world;
  const contract = loadContract();
  const parts = [repositoryRoutes, pullRoutes, issueRoutes, checkRunRoutes, graphqlRoutes];
  const routes = parts.flatMap((part) => part(world));
  return async (request, response) => {
    const path = decodeURI((request.url ?? "").split("?")[0] ?? "");
    const method = request.method ?? "GET";
    const body = await readJson(request);
    if (method !== "GET") state.writes.push(`${method} ${path}`);
    const route = contract.match(method, path);
    if (path !== "/graphql")
      state.complaints.push(...(route?.request(body) ?? ["no such route"]).map((what) => `${method} ${path}: ${what}`));
    const [status, answer] = find(routes, method, path, (body ?? {}) as Json);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  };
}

function find(routes: readonly Route[], method: string, path: string, body: Json): Answer {
  const local = path.startsWith(REPOSITORY) ? path.slice(REPOSITORY.length) : path;
  for (const [verb, pattern, act] of routes) {
    const match = verb === method ? pattern.exec(local) : null;
    if (match !== null) return act(match, body);
  }
  return [404, { message: "Not Found" }];
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
