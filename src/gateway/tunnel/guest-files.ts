import { Buffer } from "node:buffer";
import { getCACertificates } from "node:tls";
import type { GatewayFile } from "../../ports/gateway.ts";
import { writeJavaTrustStore } from "../tls/java-trust-store.ts";
import { CA_BUNDLE_PATH, type GuestFacts } from "./guest-env.ts";
import { gradleProperties, JAVA_STORE_PATH, mavenSettings } from "./guest-java.ts";
import { homeFile, mainRegistry, registryFiles } from "./guest-registries.ts";

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

/** The bundle and the store in each of their places. The variables and options replace a tool's roots, so these files contain the public ones, too. */
export function trustFiles(certificate: string): readonly GatewayFile[] {
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

/** What tools read from the agent's home where the environment does not reach them. */
export function toolFiles(facts: GuestFacts): readonly GatewayFile[] {
  const { registries } = facts.policy;
  // With several it is not known which of them stands for the built-in one.
  const mirror = registries["maven"]?.length === 1 ? mainRegistry(registries, "maven") : undefined;
  return [
    homeFile(".gradle/gradle.properties", gradleProperties(facts)),
    homeFile(".m2/settings.xml", mavenSettings({ proxyPort: facts.proxyPort, mirror })),
    ...registryFiles(registries),
  ];
}
