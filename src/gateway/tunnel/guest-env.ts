import type { EgressPolicy } from "../../domain/egress/policy.ts";
import { GUEST_HOST_NAME } from "../../domain/sandbox/env.ts";
import { gitEnv } from "./guest-git.ts";
import { javaOptions } from "./guest-java.ts";
import { registryEnv } from "./guest-registries.ts";

/** Where the guest finds the roots it trusts: the public ones and the run's own. */
export const CA_BUNDLE_PATH = "/etc/airlock/ca-bundle.pem";

const CA_VARIABLES: readonly string[] = [
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "CARGO_HTTP_CAINFO",
  "PIP_CERT",
  "DENO_CERT",
  "AWS_CA_BUNDLE",
  "npm_config_cafile",
  "BUNDLE_SSL_CA_CERT",
  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
];

/**
 * The guest itself, in each spelling that some tool takes literally: Node and Python want `[::1]`, only curl, Go and requests know a range,
 * and Debian gives a machine's own name the address 127.0.1.1.
 */
const NO_PROXY = ["127.0.0.1", "localhost", "::1", "[::1]", "0.0.0.0", GUEST_HOST_NAME, ".localhost", "127.0.1.1", "127.0.0.0/8"].join(",");

/**
 * pnpm 11 and later waits over a minute before it gives a refused host up; its defaults are 10 s and 60 s. Retries themselves stay, for a
 * real hiccup. Source: pnpm's documentation, "Settings".
 */
const SHORT_RETRIES: Readonly<Record<string, string>> = {
  pnpm_config_fetch_retry_mintimeout: "1000",
  pnpm_config_fetch_retry_maxtimeout: "5000",
};

/** What the environment of a guest depends on. */
export interface GuestFacts {
  readonly proxyPort: number;
  /** Whether the gateway opens the TLS of some host, so that tools must trust the run's authority. */
  readonly readsTls: boolean;
  readonly policy: EgressPolicy;
}

/** What makes common tools use the proxy on the guest's loopback, know the registries of the run, and trust its authority where hosts are read. */
export function guestEnv(facts: GuestFacts): Readonly<Record<string, string>> {
  const { proxyPort, readsTls, policy } = facts;
  const proxy = `http://127.0.0.1:${proxyPort}`;
  const both = (name: string, value: string): [string, string][] => [
    [name, value],
    [name.toLowerCase(), value],
  ];
  return Object.fromEntries([
    ...both("HTTP_PROXY", proxy),
    ...both("HTTPS_PROXY", proxy),
    ...both("ALL_PROXY", proxy),
    ...both("NO_PROXY", NO_PROXY),
    ["NODE_USE_ENV_PROXY", "1"],
    ["npm_config_proxy", proxy],
    ["npm_config_https_proxy", proxy],
    ["npm_config_noproxy", NO_PROXY],
    ["CARGO_HTTP_PROXY", proxy],
    ["CARGO_NET_GIT_FETCH_WITH_CLI", "true"],
    ["PIP_PROXY", proxy],
    ["YARN_HTTP_PROXY", proxy],
    ["YARN_HTTPS_PROXY", proxy],
    ["MAVEN_OPTS", javaOptions({ proxyPort, readsTls })],
    ["GRADLE_OPTS", javaOptions({ proxyPort, readsTls })],
    ...Object.entries(SHORT_RETRIES),
    ...Object.entries(gitEnv(policy)),
    ...Object.entries(registryEnv(policy.registries)),
    ...(readsTls ? CA_VARIABLES.map((name) => [name, CA_BUNDLE_PATH]) : []),
  ]);
}
