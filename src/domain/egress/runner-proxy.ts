const NAMES: readonly string[] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * The notice for a runner that is set up to reach the internet through a proxy; undefined on every other. The gateway itself resolves and
 * dials the hosts that it judged (I4): a proxy would resolve the name a second time. Variables are named, their values never: they may hold
 * a password. `NODE_USE_ENV_PROXY` makes Node's own `fetch`, which asks GitHub's API, follow these variables (nodejs.org/api/cli.html).
 */
export function proxyNotice(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const found = NAMES.find((name) => (env[name] ?? "").trim() !== "");
  if (found === undefined || (env["NO_PROXY"] ?? env["no_proxy"] ?? "").trim() === "*") return undefined;
  const forge =
    env["NODE_USE_ENV_PROXY"] === "1" ? "" : " Calls to GitHub's API use it only with `NODE_USE_ENV_PROXY: 1` in the `env` of this step.";
  return `This runner has a proxy (\`${found}\`). The gateway does not use it: the model's service and every host of \`allow\` have to be reachable directly, or they are refused as \`dns-failed\`, \`dial-failed\` or \`limit-dial-timeout\` (docs/egress.md).${forge}`;
}
