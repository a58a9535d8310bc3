import type { z } from "zod";
import { AirlockError } from "../../../domain/errors.ts";
import { explainGithubError, isTransient, misshaped, type Purpose, statusOf } from "./explain.ts";
import type { Octokit } from "./octokit.ts";
import type { ClientOptions, Pacing } from "./pacing.ts";

type Parameters = Readonly<Record<string, unknown>>;

export interface Client {
  readonly owner: string;
  readonly name: string;
  /** Route of the GraphQL API, which an Enterprise Server keeps beside the REST API rather than below it. */
  readonly graphqlRoute: string;
  /** One call whose repetition does no harm: octokit's plugins repeat it. The answer is parsed strictly. */
  call<T>(request: Call<T>): Promise<T>;
  /** Like `call`, but a 404 of GitHub's own is `undefined`. */
  find<T>(request: Call<T>): Promise<T | undefined>;
  /**
   * Creates a thing whose repetition would double it. Looks for it first and after every failure that leaves
   * open whether it worked, so that "dropped after success" is found again.
   */
  createOnce<T>(options: CreateOnce<T>): Promise<CreatedResource<T>>;
}

export interface Call<T> {
  /** For example `GET /repos/{owner}/{repo}/issues/{issue_number}`; owner and repo are filled in. */
  readonly route: string;
  readonly parameters?: Parameters;
  readonly shape: z.ZodType<T>;
  readonly purpose: Purpose;
  /** The answer may come from another host that GitHub sends on to, such as its storage. Default: it may not. */
  readonly elsewhere?: boolean;
}

export interface CreateOnce<T> {
  readonly find: () => Promise<T | undefined>;
  readonly create: Call<T>;
}

export interface CreatedResource<T> {
  readonly value: T;
  /** It was there before; false also when it was made by an attempt whose answer was lost. */
  readonly found: boolean;
}

export function openClient(options: ClientOptions): Client {
  const [owner = "", name = ""] = options.repository.split("/");
  // Loaded with the first call: most events are not for Airlock, and are skipped without any.
  let octokit: Promise<Octokit> | undefined;
  const ask = async <T>(request: Call<T>, retries?: number): Promise<T> => {
    const place = request.route.includes("{owner}") ? { owner, repo: name } : {};
    const how = { ...(retries === undefined ? {} : { retries }), ...(request.elsewhere === true ? { redirect: "follow" as const } : {}) };
    const parameters = { ...place, ...request.parameters, request: how };
    octokit ??= import("./octokit.ts").then(({ openOctokit }) => openOctokit(options));
    const response = await (await octokit).request(request.route, parameters);
    return parse(request, response.data);
  };
  const call = <T>(request: Call<T>): Promise<T> =>
    ask(request).catch((error: unknown) => {
      throw explainGithubError(error, request.purpose);
    });
  return {
    owner,
    name,
    graphqlRoute: `POST ${options.apiUrl.replace(/\/api\/v3$/, "/api")}/graphql`,
    call,
    find: (request) =>
      call(request).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      }),
    createOnce: (creation) => createOnce(creation, { ask, pacing: options.pacing }),
  };
}

interface CreateTools {
  readonly ask: <T>(request: Call<T>, retries: number) => Promise<T>;
  readonly pacing: Pacing;
}

async function createOnce<T>(creation: CreateOnce<T>, tools: CreateTools): Promise<CreatedResource<T>> {
  let failure: unknown;
  for (let attempt = 0; ; attempt += 1) {
    const value = await creation.find();
    if (value !== undefined) return { value, found: failure === undefined || !isTransient(failure) };
    if (failure !== undefined && (attempt > tools.pacing.maxRetries || !isTransient(failure)))
      throw explainGithubError(failure, creation.create.purpose);
    try {
      return { value: await tools.ask(creation.create, 0), found: false };
    } catch (error) {
      failure = error;
    }
    if (isTransient(failure)) await pause((attempt + 1) ** 2 * tools.pacing.secondMs);
  }
}

function parse<T>(request: Call<T>, data: unknown): T {
  const parsed = request.shape.safeParse(data);
  if (parsed.success) return parsed.data;
  throw misshaped(data, parsed.error.issues[0]?.path.join(".") || "whole answer", request.purpose);
}

/** GitHub's own word only: a 404 of something in between tells of nothing that it is not there. */
function isNotFound(error: unknown): boolean {
  return error instanceof AirlockError && error.code === "publish.permission" && statusOf(error.cause) === 404;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
