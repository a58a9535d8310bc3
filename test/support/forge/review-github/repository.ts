import { git } from "./places.ts";
import { type ReviewWorld, type Route, showUser } from "./state.ts";

/** Who asks, who may write, branches and commits. */
export function repositoryRoutes({ options }: ReviewWorld): readonly Route[] {
  const read = (...args: readonly string[]): string => git(options.directory, args);
  const permissionOf = (login: string): string => options.permissions[decodeURIComponent(login)] ?? "read";
  return [
    ["GET", /^\/user$/, () => [200, showUser(options.identity)]],
    ["GET", /^$/, () => [200, { default_branch: "main", private: false }]],
    ["GET", /^\/collaborators\/([^/]+)\/permission$/, ([, login = ""]) => [200, { permission: permissionOf(login) }]],
    ["GET", /^\/git\/ref\/heads\/main$/, () => [200, { ref: "refs/heads/main", object: { sha: options.base } }]],
    [
      "GET",
      /^\/git\/commits\/([0-9a-f]{40})$/,
      ([, sha = ""]) => [200, { sha, message: read("log", "-1", "--format=%B", sha), tree: { sha }, parents: [] }],
    ],
    [
      "GET",
      /^\/compare\/([0-9a-f]{40})\.\.\.([0-9a-f]{40})$/,
      ([, base = "", head = ""]) => [200, { merge_base_commit: { sha: read("merge-base", base, head).trim() } }],
    ],
  ];
}
