/** A job's `permissions:`. */
export type Permissions = Readonly<Record<string, string>>;

/** By the path below a repository: the permissions of which one is enough (docs.github.com, "Permissions required for GitHub Apps"). */
const NEEDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^$|^\/collaborators\//, []],
  [/^\/(?:check-runs|check-suites|commits\/[^/]+\/check-runs)/, ["checks"]],
  [/^\/(?:git|contents|branches|commits|compare)\//, ["contents"]],
  [/^\/actions\//, ["actions"]],
  [/^\/pulls(?:\/|$)/, ["pull-requests"]],
  [/^\/issues(?:\/|$)/, ["issues", "pull-requests"]],
];

/** What a job's token lacks for a call: GitHub answers it with 403. Undefined: nothing, also outside of repositories. */
export function findLack(method: string, path: string, granted: Permissions): string | undefined {
  const [, below] = /^\/repos\/[^/]+\/[^/]+(.*)$/.exec(path) ?? [];
  if (below === undefined) return undefined;
  const scopes = NEEDS.find(([pattern]) => pattern.test(below))?.[1];
  if (scopes === undefined) return "a permission that is not known here";
  const levels = method === "GET" ? ["read", "write"] : ["write"];
  const isEnough = scopes.length === 0 || scopes.some((scope) => levels.includes(granted[scope] ?? "none"));
  return isEnough ? undefined : `${scopes.join(" or ")}: ${levels[0]}`;
}
