import { Buffer } from "node:buffer";
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../../../../src/domain/secret.ts";
import { CA_BUNDLE_PATH } from "../../../../src/gateway/tunnel/guest-env.ts";
import type { InjectionRule } from "../../../../src/ports/gateway.ts";
import { type Guest, openGuest } from "../../../support/egress/guest.ts";
import { openUpstream, type Upstream } from "../../../support/egress/upstream.ts";

const REGISTRY = "registry.pkg.example";
/** On such a host the fewest headers and parameters pass, so what works here works where no secret is declared. */
const SECRETS: readonly InjectionRule[] = [REGISTRY, "git.example.com"].map((host) => ({
  host,
  header: "authorization",
  surrogate: "surrogate-0001",
  value: new Secret("real-value-0001", "TOKEN"),
}));
const ALLOW = `GET,HEAD ${REGISTRY}/**\nGET git.example.com/**\nopaque.example.com`;

let upstream: Upstream;
let guest: Guest;
let home: string;

beforeAll(async () => {
  upstream = await openUpstream();
  upstream.handler = answer;
  guest = await openGuest({ allow: ALLOW, upstream, secrets: SECRETS, resolves: [["93.184.215.14"]] });
  home = await mkdtemp(join(tmpdir(), "airlock-tools-"));
  const bundle = guest.gateway.files[0]?.content ?? new Uint8Array();
  await writeFile(join(home, "bundle.pem"), Buffer.concat([bundle, Buffer.from(upstream.ca)]));
  await writeProject(home);
});

afterAll(async () => {
  await guest[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A project with one dependency, and the registry as cargo's configuration names one. */
async function writeProject(directory: string): Promise<void> {
  await mkdir(join(directory, "cargo/src"), { recursive: true });
  const files: Readonly<Record<string, string>> = {
    "cargo/Cargo.toml": `[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nwidget = "1"\n`,
    "cargo/config.toml": `[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+https://${REGISTRY}/cargo/"\n`,
    "cargo/src/lib.rs": "",
  };
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(directory, name), content)));
}

/** A registry of one crate and one Debian package, a git remote of one ref, and a page. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const body = PAGES[path]?.() ?? "page\n";
  const type = path.endsWith("/info/refs") ? "application/x-git-upload-pack-advertisement" : "text/html";
  response.writeHead(path.startsWith("/debian/") && PAGES[path] === undefined ? 404 : 200, { "content-type": type });
  response.end(body);
}

const line = (text: string): string => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
const OID = "1".repeat(40);

const PACKAGES = `Package: widget\nVersion: 1.0-9\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nFilename: pool/widget.deb\nSize: 1\nSHA256: ${"0".repeat(64)}\nDescription: a widget\n`;

function renderRelease(): string {
  const digest = createHash("sha256").update(PACKAGES).digest("hex");
  return `Suite: stable\nComponents: main\nArchitectures: amd64 arm64 all\nDate: ${new Date().toUTCString()}\nSHA256:\n ${digest} ${PACKAGES.length} main/binary-all/Packages\n`;
}

const PAGES: Readonly<Record<string, () => string>> = {
  "/o/r.git/info/refs": () => `${line("# service=git-upload-pack\n")}0000${line(`${OID} refs/heads/main\0agent=test\n`)}0000`,
  "/cargo/config.json": () => JSON.stringify({ dl: `https://${REGISTRY}/cargo/dl` }),
  "/cargo/wi/dg/widget": () =>
    JSON.stringify({ name: "widget", vers: "1.0.7", deps: [], cksum: "0".repeat(64), features: {}, yanked: false }),
  "/debian/dists/stable/Release": renderRelease,
  "/debian/dists/stable/main/binary-all/Packages": () => PACKAGES,
};

interface Tool {
  readonly name: string;
  readonly argv: readonly string[];
  readonly prints: RegExp;
  /** Asked to find out whether the tool is here; a tool of CI's own image is required. */
  readonly version?: readonly string[];
}

/** What the table of tools in a sandbox (tool-table.test.ts) has not: another way to the proxy, an opaque host, a tool outside `/usr`. */
const REQUIRED: readonly Tool[] = [
  { name: "curl to an opaque host", argv: ["curl", "-sS", "https://opaque.example.com/"], prints: /^page/ },
  {
    name: "curl over SOCKS5",
    argv: ["curl", "-sS", "--socks5-hostname", "127.0.0.1:PORT", "--noproxy", "", `https://${REGISTRY}/`],
    prints: /^page/,
  },
];

const WHERE_INSTALLED: readonly Tool[] = [
  {
    name: "cargo",
    argv: ["sh", "-c", "cd cargo && cargo generate-lockfile && cat Cargo.lock"],
    prints: /name = "widget"\nversion = "1\.0\.7"/,
    version: ["cargo", "--version"],
  },
];

function isHere({ version }: Tool): boolean {
  try {
    execFileSync(version?.[0] ?? "false", version?.slice(1), { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.each([...REQUIRED, ...WHERE_INSTALLED.filter(isHere)])(
  "$name reaches a host with a declared secret, by the gateway's environment alone",
  async (tool) => {
    const port = String(guest.port);
    const given = Object.entries(guest.gateway.env).map(([name, value]) => [
      name,
      value.replaceAll(":3128", `:${port}`).replace(CA_BUNDLE_PATH, join(home, "bundle.pem")),
    ]);
    const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:${process.env["PATH"] ?? ""}`;
    const env = {
      PATH: path,
      HOME: home,
      GIT_CONFIG_NOSYSTEM: "1",
      CARGO_HOME: join(home, "cargo"),
      RUSTUP_HOME: process.env["RUSTUP_HOME"] ?? join(homedir(), ".rustup"),
      ...Object.fromEntries(given),
    };
    const [program = "", ...args] = tool.argv.map((word) => word.replace("PORT", port));
    const result = await new Promise<{ stdout: string; stderr: string }>((resolve) =>
      execFile(program, args, { env, cwd: home, timeout: 60_000 }, (_error, stdout, stderr) => resolve({ stdout, stderr })),
    );
    expect(result.stdout, result.stderr).toMatch(tool.prints);
    expect(result.stderr).not.toMatch(/ERROR|error:/);
  },
  90_000,
);

const APT_PLACES = "-o Dir::State=/tmp/apt -o Dir::State::status=/tmp/apt/status -o Dir::Cache=/tmp/apt -o Dir::Etc=/tmp/apt";
const APT = `set -e
mkdir -p /tmp/apt/lists/partial /tmp/apt/archives/partial && cd /tmp/apt && touch status
echo 'deb [trusted=yes] https://${REGISTRY}/debian stable main' > sources.list
apt-get ${APT_PLACES} update
apt-cache ${APT_PLACES} policy widget`;

/** A guest as `writeFiles` leaves it: the bundle in the places of the system, no variable that names it. */
const SYSTEM_TOOLS: readonly Tool[] = [
  { name: "wget", argv: ["wget", "-q", "-O", "-", `https://${REGISTRY}/`], prints: /^page/, version: ["wget", "--version"] },
  { name: "curl", argv: ["curl", "-sS", `https://${REGISTRY}/`], prints: /^page/ },
  { name: "git", argv: ["git", "-c", "protocol.version=0", "ls-remote", "https://git.example.com/o/r.git"], prints: new RegExp(`^${OID}`) },
  { name: "apt", argv: ["sh", "-c", APT], prints: /widget:\n.*\n {2}Candidate: 1\.0-9/, version: ["apt-get", "--version"] },
];

test.each(SYSTEM_TOOLS.filter((tool) => tool.version === undefined || isHere(tool)))(
  "$name reaches a host with a declared secret where it knows the system's bundle only",
  async ({ argv, prints }) => {
    const places = guest.gateway.files.filter(({ optional, keep }) => optional === true && keep !== true).map(({ path }) => path);
    expect(places).toContain("/etc/ssl/certs/ca-certificates.crt");
    const binds = ["--dir", "/etc/ssl/certs", "--ro-bind", join(home, "bundle.pem"), "/etc/ssl/certs/ca-certificates.crt"];
    const proxy = `http://127.0.0.1:${guest.port}`;
    const root = [
      "--ro-bind",
      "/usr",
      "/usr",
      "--symlink",
      "usr/bin",
      "/bin",
      "--symlink",
      "usr/lib",
      "/lib",
      "--symlink",
      "usr/lib64",
      "/lib64",
    ];
    const sandbox = [
      "--unshare-user",
      "--uid",
      "1000",
      "--gid",
      "1000",
      "--unshare-pid",
      ...root,
      "--proc",
      "/proc",
      "--dev",
      "/dev",
      "--tmpfs",
      "/tmp",
      ...binds,
    ];
    const env = { PATH: "/usr/bin:/bin", HOME: "/tmp", http_proxy: proxy, https_proxy: proxy };
    const output = await new Promise<string>((resolve) => {
      execFile("bwrap", [...sandbox, "--", ...argv], { env, timeout: 60_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    expect(output).toMatch(prints);
  },
  90_000,
);
