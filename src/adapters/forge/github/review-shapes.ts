import { z } from "zod";

/** The parts of GitHub's answers about reviews that Airlock uses. */
const url = z.string().max(2000);
const sha = z.string().regex(/^[0-9a-f]{40}$/);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const user = z
  .object({ login: z.string().min(1).max(100) })
  .nullish()
  .transform((value) => value ?? { login: "ghost" });
const when = z.string().transform((value) => Date.parse(value) || 0);

export const mergeBase = z.object({ merge_base_commit: z.object({ sha }) });
export const review = z.object({ id: z.number().int(), body: text, user, html_url: url });
export const reviews = z.array(review);
export const reviewComment = z.object({
  id: z.number().int(),
  node_id: z.string().optional(),
  in_reply_to_id: z.number().int().nullish(),
  path: z.string(),
  line: z.number().int().nullish(),
  subject_type: z.string().optional(),
  diff_hunk: text,
  body: text,
  user,
  created_at: when,
  updated_at: when,
});
export const reviewComments = z.array(reviewComment);
export const checks = z.object({
  check_runs: z.array(
    z.object({
      id: z.number().int(),
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullish(),
      external_id: text,
    }),
  ),
});
export const checkRun = z.object({ id: z.number().int(), html_url: text });
export const threads = z.object({
  data: z.object({
    repository: z.object({
      pullRequest: z.object({
        reviewThreads: z.object({
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
          nodes: z.array(
            z.object({
              id: z.string(),
              isResolved: z.boolean(),
              resolvedBy: z.object({ login: z.string().min(1).max(100) }).nullish(),
              comments: z.object({ nodes: z.array(z.object({ databaseId: z.number().int().nullish(), id: z.string() })) }),
            }),
          ),
        }),
      }),
    }),
  }),
});

export type ReviewShape = z.output<typeof review>;
export type ReviewComment = z.output<typeof reviewComment>;
