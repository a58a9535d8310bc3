import { z } from "zod";

/** The parts of GitHub's answers that Airlock uses; the rest is dropped unread. */
const sha = z.string().regex(/^[0-9a-f]{40}$/);
const login = z.string().min(1).max(100);
const url = z.string().max(2000);
const when = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) context.addIssue({ code: "custom", message: "not a date" });
  return ms;
});
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const user = z
  .object({ login, type: z.string().optional() })
  .nullish()
  .transform((value) => value ?? { login: "ghost", type: "User" });
const count = z.number().int().min(0);
const labels = z
  .array(z.union([z.string(), z.object({ name: z.string().nullish() })]))
  .transform((list) => list.map((label) => (typeof label === "string" ? label : (label.name ?? ""))).filter((name) => name !== ""));

export const anything = z.unknown();
export const permission = z.object({ permission: z.string(), role_name: z.string().optional() });
export const repository = z.object({ default_branch: z.string().min(1).max(300), private: z.boolean() });
export const reference = z.object({ ref: z.string(), object: z.object({ sha }) });
export const commit = z.object({
  sha,
  message: z.string(),
  tree: z.object({ sha }),
  parents: z.array(z.object({ sha })),
  verification: z.object({ verified: z.boolean() }).optional(),
});
export const tree = z.object({ sha });
export const blob = z.object({ sha });
export const issue = z.object({
  number: z.number().int(),
  state: z.enum(["open", "closed"]),
  title: z.string(),
  body: text,
  user,
  labels,
  updated_at: when,
  comments: count.optional(),
  pull_request: z.unknown().optional(),
});
export const comment = z.object({ id: z.number().int(), body: text, user, created_at: when, updated_at: when, html_url: url });
export const comments = z.array(comment);
export const pullRequest = z.object({
  number: z.number().int(),
  node_id: z.string(),
  state: z.enum(["open", "closed"]),
  title: z.string(),
  body: text,
  user,
  draft: z.boolean().optional(),
  html_url: url,
  labels,
  comments: count.optional(),
  base: z.object({ ref: z.string(), sha }),
  head: z.object({ ref: z.string(), sha, repo: z.object({ full_name: z.string() }).nullish() }),
});
export const pullRequests = z.array(pullRequest);
export const content = z.object({
  type: z.string(),
  size: z.number(),
  sha,
  encoding: z.string().optional(),
  content: z.string().optional(),
});
export const blobContent = z.object({ encoding: z.literal("base64"), content: z.string() });
export const workflowRuns = z.object({ workflow_runs: z.array(z.object({ name: text })) });
export const jobs = z.object({ jobs: z.array(z.object({ id: z.number().int(), name: z.string(), conclusion: z.string().nullish() })) });
export const checkRuns = z.object({
  check_runs: z.array(
    z.object({ name: z.string(), conclusion: z.string().nullish(), output: z.object({ title: text, summary: text, text }) }),
  ),
});
export const viewer = z.object({ login });
export const graphql = z.object({ data: z.unknown().optional(), errors: z.array(z.object({ message: z.string().optional() })).optional() });
export const viewerAnswer = z.object({ data: z.object({ viewer: z.object({ login }) }) });

export type Comment = z.output<typeof comment>;
export type PullRequest = z.output<typeof pullRequest>;
