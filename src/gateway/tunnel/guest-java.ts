/** What Java's tools need to know of the gateway. */
export interface JavaFacts {
  readonly proxyPort: number;
  readonly readsTls: boolean;
}

/** Where the guest's Java finds the roots it trusts: it reads no PEM. */
export const JAVA_STORE_PATH = "/etc/airlock/cacerts.jks";

/**
 * System properties by name. None says `http.nonProxyHosts`: its default has loopback, and its `|` is a pipe in the start scripts of Gradle
 * 6 and Maven 4, which pass these options through `eval`. Maven 3.9 reads the properties of its proxy only if it is told to.
 * Sources: OpenJDK, "Networking Properties"; Maven Resolver, "Configuration Options".
 */
export function javaProperties({ proxyPort, readsTls }: JavaFacts): Readonly<Record<string, string>> {
  return {
    "http.proxyHost": "127.0.0.1",
    "http.proxyPort": String(proxyPort),
    "https.proxyHost": "127.0.0.1",
    "https.proxyPort": String(proxyPort),
    "aether.connector.http.useSystemProperties": "true",
    ...(readsTls ? { "javax.net.ssl.trustStore": JAVA_STORE_PATH } : {}),
  };
}

/** Not for JAVA_TOOL_OPTIONS: every `java` would announce it on stderr, into the output of tests. */
export function javaOptions(facts: JavaFacts): string {
  return Object.entries(javaProperties(facts))
    .map(([name, value]) => `-D${name}=${value}`)
    .join(" ");
}

/** The same as a file of Gradle's user home: a `GRADLE_OPTS` of the project replaces the variable, not the file. */
export function gradleProperties(facts: JavaFacts): string {
  return Object.entries(javaProperties(facts))
    .map(([name, value]) => `systemProp.${name}=${value}\n`)
    .join("");
}

/**
 * The same as Maven's user settings, which a `MAVEN_OPTS` of the project does not replace, and the registry that serves in place of Maven's
 * built-in one. Repositories that a project names itself stay its own.
 */
export function mavenSettings({ proxyPort, mirror }: { readonly proxyPort: number; readonly mirror: string | undefined }): string {
  const proxies = ["http", "https"].map(
    (protocol) =>
      `    <proxy><id>airlock-${protocol}</id><active>true</active><protocol>${protocol}</protocol><host>127.0.0.1</host><port>${proxyPort}</port><nonProxyHosts>localhost|127.*|[::1]|0.0.0.0</nonProxyHosts></proxy>\n`,
  );
  const mirrors =
    mirror === undefined
      ? ""
      : `  <mirrors>\n    <mirror><id>airlock</id><mirrorOf>central</mirrorOf><url>${mirror.replaceAll("&", "&amp;")}</url></mirror>\n  </mirrors>\n`;
  return `<settings>\n  <proxies>\n${proxies.join("")}  </proxies>\n${mirrors}</settings>\n`;
}
