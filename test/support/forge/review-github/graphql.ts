import type { Answer, Json, ReviewWorld, Route } from "./state.ts";

/** Who asks, and the threads of a pull request: what GitHub has in GraphQL alone. */
export function graphqlRoutes(world: ReviewWorld): readonly Route[] {
  return [["POST", /^\/graphql$/, (_match, body) => graphql(world, body as { query: string; variables?: Json })]];
}

function graphql(world: ReviewWorld, { query, variables }: { readonly query: string; readonly variables?: Json }): Answer {
  const { options, state } = world;
  if (!state.graphql) return [404, {}];
  if (query.includes("viewer")) return [200, { data: { viewer: { login: options.identity } } }];
  const mutated = mutate(world, query, variables?.["id"]);
  if (mutated !== undefined) return mutated;
  if (!query.includes("reviewThreads")) return [200, { data: null, errors: [{ message: "unknown" }] }];
  const nodes = state.comments.map((comment) => ({
    id: `T_${comment.id}`,
    isResolved: comment.resolved,
    resolvedBy: comment.resolvedBy === undefined ? null : { login: comment.resolvedBy },
    comments: { nodes: [{ databaseId: comment.id, id: `RC_${comment.id}` }] },
  }));
  const reviewThreads = { pageInfo: { hasNextPage: false, endCursor: null }, nodes };
  return [200, { data: { repository: { pullRequest: { reviewThreads } } } }];
}

function mutate({ options, state }: ReviewWorld, query: string, id: unknown): Answer | undefined {
  const wanted = state.comments.find(({ id: own }) => id === `T_${own}` || id === `RC_${own}`);
  if (wanted === undefined) return undefined;
  if (query.includes("resolveReviewThread")) Object.assign(wanted, { resolved: true, resolvedBy: options.identity.replace("[bot]", "") });
  if (query.includes("minimizeComment")) wanted.minimised = true;
  return [200, { data: {} }];
}
