import { Buffer } from "node:buffer";
import { getCACertificates } from "node:tls";
import type { GatewayFile } from "../../ports/gateway.ts";
import { writeJavaTrustStore } from "../tls/java-trust-store.ts";

/** Where the guest finds the roots it trusts: the public ones and the run's own. */
export const CA_BUNDLE_PATH = "/etc/airlock/ca-bundle.pem";

/** The same for Java, which reads no PEM. */
export const JAVA_STORE_PATH = "/etc/airlock/cacerts.jks";

/** Where the distributions' Java looks by default. */
const SYSTEM_JAVA_STORES: readonly string[] = ["/etc/ssl/certs/java/cacerts", "/etc/pki/ca-trust/extracted/java/cacerts"];

/** Where distributions keep the bundle that tools read by default. */
const SYSTEM_BUNDLES: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/ssl/cert.pem",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];

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

const NO_PROXY = "127.0.0.1,localhost,::1";

/** What makes common tools use the proxy on the guest's loopback, and trust the run's authority where hosts are read. */
export function guestEnv(proxyPort: number, readsTls: boolean): Readonly<Record<string, string>> {
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
    ["MAVEN_OPTS", javaOptions(proxyPort, readsTls)],
    ["GRADLE_OPTS", javaOptions(proxyPort, readsTls)],
    ...(readsTls ? CA_VARIABLES.map((name) => [name, CA_BUNDLE_PATH]) : []),
  ]);
}

/** Not JAVA_TOOL_OPTIONS: every `java` would announce it on stderr, into the output of tests. */
function javaOptions(port: number, readsTls: boolean): string {
  const host = ["http", "https"].flatMap((scheme) => [`-D${scheme}.proxyHost=127.0.0.1`, `-D${scheme}.proxyPort=${port}`]);
  const store = readsTls ? [`-Djavax.net.ssl.trustStore=${JAVA_STORE_PATH}`] : [];
  return [...host, "-Dhttp.nonProxyHosts=localhost|127.*|[::1]", ...store].join(" ");
}

/** The bundle and the store in each of their places. The variables and options above replace a tool's roots, so these files contain the public ones, too. */
export function guestFiles(certificate: string): readonly GatewayFile[] {
  const roots = [...getCACertificates("default"), certificate];
  const bundle = Buffer.from(roots.map((pem) => `${pem.trim()}\n`).join(""));
  const store = writeJavaTrustStore(roots, Date.now());
  return [
    { path: CA_BUNDLE_PATH, content: bundle },
    { path: JAVA_STORE_PATH, content: store },
    ...SYSTEM_BUNDLES.map((path) => ({ path, content: bundle, optional: true })),
    ...SYSTEM_JAVA_STORES.map((path) => ({ path, content: store, optional: true })),
  ];
}
