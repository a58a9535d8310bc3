import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { expect, test } from "vitest";
import { parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { writeJavaTrustStore } from "../../../../src/gateway/tls/java-trust-store.ts";
import { openRunAuthority } from "../../../../src/gateway/tls/run-authority.ts";
import { guestEnv } from "../../../../src/gateway/tunnel/guest-env.ts";
import { trustFiles } from "../../../../src/gateway/tunnel/guest-files.ts";
import { JAVA_STORE_PATH } from "../../../../src/gateway/tunnel/guest-java.ts";

const CREATED_MS = Date.UTC(2026, 10, 23, 12);
const own = openRunAuthority(CREATED_MS).certificate;
const der = new X509Certificate(own).raw;

test("a store of one certificate is, byte for byte, what the form says", () => {
  const content = [
    "feedfeed", // magic
    "00000002", // version
    "00000001", // entries
    "00000002", // a trusted certificate
    "0009", // alias
    Buffer.from("airlock-0").toString("hex"),
    CREATED_MS.toString(16).padStart(16, "0"),
    "0005",
    Buffer.from("X.509").toString("hex"),
    der.length.toString(16).padStart(8, "0"),
    der.toString("hex"),
  ].join("");
  const salted = Buffer.concat([Buffer.from("\0c\0h\0a\0n\0g\0e\0i\0tMighty Aphrodite"), Buffer.from(content, "hex")]);
  const digest = createHash("sha1").update(salted).digest("hex");
  expect(writeJavaTrustStore([own], CREATED_MS).toString("hex")).toBe(content + digest);
});

const environment = (readsTls: boolean): Readonly<Record<string, string>> =>
  guestEnv({ proxyPort: 3128, readsTls, policy: parsePolicy({ allow: "", deny: "" }) });

test("the guest's store holds the public roots and the run's authority, and Maven and Gradle are pointed to it where hosts are read", () => {
  const file = trustFiles(own).find(({ path }) => path === JAVA_STORE_PATH);
  const store = Buffer.from(file?.content ?? []);
  expect(file?.optional).toBeUndefined();
  // Debian's and Fedora's Java take these without an option.
  for (const path of ["/etc/ssl/certs/java/cacerts", "/etc/pki/ca-trust/extracted/java/cacerts"])
    expect(trustFiles(own)).toContainEqual({ path, content: expect.anything(), optional: true });
  expect(store.readUInt32BE(8)).toBe(getCACertificates("default").length + 1);
  for (const pem of [...getCACertificates("default").slice(0, 3), own]) expect(store.includes(new X509Certificate(pem).raw)).toBe(true);
  for (const name of ["MAVEN_OPTS", "GRADLE_OPTS"]) {
    expect(environment(true)[name]).toContain(`-Djavax.net.ssl.trustStore=${JAVA_STORE_PATH}`);
    expect(environment(false)[name]).not.toContain("trustStore");
  }
});

function isHere(tool: string): boolean {
  try {
    execFileSync(tool, ["-help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.each(["keytool"].filter(isHere))(
  "Java's %s lists every certificate of it, checks its digest, and needs no password",
  (keytool) => {
    const directory = mkdtempSync(join(tmpdir(), "airlock-store-"));
    const path = join(directory, "cacerts");
    try {
      const roots = [...getCACertificates("default"), own];
      writeFileSync(path, writeJavaTrustStore(roots, CREATED_MS));
      const list = (...more: readonly string[]): string =>
        execFileSync(keytool, ["-list", "-keystore", path, ...more], { input: "\n", encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
      for (const listed of [list("-storepass", "changeit"), list()]) {
        expect(listed.match(/trustedCertEntry/g)).toHaveLength(roots.length);
        expect(listed).toContain(new X509Certificate(own).fingerprint256);
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  60_000,
);
